/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a copy knows of the server that it follows: written by who follows, told by the API. */
#ifndef LEDE_FOLLOWING_H
#define LEDE_FOLLOWING_H

#include "lede/base.h"

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Before a piece of a log as it is sent: "LDL1". */
#define LEDE_LOG_PIECE_MAGIC UINT32_C(0x314c444c)

struct lede_follow_state {
    char source[256];    /* its address */
    bool is_connected;   /* the last request was answered */
    uint64_t current_ns; /* when all that it showed was last here; monotonic; 0: never yet */
    char fault[192];     /* what the last request failed of; "": it did not */
};

struct lede_following {
    pthread_mutex_t mutex;
    struct lede_follow_state state;
};

/* Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_following_init(struct lede_following *following);
void lede_following_done(struct lede_following *following);
/* Threads: any. */
void lede_follow_state_read(struct lede_following *following, struct lede_follow_state *ret_state);
void lede_follow_state_write(
    struct lede_following *following, const struct lede_follow_state *state);

#ifdef __cplusplus
}
#endif
#endif
