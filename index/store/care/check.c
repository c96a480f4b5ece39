/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede_store_check(): looks at the files of a data directory, with no store open.
 *
 * Each segment is looked through by a child process, since a damaged table may crash what reads
 * it. */
#include "checksums.h"
#include "child.h"
#include "files.h"
#include "findings.h"
#include "journal.h"
#include "lane.h"
#include "listed_documents.h"
#include "lock.h"
#include "rebuild.h"
#include "repair.h"
#include "set_aside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROBLEMS_TOLD_MAX 20 /* of one segment */

enum message_kind {
    MESSAGE_PROBLEM = 1,
    MESSAGE_UNABLE, /* it cannot look: its status, and why */
    MESSAGE_DOCUMENTS,
    MESSAGE_FACTS,
    MESSAGE_END
};

/* ---- The log of deletions, the journal ---- */

/* The pairs before the damage are kept; those behind it are lost: their documents come back. */
static enum lede_status check_deletions(struct lede_check *check, struct lede_error *reterr)
{
    char place[32];
    struct lede_error error;
    if (check->manifest.deletions == 0)
        return LEDE_OK;
    snprintf(
        place, sizeof(place), "deletions-%06llu", (unsigned long long)check->manifest.deletions);
    enum lede_status st =
        lede_check_read_deletions(check, check->manifest.deletions, &check->deletions, &error);
    if (st == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    if (st == LEDE_OK)
        return LEDE_OK;
    if (!check->options->repair) {
        lede_check_tell(check, LEDE_FINDING_PROBLEM, place, "%s", error.message);
        return LEDE_OK;
    }
    check->has_changed = true;
    lede_check_tell(check, LEDE_FINDING_REPAIRED, place,
        "%s: the %zu deletions before that are kept, documents deleted later are there again",
        error.message, check->deletions.count);
    return LEDE_OK;
}

static enum lede_status count_operation(
    void *context, char kind, const char *bytes, size_t size, struct lede_error *reterr)
{
    uint64_t *count = context;
    (void)kind, (void)bytes, (void)size, (void)reterr;
    (*count)++;
    return LEDE_OK;
}

/* Damage in frames that had been synced. Mending keeps a copy of the files, and what can be kept is
 * applied by a store that is opened and closed: afterwards the journal is empty. */
static enum lede_status check_journal(struct lede_check *check, struct lede_error *reterr)
{
    static const char place[] = "journal";
    LEDE_CLEANUP(lede_journal_done) struct lede_journal journal = {.fd = -1};
    struct lede_error error;
    char path[LEDE_PATH_BYTES_MAX];
    uint64_t operations = 0;
    enum lede_status st = lede_path_join(check->options->directory, place, path, reterr);
    if (st != LEDE_OK || access(path, F_OK) != 0)
        return st;
    st = lede_journal_open(path, 0, false, &journal, &error);
    if (st == LEDE_OK)
        st = lede_journal_replay(&journal, count_operation, &operations, &error);
    if (st == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    if (st == LEDE_OK && operations > 0)
        lede_check_tell(check, LEDE_FINDING_NOTE, place,
            "%llu writes are to be applied when the archive is opened",
            (unsigned long long)operations);
    if (st != LEDE_OK)
        lede_check_tell(check, check->options->repair ? LEDE_FINDING_NOTE : LEDE_FINDING_PROBLEM,
            place, "%s", error.message);
    check->journal_is_damaged = st != LEDE_OK;
    return LEDE_OK;
}

/* ---- Segments ---- */

/* What a segment tells of itself, where its list is lost. */
struct facts {
    uint64_t revision;
    uint32_t fitting;                   /* bit n: with n lanes its documents are of one … */
    uint32_t lanes[LEDE_LANES_MAX + 1]; /* … this one */
};

struct looking {
    struct lede_check *check;
    const struct lede_manifest_segment *entry;
    char path[LEDE_PATH_BYTES_MAX];
    char place[32];
    uint32_t problems;
    uint32_t documents;
    struct facts facts;
    bool ended;
    int pipe;
};

static void add_id(void *context, const char *term, size_t size)
{
    struct facts *facts = context;
    bool is_first = facts->lanes[0]++ == 0;
    for (uint32_t n = 1; n <= LEDE_LANES_MAX; n++) {
        uint32_t lane = lede_lane_of(term + 1, size - 1, n);
        if (is_first)
            facts->lanes[n] = lane;
        else if (facts->lanes[n] != lane)
            facts->fitting &= ~(UINT32_C(1) << n);
    }
}

static void tell_facts(const struct looking *looking)
{
    struct lede_sealed *sealed = NULL;
    struct facts facts = {.fitting = (UINT32_C(1) << (LEDE_LANES_MAX + 1)) - 1};
    if (lede_sealed_open(NULL, looking->path, &sealed, NULL) != LEDE_OK)
        return;
    facts.revision = lede_sealed_revision(sealed);
    if (lede_sealed_visit_ids(sealed, add_id, &facts, NULL) == LEDE_OK)
        lede_child_tell(looking->pipe, MESSAGE_FACTS, 0, (const char *)&facts, sizeof(facts));
    lede_sealed_free(sealed);
}

static void tell_parent(void *context, const char *problem)
{
    const struct looking *looking = context;
    lede_child_tell(looking->pipe, MESSAGE_PROBLEM, 0, problem, strlen(problem));
}

static void look(void *context, int pipe)
{
    struct looking *looking = context;
    struct lede_error error;
    uint32_t documents = 0;
    enum lede_damage damage = LEDE_DAMAGE_NONE;
    const struct lede_checksums_how how = {.tell = tell_parent, .context = looking};
    looking->pipe = pipe;
    enum lede_status st = lede_checksums_compare(looking->path, &how, &damage, &error);
    if (st == LEDE_OK)
        st = lede_segment_check(looking->path, tell_parent, looking, &documents, &error);
    if (st != LEDE_OK) {
        lede_child_tell(pipe, MESSAGE_UNABLE, (uint32_t)st, error.message, strlen(error.message));
        return;
    }
    lede_child_tell(pipe, MESSAGE_DOCUMENTS, documents, "", 0);
    if (looking->check->is_rebuilding)
        tell_facts(looking);
    lede_child_tell(pipe, MESSAGE_END, 0, "", 0);
}

static void add_problem(struct looking *looking, const char *what)
{
    enum lede_finding_kind kind =
        looking->check->options->repair ? LEDE_FINDING_NOTE : LEDE_FINDING_PROBLEM;
    if (looking->problems++ < PROBLEMS_TOLD_MAX)
        lede_check_tell(looking->check, kind, looking->place, "%s", what);
}

static enum lede_status take(
    void *context, const struct lede_child_message *message, struct lede_error *reterr)
{
    struct looking *looking = context;
    if (message->kind == MESSAGE_UNABLE)
        return lede_fail(reterr,
            message->number == LEDE_ENOMEM || message->number == LEDE_EBUSY
                ? (enum lede_status)message->number
                : LEDE_EIO,
            "%s", message->text);
    if (message->kind == MESSAGE_PROBLEM)
        add_problem(looking, message->text);
    else if (message->kind == MESSAGE_DOCUMENTS)
        looking->documents = message->number;
    else if (message->kind == MESSAGE_FACTS && message->size == sizeof(looking->facts))
        memcpy(&looking->facts, message->text, sizeof(looking->facts));
    else if (message->kind == MESSAGE_END)
        looking->ended = true;
    return LEDE_OK;
}

static uint32_t count_deleted(const struct lede_check *check, uint32_t number)
{
    uint32_t count = 0;
    for (size_t i = 0; i < check->deletions.count; i++)
        count += check->deletions.items[i].segment == number ? 1 : 0;
    return count;
}

/* Look it through; what is wrong is told and counted. */
static enum lede_status look_through(struct looking *looking, struct lede_error *reterr)
{
    const struct lede_manifest_segment *entry = looking->entry;
    bool crashed = false;
    char what[160];
    snprintf(looking->place, sizeof(looking->place), "segments/%06u", entry->number);
    enum lede_status st =
        lede_segment_path(looking->check->options->directory, entry->number, looking->path, reterr);
    if (st == LEDE_OK)
        st = lede_child_run(look, take, looking, &crashed, reterr);
    if (st != LEDE_OK)
        return st;
    if (crashed || !looking->ended)
        add_problem(looking, "looking through it crashed");
    if (entry->documents > 0 && looking->problems == 0 && looking->documents != entry->documents) {
        snprintf(what, sizeof(what), "it has %u documents, the manifest says %u",
            looking->documents, entry->documents);
        add_problem(looking, what);
    }
    if (looking->problems > PROBLEMS_TOLD_MAX)
        lede_check_tell(looking->check, LEDE_FINDING_NOTE, looking->place, "%u more of the like",
            looking->problems - PROBLEMS_TOLD_MAX);
    looking->check->stats.segments++;
    return LEDE_OK;
}

static void count_whole(struct lede_check *check, uint32_t number, uint32_t documents)
{
    uint32_t deleted = count_deleted(check, number);
    check->stats.documents += documents > deleted ? documents - deleted : 0;
}

static enum lede_status check_segment(
    struct lede_check *check, const struct lede_manifest_segment *entry, struct lede_error *reterr)
{
    struct looking looking = {.check = check, .entry = entry};
    enum lede_status st = look_through(&looking, reterr);
    if (st == LEDE_OK && looking.problems > 0 && check->options->repair)
        return lede_repair_segment(check, entry, NULL, reterr);
    if (st == LEDE_OK)
        count_whole(check, entry->number, looking.documents);
    return st;
}

/* ---- Segments that come back ---- */

/* Whole: it is listed as sealed again, without what was put again since. */
static enum lede_status list_again(const struct looking *looking,
    const struct lede_listed_documents *listed_documents, struct lede_error *reterr)
{
    struct lede_check *check = looking->check;
    struct lede_manifest_segment *entry =
        lede_manifest_find(&check->manifest, looking->entry->number);
    uint32_t left_out = 0;
    entry->documents = looking->documents;
    entry->bytes = lede_directory_disk_bytes(looking->path);
    if (check->is_rebuilding)
        entry->lane = looking->facts.lanes[check->manifest.lanes];
    enum lede_status st =
        lede_listed_documents_leave_out(check, listed_documents, entry, &left_out, reterr);
    if (st == LEDE_OK)
        st = lede_checksums_write(looking->path, reterr);
    if (st == LEDE_OK)
        st = lede_directory_sync_files(looking->path, reterr);
    if (st != LEDE_OK)
        return st;
    entry->state = LEDE_SEGMENT_LISTED;
    check->has_changed = true;
    count_whole(check, entry->number, looking->documents);
    lede_check_tell(check, check->is_rebuilding ? LEDE_FINDING_NOTE : LEDE_FINDING_REPAIRED,
        looking->place,
        "whole: %u documents are searched again, %u are elsewhere in a newer version",
        looking->documents - count_deleted(check, entry->number), left_out);
    return LEDE_OK;
}

static enum lede_status bring_back(const struct looking *looking, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_listed_documents_done) struct lede_listed_documents listed = {0};
    enum lede_status st = lede_listed_documents_open(looking->check, &listed, reterr);
    if (st != LEDE_OK)
        return st;
    return looking->problems == 0
               ? list_again(looking, &listed, reterr)
               : lede_repair_segment(looking->check, looking->entry, &listed, reterr);
}

/* The newest first; of those that merging made of one another, the last; damaged ones, which may
 * tell nothing, last. */
static int by_age(const void *a, const void *b)
{
    const struct looking *one = a;
    const struct looking *other = b;
    if ((one->problems == 0) != (other->problems == 0))
        return one->problems == 0 ? -1 : 1;
    if (one->facts.revision != other->facts.revision)
        return one->facts.revision > other->facts.revision ? -1 : 1;
    return one->entry->number > other->entry->number ? -1 : 1;
}

static enum lede_status look_quarantined(struct lede_check *check,
    const struct lede_manifest *listed, struct looking *lookings, size_t *ret_count,
    struct lede_error *reterr)
{
    uint32_t fitting = UINT32_MAX;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < listed->segment_count; i++) {
        struct looking *looking = &lookings[*ret_count];
        if (listed->segments[i].state != LEDE_SEGMENT_QUARANTINED)
            continue;
        *looking = (struct looking){.check = check, .entry = &listed->segments[i]};
        st = look_through(looking, reterr);
        /* One that tells nothing may be of any lane: with one lane that does no harm. */
        fitting &= looking->facts.fitting | 2;
        if (looking->facts.revision > check->revision)
            check->revision = looking->facts.revision;
        (*ret_count)++;
    }
    if (check->is_rebuilding)
        lede_rebuild_lanes(check, fitting);
    return st;
}

static enum lede_status bring_back_all(
    struct lede_check *check, const struct lede_manifest *listed, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep)
    struct looking *lookings = calloc(listed->segment_count + 1, sizeof(*lookings));
    size_t count = 0;
    if (!lookings)
        return lede_fail_memory(reterr);
    enum lede_status st = look_quarantined(check, listed, lookings, &count, reterr);
    qsort(lookings, count, sizeof(*lookings), by_age);
    for (size_t i = 0; st == LEDE_OK && i < count; i++)
        st = bring_back(&lookings[i], reterr);
    return st;
}

static enum lede_status check_segments(struct lede_check *check, struct lede_error *reterr)
{
    if (!lede_store_may_write(check->options->directory))
        lede_check_tell(check, LEDE_FINDING_NOTE, "segments",
            "they cannot be written: compared with their checksums, each document read, the tables "
            "not checked by Xapian, which opens them for writing");
    /* Repairing changes the list: a copy is walked. */
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest listed = {0};
    enum lede_status st = lede_manifest_copy(&check->manifest, &listed, reterr);
    for (size_t i = 0; st == LEDE_OK && i < listed.segment_count; i++) {
        char place[32];
        snprintf(place, sizeof(place), "segments/%06u", listed.segments[i].number);
        if (listed.segments[i].state != LEDE_SEGMENT_QUARANTINED)
            st = check_segment(check, &listed.segments[i], reterr);
        else if (!check->options->repair)
            lede_check_tell(
                check, LEDE_FINDING_PROBLEM, place, "damaged, and taken out of every search");
    }
    return st == LEDE_OK && check->options->repair ? bring_back_all(check, &listed, reterr) : st;
}

/* ---- The whole ---- */

static enum lede_status read_list(struct lede_check *check, struct lede_error *reterr)
{
    struct lede_error error;
    enum lede_manifest_use use = check->options->repair ? LEDE_MANIFEST_WRITE : LEDE_MANIFEST_READ;
    enum lede_status st =
        lede_manifest_read(check->options->directory, use, &check->manifest, &error);
    if (st == LEDE_ENOTFOUND)
        return lede_rebuild_begin(check, "it is missing", reterr);
    if (st == LEDE_ECORRUPT)
        return lede_rebuild_begin(check, error.message, reterr);
    if (st != LEDE_OK && reterr)
        *reterr = error;
    return st == LEDE_OK ? check_deletions(check, reterr) : st;
}

/* Writes that could not be applied: nothing is wrong with the rest, and somebody has to know. */
static enum lede_status check_set_aside(struct lede_check *check, struct lede_error *reterr)
{
    uint32_t count = 0;
    enum lede_status st = lede_set_aside_count(check->options->directory, &count, reterr);
    if (st == LEDE_OK && count > 0)
        lede_check_tell(check, LEDE_FINDING_NOTE, LEDE_SET_ASIDE_NAME,
            "%u writes that could not be applied are kept here, each with its reason", count);
    return st;
}

static enum lede_status check_files(struct lede_check *check, struct lede_error *reterr)
{
    enum lede_status st = read_list(check, reterr);
    if (st == LEDE_OK)
        st = check_journal(check, reterr);
    if (st == LEDE_OK)
        st = check_set_aside(check, reterr);
    if (st == LEDE_OK)
        st = check_segments(check, reterr);
    if (st != LEDE_OK || !check->has_changed)
        return st;
    if (check->is_rebuilding)
        lede_rebuild_keep_former(check);
    return lede_repair_list(check, reterr);
}

/* The lock is free. */
static enum lede_status mend_journal(struct lede_check *check, struct lede_error *reterr)
{
    struct lede_store_options options = {.directory = check->options->directory, .repair = true};
    struct lede_store *store = NULL;
    enum lede_status st = lede_store_open(&options, &store, reterr);
    if (st != LEDE_OK)
        return st;
    lede_store_close(store);
    lede_check_tell(check, LEDE_FINDING_REPAIRED, "journal",
        "what could be read of it is applied; the damaged files are kept as *.damaged");
    return LEDE_OK;
}

enum lede_status lede_store_check(const struct lede_check_options *options,
    struct lede_check_stats *ret_stats, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_check_done) struct lede_check check = {.options = options};
    LEDE_CLEANUP(lede_closep) int lock_fd = -1;
    if (access(options->directory, F_OK) != 0)
        return lede_fail(reterr, LEDE_ENOTFOUND, "there is no directory '%s'", options->directory);
    bool only_reads =
        !options->repair && (options->read_only || !lede_store_may_write(options->directory));
    enum lede_status st = only_reads ? lede_lock_share(options->directory, &lock_fd, reterr)
                                     : lede_lock_take(options->directory, &lock_fd, reterr);
    if (st == LEDE_OK)
        st = check_files(&check, reterr);
    if (st == LEDE_OK && check.journal_is_damaged && options->repair) {
        lede_closep(&lock_fd);
        lock_fd = -1;
        st = mend_journal(&check, reterr);
    }
    if (st == LEDE_OK)
        *ret_stats = check.stats;
    return st;
}
