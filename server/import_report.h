/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of an import: counts, and rejected lines with their reason. */
#ifndef LEDE_IMPORT_REPORT_H
#define LEDE_IMPORT_REPORT_H

#include "progress.h"

#include <stdio.h>

struct lede_import_report {
    struct lede_progress progress;
    FILE *rejects;            /* NULL: the first few go to standard error */
    const char *rejects_path; /* borrowed */
    uint64_t created, updated, unchanged, older, failed;
    uint64_t repaired;     /* of the others: with U+FFFD for what was no UTF-8 */
    uint64_t told;         /* of the failed, with a reason */
    uint64_t text_bytes;   /* of the documents answered */
    uint64_t sent_again;   /* documents whose first answer was lost; stored then, unchanged now */
    uint64_t in_doubt;     /* documents sent, and no answer says what became of them */
    const char *stop_file; /* borrowed; the first line without an answer; NULL: all have one */
    uint64_t stop_line;
};

struct lede_reject {
    const char *file;
    uint64_t line;
    const char *id; /* NULL: not known; so are the next ones */
    const char *type;
    const char *detail;
    const char *pointer;
    int status;       /* as in the HTTP API */
    const char *text; /* the rejected line; NULL: not at hand */
    size_t text_size;
};

/* rejects_path  NULL: none. Status: OK; EIO the rejects file cannot be written. */
LEDE_CHECKED enum lede_status lede_import_report_start(struct lede_import_report *ret_report,
    const char *rejects_path, uint64_t total_bytes, struct lede_error *reterr);
/* Tell one rejected line; the caller counts it in `failed`. */
void lede_import_report_reject(struct lede_import_report *report, const struct lede_reject *reject);
/* Print the summary, close the rejects file. Status: OK; EIO, ENOSPC the rejects could not be
 * kept. */
LEDE_CHECKED enum lede_status lede_import_report_finish(
    struct lede_import_report *report, struct lede_error *reterr);

#endif
