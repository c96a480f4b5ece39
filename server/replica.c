/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replica.h"

#include "key_file.h"
#include "lede/number.h"
#include "lede/thread.h"
#include "lede/time.h"
#include "replica_fetch.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_MS UINT64_C(1000000)
#define ASK_EVERY_MS 50 /* where nothing is new … */
#define ASK_SOON_MS 5   /* … and where something was just now: for so long */
#define ASK_SOON_FOR_MS 1000
#define RETRY_MS_MIN 100
#define RETRY_MS_MAX 5000
#define SILENCE_S 20
#define NAME_AUTO "auto"

struct lede_replica {
    const struct lede_server_settings *settings;
    struct lede_log *log;
    struct lede_http_client *client;
    char name[LEDE_FOLLOWER_NAME_MAX + 1];
    struct lede_following following;
    struct lede_store *store;
    atomic_bool stops;
    atomic_bool has_new_copy;
    pthread_mutex_t mutex; /* of the rest between two requests */
    pthread_cond_t wakes;
    pthread_t thread;
    bool has_thread;
    struct lede_follow_state state; /* the thread's own, and what was told of it last */
};

static void say(const struct lede_replica *replica, enum lede_log_level level, const char *what,
    const char *why)
{
    if (replica->log)
        lede_log_line(replica->log, level, "%s %s%s%s", what, replica->settings->source,
            why[0] ? ": " : "", why);
}

/* A name that no other copy has: the machine's, and a number of the directory. */
static void make_name(struct lede_replica *replica)
{
    const struct lede_server_settings *settings = replica->settings;
    char host[65] = "", path[PATH_MAX];
    if (strcmp(settings->replica_name, NAME_AUTO) != 0) {
        snprintf(replica->name, sizeof(replica->name), "%s", settings->replica_name);
        return;
    }
    if (gethostname(host, sizeof(host) - 1) != 0)
        host[0] = '\0';
    const char *place = realpath(settings->data, path) ? path : settings->data;
    snprintf(replica->name, sizeof(replica->name), "%s-%08x", host[0] ? host : "copy",
        (unsigned)lede_hash64(place, strlen(place)));
}

static const char *unless_off(const char *value)
{
    return strcmp(value, LEDE_REPLICA_OFF) == 0 ? NULL : value;
}

static enum lede_status make_client(struct lede_replica *replica, struct lede_error *reterr)
{
    const struct lede_server_settings *settings = replica->settings;
    LEDE_CLEANUP(lede_freep) char *key = NULL;
    enum lede_status st = LEDE_OK;
    if (unless_off(settings->source_key))
        st = lede_key_file_read(settings->source_key, &key, reterr);
    if (st == LEDE_OK)
        st = lede_http_client_new(
            settings->source, key, unless_off(settings->source_ca), &replica->client, reterr);
    if (st == LEDE_OK)
        lede_http_client_stop_on(replica->client, &replica->stops, SILENCE_S);
    return st;
}

/* ---- Before the store is open ---- */

/* Nobody awaits signals yet. */
static bool goes_on(void *context, uint64_t bytes_done, uint64_t bytes)
{
    struct lede_replica *replica = context;
    sigset_t pending;
    (void)bytes_done;
    (void)bytes;
    sigemptyset(&pending);
    sigpending(&pending);
    return !replica->stops && !sigismember(&pending, SIGTERM) && !sigismember(&pending, SIGINT);
}

static enum lede_status have_copy(struct lede_replica *replica, struct lede_error *reterr)
{
    const char *directory = replica->settings->data;
    struct lede_copy_place place;
    enum lede_status st = lede_copy_look(directory, &place, reterr);
    if (st != LEDE_OK || place.is_copy)
        return st;
    if (!place.is_empty) {
        st = lede_fail(reterr, LEDE_EEXISTS,
            "'%.200s' has an archive of its own, which no copy takes the place of", directory);
        lede_error_hint(reterr, "name another directory, or none to follow");
        return st;
    }
    say(replica, LEDE_LOG_INFO, "fetching a copy of", "");
    st = lede_replica_fetch_copy(
        replica->client, replica->name, directory, goes_on, replica, reterr);
    if (st == LEDE_OK)
        st = lede_copy_look(directory, &place, reterr);
    if (st == LEDE_OK)
        say(replica, LEDE_LOG_INFO, "has a copy of", "");
    return st;
}

static void replica_freep(struct lede_replica **replica)
{
    lede_replica_free(*replica);
}

enum lede_status lede_replica_new(const struct lede_server_settings *settings, struct lede_log *log,
    struct lede_replica **ret_replica, struct lede_error *reterr)
{
    *ret_replica = NULL;
    if (!unless_off(settings->source))
        return LEDE_OK;
    LEDE_CLEANUP(replica_freep) struct lede_replica *replica = calloc(1, sizeof(*replica));
    if (!replica)
        return lede_fail_memory(reterr);
    replica->settings = settings;
    replica->log = log;
    (void)!lede_following_init(&replica->following); /* glibc needs no memory for it */
    (void)!pthread_mutex_init(&replica->mutex, NULL);
    (void)!lede_condition_init(&replica->wakes);
    snprintf(replica->state.source, sizeof(replica->state.source), "%s", settings->source);
    lede_follow_state_write(&replica->following, &replica->state);
    make_name(replica);
    enum lede_status st = make_client(replica, reterr);
    if (st == LEDE_OK)
        st = have_copy(replica, reterr);
    if (st == LEDE_OK)
        *ret_replica = LEDE_TAKE(&replica);
    return st;
}

struct lede_following *lede_replica_following(struct lede_replica *replica)
{
    return replica ? &replica->following : NULL;
}

/* ---- Following ---- */

/* What changes is told once. */
static void tell(struct lede_replica *replica, const char *fault)
{
    struct lede_follow_state *state = &replica->state;
    if (fault[0] && strncmp(fault, state->fault, sizeof(state->fault) - 2) != 0)
        say(replica, LEDE_LOG_WARNING, "cannot follow", fault);
    else if (!fault[0] && !state->is_connected)
        say(replica, LEDE_LOG_INFO, "follows", "");
    state->is_connected = !fault[0];
    snprintf(state->fault, sizeof(state->fault), "%.190s", fault);
    lede_follow_state_write(&replica->following, state);
}

static bool never_stops(void *context, uint64_t bytes_done, uint64_t bytes)
{
    const struct lede_replica *replica = context;
    (void)bytes_done;
    (void)bytes;
    return !replica->stops;
}

/* What is lacking is not kept any more: a new copy takes the directory's place when it is opened
 * next. What there is goes on being served meanwhile. */
static enum lede_status fetch_anew(struct lede_replica *replica, struct lede_error *reterr)
{
    say(replica, LEDE_LOG_WARNING, "fetching a new copy of", reterr->message);
    enum lede_status st = lede_replica_fetch_copy(
        replica->client, replica->name, replica->settings->data, never_stops, replica, reterr);
    if (st == LEDE_OK) {
        replica->has_new_copy = true;
        replica->stops = true;
        kill(getpid(), SIGUSR1);
    }
    return st;
}

/* One look at the source. ret_has_more: it may have more at once. */
static enum lede_status look(
    struct lede_replica *replica, bool *ret_has_more, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_log_piece_done) struct lede_log_piece piece = {0};
    char history[LEDE_HISTORY_SIZE];
    uint64_t position = 0, revision = 0, asked_ns = lede_time_monotonic_ns();
    bool is_gone = false;
    lede_store_copied_to(replica->store, history, &position, &revision);
    enum lede_status st = lede_replica_ask_log(
        replica->client, replica->name, history, position, &piece, &is_gone, reterr);
    if (is_gone)
        return fetch_anew(replica, reterr);
    if (st == LEDE_OK)
        st = lede_store_apply(replica->store, &piece, reterr);
    *ret_has_more = st == LEDE_OK && piece.frames.size > 0;
    if (st == LEDE_OK && piece.next >= piece.shown)
        replica->state.current_ns = asked_ns;
    return st;
}

static void rest(struct lede_replica *replica, uint64_t ms)
{
    uint64_t until_ns = lede_time_monotonic_ns() + ms * NS_PER_MS;
    pthread_mutex_lock(&replica->mutex);
    while (!replica->stops && lede_condition_wait_until(&replica->wakes, &replica->mutex, until_ns))
        ;
    pthread_mutex_unlock(&replica->mutex);
}

static void *replica_main(void *context)
{
    struct lede_replica *replica = context;
    uint64_t retry_ms = RETRY_MS_MIN, news_ns = 0;
    while (!replica->stops && lede_store_is_copy(replica->store)) {
        struct lede_error error = {0};
        bool has_more = false;
        enum lede_status st = look(replica, &has_more, &error);
        if (replica->stops || !lede_store_is_copy(replica->store))
            break;
        tell(replica, st == LEDE_OK ? "" : error.message);
        if (st != LEDE_OK)
            rest(replica, retry_ms);
        else if (has_more)
            news_ns = lede_time_monotonic_ns();
        else
            rest(replica, lede_time_monotonic_ns() < news_ns + ASK_SOON_FOR_MS * NS_PER_MS
                              ? ASK_SOON_MS
                              : ASK_EVERY_MS);
        retry_ms = st == LEDE_OK ? RETRY_MS_MIN : 2 * retry_ms;
        retry_ms = retry_ms < RETRY_MS_MAX ? retry_ms : RETRY_MS_MAX;
    }
    if (!replica->stops)
        say(replica, LEDE_LOG_INFO, "promoted: no longer follows", "");
    return NULL;
}

enum lede_status lede_replica_start(
    struct lede_replica *replica, struct lede_store *store, struct lede_error *reterr)
{
    replica->store = store;
    if (pthread_create(&replica->thread, NULL, replica_main, replica) != 0)
        return lede_fail(reterr, LEDE_EIO, "cannot start a thread");
    replica->has_thread = true;
    return LEDE_OK;
}

bool lede_replica_has_new_copy(const struct lede_replica *replica)
{
    return replica && replica->has_new_copy;
}

void lede_replica_free(struct lede_replica *replica)
{
    if (!replica)
        return;
    pthread_mutex_lock(&replica->mutex);
    replica->stops = true;
    pthread_cond_broadcast(&replica->wakes);
    pthread_mutex_unlock(&replica->mutex);
    if (replica->has_thread)
        pthread_join(replica->thread, NULL);
    lede_http_client_free(replica->client);
    lede_following_done(&replica->following);
    pthread_cond_destroy(&replica->wakes);
    pthread_mutex_destroy(&replica->mutex);
    free(replica);
}
