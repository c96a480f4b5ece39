/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What its sources had in memory is read of a merged segment before anybody searches it. */
#include "column.h"
#include "kept.h"
#include "lengths.h"
#include "list.h"
#include "place_lists.h"

#include <stdlib.h>

static enum lede_status read_again(struct lede_index *index, size_t part,
    const struct lede_kept_item *item, struct lede_error *reterr)
{
    size_t size;
    const char *key = lede_kept_key(item, &size);
    struct lede_lengths *lengths = NULL;
    switch (key[0]) {
    case LEDE_KEPT_LIST:
        return lede_list_read_again(index, part, key, size, reterr);
    case LEDE_KEPT_PLACES:
        return lede_places_read_again(index, part, key, size, reterr);
    case LEDE_KEPT_TEXT_COLUMN:
    case LEDE_KEPT_NUMBER_COLUMN:
        return lede_column_read_again(index, part, key, size, reterr);
    case LEDE_KEPT_LENGTHS: {
        enum lede_status st = lede_lengths_get(index, part, &lengths, reterr);
        if (st == LEDE_OK)
            lede_kept_let_go(&lengths->item);
        return st;
    }
    default: /* a merged segment has other numbers of documents; moments are few */
        return LEDE_OK;
    }
}

/* Of one source, what was used last first, as long as it fits. */
static void carry_from(struct lede_index *index, size_t source, size_t part, size_t bytes_max,
    bool (*may_go_on)(void *context), void *context)
{
    LEDE_CLEANUP(lede_freep) struct lede_kept_item **items = NULL;
    struct lede_kept *kept = lede_kept_of(index, source);
    size_t count = 0;
    size_t bytes = 0;
    bool goes_on = true;
    if (!kept || lede_kept_hold(kept, &items, &count) != LEDE_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        bytes += items[i]->bytes;
        goes_on = goes_on && bytes <= bytes_max && may_go_on(context) &&
                  read_again(index, part, items[i], NULL) == LEDE_OK;
        lede_kept_let_go(items[i]);
    }
}

void lede_match_carry(struct lede_index *index, size_t part, size_t bytes_max,
    bool (*may_go_on)(void *context), void *context)
{
    size_t parts = lede_index_part_count(index);
    for (size_t i = 0; i < parts; i++) {
        if (i != part)
            carry_from(index, i, part, bytes_max / parts, may_go_on, context);
    }
}
