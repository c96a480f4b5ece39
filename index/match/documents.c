/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "documents.h"

#include <stdlib.h>
#include <string.h>

#define DOCUMENT_KEY 'd' /* the namespace of documents in what is kept */

struct kept_document {
    struct lede_kept_item item;
    size_t id_size;
    size_t stored_size;
    char bytes[]; /* the id and the text, each with a NUL */
};

static void free_document(struct lede_kept_item *item)
{
    free(item);
}

static void write_key(uint32_t document, char ret_key[5])
{
    ret_key[0] = DOCUMENT_KEY;
    memcpy(ret_key + 1, &document, sizeof(document));
}

/* Without memory it is not kept. */
static void keep(struct lede_kept *kept, uint32_t document, const char *id, const char *stored,
    size_t stored_size)
{
    char key[5];
    size_t id_size = strlen(id);
    struct kept_document *copy = calloc(1, sizeof(*copy) + id_size + stored_size + 2);
    if (!copy)
        return;
    copy->item.bytes = sizeof(*copy) + id_size + stored_size + 2;
    copy->item.free_item = free_document;
    copy->id_size = id_size;
    copy->stored_size = stored_size;
    memcpy(copy->bytes, id, id_size);
    memcpy(copy->bytes + id_size + 1, stored, stored_size);
    write_key(document, key);
    lede_kept_let_go(lede_kept_add(kept, key, sizeof(key), &copy->item));
}

enum lede_status lede_document_read(struct lede_index *index, size_t part, uint32_t document,
    struct lede_arena *arena, const char **ret_id, const char **ret_stored, size_t *ret_stored_size,
    struct lede_error *reterr)
{
    char key[5];
    struct lede_kept *kept = lede_kept_of(index, part);
    if (!kept)
        return lede_fail_memory(reterr);
    write_key(document, key);
    struct lede_kept_item *item = lede_kept_find(kept, key, sizeof(key));
    if (!item) {
        enum lede_status st = lede_index_read_document(
            index, part, document, arena, ret_id, ret_stored, ret_stored_size, reterr);
        if (st == LEDE_OK)
            keep(kept, document, *ret_id, *ret_stored, *ret_stored_size);
        return st;
    }
    const struct kept_document *copy = (const struct kept_document *)item;
    *ret_id = lede_arena_copy(arena, copy->bytes, copy->id_size);
    *ret_stored = lede_arena_copy(arena, copy->bytes + copy->id_size + 1, copy->stored_size);
    *ret_stored_size = copy->stored_size;
    lede_kept_let_go(item);
    return *ret_id && *ret_stored ? LEDE_OK : lede_fail_memory(reterr);
}
