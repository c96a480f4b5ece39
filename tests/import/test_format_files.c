/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of tests/data/formats: NAME.xml becomes what NAME.txt says, a line each, in whatever
 * pieces it comes. */
#include "import_test.h"

static char *read_file(const char *name, const char *ending)
{
    char path[512];
    struct lede_buffer text = {0};
    snprintf(
        path, sizeof path, "%s/tests/data/formats/%s%s", getenv("LEDE_SOURCE_ROOT"), name, ending);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    char *room = lede_buffer_reserve(&text, 1 << 16);
    assert_non_null(room);
    text.size = fread(room, 1, (1 << 16) - 1, file);
    room[text.size] = '\0';
    fclose(file);
    return lede_buffer_take(&text);
}

static void each_file_becomes_the_documents_that_are_said(void **state)
{
    static const char *const names[] = {
        "atom", "atom_deleted", "rss1", "sitemap_news", "nitf", "newsml", "newsml_g2", "wxr"};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++) {
        LEDE_CLEANUP(lede_freep) char *text = read_file(names[i], ".xml");
        LEDE_CLEANUP(lede_freep) char *expected = read_file(names[i], ".txt");
        for (size_t chunk = 1; chunk <= 4096; chunk *= 64) {
            struct memory_source source = {
                .data = text, .size = strlen(text), .chunk = chunk, .pauses = chunk > 1};
            struct lede_buffer items = {0};
            split_all(&source, LEDE_IMPORT_AUTO, 0, &items);
            LEDE_CLEANUP(lede_freep) char *found = lede_buffer_take(&items);
            assert_non_null(found);
            for (char *c = found; *c; c++)
                *c = *c == '|' ? '\n' : *c;
            assert_string_equal(found, expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_becomes_the_documents_that_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
