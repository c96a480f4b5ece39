/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPTC 7901: "source number priority category words option", the slug on a line of its own, in the
 * text marks ("1ST LEAD"), headline and byline up to '=', and day and time behind it. */
#include "wire.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HEAD_LINES_MAX = 6 }; /* before the text */

const struct lede_mapping wire_7901_rows[] = {{"id", "id", LEDE_CONVERT_ID, NULL},
    {"headline", "title", LEDE_CONVERT_LINE, NULL}, {"slug", "title", LEDE_CONVERT_LINE, NULL},
    {"body", "body", LEDE_CONVERT_TEXT, NULL}, {"byline", "author", LEDE_CONVERT_PERSON, NULL},
    {"agency", "source", LEDE_CONVERT_LINE, NULL}, {"section", "section", LEDE_CONVERT_LINE, NULL},
    {"subject", "tags", LEDE_CONVERT_LIST, NULL}, {"dateline", "places", LEDE_CONVERT_LINE, NULL},
    {"sent", "published", LEDE_CONVERT_DATE, NULL}, {"status", "status", LEDE_CONVERT_STATUS, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL}};

/* The categories of the IPTC's recommendation. */
static const char *section_of(struct wire_line category)
{
    static const struct {
        char category;
        const char *section;
    } sections[] = {{'a', "domestic"}, {'e', "entertainment"}, {'f', "finance"},
        {'i', "international"}, {'p', "politics"}, {'s', "sport"}, {'t', "travel"},
        {'w', "weather"}};
    for (size_t i = 0; category.size > 0 && i < LEDE_COUNT_OF(sections); i++) {
        if (sections[i].category == tolower((unsigned char)category.text[0]))
            return sections[i].section;
    }
    return NULL;
}

static void read_header(const struct wire_message *message, struct wire_record *record,
    struct wire_line *ret_source, struct wire_line *ret_number)
{
    static const char *const keys[] = {"priority", "category", "words", "option"};
    struct wire_line line = {0};
    size_t at = 0;
    if (!wire_next_line(message->header, message->header_size, &at, &line))
        return;
    *ret_source = (struct wire_line){line.text, 0};
    while (ret_source->size < line.size && isalpha((unsigned char)line.text[ret_source->size]))
        ret_source->size++;
    *ret_number = (struct wire_line){line.text + ret_source->size, 0};
    while (ret_source->size + ret_number->size < line.size &&
           isdigit((unsigned char)ret_number->text[ret_number->size]))
        ret_number->size++;
    wire_set(record, "source", *ret_source);
    wire_set(record, "number", *ret_number);
    line.text += ret_source->size + ret_number->size;
    line.size -= ret_source->size + ret_number->size;
    for (size_t i = 0; i < LEDE_COUNT_OF(keys); i++) {
        line = wire_trim(line, "");
        struct wire_line word = {line.text, 0};
        while (word.size < line.size && (line.text[word.size] != ' ' || i == 3))
            word.size++;
        wire_set(record, keys[i], word);
        const char *section = i == 1 ? section_of(word) : NULL;
        if (section)
            wire_set_string(record, "section", section);
        line.text += word.size;
        line.size -= word.size;
    }
    while (wire_next_line(message->header, message->header_size, &at, &line)) {
        line = wire_trim(line, "/");
        if (line.size > 0 && !json_object_get(record->object, "slug"))
            wire_set(record, "slug", line);
    }
}

/* "Germany-football/Munich/Mueller": its parts are what it is about. */
static void set_subject(struct wire_record *record)
{
    char subject[256];
    const char *slug = json_string_value(json_object_get(record->object, "slug"));
    if (!slug)
        return;
    snprintf(subject, sizeof(subject), "%s", slug);
    for (char *c = subject; *c; c++)
        *c = *c == '/' ? ',' : *c;
    wire_set_string(record, "subject", subject);
}

/* "1ST LEAD", "REFILE", "(Achtung)": no headline, but which version it is. */
static bool is_mark(struct wire_line line)
{
    bool has_small = false;
    for (size_t i = 0; i < line.size; i++)
        has_small = has_small || islower((unsigned char)line.text[i]);
    bool is_bracketed = line.size > 2 && line.text[0] == '(' && line.text[line.size - 1] == ')';
    return is_bracketed || (!has_small && line.size <= 24);
}

static void add_headline(struct wire_record *record, struct wire_line line)
{
    const char *had = json_string_value(json_object_get(record->object, "headline"));
    struct lede_buffer headline = {0};
    if (had)
        lede_buffer_append_format(&headline, "%s ", had);
    lede_buffer_append(&headline, line.text, line.size);
    record->has_failed |= lede_buffer_status(&headline) != LEDE_OK;
    if (!record->has_failed)
        wire_set(record, "headline", (struct wire_line){headline.data, headline.size});
    lede_buffer_done(&headline);
}

/* Returns where the text begins: behind the line that ends with '='. */
static size_t read_head(const struct wire_message *message, struct wire_record *record)
{
    struct wire_line lines[HEAD_LINES_MAX];
    size_t count = 0, at = 0;
    bool is_ended = false;
    while (!is_ended && count < HEAD_LINES_MAX &&
           wire_next_line(message->text, message->text_size, &at, &lines[count])) {
        struct wire_line line = wire_trim(lines[count], "");
        is_ended =
            (line.size > 0 && line.text[line.size - 1] == '=') || (line.size == 0 && count > 0);
        count += line.size > 0;
    }
    for (size_t i = 0; i < count; i++) {
        struct wire_line line = wire_trim(lines[i], "=");
        bool is_byline = line.size > 3 && strncasecmp(line.text, "By ", 3) == 0;
        if (is_byline) {
            const char *comma = memchr(line.text, ',', line.size);
            line.size = comma ? (size_t)(comma - line.text) : line.size;
            wire_set(record, "byline", line);
        } else if (!json_object_get(record->object, "headline") && count > 1 && is_mark(line)) {
            wire_set(record, "version", line);
            wire_set_status(record, line);
        } else {
            add_headline(record, line);
        }
    }
    return at;
}

/* "131137 GMT Nov 13", the zone optional. Returns the day as a number, -1 where there is none. */
static int read_trailer(const struct wire_message *message, struct wire_record *record)
{
    char trailer[48];
    snprintf(trailer, sizeof(trailer), "%.*s", (int)message->trailer_size, message->trailer);
    const char *at = trailer + strspn(trailer, " \r\n");
    int moment = wire_digits(&at, 6);
    at += strspn(at, " ");
    if (strncmp(at, "GMT ", 4) == 0)
        at += 4;
    size_t name = strcspn(at, " ");
    int number = wire_month(at, name);
    at += name + strspn(at + name, " ");
    int year = wire_digits(&at, 2);
    if (number == 0 || moment < 10000 || year < 0)
        return -1;
    wire_set_sent(record, moment / 10000, moment % 10000, number, year);
    return ((year * 100) + number) * 100 + moment / 10000;
}

void wire_read_7901(const struct wire_message *message, struct wire_record *record)
{
    struct wire_line source = {"", 0}, number = {"", 0}, line;
    read_header(message, record, &source, &number);
    set_subject(record);
    for (size_t at = read_head(message, record);
         wire_next_line(message->text, message->text_size, &at, &line);)
        wire_add_line(record, line, false);
    wire_set_dateline(record);
    int day = read_trailer(message, record);
    const char *slug = json_string_value(json_object_get(record->object, "slug"));
    /* A new version has another number and the same slug. */
    if (day > 0 && (slug || number.size > 0)) {
        struct lede_buffer id = {0};
        lede_buffer_append_format(&id, "iptc7901:%.*s:%06d:", (int)source.size, source.text, day);
        if (slug)
            lede_buffer_append_string(&id, slug);
        else
            lede_buffer_append(&id, number.text, number.size);
        record->has_failed |= lede_buffer_status(&id) != LEDE_OK;
        if (!record->has_failed)
            wire_set_string(record, "id", id.data);
        lede_buffer_done(&id);
    }
}
