/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NewsML 1.0 to 1.2. What a story has stands in components inside each other, at no fixed depth.
 *
 * Source: IPTC, "NewsML 1.2 Functional Specification", its DTD, and its topic sets for status. */
#include "xml_reader.h"

#include <string.h>

static const struct lede_mapping rows[] = {
    {"Identification/NewsIdentifier/PublicIdentifier", "id", LEDE_CONVERT_ID, NULL},
    {"**/NewsLines/HeadLine", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"**/NewsLines/SlugLine", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"**/NewsLines/SubHeadLine", "summary", LEDE_CONVERT_HTML_LINE, NULL},
    {"**/ContentItem/DataContent", "body", LEDE_CONVERT_HTML, NULL},
    {"**/NewsLines/ByLine", "author", LEDE_CONVERT_PERSON, NULL},
    {"**/AdministrativeMetadata/Creator/Party@FormalName", "author", LEDE_CONVERT_PERSON, NULL},
    {"NewsManagement/FirstCreated", "published", LEDE_CONVERT_DATE, NULL},
    {"Identification/NewsIdentifier/RevisionId", "version", LEDE_CONVERT_VERSION, NULL},
    {"NewsManagement/ThisRevisionCreated", "updated", LEDE_CONVERT_DATE, NULL},
    {"NewsManagement/StatusWillChange/DateAndTime", "embargoed_until", LEDE_CONVERT_DATE, NULL},
    {"NewsManagement/Instruction[@FormalName=Delete]@FormalName", "status", LEDE_CONVERT_CANCELED,
        NULL},
    {"NewsManagement/Status@FormalName", "status", LEDE_CONVERT_STATUS, NULL},
    {"**/AdministrativeMetadata/Provider/Party@FormalName", "source", LEDE_CONVERT_LINE, NULL},
    {"**/AdministrativeMetadata/Source/Party@FormalName", "source", LEDE_CONVERT_LINE, NULL},
    {"Identification/NewsIdentifier/ProviderId", "source", LEDE_CONVERT_LINE, NULL},
    {"**/NewsLines/KeywordLine", "tags", LEDE_CONVERT_HTML_LINE, NULL},
    {"**/DescriptiveMetadata/SubjectCode/Subject@FormalName", "tags", LEDE_CONVERT_LINE, NULL},
    {"**/DescriptiveMetadata/SubjectCode/SubjectMatter@FormalName", "tags", LEDE_CONVERT_LINE,
        NULL},
    {"**/Location/Property[@FormalName=City]@Value", "places", LEDE_CONVERT_LINE, NULL},
    {"**/Location/Property[@FormalName=CountryArea]@Value", "places", LEDE_CONVERT_LINE, NULL},
    {"**/Location/Property[@FormalName=Country]@Value", "places", LEDE_CONVERT_LINE, NULL},
    {"**/DescriptiveMetadata/Language@FormalName", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"@xml:lang", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"**/NewsLines/HeadLine@xml:lang", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL},
};

/* The size of the id that all revisions of a story have: urn:newsml:PROVIDER:DATE:ID, without
 * :REVISION behind it. */
static size_t size_of_id(const char *id)
{
    size_t colons = 0, size = 0;
    for (; id[size] && colons < 5; size++)
        colons += id[size] == ':';
    return colons == 5 ? size - 1 : size;
}

/* Where a status is to change, it is what is embargoed that becomes usable; other changes are not
 * for now. Where there is no public identifier, its parts are its own. */
static enum lede_status complete(json_t *document, json_t *record, const json_t *context)
{
    json_t *named = json_object_get(json_object_get(record, "Identification"), "NewsIdentifier");
    const char *id = json_string_value(json_object_get(document, "id"));
    const char *provider = json_string_value(json_object_get(named, "ProviderId"));
    const char *date = json_string_value(json_object_get(named, "DateId"));
    const char *own = json_string_value(json_object_get(named, "NewsItemId"));
    const char *source = json_string_value(json_object_get(document, "source"));
    json_auto_t *made = NULL;
    (void)context;
    if (id && strncmp(id, "urn:newsml:", 11) == 0)
        made = json_stringn(id, size_of_id(id));
    else if (!id && date && own && (provider || source))
        made = json_sprintf("urn:newsml:%s:%s:%s", provider ? provider : source, date, own);
    return !made || json_object_set(document, "id", made) == 0 ? LEDE_OK : LEDE_ENOMEM;
}

static const char *const media_types[] = {
    "text/vnd.iptc.newsml", "application/vnd.iptc.newsml+xml", "application/xml", "text/xml", NULL};
static const char *const endings[] = {".xml", ".newsml", NULL};
static const char *const records[] = {"NewsML/NewsItem", NULL};
static const char *const namespaces[] = {
    "http://iptc.org/std/NewsML/2003-10-10/", "urn:newsml:iptc.org:20021018:NewsMLv1.1", NULL};
static const char *const roots[] = {"NewsML", NULL};
static const struct lede_xml_details details = {
    .roots = roots, .records = records, .namespaces = namespaces};

const struct lede_format lede_format_newsml = {.name = "newsml",
    .title = "NewsML 1.2",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .complete = complete,
    .details = &details,
    .recognise = lede_xml_recognise,
    .reader = &lede_xml_reader};
