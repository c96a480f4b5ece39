/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LEDE_API_EXPORT_H
#define LEDE_API_EXPORT_H

/* Under way at a time: each keeps a state of the archive, so that what merges replace stays. */
#define LEDE_EXPORTS_MAX 8
/* Hits that are listed at a time: four bytes each. */
#define LEDE_EXPORT_BATCH 65536
/* An order by scores, or of collapsed hits, is ranked at once. */
#define LEDE_EXPORT_RANKED_MAX 1000000
/* A worker's turn writes about so much. */
#define LEDE_EXPORT_PIECE_BYTES ((size_t)128 * 1024)

#endif
