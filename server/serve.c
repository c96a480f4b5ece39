/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede serve: start, say so, wait for a signal, stop in good order. */
#include "cli.h"
#include "lede/time.h"
#include "notify.h"
#include "service.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)

static sigset_t awaited_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
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

/* A lock that nobody gives back any more is one that this never comes back from: then the service
 * manager starts the program anew. */
static void tell_alive(const struct lede_service *service)
{
    lede_service_touch(service);
    lede_notify_alive();
}

/* The next signal. While none comes, the service manager is told that all is well. */
static int await_signal(const struct lede_service *service, const sigset_t *signals)
{
    uint64_t every_ns = lede_notify_alive_every_ns();
    struct timespec every = {
        .tv_sec = (time_t)(every_ns / NS_PER_S), .tv_nsec = (long)(every_ns % NS_PER_S)};
    for (;;) {
        int signal_number = sigtimedwait(signals, NULL, every_ns > 0 ? &every : NULL);
        if (signal_number > 0)
            return signal_number;
        if (every_ns > 0)
            tell_alive(service);
    }
}

static void reload(
    struct lede_service *service, const struct lede_arguments *arguments, struct lede_log *log)
{
    LEDE_CLEANUP(lede_server_settings_done) struct lede_server_settings settings = {0};
    struct lede_error error;
    lede_notify_reloading();
    enum lede_status st = lede_server_settings_load(arguments, &settings, &error);
    if (st == LEDE_OK)
        st = lede_service_reload(service, &settings, &error);
    if (st != LEDE_OK)
        lede_log_line(log, LEDE_LOG_ERROR, "everything stays as it was: %s%s%s", error.message,
            error.hint[0] ? "; " : "", error.hint);
    lede_notify_ready(st == LEDE_OK ? lede_service_url(service, 0) : error.message);
}

/* Wait for a signal to stop. SIGHUP reads again what can be read again, unless it tells that the
 * terminal is gone. */
static int await_stop(struct lede_service *service, const struct lede_arguments *arguments,
    const sigset_t *signals, struct lede_log *log)
{
    bool had_terminal = has_terminal();
    int signal_number = 0;
    do {
        if (signal_number == SIGHUP)
            reload(service, arguments, log);
        signal_number = await_signal(service, signals);
    } while ((signal_number == SIGHUP && (!had_terminal || has_terminal())) ||
             (signal_number == SIGUSR1 && !lede_service_has_new_copy(service)));
    return signal_number;
}

/* ret_again: a new copy of the server that is followed waits to be served. */
static enum lede_exit serve(const struct lede_arguments *arguments,
    const struct lede_server_settings *settings, const sigset_t *signals, struct lede_log *log,
    bool *ret_again)
{
    struct lede_error error;
    struct lede_service *service = NULL;
    if (lede_service_new(settings, log, &service, &error) != LEDE_OK)
        return lede_complain_error(&error);
    for (size_t i = 0; lede_service_url(service, i); i++)
        printf("lede: listening on %s\n", lede_service_url(service, i));
    fflush(stdout);
    lede_notify_ready(lede_service_url(service, 0));
    int signal_number = await_stop(service, arguments, signals, log);
    *ret_again = signal_number == SIGUSR1;
    if (*ret_again) {
        lede_log_line(log, LEDE_LOG_INFO, "opening a new copy");
        lede_service_free(service);
        return LEDE_EXIT_OK;
    }
    lede_log_line(log, LEDE_LOG_INFO, "stopping on %s", strsignal(signal_number));
    lede_notify_stopping();
    /* From here on a second signal does what it does by itself: it ends the process. */
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
    lede_service_free(service);
    return LEDE_EXIT_OK;
}

static enum lede_exit check(const struct lede_server_settings *settings)
{
    struct lede_error error;
    if (lede_service_check(settings, &error) != LEDE_OK)
        return lede_complain_error(&error);
    printf("the settings are good: data in '%s', listening on", settings->data);
    for (size_t i = 0; i < settings->listen.count; i++) {
        char place[LEDE_LISTENER_TEXT_SIZE];
        lede_listener_format(&settings->listen.items[i], place);
        printf("%s %s", i > 0 ? "," : "", place);
    }
    printf("\n");
    return LEDE_EXIT_OK;
}

/* As often as there is a new copy. A server closes the sockets that it was given: others of the
 * same stay for the next one. */
static enum lede_exit serve_again(const struct lede_arguments *arguments,
    struct lede_server_settings *settings, const sigset_t *signals, struct lede_log *log)
{
    struct lede_listeners *inherited = &settings->inherited;
    enum lede_exit code = LEDE_EXIT_OK;
    bool again = true;
    while (again && code == LEDE_EXIT_OK) {
        int spare[LEDE_LISTENERS_MAX];
        for (size_t i = 0; i < inherited->count; i++)
            spare[i] = fcntl(inherited->items[i].inherited_fd, F_DUPFD_CLOEXEC, 0);
        again = false;
        code = serve(arguments, settings, signals, log, &again);
        for (size_t i = 0; i < inherited->count; i++)
            inherited->items[i].inherited_fd = spare[i];
    }
    for (size_t i = 0; i < inherited->count; i++)
        close(inherited->items[i].inherited_fd);
    return code;
}

enum lede_exit lede_command_serve(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_server_settings_done) struct lede_server_settings settings = {0};
    struct lede_error error;
    struct lede_log *log = NULL;
    if (lede_server_settings_load(arguments, &settings, &error) != LEDE_OK)
        return lede_complain_error(&error);
    if (arguments->check)
        return check(&settings);
    if (lede_notify_inherit(&settings.inherited, &error) != LEDE_OK)
        return lede_complain_error(&error);
    signal(SIGPIPE, SIG_IGN);
    /* Blocked before the first thread is made, so that this one alone gets them. */
    sigset_t signals = awaited_signals();
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (lede_log_new(settings.log_level, &log, &error) != LEDE_OK)
        return lede_complain_error(&error);
    enum lede_exit code = serve_again(arguments, &settings, &signals, log);
    lede_log_free(log);
    return code;
}
