/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files does an import read? */
#ifndef LEDE_IMPORT_FILES_H
#define LEDE_IMPORT_FILES_H

#include "lede/import.h"

struct lede_import_file {
    char *path; /* "-" is standard input */
    enum lede_import_format format;
};

/* A directory that could not be read. */
struct lede_import_unread {
    char *path, *why;
};

struct lede_import_files {
    struct lede_import_file *items;
    size_t count;
    struct lede_import_unread *unread;
    size_t unread_count;
    size_t skipped;  /* in directories, of names that say no format */
    uint64_t bytes;  /* of all; 0 with standard input */
    bool is_endless; /* standard input is among them */
};

/* List the files under the paths.
 * format     of every file; AUTO: by its name, then by its content, and of a directory only the
 *            files with a telling name
 * takes_all  of a directory the others, too
 * ret_files  zeroed; lede_import_files_done() also after a failure
 * Status: OK; EIO, ENOTFOUND with the path, of those below a directory in `unread`; ENOMEM. */
LEDE_CHECKED enum lede_status lede_import_files_find(char *const *paths, size_t count,
    enum lede_import_format format, bool takes_all, struct lede_import_files *ret_files,
    struct lede_error *reterr);
void lede_import_files_done(struct lede_import_files *files);

#endif
