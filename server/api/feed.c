/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches as feeds and tables: Atom (RFC 4287), RSS 2.0, CSV (RFC 4180). */
#include "address.h"
#include "endpoints.h"
#include "lede/encoding.h"
#include "negotiation.h"
#include "problem.h"
#include "search_execute.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What a row of a feed shows of a hit. */
struct entry {
    const struct lede_stored *stored;
    const struct lede_hit *hit;
    const char *snippet; /* plain text, not marked */
    size_t snippet_size;
};

typedef void (*write_entry)(struct lede_buffer *out, const struct entry *entry);

static struct lede_slice text_of(const struct lede_stored *stored, enum lede_field_id id)
{
    const struct lede_stored_field *field = &stored->fields[id];
    return field->texts && !field->is_list ? field->texts[0] : (struct lede_slice){"", 0};
}

/* Bytes of the character here if it is a control, or XML 1.0 has no place for it, escaped or not
 * (section 2.2: U+FFFE and U+FFFF too); else 0. */
static size_t forbidden_size(const char *text, size_t left)
{
    if ((unsigned char)text[0] < 0x20)
        return strchr("\t\n\r", text[0]) ? 0 : 1;
    if (text[0] == 0x7F)
        return 1;
    if (left >= 2 && text[0] == '\xC2' && (unsigned char)text[1] < 0xA0)
        return 2;
    return left >= 3 &&
                   (memcmp(text, "\xEF\xBF\xBE", 3) == 0 || memcmp(text, "\xEF\xBF\xBF", 3) == 0)
               ? 3
               : 0;
}

static void append_xml(struct lede_buffer *out, const char *text, size_t size)
{
    size_t start = 0;
    for (size_t i = 0; i < size;) {
        size_t forbidden = forbidden_size(text + i, size - i);
        if (forbidden > 0) {
            lede_buffer_append_html(out, text + start, i - start);
            start = i + forbidden;
        }
        i += forbidden > 0 ? forbidden : 1;
    }
    lede_buffer_append_html(out, text + start, size - start);
}

static void xml_element(struct lede_buffer *out, const char *name, struct lede_slice text)
{
    lede_buffer_append_format(out, "<%s>", name);
    append_xml(out, text.text, text.size);
    lede_buffer_append_format(out, "</%s>\n", name);
}

static void xml_moment(struct lede_buffer *out, const char *name, int64_t utc_s)
{
    char time[21];
    lede_time_format(utc_s, time);
    xml_element(out, name, (struct lede_slice){time, strlen(time)});
}

static void xml_list(struct lede_buffer *out, const struct entry *entry, enum lede_field_id id,
    const char *before, const char *after)
{
    const struct lede_stored_field *list = &entry->stored->fields[id];
    for (size_t i = 0; list->is_list && i < list->count; i++) {
        lede_buffer_append_string(out, before);
        append_xml(out, list->texts[i].text, list->texts[i].size);
        lede_buffer_append_string(out, after);
    }
}

static void append_urn(struct lede_buffer *out, const struct lede_stored *stored)
{
    lede_buffer_append_string(out, "urn:lede:");
    lede_percent_append(out, stored->id, stored->id_size, "-._");
}

/* A reader of feeds has no page that other addresses could be relative to, and should open no
 * others. */
static bool is_web_address(struct lede_slice url)
{
    return (url.size >= 7 && strncasecmp(url.text, "http://", 7) == 0) ||
           (url.size >= 8 && strncasecmp(url.text, "https://", 8) == 0);
}

/* The parameters of the search, as they were sent where no key is among them: what a feed says may
 * be shown to others. */
static void append_query(
    struct lede_buffer *out, const struct lede_http_request *request, const char *before)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer others = {0};
    const struct lede_http_parameter *parameters = NULL;
    const char *query = lede_http_request_query(request);
    size_t count = lede_http_request_parameters(request, &parameters), kept = 0;
    lede_buffer_append_char(&others, '?');
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parameters[i].name, "key") == 0)
            continue;
        lede_address_append_parameter(
            &others, parameters[i].name, parameters[i].value, parameters[i].value_size);
        kept++;
    }
    out->failed = out->failed || others.failed;
    if (kept < count)
        query = others.failed ? "" : others.data + 1;
    lede_buffer_append_string(out, query[0] ? before : "");
    append_xml(out, query, strlen(query));
}

/* The address of the search itself, at another path of this server. */
static void append_address(
    struct lede_buffer *out, const struct lede_http_request *request, const char *path)
{
    char origin[LEDE_ORIGIN_SIZE];
    lede_request_origin(request, origin);
    append_xml(out, origin, strlen(origin));
    lede_buffer_append_string(out, path);
    append_query(out, request, "?");
}

static void write_atom(struct lede_buffer *out, const struct entry *entry)
{
    const struct lede_stored *stored = entry->stored;
    struct lede_slice url = text_of(stored, LEDE_FIELD_URL);
    lede_buffer_append_string(out, "<entry>\n<id>");
    append_urn(out, stored);
    lede_buffer_append_string(out, "</id>\n");
    xml_element(out, "title", text_of(stored, LEDE_FIELD_TITLE));
    xml_moment(out, "published", stored->published_utc_s);
    xml_moment(out, "updated",
        stored->updated_utc_s != LEDE_TIME_NONE ? stored->updated_utc_s : stored->published_utc_s);
    xml_list(out, entry, LEDE_FIELD_AUTHOR, "<author><name>", "</name></author>\n");
    if (is_web_address(url)) {
        lede_buffer_append_string(out, "<link href=\"");
        append_xml(out, url.text, url.size);
        lede_buffer_append_string(out, "\"/>\n");
    }
    lede_buffer_append_string(out, "<summary>");
    append_xml(out, entry->snippet, entry->snippet_size);
    lede_buffer_append_string(out, "</summary>\n</entry>\n");
}

/* `Wed, 19 Jan 2022 18:04:00 +0000`. Source: RFC 822 as RSS 2.0 uses it, years of four digits. */
static void format_rfc822(int64_t utc_s, char *text, size_t capacity)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char iso[21];
    int64_t day = utc_s / 86400 - (utc_s % 86400 < 0);
    struct lede_civil_date date = lede_civil_from_days(day);
    lede_time_format(utc_s, iso);
    snprintf(text, capacity, "%s, %02d %s %04d %.8s +0000", days[((day % 7) + 7) % 7], date.day,
        months[date.month - 1], date.year, iso + 11);
}

static void write_rss(struct lede_buffer *out, const struct entry *entry)
{
    char date[48];
    const struct lede_stored *stored = entry->stored;
    lede_buffer_append_string(out, "<item>\n<guid isPermaLink=\"false\">");
    append_urn(out, stored);
    lede_buffer_append_string(out, "</guid>\n");
    xml_element(out, "title", text_of(stored, LEDE_FIELD_TITLE));
    if (is_web_address(text_of(stored, LEDE_FIELD_URL)))
        xml_element(out, "link", text_of(stored, LEDE_FIELD_URL));
    format_rfc822(stored->published_utc_s, date, sizeof(date));
    xml_element(out, "pubDate", (struct lede_slice){date, strlen(date)});
    xml_list(out, entry, LEDE_FIELD_TAGS, "<category>", "</category>\n");
    lede_buffer_append_string(out, "<description>");
    append_xml(out, entry->snippet, entry->snippet_size);
    lede_buffer_append_string(out, "</description>\n</item>\n");
}

/* Would a spreadsheet run it? Wide forms count, too. */
static bool is_formula(const char *text, size_t size)
{
    static const char *const wide[] = {
        "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
    bool is_wide = false;
    for (size_t i = 0; size >= 3 && i < LEDE_COUNT_OF(wide); i++)
        is_wide = is_wide || memcmp(text, wide[i], 3) == 0;
    return is_wide || (size > 0 && memchr("=+-@\t\r\n", text[0], 7));
}

/* Quoted, quotes doubled; what would be a formula gets an apostrophe. */
static void csv_field(struct lede_buffer *out, const char *text, size_t size, bool is_first)
{
    lede_buffer_append_string(out, is_first ? "\"" : ",\"");
    if (is_formula(text, size))
        lede_buffer_append_char(out, '\'');
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            lede_buffer_append_char(out, '"');
        lede_buffer_append_char(out, text[i]);
    }
    lede_buffer_append_char(out, '"');
}

static void write_csv(struct lede_buffer *out, const struct entry *entry)
{
    static const enum lede_field_id columns[] = {LEDE_FIELD_PUBLISHED, LEDE_FIELD_SOURCE,
        LEDE_FIELD_SECTION, LEDE_FIELD_TITLE, LEDE_FIELD_LANGUAGE, LEDE_FIELD_URL};
    csv_field(out, entry->stored->id, entry->stored->id_size, true);
    for (size_t i = 0; i < LEDE_COUNT_OF(columns); i++) {
        struct lede_slice text = text_of(entry->stored, columns[i]);
        csv_field(out, text.text, text.size, false);
    }
    csv_field(out, entry->snippet, entry->snippet_size, false);
    lede_buffer_append_format(out, ",%.4f\r\n", entry->hit->score);
}

static enum lede_status write_one(struct lede_api_worker *worker, struct lede_search_run *run,
    const struct lede_hit *hit, write_entry write, struct lede_buffer *out,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_shown_document_releasep) struct lede_shown_document *document = NULL;
    enum lede_status st = lede_shown_document_take(
        worker->api->shown_documents, hit->stored, hit->stored_size, &document, reterr);
    if (st != LEDE_OK)
        return st;
    struct entry entry = {
        .stored = lede_shown_document_stored(document), .hit = hit, .snippet = ""};
    bool has_body = lede_stored_texts(entry.stored, LEDE_FIELD_BODY);
    st = lede_search_begin_hit(worker, run, document);
    if (st == LEDE_OK && has_body)
        st = lede_search_highlight(worker, run, document, LEDE_FIELD_BODY, 0);
    if (st != LEDE_OK)
        return lede_fail_memory(reterr);
    if (has_body && worker->highlights.fragment_count > 0) {
        entry.snippet = worker->highlights.fragments[0].text;
        entry.snippet_size = worker->highlights.fragments[0].text_size;
    }
    write(out, &entry);
    return LEDE_OK;
}

/* A reader of feeds may ask for any XML. */
static bool accepts(const struct lede_http_request *request, const char *media_type)
{
    char name[32];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(media_type, ";"), media_type);
    bool is_xml = strstr(name, "+xml") != NULL;
    return lede_request_accepts(request, name) ||
           (is_xml && (lede_request_accepts(request, "application/xml") ||
                          lede_request_accepts(request, "text/xml")));
}

/* media_type  static */
static void write_feed(struct lede_api_worker *worker, struct lede_http_request *request,
    struct lede_http_reply *reply, const char *media_type, write_entry write,
    struct lede_search_run *run)
{
    struct lede_error error = {0};
    if (!accepts(request, media_type)) {
        (void)lede_fail(&error, LEDE_EINPUT, "expected Accept to allow %.*s",
            (int)strcspn(media_type, ";"), media_type);
        lede_reply_problem(reply, request, lede_problem_named("not-acceptable"), &error);
        return;
    }
    enum lede_status st = lede_search_run_take_query(request, run, &error);
    if (st == LEDE_OK)
        st = lede_search_run_corrected(worker, run, &error);
    run->search.highlighting.format = LEDE_HIGHLIGHT_TEXT;
    run->search.highlighting.pre = "";
    run->search.highlighting.post = "";
    for (size_t i = 0; st == LEDE_OK && i < run->result.hit_count; i++) {
        st = lede_api_worker_go_on(worker, &error);
        if (st == LEDE_OK)
            st = write_one(worker, run, &run->result.hits[i], write, &reply->body, &error);
    }
    reply->status = 200;
    reply->media_type = media_type;
    /* What is withheld or expires must not be shown again from a cache. */
    lede_http_reply_header(reply, "Cache-Control", "no-cache");
    if (st != LEDE_OK)
        lede_reply_search_error(reply, request, &error);
}

void lede_endpoint_search_atom(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {.taker = LEDE_TAKER_FEED};
    lede_buffer_append_string(&reply->body,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<id>urn:lede:search:");
    append_query(&reply->body, request, "");
    lede_buffer_append_string(
        &reply->body, "</id>\n<title>Lede</title>\n<author><name>Lede</name></author>\n");
    lede_buffer_append_string(&reply->body, "<link rel=\"self\" href=\"");
    append_address(&reply->body, request, "/search.atom");
    lede_buffer_append_string(&reply->body, "\"/>\n");
    xml_moment(&reply->body, "updated", lede_time_now_utc_s());
    write_feed(worker, request, reply, "application/atom+xml", write_atom, &run);
    if (reply->status != 200)
        return;
    lede_buffer_append_string(&reply->body, "</feed>\n");
}

void lede_endpoint_search_rss(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {.taker = LEDE_TAKER_FEED};
    lede_buffer_append_string(&reply->body,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel>\n"
        "<title>Lede</title>\n<link>");
    append_address(&reply->body, request, "/");
    lede_buffer_append_string(&reply->body, "</link>\n<description>");
    append_query(&reply->body, request, "");
    lede_buffer_append_string(&reply->body, "</description>\n");
    write_feed(worker, request, reply, "application/rss+xml", write_rss, &run);
    if (reply->status != 200)
        return;
    lede_buffer_append_string(&reply->body, "</channel></rss>\n");
}

void lede_endpoint_search_csv(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {0};
    lede_buffer_append_string(
        &reply->body, "id,published,source,section,title,language,url,snippet,score\r\n");
    write_feed(worker, request, reply, "text/csv; charset=utf-8", write_csv, &run);
}
