/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /documents/{id}/versions: the documents of its story, and what differs between two of
 * them. */
#include "versions.h"

#include "hits.h"
#include "json_out.h"
#include "lede/difference.h"
#include "negotiation.h"
#include "problem.h"
#include "search_execute.h"
#include "visible.h"

#include <jansson.h>
#include <string.h>

#define VERSIONS_MAX "50" /* that are told; the total counts all */

/* ---- The story's documents ---- */

static enum lede_status write_version(struct lede_api_worker *worker,
    const struct lede_search_run *run, const struct lede_hit *hit, struct lede_buffer *out,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_shown_document_releasep) struct lede_shown_document *document = NULL;
    enum lede_status st = lede_search_show_hit(worker, hit, &document, reterr);
    if (st != LEDE_OK)
        return st;
    const struct lede_stored *stored = lede_shown_document_stored(document);
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "id");
    lede_json_string(out, stored->id, stored->id_size);
    lede_json_key(out, "document");
    st = lede_write_document(out, &run->search, stored);
    lede_buffer_append_char(out, '}');
    return st;
}

/* key  of the story; "": there is none, and no version */
static enum lede_status write_versions(struct lede_api_worker *worker, const char *key,
    struct lede_buffer *out, struct lede_error *reterr)
{
    struct lede_param params[] = {{.name = "story", .value = key},
        {.name = "sort", .value = "oldest"}, {.name = "limit", .value = VERSIONS_MAX},
        {.name = "highlight", .value = "none"},
        {.name = "fields", .value = "title,url,source,language,published,received,updated"}};
    LEDE_CLEANUP(lede_search_run_done)
    struct lede_search_run run = {.taker = LEDE_TAKER_SEARCH};
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < LEDE_COUNT_OF(params); i++)
        params[i].size = strlen(params[i].value);
    run.params.items = params;
    run.params.count = LEDE_COUNT_OF(params);
    if (key[0])
        st = lede_search_run(worker, &run, reterr);
    if (st != LEDE_OK)
        return st;
    lede_json_key(out, "story");
    if (key[0])
        lede_json_string(out, key, strlen(key));
    else
        lede_buffer_append_string(out, "null");
    lede_json_member_uint(out, "total", run.result.total);
    lede_json_key(out, "versions");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; st == LEDE_OK && i < run.result.hit_count; i++)
        st = write_version(worker, &run, &run.result.hits[i], out, reterr);
    lede_buffer_append_char(out, ']');
    return st;
}

/* ---- What differs ---- */

static const char *text_of(const json_t *document, const char *key, size_t *ret_size)
{
    const json_t *text = json_object_get(document, key);
    *ret_size = json_string_length(text);
    return *ret_size > 0 ? json_string_value(text) : "";
}

static enum lede_status write_field(const json_t *older, const json_t *newer, const char *key,
    struct lede_buffer *out, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_difference_done) struct lede_difference difference = {0};
    size_t older_size = 0, newer_size = 0;
    const char *older_text = text_of(older, key, &older_size);
    const char *newer_text = text_of(newer, key, &newer_size);
    if (older_size + newer_size == 0)
        return LEDE_OK;
    enum lede_status st =
        lede_text_differ(older_text, older_size, newer_text, newer_size, &difference, reterr);
    if (st != LEDE_OK)
        return st;
    lede_json_key(out, key);
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "unit", lede_difference_unit_name(difference.unit));
    lede_json_key(out, "runs");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < difference.count; i++) {
        const struct lede_changed_run *run = &difference.runs[i];
        const char *text = run->change == LEDE_CHANGE_DELETED ? older_text : newer_text;
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_member_string(out, "change", lede_change_name(run->change));
        lede_json_key(out, "text");
        lede_json_string(out, text + run->start, run->size);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_string(out, "]}");
    return LEDE_OK;
}

static enum lede_status get_texts(struct lede_api_worker *worker, const char *id, size_t size,
    json_t **ret_document, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
    unsigned char digest[16];
    enum lede_status st = lede_visible_get(worker, id, size, &stored, digest, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_document = json_loadb(stored.data, stored.size, JSON_ALLOW_NUL, NULL);
    return *ret_document ? LEDE_OK : lede_fail_memory(reterr);
}

static enum lede_status write_differences(struct lede_api_worker *worker, const json_t *newer,
    const struct lede_param *against, struct lede_buffer *out, struct lede_error *reterr)
{
    static const char *const keys[] = {"title", "summary", "body"};
    json_auto_t *older = NULL;
    enum lede_status st = get_texts(worker, against->value, against->size, &older, reterr);
    if (st != LEDE_OK)
        return st;
    lede_json_key(out, "differences");
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "against");
    lede_json_string(out, against->value, against->size);
    for (size_t i = 0; st == LEDE_OK && i < LEDE_COUNT_OF(keys); i++)
        st = write_field(older, newer, keys[i], out, reterr);
    lede_buffer_append_char(out, '}');
    return st;
}

/* ---- The answer ---- */

enum lede_status lede_versions_write(struct lede_api_worker *worker, const char *id, size_t id_size,
    const struct lede_param *against, struct lede_buffer *out, struct lede_error *reterr)
{
    char key[LEDE_STORY_KEY_DIGITS + 1] = "";
    json_auto_t *document = NULL;
    enum lede_status st = lede_reader_refresh(worker->reader, reterr);
    if (st == LEDE_OK)
        st = get_texts(worker, id, id_size, &document, reterr);
    if (st == LEDE_OK)
        st = lede_visible_get_story(worker, id, id_size, key, reterr);
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "id");
    lede_json_string(out, id, id_size);
    if (st == LEDE_OK)
        st = write_versions(worker, key, out, reterr);
    if (st == LEDE_OK && against)
        st = write_differences(worker, document, against, out, reterr);
    lede_buffer_append_string(out, "}\n");
    return st == LEDE_OK && out->failed ? lede_fail_memory(reterr) : st;
}

static enum lede_status read_against(const struct lede_params *params,
    const struct lede_param **ret_against, struct lede_error *reterr)
{
    static const char *const names[] = {"against", NULL};
    enum lede_status st = lede_params_check_names(params, names, reterr);
    if (st == LEDE_OK)
        st = lede_params_single(params, "against", ret_against, reterr);
    const struct lede_param *against = *ret_against;
    if (st != LEDE_OK || !against || (against->size > 0 && against->size <= LEDE_ID_BYTES_MAX))
        return st;
    (void)lede_fail(reterr, LEDE_EINPUT, "expected an id of 1 to %d bytes", LEDE_ID_BYTES_MAX);
    return lede_param_blame(reterr, "against");
}

void lede_endpoint_versions(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(lede_params_done) struct lede_params params = {0};
    struct lede_error error = {0};
    const struct lede_param *against = NULL;
    size_t id_size = 0;
    const char *id = lede_http_request_path_parameter(request, 0, &id_size);
    enum lede_status st = lede_params_from_query(request, &params, &error);
    if (st == LEDE_OK)
        st = read_against(&params, &against, &error);
    if (st == LEDE_OK)
        st = lede_versions_write(worker, id, id_size, against, &reply->body, &error);
    if (st != LEDE_OK) {
        lede_buffer_clear(&reply->body);
        lede_reply_search_error(reply, request, &error);
        return;
    }
    reply->status = 200;
    reply->media_type = "application/json";
    lede_http_reply_header(reply, "Cache-Control", "no-cache");
}
