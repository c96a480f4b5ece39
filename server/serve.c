/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede serve: start, say so, wait for a signal, stop in good order. */
#include "cli.h"
#include "service.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static sigset_t stop_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

static enum lede_exit serve(
    const struct lede_server_settings *settings, const sigset_t *signals, struct lede_log *log)
{
    struct lede_error error;
    struct lede_service *service = NULL;
    if (lede_service_new(settings, log, &service, &error) != LEDE_OK)
        return lede_complain_error(&error);
    printf("lede: listening on %s\n", lede_service_url(service));
    fflush(stdout);
    int signal_number = 0;
    sigwait(signals, &signal_number);
    lede_log_line(log, LEDE_LOG_INFO, "stopping on %s", strsignal(signal_number));
    /* From here on a second signal does what it does by itself: it ends the process. */
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
    lede_service_free(service);
    return LEDE_EXIT_OK;
}

enum lede_exit lede_command_serve(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_server_settings_done) struct lede_server_settings settings = {0};
    struct lede_error error;
    struct lede_log *log = NULL;
    if (lede_server_settings_load(arguments, &settings, &error) != LEDE_OK)
        return lede_complain_error(&error);
    signal(SIGPIPE, SIG_IGN);
    /* Blocked before the first thread is made, so that this one alone gets them. */
    sigset_t signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (lede_log_new(settings.log_level, &log, &error) != LEDE_OK)
        return lede_complain_error(&error);
    enum lede_exit code = serve(&settings, &signals, log);
    lede_log_free(log);
    return code;
}
