/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages, and archives of them, as documents. */
#include "formats_test.h"

#include <unistd.h>
#include <zlib.h>

#define STORY                                                                                      \
    "<p>A ferry ran aground off the coast, with two hundred passengers, said the guard.</p>"       \
    "<p>Nobody was hurt, and all were brought ashore by boats, before the night came.</p>"
#define STORY_TEXT                                                                                 \
    "A ferry ran aground off the coast, with two hundred passengers, said the guard.\\n\\n"        \
    "Nobody was hurt, and all were brought ashore by boats, before the night came."

static void a_page_becomes_what_it_says_of_itself(void **state)
{
    (void)state;
    assert_file("a.html",
        "<!DOCTYPE html><html lang=en><head><title>Ferry | Gazette</title>"
        "<link rel=canonical href='https://g.example/1'>"
        "<meta property='og:site_name' content='Gazette'>"
        "<meta name=viewport content='width=device-width'>"
        "<script type='application/ld+json'>{\"@graph\":[{\"@type\":\"WebSite\"},"
        "{\"@type\":\"NewsArticle\",\"headline\":\"Ferry &amp; rocks\","
        "\"author\":[{\"name\":\"Jane Doe\"},{\"name\":\"John Roe\"}],"
        "\"datePublished\":\"2022-01-19T18:04:00Z\",\"articleSection\":\"Sea\","
        "\"image\":{\"url\":\"https://i.example/1.jpg\"}}]}</script></head>"
        "<body><nav><a href=/>Home</a> <a href=/a>About us, and more of it</a></nav>"
        "<article>" STORY "</article><footer>Imprint, contact, and all that there is</footer>",
        "1:{\"url\":\"https://g.example/1\",\"title\":\"Ferry & rocks\",\"body\":\"" STORY_TEXT
        "\",\"author\":[\"Jane Doe\",\"John Roe\"],\"source\":\"Gazette\",\"section\":\"Sea\","
        "\"language\":\"en\",\"published\":\"2022-01-19T18:04:00Z\","
        "\"image\":{\"url\":\"https://i.example/1.jpg\"},\"html\":{\"title\":\"Ferry | Gazette\","
        "\"jsonld\":{\"@type\":\"NewsArticle\"}}}|");
}

static void a_page_that_says_nothing_is_what_it_shows(void **state)
{
    (void)state;
    assert_file("a.htm",
        "<html><body><h1>Ferry</h1><div class=byline>By Jane Doe</div>"
        "<div class=share>Share this story with all of your friends, now</div>" STORY
        "<script>var x = '<p>none';</script>",
        "1:{\"title\":\"Ferry\",\"body\":\"Ferry\\n\\nBy Jane Doe\\n\\n" STORY_TEXT
        "\",\"author\":[\"Jane Doe\"]}|");
}

static void an_author_is_a_name_without_what_is_said_before_it(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"By Jane Doe", "Jane Doe"},
        {"Written by Jane Doe", "Jane Doe"}, {"Par Jane Doe", "Jane Doe"},
        {"POSTED BY Jane Doe", "Jane Doe"}, {"Byron Doe", "Byron Doe"}, {"Paris Doe", "Paris Doe"},
        {"By", "By"}};
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        char page[256], expected[256];
        snprintf(page, sizeof(page), "<title>Ferry</title><meta name=author content=\"%s\">",
            cases[i][0]);
        snprintf(expected, sizeof(expected), "1:{\"title\":\"Ferry\",\"author\":[\"%s\"]}|",
            cases[i][1]);
        assert_file("a.html", page, expected);
    }
}

static void a_page_is_read_in_its_charset(void **state)
{
    (void)state;
    assert_file("a.html", "<html><head><meta charset=iso-8859-1><title>\x93\xC4\x94</title>",
        "1:{\"title\":\"\xE2\x80\x9C\xC3\x84\xE2\x80\x9D\"}|");
    assert_file("a.html", "<html><head><meta charset=koi8-r><title>\xEE\xCF</title>",
        "1:{\"title\":\"\xD0\x9D\xD0\xBE\"}|");
    assert_file("a.html", "<html><head><title>soft\xC2\xADhyphen &ldquo;x&rdquo;</title>",
        "1:{\"title\":\"soft\xC2\xADhyphen \xE2\x80\x9Cx\xE2\x80\x9D\"}|");
}

static void a_page_that_is_too_deep_is_told(void **state)
{
    (void)state;
    struct lede_buffer deep = {0};
    struct lede_buffer items = {0};
    lede_buffer_append_string(&deep, "<html><body>");
    for (int i = 0; i < 200000; i++)
        lede_buffer_append_string(&deep, "<div><table></div>");
    assert_int_equal(lede_buffer_status(&deep), LEDE_OK);
    split_file(
        (struct lede_splitter_options){.path = "a.html"}, deep.data, deep.size, SIZE_MAX, &items);
    assert_string_equal(
        items.data, "1:!HTML: expected at most 512 elements inside each other, found more|");
    lede_buffer_done(&deep);
    lede_buffer_done(&items);
}

#define RECORD(type, uri, length, block)                                                           \
    "WARC/1.0\r\nWARC-Type: " type "\r\nWARC-Target-URI: " uri                                     \
    "\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: " length              \
    "\r\n\r\n" block "\r\n\r\n"

static void pages_of_a_warc_become_documents(void **state)
{
    (void)state;
    assert_file("a.warc",
        RECORD("warcinfo", "-", "4", "a: b") RECORD("response", "https://g.example/1", "75",
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>One two</title>\r\n")
            RECORD("response", "https://g.example/i", "49",
                "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nPNG")
                RECORD("response", "https://g.example/2", "114",
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=koi8-r\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n"
                    "c\r\n<html><title\r\n3\r\n>\xEE\xCF\r\n0\r\n\r\n"),
        "9:{\"title\":\"One two\",\"url\":\"https://g.example/1\","
        "\"warc\":{\"WARC-Type\":\"response\"}}|"
        "32:{\"title\":\"\xD0\x9D\xD0\xBE\",\"url\":\"https://g.example/2\","
        "\"warc\":{\"WARC-Type\":\"response\"}}|");
}

static void a_warcs_bad_records_are_told_and_the_others_go_in(void **state)
{
    (void)state;
    assert_file("a.warc",
        "WARC/1.0\r\nWARC-Type: response\r\n\r\n" RECORD("response", "https://g.example/1", "75",
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>One two</title>\r\n")
            RECORD("response", "https://g.example/2", "900",
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>cut"),
        "1:!line 1: expected a WARC record with Content-Length|"
        "4:{\"title\":\"One two\",\"url\":\"https://g.example/1\","
        "\"warc\":{\"WARC-Type\":\"response\"}}|"
        "16:!line 16: expected a block of 900 bytes, found 64|");
}

static void an_element_with_too_many_attributes_is_told(void **state)
{
    struct lede_buffer page = {0}, items = {0};
    (void)state;
    lede_buffer_append_string(&page, "<html><p");
    for (int i = 0; i < 300000; i++)
        lede_buffer_append_format(&page, "%sa%d='x y'", i % 2 ? " " : "", i);
    assert_int_equal(lede_buffer_status(&page), LEDE_OK);
    split_file(
        (struct lede_splitter_options){.path = "a.html"}, page.data, page.size, SIZE_MAX, &items);
    assert_string_equal(
        items.data, "1:!HTML: expected at most 1024 attributes of an element, found more|");
    lede_buffer_done(&page);
    lede_buffer_done(&items);
}

static void append_member(struct lede_buffer *out, const char *text)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = (Bytef *)lede_buffer_reserve(out, 4096);
    stream.avail_out = 4096;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->size += stream.total_out;
    deflateEnd(&stream);
}

#define PAGE(number)                                                                               \
    RECORD("response", "https://g.example/" number, "75",                                          \
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>One " number               \
        "</title>\r\n\r\n")

static void a_damaged_member_of_a_warc_is_told_and_the_next_goes_in(void **state)
{
    struct lede_buffer file = {0}, items = {0};
    char path[] = "/tmp/lede-warc-XXXXXX";
    (void)state;
    append_member(&file, PAGE("1"));
    size_t damaged = file.size;
    append_member(&file, PAGE("2"));
    memset(file.data + damaged + 30, 0x55, 20);
    append_member(&file, PAGE("3"));
    int fd = mkstemp(path);
    assert_int_equal(write(fd, file.data, file.size), file.size);
    close(fd);
    LEDE_CLEANUP(lede_file_source_freep) struct lede_file_source *source = NULL;
    assert_int_equal(lede_file_source_open(path, &source, NULL), LEDE_OK);
    split_stream(
        (struct lede_splitter_options){.path = "a.warc.gz"}, lede_file_source_read, source, &items);
    unlink(path);
    assert_non_null(strstr(items.data, "\"title\":\"One 1\""));
    assert_non_null(strstr(items.data, "damaged gzip"));
    assert_null(strstr(items.data, "\"title\":\"One 2\""));
    assert_non_null(strstr(items.data, "\"title\":\"One 3\""));
    lede_buffer_done(&file);
    lede_buffer_done(&items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_becomes_what_it_says_of_itself),
        cmocka_unit_test(a_page_that_says_nothing_is_what_it_shows),
        cmocka_unit_test(an_author_is_a_name_without_what_is_said_before_it),
        cmocka_unit_test(a_page_is_read_in_its_charset),
        cmocka_unit_test(a_page_that_is_too_deep_is_told),
        cmocka_unit_test(an_element_with_too_many_attributes_is_told),
        cmocka_unit_test(pages_of_a_warc_become_documents),
        cmocka_unit_test(a_damaged_member_of_a_warc_is_told_and_the_next_goes_in),
        cmocka_unit_test(a_warcs_bad_records_are_told_and_the_others_go_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
