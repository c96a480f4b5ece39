/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The best documents of values, and what they stand for, against a sort of all matches.
 * LEDE_TEST_SEED gives another archive. */
#include "archive.h"

#include "matched.h"

#include "lede/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 3
#define DOCUMENTS 70000 /* of the first part: more than a window */
#define SOURCES 5
#define DAY_FIRST INT64_C(1640995200) /* 2022-01-01 */
#define KEY_BYTES 24

enum { SOURCE, SECTION, STORY, SLOTS };
static const uint32_t slots[SLOTS] = {LEDE_SLOT_SOURCE, LEDE_SLOT_SECTION, LEDE_SLOT_STORY};

struct made {
    char id[12];
    char values[SLOTS][KEY_BYTES]; /* "": none */
    int64_t moment;
    uint32_t score;
    uint32_t part;
    uint32_t document;
    bool matches;
};

static struct made made[PARTS][DOCUMENTS + 1];
static uint32_t scores[DOCUMENTS + 1];
static uint64_t bits[PARTS][DOCUMENTS / 64 + 1];
static const struct made *order[PARTS * DOCUMENTS];
static size_t order_count;

static uint32_t documents_of(size_t part)
{
    static const uint32_t documents[PARTS] = {DOCUMENTS, 3000, 70};
    return documents[part];
}

static void put_made(struct archive *archive, const struct made *one)
{
    unsigned char moment[5];
    struct archive_value values[SLOTS + 2] = {
        {LEDE_SLOT_ID, one->id, strlen(one->id)},
        {LEDE_SLOT_PUBLISHED, (const char *)moment,
            one->moment == LEDE_TIME_NONE ? 0 : sizeof(moment)},
    };
    if (one->moment != LEDE_TIME_NONE)
        lede_schema_encode_time(one->moment, moment);
    for (size_t i = 0; i < SLOTS; i++)
        values[i + 2] = (struct archive_value){slots[i], one->values[i], strlen(one->values[i])};
    archive_put_again(archive, values, LEDE_COUNT_OF(values));
}

/* Few moments and scores, so that both are often equal; ids do not come in the order of documents;
 * a sixth has no source, a third no section, some no story and no moment. Most stories are of one
 * or two documents, of whichever parts. */
static void make_one(struct made *one, uint32_t number, uint64_t *seed)
{
    memset(one, 0, sizeof(*one));
    snprintf(one->id, sizeof(one->id), "n%06u", number * 7919 % 100003);
    one->moment = DAY_FIRST + (int64_t)(archive_random(seed) % 9) * 86400;
    if (archive_random(seed) % 50 == 0)
        one->moment = LEDE_TIME_NONE;
    if (archive_random(seed) % 6)
        snprintf(one->values[SOURCE], KEY_BYTES, "S%u", archive_random(seed) % SOURCES);
    if (archive_random(seed) % 3)
        snprintf(one->values[SECTION], KEY_BYTES, "D%u", archive_random(seed) % 700);
    if (archive_random(seed) % 20)
        snprintf(one->values[STORY], KEY_BYTES, "%016x", archive_random(seed) % 50000);
}

static void make_archive(struct archive *archive)
{
    uint64_t seed = archive_seed();
    uint32_t number = 0;
    for (uint32_t part = 0; part < PARTS; part++) {
        archive_begin_part(archive);
        for (uint32_t i = 1; i <= documents_of(part); i++) {
            struct made *one = &made[part][i];
            make_one(one, number++, &seed);
            one->part = part;
            one->document = i;
            if (i == 1)
                archive_put(archive, "{\"id\":\"a\",\"title\":\"x\"}", NULL, 0);
            else
                put_made(archive, one);
        }
    }
    archive_open(archive);
}

/* Let documents match, `share` of 1000 of them, but never the first, with so many different
 * scores. */
static void match(
    struct lede_matched *matched, uint32_t share, uint32_t score_count, uint64_t *seed)
{
    order_count = 0;
    for (size_t part = 0; part < PARTS; part++) {
        memset(bits[part], 0, sizeof(bits[part]));
        matched[part] = (struct lede_matched){bits[part], documents_of(part), 0};
        for (uint32_t i = 2; i <= documents_of(part); i++) {
            struct made *one = &made[part][i];
            one->matches = archive_random(seed) % 1000 < share;
            one->score = archive_random(seed) % score_count;
            if (!one->matches)
                continue;
            order[order_count++] = one;
            bits[part][i / 64] |= UINT64_C(1) << (i % 64);
            matched[part].count++;
        }
    }
}

static enum lede_sort sort_of_comparison;

static int compare_made(const void *a, const void *b)
{
    const struct made *left = *(const struct made *const *)a;
    const struct made *right = *(const struct made *const *)b;
    int by_id = strcmp(left->id, right->id);
    if (sort_of_comparison == LEDE_SORT_RELEVANCE && left->score != right->score)
        return left->score > right->score ? -1 : 1;
    /* what has no moment is last, whichever way */
    if (left->moment == LEDE_TIME_NONE || right->moment == LEDE_TIME_NONE) {
        if (left->moment != right->moment)
            return left->moment == LEDE_TIME_NONE ? 1 : -1;
    } else if (left->moment != right->moment) {
        return (left->moment > right->moment) == (sort_of_comparison != LEDE_SORT_OLDEST) ? -1 : 1;
    }
    return sort_of_comparison == LEDE_SORT_NEWEST ? -by_id : by_id;
}

/* The expected documents, in `order`. Returns how many. */
static size_t collapse_naively(enum lede_sort sort, size_t slot, size_t most)
{
    static bool seen[60000];
    size_t count = 0;
    memset(seen, 0, sizeof(seen));
    sort_of_comparison = sort;
    qsort(order, order_count, sizeof(order[0]), compare_made);
    for (size_t i = 0; i < order_count && count < most; i++) {
        const char *value = order[i]->values[slot];
        unsigned long number = 0;
        if (value[0])
            number = slot == STORY ? strtoul(value, NULL, 16) : strtoul(value + 1, NULL, 10);
        if (value[0] && seen[number])
            continue;
        seen[number] = value[0] != '\0' || seen[number];
        const struct made *shown = order[i]; /* what was passed over is needed no more */
        order[i] = order[count];
        order[count++] = shown;
    }
    return count;
}

static struct lede_collapse *collapse(struct archive *archive, const struct lede_search *search,
    const struct lede_matched *matched, size_t count)
{
    struct lede_collapse *made_here = NULL;
    struct lede_error error = {0};
    if (lede_collapse_new(archive->index, search, count, &made_here, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    for (size_t part = 0; part < PARTS; part++) {
        size_t words = documents_of(part) / 64 + 1;
        for (uint32_t i = 0; i <= documents_of(part); i++)
            scores[i] = made[part][i].score;
        for (size_t word = 0; word < words; word += LEDE_WINDOW_WORDS) {
            size_t left = words - word;
            if (lede_collapse_add(made_here, part, (uint32_t)word * 64, matched[part].bits + word,
                    left < LEDE_WINDOW_WORDS ? left : LEDE_WINDOW_WORDS,
                    search->sort == LEDE_SORT_RELEVANCE ? scores + word * 64 : NULL,
                    &error) != LEDE_OK)
                fail_msg("%s", error.message);
        }
    }
    return made_here;
}

static void expect_first(struct archive *archive, const struct lede_matched *matched,
    enum lede_sort sort, size_t slot, size_t most)
{
    struct lede_search search = {.sort = sort, .collapse_slot = slots[slot]};
    struct lede_deadline deadline = {0};
    struct lede_error error = {0};
    const struct lede_candidate *candidates = NULL;
    const char *const *texts = NULL;
    size_t count = 0, expected = collapse_naively(sort, slot, most);
    struct lede_collapse *collapsed = collapse(archive, &search, matched, most);
    if (lede_collapse_first(collapsed, &deadline, &candidates, &texts, &count, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    assert_int_equal(count, expected);
    for (size_t i = 0; i < count; i++) {
        const struct made *one = &made[candidates[i].part][candidates[i].document];
        assert_string_equal(one->id, order[i]->id);
        assert_string_equal(texts[i], order[i]->values[slot]);
        assert_true(candidates[i].moment == one->moment);
        if (sort == LEDE_SORT_RELEVANCE)
            assert_int_equal(candidates[i].score, one->score);
    }
    lede_collapse_free(collapsed);
}

static void documents_are_the_best_of_their_values(void **state)
{
    static const size_t counts[] = {0, 1, 10, 128, 1000, 200000};
    static const uint32_t shares[] = {0, 1, 30, 1000};
    struct lede_matched matched[PARTS];
    struct archive *archive = *state;
    uint64_t seed = 3;
    make_archive(archive);
    for (size_t share = 0; share < LEDE_COUNT_OF(shares); share++) {
        for (int sort = LEDE_SORT_RELEVANCE; sort <= LEDE_SORT_OLDEST; sort++) {
            for (size_t slot = 0; slot < SLOTS; slot++) {
                for (size_t i = 0; i < LEDE_COUNT_OF(counts); i++) {
                    if (share == 3 && (counts[i] < 10 || counts[i] > 1000))
                        continue; /* it takes long, and tells nothing else */
                    match(matched, shares[share], i % 2 ? 20 : 1000000, &seed);
                    expect_first(archive, matched, (enum lede_sort)sort, slot, counts[i]);
                }
            }
        }
    }
}

static void matches_without_scores_are_ordered_by_moment(void **state)
{
    struct lede_matched matched[PARTS];
    struct archive *archive = *state;
    uint64_t seed = 3;
    make_archive(archive);
    match(matched, 500, 1, &seed);
    for (size_t slot = 0; slot < SLOTS; slot++)
        expect_first(archive, matched, LEDE_SORT_RELEVANCE, slot, 10);
}

static void passed_deadlines_leave_ids_unread(void **state)
{
    struct lede_matched matched[PARTS];
    struct archive *archive = *state;
    uint64_t seed = 3;
    make_archive(archive);
    match(matched, 500, 1, &seed);
    struct lede_search search = {.sort = LEDE_SORT_NEWEST, .collapse_slot = LEDE_SLOT_SOURCE};
    struct lede_deadline deadline = {.monotonic_ns = 1};
    const struct lede_candidate *candidates = NULL;
    const char *const *texts = NULL;
    size_t count = 0;
    struct lede_collapse *collapsed = collapse(archive, &search, matched, 4);
    assert_int_equal(
        lede_collapse_first(collapsed, &deadline, &candidates, &texts, &count, NULL), LEDE_OK);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++)
        assert_true(candidates[i].moment == DAY_FIRST + INT64_C(8) * 86400);
    lede_collapse_free(collapsed);
}

static void expect_copies(const struct lede_hit *hit, size_t slot, uint32_t most)
{
    const struct made *one =
        &made[lede_docid_part(PARTS, hit->docid)][lede_docid_document(PARTS, hit->docid)];
    uint32_t count = 0, from[SOURCES] = {0};
    size_t sources = 0;
    for (size_t part = 0; part < PARTS; part++) {
        for (uint32_t i = 1; i <= documents_of(part); i++) {
            const struct made *other = &made[part][i];
            bool is_copy = hit->collapse_key[0]
                               ? strcmp(other->values[slot], hit->collapse_key) == 0
                               : other == one;
            if (!other->matches || !is_copy)
                continue;
            count++;
            if (other->values[SOURCE][0])
                from[other->values[SOURCE][1] - '0']++;
        }
    }
    for (size_t i = 0; i < SOURCES; i++)
        sources += from[i] > 0;
    assert_int_equal(hit->collapse_count, count);
    assert_int_equal(hit->collapse_source_count, sources < most ? sources : most);
    for (size_t i = 0; i < hit->collapse_source_count; i++) {
        const struct lede_facet_value *source = &hit->collapse_sources[i];
        assert_int_equal(source->count, from[source->value[1] - '0']);
        assert_true(
            i == 0 || source[-1].count > source->count ||
            (source[-1].count == source->count && strcmp(source[-1].value, source->value) < 0));
    }
}

static void hits_say_what_they_stand_for(void **state)
{
    static struct lede_hit hits[60];
    static const uint32_t shares[] = {10, 300, 1000};
    struct lede_matched matched[PARTS];
    struct archive *archive = *state;
    uint64_t seed = 3;
    make_archive(archive);
    for (size_t i = 0; i < LEDE_COUNT_OF(shares) * SLOTS; i++) {
        size_t slot = i % SLOTS;
        struct lede_search search = {.collapse_slot = slots[slot], .facet_values = i % 2 ? 3 : 100};
        struct lede_search_result result = {.hits = hits};
        struct lede_error error = {0};
        match(matched, shares[i / SLOTS], 1000000, &seed);
        result.hit_count = collapse_naively(LEDE_SORT_RELEVANCE, slot, LEDE_COUNT_OF(hits));
        for (size_t k = 0; k < result.hit_count; k++) {
            hits[k] =
                (struct lede_hit){.docid = lede_docid_of(PARTS, order[k]->part, order[k]->document),
                    .collapse_key = order[k]->values[slot]};
        }
        if (lede_collapse_count_copies(archive->index, &search, matched, &result, &error) !=
            LEDE_OK)
            fail_msg("%s", error.message);
        for (size_t k = 0; k < result.hit_count; k++)
            expect_copies(&hits[k], slot, search.facet_values);
        lede_arena_done(&result.arena);
    }
}

/* So many that their counts by hit are made in several walks. */
static void hits_have_sources_however_many_there_are(void **state)
{
    enum { HITS = 60, MANY = 24000 };
    static struct lede_hit hits[HITS];
    static uint64_t all[MANY / 64 + 1];
    struct archive *archive = *state;
    char keys[HITS][8];
    archive_begin_part(archive);
    archive_put(archive, "{\"id\":\"a\",\"title\":\"x\"}", NULL, 0);
    for (uint32_t i = 2; i <= MANY; i++) {
        char source[8], *section = keys[i % HITS];
        snprintf(source, sizeof(source), "%05u", i);
        snprintf(section, sizeof(keys[0]), "D%u", i % HITS);
        const struct archive_value values[] = {
            {LEDE_SLOT_SOURCE, source, 5}, {LEDE_SLOT_SECTION, section, strlen(section)}};
        archive_put_again(archive, values, LEDE_COUNT_OF(values));
        all[i / 64] |= UINT64_C(1) << (i % 64);
    }
    archive_open(archive);
    for (uint32_t i = 0; i < HITS; i++)
        hits[i] = (struct lede_hit){.docid = i + HITS, .collapse_key = keys[i]};
    struct lede_matched matched = {all, MANY, MANY - 1};
    struct lede_search search = {.collapse_slot = LEDE_SLOT_SECTION, .facet_values = MANY};
    struct lede_search_result result = {.hits = hits, .hit_count = HITS};
    assert_int_equal(
        lede_collapse_count_copies(archive->index, &search, &matched, &result, NULL), LEDE_OK);
    for (uint32_t i = 0; i < HITS; i++) {
        assert_int_equal(hits[i].collapse_count, MANY / HITS - (i == 1));
        assert_int_equal(hits[i].collapse_source_count, hits[i].collapse_count);
        for (size_t k = 0; k < hits[i].collapse_source_count; k++) {
            assert_int_equal(hits[i].collapse_sources[k].count, 1);
            assert_int_equal(atoi(hits[i].collapse_sources[k].value) % HITS, i);
        }
    }
    lede_arena_done(&result.arena);
}

static void ids_and_moments_are_read_of_any_documents(void **state)
{
    enum { ASKED = 500 };
    struct lede_candidate candidates[ASKED];
    const char *ids[ASKED];
    struct lede_arena arena = {0};
    struct archive *archive = *state;
    uint64_t seed = archive_seed();
    make_archive(archive);
    for (size_t i = 0; i < ASKED; i++) {
        uint32_t part = archive_random(&seed) % PARTS;
        candidates[i] = (struct lede_candidate){
            .part = part, .document = 2 + archive_random(&seed) % (documents_of(part) - 1)};
    }
    assert_int_equal(
        lede_candidates_read_ids(archive->index, candidates, ASKED, &arena, ids, NULL), LEDE_OK);
    assert_int_equal(
        lede_candidates_read_moments(archive->index, candidates, ASKED, NULL), LEDE_OK);
    for (size_t i = 0; i < ASKED; i++) {
        const struct made *one = &made[candidates[i].part][candidates[i].document];
        assert_string_equal(ids[i], one->id);
        assert_true(candidates[i].moment == one->moment);
    }
    lede_arena_done(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, archive_setup, archive_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(documents_are_the_best_of_their_values),
        TEST(matches_without_scores_are_ordered_by_moment),
        TEST(passed_deadlines_leave_ids_unread),
        TEST(hits_say_what_they_stand_for),
        TEST(hits_have_sources_however_many_there_are),
        TEST(ids_and_moments_are_read_of_any_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
