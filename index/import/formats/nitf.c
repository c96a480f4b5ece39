/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NITF: one story a file.
 *
 * Source: IPTC, "News Industry Text Format" 3.6, its DTD and its document type's notes. */
#include "xml_reader.h"

static const struct lede_mapping rows[] = {
    {"head/docdata/doc-id@id-string", "id", LEDE_CONVERT_ID, NULL},
    {"head/pubdata@ex-ref", "url", LEDE_CONVERT_URL, NULL},
    {"body/body.head/hedline/hl1", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"head/title", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"body/body.head/hedline/hl2", "summary", LEDE_CONVERT_HTML_LINE, NULL},
    {"body/body.head/abstract", "summary", LEDE_CONVERT_HTML, NULL},
    {"body/body.content", "body", LEDE_CONVERT_HTML, NULL},
    {"body/body.head/byline/person", "author", LEDE_CONVERT_PERSON, NULL},
    {"body/body.head/byline", "author", LEDE_CONVERT_PERSON, NULL},
    {"head/docdata/du-key@version", "version", LEDE_CONVERT_VERSION, NULL},
    {"head/docdata/date.issue@norm", "published", LEDE_CONVERT_DATE, NULL},
    {"head/pubdata@date.publication", "published", LEDE_CONVERT_DATE, NULL},
    {"body/body.head/dateline/story.date@norm", "published", LEDE_CONVERT_DATE, NULL},
    {"head/docdata/date.release@norm", "embargoed_until", LEDE_CONVERT_DATE, NULL},
    {"head/docdata/date.expire@norm", "expires", LEDE_CONVERT_DATE, NULL},
    {"head/docdata@management-status", "status", LEDE_CONVERT_STATUS, NULL},
    {"body/body.head/distributor", "source", LEDE_CONVERT_HTML_LINE, NULL},
    {"head/pubdata@name", "source", LEDE_CONVERT_LINE, NULL},
    {"head/docdata/doc.copyright@holder", "source", LEDE_CONVERT_LINE, NULL},
    {"head/tobject/tobject.subject@tobject.subject.type", "section", LEDE_CONVERT_LINE, "tags"},
    {"head/pubdata@position.section", "section", LEDE_CONVERT_LINE, "tags"},
    {"head/tobject/tobject.subject@tobject.subject.matter", "tags", LEDE_CONVERT_LINE, NULL},
    {"head/tobject/tobject.subject@tobject.subject.detail", "tags", LEDE_CONVERT_LINE, NULL},
    {"head/docdata/key-list/keyword@key", "tags", LEDE_CONVERT_LINE, NULL},
    {"head/docdata/identified-content/classifier@value", "tags", LEDE_CONVERT_LINE, NULL},
    {"head/docdata/identified-content/person", "people", LEDE_CONVERT_HTML_LINE, NULL},
    {"head/docdata/identified-content/org", "organisations", LEDE_CONVERT_HTML_LINE, NULL},
    {"head/docdata/identified-content/location", "places", LEDE_CONVERT_HTML_LINE, NULL},
    {"head/docdata/evloc@city", "places", LEDE_CONVERT_LINE, NULL},
    {"body/body.head/dateline/location", "places", LEDE_CONVERT_HTML_LINE, NULL},
    {"body@xml:lang", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"@xml:lang", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"@lang", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL},
};

static const char *const media_types[] = {
    "application/nitf+xml", "text/nitf", "application/xml", "text/xml", NULL};
static const char *const endings[] = {".nitf", ".xml", NULL};
static const char *const records[] = {"nitf", NULL};
static const char *const namespaces[] = {
    "http://iptc.org/std/NITF/2006-10-18/", "http://www.nitf.org/schema/nitf-3-4", NULL};
static const char *const roots[] = {"nitf", NULL};
static const struct lede_xml_details details = {
    .roots = roots, .records = records, .namespaces = namespaces};

const struct lede_format lede_format_nitf = {.name = "nitf",
    .title = "NITF",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .details = &details,
    .recognise = lede_xml_recognise,
    .reader = &lede_xml_reader};
