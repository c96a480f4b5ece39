/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of a segment are those of its documents, whatever chunk they stand in; what is near what
 * in lists is what a look at each two places says. */
#include "archive.h"

#include "places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Pairs ---- */

#define PLACES_MAX 400

struct row {
    uint32_t places[PLACES_MAX];
    size_t begins[2];
    struct lede_place_list list;
    struct lede_place_cursor cursor;
};

/* Some of the numbers from 1 to last. */
static void fill(struct row *row, uint32_t last, uint32_t one_of, uint64_t *seed)
{
    *row = (struct row){0};
    for (uint32_t place = 1; place <= last; place++) {
        if (archive_random(seed) % one_of == 0)
            row->places[row->list.count++] = place;
    }
    row->begins[1] = row->list.count;
    row->list.places = row->places;
    row->list.begins = row->begins;
    row->cursor.list = &row->list;
}

static uint32_t count_up_to(const struct row *row, uint32_t begin, uint32_t place)
{
    uint32_t count = 0;
    for (size_t i = 0; i < row->list.count; i++)
        count += row->places[i] > begin && row->places[i] <= place;
    return count;
}

static bool is_near(const struct row *units, uint32_t begin, uint32_t place, uint32_t other,
    const struct lede_place_reach *reach)
{
    if (place == other)
        return false;
    if (reach->units)
        return count_up_to(units, begin, place) == count_up_to(units, begin, other);
    return other > place ? other - place <= reach->after : place - other <= reach->before;
}

static bool any_is_near(const struct row *row, const struct row *others, const struct row *units,
    const struct lede_place_stretch *stretch, const struct lede_place_reach *reach)
{
    for (size_t i = 0; i < row->list.count; i++) {
        for (size_t k = 0; k < others->list.count; k++) {
            uint32_t a = row->places[i], b = others->places[k];
            bool are_there =
                a > stretch->begin && a < stretch->end && b > stretch->begin && b < stretch->end;
            if (are_there && is_near(units, stretch->begin, a, b, reach))
                return true;
        }
    }
    return false;
}

static void pairs_are_what_each_two_places_say(void **state)
{
    uint64_t seed = archive_seed();
    size_t near = 0;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct row row, others, units;
        uint32_t last = 1 + archive_random(&seed) % PLACES_MAX,
                 one_of = 2 + archive_random(&seed) % 60;
        fill(&row, last, one_of, &seed);
        fill(&others, last, one_of, &seed);
        fill(&units, last, 2 + archive_random(&seed) % 30, &seed);
        for (uint32_t begin = 0; begin < last;) {
            struct lede_place_stretch stretch = {0, begin, begin + 2 + archive_random(&seed) % 60};
            struct lede_place_reach reach = {archive_random(&seed) % 8, archive_random(&seed) % 8,
                archive_random(&seed) % 2 ? &units.cursor : NULL};
            bool expected = any_is_near(&row, &others, &units, &stretch, &reach);
            assert_int_equal(
                lede_place_cursor_has_pair(&row.cursor, &others.cursor, &stretch, &reach),
                expected);
            near += expected;
            begin = stretch.end;
        }
    }
    assert_true(near > 1000);
}

/* ---- Chunks ---- */

#define DOCUMENTS_BEFORE (LEDE_CHUNK_DOCUMENTS - 5)
#define DOCUMENTS 20

static uint32_t find(struct archive *archive, const char *text)
{
    struct lede_query_options options = {
        .languages = LEDE_LANGUAGE_BIT(lede_language_find("en", 2)), .now_utc_s = ARCHIVE_NOW};
    struct lede_query *query = NULL;
    struct lede_error error = {0};
    if (lede_query_parse(text, strlen(text), &options, archive->analyzer, &query, &error) !=
        LEDE_OK)
        fail_msg("%s", error.message);
    struct lede_search search = {.query = query,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = ARCHIVE_NOW,
        .match_only = true,
        .limit = 10};
    struct lede_search_result result = {0};
    if (lede_index_search(archive->index, &search, &result, &error) != LEDE_OK)
        fail_msg("%s: %s", text, error.message);
    uint32_t total = result.total;
    lede_search_result_done(&result);
    lede_query_free(query);
    return total;
}

/* As many words as a phrase may have reach farthest behind a list's end. */
static uint32_t find_longest_phrase(struct archive *archive)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    for (int i = 0; i < LEDE_QUERY_PHRASE_WORDS_MAX; i++)
        lede_buffer_append_string(&text, i == 0 ? "\"alpha" : " alpha");
    lede_buffer_append_string(&text, "\"");
    assert_false(text.failed);
    return find(archive, text.data);
}

/* Documents that differ stand on both sides of where a chunk begins. */
static void words_are_found_in_every_chunk(void **state)
{
    struct archive *archive = *state;
    archive_begin_part(archive);
    archive_put(archive,
        "{\"id\":\"many\",\"title\":\"x\",\"body\":\"alpha beta. Gamma\\n\\nDelta alpha\","
        "\"language\":\"en\"}",
        NULL, 0);
    for (uint32_t i = 1; i < DOCUMENTS_BEFORE; i++)
        archive_put_again(archive, NULL, 0);
    for (uint32_t i = 0; i < DOCUMENTS; i++) {
        char json[200];
        snprintf(json, sizeof(json),
            "{\"id\":\"%u\",\"title\":\"delta %s\",\"body\":\"alpha %s beta. "
            "Delta\\n\\nGamma\",\"language\":\"en\"}",
            i, i % 2 ? "gamma" : "x", i % 4 ? "one" : "one two three");
        archive_put(archive, json, NULL, 0);
    }
    archive_open(archive);
    assert_int_equal(find(archive, "\"alpha beta\""), DOCUMENTS_BEFORE);
    assert_int_equal(find(archive, "\"alpha one\""), DOCUMENTS);
    assert_int_equal(find(archive, "\"one beta\""), DOCUMENTS * 3 / 4);
    assert_int_equal(find(archive, "\"three beta\""), DOCUMENTS / 4);
    assert_int_equal(find_longest_phrase(archive), 0);
    assert_int_equal(find(archive, "alpha NEAR/2 beta"), DOCUMENTS_BEFORE + DOCUMENTS * 3 / 4);
    assert_int_equal(find(archive, "beta ADJ/3 alpha"), DOCUMENTS_BEFORE);
    assert_int_equal(find(archive, "alpha SAME s one"), DOCUMENTS);
    assert_int_equal(find(archive, "beta SAME p delta"), DOCUMENTS);
    assert_int_equal(find(archive, "LEAD:delta"), DOCUMENTS);
    assert_int_equal(find(archive, "LEAD:gamma"), DOCUMENTS_BEFORE + DOCUMENTS / 2);
    assert_int_equal(find(archive, "ATLEAST/2 alpha"), DOCUMENTS_BEFORE);
    assert_int_equal(find(archive, "ATLEAST/2 gamma"), DOCUMENTS / 2);
}

/* ---- Advancing ---- */

#define ROW_MAX 3000

/* Runs of places and gaps of any size up to the last number that there is. */
static size_t fill_unevenly(uint32_t *places, uint64_t *seed)
{
    uint64_t next = 1;
    size_t count = 0, wanted = archive_random(seed) % ROW_MAX;
    while (count < wanted && next <= UINT32_MAX) {
        places[count++] = (uint32_t)next;
        uint64_t gap_bits = archive_random(seed) % 4 == 0 ? archive_random(seed) % 28 : 3;
        next += 1 + archive_random(seed) % ((uint64_t)1 << gap_bits);
    }
    return count;
}

static void advancing_ends_where_a_walk_does(void **state)
{
    static uint32_t places[ROW_MAX];
    uint64_t seed = 11;
    (void)state;
    for (int round = 0; round < 300; round++) {
        size_t count = fill_unevenly(places, &seed);
        for (int k = 0; k < 200; k++) {
            size_t at = archive_random(&seed) % (count + 1);
            uint32_t target = (uint32_t)archive_random(&seed);
            if (count > 0 && k % 2 == 0)
                target = places[archive_random(&seed) % count] + (uint32_t)(k % 3) - 1;
            size_t walked = at;
            while (walked < count && places[walked] < target)
                walked++;
            assert_int_equal(lede_place_advance(places, at, count, target), walked);
        }
    }
}

/* ---- Joined lists ---- */

#define TEXTS 4000
#define TEXT_MAX 12000 /* of one text: too long to be joined */
#define WORDS 8

static const char *const words[WORDS] = {
    "alpha", "beta", "gamma", "delta", "kappa", "omega", "sigma", "theta"};
static const uint32_t chances[WORDS] = {300, 200, 100, 50, 20, 8, 2, 1}; /* in a thousand */

/* Titles and bodies as positions of each word. */
struct texts {
    struct {
        uint32_t *positions[2][WORDS];
        size_t counts[2][WORDS];
    } documents[TEXTS];
    struct lede_arena arena;
};

static void write_text(struct texts *texts, uint32_t document, unsigned field, uint32_t length,
    struct lede_buffer *out, uint64_t *seed)
{
    for (unsigned w = 0; w < WORDS; w++)
        texts->documents[document].positions[field][w] =
            lede_arena_calloc(&texts->arena, length + 1, sizeof(uint32_t));
    for (uint32_t position = 1; position <= length; position++) {
        uint32_t chance = archive_random(seed) % 1000;
        unsigned w = 0;
        for (; w < WORDS && chance >= chances[w]; w++)
            chance -= chances[w];
        if (w < WORDS)
            texts->documents[document]
                .positions[field][w][texts->documents[document].counts[field][w]++] = position;
        lede_buffer_append_string(out, w < WORDS ? words[w] : "other");
        lede_buffer_append_char(out, ' ');
    }
}

static void build_texts(struct archive *archive, struct texts *texts, uint64_t *seed)
{
    archive_begin_part(archive);
    for (uint32_t i = 0; i < TEXTS; i++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer json = {0};
        uint32_t length = i % 1500 == 7 ? TEXT_MAX - 1 : 1 + archive_random(seed) % 60;
        lede_buffer_append_format(&json, "{\"id\":\"%u\",\"language\":\"en\",\"title\":\"", i);
        write_text(texts, i, 0, 1 + archive_random(seed) % 6, &json, seed);
        lede_buffer_append_string(&json, "\",\"body\":\"");
        write_text(texts, i, 1, length, &json, seed);
        lede_buffer_append_string(&json, "\"}");
        lede_buffer_append_char(&json, '\0');
        assert_false(json.failed);
        archive_put(archive, json.data, NULL, 0);
    }
    archive_open(archive);
}

/* What lede/spans.h asks of one text of the texts. */
struct one_text {
    const struct texts *texts;
    uint32_t document;
    unsigned field;
};

static bool give_positions(void *context, const struct lede_query_node *leaf, size_t word,
    struct lede_positions *ret_positions)
{
    const struct one_text *one = context;
    for (unsigned w = 0; w < WORDS; w++) {
        if (strcmp(leaf->words[word].word, words[w]) == 0)
            *ret_positions = (struct lede_positions){
                one->texts->documents[one->document].positions[one->field][w],
                one->texts->documents[one->document].counts[one->field][w]};
    }
    return true;
}

static uint32_t count_by_spans(const struct texts *texts, const struct lede_query_node *node)
{
    static const enum lede_field_id fields[2] = {LEDE_FIELD_TITLE, LEDE_FIELD_BODY};
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    uint32_t total = 0;
    for (uint32_t document = 0; document < TEXTS; document++) {
        size_t found = 0;
        for (unsigned field = 0; field < 2 && found == 0; field++) {
            struct one_text one = {texts, document, field};
            struct lede_span_text text = {
                .field = fields[field], .positions = give_positions, .context = &one};
            lede_arena_reset(&arena);
            assert_int_equal(lede_spans_count(node, &text, &arena, &found), LEDE_OK);
        }
        total += found > 0;
    }
    return total;
}

/* Frequent words more often than rare ones. */
static const char *draw_word(uint64_t *seed)
{
    return words[archive_random(seed) % (1 + archive_random(seed) % WORDS)];
}

static void draw_operand(struct lede_buffer *out, uint64_t *seed)
{
    switch (archive_random(seed) % 6) {
    case 0:
        lede_buffer_append_format(out, "\"%s %s\"", draw_word(seed), draw_word(seed));
        break;
    case 1:
        lede_buffer_append_format(out, "(%s OR %s)", draw_word(seed), draw_word(seed));
        break;
    default:
        lede_buffer_append_string(out, draw_word(seed));
    }
}

static void draw_query(struct lede_buffer *out, uint64_t *seed)
{
    uint32_t operands = 2 + archive_random(seed) % 3;
    bool is_phrase = archive_random(seed) % 3 == 0;
    lede_buffer_append_string(out, is_phrase ? "\"" : "");
    for (uint32_t i = 0; i < operands; i++) {
        if (i > 0 && is_phrase)
            lede_buffer_append_char(out, ' ');
        else if (i > 0)
            lede_buffer_append_format(out, " %s/%u ", archive_random(seed) % 2 ? "NEAR" : "ADJ",
                1 + archive_random(seed) % 9);
        if (is_phrase)
            lede_buffer_append_string(out, draw_word(seed));
        else
            draw_operand(out, seed);
    }
    lede_buffer_append_string(out, is_phrase ? "\"" : "");
    lede_buffer_append_char(out, '\0');
    assert_false(out->failed);
}

static void joined_lists_find_what_spans_say_of_each_text(void **state)
{
    struct archive *archive = *state;
    struct texts *texts = calloc(1, sizeof(*texts));
    uint64_t seed = archive_seed();
    size_t found = 0;
    assert_non_null(texts);
    build_texts(archive, texts, &seed);
    for (int i = 0; i < 300; i++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
        LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
        struct lede_query_options options = {.now_utc_s = ARCHIVE_NOW};
        struct lede_error error = {0};
        draw_query(&text, &seed);
        if (lede_query_parse(text.data, strlen(text.data), &options, archive->analyzer, &query,
                &error) != LEDE_OK)
            fail_msg("%s: %s", text.data, error.message);
        uint32_t expected = count_by_spans(texts, lede_query_root(query));
        if (find(archive, text.data) != expected)
            fail_msg("%s: %u, by spans %u", text.data, find(archive, text.data), expected);
        found += expected > 0;
    }
    assert_true(found > 100);
    lede_arena_done(&texts->arena);
    free(texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advancing_ends_where_a_walk_does),
        cmocka_unit_test(pairs_are_what_each_two_places_say),
        cmocka_unit_test_setup_teardown(
            words_are_found_in_every_chunk, archive_setup, archive_teardown),
        cmocka_unit_test_setup_teardown(
            joined_lists_find_what_spans_say_of_each_text, archive_setup, archive_teardown),
    };
    return cmocka_run_group_tests_name("match: places", tests, NULL, NULL);
}
