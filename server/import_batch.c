/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server names the first hundred errors of a request. Where it had more, the lines behind the
 * last one named are posted again: they are unchanged by then, which costs little, and the next
 * hundred errors are named. So a rejects file is complete. */
#include "import_batch.h"

#include "cli.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_S 60
#define FIRST_WAIT_MS 250
#define WAIT_MS_MAX 5000

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

/* Lines that are posted together, and to whom. */
struct posting {
    struct lede_import_batch *batch;
    struct lede_http_client *client;
    struct lede_import_report *report;
    size_t from, to;  /* indexes of lines, the second behind the last */
    bool is_counted;  /* posted again for the names of its errors */
    bool is_lost;     /* was sent, and the answer did not come */
    bool is_in_doubt; /* was sent, and no answer excludes that some of it is stored */
};

static uint64_t documents_so_far(const struct lede_import_report *report)
{
    return report->created + report->updated + report->unchanged + report->older + report->failed;
}

static size_t line_end(const struct lede_import_batch *batch, size_t index)
{
    return index + 1 < batch->count ? batch->lines[index + 1].start : batch->body.size;
}

static size_t posting_bytes(const struct posting *posting)
{
    return line_end(posting->batch, posting->to - 1) - posting->batch->lines[posting->from].start;
}

static void on_progress(void *context, uint64_t sent)
{
    struct posting *posting = context;
    const struct lede_import_batch *batch = posting->batch;
    struct lede_import_report *report = posting->report;
    double share = (double)sent / (double)posting_bytes(posting);
    double whole_share =
        (double)(batch->lines[posting->from].start + sent) / (double)batch->body.size;
    lede_progress_show(&report->progress,
        documents_so_far(report) + (uint64_t)(share * (double)(posting->to - posting->from)),
        report->text_bytes + sent,
        batch->file_bytes_before +
            (uint64_t)(whole_share * (double)(batch->file_bytes - batch->file_bytes_before)));
}

static void reject_line(
    const struct posting *posting, size_t index, const struct lede_reject *reason)
{
    const struct lede_import_batch *batch = posting->batch;
    const struct lede_import_batch_line *line = &batch->lines[index];
    struct lede_reject reject = *reason;
    reject.file = line->file;
    reject.line = line->line;
    reject.text = batch->body.data + line->start;
    reject.text_size = line_end(batch, index) - line->start - 1;
    lede_import_report_reject(posting->report, &reject);
}

/* Returns the index behind the last line that an error names, `from` if none does. */
static size_t tell_errors(const struct posting *posting, const json_t *errors)
{
    size_t next = posting->from;
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *error = json_array_get(errors, i);
        json_int_t number = json_integer_value(json_object_get(error, "line"));
        size_t index = posting->from + (size_t)number - 1;
        if (number < 1 || index >= posting->to)
            continue;
        struct lede_reject reject = {.id = json_string_value(json_object_get(error, "id")),
            .type = json_string_value(json_object_get(error, "type")),
            .detail = json_string_value(json_object_get(error, "detail")),
            .pointer = json_string_value(json_object_get(error, "pointer")),
            .status = (int)json_integer_value(json_object_get(error, "status"))};
        reject_line(posting, index, &reject);
        next = index + 1 > next ? index + 1 : next;
    }
    return next;
}

static uint64_t count_in(const struct lede_http_answer *answer, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(answer->json, key));
    return value > 0 ? (uint64_t)value : 0;
}

static bool is_temporary(const struct lede_http_answer *answer)
{
    return answer->status == 0 || answer->status == 429 || answer->status == 502 ||
           answer->status == 503 || answer->status == 504;
}

static enum lede_status answer_status(const struct lede_http_answer *answer)
{
    return is_temporary(answer)    ? LEDE_EBUSY
           : answer->status == 413 ? LEDE_ELIMIT
           : answer->status == 507 ? LEDE_ENOSPC
                                   : LEDE_EIO;
}

/* ret_answer  zeroed; owner: the caller
 * Status: OK; EBUSY it may be tried again; ELIMIT it is too large; else as
 * lede_import_batch_post(). */
static enum lede_status post_once(
    struct posting *posting, struct lede_http_answer *ret_answer, struct lede_error *reterr)
{
    struct lede_error why;
    struct lede_http_post post = {.path = "/documents",
        .media_type = "application/x-ndjson",
        .body = posting->batch->body.data + posting->batch->lines[posting->from].start,
        .size = posting_bytes(posting),
        .asks_first = posting->is_lost,
        .on_progress = posting->is_counted ? NULL : on_progress,
        .context = posting};
    enum lede_status st = lede_http_client_post(posting->client, &post, ret_answer, reterr);
    if (st == LEDE_OK && json_is_integer(json_object_get(ret_answer->json, "received")))
        return LEDE_OK;
    if (st == LEDE_ENOMEM)
        return st;
    posting->is_lost |= ret_answer->is_sent && ret_answer->status == 0;
    posting->is_in_doubt |=
        ret_answer->is_sent &&
        (ret_answer->status < 400 || ret_answer->status == 408 || ret_answer->status >= 500);
    if (ret_answer->status == 0) {
        reterr->status = LEDE_EBUSY;
        return LEDE_EBUSY;
    }
    lede_http_answer_error(ret_answer, &why);
    (void)lede_fail(reterr, answer_status(ret_answer), "the server answered %ld: %s",
        ret_answer->status, why.message);
    if (why.hint[0])
        lede_error_hint(reterr, "%s", why.hint);
    return reterr->status;
}

/* Returns false after a signal. */
static bool wait_ms(uint64_t ms)
{
    struct timespec wait = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    return nanosleep(&wait, NULL) == 0;
}

/* Post, and again while the server is busy, restarts or does not answer. */
static enum lede_status post_patiently(
    struct posting *posting, struct lede_http_answer *ret_answer, struct lede_error *reterr)
{
    uint64_t end_ns = 0, backoff_ms = FIRST_WAIT_MS;
    enum lede_status st;
    while ((st = post_once(posting, ret_answer, reterr)) == LEDE_EBUSY) {
        uint64_t now_ns = lede_time_monotonic_ns();
        uint64_t asked_ms =
            ret_answer->retry_after_s > 0 ? (uint64_t)ret_answer->retry_after_s * 1000 : 0;
        uint64_t ms = asked_ms > backoff_ms ? asked_ms : backoff_ms;
        ms = ms < WAIT_MS_MAX ? ms : WAIT_MS_MAX;
        lede_http_answer_done(ret_answer);
        if (end_ns == 0) {
            end_ns = now_ns + (uint64_t)PATIENCE_S * 1000000000;
            lede_progress_clear(&posting->report->progress);
            (void)lede_complain("%s; waiting for it, up to %d s", reterr->message, PATIENCE_S);
        }
        if (now_ns + ms * 1000000 > end_ns) {
            struct lede_error last = *reterr;
            (void)lede_fail(reterr, LEDE_EBUSY, "gave up after %d s: %s", PATIENCE_S, last.message);
            return LEDE_EBUSY;
        }
        if (!wait_ms(ms))
            return LEDE_EBUSY;
        backoff_ms = backoff_ms * 2 < WAIT_MS_MAX ? backoff_ms * 2 : WAIT_MS_MAX;
    }
    if (end_ns != 0 && st == LEDE_OK)
        (void)lede_complain("the server answers again");
    return st;
}

static void count_answer(struct posting *posting, const struct lede_http_answer *answer)
{
    struct lede_import_report *report = posting->report;
    report->created += count_in(answer, "created");
    report->updated += count_in(answer, "updated");
    report->unchanged += count_in(answer, "unchanged");
    report->older += count_in(answer, "older");
    report->failed += count_in(answer, "failed");
    report->repaired += count_in(answer, "repaired");
    report->text_bytes += posting_bytes(posting);
    if (posting->is_lost)
        report->sent_again += posting->to - posting->from;
}

static void note_stop(const struct posting *posting)
{
    const struct lede_import_batch_line *line = &posting->batch->lines[posting->from];
    if (posting->is_counted)
        return;
    posting->report->stop_file = line->file;
    posting->report->stop_line = line->line;
    if (posting->is_in_doubt)
        posting->report->in_doubt += posting->to - posting->from;
}

/* The server takes no body so large: halve it for this batch and those to come, or reject its only
 * line. Returns the index to go on at. */
static size_t make_smaller(struct posting *posting)
{
    if (posting->to - posting->from > 1) {
        posting->batch->post_bytes_max = posting_bytes(posting) / 2;
        return posting->from;
    }
    if (!posting->is_counted) {
        posting->report->failed++;
        reject_line(posting, posting->from,
            &(struct lede_reject){.type = "/problems/too-large",
                .detail = "the server takes no body so large",
                .status = 413});
    }
    return posting->to;
}

/* As many lines from `from` on as are posted at once, at least one. */
static size_t posting_end(const struct lede_import_batch *batch, size_t from, size_t limit)
{
    size_t to = from + 1;
    while (
        to < limit && (batch->post_bytes_max == 0 ||
                          line_end(batch, to) - batch->lines[from].start <= batch->post_bytes_max))
        to++;
    return to;
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
    size_t from = 0, counted = 0; /* the lines below it are in the report's counts */
    while (from < batch->count) {
        LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
        struct posting posting = {.batch = batch,
            .client = client,
            .report = report,
            .from = from,
            .to = posting_end(batch, from, from < counted ? counted : batch->count),
            .is_counted = from < counted};
        enum lede_status st = post_patiently(&posting, &answer, reterr);
        if (st == LEDE_ELIMIT) {
            from = make_smaller(&posting);
            counted = from > counted ? from : counted;
            continue;
        }
        if (st != LEDE_OK) {
            note_stop(&posting);
            return st;
        }
        if (!posting.is_counted)
            count_answer(&posting, &answer);
        counted = posting.to > counted ? posting.to : counted;
        size_t next = tell_errors(&posting, json_object_get(answer.json, "errors"));
        /* Without a rejects file the first few are enough. */
        bool has_more = report->rejects && next > from && count_in(&answer, "errors_omitted") > 0;
        from = has_more ? next : posting.to;
    }
    empty(batch);
    return LEDE_OK;
}
