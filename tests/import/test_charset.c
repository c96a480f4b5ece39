/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declared charsets come out as UTF-8 however the stream is cut; what is no character in them never
 * passes for text. */
#include "import_test.h"

#include "lede/encoding.h"

/* Read all of it in pieces of `chunk` bytes. */
static void decode(
    const char *charset, const char *text, size_t size, size_t chunk, struct lede_buffer *ret_text)
{
    struct memory_source source = {.data = text, .size = size, .chunk = chunk};
    LEDE_CLEANUP(lede_charset_reader_freep) struct lede_charset_reader *reader = NULL;
    char block[8];
    size_t got = 1;
    assert_int_equal(
        lede_charset_reader_new(charset, memory_read, &source, &reader, NULL), LEDE_OK);
    while (got > 0) {
        assert_int_equal(
            lede_charset_reader_read(reader, block, sizeof block, &got, NULL), LEDE_OK);
        lede_buffer_append(ret_text, block, got);
    }
}

static void each_charset_gives_the_same_text_in_every_chunk(void **state)
{
    (void)state;
    static const struct {
        const char *charset;
        const char *bytes;
        size_t size;
        const char *text;
    } rows[] = {
        {"ISO-8859-1", "caf\xE9 \xFC", 6, "café ü"},
        {"windows-1252", "\x80 \x93q\x94", 5, "€ “q”"},
        {"Shift_JIS", "\x93\x8C\x8B\x9E", 4, "東京"},
        {"UTF-16LE", "T\0\x3D\xD8\0\xDE", 6, "T😀"},
        {"UTF-16", "\xFE\xFF\0T\0\xE9", 6, "Té"},
        {"utf-8", "caf\xC3\xA9", 5, "café"},
        {NULL, "caf\xE9", 4, "caf\xE9"},
        {"ISO-8859-1", "", 0, ""},
    };
    for (size_t i = 0; i < LEDE_COUNT_OF(rows); i++) {
        for (size_t chunk = 1; chunk <= rows[i].size + 1; chunk++) {
            LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
            decode(rows[i].charset, rows[i].bytes, rows[i].size, chunk, &text);
            assert_string_equal(text.data ? text.data : "", rows[i].text);
        }
    }
}

static void what_is_no_character_is_no_utf8_and_stays_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *charset;
        const char *bytes;
        size_t size;
    } rows[] = {
        {"windows-1252", "a\x81z", 3},
        {"windows-1252", "a\x8Dz", 3},
        {"windows-1253", "a\xD2\xAAz", 4},
        {"UTF-16LE", "a\0\0\xD8z\0", 6},
        {"UTF-16LE", "a\0z", 3},
        {"Shift_JIS", "a\x93", 2},
        {"EUC-JP", "a\xFFz", 3},
    };
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer first = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer second = {0};
    for (size_t i = 0; i < LEDE_COUNT_OF(rows); i++) {
        for (size_t chunk = 1; chunk <= rows[i].size; chunk++) {
            LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
            decode(rows[i].charset, rows[i].bytes, rows[i].size, chunk, &text);
            assert_int_equal(text.data[0], 'a');
            assert_false(lede_utf8_is_valid(text.data, text.size));
        }
    }
    decode(rows[0].charset, rows[0].bytes, rows[0].size, 1, &first);
    decode(rows[1].charset, rows[1].bytes, rows[1].size, 1, &second);
    assert_string_not_equal(first.data, second.data);
}

static void an_unknown_charset_is_refused_with_what_is_known(void **state)
{
    (void)state;
    static const char *const names[] = {"", "latin-99", "UTF-8//TRANSLIT", "ISO-8859-1//IGNORE",
        "../x", "0123456789012345678901234567890123456789x"};
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++) {
        struct lede_error error = {0};
        struct lede_charset_reader *reader = NULL;
        assert_int_equal(
            lede_charset_reader_new(names[i], memory_read, NULL, &reader, &error), LEDE_EMEDIATYPE);
        assert_null(reader);
        assert_non_null(strstr(error.message, "ISO-8859-1"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_charset_gives_the_same_text_in_every_chunk),
        cmocka_unit_test(what_is_no_character_is_no_utf8_and_stays_told_apart),
        cmocka_unit_test(an_unknown_charset_is_refused_with_what_is_known),
    };
    return cmocka_run_group_tests_name("import: charset", tests, NULL, NULL);
}
