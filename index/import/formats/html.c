/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page of HTML as one document: what it says of its article, else what it shows. */
#include "held.h"
#include "page.h"

#include "lede/encoding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PRESCAN_BYTES ((size_t)1024) /* WHATWG, "prescan a byte stream": where a charset stands */

static const struct lede_mapping rows[] = {{"canonical", "url", LEDE_CONVERT_URL, NULL},
    {"meta/og:url", "url", LEDE_CONVERT_URL, NULL}, {"jsonld/url", "url", LEDE_CONVERT_URL, NULL},
    {"headline", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"title", "title", LEDE_CONVERT_LINE, NULL}, {"h1", "title", LEDE_CONVERT_LINE, NULL},
    {"jsonld/headline", NULL, LEDE_CONVERT_NONE, NULL},
    {"meta/og:title", NULL, LEDE_CONVERT_NONE, NULL},
    {"meta/twitter:title", NULL, LEDE_CONVERT_NONE, NULL},
    {"jsonld/description", "summary", LEDE_CONVERT_HTML, NULL},
    {"meta/og:description", "summary", LEDE_CONVERT_HTML, NULL},
    {"meta/description", "summary", LEDE_CONVERT_HTML, NULL},
    {"meta/dc:description", "summary", LEDE_CONVERT_HTML, NULL},
    {"meta/twitter:description", "summary", LEDE_CONVERT_HTML, NULL},
    {"text", "body", LEDE_CONVERT_TEXT, NULL}, {"authors", "author", LEDE_CONVERT_PERSON, NULL},
    {"jsonld/author/name", NULL, LEDE_CONVERT_NONE, NULL},
    {"meta/author", NULL, LEDE_CONVERT_NONE, NULL},
    {"meta/og:site_name", "source", LEDE_CONVERT_LINE, NULL},
    {"jsonld/publisher/name", "source", LEDE_CONVERT_LINE, NULL},
    {"jsonld/articleSection", "section", LEDE_CONVERT_LINE, "tags"},
    {"meta/article:section", "section", LEDE_CONVERT_LINE, NULL},
    {"meta/og:article:section", "section", LEDE_CONVERT_LINE, NULL},
    {"meta/section", "section", LEDE_CONVERT_LINE, NULL},
    {"jsonld/keywords", "tags", LEDE_CONVERT_LIST, NULL},
    {"meta/article:tag", "tags", LEDE_CONVERT_LIST, NULL},
    {"meta/news_keywords", "tags", LEDE_CONVERT_LIST, NULL},
    {"meta/keywords", "tags", LEDE_CONVERT_LIST, NULL},
    {"language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"jsonld/inLanguage", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"meta/og:locale", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"meta/content-language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"jsonld/datePublished", "published", LEDE_CONVERT_DATE, NULL},
    {"meta/article:published_time", "published", LEDE_CONVERT_DATE, NULL},
    {"meta/datepublished", "published", LEDE_CONVERT_DATE, NULL},
    {"meta/parsely-pub-date", "published", LEDE_CONVERT_DATE, NULL},
    {"meta/dc:date", "published", LEDE_CONVERT_DATE, NULL},
    {"meta/date", "published", LEDE_CONVERT_DATE, NULL},
    {"meta/pubdate", "published", LEDE_CONVERT_DATE, NULL},
    {"time", "published", LEDE_CONVERT_DATE, NULL},
    {"jsonld/dateModified", "updated", LEDE_CONVERT_DATE, NULL},
    {"meta/article:modified_time", "updated", LEDE_CONVERT_DATE, NULL},
    {"meta/og:updated_time", "updated", LEDE_CONVERT_DATE, NULL},
    {"meta/og:image", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"jsonld/image/url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"jsonld/image", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"meta/twitter:image", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"meta/og:image:alt", "image/alt", LEDE_CONVERT_LINE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL}};

struct html {
    struct lede_format_input input;
    struct lede_held held;
    struct lede_buffer text;
    struct lede_buffer made;
    bool is_given;
};

/* ---- Charsets ---- */

/* What pages mean by a label: WHATWG, Encoding Standard, 4.2. */
static const char *meant_by(const char *label)
{
    static const struct {
        const char *label, *name;
    } labels[] = {{"iso-8859-1", "WINDOWS-1252"}, {"iso8859-1", "WINDOWS-1252"},
        {"iso_8859-1", "WINDOWS-1252"}, {"latin1", "WINDOWS-1252"}, {"l1", "WINDOWS-1252"},
        {"ascii", "WINDOWS-1252"}, {"us-ascii", "WINDOWS-1252"}, {"x-cp1252", "WINDOWS-1252"},
        {"iso-8859-9", "WINDOWS-1254"}, {"iso-8859-11", "WINDOWS-874"}, {"tis-620", "WINDOWS-874"},
        {"gb2312", "GB18030"}, {"gbk", "GB18030"}, {"x-gbk", "GB18030"}, {"gb_2312-80", "GB18030"},
        {"euc-kr", "CP949"}, {"ks_c_5601-1987", "CP949"}, {"shift_jis", "CP932"},
        {"shift-jis", "CP932"}, {"x-sjis", "CP932"}, {"sjis", "CP932"}, {"big5", "BIG5-HKSCS"},
        {"x-mac-roman", "MACINTOSH"}, {"utf-16", "UTF-8"}, {"utf-16le", "UTF-8"},
        {"utf-16be", "UTF-8"}, {"unicode", "UTF-8"}};
    for (size_t i = 0; i < LEDE_COUNT_OF(labels); i++) {
        if (strcasecmp(labels[i].label, label) == 0)
            return labels[i].name;
    }
    return label;
}

/* "charset=…" in a <meta> of the first bytes. Returns whether there is one. */
static bool find_declared(const char *text, size_t size, char *ret_label, size_t capacity)
{
    char head[PRESCAN_BYTES + 1];
    size = size < PRESCAN_BYTES ? size : PRESCAN_BYTES;
    for (size_t i = 0; i < size; i++)
        head[i] = text[i] ? text[i] : ' ';
    head[size] = '\0';
    for (const char *at = head; (at = strcasestr(at, "<meta")); at++) {
        const char *end = strchr(at, '>');
        const char *found = strcasestr(at, "charset");
        if (!found || !end || found > end)
            continue;
        found += strlen("charset");
        found += strspn(found, " \t\r\n");
        if (*found != '=')
            continue;
        found += 1 + strspn(found + 1, " \t\r\n\"'");
        size_t length = strcspn(found, " \t\r\n\"';>/");
        if (length == 0 || length >= capacity)
            continue;
        memcpy(ret_label, found, length);
        ret_label[length] = '\0';
        return true;
    }
    return false;
}

enum lede_status lede_html_page_decode(const char *charset, const char *text, size_t size,
    struct lede_buffer *out, struct lede_error *reterr)
{
    char label[40];
    const char *marked = lede_charset_of(text, size);
    bool is_marked = marked && size >= 2 && (unsigned char)text[0] >= 0xFE;
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        marked = "UTF-8";
        is_marked = true;
        text += 3;
        size -= 3;
    }
    if (is_marked || (!charset && marked))
        charset = marked;
    else if (charset)
        charset = meant_by(charset);
    else if (find_declared(text, size, label, sizeof(label)))
        charset = meant_by(label);
    /* What calls itself UTF-8 and is none, is what it was before somebody called it that. */
    bool is_utf8 = lede_utf8_is_valid(text, size);
    if (is_utf8 &&
        (!charset || strcasecmp(charset, "WINDOWS-1252") == 0 || strcasecmp(charset, "UTF-8") == 0))
        charset = NULL;
    bool is_told = charset && strcasecmp(charset, "UTF-8") != 0;
    size_t had = out->size;
    if (is_told && lede_charset_decode(charset, text, size, out, NULL) == LEDE_OK)
        return LEDE_OK;
    out->size = had;
    lede_held_append_utf8(out, text, size);
    return lede_buffer_status(out) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

/* ---- Reading ---- */

static void html_free(void *reader)
{
    struct html *html = reader;
    if (!html)
        return;
    lede_held_done(&html->held);
    lede_buffer_done(&html->text);
    lede_buffer_done(&html->made);
    free(html);
}

static enum lede_status html_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    struct html *html = calloc(1, sizeof(*html));
    if (!html)
        return lede_fail_memory(reterr);
    html->input = *input;
    lede_held_begin(&html->held, input);
    *ret_reader = html;
    return LEDE_OK;
}

static enum lede_status make_document(struct html *html, struct lede_error *reterr)
{
    json_auto_t *page = NULL;
    const char *charset = html->input.is_utf8 ? "UTF-8" : NULL;
    enum lede_status st = lede_html_page_decode(
        charset, lede_held_text(&html->held), lede_held_size(&html->held), &html->text, reterr);
    if (st == LEDE_OK)
        st = lede_html_page_describe(
            html->text.data ? html->text.data : "", html->text.size, &page, reterr);
    return st == LEDE_OK ? lede_format_write(&html->input, page, NULL, &html->made, reterr) : st;
}

static enum lede_status html_next(
    void *reader, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct html *html = reader;
    struct lede_error why = {0};
    *ret_more = false;
    if (html->is_given)
        return LEDE_OK;
    enum lede_status st = lede_held_all(&html->held, LEDE_HTML_PAGE_BYTES_MAX, &why);
    if (st == LEDE_OK && html->held.is_broken) {
        why = html->held.broken;
        st = LEDE_EINPUT;
    }
    if (st == LEDE_OK)
        st = make_document(html, &why);
    if (st != LEDE_OK && st != LEDE_ELIMIT) {
        if (reterr)
            *reterr = why;
        return st;
    }
    html->is_given = true;
    *ret_more = true;
    if (st == LEDE_OK)
        lede_held_give(ret_item, &html->made, html->held.line);
    else
        lede_held_lose(ret_item, &why, html->held.line);
    return LEDE_OK;
}

static uint64_t html_line(const void *reader)
{
    return ((const struct html *)reader)->held.line;
}

static bool begins_with(const struct lede_format_head *head, const char *text)
{
    size_t size = strlen(text);
    return head->size >= size && strncasecmp(head->text, text, size) == 0;
}

/* XML that is no page (feeds, NITF) begins with other elements; "<html" stands behind comments and
 * an XML declaration too. */
static unsigned recognise(const struct lede_format *format, const struct lede_format_head *head)
{
    static const char *const inside[] = {"<html", "<head", "<body", "<title", "<meta", "<!doctype"};
    char text[PRESCAN_BYTES + 1];
    size_t size = head->size < PRESCAN_BYTES ? head->size : PRESCAN_BYTES;
    (void)format;
    if (begins_with(head, "<!doctype html") || begins_with(head, "<html"))
        return LEDE_FORMAT_CERTAIN;
    if (size == 0 || head->text[0] != '<')
        return LEDE_FORMAT_NO;
    memcpy(text, head->text, size);
    text[size] = '\0';
    if (strcasestr(text, "<html"))
        return LEDE_FORMAT_SURE;
    bool is_xml = begins_with(head, "<?xml");
    for (size_t i = 0; i < LEDE_COUNT_OF(inside) && !is_xml; i++) {
        if (begins_with(head, inside[i]))
            return LEDE_FORMAT_SURE;
    }
    return is_xml ? LEDE_FORMAT_NO : LEDE_FORMAT_GUESS;
}

static const char *const media_types[] = {"text/html", "application/xhtml+xml", NULL};
static const char *const endings[] = {".html", ".htm", ".xhtml", NULL};

static const struct lede_format_reader reader = {html_open, html_next, html_line, html_free};

const struct lede_format lede_format_html = {.name = "html",
    .title = "HTML",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .recognise = recognise,
    .reader = &reader};
