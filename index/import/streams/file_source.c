/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file as a stream of bytes: plain ones as they are, gzip and zstd unpacked on the way, told
 * apart by the first bytes. */
#include "lede/import.h"
#include "lede/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    INPUT_BYTES = 128 << 10,
    PAUSE_MS = 100,          /* a pipe that gives nothing for so long pauses */
    ZSTD_WINDOW_LOG_MAX = 27 /* what zstd itself takes without being told to */
};

struct lede_file_source {
    int fd;
    bool may_pause;                 /* it is no regular file */
    bool is_begun;                  /* the first bytes have been looked at */
    bool has_ended;                 /* the file has */
    struct lede_unpacker *unpacker; /* NULL: it is plain */
    enum lede_coding coding;
    bool is_damaged; /* told; what is next is the next gzip member */
    uint64_t read_bytes;
    uint64_t size_bytes; /* 0: unknown */
    char *path;
    size_t input_start; /* input[input_start, input_end) is read and not yet used */
    size_t input_end;
    unsigned char input[INPUT_BYTES];
};

static enum lede_status read_bytes(struct lede_file_source *source, void *data, size_t capacity,
    size_t *ret_size, struct lede_error *reterr)
{
    struct pollfd wanted = {.fd = source->fd, .events = POLLIN};
    bool is_there = !source->may_pause || poll(&wanted, 1, PAUSE_MS) > 0;
    ssize_t got = is_there ? read(source->fd, data, capacity) : -1;
    bool pauses = got < 0 && (!is_there || errno == EINTR || errno == EAGAIN);
    if (pauses)
        return lede_fail(reterr, LEDE_EAGAIN, "'%s' gives nothing now", source->path);
    if (got < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", source->path);
    source->read_bytes += (uint64_t)got;
    source->has_ended = got == 0;
    *ret_size = (size_t)got;
    return LEDE_OK;
}

/* Read on into the input, behind what is left there. */
static enum lede_status fill_input(struct lede_file_source *source, struct lede_error *reterr)
{
    size_t left = source->input_end - source->input_start;
    memmove(source->input, source->input + source->input_start, left);
    source->input_start = 0;
    source->input_end = left;
    size_t got = 0;
    enum lede_status status =
        read_bytes(source, source->input + left, INPUT_BYTES - left, &got, reterr);
    if (status == LEDE_OK)
        source->input_end += got;
    return status;
}

static enum lede_status detect_coding(struct lede_file_source *source, struct lede_error *reterr)
{
    while (source->input_end < LEDE_CODING_MARK_BYTES && !source->has_ended) {
        enum lede_status status = fill_input(source, reterr);
        if (status != LEDE_OK)
            return status;
    }
    source->is_begun = true;
    enum lede_coding coding = lede_coding_of(source->input, source->input_end);
    source->coding = coding;
    return coding == LEDE_CODING_NONE
               ? LEDE_OK
               : lede_unpacker_new(coding, ZSTD_WINDOW_LOG_MAX, &source->unpacker, reterr);
}

enum lede_status lede_file_source_open(
    const char *path, struct lede_file_source **ret_source, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_file_source_freep)
    struct lede_file_source *source = calloc(1, sizeof *source);
    if (!source)
        return lede_fail_memory(reterr);
    source->fd = -1;
    source->path = strdup(path);
    if (!source->path)
        return lede_fail_memory(reterr);
    source->fd =
        strcmp(path, "-") == 0
            ? STDIN_FILENO
            : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO may have no writer yet */
    if (source->fd < 0) {
        enum lede_status kind = errno == ENOENT ? LEDE_ENOTFOUND : LEDE_EIO;
        return lede_fail_errno(reterr, kind, "cannot open '%s'", path);
    }
    struct stat about;
    source->may_pause = fstat(source->fd, &about) != 0 || !S_ISREG(about.st_mode);
    if (!source->may_pause)
        source->size_bytes = (uint64_t)about.st_size;
    *ret_source = LEDE_TAKE(&source);
    return LEDE_OK;
}

void lede_file_source_free(struct lede_file_source *source)
{
    if (!source)
        return;
    lede_unpacker_free(source->unpacker);
    if (source->fd > STDIN_FILENO)
        close(source->fd);
    free(source->path);
    free(source);
}

void lede_file_source_freep(struct lede_file_source **source)
{
    lede_file_source_free(*source);
    *source = NULL;
}

/* Say in which file, and where in it. */
static enum lede_status fail_damaged(
    struct lede_file_source *source, const struct lede_error *why, struct lede_error *reterr)
{
    if (why->status == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    source->is_damaged = true;
    (void)lede_fail(reterr, why->status, "'%s': %s", source->path, why->message);
    if (reterr) {
        reterr->position = source->read_bytes - (source->input_end - source->input_start);
        reterr->has_position = true;
    }
    return why->status;
}

/* Behind a damage, go to where a gzip member begins: 1F 8B 08. Status: OK, also at the end. */
static enum lede_status find_member(struct lede_file_source *source, struct lede_error *reterr)
{
    static const unsigned char mark[] = {0x1F, 0x8B, 8};
    for (;;) {
        const unsigned char *input = source->input + source->input_start;
        size_t size = source->input_end - source->input_start;
        const unsigned char *found = memmem(input, size, mark, sizeof(mark));
        if (found && source->coding == LEDE_CODING_GZIP) {
            source->input_start += (size_t)(found - input);
            source->is_damaged = false;
            lede_unpacker_freep(&source->unpacker);
            return lede_unpacker_new(
                LEDE_CODING_GZIP, ZSTD_WINDOW_LOG_MAX, &source->unpacker, reterr);
        }
        size_t kept = size < sizeof(mark) ? size : sizeof(mark) - 1;
        source->input_start = source->input_end - kept;
        if (source->has_ended || source->coding != LEDE_CODING_GZIP)
            return LEDE_OK;
        enum lede_status status = fill_input(source, reterr);
        if (status != LEDE_OK)
            return status;
    }
}

static enum lede_status read_packed(struct lede_file_source *source, char *data, size_t capacity,
    size_t *ret_size, struct lede_error *reterr)
{
    struct lede_error why = {0};
    size_t given = 0;
    for (;;) {
        size_t taken = 0;
        enum lede_status status =
            lede_unpacker_step(source->unpacker, source->input + source->input_start,
                source->input_end - source->input_start, data, capacity, &taken, &given, &why);
        source->input_start += taken;
        if (status != LEDE_OK)
            return fail_damaged(source, &why, reterr);
        bool is_whole = given == 0 && source->has_ended;
        if (is_whole && lede_unpacker_end(source->unpacker, &why) != LEDE_OK)
            return fail_damaged(source, &why, reterr);
        if (given > 0 || is_whole)
            break;
        status = fill_input(source, reterr);
        if (status != LEDE_OK)
            return status;
    }
    *ret_size = given;
    return LEDE_OK;
}

enum lede_status lede_file_source_read(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct lede_file_source *source = context;
    enum lede_status status = source->is_begun ? LEDE_OK : detect_coding(source, reterr);
    if (status != LEDE_OK)
        return status;
    if (source->is_damaged) {
        status = find_member(source, reterr);
        if (status != LEDE_OK || source->is_damaged) {
            *ret_size = 0;
            return status;
        }
    }
    size_t left = source->input_end - source->input_start;
    if (source->unpacker)
        return read_packed(source, data, capacity, ret_size, reterr);
    if (left == 0)
        return read_bytes(source, data, capacity, ret_size, reterr);
    size_t size = left < capacity ? left : capacity;
    memcpy(data, source->input + source->input_start, size);
    source->input_start += size;
    *ret_size = size;
    return LEDE_OK;
}

void lede_file_source_progress(
    const struct lede_file_source *source, uint64_t *ret_read, uint64_t *ret_size)
{
    *ret_read = source->read_bytes;
    *ret_size = source->size_bytes;
}
