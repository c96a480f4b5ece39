/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far does the number go? */
#ifndef LEDE_TEXT_NUMBERS_H
#define LEDE_TEXT_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

struct number_span {
    size_t size;      /* bytes, with the separators inside */
    bool drop_commas; /* they part groups of three digits */
};

/* The number whose first ASCII digit is text[offset]; looks back at what stands before it. Threads:
 * any. */
struct number_span number_at(const char *text, size_t size, size_t offset);

#endif
