/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)64 << 10)

static enum lede_status open_file(struct lede_spool *spool, struct lede_error *reterr)
{
    const char *directory = getenv("TMPDIR");
    directory = directory && *directory ? directory : "/tmp";
    spool->fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (spool->fd >= 0)
        return LEDE_OK;
    /* A file system that knows no O_TMPFILE. */
    struct lede_buffer name = {0};
    lede_buffer_append_format(&name, "%s/lede-XXXXXX", directory);
    if (lede_buffer_status(&name) == LEDE_OK)
        spool->fd = mkostemp(name.data, O_CLOEXEC);
    if (spool->fd >= 0)
        unlink(name.data);
    lede_buffer_done(&name);
    return spool->fd >= 0
               ? LEDE_OK
               : lede_fail_errno(reterr, LEDE_EIO, "cannot make a file in '%s'", directory);
}

static enum lede_status write_all(
    struct lede_spool *spool, const char *data, size_t size, struct lede_error *reterr)
{
    for (size_t at = 0; at < size;) {
        ssize_t written = write(spool->fd, data + at, size - at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return lede_fail_errno(reterr, LEDE_EIO, "cannot write a temporary file");
        at += (size_t)written;
    }
    spool->size += size;
    return LEDE_OK;
}

enum lede_status lede_spool_fill(struct lede_spool *spool, const struct lede_format_input *input,
    uint64_t bytes_max, struct lede_error *reterr)
{
    char piece[PIECE_BYTES];
    if (spool->is_whole)
        return LEDE_OK; /* whoever reads it stands somewhere in it */
    enum lede_status st = spool->fd >= 0 ? LEDE_OK : open_file(spool, reterr);
    while (st == LEDE_OK && !spool->is_whole) {
        size_t got = 0;
        st = input->read(input->context, piece, sizeof(piece), &got, reterr);
        spool->is_whole = st == LEDE_OK && got == 0;
        if (st == LEDE_OK && spool->size + got > bytes_max)
            st = lede_fail(reterr, LEDE_ELIMIT, "expected a file of at most %llu bytes, found more",
                (unsigned long long)bytes_max);
        if (st == LEDE_OK)
            st = write_all(spool, piece, got, reterr);
    }
    if (st == LEDE_OK && lseek(spool->fd, 0, SEEK_SET) < 0)
        st = lede_fail_errno(reterr, LEDE_EIO, "cannot read a temporary file");
    return st;
}

void lede_spool_done(struct lede_spool *spool)
{
    if (spool->fd >= 0)
        close(spool->fd);
    *spool = LEDE_SPOOL_EMPTY;
}
