/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The snapshot of the archive's words, and the thread that renews it. */
#ifndef LEDE_STORE_VOCABULARY_H
#define LEDE_STORE_VOCABULARY_H

#include "lede/lexicon.h"
#include "lede/store.h"

struct lede_segments;
struct lede_vocabulary;

/* segments  borrowed; not looked at before the first get. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_vocabulary_new(struct lede_segments *segments,
    struct lede_vocabulary **ret_vocabulary, struct lede_error *reterr);
/* Stops the thread and waits for it: a build under way ends at its next word. */
void lede_vocabulary_free(struct lede_vocabulary *vocabulary);
/* As lede_store_await_lexicon().
 * revision               of the store now
 * deadline_monotonic_ns  that has passed: there is no waiting
 * Threads: any. */
struct lede_lexicon *lede_vocabulary_get(
    struct lede_vocabulary *vocabulary, uint64_t revision, uint64_t deadline_monotonic_ns);
/* What the lexicon that there is remembers of corrections; all 0 where there is none yet. Wishes
 * for none. Threads: any. */
void lede_vocabulary_stats(
    struct lede_vocabulary *vocabulary, struct lede_cache_stats *ret_corrections);

#endif
