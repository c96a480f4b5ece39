/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON Feed 1 and 1.1: jsonfeed.org/version/1.1. */
#include "json_items.h"

#include <string.h>

#define FEED_BYTES_MAX ((size_t)64 << 20)

static const struct lede_mapping rows[] = {{"id", "id", LEDE_CONVERT_ID, NULL},
    {"url", "url", LEDE_CONVERT_URL, NULL}, {"external_url", "url", LEDE_CONVERT_URL, NULL},
    {"title", "title", LEDE_CONVERT_LINE, NULL}, {"content_html", "body", LEDE_CONVERT_HTML, NULL},
    {"content_text", "body", LEDE_CONVERT_TEXT, NULL},
    {"summary", "summary", LEDE_CONVERT_TEXT, NULL},
    {"image", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"banner_image", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {"date_published", "published", LEDE_CONVERT_DATE, NULL},
    {"date_modified", "updated", LEDE_CONVERT_DATE, NULL},
    {"authors/name", "author", LEDE_CONVERT_PERSON, NULL},
    {"author/name", "author", LEDE_CONVERT_PERSON, NULL},
    {"^authors/name", "author", LEDE_CONVERT_PERSON, NULL},
    {"^author/name", "author", LEDE_CONVERT_PERSON, NULL},
    {"tags", "tags", LEDE_CONVERT_LINE, NULL},
    {"language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"^language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"^title", "source", LEDE_CONVERT_LINE, NULL}, {NULL, NULL, LEDE_CONVERT_NONE, NULL}};

static json_t *items_of(json_t *feed)
{
    json_t *items = json_object_get(feed, "items");
    return json_is_array(items) ? items : feed;
}

static unsigned recognise(const struct lede_format *format, const struct lede_format_head *head)
{
    static const char version[] = "jsonfeed.org/version/";
    (void)format;
    if (head->size == 0 || head->text[0] != '{')
        return LEDE_FORMAT_NO;
    if (memmem(head->text, head->size, version, sizeof(version) - 1))
        return LEDE_FORMAT_CERTAIN;
    return lede_json_head_has(head, "items") ? LEDE_FORMAT_GUESS : LEDE_FORMAT_NO;
}

static const char *const media_types[] = {"application/feed+json", NULL};
static const char *const endings[] = {".jsonfeed", NULL};
static const struct lede_json_items details = {
    .object_bytes_max = FEED_BYTES_MAX, .items = items_of};

const struct lede_format lede_format_jsonfeed = {.name = "jsonfeed",
    .title = "JSON Feed",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .details = &details,
    .recognise = recognise,
    .reader = &lede_json_items_reader};
