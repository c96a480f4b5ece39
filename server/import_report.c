/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import_report.h"

#include "cli.h"
#include "lede/encoding.h"
#include "lede/text.h"
#include "lede/time.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#define PRINTED_MAX 10

enum lede_status lede_import_report_start(struct lede_import_report *ret_report,
    const char *rejects_path, uint64_t total_bytes, struct lede_error *reterr)
{
    *ret_report = (struct lede_import_report){.rejects_path = rejects_path};
    if (rejects_path)
        ret_report->rejects = fopen(rejects_path, "we");
    if (rejects_path && !ret_report->rejects)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot write rejects to '%s'", rejects_path);
    lede_progress_init(&ret_report->progress, total_bytes);
    return LEDE_OK;
}

static void set_text(json_t *object, const char *key, const char *text, size_t size)
{
    LEDE_CLEANUP(lede_freep) char *valid = NULL;
    size_t valid_size = 0;
    if (lede_utf8_repair(text, size, &valid, &valid_size, NULL) == LEDE_OK)
        json_object_set_new(object, key, json_stringn(valid, valid_size));
}

static void set_string(json_t *object, const char *key, const char *text)
{
    if (text)
        set_text(object, key, text, strlen(text));
}

static void write_reject(struct lede_import_report *report, const struct lede_reject *reject)
{
    json_auto_t *object = json_object();
    set_string(object, "file", reject->file);
    json_object_set_new(object, "line", json_integer((json_int_t)reject->line));
    set_string(object, "id", reject->id);
    json_object_set_new(object, "status", json_integer(reject->status));
    set_string(object, "type", reject->type);
    set_string(object, "detail", reject->detail);
    set_string(object, "pointer", reject->pointer);
    if (reject->text)
        set_text(object, "text", reject->text, reject->text_size);
    /* Errors are found by ferror() at the end. */
    (void)json_dumpf(object, report->rejects, JSON_COMPACT);
    fputc('\n', report->rejects);
}

void lede_import_report_reject(struct lede_import_report *report, const struct lede_reject *reject)
{
    report->told++;
    if (report->rejects) {
        write_reject(report, reject);
        return;
    }
    if (report->told > PRINTED_MAX)
        return;
    lede_progress_clear(&report->progress);
    (void)lede_complain("%s:%llu: %s", reject->file, (unsigned long long)reject->line,
        reject->detail ? reject->detail : "rejected");
}

static void tell_omitted(const struct lede_import_report *report)
{
    unsigned long long printed = report->told < PRINTED_MAX ? report->told : PRINTED_MAX;
    if (!report->rejects && report->failed > printed)
        (void)lede_complain("%llu more rejected; --rejects FILE keeps them all",
            (unsigned long long)report->failed - printed);
    else if (report->rejects && report->failed > report->told)
        (void)lede_complain("%llu rejected documents are not in '%s': the server did not name them",
            (unsigned long long)(report->failed - report->told), report->rejects_path);
}

static void tell_doubts(const struct lede_import_report *report)
{
    if (report->sent_again > 0)
        (void)lede_complain("the answer for %llu documents was lost and they were sent again: what "
                            "was stored the first time counts as unchanged",
            (unsigned long long)report->sent_again);
    if (!report->stop_file)
        return;
    if (report->in_doubt > 0)
        (void)lede_complain("from %s:%llu on, %llu documents were sent without an answer: some may "
                            "be stored; what follows was not sent",
            report->stop_file, (unsigned long long)report->stop_line,
            (unsigned long long)report->in_doubt);
    else
        (void)lede_complain("from %s:%llu on, nothing was stored", report->stop_file,
            (unsigned long long)report->stop_line);
    (void)lede_complain("import the same again: what is stored counts as unchanged");
}

static void print_summary(const struct lede_import_report *report)
{
    double seconds = (double)(lede_time_monotonic_ns() - report->progress.started_ns) / 1e9;
    double per_second = seconds > 0 ? 1 / seconds : 0;
    uint64_t unchanged = report->unchanged + report->older;
    unsigned long long documents =
        report->created + report->updated + report->unchanged + report->older + report->failed;
    printf("imported %llu documents (created %llu, updated %llu, unchanged %llu, failed %llu) in "
           "%.1f s: "
           "%.0f documents/s, %.1f MB/s\n",
        documents, (unsigned long long)report->created, (unsigned long long)report->updated,
        (unsigned long long)unchanged, (unsigned long long)report->failed, seconds,
        (double)documents * per_second, (double)report->text_bytes / 1e6 * per_second);
    fflush(stdout);
}

enum lede_status lede_import_report_finish(
    struct lede_import_report *report, struct lede_error *reterr)
{
    lede_progress_clear(&report->progress);
    tell_omitted(report);
    if (report->repaired > 0)
        (void)lede_complain("%llu %s had bytes that are no UTF-8, and have U+FFFD in their place",
            (unsigned long long)report->repaired, report->repaired == 1 ? "document" : "documents");
    if (report->older > 0)
        (void)lede_complain("%llu %s of what is stored, which stays",
            (unsigned long long)report->older,
            report->older == 1 ? "document was an older version" : "documents were older versions");
    tell_doubts(report);
    print_summary(report);
    if (!report->rejects)
        return LEDE_OK;
    bool is_damaged = ferror(report->rejects) != 0;
    FILE *file = LEDE_TAKE(&report->rejects);
    if (fclose(file) != 0 || is_damaged)
        return lede_fail_errno(
            reterr, LEDE_EIO, "cannot write rejects to '%s'", report->rejects_path);
    return LEDE_OK;
}
