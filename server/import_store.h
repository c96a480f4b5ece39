/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents on their way into a data directory of our own: the store is called, and nothing
 * listens. */
#ifndef LEDE_IMPORT_STORE_H
#define LEDE_IMPORT_STORE_H

#include "import_files.h"
#include "import_report.h"
#include "lede/store.h"
#include "settings.h"

struct lede_import_store {
    struct lede_server_settings settings;
    struct lede_store *store;
    struct lede_language_detector *detector;
    struct lede_bulk *bulk; /* NULL: nothing is under way */
    uint64_t started_ns;    /* of the bulk */
    size_t bytes;           /* of the bulk */
    struct lede_import_report *report;
    const struct lede_import_files *files;
    const struct lede_import_item *item; /* the one that is being added, and its tag */
    uint64_t tag;
    uint64_t added; /* documents */
};

/* Open the data directory that --data names, or make it.
 * report, files  borrowed
 * ret_store      zeroed; lede_import_store_done() also after a failure
 * Status: as lede_server_settings_load(), lede_store_open(). */
LEDE_CHECKED enum lede_status lede_import_store_open(const struct lede_arguments *arguments,
    struct lede_import_report *report, const struct lede_import_files *files,
    struct lede_import_store *ret_store, struct lede_error *reterr);
void lede_import_store_done(struct lede_import_store *store);
/* Hand one document over; what becomes of it is counted in the report, now or later.
 * file             index in files
 * file_bytes_read  of all files, for the progress
 * Status: OK, also where it is rejected; as lede_bulk_add(), lede_bulk_finish(). */
LEDE_CHECKED enum lede_status lede_import_store_add(struct lede_import_store *store, size_t file,
    const struct lede_import_item *item, uint64_t file_bytes_read, struct lede_error *reterr);
/* Wait until all that was handed over is stored, searchable and counted. Status: as
 * lede_bulk_finish(). */
LEDE_CHECKED enum lede_status lede_import_store_finish(
    struct lede_import_store *store, struct lede_error *reterr);

#endif
