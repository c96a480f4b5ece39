/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Are two words one name, written by the rules of two languages? Zelensky, Zelenskyy, Selenskyj.
 *
 * A fold has a capital for each sound of consonants, whatever letters languages write it with, and
 * small letters for vowels. Two folds are one name where their consonants (and the kind of vowel
 * that they begin with) are the same, three at least, and their vowels differ little. The rules are
 * stated in index/text/names.c; tests/data/names.txt has what they were measured on. */
#ifndef LEDE_NAMES_H
#define LEDE_NAMES_H

#include "lede/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_NAME_BYTES_MAX 32 /* of a word; longer ones have no fold */
#define LEDE_NAME_FOLD_MAX (2 * LEDE_NAME_BYTES_MAX)

/* The fold of a folded word of Latin letters.
 * ret_fold  room for LEDE_NAME_FOLD_MAX + 1 bytes; NUL-terminated
 * Returns its size; 0: the word has none. Threads: any, here and below. */
size_t lede_name_fold(const char *word, size_t size, char *ret_fold);
/* Do two folds stand for one name? */
bool lede_name_is_same(const char *fold, const char *other);
/* What folds of one name have in common: equal for all of them, and seldom for others. */
uint32_t lede_name_key(const char *fold);
/* The letters that a word with this fold's key can begin with; static. */
const char *lede_name_initials(const char *fold);

#ifdef __cplusplus
}
#endif
#endif
