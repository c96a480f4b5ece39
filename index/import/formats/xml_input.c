/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xml_input.h"

#include "lede/encoding.h"

#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uchardet/uchardet.h>

enum {
    BLOCK_BYTES = 32 << 10,
    BEGINNING_BYTES = 8 << 10, /* in which the charset is looked for */
    REFERENCE_BYTES_MAX = 40,  /* from '&' to ';' */
    CHARSET_BYTES_MAX = 40
};

/* Where in the markup a byte stands, as far as '&' is concerned. */
enum place { CONTENT, CDATA, COMMENT, INSTRUCTION };

struct lede_xml_input {
    lede_read_function read; /* of what comes from outside */
    void *context;
    bool is_utf8;
    bool is_begun;         /* the charset is known */
    bool has_ended;        /* raw[end) is the end */
    bool source_has_ended; /* read said so */
    bool has_doctype;      /* entities may be declared */
    enum place place;
    size_t begun_at; /* beginning[begun_at, begun_size) is to be given */
    size_t begun_size;
    struct lede_charset_reader *reader; /* NULL: UTF-8 */
    size_t start, end;                  /* of raw[] */
    struct lede_buffer clean;
    char beginning[BEGINNING_BYTES];
    char raw[BLOCK_BYTES];
};

enum lede_status lede_xml_input_new(lede_read_function read, void *context, bool is_utf8,
    struct lede_xml_input **ret_input, struct lede_error *reterr)
{
    struct lede_xml_input *input = calloc(1, sizeof *input);
    if (!input)
        return lede_fail_memory(reterr);
    input->read = read;
    input->context = context;
    input->is_utf8 = is_utf8;
    *ret_input = input;
    return LEDE_OK;
}

void lede_xml_input_free(struct lede_xml_input *input)
{
    if (!input)
        return;
    lede_charset_reader_free(input->reader);
    lede_buffer_done(&input->clean);
    free(input);
}

/* ---- The charset ---- */

/* First what the charset was looked for in, then the stream. */
static enum lede_status read_raw(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct lede_xml_input *input = context;
    size_t left = input->begun_size - input->begun_at;
    *ret_size = 0;
    if (left == 0 && input->source_has_ended)
        return LEDE_OK;
    if (left == 0)
        return input->read(input->context, data, capacity, ret_size, reterr);
    *ret_size = left < capacity ? left : capacity;
    memcpy(data, input->beginning + input->begun_at, *ret_size);
    input->begun_at += *ret_size;
    return LEDE_OK;
}

/* The value of encoding="…" in an XML declaration. Returns false where there is none. */
static bool find_encoding(const char *text, size_t size, char ret_name[CHARSET_BYTES_MAX])
{
    const char *end = size > 5 && memcmp(text, "<?xml", 5) == 0 ? memchr(text, '>', size) : NULL;
    const char *name = end ? memmem(text, (size_t)(end - text), "encoding", 8) : NULL;
    if (!name)
        return false;
    name += 8;
    name += strspn(name, " \t\r\n=");
    char quote = *name;
    const char *name_end =
        quote == '"' || quote == '\'' ? memchr(name + 1, quote, (size_t)(end - name)) : NULL;
    if (!name_end || name_end - name > CHARSET_BYTES_MAX - 1 || name_end == name + 1)
        return false;
    memcpy(ret_name, name + 1, (size_t)(name_end - name - 1));
    ret_name[name_end - name - 1] = '\0';
    return true;
}

/* A name of a charset that cannot be, since its declaration was read byte by byte, is none. */
static bool is_readable_as_is(const char *name)
{
    return strncasecmp(name, "UTF", 3) == 0 || strcasecmp(name, "US-ASCII") == 0 ||
           strncasecmp(name, "ISO-10646", 9) == 0 || strncasecmp(name, "UCS", 3) == 0;
}

/* Read the beginning: an XML declaration, or, where there is none, enough to see the charset by. */
static enum lede_status read_beginning(struct lede_xml_input *input, struct lede_error *reterr)
{
    char name[CHARSET_BYTES_MAX];
    while (!input->source_has_ended && input->begun_size < BEGINNING_BYTES) {
        if (find_encoding(input->beginning, input->begun_size, name))
            return LEDE_OK;
        size_t got = 0;
        enum lede_status st = input->read(input->context, input->beginning + input->begun_size,
            BEGINNING_BYTES - input->begun_size, &got, reterr);
        if (st != LEDE_OK)
            return st;
        input->begun_size += got;
        input->source_has_ended = got == 0;
    }
    return LEDE_OK;
}

/* What is called Latin-1 is Windows-1252 (WHATWG Encoding, "Names and labels"). */
static bool is_latin(const char *name)
{
    return strcasecmp(name, "ISO-8859-1") == 0 || strcasecmp(name, "latin1") == 0 ||
           strcasecmp(name, "WINDOWS-1252") == 0;
}

/* What a beginning without a declaration looks like. Returns false where it is UTF-8 or could be
 * anything, or Latin: byte by byte, what is UTF-8 among it stays so. */
static bool detect_charset(const char *text, size_t size, char ret_name[CHARSET_BYTES_MAX])
{
    size_t invalid = lede_utf8_find_invalid(text, size, 0);
    if (size - invalid < 4) /* a character that is cut */
        return false;
    uchardet_t detector = uchardet_new();
    bool is_found = detector && uchardet_handle_data(detector, text, size) == 0;
    if (is_found) {
        uchardet_data_end(detector);
        const char *name = uchardet_get_charset(detector);
        is_found = name[0] && !is_readable_as_is(name) && !is_latin(name) &&
                   strlen(name) < CHARSET_BYTES_MAX;
        if (is_found)
            snprintf(ret_name, CHARSET_BYTES_MAX, "%s", name);
    }
    if (detector)
        uchardet_delete(detector);
    return is_found;
}

static enum lede_status find_charset(struct lede_xml_input *input, struct lede_error *reterr)
{
    char name[CHARSET_BYTES_MAX];
    if (!input->is_utf8) {
        enum lede_status st = read_beginning(input, reterr);
        if (st != LEDE_OK)
            return st;
    }
    input->is_begun = true;
    if (input->is_utf8)
        return LEDE_OK;
    bool is_declared = find_encoding(input->beginning, input->begun_size, name);
    bool is_other = is_declared ? !is_readable_as_is(name)
                                : detect_charset(input->beginning, input->begun_size, name);
    if (!is_other)
        return LEDE_OK;
    return lede_charset_reader_new(
        is_latin(name) ? "WINDOWS-1252" : name, read_raw, input, &input->reader, reterr);
}

/* ---- What is put right ---- */

static bool begins(const char *text, size_t size, const char *mark)
{
    size_t mark_size = strlen(mark);
    return size >= mark_size && memcmp(text, mark, mark_size) == 0;
}

/* '<' stands at text[0]: where do we come to? Returns the bytes that say so. */
static size_t enter(struct lede_xml_input *input, const char *text, size_t size)
{
    if (begins(text, size, "<![CDATA[")) {
        input->place = CDATA;
        return 9;
    }
    if (begins(text, size, "<!--")) {
        input->place = COMMENT;
        return 4;
    }
    if (begins(text, size, "<?"))
        input->place = INSTRUCTION;
    if (begins(text, size, "<!DOCTYPE"))
        input->has_doctype = true;
    return 1;
}

/* Bytes of the mark that ends the place, where it stands at text[0]; 0 where it does not. */
static size_t leave(struct lede_xml_input *input, const char *text, size_t size)
{
    static const char *const ends[] = {[CDATA] = "]]>", [COMMENT] = "-->", [INSTRUCTION] = "?>"};
    if (!begins(text, size, ends[input->place]))
        return 0;
    size_t mark = strlen(ends[input->place]);
    input->place = CONTENT;
    return mark;
}

static void append_code(struct lede_buffer *out, int32_t code)
{
    char character[4];
    lede_buffer_append(out, character, lede_utf8_encode(code, character));
}

static bool is_predefined(const char *name)
{
    static const char *const names[] = {"amp", "lt", "gt", "quot", "apos"};
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* '&' stands at text[0]. Returns the bytes that are used up. */
static size_t put_reference(struct lede_xml_input *input, const char *text, size_t size)
{
    char name[REFERENCE_BYTES_MAX];
    size_t most = size < REFERENCE_BYTES_MAX ? size : REFERENCE_BYTES_MAX;
    size_t end = 1;
    while (end < most &&
           (text[end] == '#' || text[end] == '.' || text[end] == '-' || text[end] == '_' ||
               (text[end] >= '0' && text[end] <= '9') || (text[end] >= 'a' && text[end] <= 'z') ||
               (text[end] >= 'A' && text[end] <= 'Z')))
        end++;
    bool is_reference = end > 1 && end < most && text[end] == ';';
    bool is_number = is_reference && text[1] == '#' && end > 2;
    if (is_reference) {
        memcpy(name, text + 1, end - 1);
        name[end - 1] = '\0';
    }
    const htmlEntityDesc *known =
        is_reference && !is_number && !is_predefined(name) ? htmlEntityLookup(BAD_CAST name) : NULL;
    if (known) {
        append_code(&input->clean, (int32_t)known->value);
        return end + 1;
    }
    if (is_reference && (is_number || is_predefined(name) || input->has_doctype)) {
        lede_buffer_append(&input->clean, text, end + 1);
        return end + 1;
    }
    lede_buffer_append_string(&input->clean, "&amp;");
    return 1;
}

static void put_bad_byte(struct lede_xml_input *input, unsigned char byte)
{
    if (input->reader || input->is_utf8)
        append_code(&input->clean, 0xFFFD);
    else
        append_code(&input->clean, lede_windows_1252_decode(byte));
}

/* One character at text[0] that is not plain. Returns the bytes that are used up; 0: more are
 * needed to know. */
static size_t put_special(struct lede_xml_input *input, const char *text, size_t size)
{
    unsigned char c = (unsigned char)text[0];
    size_t needed = c == '&' ? REFERENCE_BYTES_MAX : 9;
    if (size < needed && !input->has_ended)
        return 0;
    if (input->place == CONTENT && c == '&')
        return put_reference(input, text, size);
    if (c >= 0x80) {
        unsigned bytes = 0;
        int32_t code = lede_utf8_decode(text, size, 0, &bytes);
        if (code < 0)
            for (unsigned i = 0; i < bytes; i++)
                put_bad_byte(input, (unsigned char)text[i]);
        else if (code == 0xFFFE || code == 0xFFFF)
            append_code(&input->clean, 0xFFFD);
        else
            lede_buffer_append(&input->clean, text, bytes);
        return bytes;
    }
    size_t used = 1;
    if (c < ' ' && c != '\n' && c != '\r' && c != '\t') {
        lede_buffer_append_char(&input->clean, ' ');
        return 1;
    }
    if (input->place == CONTENT && c == '<')
        used = enter(input, text, size);
    else if (input->place != CONTENT)
        used = leave(input, text, size);
    if (used == 0)
        used = 1;
    lede_buffer_append(&input->clean, text, used);
    return used;
}

/* c is a byte of valid UTF-8. */
static bool is_plain(enum place place, unsigned char c)
{
    static const char stops[] = {
        [CONTENT] = '<', [CDATA] = ']', [COMMENT] = '-', [INSTRUCTION] = '?'};
    if (c < ' ' && c != '\n' && c != '\r' && c != '\t')
        return false;
    return c != (unsigned char)stops[place] && (c != '&' || place != CONTENT);
}

static void clean(struct lede_xml_input *input)
{
    size_t valid = 0; /* raw[start, valid) is UTF-8 */
    lede_buffer_clear(&input->clean);
    while (input->start < input->end) {
        if (valid <= input->start)
            valid = lede_utf8_find_invalid(input->raw, input->end, input->start);
        const char *text = input->raw + input->start;
        size_t size = input->end - input->start;
        size_t plain = 0, most = valid - input->start;
        while (plain < most && is_plain(input->place, (unsigned char)text[plain]))
            plain++;
        lede_buffer_append(&input->clean, text, plain);
        input->start += plain;
        if (plain == size)
            return;
        size_t used = put_special(input, text + plain, size - plain);
        if (used == 0)
            return;
        input->start += used;
    }
}

enum lede_status lede_xml_input_next(struct lede_xml_input *input, const char **ret_text,
    size_t *ret_size, struct lede_error *reterr)
{
    enum lede_status st = input->is_begun ? LEDE_OK : find_charset(input, reterr);
    if (st != LEDE_OK)
        return st;
    do {
        size_t left = input->end - input->start;
        size_t got = 0;
        memmove(input->raw, input->raw + input->start, left);
        input->start = 0;
        input->end = left;
        if (!input->has_ended) {
            st = input->reader
                     ? lede_charset_reader_read(
                           input->reader, input->raw + left, BLOCK_BYTES - left, &got, reterr)
                     : read_raw(input, input->raw + left, BLOCK_BYTES - left, &got, reterr);
            if (st != LEDE_OK)
                return st;
            input->has_ended = got == 0;
        }
        input->end += got;
        clean(input);
    } while (input->clean.size == 0 && !input->has_ended);
    *ret_text = input->clean.data ? input->clean.data : "";
    *ret_size = input->clean.size;
    return lede_buffer_status(&input->clean) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}
