/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that last: whole reads, atomic replacement, synced directories. */
#ifndef LEDE_STORE_FILES_H
#define LEDE_STORE_FILES_H

#include "lede/buffer.h"
#include "lede/files.h"

#include <dirent.h>

#define LEDE_PATH_BYTES_MAX 4096

/* Join directory and name. ret_path has room for LEDE_PATH_BYTES_MAX. Status: OK; ELIMIT. */
LEDE_CHECKED enum lede_status lede_path_join(
    const char *directory, const char *name, char *ret_path, struct lede_error *reterr);
/* The path of a segment in a data directory: segments/000042. ret_path as above. Status: OK;
 * ELIMIT. */
LEDE_CHECKED enum lede_status lede_segment_path(
    const char *directory, uint32_t number, char *ret_path, struct lede_error *reterr);
/* The next entry of an open directory but "." and "..". A directory that cannot be read to its end
 * is an error, never a shorter one.
 * path       for the message
 * ret_entry  borrowed from stream; NULL at the end
 * Status: OK; EIO. */
LEDE_CHECKED enum lede_status lede_directory_next(
    DIR *stream, const char *path, const struct dirent **ret_entry, struct lede_error *reterr);
/* Make a directory unless it is there. Status: OK; EIO; ENOSPC. */
LEDE_CHECKED enum lede_status lede_directory_make(const char *path, struct lede_error *reterr);
/* The same, and its entry in its parent lasts. Status: OK; EIO; ENOSPC; ELIMIT. */
LEDE_CHECKED enum lede_status lede_directory_make_lasting(
    const char *path, struct lede_error *reterr);
/* Make a directory's entries last. Status: OK; EIO. */
LEDE_CHECKED enum lede_status lede_directory_sync(const char *path, struct lede_error *reterr);
/* Make the plain files of a directory last, and its entries. Status: OK; EIO; ENOSPC. */
LEDE_CHECKED enum lede_status lede_directory_sync_files(
    const char *path, struct lede_error *reterr);
/* Remove a directory and everything in it. Status: OK, also where it does not exist; EIO. */
LEDE_CHECKED enum lede_status lede_directory_remove(const char *path, struct lede_error *reterr);
/* Bytes of the plain files in a directory, as the disk holds them; 0 where it cannot be read. */
uint64_t lede_directory_disk_bytes(const char *path);
/* Copy the plain files of a directory into a new one; all of it lasts when it returns.
 * may_link  hard links where the file system can
 * ret_copied, ret_linked  bytes are added Status: OK; EIO; ENOSPC. On failure `to` may hold a
 * part. */
LEDE_CHECKED enum lede_status lede_directory_copy(const char *from, const char *to, bool may_link,
    uint64_t *ret_copied, uint64_t *ret_linked, struct lede_error *reterr);
/* Do two directories hold plain files of the same names and sizes? */
bool lede_directory_is_like(const char *a, const char *b);
/* Does it not exist, or hold nothing? */
bool lede_directory_is_empty(const char *path);
/* Replace a file's content so that a crash leaves the old or the new whole: temporary file, sync,
 * rename, sync of the directory.
 * ret_replaced  written whatever the status, may be NULL: it may be the new one, since the rename
 *               was asked for. Where that, or the sync of the directory, failed it may be either.
 * Status: OK; EIO; ENOSPC. */
LEDE_CHECKED enum lede_status lede_file_replace(const char *directory, const char *name,
    const void *data, size_t size, bool *ret_replaced, struct lede_error *reterr);
/* Write all of it at an offset. Status: OK; EIO; ENOSPC. */
LEDE_CHECKED enum lede_status lede_write_at(
    int fd, const void *data, size_t size, uint64_t offset, struct lede_error *reterr);

#endif
