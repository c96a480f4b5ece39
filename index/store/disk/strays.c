/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strays.h"

#include "deletions.h"
#include "files.h"

#include <stdlib.h>
#include <string.h>

static bool is_stray_segment(const struct lede_manifest *manifest, const char *name)
{
    char *end = NULL;
    unsigned long number = strtoul(name, &end, 10);
    if (end < name + 6 || number > UINT32_MAX)
        return false;
    return strcmp(end, LEDE_SCRATCH_SUFFIX) == 0 || strcmp(end, LEDE_PARTIAL_SUFFIX) == 0 ||
           (*end == '\0' && !lede_manifest_find(manifest, (uint32_t)number));
}

static enum lede_status remove_segments(
    const char *directory, const struct lede_manifest *manifest, struct lede_error *reterr)
{
    char segments[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(directory, "segments", segments, reterr);
    if (st != LEDE_OK)
        return st;
    DIR *entries = opendir(segments);
    if (!entries)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", segments);
    const struct dirent *entry = NULL;
    st = lede_directory_next(entries, segments, &entry, reterr);
    for (; st == LEDE_OK && entry; st = lede_directory_next(entries, segments, &entry, reterr)) {
        char path[LEDE_PATH_BYTES_MAX];
        if (is_stray_segment(manifest, entry->d_name) &&
            lede_path_join(segments, entry->d_name, path, NULL) == LEDE_OK)
            (void)!lede_directory_remove(path, NULL);
    }
    closedir(entries);
    return st;
}

static enum lede_status remove_logs(
    const char *directory, const struct lede_manifest *manifest, struct lede_error *reterr)
{
    static const char prefix[] = "deletions-";
    DIR *entries = opendir(directory);
    if (!entries)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", directory);
    const struct dirent *entry = NULL;
    enum lede_status st = lede_directory_next(entries, directory, &entry, reterr);
    for (; st == LEDE_OK && entry; st = lede_directory_next(entries, directory, &entry, reterr)) {
        if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) != 0)
            continue;
        uint64_t generation = strtoull(entry->d_name + sizeof(prefix) - 1, NULL, 10);
        if (generation != manifest->deletions)
            lede_deletion_log_remove(directory, generation);
    }
    closedir(entries);
    return st;
}

enum lede_status lede_strays_remove(
    const char *directory, const struct lede_manifest *manifest, struct lede_error *reterr)
{
    enum lede_status st = remove_segments(directory, manifest, reterr);
    return st == LEDE_OK ? remove_logs(directory, manifest, reterr) : st;
}
