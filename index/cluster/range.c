/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages are cut by keys, which may be small or large: one that is larger than an answer may be is
 * asked for again with fewer of them. */
#include "answers.h"
#include "client.h"
#include "requests.h"

#define PAGE_PAIRS 256

/* A range that is being read. */
struct reading {
    struct lede_etcd *client;
    const struct lede_etcd_range *range;
    int64_t revision; /* 0: the first page will tell */
    uint32_t page;
    struct lede_buffer from; /* the first key of the next page; empty: the range's own */
    struct lede_buffer body;
    struct lede_arena arena; /* of the page */
};

static void reading_done(struct reading *reading)
{
    lede_buffer_done(&reading->from);
    lede_buffer_done(&reading->body);
    lede_arena_done(&reading->arena);
}

static enum lede_status ask_page(
    struct reading *reading, struct lede_etcd_pairs *ret_pairs, struct lede_error *reterr)
{
    struct lede_etcd_channel *channel = NULL;
    struct lede_etcd_answer answer = {0};
    int64_t now = 0;
    lede_buffer_clear(&reading->body);
    lede_arena_reset(&reading->arena);
    lede_etcd_write_range(
        &reading->body, reading->range, &reading->from, reading->revision, reading->page);
    enum lede_status st = lede_etcd_call(reading->client, "/v3/kv/range", &reading->body,
        LEDE_ETCD_READS, &channel, &answer, reterr);
    if (st != LEDE_OK)
        return st;
    st = lede_etcd_read_range(answer.text, answer.size, &reading->arena, ret_pairs, &now, reterr);
    lede_etcd_give_back(reading->client, channel);
    if (st == LEDE_OK && reading->revision == 0)
        reading->revision = now;
    return st;
}

static enum lede_status next_page(
    struct reading *reading, struct lede_etcd_pairs *ret_pairs, struct lede_error *reterr)
{
    enum lede_status st = ask_page(reading, ret_pairs, reterr);
    while (st == LEDE_ELIMIT && reading->page > 1) {
        reading->page /= 2;
        st = ask_page(reading, ret_pairs, reterr);
    }
    return st;
}

/* The next page begins with the smallest key behind the last one of this. */
static enum lede_status go_behind(
    struct reading *reading, const struct lede_etcd_pairs *pairs, struct lede_error *reterr)
{
    const struct lede_etcd_pair *last = &pairs->items[pairs->count - 1];
    lede_buffer_clear(&reading->from);
    lede_buffer_append(&reading->from, last->key, last->key_size);
    lede_buffer_append_char(&reading->from, '\0');
    return lede_buffer_status(&reading->from) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

enum lede_status lede_etcd_read(struct lede_etcd *client, const struct lede_etcd_range *range,
    lede_etcd_pair_function take, void *context, int64_t *ret_revision, struct lede_error *reterr)
{
    LEDE_CLEANUP(reading_done)
    struct reading reading = {.client = client,
        .range = range,
        .revision = range->revision,
        .page = range->page ? range->page : PAGE_PAIRS};
    bool goes_on = true;
    while (goes_on) {
        struct lede_etcd_pairs pairs = {0};
        enum lede_status st = next_page(&reading, &pairs, reterr);
        for (size_t i = 0; i < pairs.count && st == LEDE_OK; i++)
            st = take(context, &pairs.items[i], reterr);
        goes_on = pairs.has_more && pairs.count > 0 && range->is_prefix;
        if (st == LEDE_OK && goes_on)
            st = go_behind(&reading, &pairs, reterr);
        if (st != LEDE_OK)
            return st;
    }
    if (ret_revision)
        *ret_revision = reading.revision;
    return LEDE_OK;
}

enum lede_status lede_etcd_compact(
    struct lede_etcd *client, int64_t revision, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    struct lede_etcd_channel *channel = NULL;
    struct lede_etcd_answer answer = {0};
    lede_etcd_write_compaction(&body, revision);
    enum lede_status st = lede_etcd_call(
        client, "/v3/kv/compaction", &body, LEDE_ETCD_READS, &channel, &answer, reterr);
    if (st == LEDE_OK)
        lede_etcd_give_back(client, channel);
    return st == LEDE_ENOTFOUND ? LEDE_OK : st; /* somebody else has done it */
}
