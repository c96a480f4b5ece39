/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protocol: sd_notify(3), systemd.service(5), Type=notify-reload of systemd 253. */
#include "notify.h"

#include "lede/time.h"

#include <systemd/sd-daemon.h>

void lede_notify_ready(const char *status)
{
    (void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void lede_notify_reloading(void)
{
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
        (unsigned long long)(lede_time_monotonic_ns() / 1000));
}

void lede_notify_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}

void lede_notify_alive(void)
{
    (void)sd_notify(0, "WATCHDOG=1");
}

uint64_t lede_notify_alive_every_ns(void)
{
    uint64_t us = 0;
    return sd_watchdog_enabled(0, &us) > 0 ? us * 1000 / 2 : 0;
}
