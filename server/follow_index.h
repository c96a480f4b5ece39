/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Indexes of sitemaps: what they name is followed as if the caller had named it, within bounds.
 *
 * Its host's own alone, those that changed last, so many an index and so many in all, and an index
 * in an index once. */
#ifndef LEDE_FOLLOW_INDEX_H
#define LEDE_FOLLOW_INDEX_H

#include "follow_sources.h"
#include "lede/buffer.h"

#define LEDE_FOLLOW_MEMBERS_MAX 100      /* of an index */
#define LEDE_FOLLOW_ALL_MEMBERS_MAX 1000 /* of all */
#define LEDE_FOLLOW_LEVELS_MAX 2         /* of indexes above a sitemap */

/* Does a text begin as an index of sitemaps? As a sitemap without news? */
bool lede_follow_is_index(const struct lede_buffer *text);
bool lede_follow_is_newsless(const struct lede_buffer *text);

/* What an index names: [{"url": …, "updated": …}], the last changed first.
 * source       whose answer it is
 * ret_members  owner: the caller
 * ret_left     how many it names besides, of other hosts or too many
 * Status: OK; EINPUT it cannot be read, or stands too deep; ENOMEM. */
LEDE_CHECKED enum lede_status lede_follow_index_read(const struct lede_follow_source *source,
    const struct lede_buffer *text, json_t **ret_members, size_t *ret_left,
    struct lede_error *reterr);

/* Follow what the indexes among the sources name by now, and nothing else that they named. One that
 * has not changed since it was read, as its index says, waits. Pointers into items become invalid.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_follow_index_expand(
    struct lede_follow_sources *sources, struct lede_error *reterr);

#endif
