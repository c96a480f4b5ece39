/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes of one group may name the same id: each sees what the earlier ones came to. */
#include "lane_resolve.h"

#include "lede/number.h"
#include "lede/schema.h"
#include "lede/table.h"

#include <stdlib.h>
#include <string.h>

/* The version before a write. */
struct before {
    bool exists;
    unsigned char digest[16];
    bool has_order; /* a sealed one's has to be read */
    struct lede_document_order order;
};

/* In a sealed segment. One living version of an id is anywhere; only lists of earlier formats may
 * name an old one beside it after a crash, which the replay then deletes. */
static enum lede_status look_up_sealed(
    struct lede_lane *lane, struct lede_operation *operation, struct before *before)
{
    char term[LEDE_SCHEMA_TERM_MAX + 1];
    uint64_t hash = lede_hash64(term, lede_schema_id_term(operation->id, operation->id_size, term));
    for (size_t i = lane->sealed->count; i-- > 0;) {
        struct lede_sealed_segment *segment = lane->sealed->items[i];
        struct lede_deleted deleted = lede_bitmap_view(&segment->deleted);
        uint32_t docid = 0;
        unsigned char digest[16];
        if (!lede_fingerprints_may_have(segment->fingerprints, hash))
            continue;
        enum lede_status st = lede_sealed_find(segment->sealed, operation->id, operation->id_size,
            &deleted, &docid, digest, &lane->error);
        if (st == LEDE_OK && docid != 0 && before->exists)
            st = lede_lane_delete_sealed(lane, segment, docid, &lane->error);
        if (st != LEDE_OK)
            return st;
        if (docid == 0 || before->exists)
            continue;
        before->exists = true;
        memcpy(before->digest, digest, sizeof(digest));
        operation->place = LEDE_PLACE_SEALED;
        operation->sealed_in = segment;
        operation->sealed_docid = docid;
        if (!lane->lanes->replaying)
            return LEDE_OK;
    }
    return LEDE_OK;
}

/* After an earlier write of the group. */
static void look_up_earlier(struct lede_operation *operation, struct before *ret_before)
{
    const struct lede_operation *earlier = operation->earlier;
    ret_before->exists = earlier->exists_after;
    memcpy(ret_before->digest, earlier->digest, 16);
    ret_before->order = earlier->order;
    ret_before->has_order = earlier->has_order;
    /* The first write of the chain that changes something also removes the version before it. */
    if (earlier->effect == LEDE_EFFECT_PUT)
        operation->place = LEDE_PLACE_BUILDING;
    else if (earlier->effect == LEDE_EFFECT_NONE)
        operation->place = earlier->place;
    operation->sealed_in = earlier->sealed_in;
    operation->sealed_docid = earlier->sealed_docid;
}

static enum lede_status look_up(
    struct lede_lane *lane, struct lede_operation *operation, struct before *ret_before)
{
    operation->place = LEDE_PLACE_NOWHERE;
    if (operation->earlier) {
        look_up_earlier(operation, ret_before);
        return LEDE_OK;
    }
    const struct lede_built_document *built =
        lede_lane_find_built(lane, operation->id, operation->id_size, NULL);
    if (!built)
        return look_up_sealed(lane, operation, ret_before);
    ret_before->exists = true;
    memcpy(ret_before->digest, built->digest, sizeof(built->digest));
    ret_before->order = built->order;
    ret_before->has_order = true;
    operation->place = LEDE_PLACE_BUILDING;
    return LEDE_OK;
}

/* The stored text before this write: an earlier write's, or a segment's. What is being built cannot
 * be read: the writer has committed it before a write that may have to (writer.c). */
static enum lede_status fetch_before(struct lede_lane *lane, const struct lede_operation *operation,
    struct lede_document **ret_document)
{
    const struct lede_operation *earlier = operation->earlier;
    while (earlier && earlier->effect != LEDE_EFFECT_PUT)
        earlier = earlier->earlier;
    if (earlier)
        return lede_document_from_stored(
            earlier->stored, earlier->stored_size, ret_document, &lane->error);
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
    if (operation->place != LEDE_PLACE_SEALED)
        return lede_fail(&lane->error, LEDE_EINTERNAL, "the version of '%s' before is not readable",
            operation->id);
    enum lede_status st = lede_sealed_get(
        operation->sealed_in->sealed, operation->sealed_docid, &stored, &lane->error);
    if (st != LEDE_OK)
        return st;
    return lede_document_from_stored(stored.data, stored.size, ret_document, &lane->error);
}

/* This write alone fails; the others go on. */
static enum lede_status refuse(struct lede_operation *operation, const struct lede_error *why)
{
    operation->outcome = LEDE_FAILED;
    operation->effect = LEDE_EFFECT_NONE;
    operation->error = malloc(sizeof(*operation->error));
    if (!operation->error)
        return LEDE_ENOMEM;
    *operation->error = *why;
    return LEDE_OK;
}

static enum lede_status refuse_with(
    struct lede_operation *operation, enum lede_status status, const char *message)
{
    struct lede_error why;
    (void)lede_fail(&why, status, "%s", message);
    return refuse(operation, &why);
}

/* A document that names no date keeps the moment of its first receipt. Before it was kept apart
 * that was told as `published`: where an earlier version has no other, it is taken to be that. */
static enum lede_status keep_received(struct lede_lane *lane, struct lede_operation *operation)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *old = NULL;
    struct lede_document *document = operation->write.document;
    enum lede_status st = fetch_before(lane, operation, &old);
    if (st != LEDE_OK)
        return st;
    bool is_apart = lede_document_value(old, LEDE_FIELD_RECEIVED) != NULL;
    if (!is_apart && !lede_document_value(old, LEDE_FIELD_PUBLISHED))
        return LEDE_OK;
    json_t *received = json_object_get(old->json, is_apart ? "received" : "published");
    if (json_object_set(document->json, "received", received) != 0)
        return lede_fail_memory(&lane->error);
    document->received_utc_s = is_apart ? old->received_utc_s : old->published_utc_s;
    return LEDE_OK;
}

static enum lede_status merge_patch(struct lede_lane *lane, struct lede_operation *operation)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *old = NULL;
    enum lede_status st = fetch_before(lane, operation, &old);
    if (st != LEDE_OK)
        return st;
    json_t *merged = lede_json_merge_patch(old->json, operation->write.patch);
    if (!merged)
        return lede_fail_memory(&lane->error);
    struct lede_document_context context = {
        .now_utc_s = lede_time_now_utc_s(), .detector = lane->detector};
    struct lede_error why;
    st = lede_document_from_json(merged, &context, &operation->write.document, &why);
    json_decref(merged);
    if (st == LEDE_ENOMEM)
        lane->error = why;
    if (st == LEDE_EINVALID || st == LEDE_ELIMIT || st == LEDE_EINPUT)
        return refuse(operation, &why);
    if (st != LEDE_OK)
        return st;
    const struct lede_document *document = operation->write.document;
    if (document->id_size == operation->id_size &&
        memcmp(document->id, operation->id, operation->id_size) == 0)
        return LEDE_OK;
    (void)lede_fail(&why, LEDE_EINVALID, "id: a patch cannot change it");
    strcpy(why.pointer, "/id");
    return refuse(operation, &why);
}

/* Does what is there come after what is written? What both say of that decides; reading what is
 * sealed costs, and is done only where the new one says anything. */
static enum lede_status weigh_order(struct lede_lane *lane, struct lede_operation *operation,
    const struct before *before, bool *ret_is_older)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *old = NULL;
    const struct lede_document_order mine = lede_document_order_of(operation->write.document);
    bool says_any = mine.version >= 0 || mine.updated_utc_s != LEDE_TIME_NONE;
    *ret_is_older = false;
    if (!before->exists || !operation->write.yields || !says_any || lane->lanes->replaying)
        return LEDE_OK;
    if (!before->has_order) {
        enum lede_status st = fetch_before(lane, operation, &old);
        if (st != LEDE_OK)
            return st;
        operation->order = lede_document_order_of(old);
        operation->has_order = true;
    }
    *ret_is_older = lede_document_order_is_before(&mine, &operation->order);
    return LEDE_OK;
}

/* The new version is known: is it another than the old one? */
static enum lede_status resolve_put(
    struct lede_lane *lane, struct lede_operation *operation, const struct before *before)
{
    bool is_older = false;
    enum lede_status st = lede_document_serialize(
        operation->write.document, &operation->stored, &operation->stored_size);
    if (st != LEDE_OK)
        return lede_fail_memory(&lane->error);
    lede_hash128(operation->stored, operation->stored_size, operation->digest);
    operation->exists_after = true;
    if (before->exists && memcmp(before->digest, operation->digest, 16) == 0) {
        operation->outcome = LEDE_UNCHANGED;
        operation->order = lede_document_order_of(operation->write.document);
        operation->has_order = true;
        return LEDE_OK;
    }
    st = weigh_order(lane, operation, before, &is_older);
    if (st != LEDE_OK)
        return st;
    if (is_older) {
        operation->outcome = LEDE_OLDER;
        memcpy(operation->digest, before->digest, sizeof(operation->digest));
        return LEDE_OK;
    }
    operation->order = lede_document_order_of(operation->write.document);
    operation->has_order = true;
    operation->effect = LEDE_EFFECT_PUT;
    operation->outcome = before->exists ? LEDE_UPDATED : LEDE_CREATED;
    return LEDE_OK;
}

static bool passes_condition(const struct lede_write *write, const struct before *before)
{
    return !write->has_if_match ||
           (before->exists && memcmp(before->digest, write->if_match, 16) == 0);
}

static enum lede_status resolve_one(struct lede_lane *lane, struct lede_operation *operation)
{
    struct before before = {0};
    enum lede_status st = look_up(lane, operation, &before);
    if (st != LEDE_OK)
        return st;
    operation->exists_after = before.exists;
    memcpy(operation->digest, before.digest, 16);
    operation->order = before.order;
    operation->has_order = before.has_order;
    enum lede_write_kind kind = operation->write.kind;
    if (kind == LEDE_WRITE_CREATE && before.exists)
        return refuse_with(operation, LEDE_EEXISTS, "a document of this id exists");
    if ((kind == LEDE_WRITE_PATCH || kind == LEDE_WRITE_DELETE) && !before.exists)
        return refuse_with(operation, LEDE_ENOTFOUND, "no document has this id");
    if (!passes_condition(&operation->write, &before))
        return refuse_with(operation, LEDE_EPRECONDITION,
            "the stored document is another version than If-Match names");
    if (kind == LEDE_WRITE_DELETE) {
        operation->effect = LEDE_EFFECT_DELETE;
        operation->outcome = LEDE_DELETED;
        operation->exists_after = false;
        return LEDE_OK;
    }
    if (kind == LEDE_WRITE_PATCH)
        st = merge_patch(lane, operation);
    else if (operation->write.document->received_was_absent && before.exists)
        st = keep_received(lane, operation);
    if (st != LEDE_OK || operation->outcome == LEDE_FAILED)
        return st;
    return resolve_put(lane, operation, &before);
}

/* The newest earlier operation of the same id; the operation takes its place in the table. */
static struct lede_operation *find_earlier(
    struct lede_table *table, const struct lede_lane *lane, uint32_t number)
{
    const struct lede_operation *operation = lane->operations[number];
    uint64_t hash = lede_hash64(operation->id, operation->id_size);
    struct lede_probe probe = lede_table_probe(hash);
    while (lede_table_next(table, &probe)) {
        struct lede_operation *other = lane->operations[probe.number];
        if (other->id_size != operation->id_size ||
            memcmp(other->id, operation->id, other->id_size) != 0)
            continue;
        lede_table_replace(table, &probe, number);
        return other;
    }
    lede_table_add(table, hash, number);
    return NULL;
}

enum lede_status lede_lane_resolve(struct lede_lane *lane)
{
    LEDE_CLEANUP(lede_table_done) struct lede_table table = {0};
    if (lede_table_reserve(&table, lane->operation_count) != LEDE_OK)
        return lede_fail_memory(&lane->error);
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < lane->operation_count; i++) {
        lane->operations[i]->earlier = find_earlier(&table, lane, (uint32_t)i);
        st = resolve_one(lane, lane->operations[i]);
    }
    return st;
}
