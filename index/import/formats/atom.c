/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Atom 1.0, the drafts before it (0.3), and the entries that say that others are deleted.
 *
 * Source: RFC 4287, RFC 6721 (tombstones), "The Atom Syndication Format 0.3". */
#include "xml_reader.h"

static const struct lede_mapping rows[] = {
    {"id", "id", LEDE_CONVERT_ID, NULL},
    {"@ref", "id", LEDE_CONVERT_ID, NULL},
    {"@when", "status", LEDE_CONVERT_CANCELED, NULL},
    {"@when", "updated", LEDE_CONVERT_DATE, NULL},
    {"link[@rel=alternate]@href", "url", LEDE_CONVERT_URL, NULL},
    {"link[!@rel]@href", "url", LEDE_CONVERT_URL, NULL},
    {"title[@type=html]", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"title[@type=xhtml]", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"title[@mode=escaped]", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"title", "title", LEDE_CONVERT_LINE, NULL},
    {"content[@type=text]", "body", LEDE_CONVERT_TEXT, NULL},
    {"content[@type=text/plain]", "body", LEDE_CONVERT_TEXT, NULL},
    {"content[@mode=escaped]", "body", LEDE_CONVERT_HTML, NULL},
    {"content[@type=html]", "body", LEDE_CONVERT_HTML, NULL},
    {"content[@type=xhtml]", "body", LEDE_CONVERT_HTML, NULL},
    {"content[@type=text/html]", "body", LEDE_CONVERT_HTML, NULL},
    {"content[@type=application/xhtml+xml]", "body", LEDE_CONVERT_HTML, NULL},
    {"content[!@type]", "body", LEDE_CONVERT_TEXT, NULL},
    {"summary[@type=html]", "summary", LEDE_CONVERT_HTML, NULL},
    {"summary[@type=xhtml]", "summary", LEDE_CONVERT_HTML, NULL},
    {"summary[@mode=escaped]", "summary", LEDE_CONVERT_HTML, NULL},
    {"summary", "summary", LEDE_CONVERT_TEXT, NULL},
    {"published", "published", LEDE_CONVERT_DATE, NULL},
    {"issued", "published", LEDE_CONVERT_DATE, NULL},
    {"created", "published", LEDE_CONVERT_DATE, NULL},
    {"updated", "updated", LEDE_CONVERT_DATE, NULL},
    {"modified", "updated", LEDE_CONVERT_DATE, NULL},
    {"author/name", "author", LEDE_CONVERT_PERSON, NULL},
    {"dc:creator", "author", LEDE_CONVERT_PERSON, NULL},
    {"source/author/name", "author", LEDE_CONVERT_PERSON, NULL},
    {"^author/name", "author", LEDE_CONVERT_PERSON, NULL},
    {"category[!@label]@term", "tags", LEDE_CONVERT_LINE, NULL},
    {"category@label", "tags", LEDE_CONVERT_LINE, NULL},
    {"dc:subject", "tags", LEDE_CONVERT_LINE, NULL},
    {"source/title", "source", LEDE_CONVERT_HTML_LINE, NULL},
    {"^title", "source", LEDE_CONVERT_HTML_LINE, NULL},
    {"content@xml:lang", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"@xml:lang", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"^@xml:lang", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"media:content[@medium=image]@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"media:thumbnail@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"media:group/media:thumbnail@url", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"link[@type=image/*]@href", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL},
};

/* Until it is said when it was published, it is when it was last changed (RFC 4287, 4.2.9 and
 * 4.2.15: only `updated` has to be there). */
static enum lede_status complete(json_t *document, json_t *record, const json_t *context)
{
    json_t *updated = json_object_get(document, "updated");
    (void)record;
    (void)context;
    if (!updated || json_object_get(document, "published") || json_object_get(document, "status"))
        return LEDE_OK;
    return json_object_set(document, "published", updated) == 0 ? LEDE_OK : LEDE_ENOMEM;
}

static const char *const media_types[] = {
    "application/atom+xml", "application/xml", "text/xml", NULL};
static const char *const endings[] = {".atom", ".xml", NULL};
static const char *const records[] = {
    "feed/entry", "entry", "feed/tombstone:deleted-entry", "tombstone:deleted-entry", NULL};
static const char *const namespaces[] = {
    "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#", NULL};
static const char *const roots[] = {"feed", "entry", NULL};
static const struct lede_xml_details details = {.roots = roots,
    .marks = namespaces,
    .unmarked = LEDE_FORMAT_SURE,
    .records = records,
    .namespaces = namespaces};

const struct lede_format lede_format_atom = {.name = "atom",
    .title = "Atom",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .complete = complete,
    .details = &details,
    .recognise = lede_xml_recognise,
    .reader = &lede_xml_reader};
