/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede check, compact, backup, restore: what an archive needs now and then. Each works on the files
 * of a data directory; backup can also ask the server that holds it. */
#include "lede/care.h"
#include "asking.h"
#include "lede/replica.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static double megabytes(uint64_t bytes)
{
    return (double)bytes / 1e6;
}

/* ---- check ---- */

static void print_finding(void *context, const struct lede_finding *finding)
{
    static const char *const names[] = {[LEDE_FINDING_NOTE] = "note",
        [LEDE_FINDING_PROBLEM] = "problem",
        [LEDE_FINDING_REPAIRED] = "repaired",
        [LEDE_FINDING_LOST] = "lost"};
    (void)context;
    printf("%s: %s: %s\n", finding->place, names[finding->kind], finding->what);
    fflush(stdout);
}

enum lede_exit lede_command_check(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_server_settings_done) struct lede_server_settings settings = {0};
    struct lede_check_stats stats = {0};
    struct lede_error error;
    if (lede_server_settings_load(arguments, &settings, &error) != LEDE_OK)
        return lede_complain_error(&error);
    struct lede_check_options options = {.directory = settings.data,
        .repair = arguments->repair,
        .read_only = arguments->read_only,
        .tell = print_finding};
    if (lede_store_check(&options, &stats, &error) != LEDE_OK)
        return lede_complain_error(&error);
    printf("%u segments, %llu documents whole, %llu lost; %u problems, %u repaired\n",
        stats.segments, (unsigned long long)stats.documents, (unsigned long long)stats.lost,
        stats.problems, stats.repaired);
    if (stats.problems > 0 && !arguments->repair)
        (void)lede_complain(
            "--repair makes what is damaged anew of the documents that can be read");
    return stats.problems > 0 || stats.lost > 0 ? LEDE_EXIT_SOME : LEDE_EXIT_OK;
}

/* ---- A store of our own ---- */

struct own_store {
    struct lede_server_settings settings;
    struct lede_store *store;
};

static void own_store_done(struct own_store *own)
{
    lede_store_close(own->store);
    lede_server_settings_done(&own->settings);
}

static enum lede_status open_own_store(
    const struct lede_arguments *arguments, struct own_store *own, struct lede_error *reterr)
{
    enum lede_status st = lede_server_settings_load(arguments, &own->settings, reterr);
    if (st == LEDE_OK)
        st = lede_service_expect_store(own->settings.data, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_store_options options = lede_service_store_options(&own->settings);
    return lede_store_open(&options, &own->store, reterr);
}

/* ---- compact ---- */

static void draw_compacting(void *context, const struct lede_compact_progress *progress)
{
    (void)context;
    if (isatty(STDERR_FILENO) == 1)
        fprintf(stderr, "\r%u segments, %.1f MB, %llu documents of an older version\033[K",
            progress->segments, megabytes(progress->disk_bytes),
            (unsigned long long)progress->older_documents);
}

static void print_stats(const char *label, const struct lede_store_stats *stats)
{
    printf("%s: %llu documents, %u segments, %.1f MB", label, (unsigned long long)stats->documents,
        stats->segments, megabytes(stats->disk_bytes));
    if (stats->older_documents > 0)
        printf(", %llu documents of an older version", (unsigned long long)stats->older_documents);
    putchar('\n');
}

enum lede_exit lede_command_compact(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(own_store_done) struct own_store own = {0};
    struct lede_store_stats before, after;
    struct lede_error error;
    enum lede_status st = open_own_store(arguments, &own, &error);
    if (st == LEDE_OK)
        st = lede_store_stats(own.store, &before, &error);
    if (st == LEDE_OK)
        st = lede_store_compact(own.store, draw_compacting, NULL, &error);
    if (isatty(STDERR_FILENO) == 1)
        fputs("\r\033[K", stderr);
    if (st == LEDE_OK)
        st = lede_store_stats(own.store, &after, &error);
    if (st != LEDE_OK)
        return lede_complain_error(&error);
    print_stats("before", &before);
    print_stats("after", &after);
    return LEDE_EXIT_OK;
}

/* ---- backup and restore ---- */

static void print_backup(
    const char *what, const char *destination, const struct lede_backup_stats *stats)
{
    printf("%s '%s': %llu documents at revision %llu, %u segments (%u kept), %.1f MB copied, %.1f "
           "MB linked\n",
        what, destination, (unsigned long long)stats->documents,
        (unsigned long long)stats->revision, stats->segments, stats->segments_kept,
        megabytes(stats->bytes_copied), megabytes(stats->bytes_linked));
}

static uint64_t number_of(const json_t *answer, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(answer, key));
    return value > 0 ? (uint64_t)value : 0;
}

/* Post to the server of --url.
 * ret_answer  zeroed; owner: the caller
 * Status: OK it answered 200; else what it said instead. */
static enum lede_status ask(const struct lede_arguments *arguments,
    const struct lede_http_post *post, struct lede_http_answer *ret_answer,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_asking_done) struct lede_asking asking = {0};
    enum lede_status st = lede_asking_start(arguments, &asking, reterr);
    if (st == LEDE_OK)
        st = lede_http_client_post(asking.client, post, ret_answer, reterr);
    if (st != LEDE_OK || ret_answer->status == 200)
        return st;
    lede_http_answer_error(ret_answer, reterr);
    return reterr->status;
}

static enum lede_exit ask_for_backup(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    LEDE_CLEANUP(lede_freep) char *body = NULL;
    struct lede_error error;
    json_auto_t *request = json_pack("{s:s}", "name", arguments->words[0]);
    body = json_dumps(request, JSON_COMPACT);
    if (!body)
        return lede_complain("'%.60s' is no name of a backup", arguments->words[0]);
    struct lede_http_post post = {
        .path = "/backup", .media_type = "application/json", .body = body, .size = strlen(body)};
    if (ask(arguments, &post, &answer, &error) != LEDE_OK)
        return lede_complain_error(&error);
    struct lede_backup_stats stats = {.revision = number_of(answer.json, "revision"),
        .documents = number_of(answer.json, "documents"),
        .segments = (uint32_t)number_of(answer.json, "segments"),
        .segments_kept = (uint32_t)number_of(answer.json, "segments_kept"),
        .bytes_copied = number_of(answer.json, "bytes_copied"),
        .bytes_linked = number_of(answer.json, "bytes_linked")};
    print_backup("backed up to", arguments->words[0], &stats);
    return LEDE_EXIT_OK;
}

enum lede_exit lede_command_backup(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(own_store_done) struct own_store own = {0};
    struct lede_backup_stats stats;
    struct lede_error error;
    if (arguments->url)
        return ask_for_backup(arguments);
    enum lede_status st = open_own_store(arguments, &own, &error);
    if (st == LEDE_EBUSY && !own.store)
        lede_error_hint(
            &error, "have the server that holds it make the backup: lede backup NAME --url URL");
    if (st == LEDE_OK)
        st = lede_store_backup(own.store, arguments->words[0], !arguments->copy, &stats, &error);
    if (st != LEDE_OK)
        return lede_complain_error(&error);
    print_backup("backed up to", arguments->words[0], &stats);
    return LEDE_EXIT_OK;
}

/* ---- promote ---- */

static enum lede_exit ask_to_promote(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    struct lede_error error;
    struct lede_http_post post = {
        .path = "/replication/promote", .media_type = "application/json", .body = ""};
    if (ask(arguments, &post, &answer, &error) != LEDE_OK)
        return lede_complain_error(&error);
    printf("promoted: it takes writes\n");
    return LEDE_EXIT_OK;
}

enum lede_exit lede_command_promote(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(own_store_done) struct own_store own = {0};
    struct lede_error error;
    if (arguments->url)
        return ask_to_promote(arguments);
    enum lede_status st = open_own_store(arguments, &own, &error);
    if (st == LEDE_EBUSY && !own.store)
        lede_error_hint(&error, "ask the server that holds it: lede promote --url URL");
    if (st == LEDE_OK)
        st = lede_store_promote(own.store, &error);
    if (st != LEDE_OK)
        return lede_complain_error(&error);
    printf("promoted: it takes writes\n");
    return LEDE_EXIT_OK;
}

enum lede_exit lede_command_restore(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_server_settings_done) struct lede_server_settings settings = {0};
    struct lede_backup_stats stats;
    struct lede_error error;
    enum lede_status st = lede_server_settings_load(arguments, &settings, &error);
    if (st == LEDE_OK)
        st = lede_backup_restore(arguments->words[0], settings.data, &stats, &error);
    if (st != LEDE_OK)
        return lede_complain_error(&error);
    print_backup("restored into", settings.data, &stats);
    return LEDE_EXIT_OK;
}
