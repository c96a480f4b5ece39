/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file as a stream of bytes: plain ones as they are, gzip unpacked on the way, told apart by the
 * first two bytes.
 *
 * Source of the format: RFC 1952; a file may hold several members, whose texts follow each
 * other. */
#include "lede/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    INPUT_BYTES = 128 << 10,
    GZIP_WINDOW_BITS = 15 + 16 /* 16: with a gzip header, see zlib.h */
};

struct lede_file_source {
    int fd;
    bool is_gzip;
    bool has_ended;    /* the file has */
    bool is_in_member; /* between a gzip header and its trailer */
    z_stream stream;
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
    ssize_t got = 0;
    do
        got = read(source->fd, data, capacity);
    while (got < 0 && errno == EINTR);
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

/* Ensure two bytes of input, unless the file ends before. */
static enum lede_status fill_two_bytes(struct lede_file_source *source, struct lede_error *reterr)
{
    while (source->input_end - source->input_start < 2 && !source->has_ended) {
        enum lede_status status = fill_input(source, reterr);
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

static bool has_gzip_mark(const struct lede_file_source *source)
{
    const unsigned char *c = source->input + source->input_start;
    return source->input_end - source->input_start >= 2 && c[0] == 0x1F && c[1] == 0x8B;
}

static enum lede_status detect_gzip(struct lede_file_source *source, struct lede_error *reterr)
{
    enum lede_status status = fill_two_bytes(source, reterr);
    if (status != LEDE_OK || !has_gzip_mark(source))
        return status;
    if (inflateInit2(&source->stream, GZIP_WINDOW_BITS) != Z_OK)
        return lede_fail_memory(reterr);
    source->is_gzip = true;
    source->is_in_member = true;
    return LEDE_OK;
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
    source->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0) {
        enum lede_status kind = errno == ENOENT ? LEDE_ENOTFOUND : LEDE_EIO;
        return lede_fail_errno(reterr, kind, "cannot open '%s'", path);
    }
    struct stat about;
    if (fstat(source->fd, &about) == 0 && S_ISREG(about.st_mode))
        source->size_bytes = (uint64_t)about.st_size;
    enum lede_status status = detect_gzip(source, reterr);
    if (status != LEDE_OK)
        return status;
    *ret_source = LEDE_TAKE(&source);
    return LEDE_OK;
}

void lede_file_source_free(struct lede_file_source *source)
{
    if (!source)
        return;
    if (source->is_gzip)
        inflateEnd(&source->stream);
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

static enum lede_status fail_gzip(
    struct lede_file_source *source, const char *what, struct lede_error *reterr)
{
    (void)lede_fail(reterr, LEDE_EINPUT, "damaged gzip '%s': %s", source->path, what);
    if (reterr) {
        reterr->position = source->read_bytes - (source->input_end - source->input_start);
        reterr->has_position = true;
    }
    return LEDE_EINPUT;
}

/* Behind a member: begin the next, or end the file. Zeros that pad to a block, as tapes do, are
 * passed over. */
static enum lede_status next_member(struct lede_file_source *source, struct lede_error *reterr)
{
    for (;;) {
        enum lede_status status = fill_two_bytes(source, reterr);
        if (status != LEDE_OK || source->input_start == source->input_end)
            return status;
        if (has_gzip_mark(source)) {
            source->is_in_member = true;
            return inflateReset(&source->stream) == Z_OK
                       ? LEDE_OK
                       : fail_gzip(source, "cannot go on", reterr);
        }
        if (source->input[source->input_start] != 0)
            return fail_gzip(
                source, "expected another member or the end, found other bytes", reterr);
        source->input_start++;
    }
}

/* Unpack some bytes of the member; *ret_size may be 0 before its end. */
static enum lede_status inflate_some(struct lede_file_source *source, char *data, size_t capacity,
    size_t *ret_size, struct lede_error *reterr)
{
    if (source->input_start == source->input_end) {
        enum lede_status status = fill_input(source, reterr);
        if (status != LEDE_OK)
            return status;
        if (source->has_ended)
            return fail_gzip(source, "the file ends early", reterr);
    }
    z_stream *stream = &source->stream;
    uInt room = capacity > INT32_MAX ? INT32_MAX : (uInt)capacity;
    stream->next_in = source->input + source->input_start;
    stream->avail_in = (uInt)(source->input_end - source->input_start);
    stream->next_out = (Bytef *)data;
    stream->avail_out = room;
    int result = inflate(stream, Z_NO_FLUSH);
    source->input_start = source->input_end - stream->avail_in;
    *ret_size = room - stream->avail_out;
    if (result == Z_MEM_ERROR)
        return lede_fail_memory(reterr);
    if (result == Z_STREAM_END)
        source->is_in_member = false;
    else if (result != Z_OK && result != Z_BUF_ERROR)
        return fail_gzip(source, stream->msg ? stream->msg : "expected deflated data", reterr);
    return LEDE_OK;
}

enum lede_status lede_file_source_read(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct lede_file_source *source = context;
    size_t left = source->input_end - source->input_start;
    if (!source->is_gzip && left == 0)
        return read_bytes(source, data, capacity, ret_size, reterr);
    if (!source->is_gzip) {
        size_t size = left < capacity ? left : capacity;
        memcpy(data, source->input + source->input_start, size);
        source->input_start += size;
        *ret_size = size;
        return LEDE_OK;
    }
    size_t size = 0;
    while (size == 0) {
        enum lede_status status = source->is_in_member ? LEDE_OK : next_member(source, reterr);
        if (status != LEDE_OK)
            return status;
        if (!source->is_in_member)
            break;
        status = inflate_some(source, data, capacity, &size, reterr);
        if (status != LEDE_OK)
            return status;
    }
    *ret_size = size;
    return LEDE_OK;
}

void lede_file_source_progress(
    const struct lede_file_source *source, uint64_t *ret_read, uint64_t *ret_size)
{
    *ret_read = source->read_bytes;
    *ret_size = source->size_bytes;
}
