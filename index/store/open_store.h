/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open data directory: its rooms' parts, put together by store.c. */
#ifndef LEDE_STORE_OPEN_STORE_H
#define LEDE_STORE_OPEN_STORE_H

#include "followers.h"
#include "merger.h"
#include "scrub.h"
#include "segment_set.h"
#include "vocabulary.h"
#include "writer.h"

/* Those that a copy is reading; replica/snapshot.c. Guarded by followers.mutex. */
struct lede_open_snapshot {
    char id[LEDE_SNAPSHOT_ID_SIZE]; /* "": none */
    char follower[LEDE_FOLLOWER_NAME_MAX + 1];
    uint64_t read_ns; /* when it was read last; monotonic */
};
#define LEDE_SNAPSHOTS_MAX 2
struct lede_snapshots {
    struct lede_open_snapshot items[LEDE_SNAPSHOTS_MAX];
};

struct lede_store {
    char *directory;
    int lock_fd; /* -1: none */
    bool read_only;
    struct lede_engine *engine;
    struct lede_monitor monitor;
    struct lede_segments segments;
    struct lede_mergers mergers;
    struct lede_writer writer;
    struct lede_scrub scrub;
    struct lede_followers followers;
    struct lede_snapshots snapshots;
    struct lede_vocabulary *vocabulary;
};

/* What would write asks first. Status: OK; EUNSUPPORTED the store was opened for reading only. */
LEDE_CHECKED enum lede_status lede_store_expect_writer(
    const struct lede_store *store, struct lede_error *reterr);
/* The same, of writes of its own: EREADONLY the store is a copy. */
LEDE_CHECKED enum lede_status lede_store_expect_own_writes(
    const struct lede_store *store, struct lede_error *reterr);

#endif
