/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rebuild.h"

#include "files.h"
#include "lane.h"
#include "lede/schema.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum lede_status visit_names(const char *path,
    enum lede_status (*visit)(
        struct lede_check *check, const char *name, struct lede_error *reterr),
    struct lede_check *check, struct lede_error *reterr)
{
    DIR *directory = opendir(path);
    if (!directory)
        return errno == ENOENT ? LEDE_OK
                               : lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", path);
    const struct dirent *entry = NULL;
    enum lede_status st = lede_directory_next(directory, path, &entry, reterr);
    while (st == LEDE_OK && entry) {
        st = visit(check, entry->d_name, reterr);
        if (st == LEDE_OK)
            st = lede_directory_next(directory, path, &entry, reterr);
    }
    closedir(directory);
    return st;
}

/* ---- Segments ---- */

static bool has_file(const struct lede_check *check, const char *segment, const char *file)
{
    char path[LEDE_PATH_BYTES_MAX];
    int size =
        snprintf(path, sizeof(path), "%s/segments/%s/%s", check->options->directory, segment, file);
    return size >= (int)sizeof(path) || access(path, F_OK) == 0;
}

/* Checksums are written before a segment is listed, and its version file before it is anything: a
 * directory without either was in the making, and what it would hold is elsewhere. */
static enum lede_status add_directory(
    struct lede_check *check, const char *name, struct lede_error *reterr)
{
    char *end = NULL;
    unsigned long number = strtoul(name, &end, 10);
    if (end < name + 6 || *end != '\0' || number == 0 || number >= INT32_MAX)
        return LEDE_OK;
    struct lede_manifest_segment entry = {.number = (uint32_t)number,
        .state = LEDE_SEGMENT_QUARANTINED,
        .analysis = LEDE_ANALYSIS_VERSION};
    if (entry.number >= check->manifest.next_number)
        check->manifest.next_number = entry.number + 1;
    if (!has_file(check, name, "iamglass") && !has_file(check, name, "checksums"))
        return LEDE_OK;
    return lede_manifest_add(&check->manifest, &entry, reterr);
}

static enum lede_status list_directories(struct lede_check *check, struct lede_error *reterr)
{
    char segments[LEDE_PATH_BYTES_MAX];
    check->manifest = (struct lede_manifest){.lanes = 1, .next_number = 1};
    enum lede_status st = lede_path_join(check->options->directory, "segments", segments, reterr);
    return st == LEDE_OK ? visit_names(segments, add_directory, check, reterr) : st;
}

/* ---- Deletions ---- */

static enum lede_status note_log(
    struct lede_check *check, const char *name, struct lede_error *reterr)
{
    static const char prefix[] = "deletions-";
    (void)reterr;
    if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
        return LEDE_OK;
    uint64_t generation = strtoull(name + sizeof(prefix) - 1, NULL, 10);
    /* The list that is written gets a number that no log has. */
    if (generation > check->manifest.generation)
        check->manifest.generation = generation;
    struct lede_deletion_list list = {0};
    if (generation > check->manifest.deletions &&
        lede_check_read_deletions(check, generation, &list, NULL) == LEDE_OK) {
        lede_deletion_list_done(&check->deletions);
        check->deletions = list;
        check->manifest.deletions = generation;
        return LEDE_OK;
    }
    lede_deletion_list_done(&list);
    return LEDE_OK;
}

/* ---- Lanes ---- */

/* The lanes that there are by default, if that fits, else the most that fit: only that a segment is
 * of one lane matters. */
static uint32_t choose_lanes(uint32_t fitting)
{
    if (fitting & (UINT32_C(1) << LEDE_LANES_DEFAULT))
        return LEDE_LANES_DEFAULT;
    uint32_t lanes = LEDE_LANES_MAX;
    while (lanes > 1 && !(fitting & (UINT32_C(1) << lanes)))
        lanes--;
    return lanes;
}

/* ---- The whole ---- */

enum lede_status lede_rebuild_begin(
    struct lede_check *check, const char *why, struct lede_error *reterr)
{
    enum lede_status st = list_directories(check, reterr);
    if (st == LEDE_OK && check->manifest.segment_count == 0)
        return lede_fail(reterr, LEDE_ENOTFOUND,
            "'%s' is no data directory: it has no manifest.json and no segments",
            check->options->directory);
    if (st != LEDE_OK)
        return st;
    if (!check->options->repair) {
        lede_check_tell(check, LEDE_FINDING_PROBLEM, "manifest.json", "%s", why);
        lede_manifest_done(&check->manifest);
        return LEDE_OK;
    }
    st = visit_names(check->options->directory, note_log, check, reterr);
    if (st != LEDE_OK)
        return st;
    lede_check_tell(check, LEDE_FINDING_REPAIRED, "manifest.json",
        "%s: made anew of the segments; %s", why,
        check->manifest.deletions > 0
            ? "what was deleted is known"
            : "the log of deletions is lost, too: documents that were deleted may be there again");
    check->is_rebuilding = true;
    check->has_changed = true;
    return LEDE_OK;
}

void lede_rebuild_lanes(struct lede_check *check, uint32_t fitting)
{
    check->manifest.lanes = choose_lanes(fitting);
}

void lede_rebuild_keep_former(const struct lede_check *check)
{
    char path[LEDE_PATH_BYTES_MAX], kept[LEDE_PATH_BYTES_MAX];
    if (lede_path_join(check->options->directory, "manifest.json", path, NULL) == LEDE_OK &&
        lede_path_join(check->options->directory, "manifest.json.damaged", kept, NULL) == LEDE_OK)
        (void)!link(path, kept);
}
