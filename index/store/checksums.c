#include "checksums.h"

#include "files.h"
#include "lede/number.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKSUMS_NAME "checksums"
#define LOCK_NAME "flintlock" /* Xapian's lock file: it holds nothing */
#define NAME_BYTES_MAX 64

/* A file that is damaged on the medium may end in SIGBUS: who must go on does this in a process of its own. */
static enum lede_status hash_file(
    const char *path, unsigned char ret_digest[16], uint64_t *ret_size, struct lede_error *reterr)
{
    struct stat info;
    LEDE_CLEANUP(lede_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", path);
    size_t size = (size_t)info.st_size;
    void *data = size > 0 ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (data == MAP_FAILED)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot map '%s'", path);
    lede_hash128(data ? data : "", size, ret_digest);
    if (data)
        munmap(data, size);
    *ret_size = size;
    return LEDE_OK;
}

static enum lede_status append_file(
    const char *segment, const char *name, struct lede_buffer *text, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    char hex[33];
    unsigned char digest[16];
    uint64_t size = 0;
    enum lede_status st = lede_path_join(segment, name, path, reterr);
    if (st == LEDE_OK)
        st = hash_file(path, digest, &size, reterr);
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
    enum lede_status st = LEDE_OK;
    for (struct dirent *entry = readdir(directory); st == LEDE_OK && entry; entry = readdir(directory)) {
        if (is_noted(entry->d_name))
            st = append_file(segment, entry->d_name, &text, reterr);
    }
    closedir(directory);
    if (st == LEDE_OK && lede_buffer_status(&text) != LEDE_OK)
        st = lede_fail_memory(reterr);
    return st == LEDE_OK ? lede_file_replace(segment, CHECKSUMS_NAME, text.data, text.size, reterr) : st;
}

/* One line; false where it is none. */
static bool check_line(
    const char *segment, const char *line, void (*tell)(void *, const char *), void *context)
{
    char hex[33], found_hex[33], name[NAME_BYTES_MAX], path[LEDE_PATH_BYTES_MAX];
    char what[NAME_BYTES_MAX + 128];
    unsigned char digest[16];
    unsigned long long noted = 0;
    uint64_t size = 0;
    if (sscanf(line, "%32[0-9a-f] %llu %63s", hex, &noted, name) != 3 || strlen(hex) != 32 ||
        strchr(name, '/') || lede_path_join(segment, name, path, NULL) != LEDE_OK)
        return false;
    if (hash_file(path, digest, &size, NULL) != LEDE_OK) {
        snprintf(what, sizeof(what), "%s is missing, or cannot be read", name);
        tell(context, what);
        return true;
    }
    lede_hash_to_hex(digest, found_hex);
    if (size != noted) {
        snprintf(what, sizeof(what), "%s has %llu bytes, it had %llu when it was sealed", name,
            (unsigned long long)size, noted);
        tell(context, what);
    } else if (strcmp(hex, found_hex) != 0) {
        snprintf(what, sizeof(what), "%s is not what it was when it was sealed", name);
        tell(context, what);
    }
    return true;
}

enum lede_status lede_checksums_check(const char *segment, void (*tell)(void *context, const char *problem),
    void *context, bool *ret_noted, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(segment, CHECKSUMS_NAME, path, reterr);
    if (st == LEDE_OK)
        st = lede_file_read(path, &text, reterr);
    *ret_noted = st == LEDE_OK;
    if (st == LEDE_ENOTFOUND)
        return LEDE_OK;
    if (st != LEDE_OK)
        return st;
    char *rest = text.data;
    for (char *line = rest ? strsep(&rest, "\n") : NULL; line; line = strsep(&rest, "\n")) {
        if (line[0] && !check_line(segment, line, tell, context)) {
            tell(context, CHECKSUMS_NAME " is damaged");
            return LEDE_OK;
        }
    }
    return LEDE_OK;
}
