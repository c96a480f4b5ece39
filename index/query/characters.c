/* SPDX-License-Identifier: GPL-2.0-or-later */
/* White space and quotation marks, of all scripts. */
#include "token.h"

#include <string.h>

struct mark {
    const char *bytes;
    enum query_quote_family family;
};

static const struct mark quotes[] = {
    {"\"", QUERY_QUOTE_STRAIGHT},
    {"\xef\xbc\x82", QUERY_QUOTE_STRAIGHT}, /* U+FF02, full-width */
    {"\xe2\x80\x9c", QUERY_QUOTE_CURLY},
    {"\xe2\x80\x9d", QUERY_QUOTE_CURLY},
    {"\xe2\x80\x9e", QUERY_QUOTE_CURLY}, /* U+201C–E */
    {"\xc2\xab", QUERY_QUOTE_GUILLEMET},
    {"\xc2\xbb", QUERY_QUOTE_GUILLEMET},
};

/* White space beyond ASCII; U+2000–200A is a range. */
static const char *const spaces[] = {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

static bool begins_with(const char *text, size_t size, const char *prefix)
{
    size_t prefix_size = strlen(prefix);
    return size >= prefix_size && memcmp(text, prefix, prefix_size) == 0;
}

size_t lede_query_space_size(const char *text, size_t size)
{
    unsigned char first = (unsigned char)*text;
    if (first < 0x80)
        return first == ' ' || (first >= '\t' && first <= '\r');
    if (begins_with(text, size, "\xe2\x80") && size >= 3 && (unsigned char)text[2] >= 0x80 &&
        (unsigned char)text[2] <= 0x8a)
        return 3;
    for (size_t i = 0; i < LEDE_COUNT_OF(spaces); i++) {
        if (begins_with(text, size, spaces[i]))
            return strlen(spaces[i]);
    }
    return 0;
}

size_t lede_query_quote_at(const char *text, size_t size, enum query_quote_family *ret_family)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(quotes); i++) {
        if (begins_with(text, size, quotes[i].bytes)) {
            *ret_family = quotes[i].family;
            return strlen(quotes[i].bytes);
        }
    }
    return 0;
}

size_t lede_query_quote_size(const char *text, size_t size)
{
    enum query_quote_family family;
    return lede_query_quote_at(text, size, &family);
}

static bool is_hebrew_letter(const char *text)
{
    unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
    return first == 0xD7 && second >= 0x90 && second <= 0xAA;
}

bool lede_query_is_inner_quote(const char *text, size_t size, size_t offset)
{
    enum query_quote_family family;
    size_t mark = lede_query_quote_at(text + offset, size - offset, &family);
    return mark > 0 && family != QUERY_QUOTE_GUILLEMET && offset >= 2 &&
           size - offset >= mark + 2 && is_hebrew_letter(text + offset - 2) &&
           is_hebrew_letter(text + offset + mark);
}

bool lede_query_is_blank(const char *text, size_t size)
{
    size_t at = 0;
    size_t space = 1;
    while (at < size && space > 0) {
        space = lede_query_space_size(text + at, size - at);
        at += space;
    }
    return at == size;
}
