/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede import: files to documents, documents to a server's API, or with --data to a store of our
 * own. */
#include "asking.h"
#include "import_batch.h"
#include "import_columns.h"
#include "import_explain.h"
#include "import_store.h"
#include "lede/api.h"
#include "lede/model.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BATCH_AGE_NS UINT64_C(1000000000) /* a slow pipe's documents wait no longer than that */

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int signal_number)
{
    static const char text[] =
        "\nlede: finishing what was handed over; once more ends it at once\n";
    (void)signal_number;
    is_interrupted = 1;
    (void)!write(STDERR_FILENO, text, sizeof(text) - 1);
}

/* The second signal finds the default action again. */
static void catch_interrupts(void)
{
    struct sigaction action = {
        .sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

struct import {
    const struct lede_format *known;    /* of all files; NULL: as each says */
    bool is_certain;                    /* --format says what all files are */
    const char *charset;                /* NULL: UTF-8, and texts that are none are Windows-1252 */
    struct lede_import_columns columns; /* --map */
    struct lede_asking asking;
    struct lede_import_store own; /* --data */
    struct lede_import_files files;
    struct lede_import_report report;
    struct lede_import_batch batch;
    uint64_t finished_bytes; /* of the files that were read whole */
};

static void import_done(struct import *import)
{
    lede_import_batch_done(&import->batch);
    lede_import_columns_done(&import->columns);
    lede_import_store_done(&import->own);
    lede_import_files_done(&import->files);
    lede_asking_done(&import->asking);
}

static enum lede_status post(struct import *import, struct lede_error *reterr)
{
    if (import->own.store)
        return lede_import_store_finish(&import->own, reterr);
    return lede_import_batch_post(&import->batch, import->asking.client, &import->report, reterr);
}

/* What never reaches the server is rejected in its words. */
static void reject_here(struct import *import, const char *path, uint64_t line, bool is_json,
    const struct lede_error *error)
{
    char type[64];
    const char *name = NULL;
    struct lede_reject reject = {.file = path, .line = line, .detail = error->message};
    lede_api_problem_of_line(error, is_json, &name, &reject.status);
    snprintf(type, sizeof(type), "/problems/%s", name);
    reject.type = type;
    import->report.failed++;
    lede_import_report_reject(&import->report, &reject);
}

static bool is_due(const struct lede_import_batch *batch)
{
    return batch->body.size >= LEDE_IMPORT_BATCH_BYTES ||
           (batch->count > 0 && lede_time_monotonic_ns() - batch->started_ns > BATCH_AGE_NS);
}

static enum lede_status take_item(struct import *import, const struct lede_import_file *file,
    const struct lede_import_item *item, bool is_json, uint64_t read_bytes,
    struct lede_error *reterr)
{
    struct lede_import_batch *batch = &import->batch;
    if (item->status != LEDE_OK) {
        reject_here(import, file->path, item->line, is_json, &item->error);
        return LEDE_OK;
    }
    if (import->own.store)
        return lede_import_store_add(
            &import->own, (size_t)(file - import->files.items), item, read_bytes, reterr);
    enum lede_status st =
        lede_import_batch_add(batch, file->path, item->line, item->text, item->size, reterr);
    batch->file_bytes = read_bytes;
    return st == LEDE_OK && is_due(batch) ? post(import, reterr) : st;
}

static enum lede_status read_items(struct import *import, const struct lede_import_file *file,
    struct lede_splitter *splitter, const struct lede_file_source *source,
    struct lede_error *reterr)
{
    while (!is_interrupted) {
        struct lede_import_item item;
        bool more = false;
        uint64_t read_bytes = 0, unused = 0;
        enum lede_status st = lede_splitter_next(splitter, &item, &more, reterr);
        if (st == LEDE_EAGAIN) {
            st = is_interrupted ? LEDE_OK : post(import, reterr); /* it waits for no more */
            if (st != LEDE_OK)
                return st;
            continue;
        }
        if (st == LEDE_EINPUT || st == LEDE_ELIMIT || st == LEDE_EIO) {
            /* The rest of this file is lost, the other files are not. */
            reject_here(import, file->path, lede_splitter_line(splitter),
                lede_splitter_is_json(splitter), reterr);
            return LEDE_OK;
        }
        if (st != LEDE_OK || !more)
            return st;
        lede_file_source_progress(source, &read_bytes, &unused);
        st = take_item(import, file, &item, lede_splitter_is_json(splitter),
            import->finished_bytes + read_bytes, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

static enum lede_status read_file(
    struct import *import, const struct lede_import_file *file, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_file_source_freep) struct lede_file_source *source = NULL;
    LEDE_CLEANUP(lede_charset_reader_freep) struct lede_charset_reader *reader = NULL;
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    uint64_t read_bytes = 0, unused = 0;
    enum lede_status st = lede_file_source_open(file->path, &source, reterr);
    if (st == LEDE_EIO || st == LEDE_ENOTFOUND) { /* so it is with one that has gone meanwhile */
        reject_here(import, file->path, 1, false, reterr);
        return LEDE_OK;
    }
    if (st != LEDE_OK)
        return st;
    st = lede_charset_reader_new(import->charset, lede_file_source_read, source, &reader, reterr);
    struct lede_splitter_options options = {.format = file->format,
        .known = import->known,
        .path = file->path,
        .is_certain = import->is_certain,
        .columns = import->columns.rows,
        .charset_is_declared = import->charset != NULL,
        .read = lede_charset_reader_read,
        .context = reader};
    if (st == LEDE_OK)
        st = lede_splitter_new(&options, &splitter, reterr);
    if (st == LEDE_OK)
        st = read_items(import, file, splitter, source, reterr);
    lede_file_source_progress(source, &read_bytes, &unused);
    import->finished_bytes += read_bytes;
    return st;
}

static enum lede_status read_files(struct import *import, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < import->files.unread_count; i++) {
        struct lede_error why = {.status = LEDE_EIO};
        snprintf(why.message, sizeof(why.message), "%s", import->files.unread[i].why);
        reject_here(import, import->files.unread[i].path, 1, false, &why);
    }
    for (size_t i = 0; i < import->files.count && st == LEDE_OK && !is_interrupted; i++)
        st = read_file(import, &import->files.items[i], reterr);
    /* After Ctrl-C nothing more is handed over: a batch that was not posted is not. */
    return st == LEDE_OK && (!is_interrupted || import->own.store) ? post(import, reterr) : st;
}

bool lede_import_format_read(
    const char *text, enum lede_import_format *ret_format, const struct lede_format **ret_known)
{
    static const char *const names[] = {[LEDE_IMPORT_AUTO] = "auto",
        [LEDE_IMPORT_NDJSON] = "ndjson",
        [LEDE_IMPORT_JSON] = "json",
        [LEDE_IMPORT_TEXT] = "text"};
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++) {
        if (strcmp(names[i], text ? text : "auto") == 0) {
            *ret_format = (enum lede_import_format)i;
            return true;
        }
    }
    *ret_known = lede_format_named(text);
    if (*ret_known)
        return true;
    struct lede_buffer known = {0};
    const struct lede_format *one = NULL;
    for (size_t i = 0; (one = lede_format_at(i)); i++)
        lede_buffer_append_format(&known, ", %s", lede_format_name(one));
    (void)lede_complain("import: --format: expected auto, ndjson, json, text%s, found '%.40s'",
        known.data ? known.data : "", text);
    lede_buffer_done(&known);
    return false;
}

static enum lede_exit run(struct import *import, struct lede_error *reterr)
{
    catch_interrupts();
    enum lede_status st = read_files(import, reterr);
    struct lede_error rejects_error;
    enum lede_status told = lede_import_report_finish(&import->report, &rejects_error);
    if (import->files.skipped > 0)
        (void)lede_complain("passed over %zu %s of unknown kind: expected .ndjson, .jsonl, "
                            ".json, .txt or a format of news, or --format",
            import->files.skipped, import->files.skipped == 1 ? "file" : "files");
    if (st != LEDE_OK) {
        enum lede_exit trouble = lede_complain_error(reterr);
        return is_interrupted ? LEDE_EXIT_INTERRUPTED : trouble;
    }
    if (told != LEDE_OK)
        return lede_complain_error(&rejects_error);
    if (is_interrupted)
        return LEDE_EXIT_INTERRUPTED;
    return import->report.failed > 0 ? LEDE_EXIT_SOME : LEDE_EXIT_OK;
}

/* That there is no server is said before anything is read. Whatever answers is told apart later. */
static enum lede_status expect_server(struct lede_http_client *client, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    enum lede_status st = lede_http_client_get(client, "/version", &answer, reterr);
    return answer.status == 0 ? st : LEDE_OK;
}

static enum lede_status start_target(
    struct import *import, const struct lede_arguments *arguments, struct lede_error *reterr)
{
    if (arguments->data && !arguments->url)
        return lede_import_store_open(
            arguments, &import->report, &import->files, &import->own, reterr);
    enum lede_status st = lede_asking_start(arguments, &import->asking, reterr);
    return st == LEDE_OK ? expect_server(import->asking.client, reterr) : st;
}

enum lede_exit lede_command_import(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(import_done) struct import import = {0};
    struct lede_error error;
    enum lede_import_format format = LEDE_IMPORT_AUTO;
    import.charset = arguments->charset;
    import.is_certain = arguments->format && strcmp(arguments->format, "auto") != 0;
    if (!lede_import_format_read(arguments->format, &format, &import.known))
        return LEDE_EXIT_TROUBLE;
    if (lede_import_columns_read(arguments->map, &import.columns, &error) != LEDE_OK)
        return lede_complain_error(&error);
    if (arguments->explain)
        return lede_import_explain(arguments, format, import.known, import.columns.rows);
    if (lede_import_files_find(arguments->words, arguments->word_count, format,
            import.known != NULL, &import.files, &error) != LEDE_OK ||
        start_target(&import, arguments, &error) != LEDE_OK ||
        lede_import_report_start(&import.report, arguments->rejects, import.files.bytes, &error) !=
            LEDE_OK)
        return lede_complain_error(&error);
    return run(&import, &error);
}
