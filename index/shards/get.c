/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document by its id. All shards are asked: nobody has to know which of them has it. */
#include "rounds.h"

#include "lede/encoding.h"

#include <stdlib.h>
#include <string.h>

/* A hit of each shard, which each shard has or has not. */
static enum lede_status ask_each(struct lede_rounds *rounds, const char *id, size_t size,
    size_t shards, struct lede_error *reterr)
{
    struct lede_search_result *result = &rounds->result;
    char *copy = lede_arena_copy(&result->arena, id, size);
    result->hits = lede_arena_calloc(&result->arena, shards + 1, sizeof(*result->hits));
    if (!copy || !result->hits)
        return lede_fail_memory(reterr);
    for (; result->hit_count < shards; result->hit_count++)
        result->hits[result->hit_count] =
            (struct lede_hit){.docid = (uint32_t)result->hit_count, .id = copy, .stored = ""};
    return lede_rounds_fetch_texts(rounds, reterr);
}

static enum lede_status give(const struct lede_rounds *rounds, const char *id, size_t size,
    struct lede_buffer *ret_stored, struct lede_error *reterr)
{
    const struct lede_shards_seen *seen = rounds->seen;
    if (rounds->result.hit_count > 0) {
        const struct lede_hit *hit = &rounds->result.hits[0];
        lede_buffer_append(ret_stored, hit->stored, hit->stored_size);
        return lede_buffer_status(ret_stored) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
    }
    if (seen->answered < seen->total)
        return lede_fail(reterr, LEDE_EBUSY, "%u of %u shards have answered: %s",
            (unsigned)seen->answered, (unsigned)seen->total, seen->why.message);
    return lede_fail(reterr, LEDE_ENOTFOUND, "no document '%.*s'", (int)size, id);
}

enum lede_status lede_shards_get(struct lede_shards_asker *asker, const char *id, size_t size,
    uint64_t deadline_monotonic_ns, struct lede_buffer *ret_stored, struct lede_error *reterr)
{
    struct lede_shards_seen seen = {0};
    if (!lede_utf8_is_valid(id, size) || memchr(id, '\0', size))
        return lede_fail(reterr, LEDE_ENOTFOUND, "no document has an id that is no text");
    lede_shards_asker_take_map(asker);
    size_t shards = lede_shard_map_count(asker->map);
    LEDE_CLEANUP(lede_freep)
    struct lede_round_states *states = calloc(shards + 1, sizeof(*states));
    if (!states)
        return lede_fail_memory(reterr);
    struct lede_rounds rounds = {
        .asker = asker, .seen = &seen, .states = states, .deadline_ns = deadline_monotonic_ns};
    seen.total = seen.answered = (uint32_t)shards;
    enum lede_status st = ask_each(&rounds, id, size, shards, reterr);
    if (st == LEDE_OK)
        st = give(&rounds, id, size, ret_stored, reterr);
    lede_search_result_done(&rounds.result);
    return st;
}
