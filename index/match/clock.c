/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the clock changes next what may be shown. A segment's moments are read once, and kept
 * sorted. Deleted documents are among them: they make a change come early, never late. */
#include "kept.h"

#include "lede/buffer.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>

static const char KEY[] = {LEDE_KEPT_MOMENTS};

struct moments {
    struct lede_kept_item item; /* first */
    int64_t *utc_s;             /* ascending */
    size_t count;
    size_t capacity;
    enum lede_status status; /* of reading */
};

static void free_moments(struct lede_kept_item *item)
{
    struct moments *moments = (struct moments *)item;
    free(moments->utc_s);
    free(moments);
}

static bool add_moment(void *context, uint32_t document, const char *bytes, size_t size)
{
    struct moments *moments = context;
    unsigned char moment[5];
    (void)document;
    if (size != sizeof(moment))
        moments->status = LEDE_ECORRUPT;
    else if (!LEDE_ARRAY_RESERVE(moments->utc_s, moments->capacity, moments->count + 1))
        moments->status = LEDE_ENOMEM;
    if (moments->status != LEDE_OK)
        return false;
    memcpy(moment, bytes, sizeof(moment));
    moments->utc_s[moments->count++] = lede_schema_decode_time(moment);
    return true;
}

static int compare_moments(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static enum lede_status read_moments(
    struct lede_index *index, size_t part, struct moments *moments, struct lede_error *reterr)
{
    static const uint32_t slots[] = {LEDE_SLOT_EMBARGOED_UNTIL, LEDE_SLOT_EXPIRES};
    for (size_t i = 0; i < LEDE_COUNT_OF(slots); i++) {
        enum lede_status st =
            lede_index_read_values(index, part, slots[i], NULL, 0, add_moment, moments, reterr);
        if (st != LEDE_OK)
            return st;
    }
    if (moments->status == LEDE_ECORRUPT)
        return lede_fail(reterr, LEDE_ECORRUPT, "a moment has another size");
    if (moments->status != LEDE_OK)
        return lede_fail_memory(reterr);
    if (moments->count > 1)
        qsort(moments->utc_s, moments->count, sizeof(*moments->utc_s), compare_moments);
    moments->item.bytes = sizeof(*moments) + moments->capacity * sizeof(*moments->utc_s);
    moments->item.nanoseconds = LEDE_READ_TERM_NS + moments->count * LEDE_READ_VALUE_NS;
    return LEDE_OK;
}

/* Find or read them, and hold them. */
static enum lede_status get_moments(
    struct lede_index *index, size_t part, struct moments **ret_moments, struct lede_error *reterr)
{
    struct lede_kept *kept = lede_kept_of(index, part);
    *ret_moments = kept ? (struct moments *)lede_kept_find(kept, KEY, sizeof(KEY)) : NULL;
    if (*ret_moments)
        return LEDE_OK;
    struct moments *moments = kept ? calloc(1, sizeof(*moments)) : NULL;
    if (!moments)
        return lede_fail_memory(reterr);
    moments->item.free_item = free_moments;
    enum lede_status st = read_moments(index, part, moments, reterr);
    if (st != LEDE_OK) {
        free_moments(&moments->item);
        return st;
    }
    *ret_moments = (struct moments *)lede_kept_add(kept, KEY, sizeof(KEY), &moments->item);
    return *ret_moments ? LEDE_OK : lede_fail_memory(reterr);
}

/* The first moment after now; `none` if there is none. */
static int64_t first_after(const struct moments *moments, int64_t now_utc_s, int64_t none)
{
    size_t low = 0, count = moments->count;
    while (count > 0) {
        size_t half = count / 2;
        if (moments->utc_s[low + half] <= now_utc_s) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low < moments->count ? moments->utc_s[low] : none;
}

enum lede_status lede_index_next_change(
    struct lede_index *index, int64_t now_utc_s, int64_t *ret_utc_s, struct lede_error *reterr)
{
    int64_t next = LEDE_TIME_MAX_UTC_S + 1;
    for (size_t part = 0; part < lede_index_part_count(index); part++) {
        struct moments *moments = NULL;
        enum lede_status st = get_moments(index, part, &moments, reterr);
        if (st != LEDE_OK)
            return st;
        int64_t of_part = first_after(moments, now_utc_s, next);
        next = of_part < next ? of_part : next;
        lede_kept_let_go(&moments->item);
    }
    *ret_utc_s = next;
    return LEDE_OK;
}
