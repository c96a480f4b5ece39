/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All parts of an index, in as many groups as threads are to match them; what each finds is joined.
 *
 * Threads are started for the one search, where it is expected to take many times as long as that
 * takes, and no more than processors are left by other searches. */
#include "found.h"
#include "kept.h"

#include "lede/query.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define THREADS_MAX 64
/* A search that is expected to be shorter stays in one thread. */
#define LONG_NS 1000000
#define POSTING_NS 1.0 /* to match and to score */
#define PLACES_NS 40.0 /* to look where words stand in a document */

static atomic_uint threads_finding; /* of all searches */

struct group {
    const struct lede_finding *finding;
    size_t *parts;
    size_t part_count;
    uint64_t documents;
    struct lede_found found;
    struct lede_error error;
    enum lede_status status;
    struct lede_stop stop; /* of its thread, if it has one, as the next */
    struct lede_reading reading;
    pthread_t thread;
    bool has_thread;
};

/* ---- How long will it take? ---- */

static bool reads_texts(const struct lede_query_node *node)
{
    bool reads =
        node->word_count > 0 && node->kind != LEDE_QUERY_WORD && node->kind != LEDE_QUERY_PHRASE;
    for (size_t i = 0; !reads && i < node->child_count; i++)
        reads = reads_texts(node->children[i]);
    return reads;
}

/* How many documents may a plan find? */
static uint64_t documents_of(const struct lede_plan *plan)
{
    uint64_t documents = plan->kind == LEDE_PLAN_LIST ? plan->documents : 0;
    bool is_and = plan->kind == LEDE_PLAN_AND;
    size_t count = is_and ? plan->wanted_count : plan->child_count;
    for (size_t i = 0; i < count; i++) {
        uint64_t some = documents_of(plan->children[i]);
        if (is_and && i > 0)
            documents = some < documents ? some : documents;
        else
            documents += some;
    }
    return documents;
}

/* texts  whether stored texts are read, by what only one thread may use */
static double expected_ns(const struct lede_plan *plan, bool *texts)
{
    double ns = plan->kind == LEDE_PLAN_LIST ? POSTING_NS * (double)plan->documents : 0;
    if (plan->kind == LEDE_PLAN_PLACES) {
        ns += PLACES_NS * (double)documents_of(plan->children[0]);
        *texts = *texts || reads_texts(plan->node);
    }
    for (size_t i = 0; i < plan->child_count; i++)
        ns += expected_ns(plan->children[i], texts);
    return ns;
}

static size_t count_threads(const struct lede_finding *finding, size_t part_count)
{
    const struct lede_matching *matching = finding->matching;
    size_t threads = finding->search->threads_max;
    unsigned others = atomic_load(&threads_finding);
    uint64_t long_ns =
        finding->search->threads_from_ns > 0 ? finding->search->threads_from_ns : LONG_NS;
    bool texts = false;
    if (threads <= others + 1 || part_count < 2 || matching->deadline.passed ||
        expected_ns(matching->plan, &texts) < (double)long_ns || texts)
        return 1;
    for (size_t part = 0; part < part_count; part++) {
        if (!lede_index_has_places(matching->index, part))
            return 1;
    }
    threads = threads - others < part_count ? threads - others : part_count;
    return threads < THREADS_MAX ? threads : THREADS_MAX;
}

/* ---- Finding ---- */

static int compare_parts(const void *a, const void *b)
{
    const size_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Deal parts out, the largest first, each to the group that has least; a group's parts are matched
 * in their order. */
static enum lede_status deal_out(
    struct group *groups, size_t group_count, struct lede_index *index, struct lede_error *reterr)
{
    size_t count = 0;
    LEDE_CLEANUP(lede_freep) struct lede_part_size *sizes = lede_parts_by_size(index, &count);
    if (!sizes)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < group_count; i++) {
        groups[i].parts = calloc(count + 1, sizeof(*groups[i].parts));
        if (!groups[i].parts)
            return lede_fail_memory(reterr);
    }
    for (size_t i = 0; i < count; i++) {
        struct group *least = groups;
        for (size_t k = 1; k < group_count; k++)
            least = groups[k].documents < least->documents ? &groups[k] : least;
        least->parts[least->part_count++] = sizes[i].part;
        least->documents += sizes[i].documents;
    }
    for (size_t i = 0; i < group_count; i++)
        qsort(groups[i].parts, groups[i].part_count, sizeof(*groups[i].parts), compare_parts);
    return LEDE_OK;
}

static void find_group(struct group *group)
{
    atomic_fetch_add(&threads_finding, 1);
    group->status = lede_find_in_parts(
        group->finding, group->parts, group->part_count, &group->found, &group->error);
    atomic_fetch_sub(&threads_finding, 1);
}

static void *run(void *pointer)
{
    struct group *group = pointer;
    lede_stop_begin(&group->stop);
    find_group(group);
    lede_stop_end();
    group->reading = *lede_kept_reading();
    return NULL;
}

/* The first group is the caller's; where a thread cannot be started, its group is, too. */
static enum lede_status find_all(
    struct group *groups, size_t count, struct lede_found *ret_found, struct lede_error *reterr)
{
    for (size_t i = 1; i < count; i++) {
        groups[i].stop = lede_stop_share();
        groups[i].has_thread = pthread_create(&groups[i].thread, NULL, run, &groups[i]) == 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (!groups[i].has_thread)
            find_group(&groups[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (!groups[i].has_thread)
            continue;
        (void)pthread_join(groups[i].thread, NULL);
        lede_stop_join(&groups[i].stop);
        lede_reading_add(lede_kept_reading(), &groups[i].reading);
    }
    for (size_t i = 0; i < count; i++) {
        if (groups[i].status != LEDE_OK) {
            if (reterr)
                *reterr = groups[i].error;
            return groups[i].status;
        }
    }
    *ret_found = groups[0].found;
    groups[0].found = (struct lede_found){0};
    enum lede_status status = LEDE_OK;
    for (size_t i = 1; status == LEDE_OK && i < count; i++)
        status = lede_found_join(ret_found, &groups[i].found, reterr);
    return status;
}

enum lede_status lede_find(
    const struct lede_finding *finding, struct lede_found *ret_found, struct lede_error *reterr)
{
    struct lede_index *index = finding->matching->index;
    size_t count = count_threads(finding, lede_index_part_count(index));
    LEDE_CLEANUP(lede_freep) struct group *groups = calloc(count, sizeof(*groups));
    if (!groups)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++)
        groups[i].finding = finding;
    enum lede_status status = deal_out(groups, count, index, reterr);
    if (status == LEDE_OK)
        status = find_all(groups, count, ret_found, reterr);
    for (size_t i = 0; i < count; i++) {
        lede_found_done(&groups[i].found);
        free(groups[i].parts);
    }
    return status;
}
