/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers: full stops between digits always join; commas join groups of three (and are dropped) and
 * decimals. */
#include "numbers.h"

#include "chars.h"

/* Bytes of the digits at `offset`. */
static size_t digits_at(const char *text, size_t size, size_t offset)
{
    size_t end = offset;
    while (end < size && char_is_ascii_digit(text[end]))
        end++;
    return end - offset;
}

/* Bytes of the digits behind a separator at `offset`; 0 if there is no such separator or digit. */
static size_t group_at(const char *text, size_t size, size_t offset, char separator)
{
    return offset < size && text[offset] == separator ? digits_at(text, size, offset + 1) : 0;
}

/* Is the digit at `offset` behind a comma that parted it from another number? */
static bool is_behind_comma(const char *text, size_t offset)
{
    return offset >= 2 && text[offset - 1] == ',' && char_is_ascii_digit(text[offset - 2]);
}

/* A number with full stops: 3.5, 1.2.3, 1.234.567,89 */
static size_t dotted_end(
    const char *text, size_t size, size_t offset, size_t first, bool comma_allowed)
{
    size_t end = offset + first, group;
    bool thousands = first <= 3;
    while ((group = group_at(text, size, end, '.')) > 0) {
        thousands = thousands && group == 3;
        end += 1 + group;
    }
    group = comma_allowed && thousands ? group_at(text, size, end, ',') : 0;
    size_t decimals_end = end + 1 + group;
    bool is_last = group_at(text, size, decimals_end, '.') == 0 &&
                   group_at(text, size, decimals_end, ',') == 0;
    return group > 0 && is_last ? decimals_end : end;
}

/* Behind the last of the groups of three that commas part; 0 if they are not such groups. */
static size_t thousands_end(const char *text, size_t size, size_t offset, size_t first)
{
    size_t end = offset + first, group;
    while ((group = group_at(text, size, end, ',')) == 3)
        end += 4;
    return first <= 3 && group == 0 && end > offset + first ? end : 0;
}

struct number_span number_at(const char *text, size_t size, size_t offset)
{
    size_t first = digits_at(text, size, offset);
    bool comma_allowed = !is_behind_comma(text, offset);
    if (group_at(text, size, offset + first, '.') > 0)
        return (struct number_span){
            dotted_end(text, size, offset, first, comma_allowed) - offset, false};
    size_t decimals = comma_allowed ? group_at(text, size, offset + first, ',') : 0;
    if (decimals == 0)
        return (struct number_span){first, false};
    size_t end = thousands_end(text, size, offset, first);
    if (end > 0) {
        size_t group = group_at(text, size, end, '.');
        return (struct number_span){end + (group > 0 ? 1 + group : 0) - offset, true};
    }
    end = offset + first + 1 + decimals;
    bool is_last = group_at(text, size, end, '.') == 0 && group_at(text, size, end, ',') == 0;
    return (struct number_span){is_last ? end - offset : first, false};
}
