/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one checked parser for figures from outside, and the hashes. */
#include "lede/number.h"

#include "lede/encoding.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* How much of a stranger's text a message quotes. */
#define QUOTED_BYTES_MAX 40

static int quoted_size(size_t size)
{
    return (int)(size < QUOTED_BYTES_MAX ? size : QUOTED_BYTES_MAX);
}

/* Digits to a number; returns how many were read, 0 also where the number is past INT64_MAX. */
static size_t read_digits(const char *text, size_t size, int64_t *ret_value)
{
    int64_t value = 0;
    size_t i = 0;
    for (; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text[i] - '0', &value))
            return 0;
    }
    *ret_value = value;
    return i;
}

enum lede_status lede_parse_int64(const char *text, size_t size, int64_t min, int64_t max,
    int64_t *ret_value, struct lede_error *reterr)
{
    bool negative = size > 0 && text[0] == '-';
    int64_t value = 0;
    size_t digits = read_digits(text + negative, size - negative, &value);
    if (negative)
        value = -value;
    if (digits == 0 || digits + negative != size || value < min || value > max)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a whole number from %lld to %lld, found '%.*s'", (long long)min,
            (long long)max, quoted_size(size), text);
    *ret_value = value;
    return LEDE_OK;
}

enum lede_status lede_parse_decimal(const char *text, size_t size, double min, double max,
    double *ret_value, struct lede_error *reterr)
{
    int64_t whole = 0;
    size_t i = read_digits(text, size, &whole);
    bool any = i > 0;
    double value = (double)whole;
    if (i < size && text[i] == '.') {
        int64_t fraction = 0;
        size_t digits = read_digits(text + i + 1, size - i - 1, &fraction);
        any = any && digits > 0 && digits <= 15;
        if (any)
            value += (double)fraction / pow(10, (double)digits);
        i += 1 + digits;
    }
    if (!any || i != size || value < min || value > max)
        return lede_fail(reterr, LEDE_EINPUT, "expected a number from %g to %g, found '%.*s'", min,
            max, quoted_size(size), text);
    *ret_value = value;
    return LEDE_OK;
}

enum lede_status lede_parse_bool(
    const char *text, size_t size, bool *ret_value, struct lede_error *reterr)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++) {
        if (strlen(words[i]) == size && memcmp(words[i], text, size) == 0) {
            *ret_value = i % 2 == 1;
            return LEDE_OK;
        }
    }
    return lede_fail(
        reterr, LEDE_EINPUT, "expected true or false, found '%.*s'", quoted_size(size), text);
}

struct unit {
    const char *name;
    int64_t factor;
};

/* A number and one of the units; the table ends with a NULL name. */
static bool parse_with_unit(
    const char *text, size_t size, const struct unit *units, int64_t max, int64_t *ret_value)
{
    int64_t number = 0;
    size_t digits = read_digits(text, size, &number);
    if (digits == 0)
        return false;
    for (; units->name; units++) {
        if (strlen(units->name) != size - digits ||
            memcmp(units->name, text + digits, size - digits) != 0)
            continue;
        int64_t value = 0;
        if (__builtin_mul_overflow(number, units->factor, &value) || value > max)
            return false;
        *ret_value = value;
        return true;
    }
    return false;
}

enum lede_status lede_parse_duration_ms(
    const char *text, size_t size, int64_t max_ms, int64_t *ret_ms, struct lede_error *reterr)
{
    static const struct unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000},
        {"h", 3600 * 1000}, {"d", 86400 * 1000}, {"w", INT64_C(7) * 86400 * 1000},
        {"y", INT64_C(365) * 86400 * 1000}, {NULL, 0}};
    if (!parse_with_unit(text, size, units, max_ms, ret_ms))
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a duration such as 500ms, 2s, 12h or 7d, at most %llds, found '%.*s'",
            (long long)(max_ms / 1000), quoted_size(size), text);
    return LEDE_OK;
}

enum lede_status lede_parse_bytes(
    const char *text, size_t size, int64_t max_bytes, int64_t *ret_bytes, struct lede_error *reterr)
{
    static const struct unit units[] = {
        {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL, 0}};
    if (!parse_with_unit(text, size, units, max_bytes, ret_bytes))
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a size such as 65536, 64KiB or 8MiB, at most %lld bytes, found '%.*s'",
            (long long)max_bytes, quoted_size(size), text);
    return LEDE_OK;
}

uint64_t lede_hash64(const void *data, size_t size)
{
    return XXH3_64bits(data, size);
}

void lede_hash128(const void *data, size_t size, unsigned char ret_digest[16])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, size));
    memcpy(ret_digest, canonical.digest, 16);
}

struct lede_hasher {
    XXH3_state_t *state;
};

struct lede_hasher *lede_hasher_new(void)
{
    struct lede_hasher *hasher = calloc(1, sizeof(*hasher));
    if (hasher)
        hasher->state = XXH3_createState();
    if (hasher && hasher->state && XXH3_128bits_reset(hasher->state) == XXH_OK)
        return hasher;
    lede_hasher_free(hasher);
    return NULL;
}

void lede_hasher_add(struct lede_hasher *hasher, const void *data, size_t size)
{
    XXH3_128bits_update(hasher->state, data, size);
}

void lede_hasher_digest(const struct lede_hasher *hasher, unsigned char ret_digest[16])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(hasher->state));
    memcpy(ret_digest, canonical.digest, 16);
}

void lede_hasher_free(struct lede_hasher *hasher)
{
    if (!hasher)
        return;
    XXH3_freeState(hasher->state);
    free(hasher);
}

void lede_hasher_freep(struct lede_hasher **hasher)
{
    lede_hasher_free(*hasher);
    *hasher = NULL;
}

void lede_hash_to_hex(const unsigned char digest[16], char ret_hex[33])
{
    lede_hex_write(digest, 16, ret_hex);
}
