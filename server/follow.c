/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede follow: feeds and news sitemaps as they change, and directories as files come, to a server.
 *
 * What was answered of documents is stored; then where a source stands is kept. So a kill in
 * between asks once more, and finds everything unchanged. */
#include "asking.h"
#include "feed_client.h"
#include "follow_index.h"
#include "import_batch.h"
#include "import_store.h"
#include "lede/import.h"
#include "lede/number.h"
#include "lede/time.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE "lede-follow.json"
#define INTERVAL_S 900
#define DAY_S INT64_C(86400)
#define FAILED_S_MAX DAY_S /* between two looks at what fails */
#define HOST_PAUSE_S 1     /* between two looks at one host */
#define SERVER_PAUSE_S 60  /* where our server does not take what was found */
#define SLEEP_MS_MAX 1000  /* a signal just before it is seen then */

static volatile sig_atomic_t is_stopped;

static void on_stop(int signal_number)
{
    (void)signal_number;
    is_stopped = 1;
}

struct follow {
    const char *state;
    struct lede_asking asking;
    struct lede_follow_sources sources;
    struct lede_feed_client *feeds;
    struct lede_import_batch batch;
    int notify; /* inotify's; -1: no directory is watched */
    bool has_failed;
};

static void follow_done(struct follow *follow)
{
    lede_import_batch_done(&follow->batch);
    lede_feed_client_free(follow->feeds);
    lede_follow_sources_done(&follow->sources);
    lede_asking_done(&follow->asking);
    if (follow->notify >= 0)
        close(follow->notify);
}

/* ---- From a stream to the server ---- */

static void reject(struct lede_import_report *report, const char *name, uint64_t line,
    const struct lede_error *error)
{
    const struct lede_reject reject = {.file = name, .line = line, .detail = error->message};
    report->failed++;
    lede_import_report_reject(report, &reject);
}

static enum lede_status post(
    struct follow *follow, struct lede_import_report *report, struct lede_error *reterr)
{
    return lede_import_batch_post(&follow->batch, follow->asking.client, report, reterr);
}

/* Everything in a stream is on the server when this returns OK, or told. name: for people. */
static enum lede_status take_stream(struct follow *follow, const char *name,
    const struct lede_splitter_options *options, struct lede_import_report *report,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    enum lede_status st = lede_splitter_new(options, &splitter, reterr);
    for (bool more = true; st == LEDE_OK && more && !is_stopped;) {
        struct lede_import_item item;
        struct lede_error why = {0};
        st = lede_splitter_next(splitter, &item, &more, &why);
        if (st == LEDE_EAGAIN) {
            st = LEDE_OK;
        } else if (st == LEDE_EINPUT || st == LEDE_ELIMIT || st == LEDE_EIO) {
            reject(report, name, lede_splitter_line(splitter), &why);
            st = LEDE_OK;
            more = false;
        } else if (st != LEDE_OK) {
            return lede_fail(reterr, st, "%s", why.message);
        } else if (more && item.status != LEDE_OK) {
            reject(report, name, item.line, &item.error);
        } else if (more) {
            st = lede_import_batch_add(
                &follow->batch, name, item.line, item.text, item.size, reterr);
            if (st == LEDE_OK && follow->batch.body.size >= LEDE_IMPORT_BATCH_BYTES)
                st = post(follow, report, reterr);
        }
    }
    if (st == LEDE_OK && is_stopped)
        return lede_fail(reterr, LEDE_ESTOPPED, "stopped");
    return st == LEDE_OK ? post(follow, report, reterr) : st;
}

/* What a look brought, unless that is nothing. */
static void tell(struct follow *follow, const char *name, const struct lede_import_report *report)
{
    uint64_t unchanged = report->unchanged + report->older;
    follow->has_failed = follow->has_failed || report->failed > 0;
    if (report->created + report->updated + report->failed == 0)
        return;
    printf("%s: %llu new, %llu changed, %llu unchanged, %llu refused\n", name,
        (unsigned long long)report->created, (unsigned long long)report->updated,
        (unsigned long long)unchanged, (unsigned long long)report->failed);
    fflush(stdout);
}

/* ---- Feeds ---- */

/* A page that says "not found" or asks for a login with 200 is no news. */
static bool is_page(const struct lede_feed_answer *answer)
{
    static const char *const roots[] = {"<rss", "<feed", "<rdf:RDF", "<urlset", "<sitemapindex"};
    size_t size = answer->body.size < 4096 ? answer->body.size : 4096;
    bool is_feed = false;
    for (size_t i = 0; i < LEDE_COUNT_OF(roots); i++)
        is_feed = is_feed ||
                  (size > 0 && memmem(answer->body.data, size, roots[i], strlen(roots[i])) != NULL);
    return answer->media_type && strcasecmp(answer->media_type, "text/html") == 0 && !is_feed;
}

static int64_t wait_s(
    const struct lede_follow_source *source, const struct lede_feed_answer *answer)
{
    uint32_t doublings = source->failures < 16 ? source->failures : 16;
    int64_t wait = source->interval_s << doublings;
    if (source->failures > 0 && wait > FAILED_S_MAX)
        wait = source->interval_s > FAILED_S_MAX ? source->interval_s : FAILED_S_MAX;
    int64_t asked = answer->retry_after_s < FAILED_S_MAX ? answer->retry_after_s : FAILED_S_MAX;
    return wait > asked ? wait : asked;
}

static void keep(char **place, char **value)
{
    free(*place);
    *place = LEDE_TAKE(value);
}

/* What an index names is asked next. */
static enum lede_status take_index(struct lede_follow_source *source,
    const struct lede_feed_answer *answer, struct lede_error *reterr)
{
    json_t *members = NULL;
    size_t left = 0;
    enum lede_status st = lede_follow_index_read(source, &answer->body, &members, &left, reterr);
    if (st != LEDE_OK)
        return st;
    if (left > 0)
        (void)lede_complain("%s: of the sitemaps that it names %zu are followed, and %zu are not, "
                            "older or other hosts' ones",
            source->place, json_array_size(members), left);
    json_decref(source->members);
    source->members = members;
    return LEDE_OK;
}

/* Take what it has. Status: as take_stream(). */
static enum lede_status take_body(struct follow *follow, struct lede_follow_source *source,
    const struct lede_feed_answer *answer, struct lede_import_report *report,
    struct lede_error *reterr)
{
    struct lede_memory_source memory = {.data = answer->body.data, .size = answer->body.size};
    const struct lede_splitter_options options = {.path = source->place,
        .media_type = answer->media_type,
        .read = lede_memory_source_read,
        .context = &memory};
    if (!source->index || !lede_follow_is_newsless(&answer->body))
        return take_stream(follow, source->place, &options, report, reterr);
    if (!source->was_told_newsless)
        (void)lede_complain("%s: it is a sitemap without news, and passed over", source->place);
    source->was_told_newsless = true;
    return LEDE_OK;
}

/* Take the answer over. Status: OK; EIO and EINPUT it failed, for this time; others are the
 * server's of ours. */
static enum lede_status take_answer(struct follow *follow, struct lede_follow_source *source,
    struct lede_feed_answer *answer, struct lede_import_report *report, struct lede_error *reterr)
{
    if (answer->status == 410) {
        source->is_gone = true;
        (void)lede_complain("%s: it is gone for good (410), and asked no more", source->place);
        return LEDE_OK;
    }
    if (answer->status != 200 && answer->status != 304)
        return lede_fail(reterr, LEDE_EIO, "it answered %ld", answer->status);
    if (answer->moved_to) {
        (void)lede_complain("%s: it has moved to %s for good", source->place, answer->moved_to);
        keep(&source->address, &answer->moved_to);
    }
    if (answer->status == 304)
        return LEDE_OK;
    if (is_page(answer))
        return lede_fail(reterr, LEDE_EINPUT, "expected a feed, found a page");
    bool is_index = lede_follow_is_index(&answer->body);
    enum lede_status st = is_index ? take_index(source, answer, reterr)
                                   : take_body(follow, source, answer, report, reterr);
    if (st != LEDE_OK)
        return !is_index && (st == LEDE_EIO || st == LEDE_EINPUT) ? LEDE_EBUSY : st;
    if (!is_index) {
        json_decref(source->members);
        source->members = NULL;
    }
    keep(&source->etag, &answer->etag);
    keep(&source->modified, &answer->modified);
    return LEDE_OK;
}

/* What an index says has not changed since is looked at once a day all the same. */
static enum lede_status note_read(struct lede_follow_source *source, struct lede_error *reterr)
{
    if (!source->changed)
        return LEDE_OK;
    char *read = strdup(source->changed);
    if (!read)
        return lede_fail_memory(reterr);
    keep(&source->read, &read);
    return LEDE_OK;
}

/* Look at a feed once. Status: OK, also where that failed, which is told; what our own server or
 * the state gave. */
static enum lede_status look_at_feed(
    struct follow *follow, struct lede_follow_source *source, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_feed_answer_done) struct lede_feed_answer answer = {0};
    struct lede_import_report report = {0};
    struct lede_error why = {0};
    const char *address = source->address ? source->address : source->place;
    enum lede_status st =
        lede_feed_get(follow->feeds, address, source->etag, source->modified, &answer, &why);
    if (is_stopped)
        return LEDE_OK;
    if (st == LEDE_OK)
        st = take_answer(follow, source, &answer, &report, &why);
    bool is_feeds = st == LEDE_EIO || st == LEDE_EINPUT || st == LEDE_ELIMIT;
    if (st != LEDE_OK && !is_feeds)
        return lede_fail(reterr, st, "%s", why.message);
    if (!is_feeds)
        st = note_read(source, reterr);
    if (st == LEDE_ENOMEM)
        return st;
    source->failures = is_feeds ? source->failures + 1 : 0;
    int64_t wait = wait_s(source, &answer);
    if (!is_feeds && source->changed && wait < DAY_S)
        wait = DAY_S;
    source->next_utc_s = lede_time_now_utc_s() + wait;
    if (is_feeds)
        (void)lede_complain(
            "%s: %s; asked again in %lld s", source->place, why.message, (long long)wait);
    follow->has_failed = follow->has_failed || is_feeds;
    tell(follow, source->place, &report);
    return lede_follow_sources_save(&follow->sources, source, follow->state, reterr);
}

/* ---- Directories ---- */

/* What tells a file from what it was. */
static json_t *trace_of(const struct stat *facts)
{
    return json_sprintf("%lld.%09ld:%lld", (long long)facts->st_mtim.tv_sec, facts->st_mtim.tv_nsec,
        (long long)facts->st_size);
}

static enum lede_status take_file(
    struct follow *follow, const char *path, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_file_source_freep) struct lede_file_source *file = NULL;
    LEDE_CLEANUP(lede_charset_reader_freep) struct lede_charset_reader *reader = NULL;
    struct lede_import_report report = {0};
    struct lede_error why = {0};
    enum lede_status st = lede_file_source_open(path, &file, &why);
    if (st == LEDE_OK)
        st = lede_charset_reader_new(NULL, lede_file_source_read, file, &reader, &why);
    if (st == LEDE_EIO || st == LEDE_ENOTFOUND) { /* it has gone, or may not be read */
        reject(&report, path, 1, &why);
        tell(follow, path, &report);
        return LEDE_OK;
    }
    const struct lede_splitter_options options = {.format = lede_import_format_of(path),
        .path = path,
        .read = lede_charset_reader_read,
        .context = reader};
    if (st == LEDE_OK)
        st = take_stream(follow, path, &options, &report, &why);
    if (st != LEDE_OK)
        return lede_fail(reterr, st, "%s", why.message);
    tell(follow, path, &report);
    return LEDE_OK;
}

/* Read one file, if it is another than it was. read: what is known of the directory's files. */
static enum lede_status look_at_file(struct follow *follow, struct lede_follow_source *source,
    const char *name, json_t *read, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *path = NULL;
    struct stat facts;
    if (asprintf(&path, "%s/%s", source->place, name) < 0)
        return lede_fail_memory(reterr);
    if (name[0] == '.' || stat(path, &facts) != 0 || !S_ISREG(facts.st_mode))
        return LEDE_OK;
    json_t *trace = trace_of(&facts);
    if (!trace || json_object_set_new(read, name, trace) != 0)
        return lede_fail_memory(reterr);
    if (json_equal(json_object_get(source->files, name), trace))
        return LEDE_OK;
    return take_file(follow, path, reterr);
}

/* Read what is new in a directory; what has gone from it is forgotten. */
static enum lede_status look_at_directory(
    struct follow *follow, struct lede_follow_source *source, struct lede_error *reterr)
{
    DIR *directory = opendir(source->place);
    json_t *read = json_object();
    enum lede_status st = LEDE_OK;
    source->next_utc_s = lede_time_now_utc_s() + source->interval_s;
    if (!directory) {
        (void)lede_complain("%s: it cannot be read: %s", source->place, strerror(errno));
        follow->has_failed = true;
        json_decref(read);
        return LEDE_OK;
    }
    for (struct dirent *entry = readdir(directory); st == LEDE_OK && entry && !is_stopped;
         entry = readdir(directory))
        st = read ? look_at_file(follow, source, entry->d_name, read, reterr)
                  : lede_fail_memory(reterr);
    closedir(directory);
    if (st != LEDE_OK || is_stopped || json_equal(read, source->files)) {
        json_decref(read);
        return st;
    }
    json_decref(source->files);
    source->files = read;
    return lede_follow_sources_save(&follow->sources, source, follow->state, reterr);
}

/* A file is read when whoever writes it has closed it, or moved it here. */
static enum lede_status watch_directories(struct follow *follow, struct lede_error *reterr)
{
    for (size_t i = 0; i < follow->sources.count; i++) {
        const struct lede_follow_source *source = &follow->sources.items[i];
        if (!source->is_directory)
            continue;
        if (follow->notify < 0)
            follow->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (follow->notify < 0 ||
            inotify_add_watch(follow->notify, source->place, IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
            return lede_fail_errno(reterr, LEDE_EIO, "cannot watch '%s'", source->place);
    }
    return LEDE_OK;
}

/* ---- One after the other ---- */

static size_t host_size(const char *address)
{
    const char *host = strstr(address, "://");
    return host ? (size_t)(host + 3 - address) + strcspn(host + 3, "/?#") : strlen(address);
}

/* All of its host wait for a while, whoever is due. */
static void spare_host(struct follow *follow, const struct lede_follow_source *asked)
{
    int64_t free_utc_s = lede_time_now_utc_s() + HOST_PAUSE_S;
    size_t size = host_size(asked->place);
    for (size_t i = 0; i < follow->sources.count; i++) {
        struct lede_follow_source *source = &follow->sources.items[i];
        bool is_same =
            host_size(source->place) == size && strncasecmp(source->place, asked->place, size) == 0;
        if (is_same)
            source->spared_until_utc_s = free_utc_s;
    }
}

static int64_t due_utc_s(const struct lede_follow_source *source)
{
    bool is_spared = source->spared_until_utc_s > source->next_utc_s;
    return is_spared ? source->spared_until_utc_s : source->next_utc_s;
}

/* Of two that wait for the same host the one goes first that waits for longer. */
static bool precedes(const struct lede_follow_source *a, const struct lede_follow_source *b)
{
    int64_t due_a = due_utc_s(a), due_b = due_utc_s(b);
    return due_a != due_b ? due_a < due_b : a->next_utc_s < b->next_utc_s;
}

/* Who is due first. NULL: everybody is gone, or with once has been asked. */
static struct lede_follow_source *choose(struct follow *follow, bool once)
{
    struct lede_follow_source *first = NULL;
    for (size_t i = 0; i < follow->sources.count; i++) {
        struct lede_follow_source *source = &follow->sources.items[i];
        bool is_over = source->is_gone || source->is_dropped || (once && source->was_asked);
        if (!is_over && (!first || precedes(source, first)))
            first = source;
    }
    return first;
}

/* Until it is due, a file comes, or a signal. */
static void wait_for(struct follow *follow, const struct lede_follow_source *source)
{
    struct pollfd events = {.fd = follow->notify, .events = POLLIN};
    char data[4096];
    int64_t ms = (due_utc_s(source) - lede_time_now_utc_s()) * 1000;
    ms = ms < SLEEP_MS_MAX ? ms : SLEEP_MS_MAX;
    if (ms <= 0 || is_stopped || poll(&events, 1, (int)ms) <= 0)
        return;
    while (read(follow->notify, data, sizeof(data)) > 0)
        continue;
    for (size_t i = 0; i < follow->sources.count; i++)
        if (follow->sources.items[i].is_directory)
            follow->sources.items[i].next_utc_s = 0;
}

static enum lede_status look(
    struct follow *follow, struct lede_follow_source *source, struct lede_error *reterr)
{
    if (source->is_directory)
        return look_at_directory(follow, source, reterr);
    spare_host(follow, source);
    return look_at_feed(follow, source, reterr);
}

/* Our server was away for longer than it is waited for: nothing is lost, and later all is read
 * again. */
static void put_off(
    struct follow *follow, struct lede_follow_source *source, const struct lede_error *why)
{
    (void)lede_complain("%s; going on in %d s", why->message, SERVER_PAUSE_S);
    lede_import_batch_done(&follow->batch);
    source->next_utc_s = lede_time_now_utc_s() + SERVER_PAUSE_S;
}

static void make_due(struct follow *follow, bool once)
{
    for (size_t i = 0; i < follow->sources.count; i++) {
        struct lede_follow_source *source = &follow->sources.items[i];
        if (!source->was_asked && (once || source->is_directory))
            source->next_utc_s = 0;
    }
}

/* once: everybody, when it is due or not. */
static enum lede_status go_round(struct follow *follow, bool once, struct lede_error *reterr)
{
    enum lede_status st = lede_follow_index_expand(&follow->sources, reterr);
    make_due(follow, once);
    while (st == LEDE_OK && !is_stopped) {
        struct lede_follow_source *source = choose(follow, once);
        if (!source)
            return LEDE_OK;
        if (due_utc_s(source) > lede_time_now_utc_s()) {
            wait_for(follow, source);
            continue;
        }
        st = look(follow, source, reterr);
        source->was_asked = true;
        if (st == LEDE_OK && source->members) {
            st = lede_follow_index_expand(&follow->sources, reterr);
            make_due(follow, once);
        } else if (!once && (st == LEDE_EBUSY || st == LEDE_EIO || st == LEDE_ENOSPC)) {
            put_off(follow, source, reterr);
            st = LEDE_OK;
        }
    }
    return st;
}

/* --data is made where there is none, as import makes it. */
static enum lede_status start_asking(
    struct follow *follow, const struct lede_arguments *arguments, struct lede_error *reterr)
{
    struct lede_import_store made = {0};
    bool is_there = !arguments->data || lede_service_expect_store(arguments->data, NULL) == LEDE_OK;
    enum lede_status st =
        is_there ? LEDE_OK : lede_import_store_open(arguments, NULL, NULL, &made, reterr);
    lede_import_store_done(&made);
    return st == LEDE_OK ? lede_asking_start(arguments, &follow->asking, reterr) : st;
}

static enum lede_status start(
    struct follow *follow, const struct lede_arguments *arguments, struct lede_error *reterr)
{
    int64_t interval_ms = INTERVAL_S * 1000;
    const char *often = arguments->interval;
    follow->state = arguments->state ? arguments->state : STATE;
    if (often && (lede_parse_duration_ms(often, strlen(often), LEDE_FOLLOW_INTERVAL_MS_MAX,
                      &interval_ms, reterr) != LEDE_OK ||
                     interval_ms < LEDE_FOLLOW_INTERVAL_MS_MIN))
        return lede_fail(
            reterr, LEDE_EINPUT, "--interval: expected 1s to 30d, found '%.40s'", often);
    enum lede_status st = lede_follow_sources_read(
        arguments->words, arguments->word_count, interval_ms / 1000, &follow->sources, reterr);
    if (st == LEDE_OK)
        st = lede_follow_sources_load(&follow->sources, follow->state, reterr);
    if (st == LEDE_OK)
        st = start_asking(follow, arguments, reterr);
    if (st == LEDE_OK)
        st = lede_feed_client_new(&is_stopped, &follow->feeds, reterr);
    return st == LEDE_OK && !arguments->once ? watch_directories(follow, reterr) : st;
}

enum lede_exit lede_command_follow(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(follow_done) struct follow follow = {.notify = -1};
    struct lede_error error = {0};
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND};
    if (start(&follow, arguments, &error) != LEDE_OK)
        return lede_complain_error(&error);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    enum lede_status st = go_round(&follow, arguments->once, &error);
    if (st != LEDE_OK && !(is_stopped && st == LEDE_ESTOPPED))
        return lede_complain_error(&error);
    return arguments->once && follow.has_failed ? LEDE_EXIT_SOME : LEDE_EXIT_OK;
}
