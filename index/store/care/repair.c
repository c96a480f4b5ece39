/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repair.h"

#include "checksums.h"
#include "child.h"
#include "files.h"
#include "lane.h"

#include <stdio.h>
#include <string.h>

enum message_kind {
    MESSAGE_VERIFIED = 1,
    MESSAGE_UNVERIFIED,
    MESSAGE_LOST,
    MESSAGE_FAILED,
    MESSAGE_END
};

struct repair {
    struct lede_check *check;
    const struct lede_manifest_segment *entry;
    const struct lede_listed_documents *listed; /* NULL: not asked */
    uint32_t lane;
    char place[32];
    char source[LEDE_PATH_BYTES_MAX];
    char target[LEDE_PATH_BYTES_MAX];
    struct lede_bitmap deleted;
    uint32_t number; /* of the new segment */
    struct lede_builder *builder;
    json_t *numbers; /* in it, by id */
    struct lede_analyzer *analyzer;
    uint32_t kept;
    uint32_t unverified;
    uint32_t lost;     /* told one by one */
    uint32_t left_out; /* they are elsewhere */
    bool ended;        /* all that there is was told */
    int pipe;
};

static void repair_done(struct repair *repair)
{
    lede_bitmap_done(&repair->deleted);
    lede_builder_free(repair->builder);
    json_decref(repair->numbers);
    lede_analyzer_free(repair->analyzer);
}

/* ---- In the child ---- */

static enum lede_status send_document(void *context, uint32_t docid, const char *stored,
    size_t size, bool verified, struct lede_error *reterr)
{
    const struct repair *repair = context;
    (void)reterr;
    lede_child_tell(
        repair->pipe, verified ? MESSAGE_VERIFIED : MESSAGE_UNVERIFIED, docid, stored, size);
    return LEDE_OK;
}

static void send_loss(void *context, uint32_t docid, const char *id)
{
    const struct repair *repair = context;
    lede_child_tell(repair->pipe, MESSAGE_LOST, docid, id ? id : "", id ? strlen(id) : 0);
}

static void read_segment(void *context, int pipe)
{
    struct repair *repair = context;
    struct lede_salvage salvage = {send_document, send_loss, repair};
    struct lede_error error;
    repair->pipe = pipe;
    enum lede_status st = lede_segment_salvage(repair->source, &salvage, &error);
    if (st != LEDE_OK)
        lede_child_tell(pipe, MESSAGE_FAILED, 0, error.message, strlen(error.message));
    else
        lede_child_tell(pipe, MESSAGE_END, 0, "", 0);
}

/* ---- Here ---- */

static bool is_deleted(const struct repair *repair, uint32_t docid)
{
    return docid < repair->deleted.bit_count && lede_bitmap_has(&repair->deleted, docid);
}

/* Where the log of deletions is damaged an earlier version of an id may be there too: the later one
 * counts. */
static enum lede_status note_number(
    struct repair *repair, const struct lede_document *document, struct lede_error *reterr)
{
    const json_t *before = json_object_get(repair->numbers, document->id);
    if (before && lede_deletion_list_add(&repair->check->deletions, repair->number,
                      (uint32_t)json_integer_value(before)) != LEDE_OK)
        return lede_fail_memory(reterr);
    json_int_t number = (json_int_t)lede_builder_document_count(repair->builder);
    return json_object_set_new(repair->numbers, document->id, json_integer(number)) == 0
               ? LEDE_OK
               : lede_fail_memory(reterr);
}

static enum lede_status is_listed(
    const struct repair *repair, const char *id, bool *ret_found, struct lede_error *reterr)
{
    *ret_found = false;
    return repair->listed && id[0]
               ? lede_listed_documents_find(repair->listed, id, strlen(id), ret_found, reterr)
               : LEDE_OK;
}

static enum lede_status lose_document(
    struct repair *repair, const struct lede_child_message *message, struct lede_error *reterr)
{
    bool found = false;
    enum lede_status st = is_listed(repair, message->text, &found, reterr);
    if (st != LEDE_OK)
        return st;
    repair->left_out += found ? 1 : 0;
    repair->lost += found ? 0 : 1;
    if (!found)
        lede_check_tell(repair->check, LEDE_FINDING_LOST, repair->place,
            "document %u%s%s%s cannot be read", message->number, message->size ? " ('" : "",
            message->text, message->size ? "')" : "");
    return LEDE_OK;
}

static enum lede_status build_document(
    struct repair *repair, const struct lede_document *document, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_entry_freep) struct lede_entry *entry = NULL;
    enum lede_status st = lede_entry_new(document, repair->analyzer, &entry, reterr);
    if (st == LEDE_OK)
        st = lede_builder_add(repair->builder, entry, reterr);
    return st == LEDE_OK ? note_number(repair, document, reterr) : st;
}

static enum lede_status keep_document(
    struct repair *repair, const struct lede_child_message *message, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    bool found = false;
    enum lede_status st =
        lede_document_from_stored(message->text, message->size, &document, reterr);
    if (st == LEDE_ECORRUPT) {
        repair->lost++;
        lede_check_tell(repair->check, LEDE_FINDING_LOST, repair->place,
            "document %u: what is stored is no document", message->number);
        return LEDE_OK;
    }
    if (st == LEDE_OK)
        st = is_listed(repair, document->id, &found, reterr);
    if (st == LEDE_OK && found) {
        repair->left_out++;
        return LEDE_OK;
    }
    if (st == LEDE_OK)
        st = build_document(repair, document, reterr);
    if (st != LEDE_OK)
        return st;
    repair->lane = lede_lane_of(document->id, strlen(document->id), repair->check->manifest.lanes);
    repair->kept++;
    if (message->kind == MESSAGE_UNVERIFIED) {
        repair->unverified++;
        lede_check_tell(repair->check, LEDE_FINDING_NOTE, repair->place,
            "document '%s' is kept, but nothing proves that it is what was stored", document->id);
    }
    return LEDE_OK;
}

static enum lede_status take(
    void *context, const struct lede_child_message *message, struct lede_error *reterr)
{
    struct repair *repair = context;
    if (message->kind == MESSAGE_END)
        repair->ended = true;
    else if (message->kind == MESSAGE_FAILED)
        lede_check_tell(repair->check, LEDE_FINDING_NOTE, repair->place, "%s", message->text);
    else if (is_deleted(repair, message->number))
        return LEDE_OK;
    else if (message->kind != MESSAGE_LOST)
        return keep_document(repair, message, reterr);
    else
        return lose_document(repair, message, reterr);
    return LEDE_OK;
}

static enum lede_status read_deleted(struct repair *repair, struct lede_error *reterr)
{
    const struct lede_deletion_list *list = &repair->check->deletions;
    uint32_t highest = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].segment == repair->entry->number && list->items[i].docid > highest)
            highest = list->items[i].docid;
    }
    repair->deleted.bit_count = highest + 1;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].segment != repair->entry->number)
            continue;
        enum lede_status st = lede_bitmap_set(&repair->deleted, list->items[i].docid, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

static enum lede_status prepare(struct repair *repair, struct lede_error *reterr)
{
    const char *directory = repair->check->options->directory;
    repair->numbers = json_object();
    if (!repair->numbers)
        return lede_fail_memory(reterr);
    snprintf(repair->place, sizeof(repair->place), "segments/%06u", repair->entry->number);
    enum lede_status st = read_deleted(repair, reterr);
    if (st == LEDE_OK)
        st = lede_segment_path(directory, repair->entry->number, repair->source, reterr);
    if (st == LEDE_OK)
        st = lede_segment_path(directory, repair->number, repair->target, reterr);
    if (st == LEDE_OK)
        st = lede_directory_remove(repair->target, reterr);
    if (st == LEDE_OK)
        st = lede_analyzer_new(&repair->analyzer, reterr);
    return st == LEDE_OK ? lede_builder_new(repair->target, &repair->builder, reterr) : st;
}

/* Documents that the old segment had and that were neither kept nor told as lost one by one. */
static uint32_t missing(const struct repair *repair)
{
    uint32_t expected = repair->entry->documents;
    uint32_t told = repair->kept + repair->lost + repair->left_out + repair->deleted.count;
    return expected > told ? expected - told : 0;
}

static void tell_outcome(struct repair *repair, uint32_t number)
{
    struct lede_check *check = repair->check;
    uint32_t unnamed = missing(repair);
    if (unnamed > 0)
        lede_check_tell(
            check, LEDE_FINDING_LOST, repair->place, "%u more documents cannot be read", unnamed);
    repair->lost += unnamed;
    check->stats.documents += repair->kept;
    check->stats.lost += repair->lost;
    if (repair->lost == 0 && repair->ended && repair->left_out > 0)
        lede_check_tell(check, LEDE_FINDING_REPAIRED, repair->place,
            "%u of its documents are in segments/%06u now, and %u were elsewhere already",
            repair->kept, number, repair->left_out);
    else if (repair->lost == 0 && repair->ended)
        lede_check_tell(check, LEDE_FINDING_REPAIRED, repair->place,
            "all of its %u documents are in segments/%06u now", repair->kept, number);
    else
        lede_check_tell(check, LEDE_FINDING_PROBLEM, repair->place,
            "%u documents are in segments/%06u now; the damaged files stay, and are read by nobody",
            repair->kept, number);
}

static enum lede_status replace_entry(
    struct repair *repair, uint32_t number, struct lede_error *reterr)
{
    struct lede_manifest *manifest = &repair->check->manifest;
    struct lede_manifest_segment old = *repair->entry;
    struct lede_manifest_segment made = {.number = number,
        .lane = repair->check->is_rebuilding ? repair->lane : old.lane,
        .state = LEDE_SEGMENT_LISTED,
        .documents = repair->kept,
        .bytes = lede_directory_disk_bytes(repair->target),
        .analysis = LEDE_ANALYSIS_VERSION};
    lede_manifest_remove(manifest, old.number);
    enum lede_status st = repair->kept > 0 ? lede_manifest_add(manifest, &made, reterr) : LEDE_OK;
    old.state = LEDE_SEGMENT_QUARANTINED;
    if (st == LEDE_OK && (repair->lost > 0 || !repair->ended))
        st = lede_manifest_add(manifest, &old, reterr);
    repair->check->has_changed = true;
    return st;
}

enum lede_status lede_repair_segment(struct lede_check *check,
    const struct lede_manifest_segment *entry, const struct lede_listed_documents *listed,
    struct lede_error *reterr)
{
    uint32_t number = check->manifest.next_number++;
    LEDE_CLEANUP(repair_done)
    struct repair repair = {.check = check, .entry = entry, .listed = listed, .number = number};
    bool crashed = false;
    enum lede_status st = prepare(&repair, reterr);
    if (st == LEDE_OK)
        st = lede_child_run(read_segment, take, &repair, &crashed, reterr);
    if (st == LEDE_OK)
        st = lede_builder_finish(repair.builder, check->revision, reterr);
    lede_builder_free(LEDE_TAKE(&repair.builder));
    if (st == LEDE_OK)
        st = lede_checksums_write(repair.target, reterr);
    if (st == LEDE_OK)
        st = lede_directory_sync_files(repair.target, reterr);
    if (st != LEDE_OK)
        return st;
    tell_outcome(&repair, number);
    return replace_entry(&repair, number, reterr);
}

enum lede_status lede_repair_list(struct lede_check *check, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_deletion_list_done) struct lede_deletion_list kept = {0};
    const char *directory = check->options->directory;
    struct lede_manifest *manifest = &check->manifest;
    uint64_t former = manifest->deletions;
    char segments[LEDE_PATH_BYTES_MAX];
    for (size_t i = 0; i < check->deletions.count; i++) {
        const struct lede_deletion *deletion = &check->deletions.items[i];
        const struct lede_manifest_segment *entry = lede_manifest_find(manifest, deletion->segment);
        if (entry && lede_deletion_list_add(&kept, deletion->segment, deletion->docid) != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    manifest->deletions = manifest->generation + 1;
    /* What is lost or comes back stands in no log: who follows is to begin anew. */
    manifest->history[0] = '\0';
    enum lede_status st = lede_path_join(directory, "segments", segments, reterr);
    if (st == LEDE_OK)
        st = lede_directory_sync(segments, reterr);
    if (st == LEDE_OK)
        st =
            lede_deletion_log_write(directory, manifest->deletions, check->revision, &kept, reterr);
    if (st == LEDE_OK)
        st = lede_manifest_write(directory, manifest, NULL, reterr);
    if (st == LEDE_OK && former > 0 && former != manifest->deletions)
        lede_deletion_log_remove(directory, former);
    return st;
}
