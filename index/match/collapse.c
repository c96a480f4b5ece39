/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of each part the best documents of its own values are found, by number; what parts have in common
 * is found by text, among those few that may be shown.
 *
 * Once as many values as are wanted are known, what is worse than the last of them is passed over
 * without a look at its value: it is either not the best of its value, or that is not wanted. Ids
 * are read in the end, where two of one score and one moment may be shown. */
#include "column.h"
#include "matched.h"

#include "lede/number.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES_MIN 256
#define IDS_AT_ONCE 4096 /* between looks at the clock */

/* A document that is as good as the best of its value. */
struct tied {
    uint32_t part;
    uint32_t document;
    uint32_t before; /* the number of another one + 1; 0: none */
};

/* The best document of a value, or one without. Moments are such that the greater is the better:
 * in the order of the oldest they are complements. */
struct entry {
    struct lede_candidate best;
    uint32_t value; /* its text's number in the part, 0: none; later its group's number */
    uint32_t tied;  /* the last one's number + 1; 0: none */
};

/* The same of all parts so far. */
struct group {
    struct entry entry;
    const char *text; /* "": it has none */
    size_t size;
};

struct lede_collapse {
    struct lede_index *index;
    enum lede_sort sort;
    uint32_t slot;
    size_t count;

    /* The part that is looked at; NULL, if none. */
    size_t part;
    struct lede_text_column *column;
    struct lede_number_column *moments;
    uint32_t *entry_of; /* by number of the text: its entry + 1; 0: none */

    struct entry *entries; /* of the part */
    size_t entry_count;
    size_t entry_capacity;
    size_t entries_max;         /* so many, and those behind the last one wanted are dropped */
    struct lede_candidate last; /* the last one wanted when that was done */
    bool has_last;

    struct tied *tied;
    size_t tied_count;
    size_t tied_capacity;

    struct group *groups;
    size_t group_count;
    size_t group_capacity;
    struct lede_table table; /* of groups, by text */
    struct lede_arena arena;
};

enum lede_status lede_collapse_new(struct lede_index *index, const struct lede_search *search,
    size_t count, struct lede_collapse **ret_collapse, struct lede_error *reterr)
{
    struct lede_collapse *collapse = calloc(1, sizeof(*collapse));
    if (!collapse)
        return lede_fail_memory(reterr);
    collapse->index = index;
    collapse->sort = search->sort;
    collapse->slot = search->collapse_slot;
    collapse->count = count;
    collapse->entries_max = count > ENTRIES_MIN / 2 ? 2 * count : ENTRIES_MIN;
    *ret_collapse = collapse;
    return LEDE_OK;
}

static void close_part(struct lede_collapse *collapse)
{
    lede_kept_let_go(collapse->column ? &collapse->column->item : NULL);
    lede_kept_let_go(collapse->moments ? &collapse->moments->item : NULL);
    free(collapse->entry_of);
    collapse->column = NULL;
    collapse->moments = NULL;
    collapse->entry_of = NULL;
}

void lede_collapse_free(struct lede_collapse *collapse)
{
    if (!collapse)
        return;
    close_part(collapse);
    free(collapse->entries);
    free(collapse->tied);
    free(collapse->groups);
    lede_table_done(&collapse->table);
    lede_arena_done(&collapse->arena);
    free(collapse);
}

void lede_collapse_freep(struct lede_collapse **collapse)
{
    lede_collapse_free(*collapse);
    *collapse = NULL;
}

/* < 0: a is better; 0: their ids say. */
static int compare(const struct lede_candidate *a, const struct lede_candidate *b)
{
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->moment < b->moment) - (a->moment > b->moment);
}

static int compare_entries(const void *a, const void *b)
{
    return compare(&((const struct entry *)a)->best, &((const struct entry *)b)->best);
}

/* ---- One part ---- */

static enum lede_status open_part(
    struct lede_collapse *collapse, size_t part, struct lede_error *reterr)
{
    collapse->part = part;
    enum lede_status status = lede_number_column_get(
        collapse->index, part, LEDE_SLOT_PUBLISHED, &collapse->moments, reterr);
    if (status == LEDE_OK)
        status =
            lede_text_column_get(collapse->index, part, collapse->slot, &collapse->column, reterr);
    if (status != LEDE_OK)
        return status;
    collapse->entry_of = calloc(collapse->column->text_count, sizeof(*collapse->entry_of));
    return collapse->entry_of ? LEDE_OK : lede_fail_memory(reterr);
}

/* Put the entries in order, and drop those worse than the last one wanted. */
static void drop_entries(struct lede_collapse *collapse)
{
    struct entry *entries = collapse->entries;
    size_t kept = collapse->entry_count;
    if (kept > 0)
        qsort(entries, kept, sizeof(*entries), compare_entries);
    if (kept >= collapse->count) {
        collapse->last = entries[collapse->count - 1].best;
        collapse->has_last = true;
        while (compare(&entries[kept - 1].best, &collapse->last) > 0)
            collapse->entry_of[entries[--kept].value] = 0;
    }
    for (size_t i = 0; i < kept; i++)
        collapse->entry_of[entries[i].value] = (uint32_t)i + 1;
    collapse->entry_count = kept;
    if (collapse->entries_max < 2 * kept)
        collapse->entries_max = 2 * kept;
}

static bool add_tied(
    struct lede_collapse *collapse, struct entry *entry, uint32_t part, uint32_t document)
{
    if (!LEDE_ARRAY_RESERVE(collapse->tied, collapse->tied_capacity, collapse->tied_count + 1))
        return false;
    collapse->tied[collapse->tied_count++] = (struct tied){part, document, entry->tied};
    entry->tied = (uint32_t)collapse->tied_count;
    return true;
}

/* Returns false where there is no memory. */
static bool look_at(struct lede_collapse *collapse, uint32_t document, uint32_t score)
{
    int64_t moment = collapse->moments->numbers[document];
    struct lede_candidate one = {(uint32_t)collapse->part, document, score,
        collapse->sort == LEDE_SORT_OLDEST ? ~lede_oldest_key(moment) : moment};
    if (collapse->has_last && compare(&one, &collapse->last) > 0)
        return true;
    uint32_t value = lede_column_text_number(collapse->column, document);
    uint32_t known = value > 0 ? collapse->entry_of[value] : 0;
    if (known > 0) {
        struct entry *entry = &collapse->entries[known - 1];
        int order = compare(&one, &entry->best);
        if (order == 0)
            return add_tied(collapse, entry, one.part, document);
        if (order < 0)
            *entry = (struct entry){one, value, 0};
        return true;
    }
    if (!LEDE_ARRAY_RESERVE(collapse->entries, collapse->entry_capacity, collapse->entry_count + 1))
        return false;
    collapse->entries[collapse->entry_count++] = (struct entry){one, value, 0};
    collapse->entry_of[value] = (uint32_t)collapse->entry_count;
    if (collapse->entry_count >= collapse->entries_max)
        drop_entries(collapse);
    return true;
}

/* ---- All parts ---- */

/* The group of a text; NULL: it has none yet. */
static struct group *find_group(
    struct lede_collapse *collapse, uint64_t hash, const struct lede_column_text *text)
{
    struct lede_probe probe = lede_table_probe(hash);
    while (lede_table_next(&collapse->table, &probe)) {
        struct group *group = &collapse->groups[probe.number];
        if (group->size == text->size && memcmp(group->text, text->text, text->size) == 0)
            return group;
    }
    return NULL;
}

/* Returns false where there is no memory. */
static bool add_group(struct lede_collapse *collapse, const struct entry *entry, uint64_t hash,
    const struct lede_column_text *text)
{
    if (!LEDE_ARRAY_RESERVE(collapse->groups, collapse->group_capacity, collapse->group_count + 1))
        return false;
    const char *copy = lede_arena_copy(&collapse->arena, text->text, text->size);
    if (!copy || lede_table_reserve(&collapse->table, collapse->group_count + 1) != LEDE_OK)
        return false;
    if (text->size > 0)
        lede_table_add(&collapse->table, hash, (uint32_t)collapse->group_count);
    struct group *group = &collapse->groups[collapse->group_count];
    *group = (struct group){*entry, copy, text->size};
    group->entry.value = (uint32_t)collapse->group_count++;
    return true;
}

/* The same. Both are as good. */
static bool join_tied(struct lede_collapse *collapse, struct entry *to, const struct entry *entry)
{
    if (!add_tied(collapse, to, entry->best.part, entry->best.document))
        return false;
    for (uint32_t at = entry->tied, before; at > 0; at = before) {
        struct tied *tied = &collapse->tied[at - 1];
        before = tied->before;
        tied->before = to->tied;
        to->tied = at;
    }
    return true;
}

/* The same. text  without bytes: it has no value */
static bool merge_entry(
    struct lede_collapse *collapse, const struct entry *entry, const struct lede_column_text *text)
{
    uint64_t hash = lede_hash64(text->text, text->size);
    struct group *group = text->size > 0 ? find_group(collapse, hash, text) : NULL;
    if (!group)
        return add_group(collapse, entry, hash, text);
    int order = compare(&entry->best, &group->entry.best);
    if (order == 0)
        return join_tied(collapse, &group->entry, entry);
    if (order < 0)
        group->entry = (struct entry){entry->best, group->entry.value, entry->tied};
    return true;
}

/* Status: OK; ENOMEM. */
static enum lede_status finish_part(struct lede_collapse *collapse)
{
    if (!collapse->entry_of)
        return LEDE_OK;
    drop_entries(collapse);
    for (size_t i = 0; i < collapse->entry_count; i++) {
        const struct entry *entry = &collapse->entries[i];
        if (!merge_entry(collapse, entry, &collapse->column->texts[entry->value]))
            return LEDE_ENOMEM;
    }
    collapse->entry_count = 0;
    close_part(collapse);
    return LEDE_OK;
}

enum lede_status lede_collapse_join(struct lede_collapse *collapse, struct lede_collapse *more)
{
    if (finish_part(collapse) != LEDE_OK || finish_part(more) != LEDE_OK)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < more->group_count; i++) {
        const struct group *group = &more->groups[i];
        const struct lede_column_text text = {.text = group->text, .size = group->size};
        struct entry entry = group->entry;
        entry.tied = 0;
        for (uint32_t at = group->entry.tied; at > 0; at = more->tied[at - 1].before) {
            const struct tied *tied = &more->tied[at - 1];
            if (!add_tied(collapse, &entry, tied->part, tied->document))
                return LEDE_ENOMEM;
        }
        if (!merge_entry(collapse, &entry, &text))
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

/* Are the newest of the matches, or whatever is best, behind the others? Looking at the best ones
 * first leaves less to look at. */
static bool is_better_behind(const struct lede_collapse *collapse, uint32_t first_document,
    const uint64_t *bits, size_t first_word, size_t end_word)
{
    uint32_t first =
        first_document + (uint32_t)first_word * 64 + (uint32_t)__builtin_ctzll(bits[first_word]);
    uint32_t last = first_document + (uint32_t)end_word * 64 - 1 -
                    (uint32_t)__builtin_clzll(bits[end_word - 1]);
    const int64_t *moments = collapse->moments->numbers;
    return collapse->sort == LEDE_SORT_OLDEST ? moments[last] < moments[first]
                                              : moments[last] > moments[first];
}

enum lede_status lede_collapse_add(struct lede_collapse *collapse, size_t part,
    uint32_t first_document, const uint64_t *bits, size_t words, const uint32_t *scores,
    struct lede_error *reterr)
{
    size_t begin = 0, end = words;
    while (end > 0 && bits[end - 1] == 0)
        end--;
    while (begin < end && bits[begin] == 0)
        begin++;
    if (begin == end || collapse->count == 0)
        return LEDE_OK;
    if (collapse->entry_of && collapse->part != part && finish_part(collapse) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status status = collapse->entry_of ? LEDE_OK : open_part(collapse, part, reterr);
    if (status != LEDE_OK)
        return status;
    bool is_ranked = scores && collapse->sort == LEDE_SORT_RELEVANCE;
    bool backwards = is_better_behind(collapse, first_document, bits, begin, end);
    for (size_t i = begin; i < end; i++) {
        size_t at = backwards ? begin + end - 1 - i : i;
        for (uint64_t word = bits[at]; word != 0;) {
            unsigned bit =
                (unsigned)(backwards ? 63 - __builtin_clzll(word) : __builtin_ctzll(word));
            size_t place = at * 64 + bit;
            uint32_t score = is_ranked ? scores[place] : 0;
            word ^= UINT64_C(1) << bit;
            if (collapse->has_last && score < collapse->last.score)
                continue;
            if (!look_at(collapse, first_document + (uint32_t)place, score))
                return lede_fail_memory(reterr);
        }
    }
    return LEDE_OK;
}

/* ---- What is shown ---- */

/* One of those that may stand for a value. */
struct shown {
    struct lede_candidate candidate;
    const char *id; /* "": it is equal to none, or was not read */
    uint32_t group;
};

static int compare_shown(const void *a, const void *b, void *context)
{
    const struct lede_collapse *collapse = context;
    const struct shown *left = a, *right = b;
    int order = compare(&left->candidate, &right->candidate);
    if (order != 0)
        return order;
    return collapse->sort == LEDE_SORT_NEWEST ? strcmp(right->id, left->id)
                                              : strcmp(left->id, right->id);
}

static int compare_groups(const void *a, const void *b)
{
    return compare_entries(&((const struct group *)a)->entry, &((const struct group *)b)->entry);
}

/* Documents of groups that may be wanted, in the order of what is known. */
static enum lede_status list_shown(
    struct lede_collapse *collapse, struct shown **ret_shown, size_t *ret_count)
{
    size_t groups = collapse->group_count, count = 0;
    if (groups > 0)
        qsort(collapse->groups, groups, sizeof(*collapse->groups), compare_groups);
    while (groups > collapse->count && compare(&collapse->groups[groups - 1].entry.best,
                                           &collapse->groups[collapse->count - 1].entry.best) > 0)
        groups--;
    struct shown *shown = calloc(groups + collapse->tied_count + 1, sizeof(*shown));
    if (!shown)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < groups; i++) {
        const struct entry *entry = &collapse->groups[i].entry;
        shown[count++] = (struct shown){entry->best, "", (uint32_t)i};
        for (uint32_t at = entry->tied; at > 0; at = collapse->tied[at - 1].before) {
            const struct tied *tied = &collapse->tied[at - 1];
            shown[count] = (struct shown){entry->best, "", (uint32_t)i};
            shown[count].candidate.part = tied->part;
            shown[count++].candidate.document = tied->document;
        }
    }
    *ret_shown = shown;
    *ret_count = count;
    return LEDE_OK;
}

/* Of those that equal another one, until the deadline. */
static enum lede_status read_tied_ids(struct lede_collapse *collapse, struct shown *shown,
    size_t count, struct lede_deadline *deadline, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) struct lede_candidate *asked = calloc(IDS_AT_ONCE, sizeof(*asked));
    LEDE_CLEANUP(lede_freep) size_t *places = calloc(IDS_AT_ONCE, sizeof(*places));
    LEDE_CLEANUP(lede_freep) const char **ids = calloc(IDS_AT_ONCE, sizeof(*ids));
    if (!asked || !places || !ids)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count && !lede_deadline_has_passed_now(deadline);) {
        size_t number = 0;
        for (; i < count && number < IDS_AT_ONCE; i++) {
            bool as_before = i > 0 && compare(&shown[i - 1].candidate, &shown[i].candidate) == 0;
            bool as_behind =
                i + 1 < count && compare(&shown[i].candidate, &shown[i + 1].candidate) == 0;
            if (!as_before && !as_behind)
                continue;
            asked[number] = shown[i].candidate;
            places[number++] = i;
        }
        enum lede_status status =
            lede_candidates_read_ids(collapse->index, asked, number, &collapse->arena, ids, reterr);
        if (status != LEDE_OK)
            return status;
        for (size_t k = 0; k < number; k++)
            shown[places[k]].id = ids[k];
    }
    return LEDE_OK;
}

enum lede_status lede_collapse_first(struct lede_collapse *collapse, struct lede_deadline *deadline,
    const struct lede_candidate **ret_candidates, const char *const **ret_texts, size_t *ret_count,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) struct shown *shown = NULL;
    size_t shown_count = 0, count = 0;
    if (finish_part(collapse) != LEDE_OK || list_shown(collapse, &shown, &shown_count) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status status = read_tied_ids(collapse, shown, shown_count, deadline, reterr);
    if (status != LEDE_OK)
        return status;
    qsort_r(shown, shown_count, sizeof(*shown), compare_shown, collapse);
    size_t most = shown_count < collapse->count ? shown_count : collapse->count;
    LEDE_CLEANUP(lede_freep) bool *is_shown = calloc(collapse->group_count + 1, sizeof(*is_shown));
    struct lede_candidate *candidates =
        lede_arena_calloc(&collapse->arena, most, sizeof(*candidates));
    const char **texts = lede_arena_calloc(&collapse->arena, most, sizeof(*texts));
    if (!is_shown || !candidates || !texts)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < shown_count && count < most; i++) {
        if (is_shown[shown[i].group])
            continue;
        is_shown[shown[i].group] = true;
        candidates[count] = shown[i].candidate;
        int64_t key = ~candidates[count].moment;
        if (collapse->sort == LEDE_SORT_OLDEST)
            candidates[count].moment =
                key == lede_oldest_key(LEDE_TIME_NONE) ? LEDE_TIME_NONE : key;
        texts[count++] = collapse->groups[shown[i].group].text;
    }
    *ret_candidates = candidates;
    *ret_texts = texts;
    *ret_count = count;
    return LEDE_OK;
}
