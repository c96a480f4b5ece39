/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of formats as documents. */
#include "import_test.h"

/* Split and give items with line numbers; faults as "line:!status". */
static void assert_documents(const char *text, const char *expected)
{
    for (size_t chunk = 1; chunk <= 4096; chunk *= 64) {
        struct memory_source source = {
            .data = text, .size = strlen(text), .chunk = chunk, .pauses = chunk > 1};
        struct lede_buffer items = {0};
        split_all(&source, LEDE_IMPORT_AUTO, 0, &items);
        LEDE_CLEANUP(lede_freep) char *found = lede_buffer_take(&items);
        assert_string_equal(found, expected);
    }
}

#define RSS(items)                                                                                 \
    "<rss version='2.0'><channel><title>Gazette</title><link>https://g.example/</link>\n" items    \
    "</channel></rss>"

static void an_rss_item_becomes_a_document(void **state)
{
    (void)state;
    assert_documents(
        RSS("<item><title>Ferries &amp;amp; trains</title><guid>https://g.example/1</guid>"
            "<description>&lt;p&gt;One&lt;p&gt;Two &amp;amp; three</description>"
            "<pubDate>Wed, 19 Jan 2022 18:04:00 +0100</pubDate>"
            "<category>Sea</category><category>Rail</category>"
            "<comments>https://g.example/1#c</comments></item>"),
        "2:{\"id\":\"https://g.example/1\",\"title\":\"Ferries & trains\","
        "\"body\":\"One\\n\\nTwo & three\",\"published\":\"2022-01-19T17:04:00Z\","
        "\"tags\":[\"Sea\",\"Rail\"],\"source\":\"Gazette\",\"url\":\"https://g.example/1\","
        "\"rss\":{\"comments\":\"https://g.example/1#c\"}}|");
}

static void a_broken_item_is_told_and_the_others_go_in(void **state)
{
    (void)state;
    assert_documents(RSS("<item><title>One</title></item>\n<item><title>Broken</item>\n"
                         "<item><title>Three</title></item>"),
        "2:{\"title\":\"One\",\"source\":\"Gazette\"}|3:!invalid-input|"
        "4:{\"title\":\"Three\",\"source\":\"Gazette\"}|4:!invalid-input|");
}

static void nothing_is_expanded_beyond_its_bounds(void **state)
{
    (void)state;
    struct lede_buffer bomb = {0};
    lede_buffer_append_string(&bomb, "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaaaaaaaa\">");
    for (char name = 'b'; name < 'm'; name++) {
        lede_buffer_append_format(&bomb, "<!ENTITY %c \"", name);
        for (int i = 0; i < 16; i++)
            lede_buffer_append_format(&bomb, "&%c;", name - 1);
        lede_buffer_append_string(&bomb, "\">");
    }
    lede_buffer_append_string(&bomb, "]><rss><channel><item><title>a</title></item>"
                                     "<item><title>&l;</title></item></channel></rss>");
    LEDE_CLEANUP(lede_freep) char *text = lede_buffer_take(&bomb);
    assert_documents(text, "1:{\"title\":\"a\"}|1:!invalid-input|!invalid-input@0");
}

static void a_document_type_may_be_longer_than_what_is_looked_at(void **state)
{
    (void)state;
    struct lede_buffer long_type = {0};
    lede_buffer_append_string(&long_type, "<!DOCTYPE rss [<!ENTITY a \"");
    for (int i = 0; i < 6000; i++)
        lede_buffer_append_char(&long_type, 'a');
    lede_buffer_append_string(
        &long_type, "\">]><rss><channel><item><title>x</title></item></channel></rss>");
    LEDE_CLEANUP(lede_freep) char *text = lede_buffer_take(&long_type);
    assert_documents(text, "1:{\"title\":\"x\"}|");
}

static void no_external_entity_is_read(void **state)
{
    (void)state;
    assert_documents("<!DOCTYPE rss [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>"
                     "<rss><channel><item><title>x&a;</title></item></channel></rss>",
        "1:!invalid-input|");
}

static void charsets_entities_and_bare_ampersands_are_read_as_meant(void **state)
{
    (void)state;
    assert_documents("<?xml version='1.0' encoding='ISO-8859-1'?><rss><channel><item>"
                     "<title>caf\xE9 \x93q\x94 AT&T &eacute;&hellip; &nosuch;</title></item>"
                     "</channel></rss>",
        "1:{\"title\":\"café “q” AT&T é… &nosuch;\"}|");
    /* koi8-r, which nothing says */
    assert_documents("<rss><channel><item><title>\xEB\xC1\xCB \xD0\xC5\xD2\xC5\xD6\xC9\xD4\xD8 "
                     "\xCE\xCF\xD7\xCF\xC7\xCF\xC4\xCE\xC0\xC0 "
                     "\xCE\xCF\xDE\xD8</title></item></channel></rss>",
        "1:{\"title\":\"Как пережить новогоднюю ночь\"}|");
    assert_documents("<rss><channel><item><title>caf\xE9 \xC3\xA9</title></item></channel></rss>",
        "1:{\"title\":\"café é\"}|");
}

static void what_is_no_known_format_is_refused(void **state)
{
    (void)state;
    assert_documents("<opml version='2.0'><body/></opml>", "!invalid-input@0");
    assert_documents("\x89PNG\r\n\x1a\n", "!invalid-input@0");
    assert_documents("A text\n\nwith a body", "!invalid-input@0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_rss_item_becomes_a_document),
        cmocka_unit_test(a_broken_item_is_told_and_the_others_go_in),
        cmocka_unit_test(nothing_is_expanded_beyond_its_bounds),
        cmocka_unit_test(a_document_type_may_be_longer_than_what_is_looked_at),
        cmocka_unit_test(no_external_entity_is_read),
        cmocka_unit_test(charsets_entities_and_bare_ampersands_are_read_as_meant),
        cmocka_unit_test(what_is_no_known_format_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
