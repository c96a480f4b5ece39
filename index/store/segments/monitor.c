/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor.h"

enum lede_status lede_monitor_init(struct lede_monitor *monitor)
{
    pthread_cond_t *const conditions[] = {&monitor->work, &monitor->progressed, &monitor->changed};
    monitor->stopping = false;
    pthread_mutex_init(&monitor->mutex, NULL);
    for (size_t i = 0; i < LEDE_COUNT_OF(conditions); i++) {
        if (lede_condition_init(conditions[i]) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
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
