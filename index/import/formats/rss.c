/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RSS 2.0, and 0.91 to 0.94 before it, which are the same but for what they lack.
 *
 * Source: RSS Advisory Board, "RSS 2.0 Specification" (version 2.0.11) and "RSS Best Practices
 * Profile"; RSS 1.0 modules content and Dublin Core; Media RSS 1.5.1. */
#include "conversions.h"
#include "xml_reader.h"

#include <string.h>

static const struct lede_mapping rows[] = {
    {"guid", "id", LEDE_CONVERT_ID, NULL},
    {"feedburner:origLink", "url", LEDE_CONVERT_URL, NULL},
    {"link", "url", LEDE_CONVERT_URL, NULL},
    {"atom:link[@rel=alternate]@href", "url", LEDE_CONVERT_URL, NULL},
    {"title", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"media:title", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"content:encoded", "body", LEDE_CONVERT_HTML, NULL},
    {"xhtml:body", "body", LEDE_CONVERT_HTML, NULL},
    {"description", "body", LEDE_CONVERT_HTML, "summary"},
    {"itunes:summary", "body", LEDE_CONVERT_HTML, "summary"},
    {"media:description", "body", LEDE_CONVERT_HTML, "summary"},
    {"pubDate", "published", LEDE_CONVERT_DATE, NULL},
    {"dc:date", "published", LEDE_CONVERT_DATE, NULL},
    {"dcterms:issued", "published", LEDE_CONVERT_DATE, NULL},
    {"dcterms:created", "published", LEDE_CONVERT_DATE, NULL},
    {"atom:updated", "updated", LEDE_CONVERT_DATE, NULL},
    {"dcterms:modified", "updated", LEDE_CONVERT_DATE, NULL},
    {"dc:creator", "author", LEDE_CONVERT_PERSON, NULL},
    {"author", "author", LEDE_CONVERT_PERSON, NULL},
    {"atom:author/atom:name", "author", LEDE_CONVERT_PERSON, NULL},
    {"category", "tags", LEDE_CONVERT_HTML_LINE, NULL},
    {"dc:subject", "tags", LEDE_CONVERT_HTML_LINE, NULL},
    {"media:keywords", "tags", LEDE_CONVERT_LIST, NULL},
    {"source", "source", LEDE_CONVERT_HTML_LINE, NULL},
    {"dc:publisher", "source", LEDE_CONVERT_LINE, NULL},
    {"^title", "source", LEDE_CONVERT_HTML_LINE, NULL},
    {"dc:language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"^language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"^dc:language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"media:content[@medium=image]@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"media:content[@type=image/*]@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"media:group/media:content[@medium=image]@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"enclosure[@type=image/*]@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"media:thumbnail@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"media:content/media:thumbnail@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL},
};

/* A guid is a URL unless it says otherwise; a bare number is one of its channel's, which says its
 * address. Source: RSS 2.0, "guid". */
static enum lede_status complete(json_t *document, json_t *record, const json_t *context)
{
    const char *id = json_string_value(json_object_get(document, "id"));
    json_t *guid = json_object_get(record, "guid");
    const char *permalink = json_string_value(json_object_get(guid, "@isPermaLink"));
    bool is_address = id && (strncmp(id, "https://", 8) == 0 || strncmp(id, "http://", 7) == 0);
    bool failed = false;
    if (permalink)
        json_object_del(guid, "@isPermaLink");
    if (is_address && !json_object_get(document, "url") &&
        !(permalink && strcmp(permalink, "false") == 0))
        failed = json_object_set(document, "url", json_object_get(document, "id")) != 0;
    const char *link = json_string_value(json_object_get(json_array_get(context, 0), "link"));
    if (!failed && id && !strchr(id, ':') && link) {
        json_auto_t *own = json_sprintf("%s#%s", link, id);
        json_auto_t *taken = own ? lede_convert(LEDE_CONVERT_ID, json_string_value(own),
                                       json_string_length(own), false, &failed)
                                 : NULL;
        failed = failed || !taken || json_object_set(document, "id", taken) != 0;
    }
    return failed ? LEDE_ENOMEM : LEDE_OK;
}

static const char *const media_types[] = {
    "application/rss+xml", "application/xml", "text/xml", NULL};
static const char *const endings[] = {".rss", ".xml", NULL};
static const char *const records[] = {"rss/channel/item", "rss/item", NULL};
static const char *const namespaces[] = {
    "http://backend.userland.com/rss2", "http://blogs.law.harvard.edu/tech/rss", NULL};
static const char *const roots[] = {"rss", NULL};
static const struct lede_xml_details details = {
    .roots = roots, .records = records, .namespaces = namespaces};

const struct lede_format lede_format_rss = {.name = "rss",
    .title = "RSS 2.0",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .complete = complete,
    .details = &details,
    .recognise = lede_xml_recognise,
    .reader = &lede_xml_reader};
