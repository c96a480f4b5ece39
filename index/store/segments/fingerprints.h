/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is an id surely not in a segment? A Bloom filter over the terms of ids, so that a new document is
 * known as new without reading every segment.
 *
 * Blocked: an id's bits lie in one cache line. With 12 bits an id about one absent id in a hundred
 * is taken for a present one, and looked up. After Putze, Sanders, Singler, "Cache-, hash- and
 * space-efficient Bloom filters" (2007). */
#ifndef LEDE_STORE_FINGERPRINTS_H
#define LEDE_STORE_FINGERPRINTS_H

#include "lede/base.h"

/* A segment of more ids than this has none, and is looked at each time: 48 MiB. */
#define LEDE_FINGERPRINT_IDS_MAX ((size_t)1 << 25)

struct lede_fingerprints;

/* For about `ids` ids; NULL beyond LEDE_FINGERPRINT_IDS_MAX, and where there is no memory. */
struct lede_fingerprints *lede_fingerprints_new(size_t ids);
void lede_fingerprints_free(struct lede_fingerprints *fingerprints);
/* hash  lede_hash64() of the id's term */
void lede_fingerprints_add(struct lede_fingerprints *fingerprints, uint64_t hash);
/* False: it is not there. NULL may have everything. */
bool lede_fingerprints_may_have(const struct lede_fingerprints *fingerprints, uint64_t hash);

#endif
