/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede serve: start, say so, wait for a signal, stop in good order. */
#include "cli.h"
#include "service.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static sigset_t awaited_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    return signals;
}

/* Is there a terminal that this was started from? */
static bool has_terminal(void)
{
    int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (terminal >= 0)
        close(terminal);
    return terminal >= 0;
}

/* Wait for a signal to stop. SIGHUP reads again what can be read again, unless it tells that the
 * terminal is gone. */
static int await_stop(struct lede_service *service, const sigset_t *signals)
{
    bool had_terminal = has_terminal();
    int signal_number = 0;
    do {
        if (signal_number == SIGHUP)
            lede_service_reload(service);
        sigwait(signals, &signal_number);
    } while (signal_number == SIGHUP && (!had_terminal || has_terminal()));
    return signal_number;
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
    int signal_number = await_stop(service, signals);
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
    sigset_t signals = awaited_signals();
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (lede_log_new(settings.log_level, &log, &error) != LEDE_OK)
        return lede_complain_error(&error);
    enum lede_exit code = serve(&settings, &signals, log);
    lede_log_free(log);
    return code;
}
