/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments are merged with their n-th sync failing, for every n: the status says so, and nothing of
 * the merged one is left. */
#include "made_entry.h"
#include "noted_syncs.h"
#include "temporary_directory.h"

#include <cerrno>
#include <csetjmp>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

extern "C" {
#include <cmocka.h>
}

namespace
{

constexpr uint32_t DOCUMENTS = 50; /* of each source */

size_t syncs_left = SIZE_MAX; /* before the one that fails */
bool has_failed = false;

} // namespace

/* Nobody loses power here. */
int lede_system_fdatasync(int)
{
    if (syncs_left == SIZE_MAX || has_failed || syncs_left-- > 0)
        return 0;
    has_failed = true;
    errno = ENOSPC;
    return -1;
}

namespace
{

void build(const std::string &path, uint32_t first)
{
    struct lede_builder *builder = nullptr;
    assert_int_equal(lede_builder_new(path.c_str(), &builder, nullptr), LEDE_OK);
    for (uint32_t i = first; i < first + DOCUMENTS; i++) {
        MadeEntry entry(i);
        entry.term("t" + std::to_string(i % 7));
        entry.stored("Granite " + std::to_string(i));
        assert_int_equal(lede_builder_add(builder, entry.get(), nullptr), LEDE_OK);
    }
    assert_int_equal(lede_builder_finish(builder, 1, nullptr), LEDE_OK);
    lede_builder_free(builder);
}

enum lede_status merge(const std::string &destination)
{
    std::string one = directory + "/one";
    std::string two = directory + "/two";
    struct lede_merge_source sources[2] = {};
    sources[0].path = one.c_str();
    sources[1].path = two.c_str();
    enum lede_status status = lede_segments_merge(sources, 2, destination.c_str(),
        (directory + "/scratch").c_str(), false, nullptr, nullptr, nullptr);
    lede_merge_source_done(&sources[0]);
    lede_merge_source_done(&sources[1]);
    return status;
}

void each_failed_sync_ends_a_merge(void **)
{
    std::string merged = directory + "/merged";
    build(directory + "/one", 1);
    build(directory + "/two", 1 + DOCUMENTS);
    for (size_t n = 0;; n++) {
        has_failed = false;
        syncs_left = n;
        enum lede_status status = merge(merged);
        syncs_left = SIZE_MAX;
        if (!has_failed) {
            assert_int_equal(status, LEDE_OK);
            assert_true(n > 3);
            return;
        }
        assert_int_equal(status, LEDE_ENOSPC);
        assert_false(std::filesystem::exists(merged));
    }
}

} // namespace

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main()
{
    const struct CMUnitTest tests[] = {
        TEST(each_failed_sync_ends_a_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
