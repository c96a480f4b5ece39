/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lede/following.h"

enum lede_status lede_following_init(struct lede_following *following)
{
    *following = (struct lede_following){0};
    return pthread_mutex_init(&following->mutex, NULL) == 0 ? LEDE_OK : LEDE_ENOMEM;
}

void lede_following_done(struct lede_following *following)
{
    pthread_mutex_destroy(&following->mutex);
}

void lede_follow_state_read(struct lede_following *following, struct lede_follow_state *ret_state)
{
    pthread_mutex_lock(&following->mutex);
    *ret_state = following->state;
    pthread_mutex_unlock(&following->mutex);
}

void lede_follow_state_write(
    struct lede_following *following, const struct lede_follow_state *state)
{
    pthread_mutex_lock(&following->mutex);
    following->state = *state;
    pthread_mutex_unlock(&following->mutex);
}
