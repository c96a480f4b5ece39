/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answers.h"

#include "frozen_results.h"
#include "json_out.h"
#include "lede/number.h"
#include "visible.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* By then whatever is said by the clock has become something else: no day is longer. */
#define LATER_S (2 * 86400)

#define ETAG_SIZE 32

struct lede_answers {
    struct lede_cache *cache;
    size_t bytes_max;
    pthread_mutex_t lock; /* guards what follows */
    /* The clock changes nothing of that generation from `since` to just before `until`. */
    uint64_t generation;
    int64_t since_utc_s;
    int64_t until_utc_s;
};

struct kept_answer {
    struct lede_cached cached; /* first */
    int64_t since_utc_s;       /* it holds from then on, to just before `until` */
    int64_t until_utc_s;
    uint32_t total;
    bool corrected;
    uint64_t lexicon;    /* as struct lede_search_run has it */
    uint64_t frozen_set; /* that `next` names; 0: none */
    char etag[ETAG_SIZE];
    size_t took_at; /* where the body tells how long it took */
    const char *body;
    size_t body_size;
};

enum lede_status lede_answers_new(size_t bytes_max, struct lede_answers **ret_answers)
{
    struct lede_answers *answers = calloc(1, sizeof(*answers));
    if (!answers || lede_cache_new(bytes_max, &answers->cache) != LEDE_OK) {
        free(answers);
        return LEDE_ENOMEM;
    }
    pthread_mutex_init(&answers->lock, NULL);
    answers->bytes_max = bytes_max;
    *ret_answers = answers;
    return LEDE_OK;
}

void lede_answers_free(struct lede_answers *answers)
{
    if (!answers)
        return;
    lede_cache_free(answers->cache);
    pthread_mutex_destroy(&answers->lock);
    free(answers);
}

void lede_answers_stats(const struct lede_answers *answers, struct lede_cache_stats *ret_stats)
{
    lede_cache_stats(answers->cache, ret_stats);
}

/* ---- Keys ---- */

static bool wants_cache(const struct lede_params *params)
{
    for (size_t i = 0; i < params->count; i++) {
        const struct lede_param *param = &params->items[i];
        bool value = false;
        if (strcmp(param->name, "cursor") == 0)
            return false;
        if (strcmp(param->name, "cache") == 0 &&
            (lede_parse_bool(param->value, param->size, &value, NULL) != LEDE_OK || !value))
            return false;
    }
    return true;
}

static void append_number(struct lede_buffer *key, uint64_t number)
{
    lede_buffer_append(key, &number, sizeof(number));
}

/* Sizes stand before what has any bytes, so that two requests never have one key. */
static void append_sized(struct lede_buffer *key, const char *text, size_t size)
{
    append_number(key, size);
    lede_buffer_append(key, text, size);
}

static void write_key(
    struct lede_api_worker *worker, const struct lede_search_run *run, struct lede_buffer *key)
{
    const char *filters = worker->filters ? worker->filters : "";
    LEDE_CLEANUP(lede_synonyms_unrefp)
    struct lede_synonyms *synonyms = lede_api_synonyms(worker->api);
    append_number(key, lede_reader_generation(worker->reader));
    append_number(key, lede_synonyms_revision(synonyms));
    append_sized(key, filters, strlen(filters));
    lede_buffer_append_char(key, worker->sees_hidden ? 'h' : 'v');
    append_sized(key, run->prefix, strlen(run->prefix));
    append_sized(key, run->path.data ? run->path.data : "", run->path.size);
    for (size_t i = 0; i < run->params.count; i++) {
        const struct lede_param *param = &run->params.items[i];
        append_sized(key, param->name, strlen(param->name));
        append_sized(key, param->value, param->size);
        lede_buffer_append_char(key, param->is_whole ? 'w' : 'p');
    }
    if (key->failed)
        lede_buffer_clear(key);
}

/* ---- Finding ---- */

static uint64_t newest_lexicon(const struct lede_api_worker *worker)
{
    LEDE_CLEANUP(lede_lexicon_unrefp)
    struct lede_lexicon *lexicon = lede_store_lexicon(worker->api->store);
    return (lexicon ? lede_lexicon_revision(lexicon) : 0) + 1;
}

/* Would the same be answered now? Asking for the frozen set keeps it as long as the answer. */
static bool still_holds(const struct lede_api_worker *worker, const struct kept_answer *answer)
{
    bool frozen = false;
    int64_t now_utc_s = lede_time_now_utc_s();
    return now_utc_s >= answer->since_utc_s && now_utc_s < answer->until_utc_s &&
           (answer->lexicon == 0 || answer->lexicon == newest_lexicon(worker)) &&
           (answer->frozen_set == 0 || lede_frozen_results_find(worker->api->frozen_results,
                                           answer->frozen_set, &frozen) == LEDE_OK);
}

static void write_reply(
    const struct kept_answer *answer, uint64_t started_ns, struct lede_http_reply *reply)
{
    struct lede_buffer *out = &reply->body;
    lede_buffer_append(out, answer->body, answer->took_at);
    lede_json_member_decimal(
        out, "took_ms", (double)(lede_time_monotonic_ns() - started_ns) / 1e6, 3);
    lede_buffer_append(out, answer->body + answer->took_at, answer->body_size - answer->took_at);
    reply->status = 200;
    reply->media_type = "application/json";
    lede_http_reply_header(reply, "ETag", "%s", answer->etag);
    lede_http_reply_header(reply, "Cache-Control", "no-cache");
}

bool lede_answers_find(struct lede_api_worker *worker, struct lede_search_run *run,
    struct lede_buffer *key, struct lede_http_reply *reply)
{
    uint64_t started_ns = lede_time_monotonic_ns();
    struct lede_cache *cache = worker->api->answers->cache;
    if (worker->api->answers->bytes_max == 0 || !wants_cache(&run->params) || run->like ||
        lede_reader_refresh(worker->reader, NULL) != LEDE_OK)
        return false;
    write_key(worker, run, key);
    struct lede_cached *found = key->size > 0 ? lede_cache_find(cache, key->data, key->size) : NULL;
    const struct kept_answer *answer = (const struct kept_answer *)found;
    if (!answer)
        return false;
    if (!still_holds(worker, answer)) {
        lede_cache_refuse(cache, found);
        return false;
    }
    write_reply(answer, started_ns, reply);
    run->result.total = answer->total;
    run->corrected = answer->corrected;
    lede_cache_release(cache, found);
    if (!reply->body.failed)
        return true;
    lede_buffer_clear(&reply->body);
    return false;
}

/* ---- How long an answer holds ---- */

/* The next moment at which the clock shows or hides a document of what the reader sees. */
static enum lede_status next_change(
    struct lede_api_worker *worker, int64_t now_utc_s, int64_t *ret_utc_s)
{
    struct lede_answers *answers = worker->api->answers;
    uint64_t generation = lede_reader_generation(worker->reader);
    pthread_mutex_lock(&answers->lock);
    bool is_known = answers->generation == generation && now_utc_s >= answers->since_utc_s &&
                    now_utc_s < answers->until_utc_s;
    *ret_utc_s = answers->until_utc_s;
    pthread_mutex_unlock(&answers->lock);
    if (is_known)
        return LEDE_OK;
    enum lede_status st = lede_archive_next_change(worker, now_utc_s, ret_utc_s);
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&answers->lock);
    answers->generation = generation;
    answers->since_utc_s = now_utc_s;
    answers->until_utc_s = *ret_utc_s;
    pthread_mutex_unlock(&answers->lock);
    return LEDE_OK;
}

/* Is a query another one a second later? Relative dates move all the time. */
static bool query_moves(struct lede_api_worker *worker, const char *text, size_t size,
    struct lede_query_options options)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *now = NULL;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *later = NULL;
    if (lede_query_parse(text, size, &options, worker->analyzer, &now, NULL) != LEDE_OK)
        return true;
    options.now_utc_s += LATER_S;
    return lede_query_parse(text, size, &options, worker->analyzer, &later, NULL) != LEDE_OK ||
           !lede_query_equal(lede_query_root(now), lede_query_root(later));
}

static bool bounds_move(
    const struct lede_params *params, const struct lede_local_clock *clock, int64_t now_utc_s)
{
    for (size_t i = 0; i < params->count; i++) {
        const struct lede_param *param = &params->items[i];
        int64_t first = 0, last = 0, later = 0;
        if (strcmp(param->name, "after") != 0 && strcmp(param->name, "before") != 0)
            continue;
        if (lede_time_parse_bound(
                param->value, param->size, now_utc_s, clock, &first, &last, NULL) != LEDE_OK ||
            lede_time_parse_bound(param->value, param->size, now_utc_s + LATER_S, clock, &later,
                &last, NULL) != LEDE_OK ||
            first != later)
            return true;
    }
    return false;
}

static bool filters_move(struct lede_api_worker *worker, const struct lede_query_options *options)
{
    bool move = false;
    for (const char *at = worker->filters; at && !move;) {
        const char *text = at;
        size_t size = lede_filters_next(&at);
        move = query_moves(worker, text, size, *options);
    }
    return move;
}

/* Does it hold within one second alone? */
static bool moves(struct lede_api_worker *worker, const struct lede_search_run *run)
{
    struct lede_query_options options = lede_search_run_options(worker, run);
    struct lede_query_options filter_options = {.languages = options.languages};
    options.now_utc_s = filter_options.now_utc_s = run->asked_utc_s;
    return run->search.search.recency_half_life_s > 0 ||
           bounds_move(&run->params, &run->search.clock, run->asked_utc_s) ||
           query_moves(worker, run->search.q, run->search.q_size, options) ||
           filters_move(worker, &filter_options);
}

/* ---- Keeping ---- */

static void free_answer(struct lede_cached *cached)
{
    free(cached);
}

static struct kept_answer *new_answer(const struct lede_buffer *key, const struct lede_buffer *body,
    struct lede_mark took, const char *etag)
{
    size_t bytes = sizeof(struct kept_answer) + key->size + body->size - took.size;
    struct kept_answer *answer = malloc(bytes);
    if (!answer)
        return NULL;
    char *key_copy = (char *)(answer + 1), *body_copy = key_copy + key->size;
    size_t behind = took.start + took.size;
    memcpy(key_copy, key->data, key->size);
    memcpy(body_copy, body->data, took.start);
    memcpy(body_copy + took.start, body->data + behind, body->size - behind);
    *answer = (struct kept_answer){
        .cached = {.key = key_copy, .key_size = key->size, .bytes = bytes, .free = free_answer},
        .took_at = took.start,
        .body = body_copy,
        .body_size = body->size - took.size};
    memcpy(answer->etag, etag, strnlen(etag, ETAG_SIZE - 1));
    return answer;
}

static bool is_whole(const struct lede_api_worker *worker, const struct lede_search_run *run)
{
    return !run->result.timed_out && !worker->out_of_time && !run->is_hurried &&
           !lede_time_has_passed(run->search.search.deadline_monotonic_ns);
}

void lede_answers_keep(struct lede_api_worker *worker, const struct lede_search_run *run,
    struct lede_buffer *key, const struct lede_http_reply *reply, struct lede_mark took,
    const char *etag)
{
    int64_t since_utc_s = run->search.search.now_utc_s, until_utc_s = 0;
    uint64_t generation = lede_reader_generation(worker->reader);
    if (key->size == 0 || !is_whole(worker, run) ||
        next_change(worker, since_utc_s, &until_utc_s) != LEDE_OK)
        return;
    if (moves(worker, run) && until_utc_s > run->asked_utc_s + 1)
        until_utc_s = run->asked_utc_s + 1;
    /* A commit may have come between the key and the search. */
    memcpy(key->data, &generation, sizeof(generation));
    struct kept_answer *answer = new_answer(key, &reply->body, took, etag);
    if (!answer)
        return;
    answer->since_utc_s = since_utc_s;
    answer->until_utc_s = until_utc_s;
    answer->total = run->result.total;
    answer->corrected = run->corrected;
    answer->lexicon = run->lexicon;
    answer->frozen_set = run->frozen_set;
    lede_cache_add(worker->api->answers->cache, &answer->cached);
    lede_cache_release(worker->api->answers->cache, &answer->cached);
}
