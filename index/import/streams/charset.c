/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream in a charset that was declared, or in UTF-16 or UTF-32, read as UTF-8 by iconv(3).
 *
 * What the charset has no character for must not pass for text: it goes on as bytes that are no
 * UTF-8 whatever stands around them, and whoever parses the text repairs or refuses it. */
#include "lede/import.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    INPUT_BYTES = 8 << 10,
    NAME_BYTES_MAX = 40,
    UNIT_BYTES_MAX = 4,
    OUTPUT_BYTES_MIN = 2 * UNIT_BYTES_MAX, /* what one unit that is no character becomes */
};

struct lede_charset_reader {
    lede_read_function read;
    void *context;
    iconv_t converter; /* (iconv_t)-1: the bytes are UTF-8 as they are */
    size_t unit;       /* bytes of the charset's code unit */
    bool is_open;      /* the charset is to be read from the first bytes */
    bool has_ended;
    size_t start; /* input[start, end) is not converted yet */
    size_t end;
    char input[INPUT_BYTES];
};

static const iconv_t no_converter = (iconv_t)-1; /* NOLINT(misc-misplaced-const) */

static bool is_named(const char *name, const char *const *names)
{
    for (size_t i = 0; names[i]; i++) {
        if (strcasecmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static size_t unit_of(const char *name)
{
    if (strncasecmp(name, "UTF-32", 6) == 0 || strncasecmp(name, "UCS-4", 5) == 0)
        return 4;
    return strncasecmp(name, "UTF-16", 6) == 0 || strncasecmp(name, "UCS-2", 5) == 0 ? 2 : 1;
}

/* A name, and nothing that iconv would take for options (//TRANSLIT). */
static bool is_name(const char *name)
{
    static const char characters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        "-_.:+";
    size_t size = strspn(name, characters);
    return size > 0 && size <= NAME_BYTES_MAX && name[size] == '\0';
}

const char *lede_charset_of(const char *text, size_t size)
{
    static const struct {
        const char *name;
        const char *mark;
        size_t mark_size;
        const char *ascii; /* of four bytes: '0' a NUL, 'x' none */
    } charsets[] = {
        {"UTF-32LE", "\xFF\xFE\0\0", 4, "x000"},
        {"UTF-32BE", "\0\0\xFE\xFF", 4, "000x"},
        {"UTF-16LE", "\xFF\xFE", 2, "x0x0"},
        {"UTF-16BE", "\xFE\xFF", 2, "0x0x"},
    };
    char kinds[LEDE_CHARSET_MARK_BYTES + 1] = "";
    for (size_t i = 0; i < LEDE_CHARSET_MARK_BYTES && i < size; i++)
        kinds[i] = text[i] == '\0' ? '0' : 'x';
    for (size_t i = 0; i < LEDE_COUNT_OF(charsets); i++) {
        bool has_mark = size >= charsets[i].mark_size &&
                        memcmp(text, charsets[i].mark, charsets[i].mark_size) == 0;
        if (has_mark || strcmp(kinds, charsets[i].ascii) == 0)
            return charsets[i].name;
    }
    return NULL;
}

enum lede_status lede_charset_reader_new(const char *charset, lede_read_function read,
    void *context, struct lede_charset_reader **ret_reader, struct lede_error *reterr)
{
    static const char *const utf_8[] = {"UTF-8", "UTF8", "US-ASCII", "ASCII", NULL};
    iconv_t converter = no_converter;
    bool is_utf_8 = !charset || is_named(charset, utf_8);
    if (!is_utf_8 && is_name(charset))
        converter = iconv_open("UTF-8", charset);
    if (!is_utf_8 && converter == no_converter)
        return lede_fail(reterr, LEDE_EMEDIATYPE,
            "charset: expected UTF-8, ISO-8859-1, windows-1252, UTF-16 or another that 'iconv -l' "
            "lists, found '%.40s'",
            charset);
    struct lede_charset_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        if (converter != no_converter)
            iconv_close(converter);
        return lede_fail_memory(reterr);
    }
    reader->read = read;
    reader->context = context;
    reader->converter = converter;
    reader->unit = is_utf_8 ? 1 : unit_of(charset);
    reader->is_open = !charset;
    *ret_reader = reader;
    return LEDE_OK;
}

void lede_charset_reader_free(struct lede_charset_reader *reader)
{
    if (reader && reader->converter != no_converter)
        iconv_close(reader->converter);
    free(reader);
}

void lede_charset_reader_freep(struct lede_charset_reader **reader)
{
    lede_charset_reader_free(*reader);
    *reader = NULL;
}

static enum lede_status fill(struct lede_charset_reader *reader, struct lede_error *reterr)
{
    size_t left = reader->end - reader->start;
    size_t got = 0;
    memmove(reader->input, reader->input + reader->start, left);
    reader->start = 0;
    reader->end = left;
    enum lede_status st =
        reader->read(reader->context, reader->input + left, INPUT_BYTES - left, &got, reterr);
    if (st != LEDE_OK)
        return st;
    reader->end += got;
    reader->has_ended = got == 0;
    return LEDE_OK;
}

/* Use up one code unit that is no character. A byte that could begin one of UTF-8 gets 0xFF behind
 * it, which never goes on with one; a byte of ASCII is 0xFF itself. */
static size_t pass_bad_unit(struct lede_charset_reader *reader, char *data)
{
    size_t size = 0;
    for (size_t i = 0; i < reader->unit && reader->start < reader->end; i++) {
        unsigned char byte = (unsigned char)reader->input[reader->start++];
        if (byte >= 0x80)
            data[size++] = (char)byte;
        if (byte < 0x80 || byte >= 0xC0)
            data[size++] = (char)0xFF;
    }
    return size;
}

static enum lede_status find_charset(struct lede_charset_reader *reader, struct lede_error *reterr)
{
    while (reader->end - reader->start < LEDE_CHARSET_MARK_BYTES && !reader->has_ended) {
        enum lede_status st = fill(reader, reterr);
        if (st != LEDE_OK)
            return st;
    }
    reader->is_open = false;
    const char *charset = lede_charset_of(reader->input, reader->end);
    if (!charset)
        return LEDE_OK;
    reader->unit = unit_of(charset);
    reader->converter = iconv_open("UTF-8", charset);
    return reader->converter != no_converter
               ? LEDE_OK
               : lede_fail(reterr, LEDE_EMEDIATYPE, "cannot read %s here", charset);
}

/* Bytes as they come: first those that the charset was looked for in. */
static enum lede_status read_plain(struct lede_charset_reader *reader, char *data, size_t capacity,
    size_t *ret_size, struct lede_error *reterr)
{
    size_t left = reader->end - reader->start;
    if (left == 0 && reader->has_ended) {
        *ret_size = 0;
        return LEDE_OK;
    }
    if (left == 0)
        return reader->read(reader->context, data, capacity, ret_size, reterr);
    *ret_size = left < capacity ? left : capacity;
    memcpy(data, reader->input + reader->start, *ret_size);
    reader->start += *ret_size;
    return LEDE_OK;
}

enum lede_status lede_charset_reader_read(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct lede_charset_reader *reader = context;
    if (reader->is_open) {
        enum lede_status st = find_charset(reader, reterr);
        if (st != LEDE_OK)
            return st;
    }
    if (reader->converter == no_converter)
        return read_plain(reader, data, capacity, ret_size, reterr);
    if (capacity < OUTPUT_BYTES_MIN)
        return lede_fail(reterr, LEDE_EINTERNAL, "room for %zu bytes is too little", capacity);
    char *out = data;
    size_t room = capacity;
    bool needs_more = reader->start == reader->end;
    while (out == data) {
        if (needs_more && !reader->has_ended) {
            enum lede_status st = fill(reader, reterr);
            if (st != LEDE_OK)
                return st;
        }
        char *in = reader->input + reader->start;
        size_t left = reader->end - reader->start;
        if (left == 0 && reader->has_ended)
            break;
        size_t result = iconv(reader->converter, &in, &left, &out, &room);
        int why = result == (size_t)-1 ? errno : 0;
        reader->start = reader->end - left;
        needs_more = why == 0 || why == EINVAL;
        bool is_cut = why == EINVAL && reader->has_ended;
        if (out == data && (why == EILSEQ || is_cut))
            out += pass_bad_unit(reader, out);
    }
    *ret_size = (size_t)(out - data);
    return LEDE_OK;
}

/* ---- Whole texts ---- */

enum lede_status lede_charset_decode(const char *charset, const char *text, size_t size,
    struct lede_buffer *ret_text, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_charset_reader_freep) struct lede_charset_reader *reader = NULL;
    struct lede_memory_source source = {.data = text, .size = size};
    enum lede_status st =
        lede_charset_reader_new(charset, lede_memory_source_read, &source, &reader, reterr);
    size_t got = 1;
    while (st == LEDE_OK && got > 0) {
        char *room = lede_buffer_reserve(ret_text, INPUT_BYTES);
        if (!room)
            return lede_fail_memory(reterr);
        st = lede_charset_reader_read(reader, room, INPUT_BYTES, &got, reterr);
        if (st == LEDE_OK)
            ret_text->size += got;
    }
    return st;
}
