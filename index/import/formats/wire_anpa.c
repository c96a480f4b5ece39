/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ANPA 1312 as the Associated Press sends it: a header of two lines, lines that begin with '^' and
 * end with '<' or '=' before the text, and sender and time behind it. */
#include "wire.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct lede_mapping wire_anpa_rows[] = {{"id", "id", LEDE_CONVERT_ID, NULL},
    {"headline", "title", LEDE_CONVERT_LINE, NULL}, {"keyword", "title", LEDE_CONVERT_LINE, NULL},
    {"abstract", "summary", LEDE_CONVERT_LINE, NULL}, {"body", "body", LEDE_CONVERT_TEXT, NULL},
    {"byline", "author", LEDE_CONVERT_PERSON, NULL}, {"agency", "source", LEDE_CONVERT_LINE, NULL},
    {"sender", "source", LEDE_CONVERT_LINE, NULL}, {"section", "section", LEDE_CONVERT_LINE, NULL},
    {"dateline", "places", LEDE_CONVERT_LINE, NULL}, {"sent", "published", LEDE_CONVERT_DATE, NULL},
    {"status", "status", LEDE_CONVERT_STATUS, NULL}, {NULL, NULL, LEDE_CONVERT_NONE, NULL}};

static const char *section_of(char category)
{
    static const struct {
        char category;
        const char *section;
    } sections[] = {{'a', "national"}, {'b', "special"}, {'c', "features"}, {'d', "food"},
        {'e', "entertainment"}, {'f', "finance"}, {'g', "state"}, {'h', "weather"},
        {'i', "international"}, {'k', "commentary"}, {'l', "lifestyle"}, {'m', "farm"},
        {'n', "state"}, {'o', "weather"}, {'p', "politics"}, {'q', "sports"}, {'r', "racing"},
        {'s', "sports"}, {'t', "travel"}, {'v', "advisory"}, {'w', "washington"}, {'y', "routing"}};
    for (size_t i = 0; i < LEDE_COUNT_OF(sections); i++) {
        if (sections[i].category == tolower((unsigned char)category))
            return sections[i].section;
    }
    return NULL;
}

static struct wire_line take_word(struct wire_line *line)
{
    *line = wire_trim(*line, "");
    struct wire_line word = {line->text, 0};
    while (word.size < line->size && (unsigned char)line->text[word.size] > ' ')
        word.size++;
    line->text += word.size;
    line->size -= word.size;
    return word;
}

/* "W2870<US>_asian": the service, the message's number, who is to have it. */
static void read_routing(struct wire_record *record, struct wire_line line)
{
    if (line.size < 6)
        return;
    wire_set(record, "service", (struct wire_line){line.text, 1});
    wire_set(record, "number", (struct wire_line){line.text + 1, 4});
    wire_set(record, "selector", wire_trim((struct wire_line){line.text + 6, line.size - 6}, ""));
}

/* "r a<DC3><DC1> BC-US--Ethanol 1stLd-Writethru   11-13 1693": priority, category, slug, version,
 * day, words. */
static void read_slug_line(
    struct wire_record *record, struct wire_line line, struct wire_line *ret_day)
{
    struct wire_line priority = take_word(&line);
    line = wire_trim(line, "");
    if (priority.size != 1 || line.size == 0)
        return;
    const char *section = section_of(line.text[0]);
    wire_set(record, "priority", priority);
    wire_set(record, "category", (struct wire_line){line.text, 1});
    if (section)
        wire_set_string(record, "section", section);
    line.text++;
    line.size--;
    wire_set(record, "slug", take_word(&line));
    struct wire_line word = take_word(&line);
    bool is_day = word.size == 5 && word.text[2] == '-' && isdigit((unsigned char)word.text[0]);
    if (!is_day) {
        wire_set(record, "version", word);
        wire_set_status(record, word);
        word = take_word(&line);
        is_day = word.size == 5 && word.text[2] == '-' && isdigit((unsigned char)word.text[0]);
    }
    if (is_day)
        *ret_day = word;
    wire_set(record, "words", take_word(&line));
}

/* "BC-US--Ethanol-Losing Grassland, 1st Ld-Writethru,1140": what a story is called in all of its
 * versions, which one it is, words. */
static struct wire_line read_keyword(struct wire_record *record, struct wire_line line)
{
    const char *comma = memchr(line.text, ',', line.size);
    struct wire_line keyword = {line.text, comma ? (size_t)(comma - line.text) : line.size};
    keyword = wire_trim(keyword, "");
    size_t cycle = 0;
    static const char *const cycles[] = {"AM-", "PM-", "BC-", "AP-"};
    for (size_t i = 0; i < LEDE_COUNT_OF(cycles); i++) {
        if (keyword.size > 3 && strncasecmp(keyword.text, cycles[i], 3) == 0)
            cycle = 3;
    }
    keyword.text += cycle;
    keyword.size -= cycle;
    wire_set(record, "keyword", keyword);
    if (!comma)
        return keyword;
    struct wire_line mark = {comma + 1, (size_t)(line.text + line.size - comma - 1)};
    while (mark.size > 0 &&
           (isdigit((unsigned char)mark.text[mark.size - 1]) || mark.text[mark.size - 1] == ','))
        mark.size--;
    mark = wire_trim(mark, "");
    if (mark.size > 0)
        wire_set(record, "version", mark);
    wire_set_status(record, mark);
    return keyword;
}

static bool begins(struct wire_line line, const char *with)
{
    size_t size = strlen(with);
    return line.size >= size && strncasecmp(line.text, with, size) == 0;
}

/* A line with '^' before the text. */
static void read_head_line(struct wire_record *record, struct wire_line line)
{
    if (begins(line, "By "))
        wire_set(record, "byline", line);
    else if (begins(line, "AP Photo") || begins(line, "AP Video") || begins(line, "AP Graphic"))
        wire_set(record, "media", line);
    else if (begins(line, "Eds:") || begins(line, "(Eds:") || begins(line, "EDITOR'S NOTE"))
        wire_set(record, "editors_note", line);
    else if (json_object_get(record->object, "byline"))
        wire_set(record, "byline_title", line);
    else if (!json_object_get(record->object, "headline"))
        wire_set(record, "headline", line);
    else if (!json_object_get(record->object, "abstract"))
        wire_set(record, "abstract", line);
}

static struct wire_line read_text(const struct wire_message *message, struct wire_record *record)
{
    struct wire_line line, keyword = {0};
    bool is_in_text = false;
    for (size_t at = 0; wire_next_line(message->text, message->text_size, &at, &line);) {
        struct wire_line bare = wire_trim(line, "<=");
        bool is_marked = bare.size > 0 && bare.text[0] == '^';
        bool is_whole =
            line.size > bare.size && memchr(bare.text + bare.size, '<',
                                         (size_t)(line.text + line.size - bare.text) - bare.size);
        /* "*9006< ^…": a directory number before the first */
        const char *mark =
            keyword.size == 0 && bare.size > 0 ? memchr(bare.text, '^', bare.size) : NULL;
        if (is_marked || mark) {
            bare.size -= (size_t)((mark ? mark : bare.text) + 1 - bare.text);
            bare.text = (mark ? mark : bare.text) + 1;
            bare = wire_trim(bare, "");
        }
        if ((is_marked || mark) && keyword.size == 0)
            keyword = read_keyword(record, bare);
        else if (begins(bare, "AP-") && is_marked && at >= message->text_size)
            continue;
        else if (is_marked && !is_in_text)
            read_head_line(record, bare);
        else if (!(is_marked && begins(bare, "END") && bare.size == 3))
            wire_add_line(record,
                is_marked
                    ? bare
                    : (struct wire_line){line.text, (size_t)(bare.text + bare.size - line.text)},
                is_marked);
        is_in_text = is_in_text || (!is_marked && !mark && bare.size > 0);
        if (is_whole)
            wire_end_paragraph(record);
    }
    return keyword;
}

/* "AP-WF-11-13-13 1509GMT<". Returns the year, -1 where there is none. */
static int read_trailer(const struct wire_message *message, struct wire_record *record)
{
    char trailer[64];
    snprintf(trailer, sizeof(trailer), "%.*s", (int)message->trailer_size, message->trailer);
    const char *dash = strchr(trailer, '-');
    const char *at = dash ? strchr(dash + 1, '-') : NULL;
    if (!at)
        return -1;
    at++;
    int month = wire_digits(&at, 2);
    at += *at == '-';
    int day = wire_digits(&at, 2);
    at += *at == '-';
    int year = wire_digits(&at, 2);
    at += *at == ' ';
    int hhmm = wire_digits(&at, 4);
    if (month < 1 || day < 1 || year < 0 || hhmm < 0)
        return -1;
    wire_set(record, "sender", (struct wire_line){trailer, (size_t)(dash - trailer)});
    wire_set_sent(record, day, hhmm, month, year);
    return year;
}

void wire_read_anpa(const struct wire_message *message, struct wire_record *record)
{
    struct wire_line line, day = {0};
    size_t at = 0;
    if (wire_next_line(message->header, message->header_size, &at, &line))
        read_routing(record, line);
    if (wire_next_line(message->header, message->header_size, &at, &line))
        read_slug_line(record, line, &day);
    struct wire_line keyword = read_text(message, record);
    wire_set_dateline(record);
    int year = read_trailer(message, record);
    /* All versions of a story are one document, which the last one replaces. */
    if (keyword.size > 0 && day.size > 0 && year >= 0) {
        struct lede_buffer id = {0};
        lede_buffer_append_format(&id, "anpa:%02d-%.*s:", year, (int)day.size, day.text);
        for (size_t i = 0; i < keyword.size; i++)
            lede_buffer_append_char(&id, keyword.text[i] == ' ' ? '-' : keyword.text[i]);
        record->has_failed |= lede_buffer_status(&id) != LEDE_OK;
        if (!record->has_failed)
            wire_set_string(record, "id", id.data);
        lede_buffer_done(&id);
    }
}
