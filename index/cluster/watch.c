/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A watch is one endless answer of one member. What it is to tell next is known exactly, so that
 * any member can go on: the revision, and how many of its events were told.
 *
 * A line may end within a revision (etcd splits what is large, and says so). Its last event is then
 * held until the next line shows whether its revision goes on; if that never comes, the event is
 * asked for again.
 *
 * A quiet watch says nothing for minutes. After `silence_ms` its member is asked for something
 * that it can only answer together with a majority; if it does not, another member is followed. A
 * member that loses its leader ends its watches by itself. A stream that was silent for longer than
 * etcd lets one be is given up, whatever its member says. */
#include "answers.h"
#include "client.h"
#include "lede/time.h"
#include "requests.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_MS UINT64_C(1000000)
#define RETRY_MS 50
#define RETRY_MS_MAX 1000
/* Progress comes every ten minutes if nothing else does. */
#define SILENCE_NS_MAX (UINT64_C(25) * 60 * 1000 * NS_PER_MS)

struct lede_etcd_watch {
    struct lede_etcd *client;
    struct lede_etcd_channel *stream, *probe; /* the thread's */
    lede_etcd_event_function take;
    void *context;
    char *prefix;
    size_t prefix_size;
    /* Told is everything before `next`, and of `next` that many events. */
    int64_t next;
    size_t told;
    /* Of the stream that is open: events of `next` that come again, and the one that is held. */
    size_t repeated;
    struct lede_etcd_line held; /* its last event; none: count is 0 */
    bool was_heard;
    bool has_ended;
    size_t endpoint;
    atomic_bool stops;
    bool has_thread;
    pthread_t thread;
};

/* ---- Events ---- */

static void tell(struct lede_etcd_watch *watch, struct lede_etcd_event *event, bool is_last)
{
    event->is_last = is_last;
    watch->take(watch->context, event);
    if (event->revision != watch->next)
        watch->told = 0;
    watch->next = is_last ? event->revision + 1 : event->revision;
    watch->told = is_last ? 0 : watch->told + 1;
}

static void end_with(
    struct lede_etcd_watch *watch, enum lede_etcd_event_kind kind, int64_t revision)
{
    struct lede_etcd_event event = {.kind = kind, .revision = revision};
    watch->has_ended = true;
    watch->take(watch->context, &event);
}

/* Was it told already? The stream begins at `next`, of which some events come again. */
static bool is_repeated(struct lede_etcd_watch *watch, const struct lede_etcd_event *event)
{
    if (event->revision < watch->next)
        return true;
    if (event->revision > watch->next || watch->repeated == 0)
        return false;
    watch->repeated--;
    return true;
}

/* An event has come: the held one is known by it to be its revision's last, or not. */
static void tell_held(struct lede_etcd_watch *watch, const struct lede_etcd_event *follower)
{
    if (watch->held.count == 0)
        return;
    struct lede_etcd_event event = watch->held.events[watch->held.count - 1];
    tell(watch, &event, !follower || follower->revision != event.revision);
    lede_etcd_line_done(&watch->held);
}

static void tell_events(struct lede_etcd_watch *watch, struct lede_etcd_line *line)
{
    struct lede_etcd_event *before = NULL; /* new, and not told yet */
    for (size_t i = 0; i < line->count && !atomic_load(&watch->stops); i++) {
        struct lede_etcd_event *event = &line->events[i];
        if (is_repeated(watch, event))
            continue;
        tell_held(watch, event);
        if (before)
            tell(watch, before, before->revision != event->revision);
        before = event;
    }
    if (!line->goes_on)
        tell_held(watch, NULL);
    if (!before)
        return;
    if (!line->goes_on) {
        tell(watch, before, true);
        return;
    }
    watch->held = *line; /* with its memory */
    *line = (struct lede_etcd_line){0};
}

static void tell_progress(struct lede_etcd_watch *watch, int64_t revision)
{
    struct lede_etcd_event event = {.kind = LEDE_ETCD_EVENT_PROGRESS, .revision = revision};
    if (revision < watch->next)
        return; /* it would say what is known */
    watch->next = revision + 1;
    watch->told = 0;
    watch->take(watch->context, &event);
}

/* A line has come. Returns false where the stream is of no use any more. */
static bool take_line(struct lede_etcd_watch *watch, const char *text, size_t size)
{
    struct lede_etcd_line line = {0};
    bool goes_on = lede_etcd_read_line(text, size, &line, NULL) == LEDE_OK;
    if (goes_on && line.compact_revision > 0) {
        end_with(watch, LEDE_ETCD_EVENT_COMPACTED, line.compact_revision);
        goes_on = false;
    }
    goes_on = goes_on && !line.was_cancelled;
    watch->was_heard = watch->was_heard || goes_on;
    if (goes_on && line.count > 0)
        tell_events(watch, &line);
    else if (goes_on && !line.was_created && watch->held.count == 0)
        tell_progress(watch, line.revision);
    lede_etcd_line_done(&line);
    return goes_on;
}

/* ---- Members ---- */

/* Can the member that is followed still answer together with a majority? */
static bool is_well(struct lede_etcd_watch *watch)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    struct lede_buffer from = {0};
    struct lede_etcd_answer answer = {0};
    struct lede_etcd_range range = {
        .key = watch->prefix, .key_size = watch->prefix_size, .is_prefix = true, .keys_only = true};
    lede_etcd_write_range(&body, &range, &from, 0, 1);
    uint64_t until_ns = lede_time_monotonic_ns() + watch->client->silence_ms * NS_PER_MS;
    return lede_buffer_status(&body) == LEDE_OK &&
           lede_etcd_ask(watch->client, watch->probe, watch->endpoint, "/v3/kv/range", &body,
               LEDE_ETCD_READS, until_ns, &answer, NULL) == LEDE_OK;
}

/* Tell what a stream says until it is of no use any more. */
static void follow(struct lede_etcd_watch *watch)
{
    uint64_t heard_ns = lede_time_monotonic_ns();
    for (;;) {
        const char *text = NULL;
        size_t size = 0;
        uint64_t silent_ns = lede_time_monotonic_ns() + watch->client->silence_ms * NS_PER_MS;
        enum lede_status st = lede_etcd_channel_line(watch->stream, silent_ns, &text, &size, NULL);
        if (st == LEDE_ETIMEOUT) {
            bool is_overdue = lede_time_monotonic_ns() - heard_ns > SILENCE_NS_MAX;
            if (!watch->was_heard || watch->held.count > 0 || is_overdue || !is_well(watch))
                return;
            continue;
        }
        if (st == LEDE_ELIMIT)
            end_with(watch, LEDE_ETCD_EVENT_TOO_LARGE, watch->next);
        if (st != LEDE_OK || !take_line(watch, text, size))
            return;
        heard_ns = lede_time_monotonic_ns();
    }
}

static void open_stream(struct lede_etcd_watch *watch)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    char address[LEDE_ETCD_ADDRESS_BYTES_MAX + 16] = "";
    strncat(address, watch->client->endpoints[watch->endpoint], LEDE_ETCD_ADDRESS_BYTES_MAX - 1);
    strncat(address, "/v3/watch", 15);
    watch->repeated = watch->told;
    watch->was_heard = false;
    lede_etcd_line_done(&watch->held);
    lede_etcd_write_watch(&body, watch->prefix, watch->prefix_size, watch->next);
    if (lede_buffer_status(&body) == LEDE_OK &&
        lede_etcd_channel_begin(watch->stream, address, &body, NULL) == LEDE_OK)
        follow(watch);
    lede_etcd_channel_end(watch->stream);
}

static void *run(void *context)
{
    struct lede_etcd_watch *watch = context;
    uint32_t pause_ms = RETRY_MS;
    watch->endpoint = atomic_load(&watch->client->preferred);
    while (!watch->has_ended && !atomic_load(&watch->stops)) {
        open_stream(watch);
        pause_ms = watch->was_heard ? RETRY_MS : 2 * pause_ms;
        pause_ms = pause_ms < RETRY_MS_MAX ? pause_ms : RETRY_MS_MAX;
        watch->endpoint = (watch->endpoint + 1) % watch->client->endpoint_count;
        if (!watch->has_ended && lede_etcd_channel_pause(watch->stream,
                                     lede_time_monotonic_ns() + pause_ms * NS_PER_MS) != LEDE_OK)
            break;
    }
    return NULL;
}

/* ---- Life ---- */

void lede_etcd_watch_free(struct lede_etcd_watch *watch)
{
    if (!watch)
        return;
    atomic_store(&watch->stops, true);
    if (watch->has_thread) {
        lede_etcd_channel_wake(watch->stream);
        lede_etcd_channel_wake(watch->probe);
        pthread_join(watch->thread, NULL);
    }
    lede_etcd_line_done(&watch->held);
    lede_etcd_channel_free(watch->stream);
    lede_etcd_channel_free(watch->probe);
    free(watch->prefix);
    free(watch);
}

void lede_etcd_watch_freep(struct lede_etcd_watch **watch)
{
    lede_etcd_watch_free(*watch);
}

static enum lede_status start(struct lede_etcd_watch *watch, struct lede_error *reterr)
{
    const struct lede_etcd_wire *wire = &watch->client->wire;
    enum lede_status st = lede_etcd_channel_new(wire, &watch->stops, &watch->stream, reterr);
    if (st == LEDE_OK)
        st = lede_etcd_channel_new(wire, &watch->stops, &watch->probe, reterr);
    if (st != LEDE_OK)
        return st;
    if (pthread_create(&watch->thread, NULL, run, watch) != 0)
        return lede_fail(reterr, LEDE_EBUSY, "there is no thread for the watch");
    watch->has_thread = true;
    return LEDE_OK;
}

enum lede_status lede_etcd_watch_open(struct lede_etcd *client, const char *prefix,
    size_t prefix_size, int64_t revision, lede_etcd_event_function take, void *context,
    struct lede_etcd_watch **ret_watch, struct lede_error *reterr)
{
    if (revision < 1)
        return lede_fail(reterr, LEDE_EINPUT, "expected a revision to watch from, found %lld",
            (long long)revision);
    if (prefix_size > LEDE_ETCD_KEY_BYTES_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "expected a prefix of at most %d bytes, found %zu",
            LEDE_ETCD_KEY_BYTES_MAX, prefix_size);
    LEDE_CLEANUP(lede_etcd_watch_freep) struct lede_etcd_watch *watch = calloc(1, sizeof(*watch));
    char *copy = watch ? malloc(prefix_size + 1) : NULL;
    if (!copy)
        return lede_fail_memory(reterr);
    memcpy(copy, prefix, prefix_size);
    watch->client = client;
    watch->prefix = copy;
    watch->prefix_size = prefix_size;
    watch->next = revision;
    watch->take = take;
    watch->context = context;
    enum lede_status st = start(watch, reterr);
    if (st == LEDE_OK)
        *ret_watch = LEDE_TAKE(&watch);
    return st;
}
