/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grammar of RFC 8259 without white space, and of its escapes those alone that are written. */
#include "stored_scan.h"

#include <string.h>

char stored_scan_peek(const struct stored_scan *scan)
{
    return scan->at < scan->size ? scan->text[scan->at] : '\0';
}

bool stored_scan_char(struct stored_scan *scan, char c)
{
    if (stored_scan_peek(scan) != c)
        return false;
    scan->at++;
    return true;
}

/* Has any of eight bytes a value below 0x20, or is it a quote or a backslash? Source: "Determine if
 * a word has a byte less than n", Bit Twiddling Hacks, Sean Eron Anderson. */
static bool has_special(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);
    uint64_t quotes = eight ^ ones * '"', slashes = eight ^ ones * '\\';
    uint64_t found = (eight - ones * 0x20) & ~eight;
    found |= (quotes - ones) & ~quotes;
    found |= (slashes - ones) & ~slashes;
    return found & highs;
}

/* Step to a quote, a backslash, a control character or the end. */
static void skip_plain(struct stored_scan *scan)
{
    uint64_t eight;
    for (; scan->size - scan->at >= sizeof(eight); scan->at += sizeof(eight)) {
        memcpy(&eight, scan->text + scan->at, sizeof(eight));
        if (has_special(eight))
            break;
    }
    while (scan->at < scan->size) {
        unsigned char c = (unsigned char)scan->text[scan->at];
        if (c < 0x20 || c == '"' || c == '\\')
            return;
        scan->at++;
    }
}

/* `\n` and its like, or `\u00XX` of a control character that has no shorter one; no NUL. */
static bool scan_escape(struct stored_scan *scan)
{
    static const char digits[] = "0123456789ABCDEF", shorter[] = "\b\f\n\r\t";
    const char *at = scan->text + scan->at;
    size_t left = scan->size - scan->at;
    if (left < 2)
        return false;
    if (at[1] != 'u') {
        scan->at += 2;
        return at[1] != '\0' && strchr("\"\\bfnrt", at[1]);
    }
    scan->at += 6;
    const char *low = left >= 6 && at[5] != '\0' ? strchr(digits, at[5]) : NULL;
    if (!low || memcmp(at + 2, "00", 2) != 0 || (at[4] != '0' && at[4] != '1'))
        return false;
    char control = (char)((at[4] - '0') << 4 | (int)(low - digits));
    return control != '\0' && !strchr(shorter, control);
}

bool stored_scan_string(struct stored_scan *scan)
{
    size_t start = scan->at;
    bool has_escape = false;
    if (!stored_scan_char(scan, '"'))
        return false;
    for (;;) {
        skip_plain(scan);
        if (stored_scan_char(scan, '"'))
            break;
        if (stored_scan_peek(scan) != '\\' || !scan_escape(scan))
            return false;
        has_escape = true;
    }
    scan->string_count++;
    scan->escaped_bytes += has_escape ? scan->at - start : 0;
    return true;
}

static bool scan_digits(struct stored_scan *scan)
{
    size_t start = scan->at;
    while (stored_scan_peek(scan) >= '0' && stored_scan_peek(scan) <= '9')
        scan->at++;
    return scan->at > start;
}

static bool scan_number(struct stored_scan *scan)
{
    (void)stored_scan_char(scan, '-');
    if (!stored_scan_char(scan, '0') && !scan_digits(scan))
        return false;
    if (stored_scan_char(scan, '.') && !scan_digits(scan))
        return false;
    if (stored_scan_char(scan, 'e') || stored_scan_char(scan, 'E')) {
        if (!stored_scan_char(scan, '-'))
            (void)stored_scan_char(scan, '+');
        return scan_digits(scan);
    }
    return true;
}

static bool scan_word(struct stored_scan *scan, const char *word)
{
    size_t size = strlen(word);
    if (scan->size - scan->at < size || memcmp(scan->text + scan->at, word, size) != 0)
        return false;
    scan->at += size;
    return true;
}

static bool scan_any(struct stored_scan *scan, unsigned depth);

static bool scan_container(struct stored_scan *scan, char close, unsigned depth)
{
    scan->at++;
    scan->has_other = scan->has_other || depth > 1 || close == '}';
    if (depth >= LEDE_JSON_DEPTH_MAX)
        return false;
    if (stored_scan_char(scan, close))
        return true;
    do {
        if (close == '}' && (!stored_scan_string(scan) || !stored_scan_char(scan, ':')))
            return false;
        if (!scan_any(scan, depth + 1))
            return false;
    } while (stored_scan_char(scan, ','));
    return stored_scan_char(scan, close);
}

/* depth: containers around the value, the document itself among them */
static bool scan_any(struct stored_scan *scan, unsigned depth)
{
    char c = stored_scan_peek(scan);
    if (c == '"')
        return stored_scan_string(scan);
    if (c == '[' || c == '{')
        return scan_container(scan, c == '[' ? ']' : '}', depth);
    scan->has_other = true;
    if (c == 't')
        return scan_word(scan, "true");
    if (c == 'f')
        return scan_word(scan, "false");
    if (c == 'n')
        return scan_word(scan, "null");
    return scan_number(scan);
}

bool stored_scan_value(struct stored_scan *scan)
{
    scan->has_other = false;
    scan->string_count = scan->escaped_bytes = 0;
    return scan_any(scan, 1);
}
