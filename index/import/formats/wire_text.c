/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines, paragraphs, datelines and marks that both wires' messages have. */
#include "wire.h"

#include "lede/encoding.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { DATELINE_BYTES_MAX = 80 };

bool wire_next_line(const char *text, size_t size, size_t *at, struct wire_line *ret_line)
{
    if (*at >= size)
        return false;
    const char *start = text + *at;
    const char *end = memchr(start, '\n', size - *at);
    size_t line = end ? (size_t)(end - start) : size - *at;
    *at += line + (end != NULL);
    while (line > 0 && start[line - 1] == '\r')
        line--;
    *ret_line = (struct wire_line){start, line};
    return true;
}

struct wire_line wire_trim(struct wire_line line, const char *extra)
{
    while (line.size > 0 && (unsigned char)line.text[0] <= ' ') {
        line.text++;
        line.size--;
    }
    while (line.size > 0) {
        char last = line.text[line.size - 1];
        if ((unsigned char)last > ' ' && !strchr(extra, last))
            break;
        line.size--;
    }
    return line;
}

void wire_set(struct wire_record *record, const char *key, struct wire_line value)
{
    /* A part that was cut inside a character is none. */
    if (value.size == 0 || record->has_failed || !lede_utf8_is_valid(value.text, value.size))
        return;
    record->has_failed =
        json_object_set_new(record->object, key, json_stringn(value.text, value.size)) != 0;
}

void wire_set_string(struct wire_record *record, const char *key, const char *value)
{
    wire_set(record, key, (struct wire_line){value, strlen(value)});
}

static void append_character(struct lede_buffer *body, struct wire_line line, size_t *at)
{
    const char *c = line.text + *at;
    size_t left = line.size - *at;
    bool is_alone = *at > 0 && c[-1] == ' ' && left > 1 && c[1] == ' ';
    *at += 1;
    if (left > 1 && c[0] == '`' && c[1] == '`')
        lede_buffer_append_string(body, "\xE2\x80\x9C");
    else if (left > 1 && c[0] == '\'' && c[1] == '\'')
        lede_buffer_append_string(body, "\xE2\x80\x9D");
    else if (c[0] == '_' && is_alone)
        lede_buffer_append_string(body, "\xE2\x80\x94");
    else if ((unsigned char)c[0] >= ' ' && c[0] != 0x7F)
        lede_buffer_append_char(body, c[0]);
    if (left > 1 && c[0] == c[1] && (c[0] == '`' || c[0] == '\''))
        *at += 1;
}

void wire_end_paragraph(struct wire_record *record)
{
    record->is_in_paragraph = false;
}

void wire_add_line(struct wire_record *record, struct wire_line line, bool begins_paragraph)
{
    bool is_indented = line.size > 0 && (line.text[0] == '\t' ||
                                            (line.size > 3 && memcmp(line.text, "   ", 3) == 0));
    line = wire_trim(line, "");
    if (line.size == 0) {
        record->is_in_paragraph = false;
        return;
    }
    bool is_new = begins_paragraph || is_indented || !record->is_in_paragraph;
    if (record->body.size > 0)
        lede_buffer_append_string(&record->body, is_new ? "\n\n" : " ");
    for (size_t at = 0; at < line.size;)
        append_character(&record->body, line, &at);
    record->is_in_paragraph = true;
}

void wire_set_dateline(struct wire_record *record)
{
    const char *text = record->body.data;
    size_t size = record->body.size;
    if (!text || record->body.failed)
        return;
    size = size < DATELINE_BYTES_MAX ? size : DATELINE_BYTES_MAX;
    const char *open = memchr(text, '(', size);
    const char *close = open ? memchr(open, ')', size - (size_t)(open - text)) : NULL;
    if (!close || memchr(text, '.', (size_t)(open - text)) ||
        memchr(text, '\n', (size_t)(close - text)))
        return;
    const char *dash = close + 1 + strspn(close + 1, " ");
    bool is_dateline = *dash == '-' || strncmp(dash, "\xE2\x80\x94", 3) == 0 ||
                       strncmp(dash, "\xE2\x80\x93", 3) == 0;
    if (!is_dateline || open == text)
        return;
    wire_set(record, "dateline", wire_trim((struct wire_line){text, (size_t)(open - text)}, ""));
    wire_set(record, "agency", (struct wire_line){open + 1, (size_t)(close - open - 1)});
}

static bool has_word(struct wire_line text, const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i + size <= text.size; i++) {
        bool begins =
            i == 0 || !isalpha((unsigned char)text.text[i - 1]) ||
            (isupper((unsigned char)text.text[i]) && islower((unsigned char)text.text[i - 1]));
        bool ends = i + size == text.size || !islower((unsigned char)text.text[i + size]);
        if (begins && ends && strncasecmp(text.text + i, word, size) == 0)
            return true;
    }
    return false;
}

void wire_set_status(struct wire_record *record, struct wire_line mark)
{
    if (has_word(mark, "kill") || has_word(mark, "elimination"))
        wire_set_string(record, "status", "canceled");
    else if (has_word(mark, "withhold"))
        wire_set_string(record, "status", "withheld");
}

int wire_digits(const char **at, size_t digits)
{
    int number = 0;
    for (size_t i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)(*at)[i]))
            return -1;
        number = number * 10 + (*at)[i] - '0';
    }
    *at += digits;
    return number;
}

int wire_month(const char *name, size_t size)
{
    static const char *const months[] = {
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    static const struct {
        const char *name;
        int month;
    } others[] = {{"mrz", 3}, {"mai", 5}, {"okt", 10}, {"dez", 12}, {"m\xC3\xA4r", 3}};
    for (size_t i = 0; size >= 3 && i < LEDE_COUNT_OF(months); i++) {
        if (strncasecmp(months[i], name, 3) == 0)
            return (int)i + 1;
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(others); i++) {
        size_t other = strlen(others[i].name);
        if (size >= other && strncasecmp(others[i].name, name, other) == 0)
            return others[i].month;
    }
    return 0;
}

void wire_set_sent(struct wire_record *record, int day, int hhmm, int month, int year)
{
    char sent[48];
    /* Two digits: the ANPA's and the IPTC's standards are of 1979 and later. */
    int century = year >= 70 ? 1900 : 2000;
    snprintf(sent, sizeof(sent), "%04d-%02d-%02dT%02d:%02d:00Z", century + year, month, day,
        hhmm / 100, hhmm % 100);
    wire_set_string(record, "sent", sent);
}
