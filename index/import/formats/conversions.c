/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each conversion makes of a string of some format. What it cannot take, it leaves: the
 * document is not refused for it, and the value stays among what is not mapped. */
#include "conversions.h"

#include "dates.h"
#include "lede/encoding.h"
#include "lede/model.h"
#include "lede/number.h"
#include "lede/time.h"
#include "text_flow.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LANGUAGE_BYTES_MAX = 35, SUBTAG_BYTES_MAX = 8 };

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void trim(const char **text, size_t *size)
{
    while (*size > 0 && is_space((*text)[0])) {
        ++*text;
        --*size;
    }
    while (*size > 0 && is_space((*text)[*size - 1]))
        --*size;
}

static json_t *string_of(const char *text, size_t size, bool *ret_failed)
{
    trim(&text, &size);
    if (size == 0)
        return NULL;
    json_t *value = json_stringn(text, size);
    *ret_failed = *ret_failed || !value;
    return value;
}

static json_t *string_of_buffer(struct lede_buffer *buffer, bool *ret_failed)
{
    json_t *value = NULL;
    if (lede_buffer_status(buffer) != LEDE_OK)
        *ret_failed = true;
    else if (buffer->size > 0)
        value = string_of(buffer->data, buffer->size, ret_failed);
    lede_buffer_done(buffer);
    return value;
}

/* All white space as single spaces. */
static json_t *line_of(const char *text, size_t size, bool *ret_failed)
{
    struct lede_buffer line = {0};
    trim(&text, &size);
    for (size_t i = 0; i < size; i++) {
        bool is_blank = is_space(text[i]);
        if (!is_blank)
            lede_buffer_append_char(&line, text[i]);
        else if (!is_space(text[i + 1]))
            lede_buffer_append_char(&line, ' ');
    }
    return string_of_buffer(&line, ret_failed);
}

static json_t *html_of(
    enum lede_conversion kind, const char *text, size_t size, bool is_markup, bool *ret_failed)
{
    struct lede_buffer out = {0};
    bool is_line = kind == LEDE_CONVERT_HTML_LINE;
    if (is_markup)
        return is_line ? line_of(text, size, ret_failed) : string_of(text, size, ret_failed);
    struct lede_text_flow flow;
    lede_text_flow_begin(&flow, &out);
    flow.blanks_part = kind == LEDE_CONVERT_POST;
    if (lede_html_flow(&flow, text, size, NULL) != LEDE_OK) {
        lede_buffer_done(&out);
        *ret_failed = true;
        return NULL;
    }
    if (!is_line || out.size == 0)
        return string_of_buffer(&out, ret_failed);
    json_t *line = line_of(out.data, out.size, ret_failed);
    lede_buffer_done(&out);
    return line;
}

/* RFC 3986: a scheme, a colon, and nothing that no URI has. */
static json_t *url_of(const char *text, size_t size, bool *ret_failed)
{
    trim(&text, &size);
    const char *colon = size > 0 ? memchr(text, ':', size) : NULL;
    if (!colon || colon == text || colon + 1 == text + size)
        return NULL;
    for (const char *c = text; c < colon; c++) {
        bool is_letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        if (!is_letter && (c == text || !strchr("0123456789+-.", *c)))
            return NULL;
    }
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] <= ' ' || strchr("<>\"", text[i]))
            return NULL;
    }
    return string_of(text, size, ret_failed);
}

/* A browser loads it: https alone, as the model takes it. */
static json_t *image_of(const char *text, size_t size, bool *ret_failed)
{
    trim(&text, &size);
    if (size < 9 || size > LEDE_IMAGE_URL_BYTES_MAX || strncasecmp(text, "https://", 8) != 0 ||
        strchr("/?#:@", text[8]))
        return NULL;
    for (size_t i = 8; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= ' ' || c == 0x7F || strchr("\"'<>\\^`{|}", c))
            return NULL;
    }
    return string_of(text, size, ret_failed);
}

static json_t *id_of(const char *text, size_t size, bool *ret_failed)
{
    char hashed[3 + 33] = "id-";
    unsigned char digest[16];
    bool has_control = false;
    trim(&text, &size);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_c1 = c == 0xC2 && i + 1 < size && (unsigned char)text[i + 1] < 0xA0;
        bool is_separator = c == 0xE2 && i + 2 < size && (unsigned char)text[i + 1] == 0x80 &&
                            ((unsigned char)text[i + 2] | 1) == 0xA9;
        has_control = has_control || c < ' ' || c == 0x7F || is_c1 || is_separator;
    }
    if (size <= LEDE_ID_BYTES_MAX && !has_control)
        return string_of(text, size, ret_failed);
    lede_hash128(text, size, digest);
    lede_hash_to_hex(digest, hashed + 3);
    return string_of(hashed, strlen(hashed), ret_failed);
}

static json_t *date_of(const char *text, size_t size, bool *ret_failed)
{
    int64_t utc_s = 0;
    char written[21];
    trim(&text, &size);
    if (lede_time_parse(text, size, &utc_s, NULL, NULL) != LEDE_OK &&
        !lede_date_basic(text, size, &utc_s))
        return NULL;
    lede_time_format(utc_s, written);
    return string_of(written, 20, ret_failed);
}

/* A tag of BCP 47 by its shape. */
static json_t *language_of(const char *text, size_t size, bool *ret_failed)
{
    size_t subtag = 0, first = 0;
    trim(&text, &size);
    if (size > LANGUAGE_BYTES_MAX)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_break = (c == '-' || c == '_') && subtag > 0;
        if (!is_letter && !is_break && (first == 0 || c < '0' || c > '9'))
            return NULL;
        if (is_break && first == 0)
            first = i;
        subtag = is_break ? 0 : subtag + 1;
        if (subtag > SUBTAG_BYTES_MAX)
            return NULL;
    }
    first = first > 0 ? first : size;
    return first >= 2 && first <= 3 && subtag > 0 ? string_of(text, size, ret_failed) : NULL;
}

/* How much of a byline stands before the name: "By", "Written by", "Par". */
static size_t before_name(const char *text, size_t size)
{
    static const char *const beginnings[] = {
        "by", "written by", "posted by", "reported by", "story by", "words by", "par", "por"};
    for (size_t i = 0; i < LEDE_COUNT_OF(beginnings); i++) {
        size_t length = strlen(beginnings[i]);
        if (size > length + 1 && strncasecmp(text, beginnings[i], length) == 0 &&
            is_space(text[length]))
            return length + 1;
    }
    return 0;
}

/* Of markup, the first line: what is below is what she does. RSS 2.0 has
 * "jane@example.com (Jane Doe)". */
static json_t *person_of(const char *text, size_t size, bool is_markup, bool *ret_failed)
{
    trim(&text, &size);
    const char *line_end = size > 0 ? memchr(text, '\n', size) : NULL;
    if (line_end && is_markup)
        size = (size_t)(line_end - text);
    const char *open = size > 0 ? memchr(text, '(', size) : NULL;
    const char *at = size > 0 ? memchr(text, '@', size) : NULL;
    if (open && at && at < open && open > text && text[size - 1] == ')') {
        size = (size_t)(text + size - 1 - (open + 1));
        text = open + 1;
    } else {
        size_t before = before_name(text, size);
        text += before;
        size -= before;
    }
    return line_of(text, size, ret_failed);
}

static json_t *list_of(const char *text, size_t size, bool *ret_failed)
{
    json_auto_t *list = json_array();
    size_t from = 0;
    for (size_t i = 0; list && i <= size; i++) {
        if (i < size && text[i] != ',' && text[i] != ';')
            continue;
        json_t *item = line_of(text + from, i - from, ret_failed);
        if (item && json_array_append_new(list, item) != 0)
            *ret_failed = true;
        from = i + 1;
    }
    *ret_failed = *ret_failed || !list;
    return json_array_size(list) > 0 ? json_incref(list) : NULL;
}

/* IPTC's newscodes for pubStatus, and the words of older formats; what stands before ':' or '/' is
 * the scheme. Embargoed is what lede_format_write() decides on. */
static json_t *status_of(const char *text, size_t size, bool *ret_failed)
{
    static const struct {
        const char *word, *status;
    } words[] = {{"usable", "usable"}, {"withheld", "withheld"}, {"embargoed", "embargoed"},
        {"canceled", "canceled"}, {"cancelled", "canceled"}, {"kill", "canceled"},
        {"killed", "canceled"}, {"kill_item", "canceled"}, {"must-kill", "canceled"},
        {"may-kill", "canceled"}, {"recalled", "canceled"}, {"unpublished", "canceled"},
        {"publish", "usable"}, {"inherit", "usable"}, {"trash", "canceled"}, {"draft", "withheld"},
        {"pending", "withheld"}, {"private", "withheld"}, {"future", "withheld"},
        {"auto-draft", "withheld"}};
    trim(&text, &size);
    for (const char *end = text + size, *c = end; c > text; c--) {
        if (c[-1] != ':' && c[-1] != '/')
            continue;
        size = (size_t)(end - c);
        text = c;
        break;
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++) {
        if (strlen(words[i].word) == size && strncasecmp(words[i].word, text, size) == 0)
            return string_of(words[i].status, strlen(words[i].status), ret_failed);
    }
    return NULL;
}

static json_t *version_of(const char *text, size_t size, bool *ret_failed)
{
    enum { DIGITS_MAX = 18 };
    json_int_t version = 0;
    trim(&text, &size);
    if (size == 0 || size > DIGITS_MAX)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return NULL;
        version = version * 10 + (text[i] - '0');
    }
    json_t *value = json_integer(version);
    *ret_failed = *ret_failed || !value;
    return value;
}

json_t *lede_convert(enum lede_conversion conversion, const char *text, size_t size, bool is_markup,
    bool *ret_failed)
{
    switch (conversion) {
    case LEDE_CONVERT_LINE:
        return line_of(text, size, ret_failed);
    case LEDE_CONVERT_TEXT:
        return string_of(text, size, ret_failed);
    case LEDE_CONVERT_HTML:
    case LEDE_CONVERT_HTML_LINE:
    case LEDE_CONVERT_POST:
        return html_of(conversion, text, size, is_markup, ret_failed);
    case LEDE_CONVERT_URL:
        return url_of(text, size, ret_failed);
    case LEDE_CONVERT_IMAGE:
        return image_of(text, size, ret_failed);
    case LEDE_CONVERT_ID:
        return id_of(text, size, ret_failed);
    case LEDE_CONVERT_DATE:
        return date_of(text, size, ret_failed);
    case LEDE_CONVERT_LANGUAGE:
        return language_of(text, size, ret_failed);
    case LEDE_CONVERT_PERSON:
        return person_of(text, size, is_markup, ret_failed);
    case LEDE_CONVERT_LIST:
        return list_of(text, size, ret_failed);
    case LEDE_CONVERT_STATUS:
        return status_of(text, size, ret_failed);
    case LEDE_CONVERT_VERSION:
        return version_of(text, size, ret_failed);
    case LEDE_CONVERT_CANCELED:
        return string_of("canceled", strlen("canceled"), ret_failed);
    default:
        return NULL;
    }
}

const char *lede_conversion_title(enum lede_conversion conversion)
{
    static const char *const titles[LEDE_CONVERSIONS] = {[LEDE_CONVERT_NONE] = "not kept",
        [LEDE_CONVERT_LINE] = "a line",
        [LEDE_CONVERT_TEXT] = "text",
        [LEDE_CONVERT_HTML] = "HTML to text",
        [LEDE_CONVERT_HTML_LINE] = "HTML to a line",
        [LEDE_CONVERT_POST] = "a post to text",
        [LEDE_CONVERT_URL] = "a URL",
        [LEDE_CONVERT_IMAGE] = "an https URL",
        [LEDE_CONVERT_ID] = "an id",
        [LEDE_CONVERT_DATE] = "a date",
        [LEDE_CONVERT_LANGUAGE] = "a language tag",
        [LEDE_CONVERT_PERSON] = "a person's name",
        [LEDE_CONVERT_LIST] = "a list with commas",
        [LEDE_CONVERT_STATUS] = "a status",
        [LEDE_CONVERT_VERSION] = "a number",
        [LEDE_CONVERT_CANCELED] = "cancels it"};
    return titles[conversion];
}
