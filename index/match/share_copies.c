/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What collapsed hits stand for in all shares. */
#include "lede/shares.h"

#include "lede/time.h"
#include "tally.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX UINT16_MAX

struct copies {
    uint64_t count;
    struct lede_tally sources;
    const char *first_id; /* NULL: none names a date */
    const char *first_source;
    int64_t first_utc_s;
};

struct lede_share_copies {
    struct copies *of_keys;
    size_t key_count;
    struct lede_arena arena;
};

enum lede_status lede_share_copies_new(
    size_t key_count, struct lede_share_copies **ret_copies, struct lede_error *reterr)
{
    struct lede_share_copies *copies = calloc(1, sizeof(*copies));
    if (copies)
        copies->of_keys = calloc(key_count + 1, sizeof(*copies->of_keys));
    if (!copies || !copies->of_keys) {
        free(copies);
        return lede_fail_memory(reterr);
    }
    copies->key_count = key_count;
    *ret_copies = copies;
    return LEDE_OK;
}

void lede_share_copies_free(struct lede_share_copies *copies)
{
    if (!copies)
        return;
    for (size_t i = 0; i < copies->key_count; i++)
        lede_tally_done(&copies->of_keys[i].sources);
    free(copies->of_keys);
    lede_arena_done(&copies->arena);
    free(copies);
}

void lede_share_copies_freep(struct lede_share_copies **copies)
{
    lede_share_copies_free(*copies);
    *copies = NULL;
}

/* The first of all is the first of the shares' firsts. */
static void take_first(
    struct lede_share_copies *copies, struct copies *key, struct lede_wire_reader *reader)
{
    const char *id = lede_wire_text(reader, TEXT_MAX, &copies->arena, NULL);
    const char *source = lede_wire_text(reader, TEXT_MAX, &copies->arena, NULL);
    int64_t utc_s = lede_wire_signed(reader);
    if (!id || reader->failed)
        return;
    bool is_first = !key->first_id || utc_s < key->first_utc_s ||
                    (utc_s == key->first_utc_s && strcmp(id, key->first_id) < 0);
    if (!is_first)
        return;
    key->first_id = id;
    key->first_source = source ? source : "";
    key->first_utc_s = utc_s;
}

static enum lede_status take_key(
    struct lede_share_copies *copies, struct copies *key, struct lede_wire_reader *reader)
{
    key->count += lede_wire_number(reader, UINT32_MAX);
    size_t count = lede_wire_count(reader, LEDE_SHARE_VALUES_MAX, 3);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        size_t size = 0;
        const char *value = lede_wire_text(reader, TEXT_MAX, &copies->arena, &size);
        uint32_t number = (uint32_t)lede_wire_number(reader, UINT32_MAX);
        if (!value)
            lede_wire_refuse(reader);
        else if (number > 0 &&
                 lede_tally_add(&key->sources, value, (uint32_t)size, number, false) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    take_first(copies, key, reader);
    return LEDE_OK;
}

enum lede_status lede_share_copies_add(
    struct lede_share_copies *copies, struct lede_wire_reader *reader, struct lede_error *reterr)
{
    if (lede_wire_number(reader, UINT32_MAX) != copies->key_count)
        lede_wire_refuse(reader);
    for (size_t i = 0; i < copies->key_count && !reader->failed; i++) {
        if (take_key(copies, &copies->of_keys[i], reader) != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    return lede_wire_end(reader, "what hits stand for", reterr);
}

enum lede_status lede_share_copies_write(struct lede_share_copies *copies, size_t key,
    uint32_t sources_max, struct lede_arena *arena, struct lede_hit *hit, struct lede_error *reterr)
{
    struct copies *of_key = &copies->of_keys[key];
    hit->collapse_count = of_key->count > UINT32_MAX ? UINT32_MAX : (uint32_t)of_key->count;
    hit->collapse_count = hit->collapse_count > 0 ? hit->collapse_count : 1;
    if (lede_tally_write(&of_key->sources, sources_max, arena, &hit->collapse_sources,
            &hit->collapse_source_count) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (!of_key->first_id)
        return LEDE_OK;
    hit->collapse_first_utc_s = of_key->first_utc_s;
    hit->collapse_first_id = lede_arena_copy(arena, of_key->first_id, strlen(of_key->first_id));
    hit->collapse_first_source =
        lede_arena_copy(arena, of_key->first_source, strlen(of_key->first_source));
    return hit->collapse_first_id && hit->collapse_first_source ? LEDE_OK
                                                                : lede_fail_memory(reterr);
}
