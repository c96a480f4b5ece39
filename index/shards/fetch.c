/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of a page: each shard is asked for those of its hits, by id. A hit that is gone by then
 * has the search begun anew, or in the end is left out. What collapsed hits stand for is asked of
 * all shards, by their values. */
#include "rounds.h"

#include "lede/stored.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)64 << 20)
#define COPIES_SHARE 0.6 /* of the time that is left */

/* ---- Texts ---- */

/* A hit that has no value stands for itself. */
static enum lede_status stand_for_itself(
    struct lede_hit *hit, const struct lede_stored *stored, struct lede_arena *arena)
{
    const struct lede_stored_field *field = lede_stored_texts(stored, LEDE_FIELD_SOURCE);
    struct lede_slice source = field && field->count > 0 ? field->texts[0] : (struct lede_slice){0};
    char *copy = lede_arena_copy(arena, source.text ? source.text : "", source.size);
    struct lede_facet_value *value = lede_arena_calloc(arena, 1, sizeof(*value));
    if (!copy || !value)
        return LEDE_ENOMEM;
    *value = (struct lede_facet_value){copy, 1};
    hit->collapse_count = 1;
    hit->collapse_sources = value;
    hit->collapse_source_count = source.size > 0;
    if (stored->published_utc_s == LEDE_TIME_NONE)
        return LEDE_OK;
    hit->collapse_first_id = hit->id;
    hit->collapse_first_source = copy;
    hit->collapse_first_utc_s = stored->published_utc_s;
    return LEDE_OK;
}

static enum lede_status take_text(
    struct lede_rounds *rounds, struct lede_hit *hit, struct lede_wire_reader *reader)
{
    LEDE_CLEANUP(lede_freep) struct lede_stored *stored = NULL;
    struct lede_arena *arena = &rounds->result.arena;
    size_t size = 0;
    const char *text = lede_wire_bytes(reader, TEXT_MAX, &size);
    enum lede_status st =
        reader->failed ? LEDE_ECORRUPT : lede_stored_read(text, size, &stored, NULL);
    if (st == LEDE_ENOMEM)
        return st;
    if (st != LEDE_OK || strcmp(stored->id, hit->id) != 0) {
        lede_wire_refuse(reader);
        return LEDE_OK;
    }
    char *copy = lede_arena_copy(arena, text, size);
    if (!copy)
        return LEDE_ENOMEM;
    hit->stored = copy;
    hit->stored_size = size;
    bool is_single = hit->collapse_key && !hit->collapse_key[0];
    return is_single ? stand_for_itself(hit, stored, arena) : LEDE_OK;
}

/* Of each of the shard's hits, in the page's order: is it there, and what. */
static enum lede_status take_texts(struct lede_rounds *rounds, size_t shard,
    struct lede_wire_reader *reader, struct lede_error *reterr)
{
    struct lede_search_result *result = &rounds->result;
    for (size_t i = 0; i < result->hit_count; i++) {
        struct lede_hit *hit = &result->hits[i];
        if (hit->docid == shard && lede_wire_bool(reader) &&
            take_text(rounds, hit, reader) != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    return lede_wire_end(reader, "documents", reterr);
}

/* Those of shards that are missing now, and those that are gone. */
static void drop_hits_without_text(struct lede_rounds *rounds)
{
    struct lede_search_result *result = &rounds->result;
    size_t kept = 0;
    for (size_t i = 0; i < result->hit_count; i++) {
        bool is_missing = rounds->seen->is_missing[result->hits[i].docid];
        if (result->hits[i].stored_size > 0 && !is_missing)
            result->hits[kept++] = result->hits[i];
        else if (!is_missing)
            rounds->has_moved = true;
    }
    result->hit_count = kept;
}

static void put_ids(struct lede_buffer *out, const struct lede_search_result *result, size_t shard)
{
    size_t count = 0;
    for (size_t i = 0; i < result->hit_count; i++)
        count += result->hits[i].docid == shard;
    if (count == 0)
        return;
    lede_share_put_question(out, LEDE_SHARE_TEXTS);
    lede_wire_put_number(out, count);
    for (size_t i = 0; i < result->hit_count; i++) {
        if (result->hits[i].docid == shard)
            lede_wire_put_text(out, result->hits[i].id);
    }
    lede_share_seal(out);
}

enum lede_status lede_rounds_fetch_texts(struct lede_rounds *rounds, struct lede_error *reterr)
{
    size_t shards = lede_shard_map_count(rounds->asker->map);
    LEDE_CLEANUP(lede_freep) struct lede_buffer *bodies = calloc(shards + 1, sizeof(*bodies));
    if (!bodies)
        return lede_fail_memory(reterr);
    for (size_t shard = 0; shard < shards; shard++)
        put_ids(&bodies[shard], &rounds->result, shard);
    enum lede_status st = lede_rounds_ask(
        rounds, LEDE_SHARE_TEXTS, bodies, true, lede_rounds_until(rounds, 1), take_texts, reterr);
    for (size_t shard = 0; shard < shards; shard++)
        lede_buffer_done(&bodies[shard]);
    drop_hits_without_text(rounds);
    return st;
}

/* ---- What hits stand for ---- */

static bool has_key(const struct lede_hit *hit)
{
    return hit->collapse_key && hit->collapse_key[0];
}

static enum lede_status take_copies(struct lede_rounds *rounds, size_t shard,
    struct lede_wire_reader *reader, struct lede_error *reterr)
{
    (void)shard;
    return lede_share_copies_add(rounds->copies, reader, reterr);
}

static enum lede_status write_copies(struct lede_rounds *rounds, struct lede_error *reterr)
{
    struct lede_search_result *result = &rounds->result;
    size_t key = 0;
    for (size_t i = 0; i < result->hit_count; i++) {
        if (!has_key(&result->hits[i]))
            continue;
        enum lede_status st = lede_share_copies_write(rounds->copies, key++,
            rounds->search->facet_values, &result->arena, &result->hits[i], reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

static enum lede_status fetch_copies(struct lede_rounds *rounds, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    uint64_t until_ns = lede_rounds_until(rounds, COPIES_SHARE);
    struct lede_search_result *result = &rounds->result;
    size_t count = 0;
    for (size_t i = 0; i < result->hit_count; i++)
        count += has_key(&result->hits[i]);
    if (count == 0)
        return LEDE_OK;
    enum lede_status st = lede_share_copies_new(count, &rounds->copies, reterr);
    if (st != LEDE_OK)
        return st;
    lede_share_put_question(&body, LEDE_SHARE_COPIES);
    lede_rounds_put_search(rounds->search, until_ns, &body);
    lede_wire_put_number(&body, count);
    for (size_t i = 0; i < result->hit_count; i++) {
        if (has_key(&result->hits[i]))
            lede_wire_put_text(&body, result->hits[i].collapse_key);
    }
    lede_share_seal(&body);
    st = lede_rounds_ask(rounds, LEDE_SHARE_COPIES, &body, false, until_ns, take_copies, reterr);
    return st == LEDE_OK ? write_copies(rounds, reterr) : st;
}

enum lede_status lede_rounds_fetch(struct lede_rounds *rounds, struct lede_error *reterr)
{
    enum lede_status st = fetch_copies(rounds, reterr);
    return st == LEDE_OK ? lede_rounds_fetch_texts(rounds, reterr) : st;
}
