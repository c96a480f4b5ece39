/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's log: lines on standard error, written by a thread of their own.
 *
 * Who logs must not wait for a slow terminal or a full pipe (I/O threads call this), so a line goes
 * to a bounded ring; where it is full the line is dropped and counted, and the count is logged. */
#ifndef LEDE_LOG_H
#define LEDE_LOG_H

#include "lede/base.h"
#include "settings.h"

struct lede_log;

/* ret_log  owner: the caller, lede_log_free(). Status: OK; ENOMEM; EIO no thread. */
LEDE_CHECKED enum lede_status lede_log_new(
    enum lede_log_level level, struct lede_log **ret_log, struct lede_error *reterr);
/* From now on lines of this level and more serious ones are written. Threads: any. */
void lede_log_set_level(struct lede_log *log, enum lede_log_level level);
/* Writes what is waiting, then ends the thread. Nobody may log any more. */
void lede_log_free(struct lede_log *log);
/* Log one line, "TIME LEVEL text"; control characters, what turns the direction of writing and what
 * is no UTF-8 become spaces, of a key its id alone is written, a line of over 2 KiB is cut. Never
 * blocks. Threads: any. */
void lede_log_line(struct lede_log *log, enum lede_log_level level, const char *format, ...)
    LEDE_PRINTF(3, 4);
/* The same of what may come by the thousand: five a second are logged, and how many more there
 * were. */
void lede_log_repeated(struct lede_log *log, enum lede_log_level level, const char *format, ...)
    LEDE_PRINTF(3, 4);

#endif
