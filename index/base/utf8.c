/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8: decoding byte for byte as table 3-7 of the Unicode Standard has it, and repair. */
#include "lede/encoding.h"

#include <string.h>

/* Length of the sequence that `lead` opens, and the range of its second byte; 0 for what opens
 * none. */
static unsigned sequence_length(unsigned char lead, unsigned char *ret_low, unsigned char *ret_high)
{
    *ret_low = 0x80;
    *ret_high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (lead == 0xE0)
            *ret_low = 0xA0; /* overlong */
        if (lead == 0xED)
            *ret_high = 0x9F; /* surrogates */
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (lead == 0xF0)
            *ret_low = 0x90;
        if (lead == 0xF4)
            *ret_high = 0x8F; /* above U+10FFFF */
        return 4;
    }
    return 0;
}

int32_t lede_utf8_decode(const char *text, size_t size, size_t offset, unsigned *ret_size)
{
    *ret_size = 0;
    if (offset >= size)
        return -1;
    const unsigned char *bytes = (const unsigned char *)text + offset;
    size_t left = size - offset;
    *ret_size = 1;
    if (bytes[0] < 0x80)
        return bytes[0];
    unsigned char low, high;
    unsigned length = sequence_length(bytes[0], &low, &high);
    if (length == 0 || left < 2 || bytes[1] < low || bytes[1] > high)
        return -1;
    int32_t code = (int32_t)(bytes[0] & (0x7F >> length)) << 6 | (bytes[1] & 0x3F);
    for (unsigned i = 2; i < length; i++) {
        *ret_size = i;
        if (i >= left || (bytes[i] & 0xC0) != 0x80)
            return -1;
        code = code << 6 | (bytes[i] & 0x3F);
    }
    *ret_size = length;
    return code;
}

size_t lede_utf8_encode(int32_t code, char *ret_text)
{
    if (code < 0x80) {
        ret_text[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        ret_text[0] = (char)(0xC0 | code >> 6);
        ret_text[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        ret_text[0] = (char)(0xE0 | code >> 12);
        ret_text[1] = (char)(0x80 | (code >> 6 & 0x3F));
        ret_text[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    ret_text[0] = (char)(0xF0 | code >> 18);
    ret_text[1] = (char)(0x80 | (code >> 12 & 0x3F));
    ret_text[2] = (char)(0x80 | (code >> 6 & 0x3F));
    ret_text[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

size_t lede_utf8_find_invalid(const char *text, size_t size, size_t offset)
{
    while (offset < size) {
        uint64_t eight;
        if (size - offset >= sizeof(eight)) {
            memcpy(&eight, text + offset, sizeof(eight));
            if (!(eight & UINT64_C(0x8080808080808080))) {
                offset += sizeof(eight);
                continue;
            }
        }
        unsigned length;
        if (lede_utf8_decode(text, size, offset, &length) < 0)
            return offset;
        offset += length;
    }
    return size;
}

bool lede_utf8_is_valid(const char *text, size_t size)
{
    return lede_utf8_find_invalid(text, size, 0) == size;
}

enum lede_status lede_utf8_repair(
    const char *text, size_t size, char **ret_text, size_t *ret_size, size_t *ret_replaced)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer repaired = {0};
    size_t replaced = 0;
    lede_buffer_reserve(&repaired, size + 1);
    for (size_t offset = 0; offset < size;) {
        size_t invalid = lede_utf8_find_invalid(text, size, offset);
        lede_buffer_append(&repaired, text + offset, invalid - offset);
        offset = invalid;
        if (offset == size)
            break;
        unsigned length;
        lede_utf8_decode(text, size, offset, &length);
        offset += length;
        lede_buffer_append_string(&repaired, LEDE_UTF8_REPLACEMENT);
        replaced++;
    }
    size_t repaired_size = repaired.size;
    char *taken = lede_buffer_take(&repaired);
    if (!taken)
        return LEDE_ENOMEM;
    *ret_text = taken;
    *ret_size = repaired_size;
    if (ret_replaced)
        *ret_replaced = replaced;
    return LEDE_OK;
}

size_t lede_utf8_boundary(const char *text, size_t size, size_t offset)
{
    if (offset >= size)
        return size;
    while (offset > 0 && lede_utf8_continues(text[offset]))
        offset--;
    return offset;
}

size_t lede_utf8_size(const char *text, size_t size)
{
    size_t length = 1;
    while (length < size && lede_utf8_continues(text[length]))
        length++;
    return length;
}

size_t lede_utf8_count(const char *text, size_t size)
{
    const uint64_t highs = UINT64_C(0x8080808080808080), ones = UINT64_C(0x0101010101010101);
    size_t count = size, i = 0;
    for (; size - i >= sizeof(highs); i += sizeof(highs)) {
        uint64_t eight;
        memcpy(&eight, text + i, sizeof(eight));
        uint64_t continuing = eight & ~eight << 1 & highs; /* 10xxxxxx */
        count -= (continuing >> 7) * ones >> 56;
    }
    for (; i < size; i++)
        count -= lede_utf8_continues(text[i]);
    return count;
}

/* Windows-1252 from 0x80 to 0x9F. Source: the WHATWG's Encoding Standard, index windows-1252. */
static const uint16_t windows_1252[32] = {0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020,
    0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019,
    0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E,
    0x0178};

int32_t lede_windows_1252_decode(unsigned char byte)
{
    return byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte;
}
