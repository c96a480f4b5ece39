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
    int lock_fd;
    struct lede_engine *engine;
    struct lede_monitor monitor;
    struct lede_segments segments;
    struct lede_mergers mergers;
    struct lede_writer writer;
    struct lede_scrub scrub;
    struct lede_vocabulary *vocabulary;
};

#endif
