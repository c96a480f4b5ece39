/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a query that could not be understood. */
#include "lede/web.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* What parts the pieces of a query: space, brackets, quotes. Returns its bytes, 0 for what does
 * not. */
static size_t separator_size(const char *text)
{
    if (text[0] && strchr(" \t\r\n\v\f()\"", text[0]))
        return 1;
    return strncmp(text, "“", 3) == 0 || strncmp(text, "”", 3) == 0 ? 3 : 0;
}

static bool is_of_word(char c)
{
    return (unsigned char)c >= 0x80 || isalnum((unsigned char)c);
}

static bool is_piece(const char *piece, size_t size, const char *name)
{
    return strlen(name) == size && memcmp(piece, name, size) == 0;
}

/* NEAR, ADJ, NEAR/5 */
static bool is_nearness(const char *piece, size_t size)
{
    size_t name = size >= 4 && memcmp(piece, "NEAR", 4) == 0  ? 4
                  : size >= 3 && memcmp(piece, "ADJ", 3) == 0 ? 3
                                                              : 0;
    if (name == 0 || name == size)
        return name > 0;
    return piece[name] == '/' && strspn(piece + name + 1, "0123456789") >= size - name - 1;
}

static bool is_operator(const char *piece, size_t size)
{
    return is_piece(piece, size, "AND") || is_piece(piece, size, "OR") ||
           is_nearness(piece, size) || strspn(piece, "+|&") >= size ||
           (size >= 10 && memcmp(piece, "published:", 10) == 0);
}

/* Its bytes without a field's name before it, and what follows a `~` or `^`. */
static void strip(const char **piece, size_t *size)
{
    static const char *const fields[] = {"title:", "author:", "summary:", "body:", "source:",
        "section:", "tag:", "place:", "person:", "organisation:", "url:"};
    size_t sign = *size > 0 && **piece == '+';
    for (size_t i = 0; i < LEDE_COUNT_OF(fields); i++) {
        size_t name = strlen(fields[i]);
        if (*size < sign + name || strncasecmp(*piece + sign, fields[i], name) != 0)
            continue;
        *piece += sign + name;
        *size -= sign + name;
        break;
    }
    size_t tail = *size;
    while (tail > 0 && strchr("0123456789.", (*piece)[tail - 1]))
        tail--;
    if (tail > 0 && strchr("~^", (*piece)[tail - 1]))
        *size = tail - 1;
}

/* Letters and digits, and the marks within a name: O'Brien, AT&T, 3.5. */
static void append_words(struct lede_buffer *out, const char *piece, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t start = at;
        while (at < size && (is_of_word(piece[at]) ||
                                (at > start && at + 1 < size && strchr("'&.@_/-", piece[at]) &&
                                    is_of_word(piece[at + 1]))))
            at++;
        if (at > start) {
            lede_buffer_append_string(out, out->size > 0 ? " " : "");
            lede_buffer_append(out, piece + start, at - start);
        }
        at += at == start;
    }
}

enum lede_status lede_web_words_alone(const char *query, struct lede_buffer *ret_words)
{
    bool is_excluded = false, is_unit = false;
    for (const char *at = query; *at;) {
        size_t size = separator_size(at);
        if (size > 0) {
            at += size;
            continue;
        }
        while (at[size] && separator_size(at + size) == 0)
            size++;
        const char *piece = at;
        size_t piece_size = size;
        bool excludes = is_piece(piece, size, "NOT") || is_piece(piece, size, "-");
        bool is_same = is_piece(piece, size, "SAME");
        bool drops = is_excluded || excludes || is_same || is_unit || piece[0] == '-' ||
                     is_operator(piece, size);
        strip(&piece, &piece_size);
        if (!drops)
            append_words(ret_words, piece, piece_size);
        is_excluded = excludes;
        is_unit = is_same;
        at += size;
    }
    return lede_buffer_status(ret_words);
}
