/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON written straight into a buffer: answers are made once and sent once, without a tree in
 * between. */
#ifndef LEDE_API_JSON_OUT_H
#define LEDE_API_JSON_OUT_H

#include "lede/buffer.h"

#include "lede/highlight.h"

/* Append a JSON string with its quotes. text is valid UTF-8; control characters are escaped. */
void lede_json_string(struct lede_buffer *out, const char *text, size_t size);
/* Append "key": — before it a comma unless the object was just opened. */
void lede_json_key(struct lede_buffer *out, const char *key);
/* Append a comma unless the array or object was just opened. */
void lede_json_comma(struct lede_buffer *out);
/* Append key and value. */
void lede_json_member_string(struct lede_buffer *out, const char *key, const char *text);
void lede_json_member_uint(struct lede_buffer *out, const char *key, uint64_t value);
void lede_json_member_bool(struct lede_buffer *out, const char *key, bool value);
/* A number with at most `decimals` digits after the point, whatever the locale. */
void lede_json_member_decimal(struct lede_buffer *out, const char *key, double value, int decimals);
/* Append fragments to a list that is open; as_ranges: as `format=ranges` has them, its text, where
 * it starts, its marks. */
void lede_json_fragments(
    struct lede_buffer *out, const struct lede_highlights *highlights, bool as_ranges);

#endif
