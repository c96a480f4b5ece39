/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What etcd answers, or who stands in its place. */
#include "promise.h"

#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "lede/encoding.h"
#include "refusals.h"

static void check_status(enum lede_status st, const struct lede_error *error)
{
    PROMISE(st == LEDE_OK || st == LEDE_ECORRUPT);
    if (st != LEDE_OK)
        promise_refusal(error, st, SIZE_MAX);
}

static void check_pair(const struct lede_etcd_pair *pair, size_t text_size)
{
    PROMISE(pair->key && pair->value);
    PROMISE(pair->key_size < text_size && pair->value_size < text_size);
    PROMISE(pair->key[pair->key_size] == '\0' && pair->value[pair->value_size] == '\0');
    PROMISE(pair->create_revision >= 0 && pair->mod_revision >= 0 && pair->version >= 0);
}

static void check_pairs(const struct lede_etcd_pairs *pairs, size_t text_size)
{
    PROMISE(pairs->total >= 0);
    for (size_t i = 0; i < pairs->count; i++)
        check_pair(&pairs->items[i], text_size);
}

static void check_txn(const char *text, size_t size)
{
    const struct lede_etcd_operation then[] = {
        {.kind = LEDE_ETCD_PUT}, {.kind = LEDE_ETCD_RANGE}, {.kind = LEDE_ETCD_DELETE}};
    const struct lede_etcd_txn txn = {
        .then = then, .then_count = 3, .otherwise = then, .otherwise_count = 2};
    LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
    struct lede_error error = {0};
    enum lede_status st = lede_etcd_read_txn(text, size, &txn, &result, &error);
    check_status(st, &error);
    if (st != LEDE_OK)
        return;
    PROMISE(result.revision > 0 && result.count == (result.succeeded ? 3 : 2));
    check_pairs(&result.responses[1].pairs, size);
    PROMISE(result.responses[0].pairs.count == 0);
}

static void check_range(const char *text, size_t size)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct lede_etcd_pairs pairs = {0};
    struct lede_error error = {0};
    int64_t revision = 0;
    enum lede_status st = lede_etcd_read_range(text, size, &arena, &pairs, &revision, &error);
    check_status(st, &error);
    if (st != LEDE_OK)
        return;
    PROMISE(revision > 0);
    check_pairs(&pairs, size);
}

static void check_lease(const char *text, size_t size)
{
    struct lede_error error = {0};
    int64_t id = 0, ttl_s = 0;
    enum lede_status st = lede_etcd_read_lease(text, size, &id, &ttl_s, &error);
    check_status(st, &error);
    PROMISE(st != LEDE_OK || (id != 0 && ttl_s >= 0 && ttl_s <= INT32_MAX));
}

static void check_line(const char *text, size_t size)
{
    LEDE_CLEANUP(lede_etcd_line_done) struct lede_etcd_line line = {0};
    struct lede_error error = {0};
    enum lede_status st = lede_etcd_read_line(text, size, &line, &error);
    check_status(st, &error);
    if (st != LEDE_OK)
        return;
    PROMISE(line.revision >= 0 && line.compact_revision >= 0);
    for (size_t i = 0; i < line.count; i++) {
        const struct lede_etcd_event *event = &line.events[i];
        check_pair(&event->pair, size);
        PROMISE(event->kind == LEDE_ETCD_EVENT_PUT || event->kind == LEDE_ETCD_EVENT_DELETE);
        PROMISE(event->revision > 0 && event->revision == event->pair.mod_revision);
        PROMISE(i == 0 || event->revision >= event[-1].revision);
    }
}

static void check_refusal(const char *text, size_t size)
{
    struct lede_etcd_refusal refusal = {0};
    struct lede_error error = {0};
    if (!lede_etcd_read_refusal(text, size, &refusal))
        return;
    PROMISE(lede_utf8_is_valid(refusal.message, strlen(refusal.message)));
    PROMISE(refusal.code != 0);
    promise_refusal(&error, lede_etcd_judge(&refusal, &error), SIZE_MAX);
}

/* Nothing is read but what is written, byte by byte. */
static void check_base64(const char *text, size_t size)
{
    LEDE_CLEANUP(lede_freep) char *bytes = malloc(lede_base64_room(size) + 1);
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer again = {0};
    size_t bytes_size = 0;
    PROMISE(bytes);
    if (!lede_base64_read(text, size, bytes, &bytes_size))
        return;
    PROMISE(bytes_size <= lede_base64_room(size));
    lede_base64_append(&again, bytes, bytes_size);
    PROMISE(again.size == size && (size == 0 || memcmp(again.data, text, size) == 0));
}

void promise_of_etcd(const uint8_t *data, size_t size)
{
    static void (*const checks[])(const char *, size_t) = {
        check_txn, check_range, check_lease, check_line, check_refusal, check_base64};
    struct promise_input input = {data, size};
    uint8_t which = promise_take_byte(&input);
    LEDE_CLEANUP(lede_freep) char *text = promise_copy(input.data, input.size);
    checks[which % LEDE_COUNT_OF(checks)](text, input.size);
}
