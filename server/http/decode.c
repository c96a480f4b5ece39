/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Percent-decoding, strictly: what cannot be understood is refused with its place, never guessed
 * at. */
#include "decode.h"

#include "http_limits.h"
#include "lede/encoding.h"

#include <string.h>

/* The byte that text[*at] stands for, *at past it; -1 for a bad escape. */
static int decode_byte(const char *text, size_t size, size_t *at, bool plus_is_space)
{
    char c = text[(*at)++];
    if (c == '+' && plus_is_space)
        return ' ';
    if (c != '%')
        return (unsigned char)c;
    if (size - *at < 2)
        return -1;
    int high = lede_hex_value(text[*at]);
    int low = lede_hex_value(text[*at + 1]);
    if (high < 0 || low < 0)
        return -1;
    *at += 2;
    return high * 16 + low;
}

enum lede_status lede_http_decode(const char *text, size_t size, bool plus_is_space,
    struct lede_arena *arena, const char **ret_text, size_t *ret_size, struct lede_error *reterr)
{
    char *out = lede_arena_alloc(arena, size + 1);
    if (!out)
        return lede_fail_memory(reterr);
    size_t used = 0;
    size_t at = 0;
    while (at < size) {
        int byte = decode_byte(text, size, &at, plus_is_space);
        if (byte < 0)
            return lede_fail(reterr, LEDE_EINPUT, "expected two hexadecimal digits after '%%'");
        if (byte == 0)
            return lede_fail(reterr, LEDE_EINPUT, "a NUL byte is not allowed");
        out[used++] = (char)byte;
    }
    out[used] = '\0';
    if (!lede_utf8_is_valid(out, used))
        return lede_fail(reterr, LEDE_EINPUT, "expected UTF-8");
    *ret_text = out;
    *ret_size = used;
    return LEDE_OK;
}

/* Most parameters this query can have: its separators and one. */
static size_t count_pieces(const char *query, size_t size)
{
    size_t count = 1;
    for (size_t i = 0; i < size; i++)
        count += query[i] == '&';
    return count;
}

static enum lede_status decode_pair(const char *pair, size_t size, struct lede_arena *arena,
    struct lede_http_parameter *ret_parameter, struct lede_error *reterr)
{
    const char *equals = memchr(pair, '=', size);
    size_t name_size = equals ? (size_t)(equals - pair) : size;
    const char *value = equals ? equals + 1 : pair + size;
    struct lede_http_parameter parameter;
    size_t ignored = 0;
    enum lede_status st =
        lede_http_decode(pair, name_size, true, arena, &parameter.name, &ignored, reterr);
    if (st != LEDE_OK)
        return st;
    st = lede_http_decode(value, (size_t)(pair + size - value), true, arena, &parameter.value,
        &parameter.value_size, reterr);
    if (st != LEDE_OK) {
        if (reterr && st == LEDE_EINPUT) {
            size_t shown = strlen(parameter.name);
            while (shown >= sizeof(reterr->param) || !lede_utf8_is_valid(parameter.name, shown))
                shown--;
            memcpy(reterr->param, parameter.name, shown);
            reterr->param[shown] = '\0';
        }
        return st;
    }
    *ret_parameter = parameter;
    return LEDE_OK;
}

enum lede_status lede_http_decode_query(const char *query, size_t size, struct lede_arena *arena,
    const struct lede_http_parameter **ret_parameters, size_t *ret_count, struct lede_error *reterr)
{
    size_t most = size == 0 ? 0 : count_pieces(query, size);
    struct lede_http_parameter *parameters = NULL;
    size_t count = 0;
    if (most > LEDE_HTTP_PARAMETERS_MAX)
        return lede_fail(
            reterr, LEDE_ELIMIT, "expected at most %d parameters", LEDE_HTTP_PARAMETERS_MAX);
    if (most > 0 && !(parameters = lede_arena_calloc(arena, most, sizeof(*parameters))))
        return lede_fail_memory(reterr);
    const char *end = query + size;
    while (query < end) {
        const char *stop = memchr(query, '&', (size_t)(end - query));
        stop = stop ? stop : end;
        if (stop > query) {
            enum lede_status st =
                decode_pair(query, (size_t)(stop - query), arena, &parameters[count], reterr);
            if (st != LEDE_OK)
                return st;
            count++;
        }
        query = stop + 1;
    }
    *ret_parameters = count > 0 ? parameters : NULL;
    *ret_count = count;
    return LEDE_OK;
}
