/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What waits for the writer: batches of long bulks, and those of lone writes, which go first. All
 * with the monitor's mutex held. */
#ifndef LEDE_STORE_WRITE_QUEUE_H
#define LEDE_STORE_WRITE_QUEUE_H

#include "batch.h"

#ifndef LEDE_GROUP_BYTES_MAX
#define LEDE_GROUP_BYTES_MAX ((size_t)1 << 20) /* batches that the writer takes together */
#endif

struct lede_write_queue {
    struct lede_batch *bulk_first;
    struct lede_batch **bulk_end;
    struct lede_batch *express_first;
    struct lede_batch **express_end;
    bool express_had_turn; /* then the others have one */
    size_t writes;         /* in all batches */
};

/* Batches that are taken together. */
struct lede_write_group {
    struct lede_batch *first;
    bool wants_commit;
    bool wants_sync;
    bool builds;                  /* of long bulks */
    bool ends_bulk;               /* what bulks are building is to be committed, too */
    struct lede_source_place out; /* where a cluster has committed it; position 0: nowhere */
};

/* Which batches may be taken now: more segments than merging keeps up with make bulks rest, and
 * past more of them lone writes, too. */
struct lede_write_turns {
    bool bulk;
    bool express;
};

void lede_write_queue_init(struct lede_write_queue *queue);
/* batch  taken; given back by its group */
void lede_write_queue_push(
    struct lede_write_queue *queue, struct lede_batch *batch, bool is_express);
bool lede_write_queue_has(const struct lede_write_queue *queue, struct lede_write_turns turns);
/* Take batches up to LEDE_GROUP_BYTES_MAX; an atomic or a copied one alone. Lone writes go
 * first, but not twice while others wait. It has some. */
struct lede_write_group lede_write_queue_take(
    struct lede_write_queue *queue, struct lede_write_turns turns);

#endif
