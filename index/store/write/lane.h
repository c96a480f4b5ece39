/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lanes: resolve, apply and commit run in them side by side. A document's lane is a hash of its id,
 * so that lanes never meet. A lane's segments are touched by one thread at a time: its own, or the
 * writer's while that one rests. */
#ifndef LEDE_STORE_LANE_H
#define LEDE_STORE_LANE_H

#include "building.h"
#include "segment_set.h"
#include "stories.h"

#include <semaphore.h>

#define LEDE_LANES_DEFAULT 2

/* The segments that a lane is building: of what the next commit shows, and of a long bulk, which
 * goes on over many commits while lone writes come and go. */
enum lede_building_kind { LEDE_BUILDING_FRESH, LEDE_BUILDING_BULK, LEDE_BUILDINGS };

struct lede_lane {
    struct lede_lanes *lanes;
    uint32_t index;
    struct lede_lane_segments *sealed; /* the segments' own */
    struct lede_building buildings[LEDE_BUILDINGS];
    bool has_deleted; /* something in a sealed segment, uncommitted */
    struct lede_analyzer *analyzer;
    struct lede_language_detector *detector;
    struct lede_operation **operations; /* of the group, this lane's, in order */
    size_t operation_count;
    size_t operation_capacity;
    enum lede_status (*job)(struct lede_lane *lane);
    enum lede_status status; /* of the last job */
    struct lede_error error;
    sem_t start;
    sem_t done;
    pthread_t thread;
    bool has_thread;
    bool stop;
};

/* All of them, and what the writer tells them; read by lanes while a job runs. */
struct lede_lanes {
    struct lede_segments *segments;
    struct lede_stories *stories;
    struct lede_lane *items;
    uint32_t count;
    size_t builder_bytes_max;
    bool replaying;                 /* the journal is replayed */
    bool finishes_bulk;             /* the commit under way ends what bulks are building */
    enum lede_building_kind target; /* where this group's documents go */
};

/* The lane of a document: never another one as long as the store lives. Threads: any. */
uint32_t lede_lane_of(const char *id, size_t id_size, uint32_t lanes);

/* Make segments->lane_count lanes and their threads. Status: OK; EIO; ENOMEM: call done. */
LEDE_CHECKED enum lede_status lede_lanes_init(struct lede_lanes *lanes,
    struct lede_segments *segments, struct lede_stories *stories, struct lede_error *reterr);
void lede_lanes_done(struct lede_lanes *lanes);
/* Run a job in every lane that has operations (all: in every lane), side by side. Returns the first
 * failure. */
LEDE_CHECKED enum lede_status lede_lanes_run(struct lede_lanes *lanes,
    enum lede_status (*job)(struct lede_lane *lane), bool all, struct lede_error *reterr);

/* Give a lane one more operation. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lane_push(
    struct lede_lane *lane, struct lede_operation *operation);
/* Delete a document of a sealed segment, uncommitted. Status: OK; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lane_delete_sealed(struct lede_lane *lane,
    struct lede_sealed_segment *segment, uint32_t docid, struct lede_error *reterr);
/* The version of an id that is being built; NULL: there is none. ret_building may be NULL. */
struct lede_built_document *lede_lane_find_built(
    struct lede_lane *lane, const char *id, size_t id_size, struct lede_building **ret_building);
/* Is memory for what is being built used up in any lane? */
bool lede_lanes_are_full(const struct lede_lanes *lanes);
/* Is anything in a lane uncommitted? */
bool lede_lanes_are_uncommitted(const struct lede_lanes *lanes);
/* Nothing that is being built comes to anything. */
void lede_lanes_drop_buildings(struct lede_lanes *lanes);

#endif
