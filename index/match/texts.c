/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hit gets a copy: two kilobytes cost less than who holds them would have to remember. */
#include "texts.h"

#include "kept.h"
#include "matched.h"

#include <stdlib.h>
#include <string.h>

struct kept_text {
    struct lede_kept_item item; /* first */
    size_t id_size;
    size_t stored_size;
    char bytes[]; /* the id, its NUL, the text */
};

static void free_text(struct lede_kept_item *item)
{
    free(item);
}

static enum lede_status copy_text(const struct kept_text *text, struct lede_arena *arena,
    struct lede_hit *hit, struct lede_error *reterr)
{
    char *bytes = lede_arena_copy(arena, text->bytes, text->id_size + 1 + text->stored_size);
    if (!bytes)
        return lede_fail_memory(reterr);
    hit->id = bytes;
    hit->stored = bytes + text->id_size + 1;
    hit->stored_size = text->stored_size;
    return LEDE_OK;
}

/* Where there is no memory, it is read again the next time. */
static void keep_text(
    struct lede_kept *kept, const char *key, size_t key_size, const struct lede_hit *hit)
{
    size_t id_size = strlen(hit->id);
    size_t bytes = sizeof(struct kept_text) + id_size + 1 + hit->stored_size;
    struct kept_text *text = calloc(1, bytes);
    if (!text)
        return;
    *text = (struct kept_text){
        .item = {.bytes = bytes, .nanoseconds = LEDE_READ_TEXT_NS, .free_item = free_text},
        .id_size = id_size,
        .stored_size = hit->stored_size};
    memcpy(text->bytes, hit->id, id_size + 1);
    memcpy(text->bytes + id_size + 1, hit->stored, hit->stored_size);
    lede_kept_let_go(lede_kept_add(kept, key, key_size, &text->item));
}

enum lede_status lede_text_read(struct lede_index *index, size_t part, uint32_t document,
    struct lede_arena *arena, struct lede_hit *hit, struct lede_error *reterr)
{
    char key[1 + sizeof(document)] = {LEDE_KEPT_TEXT};
    memcpy(key + 1, &document, sizeof(document));
    struct lede_kept *kept = lede_kept_of(index, part);
    struct lede_kept_item *item = kept ? lede_kept_find(kept, key, sizeof(key)) : NULL;
    if (item) {
        enum lede_status st = copy_text((const struct kept_text *)item, arena, hit, reterr);
        lede_kept_let_go(item);
        return st;
    }
    enum lede_status st = lede_index_read_document(
        index, part, document, arena, &hit->id, &hit->stored, &hit->stored_size, reterr);
    if (st == LEDE_OK && kept)
        keep_text(kept, key, sizeof(key), hit);
    return st;
}

enum lede_status lede_index_read_hit(struct lede_index *index, uint32_t docid,
    struct lede_arena *arena, struct lede_hit *ret_hit, struct lede_error *reterr)
{
    size_t parts = lede_index_part_count(index);
    *ret_hit = (struct lede_hit){.docid = docid};
    return lede_index_read_document(index, lede_docid_part(parts, docid),
        lede_docid_document(parts, docid), arena, &ret_hit->id, &ret_hit->stored,
        &ret_hit->stored_size, reterr);
}
