/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the witness knows of a document: its fields and items as the tokenizer reads them. */
#ifndef LEDE_TESTS_READING_H
#define LEDE_TESTS_READING_H

#include "lede/buffer.h"
#include "lede/highlight.h"
#include "lede/model.h"
#include "witness.h"

struct reading {
    struct lede_arena arena;
    struct lede_document *document;    /* owned */
    struct lede_analyzer *analyzer;    /* borrowed */
    struct lede_match_subject subject; /* what the highlighter is given; list fields joined */
    struct witness_document witness;
};

/* Read a document; fails the test where it is none. analyzer  borrowed until reading_done() */
void reading_init(
    struct reading *reading, const char *json, int64_t now_utc_s, struct lede_analyzer *analyzer);
void reading_done(struct reading *reading);

/* May it be shown at this moment? */
bool reading_is_visible(const struct reading *reading, int64_t now_utc_s);
/* The values of a filter field, each once. Returns how many; values live as long as the reading. */
size_t reading_values(
    const struct reading *reading, const struct lede_field *field, const char *ret_values[64]);

/* Copy the tokens. marked  of each field (LEDE_FIELD_COUNT), a byte for each byte of its text, 1
 *                          where it is marked
 * keep_marked  tokens outside the marks are gone; else those that a mark touches. Owner of memory:
 *              the arena. */
struct witness_document reading_masked(const struct reading *reading, unsigned char *const marked[],
    bool keep_marked, struct lede_arena *arena);

#endif
