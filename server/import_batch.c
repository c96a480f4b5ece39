/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server names the first hundred errors of a request. Where it had more, the lines behind the
 * last one named are posted again: they are unchanged by then, which costs little, and the next
 * hundred errors are named. So a rejects file is complete. */
#include "import_batch.h"

#include "lede/time.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_TRIES_MAX 30
#define BUSY_WAIT_S_MAX 2

void lede_import_batch_done(struct lede_import_batch *batch)
{
    lede_buffer_done(&batch->body);
    free(batch->lines);
    *batch = (struct lede_import_batch){0};
}

enum lede_status lede_import_batch_add(struct lede_import_batch *batch, const char *file,
    uint64_t line, const char *text, size_t size, struct lede_error *reterr)
{
    if (!LEDE_ARRAY_RESERVE(batch->lines, batch->capacity, batch->count + 1))
        return lede_fail_memory(reterr);
    size_t start = batch->body.size;
    lede_buffer_append(&batch->body, text, size);
    lede_buffer_append_char(&batch->body, '\n');
    if (lede_buffer_status(&batch->body) != LEDE_OK)
        return lede_fail_memory(reterr);
    /* Inside a string no line break may stand, so that any is white space (or an error that stays
     * one). */
    for (char *c = batch->body.data + start; c < batch->body.data + start + size; c++) {
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    }
    if (batch->count == 0)
        batch->started_ns = lede_time_monotonic_ns();
    batch->lines[batch->count++] =
        (struct lede_import_batch_line){.file = file, .line = line, .start = start};
    return LEDE_OK;
}

struct posting {
    struct lede_import_batch *batch;
    struct lede_http_client *client;
    struct lede_import_report *report;
};

static uint64_t documents_so_far(const struct lede_import_report *report)
{
    return report->created + report->updated + report->unchanged + report->failed;
}

static void on_progress(void *context, uint64_t sent)
{
    struct posting *posting = context;
    const struct lede_import_batch *batch = posting->batch;
    struct lede_import_report *report = posting->report;
    double share = (double)sent / (double)batch->body.size;
    lede_progress_show(&report->progress,
        documents_so_far(report) + (uint64_t)(share * (double)batch->count),
        report->text_bytes + sent,
        batch->file_bytes_before +
            (uint64_t)(share * (double)(batch->file_bytes - batch->file_bytes_before)));
}

static size_t line_end(const struct lede_import_batch *batch, size_t index)
{
    return index + 1 < batch->count ? batch->lines[index + 1].start : batch->body.size;
}

/* Tell the errors of an answer to the lines from `from` on. Returns the index behind the last line
 * named, `from` if none was. */
static size_t tell_errors(struct posting *posting, const json_t *errors, size_t from)
{
    const struct lede_import_batch *batch = posting->batch;
    size_t next = from;
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *error = json_array_get(errors, i);
        json_int_t number = json_integer_value(json_object_get(error, "line"));
        size_t index = from + (size_t)number - 1;
        if (number < 1 || index >= batch->count)
            continue;
        const struct lede_import_batch_line *line = &batch->lines[index];
        struct lede_reject reject = {.file = line->file,
            .line = line->line,
            .id = json_string_value(json_object_get(error, "id")),
            .type = json_string_value(json_object_get(error, "type")),
            .detail = json_string_value(json_object_get(error, "detail")),
            .pointer = json_string_value(json_object_get(error, "pointer")),
            .status = (int)json_integer_value(json_object_get(error, "status")),
            .text = batch->body.data + line->start,
            .text_size = line_end(batch, index) - line->start - 1};
        lede_import_report_reject(posting->report, &reject);
        next = index + 1 > next ? index + 1 : next;
    }
    return next;
}

static uint64_t count_in(const struct lede_http_answer *answer, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(answer->json, key));
    return value > 0 ? (uint64_t)value : 0;
}

static enum lede_status check_answer(
    const struct lede_http_answer *answer, struct lede_error *reterr)
{
    struct lede_error why;
    if (json_is_integer(json_object_get(answer->json, "received")))
        return LEDE_OK;
    lede_http_answer_error(answer, &why);
    enum lede_status st = answer->status == 503   ? LEDE_EBUSY
                          : answer->status == 507 ? LEDE_ENOSPC
                                                  : LEDE_EIO;
    (void)lede_fail(reterr, st, "the server answered %ld: %s", answer->status, why.message);
    if (why.hint[0])
        lede_error_hint(reterr, "%s", why.hint);
    return st;
}

/* Post the lines from `from` on. ret_answer  zeroed; owner: the caller */
static enum lede_status post_once(struct posting *posting, size_t from,
    struct lede_http_answer *ret_answer, struct lede_error *reterr)
{
    const struct lede_import_batch *batch = posting->batch;
    size_t start = batch->lines[from].start;
    struct lede_http_post post = {.path = "/documents",
        .media_type = "application/x-ndjson",
        .body = batch->body.data + start,
        .size = batch->body.size - start,
        .on_progress = from == 0 ? on_progress : NULL,
        .context = posting};
    enum lede_status st = lede_http_client_post(posting->client, &post, ret_answer, reterr);
    return st == LEDE_OK ? check_answer(ret_answer, reterr) : st;
}

static enum lede_status post_patiently(struct posting *posting, size_t from,
    struct lede_http_answer *ret_answer, struct lede_error *reterr)
{
    for (int tries = 1;; tries++) {
        enum lede_status st = post_once(posting, from, ret_answer, reterr);
        if (st != LEDE_EBUSY || tries == BUSY_TRIES_MAX)
            return st;
        long wait_s = ret_answer->retry_after_s < BUSY_WAIT_S_MAX ? ret_answer->retry_after_s
                                                                  : BUSY_WAIT_S_MAX;
        lede_http_answer_done(ret_answer);
        sleep(wait_s > 0 ? (unsigned)wait_s : 1);
    }
}

static void count_answer(struct posting *posting, const struct lede_http_answer *answer)
{
    struct lede_import_report *report = posting->report;
    report->created += count_in(answer, "created");
    report->updated += count_in(answer, "updated");
    report->unchanged += count_in(answer, "unchanged");
    report->failed += count_in(answer, "failed");
    report->repaired += count_in(answer, "repaired");
    report->text_bytes += posting->batch->body.size;
}

static void empty(struct lede_import_batch *batch)
{
    lede_buffer_clear(&batch->body);
    batch->count = 0;
    batch->started_ns = 0;
    batch->file_bytes_before = batch->file_bytes;
}

enum lede_status lede_import_batch_post(struct lede_import_batch *batch,
    struct lede_http_client *client, struct lede_import_report *report, struct lede_error *reterr)
{
    struct posting posting = {.batch = batch, .client = client, .report = report};
    size_t from = 0;
    while (from < batch->count) {
        LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
        enum lede_status st = post_patiently(&posting, from, &answer, reterr);
        if (st != LEDE_OK)
            return st;
        if (from == 0)
            count_answer(&posting, &answer);
        size_t next = tell_errors(&posting, json_object_get(answer.json, "errors"), from);
        if (count_in(&answer, "errors_omitted") == 0 || next == from)
            break;
        /* Without a rejects file the first few are enough. */
        if (!report->rejects)
            break;
        from = next;
    }
    empty(batch);
    return LEDE_OK;
}
