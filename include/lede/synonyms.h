/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which words stand for each other? A list that people write, line by line:
 *
 *     # places
 *     kyiv, kiev, kiew                  each stands for all
 *     eu => european union              what is left of => stands for what is right of it, too
 *     en: labour, labor                 in documents in English (and of no known language) alone
 *
 * Each side of a comma is one word or several. A word is compared as it is folded; on a line with a
 * language by its stem there, so that `labours` is met, too: but only a form that shares all but
 * the last two bytes of the word that is listed, since "organ" has the stem of "organize".
 *
 * A list is immutable; lede_query_parse() reads it. */
#ifndef LEDE_SYNONYMS_H
#define LEDE_SYNONYMS_H

#include "lede/base.h"
#include "lede/text.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_SYNONYMS_BYTES_MAX ((size_t)4 << 20)
#define LEDE_SYNONYMS_LINE_BYTES_MAX 4096
#define LEDE_SYNONYMS_SPELLINGS_MAX 32 /* of one line */
#define LEDE_SYNONYMS_WORDS_MAX 8      /* of one spelling */

struct lede_synonyms; /* any number of threads may read it */

/* Read a list.
 * text, size    borrowed for the call
 * name          of the file, for messages
 * ret_synonyms  owner: the caller, with one reference; lede_synonyms_unref()
 * Status: OK; EINPUT "name:line: …", what was expected and what was found; ELIMIT; ENOMEM.
 * Threads: one per analyzer. */
LEDE_CHECKED enum lede_status lede_synonyms_read(const char *text, size_t size, const char *name,
    struct lede_analyzer *analyzer, struct lede_synonyms **ret_synonyms, struct lede_error *reterr);

/* References are counted atomically; the last unref frees. NULL is taken. Threads: any. */
struct lede_synonyms *lede_synonyms_ref(struct lede_synonyms *synonyms);
void lede_synonyms_unref(struct lede_synonyms *synonyms);
void lede_synonyms_unrefp(struct lede_synonyms **synonyms);

/* Another number for each list that was read since the program's start, from 1 on; 0 of NULL. */
uint64_t lede_synonyms_revision(const struct lede_synonyms *synonyms);
/* Lines that say something. */
size_t lede_synonyms_line_count(const struct lede_synonyms *synonyms);

#ifdef __cplusplus
}
#endif
#endif
