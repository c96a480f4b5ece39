/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPTC's ninjs 1, 2 and 3, and what Superdesk makes of it.
 *
 * Source: iptc.org/std/ninjs; Superdesk's own schema (guid, service, authors, ednote). */
#include "json_items.h"

#include <string.h>
#include <strings.h>

#define ITEM_BYTES_MAX ((size_t)32 << 20) /* with all that is associated with it */
#define WRAPPINGS_MAX 4

static const struct lede_mapping rows[] = {{"uri", "id", LEDE_CONVERT_ID, NULL},
    {"guid", "id", LEDE_CONVERT_ID, NULL}, {"headline", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"headlines[role=main]/value", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"headlines/value", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"headline_main", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"headline_text", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"title", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"name", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"slugline", "title", LEDE_CONVERT_LINE, "tags"},
    {"description_text", "summary", LEDE_CONVERT_TEXT, NULL},
    {"description_html", "summary", LEDE_CONVERT_HTML, NULL},
    {"description_xhtml", "summary", LEDE_CONVERT_HTML, NULL},
    {"description_richtext", "summary", LEDE_CONVERT_HTML, NULL},
    {"descriptions[contenttype=text/plain]/value", "summary", LEDE_CONVERT_TEXT, NULL},
    {"descriptions[contentType=text/plain]/value", "summary", LEDE_CONVERT_TEXT, NULL},
    {"descriptions/value", "summary", LEDE_CONVERT_HTML, NULL},
    {"abstract", "summary", LEDE_CONVERT_HTML, NULL},
    {"body_html", "body", LEDE_CONVERT_HTML, NULL}, {"body_xhtml", "body", LEDE_CONVERT_HTML, NULL},
    {"body_richtext", "body", LEDE_CONVERT_HTML, NULL},
    {"body_text", "body", LEDE_CONVERT_TEXT, NULL}, {"body_main", "body", LEDE_CONVERT_TEXT, NULL},
    {"bodies[contenttype=text/html]/value", "body", LEDE_CONVERT_HTML, NULL},
    {"bodies[contentType=text/html]/value", "body", LEDE_CONVERT_HTML, NULL},
    {"bodies[contenttype=text/plain]/value", "body", LEDE_CONVERT_TEXT, NULL},
    {"bodies[contentType=text/plain]/value", "body", LEDE_CONVERT_TEXT, NULL},
    {"bodies/value", "body", LEDE_CONVERT_HTML, NULL},
    {"byline", "author", LEDE_CONVERT_PERSON, NULL}, {"by", "author", LEDE_CONVERT_PERSON, NULL},
    {"authors/name", "author", LEDE_CONVERT_PERSON, NULL},
    {"source", "source", LEDE_CONVERT_LINE, NULL}, {"provider", "source", LEDE_CONVERT_LINE, NULL},
    {"infosource/name", "source", LEDE_CONVERT_LINE, NULL},
    {"infosources/name", "source", LEDE_CONVERT_LINE, NULL},
    {"infoSources/name", "source", LEDE_CONVERT_LINE, NULL},
    {"copyrightholder", "source", LEDE_CONVERT_LINE, NULL},
    {"copyrightHolder", "source", LEDE_CONVERT_LINE, NULL},
    {"service/name", "section", LEDE_CONVERT_LINE, "tags"},
    {"subject/name", "tags", LEDE_CONVERT_LINE, NULL},
    {"subjects/name", "tags", LEDE_CONVERT_LINE, NULL},
    {"keywords", "tags", LEDE_CONVERT_LINE, NULL}, {"event/name", "tags", LEDE_CONVERT_LINE, NULL},
    {"events/name", "tags", LEDE_CONVERT_LINE, NULL},
    {"located", "places", LEDE_CONVERT_LINE, NULL},
    {"place/name", "places", LEDE_CONVERT_LINE, NULL},
    {"places/name", "places", LEDE_CONVERT_LINE, NULL},
    {"person/name", "people", LEDE_CONVERT_LINE, NULL},
    {"people/name", "people", LEDE_CONVERT_LINE, NULL},
    {"organisation/name", "organisations", LEDE_CONVERT_LINE, NULL},
    {"organisations/name", "organisations", LEDE_CONVERT_LINE, NULL},
    {"language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"version", "version", LEDE_CONVERT_VERSION, NULL},
    {"firstcreated", "published", LEDE_CONVERT_DATE, NULL},
    {"firstCreated", "published", LEDE_CONVERT_DATE, NULL},
    {"contentcreated", "published", LEDE_CONVERT_DATE, NULL},
    {"contentCreated", "published", LEDE_CONVERT_DATE, NULL},
    {"firstpublished", "published", LEDE_CONVERT_DATE, NULL},
    {"versioncreated", "published", LEDE_CONVERT_DATE, "updated"},
    {"versionCreated", "published", LEDE_CONVERT_DATE, "updated"},
    {"embargoed", "embargoed_until", LEDE_CONVERT_DATE, NULL},
    {"expires", "expires", LEDE_CONVERT_DATE, NULL},
    {"pubstatus", "status", LEDE_CONVERT_STATUS, NULL},
    {"pubStatus", "status", LEDE_CONVERT_STATUS, NULL},
    {"picture/href", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"picture/description", "image/alt", LEDE_CONVERT_HTML_LINE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL}};

/* Interfaces wrap items: {"item": [...]}, {"data": {"items": [{"item": ...}]}}. */
static json_t *items_of(json_t *object)
{
    static const char *const wrappings[] = {"data", "items", "item"};
    json_t *items = object;
    for (size_t i = 0; i < WRAPPINGS_MAX; i++) {
        json_t *inner = NULL;
        if (json_object_get(items, "uri") || json_object_get(items, "guid"))
            return items;
        for (size_t j = 0; j < LEDE_COUNT_OF(wrappings) && !inner; j++)
            inner = json_object_get(items, wrappings[j]);
        if (!json_is_object(inner) && !json_is_array(inner))
            return items;
        items = inner;
    }
    return items;
}

static bool is_picture(const json_t *item)
{
    const char *type = json_string_value(json_object_get(item, "type"));
    return type && (strcasecmp(type, "picture") == 0 || strcasecmp(type, "graphic") == 0);
}

/* The address of the largest rendition that a browser may load; NULL: none. */
static json_t *find_address(json_t *renditions)
{
    json_t *best = NULL;
    json_int_t most = -1;
    const char *key = NULL;
    size_t index = 0;
    json_t *list = json_is_object(renditions) ? json_array() : json_incref(renditions);
    json_t *rendition = NULL;
    json_object_foreach (renditions, key, rendition)
        (void)json_array_append(list, rendition); /* one that lacks is one less to choose from */
    json_array_foreach (list, index, rendition) {
        json_t *address = json_object_get(rendition, "href");
        const char *url = json_string_value(address);
        json_int_t width = json_integer_value(json_object_get(rendition, "width"));
        if (url && strncasecmp(url, "https://", 8) == 0 && width > most) {
            most = width;
            best = address;
        }
    }
    json_decref(list);
    return best;
}

/* Returns the picture's text, of either version of the format. */
static json_t *find_description(json_t *picture)
{
    static const char *const keys[] = {
        "description_text", "body_text", "headline", "descriptions", "headlines"};
    for (size_t i = 0; i < LEDE_COUNT_OF(keys); i++) {
        json_t *found = json_object_get(picture, keys[i]);
        if (json_is_array(found))
            found = json_object_get(json_array_get(found, 0), "value");
        if (json_is_string(found) && json_string_length(found) > 0)
            return found;
    }
    return NULL;
}

/* `picture`: of what is associated the first picture, or the item itself where it is one. */
static enum lede_status prepare(json_t *item)
{
    json_t *associations = json_object_get(item, "associations");
    json_t *picture = is_picture(item) ? item : NULL;
    json_t *association = NULL;
    const char *key = NULL;
    size_t index = 0;
    json_array_foreach (associations, index, association) {
        if (!picture && is_picture(association))
            picture = association;
    }
    json_object_foreach (associations, key, association) {
        if (!picture && is_picture(association))
            picture = association;
    }
    json_t *address = find_address(json_object_get(picture, "renditions"));
    if (!address || json_object_get(item, "picture"))
        return LEDE_OK;
    json_t *made = json_object();
    json_t *description = find_description(picture);
    if (!made || json_object_set(made, "href", address) != 0 ||
        (description && json_object_set(made, "description", description) != 0)) {
        json_decref(made);
        return LEDE_ENOMEM;
    }
    return json_object_set_new(item, "picture", made) == 0 ? LEDE_OK : LEDE_ENOMEM;
}

/* Two keys of ninjs's own are no chance; `title` or `body` of ours alone are none of them. */
static unsigned recognise(const struct lede_format *format, const struct lede_format_head *head)
{
    static const char *const keys[] = {"uri", "guid", "representationtype", "representationType",
        "versioncreated", "versionCreated", "firstcreated", "firstCreated", "pubstatus",
        "pubStatus", "body_html", "body_xhtml", "body_text", "headline", "headlines", "bodies",
        "slugline", "located", "usageterms", "copyrightholder", "renditions", "associations",
        "description_text", "byline", "ednote", "urgency"};
    static const char standard[] = "ninjs-schema";
    size_t count = 0;
    (void)format;
    if (head->size == 0 || (head->text[0] != '{' && head->text[0] != '['))
        return LEDE_FORMAT_NO;
    if (memmem(head->text, head->size, standard, sizeof(standard) - 1))
        return LEDE_FORMAT_CERTAIN;
    for (size_t i = 0; i < LEDE_COUNT_OF(keys); i++)
        count += lede_json_head_has(head, keys[i]);
    if (lede_json_head_has(head, "body"))
        return LEDE_FORMAT_GUESS;
    return count >= 2 ? LEDE_FORMAT_SURE : count > 0 ? LEDE_FORMAT_GUESS : LEDE_FORMAT_NO;
}

static const char *const media_types[] = {"application/vnd.iptc.ninjs+json", NULL};
static const char *const endings[] = {".ninjs", NULL};
static const struct lede_json_items details = {
    .object_bytes_max = ITEM_BYTES_MAX, .items = items_of, .prepare = prepare};

const struct lede_format lede_format_ninjs = {.name = "ninjs",
    .title = "ninjs",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .details = &details,
    .recognise = recognise,
    .reader = &lede_json_items_reader};
