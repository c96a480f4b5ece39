/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state.h"

#include "lede/encoding.h"
#include "lede/number.h"
#include "lede/schema.h"

#include <stdio.h>
#include <string.h>

#define LIMIT_MAX 100 /* hits a page of this page, not of the API */

/* What the address may name, in the order in which addresses are written; filters come behind `q`.
 * All but the last five are the API's. */
static const char *const scalars[] = {"q", "match", "in", "strict", "synonyms", "expand",
    "time_zone", "after", "before", "sort", "recency", "collapse", "spell", "limit", "offset",
    "similar", "document", "against", "unfold", "count"};
#define PAGE_SCALARS 5

/* ---- Names ---- */

const char *lede_state_filter_at(size_t index)
{
    for (enum lede_field_id id = 0; id < LEDE_FIELD_COUNT; id++) {
        if (lede_field_at(id)->filter_name && index-- == 0)
            return lede_field_at(id)->filter_name;
    }
    return index == 0 ? lede_field_of_stories()->filter_name : NULL;
}

static const char *find_filter(const char *name)
{
    const char *filter = NULL;
    for (size_t i = 0; (filter = lede_state_filter_at(i)); i++) {
        if (strcmp(filter, name) == 0)
            return filter;
    }
    return NULL;
}

static const char *find_scalar(const char *name, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(scalars[i], name) == 0)
            return scalars[i];
    }
    return NULL;
}

bool lede_web_is_search_parameter(const char *name)
{
    return find_filter(name) || find_scalar(name, LEDE_COUNT_OF(scalars) - PAGE_SCALARS);
}

bool lede_state_is_list(const char *name)
{
    return find_filter(name) != NULL;
}

/* ---- Values ---- */

const char *lede_web_state_get(const struct lede_web_state *state, const char *name)
{
    for (size_t i = 0; i < state->count; i++) {
        if (strcmp(state->pairs[i].name, name) == 0)
            return state->pairs[i].value;
    }
    return "";
}

bool lede_state_has(const struct lede_web_state *state, const char *name, const char *value)
{
    for (size_t i = 0; i < state->count; i++) {
        if (strcmp(state->pairs[i].name, name) == 0 && strcmp(state->pairs[i].value, value) == 0)
            return true;
    }
    return false;
}

void lede_state_add(struct lede_web_state *state, const char *name, const char *value)
{
    if (state->count < LEDE_WEB_PAIRS_MAX && !lede_state_has(state, name, value))
        state->pairs[state->count++] = (struct lede_web_pair){name, value};
}

/* value  NULL: any */
static void drop(struct lede_web_state *state, const char *name, const char *value)
{
    size_t kept = 0;
    for (size_t i = 0; i < state->count; i++) {
        const struct lede_web_pair *pair = &state->pairs[i];
        const char *held = pair->value + (value && pair->value[0] == '-');
        bool goes = strcmp(pair->name, name) == 0 && (!value || strcmp(held, value) == 0);
        if (!goes)
            state->pairs[kept++] = *pair;
    }
    state->count = kept;
}

void lede_state_set(struct lede_web_state *state, const char *name, const char *value)
{
    drop(state, name, NULL);
    if (value && value[0])
        lede_state_add(state, name, value);
}

void lede_state_remove(struct lede_web_state *state, const char *name, const char *value)
{
    drop(state, name, value);
}

struct lede_web_state lede_state_changed(const struct lede_web_state *state)
{
    struct lede_web_state next = *state;
    drop(&next, "offset", NULL);
    drop(&next, "document", NULL);
    drop(&next, "against", NULL);
    drop(&next, "unfold", NULL);
    drop(&next, "count", NULL);
    return next;
}

struct lede_web_state lede_state_without_filters(const struct lede_web_state *state)
{
    static const char *const kept[] = {"q", "sort", "limit", "similar"};
    struct lede_web_state next = {.arena = state->arena};
    for (size_t i = 0; i < state->count; i++) {
        for (size_t k = 0; k < LEDE_COUNT_OF(kept); k++) {
            if (strcmp(state->pairs[i].name, kept[k]) == 0)
                lede_state_add(&next, kept[k], state->pairs[i].value);
        }
    }
    return next;
}

bool lede_state_is_narrowed(const struct lede_web_state *state)
{
    static const char *const narrowing[] = {"match", "in", "after", "before", "recency"};
    for (size_t i = 0; i < state->count; i++) {
        if (lede_state_is_list(state->pairs[i].name))
            return true;
        for (size_t k = 0; k < LEDE_COUNT_OF(narrowing); k++) {
            if (strcmp(state->pairs[i].name, narrowing[k]) == 0)
                return true;
        }
    }
    return false;
}

static uint32_t whole_number(const char *text, uint32_t fallback, uint32_t max)
{
    int64_t number = 0;
    if (text[0] < '0' || text[0] > '9' ||
        lede_parse_int64(text, strlen(text), 0, INT32_MAX, &number, NULL) != LEDE_OK)
        return fallback;
    return number < max ? (uint32_t)number : max;
}

const char *lede_web_state_collapse(const struct lede_web_state *state)
{
    const char *collapse = lede_web_state_get(state, "collapse");
    bool asks_for_copies = lede_web_state_get(state, "story")[0] != '\0';
    return collapse[0] ? collapse : asks_for_copies ? "off" : "story";
}

uint32_t lede_web_state_offset(const struct lede_web_state *state)
{
    return whole_number(lede_web_state_get(state, "offset"), 0, LEDE_STATE_OFFSET_MAX);
}

uint32_t lede_web_state_limit(const struct lede_web_state *state, uint32_t limit)
{
    uint32_t wanted = whole_number(lede_web_state_get(state, "limit"), limit, LIMIT_MAX);
    return wanted > 0 ? wanted : limit;
}

/* ---- Reading an address ---- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Add a value without the space around it, and with `\,` as a comma. */
static enum lede_status add_trimmed(
    struct lede_web_state *state, const char *name, const char *value, size_t size, bool unescape)
{
    while (size > 0 && is_space(value[0])) {
        value++;
        size--;
    }
    while (size > 0 && is_space(value[size - 1]))
        size--;
    if (size == 0)
        return LEDE_OK;
    char *copy = lede_arena_copy(state->arena, value, size);
    if (!copy)
        return LEDE_ENOMEM;
    char *to = copy;
    for (const char *from = copy; unescape && *from; from++) {
        if (from[0] == '\\' && from[1] == ',')
            from++;
        *to++ = *from;
    }
    if (unescape)
        *to = '\0';
    lede_state_add(state, name, copy);
    return LEDE_OK;
}

static enum lede_status add_list(struct lede_web_state *state, const char *name, const char *value)
{
    enum lede_status st = LEDE_OK;
    for (const char *start = value; st == LEDE_OK && *start;) {
        size_t size = strcspn(start, ",");
        while (size > 0 && start[size - 1] == '\\' && start[size] == ',')
            size += 1 + strcspn(start + size + 1, ",");
        st = add_trimmed(state, name, start, size, true);
        start += size + (start[size] == ',');
    }
    return st;
}

enum lede_status lede_web_state_add_parameter(
    struct lede_web_state *state, const char *name, const char *value)
{
    const char *list = find_filter(name);
    const char *scalar = find_scalar(name, LEDE_COUNT_OF(scalars));
    bool is_number = strcmp(name, "limit") == 0 || strcmp(name, "offset") == 0;
    if (list)
        return add_list(state, list, value);
    if (!scalar || lede_web_state_get(state, scalar)[0] ||
        (is_number && whole_number(value, 0, LIMIT_MAX) == 0))
        return LEDE_OK;
    return add_trimmed(state, scalar, value, strlen(value), false);
}

/* ---- Writing one ---- */

/* As a form of HTML is sent: a space is a plus. */
static void append_value(struct lede_buffer *out, const char *value, bool is_list)
{
    for (; *value; value++) {
        if (*value == ' ')
            lede_buffer_append_char(out, '+');
        else if (*value == ',' && is_list)
            lede_buffer_append_string(out, "%5C%2C");
        else
            lede_percent_append(out, value, 1, "-._*");
    }
}

static void append_pairs(
    const struct lede_web_state *state, const char *name, bool is_list, struct lede_buffer *out)
{
    for (size_t i = 0; i < state->count; i++) {
        if (strcmp(state->pairs[i].name, name) != 0)
            continue;
        lede_buffer_append_char(out, out->size == 0 ? '?' : '&');
        lede_buffer_append_string(out, name);
        lede_buffer_append_char(out, '=');
        append_value(out, state->pairs[i].value, is_list);
    }
}

static void append_query(const struct lede_web_state *state, struct lede_buffer *out)
{
    const char *filter = NULL;
    for (size_t i = 0; i < LEDE_COUNT_OF(scalars); i++) {
        bool filters_next = strcmp(scalars[i], "limit") == 0;
        for (size_t k = 0; filters_next && (filter = lede_state_filter_at(k)); k++)
            append_pairs(state, filter, true, out);
        append_pairs(state, scalars[i], false, out);
    }
}

json_t *lede_state_address(const struct lede_web_state *state)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    append_query(state, &address);
    if (address.failed)
        return NULL;
    return json_string(address.size > 0 ? address.data : "./");
}

json_t *lede_state_path_address(const struct lede_web_state *state, const char *path)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer query = {0};
    append_query(state, &query);
    lede_buffer_append_string(&address, path);
    lede_buffer_append(&address, query.data, query.size);
    if (address.failed || query.failed)
        return NULL;
    return json_string(address.data);
}
