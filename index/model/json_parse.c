/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON text from a stranger, made safe for jansson.
 *
 * One pass over the bytes, which knows strings and nothing else of the grammar, bounds the depth
 * before any recursion and finds what jansson would refuse for the sake of one bad character: NUL
 * bytes, lone surrogates, invalid UTF-8. Such a text is parsed as a repaired copy; every other text
 * is parsed where it lies.
 *
 * Two texts that differ in what was replaced come out the same, so nothing may be told by a
 * repaired copy that is told by its bytes. Where that matters the text is parsed once more with
 * marks: each replaced piece in hexadecimal digits between NUL, which stands in no other text, and
 * a semicolon.
 *
 * A number that jansson would not write as it came (0.10, 1e2, one beyond 64 bits) is kept under a
 * key that the schema does not know as a string: NUL, '#', its digits. */
#include "lede/encoding.h"
#include "model_internal.h"

#include <string.h>

enum { ESCAPE_SIZE = 6 }; /* \uXXXX; no invalid sequence of UTF-8 is longer */

struct json_scan {
    const char *text;
    size_t size;
    size_t offset;
    size_t copied;  /* bytes of the text that are in `repaired`, if there is one */
    size_t invalid; /* offset of the next byte that is no UTF-8; size: there is none */
    struct lede_buffer repaired;
    size_t replaced;    /* pieces */
    bool keeps_numbers; /* as they came */
    bool is_unknown;    /* the key that the value belongs to */
    size_t numbers;     /* that became strings */
    bool marks;         /* put marks, not U+FFFD */
    bool keeps_offsets; /* every repair was as long as what it replaced */
};

static enum lede_status fail_at(
    struct lede_error *reterr, enum lede_status status, size_t position, const char *message)
{
    (void)lede_fail(reterr, status, "malformed JSON: %s", message);
    if (reterr) {
        reterr->position = position;
        reterr->has_position = true;
    }
    return status;
}

/* Put U+FFFD, or a mark, in the place of text[start, start + size). */
static void replace(struct json_scan *scan, size_t start, size_t size, const char *with)
{
    char digits[2 * ESCAPE_SIZE + 1];
    const char *piece = scan->text + start;
    lede_buffer_append(&scan->repaired, scan->text + scan->copied, start - scan->copied);
    if (!scan->marks) {
        lede_buffer_append_string(&scan->repaired, with);
    } else if (piece[0] == '\\') { /* an escape has its digits */
        lede_buffer_append_format(&scan->repaired, "\\u0000%.4s;", piece + 2);
    } else {
        lede_hex_write(piece, size, digits);
        lede_buffer_append_format(&scan->repaired, "\\u0000%s;", digits);
    }
    scan->copied = start + size;
    scan->replaced++;
    if (strlen(with) != size)
        scan->keeps_offsets = false;
}

/* The code unit of `\uXXXX` at an offset, or -1 where there is none. */
static int code_unit_at(const struct json_scan *scan, size_t offset)
{
    if (scan->size < ESCAPE_SIZE || offset > scan->size - ESCAPE_SIZE ||
        scan->text[offset] != '\\' || scan->text[offset + 1] != 'u')
        return -1;
    int unit = 0;
    for (size_t i = 2; i < ESCAPE_SIZE; i++) {
        int digit = lede_hex_value(scan->text[offset + i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* Step over a backslash and what belongs to it. Sets *has_nul where it stands for NUL. */
static void scan_escape(struct json_scan *scan, bool *has_nul)
{
    size_t start = scan->offset;
    int unit = code_unit_at(scan, start);
    if (unit < 0) {
        scan->offset += scan->size - start >= 2 ? 2 : 1;
        return;
    }
    scan->offset += ESCAPE_SIZE;
    bool is_high = unit >= 0xD800 && unit <= 0xDBFF;
    bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    int next = is_high ? code_unit_at(scan, scan->offset) : -1;
    if (next >= 0xDC00 && next <= 0xDFFF) {
        scan->offset += ESCAPE_SIZE;
        return;
    }
    if (unit == 0)
        *has_nul = true;
    if (unit == 0 || is_high || is_low)
        replace(scan, start, ESCAPE_SIZE, "\\ufffd");
}

static bool is_key(const struct json_scan *scan)
{
    size_t i = scan->offset;
    while (i < scan->size && memchr(" \t\r\n", scan->text[i], 4))
        i++;
    return i < scan->size && scan->text[i] == ':';
}

/* Step over a sequence that is no UTF-8. */
static void scan_invalid(struct json_scan *scan)
{
    unsigned size = 0;
    (void)lede_utf8_decode(scan->text, scan->size, scan->offset, &size);
    replace(scan, scan->offset, size, LEDE_UTF8_REPLACEMENT);
    scan->offset += size;
    scan->invalid = lede_utf8_find_invalid(scan->text, scan->size, scan->offset);
}

/* Step over a string's characters, up to its closing quote or the end. */
static void scan_characters(struct json_scan *scan, bool *ret_has_nul)
{
    *ret_has_nul = false;
    if (scan->invalid < scan->offset)
        scan->invalid = lede_utf8_find_invalid(scan->text, scan->size, scan->offset);
    while (scan->offset < scan->size && scan->text[scan->offset] != '"') {
        char c = scan->text[scan->offset];
        if (c == '\\') {
            scan_escape(scan, ret_has_nul);
        } else if (scan->offset == scan->invalid) {
            scan_invalid(scan);
        } else {
            if (c == '\0') {
                replace(scan, scan->offset, 1, LEDE_UTF8_REPLACEMENT);
                *ret_has_nul = true;
            }
            scan->offset++;
        }
    }
    if (scan->offset < scan->size)
        scan->offset++;
}

/* Step over a string; offset is behind its opening quote. An unclosed one is left to jansson. */
static enum lede_status scan_string(struct json_scan *scan, struct lede_error *reterr)
{
    const struct json_scan before = *scan;
    bool has_nul = false;
    scan_characters(scan, &has_nul);
    bool is_plain = scan->replaced == before.replaced;
    if (is_plain || !is_key(scan))
        return LEDE_OK;
    if (has_nul)
        return fail_at(reterr, LEDE_EINPUT, before.offset - 1, "expected a key without NUL");
    if (scan->marks) { /* jansson takes no NUL in a key */
        struct lede_buffer repaired = scan->repaired;
        repaired.size = before.repaired.size;
        *scan = before;
        scan->repaired = repaired;
        scan->marks = false;
        scan_characters(scan, &has_nul);
        scan->marks = true;
    }
    return LEDE_OK;
}

/* Is the key that begins there, and ends before the offset, none of the schema's? */
static bool is_unknown_key(const struct json_scan *scan, size_t start)
{
    enum { KEY_BYTES_MAX = 32 };
    char key[KEY_BYTES_MAX];
    size_t size = 0;
    for (size_t i = start; i < scan->offset - 1; size++) {
        int unit = scan->text[i] == '\\' ? code_unit_at(scan, i) : scan->text[i];
        i += scan->text[i] == '\\' ? ESCAPE_SIZE : 1;
        if (unit <= 0 || unit >= 0x80 || size == KEY_BYTES_MAX)
            return true;
        key[size] = (char)unit;
    }
    return !lede_field_by_key(key, size);
}

static size_t digits(const char *text, size_t size)
{
    size_t count = 0;
    while (count < size && text[count] >= '0' && text[count] <= '9')
        count++;
    return count;
}

/* Is it a number (RFC 8259 section 6) that would not be written again as it came? */
static bool is_delicate(const char *text, size_t size)
{
    enum { DIGITS_SAFE = 18 }; /* of 64 bits */
    size_t i = text[0] == '-';
    size_t whole = digits(text + i, size - i);
    bool has_zero = whole > 0 && text[i] == '0';
    bool is_delicate = whole > DIGITS_SAFE || (has_zero && i > 0);
    if (whole == 0 || (has_zero && whole > 1))
        return false;
    i += whole;
    if (i < size && text[i] == '.') {
        size_t fraction = digits(text + i + 1, size - i - 1);
        i += 1 + fraction;
        is_delicate = true;
        if (fraction == 0)
            return false;
    }
    if (i < size && (text[i] == 'e' || text[i] == 'E')) {
        i += i + 1 < size && (text[i + 1] == '+' || text[i + 1] == '-') ? 2 : 1;
        size_t exponent = digits(text + i, size - i);
        i += exponent;
        is_delicate = true;
        if (exponent == 0)
            return false;
    }
    return is_delicate && i == size;
}

/* Step over a number; offset is behind its first byte. What is none is left to jansson. */
static void scan_number(struct json_scan *scan)
{
    size_t start = scan->offset - 1;
    while (scan->offset < scan->size && strchr("0123456789+-.eE", scan->text[scan->offset]) &&
           scan->text[scan->offset] != '\0')
        scan->offset++;
    size_t size = scan->offset - start;
    if (!scan->is_unknown || !is_delicate(scan->text + start, size) || is_key(scan))
        return;
    lede_buffer_append(&scan->repaired, scan->text + scan->copied, start - scan->copied);
    lede_buffer_append_string(&scan->repaired, LEDE_JSON_NUMBER_MARK);
    lede_buffer_append(&scan->repaired, scan->text + start, size);
    lede_buffer_append_char(&scan->repaired, '"');
    scan->copied = scan->offset;
    scan->numbers++;
    scan->keeps_offsets = false;
}

static enum lede_status scan_text(struct json_scan *scan, struct lede_error *reterr)
{
    size_t depth = 0;
    while (scan->offset < scan->size) {
        char c = scan->text[scan->offset++];
        if (c == '"') {
            size_t start = scan->offset;
            enum lede_status status = scan_string(scan, reterr);
            if (status != LEDE_OK)
                return status;
            if (depth == 1 && scan->keeps_numbers && is_key(scan))
                scan->is_unknown = is_unknown_key(scan, start);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            scan_number(scan);
        } else if (c == '[' || c == '{') {
            if (++depth > LEDE_JSON_DEPTH_MAX)
                return fail_at(
                    reterr, LEDE_EINPUT, scan->offset - 1, "expected at most 64 levels of nesting");
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    if (scan->replaced + scan->numbers == 0)
        return LEDE_OK;
    lede_buffer_append(&scan->repaired, scan->text + scan->copied, scan->size - scan->copied);
    return lede_buffer_status(&scan->repaired) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}
_Static_assert(LEDE_JSON_DEPTH_MAX == 64, "the message above names the limit");

/* jansson reports most failed allocations as no error at all, and one for a string's value as a bad
 * token: a string that is whole (the last byte read is its closing quote) is never one. */
bool lede_json_lacked_memory(const json_error_t *error, const char *text, size_t size)
{
    if (json_error_code(error) == json_error_out_of_memory || error->text[0] == '\0')
        return true;
    static const char *const bad_token[] = {"invalid token", "string or '}' expected"};
    size_t end = error->position > 0 ? (size_t)error->position : 0;
    if (end == 0 || end > size || text[end - 1] != '"')
        return false;
    for (size_t i = 0; i < LEDE_COUNT_OF(bad_token); i++)
        if (strncmp(error->text, bad_token[i], strlen(bad_token[i])) == 0)
            return true;
    return false;
}

static enum lede_status load(const struct json_scan *scan, const char *text, size_t size,
    json_t **ret_json, struct lede_error *reterr)
{
    json_error_t error;
    bool has_nul = scan->marks || scan->numbers > 0;
    size_t flags = JSON_REJECT_DUPLICATES | (has_nul ? JSON_ALLOW_NUL : 0);
    json_t *json = json_loadb(text, size, flags, &error);
    if (json) {
        *ret_json = json;
        return LEDE_OK;
    }
    if (lede_json_lacked_memory(&error, text, size))
        return lede_fail_memory(reterr);
    (void)fail_at(reterr, LEDE_EINPUT, error.position > 0 ? (size_t)error.position : 0, error.text);
    if (reterr && !scan->keeps_offsets) {
        reterr->position = 0;
        reterr->has_position = false;
    }
    /* The text as it came knows the place, unless it stops at a number before it. */
    if (!reterr || scan->numbers == 0 || scan->replaced > 0)
        return LEDE_EINPUT;
    json_auto_t *unused = json_loadb(scan->text, scan->size, flags, &error);
    if (!unused && error.position > 0 && json_error_code(&error) != json_error_numeric_overflow)
        (void)fail_at(reterr, LEDE_EINPUT, (size_t)error.position, error.text);
    return LEDE_EINPUT;
}

static enum lede_status parse(
    struct json_scan *scan, json_t **ret_json, size_t *ret_replaced, struct lede_error *reterr)
{
    scan->invalid = lede_utf8_find_invalid(scan->text, scan->size, 0);
    enum lede_status status = scan_text(scan, reterr);
    if (status == LEDE_OK && scan->replaced + scan->numbers > 0)
        status = load(scan, scan->repaired.data, scan->repaired.size, ret_json, reterr);
    else if (status == LEDE_OK)
        status = load(scan, scan->text, scan->size, ret_json, reterr);
    if (status == LEDE_OK)
        *ret_replaced = scan->replaced;
    lede_buffer_done(&scan->repaired);
    return status;
}

enum lede_status lede_json_parse_counted(const char *text, size_t size, bool marks,
    json_t **ret_json, size_t *ret_replaced, struct lede_error *reterr)
{
    struct json_scan scan = {
        .text = text, .size = size, .marks = marks, .keeps_numbers = true, .keeps_offsets = true};
    return parse(&scan, ret_json, ret_replaced, reterr);
}

enum lede_status lede_json_parse(
    const char *text, size_t size, json_t **ret_json, struct lede_error *reterr)
{
    struct json_scan scan = {.text = text, .size = size, .keeps_offsets = true};
    size_t replaced = 0;
    return parse(&scan, ret_json, &replaced, reterr);
}
