/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_out.h"

#include <math.h>
#include <string.h>

static const char *escape_of(unsigned char c, char buffer[8])
{
    static const char digits[] = "0123456789abcdef";
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        memcpy(buffer, "\\u00xx", 7);
        buffer[4] = digits[c >> 4];
        buffer[5] = digits[c & 15];
        return buffer;
    }
}

void lede_json_string(struct lede_buffer *out, const char *text, size_t size)
{
    size_t plain = 0;
    lede_buffer_append_char(out, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        char buffer[8];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        lede_buffer_append(out, text + plain, i - plain);
        lede_buffer_append_string(out, escape_of(c, buffer));
        plain = i + 1;
    }
    lede_buffer_append(out, text + plain, size - plain);
    lede_buffer_append_char(out, '"');
}

void lede_json_comma(struct lede_buffer *out)
{
    char last = out->size ? out->data[out->size - 1] : '{';
    if (last != '{' && last != '[' && last != ':')
        lede_buffer_append_char(out, ',');
}

void lede_json_key(struct lede_buffer *out, const char *key)
{
    lede_json_comma(out);
    lede_json_string(out, key, strlen(key));
    lede_buffer_append_char(out, ':');
}

void lede_json_member_string(struct lede_buffer *out, const char *key, const char *text)
{
    lede_json_key(out, key);
    lede_json_string(out, text, strlen(text));
}

void lede_json_member_uint(struct lede_buffer *out, const char *key, uint64_t value)
{
    lede_json_key(out, key);
    lede_buffer_append_format(out, "%llu", (unsigned long long)value);
}

void lede_json_member_bool(struct lede_buffer *out, const char *key, bool value)
{
    lede_json_key(out, key);
    lede_buffer_append_string(out, value ? "true" : "false");
}

void lede_json_member_decimal(struct lede_buffer *out, const char *key, double value, int decimals)
{
    double factor = pow(10, decimals);
    double scaled = round(fabs(value) * factor);
    uint64_t whole = (uint64_t)(scaled / factor);
    uint64_t fraction = (uint64_t)(scaled - (double)whole * factor);
    lede_json_key(out, key);
    lede_buffer_append_format(out, "%s%llu.%0*llu", value < 0 ? "-" : "", (unsigned long long)whole,
        decimals, (unsigned long long)fraction);
}

static void write_range_fragment(struct lede_buffer *out, const struct lede_fragment *fragment)
{
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "text");
    lede_json_string(out, fragment->text, fragment->text_size);
    lede_json_member_uint(out, "start", fragment->start);
    lede_json_key(out, "marks");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < fragment->mark_count; i++) {
        lede_json_comma(out);
        lede_buffer_append_format(
            out, "[%zu,%zu]", fragment->marks[i].start, fragment->marks[i].size);
    }
    lede_buffer_append_string(out, "]}");
}

void lede_json_fragments(
    struct lede_buffer *out, const struct lede_highlights *highlights, bool as_ranges)
{
    for (size_t i = 0; i < highlights->fragment_count; i++) {
        const struct lede_fragment *fragment = &highlights->fragments[i];
        lede_json_comma(out);
        if (as_ranges)
            write_range_fragment(out, fragment);
        else
            lede_json_string(out, fragment->text, fragment->text_size);
    }
}
