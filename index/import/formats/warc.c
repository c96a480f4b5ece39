/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WARC 1.0 and 1.1 (ISO 28500): pages and feeds out of what a crawler kept.
 *
 * Of a response and a resource what is of a known format is read; pictures, scripts and the like
 * are passed over. After a damage it goes on with the next record. */
#include "held.h"
#include "http_response.h"
#include "mapping.h"
#include "nested.h"
#include "page.h"

#include "lede/number.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DAMAGES_MAX 16
#define HEAD_BYTES_MAX ((size_t)64 << 10)  /* of a record, and of a response */
#define BLOCK_BYTES_MAX ((size_t)32 << 20) /* of one that is read */

static const struct lede_mapping rows[] = {
    {"WARC-Target-URI", "url", LEDE_CONVERT_URL, NULL}, {NULL, NULL, LEDE_CONVERT_NONE, NULL}};

static const char mark[] = "WARC/";

struct warc {
    struct lede_format_input input;
    struct lede_held held;
    uint64_t skipped; /* bytes of a record that are still to be passed over */
    struct lede_nested nested;
    json_t *fields; /* of the record that is read; owned */
    struct lede_buffer made;
    uint64_t line;
    unsigned damages; /* told, one after the other, without a record between */
};

static void warc_free(void *reader)
{
    struct warc *warc = reader;
    if (!warc)
        return;
    lede_held_done(&warc->held);
    lede_nested_done(&warc->nested);
    json_decref(warc->fields);
    lede_buffer_done(&warc->made);
    free(warc);
}

static enum lede_status warc_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    struct warc *warc = calloc(1, sizeof(*warc));
    if (!warc)
        return lede_fail_memory(reterr);
    warc->input = *input;
    warc->line = input->first_line;
    lede_held_begin(&warc->held, input);
    *ret_reader = warc;
    return LEDE_OK;
}

/* ---- From record to record ---- */

/* A damage of the stream is told once; behind it there may be more. */
static bool tell_damage(struct warc *warc, struct lede_import_item *ret_item)
{
    if (!warc->held.is_broken || ++warc->damages > DAMAGES_MAX)
        return false;
    lede_held_lose(ret_item, &warc->held.broken, warc->held.line);
    lede_held_consume(&warc->held, lede_held_size(&warc->held));
    warc->held.is_broken = warc->held.has_ended = false;
    warc->skipped = 0;
    return true;
}

static enum lede_status skip_block(struct warc *warc, struct lede_error *reterr)
{
    while (warc->skipped > 0) {
        size_t held = lede_held_size(&warc->held);
        size_t size = held < warc->skipped ? held : (size_t)warc->skipped;
        lede_held_consume(&warc->held, size);
        warc->skipped -= size;
        if (warc->held.has_ended)
            return LEDE_OK;
        enum lede_status st = warc->skipped > 0 ? lede_held_fill(&warc->held, reterr) : LEDE_OK;
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

/* Go to where a record begins, and hold the mark and a byte behind it, if they are there. Bytes
 * that are none are passed over. */
static enum lede_status find_record(struct warc *warc, struct lede_error *reterr)
{
    for (;;) {
        const char *text = lede_held_text(&warc->held);
        size_t size = lede_held_size(&warc->held);
        const char *found = memmem(text, size, mark, sizeof(mark) - 1);
        size_t kept = size < sizeof(mark) - 1 ? size : sizeof(mark) - 2;
        lede_held_consume(&warc->held, found ? (size_t)(found - text) : size - kept);
        if (found || warc->held.has_ended)
            return lede_held_want(&warc->held, sizeof(mark), reterr);
        enum lede_status st = lede_held_fill(&warc->held, reterr);
        if (st != LEDE_OK)
            return st;
    }
}

/* Hold the fields whole. *ret_size with the blank line; 0: they do not end. */
static enum lede_status find_fields(struct warc *warc, size_t *ret_size, struct lede_error *reterr)
{
    for (size_t wanted = 1024;; wanted *= 2) {
        enum lede_status st = lede_held_want(&warc->held, wanted, reterr);
        if (st != LEDE_OK)
            return st;
        const char *text = lede_held_text(&warc->held);
        size_t size = lede_held_size(&warc->held);
        const char *end = memmem(text, size, "\r\n\r\n", 4);
        const char *bare = memmem(text, size, "\n\n", 2);
        *ret_size = 0;
        if (end && (!bare || end < bare))
            *ret_size = (size_t)(end + 4 - text);
        else if (bare)
            *ret_size = (size_t)(bare + 2 - text);
        if (*ret_size > 0 || warc->held.has_ended || wanted > HEAD_BYTES_MAX)
            return LEDE_OK;
    }
}

static enum lede_status keep_fields(
    struct warc *warc, const char *head, size_t size, struct lede_error *reterr)
{
    static const char *const names[] = {
        "WARC-Target-URI", "WARC-Date", "WARC-Record-ID", "WARC-Type"};
    json_decref(warc->fields);
    warc->fields = json_object();
    bool has_failed = !warc->fields;
    for (size_t i = 0; i < LEDE_COUNT_OF(names) && !has_failed; i++) {
        size_t value_size = 0;
        const char *value = lede_head_field(head, size, names[i], &value_size);
        bool is_bracketed = value && value_size > 2 && value[0] == '<';
        if (is_bracketed)
            value++;
        value_size -= is_bracketed ? 2 : 0;
        json_t *string = value ? json_stringn(value, value_size) : NULL; /* no UTF-8: no field */
        has_failed = string && json_object_set_new(warc->fields, names[i], string) != 0;
    }
    return has_failed ? lede_fail_memory(reterr) : LEDE_OK;
}

/* ---- A record ---- */

/* What a record's block is: a response, or the thing itself. Returns whether it is to be read. */
static bool is_wanted(const struct warc *warc, const char *head, size_t head_size,
    const char *block, size_t block_size, struct lede_http_response *ret_response)
{
    size_t size = 0;
    const char *type = lede_head_field(head, head_size, "WARC-Type", &size);
    bool is_response = type && size == 8 && strncasecmp(type, "response", size) == 0;
    bool is_resource = type && size == 8 && strncasecmp(type, "resource", size) == 0;
    *ret_response = (struct lede_http_response){.status = 200};
    if (is_response && !lede_http_response_read(block, block_size, ret_response))
        return false;
    const char *content_type = lede_head_field(head, head_size, "Content-Type", &size);
    if (is_resource && content_type)
        lede_media_type_read(content_type, size, ret_response->media_type, ret_response->charset);
    return (is_response || is_resource) && ret_response->status == 200 &&
           warc->input.splitting->takes(ret_response->media_type);
}

static enum lede_status begin_content(struct warc *warc, const struct lede_http_response *response,
    const char *block, size_t size, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer content = {0};
    struct lede_buffer *text = &warc->nested.text;
    const char *uri = json_string_value(json_object_get(warc->fields, "WARC-Target-URI"));
    bool is_page = strstr(response->media_type, "html") != NULL;
    enum lede_status st = lede_http_response_content(response, block + response->head_bytes,
        size - response->head_bytes, BLOCK_BYTES_MAX, is_page ? &content : text, reterr);
    if (st == LEDE_OK && is_page)
        st = lede_html_page_decode(response->charset[0] ? response->charset : NULL,
            content.data ? content.data : "", content.size, text, reterr);
    if (st != LEDE_OK || text->size == 0) /* nothing is no page */
        return st;
    return lede_nested_begin_text(
        &warc->nested, &warc->input, uri ? uri : "a record", response->media_type, is_page, reterr);
}

/* Read one record: begin with what is in it, or fill an item that says why not.
 * Status: OK; as lede_held_fill(). */
static enum lede_status read_record(struct warc *warc, struct lede_import_item *ret_item,
    bool *ret_is_item, struct lede_error *reterr)
{
    struct lede_http_response response = {0};
    struct lede_error why = {0};
    size_t head = 0, value_size = 0;
    int64_t length = 0;
    warc->line = warc->held.line;
    enum lede_status st = find_fields(warc, &head, reterr);
    if (st != LEDE_OK)
        return st;
    const char *text = lede_held_text(&warc->held);
    const char *value =
        head > 0 ? lede_head_field(text, head, "Content-Length", &value_size) : NULL;
    if (!value || lede_parse_int64(value, value_size, 0, INT64_MAX / 2, &length, NULL) != LEDE_OK) {
        (void)lede_fail(&why, LEDE_EINPUT, "line %llu: expected a WARC record with Content-Length",
            (unsigned long long)warc->line);
        lede_held_lose(ret_item, &why, warc->line);
        lede_held_consume(&warc->held, sizeof(mark) - 1);
        *ret_is_item = true;
        return LEDE_OK;
    }
    size_t size = (uint64_t)length < BLOCK_BYTES_MAX ? (size_t)length : BLOCK_BYTES_MAX;
    size_t first = size < HEAD_BYTES_MAX ? size : HEAD_BYTES_MAX;
    st = lede_held_want(&warc->held, head + first, reterr);
    if (st != LEDE_OK)
        return st;
    text = lede_held_text(&warc->held);
    size_t held = lede_held_size(&warc->held) - head;
    bool is_read = is_wanted(warc, text, head, text + head, held < first ? held : first, &response);
    if (is_read)
        st = lede_held_want(&warc->held, head + size, reterr);
    if (st != LEDE_OK)
        return st;
    text = lede_held_text(&warc->held);
    held = lede_held_size(&warc->held) - head;
    warc->skipped = head + (uint64_t)length;
    if (!is_read && held >= first)
        return LEDE_OK;
    if (held < size)
        st = lede_fail(&why, LEDE_EINPUT, "line %llu: expected a block of %lld bytes, found %zu",
            (unsigned long long)warc->line, (long long)length, held);
    else if ((uint64_t)length > BLOCK_BYTES_MAX)
        st = lede_fail(&why, LEDE_ELIMIT, "line %llu: expected a block of at most %zu bytes",
            (unsigned long long)warc->line, BLOCK_BYTES_MAX);
    if (st == LEDE_OK)
        st = keep_fields(warc, text, head, reterr);
    if (st == LEDE_OK)
        st = begin_content(warc, &response, text + head, size, &why);
    if (st == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    *ret_is_item = st != LEDE_OK;
    if (st != LEDE_OK)
        lede_held_lose(ret_item, &why, warc->line);
    return LEDE_OK;
}

/* Give a document what the record knows of it. */
static enum lede_status complete(
    struct warc *warc, struct lede_import_item *item, struct lede_error *reterr)
{
    json_auto_t *document = NULL;
    json_auto_t *fields = json_copy(warc->fields);
    if (!fields || lede_json_parse(item->text, item->size, &document, reterr) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_mapping_apply(rows, fields, NULL, document, warc->input.explanation);
    (void)lede_mapping_prune(fields);
    if (st == LEDE_OK && json_object_set(document, "warc", fields) != 0)
        st = LEDE_ENOMEM;
    lede_buffer_clear(&warc->made);
    if (st != LEDE_OK || lede_json_append(document, &warc->made) != LEDE_OK)
        return lede_fail_memory(reterr);
    lede_held_give(item, &warc->made, warc->line);
    return LEDE_OK;
}

static enum lede_status warc_next(
    void *reader, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct warc *warc = reader;
    for (;;) {
        enum lede_status st = LEDE_OK;
        if (warc->nested.splitter) {
            st = lede_nested_next(&warc->nested, ret_item, ret_more, reterr);
            if (st == LEDE_OK && *ret_more && ret_item->status == LEDE_OK)
                st = complete(warc, ret_item, reterr);
            else if (st == LEDE_OK && *ret_more)
                ret_item->line = warc->line;
            if (st != LEDE_OK || *ret_more)
                return st;
        }
        bool is_item = false;
        st = skip_block(warc, reterr);
        if (st == LEDE_OK)
            st = find_record(warc, reterr);
        *ret_more = true;
        if (st != LEDE_OK ||
            (lede_held_size(&warc->held) < sizeof(mark) && tell_damage(warc, ret_item)))
            return st;
        if (warc->held.is_broken && warc->damages > DAMAGES_MAX) {
            if (reterr)
                *reterr = warc->held.broken;
            return LEDE_EINPUT;
        }
        *ret_more = lede_held_size(&warc->held) >= sizeof(mark);
        if (!*ret_more)
            return LEDE_OK;
        warc->damages = warc->held.is_broken ? warc->damages : 0;
        st = read_record(warc, ret_item, &is_item, reterr);
        if (st != LEDE_OK || is_item)
            return st;
    }
}

static uint64_t warc_line(const void *reader)
{
    return ((const struct warc *)reader)->held.line;
}

static unsigned recognise(const struct lede_format *format, const struct lede_format_head *head)
{
    (void)format;
    bool is_warc = head->size > sizeof(mark) && memcmp(head->text, mark, sizeof(mark) - 1) == 0;
    return is_warc ? LEDE_FORMAT_CERTAIN : LEDE_FORMAT_NO;
}

static const char *const media_types[] = {"application/warc", NULL};
static const char *const endings[] = {".warc", NULL};

static const struct lede_format_reader reader = {warc_open, warc_next, warc_line, warc_free};

const struct lede_format lede_format_warc = {.name = "warc",
    .title = "WARC",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .recognise = recognise,
    .reader = &reader};
