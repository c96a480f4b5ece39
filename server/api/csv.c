/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "csv.h"

#include <string.h>

/* Would a spreadsheet run it? Wide forms count, too. */
static bool is_formula(const char *text, size_t size)
{
    static const char *const wide[] = {
        "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
    bool is_wide = false;
    for (size_t i = 0; size >= 3 && i < LEDE_COUNT_OF(wide); i++)
        is_wide = is_wide || memcmp(text, wide[i], 3) == 0;
    return is_wide || (size > 0 && memchr("=+-@\t\r\n", text[0], 7));
}

void lede_csv_cell(struct lede_buffer *out, const char *text, size_t size, bool is_first)
{
    lede_buffer_append_string(out, is_first ? "\"" : ",\"");
    if (is_formula(text, size))
        lede_buffer_append_char(out, '\'');
    for (size_t i = 0; i < size;) {
        const char *quote = memchr(text + i, '"', size - i);
        size_t end = quote ? (size_t)(quote - text) + 1 : size;
        lede_buffer_append(out, text + i, end - i);
        if (quote)
            lede_buffer_append_char(out, '"');
        i = end;
    }
    lede_buffer_append_char(out, '"');
}
