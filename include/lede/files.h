/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files of a data directory that are read and replaced whole. */
#ifndef LEDE_FILES_H
#define LEDE_FILES_H

#include "lede/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Append a whole file to a buffer. Status: OK; ENOTFOUND; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_file_read(
    const char *path, struct lede_buffer *ret_data, struct lede_error *reterr);
/* Replace a file that nobody but its owner may read, so that a crash leaves the old or the new
 * whole: temporary file, sync, rename, sync of the directory. Status: OK; EIO; ENOSPC; ELIMIT. */
LEDE_CHECKED enum lede_status lede_file_replace_private(const char *directory, const char *name,
    const void *data, size_t size, struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
