/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What parts find, joined, is what the whole finds, bit by bit: by several threads, and as indexes
 * of their own that are weighed by the sum of their statistics, whose values go as bytes. */
#include "archive.h"
#include "lede/shares.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 6
#define SEARCHES 400
#define DOCUMENTS_MAX 2000

static const char *const words[] = {"the", "of", "and", "oil", "price", "market", "rose", "strike",
    "ferry", "minister", "bank", "rare"};
static const char *const queries[] = {"oil price", "the ferry", "oil OR price OR the",
    "strike NOT bank", "\"oil price\"", "market NEAR/3 rose", "title:oil OR ferry", "min*", "rare",
    "the of and", "ferry^2 OR minister", "LEAD oil", "*", "nothing", "=Oil OR bank",
    "(oil AND strike) OR \"the market\""};

struct made {
    int64_t moment;
};
static struct made made[DOCUMENTS_MAX];

static void append_words(char *out, size_t room, unsigned count, uint64_t *seed)
{
    size_t size = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < count; i++) {
        uint32_t a = archive_random(seed) % LEDE_COUNT_OF(words);
        uint32_t b = archive_random(seed) % LEDE_COUNT_OF(words);
        size += (size_t)snprintf(
            out + size, room - size, "%s ", words[a < b ? a : b]); /* the first more often */
    }
}

static void put(struct archive *archive, unsigned number, uint64_t *seed)
{
    char json[1024], title[100], body[500], moment[21], story[20];
    append_words(title, sizeof(title), 1 + archive_random(seed) % 4, seed);
    append_words(body, sizeof(body), 1 + archive_random(seed) % 40, seed);
    made[number].moment = ARCHIVE_NOW - (int64_t)(archive_random(seed) % 40) * 86400;
    lede_time_format(made[number].moment, moment);
    snprintf(story, sizeof(story), "%016x", 1 + archive_random(seed) % 50);
    const struct archive_value values[] = {{LEDE_SLOT_STORY, story, strlen(story)}};
    snprintf(json, sizeof(json),
        "{\"id\":\"d%04u\",\"title\":\"%s\",\"body\":\"%s\",\"published\":\"%s\",\"source\":\"s%"
        "u\","
        "\"tags\":[\"t%u\",\"u%u\"],\"language\":\"en\"}",
        number, title, body, moment, archive_random(seed) % 5, archive_random(seed) % 9,
        archive_random(seed) % 3);
    archive_put(archive, json, values, archive_random(seed) % 4 > 0);
}

/* Parts of different sizes. */
static void build(struct archive *archive, unsigned documents, uint64_t *seed)
{
    for (unsigned i = 0; i < documents; i++) {
        if (i % (documents / PARTS) == 0 && archive->part_count < PARTS)
            archive_begin_part(archive);
        put(archive, i, seed);
    }
    archive_open(archive);
}

static struct lede_query *parse(struct archive *archive, uint64_t *seed)
{
    struct lede_query *query = NULL;
    struct lede_error error = {0};
    struct lede_query_options options = {.match_any = archive_random(seed) % 2,
        .languages = LEDE_LANGUAGE_BIT(lede_language_find("en", 2)),
        .now_utc_s = ARCHIVE_NOW};
    const char *text = queries[archive_random(seed) % LEDE_COUNT_OF(queries)];
    if (lede_query_parse(text, strlen(text), &options, archive->analyzer, &query, &error) !=
        LEDE_OK)
        fail_msg("%s: %s", text, error.message);
    return query;
}

static struct lede_search make_search(const struct lede_query *query, uint64_t *seed)
{
    static const uint32_t slots[] = {
        LEDE_SLOT_NONE, LEDE_SLOT_NONE, LEDE_SLOT_STORY, LEDE_SLOT_SOURCE};
    struct lede_search search = {.query = query,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = ARCHIVE_NOW,
        .sort = (enum lede_sort)(archive_random(seed) % 5 % 3),
        .offset = archive_random(seed) % 3 * 4,
        .limit = archive_random(seed) % 4 * 7,
        .facet_values = 1 + archive_random(seed) % 6,
        .recency_half_life_s = archive_random(seed) % 3 ? 0 : 7 * 86400,
        .collapse_slot = slots[archive_random(seed) % LEDE_COUNT_OF(slots)]};
    if (archive_random(seed) % 2)
        search.facets = LEDE_FIELD_BIT(LEDE_FIELD_SOURCE) | LEDE_FIELD_BIT(LEDE_FIELD_TAGS);
    if (archive_random(seed) % 2)
        search.histogram = LEDE_HISTOGRAM_WEEK;
    return search;
}

static struct lede_search_result run(struct lede_index *index, const struct lede_search *search)
{
    struct lede_search_result result = {0};
    struct lede_error error = {0};
    if (lede_index_search(index, search, &result, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    return result;
}

static void check_values(const struct lede_facet_value *a, size_t a_count,
    const struct lede_facet_value *b, size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++) {
        assert_string_equal(a[i].value, b[i].value);
        assert_int_equal(a[i].count, b[i].count);
    }
}

static void check_hits(const struct lede_hit *a, const struct lede_hit *b)
{
    assert_string_equal(a->id, b->id);
    assert_int_equal(a->docid, b->docid);
    assert_memory_equal(&a->score, &b->score, sizeof(a->score));
    assert_memory_equal(&a->nearness, &b->nearness, sizeof(a->nearness));
    assert_true(!a->collapse_key == !b->collapse_key);
    if (a->collapse_key)
        assert_string_equal(a->collapse_key, b->collapse_key);
    assert_int_equal(a->collapse_count, b->collapse_count);
    check_values(a->collapse_sources, a->collapse_source_count, b->collapse_sources,
        b->collapse_source_count);
}

static void check_same(const struct lede_search_result *a, const struct lede_search_result *b)
{
    assert_int_equal(a->total, b->total);
    assert_int_equal(a->hit_count, b->hit_count);
    for (size_t i = 0; i < a->hit_count; i++)
        check_hits(&a->hits[i], &b->hits[i]);
    assert_int_equal(a->facet_count, b->facet_count);
    for (size_t i = 0; i < a->facet_count; i++)
        check_values(
            a->facets[i].values, a->facets[i].count, b->facets[i].values, b->facets[i].count);
    assert_int_equal(a->bucket_count, b->bucket_count);
    for (size_t i = 0; i < a->bucket_count; i++) {
        assert_int_equal(a->buckets[i].start_utc_s, b->buckets[i].start_utc_s);
        assert_int_equal(a->buckets[i].count, b->buckets[i].count);
    }
}

static void several_threads_find_what_one_finds(void **state)
{
    struct archive *archive = *state;
    uint64_t seed = archive_seed();
    size_t hits = 0;
    build(archive, DOCUMENTS_MAX, &seed);
    for (unsigned i = 0; i < SEARCHES; i++) {
        LEDE_CLEANUP(lede_query_freep) struct lede_query *query = parse(archive, &seed);
        struct lede_search search = make_search(query, &seed);
        struct lede_search_result alone = run(archive->index, &search);
        search.threads_from_ns = 1;
        for (search.threads_max = 2; search.threads_max <= PARTS + 1; search.threads_max++) {
            struct lede_search_result together = run(archive->index, &search);
            check_same(&alone, &together);
            lede_search_result_done(&together);
        }
        hits += alone.hit_count;
        lede_search_result_done(&alone);
    }
    assert_true(hits > SEARCHES);
}

/* ---- Indexes of their own ---- */

struct share {
    struct lede_index *index;
    struct lede_search_result result;
};

static void open_shares(struct archive *archive, struct share *shares, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *paths[PARTS];
        size_t own = 0;
        for (size_t part = i; part < PARTS; part += count)
            paths[own++] = archive->paths[part];
        assert_int_equal(lede_index_open(paths, own, &shares[i].index, NULL), LEDE_OK);
    }
}

static struct lede_statistics *sum_up(
    const struct share *shares, size_t count, const struct lede_search *search)
{
    struct lede_statistics *sum = NULL;
    struct lede_error error = {0};
    for (size_t i = 0; i < count; i++) {
        struct lede_statistics *some = NULL;
        if (lede_index_statistics(shares[i].index, search, &some, &error) != LEDE_OK)
            fail_msg("%s", error.message);
        if (!sum) {
            sum = some;
            continue;
        }
        assert_int_equal(lede_statistics_add(sum, some), LEDE_OK);
        lede_statistics_free(some);
    }
    return sum;
}

static int64_t moment_of(const struct lede_hit *hit)
{
    return made[strtoul(hit->id + 1, NULL, 10)].moment;
}

/* Before nearness: by score, moment and id. */
static int compare_matches(const void *left, const void *right, void *context)
{
    const struct lede_hit *a = left, *b = right;
    const struct lede_search *search = context;
    double first = a->score - a->nearness, second = b->score - b->nearness;
    if (first != second)
        return first > second ? -1 : 1;
    if (moment_of(a) != moment_of(b))
        return (moment_of(a) < moment_of(b)) == (search->sort != LEDE_SORT_OLDEST) ? 1 : -1;
    int order = strcmp(a->id, b->id);
    return search->sort == LEDE_SORT_NEWEST ? -order : order;
}

static int compare_hits(const void *left, const void *right, void *context)
{
    const struct lede_hit *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return compare_matches(left, right, context);
}

/* Hits of all shares in one order; of those with the same key the best match. */
static size_t merge_hits(const struct share *shares, size_t count, const struct lede_search *search,
    struct lede_hit *ret_hits)
{
    size_t hits = 0, kept = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(
            ret_hits + hits, shares[i].result.hits, shares[i].result.hit_count * sizeof(*ret_hits));
        hits += shares[i].result.hit_count;
    }
    qsort_r(ret_hits, hits, sizeof(*ret_hits), compare_matches, (void *)(uintptr_t)search);
    for (size_t i = 0; i < hits; i++) {
        struct lede_hit *same = NULL;
        for (size_t k = 0; k < kept && ret_hits[i].collapse_key && *ret_hits[i].collapse_key; k++)
            same = strcmp(ret_hits[k].collapse_key, ret_hits[i].collapse_key) == 0 ? &ret_hits[k]
                                                                                   : same;
        if (same)
            same->collapse_count += ret_hits[i].collapse_count;
        else
            ret_hits[kept++] = ret_hits[i];
    }
    qsort_r(ret_hits, kept, sizeof(*ret_hits), compare_hits, (void *)(uintptr_t)search);
    return kept;
}

static uint32_t count_of(const struct lede_facet *facet, const char *value)
{
    for (size_t i = 0; i < facet->count; i++) {
        if (strcmp(facet->values[i].value, value) == 0)
            return facet->values[i].count;
    }
    return 0;
}

static uint32_t bucket_of(const struct lede_search_result *result, int64_t start_utc_s)
{
    for (size_t i = 0; i < result->bucket_count; i++) {
        if (result->buckets[i].start_utc_s == start_utc_s)
            return result->buckets[i].count;
    }
    return 0;
}

static void check_counts(
    const struct lede_search_result *whole, const struct share *shares, size_t count)
{
    uint32_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += shares[i].result.total;
    assert_int_equal(total, whole->total);
    for (size_t f = 0; f < whole->facet_count; f++) {
        for (size_t v = 0; v < whole->facets[f].count; v++) {
            uint32_t sum = 0;
            for (size_t i = 0; i < count; i++)
                sum += count_of(&shares[i].result.facets[f], whole->facets[f].values[v].value);
            assert_int_equal(sum, whole->facets[f].values[v].count);
        }
    }
    for (size_t b = 0; b < whole->bucket_count; b++) {
        uint32_t sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += bucket_of(&shares[i].result, whole->buckets[b].start_utc_s);
        assert_int_equal(sum, whole->buckets[b].count);
    }
}

static void check_share(
    struct archive *archive, struct share *shares, size_t count, struct lede_search search)
{
    struct lede_hit hits[DOCUMENTS_MAX];
    struct lede_search_result whole = run(archive->index, &search);
    LEDE_CLEANUP(lede_statistics_freep)
    struct lede_statistics *statistics = sum_up(shares, count, &search);
    search.statistics = statistics;
    for (size_t i = 0; i < count; i++)
        shares[i].result = run(shares[i].index, &search);
    size_t hit_count = merge_hits(shares, count, &search, hits);
    assert_int_equal(hit_count, whole.hit_count);
    for (size_t i = 0; i < hit_count; i++) {
        assert_string_equal(hits[i].id, whole.hits[i].id);
        assert_memory_equal(&hits[i].score, &whole.hits[i].score, sizeof(hits[i].score));
        assert_memory_equal(&hits[i].nearness, &whole.hits[i].nearness, sizeof(hits[i].nearness));
        assert_int_equal(hits[i].collapse_count, whole.hits[i].collapse_count);
    }
    check_counts(&whole, shares, count);
    for (size_t i = 0; i < count; i++)
        lede_search_result_done(&shares[i].result);
    lede_search_result_done(&whole);
}

/* So few that each is among the hundred that are put in order by nearness. */
static void parts_score_as_the_whole_by_its_statistics(void **state)
{
    struct archive *archive = *state;
    uint64_t seed = archive_seed();
    build(archive, 96, &seed);
    for (size_t count = 1; count <= 3; count++) {
        struct share shares[3] = {{0}};
        open_shares(archive, shares, count);
        for (unsigned i = 0; i < SEARCHES; i++) {
            LEDE_CLEANUP(lede_query_freep) struct lede_query *query = parse(archive, &seed);
            struct lede_search search = make_search(query, &seed);
            search.offset = 0;
            search.limit = 100;
            search.facet_values = 100;
            check_share(archive, shares, count, search);
        }
        for (size_t i = 0; i < count; i++)
            lede_index_free(shares[i].index);
    }
}

/* ---- As bytes ---- */

/* A search as a share gets it, with the statistics of all. */
static void ask_share(
    const struct share *share, const struct lede_buffer *asked, struct lede_buffer *ret_found)
{
    LEDE_CLEANUP(lede_search_received_done) struct lede_search_received received = {0};
    LEDE_CLEANUP(lede_statistics_freep) struct lede_statistics *statistics = NULL;
    struct lede_wire_reader reader = lede_wire_reader_of(asked->data, asked->size);
    assert_int_equal(lede_search_decode(&reader, &received, NULL), LEDE_OK);
    assert_int_equal(lede_statistics_decode(&reader, &statistics, NULL), LEDE_OK);
    assert_int_equal(lede_wire_end(&reader, "a search", NULL), LEDE_OK);
    received.search.statistics = statistics;
    assert_int_equal(lede_index_share(share->index, &received.search, ret_found, NULL), LEDE_OK);
}

/* Cut off, or with a byte that is another one, it is refused, or is some other value. */
static void damage(struct lede_shares *shares, const struct lede_buffer *found, uint64_t *seed)
{
    LEDE_CLEANUP(lede_freep) char *bytes = malloc(found->size + 1);
    assert_non_null(bytes);
    memcpy(bytes, found->data, found->size);
    size_t size = archive_random(seed) % found->size;
    struct lede_wire_reader reader = lede_wire_reader_of(bytes, size);
    assert_int_equal(lede_shares_add(shares, 0, &reader, NULL), LEDE_EINPUT);
}

static struct lede_search_result run_over(
    const struct share *shares, size_t count, const struct lede_search *search, uint64_t *seed)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer asked = {0};
    LEDE_CLEANUP(lede_statistics_freep)
    struct lede_statistics *statistics = sum_up(shares, count, search);
    LEDE_CLEANUP(lede_shares_freep) struct lede_shares *merged = NULL;
    struct lede_search_result result = {0};
    struct lede_error error = {0};
    lede_search_encode(search, &asked);
    lede_statistics_encode(statistics, &asked);
    assert_int_equal(lede_shares_new(search, &merged, NULL), LEDE_OK);
    for (size_t i = 0; i < count; i++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer found = {0};
        ask_share(&shares[i], &asked, &found);
        damage(merged, &found, seed);
        struct lede_wire_reader reader = lede_wire_reader_of(found.data, found.size);
        if (lede_shares_add(merged, (uint32_t)i, &reader, &error) != LEDE_OK)
            fail_msg("%s", error.message);
    }
    if (lede_shares_finish(merged, &result, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    return result;
}

/* What a hit stands for is not in it yet; docid is the number of its share. */
static void check_same_over(struct lede_search_result *whole, struct lede_search_result *over)
{
    for (size_t i = 0; i < whole->hit_count && i < over->hit_count; i++) {
        over->hits[i].docid = whole->hits[i].docid;
        over->hits[i].collapse_count = whole->hits[i].collapse_count;
        over->hits[i].collapse_sources = whole->hits[i].collapse_sources;
        over->hits[i].collapse_source_count = whole->hits[i].collapse_source_count;
    }
    assert_int_equal(whole->undated, over->undated);
    check_same(whole, over);
}

/* So many that nearness does not reach all. */
static void values_go_as_bytes_and_come_together_as_the_whole(void **state)
{
    struct archive *archive = *state;
    uint64_t seed = archive_seed();
    build(archive, DOCUMENTS_MAX, &seed);
    struct share shares[3] = {{0}};
    open_shares(archive, shares, 3);
    for (unsigned i = 0; i < SEARCHES; i++) {
        LEDE_CLEANUP(lede_query_freep) struct lede_query *query = parse(archive, &seed);
        struct lede_search search = make_search(query, &seed);
        struct lede_search_result whole = run(archive->index, &search);
        struct lede_search_result over = run_over(shares, 3, &search, &seed);
        check_same_over(&whole, &over);
        lede_search_result_done(&whole);
        lede_search_result_done(&over);
    }
    for (size_t i = 0; i < 3; i++)
        lede_index_free(shares[i].index);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, archive_setup, archive_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(several_threads_find_what_one_finds),
        TEST(parts_score_as_the_whole_by_its_statistics),
        TEST(values_go_as_bytes_and_come_together_as_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
