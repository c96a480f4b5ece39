/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import_store.h"

#include "cli.h"
#include "lede/api.h"
#include "service.h"

#include <stdio.h>

/* As long as its documents wait at most for being seen, on a slow pipe too. */
#define BULK_AGE_NS UINT64_C(10000000000)
#define BULK_BYTES ((size_t)32 << 20)
/* A result's tag: the file's index above, the line below. */
#define LINE_BITS 40

enum lede_status lede_import_store_open(const struct lede_arguments *arguments,
    struct lede_import_report *report, const struct lede_import_files *files,
    struct lede_import_store *ret_store, struct lede_error *reterr)
{
    ret_store->report = report;
    ret_store->files = files;
    enum lede_status st = lede_server_settings_load(arguments, &ret_store->settings, reterr);
    if (st == LEDE_OK)
        st = lede_language_detector_new(&ret_store->detector, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_store_options options = lede_service_store_options(&ret_store->settings);
    st = lede_store_open(&options, &ret_store->store, reterr);
    if (st == LEDE_EBUSY)
        lede_error_hint(reterr, "ask the server that holds it, with --url");
    return st;
}

void lede_import_store_done(struct lede_import_store *store)
{
    lede_bulk_free(store->bulk);
    lede_store_close(store->store);
    lede_language_detector_free(store->detector);
    lede_server_settings_done(&store->settings);
    *store = (struct lede_import_store){0};
}

static void reject(const struct lede_import_store *store, const struct lede_write_result *result)
{
    char type[64];
    const char *name = NULL;
    struct lede_reject reject = {.file = store->files->items[result->tag >> LINE_BITS].path,
        .line = result->tag & ((UINT64_C(1) << LINE_BITS) - 1),
        .id = result->id,
        .detail = result->error->message,
        .pointer = result->error->pointer[0] ? result->error->pointer : NULL};
    lede_api_problem_of_line(result->error, true, &name, &reject.status);
    snprintf(type, sizeof(type), "/problems/%s", name);
    reject.type = type;
    /* One that the writer refused comes later, without its text. */
    if (store->item && store->tag == result->tag) {
        reject.text = store->item->text;
        reject.text_size = store->item->size;
    }
    lede_import_report_reject(store->report, &reject);
}

static void on_result(void *context, const struct lede_write_result *result)
{
    const struct lede_import_store *store = context;
    struct lede_import_report *report = store->report;
    if (result->outcome == LEDE_FAILED)
        reject(store, result);
    report->created += result->outcome == LEDE_CREATED;
    report->updated += result->outcome == LEDE_UPDATED;
    report->unchanged += result->outcome == LEDE_UNCHANGED;
    report->older += result->outcome == LEDE_OLDER;
    report->failed += result->outcome == LEDE_FAILED;
}

static void on_repaired(void *context, uint64_t tag)
{
    const struct lede_import_store *store = context;
    (void)tag;
    store->report->repaired++;
}

static enum lede_status begin_bulk(struct lede_import_store *store, struct lede_error *reterr)
{
    struct lede_bulk_options options = {
        .on_result = on_result, .on_repaired = on_repaired, .context = store};
    if (store->bulk)
        return LEDE_OK;
    store->started_ns = lede_time_monotonic_ns();
    store->bytes = 0;
    return lede_bulk_new(store->store, &options, &store->bulk, reterr);
}

enum lede_status lede_import_store_add(struct lede_import_store *store, size_t file,
    const struct lede_import_item *item, uint64_t file_bytes_read, struct lede_error *reterr)
{
    struct lede_document_context context = {.now_utc_s = lede_time_now_utc_s(),
        .detector = store->detector,
        .bad_text = (enum lede_bad_text)store->settings.bad_text};
    enum lede_status st = begin_bulk(store, reterr);
    if (st != LEDE_OK)
        return st;
    store->item = item;
    store->tag = (uint64_t)file << LINE_BITS | item->line;
    st = lede_bulk_add_text(
        store->bulk, LEDE_WRITE_INDEX, item->text, item->size, store->tag, &context, reterr);
    store->item = NULL;
    store->bytes += item->size;
    store->report->text_bytes += item->size;
    lede_progress_show(
        &store->report->progress, ++store->added, store->report->text_bytes, file_bytes_read);
    if (st == LEDE_OK &&
        (store->bytes >= BULK_BYTES || lede_time_monotonic_ns() - store->started_ns > BULK_AGE_NS))
        st = lede_import_store_finish(store, reterr);
    return st;
}

enum lede_status lede_import_store_finish(
    struct lede_import_store *store, struct lede_error *reterr)
{
    if (!store->bulk)
        return LEDE_OK;
    enum lede_status st = lede_bulk_finish(store->bulk, NULL, reterr);
    lede_bulk_free(LEDE_TAKE(&store->bulk));
    return st;
}
