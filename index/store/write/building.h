/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment that is being built of what was written last.
 *
 * Nobody sees it until it is committed, and until then what it replaces in sealed segments stays. A
 * builder can neither be read nor changed, so that its ids and digests are kept here; what is
 * replaced or deleted in it meanwhile is deleted when it is committed. What of it is lost in a
 * crash is in the journal. */
#ifndef LEDE_STORE_BUILDING_H
#define LEDE_STORE_BUILDING_H

#include "batch.h"
#include "lede/table.h"
#include "segment_set.h"

/* What a document replaces, when it is committed. */
struct lede_replaced {
    struct lede_sealed_segment *segment; /* it is deleted there; NULL: nothing */
    uint32_t docid;
};

/* A document of a segment that is being built; its number is its index and one. */
struct lede_built_document {
    size_t id; /* offset in ids */
    unsigned char digest[16];
    struct lede_document_order order;
    struct lede_replaced replaces;
    bool gone; /* deleted or replaced since */
};

struct lede_building {
    struct lede_builder *builder; /* NULL: there is none */
    uint32_t number;
    struct lede_buffer ids; /* NUL-terminated, one after the other */
    struct lede_built_document *documents;
    size_t count;
    size_t gone; /* of them */
    size_t capacity;
    struct lede_table numbers;            /* each id's newest; its index in documents */
    struct lede_sealed_segment *finished; /* not committed yet */
};

/* The newest document of an id that is not gone; NULL: there is none. */
struct lede_built_document *lede_building_find(
    const struct lede_building *building, const char *id, size_t id_size);
/* Add a version; a builder is begun with the first. Status: as lede_builder_new(),
 * lede_builder_add(). */
LEDE_CHECKED enum lede_status lede_building_add(struct lede_building *building,
    struct lede_segments *segments, const struct lede_operation *operation,
    const struct lede_entry *entry, struct lede_error *reterr);
/* Say what the document that was added last replaces. */
void lede_building_replaces(struct lede_building *building, struct lede_replaced replaced);
/* Take a document out; returns what it would have replaced. */
struct lede_replaced lede_building_take_out(
    struct lede_building *building, struct lede_built_document *document);
/* Seal it, as `finished`; where nothing of it is left it is dropped. make_last: much is synced now,
 * rather than when the list is written. Status: as lede_builder_finish(),
 * lede_sealed_segment_open(), lede_sealed_segment_make_last(). */
LEDE_CHECKED enum lede_status lede_building_finish(struct lede_building *building,
    struct lede_segments *segments, uint32_t lane, bool make_last, struct lede_error *reterr);
/* Free all of it. Zeroed afterwards. */
void lede_building_done(struct lede_building *building);
/* The same, and no segment comes of it. */
void lede_building_drop(struct lede_building *building, struct lede_segments *segments);

#endif
