/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Narrowing a search: values with their counts, the chips of what is chosen, the dates. Every
 * choice is a link to the address of the search that it leads to. */
#include "view.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_FIRST 7 /* values of a filter that is not unfolded */
#define SHOWN_AT_MOST 200

/* The facets, in the order in which they stand. */
static const char *const facets[] = {
    "section", "source", "lang", "author", "tag", "place", "person", "organisation"};
const char lede_web_facets[] = "section,source,lang,author,tag,place,person,organisation";

/* ---- Addresses ---- */

/* A filter reads a leading '-' as "not" and trims spaces: a value that has them is asked for in the
 * query instead. */
static bool fits_list(const char *value)
{
    size_t size = strlen(value);
    return size > 0 && value[0] != '-' && !strchr(" \t\n\r", value[0]) &&
           !strchr(" \t\n\r", value[size - 1]);
}

static void add_clause(struct view *view, struct lede_web_state *next, const char *name,
    const char *value, bool excludes)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer q = {0};
    const char *before = lede_web_state_get(next, "q");
    lede_buffer_append_format(
        &q, "%s%s%s%s:\"", before, before[0] ? " " : "", excludes ? "-" : "", name);
    for (; *value; value++)
        lede_buffer_append_char(&q, *value == '"' || *value == '\\' ? ' ' : *value);
    lede_buffer_append_char(&q, '"');
    char *copy = q.failed ? NULL : lede_arena_copy(view->state->arena, q.data, q.size);
    view->failed = view->failed || !copy;
    lede_state_set(next, "q", copy);
}

/* The search with a value chosen, or excluded. */
static json_t *with_value(struct view *view, const char *name, const char *value, bool excludes)
{
    struct lede_web_state next = lede_state_changed(view->state);
    lede_state_remove(&next, name, value);
    if (!fits_list(value)) {
        add_clause(view, &next, name, value, excludes);
        return lede_state_address(&next);
    }
    char *excluded = excludes ? lede_arena_alloc(view->state->arena, strlen(value) + 2) : NULL;
    if (excludes && !excluded)
        return NULL;
    if (excluded)
        sprintf(excluded, "-%s", value);
    lede_state_add(&next, name, excluded ? excluded : value);
    return lede_state_address(&next);
}

static json_t *without_value(const struct view *view, const char *name, const char *value)
{
    struct lede_web_state next = lede_state_changed(view->state);
    lede_state_remove(&next, name, value);
    return lede_state_address(&next);
}

static bool is_excluded(const struct lede_web_state *state, const char *name, const char *value)
{
    for (size_t i = 0; i < state->count; i++) {
        const struct lede_web_pair *pair = &state->pairs[i];
        if (strcmp(pair->name, name) == 0 && pair->value[0] == '-' &&
            strcmp(pair->value + 1, value) == 0)
            return true;
    }
    return false;
}

/* ---- Values with their counts ---- */

#define COUNT_UNKNOWN (-1)

static json_t *row_object(struct view *view, const char *name, const char *value, json_int_t count)
{
    bool is_chosen = lede_state_has(view->state, name, value);
    json_t *row = json_object();
    view_put(view, row, "key", json_sprintf("%s:%s", name, value));
    view_put_text(view, row, "text", view_value_label(name, value));
    if (count != COUNT_UNKNOWN)
        view_put(view, row, "count", json_integer(count));
    view_put(view, row, "is_chosen", json_boolean(is_chosen));
    view_put(view, row, "href",
        is_chosen ? without_value(view, name, value) : with_value(view, name, value, false));
    view_put(view, row, "without", with_value(view, name, value, true));
    return row;
}

/* A chosen value stays in sight, however rare it is, and where nothing has it.
 * beside  how many values the answer does not tell; less those that are added */
static size_t add_chosen(
    struct view *view, json_t *rows, const char *name, const json_t *values, json_int_t *beside)
{
    size_t added = 0;
    for (size_t i = 0; i < view->state->count; i++) {
        const struct lede_web_pair *pair = &view->state->pairs[i];
        json_int_t count = values && *beside == 0 ? 0 : COUNT_UNKNOWN;
        if (strcmp(pair->name, name) != 0 || pair->value[0] == '-')
            continue;
        for (size_t k = 0; k < json_array_size(values); k++) {
            if (strcmp(view_text(json_array_get(values, k), "value"), pair->value) == 0)
                count = json_integer_value(json_object_get(json_array_get(values, k), "count"));
        }
        view_add(view, rows, row_object(view, name, pair->value, count));
        *beside -= *beside > 0 && count == COUNT_UNKNOWN;
        added++;
    }
    return added;
}

static size_t add_others(
    struct view *view, json_t *rows, const char *name, const json_t *values, size_t room)
{
    size_t left_out = 0;
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *entry = json_array_get(values, i);
        const char *value = view_text(entry, "value");
        if (!value[0] || lede_state_has(view->state, name, value) ||
            is_excluded(view->state, name, value))
            continue;
        if (room == 0) {
            left_out++;
            continue;
        }
        room--;
        view_add(view, rows,
            row_object(view, name, value, json_integer_value(json_object_get(entry, "count"))));
    }
    return left_out;
}

static void add_facet(struct view *view, json_t *list, const char *name)
{
    const json_t *values = json_object_get(json_object_get(view->page->answer, "facets"), name);
    bool is_unfolded = strcmp(lede_web_state_get(view->state, "unfold"), name) == 0;
    json_t *facet = json_object();
    json_t *rows = view_put_list(view, facet, "rows");
    json_int_t beside = json_integer_value(json_object_get(
        json_object_get(json_object_get(view->page->answer, "facet_others"), name), "values"));
    size_t chosen = add_chosen(view, rows, name, values, &beside);
    size_t room = is_unfolded ? SHOWN_AT_MOST : SHOWN_FIRST > chosen ? SHOWN_FIRST - chosen : 0;
    size_t left_out = add_others(view, rows, name, values, room) + (size_t)beside;
    if (json_array_size(rows) == 0) {
        json_decref(facet);
        return;
    }
    view_put_text(view, facet, "name", name);
    view_put_text(view, facet, "label", view_filter_label(name));
    view_put(view, facet, "is_unfolded", json_boolean(is_unfolded));
    if (left_out > 0 || is_unfolded) {
        struct lede_web_state next = *view->state;
        lede_state_set(&next, "unfold", is_unfolded ? NULL : name);
        json_t *more = view_put_object(view, facet, "more");
        view_put(view, more, "href", lede_state_address(&next));
        view_put(view, more, "count", json_integer((json_int_t)left_out));
    }
    view_add(view, list, facet);
}

/* Was a filter left out, or the timeline, since to count took too long? */
static bool lacks_counts(const struct view *view)
{
    const json_t *counted = json_object_get(view->page->answer, "facets");
    for (size_t i = 0; counted && i < LEDE_COUNT_OF(facets); i++) {
        if (!json_object_get(counted, facets[i]))
            return true;
    }
    return view->page->lacks_timeline;
}

/* ---- Chips ---- */

static void add_chip(struct view *view, json_t *chips, json_t *label, json_t *href)
{
    json_t *chip = json_object();
    view_put(view, chip, "label", label);
    view_put(view, chip, "href", href);
    view_add(view, chips, chip);
}

static void add_list_chips(struct view *view, json_t *chips)
{
    const char *name = NULL;
    for (size_t i = 0; (name = lede_state_filter_at(i)); i++) {
        for (size_t k = 0; k < view->state->count; k++) {
            const char *value = view->state->pairs[k].value;
            bool excludes = value[0] == '-';
            if (strcmp(view->state->pairs[k].name, name) != 0)
                continue;
            value += excludes;
            add_chip(view, chips,
                json_sprintf("%s%s: %s", excludes ? "not " : "", view_filter_label(name),
                    view_value_label(name, value)),
                without_value(view, name, value));
        }
    }
}

static void add_period_chip(struct view *view, json_t *chips)
{
    const char *after = lede_web_state_get(view->state, "after");
    const char *before = lede_web_state_get(view->state, "before");
    struct lede_web_state next = lede_state_changed(view->state);
    lede_state_set(&next, "after", NULL);
    lede_state_set(&next, "before", NULL);
    if (after[0] || before[0])
        add_chip(view, chips,
            json_sprintf("%s%s%s%s", after[0] ? "From " : "", after,
                after[0] && before[0] ? " to "
                : before[0]           ? "To "
                                      : "",
                before),
            lede_state_address(&next));
}

static void add_scalar_chips(struct view *view, json_t *chips)
{
    static const struct {
        const char *name, *format, *value, *label; /* where it has that value */
    } scalars[] = {{"match", "match: %s", "any", "Any of the words"}, {"in", "Words in %s", "", ""},
        {"collapse", "One for each %s", "", ""}, {"recency", "Newer preferred: %s", "", ""}};
    for (size_t i = 0; i < LEDE_COUNT_OF(scalars); i++) {
        const char *value = lede_web_state_get(view->state, scalars[i].name);
        struct lede_web_state next = lede_state_changed(view->state);
        lede_state_set(&next, scalars[i].name, NULL);
        /* Of stories there is a switch. */
        if (!value[0] || strcmp(value, "story") == 0 || strcmp(value, "off") == 0)
            continue;
        const char *at = strstr(scalars[i].format, "%s");
        add_chip(view, chips,
            strcmp(value, scalars[i].value) == 0
                ? json_string(scalars[i].label)
                : json_sprintf("%.*s%s", (int)(at - scalars[i].format), scalars[i].format, value),
            lede_state_address(&next));
    }
}

static void put_chips(struct view *view, json_t *root)
{
    json_t *chips = view_put_list(view, root, "chips");
    add_list_chips(view, chips);
    add_period_chip(view, chips);
    add_scalar_chips(view, chips);
    view_put(view, root, "chip_count", json_integer((json_int_t)json_array_size(chips)));
    if (json_array_size(chips) > 1) {
        struct lede_web_state next = lede_state_without_filters(view->state);
        view_put(view, root, "without_all", lede_state_address(&next));
    }
}

/* ---- Dates ---- */

/* A form of HTML sends its own fields alone: the rest of the state goes with it as hidden ones. */
static void put_hidden(struct view *view, json_t *object, const char *const *omit)
{
    struct lede_web_state next = lede_state_changed(view->state);
    for (; *omit; omit++)
        lede_state_set(&next, *omit, NULL);
    json_t *hidden = view_put_list(view, object, "hidden");
    for (size_t i = 0; i < next.count; i++) {
        json_t *pair = json_object();
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer value = {0};
        for (const char *at = next.pairs[i].value; *at; at++)
            lede_buffer_append_format(&value, "%s%c",
                *at == ',' && lede_state_is_list(next.pairs[i].name) ? "\\" : "", *at);
        view_put_text(view, pair, "name", next.pairs[i].name);
        view_put_text(view, pair, "value", value.data);
        view_add(view, hidden, pair);
    }
}

static bool is_day(const char *text)
{
    return strlen(text) == 10 && strspn(text, "0123456789-") == 10;
}

static void put_dates(struct view *view, json_t *root)
{
    static const char *const omit[] = {"after", "before", NULL};
    static const struct {
        const char *after, *text;
    } periods[] = {{"-1d", "day"}, {"-7d", "week"}, {"-30d", "month"}, {"-365d", "year"}};
    json_t *dates = view_put_object(view, root, "dates");
    const char *after = lede_web_state_get(view->state, "after");
    const char *before = lede_web_state_get(view->state, "before");
    json_t *list = view_put_list(view, dates, "periods");
    for (size_t i = 0; i < LEDE_COUNT_OF(periods); i++) {
        bool is_chosen = strcmp(after, periods[i].after) == 0 && !before[0];
        struct lede_web_state next = lede_state_changed(view->state);
        json_t *period = json_object();
        lede_state_set(&next, "after", is_chosen ? NULL : periods[i].after);
        lede_state_set(&next, "before", NULL);
        view_put_text(view, period, "text", periods[i].text);
        view_put(view, period, "href", lede_state_address(&next));
        view_put(view, period, "is_chosen", json_boolean(is_chosen));
        view_add(view, list, period);
    }
    view_put_text(view, dates, "after", is_day(after) ? after : "");
    view_put_text(view, dates, "before", is_day(before) ? before : "");
    put_hidden(view, dates, omit);
}

void view_put_filters(struct view *view, json_t *root)
{
    static const char *const omit[] = {"q", "similar", "spell", NULL};
    json_t *list = view_put_list(view, root, "facets");
    if (lacks_counts(view)) {
        struct lede_web_state next = *view->state;
        lede_state_set(&next, "count", "all");
        json_t *cut = view_put_object(view, root, "cut");
        view_put(view, cut, "href", lede_state_address(&next));
    }
    put_hidden(view, root, omit);
    put_chips(view, root);
    put_dates(view, root);
    for (size_t i = 0; i < LEDE_COUNT_OF(facets); i++)
        add_facet(view, list, facets[i]);
}
