/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WordPress' export (WXR 1.0 to 1.2): RSS 2.0 with all that a site has. Posts and pages are
 * documents; attachments, menus and revisions are passed over.
 *
 * Source: WordPress, wp-admin/includes/export.php and its notes. */
#include "xml_reader.h"

#include <stdint.h>
#include <string.h>

static const struct lede_mapping rows[] = {
    {"guid", "id", LEDE_CONVERT_ID, NULL},
    {"link", "url", LEDE_CONVERT_URL, NULL},
    {"title", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"content:encoded", "body", LEDE_CONVERT_POST, NULL},
    {"excerpt:encoded", "summary", LEDE_CONVERT_POST, NULL},
    {"description", "summary", LEDE_CONVERT_HTML, NULL},
    {"wp:post_date_gmt", "published", LEDE_CONVERT_DATE, NULL},
    {"pubDate", "published", LEDE_CONVERT_DATE, NULL},
    {"wp:post_date", "published", LEDE_CONVERT_DATE, NULL},
    {"wp:post_modified_gmt", "updated", LEDE_CONVERT_DATE, NULL},
    {"dc:creator", "author", LEDE_CONVERT_PERSON, NULL},
    {"category[@domain=category]", "section", LEDE_CONVERT_HTML_LINE, "tags"},
    {"category[@domain=post_tag]", "tags", LEDE_CONVERT_HTML_LINE, NULL},
    {"wp:status", "status", LEDE_CONVERT_STATUS, NULL},
    {"^title", "source", LEDE_CONVERT_HTML_LINE, NULL},
    {"^language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL},
};

/* The name that an author is shown by; the export has logins. */
static const json_t *name_of(const json_t *authors, const char *login)
{
    size_t count = json_is_array(authors) ? json_array_size(authors) : 1;
    for (size_t i = 0; i < count && authors; i++) {
        const json_t *author = json_is_array(authors) ? json_array_get(authors, i) : authors;
        const char *own = json_string_value(json_object_get(author, "wp:author_login"));
        if (own && strcmp(own, login) == 0)
            return json_object_get(author, "wp:author_display_name");
    }
    return NULL;
}

static enum lede_status complete(json_t *document, json_t *record, const json_t *context)
{
    const char *type = json_string_value(json_object_get(record, "wp:post_type"));
    json_t *list = json_object_get(document, "author");
    const char *login = json_string_value(json_array_get(list, 0));
    if (type && strcmp(type, "post") != 0 && strcmp(type, "page") != 0)
        return LEDE_ENOTFOUND;
    if (!login)
        return LEDE_OK;
    const json_t *name = name_of(json_object_get(json_array_get(context, 0), "wp:author"), login);
    if (json_string_length(name) == 0)
        return LEDE_OK;
    return json_array_set(list, 0, (json_t *)(uintptr_t)name) == 0 ? LEDE_OK : LEDE_ENOMEM;
}

static const char *const media_types[] = {
    "application/rss+xml", "application/xml", "text/xml", NULL};
static const char *const endings[] = {".wxr", ".xml", NULL};
static const char *const records[] = {"rss/channel/item", NULL};
static const char *const namespaces[] = {NULL};
static const char *const roots[] = {"rss", NULL};
static const char *const marks[] = {"http://wordpress.org/export/1.", NULL};
static const struct lede_xml_details details = {
    .roots = roots, .marks = marks, .records = records, .namespaces = namespaces};

const struct lede_format lede_format_wxr = {.name = "wxr",
    .title = "WordPress export",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .complete = complete,
    .details = &details,
    .recognise = lede_xml_recognise,
    .reader = &lede_xml_reader};
