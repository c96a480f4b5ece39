/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lede/wire.h"

#include "lede/encoding.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

void lede_wire_put_number(struct lede_buffer *out, uint64_t number)
{
    char bytes[10];
    size_t size = 0;
    do {
        bytes[size] = (char)(number & 0x7F);
        number >>= 7;
        bytes[size] = (char)(bytes[size] | (number > 0 ? 0x80 : 0));
        size++;
    } while (number > 0);
    lede_buffer_append(out, bytes, size);
}

void lede_wire_put_signed(struct lede_buffer *out, int64_t number)
{
    uint64_t twice = (uint64_t)number << 1;
    lede_wire_put_number(out, number < 0 ? ~twice : twice);
}

void lede_wire_put_double(struct lede_buffer *out, double number)
{
    uint64_t bits = 0;
    unsigned char bytes[8];
    memcpy(&bits, &number, sizeof(bits));
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(bits >> (8 * i));
    lede_buffer_append(out, bytes, sizeof(bytes));
}

void lede_wire_put_bytes(struct lede_buffer *out, const void *bytes, size_t size)
{
    lede_wire_put_number(out, size);
    if (size > 0)
        lede_buffer_append(out, bytes, size);
}

void lede_wire_put_text(struct lede_buffer *out, const char *text)
{
    lede_buffer_append_char(out, text ? 1 : 0);
    if (text)
        lede_wire_put_bytes(out, text, strlen(text));
}

struct lede_wire_reader lede_wire_reader_of(const void *bytes, size_t size)
{
    static const unsigned char none[1];
    const unsigned char *at = bytes ? bytes : none;
    return (struct lede_wire_reader){.at = at, .end = at + (bytes ? size : 0)};
}

void lede_wire_refuse(struct lede_wire_reader *reader)
{
    reader->failed = true;
    reader->at = reader->end;
}

uint64_t lede_wire_number(struct lede_wire_reader *reader, uint64_t max)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (reader->at == reader->end)
            break;
        uint64_t byte = *reader->at++;
        bool is_last = byte < 0x80;
        if (shift == 63 && byte > 1)
            break;
        number |= (byte & 0x7F) << shift;
        if (is_last && number <= max)
            return number;
        if (is_last)
            break;
    }
    lede_wire_refuse(reader);
    return 0;
}

size_t lede_wire_count(struct lede_wire_reader *reader, size_t max, size_t least)
{
    size_t count = (size_t)lede_wire_number(reader, max);
    if (count <= (size_t)(reader->end - reader->at) / least)
        return count;
    lede_wire_refuse(reader);
    return 0;
}

int64_t lede_wire_signed(struct lede_wire_reader *reader)
{
    uint64_t twice = lede_wire_number(reader, UINT64_MAX);
    return (int64_t)(twice & 1 ? ~(twice >> 1) : twice >> 1);
}

bool lede_wire_bool(struct lede_wire_reader *reader)
{
    return lede_wire_number(reader, 1) == 1;
}

double lede_wire_double(struct lede_wire_reader *reader)
{
    uint64_t bits = 0;
    double number = 0;
    if (reader->end - reader->at < 8) {
        lede_wire_refuse(reader);
        return 0;
    }
    for (unsigned i = 0; i < 8; i++)
        bits |= (uint64_t)*reader->at++ << (8 * i);
    memcpy(&number, &bits, sizeof(number));
    if (isfinite(number))
        return number;
    lede_wire_refuse(reader);
    return 0;
}

const char *lede_wire_bytes(struct lede_wire_reader *reader, size_t max, size_t *ret_size)
{
    size_t size = lede_wire_count(reader, max, 1);
    const char *bytes = (const char *)reader->at;
    reader->at += size;
    *ret_size = size;
    return bytes;
}

const char *lede_wire_text(
    struct lede_wire_reader *reader, size_t max, struct lede_arena *arena, size_t *ret_size)
{
    size_t size = 0;
    if (ret_size)
        *ret_size = 0;
    if (!lede_wire_bool(reader))
        return NULL;
    const char *bytes = lede_wire_bytes(reader, max, &size);
    if (reader->failed)
        return NULL;
    if (memchr(bytes, '\0', size) || !lede_utf8_is_valid(bytes, size)) {
        lede_wire_refuse(reader);
        return NULL;
    }
    const char *copy = lede_arena_copy(arena, bytes, size);
    if (!copy) {
        reader->out_of_memory = true;
        lede_wire_refuse(reader);
    } else if (ret_size) {
        *ret_size = size;
    }
    return copy;
}

void *lede_wire_array(
    struct lede_wire_reader *reader, size_t count, size_t size, struct lede_arena *arena)
{
    void *array = reader->failed ? NULL : lede_arena_calloc(arena, count + 1, size);
    if (!array && !reader->failed) {
        reader->out_of_memory = true;
        lede_wire_refuse(reader);
    }
    return array;
}

uint32_t lede_wire_checksum(const void *bytes, size_t size)
{
    return (uint32_t)crc32_z(0, bytes, size);
}

enum lede_status lede_wire_status(
    const struct lede_wire_reader *reader, const char *what, struct lede_error *reterr)
{
    if (reader->out_of_memory)
        return lede_fail_memory(reterr);
    if (reader->failed)
        return lede_fail(reterr, LEDE_EINPUT, "expected %s, found other bytes", what);
    return LEDE_OK;
}

enum lede_status lede_wire_end(
    const struct lede_wire_reader *reader, const char *what, struct lede_error *reterr)
{
    enum lede_status st = lede_wire_status(reader, what, reterr);
    if (st == LEDE_OK && reader->at != reader->end)
        st = lede_fail(reterr, LEDE_EINPUT, "expected %s, found more bytes behind it", what);
    return st;
}
