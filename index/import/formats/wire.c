/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream of wire messages: from SOH to EOT, one document each. */
#include "wire.h"

#include "held.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What of a format only its messages know. */
struct wire_details {
    void (*read)(const struct wire_message *message, struct wire_record *record);
};

struct wire {
    struct lede_format_input input;
    struct lede_held held;
    size_t scanned;
    struct lede_buffer message;
    struct lede_buffer made;
};

static void wire_free(void *reader)
{
    struct wire *wire = reader;
    if (!wire)
        return;
    lede_held_done(&wire->held);
    lede_buffer_done(&wire->message);
    lede_buffer_done(&wire->made);
    free(wire);
}

static enum lede_status wire_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    struct wire *wire = calloc(1, sizeof(*wire));
    if (!wire)
        return lede_fail_memory(reterr);
    wire->input = *input;
    lede_held_begin(&wire->held, input);
    *ret_reader = wire;
    return LEDE_OK;
}

/* Drop what stands before SOH: synchronisation, padding. */
static enum lede_status find_begin(struct wire *wire, struct lede_error *reterr)
{
    for (;;) {
        const char *text = lede_held_text(&wire->held);
        size_t size = lede_held_size(&wire->held);
        const char *begin = memchr(text, WIRE_SOH, size);
        lede_held_consume(&wire->held, begin ? (size_t)(begin - text) : size);
        if (begin || wire->held.has_ended)
            return LEDE_OK;
        enum lede_status st = lede_held_fill(&wire->held, reterr);
        if (st != LEDE_OK)
            return st;
    }
}

/* Hold a message whole: to its EOT, to the next SOH, to the end. */
static enum lede_status find_end(struct wire *wire, size_t *ret_size, struct lede_error *reterr)
{
    for (;;) {
        const char *text = lede_held_text(&wire->held);
        size_t size = lede_held_size(&wire->held);
        size_t i = wire->scanned > 0 ? wire->scanned : 1;
        while (i < size && text[i] != WIRE_EOT && text[i] != WIRE_SOH)
            i++;
        wire->scanned = i;
        *ret_size = i < size ? i + (text[i] == WIRE_EOT) : size;
        if (i < size || wire->held.has_ended)
            return LEDE_OK;
        if (size > wire->input.document_bytes_max)
            return lede_fail(reterr, LEDE_ELIMIT,
                "line %llu: expected a message of at most %zu bytes, found more",
                (unsigned long long)wire->held.line, wire->input.document_bytes_max);
        enum lede_status st = lede_held_fill(&wire->held, reterr);
        if (st != LEDE_OK)
            return st;
    }
}

/* Returns what is missing; NULL: it is whole. */
static const char *take_apart(const char *text, size_t size, struct wire_message *ret_message)
{
    const char *end = text + size;
    const char *begin = size > 0 ? memchr(text, WIRE_STX, size) : NULL;
    if (!begin)
        return "STX before the text";
    const char *etx = memchr(begin, WIRE_ETX, (size_t)(end - begin));
    if (!etx)
        return "ETX behind the text";
    *ret_message = (struct wire_message){.header = text + 1,
        .header_size = (size_t)(begin - text - 1),
        .text = begin + 1,
        .text_size = (size_t)(etx - begin - 1),
        .trailer = etx + 1,
        .trailer_size = (size_t)(end - etx - 1)};
    return NULL;
}

static enum lede_status write_message(
    struct wire *wire, const struct wire_message *message, struct lede_error *reterr)
{
    const struct wire_details *details = wire->input.format->details;
    struct wire_record record = {.object = json_object()};
    record.has_failed = !record.object;
    details->read(message, &record);
    if (record.body.size > 0)
        wire_set(&record, "body", (struct wire_line){record.body.data, record.body.size});
    enum lede_status st =
        record.has_failed || record.body.failed
            ? lede_fail_memory(reterr)
            : lede_format_write(&wire->input, record.object, NULL, &wire->made, reterr);
    lede_buffer_done(&record.body);
    json_decref(record.object);
    return st;
}

static enum lede_status wire_next(
    void *reader, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct wire *wire = reader;
    struct lede_error why = {0};
    size_t size = 0;
    enum lede_status st = find_begin(wire, reterr);
    if (st == LEDE_OK && lede_held_size(&wire->held) == 0 && wire->held.is_broken) {
        if (reterr)
            *reterr = wire->held.broken;
        return LEDE_EINPUT;
    }
    *ret_more = st == LEDE_OK && lede_held_size(&wire->held) > 0;
    if (!*ret_more)
        return st;
    uint64_t line = wire->held.line;
    st = find_end(wire, &size, &why);
    if (st != LEDE_OK && st != LEDE_ELIMIT) {
        if (reterr)
            *reterr = why;
        return st;
    }
    lede_buffer_clear(&wire->message);
    if (st == LEDE_OK)
        lede_held_append_utf8(&wire->message, lede_held_text(&wire->held), size);
    lede_held_consume(&wire->held, size);
    wire->scanned = 0;
    struct wire_message message = {0};
    if (lede_buffer_status(&wire->message) != LEDE_OK)
        return lede_fail_memory(reterr);
    const char *missing =
        st == LEDE_OK ? take_apart(wire->message.data, wire->message.size, &message) : NULL;
    if (missing)
        (void)lede_fail(&why, LEDE_EINPUT, "line %llu: expected %s, found the end of the message",
            (unsigned long long)line, missing);
    if (why.status != LEDE_OK) {
        lede_held_lose(ret_item, &why, line);
        return LEDE_OK;
    }
    st = write_message(wire, &message, reterr);
    if (st == LEDE_OK)
        lede_held_give(ret_item, &wire->made, line);
    return st;
}

static uint64_t wire_line_of(const void *reader)
{
    return ((const struct wire *)reader)->held.line;
}

/* ANPA's header begins with the service's letter, four digits, US; IPTC 7901's with the source's
 * letters and a number. */
static bool is_anpa(const char *header, size_t size)
{
    if (size < 6 || !isalpha((unsigned char)header[0]) || header[5] != '\x1F')
        return false;
    for (size_t i = 1; i < 5; i++) {
        if (!isdigit((unsigned char)header[i]))
            return false;
    }
    return true;
}

static unsigned recognise_header(const struct lede_format_head *head, bool wants_anpa)
{
    size_t at = 0;
    while (at < head->size && head->text[at] == WIRE_SYN)
        at++;
    if (at == head->size || head->text[at] != WIRE_SOH)
        return LEDE_FORMAT_NO;
    const char *header = head->text + at + 1;
    size_t size = head->size - at - 1;
    if (is_anpa(header, size) || size == 0 || !isalpha((unsigned char)header[0]))
        return wants_anpa && size > 0 && is_anpa(header, size) ? LEDE_FORMAT_CERTAIN
                                                               : LEDE_FORMAT_NO;
    return wants_anpa ? LEDE_FORMAT_NO : LEDE_FORMAT_CERTAIN;
}

static unsigned recognise_anpa(
    const struct lede_format *format, const struct lede_format_head *head)
{
    (void)format;
    return recognise_header(head, true);
}

static unsigned recognise_7901(
    const struct lede_format *format, const struct lede_format_head *head)
{
    (void)format;
    return recognise_header(head, false);
}

/* When a version was sent is when the story was updated: so that one that comes late is known. */
static enum lede_status complete(json_t *document, json_t *record, const json_t *context)
{
    json_t *sent = json_object_get(document, "published");
    (void)record;
    (void)context;
    return !sent || json_object_set(document, "updated", sent) == 0 ? LEDE_OK : LEDE_ENOMEM;
}

static const char *const no_media_types[] = {NULL};
static const char *const endings[] = {".anpa", ".tst", ".7901", NULL};
static const struct wire_details anpa_details = {.read = wire_read_anpa};
static const struct wire_details details_7901 = {.read = wire_read_7901};

static const struct lede_format_reader reader = {wire_open, wire_next, wire_line_of, wire_free};

const struct lede_format lede_format_anpa = {.name = "anpa",
    .title = "ANPA 1312",
    .media_types = no_media_types,
    .endings = endings,
    .rows = wire_anpa_rows,
    .complete = complete,
    .details = &anpa_details,
    .recognise = recognise_anpa,
    .reader = &reader};

const struct lede_format lede_format_iptc7901 = {.name = "iptc7901",
    .title = "IPTC 7901",
    .media_types = no_media_types,
    .endings = endings,
    .rows = wire_7901_rows,
    .complete = complete,
    .details = &details_7901,
    .recognise = recognise_7901,
    .reader = &reader};
