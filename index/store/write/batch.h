/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes on their way: operations, in batches. */
#ifndef LEDE_STORE_BATCH_H
#define LEDE_STORE_BATCH_H

#include "journal.h"
#include "lede/store.h"
#include "sealed_segment.h"

/* What a write does to the index. */
enum lede_effect { LEDE_EFFECT_NONE, LEDE_EFFECT_PUT, LEDE_EFFECT_DELETE };

/* Where a version of a document is. */
enum lede_place { LEDE_PLACE_NOWHERE, LEDE_PLACE_BUILDING, LEDE_PLACE_SEALED };

/* One write on its way, and what it came to. */
struct lede_operation {
    struct lede_write write;
    const char *id; /* inside write */
    size_t id_size;
    enum lede_effect effect;
    enum lede_write_outcome outcome;
    struct lede_error *error; /* owned; FAILED */
    char *stored;             /* owned; PUT: the text that is journalled and stored */
    size_t stored_size;
    unsigned char digest[16];         /* of the version after this write, if one exists */
    struct lede_document_order order; /* of the same, where it had to be looked at */
    bool has_order;
    bool exists_after;
    enum lede_place
        place; /* of the version before this write, counting earlier ones of the group */
    struct lede_sealed_segment *sealed_in; /* place SEALED */
    uint32_t sealed_docid;                 /* its number there */
    struct lede_operation *earlier;        /* the newest earlier one of the same id in this group */
};

enum lede_batch_state { LEDE_BATCH_QUEUED, LEDE_BATCH_DONE };

struct lede_batch {
    struct lede_batch *next; /* in the queue, then in its bulk's list */
    struct lede_operation *operations;
    size_t count;
    size_t capacity;
    size_t bytes;
    bool atomic;
    bool last; /* to be committed, so that it can be searched (durable: to last) */
    bool durable;
    bool is_copied; /* of the source's log, up to … */
    struct lede_source_place source;
    bool goes_out; /* to the node of a cluster that resolves it */
    bool builds; /* of a long bulk: its documents go to segments that are built over many groups */
    /* Guarded by the monitor's mutex: */
    enum lede_batch_state state;
    enum lede_status status;
    struct lede_error error;
    uint64_t revision;
    uint64_t position; /* of the journal: all of it is before this */
};

void lede_batch_free(struct lede_batch *batch);
/* Append a write; its contents are taken, whatever the status. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_batch_add(
    struct lede_batch *batch, struct lede_write *write, size_t bytes, struct lede_error *reterr);

#endif
