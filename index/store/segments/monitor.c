/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor.h"

#include <time.h>

void lede_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void lede_monitor_init(struct lede_monitor *monitor)
{
    pthread_mutex_init(&monitor->mutex, NULL);
    lede_condition_init(&monitor->work);
    lede_condition_init(&monitor->progressed);
    lede_condition_init(&monitor->changed);
    monitor->stopping = false;
}

void lede_monitor_done(struct lede_monitor *monitor)
{
    pthread_mutex_destroy(&monitor->mutex);
    pthread_cond_destroy(&monitor->work);
    pthread_cond_destroy(&monitor->progressed);
    pthread_cond_destroy(&monitor->changed);
}

void lede_monitor_stop(struct lede_monitor *monitor)
{
    pthread_mutex_lock(&monitor->mutex);
    __atomic_store_n(&monitor->stopping, true, __ATOMIC_SEQ_CST);
    pthread_cond_broadcast(&monitor->work);
    pthread_cond_broadcast(&monitor->progressed);
    pthread_cond_broadcast(&monitor->changed);
    pthread_mutex_unlock(&monitor->mutex);
}

bool lede_monitor_is_stopping(const struct lede_monitor *monitor)
{
    return __atomic_load_n(&monitor->stopping, __ATOMIC_SEQ_CST);
}
