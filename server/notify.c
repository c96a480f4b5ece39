/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protocol: sd_notify(3), systemd.service(5), Type=notify-reload of systemd 253. */
#include "notify.h"

#include "lede/http.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>
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

static enum lede_listener_kind kind_of(const char *name)
{
    if (strcmp(name, "redirect") == 0)
        return LEDE_LISTENER_REDIRECT;
    return strcmp(name, "tls") == 0 ? LEDE_LISTENER_TLS : LEDE_LISTENER_PLAIN;
}

enum lede_status lede_notify_inherit(
    struct lede_listeners *ret_listeners, struct lede_error *reterr)
{
    struct lede_listeners listeners = {.count = 0};
    enum lede_status st = LEDE_OK;
    char **names = NULL;
    int count = sd_listen_fds_with_names(1, &names);
    if (count > LEDE_LISTENERS_MAX)
        st = lede_fail(reterr, LEDE_EINPUT, "expected at most %d sockets, found %d",
            LEDE_LISTENERS_MAX, count);
    for (int i = 0; i < count; i++) {
        if (st == LEDE_OK)
            st = lede_http_inherit(SD_LISTEN_FDS_START + i, kind_of(names[i]),
                &listeners.items[listeners.count++], reterr);
        free(names[i]);
    }
    free(names);
    if (st == LEDE_OK && lede_listeners_have(&listeners, LEDE_LISTENER_REDIRECT) &&
        !lede_listeners_have(&listeners, LEDE_LISTENER_TLS))
        st = lede_fail(reterr, LEDE_EINPUT,
            "expected a socket with FileDescriptorName=tls beside that of the redirection");
    if (st == LEDE_OK)
        *ret_listeners = listeners;
    return st;
}
