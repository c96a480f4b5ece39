/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lengths.h"

#include "matched.h"

#include <stdlib.h>
#include <string.h>

static const char KEY[] = {LEDE_KEPT_LENGTHS};

static void free_lengths(struct lede_kept_item *item)
{
    struct lede_lengths *lengths = (struct lede_lengths *)item;
    free(lengths->exists);
    free(lengths);
}

/* Holes are seldom, and an empty document has no length: so what is there is noted by itself. */
enum lede_status lede_lengths_get(struct lede_index *index, size_t part,
    struct lede_lengths **ret_lengths, struct lede_error *reterr)
{
    struct lede_kept *kept = lede_kept_of(index, part);
    if (!kept)
        return lede_fail_memory(reterr);
    *ret_lengths = (struct lede_lengths *)lede_kept_find(kept, KEY, sizeof(KEY));
    if (*ret_lengths)
        return LEDE_OK;
    size_t documents = (size_t)lede_index_part_at(index, part).last_document + 1;
    size_t words = documents / 64 + 1;
    struct lede_lengths *lengths = calloc(1, sizeof(*lengths) + documents * sizeof(uint32_t));
    if (!lengths)
        return lede_fail_memory(reterr);
    lengths->item.bytes = sizeof(*lengths) + documents * sizeof(uint32_t) + words * 8;
    lengths->item.nanoseconds = LEDE_READ_TERM_NS + documents * LEDE_READ_POSTING_NS;
    lengths->item.free_item = free_lengths;
    lengths->exists = calloc(words, sizeof(*lengths->exists));
    enum lede_status st = lengths->exists ? lede_index_read_lengths(index, part, lengths->lengths,
                                                lengths->exists, reterr)
                                          : lede_fail_memory(reterr);
    if (st != LEDE_OK) {
        free_lengths(&lengths->item);
        return st;
    }
    *ret_lengths = (struct lede_lengths *)lede_kept_add(kept, KEY, sizeof(KEY), &lengths->item);
    return *ret_lengths ? LEDE_OK : lede_fail_memory(reterr);
}
