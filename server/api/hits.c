/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hit's document is copied out of its stored JSON, member by member. */
#include "hits.h"

#include "collapsed.h"
#include "json_out.h"
#include "search_explain.h"

#include <string.h>

static bool is_named(const char *name, const char *key, size_t size)
{
    return strncmp(name, key, size) == 0 && name[size] == '\0';
}

/* key: decoded */
static bool wants_member(const struct lede_search_params *search,
    const struct lede_stored_member *member, const char *key, size_t size)
{
    if (search->field_count == 0)
        return member->field != LEDE_FIELD_BODY && member->field != LEDE_FIELD_ID;
    for (size_t i = 0; i < search->field_count; i++) {
        if (is_named(search->fields[i], key, size))
            return true;
    }
    return false;
}

/* A key with escapes is decoded, for it is compared, and written as all of ours. */
static enum lede_status write_escaped_member(struct lede_buffer *out,
    const struct lede_search_params *search, const struct lede_stored_member *member)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer key = {0};
    char *text = lede_buffer_reserve(&key, member->key.size);
    if (!text)
        return LEDE_ENOMEM;
    key.size = lede_stored_decode(member->key, text);
    if (!wants_member(search, member, text, key.size))
        return LEDE_OK;
    lede_json_comma(out);
    lede_json_string(out, text, key.size);
    lede_buffer_append_char(out, ':');
    lede_buffer_append(out, member->value.text, member->value.size);
    return LEDE_OK;
}

enum lede_status lede_write_document(struct lede_buffer *out,
    const struct lede_search_params *search, const struct lede_stored *stored)
{
    enum lede_status st = LEDE_OK;
    lede_buffer_append_char(out, '{');
    for (size_t i = 0; st == LEDE_OK && i < stored->member_count; i++) {
        const struct lede_stored_member *member = &stored->members[i];
        const struct lede_slice *key = &member->key;
        if (memchr(key->text, '\\', key->size)) {
            st = write_escaped_member(out, search, member);
        } else if (wants_member(search, member, key->text + 1, key->size - 2)) {
            lede_json_comma(out);
            lede_buffer_append(out, key->text, key->size);
            lede_buffer_append_char(out, ':');
            lede_buffer_append(out, member->value.text, member->value.size);
        }
    }
    lede_buffer_append_char(out, '}');
    return st;
}

/* One fragment list a field; a list field gives each of its items a fragment of its own. */
static enum lede_status write_field_highlights(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_shown_document *document,
    const struct lede_field *field, struct lede_buffer *out)
{
    const struct lede_stored_field *texts =
        lede_stored_texts(lede_shown_document_stored(document), field->id);
    bool as_ranges = run->search.highlighting.format == LEDE_HIGHLIGHT_RANGES;
    if (!texts)
        return LEDE_OK;
    lede_json_key(out, field->key);
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < texts->count; i++) {
        enum lede_status st = lede_search_highlight(worker, run, document, field->id, i);
        if (st != LEDE_OK)
            return st;
        lede_json_fragments(out, &worker->highlights, as_ranges);
    }
    lede_buffer_append_char(out, ']');
    return LEDE_OK;
}

enum lede_status lede_write_highlights(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_shown_document *document,
    struct lede_buffer *out)
{
    enum lede_stage before = lede_api_worker_enter(worker, LEDE_STAGE_HIGHLIGHT);
    enum lede_status st = lede_search_begin_hit(worker, run, document);
    lede_buffer_append_char(out, '{');
    for (enum lede_field_id id = 0; st == LEDE_OK && !worker->out_of_time && id < LEDE_FIELD_COUNT;
         id++) {
        if (run->search.highlight & LEDE_FIELD_BIT(id))
            st = write_field_highlights(worker, run, document, lede_field_at(id), out);
    }
    lede_buffer_append_char(out, '}');
    (void)lede_api_worker_enter(worker, before);
    return st;
}

static enum lede_status write_hit(struct lede_api_worker *worker, const struct lede_search_run *run,
    size_t number, struct lede_buffer *out, struct lede_error *reterr)
{
    const struct lede_hit *hit = &run->result.hits[number];
    LEDE_CLEANUP(lede_shown_document_releasep) struct lede_shown_document *document = NULL;
    enum lede_status st = lede_search_show_hit(worker, hit, &document, reterr);
    if (st != LEDE_OK)
        return st;
    const struct lede_stored *stored = lede_shown_document_stored(document);
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "id");
    lede_json_string(out, stored->id, stored->id_size);
    lede_json_member_decimal(out, "score", hit->score, 4);
    lede_write_collapsed(out, hit);
    lede_json_key(out, "document");
    st = lede_write_document(out, &run->search, stored);
    if (st == LEDE_OK && run->search.highlight != 0) {
        lede_json_key(out, "highlights");
        st = lede_write_highlights(worker, run, document, out);
    }
    if (st == LEDE_OK && run->search.explain)
        st = lede_explain_hit(worker, run, number, document, out);
    lede_buffer_append_char(out, '}');
    return st == LEDE_ENOMEM ? lede_fail_memory(reterr) : st;
}

enum lede_status lede_write_hits(struct lede_api_worker *worker, const struct lede_search_run *run,
    struct lede_buffer *out, struct lede_error *reterr)
{
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < run->result.hit_count; i++) {
        enum lede_status st = lede_api_worker_go_on(worker, reterr);
        if (st == LEDE_OK)
            st = write_hit(worker, run, i, out, reterr);
        if (st != LEDE_OK)
            return st;
    }
    lede_buffer_append_char(out, ']');
    return LEDE_OK;
}
