/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated news and queries that find it: documents of everything that news has, queries over
 * every operator. */
#ifndef LEDE_TESTS_CORPUS_H
#define LEDE_TESTS_CORPUS_H

#include "lede/buffer.h"
#include "lede/schema.h"

#include <stdint.h>

/* One stream of random numbers: the same from the same seed everywhere. */
struct chance {
    uint64_t state;
};
uint32_t chance_below(struct chance *chance, uint32_t limit); /* 0..limit - 1; limit > 0 */

/* 2023-03-01; documents are published within CORPUS_DAYS of it */
#define CORPUS_FIRST_UTC_S INT64_C(1677628800)
#define CORPUS_DAYS 250

/* Append a document as JSON; id as it is. */
void corpus_append_document(struct lede_buffer *json, const char *id, struct chance *chance);
/* Append a query's text; some have no meaning, and the parser says so. */
void corpus_append_query(struct lede_buffer *text, struct chance *chance);

/* A value that the filter field may have; static. */
const char *corpus_value(enum lede_field_id field, struct chance *chance);

#endif
