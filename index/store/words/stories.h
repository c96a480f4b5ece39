/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which story is a text? The newest documents' sketches, in memory, one table for all lanes.
 *
 * A sketch has LEDE_STORY_BANDS hashes, bands; documents of one story share some with high
 * probability. Each band leads to a bucket of the newest documents that had a value like it, so
 * that however many share a boilerplate, a bounded number is compared. A new text takes the story
 * of the one it resembles most, if enough, else one of its own. Buckets are not tidied when a
 * document goes: what is found there is compared anyhow. All functions may be called from any
 * thread. */
#ifndef LEDE_STORE_STORIES_H
#define LEDE_STORE_STORIES_H

#include "lede/base.h"
#include "lede/story.h"

#define LEDE_STORIES_MAX ((uint32_t)1 << 20) /* documents remembered; 172 bytes each */
#define LEDE_STORIES_BUCKET 32               /* documents of one bucket; the newest stay */

struct lede_stories;

/* limit  documents remembered, 0: LEDE_STORIES_MAX. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_stories_new(
    uint32_t limit, struct lede_stories **ret_stories, struct lede_error *reterr);
void lede_stories_free(struct lede_stories *stories);
/* The story of a new document, or of a new version of one, which keeps its story where it resembles
 * the version before. The table remembers it as the newest; where it cannot grow, the oldest is
 * forgotten for it. Never 0. */
uint64_t lede_stories_assign(struct lede_stories *stories, const char *id, size_t id_size,
    const struct lede_story_sketch *sketch);
/* Remember a document whose story is known. */
void lede_stories_note(struct lede_stories *stories, const char *id, size_t id_size,
    const struct lede_story_sketch *sketch, uint64_t story);
void lede_stories_forget(struct lede_stories *stories, const char *id, size_t id_size);
uint32_t lede_stories_count(struct lede_stories *stories);

#endif
