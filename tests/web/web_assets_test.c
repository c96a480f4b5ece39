/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page's files as the program sees them. */
#include "lede/web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void every_file_is_found_by_its_own_path(void **state)
{
    (void)state;
    size_t count = 0;

    for (const struct lede_web_asset *asset; (asset = lede_web_asset_at(count)); count++)
        assert_ptr_equal(lede_web_asset_find(asset->path), asset);
    assert_true(count >= 5);
    assert_null(lede_web_asset_at(count));
    assert_null(lede_web_asset_at(SIZE_MAX));
}

static void scripts_styles_and_icon_have_their_media_types(void **state)
{
    (void)state;
    static const char *const expected[][2] = {
        {"/assets/page.js", "text/javascript; charset=utf-8"},
        {"/assets/page.css", "text/css; charset=utf-8"},
        {"/assets/icon.svg", "image/svg+xml"},
    };

    for (size_t i = 0; i < LEDE_COUNT_OF(expected); i++) {
        const struct lede_web_asset *asset = lede_web_asset_find(expected[i][0]);
        assert_non_null(asset);
        assert_string_equal(asset->media_type, expected[i][1]);
        assert_true(asset->size > 0);
    }
}

static void paths_that_the_page_does_not_have_are_not_found(void **state)
{
    (void)state;
    static const char *const paths[] = {"", "/", "/assets/", "/assets", "/index.html",
        "/assets/page.html", "/assets/../page.js", "/zzz", "assets/page.js"};

    for (size_t i = 0; i < LEDE_COUNT_OF(paths); i++)
        assert_null(lede_web_asset_find(paths[i]));
}

static void etags_are_quoted_and_differ(void **state)
{
    (void)state;
    const struct lede_web_asset *asset;

    for (size_t i = 0; (asset = lede_web_asset_at(i)); i++) {
        const struct lede_web_asset *next = lede_web_asset_at(i + 1);
        size_t length = strlen(asset->etag);
        assert_true(length > 2 && asset->etag[0] == '"' && asset->etag[length - 1] == '"');
        if (next)
            assert_string_not_equal(asset->etag, next->etag);
    }
}

static void the_policy_allows_nothing_inline(void **state)
{
    (void)state;
    assert_non_null(strstr(lede_web_content_security_policy, "default-src 'none'"));
    assert_null(strstr(lede_web_content_security_policy, "unsafe"));
    assert_non_null(strstr(lede_web_styled_policy, "style-src 'self' 'sha256-"));
    assert_null(strstr(lede_web_styled_policy, "unsafe"));
}

static void the_opensearch_description_gets_absolute_addresses(void **state)
{
    (void)state;
    struct lede_buffer buffer = {0};

    assert_int_equal(lede_web_opensearch("https://news.example:8443", &buffer, NULL), LEDE_OK);
    assert_non_null(strstr(buffer.data, "template=\"https://news.example:8443/?q={searchTerms}\""));
    assert_null(strstr(buffer.data, "=\"/"));
    assert_non_null(strstr(buffer.data, "</OpenSearchDescription>"));
    lede_buffer_done(&buffer);
}

static void an_origin_that_could_carry_markup_is_refused(void **state)
{
    (void)state;
    static const char *const origins[] = {"", "http://", "ftp://a", "http://a/\"><x", "http://a b",
        "http://a{b}", "javascript:alert(1)", "http:///b", "http://a&b", "http://user@a"};
    struct lede_buffer buffer = {0};
    struct lede_error error = {0};

    for (size_t i = 0; i < LEDE_COUNT_OF(origins); i++) {
        assert_int_equal(lede_web_opensearch(origins[i], &buffer, &error), LEDE_EINPUT);
        assert_int_equal(buffer.size, 0);
    }
    lede_buffer_done(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_found_by_its_own_path),
        cmocka_unit_test(scripts_styles_and_icon_have_their_media_types),
        cmocka_unit_test(paths_that_the_page_does_not_have_are_not_found),
        cmocka_unit_test(etags_are_quoted_and_differ),
        cmocka_unit_test(the_policy_allows_nothing_inline),
        cmocka_unit_test(the_opensearch_description_gets_absolute_addresses),
        cmocka_unit_test(an_origin_that_could_carry_markup_is_refused),
    };
    return cmocka_run_group_tests_name("web_assets", tests, NULL, NULL);
}
