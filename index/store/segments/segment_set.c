/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segment_set.h"

#include <string.h>

enum lede_status lede_segments_init(struct lede_segments *segments, struct lede_monitor *monitor,
    const char *directory, void (*tell)(void *context, uint32_t segment, const char *what),
    void *context)
{
    memset(segments, 0, sizeof(*segments));
    segments->monitor = monitor;
    segments->directory = directory;
    segments->next_number = 1;
    return lede_quarantine_init(&segments->quarantine, monitor, directory, tell, context);
}

void lede_segments_done(struct lede_segments *segments)
{
    for (uint32_t i = 0; i < LEDE_LANES_MAX; i++)
        lede_lane_segments_done(&segments->lanes[i]);
    lede_segment_states_done(&segments->states);
    lede_deletion_list_done(&segments->kept_deletions);
    lede_manifest_done(&segments->manifest);
    lede_quarantine_done(&segments->quarantine);
}

enum lede_status lede_segments_begin(
    struct lede_segments *segments, uint32_t *ret_number, struct lede_error *reterr)
{
    pthread_mutex_lock(&segments->monitor->mutex);
    uint32_t number = segments->next_number++;
    enum lede_status st =
        lede_segment_state_change(&segments->states, number, LEDE_SEGMENT_BUILDING, reterr);
    pthread_mutex_unlock(&segments->monitor->mutex);
    if (st == LEDE_OK)
        *ret_number = number;
    return st;
}

enum lede_status lede_segments_change_state(struct lede_segments *segments, uint32_t number,
    enum lede_segment_state to, struct lede_error *reterr)
{
    pthread_mutex_lock(&segments->monitor->mutex);
    enum lede_status st = lede_segment_state_change(&segments->states, number, to, reterr);
    pthread_mutex_unlock(&segments->monitor->mutex);
    return st;
}

void lede_segments_drop(struct lede_segments *segments, uint32_t number)
{
    /* There is no edge for what a list names: that one stays until a newer list retires it. */
    if (number != 0)
        (void)!lede_segments_change_state(segments, number, LEDE_SEGMENT_RETIRED, NULL);
}
