/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "figures.h"

#include "answers.h"
#include "json_out.h"
#include "lede/replica.h"
#include "lede/time.h"
#include "metric_family.h"

#include <stddef.h>
#include <string.h>

/* A figure of several numbers has one for each value of a label. */
struct label {
    const char *name;
    const char *const *values;
    size_t count;
};

struct figure {
    const char *group; /* its object in /stats; "": none */
    const char *key;
    const char *metric;
    const char *type; /* as Prometheus has them */
    const char *unit; /* "": it counts */
    const char *help;
    size_t offset; /* in struct lede_figures */
    size_t size;   /* 8, 4: an unsigned number; 1: true or false */
    const struct label *label;
};

static const char *const pools[] = {[LEDE_POOL_READ] = "read",
    [LEDE_POOL_WRITE] = "write",
    [LEDE_POOL_OPS] = "ops",
    [LEDE_POOL_LONG] = "long"};
static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
static const char *const failures[] = {"500", "507"};
static const char *const refusals[] = {[LEDE_REFUSED_MALFORMED] = "malformed",
    [LEDE_REFUSED_INVALID] = "invalid",
    [LEDE_REFUSED_TOO_LARGE] = "too_large",
    [LEDE_REFUSED_EXISTS] = "exists",
    [LEDE_REFUSED_NOT_FOUND] = "not_found",
    [LEDE_REFUSED_PRECONDITION] = "precondition",
    [LEDE_REFUSED_NO_SPACE] = "no_space",
    [LEDE_REFUSED_OTHER] = "other"};
static const struct label pool_label = {"pool", pools, LEDE_COUNT_OF(pools)};
static const struct label class_label = {"class", classes, LEDE_COUNT_OF(classes)};
static const struct label failure_label = {"status", failures, LEDE_COUNT_OF(failures)};
static const struct label refusal_label = {"reason", refusals, LEDE_COUNT_OF(refusals)};

#define AT(member)                                                                                 \
    offsetof(struct lede_figures, member), sizeof(((struct lede_figures *)NULL)->member)

/* Those of a group stand together. */
static const struct figure figures[] = {
    {"", "documents", "lede_documents", "gauge", "", "Documents in the store.", AT(store.documents),
        NULL},
    {"", "revision", "lede_revision", "gauge", "", "Newest revision that can be searched.",
        AT(store.revision), NULL},
    {"", "segments", "lede_segments", "gauge", "", "Segments that a search reads.",
        AT(store.segments), NULL},
    {"", "disk_bytes", "lede_disk_bytes", "gauge", "bytes",
        "Bytes of the segments on the disk, as each was when it was made or opened.",
        AT(store.disk_bytes), NULL},
    {"", "writable", "lede_writable", "gauge", "", "Whether the store takes writes.",
        AT(store.writable), NULL},
    {"", "quarantined_segments", "lede_quarantined_segments", "gauge", "",
        "Damaged segments that no search reads.", AT(store.quarantined_count), NULL},
    {"", "set_aside", "lede_set_aside", "gauge", "",
        "Journalled writes that could not be applied, kept in set-aside.ndjson.",
        AT(store.set_aside), NULL},
    {"", "uptime_s", "lede_uptime_seconds", "gauge", "seconds", "Time since the server started.",
        AT(uptime_s), NULL},
    {"replication", "followers", "lede_followers", "gauge", "", "Copies that follow this server.",
        AT(replication.followers), NULL},
    {"replication", "followers_behind_bytes", "lede_followers_behind_bytes", "gauge", "bytes",
        "Bytes of the log that the copy farthest behind lacks.", AT(replication.behind_bytes),
        NULL},
    {"replication", "behind_s", "lede_copy_behind_seconds", "gauge", "seconds",
        "Time since this copy had all that its source showed; 0 where it is none.",
        AT(replication.behind_s), NULL},
    {"writes", "created", "lede_writes_created_total", "counter", "", "Documents created.",
        AT(store.writes_created), NULL},
    {"writes", "updated", "lede_writes_updated_total", "counter", "", "Documents replaced.",
        AT(store.writes_updated), NULL},
    {"writes", "unchanged", "lede_writes_unchanged_total", "counter", "",
        "Documents that came again as they were.", AT(store.writes_unchanged), NULL},
    {"writes", "older", "lede_writes_older_total", "counter", "",
        "Documents that were older versions than the stored ones, and were not taken.",
        AT(store.writes_older), NULL},
    {"writes", "deleted", "lede_writes_deleted_total", "counter", "", "Documents deleted.",
        AT(store.writes_deleted), NULL},
    {"writes", "failed", "lede_writes_failed_total", "counter", "",
        "Documents and lines of bulk bodies that were refused.", AT(refused_count), NULL},
    {"writes", "refused", "lede_documents_refused_total", "counter", "",
        "Documents and lines of bulk bodies that were refused, by reason.", AT(refused),
        &refusal_label},
    {"writes", "pending", "lede_writes_pending", "gauge", "", "Writes under way.",
        AT(store.pending_writes), NULL},
    {"writes", "commits", "lede_commits_total", "counter", "", "Commits.", AT(store.commits), NULL},
    {"merging", "merges", "lede_merges_total", "counter", "", "Merges of segments.",
        AT(store.merges), NULL},
    {"merging", "merged_bytes", "lede_merged_bytes_total", "counter", "bytes",
        "Bytes that merges wrote.", AT(store.merged_bytes), NULL},
    {"merging", "sealed_bytes", "lede_sealed_bytes_total", "counter", "bytes",
        "Bytes of segments that were written and sealed.", AT(store.sealed_bytes), NULL},
    {"merging", "deleted_documents", "lede_deleted_documents", "gauge", "",
        "Deleted documents that segments still hold.", AT(store.deleted_documents), NULL},
    {"merging", "older_documents", "lede_older_documents", "gauge", "",
        "Documents indexed by an older version, which are indexed anew.", AT(store.older_documents),
        NULL},
    {"list_cache", "items", "lede_list_cache_items", "gauge", "",
        "Lists and columns of segments that are in memory.", AT(store.lists.items), NULL},
    {"list_cache", "bytes", "lede_list_cache_bytes", "gauge", "bytes", "Bytes of those.",
        AT(store.lists.bytes), NULL},
    {"list_cache", "hits", "lede_list_cache_hits_total", "counter", "",
        "Times that one was found in memory.", AT(store.lists.hits), NULL},
    {"list_cache", "misses", "lede_list_cache_misses_total", "counter", "",
        "Times that one had to be read.", AT(store.lists.misses), NULL},
    {"list_cache", "evictions", "lede_list_cache_evictions_total", "counter", "",
        "Lists and columns that gave way to others.", AT(store.lists.evictions), NULL},
    {"document_cache", "documents", "lede_document_cache_documents", "gauge", "",
        "Documents kept for showing them again.", AT(shown_documents.items), NULL},
    {"document_cache", "bytes", "lede_document_cache_bytes", "gauge", "bytes",
        "Bytes of those documents and their words.", AT(shown_documents.bytes), NULL},
    {"document_cache", "hits", "lede_document_cache_hits_total", "counter", "",
        "Documents shown that were kept.", AT(shown_documents.hits), NULL},
    {"document_cache", "misses", "lede_document_cache_misses_total", "counter", "",
        "Documents shown that were not kept.", AT(shown_documents.misses), NULL},
    {"document_cache", "evictions", "lede_document_cache_evictions_total", "counter", "",
        "Documents that gave way to others.", AT(shown_documents.evictions), NULL},
    {"answer_cache", "answers", "lede_answer_cache_answers", "gauge", "",
        "Answers of searches that are kept.", AT(answers.items), NULL},
    {"answer_cache", "bytes", "lede_answer_cache_bytes", "gauge", "bytes",
        "Bytes of those answers.", AT(answers.bytes), NULL},
    {"answer_cache", "hits", "lede_answer_cache_hits_total", "counter", "",
        "Searches answered from what was kept.", AT(answers.hits), NULL},
    {"answer_cache", "misses", "lede_answer_cache_misses_total", "counter", "",
        "Searches that looked for a kept answer in vain.", AT(answers.misses), NULL},
    {"answer_cache", "evictions", "lede_answer_cache_evictions_total", "counter", "",
        "Answers that gave way to others, or held no longer.", AT(answers.evictions), NULL},
    {"correction_cache", "words", "lede_correction_cache_words", "gauge", "",
        "Words whose corrections are kept, until the archive's words are gathered anew.",
        AT(store.corrections.items), NULL},
    {"correction_cache", "bytes", "lede_correction_cache_bytes", "gauge", "bytes",
        "Bytes of those.", AT(store.corrections.bytes), NULL},
    {"correction_cache", "hits", "lede_correction_cache_hits_total", "counter", "",
        "Times that a word's corrections were kept, since words were gathered.",
        AT(store.corrections.hits), NULL},
    {"correction_cache", "misses", "lede_correction_cache_misses_total", "counter", "",
        "Times that they had to be found, since words were gathered.", AT(store.corrections.misses),
        NULL},
    {"correction_cache", "evictions", "lede_correction_cache_evictions_total", "counter", "",
        "Corrections that gave way to others, since words were gathered.",
        AT(store.corrections.evictions), NULL},
    {"log", "lost_lines", "lede_access_log_lost_lines_total", "counter", "",
        "Lines of requests that could not be logged.", AT(log_lines_lost), NULL},
    {"http", "requests", "lede_http_requests_total", "counter", "", "Requests received.",
        AT(http.requests), NULL},
    {"http", "refused", "lede_http_refused_total", "counter", "",
        "Requests refused before a handler ran.", AT(http.refused), NULL},
    {"http", "misforwarded", "lede_http_misforwarded_total", "counter", "",
        "Requests of which a trusted proxy said what could not be believed.", AT(http.misforwarded),
        NULL},
    {"http", "connections", "lede_http_connections", "gauge", "", "Connections open.",
        AT(http.connections), NULL},
    {"http", "queued", "lede_http_queued", "gauge", "",
        "Requests waiting for a worker, by pool; long: searches that take long.", AT(http.queued),
        &pool_label},
    {"http", "responses", "lede_http_responses_total", "counter", "",
        "Answers, by class of status.", offsetof(struct lede_figures, http.responses_by_class[1]),
        5 * sizeof(uint64_t), &class_label},
    {"http", "failures", "lede_http_failures_total", "counter", "",
        "Answers that say that the store or the server failed (500) or that the disk is full "
        "(507).",
        AT(http.failures), &failure_label},
};

static void note_follower(
    void *context, const char *name, uint64_t behind_bytes, int64_t seen_ago_s)
{
    struct lede_figures *taken = context;
    (void)name;
    (void)seen_ago_s;
    taken->replication.followers++;
    if (behind_bytes > taken->replication.behind_bytes)
        taken->replication.behind_bytes = behind_bytes;
}

static void take_replication(const struct lede_api *api, struct lede_figures *taken)
{
    struct lede_follow_state state;
    lede_store_visit_followers(api->store, note_follower, taken);
    if (!api->settings.following || !lede_store_is_copy(api->store))
        return;
    lede_follow_state_read(api->settings.following, &state);
    uint64_t since_ns = state.current_ns > 0 ? state.current_ns : api->started_monotonic_ns;
    taken->replication.behind_s = (lede_time_monotonic_ns() - since_ns) / 1000000000;
}

enum lede_status lede_figures_take(const struct lede_api *api,
    const struct lede_http_request *request, struct lede_figures *ret_figures,
    struct lede_error *reterr)
{
    uint64_t up_ns = lede_time_monotonic_ns() - api->started_monotonic_ns;
    memset(ret_figures, 0, sizeof(*ret_figures));
    ret_figures->uptime_s = up_ns / 1000000000;
    for (size_t i = 0; i < LEDE_REFUSALS; i++)
        ret_figures->refused[i] = __atomic_load_n(&api->refused[i], __ATOMIC_RELAXED);
    for (size_t i = 0; i < LEDE_REFUSALS; i++)
        ret_figures->refused_count += ret_figures->refused[i];
    ret_figures->log_lines_lost = __atomic_load_n(&api->log_lines_lost, __ATOMIC_RELAXED);
    lede_cache_stats(api->shown_documents, &ret_figures->shown_documents);
    lede_answers_stats(api->answers, &ret_figures->answers);
    lede_http_server_stats(lede_http_request_server(request), &ret_figures->http);
    take_replication(api, ret_figures);
    return lede_store_stats(api->store, &ret_figures->store, reterr);
}

static uint64_t read_number(
    const struct lede_figures *all, const struct figure *figure, size_t index)
{
    const char *at = (const char *)all + figure->offset;
    uint64_t number = 0;
    uint32_t small = 0;
    if (figure->size == sizeof(bool))
        return *(const bool *)at;
    if (figure->size == sizeof(small)) {
        memcpy(&small, at, sizeof(small));
        return small;
    }
    memcpy(&number, at + index * sizeof(number), sizeof(number));
    return number;
}

static void write_member(
    const struct lede_figures *all, const struct figure *figure, struct lede_buffer *out)
{
    if (figure->size == sizeof(bool)) {
        lede_json_member_bool(out, figure->key, read_number(all, figure, 0) != 0);
    } else if (!figure->label) {
        lede_json_member_uint(out, figure->key, read_number(all, figure, 0));
    } else {
        lede_json_key(out, figure->key);
        lede_buffer_append_char(out, '{');
        for (size_t i = 0; i < figure->label->count; i++)
            lede_json_member_uint(out, figure->label->values[i], read_number(all, figure, i));
        lede_buffer_append_char(out, '}');
    }
}

void lede_figures_write_json(const struct lede_figures *all, struct lede_buffer *out)
{
    const char *group = "";
    for (size_t i = 0; i < LEDE_COUNT_OF(figures); i++) {
        const struct figure *figure = &figures[i];
        if (strcmp(figure->group, group) != 0) {
            if (group[0])
                lede_buffer_append_char(out, '}');
            lede_json_key(out, figure->group);
            lede_buffer_append_char(out, '{');
            group = figure->group;
        }
        write_member(all, figure, out);
    }
    if (group[0])
        lede_buffer_append_char(out, '}');
}

void lede_figures_write_metrics(
    const struct lede_figures *all, bool is_open, struct lede_buffer *out)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(figures); i++) {
        const struct figure *figure = &figures[i];
        const struct lede_metric_family family = {
            figure->metric, figure->type, figure->unit, figure->help};
        lede_metric_family_write(&family, is_open, out);
        for (size_t k = 0; k < (figure->label ? figure->label->count : 1); k++) {
            lede_buffer_append_string(out, figure->metric);
            if (figure->label)
                lede_buffer_append_format(
                    out, "{%s=\"%s\"}", figure->label->name, figure->label->values[k]);
            lede_buffer_append_format(
                out, " %llu\n", (unsigned long long)read_number(all, figure, k));
        }
    }
}

static enum lede_refusal refusal_of(enum lede_status status)
{
    static const struct {
        enum lede_status status;
        enum lede_refusal refusal;
    } known[] = {{LEDE_EINPUT, LEDE_REFUSED_MALFORMED}, {LEDE_EINVALID, LEDE_REFUSED_INVALID},
        {LEDE_ELIMIT, LEDE_REFUSED_TOO_LARGE}, {LEDE_EEXISTS, LEDE_REFUSED_EXISTS},
        {LEDE_ENOTFOUND, LEDE_REFUSED_NOT_FOUND}, {LEDE_EPRECONDITION, LEDE_REFUSED_PRECONDITION},
        {LEDE_ENOSPC, LEDE_REFUSED_NO_SPACE}};
    for (size_t i = 0; i < LEDE_COUNT_OF(known); i++) {
        if (known[i].status == status)
            return known[i].refusal;
    }
    return LEDE_REFUSED_OTHER;
}

void lede_figures_count_refused(struct lede_api *api, enum lede_status status)
{
    __atomic_add_fetch(&api->refused[refusal_of(status)], 1, __ATOMIC_RELAXED);
}
