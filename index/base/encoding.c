/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hexadecimal digits, base64 and percent-encoding; utf8.c has the rest. */
#include "lede/encoding.h"

#include <string.h>

static const char lower_digits[] = "0123456789abcdef";
static const char upper_digits[] = "0123456789ABCDEF";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int lede_hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

void lede_hex_write(const void *bytes, size_t size, char *ret_digits)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++) {
        *ret_digits++ = lower_digits[byte[i] >> 4];
        *ret_digits++ = lower_digits[byte[i] & 15];
    }
    *ret_digits = '\0';
}

void lede_hex_write_number(uint64_t number, char ret_digits[17])
{
    for (size_t i = 0; i < 16; i++)
        ret_digits[i] = lower_digits[number >> (60 - 4 * i) & 15];
    ret_digits[16] = '\0';
}

bool lede_hex_read(const char *digits, size_t size, void *ret_bytes)
{
    unsigned char *byte = ret_bytes;
    for (size_t i = 0; i < size; i++) {
        int value = digits[i] >= 'A' && digits[i] <= 'F' ? -1 : lede_hex_value(digits[i]);
        if (value < 0)
            return false;
        byte[i / 2] = (unsigned char)(i % 2 == 0 ? value << 4 : byte[i / 2] | value);
    }
    return size % 2 == 0;
}

void lede_base64_append(struct lede_buffer *buffer, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    char *to = lede_buffer_reserve(buffer, (size + 2) / 3 * 4);
    if (!to)
        return;
    buffer->size += (size + 2) / 3 * 4;
    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = (uint32_t)byte[i] << 16;
        bits |= i + 1 < size ? (uint32_t)byte[i + 1] << 8 : 0;
        bits |= i + 2 < size ? (uint32_t)byte[i + 2] : 0;
        *to++ = base64_digits[bits >> 18];
        *to++ = base64_digits[bits >> 12 & 63];
        *to++ = i + 1 < size ? base64_digits[bits >> 6 & 63] : '=';
        *to++ = i + 2 < size ? base64_digits[bits & 63] : '=';
    }
    *to = '\0';
}

size_t lede_base64_room(size_t size)
{
    return size / 4 * 3;
}

static int base64_value(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    if (digit == '+')
        return 62;
    return digit == '/' ? 63 : -1;
}

bool lede_base64_read(const char *text, size_t size, void *ret_bytes, size_t *ret_size)
{
    unsigned char *to = ret_bytes;
    size_t padding =
        size > 0 && text[size - 1] == '=' ? 1 + (size > 1 && text[size - 2] == '=') : 0;
    uint32_t bits = 0;
    if (size % 4 != 0)
        return false;
    for (size_t i = 0; i < size - padding; i++) {
        int value = base64_value(text[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 == 0)
            continue;
        /* Six bits a digit: the byte that has just been filled lies above those that are left. */
        unsigned left = 6 - 2 * (unsigned)(i % 4);
        *to++ = (unsigned char)(bits >> left);
        bits &= (1U << left) - 1;
    }
    *ret_size = size / 4 * 3 - padding;
    return bits == 0;
}

void lede_percent_append(
    struct lede_buffer *buffer, const char *text, size_t size, const char *marks)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
                        (c != '\0' && strchr(marks, c));
        char encoded[] = {'%', upper_digits[c >> 4], upper_digits[c & 15]};
        lede_buffer_append(buffer, is_plain ? text + i : encoded, is_plain ? 1 : sizeof(encoded));
    }
}
