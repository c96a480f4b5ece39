/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rounds.h"

#include <stdlib.h>
#include <string.h>

enum lede_status lede_shards_asker_new(
    struct lede_shards *shards, struct lede_shards_asker **ret_asker, struct lede_error *reterr)
{
    struct lede_shards_asker *asker = calloc(1, sizeof(*asker));
    if (!asker)
        return lede_fail_memory(reterr);
    asker->shards = shards;
    enum lede_status st = lede_shards_line_new(&shards->wire, &asker->line, reterr);
    if (st != LEDE_OK) {
        free(asker);
        return st;
    }
    *ret_asker = asker;
    return LEDE_OK;
}

void lede_shards_asker_free(struct lede_shards_asker *asker)
{
    if (!asker)
        return;
    lede_shards_line_free(asker->line);
    lede_shard_map_unref(asker->map);
    free(asker);
}

void lede_shards_asker_take_map(struct lede_shards_asker *asker)
{
    struct lede_shard_map *map = lede_shards_map(asker->shards);
    if (map != asker->map)
        memset(asker->copies, 0, sizeof(asker->copies));
    lede_shard_map_unref(asker->map);
    asker->map = map;
}

const char *lede_shards_asker_name(const struct lede_shards_asker *asker, size_t shard)
{
    return lede_shard_map_address(asker->map, shard, 0);
}

static enum lede_status take_look(struct lede_rounds *rounds, size_t shard,
    struct lede_wire_reader *reader, struct lede_error *reterr)
{
    rounds->languages |= rounds->states[shard].now.languages;
    return lede_wire_end(reader, "a look", reterr);
}

enum lede_status lede_shards_look(struct lede_shards_asker *asker, bool anew,
    uint64_t deadline_monotonic_ns, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    struct lede_shards_seen seen = {0};
    if (!anew && lede_shards_knows_languages(asker->shards))
        return LEDE_OK;
    lede_shards_asker_take_map(asker);
    size_t shards = lede_shard_map_count(asker->map);
    LEDE_CLEANUP(lede_freep)
    struct lede_round_states *states = calloc(shards + 1, sizeof(*states));
    if (!states)
        return lede_fail_memory(reterr);
    seen.total = seen.answered = (uint32_t)shards;
    struct lede_rounds rounds = {.asker = asker, .seen = &seen, .states = states};
    lede_share_put_question(&body, LEDE_SHARE_LOOK);
    lede_share_seal(&body);
    enum lede_status st = lede_rounds_ask(
        &rounds, LEDE_SHARE_LOOK, &body, false, deadline_monotonic_ns, take_look, reterr);
    if (st == LEDE_OK && seen.answered == 0)
        st = lede_rounds_fail_silent(&seen, reterr);
    /* those that are missing may have more */
    if (seen.answered < seen.total)
        rounds.languages |= lede_shards_languages(asker->shards);
    if (st == LEDE_OK)
        (void)lede_shards_note_languages(asker->shards, rounds.languages, 0);
    return st;
}
