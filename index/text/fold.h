/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folding, a character at a time, in bounded memory. */
#ifndef LEDE_TEXT_FOLD_H
#define LEDE_TEXT_FOLD_H

#include "chars.h"

/* marks kept on one letter, as Unicode's Stream-Safe Text Format; more are dropped */
#define FOLD_MARKS_MAX 30
#define FOLD_OUT_MAX 512 /* bytes that one call can give */

enum folder_way {
    FOLD_PLAIN,
    FOLD_WRITTEN_OUT, /* ä ö ü å ø as ae oe ue aa oe */
    /* The accents of Latin, Greek and Cyrillic stay, decomposed, and ø ł ß and their like. ı is i
     * still: in capitals nobody can tell. */
    FOLD_WITH_ACCENTS,
};

/* A letter and its marks are held back until the next letter, since marks are reordered and
 * composed. */
struct folder {
    int32_t codes[1 + FOLD_MARKS_MAX];
    size_t count;
    int32_t base;    /* the letter that the next mark belongs to; 0: none */
    bool words_only; /* drop what is no part of a word, such as the spaces that NFKC makes of ﷺ */
    enum folder_way way;
    bool has_umlaut; /* there was one of ä ö ü å ø */
    bool has_accent; /* there was a mark or a letter that FOLD_WITH_ACCENTS keeps */
};

/* Folders are initialised by zeroing, then setting words_only. out has room for FOLD_OUT_MAX bytes.
 * Returns the bytes written: the folded text that is complete now. Threads: any. */
size_t folder_push(struct folder *folder, int32_t code, char *out);
/* Write what is held back. */
size_t folder_finish(struct folder *folder, char *out);

#endif
