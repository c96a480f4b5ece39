/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "manifest.h"

#include "fault.h"
#include "files.h"
#include "lede/buffer.h"
#include "lede/schema.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static enum lede_status corrupt(const char *directory, const char *what, struct lede_error *reterr)
{
    return lede_fail(reterr, LEDE_ECORRUPT, "'%s/manifest.json' is damaged: %s", directory, what);
}

static enum lede_status check_versions(
    const char *directory, json_int_t format, json_int_t analysis, struct lede_error *reterr)
{
    if (format >= LEDE_STORE_FORMAT_OLDEST && format <= LEDE_STORE_FORMAT &&
        analysis >= LEDE_ANALYSIS_VERSION_OLDEST && analysis <= LEDE_ANALYSIS_VERSION)
        return LEDE_OK;
    const char *age =
        format > LEDE_STORE_FORMAT || analysis > LEDE_ANALYSIS_VERSION ? "a newer" : "an older";
    enum lede_status st = lede_fail(reterr, LEDE_EVERSION,
        "data directory '%s' was made by %s version of Lede (format %lld, analysis %lld; this one "
        "reads "
        "format %d, analysis %d)",
        directory, age, (long long)format, (long long)analysis, LEDE_STORE_FORMAT,
        LEDE_ANALYSIS_VERSION);
    lede_error_hint(
        reterr, "use the version that made it, or index the documents into a new directory");
    return st;
}

/* What this version writes and reads. */
static const struct {
    const char *name;
    const char *needed_to; /* "read" or "write" */
} features[] = {
    {"sealed-segments", "read"}, /* of format 4: a listed segment's files never change */
    {"copy", "write"},           /* of another store: it has no writes of its own */
};
#define COPY_FEATURE 1

static bool is_known_feature(const char *name)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(features); i++) {
        if (strcmp(name, features[i].name) == 0)
            return true;
    }
    return false;
}

static enum lede_status check_features(
    const char *directory, json_t *given, enum lede_manifest_use use, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer unknown = {0};
    const char *name = NULL;
    json_t *needed = NULL;
    if (given && !json_is_object(given))
        return corrupt(directory, "its features are no object", reterr);
    json_object_foreach (given, name, needed) {
        const char *needed_to = json_string_value(needed);
        bool is_for_writing = needed_to && strcmp(needed_to, "write") == 0;
        if (is_known_feature(name) || (is_for_writing && use == LEDE_MANIFEST_READ))
            continue;
        lede_buffer_append_format(&unknown, "%s'%.60s'", unknown.size > 0 ? ", " : "", name);
    }
    if (lede_buffer_status(&unknown) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (unknown.size == 0)
        return LEDE_OK;
    enum lede_status st = lede_fail(reterr, LEDE_EVERSION,
        "data directory '%s' was made by a newer version of Lede: it has %s, which this one does "
        "not know",
        directory, unknown.data);
    lede_error_hint(reterr, "use the version that made it, or a newer one");
    return st;
}

static json_t *features_json(bool is_copy)
{
    json_t *object = json_object();
    for (size_t i = 0; object && i < LEDE_COUNT_OF(features); i++) {
        if (i == COPY_FEATURE && !is_copy)
            continue;
        if (json_object_set_new(object, features[i].name, json_string(features[i].needed_to)) == 0)
            continue;
        json_decref(object);
        return NULL;
    }
    return object;
}

/* The names in the file; a live segment of format 3 was written to, and is sealed as it is. */
static const struct {
    const char *name;
    enum lede_segment_state state;
} state_names[] = {
    {"sealed", LEDE_SEGMENT_LISTED},
    {"quarantined", LEDE_SEGMENT_QUARANTINED},
    {"live", LEDE_SEGMENT_LISTED},
};

static bool read_state(const char *name, enum lede_segment_state *ret_state)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(state_names); i++) {
        if (strcmp(name, state_names[i].name) == 0) {
            *ret_state = state_names[i].state;
            return true;
        }
    }
    return false;
}

static const char *name_of_state(enum lede_segment_state state)
{
    return state == LEDE_SEGMENT_QUARANTINED ? "quarantined" : "sealed";
}

static bool read_segment(const json_t *entry, const struct lede_manifest *manifest,
    struct lede_manifest_segment *ret_segment)
{
    json_int_t number = 0, lane = -1, documents = -1, bytes = -1, analysis = -1;
    const char *state = "";
    if (json_unpack((json_t *)entry, "{s:I, s:I, s:s, s:I, s:I, s:I}", "number", &number, "lane",
            &lane, "state", &state, "documents", &documents, "bytes", &bytes, "analysis",
            &analysis) != 0 ||
        number < 1 || number >= (json_int_t)manifest->next_number || lane < 0 ||
        lane >= (json_int_t)manifest->lanes || documents < 0 || documents > UINT32_MAX ||
        bytes < 0 || analysis < 0 || analysis > UINT32_MAX ||
        !read_state(state, &ret_segment->state) || lede_manifest_find(manifest, (uint32_t)number))
        return false;
    ret_segment->number = (uint32_t)number;
    ret_segment->lane = (uint32_t)lane;
    ret_segment->documents = (uint32_t)documents;
    ret_segment->bytes = (uint64_t)bytes;
    ret_segment->analysis = (uint32_t)analysis;
    return true;
}

static enum lede_status read_segments(const char *directory, const json_t *list,
    struct lede_manifest *manifest, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < json_array_size(list); i++) {
        struct lede_manifest_segment segment = {0};
        if (!read_segment(json_array_get(list, i), manifest, &segment))
            return corrupt(directory, "a segment's entry", reterr);
        st = lede_manifest_add(manifest, &segment, reterr);
    }
    return st;
}

/* What is there of a log that others follow, or that this store follows. */
static enum lede_status read_history(const char *directory, const json_t *root,
    struct lede_manifest *manifest, struct lede_error *reterr)
{
    const char *history = "";
    int is_copy = 0;
    json_int_t position = 0;
    if (json_unpack((json_t *)root, "{s?s, s?b, s?I}", "history", &history, "copy", &is_copy,
            "source_position", &position) != 0 ||
        position < 0 || (history[0] && !lede_manifest_is_history(history)))
        return corrupt(directory, "its history", reterr);
    strcpy(manifest->history, history);
    manifest->is_copy = is_copy != 0;
    manifest->source_position = (uint64_t)position;
    return LEDE_OK;
}

bool lede_manifest_is_history(const char *text)
{
    return strlen(text) == LEDE_HISTORY_DIGITS && text[strspn(text, "0123456789abcdef")] == '\0';
}

enum lede_status lede_manifest_read(const char *directory, enum lede_manifest_use use,
    struct lede_manifest *ret_manifest, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(directory, "manifest.json", path, reterr);
    if (st == LEDE_OK)
        st = lede_file_read(path, &text, reterr);
    if (st != LEDE_OK)
        return st;
    json_error_t why;
    json_auto_t *root = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        return corrupt(directory, why.text, reterr);
    json_int_t format = 0, analysis = 0, generation = 0, deletions = 0, lanes = 0, next = 0;
    json_t *list = NULL;
    if (json_unpack(root, "{s:I, s:I}", "format", &format, "analysis", &analysis) != 0)
        return corrupt(directory, "it names no format", reterr);
    st = check_versions(directory, format, analysis, reterr);
    if (st == LEDE_OK)
        st = check_features(directory, json_object_get(root, "features"), use, reterr);
    if (st != LEDE_OK)
        return st;
    if (json_unpack(root, "{s:I, s:I, s:I, s:I, s:o}", "generation", &generation, "deletions",
            &deletions, "lanes", &lanes, "next_number", &next, "segments", &list) != 0 ||
        generation < 0 || generation == INT64_MAX || deletions < 0 || lanes < 1 ||
        lanes > LEDE_LANES_MAX || next < 1 || next > INT32_MAX)
        return corrupt(directory, "a key is missing or out of range", reterr);
    LEDE_CLEANUP(lede_manifest_done)
    struct lede_manifest manifest = {.generation = (uint64_t)generation,
        .deletions = (uint64_t)deletions,
        .lanes = (uint32_t)lanes,
        .next_number = (uint32_t)next};
    st = read_segments(directory, list, &manifest, reterr);
    if (st == LEDE_OK)
        st = read_history(directory, root, &manifest, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_manifest = manifest;
    memset(&manifest, 0, sizeof(manifest));
    return LEDE_OK;
}

static json_t *segment_json(const struct lede_manifest_segment *segment)
{
    return json_pack("{s:I, s:I, s:s, s:I, s:I, s:I}", "number", (json_int_t)segment->number,
        "lane", (json_int_t)segment->lane, "state", name_of_state(segment->state), "documents",
        (json_int_t)segment->documents, "bytes", (json_int_t)segment->bytes, "analysis",
        (json_int_t)segment->analysis);
}

enum lede_status lede_manifest_write(const char *directory, struct lede_manifest *manifest,
    bool *ret_replaced, struct lede_error *reterr)
{
    if (ret_replaced)
        *ret_replaced = false;
    json_auto_t *root = json_pack("{s:i, s:i, s:o, s:I, s:I, s:i, s:I, s:[]}", "format",
        LEDE_STORE_FORMAT, "analysis", LEDE_ANALYSIS_VERSION, "features",
        features_json(manifest->is_copy), "generation", (json_int_t)manifest->generation + 1,
        "deletions", (json_int_t)manifest->deletions, "lanes", (int)manifest->lanes, "next_number",
        (json_int_t)manifest->next_number, "segments");
    json_t *list = json_object_get(root, "segments");
    bool ok = list != NULL;
    if (ok && manifest->history[0])
        ok = json_object_set_new(root, "history", json_string(manifest->history)) == 0;
    if (ok && manifest->is_copy)
        ok = json_object_set_new(root, "copy", json_true()) == 0 &&
             json_object_set_new(
                 root, "source_position", json_integer((json_int_t)manifest->source_position)) == 0;
    for (size_t i = 0; ok && i < manifest->segment_count; i++)
        ok = json_array_append_new(list, segment_json(&manifest->segments[i])) == 0;
    LEDE_CLEANUP(lede_freep) char *text = ok ? json_dumps(root, JSON_INDENT(1)) : NULL;
    if (!text)
        return lede_fail_memory(reterr);
    lede_fault_point("manifest-replace");
    enum lede_status st =
        lede_file_replace(directory, "manifest.json", text, strlen(text), ret_replaced, reterr);
    if (st == LEDE_OK)
        manifest->generation++;
    return st;
}

enum lede_status lede_manifest_add(struct lede_manifest *manifest,
    const struct lede_manifest_segment *segment, struct lede_error *reterr)
{
    if (!LEDE_ARRAY_RESERVE(
            manifest->segments, manifest->segment_capacity, manifest->segment_count + 1))
        return lede_fail_memory(reterr);
    manifest->segments[manifest->segment_count++] = *segment;
    return LEDE_OK;
}

void lede_manifest_remove(struct lede_manifest *manifest, uint32_t number)
{
    size_t kept = 0;
    for (size_t i = 0; i < manifest->segment_count; i++) {
        if (manifest->segments[i].number != number)
            manifest->segments[kept++] = manifest->segments[i];
    }
    manifest->segment_count = kept;
}

struct lede_manifest_segment *lede_manifest_find(
    const struct lede_manifest *manifest, uint32_t number)
{
    for (size_t i = 0; i < manifest->segment_count; i++) {
        if (manifest->segments[i].number == number)
            return &manifest->segments[i];
    }
    return NULL;
}

enum lede_status lede_manifest_copy(
    const struct lede_manifest *manifest, struct lede_manifest *ret_copy, struct lede_error *reterr)
{
    struct lede_manifest copy = *manifest;
    copy.segments = NULL;
    copy.segment_capacity = 0;
    if (!LEDE_ARRAY_RESERVE(copy.segments, copy.segment_capacity, manifest->segment_count + 1))
        return lede_fail_memory(reterr);
    if (manifest->segment_count > 0)
        memcpy(copy.segments, manifest->segments, manifest->segment_count * sizeof(*copy.segments));
    *ret_copy = copy;
    return LEDE_OK;
}

void lede_manifest_done(struct lede_manifest *manifest)
{
    free(manifest->segments);
    memset(manifest, 0, sizeof(*manifest));
}
