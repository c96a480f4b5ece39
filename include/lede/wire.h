/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values as bytes that go from one machine to another: numbers of as many bytes as they need, texts
 * with their size before them.
 *
 * What is read is bounded before it is believed. A reader's failure is sticky, as a buffer's is:
 * what is read behind it is 0 or empty, and the one check is lede_wire_status(). */
#ifndef LEDE_WIRE_H
#define LEDE_WIRE_H

#include "lede/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Seven bits a byte, the lowest first; the highest bit of a byte says that more follow (LEB128). */
void lede_wire_put_number(struct lede_buffer *out, uint64_t number);
/* The same of a number that may be negative: 0, -1, 1, -2 … are 0, 1, 2, 3 … */
void lede_wire_put_signed(struct lede_buffer *out, int64_t number);
/* All 64 bits of it, the lowest byte first (IEEE 754). */
void lede_wire_put_double(struct lede_buffer *out, double number);
void lede_wire_put_bytes(struct lede_buffer *out, const void *bytes, size_t size);
/* NULL is told from "". */
void lede_wire_put_text(struct lede_buffer *out, const char *text);

/* Initialised by lede_wire_reader_of(); the bytes are borrowed. Threads: one at a time. */
struct lede_wire_reader {
    const unsigned char *at;
    const unsigned char *end;
    bool failed;
    bool out_of_memory;
};
struct lede_wire_reader lede_wire_reader_of(const void *bytes, size_t size);
/* A number that is more than `max` is a failure. */
uint64_t lede_wire_number(struct lede_wire_reader *reader, uint64_t max);
/* How many things follow, each of `least` bytes at least: more than can be there is a failure, so
 * what is made room for is bounded by what was sent. least > 0 */
size_t lede_wire_count(struct lede_wire_reader *reader, size_t max, size_t least);
int64_t lede_wire_signed(struct lede_wire_reader *reader);
bool lede_wire_bool(struct lede_wire_reader *reader);
/* What is not a number, or infinite, is a failure. */
double lede_wire_double(struct lede_wire_reader *reader);
/* Borrowed; not NUL-terminated, may hold NUL; never NULL. */
const char *lede_wire_bytes(struct lede_wire_reader *reader, size_t max, size_t *ret_size);
/* Copied into the arena, NUL-terminated; UTF-8 without NUL, else it is a failure. ret_size may be
 * NULL. NULL is returned for what was NULL, and after a failure. */
const char *lede_wire_text(
    struct lede_wire_reader *reader, size_t max, struct lede_arena *arena, size_t *ret_size);
/* An array in the arena, zeroed; NULL after a failure, or where there is no memory. */
void *lede_wire_array(
    struct lede_wire_reader *reader, size_t count, size_t size, struct lede_arena *arena);
/* CRC-32 (ISO 3309) of bytes: it sees damage, and nobody's intent. */
uint32_t lede_wire_checksum(const void *bytes, size_t size);
/* Call it a failure. */
void lede_wire_refuse(struct lede_wire_reader *reader);
/* Status: OK all was read, to the end; EINPUT; ENOMEM. what  for the message: "a search" */
LEDE_CHECKED enum lede_status lede_wire_end(
    const struct lede_wire_reader *reader, const char *what, struct lede_error *reterr);
/* The same, where more may follow. */
LEDE_CHECKED enum lede_status lede_wire_status(
    const struct lede_wire_reader *reader, const char *what, struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
