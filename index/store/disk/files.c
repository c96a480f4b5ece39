/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BLOCK_BYTES 65536
#define COPY_BLOCK_BYTES ((size_t)1 << 20)

enum lede_status lede_path_join(
    const char *directory, const char *name, char *ret_path, struct lede_error *reterr)
{
    int size = snprintf(ret_path, LEDE_PATH_BYTES_MAX, "%s/%s", directory, name);
    if (size < 0 || size >= LEDE_PATH_BYTES_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "path '%.64s…' is longer than %d bytes", directory,
            LEDE_PATH_BYTES_MAX - 1);
    return LEDE_OK;
}

enum lede_status lede_segment_path(
    const char *directory, uint32_t number, char *ret_path, struct lede_error *reterr)
{
    char name[32];
    snprintf(name, sizeof(name), "segments/%06u", number);
    return lede_path_join(directory, name, ret_path, reterr);
}

enum lede_status lede_directory_make(const char *path, struct lede_error *reterr)
{
    if (mkdir(path, 0750) == 0 || errno == EEXIST)
        return LEDE_OK;
    return lede_fail_errno(reterr, LEDE_EIO, "cannot make directory '%s'", path);
}

enum lede_status lede_directory_make_lasting(const char *path, struct lede_error *reterr)
{
    char copy[LEDE_PATH_BYTES_MAX];
    if (snprintf(copy, sizeof(copy), "%s", path) >= LEDE_PATH_BYTES_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "path '%.64s…' is longer than %d bytes", path,
            LEDE_PATH_BYTES_MAX - 1);
    bool made = mkdir(path, 0750) == 0;
    if (!made && errno != EEXIST)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot make directory '%s'", path);
    /* A crash may have come before the sync of one that is there; a disk that cannot sync can be
     * read. */
    enum lede_status synced = lede_directory_sync(dirname(copy), reterr);
    return made ? synced : LEDE_OK;
}

enum lede_status lede_directory_sync(const char *path, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot sync directory '%s'", path);
    return LEDE_OK;
}

enum lede_status lede_directory_next(
    DIR *stream, const char *path, const struct dirent **ret_entry, struct lede_error *reterr)
{
    const struct dirent *entry = NULL;
    do {
        errno = 0;
        entry = readdir(stream);
    } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    if (!entry && errno != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read directory '%s'", path);
    *ret_entry = entry;
    return LEDE_OK;
}

/* Call visit with each plain file's path; stops at the first false. False, with errno, also where
 * the directory cannot be read to its end. */
static bool visit_files(
    const char *path, bool (*visit)(void *context, const char *file), void *context)
{
    DIR *directory = opendir(path);
    if (!directory)
        return errno == ENOENT;
    const struct dirent *entry = NULL;
    bool ok = lede_directory_next(directory, path, &entry, NULL) == LEDE_OK;
    while (ok && entry) {
        char file[LEDE_PATH_BYTES_MAX];
        ok = lede_path_join(path, entry->d_name, file, NULL) == LEDE_OK && visit(context, file) &&
             lede_directory_next(directory, path, &entry, NULL) == LEDE_OK;
    }
    int why = errno;
    closedir(directory);
    errno = why;
    return ok;
}

static bool sync_file(void *context, const char *file)
{
    (void)context;
    LEDE_CLEANUP(lede_closep) int fd = open(file, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

enum lede_status lede_directory_sync_files(const char *path, struct lede_error *reterr)
{
    if (!visit_files(path, sync_file, NULL))
        return lede_fail_errno(reterr, LEDE_EIO, "cannot sync the files in '%s'", path);
    return lede_directory_sync(path, reterr);
}

/* ---- Copying ---- */

struct copy {
    const char *to;
    bool may_link;
    uint64_t copied;
    uint64_t linked;
    enum lede_status status;
    struct lede_error *error;
};

static enum lede_status copy_bytes(int from, int to, uint64_t *ret_bytes, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *block = malloc(COPY_BLOCK_BYTES);
    if (!block)
        return lede_fail_memory(reterr);
    for (uint64_t offset = 0;;) {
        ssize_t size = read(from, block, COPY_BLOCK_BYTES);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return lede_fail_errno(reterr, LEDE_EIO, "cannot read a file to be copied");
        if (size == 0)
            break;
        enum lede_status st = lede_write_at(to, block, (size_t)size, offset, reterr);
        if (st != LEDE_OK)
            return st;
        offset += (uint64_t)size;
        *ret_bytes += (uint64_t)size;
    }
    return fsync(to) == 0 ? LEDE_OK
                          : lede_fail_errno(reterr, LEDE_EIO, "cannot sync a copied file");
}

static bool copy_file(void *context, const char *file)
{
    struct copy *copy = context;
    char target[LEDE_PATH_BYTES_MAX];
    struct stat info;
    copy->status = lede_path_join(copy->to, strrchr(file, '/') + 1, target, copy->error);
    if (copy->status != LEDE_OK)
        return false;
    if (copy->may_link && link(file, target) == 0) {
        copy->linked += stat(target, &info) == 0 ? (uint64_t)info.st_size : 0;
        return true;
    }
    /* It may have been linked all the same, as where the answer of a file server was lost: what is
     * there would be the store's own file. */
    (void)!unlink(target);
    LEDE_CLEANUP(lede_closep) int from = open(file, O_RDONLY | O_CLOEXEC);
    LEDE_CLEANUP(lede_closep) int to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    copy->status = from >= 0 && to >= 0 ? copy_bytes(from, to, &copy->copied, copy->error)
                                        : lede_fail_errno(copy->error, LEDE_EIO,
                                              "cannot copy '%s' to '%s'", file, target);
    return copy->status == LEDE_OK;
}

enum lede_status lede_directory_copy(const char *from, const char *to, bool may_link,
    uint64_t *ret_copied, uint64_t *ret_linked, struct lede_error *reterr)
{
    struct copy copy = {.to = to, .may_link = may_link, .error = reterr};
    enum lede_status st = lede_directory_make(to, reterr);
    if (st != LEDE_OK)
        return st;
    if (!visit_files(from, copy_file, &copy))
        return copy.status != LEDE_OK ? copy.status
                                      : lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", from);
    *ret_copied += copy.copied;
    *ret_linked += copy.linked;
    return lede_directory_sync(to, reterr);
}

static bool is_like(void *context, const char *file)
{
    char other[LEDE_PATH_BYTES_MAX];
    struct stat a, b;
    return lede_path_join(context, strrchr(file, '/') + 1, other, NULL) == LEDE_OK &&
           stat(file, &a) == 0 && stat(other, &b) == 0 && a.st_size == b.st_size;
}

bool lede_directory_is_like(const char *a, const char *b)
{
    char other[LEDE_PATH_BYTES_MAX];
    char one[LEDE_PATH_BYTES_MAX];
    snprintf(one, sizeof(one), "%s", a);
    snprintf(other, sizeof(other), "%s", b);
    struct stat info;
    return stat(a, &info) == 0 && stat(b, &info) == 0 && visit_files(a, is_like, other) &&
           visit_files(b, is_like, one);
}

static bool is_no_file(void *context, const char *file)
{
    (void)context;
    (void)file;
    return false;
}

bool lede_directory_is_empty(const char *path)
{
    return visit_files(path, is_no_file, NULL);
}

static bool remove_file(void *context, const char *file)
{
    (void)context;
    return unlink(file) == 0 || (errno == EISDIR && lede_directory_remove(file, NULL) == LEDE_OK);
}

enum lede_status lede_directory_remove(const char *path, struct lede_error *reterr)
{
    if (!visit_files(path, remove_file, NULL) || (rmdir(path) != 0 && errno != ENOENT))
        return lede_fail_errno(reterr, LEDE_EIO, "cannot remove '%s'", path);
    return LEDE_OK;
}

static bool add_disk_bytes(void *context, const char *file)
{
    uint64_t *bytes = context;
    struct stat facts;
    if (stat(file, &facts) == 0)
        *bytes += (uint64_t)facts.st_blocks * 512;
    return true;
}

uint64_t lede_directory_disk_bytes(const char *path)
{
    uint64_t bytes = 0;
    visit_files(path, add_disk_bytes, &bytes);
    return bytes;
}

enum lede_status lede_file_read(
    const char *path, struct lede_buffer *ret_data, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return lede_fail_errno(
            reterr, errno == ENOENT ? LEDE_ENOTFOUND : LEDE_EIO, "cannot open '%s'", path);
    for (;;) {
        char *room = lede_buffer_reserve(ret_data, READ_BLOCK_BYTES);
        if (!room)
            return lede_fail_memory(reterr);
        ssize_t size = read(fd, room, READ_BLOCK_BYTES);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", path);
        if (size == 0)
            return LEDE_OK;
        ret_data->size += (size_t)size;
        ret_data->data[ret_data->size] = '\0';
    }
}

enum lede_status lede_write_at(
    int fd, const void *data, size_t size, uint64_t offset, struct lede_error *reterr)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = pwrite(fd, at, size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return lede_fail_errno(reterr, LEDE_EIO, "cannot write");
        at += written;
        offset += (uint64_t)written;
        size -= (size_t)written;
    }
    return LEDE_OK;
}

static enum lede_status replace(const char *directory, const char *name, const void *data,
    size_t size, mode_t mode, bool *ret_replaced, struct lede_error *reterr)
{
    *ret_replaced = false;
    char path[LEDE_PATH_BYTES_MAX];
    char temporary[LEDE_PATH_BYTES_MAX + 4];
    enum lede_status st = lede_path_join(directory, name, path, reterr);
    if (st != LEDE_OK)
        return st;
    snprintf(temporary, sizeof(temporary), "%s.tmp", path);
    LEDE_CLEANUP(lede_closep)
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot create '%s'", temporary);
    st = lede_write_at(fd, data, size, 0, reterr);
    if (st != LEDE_OK)
        return st;
    if (fsync(fd) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot sync '%s'", temporary);
    /* A rename may be done and say that it failed. */
    *ret_replaced = true;
    if (rename(temporary, path) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot replace '%s'", path);
    return lede_directory_sync(directory, reterr);
}

enum lede_status lede_file_replace(const char *directory, const char *name, const void *data,
    size_t size, bool *ret_replaced, struct lede_error *reterr)
{
    bool unused = false;
    return replace(
        directory, name, data, size, 0640, ret_replaced ? ret_replaced : &unused, reterr);
}

enum lede_status lede_file_replace_private(const char *directory, const char *name,
    const void *data, size_t size, struct lede_error *reterr)
{
    bool unused = false;
    return replace(directory, name, data, size, 0600, &unused, reterr);
}
