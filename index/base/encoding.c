/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hexadecimal digits and percent-encoding; utf8.c has the rest. */
#include "lede/encoding.h"

#include <string.h>

static const char lower_digits[] = "0123456789abcdef";
static const char upper_digits[] = "0123456789ABCDEF";

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
