/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files are under a path, in an order that is the same everywhere, and what their names say
 * they hold. */
#include "lede/import.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { WALK_DEPTH_MAX = 64 };

/* Paths in one directory; those of directories end with '/', so that sorting them sorts whole
 * paths. */
struct listing {
    char **paths;
    size_t count;
    size_t capacity;
};

static void listing_done(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->paths[i]);
    free(listing->paths);
    *listing = (struct listing){0};
}

static bool listing_add(struct listing *listing, char *path)
{
    if (!path)
        return false;
    if (!LEDE_ARRAY_RESERVE(listing->paths, listing->capacity, listing->count + 1)) {
        free(path);
        return false;
    }
    listing->paths[listing->count++] = path;
    return true;
}

static char *join(const char *directory, const char *name, bool is_directory)
{
    struct lede_buffer path = {0};
    lede_buffer_append_string(&path, directory);
    if (path.size > 0 && path.data && path.data[path.size - 1] != '/')
        lede_buffer_append_char(&path, '/');
    lede_buffer_append_string(&path, name);
    if (is_directory)
        lede_buffer_append_char(&path, '/');
    return lede_buffer_take(&path);
}

/* Add an entry if it is a directory itself, or a regular file also by a link. */
static bool list_entry(struct listing *listing, const char *directory, const char *name)
{
    LEDE_CLEANUP(lede_freep) char *path = join(directory, name, false);
    struct stat about;
    if (!path)
        return false;
    if (lstat(path, &about) != 0)
        return true; /* gone meanwhile */
    bool is_directory = S_ISDIR(about.st_mode);
    if (S_ISLNK(about.st_mode) && stat(path, &about) != 0)
        return true; /* a link to nowhere */
    if (!is_directory && !S_ISREG(about.st_mode))
        return true;
    return listing_add(listing, join(directory, name, is_directory));
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static enum lede_status list(
    const char *directory, struct listing *listing, struct lede_error *reterr)
{
    DIR *stream = opendir(directory);
    if (!stream)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read directory '%s'", directory);
    enum lede_status status = LEDE_OK;
    const struct dirent *entry = NULL;
    errno = 0;
    while (status == LEDE_OK && (entry = readdir(stream))) {
        if (entry->d_name[0] != '.' && !list_entry(listing, directory, entry->d_name))
            status = lede_fail_memory(reterr);
        errno = 0;
    }
    if (status == LEDE_OK && errno != 0)
        status = lede_fail_errno(reterr, LEDE_EIO, "cannot read directory '%s'", directory);
    closedir(stream);
    if (listing->count > 1)
        qsort(listing->paths, listing->count, sizeof *listing->paths, compare_paths);
    return status;
}

static enum lede_status walk_directory(const char *path, int depth,
    const struct lede_import_visitor *visitor, struct lede_error *reterr)
{
    struct listing listing = {0};
    struct lede_error why = {0};
    enum lede_status status = LEDE_OK;
    if (depth > WALK_DEPTH_MAX)
        status = lede_fail(&why, LEDE_EIO,
            "expected at most %d directories inside each other, found more at '%s'", WALK_DEPTH_MAX,
            path);
    else
        status = list(path, &listing, &why);
    bool is_passed_over = depth > 1 && status != LEDE_OK && status != LEDE_ENOMEM;
    if (is_passed_over)
        status = visitor->pass_over(visitor->context, path, &why, reterr);
    else if (status != LEDE_OK && reterr)
        *reterr = why;
    for (size_t i = 0; status == LEDE_OK && i < listing.count; i++) {
        const char *inner = listing.paths[i];
        bool is_directory = inner[strlen(inner) - 1] == '/';
        status = is_directory ? walk_directory(inner, depth + 1, visitor, reterr)
                              : visitor->visit(visitor->context, inner, reterr);
    }
    listing_done(&listing);
    return status;
}

enum lede_status lede_import_walk(
    const char *path, const struct lede_import_visitor *visitor, struct lede_error *reterr)
{
    struct stat about;
    if (strcmp(path, "-") == 0)
        return visitor->visit(visitor->context, path, reterr);
    if (stat(path, &about) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot open '%s'", path);
    if (S_ISDIR(about.st_mode))
        return walk_directory(path, 1, visitor, reterr);
    return visitor->visit(visitor->context, path, reterr);
}

static bool ends_with(const char *text, size_t size, const char *ending)
{
    size_t ending_size = strlen(ending);
    return size >= ending_size && strncasecmp(text + size - ending_size, ending, ending_size) == 0;
}

enum lede_import_format lede_import_format_of(const char *path)
{
    static const struct {
        const char *ending;
        enum lede_import_format format;
    } endings[] = {
        {".ndjson", LEDE_IMPORT_NDJSON},
        {".jsonl", LEDE_IMPORT_NDJSON},
        {".json", LEDE_IMPORT_JSON},
        {".txt", LEDE_IMPORT_TEXT},
    };
    size_t size = strlen(path);
    if (ends_with(path, size, ".gz"))
        size -= strlen(".gz");
    else if (ends_with(path, size, ".zst"))
        size -= strlen(".zst");
    for (size_t i = 0; i < LEDE_COUNT_OF(endings); i++)
        if (ends_with(path, size, endings[i].ending))
            return endings[i].format;
    return LEDE_IMPORT_AUTO;
}
