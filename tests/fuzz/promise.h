/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is promised of any bytes, as functions that libFuzzer and a unit test call alike. Each
 * prints what broke and aborts. */
#ifndef LEDE_TESTS_FUZZ_PROMISE_H
#define LEDE_TESTS_FUZZ_PROMISE_H

#include <stddef.h>
#include <stdint.h>

#include "lede/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Say what broke, where, and abort. */
#define PROMISE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            promise_broken(__FILE__, __LINE__, #condition);                                        \
    } while (0)
__attribute__((noreturn)) void promise_broken(const char *file, int line, const char *what);

/* ---- What promises are written with ---- */

/* An input that is taken from its front; behind its end there are zeros. */
struct promise_input {
    const uint8_t *data;
    size_t size;
};
uint8_t promise_take_byte(struct promise_input *input);
uint16_t promise_take_short(struct promise_input *input);
/* The next bytes, at most `most`. */
struct promise_input promise_take(struct promise_input *input, size_t most);

/* A copy in memory of exactly its size, so that a sanitizer sees every read behind it; the second
 * has a NUL there. Owner: the caller, free(). */
char *promise_copy(const uint8_t *data, size_t size);
char *promise_copy_text(const uint8_t *data, size_t size);
/* A directory of this process that is empty at every call; static. It goes with the process. */
const char *promise_directory(void);
void promise_write_file(const char *directory, const char *name, const void *data, size_t size);
/* A refusal says what it is: a message that is UTF-8 where the input was, and a place inside it.
 * size  of the input */
void promise_refusal(const struct lede_error *error, enum lede_status status, size_t size);

/* ---- The promises ---- */

/* A query parses, prints and parses to the same tree, or says where it does not.
 * data  a byte of options (bit 0 match=any, bit 1 not strict, bit 2 every language), the query */
void promise_of_query(const uint8_t *data, size_t size);
/* Tokens, kept words, sentences and the language of a text.
 * data  a byte that is the language, one of options (bit 0 as a query, bit 1 any language), text */
void promise_of_text(const uint8_t *data, size_t size);
/* Marks and matches.
 * data  a byte that is the language, one of options, a query, a line break, text */
void promise_of_marks(const uint8_t *data, size_t size);
/* A document that is taken is stored, read back, and taken again as the same; what is refused says
 * why.
 * data  a byte of options (bit 0: text that is no UTF-8 is refused), the document */
void promise_of_document(const uint8_t *data, size_t size);
/* Of any bytes on the disk both readers of documents see the same one, or say that it is none. */
void promise_of_stored(const uint8_t *data, size_t size);
/* A body comes to the same documents in whatever pieces it arrives, packed or not.
 * data  a byte that is the format, one that is how it is packed, one for the longest document, one
 *       for the size of pieces, the body */
void promise_of_body(const uint8_t *data, size_t size);
/* A file of a format of news comes to the same documents in whatever pieces it arrives, each an
 * object of JSON and within its limit.
 * data  a byte for the size of pieces, one that is the format, the file */
void promise_of_format(const uint8_t *data, size_t size);
/* Of a journal nothing is replayed that was not written, and damage is told.
 * data  a byte of what comes (raw, frames of any content, groups that are damaged), and that */
void promise_of_journal(const uint8_t *data, size_t size);
/* A manifest is read, written and read again as the same, or refused. */
void promise_of_manifest(const uint8_t *data, size_t size);
/* Of a file of places what was written is read; of any bytes places that ascend, or damage is told.
 * data  a byte of what comes (raw, a list of words, the same with bytes changed), and that */
void promise_of_positions(const uint8_t *data, size_t size);
/* A text that is packed unpacks to itself; of any bytes a text comes, or damage is told. */
void promise_of_stored_text(const uint8_t *data, size_t size);
/* A cursor that is written is read; one of which a digit was changed is refused. */
void promise_of_cursor(const uint8_t *data, size_t size);
/* Parameters that are taken make an address that is taken as the same search.
 * data  a byte that is who takes them (bit 7: as JSON), the query string */
void promise_of_parameters(const uint8_t *data, size_t size);
/* A derived key says what was derived, and no other bytes are one; a file of keys is read whole or
 * refused.
 * data  a byte of what comes (a token, what is derived, a file), and that */
void promise_of_key(const uint8_t *data, size_t size);
/* Settings are within their bounds, or the line that is wrong is told. */
void promise_of_settings(const uint8_t *data, size_t size);
/* A list of synonyms is one that queries can be read with, or the line that is wrong is told. */
void promise_of_synonyms(const uint8_t *data, size_t size);
/* No request is served that a strict reading of RFC 9112 does not find in the same bytes.
 * data  what a connection sends */
void promise_of_requests(const uint8_t *data, size_t size);

/* Of any answer of etcd's values come that are within their bounds, or damage is told.
 * data  a byte of what it answers (a transaction, a range, a lease, a watch, an error; base64) */
void promise_of_etcd(const uint8_t *data, size_t size);

struct promise {
    const char *name;
    void (*function)(const uint8_t *data, size_t size);
};
/* All of them; the last has no name. */
extern const struct promise promises[];

#ifdef __cplusplus
}
#endif
#endif
