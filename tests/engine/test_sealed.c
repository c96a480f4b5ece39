/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sealed segments: what is deleted beside them is nowhere seen, and merging keeps the rest. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOCUMENTS 300
#define WORDS 7

static const char *const words[WORDS] = {
    "granite", "basalt", "harbour", "strike", "council", "lighthouse", "market"};

/* Documents 1 … DOCUMENTS of two segments, and which of them are deleted. */
struct archive {
    struct fixture *fixture;
    bool deleted[FIXTURE_SEGMENTS][DOCUMENTS + 1];
    uint64_t bits[FIXTURE_SEGMENTS][DOCUMENTS / 64 + 1];
    uint32_t deleted_count[FIXTURE_SEGMENTS];
};

static void fill(struct archive *archive, unsigned *seed)
{
    for (int segment = 0; segment < FIXTURE_SEGMENTS; segment++) {
        for (unsigned i = 1; i <= DOCUMENTS; i++) {
            char json[400];
            snprintf(json, sizeof(json),
                "{\"id\":\"s%d-%u\",\"title\":\"%s\",\"body\":\"everywhere %s "
                "%s\",\"source\":\"%s\",\"language\":\"en\","
                "\"published\":\"2022-01-%02u\",\"tags\":[\"%s\",\"%s\"],\"odd%u\":1}",
                segment, i, words[rand_r(seed) % WORDS], words[rand_r(seed) % WORDS],
                words[i % WORDS], words[i % 3], 1 + i % 28, words[i % 3], words[3 + i % 4], i % 2);
            fixture_put(archive->fixture, segment, json);
        }
    }
    fixture_read(archive->fixture);
    fixture_close(archive->fixture);
}

static void delete_some(struct archive *archive, unsigned *seed, unsigned of_ten)
{
    for (int segment = 0; segment < FIXTURE_SEGMENTS; segment++) {
        for (unsigned i = 1; i <= DOCUMENTS; i++) {
            if ((unsigned)rand_r(seed) % 10 >= of_ten)
                continue;
            archive->deleted[segment][i] = true;
            archive->bits[segment][i / 64] |= UINT64_C(1) << (i % 64);
            archive->deleted_count[segment]++;
        }
    }
}

static struct lede_deleted deleted_of(const struct archive *archive, int segment)
{
    return (struct lede_deleted){
        archive->bits[segment], DOCUMENTS + 1, archive->deleted_count[segment]};
}

/* earlier  NULL: none */
static void open_index_after(struct archive *archive, const struct lede_index *earlier)
{
    struct lede_index_segment segments[FIXTURE_SEGMENTS];
    for (int i = 0; i < FIXTURE_SEGMENTS; i++)
        segments[i] =
            (struct lede_index_segment){archive->fixture->paths[i], deleted_of(archive, i), NULL};
    assert_int_equal(lede_index_open_segments(
                         NULL, segments, FIXTURE_SEGMENTS, earlier, &archive->fixture->index, NULL),
        LEDE_OK);
}

static void open_index(struct archive *archive)
{
    open_index_after(archive, NULL);
}

static struct lede_search_result run(struct fixture *fixture, const char *text, enum lede_sort sort)
{
    struct lede_search_result result = {0};
    struct lede_query *query = fixture_parse(fixture, text);
    struct lede_search search = fixture_search(query);
    search.sort = sort;
    search.limit = 1000;
    search.facets = LEDE_FIELD_BIT(LEDE_FIELD_SOURCE);
    search.facet_values = 100;
    assert_int_equal(lede_index_search(fixture->index, &search, &result, NULL), LEDE_OK);
    lede_query_free(query);
    return result;
}

/* Every hit lives; they, the total and the facet say the same number. Returns it. */
static uint32_t check_result(const struct archive *archive, const char *text, enum lede_sort sort)
{
    struct lede_search_result result = run(archive->fixture, text, sort);
    uint32_t counted = 0;
    assert_true(result.total_is_exact);
    assert_int_equal(result.hit_count, result.total);
    for (size_t i = 0; i < result.hit_count; i++) {
        int segment = 0;
        unsigned document = 0;
        assert_int_equal(sscanf(result.hits[i].id, "s%d-%u", &segment, &document), 2);
        assert_false(archive->deleted[segment][document]);
    }
    for (size_t i = 0; i < result.facets[0].count; i++)
        counted += result.facets[0].values[i].count;
    assert_int_equal(counted, result.total);
    uint32_t total = result.total;
    lede_search_result_done(&result);
    return total;
}

/* Where nothing is counted besides and few hits are wanted, ranking skips most matches. */
static uint32_t check_total(const struct archive *archive, const char *text)
{
    struct lede_search_result result = {0};
    struct lede_query *query = fixture_parse(archive->fixture, text);
    struct lede_search search = fixture_search(query);
    search.limit = 3;
    assert_int_equal(lede_index_search(archive->fixture->index, &search, &result, NULL), LEDE_OK);
    assert_true(result.total_is_exact);
    uint32_t total = result.total;
    lede_search_result_done(&result);
    lede_query_free(query);
    return total;
}

static void add_up(void *context, const char *value, uint32_t count)
{
    (void)value;
    *(uint32_t *)context += count;
}

static void check_index(const struct archive *archive, uint32_t living)
{
    struct lede_index *index = archive->fixture->index;
    uint32_t values = 0;
    assert_int_equal(lede_index_document_count(index), living);
    assert_int_equal(check_result(archive, "", LEDE_SORT_NEWEST), living);
    assert_int_equal(check_result(archive, "everywhere", LEDE_SORT_RELEVANCE), living);
    assert_int_equal(check_total(archive, "everywhere"), living);
    assert_int_equal(check_result(archive, "", LEDE_SORT_RELEVANCE),
        check_result(archive, "", LEDE_SORT_OLDEST));
    for (int i = 0; i < WORDS; i++) {
        char excluded[32];
        snprintf(excluded, sizeof(excluded), "NOT %s", words[i]);
        uint32_t with = check_result(archive, words[i], LEDE_SORT_RELEVANCE);
        assert_int_equal(with, check_result(archive, words[i], LEDE_SORT_NEWEST));
        assert_int_equal(with + check_result(archive, excluded, LEDE_SORT_NEWEST), living);
    }
    assert_int_equal(lede_index_visit_values(
                         index, lede_field_at(LEDE_FIELD_SOURCE), add_up, &values, NULL, NULL),
        LEDE_OK);
    assert_int_equal(values, living);
    values = 0;
    assert_int_equal(
        lede_index_visit_values(index, lede_field_at(LEDE_FIELD_TAGS), add_up, &values, NULL, NULL),
        LEDE_OK);
    assert_int_equal(values, 2 * living);
    values = 0;
    assert_int_equal(lede_index_visit_values(index, NULL, add_up, &values, NULL, NULL), LEDE_OK);
    assert_int_equal(values, living);
}

static void note_values(void *context, const char *value, uint32_t count)
{
    char *noted = context;
    size_t used = strlen(noted);
    snprintf(noted + used, 512 - used, "%s:%u ", value, count);
}

static void read_counted(const struct lede_index *const_index, char noted[512])
{
    struct lede_index *index = (struct lede_index *)const_index;
    noted[0] = '\0';
    assert_int_equal(lede_index_visit_values(index, NULL, note_values, noted, NULL, NULL), LEDE_OK);
    assert_int_equal(lede_index_visit_values(
                         index, lede_field_at(LEDE_FIELD_LANGUAGE), note_values, noted, NULL, NULL),
        LEDE_OK);
}

/* Count what is deleted in a segment in two steps: every third document, then the others. */
static struct lede_value_counts *count_in_steps(const struct archive *archive, int segment)
{
    struct lede_sealed *sealed = NULL;
    struct lede_value_counts *first = NULL, *all = NULL;
    uint64_t bits[DOCUMENTS / 64 + 1] = {0};
    struct lede_deleted none = {0}, third = {bits, DOCUMENTS + 1, 0};
    struct lede_deleted deleted = deleted_of(archive, segment);
    for (unsigned i = 1; i <= DOCUMENTS; i++) {
        if (i % 3 == 0 && archive->deleted[segment][i]) {
            bits[i / 64] |= UINT64_C(1) << (i % 64);
            third.count++;
        }
    }
    assert_int_equal(
        lede_sealed_open(NULL, archive->fixture->paths[segment], &sealed, NULL), LEDE_OK);
    assert_int_equal(lede_sealed_count_values(sealed, &third, &none, NULL, &first, NULL), LEDE_OK);
    assert_int_equal(
        lede_sealed_count_values(sealed, &deleted, &third, first, &all, NULL), LEDE_OK);
    lede_value_counts_free(first);
    lede_sealed_free(sealed);
    return all;
}

static struct archive new_archive(void **state, unsigned of_ten)
{
    struct archive archive = {.fixture = *state};
    unsigned seed = 20220119;
    fill(&archive, &seed);
    delete_some(&archive, &seed, of_ten);
    return archive;
}

static uint32_t living_in(const struct archive *archive)
{
    return 2 * DOCUMENTS - archive->deleted_count[0] - archive->deleted_count[1];
}

static void what_is_deleted_beside_a_segment_is_nowhere_seen(void **state)
{
    for (unsigned of_ten = 0; of_ten <= 10; of_ten += 5) {
        struct archive archive = new_archive(state, of_ten);
        open_index(&archive);
        check_index(&archive, living_in(&archive));
        for (unsigned i = 1; i <= DOCUMENTS; i++) {
            char id[32];
            struct lede_buffer stored = {0};
            snprintf(id, sizeof(id), "s1-%u", i);
            enum lede_status st =
                lede_index_get(archive.fixture->index, id, strlen(id), &stored, NULL, NULL);
            assert_int_equal(st, archive.deleted[1][i] ? LEDE_ENOTFOUND : LEDE_OK);
            lede_buffer_done(&stored);
        }
        fixture_teardown(state);
        assert_int_equal(fixture_setup(state), 0);
    }
}

static void check_with_xapian(const char *path)
{
    char command[256];
    snprintf(command, sizeof(command), "xapian-check '%s' F >/dev/null", path);
    assert_int_equal(system(command), 0);
}

/* Where each document went is where its id is found. */
static void check_places(const struct archive *archive, const struct lede_merge_source *sources,
    const char *merged, bool left_out)
{
    struct lede_sealed *sealed = NULL;
    struct lede_deleted none = {0};
    assert_int_equal(lede_sealed_open(NULL, merged, &sealed, NULL), LEDE_OK);
    for (int segment = 0; segment < FIXTURE_SEGMENTS; segment++) {
        for (unsigned i = 1; i <= DOCUMENTS; i++) {
            char id[32];
            uint32_t docid = 0;
            unsigned char digest[16];
            snprintf(id, sizeof(id), "s%d-%u", segment, i);
            assert_int_equal(
                lede_sealed_find(sealed, id, strlen(id), &none, &docid, digest, NULL), LEDE_OK);
            bool gone = left_out && archive->deleted[segment][i];
            assert_int_equal(docid, gone ? 0 : lede_merge_source_place(&sources[segment], i));
        }
    }
    lede_sealed_free(sealed);
}

static void merge_and_check(struct archive *archive, bool leave_out)
{
    char merged[128];
    char scratch[128];
    snprintf(merged, sizeof(merged), "%s/merged", archive->fixture->directory);
    snprintf(scratch, sizeof(scratch), "%s/scratch", archive->fixture->directory);
    struct lede_merge_source sources[] = {
        {.path = archive->fixture->paths[0], .deleted = deleted_of(archive, 0)},
        {.path = archive->fixture->paths[1], .deleted = deleted_of(archive, 1)}};
    assert_int_equal(
        lede_segments_merge(sources, 2, merged, scratch, leave_out, NULL, NULL, NULL), LEDE_OK);
    check_with_xapian(merged);
    check_places(archive, sources, merged, leave_out);
    /* What was carried along is deleted where it is now. */
    uint64_t bits[2 * DOCUMENTS / 64 + 1] = {0};
    for (int segment = 0; !leave_out && segment < 2; segment++) {
        for (unsigned i = 1; i <= DOCUMENTS; i++) {
            uint32_t at = lede_merge_source_place(&sources[segment], i);
            bits[at / 64] |= (uint64_t)archive->deleted[segment][i] << (at % 64);
        }
    }
    uint32_t gone = leave_out ? 0 : archive->deleted_count[0] + archive->deleted_count[1];
    struct lede_index_segment segment = {merged, {bits, 2 * DOCUMENTS + 1, gone}, NULL};
    assert_int_equal(
        lede_index_open_segments(NULL, &segment, 1, NULL, &archive->fixture->index, NULL), LEDE_OK);
    assert_int_equal(lede_index_revision(archive->fixture->index), archive->fixture->revision);
    check_index(archive, living_in(archive));
    for (int i = 0; i < 2; i++)
        lede_merge_source_done(&sources[i]);
}

static void values_counted_as_documents_are_deleted_are_those_counted_when_asked(void **state)
{
    struct archive archive = new_archive(state, 4);
    struct lede_index_segment segments[FIXTURE_SEGMENTS];
    struct lede_value_counts *counts[FIXTURE_SEGMENTS];
    struct lede_index *index = NULL;
    char asked[512], counted[512];
    open_index(&archive);
    read_counted(archive.fixture->index, asked);
    for (int i = 0; i < FIXTURE_SEGMENTS; i++) {
        counts[i] = count_in_steps(&archive, i);
        segments[i] = (struct lede_index_segment){
            archive.fixture->paths[i], deleted_of(&archive, i), counts[i]};
    }
    assert_int_equal(
        lede_index_open_segments(NULL, segments, FIXTURE_SEGMENTS, NULL, &index, NULL), LEDE_OK);
    read_counted(index, counted);
    assert_string_equal(counted, asked);
    assert_string_not_equal(counted, "");
    lede_index_free(index);
    for (int i = 0; i < FIXTURE_SEGMENTS; i++)
        lede_value_counts_free(counts[i]);
}

static void merging_carries_deleted_documents_along(void **state)
{
    struct archive archive = new_archive(state, 3);
    merge_and_check(&archive, false);
}

static void merging_leaves_deleted_documents_out(void **state)
{
    struct archive archive = new_archive(state, 3);
    merge_and_check(&archive, true);
}

static bool never(void *context)
{
    (void)context;
    return false;
}

static void an_interrupted_merge_leaves_nothing_behind(void **state)
{
    struct archive archive = new_archive(state, 3);
    char merged[128];
    char scratch[128];
    snprintf(merged, sizeof(merged), "%s/merged", archive.fixture->directory);
    snprintf(scratch, sizeof(scratch), "%s/scratch", archive.fixture->directory);
    struct lede_merge_source source = {
        .path = archive.fixture->paths[0], .deleted = deleted_of(&archive, 0)};
    assert_int_equal(
        lede_segments_merge(&source, 1, merged, scratch, true, never, NULL, NULL), LEDE_EBUSY);
    assert_int_equal(access(merged, F_OK), -1);
    assert_int_equal(access(scratch, F_OK), -1);
}

static void note_id(void *context, const char *term, size_t size)
{
    unsigned *count = context;
    assert_true(size > 1 && term[0] == 'Q');
    (*count)++;
}

static void every_id_of_a_sealed_segment_is_visited(void **state)
{
    struct archive archive = new_archive(state, 0);
    struct lede_sealed *sealed = NULL;
    unsigned count = 0;
    assert_int_equal(lede_sealed_open(NULL, archive.fixture->paths[0], &sealed, NULL), LEDE_OK);
    assert_int_equal(lede_sealed_visit_ids(sealed, note_id, &count, NULL), LEDE_OK);
    assert_int_equal(count, DOCUMENTS);
    assert_int_equal(lede_sealed_document_count(sealed), DOCUMENTS);
    assert_int_equal(lede_sealed_last_document(sealed), DOCUMENTS);
    lede_sealed_free(sealed);
}

static void an_index_opened_after_another_keeps_its_handles_and_sees_what_was_deleted_since(
    void **state)
{
    struct archive archive = new_archive(state, 0);
    open_index(&archive);
    check_index(&archive, living_in(&archive));
    struct lede_index *earlier = archive.fixture->index;
    unsigned seed = 1;
    delete_some(&archive, &seed, 3);
    for (int i = 0; i < FIXTURE_SEGMENTS; i++) {
        char moved[128];
        snprintf(moved, sizeof(moved), "%s-moved", archive.fixture->paths[i]);
        assert_int_equal(rename(archive.fixture->paths[i], moved), 0);
    }
    open_index_after(&archive, earlier);
    lede_index_free(earlier);
    check_index(&archive, living_in(&archive));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        CASE(what_is_deleted_beside_a_segment_is_nowhere_seen),
        CASE(values_counted_as_documents_are_deleted_are_those_counted_when_asked),
        CASE(merging_carries_deleted_documents_along),
        CASE(merging_leaves_deleted_documents_out),
        CASE(an_interrupted_merge_leaves_nothing_behind),
        CASE(every_id_of_a_sealed_segment_is_visited),
        CASE(an_index_opened_after_another_keeps_its_handles_and_sees_what_was_deleted_since),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
