/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who follows the log, and how far each has come: so much of the journal is kept.
 *
 * followers.json in the data directory has them: {"followers": [{"name", "position", "seen"}]},
 * seen in seconds since 1970. It may be a minute old, which keeps a little more. */
#ifndef LEDE_STORE_FOLLOWERS_H
#define LEDE_STORE_FOLLOWERS_H

#include "lede/replica.h"
#include "write_steps.h"

struct lede_follower {
    char name[LEDE_FOLLOWER_NAME_MAX + 1];
    uint64_t position;  /* from where on it needs the log */
    uint64_t confirmed; /* all before it is on its disk, as it said since the start */
    int64_t seen_utc_s;
};

struct lede_followers {
    const char *directory;      /* the store's */
    struct lede_writer *writer; /* the store's */
    pthread_mutex_t mutex;      /* taken before the monitor's */
    struct lede_follower items[LEDE_FOLLOWERS_MAX];
    size_t count;
    uint64_t written_ns; /* monotonic */
};

/* Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_followers_init(
    struct lede_followers *followers, const char *directory, struct lede_writer *writer);
void lede_followers_done(struct lede_followers *followers);
/* Read the file, if there is one; a damaged one counts as none. */
void lede_followers_load(struct lede_followers *followers);
/* Note that a follower needs the log from a position on.
 * has_it  it has said that it has all before
 * Status: OK; EINPUT no such name; ELIMIT. Threads: any. */
LEDE_CHECKED enum lede_status lede_followers_note(struct lede_followers *followers,
    const char *name, uint64_t position, bool has_it, struct lede_error *reterr);
/* A new history: nobody follows it yet. */
void lede_followers_forget(struct lede_followers *followers);

#endif
