/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated queries over lists that are dense and sparse, in several windows and parts, against a
 * naive match: which documents, how many, in which order, with which scores. */
#include "archive.h"

#include "list.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 8
#define DOCUMENTS_LARGE 70000 /* more than a window */
#define DOCUMENTS_SMALL 700
#define DOCUMENTS (DOCUMENTS_LARGE + DOCUMENTS_SMALL)
#define QUERIES 150
#define DEPTH_MAX 3
#define FIRST 100 /* hit: what is before is put in order by nearness, too */
#define HITS 60
#define TOLERANCE 1e-5

/* How often of a thousand documents have each word. */
static const uint32_t shares[WORDS] = {900, 400, 150, 60, 20, 4, 1, 1};

struct naive {
    uint8_t counts[DOCUMENTS][WORDS];
    uint32_t lengths[DOCUMENTS];
    int64_t moments[DOCUMENTS];
    bool is_deleted[DOCUMENTS];
    uint64_t deleted[2][DOCUMENTS_LARGE / 64 + 1];
    uint32_t deleted_counts[2];
    double documents[WORDS]; /* that have the word, deleted ones too */
    double mean_length;
};

enum kind { WORD, AND, OR, AND_NOT };

struct tree {
    enum kind kind;
    unsigned word;
    struct tree *left, *right;
};

/* ---- The archive ---- */

static void put(struct archive *archive, struct naive *naive, uint32_t number, uint64_t *seed)
{
    char json[1024], moment[21];
    size_t size = 0;
    char body[512];
    for (unsigned word = 0; word < WORDS; word++) {
        if (archive_random(seed) % 1000 >= shares[word])
            continue;
        uint32_t most = archive_random(seed) % 20 == 0 ? 12 : 3;
        naive->counts[number][word] = (uint8_t)(1 + archive_random(seed) % most);
        naive->documents[word]++;
        for (unsigned i = 0; i < naive->counts[number][word]; i++)
            size += (size_t)snprintf(body + size, sizeof(body) - size, "kw%c ", 'a' + (int)word);
        naive->lengths[number] += naive->counts[number][word];
    }
    size += (size_t)snprintf(body + size, sizeof(body) - size, "filler");
    naive->lengths[number]++;
    naive->moments[number] = ARCHIVE_NOW - archive_random(seed) % 5000;
    lede_time_format(naive->moments[number], moment);
    snprintf(json, sizeof(json),
        "{\"id\":\"d%06u\",\"body\":\"%s\",\"published\":\"%s\",\"language\":\"und\"}", number,
        body, moment);
    archive_put(archive, json, NULL, 0);
}

static void delete_some(struct naive *naive, uint64_t *seed)
{
    for (uint32_t number = 0; number < DOCUMENTS; number++) {
        if (archive_random(seed) % 10 != 0)
            continue;
        size_t part = number >= DOCUMENTS_LARGE;
        uint32_t document = number - (part ? DOCUMENTS_LARGE : 0) + 1;
        naive->is_deleted[number] = true;
        naive->deleted[part][document / 64] |= UINT64_C(1) << (document % 64);
        naive->deleted_counts[part]++;
    }
}

static void open_index(struct archive *archive, const struct naive *naive)
{
    struct lede_error error = {0};
    struct lede_index_segment segments[2] = {
        {.path = archive->paths[0]}, {.path = archive->paths[1]}};
    uint32_t last[2] = {DOCUMENTS_LARGE, DOCUMENTS_SMALL};
    archive_open(archive); /* finishes the part */
    lede_index_freep(&archive->index);
    for (size_t i = 0; i < 2; i++)
        segments[i].deleted =
            (struct lede_deleted){naive->deleted[i], last[i] + 1, naive->deleted_counts[i]};
    if (lede_index_open_segments(NULL, segments, 2, NULL, &archive->index, &error) != LEDE_OK)
        fail_msg("%s", error.message);
}

static void build(struct archive *archive, struct naive *naive, uint64_t *seed)
{
    double length = 0;
    archive_begin_part(archive);
    for (uint32_t number = 0; number < DOCUMENTS; number++) {
        if (number == DOCUMENTS_LARGE)
            archive_begin_part(archive);
        put(archive, naive, number, seed);
        length += naive->lengths[number];
    }
    naive->mean_length = length / DOCUMENTS;
    delete_some(naive, seed);
    open_index(archive, naive);
}

/* ---- Queries ---- */

static struct tree *generate(uint64_t *seed, unsigned depth)
{
    struct tree *tree = calloc(1, sizeof(*tree));
    assert_non_null(tree);
    tree->kind = depth == 0 ? WORD : (enum kind)(archive_random(seed) % 4);
    tree->word = archive_random(seed) % WORDS;
    if (tree->kind == WORD)
        return tree;
    tree->left = generate(seed, depth - 1);
    tree->right = generate(seed, depth - 1);
    return tree;
}

static void free_tree(struct tree *tree)
{
    if (!tree)
        return;
    free_tree(tree->left);
    free_tree(tree->right);
    free(tree);
}

static void write_tree(const struct tree *tree, struct lede_buffer *out)
{
    static const char *const operators[] = {
        [AND] = " AND ", [OR] = " OR ", [AND_NOT] = " AND NOT "};
    if (tree->kind == WORD) {
        lede_buffer_append_format(out, "kw%c", 'a' + (int)tree->word);
        return;
    }
    lede_buffer_append_char(out, '(');
    write_tree(tree->left, out);
    lede_buffer_append_string(out, operators[tree->kind]);
    write_tree(tree->right, out);
    lede_buffer_append_char(out, ')');
}

static double weight_of(const struct naive *naive, unsigned word)
{
    double odds = (DOCUMENTS - naive->documents[word] + 0.5) / (naive->documents[word] + 0.5);
    return log(odds < 2 ? odds * 0.5 + 1 : odds) * 3.2;
}

/* Below 0: it does not match. */
static double score_of(const struct naive *naive, const struct tree *tree, uint32_t number)
{
    if (tree->kind == WORD) {
        double count = naive->counts[number][tree->word];
        double k = 2.2 * (0.6 * fmax(naive->lengths[number] / naive->mean_length, 0.01) + 0.4);
        return count > 0 ? weight_of(naive, tree->word) * count / (count + k) : -1;
    }
    double left = score_of(naive, tree->left, number);
    double right = score_of(naive, tree->right, number);
    if (tree->kind == AND_NOT)
        return right < 0 ? left : -1;
    if (tree->kind == AND)
        return left < 0 || right < 0 ? -1 : left + right;
    return left < 0 ? right : left + fmax(right, 0);
}

/* ---- Held against each other ---- */

struct found {
    uint32_t number;
    double score;
};

static int by_score(const void *left, const void *right)
{
    const struct found *a = left, *b = right;
    return (a->score < b->score) - (a->score > b->score);
}

static int by_moment(const void *left, const void *right, void *context)
{
    const struct naive *naive = context;
    const struct found *a = left, *b = right;
    int64_t first = naive->moments[a->number], second = naive->moments[b->number];
    if (first != second)
        return (first < second) - (first > second);
    return (a->number < b->number) - (a->number > b->number); /* ids: the greatest first */
}

static uint32_t number_of(const struct lede_hit *hit)
{
    return (uint32_t)strtoul(hit->id + 1, NULL, 10);
}

/* By score; equal ones by moment, then by id. */
static void check_ranked(const struct naive *naive, const struct lede_search_result *result,
    const struct found *expected, size_t first, const struct tree *tree)
{
    for (size_t i = 0; i < result->hit_count; i++) {
        const struct lede_hit *hit = &result->hits[i], *before = hit - 1;
        uint32_t number = number_of(hit);
        assert_true(fabs(hit->score - expected[first + i].score) < TOLERANCE);
        assert_true(fabs(hit->score - score_of(naive, tree, number)) < TOLERANCE);
        if (i == 0 || before->score != hit->score)
            continue;
        int64_t moment = naive->moments[number_of(before)];
        assert_true(moment > naive->moments[number] ||
                    (moment == naive->moments[number] && number_of(before) < number));
    }
}

static void check_newest(
    const struct lede_search_result *result, const struct found *expected, size_t first)
{
    for (size_t i = 0; i < result->hit_count; i++) {
        assert_int_equal(number_of(&result->hits[i]), expected[first + i].number);
        assert_true(result->hits[i].score == 0);
    }
}

static void check_query(struct archive *archive, struct naive *naive, const struct tree *tree,
    enum lede_sort sort, struct found *expected)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_query_options options = {0};
    struct lede_error error = {0};
    struct lede_search_result result = {0};
    size_t count = 0;
    for (uint32_t number = 0; number < DOCUMENTS; number++) {
        double score = naive->is_deleted[number] ? -1 : score_of(naive, tree, number);
        if (score >= 0)
            expected[count++] = (struct found){number, score};
    }
    write_tree(tree, &text);
    assert_int_equal(
        lede_query_parse(text.data, text.size, &options, archive->analyzer, &query, &error),
        LEDE_OK);
    struct lede_search search = {.query = query,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = ARCHIVE_NOW,
        .sort = sort,
        .offset = FIRST,
        .limit = HITS,
        .match_only = true,
        .collapse_slot = LEDE_SLOT_NONE};
    if (lede_index_search(archive->index, &search, &result, &error) != LEDE_OK)
        fail_msg("%s: %s", text.data, error.message);
    if (result.total != count)
        fail_msg("%s: %u instead of %zu", text.data, result.total, count);
    assert_true(result.total_is_exact && !result.timed_out);
    size_t page = count > FIRST ? count - FIRST : 0;
    assert_int_equal(result.hit_count, page < HITS ? page : HITS);
    if (sort == LEDE_SORT_RELEVANCE) {
        qsort(expected, count, sizeof(*expected), by_score);
        check_ranked(naive, &result, expected, FIRST, tree);
    } else {
        qsort_r(expected, count, sizeof(*expected), by_moment, naive);
        check_newest(&result, expected, FIRST);
    }
    lede_search_result_done(&result);
}

static void generated_queries_find_what_a_naive_match_finds(void **state)
{
    struct archive *archive = *state;
    uint64_t seed = archive_seed();
    struct naive *naive = calloc(1, sizeof(*naive));
    struct found *expected = calloc(DOCUMENTS, sizeof(*expected));
    assert_true(naive && expected);
    build(archive, naive, &seed);
    for (unsigned i = 0; i < QUERIES; i++) {
        struct tree *tree = generate(&seed, archive_random(&seed) % (DEPTH_MAX + 1));
        check_query(archive, naive, tree,
            archive_random(&seed) % 3 ? LEDE_SORT_RELEVANCE : LEDE_SORT_NEWEST, expected);
        free_tree(tree);
    }
    free(expected);
    free(naive);
}

/* ---- Lists ---- */

/* The words of a list are all of a document's, however often they stand there. */
static void frequencies_that_no_byte_holds_are_kept(void **state)
{
    struct archive *archive = *state;
    char json[20000];
    archive_begin_part(archive);
    for (unsigned i = 0; i < 20; i++) {
        unsigned count = i % 3 == 0 ? 300 + i : i + 1;
        size_t size = (size_t)snprintf(json, sizeof(json), "{\"id\":\"%u\",\"body\":\"", i);
        for (unsigned k = 0; k < count; k++)
            size += (size_t)snprintf(json + size, sizeof(json) - size, "often ");
        snprintf(json + size, sizeof(json) - size, "\",\"language\":\"und\"}");
        archive_put(archive, json, NULL, 0);
    }
    archive_open(archive);
    struct lede_list *list = NULL;
    struct lede_term term = {"often", 5};
    assert_int_equal(lede_list_get(archive->index, 0, &term, 1, &list, NULL), LEDE_OK);
    assert_int_equal(list->documents, 20);
    assert_int_equal(list->large_count, 7);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(lede_list_frequency(list, i), i % 3 == 0 ? 300 + i : i + 1);
    lede_kept_let_go(&list->item);
}

/* What is read once is found again, and goes where others need the room. */
static void lists_are_kept(void **state)
{
    struct archive *archive = *state;
    archive_begin_part(archive);
    archive_put(archive, "{\"id\":\"1\",\"body\":\"one two\",\"language\":\"und\"}", NULL, 0);
    archive_open(archive);
    struct lede_list *first = NULL, *again = NULL, *other = NULL;
    struct lede_term one = {"one", 3}, two = {"two", 3}, none = {"none", 4};
    assert_int_equal(lede_list_get(archive->index, 0, &one, 1, &first, NULL), LEDE_OK);
    assert_int_equal(lede_list_get(archive->index, 0, &one, 1, &again, NULL), LEDE_OK);
    assert_ptr_equal(first, again);
    assert_int_equal(lede_list_get(archive->index, 0, &two, 1, &other, NULL), LEDE_OK);
    assert_ptr_not_equal(first, other);
    lede_kept_let_go(&other->item);
    assert_int_equal(lede_list_get(archive->index, 0, &none, 1, &other, NULL), LEDE_OK);
    assert_int_equal(other->documents, 0);
    lede_kept_let_go(&other->item);
    lede_kept_let_go(&first->item);
    lede_kept_let_go(&again->item);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, archive_setup, archive_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(generated_queries_find_what_a_naive_match_finds),
        TEST(frequencies_that_no_byte_holds_are_kept),
        TEST(lists_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
