/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole page: the parts of the view, put into the templates. */
#include "prose.h"
#include "template.h"
#include "view.h"

#include <stdio.h>
#include <string.h>

const char lede_web_fields[] =
    "title,summary,url,source,author,section,tags,language,published,received,updated";
const char lede_web_highlight[] = "title,summary,body,author";

/* ---- Looks ---- */

static const char *const densities[] = {"comfortable", "headlines", "table"};
static const uint32_t limits[] = {10, 25, 50, 100};

void lede_web_looks_read(struct lede_web_looks *looks, const char *text, size_t size)
{
    for (size_t start = 0; start < size;) {
        size_t end = start;
        while (end < size && text[end] != '.')
            end++;
        for (size_t i = 0; i < LEDE_COUNT_OF(densities); i++) {
            if (strlen(densities[i]) == end - start &&
                memcmp(densities[i], text + start, end - start) == 0)
                looks->density = (enum lede_web_density)i;
        }
        for (size_t i = 0; i < LEDE_COUNT_OF(limits); i++) {
            char number[16];
            snprintf(number, sizeof(number), "%u", limits[i]);
            if (strlen(number) == end - start && memcmp(number, text + start, end - start) == 0)
                looks->limit = limits[i];
        }
        start = end + 1;
    }
}

void lede_web_looks_print(const struct lede_web_looks *looks, char ret_text[LEDE_WEB_LOOKS_SIZE])
{
    snprintf(ret_text, LEDE_WEB_LOOKS_SIZE, "%s.%u", densities[looks->density], looks->limit);
}

/* ---- The head ---- */

static void put_title(struct view *view, json_t *root)
{
    const char *headline = view_text(json_object_get(root, "reading"), "headline");
    if (!headline[0])
        headline = view_text(json_object_get(root, "results"), "headline");
    bool is_plain = !lede_web_state_get(view->state, "q")[0] &&
                    !lede_web_state_get(view->state, "similar")[0] &&
                    !lede_web_state_get(view->state, "document")[0];
    view_put(view, root, "title",
        is_plain || !headline[0] ? json_string("Lede") : json_sprintf("%s – Lede", headline));
}

/* The query's feeds, for readers of feeds that look at a page's head. */
static void put_feeds(struct view *view, json_t *root)
{
    static const struct {
        const char *path, *type, *name;
    } feeds[] = {{"search.atom", "application/atom+xml", "Atom"},
        {"search.rss", "application/rss+xml", "RSS"},
        {"search.jsonfeed", "application/feed+json", "JSON Feed"}};
    struct lede_web_state search = lede_state_changed(view->state);
    const char *q = lede_web_state_get(view->state, "q");
    if (view->page->has_key || lede_web_state_get(view->state, "similar")[0])
        return;
    json_t *list = view_put_list(view, root, "feeds");
    for (size_t i = 0; i < LEDE_COUNT_OF(feeds); i++) {
        json_t *feed = json_object();
        view_put_text(view, feed, "type", feeds[i].type);
        view_put(
            view, feed, "title", json_sprintf("%s (%s)", q[0] ? q : "Latest news", feeds[i].name));
        view_put(view, feed, "href", lede_state_path_address(&search, feeds[i].path));
        view_add(view, list, feed);
    }
}

/* ---- The help ---- */

/* The query language in ten examples, each a search. */
static void put_help(struct view *view, json_t *root)
{
    static const struct {
        const char *q, *text;
    } examples[] = {{"ferry harbour", "both words, in any order"},
        {"\"night ferry\"", "these words, side by side"}, {"ferry OR boat", "either word"},
        {"ferry -harbour", "without a word"}, {"title:ferry", "in the headline"},
        {"author:\"jane doe\"", "by this author"}, {"harbo*", "all words that begin so"},
        {"=ferry", "the word as written, no other form of it"}, {"harbor~", "spelt nearly so"},
        {"ferry NEAR/5 captain", "within five words of each other"},
        {"published:2024-07..2024-09", "from these months"}};
    json_t *list = view_put_list(view, root, "examples");
    for (size_t i = 0; i < LEDE_COUNT_OF(examples); i++) {
        struct lede_web_state next = {.arena = view->state->arena};
        json_t *example = json_object();
        lede_state_set(&next, "q", examples[i].q);
        view_put_text(view, example, "q", examples[i].q);
        view_put_text(view, example, "text", examples[i].text);
        view_put(view, example, "href", lede_state_address(&next));
        view_add(view, list, example);
    }
}

/* ---- The page ---- */

enum lede_status lede_web_page_write(
    const struct lede_web_page *page, struct lede_buffer *out, struct lede_error *reterr)
{
    struct view view = {.page = page, .state = page->state};
    json_auto_t *root = json_object();
    bool is_reading = lede_web_state_get(page->state, "document")[0] != '\0';
    view_put_text(&view, root, "view", is_reading ? "reading" : "results");
    view_put_text(&view, root, "density", densities[page->looks.density]);
    view_put_text(&view, root, "q", lede_web_state_get(page->state, "q"));
    view_put(&view, root, "is_start",
        json_boolean(!is_reading && !lede_web_state_get(page->state, "q")[0]));
    view_put(&view, root, "has_key", json_boolean(page->has_key));
    view_put(&view, root, "is_styled", json_boolean(page->is_styled));
    if (is_reading)
        view_put_document(&view, root);
    view_put_results(&view, root);
    view_put_filters(&view, root);
    view_put_timeline(&view, root);
    view_put(&view, root, "notices",
        json_pack("{s:s, s:s, s:s}", "title", "", "detail", "", "hint", ""));
    put_feeds(&view, root);
    put_help(&view, root);
    put_title(&view, root);
    if (view.failed)
        return lede_fail_memory(reterr);
    return lede_template_render("page", root, out, reterr);
}
