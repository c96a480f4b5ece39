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

#endif
