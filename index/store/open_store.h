/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open data directory: its rooms' parts, put together by store.c. */
#ifndef LEDE_STORE_OPEN_STORE_H
#define LEDE_STORE_OPEN_STORE_H

#include "merger.h"
#include "scrub.h"
#include "segment_set.h"
#include "vocabulary.h"
#include "writer.h"

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
    struct lede_vocabulary *vocabulary;
};

/* What would write asks first. Status: OK; EUNSUPPORTED the store was opened for reading only. */
LEDE_CHECKED enum lede_status lede_store_expect_writer(
    const struct lede_store *store, struct lede_error *reterr);

#endif
