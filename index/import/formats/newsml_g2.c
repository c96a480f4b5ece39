/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NewsML-G2: news items, alone or in a message. A package only refers to items, and concepts,
 * plans and catalogues are no stories: where they stand in a story's place they are told.
 *
 * Source: IPTC, "NewsML-G2 Guidelines", and the NewsCodes for status, roles and kinds of concepts.
 */
#include "xml_reader.h"

static const struct lede_mapping rows[] = {
    {"@guid", "id", LEDE_CONVERT_ID, NULL},
    {"contentMeta/headline[@role=*:main]", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"contentMeta/headline[!@role]", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"contentMeta/headline", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"itemMeta/title", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"contentMeta/description[@role=*:summary]", "summary", LEDE_CONVERT_HTML, NULL},
    {"contentMeta/description", "summary", LEDE_CONVERT_HTML, NULL},
    {"contentSet/inlineXML", "body", LEDE_CONVERT_HTML, NULL},
    {"contentSet/inlineData[@contenttype=text/html]", "body", LEDE_CONVERT_HTML, NULL},
    {"contentSet/inlineData[@contenttype=text/*]", "body", LEDE_CONVERT_TEXT, NULL},
    {"contentSet/inlineData[!@contenttype]", "body", LEDE_CONVERT_TEXT, NULL},
    {"@version", "version", LEDE_CONVERT_VERSION, NULL},
    {"itemMeta/versionCreated", "updated", LEDE_CONVERT_DATE, NULL},
    {"contentMeta/contentModified", "updated", LEDE_CONVERT_DATE, NULL},
    {"itemMeta/firstCreated", "published", LEDE_CONVERT_DATE, NULL},
    {"contentMeta/contentCreated", "published", LEDE_CONVERT_DATE, NULL},
    {"itemMeta/embargoed", "embargoed_until", LEDE_CONVERT_DATE, NULL},
    {"itemMeta/pubStatus@qcode", "status", LEDE_CONVERT_STATUS, NULL},
    {"itemMeta/pubStatus@uri", "status", LEDE_CONVERT_STATUS, NULL},
    {"contentMeta/by", "author", LEDE_CONVERT_PERSON, NULL},
    {"contentMeta/creator/name", "author", LEDE_CONVERT_PERSON, NULL},
    {"contentMeta/creator@literal", "author", LEDE_CONVERT_PERSON, NULL},
    {"itemMeta/provider/name", "source", LEDE_CONVERT_LINE, NULL},
    {"contentMeta/infoSource/name", "source", LEDE_CONVERT_LINE, NULL},
    {"itemMeta/provider@literal", "source", LEDE_CONVERT_LINE, NULL},
    {"itemMeta/provider@qcode", "source", LEDE_CONVERT_LINE, NULL},
    {"itemMeta/provider@uri", "source", LEDE_CONVERT_LINE, NULL},
    {"contentMeta/subject[@type=*:person]/name", "people", LEDE_CONVERT_LINE, NULL},
    {"contentMeta/subject[@type=*:organisation]/name", "organisations", LEDE_CONVERT_LINE, NULL},
    {"contentMeta/subject[@type=*:geoArea]/name", "places", LEDE_CONVERT_LINE, NULL},
    {"contentMeta/subject[@type=*:poi]/name", "places", LEDE_CONVERT_LINE, NULL},
    {"contentMeta/located/name", "places", LEDE_CONVERT_LINE, NULL},
    {"contentMeta/located@literal", "places", LEDE_CONVERT_LINE, NULL},
    {"contentMeta/subject/name", "tags", LEDE_CONVERT_LINE, NULL},
    {"contentMeta/keyword", "tags", LEDE_CONVERT_LINE, NULL},
    {"contentMeta/language@tag", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"@xml:lang", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"contentSet/remoteContent[@contenttype=text/html]@href", "url", LEDE_CONVERT_URL, NULL},
    {"contentSet/remoteContent[@contenttype=image/*]@href", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL},
};

static enum lede_status complete(json_t *document, json_t *record, const json_t *context)
{
    static const char *const others[] = {
        "groupSet", "concept", "conceptSet", "newsCoverageSet", "catalogContainer"};
    json_t *updated = json_object_get(document, "updated");
    (void)context;
    for (size_t i = 0; i < LEDE_COUNT_OF(others); i++) {
        if (json_object_get(record, others[i]))
            return LEDE_EINPUT;
    }
    if (!updated || json_object_get(document, "published"))
        return LEDE_OK;
    return json_object_set(document, "published", updated) == 0 ? LEDE_OK : LEDE_ENOMEM;
}

static const char *const media_types[] = {"application/vnd.iptc.g2.newsitem+xml",
    "application/vnd.iptc.g2.newsmessage+xml", "application/vnd.iptc.g2.packageitem+xml",
    "application/xml", "text/xml", NULL};
static const char *const endings[] = {".xml", NULL};
static const char *const records[] = {"newsItem", "newsMessage/itemSet/newsItem", "packageItem",
    "conceptItem", "knowledgeItem", "planningItem", "catalogItem",
    "newsMessage/itemSet/packageItem", "newsMessage/itemSet/conceptItem",
    "newsMessage/itemSet/knowledgeItem", "newsMessage/itemSet/planningItem",
    "newsMessage/itemSet/catalogItem", NULL};
static const char *const namespaces[] = {"http://iptc.org/std/nar/2006-10-01/", NULL};
static const char *const roots[] = {"newsItem", "newsMessage", "packageItem", "conceptItem",
    "knowledgeItem", "planningItem", "catalogItem", NULL};
static const struct lede_xml_details details = {
    .roots = roots, .records = records, .namespaces = namespaces};

const struct lede_format lede_format_newsml_g2 = {.name = "newsml-g2",
    .title = "NewsML-G2",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .complete = complete,
    .details = &details,
    .recognise = lede_xml_recognise,
    .reader = &lede_xml_reader};
