/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HEAD_BYTES = 4096 };

struct walk {
    struct lede_import_files *files;
    enum lede_import_format format;
    bool takes_all;
    const char *named; /* the path on the command line */
    size_t capacity, unread_capacity;
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

/* Of a name that says nothing: is it one of the formats all the same? */
static bool has_format(const char *path)
{
    LEDE_CLEANUP(lede_file_source_freep) struct lede_file_source *source = NULL;
    char head[HEAD_BYTES];
    size_t size = 0, got = 1;
    enum lede_status st = lede_file_source_open(path, &source, NULL);
    while (st == LEDE_OK && got > 0 && size < HEAD_BYTES) {
        st = lede_file_source_read(source, head + size, HEAD_BYTES - size, &got, NULL);
        size += st == LEDE_OK ? got : 0;
    }
    return size > 0 && lede_format_is_beginning(head, size, path);
}

static enum lede_status visit(void *context, const char *path, struct lede_error *reterr)
{
    struct walk *walk = context;
    struct stat info;
    enum lede_import_format format = walk->format;
    if (format == LEDE_IMPORT_AUTO)
        format = lede_import_format_of(path);
    /* What was named is read whatever it is called; of a directory, what neither its name nor its
     * content says to be news is left alone. */
    if (format == LEDE_IMPORT_AUTO && !walk->takes_all && !lede_format_is_ending(path) &&
        strcmp(path, walk->named) != 0 && !has_format(path)) {
        walk->files->skipped++;
        return LEDE_OK;
    }
    if (stat(path, &info) == 0 && info.st_size > 0)
        walk->files->bytes += (uint64_t)info.st_size;
    return add_file(walk, path, format, reterr);
}

static enum lede_status pass_over(
    void *context, const char *path, const struct lede_error *why, struct lede_error *reterr)
{
    struct walk *walk = context;
    struct lede_import_files *files = walk->files;
    if (!LEDE_ARRAY_RESERVE(files->unread, walk->unread_capacity, files->unread_count + 1))
        return lede_fail_memory(reterr);
    struct lede_import_unread *unread = &files->unread[files->unread_count++];
    *unread = (struct lede_import_unread){.path = strdup(path), .why = strdup(why->message)};
    return unread->path && unread->why ? LEDE_OK : lede_fail_memory(reterr);
}

enum lede_status lede_import_files_find(char *const *paths, size_t count,
    enum lede_import_format format, bool takes_all, struct lede_import_files *ret_files,
    struct lede_error *reterr)
{
    struct walk walk = {.files = ret_files, .format = format, .takes_all = takes_all};
    struct lede_import_visitor visitor = {.visit = visit, .pass_over = pass_over, .context = &walk};
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < count && st == LEDE_OK; i++) {
        walk.named = paths[i];
        if (strcmp(paths[i], "-") == 0) {
            ret_files->is_endless = true;
            st = add_file(&walk, paths[i], format, reterr);
        } else {
            st = lede_import_walk(paths[i], &visitor, reterr);
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
    for (size_t i = 0; i < files->unread_count; i++) {
        free(files->unread[i].path);
        free(files->unread[i].why);
    }
    free(files->unread);
    free(files->items);
    *files = (struct lede_import_files){0};
}
