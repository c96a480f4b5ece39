/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damaged segments: which they are, and how one is taken out of every search while the others go on
 * being served.
 *
 * What is found damaged is noted here first, and the note outlasts everything but the process:
 * whenever the list is read again, a segment that is noted is left out, so that damage that stands
 * in the way of mending a broken store is out of the way. Then the writer takes it off the list,
 * and the manifest says so for the next start. */
#include "internal.h"

#include "files.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- Notes ---- */

/* The mutex is held. */
static struct lede_quarantined *find(const struct lede_store *store, uint32_t number)
{
    for (size_t i = 0; i < store->quarantined_count; i++) {
        if (store->quarantined[i].segment == number)
            return &store->quarantined[i];
    }
    return NULL;
}

bool lede_quarantine_has(struct lede_store *store, uint32_t number)
{
    pthread_mutex_lock(&store->mutex);
    bool found = find(store, number) != NULL;
    pthread_mutex_unlock(&store->mutex);
    return found;
}

/* What damaged bytes say may be no text. */
static void write_plain(const char *text, char *ret_plain, size_t size)
{
    size_t i = 0;
    for (; text[i] && i + 1 < size; i++)
        ret_plain[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    ret_plain[i] = '\0';
}

/* The mutex is held. */
static enum lede_status add(
    struct lede_store *store, uint32_t number, const char *what, struct lede_error *reterr)
{
    struct lede_quarantined *items =
        realloc(store->quarantined, (store->quarantined_count + 1) * sizeof(*items));
    if (!items)
        return lede_fail_memory(reterr);
    store->quarantined = items;
    struct lede_quarantined *item = &items[store->quarantined_count++];
    *item = (struct lede_quarantined){.segment = number};
    write_plain(what, item->what, sizeof(item->what));
    return LEDE_OK;
}

enum lede_status lede_quarantine_note(
    struct lede_store *store, uint32_t number, const char *what, struct lede_error *reterr)
{
    pthread_mutex_lock(&store->mutex);
    bool known = find(store, number) != NULL;
    enum lede_status st = known ? LEDE_OK : add(store, number, what, reterr);
    pthread_mutex_unlock(&store->mutex);
    if (st == LEDE_OK && !known && store->tell_quarantined)
        store->tell_quarantined(store->tell_context, number, what);
    return st;
}

void lede_quarantine_count(struct lede_store *store, uint32_t number, uint32_t documents)
{
    pthread_mutex_lock(&store->mutex);
    struct lede_quarantined *item = find(store, number);
    if (item)
        item->documents = documents;
    pthread_mutex_unlock(&store->mutex);
}

/* ---- At the start ---- */

static enum lede_status expect_directory(const struct lede_store *store, struct lede_error *reterr)
{
    char segments[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(store->directory, "segments", segments, reterr);
    if (st == LEDE_OK && access(segments, R_OK | X_OK) != 0)
        st = lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", segments);
    return st;
}

enum lede_status lede_quarantine_compare(struct lede_store *store, uint32_t number,
    struct lede_checksums_how *how, enum lede_damage *ret_damage, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_segment_path(store->directory, number, path, reterr);
    if (st == LEDE_OK)
        st = lede_checksums_compare(path, how, ret_damage, reterr);
    if (st == LEDE_OK && *ret_damage == LEDE_DAMAGE_UNREADABLE)
        st = expect_directory(store, reterr);
    return st;
}

enum lede_status lede_quarantine_judge(struct lede_store *store,
    struct lede_manifest_segment *entry, const struct lede_error *why, struct lede_error *reterr)
{
    char what[LEDE_DAMAGE_TEXT_BYTES] = "";
    enum lede_damage damage = LEDE_DAMAGE_NONE;
    struct lede_checksums_how how = {.tell = lede_checksums_tell_first, .context = what};
    enum lede_status st = lede_quarantine_compare(store, entry->number, &how, &damage, reterr);
    if (st != LEDE_OK)
        return st;
    if (damage == LEDE_DAMAGE_NONE && why->status != LEDE_ECORRUPT) {
        if (reterr)
            *reterr = *why;
        return why->status;
    }
    store->unreadable_count += damage == LEDE_DAMAGE_UNREADABLE ? 1 : 0;
    entry->state = LEDE_SEGMENT_QUARANTINED;
    return lede_quarantine_note(store, entry->number, what[0] ? what : why->message, reterr);
}

/* ---- While it is served ---- */

static enum lede_status take_out(struct lede_store *store, void *context, struct lede_error *reterr)
{
    const uint32_t *number = context;
    enum lede_status st = lede_segments_quarantine(store, *number, reterr);
    if (st == LEDE_ENOTFOUND)
        return LEDE_OK;
    store->broken = store->broken || st != LEDE_OK;
    return st;
}

enum lede_status lede_quarantine_take_out(
    struct lede_store *store, uint32_t number, const char *what, struct lede_error *reterr)
{
    enum lede_status st = lede_quarantine_note(store, number, what, reterr);
    return st == LEDE_OK ? lede_task_run(store, take_out, &number, reterr) : st;
}
