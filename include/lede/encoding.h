/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text encodings: UTF-8, hexadecimal digits, base64, percent-encoding. Threads: any. */
#ifndef LEDE_ENCODING_H
#define LEDE_ENCODING_H

#include "lede/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- UTF-8 as RFC 3629 has it: shortest forms, no surrogates, at most U+10FFFF ---- */

#define LEDE_UTF8_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

bool lede_utf8_is_valid(const char *text, size_t size);
/* Offset of the first byte at or behind `offset` that begins no character; size: there is none. */
size_t lede_utf8_find_invalid(const char *text, size_t size, size_t offset);
/* Decode the character at text[offset]. Reads nothing at or behind text[size].
 * ret_size  its bytes, or those of the maximal invalid sequence (Unicode Standard, section 3.9,
 *           table 3-8); 0 at the end
 * Returns the code point, -1 where there is none. */
int32_t lede_utf8_decode(const char *text, size_t size, size_t offset, unsigned *ret_size);
/* Write a code point; ret_text has room for four bytes. Returns the size. */
size_t lede_utf8_encode(int32_t code, char *ret_text);
/* The largest character boundary <= offset. text is valid UTF-8. */
size_t lede_utf8_boundary(const char *text, size_t size, size_t offset);
/* Is it a byte inside a character, not its first? */
static inline bool lede_utf8_continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}
/* Bytes of the character at text, of which size > 0 are left. text is valid UTF-8. */
size_t lede_utf8_size(const char *text, size_t size);
/* How many characters? text is valid UTF-8. */
size_t lede_utf8_count(const char *text, size_t size);
/* Copy a text with each maximal invalid sequence replaced by U+FFFD.
 * ret_text      owner: the caller, free(); NUL-terminated
 * ret_replaced  sequences replaced; may be NULL
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_utf8_repair(
    const char *text, size_t size, char **ret_text, size_t *ret_size, size_t *ret_replaced);

/* The character that a byte stands for in Windows-1252, which holds Latin-1's letters at the same
 * places. What is not assigned stays a control character, so that no two bytes become one. */
int32_t lede_windows_1252_decode(unsigned char byte);

/* ---- Hexadecimal digits ---- */

/* What a digit of either case stands for, -1 for what is none. */
int lede_hex_value(char digit);
/* Write 2 * size lower-case digits and a NUL. */
void lede_hex_write(const void *bytes, size_t size, char *ret_digits);
/* The same of a number: 16 digits, the highest first, and a NUL. */
void lede_hex_write_number(uint64_t number, char ret_digits[17]);
/* Read what lede_hex_write() wrote: size lower-case digits. ret_bytes has room for size / 2.
 * Returns false for anything else; some bytes may be written then. */
LEDE_CHECKED bool lede_hex_read(const char *digits, size_t size, void *ret_bytes);

/* ---- Base64: RFC 4648, section 4 ---- */

/* Append bytes in base64, padded. */
void lede_base64_append(struct lede_buffer *buffer, const void *bytes, size_t size);
/* How many bytes do so many characters stand for, at most? */
size_t lede_base64_room(size_t size);
/* Read what lede_base64_append() wrote. ret_bytes has room for lede_base64_room(size).
 * Returns false for anything else, white space and bits behind the end among it; some bytes may be
 * written then. */
LEDE_CHECKED bool lede_base64_read(
    const char *text, size_t size, void *ret_bytes, size_t *ret_size);

/* ---- Percent-encoding ---- */

/* RFC 3986, section 2.3: what stands for itself anywhere in a URI, beside letters and digits. */
#define LEDE_URI_UNRESERVED_MARKS "-._~"

/* Append text with all bytes percent-encoded but letters, digits and those in `marks`. */
void lede_percent_append(
    struct lede_buffer *buffer, const char *text, size_t size, const char *marks);

#ifdef __cplusplus
}
#endif
#endif
