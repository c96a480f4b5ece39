/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files: plain, gzip in one member or several, damaged; folders in their order; names. */
#include "import_test.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

struct folder {
    char path[64];
};

static int make_folder(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    strcpy(folder->path, "/tmp/lede_test_XXXXXX");
    *state = folder;
    return mkdtemp(folder->path) ? 0 : -1;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", folder->path);
    int result = system(command);
    free(folder);
    return result;
}

static void write_file(const struct folder *folder, const char *name, const void *data, size_t size)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

/* One gzip member, appended. */
static void append_member(struct lede_buffer *buffer, const char *text, size_t size)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    uLong bound = deflateBound(&stream, (uLong)size);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)size;
    stream.next_out = (Bytef *)lede_buffer_reserve(buffer, bound);
    stream.avail_out = (uInt)bound;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    buffer->size += stream.total_out;
    deflateEnd(&stream);
}

/* Read the file to its end or its first failure. */
static enum lede_status read_file(const struct folder *folder, const char *name, size_t chunk,
    struct lede_buffer *ret_text, struct lede_error *reterr)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    LEDE_CLEANUP(lede_file_source_freep) struct lede_file_source *source = NULL;
    enum lede_status status = lede_file_source_open(path, &source, reterr);
    size_t got = 1;
    while (status == LEDE_OK && got > 0) {
        status = lede_file_source_read(
            source, lede_buffer_reserve(ret_text, chunk), chunk, &got, reterr);
        ret_text->size += status == LEDE_OK ? got : 0;
    }
    return status;
}

static void assert_reads(
    const struct folder *folder, const struct lede_buffer *file, const char *text, size_t size)
{
    static const size_t chunks[] = {1, 7, 100000};
    write_file(folder, "file", file->data, file->size);
    for (size_t i = 0; i < LEDE_COUNT_OF(chunks); i++) {
        struct lede_buffer found = {0};
        assert_int_equal(read_file(folder, "file", chunks[i], &found, NULL), LEDE_OK);
        assert_int_equal(found.size, size);
        assert_memory_equal(found.data, text, size);
        lede_buffer_done(&found);
    }
}

static void a_plain_file_is_read_as_it_is(void **state)
{
    struct lede_buffer file = {0};
    lede_buffer_append_string(&file, "{\"a\":1}\n");
    assert_reads(*state, &file, "{\"a\":1}\n", 8);
    lede_buffer_clear(&file);
    lede_buffer_append_char(&file, 'x');
    assert_reads(*state, &file, "x", 1);
    lede_buffer_done(&file);
}

static void gzip_is_unpacked_member_by_member_with_zeros_behind(void **state)
{
    struct lede_buffer file = {0};
    append_member(&file, "first\n", 6);
    append_member(&file, "", 0);
    append_member(&file, "second\n", 7);
    assert_reads(*state, &file, "first\nsecond\n", 13);
    lede_buffer_append(&file, "\0\0\0\0\0", 5);
    assert_reads(*state, &file, "first\nsecond\n", 13);
    lede_buffer_done(&file);
}

static void gzip_that_is_cut_anywhere_is_said_to_be_damaged(void **state)
{
    struct lede_buffer file = {0};
    append_member(&file, "some text, some text, some text", 31);
    for (size_t size = 2; size < file.size; size++) {
        struct lede_buffer found = {0};
        struct lede_error error = {0};
        write_file(*state, "cut", file.data, size);
        assert_int_equal(read_file(*state, "cut", 1000, &found, &error), LEDE_EINPUT);
        assert_non_null(strstr(error.message, "damaged gzip"));
        lede_buffer_done(&found);
    }
    lede_buffer_done(&file);
}

static void gzip_with_a_wrong_byte_never_passes_for_whole(void **state)
{
    static const char text[] = "some text, some text, some text, and more of it";
    struct lede_buffer file = {0};
    append_member(&file, text, sizeof text);
    for (size_t i = 10; i < file.size; i++) { /* the header's time and system may be anything */
        struct lede_buffer found = {0};
        file.data[i] ^= 0x55;
        write_file(*state, "wrong", file.data, file.size);
        assert_int_equal(read_file(*state, "wrong", 1000, &found, NULL), LEDE_EINPUT);
        file.data[i] ^= 0x55;
        lede_buffer_done(&found);
    }
    lede_buffer_append_string(&file, "garbage");
    write_file(*state, "wrong", file.data, file.size);
    struct lede_buffer found = {0};
    assert_int_equal(read_file(*state, "wrong", 1000, &found, NULL), LEDE_EINPUT);
    lede_buffer_done(&found);
    lede_buffer_done(&file);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct lede_buffer found = {0};
    struct lede_error error = {0};
    assert_int_equal(read_file(*state, "none", 10, &found, &error), LEDE_ENOTFOUND);
    assert_non_null(strstr(error.message, "/none'"));
}

static void a_folder_is_no_file(void **state)
{
    struct lede_buffer found = {0};
    assert_int_equal(read_file(*state, ".", 10, &found, NULL), LEDE_EIO);
    lede_buffer_done(&found);
}

static void progress_counts_the_files_bytes(void **state)
{
    struct folder *folder = *state;
    write_file(folder, "plain", "0123456789", 10);
    char path[200];
    snprintf(path, sizeof path, "%s/plain", folder->path);
    LEDE_CLEANUP(lede_file_source_freep) struct lede_file_source *source = NULL;
    assert_int_equal(lede_file_source_open(path, &source, NULL), LEDE_OK);
    uint64_t done = 0;
    uint64_t all = 0;
    char text[10];
    size_t got = 0;
    assert_int_equal(lede_file_source_read(source, text, sizeof(text), &got, NULL), LEDE_OK);
    lede_file_source_progress(source, &done, &all);
    assert_int_equal(done, 10);
    assert_int_equal(all, 10);
}

struct visits {
    struct lede_buffer names;
    size_t skip; /* bytes of the folder's path */
    size_t left; /* visits before one fails */
};

static enum lede_status visit(void *context, const char *path, struct lede_error *reterr)
{
    struct visits *visits = context;
    if (visits->left-- == 0)
        return lede_fail(reterr, LEDE_ESTOPPED, "told to");
    lede_buffer_append_format(&visits->names, "%s ", path + visits->skip);
    return LEDE_OK;
}

static enum lede_status pass_over(
    void *context, const char *path, const struct lede_error *why, struct lede_error *reterr)
{
    (void)reterr;
    struct visits *visits = context;
    lede_buffer_append_format(&visits->names, "(%s) ", path + visits->skip);
    assert_int_equal(why->status, LEDE_EIO);
    return LEDE_OK;
}

static enum lede_status walk(const char *path, struct visits *visits)
{
    struct lede_import_visitor visitor = {
        .visit = visit, .pass_over = pass_over, .context = visits};
    return lede_import_walk(path, &visitor, NULL);
}

static void fill_folder(const struct folder *folder)
{
    char path[200];
    char target[200];
    static const char *const names[] = {"b", "a.txt", "a/z", "a/.hidden", ".git/x", "c"};
    static const char *const folders[] = {"a", ".git", "empty"};
    for (size_t i = 0; i < LEDE_COUNT_OF(folders); i++) {
        snprintf(path, sizeof path, "%s/%s", folder->path, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++)
        write_file(folder, names[i], "x", 1);
    snprintf(path, sizeof path, "%s/loop", folder->path);
    assert_int_equal(symlink(".", path), 0);
    snprintf(path, sizeof path, "%s/link", folder->path);
    snprintf(target, sizeof target, "%s/b", folder->path);
    assert_int_equal(symlink(target, path), 0);
    snprintf(path, sizeof path, "%s/broken", folder->path);
    assert_int_equal(symlink("nowhere", path), 0);
}

static void a_folder_is_walked_in_bytewise_order_without_hidden_files_and_loops(void **state)
{
    struct folder *folder = *state;
    fill_folder(folder);
    struct visits visits = {.skip = strlen(folder->path), .left = SIZE_MAX};
    assert_int_equal(walk(folder->path, &visits), LEDE_OK);
    assert_string_equal(visits.names.data, "/a.txt /a/z /b /c /link ");
    lede_buffer_done(&visits.names);
}

static void a_folder_too_deep_is_passed_over_and_the_walk_goes_on(void **state)
{
    struct folder *folder = *state;
    char path[400];
    snprintf(path, sizeof path, "%s", folder->path);
    for (size_t depth = 0; depth < 64; depth++) {
        strcat(path, "/d");
        assert_int_equal(mkdir(path, 0700), 0);
    }
    write_file(folder, "z", "x", 1);
    struct visits visits = {.left = SIZE_MAX};
    assert_int_equal(walk(folder->path, &visits), LEDE_OK);
    assert_non_null(strstr(visits.names.data, "/d/) "));
    assert_non_null(strstr(visits.names.data, "/z "));
    lede_buffer_done(&visits.names);
}

static void a_walk_stops_with_what_the_visitor_says(void **state)
{
    struct folder *folder = *state;
    fill_folder(folder);
    struct visits visits = {.skip = strlen(folder->path), .left = 2};
    assert_int_equal(walk(folder->path, &visits), LEDE_ESTOPPED);
    assert_string_equal(visits.names.data, "/a.txt /a/z ");
    lede_buffer_done(&visits.names);
}

static void a_walk_of_a_file_visits_that_file_and_of_nothing_fails(void **state)
{
    struct folder *folder = *state;
    write_file(folder, "one", "x", 1);
    char path[200];
    snprintf(path, sizeof path, "%s/one", folder->path);
    struct visits visits = {.skip = strlen(folder->path), .left = SIZE_MAX};
    assert_int_equal(walk(path, &visits), LEDE_OK);
    assert_string_equal(visits.names.data, "/one ");
    lede_buffer_done(&visits.names);
    assert_int_equal(walk("/nonexistent/x", &visits), LEDE_EIO);
}

static void a_name_says_the_format(void **state)
{
    (void)state;
    assert_int_equal(lede_import_format_of("a/b.ndjson"), LEDE_IMPORT_NDJSON);
    assert_int_equal(lede_import_format_of("b.JSONL.gz"), LEDE_IMPORT_NDJSON);
    assert_int_equal(lede_import_format_of("b.json"), LEDE_IMPORT_JSON);
    assert_int_equal(lede_import_format_of("b.txt.GZ"), LEDE_IMPORT_TEXT);
    assert_int_equal(lede_import_format_of("b.gz"), LEDE_IMPORT_AUTO);
    assert_int_equal(lede_import_format_of("-"), LEDE_IMPORT_AUTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plain_file_is_read_as_it_is, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            gzip_is_unpacked_member_by_member_with_zeros_behind, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            gzip_that_is_cut_anywhere_is_said_to_be_damaged, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            gzip_with_a_wrong_byte_never_passes_for_whole, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            a_file_that_is_not_there_is_named, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_folder_is_no_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            progress_counts_the_files_bytes, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            a_folder_is_walked_in_bytewise_order_without_hidden_files_and_loops, make_folder,
            remove_folder),
        cmocka_unit_test_setup_teardown(
            a_folder_too_deep_is_passed_over_and_the_walk_goes_on, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            a_walk_stops_with_what_the_visitor_says, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            a_walk_of_a_file_visits_that_file_and_of_nothing_fails, make_folder, remove_folder),
        cmocka_unit_test(a_name_says_the_format),
    };
    return cmocka_run_group_tests_name("import: source", tests, NULL, NULL);
}
