/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sitemaps with what is news in them: a headline and an address, no text; and indexes of sitemaps,
 * which are no news, but say where some are.
 *
 * Source: sitemaps.org, protocol 0.9; Google, "News sitemaps" and "Image sitemaps". */
#include "xml_reader.h"

static const struct lede_mapping rows[] = {
    {"loc", "url", LEDE_CONVERT_URL, NULL},
    {"news:news/news:title", "title", LEDE_CONVERT_LINE, NULL},
    {"news:news/news:publication_date", "published", LEDE_CONVERT_DATE, NULL},
    {"lastmod", "updated", LEDE_CONVERT_DATE, NULL},
    {"news:news/news:publication/news:name", "source", LEDE_CONVERT_LINE, NULL},
    {"news:news/news:publication/news:language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"news:news/news:keywords", "tags", LEDE_CONVERT_LIST, NULL},
    {"image:image/image:loc", "image/url", LEDE_CONVERT_IMAGE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL},
};

static const char *const media_types[] = {"application/xml", "text/xml", NULL};
static const char *const endings[] = {".xml", NULL};
static const char *const records[] = {"urlset/url", NULL};
static const char *const namespaces[] = {"http://www.sitemaps.org/schemas/sitemap/0.9",
    "http://www.google.com/schemas/sitemap/0.84", "http://www.google.com/schemas/sitemap/0.9",
    NULL};
static const char *const roots[] = {"urlset", NULL};
static const char *const marks[] = {"http://www.google.com/schemas/sitemap-news/0.9", NULL};
static const struct lede_xml_details details = {
    .roots = roots, .marks = marks, .records = records, .namespaces = namespaces};

const struct lede_format lede_format_sitemap_news = {.name = "sitemap-news",
    .title = "news sitemap",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .details = &details,
    .recognise = lede_xml_recognise,
    .reader = &lede_xml_reader};

static const struct lede_mapping index_rows[] = {
    {"loc", "url", LEDE_CONVERT_URL, NULL},
    {"lastmod", "updated", LEDE_CONVERT_DATE, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL},
};
static const char *const index_endings[] = {NULL};
static const char *const index_records[] = {"sitemapindex/sitemap", NULL};
static const char *const index_roots[] = {"sitemapindex", NULL};
static const struct lede_xml_details index_details = {
    .roots = index_roots, .records = index_records, .namespaces = namespaces};
static const struct lede_format sitemap_index = {.name = "sitemap-index",
    .title = "index of sitemaps",
    .media_types = media_types,
    .endings = index_endings,
    .rows = index_rows,
    .details = &index_details,
    .recognise = lede_xml_recognise,
    .reader = &lede_xml_reader};

const struct lede_format *lede_format_sitemap_index(void)
{
    return &sitemap_index;
}
