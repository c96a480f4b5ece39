/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a stream that a reader holds while it looks at them. Where the stream is damaged, what
 * came before is given first. */
#ifndef LEDE_IMPORT_HELD_H
#define LEDE_IMPORT_HELD_H

#include "format.h"

struct lede_held {
    lede_read_function read;
    void *context;
    struct lede_buffer buffer;
    size_t start;  /* buffer.data[start, buffer.size) is held */
    uint64_t line; /* 1-based, of the first byte held */
    bool has_ended;
    bool is_broken; /* it has ended because read failed with EINPUT */
    struct lede_error broken;
};

void lede_held_begin(struct lede_held *held, const struct lede_format_input *input);
void lede_held_done(struct lede_held *held);
/* What is held: never NULL, NUL-terminated behind its size; valid until the next call. */
const char *lede_held_text(const struct lede_held *held);
size_t lede_held_size(const struct lede_held *held);
/* Read once more. Status: OK, also at the end: has_ended; what read gave, but EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_held_fill(struct lede_held *held, struct lede_error *reterr);
/* Read until `size` bytes are held or the stream has ended. Status: as lede_held_fill(). */
LEDE_CHECKED enum lede_status lede_held_want(
    struct lede_held *held, size_t size, struct lede_error *reterr);
/* Read all. Status: as lede_held_fill(); ELIMIT there is more than bytes_max. */
LEDE_CHECKED enum lede_status lede_held_all(
    struct lede_held *held, size_t bytes_max, struct lede_error *reterr);
/* Use up the first `size` bytes. Lines are counted where they matter. */
void lede_held_consume(struct lede_held *held, size_t size);

/* The text of a stream without a charset of its own word: what is no UTF-8 is Windows-1252, whose
 * letters are Latin-1's. Appended to out, whose failure is sticky. */
void lede_held_append_utf8(struct lede_buffer *out, const char *text, size_t size);

/* One item: a document, made of `made`; or one that is lost, and why. */
void lede_held_give(
    struct lede_import_item *ret_item, const struct lede_buffer *made, uint64_t line);
void lede_held_lose(struct lede_import_item *ret_item, const struct lede_error *why, uint64_t line);

#endif
