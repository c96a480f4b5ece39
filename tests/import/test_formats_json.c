/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ninjs and JSON Feed as documents. */
#include "formats_test.h"

static void ninjs_becomes_a_document(void **state)
{
    (void)state;
    assert_file("a.json",
        "{\"uri\":\"urn:x:1\",\"version\":\"2\",\"versioncreated\":\"2022-01-19T18:04:00Z\","
        "\"firstcreated\":\"2022-01-19T17:00:00+0100\",\"pubstatus\":\"canceled\","
        "\"headline\":\"Ferry aground\",\"slugline\":\"FERRY\",\"byline\":\"By Jane Doe\","
        "\"body_html\":\"<p>One.</p><p>Two &amp; three.</p>\",\"located\":\"Oslo\","
        "\"embargoed\":\"2022-01-20T06:00:00Z\",\"language\":\"en\","
        "\"subject\":[{\"code\":\"1\",\"name\":\"sea\"}],\"person\":[{\"name\":\"A. B.\"}],"
        "\"place\":[{\"name\":\"Bergen\"}],\"organisation\":[{\"name\":\"Coast Guard\"}]}",
        "1:{\"id\":\"urn:x:1\",\"title\":\"Ferry aground\",\"tags\":[\"FERRY\",\"sea\"],"
        "\"body\":\"One.\\n\\nTwo & three.\",\"author\":[\"Jane Doe\"],"
        "\"places\":[\"Oslo\",\"Bergen\"],\"people\":[\"A. B.\"],"
        "\"organisations\":[\"Coast Guard\"],\"language\":\"en\","
        "\"version\":2,"
        "\"published\":\"2022-01-19T16:00:00Z\",\"updated\":\"2022-01-19T18:04:00Z\","
        "\"embargoed_until\":\"2022-01-20T06:00:00Z\",\"status\":\"canceled\","
        "\"ninjs\":{\"subject\":[{\"code\":\"1\"}]}}|");
}

static void later_versions_of_ninjs_have_lists(void **state)
{
    (void)state;
    assert_file("a.json",
        "{\"uri\":\"urn:x:2\",\"versionCreated\":\"2022-01-19T18:04:00Z\","
        "\"pubStatus\":\"withheld\",\"headlines\":[{\"role\":\"sub\",\"value\":\"Under\"},"
        "{\"role\":\"main\",\"value\":\"Over\"}],\"by\":\"Jane Doe\","
        "\"bodies\":[{\"contentType\":\"text/plain\",\"value\":\"plain\"},"
        "{\"contentType\":\"text/html\",\"value\":\"<p>HTML\"}],"
        "\"subjects\":[{\"name\":\"sea\"}]}",
        "1:{\"id\":\"urn:x:2\",\"title\":\"Over\",\"body\":\"HTML\",\"author\":[\"Jane Doe\"],"
        "\"tags\":[\"sea\"],\"published\":\"2022-01-19T18:04:00Z\",\"status\":\"withheld\","
        "\"ninjs\":{\"headlines\":[{\"role\":\"sub\",\"value\":\"Under\"}],"
        "\"bodies\":[{\"value\":\"plain\"}]}}|");
}

static void an_associated_picture_is_the_image(void **state)
{
    (void)state;
    assert_file("a.json",
        "{\"guid\":\"g\",\"headline\":\"h\",\"associations\":{\"main\":{\"type\":\"picture\","
        "\"description_text\":\"A ferry\",\"renditions\":{\"small\":{\"width\":100,"
        "\"href\":\"https://i.example/s\"},\"large\":{\"width\":900,"
        "\"href\":\"https://i.example/l\"}}}}}",
        "1:{\"id\":\"g\",\"title\":\"h\",\"image\":{\"url\":\"https://i.example/l\","
        "\"alt\":\"A ferry\"},\"ninjs\":{\"associations\":{\"main\":{\"type\":\"picture\","
        "\"description_text\":\"A ferry\",\"renditions\":{\"small\":{\"width\":100,"
        "\"href\":\"https://i.example/s\"},\"large\":{\"width\":900,"
        "\"href\":\"https://i.example/l\"}}}}}}|");
}

static void documents_of_our_own_stay_what_they_are(void **state)
{
    (void)state;
    assert_file("a.json", "{\"id\":\"a\",\"title\":\"t\",\"body\":\"b\",\"headline\":\"h\"}",
        "1:{\"id\":\"a\",\"title\":\"t\",\"body\":\"b\",\"headline\":\"h\"}|");
}

static void items_in_lines_are_read_and_a_broken_one_is_told(void **state)
{
    (void)state;
    assert_file("a.ndjson",
        "{\"uri\":\"1\",\"headline\":\"one\"}\n{\"uri\":\"2\",\"headline\":}\n"
        "{\"uri\":\"3\",\"headline\":\"three\"}\n",
        "1:{\"id\":\"1\",\"title\":\"one\"}|2:!malformed JSON: unexpected token near '}'|"
        "3:{\"id\":\"3\",\"title\":\"three\"}|");
}

static void a_json_feed_becomes_documents(void **state)
{
    (void)state;
    assert_file("feed.json",
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Gazette\","
        "\"language\":\"en\",\"authors\":[{\"name\":\"The desk\"}],\"items\":["
        "{\"id\":\"1\",\"url\":\"https://g.example/1\",\"title\":\"One\","
        "\"content_html\":\"<p>Text\",\"date_published\":\"2022-01-19T18:04:00Z\","
        "\"tags\":[\"sea\",\"rail\"],\"authors\":[{\"name\":\"Jane Doe\"}]},17,"
        "{\"id\":\"2\",\"content_text\":\"Two\"}]}",
        "1:{\"id\":\"1\",\"url\":\"https://g.example/1\",\"title\":\"One\",\"body\":\"Text\","
        "\"published\":\"2022-01-19T18:04:00Z\",\"author\":[\"Jane Doe\"],"
        "\"tags\":[\"sea\",\"rail\"],\"language\":\"en\",\"source\":\"Gazette\"}|"
        "1:!line 1: item 2: expected an object|"
        "1:{\"id\":\"2\",\"body\":\"Two\",\"author\":[\"The desk\"],\"language\":\"en\","
        "\"source\":\"Gazette\"}|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ninjs_becomes_a_document),
        cmocka_unit_test(later_versions_of_ninjs_have_lists),
        cmocka_unit_test(an_associated_picture_is_the_image),
        cmocka_unit_test(documents_of_our_own_stay_what_they_are),
        cmocka_unit_test(items_in_lines_are_read_and_a_broken_one_is_told),
        cmocka_unit_test(a_json_feed_becomes_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
