/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statistics.h"

#include "lede/shares.h"

#include <stdlib.h>

#define NAME_MAX ((size_t)1 << 20) /* a list's has all its terms */
#define COUNTS_MAX 1000000
#define DOCUMENTS_MAX (UINT64_C(1) << 48)

void lede_statistics_encode(const struct lede_statistics *statistics, struct lede_buffer *out)
{
    lede_wire_put_double(out, statistics->all_documents);
    lede_wire_put_double(out, statistics->total_length);
    lede_wire_put_double(out, statistics->documents);
    lede_wire_put_number(out, statistics->count);
    for (size_t i = 0; i < statistics->count; i++) {
        const struct lede_named_count *count = &statistics->counts[i];
        lede_wire_put_bytes(out, count->name, count->size);
        lede_wire_put_number(out, count->documents);
    }
}

static void take_all(struct lede_wire_reader *reader, struct lede_statistics *some)
{
    some->all_documents = lede_wire_double(reader);
    some->total_length = lede_wire_double(reader);
    some->documents = lede_wire_double(reader);
    some->count = lede_wire_count(reader, COUNTS_MAX, 2);
    some->counts = lede_wire_array(reader, some->count, sizeof(*some->counts), &some->arena);
    for (size_t i = 0; some->counts && i < some->count; i++) {
        some->counts[i].name = lede_wire_bytes(reader, NAME_MAX, &some->counts[i].size);
        some->counts[i].documents = lede_wire_number(reader, DOCUMENTS_MAX);
    }
    if (some->all_documents < 0 || some->total_length < 0 || some->documents < 0)
        lede_wire_refuse(reader);
}

enum lede_status lede_statistics_decode(
    struct lede_wire_reader *reader, struct lede_statistics **statistics, struct lede_error *reterr)
{
    struct lede_statistics some = {0};
    LEDE_CLEANUP(lede_statistics_freep) struct lede_statistics *made = NULL;
    take_all(reader, &some);
    enum lede_status st = lede_wire_status(reader, "statistics", reterr);
    if (st == LEDE_OK && !*statistics && !(made = calloc(1, sizeof(*made))))
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK && lede_statistics_add(made ? made : *statistics, &some) != LEDE_OK)
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK && made)
        *statistics = LEDE_TAKE(&made);
    lede_arena_done(&some.arena);
    return st;
}
