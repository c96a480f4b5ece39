/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process a data directory. */
#ifndef LEDE_STORE_LOCK_H
#define LEDE_STORE_LOCK_H

#include "lede/base.h"

/* Take the directory's lock and note who holds it. The lock goes with the descriptor (Linux open
 * file
 * description locks), so a killed process leaves none behind. ret_fd owner: the caller, close()
 *     Status: OK; EBUSY with the holder's pid, host and start; EIO; ENOSPC. */
LEDE_CHECKED enum lede_status lede_lock_take(
    const char *directory, int *ret_fd, struct lede_error *reterr);
/* Keep writers out while the directory is read, where that needs no write: nothing is made or
 * noted. Where there is no lock to share (a backup that nobody opened yet, a file system that
 * cannot) reading goes on without.
 * ret_fd  -1: there is none
 * Status: OK; EBUSY as lede_lock_take(). */
LEDE_CHECKED enum lede_status lede_lock_share(
    const char *directory, int *ret_fd, struct lede_error *reterr);

#endif
