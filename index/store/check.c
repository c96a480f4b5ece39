/* lede_store_check(): looks at the files of a data directory, with no store open.
 *
 * Each segment is looked through by a child process, since a damaged table may crash what reads it. */
#include "check.h"

#include "checksums.h"
#include "files.h"
#include "journal.h"
#include "lock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROBLEMS_TOLD_MAX 20 /* of one segment */

enum message_kind { MESSAGE_PROBLEM = 1, MESSAGE_DOCUMENTS, MESSAGE_END };

void lede_check_tell(
    struct lede_check *check, enum lede_finding_kind kind, const char *place, const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    check->stats.problems += kind == LEDE_FINDING_PROBLEM ? 1 : 0;
    check->stats.repaired += kind == LEDE_FINDING_REPAIRED ? 1 : 0;
    struct lede_finding finding = {.kind = kind, .place = place, .what = what};
    if (check->options->tell)
        check->options->tell(check->options->context, &finding);
}

static void check_done(struct lede_check *check)
{
    lede_manifest_done(&check->manifest);
    lede_deletion_list_done(&check->deletions);
}

/* ---- The log of deletions, the journal ---- */

static enum lede_status keep_deletion(
    void *context, const struct lede_deletion *deletion, struct lede_error *reterr)
{
    struct lede_check *check = context;
    return lede_deletion_list_add(&check->deletions, deletion->segment, deletion->docid) == LEDE_OK
               ? LEDE_OK
               : lede_fail_memory(reterr);
}

/* The pairs before the damage are kept; those behind it are lost: their documents come back. */
static enum lede_status check_deletions(struct lede_check *check, struct lede_error *reterr)
{
    char place[32];
    struct lede_error error;
    if (check->manifest.deletions == 0)
        return LEDE_OK;
    snprintf(place, sizeof(place), "deletions-%06llu", (unsigned long long)check->manifest.deletions);
    enum lede_status st = lede_deletion_log_read(
        check->options->directory, check->manifest.deletions, keep_deletion, check, &check->revision, &error);
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
        "%s: the %zu deletions before that are kept, documents deleted later are there again", error.message,
        check->deletions.count);
    return LEDE_OK;
}

static enum lede_status count_operation(
    void *context, bool is_put, const char *bytes, size_t size, struct lede_error *reterr)
{
    uint64_t *count = context;
    (void)is_put, (void)bytes, (void)size, (void)reterr;
    (*count)++;
    return LEDE_OK;
}

/* Damage in frames that had been synced. Mending keeps a copy of the files, and what can be kept is applied by a store that is opened
 * and closed: afterwards the journal is empty. */
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
            "%llu writes are to be applied when the archive is opened", (unsigned long long)operations);
    if (st != LEDE_OK)
        lede_check_tell(check, check->options->repair ? LEDE_FINDING_NOTE : LEDE_FINDING_PROBLEM, place, "%s",
            error.message);
    check->journal_is_damaged = st != LEDE_OK;
    return LEDE_OK;
}

/* ---- Segments ---- */

struct looking {
    struct lede_check *check;
    const struct lede_manifest_segment *entry;
    char path[LEDE_PATH_BYTES_MAX];
    char place[32];
    uint32_t problems;
    uint32_t documents;
    bool ended;
    int pipe;
};

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
    bool noted = false;
    looking->pipe = pipe;
    if (lede_checksums_check(looking->path, tell_parent, looking, &noted, &error) != LEDE_OK)
        tell_parent(looking, error.message);
    if (lede_segment_check(looking->path, tell_parent, looking, &documents, &error) != LEDE_OK)
        tell_parent(looking, error.message);
    lede_child_tell(pipe, MESSAGE_DOCUMENTS, documents, "", 0);
    lede_child_tell(pipe, MESSAGE_END, 0, "", 0);
}

static void add_problem(struct looking *looking, const char *what)
{
    enum lede_finding_kind kind = looking->check->options->repair ? LEDE_FINDING_NOTE : LEDE_FINDING_PROBLEM;
    if (looking->problems++ < PROBLEMS_TOLD_MAX)
        lede_check_tell(looking->check, kind, looking->place, "%s", what);
}

static enum lede_status take(
    void *context, const struct lede_child_message *message, struct lede_error *reterr)
{
    struct looking *looking = context;
    (void)reterr;
    if (message->kind == MESSAGE_PROBLEM)
        add_problem(looking, message->text);
    else if (message->kind == MESSAGE_DOCUMENTS)
        looking->documents = message->number;
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

static enum lede_status check_segment(
    struct lede_check *check, const struct lede_manifest_segment *entry, struct lede_error *reterr)
{
    struct looking looking = {.check = check, .entry = entry};
    bool crashed = false;
    char what[160];
    snprintf(looking.place, sizeof(looking.place), "segments/%06u", entry->number);
    enum lede_status st = lede_segment_path(check->options->directory, entry->number, looking.path, reterr);
    if (st == LEDE_OK)
        st = lede_child_run(look, take, &looking, &crashed, reterr);
    if (st != LEDE_OK)
        return st;
    if (crashed || !looking.ended)
        add_problem(&looking, "looking through it crashed");
    if (entry->documents > 0 && looking.problems == 0 && looking.documents != entry->documents) {
        snprintf(what, sizeof(what), "it has %u documents, the manifest says %u", looking.documents,
            entry->documents);
        add_problem(&looking, what);
    }
    if (looking.problems > PROBLEMS_TOLD_MAX)
        lede_check_tell(check, LEDE_FINDING_NOTE, looking.place, "%u more of the like",
            looking.problems - PROBLEMS_TOLD_MAX);
    check->stats.segments++;
    if (looking.problems > 0 && check->options->repair)
        return lede_repair_segment(check, entry, reterr);
    uint32_t deleted = count_deleted(check, entry->number);
    check->stats.documents += looking.documents > deleted ? looking.documents - deleted : 0;
    return LEDE_OK;
}

static enum lede_status check_segments(struct lede_check *check, struct lede_error *reterr)
{
    /* Repairing changes the list: a copy is walked. */
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest listed = {0};
    enum lede_status st = lede_manifest_copy(&check->manifest, &listed, reterr);
    for (size_t i = 0; st == LEDE_OK && i < listed.segment_count; i++) {
        char place[32];
        snprintf(place, sizeof(place), "segments/%06u", listed.segments[i].number);
        if (listed.segments[i].state == LEDE_SEGMENT_QUARANTINED)
            lede_check_tell(check, LEDE_FINDING_PROBLEM, place, "damaged, and taken out of every search");
        else
            st = check_segment(check, &listed.segments[i], reterr);
    }
    return st;
}

/* ---- The whole ---- */

static enum lede_status check_files(struct lede_check *check, struct lede_error *reterr)
{
    struct lede_error error;
    enum lede_status st = lede_manifest_read(check->options->directory, &check->manifest, &error);
    if (st == LEDE_ECORRUPT) {
        lede_check_tell(check, LEDE_FINDING_PROBLEM, "manifest.json", "%s", error.message);
        return LEDE_OK;
    }
    if (st != LEDE_OK) {
        if (reterr)
            *reterr = error;
        return st == LEDE_ENOTFOUND
                   ? lede_fail(reterr, LEDE_ENOTFOUND, "'%s' is no data directory: it has no manifest.json",
                         check->options->directory)
                   : st;
    }
    st = check_deletions(check, reterr);
    if (st == LEDE_OK)
        st = check_journal(check, reterr);
    if (st == LEDE_OK)
        st = check_segments(check, reterr);
    if (st == LEDE_OK && check->has_changed)
        st = lede_repair_list(check, reterr);
    return st;
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

enum lede_status lede_store_check(
    const struct lede_check_options *options, struct lede_check_stats *ret_stats, struct lede_error *reterr)
{
    LEDE_CLEANUP(check_done) struct lede_check check = {.options = options};
    LEDE_CLEANUP(lede_closep) int lock_fd = -1;
    if (access(options->directory, F_OK) != 0)
        return lede_fail(reterr, LEDE_ENOTFOUND, "there is no directory '%s'", options->directory);
    enum lede_status st = lede_lock_take(options->directory, &lock_fd, reterr);
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
