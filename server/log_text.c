/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log_text.h"

#include "lede/encoding.h"

#include <string.h>

bool lede_log_is_deceptive(int32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x61C ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

void lede_log_json_string(struct lede_buffer *out, const char *text, size_t bytes_max)
{
    size_t size = strnlen(text, bytes_max);
    unsigned step = 0;
    lede_buffer_append_char(out, '"');
    for (size_t i = 0; i < size; i += step) {
        int32_t code = lede_utf8_decode(text, size, i, &step);
        if (code == '"' || code == '\\')
            lede_buffer_append_format(out, "\\%c", (char)code);
        else if (lede_log_is_deceptive(code))
            lede_buffer_append_format(out, "\\u%04x", code < 0 ? 0xFFFDU : (unsigned)code);
        else
            lede_buffer_append(out, text + i, step);
    }
    lede_buffer_append_char(out, '"');
}

void lede_log_quoted(struct lede_buffer *out, const char *text, size_t bytes_max)
{
    size_t size = strnlen(text, bytes_max);
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\')
            lede_buffer_append_format(out, "\\%c", byte);
        else if (byte < ' ' || byte > '~')
            lede_buffer_append_format(out, "\\x%02x", byte);
        else
            lede_buffer_append_char(out, (char)byte);
    }
}

void lede_log_hide_keys(char *text)
{
    static const char prefix[] = "lede_";
    static const char digits[] = "0123456789abcdef";
    static const char of_a_key[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-";
    for (char *at = text; (at = strstr(at, prefix));) {
        at += sizeof(prefix) - 1;
        if (strspn(at, digits) != 8 || !strchr("_.", at[8]))
            continue;
        at += 8;
        size_t size = strspn(at, of_a_key);
        if (size < 4)
            continue;
        memcpy(at, "_...", 4);
        memmove(at + 4, at + size, strlen(at + size) + 1);
    }
}
