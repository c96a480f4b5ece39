/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mail: one message (RFC 5322) or an mbox of them (RFC 4155), read by GMime. */
#include "held.h"

#include "lede/time.h"
#include "text_flow.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MESSAGE_BYTES_MAX ((size_t)64 << 20) /* with what is attached */
#define PARTS_MAX 1000
#define PARTS_DEPTH_MAX 32

static const struct lede_mapping rows[] = {{"message-id", "id", LEDE_CONVERT_ID, NULL},
    {"subject", "title", LEDE_CONVERT_LINE, NULL}, {"body", "body", LEDE_CONVERT_TEXT, NULL},
    {"from/name", "author", LEDE_CONVERT_PERSON, NULL},
    {"list-id", "source", LEDE_CONVERT_LINE, NULL},
    {"organization", "source", LEDE_CONVERT_LINE, NULL},
    {"from/domain", "source", LEDE_CONVERT_LINE, NULL},
    {"keywords", "tags", LEDE_CONVERT_LIST, NULL},
    {"content-language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"archived-at", "url", LEDE_CONVERT_URL, NULL}, {"date", "published", LEDE_CONVERT_DATE, NULL},
    {"expires", "expires", LEDE_CONVERT_DATE, NULL}, {NULL, NULL, LEDE_CONVERT_NONE, NULL}};

struct mail {
    struct lede_format_input input;
    struct lede_held held;
    size_t scanned;
    bool is_begun, is_mbox;
    struct lede_buffer made;
};

/* ---- One message ---- */

/* The texts of a message: plain is taken before HTML. */
struct parts {
    struct lede_buffer plain, html;
    json_t *names; /* of what is attached */
    size_t count;
};

static void read_text_part(GMimeTextPart *part, bool is_html, struct parts *parts)
{
    char *text = g_mime_text_part_get_text(part);
    struct lede_buffer *into = is_html ? &parts->html : &parts->plain;
    if (!text)
        return;
    if (into->size > 0)
        lede_buffer_append_string(into, "\n\n");
    lede_held_append_utf8(into, text, strlen(text));
    g_free(text);
}

static void read_part(GMimeObject *object, unsigned depth, struct parts *parts)
{
    if (!object || depth > PARTS_DEPTH_MAX || ++parts->count > PARTS_MAX)
        return;
    if (GMIME_IS_MULTIPART(object)) {
        int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
        for (int i = 0; i < count; i++)
            read_part(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), depth + 1, parts);
        return;
    }
    const char *name = GMIME_IS_PART(object) ? g_mime_part_get_filename(GMIME_PART(object)) : NULL;
    GMimeContentDisposition *disposition = g_mime_object_get_content_disposition(object);
    bool is_attached = disposition && g_mime_content_disposition_is_attachment(disposition);
    GMimeContentType *type = g_mime_object_get_content_type(object);
    if (GMIME_IS_TEXT_PART(object) && !is_attached)
        read_text_part(
            GMIME_TEXT_PART(object), g_mime_content_type_is_type(type, "text", "html"), parts);
    else if (name)
        (void)json_array_append_new(parts->names, json_string(name)); /* no UTF-8: not told */
}

/* Text that mail wraps: a paragraph ends at a blank line; lines end with a space where the text
 * flows (RFC 3676). */
static void append_flowed(const struct lede_buffer *plain, struct lede_buffer *out)
{
    const char *text = plain->data ? plain->data : "";
    for (size_t i = 0; i < plain->size; i++) {
        bool is_break = text[i] == '\n';
        bool flows = is_break && i > 0 && text[i - 1] == ' ' && i + 1 < plain->size &&
                     text[i + 1] != '\n' && text[i + 1] != '\r';
        if (text[i] != '\r' && !flows)
            lede_buffer_append_char(out, text[i]);
    }
}

static bool set_string(json_t *record, const char *key, const char *text)
{
    if (!text || !*text)
        return true;
    struct lede_buffer clean = {0};
    lede_held_append_utf8(&clean, text, strlen(text));
    bool is_set = lede_buffer_status(&clean) == LEDE_OK &&
                  json_object_set_new(record, key, json_stringn(clean.data, clean.size)) == 0;
    lede_buffer_done(&clean);
    return is_set;
}

static bool set_sender(json_t *record, GMimeMessage *message)
{
    InternetAddressList *from = g_mime_message_get_from(message);
    InternetAddress *first = from && internet_address_list_length(from) > 0
                                 ? internet_address_list_get_address(from, 0)
                                 : NULL;
    if (!first)
        return true;
    const char *address = INTERNET_ADDRESS_IS_MAILBOX(first)
                              ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first))
                              : NULL;
    const char *at = address ? strrchr(address, '@') : NULL;
    json_t *sender = json_object();
    return json_object_set_new(record, "from", sender) == 0 &&
           set_string(sender, "name", internet_address_get_name(first)) &&
           set_string(sender, "address", address) &&
           set_string(sender, "domain", at ? at + 1 : NULL);
}

static bool set_date(json_t *record, GMimeMessage *message)
{
    char written[21];
    GDateTime *date = g_mime_message_get_date(message);
    gint64 utc_s = date ? g_date_time_to_unix(date) : LEDE_TIME_MAX_UTC_S + 1;
    if (utc_s > LEDE_TIME_MAX_UTC_S || utc_s < LEDE_TIME_MIN_UTC_S)
        return true;
    lede_time_format(utc_s, written);
    return set_string(record, "date", written);
}

static bool set_fields(json_t *record, GMimeMessage *message)
{
    static const char *const fields[] = {"List-Id", "Organization", "Keywords", "Content-Language",
        "Archived-At", "Expires", "In-Reply-To", "References", "Supersedes"};
    bool is_set = set_string(record, "subject", g_mime_message_get_subject(message)) &&
                  set_string(record, "message-id", g_mime_message_get_message_id(message)) &&
                  set_sender(record, message) && set_date(record, message);
    for (size_t i = 0; i < LEDE_COUNT_OF(fields) && is_set; i++) {
        char key[32];
        const char *value = g_mime_object_get_header(GMIME_OBJECT(message), fields[i]);
        char *decoded = value ? g_mime_utils_header_decode_text(NULL, value) : NULL;
        for (size_t j = 0; j <= strlen(fields[i]); j++)
            key[j] = (char)g_ascii_tolower(fields[i][j]);
        is_set = set_string(record, key, decoded);
        g_free(decoded);
    }
    return is_set;
}

static enum lede_status read_message(
    GMimeMessage *message, json_t *record, struct lede_error *reterr)
{
    struct parts parts = {.names = json_array()};
    struct lede_buffer body = {0};
    enum lede_status st = parts.names && set_fields(record, message) ? LEDE_OK : LEDE_ENOMEM;
    if (st == LEDE_OK)
        read_part(g_mime_message_get_mime_part(message), 0, &parts);
    if (st == LEDE_OK && parts.plain.size > 0)
        append_flowed(&parts.plain, &body);
    else if (st == LEDE_OK && parts.html.size > 0)
        st = lede_html_text(parts.html.data, parts.html.size, &body, reterr);
    bool is_set = st == LEDE_OK && !parts.plain.failed && !parts.html.failed &&
                  lede_buffer_status(&body) == LEDE_OK && set_string(record, "body", body.data) &&
                  json_object_set(record, "attached", parts.names) == 0;
    json_decref(parts.names);
    lede_buffer_done(&parts.plain);
    lede_buffer_done(&parts.html);
    lede_buffer_done(&body);
    return is_set ? LEDE_OK : lede_fail_memory(reterr);
}

static void start_gmime(void)
{
    g_mime_init();
}

/* Make a document of the text of a message. Status: OK; EINPUT it is none; ENOMEM. */
static enum lede_status make_document(
    struct mail *mail, const char *text, size_t size, struct lede_error *reterr)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_gmime);
    json_auto_t *record = json_object();
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, size);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_format(parser, mail->is_mbox ? GMIME_FORMAT_MBOX : GMIME_FORMAT_MESSAGE);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    enum lede_status st = LEDE_OK;
    if (!message)
        st = lede_fail(reterr, LEDE_EINPUT, "line %llu: expected the header of a message",
            (unsigned long long)mail->held.line);
    else if (!record)
        st = lede_fail_memory(reterr);
    else
        st = read_message(message, record, reterr);
    if (st == LEDE_OK)
        st = lede_format_write(&mail->input, record, NULL, &mail->made, reterr);
    if (message)
        g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
    return st;
}

/* ---- A stream of them ---- */

static void mail_free(void *reader)
{
    struct mail *mail = reader;
    if (!mail)
        return;
    lede_held_done(&mail->held);
    lede_buffer_done(&mail->made);
    free(mail);
}

static enum lede_status mail_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    struct mail *mail = calloc(1, sizeof(*mail));
    if (!mail)
        return lede_fail_memory(reterr);
    mail->input = *input;
    lede_held_begin(&mail->held, input);
    *ret_reader = mail;
    return LEDE_OK;
}

/* "From jane@example.org Wed Jan 19 18:04:00 2022" behind a line break. */
static const char *find_separator(const char *text, size_t size)
{
    static const char separator[] = "\nFrom ";
    const char *at = text;
    while ((at = memmem(at, size - (size_t)(at - text), separator, sizeof(separator) - 1))) {
        const char *line = at + 1;
        const char *end = memchr(line, '\n', size - (size_t)(line - text));
        bool has_time = end && memchr(line, ':', (size_t)(end - line));
        bool is_behind_blank =
            at > text && (at[-1] == '\n' || (at[-1] == '\r' && at > text + 1 && at[-2] == '\n'));
        if (has_time && is_behind_blank)
            return line;
        at++;
    }
    return NULL;
}

/* Hold a message whole: to the separator, or to the end. */
static enum lede_status find_end(struct mail *mail, size_t *ret_size, struct lede_error *reterr)
{
    for (;;) {
        const char *text = lede_held_text(&mail->held);
        size_t size = lede_held_size(&mail->held);
        size_t from = mail->scanned > 256 ? mail->scanned - 256 : 0;
        const char *found =
            mail->is_mbox && size > from ? find_separator(text + from, size - from) : NULL;
        mail->scanned = size;
        *ret_size = found ? (size_t)(found - text) : size;
        if (found || mail->held.has_ended)
            return LEDE_OK;
        if (size > MESSAGE_BYTES_MAX)
            return lede_fail(reterr, LEDE_ELIMIT,
                "line %llu: expected a message of at most %zu bytes, found more",
                (unsigned long long)mail->held.line, MESSAGE_BYTES_MAX);
        enum lede_status st = lede_held_fill(&mail->held, reterr);
        if (st != LEDE_OK)
            return st;
    }
}

static enum lede_status mail_next(
    void *reader, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct mail *mail = reader;
    struct lede_error why = {0};
    size_t size = 0;
    enum lede_status st = lede_held_want(&mail->held, 5, reterr);
    if (st != LEDE_OK)
        return st;
    if (!mail->is_begun)
        mail->is_mbox = strncmp(lede_held_text(&mail->held), "From ", 5) == 0;
    mail->is_begun = true;
    st = find_end(mail, &size, &why);
    if (st == LEDE_OK && mail->held.is_broken && size == lede_held_size(&mail->held)) {
        why = mail->held.broken;
        st = LEDE_EINPUT;
    }
    if (st != LEDE_OK && st != LEDE_ELIMIT) {
        if (reterr)
            *reterr = why;
        return st;
    }
    *ret_more = size > 0;
    if (size == 0)
        return LEDE_OK;
    uint64_t line = mail->held.line;
    if (st == LEDE_OK)
        st = make_document(mail, lede_held_text(&mail->held), size, &why);
    lede_held_consume(&mail->held, size);
    mail->scanned = 0;
    if (st == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    if (st == LEDE_OK)
        lede_held_give(ret_item, &mail->made, line);
    else
        lede_held_lose(ret_item, &why, line);
    return LEDE_OK;
}

static uint64_t mail_line(const void *reader)
{
    return ((const struct mail *)reader)->held.line;
}

/* A field that every message has, in lines of which each is a field or goes on with one. */
static unsigned recognise(const struct lede_format *format, const struct lede_format_head *head)
{
    static const char *const known[] = {"received:", "return-path:", "from:", "date:",
        "message-id:", "subject:", "to:", "mime-version:", "delivered-to:", "content-type:"};
    size_t found = 0;
    (void)format;
    if (head->size > 5 && memcmp(head->text, "From ", 5) == 0)
        return memchr(head->text, '@', head->size) ? LEDE_FORMAT_SURE : LEDE_FORMAT_GUESS;
    for (size_t at = 0; at < head->size;) {
        const char *line = head->text + at;
        const char *end = memchr(line, '\n', head->size - at);
        size_t size = end ? (size_t)(end - line) : head->size - at;
        if (size == 0 || line[0] == '\r')
            break;
        const char *colon = memchr(line, ':', size);
        const char *space = memchr(line, ' ', size);
        bool goes_on = line[0] == ' ' || line[0] == '\t';
        if (!goes_on && end && (!colon || (space && space < colon)))
            return LEDE_FORMAT_NO;
        for (size_t i = 0; i < LEDE_COUNT_OF(known) && !goes_on; i++)
            found += size > strlen(known[i]) && strncasecmp(line, known[i], strlen(known[i])) == 0;
        at += size + 1;
    }
    return found >= 3 ? LEDE_FORMAT_SURE : found > 0 ? LEDE_FORMAT_GUESS : LEDE_FORMAT_NO;
}

static const char *const media_types[] = {"message/rfc822", "application/mbox", NULL};
static const char *const endings[] = {".eml", ".mbox", NULL};

static const struct lede_format_reader reader = {mail_open, mail_next, mail_line, mail_free};

const struct lede_format lede_format_mail = {.name = "mail",
    .title = "mail",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .recognise = recognise,
    .reader = &reader};
