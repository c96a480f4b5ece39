/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive.h"

#include "lede/model.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int archive_setup(void **state)
{
    struct archive *archive = calloc(1, sizeof(*archive));
    if (!archive)
        return -1;
    snprintf(archive->directory, sizeof(archive->directory), "/tmp/lede-match-test-XXXXXX");
    if (!mkdtemp(archive->directory))
        return -1;
    *state = archive;
    return lede_analyzer_new(&archive->analyzer, NULL) == LEDE_OK ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

int archive_teardown(void **state)
{
    struct archive *archive = *state;
    lede_index_free(archive->index);
    lede_builder_free(archive->builder);
    lede_entry_free(archive->entry);
    lede_analyzer_free(archive->analyzer);
    int status = nftw(archive->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(archive);
    return status;
}

static void finish_part(struct archive *archive)
{
    struct lede_error error = {0};
    if (archive->builder && lede_builder_finish(archive->builder, 1, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    lede_builder_freep(&archive->builder);
}

void archive_begin_part(struct archive *archive)
{
    struct lede_error error = {0};
    finish_part(archive);
    assert_true(archive->part_count < ARCHIVE_PARTS_MAX);
    char path[sizeof(archive->paths[0])];
    snprintf(path, sizeof(path), "%s/%zu", archive->directory, archive->part_count);
    if (lede_builder_new(path, &archive->builder, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    memcpy(archive->paths[archive->part_count++], path, sizeof(path));
}

void archive_put_again(
    struct archive *archive, const struct archive_value *values, size_t value_count)
{
    struct lede_error error = {0};
    enum lede_status status = LEDE_OK;
    for (size_t i = 0; status == LEDE_OK && i < value_count; i++)
        status = lede_entry_set_value(
            archive->entry, values[i].slot, values[i].bytes, values[i].size, &error);
    if (status == LEDE_OK)
        status = lede_builder_add(archive->builder, archive->entry, &error);
    if (status != LEDE_OK)
        fail_msg("%s", error.message);
}

void archive_put(struct archive *archive, const char *json, const struct archive_value *values,
    size_t value_count)
{
    struct lede_document_context context = {.now_utc_s = ARCHIVE_NOW};
    struct lede_document *document = NULL;
    struct lede_error error = {0};
    lede_entry_freep(&archive->entry);
    enum lede_status status = lede_document_parse(json, strlen(json), &context, &document, &error);
    if (status == LEDE_OK)
        status = lede_entry_new(document, archive->analyzer, &archive->entry, &error);
    if (status != LEDE_OK)
        fail_msg("%s: %s", error.message, json);
    lede_document_free(document);
    archive_put_again(archive, values, value_count);
}

void archive_open(struct archive *archive)
{
    const char *paths[ARCHIVE_PARTS_MAX];
    struct lede_error error = {0};
    finish_part(archive);
    for (size_t i = 0; i < archive->part_count; i++)
        paths[i] = archive->paths[i];
    if (lede_index_open(paths, archive->part_count, &archive->index, &error) != LEDE_OK)
        fail_msg("%s", error.message);
}

uint32_t archive_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

uint64_t archive_seed(void)
{
    const char *given = getenv("LEDE_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : UINT64_C(20231114);
    print_message("# LEDE_TEST_SEED=%" PRIu64 "\n", seed);
    return seed;
}

enum lede_status archive_count_values(struct archive *archive, const struct lede_search *search,
    const struct lede_matched *matched, struct lede_search_result *result,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_facet_counts_freep) struct lede_facet_counts *even = NULL;
    LEDE_CLEANUP(lede_facet_counts_freep) struct lede_facet_counts *odd = NULL;
    enum lede_status status = lede_facet_counts_new(archive->index, search, &even, reterr);
    if (status == LEDE_OK)
        status = lede_facet_counts_new(archive->index, search, &odd, reterr);
    for (size_t part = 0; status == LEDE_OK && part < archive->part_count; part++)
        status = lede_facet_counts_add(part % 2 == 0 ? even : odd, part, &matched[part], reterr);
    if (status == LEDE_OK)
        status = lede_facet_counts_join(even, odd);
    return status == LEDE_OK ? lede_facet_counts_write(even, result, reterr) : status;
}
