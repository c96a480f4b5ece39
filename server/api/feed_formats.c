/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Atom (RFC 4287), RSS 2.0, JSON Feed 1.1 (jsonfeed.org), CSV (RFC 4180). tests/data/feeds has the
 * grammars. */
#include "feed_formats.h"

#include "csv.h"
#include "json_out.h"
#include "lede/encoding.h"
#include "xml_out.h"

#include <string.h>

static struct lede_slice text_of(const struct lede_stored *stored, enum lede_field_id id)
{
    const struct lede_stored_field *field = lede_stored_texts(stored, id);
    return field && !field->is_list ? field->texts[0] : (struct lede_slice){"", 0};
}

static void xml_slice(struct lede_buffer *out, const char *name, struct lede_slice text)
{
    lede_xml_element(out, name, text.text, text.size);
}

static void xml_buffer(struct lede_buffer *out, const struct lede_buffer *text)
{
    out->failed = out->failed || text->failed;
    lede_xml_text(out, text->data ? text->data : "", text->size);
}

/* Each of a list's texts between two pieces of markup, of which XML leaves something. */
static void xml_list(struct lede_buffer *out, const struct lede_feed_entry *entry,
    enum lede_field_id id, const char *before, const char *after)
{
    const struct lede_stored_field *list = lede_stored_texts(entry->stored, id);
    for (size_t i = 0; list && i < list->count; i++) {
        size_t start = out->size;
        lede_buffer_append_string(out, before);
        size_t empty = out->size;
        lede_xml_text(out, list->texts[i].text, list->texts[i].size);
        if (out->size == empty)
            out->size = start;
        else
            lede_buffer_append_string(out, after);
    }
}

static void append_urn(struct lede_buffer *out, const struct lede_stored *stored)
{
    lede_buffer_append_string(out, "urn:lede:");
    lede_percent_append(out, stored->id, stored->id_size, "-._");
}

/* A document has no title where it has a body: feeds want one. */
static void xml_title(struct lede_buffer *out, const struct lede_feed_entry *entry)
{
    struct lede_slice title = text_of(entry->stored, LEDE_FIELD_TITLE);
    if (title.size == 0)
        title = (struct lede_slice){entry->snippet, entry->snippet_size};
    xml_slice(out, "title", title);
}

/* ---- Atom ---- */

static void atom_moment(struct lede_buffer *out, const char *name, int64_t utc_s)
{
    char time[21];
    lede_time_format(utc_s, time);
    lede_xml_element(out, name, time, strlen(time));
}

static void begin_atom(struct lede_buffer *out, const struct lede_feed *feed)
{
    lede_buffer_append_string(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                                   "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
                                   "<id>urn:lede:search:");
    xml_buffer(out, &feed->query);
    lede_buffer_append_string(out, "</id>\n<title>");
    xml_buffer(out, &feed->title);
    lede_buffer_append_string(
        out, "</title>\n<author><name>Lede</name></author>\n<link rel=\"self\" href=\"");
    xml_buffer(out, &feed->self);
    lede_buffer_append_string(out, "\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"");
    xml_buffer(out, &feed->alternate);
    lede_buffer_append_string(out, "\"/>\n");
    atom_moment(out, "updated", feed->updated_utc_s);
}

static void write_atom(struct lede_buffer *out, const struct lede_feed_entry *entry)
{
    lede_buffer_append_string(out, "<entry>\n<id>");
    append_urn(out, entry->stored);
    lede_buffer_append_string(out, "</id>\n");
    xml_title(out, entry);
    if (entry->stored->published_utc_s != LEDE_TIME_NONE)
        atom_moment(out, "published", entry->stored->published_utc_s);
    atom_moment(out, "updated", entry->updated_utc_s);
    xml_list(out, entry, LEDE_FIELD_AUTHOR, "<author><name>", "</name></author>\n");
    xml_list(out, entry, LEDE_FIELD_TAGS, "<category term=\"", "\"/>\n");
    lede_buffer_append_string(out, "<link rel=\"alternate\" href=\"");
    xml_buffer(out, &entry->address);
    lede_buffer_append_string(out, "\"/>\n");
    lede_xml_element(out, "summary", entry->snippet, entry->snippet_size);
    lede_buffer_append_string(out, "</entry>\n");
}

/* ---- RSS ---- */

/* Source: RFC 822 as RSS 2.0 uses it, years of four digits. */
static void rss_moment(struct lede_buffer *out, const char *name, int64_t utc_s)
{
    char text[LEDE_MAIL_TIME_SIZE];
    lede_time_format_mail(utc_s, "+0000", text);
    lede_xml_element(out, name, text, strlen(text));
}

static void begin_rss(struct lede_buffer *out, const struct lede_feed *feed)
{
    lede_buffer_append_string(out,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">"
        "<channel>\n<title>");
    xml_buffer(out, &feed->title);
    lede_buffer_append_string(out, "</title>\n<link>");
    xml_buffer(out, &feed->alternate);
    lede_buffer_append_string(out, "</link>\n<description>");
    xml_buffer(out, &feed->title);
    lede_buffer_append_string(
        out, "</description>\n<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"");
    xml_buffer(out, &feed->self);
    lede_buffer_append_string(out, "\"/>\n");
    rss_moment(out, "lastBuildDate", feed->updated_utc_s);
}

static void write_rss(struct lede_buffer *out, const struct lede_feed_entry *entry)
{
    lede_buffer_append_string(out, "<item>\n<guid isPermaLink=\"false\">");
    append_urn(out, entry->stored);
    lede_buffer_append_string(out, "</guid>\n");
    xml_title(out, entry);
    lede_buffer_append_string(out, "<link>");
    xml_buffer(out, &entry->address);
    lede_buffer_append_string(out, "</link>\n");
    if (entry->stored->published_utc_s != LEDE_TIME_NONE)
        rss_moment(out, "pubDate", entry->stored->published_utc_s);
    xml_list(out, entry, LEDE_FIELD_TAGS, "<category>", "</category>\n");
    lede_xml_element(out, "description", entry->snippet, entry->snippet_size);
    lede_buffer_append_string(out, "</item>\n");
}

/* ---- JSON Feed ---- */

static void json_slice(struct lede_buffer *out, const char *key, struct lede_slice text)
{
    if (text.size == 0)
        return;
    lede_json_key(out, key);
    lede_json_string(out, text.text, text.size);
}

static void json_buffer(struct lede_buffer *out, const char *key, const struct lede_buffer *text)
{
    out->failed = out->failed || text->failed;
    json_slice(out, key, (struct lede_slice){text->data, text->size});
}

static void json_moment(struct lede_buffer *out, const char *key, int64_t utc_s)
{
    char time[21];
    lede_time_format(utc_s, time);
    lede_json_member_string(out, key, time);
}

/* Each of a list's texts between two pieces of JSON. */
static void json_list(struct lede_buffer *out, const char *key, const struct lede_feed_entry *entry,
    enum lede_field_id id, const char *before, const char *after)
{
    const struct lede_stored_field *list = lede_stored_texts(entry->stored, id);
    if (!list || list->count == 0)
        return;
    lede_json_key(out, key);
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        lede_json_comma(out);
        lede_buffer_append_string(out, before);
        lede_json_string(out, list->texts[i].text, list->texts[i].size);
        lede_buffer_append_string(out, after);
    }
    lede_buffer_append_char(out, ']');
}

static void begin_json(struct lede_buffer *out, const struct lede_feed *feed)
{
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "version", "https://jsonfeed.org/version/1.1");
    json_buffer(out, "title", &feed->title);
    json_buffer(out, "home_page_url", &feed->alternate);
    json_buffer(out, "feed_url", &feed->self);
    lede_json_key(out, "items");
    lede_buffer_append_char(out, '[');
}

static void write_json(struct lede_buffer *out, const struct lede_feed_entry *entry)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer urn = {0};
    append_urn(&urn, entry->stored);
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    json_buffer(out, "id", &urn);
    json_buffer(out, "url", &entry->address);
    json_slice(out, "title", text_of(entry->stored, LEDE_FIELD_TITLE));
    lede_json_key(out, "content_text");
    lede_json_string(out, entry->snippet, entry->snippet_size);
    json_slice(out, "summary", text_of(entry->stored, LEDE_FIELD_SUMMARY));
    if (entry->stored->published_utc_s != LEDE_TIME_NONE)
        json_moment(out, "date_published", entry->stored->published_utc_s);
    json_moment(out, "date_modified", entry->updated_utc_s);
    json_list(out, "authors", entry, LEDE_FIELD_AUTHOR, "{\"name\":", "}");
    json_list(out, "tags", entry, LEDE_FIELD_TAGS, "", "");
    json_slice(out, "language", text_of(entry->stored, LEDE_FIELD_LANGUAGE));
    lede_buffer_append_char(out, '}');
}

/* ---- CSV ---- */

static void begin_csv(struct lede_buffer *out, const struct lede_feed *feed)
{
    (void)feed;
    lede_buffer_append_string(
        out, "id,published,source,section,title,language,url,snippet,score\r\n");
}

static void write_csv(struct lede_buffer *out, const struct lede_feed_entry *entry)
{
    static const enum lede_field_id columns[] = {LEDE_FIELD_PUBLISHED, LEDE_FIELD_SOURCE,
        LEDE_FIELD_SECTION, LEDE_FIELD_TITLE, LEDE_FIELD_LANGUAGE, LEDE_FIELD_URL};
    lede_csv_cell(out, entry->stored->id, entry->stored->id_size, true);
    for (size_t i = 0; i < LEDE_COUNT_OF(columns); i++) {
        struct lede_slice text = text_of(entry->stored, columns[i]);
        lede_csv_cell(out, text.text, text.size, false);
    }
    lede_csv_cell(out, entry->snippet, entry->snippet_size, false);
    lede_buffer_append_format(out, ",%.4f\r\n", entry->score);
}

/* ---- The table ---- */

static const struct lede_feed_format formats[] = {
    [LEDE_FEED_ATOM] = {"application/atom+xml", "/search.atom", LEDE_TAKER_FEED, begin_atom,
        write_atom, "</feed>\n"},
    [LEDE_FEED_RSS] = {"application/rss+xml", "/search.rss", LEDE_TAKER_FEED, begin_rss, write_rss,
        "</channel></rss>\n"},
    [LEDE_FEED_JSON] = {"application/feed+json", "/search.jsonfeed", LEDE_TAKER_FEED, begin_json,
        write_json, "]}\n"},
    [LEDE_FEED_CSV] = {"text/csv; charset=utf-8", "/search.csv", LEDE_TAKER_SEARCH, begin_csv,
        write_csv, ""},
};

const struct lede_feed_format *lede_feed_format_at(enum lede_feed_format_id id)
{
    return &formats[id];
}
