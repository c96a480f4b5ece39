/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RSS 1.0 and 0.90, which are RDF: items stand beside their channel.
 *
 * Source: RSS-DEV, "RDF Site Summary 1.0", with modules Dublin Core, content and syndication. */
#include "xml_reader.h"

static const struct lede_mapping rows[] = {
    {"@rdf:about", "id", LEDE_CONVERT_ID, NULL},
    {"link", "url", LEDE_CONVERT_URL, NULL},
    {"title", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"dc:title", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"content:encoded", "body", LEDE_CONVERT_HTML, NULL},
    {"description", "body", LEDE_CONVERT_HTML, "summary"},
    {"dc:description", "body", LEDE_CONVERT_HTML, "summary"},
    {"dc:date", "published", LEDE_CONVERT_DATE, NULL},
    {"dcterms:issued", "published", LEDE_CONVERT_DATE, NULL},
    {"dcterms:created", "published", LEDE_CONVERT_DATE, NULL},
    {"dcterms:modified", "updated", LEDE_CONVERT_DATE, NULL},
    {"dc:creator", "author", LEDE_CONVERT_PERSON, NULL},
    {"dc:subject", "tags", LEDE_CONVERT_HTML_LINE, NULL},
    {"dc:source", "source", LEDE_CONVERT_LINE, NULL},
    {"dc:publisher", "source", LEDE_CONVERT_LINE, NULL},
    {"^channel/title", "source", LEDE_CONVERT_HTML_LINE, NULL},
    {"dc:language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"^channel/dc:language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"^@xml:lang", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"media:content[@medium=image]@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"media:thumbnail@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL},
};

static const char *const media_types[] = {
    "application/rdf+xml", "application/xml", "text/xml", NULL};
static const char *const endings[] = {".rdf", ".rss", ".xml", NULL};
static const char *const records[] = {"rdf:RDF/item", NULL};
static const char *const namespaces[] = {
    "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/", NULL};
static const char *const roots[] = {"RDF", NULL};
static const struct lede_xml_details details = {
    .roots = roots, .marks = namespaces, .records = records, .namespaces = namespaces};

const struct lede_format lede_format_rss1 = {.name = "rss1",
    .title = "RSS 1.0",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .details = &details,
    .recognise = lede_xml_recognise,
    .reader = &lede_xml_reader};
