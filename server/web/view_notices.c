/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the page says when there is something other than results to say: what went wrong and what to
 * do about it, other spellings, and why there is nothing to see. */
#include "lede/encoding.h"
#include "view.h"

#include <ctype.h>
#include <string.h>

/* ---- Problems ---- */

/* The query with the place of the error. The API counts in bytes. */
static void put_caret(struct view *view, json_t *object, const char *q, size_t position)
{
    size_t size = strlen(q);
    size_t at = lede_utf8_boundary(q, size, position < size ? position : size);
    size_t bytes = at < size ? lede_utf8_size(q + at, size - at) : 0;
    json_t *caret = view_put_object(view, object, "caret");
    view_put(view, caret, "before", json_stringn(q, at));
    view_put(view, caret, "at", json_stringn(q + at, bytes));
    view_put_text(view, caret, "behind", q + at + bytes);
}

static bool is_of_state(const struct lede_web_state *state, const char *name)
{
    return name[0] && strcmp(name, "q") != 0 && lede_web_state_get(state, name)[0];
}

void view_put_problem(struct view *view, json_t *object, const json_t *given)
{
    static const char *const texts[] = {"title", "detail", "hint"};
    const char *param = view_text(given, "param");
    const char *q = lede_web_state_get(view->state, "q");
    const json_t *position = json_object_get(given, "position");
    json_int_t status = json_integer_value(json_object_get(given, "status"));
    json_t *problem = view_put_object(view, object, "problem");
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++)
        view_put_text(view, problem, texts[i], view_text(given, texts[i]));
    if (status == 401) {
        view_put(view, problem, "wants_key", json_true());
        view_put(view, problem, "has_key", json_boolean(view->page->has_key));
    }
    if (json_is_integer(position) && q[0] && (!param[0] || strcmp(param, "q") == 0))
        put_caret(view, problem, q, (size_t)json_integer_value(position));
    if (is_of_state(view->state, param)) {
        struct lede_web_state next = lede_state_changed(view->state);
        lede_state_set(&next, param, NULL);
        view_put(view, problem, "without", lede_state_address(&next));
    }
    if (view->page->words_alone)
        view_put_text(view, problem, "words_alone", view->page->words_alone);
    if (status >= 500 || status == 429) {
        view_put(view, problem, "again", lede_state_address(view->state));
        view_put_text(view, problem, "request", view_text(given, "instance"));
    }
}

/* ---- Hints ---- */

static json_t *address_of_query(const struct view *view, const char *q)
{
    struct lede_web_state next = lede_state_changed(view->state);
    lede_state_set(&next, "q", q);
    return lede_state_address(&next);
}

/* Letters and digits of both, whatever their case, and what is not ASCII: does one say more than
 * the other? */
static bool says_the_same(const char *a, const char *b)
{
    for (;;) {
        while (*a && (unsigned char)*a < 0x80 && !isalnum((unsigned char)*a))
            a++;
        while (*b && (unsigned char)*b < 0x80 && !isalnum((unsigned char)*b))
            b++;
        if (!*a || !*b)
            return *a == *b;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        a++;
        b++;
    }
}

static void put_notes(struct view *view, json_t *hints, const json_t *query)
{
    const json_t *given = json_object_get(query, "notes");
    json_t *notes = view_put_list(view, hints, "notes");
    for (size_t i = 0; i < json_array_size(given); i++) {
        const json_t *note = json_array_get(given, i);
        view_add(view, notes,
            json_pack("{s:s, s:s, s:s}", "text", view_text(note, "text"), "reason",
                view_text(note, "reason"), "hint", view_text(note, "hint")));
    }
}

/* "AND" between words says nothing that was not said. */
static json_t *without_and(const char *parsed)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    for (const char *at = parsed; *at;) {
        const char *and = strstr(at, " AND ");
        size_t size = and? (size_t)(and-at) : strlen(at);
        lede_buffer_append(&text, at, size);
        lede_buffer_append_string(&text, and? " " : "");
        at += size + (and? 5 : 0);
    }
    return text.failed ? NULL : json_string(text.data ? text.data : "");
}

static void put_understood(struct view *view, json_t *hints, const json_t *query)
{
    json_t *understood = without_and(view_text(query, "parsed"));
    const char *text = json_string_value(understood);
    if (text && lede_web_state_get(view->state, "q")[0] &&
        !lede_web_state_get(view->state, "similar")[0] &&
        !says_the_same(text, view_text(query, "q")))
        view_put(view, hints, "understood", understood);
    else
        json_decref(understood);
    view->failed = view->failed || !text;
}

void view_put_hints(struct view *view, json_t *object)
{
    const json_t *query = json_object_get(view->page->answer, "query");
    const char *other = view_text(query, "did_you_mean");
    bool corrected = json_is_true(json_object_get(query, "corrected"));
    json_t *hints = view_put_object(view, object, "hints");
    if (other[0]) {
        json_t *spelling = view_put_object(view, hints, corrected ? "corrected" : "did_you_mean");
        struct lede_web_state as_asked = lede_state_changed(view->state);
        lede_state_set(&as_asked, "spell", "off");
        view_put_text(view, spelling, "other", other);
        view_put(view, spelling, "href", address_of_query(view, other));
        view_put_text(view, spelling, "q", view_text(query, "q"));
        view_put(view, spelling, "as_asked", lede_state_address(&as_asked));
    } else {
        put_understood(view, hints, query);
    }
    put_notes(view, hints, query);
    view_put(view, hints, "timed_out",
        json_boolean(json_is_true(json_object_get(view->page->answer, "timed_out"))));
}

/* ---- Nothing found ---- */

/* Letters, digits and what is not ASCII, with a dash or an apostrophe. */
static bool is_word(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x80 && !isalnum((unsigned char)*text) && !strchr("'-", *text))
            return false;
    }
    return true;
}

static json_t *clause_object(struct view *view, const json_t *clause)
{
    json_t *object = json_object();
    const char *text = view_text(clause, "clause");
    view_put_text(view, object, "text", text);
    view_put(view, object, "is_quoted", json_boolean(text[0] == '"'));
    view_put(
        view, object, "count", json_integer(json_integer_value(json_object_get(clause, "count"))));
    view_put(
        view, object, "about", json_boolean(strcmp(view_text(clause, "relation"), "approx") == 0));
    view_put(
        view, object, "at_least", json_boolean(strcmp(view_text(clause, "relation"), "gte") == 0));
    view_put(view, object, "is_one",
        json_boolean(json_integer_value(json_object_get(clause, "count")) == 1));
    return object;
}

/* Parts that find nothing by themselves; of a phrase or a NEAR its words, if they are to blame.
 * Returns whether there are any. */
static bool add_barren(struct view *view, json_t *list, const json_t *clauses)
{
    bool any = false;
    for (size_t i = 0; i < json_array_size(clauses); i++) {
        const json_t *clause = json_array_get(clauses, i);
        const json_t *count = json_object_get(clause, "count");
        const char *role = view_text(clause, "role");
        if (!json_is_integer(count) || json_integer_value(count) != 0 ||
            strcmp(role, "excluded") == 0 || strcmp(role, "optional") == 0)
            continue;
        any = true;
        const json_t *inner = json_object_get(clause, "clauses");
        if (add_barren(view, list, inner))
            continue;
        json_t *object = clause_object(view, clause);
        const char *why = strcmp(role, "filter") == 0            ? "is_filter"
                          : inner                                ? "is_together"
                          : is_word(view_text(clause, "clause")) ? "is_word"
                                                                 : "is_other";
        view_put(view, object, why, json_true());
        view_add(view, list, object);
    }
    return any;
}

static void put_reasons(struct view *view, json_t *empty, const json_t *clauses)
{
    json_t *barren = view_put_list(view, empty, "barren");
    if (add_barren(view, barren, clauses) || json_array_size(clauses) < 2)
        return;
    json_t *apart = view_put_list(view, empty, "apart");
    view_put(view, empty, "is_apart", json_true());
    for (size_t i = 0; i < json_array_size(clauses); i++) {
        const json_t *clause = json_array_get(clauses, i);
        if (!json_is_integer(json_object_get(clause, "count")))
            continue;
        json_t *object = clause_object(view, clause);
        view_put(view, object, "is_excluded",
            json_boolean(strcmp(view_text(clause, "role"), "excluded") == 0));
        view_add(view, apart, object);
    }
}

static void add_way(struct view *view, json_t *ways, const json_t *change)
{
    const json_t *without = json_object_get(change, "without");
    struct lede_web_state next = lede_state_changed(view->state);
    const char *text = view_text(change, "text");
    if (!json_is_object(change))
        return;
    lede_state_set(&next, "q", view_text(change, "q"));
    for (size_t i = 0; i < json_array_size(without); i++)
        lede_state_set(&next, view_item(without, i), NULL);
    json_t *way = clause_object(view, change);
    view_put(view, way, "text",
        json_sprintf("%c%s", toupper((unsigned char)text[0]), text[0] ? text + 1 : ""));
    view_put(view, way, "href", lede_state_address(&next));
    view_add(view, ways, way);
}

static void put_ways(struct view *view, json_t *empty, const json_t *clinic)
{
    const json_t *alternatives = json_object_get(clinic, "alternatives");
    json_t *ways = view_put_list(view, empty, "ways");
    add_way(view, ways, json_object_get(clinic, "smallest"));
    for (size_t i = 0; i < json_array_size(alternatives); i++)
        add_way(view, ways, json_array_get(alternatives, i));
    view_put(view, empty, "has_ways", json_boolean(json_array_size(ways) > 0));
    if (json_array_size(ways) == 0 && lede_state_is_narrowed(view->state)) {
        struct lede_web_state next = lede_state_without_filters(view->state);
        view_put(view, empty, "without_filters", lede_state_address(&next));
    }
}

/* Why there is nothing to see, and what would change that. */
void view_put_empty(struct view *view, json_t *object)
{
    const struct lede_web_state *state = view->state;
    const json_t *answer = view->page->answer;
    const json_t *total = json_object_get(json_object_get(answer, "total"), "value");
    const json_t *clinic = json_object_get(json_object_get(answer, "query"), "clinic");
    bool is_plain = !lede_web_state_get(state, "q")[0] && !lede_state_is_narrowed(state);
    json_t *empty = view_put_object(view, object, "empty");
    if (json_integer_value(total) > 0) {
        struct lede_web_state first = lede_state_changed(state);
        view_put(view, empty, "first_page", lede_state_address(&first));
        return;
    }
    if (is_plain && lede_web_state_get(state, "similar")[0]) {
        view_put(view, empty, "is_unlike", json_true());
        return;
    }
    if (is_plain && lede_web_state_offset(state) == 0) {
        view_put(view, empty, "is_archive", json_true());
        view_put_text(view, empty, "origin", view->page->origin);
        return;
    }
    json_t *nothing = view_put_object(view, empty, "nothing");
    put_reasons(view, nothing, json_object_get(clinic, "clauses"));
    put_ways(view, nothing, clinic);
    view_put(view, nothing, "has_query", json_boolean(lede_web_state_get(state, "q")[0] != '\0'));
    view_put(view, nothing, "is_unexplained",
        json_boolean(json_array_size(json_object_get(nothing, "barren")) == 0 &&
                     json_array_size(json_object_get(nothing, "apart")) == 0));
}
