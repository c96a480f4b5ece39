/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a page says of itself: schema.org's JSON-LD, <meta>, <title>, and what it shows.
 *
 * Sources: schema.org/NewsArticle; the Open Graph protocol; Dublin Core in HTML (RFC 2731); the
 * WHATWG's HTML for lang, link and time. */
#include "page.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum {
    BYLINE_BYTES_MAX = 100,
    JSONLD_DEPTH_MAX = 8,  /* of what holds the article */
    META_MAX = 400,        /* of a page */
    PART_WORDS_MIN = 3,    /* of a title's part that is taken without the site's name */
    TITLE_WORDS_MIN = 5,   /* a shorter one stays whole */
    VALUE_BYTES_MAX = 8192 /* of a meta; a longer one is no description, but data */
};

struct reading {
    json_t *object; /* owned */
    json_t *meta;   /* inside it */
    json_t *names;  /* what <meta name> says; what <meta property> says goes before it; owned */
    struct lede_html_page page;
    struct lede_buffer text; /* of the step under way */
    bool has_failed;         /* no memory */
};

static void set_text(struct reading *reading, json_t *object, const char *key, const char *text)
{
    const char *start = text;
    size_t size = text ? strlen(text) : 0;
    while (size > 0 && isspace((unsigned char)*start)) {
        start++;
        size--;
    }
    while (size > 0 && isspace((unsigned char)start[size - 1]))
        size--;
    if (size == 0 || json_object_get(object, key))
        return;
    reading->has_failed |= json_object_set_new(object, key, json_stringn(start, size)) != 0;
}

/* The text of a node, in reading->text; "" where memory lacks. */
static const char *text_of(struct reading *reading, const struct lede_html_page_node *node)
{
    lede_buffer_clear(&reading->text);
    lede_html_page_append_text(node, true, &reading->text);
    reading->has_failed |= lede_buffer_status(&reading->text) != LEDE_OK;
    return reading->text.data && !reading->text.failed ? reading->text.data : "";
}

/* ---- JSON-LD ---- */

static bool is_article_type(const json_t *type)
{
    static const char *const types[] = {"Article", "NewsArticle", "ReportageNewsArticle",
        "OpinionNewsArticle", "AnalysisNewsArticle", "BackgroundNewsArticle", "ReviewNewsArticle",
        "AskPublicNewsArticle", "AdvertiserContentArticle", "SatiricalArticle", "Report",
        "ScholarlyArticle", "TechArticle", "BlogPosting", "LiveBlogPosting", "SocialMediaPosting",
        "DiscussionForumPosting", "VideoObject"};
    const char *name = json_string_value(json_is_array(type) ? json_array_get(type, 0) : type);
    const char *short_name = name ? strrchr(name, '/') : NULL;
    short_name = short_name ? short_name + 1 : name;
    for (size_t i = 0; short_name && i < LEDE_COUNT_OF(types) - 1; i++) {
        if (strcmp(short_name, types[i]) == 0)
            return true;
    }
    return false;
}

static json_t *find_article(json_t *value, int depth)
{
    json_t *found = NULL;
    if (depth > JSONLD_DEPTH_MAX)
        return NULL;
    for (size_t i = 0; !found && i < json_array_size(value); i++)
        found = find_article(json_array_get(value, i), depth + 1);
    if (!json_is_object(value))
        return found;
    if (is_article_type(json_object_get(value, "@type")))
        return value;
    static const char *const holders[] = {"@graph", "mainEntity", "mainEntityOfPage"};
    for (size_t i = 0; !found && i < LEDE_COUNT_OF(holders); i++)
        found = find_article(json_object_get(value, holders[i]), depth + 1);
    return found;
}

static void take_script(struct reading *reading, const GumboNode *node)
{
    const char *type = lede_html_page_attribute(node, "type");
    const GumboVector *children = &node->v.element.children;
    if (!type || strcasecmp(type, "application/ld+json") != 0 || children->length == 0 ||
        json_object_get(reading->object, "jsonld"))
        return;
    const GumboNode *child = children->data[0];
    const char *text = child->v.text.text;
    const char *from = strchr(text, '{');
    const char *array = strchr(text, '[');
    if (strstr(text, "<![CDATA[") && from)
        array = NULL;
    from = array && (!from || array < from) ? array : from;
    json_error_t unused;
    json_auto_t *json = from ? json_loads(from, JSON_DISABLE_EOF_CHECK, &unused) : NULL;
    json_t *article = find_article(json, 0);
    if (article)
        reading->has_failed |= json_object_set(reading->object, "jsonld", article) != 0;
}

/* ---- The head ---- */

/* Of what many pages have a hundred of, what tells of the article, not of the site's program. */
static bool is_telling(const char *name)
{
    static const char *const beginnings[] = {"og:", "article:", "twitter:title",
        "twitter:description", "twitter:image", "dc:", "dcterm", "parsely-", "citation_",
        "weibo:", "news_", "author", "title", "description", "keywords", "section", "date",
        "pubdate", "publish", "content-language", "original-source", "syndication-source"};
    for (size_t i = 0; i < LEDE_COUNT_OF(beginnings); i++) {
        if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    }
    return false;
}

/* One more of a name that may come several times. */
static void add_repeated(struct reading *reading, json_t *object, const char *key, const char *text)
{
    static const char *const repeated[] = {
        "article:tag", "article:author", "author", "dc:creator", "dcterm:creator", "dc:subject"};
    json_t *had = json_object_get(object, key);
    bool is_one = false;
    for (size_t i = 0; i < LEDE_COUNT_OF(repeated) && !is_one; i++)
        is_one = strcmp(key, repeated[i]) == 0;
    if (!is_one || !had) {
        set_text(reading, object, key, text);
        return;
    }
    json_t *list = json_is_array(had) ? json_incref(had) : json_pack("[O]", had);
    reading->has_failed |= !list || json_array_append_new(list, json_string(text)) != 0 ||
                           json_object_set(object, key, list) != 0;
    json_decref(list);
}

static void take_meta(struct reading *reading, const GumboNode *node)
{
    static const char *const names[] = {"property", "name", "itemprop", "http-equiv"};
    const char *content = lede_html_page_attribute(node, "content");
    if (!content || strlen(content) > VALUE_BYTES_MAX ||
        json_object_size(reading->meta) + json_object_size(reading->names) >= META_MAX)
        return;
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++) {
        const char *name = lede_html_page_attribute(node, names[i]);
        json_t *object = i == 0 ? reading->meta : reading->names;
        while (name && *name) {
            size_t size = strcspn(name, " \t\n\r\f");
            lede_buffer_clear(&reading->text);
            for (size_t at = 0; at < size; at++)
                lede_buffer_append_char(
                    &reading->text, name[at] == '.' ? ':' : (char)tolower((unsigned char)name[at]));
            if (size > 0 && lede_buffer_status(&reading->text) == LEDE_OK &&
                is_telling(reading->text.data))
                add_repeated(reading, object, reading->text.data, content);
            name += size + (name[size] != '\0');
        }
    }
}

static size_t count_words(const char *text, size_t size)
{
    size_t words = 0;
    bool was_space = true;
    for (size_t i = 0; i < size; i++) {
        bool is_space = isspace((unsigned char)text[i]) != 0;
        words += was_space && !is_space;
        was_space = is_space;
    }
    return words;
}

/* "Ferry aground | Example News" without the name: what is behind the last separator, or before
 * the first where little is left. */
static void take_title(struct reading *reading, const GumboNode *node)
{
    static const char *const separators[] = {" | ", " - ", " \xE2\x80\x93 ", " \xE2\x80\x94 ",
        " \\ ", " / ", " > ", " \xC2\xBB ", " :: "};
    const GumboVector *children = &node->v.element.children;
    if (children->length == 0 || json_object_get(reading->object, "title"))
        return;
    const GumboNode *child = children->data[0];
    lede_buffer_clear(&reading->text);
    bool was_space = true;
    for (const char *c = child->v.text.text; *c; c++) {
        bool is_space = isspace((unsigned char)*c) != 0;
        if (!is_space || !was_space)
            lede_buffer_append_char(&reading->text, is_space ? ' ' : *c);
        was_space = is_space;
    }
    if (lede_buffer_status(&reading->text) != LEDE_OK || reading->text.size == 0)
        return;
    char *title = reading->text.data;
    char *last = NULL, *first_behind = NULL;
    for (size_t i = 0; i < LEDE_COUNT_OF(separators); i++) {
        size_t size = strlen(separators[i]);
        for (char *at = title; (at = strstr(at, separators[i])); at += size - 1) {
            last = !last || at > last ? at : last;
            first_behind = !first_behind || at + size < first_behind ? at + size : first_behind;
        }
    }
    set_text(reading, reading->object, "full_title", title);
    size_t before = last ? count_words(title, (size_t)(last - title)) : 0;
    size_t behind = last ? count_words(first_behind, strlen(first_behind)) : 0;
    if (before >= TITLE_WORDS_MIN)
        *last = '\0';
    else if (before < PART_WORDS_MIN && behind >= TITLE_WORDS_MIN)
        title = first_behind;
    set_text(reading, reading->object, "title", title);
}

static void take_link(struct reading *reading, const GumboNode *node)
{
    const char *relation = lede_html_page_attribute(node, "rel");
    if (relation && strcasecmp(relation, "canonical") == 0)
        set_text(reading, reading->object, "canonical", lede_html_page_attribute(node, "href"));
}

/* <script> and <meta> stand anywhere; the depth is bounded. */
static void read_told(struct reading *reading, const GumboNode *node)
{
    const GumboVector *children = NULL;
    if (node->type == GUMBO_NODE_DOCUMENT)
        children = &node->v.document.children;
    else if (node->type == GUMBO_NODE_ELEMENT)
        children = &node->v.element.children;
    for (unsigned i = 0; children && i < children->length; i++) {
        const GumboNode *child = children->data[i];
        if (lede_html_page_is(child, GUMBO_TAG_SCRIPT))
            take_script(reading, child);
        else if (lede_html_page_is(child, GUMBO_TAG_META))
            take_meta(reading, child);
        else if (lede_html_page_is(child, GUMBO_TAG_TITLE) &&
                 child->v.element.tag_namespace == GUMBO_NAMESPACE_HTML)
            take_title(reading, child);
        else if (lede_html_page_is(child, GUMBO_TAG_LINK))
            take_link(reading, child);
        else
            read_told(reading, child);
    }
}

/* ---- What is shown ---- */

static bool is_byline(const GumboNode *node)
{
    static const char *const parts[] = {"byline", "author", "writtenby"};
    const char *relation = lede_html_page_attribute(node, "rel");
    const char *property = lede_html_page_attribute(node, "itemprop");
    if ((relation && strcasecmp(relation, "author") == 0) ||
        (property && strcasestr(property, "author")))
        return true;
    const char *names[] = {
        lede_html_page_attribute(node, "class"), lede_html_page_attribute(node, "id")};
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++) {
        for (size_t j = 0; names[i] && j < LEDE_COUNT_OF(parts); j++) {
            const char *found = strcasestr(names[i], parts[j]);
            if (found && strncasecmp(found, "authori", 7) != 0) /* authority, authorization */
                return true;
        }
    }
    return false;
}

static const struct lede_html_page_node *find_named(const struct lede_html_page_node *node)
{
    const struct lede_html_page_node *found = NULL;
    for (const struct lede_html_page_node *child = node->first; child && !found;
         child = child->next) {
        const char *property = lede_html_page_attribute(child->gumbo, "itemprop");
        found = property && strcasecmp(property, "name") == 0 ? child : find_named(child);
    }
    return found;
}

/* Its first line that is more than "By". What stands behind a bullet is when and where. */
static void take_byline(struct reading *reading, const struct lede_html_page_node *node)
{
    const struct lede_html_page_node *named = find_named(node);
    const char *line = text_of(reading, named ? named : node);
    if (strlen(line) >= BYLINE_BYTES_MAX)
        return;
    while (strchr(line, '\n') && strcspn(line, " \n") <= 3 && strcspn(line, "\n") <= 3)
        line += strcspn(line, "\n") + 1;
    char *end = strchr(line, '\n');
    if (end)
        *end = '\0';
    end = strstr(line, " \xE2\x80\xA2 ");
    if (end)
        *end = '\0';
    set_text(reading, reading->object, "byline", line);
}

static void read_shown(struct reading *reading, const struct lede_html_page_node *node)
{
    const GumboNode *gumbo = node->gumbo;
    if (gumbo->type != GUMBO_NODE_ELEMENT)
        return;
    if (lede_html_page_is(gumbo, GUMBO_TAG_H1))
        set_text(reading, reading->object, "h1", text_of(reading, node));
    if (lede_html_page_is(gumbo, GUMBO_TAG_TIME))
        set_text(reading, reading->object, "time", lede_html_page_attribute(gumbo, "datetime"));
    if (!json_object_get(reading->object, "byline") && is_byline(gumbo))
        take_byline(reading, node);
    for (const struct lede_html_page_node *child = node->first; child; child = child->next)
        read_shown(reading, child);
}

/* The name of the article: schema.org's headline, unless the page is titled by its `name`. Behind
 * it the page's own title goes before one that ends with the site's name. */
static void choose_headline(struct reading *reading)
{
    static const char *const titles[] = {"dc:title", "dcterm:title", "og:title",
        "weibo:article:title", "weibo:webpage:title", "title", "twitter:title", "parsely-title"};
    const json_t *jsonld = json_object_get(reading->object, "jsonld");
    const char *full = json_string_value(json_object_get(reading->object, "full_title"));
    const char *headline = json_string_value(json_object_get(jsonld, "headline"));
    const char *name = json_string_value(json_object_get(jsonld, "name"));
    if (!headline ||
        (name && full && strncmp(full, name, strlen(name)) == 0 && !strstr(full, headline)))
        headline = name;
    for (size_t i = 0; i < LEDE_COUNT_OF(titles) && !headline; i++)
        headline = json_string_value(json_object_get(reading->meta, titles[i]));
    const char *title = json_string_value(json_object_get(reading->object, "title"));
    bool is_cut = title && full && headline && strcmp(headline, full) == 0;
    set_text(reading, reading->object, "headline", is_cut ? title : headline);
}

static void add_author(struct reading *reading, json_t *authors, const json_t *value)
{
    const char *name = json_string_value(value);
    for (size_t i = 0; i < json_array_size(value); i++)
        add_author(reading, authors, json_array_get(value, i));
    if (json_is_object(value))
        add_author(reading, authors, json_object_get(value, "name"));
    /* Some have the address of their page there. */
    if (name && *name && strncasecmp(name, "http", 4) != 0)
        reading->has_failed |= json_array_append_new(authors, json_string(name)) != 0;
}

/* Who wrote it, of the surest place that says it. */
static void choose_authors(struct reading *reading)
{
    static const char *const metas[] = {"dc:creator", "dcterm:creator", "dcterms:creator", "author",
        "parsely-author", "article:author", "og:article:author", "citation_author"};
    const json_t *jsonld = json_object_get(reading->object, "jsonld");
    json_t *authors = json_array();
    if (!authors || json_object_set_new(reading->object, "authors", authors) != 0) {
        reading->has_failed = true;
        return;
    }
    add_author(reading, authors, json_object_get(jsonld, "author"));
    if (json_array_size(authors) == 0)
        add_author(reading, authors, json_object_get(jsonld, "creator"));
    for (size_t i = 0; i < LEDE_COUNT_OF(metas) && json_array_size(authors) == 0; i++)
        add_author(reading, authors, json_object_get(reading->meta, metas[i]));
    if (json_array_size(authors) == 0)
        add_author(reading, authors, json_object_get(reading->object, "byline"));
    json_object_del(reading->object, "byline");
    json_object_del(reading->object, "full_title");
}

/* A page that shows little may have its text for machines. */
static void choose_text(struct reading *reading)
{
    json_t *jsonld = json_object_get(reading->object, "jsonld");
    json_t *told = json_object_get(jsonld, "articleBody");
    const json_t *shown = json_object_get(reading->object, "text");
    bool is_longer = json_string_length(told) > 2 * json_string_length(shown);
    if (json_is_string(told) && is_longer)
        reading->has_failed |= json_object_set(reading->object, "text", told) != 0;
    json_object_del(jsonld, "articleBody");
}

static void take_main(struct reading *reading)
{
    const struct lede_html_page_node *main = lede_html_page_find_main(&reading->page);
    if (!main)
        return;
    lede_buffer_clear(&reading->text);
    lede_html_page_append_text(main, false, &reading->text);
    reading->has_failed |= lede_buffer_status(&reading->text) != LEDE_OK;
    if (!reading->has_failed && reading->text.data)
        set_text(reading, reading->object, "text", reading->text.data);
}

enum lede_status lede_html_page_describe(
    const char *html, size_t size, json_t **ret_page, struct lede_error *reterr)
{
    struct reading reading = {
        .object = json_object(), .meta = json_object(), .names = json_object()};
    enum lede_status st = LEDE_OK;
    if (!reading.object || !reading.names ||
        json_object_set_new(reading.object, "meta", reading.meta) != 0)
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = lede_html_page_parse(html, size, &reading.page, reterr);
    if (st == LEDE_OK) {
        set_text(&reading, reading.object, "language",
            lede_html_page_attribute(reading.page.root->gumbo, "lang"));
        read_told(&reading, reading.page.document);
        reading.has_failed |= json_object_update_missing(reading.meta, reading.names) != 0;
        choose_headline(&reading);
        read_shown(&reading, reading.page.root);
        take_main(&reading);
        choose_authors(&reading);
        choose_text(&reading);
        if (reading.has_failed)
            st = lede_fail_memory(reterr);
    }
    lede_html_page_done(&reading.page);
    json_decref(reading.names);
    lede_buffer_done(&reading.text);
    if (st == LEDE_OK)
        *ret_page = reading.object;
    else
        json_decref(reading.object);
    return st;
}
