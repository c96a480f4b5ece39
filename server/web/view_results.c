/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of results: what each hit shows, how many there are, in which order, and the way to the
 * pages beside this one. */
#include "lede/encoding.h"
#include "prose.h"
#include "view.h"

#include <stdio.h>
#include <string.h>

#define COPY_SOURCES_MAX 3 /* named beside a hit */

/* ---- A hit ---- */

static bool has_mark(const char *fragment)
{
    return strstr(fragment, "<mark>") != NULL;
}

/* Append a highlight without its marks: escaped text. */
static void append_unmarked(struct lede_buffer *out, const char *fragment)
{
    while (*fragment) {
        size_t skip = strncmp(fragment, "<mark>", 6) == 0    ? 6
                      : strncmp(fragment, "</mark>", 7) == 0 ? 7
                                                             : 0;
        if (skip == 0)
            lede_buffer_append_char(out, fragment[0]);
        fragment += skip > 0 ? skip : 1;
    }
}

/* The highlight of this text, if a mark is in it. */
static const char *find_highlight(const json_t *highlights, const char *text)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer escaped = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer plain = {0};
    lede_buffer_append_html(&escaped, text, strlen(text));
    for (size_t i = 0; i < json_array_size(highlights); i++) {
        const char *fragment = view_item(highlights, i);
        lede_buffer_clear(&plain);
        append_unmarked(&plain, fragment);
        if (plain.size == escaped.size && plain.size > 0 &&
            memcmp(plain.data, escaped.data, plain.size) == 0)
            return fragment;
    }
    return NULL;
}

static void put_title(struct view *view, json_t *object, const json_t *hit)
{
    const json_t *document = json_object_get(hit, "document");
    const char *title = view_item(json_object_get(json_object_get(hit, "highlights"), "title"), 0);
    if (title[0]) {
        view_put_text(view, object, "title", title);
        return;
    }
    json_t *headline = lede_prose_headline(document, view_text(hit, "id"));
    view_put(view, object, "title",
        headline ? lede_prose_escaped(json_string_value(headline), json_string_length(headline))
                 : NULL);
    json_decref(headline);
}

/* Authors, each with its marks where a word of the query is in the name. */
static void put_authors(struct view *view, json_t *object, const json_t *hit)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer names = {0};
    const json_t *highlights = json_object_get(json_object_get(hit, "highlights"), "author");
    const json_t *authors = json_object_get(json_object_get(hit, "document"), "author");
    for (size_t i = 0; i < view_count(authors); i++) {
        const char *name = view_item(authors, i);
        const char *marked = find_highlight(highlights, name);
        lede_buffer_append_string(&names, i > 0 ? ", " : "");
        if (marked)
            lede_buffer_append_string(&names, marked);
        else
            lede_buffer_append_html(&names, name, strlen(name));
    }
    if (names.size > 0)
        view_put_text(view, object, "authors", names.data);
    view->failed = view->failed || names.failed;
}

/* Fragments follow each other in the text's order; one that is cut off within a sentence brings its
 * own ellipsis. */
static void append_fragment(struct lede_buffer *out, const char *fragment)
{
    static const char ellipsis[] = "…";
    size_t size = sizeof(ellipsis) - 1;
    bool begins = strncmp(fragment, ellipsis, size) == 0;
    bool ended = out->size >= size && memcmp(out->data + out->size - size, ellipsis, size) == 0;
    if (out->size > 0)
        lede_buffer_append_string(out, begins || ended ? " " : " … ");
    if (begins && ended)
        fragment += size + strspn(fragment + size, " ");
    lede_buffer_append_string(out, fragment);
}

/* What shows best why a hit is a hit: the body's fragments with marks, else the summary, else how
 * the body begins. */
static void put_snippet(struct view *view, json_t *object, const json_t *hit)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer snippet = {0};
    const json_t *highlights = json_object_get(hit, "highlights");
    const json_t *body = json_object_get(highlights, "body");
    const json_t *summary = json_object_get(highlights, "summary");
    const char *given = view_text(json_object_get(hit, "document"), "summary");
    for (size_t i = 0; i < view_count(body); i++) {
        if (has_mark(view_item(body, i)))
            append_fragment(&snippet, view_item(body, i));
    }
    for (size_t i = 0; snippet.size == 0 && i < view_count(summary); i++)
        append_fragment(&snippet, view_item(summary, i));
    if (snippet.size == 0)
        lede_buffer_append_html(&snippet, given, strlen(given));
    for (size_t i = 0; snippet.size == 0 && i < view_count(body); i++)
        append_fragment(&snippet, view_item(body, i));
    if (snippet.size > 0)
        view_put_text(view, object, "snippet", snippet.data);
    view->failed = view->failed || snippet.failed;
}

/* " in A, B …": the sources of the copies, without the hit itself. */
static json_t *copy_sources(const json_t *sources, const char *own)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer names = {0};
    size_t named = 0;
    for (size_t i = 0; i < json_array_size(sources); i++) {
        const json_t *source = json_array_get(sources, i);
        const char *name = view_text(source, "value");
        if (strcmp(name, own) == 0 && json_integer_value(json_object_get(source, "count")) < 2)
            continue;
        if (named == COPY_SOURCES_MAX) {
            lede_buffer_append_string(&names, " …");
            break;
        }
        lede_buffer_append_format(&names, "%s%s", named > 0 ? ", " : " in ", name);
        named++;
    }
    return names.failed ? NULL : json_string(names.data ? names.data : "");
}

/* Near-duplicates that the answer left out, as a link to all of them; a list's values can't be
 * asked for. */
static void put_copies(struct view *view, json_t *object, const json_t *hit)
{
    const json_t *collapsed = json_object_get(hit, "collapsed");
    const char *key = view_text(collapsed, "key"), *name = NULL;
    json_int_t count = json_integer_value(json_object_get(collapsed, "count"));
    const char *field = lede_web_state_collapse(view->state);
    if (count < 2)
        return;
    json_t *copies = view_put_object(view, object, "copies");
    view_put(view, copies, "count", json_integer(count - 1));
    view_put(view, copies, "sources",
        copy_sources(json_object_get(collapsed, "sources"),
            view_text(json_object_get(hit, "document"), "source")));
    const json_t *first = json_object_get(collapsed, "first");
    json_t *moment = lede_prose_moment(view_text(first, "published"));
    if (moment && view_text(first, "source")[0]) {
        json_t *by = view_put_object(view, copies, "first");
        view_put_text(view, by, "by", view_text(first, "source"));
        view_put(view, by, "moment", json_incref(moment));
        view_put(view, by, "is_this",
            json_boolean(strcmp(view_text(first, "id"), view_text(hit, "id")) == 0));
    }
    json_decref(moment);
    struct lede_web_state next = lede_state_changed(view->state);
    lede_state_set(&next, "collapse", NULL);
    for (size_t i = 0; key[0] && !strchr(key, '\x1f') && (name = lede_state_filter_at(i)); i++) {
        if (strcmp(name, field) != 0)
            continue;
        lede_state_set(&next, name, key);
        view_put(view, copies, "all", lede_state_address(&next));
    }
}

static json_t *hit_object(struct view *view, const json_t *hit)
{
    json_t *object = json_object();
    struct lede_web_state next = *view->state;
    const char *id = view_text(hit, "id");
    lede_state_set(&next, "document", id);
    lede_state_set(&next, "against", NULL);
    lede_state_set(&next, "unfold", NULL);
    view_put_text(view, object, "id", id);
    view_put(view, object, "href", lede_state_address(&next));
    if (strcmp(lede_web_state_get(view->state, "document"), id) == 0)
        view_put(view, object, "is_open", json_true());
    put_title(view, object, hit);
    put_authors(view, object, hit);
    put_snippet(view, object, hit);
    put_copies(view, object, hit);
    view_put_origin(view, object, json_object_get(hit, "document"), id);
    return object;
}

/* ---- How many, and the pages ---- */

static bool is_collapsed(const struct view *view)
{
    return strcmp(lede_web_state_collapse(view->state), "off") != 0;
}

struct range {
    uint32_t first; /* hit of the page, from 0 */
    uint32_t size;  /* hits that a page has */
    uint32_t shown;
    json_int_t total;
    bool is_exact;
};

static struct range range_of(const struct view *view)
{
    const json_t *answer = view->page->answer;
    const json_t *total = json_object_get(answer, "total");
    return (struct range){.first = lede_web_state_offset(view->state),
        .size = lede_web_state_limit(view->state, view->page->looks.limit),
        .shown = (uint32_t)json_array_size(json_object_get(answer, "hits")),
        .total = json_integer_value(json_object_get(total, "value")),
        .is_exact = strcmp(view_text(total, "relation"), "eq") == 0};
}

/* Does this page show fewer hits than it counts? A hit stands for several, or the last page ends
 * before the total. */
static bool shows_fewer(const struct view *view, struct range range)
{
    const json_t *answer = view->page->answer, *hits = json_object_get(answer, "hits");
    for (size_t i = 0; i < json_array_size(hits); i++) {
        const json_t *collapsed = json_object_get(json_array_get(hits, i), "collapsed");
        if (json_integer_value(json_object_get(collapsed, "count")) > 1)
            return true;
    }
    return is_collapsed(view) && range.is_exact &&
           !json_is_string(json_object_get(answer, "next")) &&
           range.first + range.shown != range.total;
}

/* How many stories there are is known where a page is the last one. */
static void put_stories(struct view *view, json_t *status, struct range range)
{
    bool is_end = !json_is_string(json_object_get(view->page->answer, "next"));
    const char *kind = range.first > 0 || !is_end ? "page_of_stories"
                       : range.shown == 1         ? "one_story"
                                                  : "all_stories";
    view_put(view, status, kind, json_true());
    view_put(view, status, "is_end", json_boolean(is_end));
    view_put(view, status, "is_single", json_boolean(range.shown == 1));
}

/* "11–20 of 1,234", in the parts that the template puts together. */
static void put_status(struct view *view, json_t *object, struct range range)
{
    const char *kind = range.total == 0                     ? "none"
                       : range.shown == 0                   ? "off_page"
                       : range.total == 1 && range.is_exact ? "one"
                       : shows_fewer(view, range)           ? "stories"
                                                            : "some";
    json_t *status = view_put_object(view, object, "status");
    view_put(view, status, kind, json_true());
    put_stories(view, status, range);
    view_put(view, status, "first", json_integer(range.first + 1));
    view_put(view, status, "last", json_integer(range.first + range.shown));
    view_put(view, status, "total", json_integer(range.total));
    view_put(view, status, "about", json_boolean(!range.is_exact));
    view_put(view, status, "partly",
        json_boolean(json_is_true(json_object_get(view->page->answer, "timed_out"))));
}

static void put_page_link(struct view *view, json_t *pager, const char *key, uint32_t offset)
{
    char number[16];
    struct lede_web_state next = lede_state_changed(view->state);
    snprintf(number, sizeof(number), "%u", offset);
    lede_state_set(&next, "offset", offset > 0 ? number : NULL);
    view_put(view, pager, key, lede_state_address(&next));
}

static void put_pager(struct view *view, json_t *object, struct range range)
{
    bool is_counted = range.is_exact && !is_collapsed(view);
    bool more = is_counted ? range.first + range.size < range.total
                           : range.shown == range.size &&
                                 json_is_string(json_object_get(view->page->answer, "next"));
    bool is_deep = more && range.first + range.size > LEDE_STATE_OFFSET_MAX;
    if (range.first == 0 && !more)
        return;
    json_t *pager = view_put_object(view, object, "pager");
    view_put(view, pager, "is_counted", json_boolean(range.shown > 0));
    view_put(view, pager, "is_too_deep", json_boolean(is_deep));
    if (range.first > 0)
        put_page_link(
            view, pager, "previous", range.first > range.size ? range.first - range.size : 0);
    if (more && !is_deep)
        put_page_link(view, pager, "next", range.first + range.size);
}

/* ---- Order and looks ---- */

static void add_choice(
    struct view *view, json_t *list, const char *text, json_t *href, bool is_chosen)
{
    json_t *choice = json_object();
    view_put_text(view, choice, "text", text);
    view_put(view, choice, "href", href);
    view_put(view, choice, "is_chosen", json_boolean(is_chosen));
    view_add(view, list, choice);
}

static bool is_ranked(const struct lede_web_state *state)
{
    return lede_web_state_get(state, "q")[0] || lede_web_state_get(state, "similar")[0];
}

static void put_orders(struct view *view, json_t *object)
{
    static const struct {
        const char *value, *text;
    } orders[] = {{"relevance", "Relevance"}, {"newest", "Newest"}, {"oldest", "Oldest"}};
    json_t *list = view_put_list(view, object, "orders");
    bool ranked = is_ranked(view->state);
    const char *usual = ranked ? "relevance" : "newest";
    const char *sort = lede_web_state_get(view->state, "sort");
    for (size_t i = ranked ? 0 : 1; i < LEDE_COUNT_OF(orders); i++) {
        struct lede_web_state next = lede_state_changed(view->state);
        const char *value = orders[i].value;
        lede_state_set(&next, "sort", strcmp(value, usual) == 0 ? NULL : value);
        add_choice(view, list, orders[i].text, lede_state_address(&next),
            strcmp(value, sort[0] ? sort : usual) == 0);
    }
}

/* The same page with other looks, which the server then puts into the cookie. */
static json_t *looks_address(const struct view *view, struct lede_web_looks looks)
{
    char text[LEDE_WEB_LOOKS_SIZE];
    struct lede_web_state next = lede_state_changed(view->state);
    lede_state_set(&next, "limit", NULL);
    json_t *address = lede_state_address(&next);
    lede_web_looks_print(&looks, text);
    const char *query = json_string_value(address);
    bool is_bare = !query || query[0] != '?';
    json_t *with =
        query ? json_sprintf("%s%clist=%s", is_bare ? "" : query, is_bare ? '?' : '&', text) : NULL;
    json_decref(address);
    return with;
}

static void put_looks(struct view *view, json_t *object)
{
    static const char *const densities[] = {"Comfortable", "Headlines", "Table"};
    static const uint32_t limits[] = {10, 25, 50, 100};
    struct lede_web_looks now = view->page->looks;
    json_t *list = view_put_list(view, object, "densities");
    for (size_t i = 0; i < LEDE_COUNT_OF(densities); i++) {
        struct lede_web_looks looks = {(enum lede_web_density)i, now.limit};
        add_choice(view, list, densities[i], looks_address(view, looks), i == now.density);
    }
    uint32_t limit = lede_web_state_limit(view->state, now.limit);
    list = view_put_list(view, object, "limits");
    for (size_t i = 0; i < LEDE_COUNT_OF(limits); i++) {
        char text[16];
        struct lede_web_looks looks = {now.density, limits[i]};
        snprintf(text, sizeof(text), "%u", limits[i]);
        add_choice(view, list, text, looks_address(view, looks), limits[i] == limit);
    }
}

static void put_once(struct view *view, json_t *object)
{
    struct lede_web_state next = lede_state_changed(view->state);
    bool is_once = strcmp(lede_web_state_collapse(view->state), "story") == 0;
    lede_state_set(&next, "collapse", NULL);
    if (is_once)
        lede_state_set(&next, "collapse", "off");
    else if (strcmp(lede_web_state_collapse(&next), "story") != 0)
        lede_state_set(&next, "collapse", "story");
    json_t *once = view_put_object(view, object, "once");
    view_put(view, once, "href", lede_state_address(&next));
    view_put(view, once, "is_chosen", json_boolean(is_once));
}

/* ---- Headline, exports ---- */

static void put_headline(struct view *view, json_t *object)
{
    const struct lede_web_state *state = view->state;
    const char *q = lede_web_state_get(state, "q");
    const char *similar = lede_web_state_get(state, "similar");
    bool is_oldest = strcmp(lede_web_state_get(state, "sort"), "oldest") == 0;
    if (similar[0]) {
        struct lede_web_state read = {.arena = state->arena};
        lede_state_set(&read, "document", similar);
        json_t *like = view_put_object(view, object, "like");
        view_put(view, like, "href", lede_state_address(&read));
        view_put(view, like, "title", lede_prose_headline(view->page->like, similar));
    }
    view_put_text(view, object, "headline",
        similar[0]  ? "Similar documents"
        : q[0]      ? q
        : is_oldest ? "Oldest news"
                    : "Latest news");
    view_put(view, object, "is_query", json_boolean(q[0] && !similar[0]));
}

static void add_export(
    struct view *view, json_t *list, const char *text, const char *file, json_t *href)
{
    json_t *item = json_object();
    view_put_text(view, item, "text", text);
    view_put(view, item, "href", href);
    if (file)
        view_put_text(view, item, "file", file);
    view_add(view, list, item);
}

/* What is like a document is answered below its own path, as JSON alone. */
static json_t *similar_address(struct lede_web_state *search)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer path = {0};
    const char *id = lede_web_state_get(search, "similar");
    lede_buffer_append_string(&path, "documents/");
    lede_percent_append(&path, id, strlen(id), LEDE_URI_UNRESERVED_MARKS);
    lede_buffer_append_string(&path, "/similar");
    lede_state_set(search, "similar", NULL);
    return path.failed ? NULL : lede_state_path_address(search, path.data);
}

/* A reader of feeds sends no key; the script fetches the other files with it. */
static void put_exports(struct view *view, json_t *object)
{
    static const struct {
        const char *path, *text, *file;
        bool takes_key;
    } exports[] = {{"search.atom", "Atom", NULL, false}, {"search.rss", "RSS", NULL, false},
        {"search.jsonfeed", "JSON Feed", NULL, false}, {"export.csv", "CSV", "search.csv", true},
        {"export.ndjson", "NDJSON", "search.ndjson", true},
        {"export.txt", "Text", "search.txt", true}};
    json_t *list = view_put_list(view, object, "exports");
    struct lede_web_state search = lede_state_changed(view->state);
    lede_state_set(&search, "limit", NULL);
    lede_state_set(&search, "spell", NULL);
    if (lede_web_state_get(&search, "similar")[0]) {
        add_export(view, list, "JSON", "search.json", similar_address(&search));
        return;
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(exports); i++) {
        if (exports[i].takes_key || !view->page->has_key)
            add_export(view, list, exports[i].text, exports[i].file,
                lede_state_path_address(&search, exports[i].path));
    }
}

void view_put_results(struct view *view, json_t *root)
{
    char start[16];
    json_t *results = view_put_object(view, root, "results");
    const json_t *answer = view->page->answer;
    view_put_text(view, results, "start", "1");
    put_headline(view, results);
    put_orders(view, results);
    put_looks(view, results);
    put_once(view, results);
    put_exports(view, results);
    if (view->page->problem)
        view_put_problem(view, results, view->page->problem);
    if (!answer)
        return;
    struct range range = range_of(view);
    snprintf(start, sizeof(start), "%u", range.first + 1);
    view_put_text(view, results, "start", start);
    put_status(view, results, range);
    put_pager(view, results, range);
    view_put_hints(view, results);
    json_t *hits = view_put_list(view, results, "hits");
    for (size_t i = 0; i < range.shown; i++)
        view_add(view, hits, hit_object(view, json_array_get(json_object_get(answer, "hits"), i)));
    if (range.shown == 0)
        view_put_empty(view, results);
}
