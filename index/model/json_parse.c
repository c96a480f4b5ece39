/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON text from a stranger, made safe for jansson.
 *
 * One pass over the bytes, which knows strings and nothing else of the grammar, bounds the depth
 * before any recursion and finds what jansson would refuse for the sake of one bad character: NUL
 * bytes, lone surrogates, invalid UTF-8. Such a text is parsed as a repaired copy; every other text
 * is parsed where it lies. */
#include "lede/encoding.h"
#include "model_internal.h"

#include <string.h>

struct json_scan {
    const char *text;
    size_t size;
    size_t offset;
    size_t copied; /* bytes of the text that are in `repaired`, if there is one */
    struct lede_buffer repaired;
    bool is_repaired;
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

/* Put `with` in the place of text[start, start + size). */
static void replace(struct json_scan *scan, size_t start, size_t size, const char *with)
{
    lede_buffer_append(&scan->repaired, scan->text + scan->copied, start - scan->copied);
    lede_buffer_append_string(&scan->repaired, with);
    scan->copied = start + size;
    scan->is_repaired = true;
    if (strlen(with) != size)
        scan->keeps_offsets = false;
}

/* The code unit of `\uXXXX` at an offset, or -1 where there is none. */
static int code_unit_at(const struct json_scan *scan, size_t offset)
{
    if (scan->size < 6 || offset > scan->size - 6 || scan->text[offset] != '\\' ||
        scan->text[offset + 1] != 'u')
        return -1;
    int unit = 0;
    for (size_t i = 2; i < 6; i++) {
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
    scan->offset += 6;
    bool is_high = unit >= 0xD800 && unit <= 0xDBFF;
    bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    int next = is_high ? code_unit_at(scan, scan->offset) : -1;
    if (next >= 0xDC00 && next <= 0xDFFF) {
        scan->offset += 6;
        return;
    }
    if (unit == 0)
        *has_nul = true;
    if (unit == 0 || is_high || is_low)
        replace(scan, start, 6, "\\ufffd");
}

static bool is_key(const struct json_scan *scan)
{
    size_t i = scan->offset;
    while (i < scan->size && memchr(" \t\r\n", scan->text[i], 4))
        i++;
    return i < scan->size && scan->text[i] == ':';
}

/* Step over a string; offset is behind its opening quote. An unclosed one is left to jansson. */
static enum lede_status scan_string(struct json_scan *scan, struct lede_error *reterr)
{
    size_t start = scan->offset - 1;
    bool has_nul = false;
    while (scan->offset < scan->size && scan->text[scan->offset] != '"') {
        char c = scan->text[scan->offset];
        if (c == '\\') {
            scan_escape(scan, &has_nul);
            continue;
        }
        if (c == '\0') {
            replace(scan, scan->offset, 1, "\xEF\xBF\xBD");
            has_nul = true;
        }
        scan->offset++;
    }
    if (scan->offset < scan->size)
        scan->offset++;
    if (has_nul && is_key(scan))
        return fail_at(reterr, LEDE_EINPUT, start, "expected a key without NUL");
    return LEDE_OK;
}

static enum lede_status scan_text(struct json_scan *scan, struct lede_error *reterr)
{
    size_t depth = 0;
    while (scan->offset < scan->size) {
        char c = scan->text[scan->offset++];
        if (c == '"') {
            enum lede_status status = scan_string(scan, reterr);
            if (status != LEDE_OK)
                return status;
        } else if (c == '[' || c == '{') {
            if (++depth > LEDE_JSON_DEPTH_MAX)
                return fail_at(
                    reterr, LEDE_EINPUT, scan->offset - 1, "expected at most 64 levels of nesting");
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    if (!scan->is_repaired)
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

/* offsets_hold: positions in `text` are positions in what the stranger sent. */
static enum lede_status load(
    const char *text, size_t size, bool offsets_hold, json_t **ret_json, struct lede_error *reterr)
{
    json_error_t error;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (json) {
        *ret_json = json;
        return LEDE_OK;
    }
    if (lede_json_lacked_memory(&error, text, size))
        return lede_fail_memory(reterr);
    (void)fail_at(reterr, LEDE_EINPUT, error.position > 0 ? (size_t)error.position : 0, error.text);
    if (reterr && !offsets_hold) {
        reterr->position = 0;
        reterr->has_position = false;
    }
    return LEDE_EINPUT;
}

enum lede_status lede_json_parse(
    const char *text, size_t size, json_t **ret_json, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *valid = NULL;
    struct json_scan scan = {.text = text, .size = size, .keeps_offsets = true};
    if (!lede_utf8_is_valid(text, size)) {
        if (lede_utf8_repair(text, size, &valid, &scan.size, NULL) != LEDE_OK)
            return lede_fail_memory(reterr);
        scan.text = valid;
        scan.keeps_offsets = false;
    }
    enum lede_status status = scan_text(&scan, reterr);
    if (status == LEDE_OK && scan.is_repaired)
        status = load(scan.repaired.data, scan.repaired.size, scan.keeps_offsets, ret_json, reterr);
    else if (status == LEDE_OK)
        status = load(scan.text, scan.size, scan.keeps_offsets, ret_json, reterr);
    lede_buffer_done(&scan.repaired);
    return status;
}
