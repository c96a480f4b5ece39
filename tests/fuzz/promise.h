/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is promised of any bytes, as functions that libFuzzer and a unit test call alike. Each
 * prints what broke and aborts. */
#ifndef LEDE_TESTS_FUZZ_PROMISE_H
#define LEDE_TESTS_FUZZ_PROMISE_H

#include <stddef.h>
#include <stdint.h>

/* Say what broke, where, and abort. */
#define PROMISE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            promise_broken(__FILE__, __LINE__, #condition);                                        \
    } while (0)
_Noreturn void promise_broken(const char *file, int line, const char *what);

/* A query parses, prints and parses to the same tree, or says where it does not.
 * data  a byte of options (bit 0 match=any, bit 1 not strict, bit 2 every language), the query */
void promise_of_query(const uint8_t *data, size_t size);
/* Tokens, kept words, sentences and the language of a text.
 * data  a byte that is the language, one of options (bit 0 as a query, bit 1 any language), text */
void promise_of_text(const uint8_t *data, size_t size);
/* Marks and matches.
 * data  a byte that is the language, one of options, a query, a line break, text */
void promise_of_marks(const uint8_t *data, size_t size);

#endif
