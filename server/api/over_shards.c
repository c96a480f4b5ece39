/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What shards cannot be asked for yet is refused, so nobody takes the answer of an empty store for
 * one. */
#include "over_shards.h"

#include "json_out.h"
#include "lede/time.h"
#include "problem.h"

#include <string.h>

static const struct {
    const char *path;
    const char *method; /* NULL: any */
} served[] = {
    {"/search", NULL},
    {"/search.atom", NULL},
    {"/search.rss", NULL},
    {"/search.jsonfeed", NULL},
    {"/search.csv", NULL},
    {"/documents/{id}", "GET"},
    {"/health/live", NULL},
    {"/health/ready", NULL},
    {"/metrics", NULL},
    {"/queries", NULL},
    {"/version", NULL},
    {"/openapi.json", NULL},
    {"/opensearch.xml", NULL},
    {"/keys", NULL},
    {"/keys/{id}", NULL},
    {"/assets/{file}", NULL},
};

bool lede_over_shards_may_serve(const struct lede_api *api, const struct lede_api_route *route,
    const struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    if (!api->settings.shards)
        return true;
    for (size_t i = 0; i < LEDE_COUNT_OF(served); i++) {
        if (strcmp(served[i].path, route->http.path) == 0 &&
            (!served[i].method || strcmp(served[i].method, route->http.method) == 0))
            return true;
    }
    (void)lede_fail(&error, LEDE_EUNSUPPORTED,
        "expected a search or a document by its id, found %s %s, which cannot be asked of an "
        "archive that lies on shards",
        route->http.method, route->http.path);
    lede_error_hint(&error, "ask the server that has the shard");
    lede_reply_error(reply, request, &error);
    return false;
}

/* ---- One search ---- */

static enum lede_status refuse(struct lede_error *reterr, const char *param, const char *expected)
{
    (void)lede_fail(reterr, LEDE_EUNSUPPORTED, "%s: expected %s, since the archive lies on shards",
        param, expected);
    lede_error_param(reterr, param);
    return LEDE_EUNSUPPORTED;
}

static bool is_given(const struct lede_search_run *run, const char *name)
{
    for (size_t i = 0; i < run->params.count; i++) {
        if (strcmp(run->params.items[i].name, name) == 0)
            return true;
    }
    return false;
}

/* By default nothing is suggested; who asks for it is told. */
static enum lede_status check(struct lede_search_run *run, struct lede_error *reterr)
{
    if (is_given(run, "spell") && run->search.spell != LEDE_SPELL_OFF)
        return refuse(reterr, "spell", "off");
    run->search.spell = LEDE_SPELL_OFF;
    if (run->search.explain)
        return refuse(reterr, "explain", "false");
    if (run->search.expand != LEDE_EXPAND_NONE)
        return refuse(reterr, "expand", "nothing");
    if (run->search.min_revision > 0)
        return refuse(reterr, "min_revision", "none: each shard counts its own revisions");
    return LEDE_OK;
}

enum lede_status lede_over_shards_begin(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    if (!worker->asker)
        return LEDE_OK;
    enum lede_status st = check(run, reterr);
    worker->seen = (struct lede_shards_seen){0};
    if (st == LEDE_OK)
        st = lede_shards_look(worker->asker, false,
            lede_time_monotonic_ns() + run->search.timeout_ms * UINT64_C(500000), reterr);
    worker->languages = lede_shards_languages(worker->api->settings.shards);
    return st;
}

bool lede_over_shards_is_partial(const struct lede_api_worker *worker)
{
    return worker->asker && worker->seen.answered < worker->seen.total;
}

enum lede_status lede_over_shards_end(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    const struct lede_shards_seen *seen = &worker->seen;
    if (!worker->asker)
        return LEDE_OK;
    run->revision = seen->revision;
    if (!lede_over_shards_is_partial(worker) || (run->search.partial && run->tells_missing))
        return LEDE_OK;
    return lede_fail(reterr, LEDE_EBUSY, "%u of %u shards have answered: %s",
        (unsigned)seen->answered, (unsigned)seen->total, seen->why.message);
}

void lede_over_shards_write(const struct lede_api_worker *worker, struct lede_buffer *out)
{
    const struct lede_shards_seen *seen = &worker->seen;
    if (!worker->asker)
        return;
    lede_json_key(out, "shards");
    lede_buffer_append_char(out, '{');
    lede_json_member_uint(out, "total", seen->total);
    lede_json_member_uint(out, "answered", seen->answered);
    lede_json_key(out, "missing");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < seen->total; i++) {
        const char *name = seen->is_missing[i] ? lede_shards_asker_name(worker->asker, i) : NULL;
        if (!name)
            continue;
        lede_json_comma(out);
        lede_json_string(out, name, strlen(name));
    }
    lede_buffer_append_string(out, "]}");
}
