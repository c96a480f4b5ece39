/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers, durations, hashes: the one checked parser for figures from outside. */
#ifndef LEDE_NUMBER_H
#define LEDE_NUMBER_H

#include "lede/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Parse a whole decimal number; nothing may stand before or after it.
 * text, size  borrowed   min, max  inclusive
 * Status: OK; EINPUT ("expected a whole number from 1 to 1000, found 'x'"). Threads: any. */
LEDE_CHECKED enum lede_status lede_parse_int64(const char *text, size_t size, int64_t min,
    int64_t max, int64_t *ret_value, struct lede_error *reterr);

/* Parse a decimal number such as 1.5 (locale-independent, no exponent, no sign). min, max
 * inclusive. */
LEDE_CHECKED enum lede_status lede_parse_decimal(const char *text, size_t size, double min,
    double max, double *ret_value, struct lede_error *reterr);

/* Parse `true` `false` (also yes/no, on/off, 1/0). */
LEDE_CHECKED enum lede_status lede_parse_bool(
    const char *text, size_t size, bool *ret_value, struct lede_error *reterr);

/* Parse a duration: a number and one of ms s m h d w y (`2s`, `500ms`, `7d`); result in
 * milliseconds, 0..max_ms. */
LEDE_CHECKED enum lede_status lede_parse_duration_ms(
    const char *text, size_t size, int64_t max_ms, int64_t *ret_ms, struct lede_error *reterr);

/* Parse a size in bytes: a number, then nothing or KiB MiB GiB (`8MiB`); 0..max_bytes. */
LEDE_CHECKED enum lede_status lede_parse_bytes(const char *text, size_t size, int64_t max_bytes,
    int64_t *ret_bytes, struct lede_error *reterr);

/* XXH3 of bytes, 64 and 128 bits (xxHash 0.8, stable across versions: may be stored). */
uint64_t lede_hash64(const void *data, size_t size);
void lede_hash128(const void *data, size_t size, unsigned char ret_digest[16]);
/* The same of bytes that come in pieces; what lede_hash128() gives of the whole. lede_hasher_new():
 * NULL where there is no memory. */
struct lede_hasher;
struct lede_hasher *lede_hasher_new(void);
void lede_hasher_add(struct lede_hasher *hasher, const void *data, size_t size);
void lede_hasher_digest(const struct lede_hasher *hasher, unsigned char ret_digest[16]);
void lede_hasher_free(struct lede_hasher *hasher);
void lede_hasher_freep(struct lede_hasher **hasher);
/* 32 lower-case hexadecimal digits and a NUL. */
void lede_hash_to_hex(const unsigned char digest[16], char ret_hex[33]);

#ifdef __cplusplus
}
#endif
#endif
