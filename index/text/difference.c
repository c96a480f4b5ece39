/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts become units, equal ones known by a hash and their bytes. What both begin and end with is
 * passed over; between, the furthest points that d edits reach are found for d = 0, 1, 2 …, and
 * kept, so that the way back is read from them. */
#include "lede/difference.h"

#include "chars.h"
#include "lede/number.h"

#include <stdlib.h>
#include <string.h>

#define ISLAND_UNITS                                                                               \
    2 /* what stays the same between changes is read as changed, if it is so short */

struct unit {
    uint64_t hash;
    uint32_t start;
    uint32_t size;
    uint32_t behind; /* where the next one starts, or the text ends */
    bool is_changed;
};

struct side {
    const char *text;
    size_t size;
    struct unit *units;
    size_t count, capacity;
};

/* ---- Units ---- */

/* A point, a comma or a colon between two digits: 10.5, 20,000, 9:30. */
static bool parts_digits(const char *text, size_t size, size_t start)
{
    char c = text[start];
    return (c == '.' || c == ',' || c == ':') && start > 0 && start + 1 < size &&
           char_is_ascii_digit(text[start - 1]) && char_is_ascii_digit(text[start + 1]);
}

/* Of words: letters and digits of scripts with spaces belong together, all else stands alone. */
static size_t word_size(const char *text, size_t size, size_t start)
{
    struct text_char first = char_at(text, size, start);
    size_t end = start + first.size;
    bool is_word =
        (first.kind == CHAR_LETTER || first.kind == CHAR_DIGIT) && first.script == SCRIPT_SPACED;
    for (;;) {
        struct text_char next = char_at(text, size, end);
        bool is_inside = next.kind == CHAR_LETTER || next.kind == CHAR_DIGIT ||
                         next.kind == CHAR_APOSTROPHE ||
                         (next.kind != CHAR_END && parts_digits(text, size, end));
        bool goes_on = next.kind == CHAR_MARK || next.kind == CHAR_IGNORABLE ||
                       (is_word && is_inside && next.script == SCRIPT_SPACED);
        if (!goes_on)
            return end - start;
        end += next.size;
    }
}

static size_t space_size(const char *text, size_t size, size_t start)
{
    size_t end = start;
    for (;;) {
        struct text_char next = char_at(text, size, end);
        if (next.kind != CHAR_SPACE)
            return end - start;
        end += next.size;
    }
}

/* A line, without the white space at its end. */
static size_t line_size(const char *text, size_t size, size_t start)
{
    const char *end = memchr(text + start, '\n', size - start);
    size_t length = end ? (size_t)(end - text) - start : size - start;
    while (length > 1 && strchr(" \t\r", text[start + length - 1]))
        length--;
    return length;
}

static size_t unit_size(enum lede_difference_unit unit, const struct side *side, size_t start)
{
    if (unit == LEDE_DIFFERENCE_WORDS)
        return word_size(side->text, side->size, start);
    if (unit == LEDE_DIFFERENCE_PARAGRAPHS)
        return line_size(side->text, side->size, start);
    return side->size - start;
}

/* ret_fits  false: there are too many */
static enum lede_status split(struct side *side, enum lede_difference_unit unit,
    struct lede_arena *arena, bool *ret_fits, struct lede_error *reterr)
{
    side->count = 0;
    *ret_fits = true;
    for (size_t at = space_size(side->text, side->size, 0); at < side->size;) {
        size_t size = unit_size(unit, side, at);
        size_t behind = at + size + space_size(side->text, side->size, at + size);
        *ret_fits = side->count < LEDE_DIFFERENCE_UNITS_MAX;
        if (!*ret_fits)
            return LEDE_OK;
        if (!LEDE_ARENA_RESERVE(arena, side->units, side->capacity, side->count + 1))
            return lede_fail_memory(reterr);
        side->units[side->count++] = (struct unit){.hash = lede_hash64(side->text + at, size),
            .start = (uint32_t)at,
            .size = (uint32_t)size,
            .behind = (uint32_t)behind};
        at = behind;
    }
    return LEDE_OK;
}

/* ---- The shortest script ---- */

struct comparison {
    struct side older, newer; /* what is between their common beginning and end */
    int32_t
        *reached; /* row d, from d * d on: how far d edits come on each diagonal, from -d to d */
};

static bool is_same(const struct comparison *comparison, size_t older, size_t newer)
{
    const struct unit *a = &comparison->older.units[older], *b = &comparison->newer.units[newer];
    return a->hash == b->hash && a->size == b->size &&
           memcmp(comparison->older.text + a->start, comparison->newer.text + b->start, a->size) ==
               0;
}

static void pass_over_ends(struct comparison *comparison)
{
    struct side *older = &comparison->older, *newer = &comparison->newer;
    while (older->count > 0 && newer->count > 0 && is_same(comparison, 0, 0)) {
        older->units++;
        older->count--;
        newer->units++;
        newer->count--;
    }
    while (older->count > 0 && newer->count > 0 &&
           is_same(comparison, older->count - 1, newer->count - 1)) {
        older->count--;
        newer->count--;
    }
}

static int32_t *row(const struct comparison *comparison, int32_t edits)
{
    return comparison->reached + (size_t)edits * (size_t)edits + (size_t)edits;
}

/* Does the last of so many edits, on this diagonal, insert? Else it deletes. */
static bool is_insertion(const struct comparison *comparison, int32_t edits, int32_t diagonal)
{
    const int32_t *before = row(comparison, edits - 1);
    return diagonal == -edits || (diagonal != edits && before[diagonal - 1] < before[diagonal + 1]);
}

/* Where an edit more leads on this diagonal, before what is the same is passed over. */
static int32_t step(const struct comparison *comparison, int32_t edits, int32_t diagonal)
{
    if (edits == 0)
        return 0;
    const int32_t *before = row(comparison, edits - 1);
    return is_insertion(comparison, edits, diagonal) ? before[diagonal + 1]
                                                     : before[diagonal - 1] + 1;
}

/* Returns how many edits it takes; -1: more than edits_max. */
static int32_t count_edits(struct comparison *comparison, int32_t edits_max)
{
    int32_t older_count = (int32_t)comparison->older.count;
    int32_t newer_count = (int32_t)comparison->newer.count;
    for (int32_t edits = 0; edits <= edits_max; edits++) {
        for (int32_t diagonal = -edits; diagonal <= edits; diagonal += 2) {
            int32_t older = step(comparison, edits, diagonal);
            while (older < older_count && older - diagonal < newer_count &&
                   is_same(comparison, (size_t)older, (size_t)(older - diagonal)))
                older++;
            row(comparison, edits)[diagonal] = older;
            if (older >= older_count && older - diagonal >= newer_count)
                return edits;
        }
    }
    return -1;
}

static void mark_edits(struct comparison *comparison, int32_t edits)
{
    int32_t diagonal = (int32_t)comparison->older.count - (int32_t)comparison->newer.count;
    for (; edits > 0; edits--) {
        bool inserts = is_insertion(comparison, edits, diagonal);
        diagonal += inserts ? 1 : -1;
        int32_t older = row(comparison, edits - 1)[diagonal];
        if (inserts)
            comparison->newer.units[older - diagonal].is_changed = true;
        else
            comparison->older.units[older].is_changed = true;
    }
}

static void mark_all(struct side *side, size_t from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        side->units[from + i].is_changed = true;
}

/* ret_found  false: they differ by more than is looked for */
static enum lede_status compare(const struct side *older, const struct side *newer,
    struct lede_arena *arena, bool *ret_found, struct lede_error *reterr)
{
    struct comparison comparison = {.older = *older, .newer = *newer};
    pass_over_ends(&comparison);
    if (comparison.older.count == 0 || comparison.newer.count == 0) {
        mark_all(&comparison.older, 0, comparison.older.count);
        mark_all(&comparison.newer, 0, comparison.newer.count);
        *ret_found = true;
        return LEDE_OK;
    }
    size_t most = comparison.older.count + comparison.newer.count;
    size_t edits_max = most < LEDE_DIFFERENCE_EDITS_MAX ? most : LEDE_DIFFERENCE_EDITS_MAX;
    comparison.reached =
        lede_arena_calloc(arena, (edits_max + 1) * (edits_max + 1), sizeof(*comparison.reached));
    if (!comparison.reached)
        return lede_fail_memory(reterr);
    int32_t edits = count_edits(&comparison, (int32_t)edits_max);
    *ret_found = edits >= 0;
    mark_edits(&comparison, edits);
    return LEDE_OK;
}

/* ---- Runs ---- */

static size_t run_of(const struct side *side, size_t from, bool is_changed)
{
    size_t count = 0;
    while (from + count < side->count && side->units[from + count].is_changed == is_changed)
        count++;
    return count;
}

/* A word or two that happen to stay the same between changes make both harder to read. */
static void drown_islands(struct side *older, struct side *newer)
{
    size_t i = 0, k = 0;
    while (i < older->count || k < newer->count) {
        size_t deleted = run_of(older, i, true), inserted = run_of(newer, k, true);
        i += deleted;
        k += inserted;
        size_t same = run_of(older, i, false), same_newer = run_of(newer, k, false);
        same = same < same_newer ? same : same_newer;
        bool is_between =
            deleted + inserted > ISLAND_UNITS && i + same < older->count && k + same < newer->count;
        size_t behind = run_of(older, i + same, true) + run_of(newer, k + same, true);
        if (same <= ISLAND_UNITS && is_between && behind > ISLAND_UNITS) {
            mark_all(older, i, same);
            mark_all(newer, k, same);
        }
        i += same;
        k += same;
        if (same == 0 && deleted + inserted == 0)
            return;
    }
}

static bool add_run(struct lede_difference *difference, size_t *capacity, enum lede_change change,
    const struct side *side, size_t from, size_t count)
{
    if (count == 0)
        return true;
    if (!LEDE_ARENA_RESERVE(&difference->arena, difference->runs, *capacity, difference->count + 1))
        return false;
    size_t start = side->units[from].start;
    difference->runs[difference->count++] =
        (struct lede_changed_run){change, start, side->units[from + count - 1].behind - start};
    return true;
}

static enum lede_status write_runs(const struct side *older, const struct side *newer,
    struct lede_difference *difference, struct lede_error *reterr)
{
    size_t i = 0, k = 0, capacity = 0;
    while (i < older->count || k < newer->count) {
        size_t deleted = run_of(older, i, true), inserted = run_of(newer, k, true);
        size_t same = run_of(older, i + deleted, false);
        size_t same_newer = run_of(newer, k + inserted, false);
        same = same < same_newer ? same : same_newer;
        if (!add_run(difference, &capacity, LEDE_CHANGE_DELETED, older, i, deleted) ||
            !add_run(difference, &capacity, LEDE_CHANGE_INSERTED, newer, k, inserted) ||
            !add_run(difference, &capacity, LEDE_CHANGE_NONE, newer, k + inserted, same))
            return lede_fail_memory(reterr);
        i += deleted + same;
        k += inserted + same;
    }
    return LEDE_OK;
}

/* ---- Both ---- */

static enum lede_status differ(struct side *older, struct side *newer,
    struct lede_difference *difference, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    bool is_found = false;
    for (int unit = LEDE_DIFFERENCE_WORDS; st == LEDE_OK && !is_found; unit++) {
        bool older_fits = false, newer_fits = false;
        difference->unit = (enum lede_difference_unit)unit;
        st = split(older, difference->unit, &difference->arena, &older_fits, reterr);
        if (st == LEDE_OK)
            st = split(newer, difference->unit, &difference->arena, &newer_fits, reterr);
        if (st == LEDE_OK && older_fits && newer_fits)
            st = compare(older, newer, &difference->arena, &is_found, reterr);
    }
    if (st != LEDE_OK)
        return st;
    if (difference->unit == LEDE_DIFFERENCE_WORDS)
        drown_islands(older, newer);
    return write_runs(older, newer, difference, reterr);
}

enum lede_status lede_text_differ(const char *older, size_t older_size, const char *newer,
    size_t newer_size, struct lede_difference *ret_difference, struct lede_error *reterr)
{
    struct side sides[2] = {
        {.text = older, .size = older_size}, {.text = newer, .size = newer_size}};
    LEDE_CLEANUP(lede_difference_done) struct lede_difference difference = {0};
    enum lede_status st = differ(&sides[0], &sides[1], &difference, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_difference = difference;
    difference = (struct lede_difference){0};
    return LEDE_OK;
}

void lede_difference_done(struct lede_difference *difference)
{
    lede_arena_done(&difference->arena);
    *difference = (struct lede_difference){0};
}

const char *lede_difference_unit_name(enum lede_difference_unit unit)
{
    static const char *const names[] = {"words", "paragraphs", "whole"};
    return names[unit];
}

const char *lede_change_name(enum lede_change change)
{
    static const char *const names[] = {"none", "deleted", "inserted"};
    return names[change];
}
