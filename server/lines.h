/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines for a file, standard error or the journal, written by a thread of their own.
 *
 * Who adds one never waits: lines stand in a ring until they are written. Where there is no room,
 * or they cannot be written (a full disk, a pipe that nobody reads), they are lost; that is
 * counted, and the log says once that it began and once how many it were. */
#ifndef LEDE_LINES_H
#define LEDE_LINES_H

#include "lede/base.h"
#include "log.h"

#define LEDE_LINES_BYTES ((size_t)1024 * 1024)   /* that wait, at most */
#define LEDE_LINES_LINE_BYTES_MAX ((size_t)8192) /* a longer one is lost */
#define LEDE_LINES_STDERR "stderr"
#define LEDE_LINES_JOURNALD "journald"

struct lede_lines;

/* target     LEDE_LINES_STDERR, LEDE_LINES_JOURNALD, or the path of a file that is appended to
 * log        borrowed; where trouble is told
 * lost       borrowed; lines that were lost are added to it atomically
 * ret_lines  owner: the caller, lede_lines_free()
 * Status: OK; EIO the file cannot be opened, or no thread; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lines_new(const char *target, struct lede_log *log,
    uint64_t *lost, struct lede_lines **ret_lines, struct lede_error *reterr);
/* Write what waits, within a second, then end the thread. Nobody may add any more. */
void lede_lines_free(struct lede_lines *lines);
/* From now on write there; a file is opened anew, also the same one. On failure nothing changes.
 * Status: as of lede_lines_new(). Threads: one at a time. */
LEDE_CHECKED enum lede_status lede_lines_open(
    struct lede_lines *lines, const char *target, struct lede_error *reterr);
/* Could lines be written there? A file is made where there is none. Status: OK; EIO. */
LEDE_CHECKED enum lede_status lede_lines_check(const char *target, struct lede_error *reterr);
/* Add one, which has no line's end. Threads: any. */
void lede_lines_add(struct lede_lines *lines, const char *text, size_t size);

#endif
