/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scanner of JSON as it is stored: compact, bounded in depth, every byte looked at once. */
#ifndef LEDE_MODEL_STORED_SCAN_H
#define LEDE_MODEL_STORED_SCAN_H

#include "lede/stored.h"

struct stored_scan {
    const char *text;
    size_t size;
    size_t at;
    /* Of what was passed since they were set to zero: */
    size_t string_count;
    size_t escaped_bytes; /* of strings with escapes, quotes included */
    bool has_other;       /* anything but strings, and a list of them at the top */
};

/* Step over a string, with its quotes. Returns false where there is none. */
bool stored_scan_string(struct stored_scan *scan);
/* Step over any value. */
bool stored_scan_value(struct stored_scan *scan);
/* Step over one character. */
bool stored_scan_char(struct stored_scan *scan, char c);
char stored_scan_peek(const struct stored_scan *scan);

#endif
