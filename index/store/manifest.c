#include "manifest.h"

#include "files.h"
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
    if (format == LEDE_STORE_FORMAT && analysis == LEDE_ANALYSIS_VERSION)
        return LEDE_OK;
    const char *age = format > LEDE_STORE_FORMAT || analysis > LEDE_ANALYSIS_VERSION ? "a newer" : "an older";
    enum lede_status st = lede_fail(reterr, LEDE_EVERSION,
        "data directory '%s' was made by %s version of Lede (format %lld, analysis %lld; this one reads "
        "format %d, analysis %d)",
        directory, age, (long long)format, (long long)analysis, LEDE_STORE_FORMAT, LEDE_ANALYSIS_VERSION);
    lede_error_hint(reterr, "use the version that made it, or index the documents into a new directory");
    return st;
}

static enum lede_status read_segments(
    const char *directory, const json_t *list, struct lede_manifest *manifest, struct lede_error *reterr)
{
    size_t count = json_array_size(list);
    manifest->segments = calloc(count ? count : 1, sizeof(*manifest->segments));
    if (!manifest->segments)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++) {
        int number = 0;
        int lane = -1;
        if (json_unpack(json_array_get(list, i), "{s:i, s:i}", "number", &number, "lane", &lane) != 0 ||
            number < 1 || lane < 0 || (uint32_t)lane >= manifest->lanes ||
            lede_manifest_has(manifest, (uint32_t)number))
            return corrupt(directory, "a segment's entry", reterr);
        manifest->segments[i] = (struct lede_manifest_segment){(uint32_t)number, (uint32_t)lane};
        manifest->segment_count = i + 1;
    }
    return LEDE_OK;
}

enum lede_status lede_manifest_read(
    const char *directory, struct lede_manifest *ret_manifest, struct lede_error *reterr)
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
    json_int_t format = 0, analysis = 0, generation = 0, lanes = 0, next = 0;
    json_t *list = NULL;
    if (json_unpack(root, "{s:I, s:I}", "format", &format, "analysis", &analysis) != 0)
        return corrupt(directory, "it names no format", reterr);
    st = check_versions(directory, format, analysis, reterr);
    if (st != LEDE_OK)
        return st;
    if (json_unpack(root, "{s:I, s:I, s:I, s:o}", "generation", &generation, "lanes", &lanes, "next_number",
            &next, "segments", &list) != 0 ||
        lanes < 1 || lanes > LEDE_LANES_MAX || next < 1 || next > INT32_MAX)
        return corrupt(directory, "a key is missing or out of range", reterr);
    LEDE_CLEANUP(lede_manifest_done)
    struct lede_manifest manifest = {
        .generation = (uint64_t)generation, .lanes = (uint32_t)lanes, .next_number = (uint32_t)next};
    st = read_segments(directory, list, &manifest, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_manifest = manifest;
    memset(&manifest, 0, sizeof(manifest));
    return LEDE_OK;
}

enum lede_status lede_manifest_write(
    const char *directory, struct lede_manifest *manifest, struct lede_error *reterr)
{
    json_auto_t *root = json_pack("{s:i, s:i, s:I, s:i, s:i, s:[]}", "format", LEDE_STORE_FORMAT, "analysis",
        LEDE_ANALYSIS_VERSION, "generation", (json_int_t)manifest->generation + 1, "lanes",
        (int)manifest->lanes, "next_number", (int)manifest->next_number, "segments");
    json_t *list = json_object_get(root, "segments");
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < manifest->segment_count; i++)
        ok = json_array_append_new(list, json_pack("{s:i, s:i}", "number", (int)manifest->segments[i].number,
                                             "lane", (int)manifest->segments[i].lane)) == 0;
    LEDE_CLEANUP(lede_freep) char *text = ok ? json_dumps(root, JSON_INDENT(1)) : NULL;
    if (!text)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_file_replace(directory, "manifest.json", text, strlen(text), reterr);
    if (st == LEDE_OK)
        manifest->generation++;
    return st;
}

enum lede_status lede_manifest_add(
    struct lede_manifest *manifest, uint32_t lane, uint32_t *ret_number, struct lede_error *reterr)
{
    struct lede_manifest_segment *segments =
        realloc(manifest->segments, (manifest->segment_count + 1) * sizeof(*segments));
    if (!segments)
        return lede_fail_memory(reterr);
    manifest->segments = segments;
    *ret_number = manifest->next_number++;
    segments[manifest->segment_count++] = (struct lede_manifest_segment){*ret_number, lane};
    return LEDE_OK;
}

bool lede_manifest_has(const struct lede_manifest *manifest, uint32_t number)
{
    for (size_t i = 0; i < manifest->segment_count; i++) {
        if (manifest->segments[i].number == number)
            return true;
    }
    return false;
}

void lede_manifest_done(struct lede_manifest *manifest)
{
    free(manifest->segments);
    memset(manifest, 0, sizeof(*manifest));
}
