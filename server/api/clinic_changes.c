/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes from the smallest to the largest, each a row of one table applied to a set of clauses.
 *
 * A change is counted only if it can help: where a required clause finds nothing by itself, nothing
 * is found before that clause is changed. */
#include "clinic_changes.h"

#include <stdlib.h>
#include <string.h>

struct kind {
    const char *name;
    enum lede_query_change_kind change;
    const char *before; /* the sentence around the clauses */
    const char *after;
    bool (*applies)(const struct clinic_clause *clause);
    bool only_barren; /* together only those are changed that find nothing by themselves */
};

static bool has_place(const struct clinic_clause *clause)
{
    return clause->node && clause->role != CLINIC_EXCLUDED && clause->word == CLINIC_NONE;
}

static bool is_bound_node(const struct clinic_clause *clause)
{
    return clause->node &&
           (clause->node->kind == LEDE_QUERY_DATES || clause->node->kind == LEDE_QUERY_LENGTH);
}

static bool is_barren(const struct clinic_clause *clause)
{
    return clause->is_counted && clause->found.count == 0;
}

static bool is_unknown_word(const struct clinic_clause *clause)
{
    return has_place(clause) && is_barren(clause);
}

static bool is_bound(const struct clinic_clause *clause)
{
    return (clause->param && !clause->filter) ||
           (clause->role == CLINIC_REQUIRED && is_bound_node(clause));
}

static bool is_filter(const struct clinic_clause *clause)
{
    return clause->filter != NULL;
}

static bool is_exclusion(const struct clinic_clause *clause)
{
    return clause->role == CLINIC_EXCLUDED && clause->word == CLINIC_NONE;
}

static bool is_wanted(const struct clinic_clause *clause)
{
    return clause->role == CLINIC_REQUIRED && !is_bound_node(clause);
}

enum { KIND_FIELD = 4 };

static const struct kind kinds[] = {
    {"forms", LEDE_CHANGE_FORMS, "look for any form of ", "", has_place, false},
    {"spelling", LEDE_CHANGE_SPELLING, "allow other spellings of ", "", is_unknown_word, false},
    {"near", LEDE_CHANGE_NEAR, "let the words of ", " stand farther apart", has_place, false},
    {"lead", LEDE_CHANGE_LEAD, "look for ", " in the whole text", has_place, false},
    [KIND_FIELD] = {"field", LEDE_CHANGE_FIELD, "look for ", " in all of the text", has_place,
        false},
    {"anywhere", LEDE_CHANGE_ANYWHERE, "let the words of ", " stand anywhere in a document",
        has_place, false},
    {"date", LEDE_CHANGE_DROP, "leave out ", "", is_bound, false},
    {"filter", LEDE_CHANGE_DROP, "leave out ", "", is_filter, false},
    {"exclusion", LEDE_CHANGE_DROP, "do not exclude ", "", is_exclusion, false},
    {"word", LEDE_CHANGE_DROP, "leave out ", "", is_wanted, true},
};
static const struct kind in_kind = {
    "in", LEDE_CHANGE_FIELD, "look in title, summary, body and author", "", NULL, false};
static const struct kind any_kind = {
    "any", LEDE_CHANGE_ANY, "ask for any of the words, not all", "", NULL, false};
static const struct kind several_kind = {
    "several", LEDE_CHANGE_DROP, "leave out ", "", NULL, false};

/* ---- Can it help? ---- */

static bool is_above(const struct clinic *clinic, size_t upper, size_t lower)
{
    while (lower != CLINIC_NONE && lower != upper)
        lower = clinic->clauses[lower].parent;
    return lower != CLINIC_NONE;
}

static bool has_parts(const struct clinic *clinic, size_t index)
{
    return index + 1 < clinic->clause_count && clinic->clauses[index + 1].parent == index;
}

/* May a change of clause `index` make the barren clause find something? */
static bool may_help(
    const struct clinic *clinic, const struct kind *kind, size_t index, size_t barren)
{
    bool is_above_it = is_above(clinic, index, barren);
    bool is_below_it = is_above(clinic, barren, index);
    if (kind->change == LEDE_CHANGE_NEAR || kind->change == LEDE_CHANGE_ANYWHERE)
        return (is_above_it || is_below_it) && has_parts(clinic, barren);
    return is_above_it || is_below_it;
}

static bool is_promising(const struct clinic *clinic, const struct kind *kind, clinic_set set)
{
    for (size_t barren = 0; barren < clinic->clause_count; barren++) {
        const struct clinic_clause *clause = &clinic->clauses[barren];
        bool needed = clause->role == CLINIC_REQUIRED || clause->role == CLINIC_FILTER;
        bool helped = !needed || !is_barren(clause);
        for (size_t i = 0; !helped && i < clinic->clause_count; i++)
            helped = (set & CLINIC_BIT(i)) && may_help(clinic, kind, i, barren);
        if (!helped)
            return false;
    }
    return true;
}

/* Several at once: of what finds nothing though its parts do, the words may stand anywhere; the
 * rest goes. */
static clinic_set spread_of(const struct clinic *clinic)
{
    clinic_set set = 0;
    for (size_t i = 0; i < clinic->clause_count; i++) {
        const struct clinic_clause *clause = &clinic->clauses[i];
        bool is_near = clause->node && (clause->node->kind == LEDE_QUERY_PHRASE ||
                                           lede_query_is_proximity(clause->node->kind));
        if (is_near && clause->word == CLINIC_NONE && is_barren(clause))
            set |= CLINIC_BIT(i);
    }
    return set;
}

/* ---- Trying ---- */

/* `“a”, “b” and “c”` */
static void append_clauses(const struct clinic *clinic, clinic_set set, struct lede_buffer *out)
{
    size_t left = (size_t)__builtin_popcountll(set);
    for (size_t i = 0; i < clinic->clause_count; i++) {
        if (!(set & CLINIC_BIT(i)))
            continue;
        left--;
        /* A phrase has its quotes already. */
        bool is_quoted = clinic->clauses[i].text[0] == '"';
        const char *then = left > 1 ? ", " : left == 1 ? " and " : "";
        lede_buffer_append_format(
            out, is_quoted ? "%s%s" : "“%s”%s", clinic->clauses[i].text, then);
    }
}

static enum lede_status write_text(
    struct clinic *clinic, const struct kind *kind, clinic_set set, const char **ret_text)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    clinic_set spread = kind == &several_kind ? set & spread_of(clinic) : 0;
    if (spread != 0) {
        lede_buffer_append_string(&text, "let the words of ");
        append_clauses(clinic, spread, &text);
        lede_buffer_append_format(
            &text, " stand anywhere in a document%s", spread != set ? ", and " : "");
    }
    if (spread == 0 || spread != set)
        lede_buffer_append_string(&text, kind->before);
    if (kind != &any_kind && kind != &in_kind)
        append_clauses(clinic, set & ~spread, &text);
    lede_buffer_append_string(&text, kind->after);
    *ret_text = text.failed ? NULL : lede_arena_copy(clinic->arena, text.data, text.size);
    return *ret_text ? LEDE_OK : LEDE_ENOMEM;
}

/* The query's text after the change; as it was sent where only parameters change. Status: OK;
 * EUNSUPPORTED; ENOMEM. */
static enum lede_status write_q(
    struct clinic *clinic, const struct kind *kind, clinic_set set, struct clinic_change *change)
{
    struct lede_query_change changes[LEDE_CLINIC_CLAUSES_MAX];
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    const struct lede_search_run *run = clinic->run;
    size_t count = 0;
    for (size_t i = 0; i < clinic->clause_count && kind != &any_kind && kind != &in_kind; i++) {
        const struct clinic_clause *clause = &clinic->clauses[i];
        if (!(set & CLINIC_BIT(i)))
            continue;
        bool spreads = kind == &several_kind && (spread_of(clinic) & CLINIC_BIT(i));
        enum lede_query_change_kind how = spreads ? LEDE_CHANGE_ANYWHERE : kind->change;
        if (clause->node)
            changes[count++] = (struct lede_query_change){clause->node, how, clause->word};
        else
            change->dropped |= CLINIC_BIT(i);
    }
    if (kind == &any_kind)
        changes[count++] =
            (struct lede_query_change){lede_query_root(run->query), kind->change, SIZE_MAX};
    change->drops_in = kind == &in_kind;
    change->q = run->search.q;
    if (count == 0)
        return LEDE_OK;
    enum lede_status st = lede_query_print_changed(run->query, changes, count, &text);
    if (st == LEDE_OK && !(change->q = lede_arena_copy(clinic->arena, text, strlen(text))))
        st = LEDE_ENOMEM;
    return st;
}

/* What stays of the search beside its query. */
static enum lede_status count_change(struct clinic *clinic, struct clinic_change *change,
    bool *ret_is_counted, struct lede_error *reterr)
{
    struct lede_filter filters[LEDE_FIELD_COUNT];
    const struct lede_search *search = &clinic->run->search.search;
    struct clinic_question question = {.q = change->q,
        .drops_in = change->drops_in,
        .filters = filters,
        .after_utc_s = search->after_utc_s,
        .before_utc_s = search->before_utc_s};
    clinic_set dropped_filters = 0;
    for (size_t i = 0; i < clinic->clause_count; i++) {
        const struct clinic_clause *clause = &clinic->clauses[i];
        if (!(change->dropped & CLINIC_BIT(i)))
            continue;
        if (clause->filter)
            dropped_filters |= LEDE_FIELD_BIT(clause->filter->field->id);
        else if (strcmp(clause->param, "after") == 0)
            question.after_utc_s = LEDE_TIME_NONE;
        else
            question.before_utc_s = LEDE_TIME_NONE;
    }
    for (size_t i = 0; i < search->filter_count; i++) {
        if (!(dropped_filters & LEDE_FIELD_BIT(search->filters[i].field->id)))
            filters[question.filter_count++] = search->filters[i];
    }
    return lede_clinic_count(clinic, &question, ret_is_counted, &change->found, reterr);
}

/* Is there room for no other, or is one told that changes less in the same way? */
static bool is_told(const struct clinic *clinic, const struct kind *kind, clinic_set set)
{
    if (clinic->change_count == LEDE_CLINIC_CHANGES_MAX)
        return true;
    for (size_t i = 0; i < clinic->change_count; i++) {
        const struct clinic_change *told = &clinic->changes[i];
        if (told->kind == kind->change && (told->touched & set) == told->touched)
            return true;
    }
    return false;
}

/* A change that finds just as much as one that changes less will have found the same. */
static bool finds_no_more(const struct clinic *clinic, const struct clinic_change *change)
{
    for (size_t i = 0; i < clinic->change_count; i++) {
        const struct clinic_change *told = &clinic->changes[i];
        bool is_known = told->found.relation != CLINIC_AT_LEAST;
        if (is_known && told->found.count == change->found.count && told->kind != change->kind)
            return true;
    }
    return false;
}

static enum lede_status try_set(
    struct clinic *clinic, const struct kind *kind, clinic_set set, struct lede_error *reterr)
{
    struct clinic_change change = {.name = kind->name, .kind = kind->change, .touched = set};
    bool is_counted = false;
    if (set == 0 || is_told(clinic, kind, set) || !is_promising(clinic, kind, set))
        return LEDE_OK;
    enum lede_status st = write_q(clinic, kind, set, &change);
    if (st != LEDE_OK)
        return st == LEDE_EUNSUPPORTED ? LEDE_OK : lede_fail_memory(reterr);
    st = count_change(clinic, &change, &is_counted, reterr);
    if (st != LEDE_OK || !is_counted || change.found.count == 0 || finds_no_more(clinic, &change))
        return st;
    if (write_text(clinic, kind, set, &change.text) != LEDE_OK)
        return lede_fail_memory(reterr);
    clinic->changes[clinic->change_count++] = change;
    return LEDE_OK;
}

/* ---- In order ---- */

struct place {
    size_t index;
    uint64_t rank;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *left = a;
    const struct place *right = b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

/* What finds least goes first; of the others first the parts, then what they are parts of. */
static size_t order_clauses(const struct clinic *clinic, const struct kind *kind,
    struct place ret_places[LEDE_CLINIC_CLAUSES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < clinic->clause_count; i++) {
        const struct clinic_clause *clause = &clinic->clauses[i];
        if (!kind->applies(clause))
            continue;
        uint64_t rank = kind->only_barren ? (uint64_t)clause->found.count * 2 : 0;
        ret_places[count++] = (struct place){i, rank + has_parts(clinic, i)};
    }
    qsort(ret_places, count, sizeof(*ret_places), compare_places);
    return count;
}

/* Each alone, then all together. */
static enum lede_status try_kind(
    struct clinic *clinic, const struct kind *kind, struct lede_error *reterr)
{
    struct place places[LEDE_CLINIC_CLAUSES_MAX];
    clinic_set together = 0;
    size_t count = order_clauses(clinic, kind, places);
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        const struct clinic_clause *clause = &clinic->clauses[places[i].index];
        st = try_set(clinic, kind, CLINIC_BIT(places[i].index), reterr);
        /* Its parts say it all. */
        if ((!kind->only_barren || is_barren(clause)) && !has_parts(clinic, places[i].index))
            together |= CLINIC_BIT(places[i].index);
    }
    if (st == LEDE_OK && __builtin_popcountll(together) > 1)
        st = try_set(clinic, kind, together, reterr);
    return st;
}

static clinic_set words_of(const struct clinic *clinic, bool only_without_field)
{
    clinic_set set = 0;
    for (size_t i = 0; i < clinic->clause_count; i++) {
        const struct clinic_clause *clause = &clinic->clauses[i];
        bool in_any_field = clause->node && !clause->node->field_named;
        if (is_wanted(clause) && (in_any_field || !only_without_field))
            set |= CLINIC_BIT(i);
    }
    return set;
}

/* Needed, and finds nothing by itself. */
static clinic_set barren_of(const struct clinic *clinic)
{
    clinic_set set = 0;
    for (size_t i = 0; i < clinic->clause_count; i++) {
        const struct clinic_clause *clause = &clinic->clauses[i];
        bool needed = clause->role == CLINIC_REQUIRED || clause->role == CLINIC_FILTER;
        if (needed && is_barren(clause))
            set |= CLINIC_BIT(i);
    }
    return set;
}

/* All that finds nothing, but not because of a part. */
static enum lede_status try_all_barren(struct clinic *clinic, struct lede_error *reterr)
{
    clinic_set barren = barren_of(clinic);
    clinic_set to_blame = 0;
    for (size_t i = 0; i < clinic->clause_count; i++) {
        bool by_a_part = false;
        for (size_t part = i + 1; part < clinic->clause_count; part++)
            by_a_part |= (barren & CLINIC_BIT(part)) && is_above(clinic, i, part);
        if ((barren & CLINIC_BIT(i)) && !by_a_part)
            to_blame |= CLINIC_BIT(i);
    }
    return __builtin_popcountll(to_blame) > 1 ? try_set(clinic, &several_kind, to_blame, reterr)
                                              : LEDE_OK;
}

/* Two of whatever restricts, the rarest first. */
static enum lede_status try_pairs(struct clinic *clinic, struct lede_error *reterr)
{
    struct place places[LEDE_CLINIC_CLAUSES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < clinic->clause_count; i++) {
        const struct clinic_clause *clause = &clinic->clauses[i];
        if (clause->parent == CLINIC_NONE && clause->role != CLINIC_OPTIONAL)
            places[count++] = (struct place){
                i, clause->role == CLINIC_EXCLUDED ? UINT32_MAX : clause->found.count};
    }
    qsort(places, count, sizeof(*places), compare_places);
    enum lede_status st = LEDE_OK;
    for (size_t b = 1; b < count; b++) {
        for (size_t a = 0; st == LEDE_OK && a < b; a++)
            st = try_set(clinic, &several_kind,
                CLINIC_BIT(places[a].index) | CLINIC_BIT(places[b].index), reterr);
    }
    return st;
}

enum lede_status lede_clinic_try(struct clinic *clinic, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < LEDE_COUNT_OF(kinds); i++) {
        st = try_kind(clinic, &kinds[i], reterr);
        if (st == LEDE_OK && i == KIND_FIELD && clinic->run->search.in != 0)
            st = try_set(clinic, &in_kind, words_of(clinic, true), reterr);
    }
    if (st == LEDE_OK)
        st = try_all_barren(clinic, reterr);
    if (st == LEDE_OK)
        st = try_set(clinic, &any_kind, words_of(clinic, false), reterr);
    return st == LEDE_OK ? try_pairs(clinic, reterr) : st;
}
