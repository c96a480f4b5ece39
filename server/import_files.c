/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
    struct lede_import_files *files;
    enum lede_import_format format;
    const char *named; /* the path on the command line */
    size_t capacity;
};

static enum lede_status add_file(
    struct walk *walk, const char *path, enum lede_import_format format, struct lede_error *reterr)
{
    struct lede_import_files *files = walk->files;
    if (!LEDE_ARRAY_RESERVE(files->items, walk->capacity, files->count + 1))
        return lede_fail_memory(reterr);
    char *copy = strdup(path);
    if (!copy)
        return lede_fail_memory(reterr);
    files->items[files->count++] = (struct lede_import_file){.path = copy, .format = format};
    return LEDE_OK;
}

static enum lede_status visit(void *context, const char *path, struct lede_error *reterr)
{
    struct walk *walk = context;
    struct stat info;
    enum lede_import_format format = walk->format;
    if (format == LEDE_IMPORT_AUTO)
        format = lede_import_format_of(path);
    /* What was named is read whatever it is called; of a directory, what is not said to be news is
     * left alone. */
    if (format == LEDE_IMPORT_AUTO && strcmp(path, walk->named) != 0) {
        walk->files->skipped++;
        return LEDE_OK;
    }
    if (stat(path, &info) == 0 && info.st_size > 0)
        walk->files->bytes += (uint64_t)info.st_size;
    return add_file(walk, path, format, reterr);
}

enum lede_status lede_import_files_find(char *const *paths, size_t count,
    enum lede_import_format format, struct lede_import_files *ret_files, struct lede_error *reterr)
{
    struct walk walk = {.files = ret_files, .format = format};
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < count && st == LEDE_OK; i++) {
        walk.named = paths[i];
        if (strcmp(paths[i], "-") == 0) {
            ret_files->is_endless = true;
            st = add_file(&walk, paths[i], format, reterr);
        } else {
            st = lede_import_walk(paths[i], visit, &walk, reterr);
        }
    }
    if (ret_files->is_endless)
        ret_files->bytes = 0;
    return st;
}

void lede_import_files_done(struct lede_import_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->items[i].path);
    free(files->items);
    *files = (struct lede_import_files){0};
}
