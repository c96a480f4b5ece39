/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "place_lists.h"

#include "lede/buffer.h"

#include <stdlib.h>
#include <string.h>

/* ---- Keys ---- */

#define HEAD_BYTES 3

/* What it is, the kind, the field, and of words their stems, of which none holds a zero. */
static enum lede_status write_key(struct lede_buffer *key, enum lede_place_kind kind,
    enum lede_field_id field, const char *const *stems, size_t stem_count)
{
    char head[HEAD_BYTES] = {LEDE_KEPT_PLACES, (char)kind, (char)field};
    lede_buffer_append(key, head, sizeof(head));
    for (size_t i = 0; i < stem_count; i++)
        lede_buffer_append(key, stems[i], strlen(stems[i]) + 1);
    return lede_buffer_status(key);
}

/* ---- Ends of documents ---- */

struct ends_in_making {
    struct lede_place_ends *ends;
    uint32_t last_document;
    uint64_t last;
    size_t capacity;
    size_t chunk_capacity;
};

static void free_ends(struct lede_kept_item *item)
{
    struct lede_place_ends *ends = (struct lede_place_ends *)item;
    free(ends->ends);
    free(ends->chunks);
    free(ends);
}

static bool add_chunk(struct ends_in_making *making, uint32_t first_document)
{
    struct lede_place_ends *ends = making->ends;
    if (!LEDE_ARRAY_RESERVE(ends->chunks, making->chunk_capacity, ends->chunk_count + 2))
        return false;
    ends->chunks[ends->chunk_count++] = (struct lede_place_chunk){first_document, making->last};
    return true;
}

static enum lede_status add_ends(
    void *context, const uint64_t *places, size_t count, struct lede_error *reterr)
{
    struct ends_in_making *making = context;
    struct lede_place_ends *ends = making->ends;
    if (count > making->last_document - ends->documents)
        return lede_fail(reterr, LEDE_ECORRUPT, "there are places of documents behind the last");
    if (!LEDE_ARRAY_RESERVE(ends->ends, making->capacity, (size_t)making->last_document + 1))
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++) {
        uint32_t document = ends->documents + 1;
        const struct lede_place_chunk *chunk =
            ends->chunk_count > 0 ? &ends->chunks[ends->chunk_count - 1] : NULL;
        bool is_new =
            !chunk || document % LEDE_CHUNK_DOCUMENTS == 0 || places[i] - chunk->begin > UINT32_MAX;
        if (is_new && !add_chunk(making, document))
            return lede_fail_memory(reterr);
        uint64_t end = places[i] - ends->chunks[ends->chunk_count - 1].begin;
        if (end > UINT32_MAX)
            return lede_fail(reterr, LEDE_ECORRUPT, "document %u has too many words", document);
        uint64_t places_here = places[i] - making->last;
        if (places_here > ends->longest)
            ends->longest = places_here < UINT32_MAX ? (uint32_t)places_here : UINT32_MAX;
        ends->ends[document] = (uint32_t)end;
        ends->documents = document;
        making->last = places[i];
    }
    return LEDE_OK;
}

static enum lede_status read_ends(struct lede_index *index, size_t part, enum lede_field_id field,
    struct ends_in_making *making, struct lede_error *reterr)
{
    struct lede_place_ends *ends = making->ends;
    enum lede_status status = lede_index_read_places(
        index, part, LEDE_PLACES_ENDS, field, NULL, add_ends, making, reterr);
    if (status != LEDE_OK)
        return status;
    if (!add_chunk(making, ends->documents + 1))
        return lede_fail_memory(reterr);
    ends->chunk_count--;
    size_t entries = (size_t)ends->documents + 1;
    uint32_t *fitting = ends->ends ? realloc(ends->ends, entries * sizeof(*fitting)) : NULL;
    if (fitting)
        ends->ends = fitting;
    ends->item.nanoseconds = LEDE_READ_TERM_NS + entries * LEDE_READ_PLACE_NS;
    ends->item.bytes = sizeof(*ends) + entries * sizeof(*ends->ends) +
                       making->chunk_capacity * sizeof(*ends->chunks);
    return LEDE_OK;
}

/* Takes the item, whatever the status. */
static enum lede_status keep(struct lede_index *index, size_t part, const struct lede_buffer *key,
    struct lede_kept_item *item, struct lede_kept_item **ret_item, struct lede_error *reterr)
{
    struct lede_kept *kept = lede_kept_of(index, part);
    if (!kept) {
        item->free_item(item);
        return lede_fail_memory(reterr);
    }
    *ret_item = lede_kept_add(kept, key->data, key->size, item);
    return *ret_item ? LEDE_OK : lede_fail_memory(reterr);
}

/* NULL: it has to be made, or there is no memory. */
static struct lede_kept_item *find(
    struct lede_index *index, size_t part, const struct lede_buffer *key)
{
    struct lede_kept *kept = lede_kept_of(index, part);
    return kept ? lede_kept_find(kept, key->data, key->size) : NULL;
}

enum lede_status lede_place_ends_get(struct lede_index *index, size_t part,
    enum lede_field_id field, struct lede_place_ends **ret_ends, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer key = {0};
    if (write_key(&key, LEDE_PLACES_ENDS, field, NULL, 0) != LEDE_OK)
        return lede_fail_memory(reterr);
    struct lede_kept_item *item = find(index, part, &key);
    if (!item) {
        struct ends_in_making making = {.ends = calloc(1, sizeof(*making.ends)),
            .last_document = lede_index_part_at(index, part).last_document};
        if (!making.ends)
            return lede_fail_memory(reterr);
        making.ends->item.free_item = free_ends;
        enum lede_status status = read_ends(index, part, field, &making, reterr);
        if (status != LEDE_OK) {
            free_ends(&making.ends->item);
            return status;
        }
        status = keep(index, part, &key, &making.ends->item, &item, reterr);
        if (status != LEDE_OK)
            return status;
    }
    *ret_ends = (struct lede_place_ends *)item;
    return LEDE_OK;
}

/* ---- Lists ---- */

struct list_in_making {
    struct lede_place_list *list;
    const struct lede_place_ends *ends;
    size_t chunk;
    size_t capacity;
};

static void free_list(struct lede_kept_item *item)
{
    struct lede_place_list *list = (struct lede_place_list *)item;
    free(list->places);
    free(list->begins);
    free(list->bits);
    free(list->chunks);
    free(list);
}

/* One without places, or NULL. */
static struct lede_place_list *new_list(const struct lede_place_ends *ends)
{
    struct lede_place_list *list = calloc(1, sizeof(*list));
    if (!list)
        return NULL;
    list->item.free_item = free_list;
    list->begins = calloc(ends->chunk_count + 1, sizeof(*list->begins));
    if (list->begins)
        return list;
    free(list);
    return NULL;
}

/* All places are there. */
static void end_list(struct lede_place_list *list, const struct lede_place_ends *ends)
{
    uint32_t *fitting =
        list->count > 0 ? realloc(list->places, list->count * sizeof(*fitting)) : NULL;
    if (fitting)
        list->places = fitting;
    list->item.nanoseconds = LEDE_READ_TERM_NS + list->count * LEDE_READ_PLACE_NS;
    list->item.bytes = sizeof(*list) + list->count * sizeof(*list->places) +
                       (ends->chunk_count + 1) * sizeof(*list->begins);
}

static enum lede_status add_places(
    void *context, const uint64_t *places, size_t count, struct lede_error *reterr)
{
    struct list_in_making *making = context;
    struct lede_place_list *list = making->list;
    const struct lede_place_chunk *chunks = making->ends->chunks;
    if (places[count - 1] >= chunks[making->ends->chunk_count].begin)
        return lede_fail(reterr, LEDE_ECORRUPT, "a word stands behind the last document");
    if (!LEDE_ARRAY_RESERVE(list->places, making->capacity, list->count + count))
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++) {
        while (places[i] >= chunks[making->chunk + 1].begin)
            list->begins[++making->chunk] = list->count;
        list->places[list->count++] = (uint32_t)(places[i] - chunks[making->chunk].begin);
    }
    return LEDE_OK;
}

/* Read a list; owner: the caller. */
static enum lede_status read_list(struct lede_index *index, size_t part, enum lede_place_kind kind,
    enum lede_field_id field, const char *stem, const struct lede_place_ends *ends,
    struct lede_place_list **ret_list, struct lede_error *reterr)
{
    struct list_in_making making = {.list = new_list(ends), .ends = ends};
    if (!making.list)
        return lede_fail_memory(reterr);
    enum lede_status status =
        lede_index_read_places(index, part, kind, field, stem, add_places, &making, reterr);
    if (status != LEDE_OK) {
        free_list(&making.list->item);
        return status;
    }
    while (making.chunk < ends->chunk_count)
        making.list->begins[++making.chunk] = making.list->count;
    end_list(making.list, ends);
    *ret_list = making.list;
    return LEDE_OK;
}

enum lede_status lede_place_list_get(struct lede_index *index, size_t part,
    enum lede_place_kind kind, enum lede_field_id field, const char *stem,
    const struct lede_place_ends *ends, struct lede_place_list **ret_list,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer key = {0};
    if (write_key(&key, kind, field, &stem, stem ? 1 : 0) != LEDE_OK)
        return lede_fail_memory(reterr);
    struct lede_kept_item *item = find(index, part, &key);
    if (!item) {
        struct lede_place_list *list = NULL;
        enum lede_status status = read_list(index, part, kind, field, stem, ends, &list, reterr);
        if (status == LEDE_OK)
            status = keep(index, part, &key, &list->item, &item, reterr);
        if (status != LEDE_OK)
            return status;
    }
    *ret_list = (struct lede_place_list *)item;
    return LEDE_OK;
}

/* ---- Bits ---- */

/* Of a chunk, behind its last place: a phrase's words are asked for behind its first. */
#define WORDS_BEHIND (LEDE_QUERY_PHRASE_WORDS_MAX / 64 + 1)

/* Make bits of a list that is long enough. Returns false without memory. */
static bool make_bits(struct lede_place_list *list, const struct lede_place_ends *ends)
{
    uint64_t all = ends->chunks[ends->chunk_count].begin;
    if (list->count < all / LEDE_PLACES_A_BIT + 1)
        return true;
    list->chunks = calloc(ends->chunk_count + 1, sizeof(*list->chunks));
    for (size_t i = 0; list->chunks && i < ends->chunk_count; i++) {
        uint64_t places = ends->chunks[i + 1].begin - ends->chunks[i].begin;
        list->chunks[i + 1] = list->chunks[i] + (size_t)(places / 64) + 1 + WORDS_BEHIND;
    }
    size_t words = list->chunks ? list->chunks[ends->chunk_count] : 0;
    list->bits = words > 0 ? calloc(words, sizeof(*list->bits)) : NULL;
    if (!list->bits)
        return false;
    for (size_t chunk = 0, i = 0; chunk < ends->chunk_count; chunk++) {
        uint64_t *bits = list->bits + list->chunks[chunk];
        for (; i < list->begins[chunk + 1]; i++)
            bits[list->places[i] / 64] |= UINT64_C(1) << (list->places[i] % 64);
    }
    list->item.bytes += words * sizeof(*list->bits) +
                        (ends->chunk_count + 1) * sizeof(*list->chunks) -
                        list->count * sizeof(*list->places);
    free(list->places);
    list->places = NULL;
    return true;
}

/* ---- Several stems ---- */

/* The places of two lists; each once. NULL: no memory. */
static struct lede_place_list *unite(const struct lede_place_list *a,
    const struct lede_place_list *b, const struct lede_place_ends *ends)
{
    struct lede_place_list *both = new_list(ends);
    if (!both)
        return NULL;
    both->places = malloc((a->count + b->count) * sizeof(*both->places));
    if (!both->places) {
        free_list(&both->item);
        return NULL;
    }
    for (size_t chunk = 0, i = 0, k = 0; chunk < ends->chunk_count; chunk++) {
        while (i < a->begins[chunk + 1] || k < b->begins[chunk + 1]) {
            bool has_a = i < a->begins[chunk + 1], has_b = k < b->begins[chunk + 1];
            bool takes_a = has_a && (!has_b || a->places[i] <= b->places[k]);
            bool takes_b = has_b && (!has_a || b->places[k] <= a->places[i]);
            both->places[both->count++] = takes_a ? a->places[i] : b->places[k];
            i += takes_a;
            k += takes_b;
        }
        both->begins[chunk + 1] = both->count;
    }
    end_list(both, ends);
    return both;
}

/* Read where any of a word's stems stands; owner: the caller. Few of them stand in a field: a
 * document has the stem of its own language. */
static enum lede_status read_stems(struct lede_index *index, size_t part, enum lede_field_id field,
    const struct lede_query_word *word, const struct lede_place_ends *ends,
    struct lede_place_list **ret_list, struct lede_error *reterr)
{
    struct lede_place_list *all = new_list(ends);
    enum lede_status status = all ? LEDE_OK : lede_fail_memory(reterr);
    if (all)
        end_list(all, ends);
    for (size_t i = 0; status == LEDE_OK && i < word->stem_count; i++) {
        struct lede_place_list *list = NULL, *before = all;
        status =
            read_list(index, part, LEDE_PLACES_OF_WORD, field, word->stems[i], ends, &list, reterr);
        if (status != LEDE_OK)
            break;
        if (list->count > 0)
            all = before->count == 0 ? list : unite(before, list, ends);
        if (!all)
            status = lede_fail_memory(reterr);
        if (all != before)
            free_list(&before->item);
        if (all != list)
            free_list(&list->item);
    }
    if (status == LEDE_OK)
        *ret_list = all;
    else if (all)
        free_list(&all->item);
    return status;
}

/* What is made of several lists is kept by the name of all stems, and they are not. */
enum lede_status lede_place_list_of_word(struct lede_index *index, size_t part,
    enum lede_field_id field, const struct lede_query_word *word,
    const struct lede_place_ends *ends, struct lede_place_list **ret_list,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer key = {0};
    if (write_key(&key, LEDE_PLACES_OF_WORD, field, word->stems, word->stem_count) != LEDE_OK)
        return lede_fail_memory(reterr);
    struct lede_kept_item *item = find(index, part, &key);
    if (!item) {
        struct lede_place_list *list = NULL;
        enum lede_status status = read_stems(index, part, field, word, ends, &list, reterr);
        if (status == LEDE_OK && !make_bits(list, ends)) {
            free_list(&list->item);
            status = lede_fail_memory(reterr);
        }
        if (status == LEDE_OK)
            status = keep(index, part, &key, &list->item, &item, reterr);
        if (status != LEDE_OK)
            return status;
    }
    *ret_list = (struct lede_place_list *)item;
    return LEDE_OK;
}

enum lede_status lede_places_read_again(
    struct lede_index *index, size_t part, const char *key, size_t size, struct lede_error *reterr)
{
    enum lede_place_kind kind = (enum lede_place_kind)key[1];
    enum lede_field_id field = (enum lede_field_id)key[2];
    struct lede_query_word word = {0};
    struct lede_place_ends *ends = NULL;
    struct lede_place_list *list = NULL;
    enum lede_status status = lede_place_ends_get(index, part, field, &ends, reterr);
    if (status != LEDE_OK)
        return status;
    LEDE_CLEANUP(lede_freep) const char **stems = calloc(size, sizeof(*stems));
    for (const char *at = key + HEAD_BYTES; stems && at < key + size; at += strlen(at) + 1)
        stems[word.stem_count++] = at;
    word.stems = stems;
    if (!stems)
        status = lede_fail_memory(reterr);
    else if (word.stem_count > 0)
        status = lede_place_list_of_word(index, part, field, &word, ends, &list, reterr);
    else if (kind != LEDE_PLACES_ENDS)
        status = lede_place_list_get(index, part, kind, field, NULL, ends, &list, reterr);
    lede_kept_let_go(list ? &list->item : NULL);
    lede_kept_let_go(&ends->item);
    return status;
}
