/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checksums.h"

#include "files.h"
#include "lede/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKSUMS_NAME "checksums"
#define LOCK_NAME "flintlock" /* Xapian's lock file: it holds nothing */
#define NAME_BYTES_MAX 64
#define BLOCK_BYTES ((size_t)256 << 10)

/* Descriptors or memory are wanting: that says nothing of the file. */
static bool is_of_process(int error_number)
{
    return error_number == EMFILE || error_number == ENFILE || error_number == ENOMEM;
}

/* Read, not mapped: a block that the disk has lost is then an error, no signal. */
static enum lede_status hash_content(int fd, const struct lede_checksums_how *how,
    struct lede_hasher *hasher, uint64_t *ret_size, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *block = malloc(BLOCK_BYTES);
    uint64_t size = 0;
    if (!block)
        return lede_fail_memory(reterr);
    for (;;) {
        ssize_t got = read(fd, block, BLOCK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return lede_fail_errno(reterr, LEDE_EIO, "cannot read");
        if (got == 0)
            break;
        lede_hasher_add(hasher, block, (size_t)got);
        size += (uint64_t)got;
        if (how->go_on && !how->go_on(how->context, (size_t)got))
            return lede_fail(reterr, LEDE_EBUSY, "reading was ended");
    }
    *ret_size = size;
    return LEDE_OK;
}

/* ret_errno  with EIO: why it could not be read */
static enum lede_status hash_file(const char *path, const struct lede_checksums_how *how,
    unsigned char ret_digest[16], uint64_t *ret_size, int *ret_errno, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_hasher_freep) struct lede_hasher *hasher = lede_hasher_new();
    if (!hasher)
        return lede_fail_memory(reterr);
    LEDE_CLEANUP(lede_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    *ret_errno = errno;
    if (fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", path);
    enum lede_status st = hash_content(fd, how, hasher, ret_size, reterr);
    *ret_errno = errno;
    if (st == LEDE_OK)
        lede_hasher_digest(hasher, ret_digest);
    return st;
}

static enum lede_status append_file(
    const char *segment, const char *name, struct lede_buffer *text, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    char hex[33];
    unsigned char digest[16];
    uint64_t size = 0;
    int why = 0;
    const struct lede_checksums_how how = {0};
    enum lede_status st = lede_path_join(segment, name, path, reterr);
    if (st == LEDE_OK)
        st = hash_file(path, &how, digest, &size, &why, reterr);
    if (st != LEDE_OK)
        return st;
    lede_hash_to_hex(digest, hex);
    lede_buffer_append_format(text, "%s %llu %s\n", hex, (unsigned long long)size, name);
    return LEDE_OK;
}

static bool is_noted(const char *name)
{
    return name[0] != '.' && strcmp(name, CHECKSUMS_NAME) != 0 && strcmp(name, LOCK_NAME) != 0 &&
           strlen(name) < NAME_BYTES_MAX;
}

enum lede_status lede_checksums_write(const char *segment, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    DIR *directory = opendir(segment);
    if (!directory)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", segment);
    const struct dirent *entry = NULL;
    enum lede_status st = lede_directory_next(directory, segment, &entry, reterr);
    while (st == LEDE_OK && entry) {
        if (is_noted(entry->d_name))
            st = append_file(segment, entry->d_name, &text, reterr);
        if (st == LEDE_OK)
            st = lede_directory_next(directory, segment, &entry, reterr);
    }
    closedir(directory);
    if (st == LEDE_OK && lede_buffer_status(&text) != LEDE_OK)
        st = lede_fail_memory(reterr);
    return st == LEDE_OK
               ? lede_file_replace(segment, CHECKSUMS_NAME, text.data, text.size, NULL, reterr)
               : st;
}

/* ---- Comparing ---- */

struct comparing {
    const char *segment;
    const struct lede_checksums_how *how;
    enum lede_damage damage;
};

static void tell(struct comparing *comparing, enum lede_damage damage, const char *format, ...)
    LEDE_PRINTF(3, 4);

static void tell(struct comparing *comparing, enum lede_damage damage, const char *format, ...)
{
    char what[LEDE_DAMAGE_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    if (comparing->damage != LEDE_DAMAGE_CONTENT)
        comparing->damage = damage;
    if (comparing->how->tell)
        comparing->how->tell(comparing->how->context, what);
}

void lede_checksums_tell_first(void *context, const char *problem)
{
    char *text = context;
    if (!text[0])
        snprintf(text, LEDE_DAMAGE_TEXT_BYTES, "%s", problem);
}

/* Of a file that could not be read. */
static enum lede_status tell_unreadable(
    struct comparing *comparing, const char *name, int why, struct lede_error *reterr)
{
    char room[64];
    if (is_of_process(why)) {
        errno = why;
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s/%s'", comparing->segment, name);
    }
    bool missing = why == ENOENT || why == ENOTDIR;
    tell(comparing, missing ? LEDE_DAMAGE_CONTENT : LEDE_DAMAGE_UNREADABLE, "%s %s%s", name,
        missing ? "is missing" : "cannot be read: ",
        missing ? "" : strerror_r(why, room, sizeof(room)));
    return LEDE_OK;
}

struct line {
    char hex[33];
    unsigned long long size;
    char name[NAME_BYTES_MAX];
};

static bool read_line(const char *text, struct line *ret_line)
{
    char size[20];
    int64_t bytes = 0;
    if (sscanf(text, "%32[0-9a-f] %19[0-9] %63[-0-9A-Za-z._]", ret_line->hex, size,
            ret_line->name) != 3 ||
        strlen(ret_line->hex) != 32 ||
        lede_parse_int64(size, strlen(size), 0, INT64_MAX, &bytes, NULL) != LEDE_OK)
        return false;
    ret_line->size = (unsigned long long)bytes;
    return true;
}

static enum lede_status compare_size(struct comparing *comparing, const struct line *line,
    const char *path, bool *ret_same, struct lede_error *reterr)
{
    struct stat info;
    *ret_same = false;
    if (stat(path, &info) != 0)
        return tell_unreadable(comparing, line->name, errno, reterr);
    *ret_same = (unsigned long long)info.st_size == line->size;
    if (!*ret_same)
        tell(comparing, LEDE_DAMAGE_CONTENT, "%s has %llu bytes, it had %llu when it was sealed",
            line->name, (unsigned long long)info.st_size, line->size);
    return LEDE_OK;
}

static enum lede_status compare_content(struct comparing *comparing, const struct line *line,
    const char *path, struct lede_error *reterr)
{
    unsigned char digest[16];
    char hex[33];
    uint64_t size = 0;
    int why = 0;
    enum lede_status st = hash_file(path, comparing->how, digest, &size, &why, reterr);
    if (st == LEDE_EIO)
        return tell_unreadable(comparing, line->name, why, reterr);
    if (st != LEDE_OK)
        return st;
    lede_hash_to_hex(digest, hex);
    if (size != line->size || strcmp(hex, line->hex) != 0)
        tell(
            comparing, LEDE_DAMAGE_CONTENT, "%s is not what it was when it was sealed", line->name);
    return LEDE_OK;
}

static enum lede_status compare_line(
    struct comparing *comparing, const struct line *line, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    bool same = false;
    enum lede_status st = lede_path_join(comparing->segment, line->name, path, reterr);
    if (st == LEDE_OK)
        st = compare_size(comparing, line, path, &same, reterr);
    return st == LEDE_OK && same && !comparing->how->only_sizes
               ? compare_content(comparing, line, path, reterr)
               : st;
}

/* The lines are cut apart. */
static enum lede_status compare_lines(
    struct comparing *comparing, char *text, uint32_t *ret_files, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    char *rest = text;
    for (char *at = strsep(&rest, "\n"); st == LEDE_OK && at; at = strsep(&rest, "\n")) {
        struct line line;
        if (!at[0])
            continue;
        if (!read_line(at, &line)) {
            tell(comparing, LEDE_DAMAGE_CONTENT, CHECKSUMS_NAME " is damaged");
            return LEDE_OK;
        }
        (*ret_files)++;
        st = compare_line(comparing, &line, reterr);
    }
    return st;
}

/* Checksums that lost lines name fewer files than there are. */
static enum lede_status compare_count(
    struct comparing *comparing, uint32_t noted, struct lede_error *reterr)
{
    uint32_t files = 0;
    DIR *directory = opendir(comparing->segment);
    if (!directory)
        return tell_unreadable(comparing, ".", errno, reterr);
    const struct dirent *entry = NULL;
    enum lede_status st = lede_directory_next(directory, comparing->segment, &entry, NULL);
    while (st == LEDE_OK && entry) {
        files += is_noted(entry->d_name) ? 1 : 0;
        st = lede_directory_next(directory, comparing->segment, &entry, NULL);
    }
    int why = errno;
    closedir(directory);
    if (st != LEDE_OK)
        return tell_unreadable(comparing, ".", why, reterr);
    if (files > noted)
        tell(comparing, LEDE_DAMAGE_CONTENT, CHECKSUMS_NAME " names %u files, there are %u", noted,
            files);
    return LEDE_OK;
}

static enum lede_status compare(struct comparing *comparing, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    char path[LEDE_PATH_BYTES_MAX];
    uint32_t noted = 0;
    if (access(comparing->segment, R_OK | X_OK) != 0) {
        tell(comparing, LEDE_DAMAGE_UNREADABLE, "the directory %s",
            errno == ENOENT ? "is missing" : "cannot be read");
        return LEDE_OK;
    }
    enum lede_status st = lede_path_join(comparing->segment, CHECKSUMS_NAME, path, reterr);
    if (st != LEDE_OK || access(path, F_OK) != 0)
        return st;
    st = lede_file_read(path, &text, reterr);
    if (st == LEDE_EIO)
        return tell_unreadable(comparing, CHECKSUMS_NAME, errno, reterr);
    if (st == LEDE_OK && text.data)
        st = compare_lines(comparing, text.data, &noted, reterr);
    return st == LEDE_OK ? compare_count(comparing, noted, reterr) : st;
}

enum lede_status lede_checksums_compare(const char *segment, const struct lede_checksums_how *how,
    enum lede_damage *ret_damage, struct lede_error *reterr)
{
    struct comparing comparing = {.segment = segment, .how = how};
    enum lede_status st = compare(&comparing, reterr);
    if (st == LEDE_OK)
        *ret_damage = comparing.damage;
    return st;
}
