/* SPDX-License-Identifier: GPL-2.0-or-later */
/* However a stream is cut into reads, with pauses or without, the items are the same; and an array
 * gives the items that lines give. */
#include "import_test.h"

#include <time.h>

enum { ROUNDS = 3000, DOCUMENTS_MAX = 12 };

static unsigned pick(unsigned *seed, unsigned count)
{
    return (unsigned)rand_r(seed) % count;
}

/* One object in one line, with what confuses splitters in its strings. */
static void append_object(struct lede_buffer *buffer, unsigned *seed)
{
    static const char *const pieces[] = {
        "{", "}", "[", "]", ",", ":", "\\\"", "\\\\", "\\n", "é", "日本", "x", " "};
    lede_buffer_append_string(buffer, "{\"k\":\"");
    for (unsigned n = pick(seed, 30); n > 0; n--)
        lede_buffer_append_string(buffer, pieces[pick(seed, LEDE_COUNT_OF(pieces))]);
    lede_buffer_append_string(buffer, pick(seed, 2) ? "\"}" : "\",\"n\":[1,{\"m\":[]},\"]\"]}");
}

static void assert_same_for_any_chunks(
    const struct lede_buffer *text, enum lede_import_format format, size_t limit, unsigned seed)
{
    struct memory_source whole = {.data = text->data, .size = text->size, .chunk = SIZE_MAX};
    struct memory_source bytes = {
        .data = text->data, .size = text->size, .chunk = 1, .pauses = true};
    struct memory_source mixed = {
        .data = text->data, .size = text->size, .seed = seed, .pauses = seed % 2};
    struct lede_buffer expected = {0};
    struct lede_buffer single = {0};
    struct lede_buffer random = {0};
    split_all(&whole, format, limit, &expected);
    split_all(&bytes, format, limit, &single);
    split_all(&mixed, format, limit, &random);
    bool is_same =
        expected.size == single.size && expected.size == random.size &&
        (expected.size == 0 || (memcmp(expected.data, single.data, expected.size) == 0 &&
                                   memcmp(expected.data, random.data, expected.size) == 0));
    if (!is_same)
        fail_msg("seed %u: '%s' gave '%s', '%s' and '%s'", seed, text->data, expected.data,
            single.data, random.data);
    lede_buffer_done(&expected);
    lede_buffer_done(&single);
    lede_buffer_done(&random);
}

/* Documents with a separator before, between and behind; cut anywhere in one round of four. */
static void make_text(struct lede_buffer *ret_text, const char *before, const char *between,
    const char *behind, unsigned *seed)
{
    lede_buffer_append_string(ret_text, before);
    for (unsigned i = 0, n = pick(seed, DOCUMENTS_MAX); i < n; i++) {
        if (i > 0)
            lede_buffer_append_string(ret_text, between);
        append_object(ret_text, seed);
    }
    lede_buffer_append_string(ret_text, behind);
    if (pick(seed, 4) == 0)
        ret_text->size = pick(seed, (unsigned)ret_text->size + 1);
    ret_text->data[ret_text->size] = '\0';
}

static void check_rounds(
    enum lede_import_format format, const char *before, const char *between, const char *behind)
{
    unsigned first = (unsigned)time(NULL);
    print_message("# seed %u\n", first);
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned seed = first + round;
        struct lede_buffer text = {0};
        make_text(&text, before, between, behind, &seed);
        size_t limit = pick(&seed, 2) ? 0 : 10 + pick(&seed, 60);
        assert_same_for_any_chunks(&text, format, limit, first + round);
        lede_buffer_done(&text);
    }
}

static void lines_do_not_depend_on_how_they_are_read(void **state)
{
    (void)state;
    check_rounds(LEDE_IMPORT_NDJSON, "\xEF\xBB\xBF", "\r\n", "\n\n");
}

/* Blank lines of every length around the limit, ended in every way, before documents and behind
 * them. */
static void blank_lines_beyond_the_limit_are_skipped_however_they_are_read(void **state)
{
    (void)state;
    static const char *const breaks[] = {"\n", "\r\n", ""};
    enum { LIMIT = 12, BLANKS_MAX = 3 * LIMIT };
    for (size_t blanks = 0; blanks < BLANKS_MAX; blanks++) {
        for (size_t i = 0; i < LEDE_COUNT_OF(breaks); i++) {
            struct lede_buffer text = {0};
            struct lede_buffer items = {0};
            lede_buffer_append_string(&text, "{\"k\":1}\n");
            for (size_t n = 0; n < blanks; n++)
                lede_buffer_append_char(&text, n % 2 ? '\t' : ' ');
            lede_buffer_append_string(&text, breaks[i]);
            lede_buffer_append_string(&text, "{\"k\":2}");
            struct memory_source whole = {.data = text.data, .size = text.size, .chunk = SIZE_MAX};
            split_all(&whole, LEDE_IMPORT_NDJSON, LIMIT, &items);
            bool is_over = breaks[i][0] == '\0' && blanks + 7 > LIMIT;
            assert_true(strstr(items.data, is_over ? "|2:!" : "{\"k\":2}|") != NULL);
            for (size_t chunk = 1; chunk <= text.size; chunk++) {
                struct memory_source source = {
                    .data = text.data, .size = text.size, .chunk = chunk};
                struct lede_buffer found = {0};
                split_all(&source, LEDE_IMPORT_NDJSON, LIMIT, &found);
                if (strcmp(items.data, found.data) != 0)
                    fail_msg("%zu blanks in chunks of %zu: expected '%s', found '%s'", blanks,
                        chunk, items.data, found.data);
                lede_buffer_done(&found);
            }
            lede_buffer_done(&items);
            lede_buffer_done(&text);
        }
    }
}

static void arrays_do_not_depend_on_how_they_are_read(void **state)
{
    (void)state;
    check_rounds(LEDE_IMPORT_AUTO, "\n [ ", "\n,\t", "\n] \n");
}

static void objects_do_not_depend_on_how_they_are_read(void **state)
{
    (void)state;
    check_rounds(LEDE_IMPORT_AUTO, "{\n\"a\":[1,\n2]}", "\n", "\n{}");
}

static void texts_do_not_depend_on_how_they_are_read(void **state)
{
    (void)state;
    check_rounds(LEDE_IMPORT_TEXT, "\n", "\r\n", "\n\xE9\n");
}

static void an_array_gives_the_items_that_lines_give(void **state)
{
    (void)state;
    unsigned first = (unsigned)time(NULL);
    print_message("# seed %u\n", first);
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned seed = first + round;
        unsigned count = 1 + pick(&seed, DOCUMENTS_MAX);
        struct lede_buffer lines = {0};
        struct lede_buffer array = {0};
        lede_buffer_append_char(&array, '[');
        for (unsigned i = 0; i < count; i++) {
            size_t start = lines.size;
            append_object(&lines, &seed);
            lede_buffer_append(&array, lines.data + start, lines.size - start);
            lede_buffer_append_char(&lines, '\n');
            lede_buffer_append_string(&array, i + 1 < count ? ",\n" : "]");
        }
        struct memory_source from_lines = {.data = lines.data, .size = lines.size, .seed = seed};
        struct memory_source from_array = {.data = array.data, .size = array.size, .seed = seed};
        struct lede_buffer expected = {0};
        struct lede_buffer found = {0};
        split_all(&from_lines, LEDE_IMPORT_AUTO, 0, &expected);
        split_all(&from_array, LEDE_IMPORT_AUTO, 0, &found);
        if (strcmp(expected.data, found.data) != 0)
            fail_msg(
                "seed %u: expected '%s', found '%s'", first + round, expected.data, found.data);
        lede_buffer_done(&lines);
        lede_buffer_done(&array);
        lede_buffer_done(&expected);
        lede_buffer_done(&found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_do_not_depend_on_how_they_are_read),
        cmocka_unit_test(blank_lines_beyond_the_limit_are_skipped_however_they_are_read),
        cmocka_unit_test(arrays_do_not_depend_on_how_they_are_read),
        cmocka_unit_test(objects_do_not_depend_on_how_they_are_read),
        cmocka_unit_test(texts_do_not_depend_on_how_they_are_read),
        cmocka_unit_test(an_array_gives_the_items_that_lines_give),
    };
    return cmocka_run_group_tests_name("import: chunks", tests, NULL, NULL);
}
