/* SPDX-License-Identifier: GPL-2.0-or-later */
/* However many threads search however many segments, descriptors stay within their bound; and where
 * the process has none left that is told as what it is, and passes. */
#include "made_entry.h"
#include "temporary_directory.h"

#include "lede/match.h"
#include "lede/text.h"

#include <atomic>
#include <cerrno>
#include <csetjmp>
#include <cstdarg>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

extern "C" {
#include <cmocka.h>
}

namespace
{

constexpr size_t SEGMENTS = 20;
constexpr size_t THREADS = 8;
constexpr size_t DESCRIPTORS = 4 * SEGMENTS; /* of two searches at a time */

std::vector<std::string> paths;

int build_segments(void **)
{
    if (make_directory(nullptr) != 0)
        return -1;
    paths.clear();
    for (size_t i = 0; i < SEGMENTS; i++) {
        struct lede_builder *builder = nullptr;
        paths.push_back(directory + "/" + std::to_string(i));
        if (lede_builder_new(paths.back().c_str(), &builder, nullptr) != LEDE_OK)
            return -1;
        for (uint32_t number = 1; number <= 3; number++) {
            MadeEntry entry(static_cast<uint32_t>(i) * 3 + number);
            entry.posting("word", 1).stored("{}").value(LEDE_SLOT_ID, "d");
            entry.value(LEDE_SLOT_DIGEST, std::string(16, 'x'));
            if (lede_builder_add(builder, entry.get(), nullptr) != LEDE_OK)
                return -1;
        }
        if (lede_builder_finish(builder, 5, nullptr) != LEDE_OK)
            return -1;
        lede_builder_free(builder);
    }
    return 0;
}

struct lede_engine *make_engine(size_t descriptors)
{
    struct lede_engine *engine = nullptr;
    assert_int_equal(lede_engine_new(descriptors, 0, &engine, nullptr), LEDE_OK);
    return engine;
}

enum lede_status open(const struct lede_engine *engine, struct lede_index **ret_index)
{
    std::vector<struct lede_index_segment> segments;
    for (const std::string &path : paths)
        segments.push_back({path.c_str(), {}, {}});
    return lede_index_open_segments(
        engine, segments.data(), segments.size(), nullptr, ret_index, nullptr);
}

/* ret_total  -1 where it failed */
enum lede_status search(struct lede_index *index, int64_t *ret_total)
{
    struct lede_analyzer *analyzer = nullptr;
    struct lede_query *query = nullptr;
    struct lede_query_options options = {};
    if (lede_analyzer_new(&analyzer, nullptr) != LEDE_OK ||
        lede_query_parse("word", 4, &options, analyzer, &query, nullptr) != LEDE_OK)
        abort();
    struct lede_search search = {};
    search.query = query;
    search.after_utc_s = search.before_utc_s = LEDE_TIME_NONE;
    search.limit = 100;
    struct lede_search_result result = {};
    enum lede_status status = lede_index_search(index, &search, &result, nullptr);
    *ret_total = status == LEDE_OK && result.hit_count == result.total ? result.total : -1;
    lede_search_result_done(&result);
    lede_query_free(query);
    lede_analyzer_free(analyzer);
    return status;
}

/* Of the process that lead to tables of segments. */
size_t count_descriptors()
{
    size_t count = 0;
    for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        std::string path = std::filesystem::read_symlink(entry.path(), gone).string();
        count += path.find(".glass") != std::string::npos;
    }
    return count;
}

void many_threads_stay_within_the_bound(void **)
{
    struct lede_engine *engine = make_engine(DESCRIPTORS);
    std::atomic<size_t> right{0}, running{THREADS};
    std::vector<std::thread> threads;
    for (size_t i = 0; i < THREADS; i++) {
        threads.emplace_back([&] {
            struct lede_index *index = nullptr;
            int64_t total = 0;
            for (int k = 0; k < 30 && open(engine, &index) == LEDE_OK; k++) {
                right += search(index, &total) == LEDE_OK && total == 3 * SEGMENTS;
                lede_index_freep(&index);
            }
            running--;
        });
    }
    size_t most = 0;
    while (running > 0)
        most = std::max(most, count_descriptors());
    for (std::thread &thread : threads)
        thread.join();
    assert_int_equal(right, THREADS * 30);
    /* A segment has one more for its lists, however many search it. What a thread opens or closes
     * just now is over the bound for that moment. */
    assert_in_range(most, 1, DESCRIPTORS + SEGMENTS + THREADS * 2);
    assert_int_equal(count_descriptors(), 0);
    lede_engine_free(engine);
}

void one_search_goes_on_whatever_the_bound(void **)
{
    struct lede_engine *engine = make_engine(2);
    struct lede_index *index = nullptr;
    int64_t total = 0;
    assert_int_equal(open(engine, &index), LEDE_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(search(index, &total), LEDE_OK);
        assert_int_equal(total, 3 * SEGMENTS);
    }
    lede_index_free(index);
    lede_engine_free(engine);
}

/* Takes all descriptors of the process but some. */
class Shortage
{
  public:
    explicit Shortage(size_t left)
    {
        getrlimit(RLIMIT_NOFILE, &limit_);
        struct rlimit low = limit_;
        low.rlim_cur = std::min<rlim_t>(limit_.rlim_cur, 256);
        setrlimit(RLIMIT_NOFILE, &low);
        for (int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0;
             fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC))
            taken_.push_back(fd);
        for (; left > 0; left--) {
            close(taken_.back());
            taken_.pop_back();
        }
    }
    ~Shortage()
    {
        for (int fd : taken_)
            close(fd);
        setrlimit(RLIMIT_NOFILE, &limit_);
    }
    Shortage(const Shortage &) = delete;
    Shortage &operator=(const Shortage &) = delete;

  private:
    struct rlimit limit_ = {};
    std::vector<int> taken_;
};

void a_lack_of_descriptors_is_no_damage_and_passes(void **)
{
    struct lede_engine *engine = make_engine(DESCRIPTORS);
    struct lede_index *index = nullptr, *other = nullptr;
    struct lede_sealed *sealed = nullptr;
    int64_t total = 0;
    assert_int_equal(open(engine, &index), LEDE_OK);
    for (size_t left : {0, 1, 2, 7, 30}) {
        Shortage shortage(left);
        struct lede_engine *fresh = make_engine(DESCRIPTORS);
        assert_int_equal(open(fresh, &other), LEDE_EBUSY);
        if (left == 0)
            assert_int_equal(
                lede_sealed_open(fresh, paths[0].c_str(), &sealed, nullptr), LEDE_EBUSY);
        enum lede_status status = search(index, &total);
        assert_true(status == LEDE_EBUSY || (status == LEDE_OK && total == 3 * SEGMENTS));
        lede_engine_free(fresh);
        struct lede_builder *builder = nullptr;
        if (left == 0)
            assert_int_equal(
                lede_builder_new((directory + "/made").c_str(), &builder, nullptr), LEDE_EBUSY);
    }
    assert_int_equal(search(index, &total), LEDE_OK);
    assert_int_equal(total, 3 * SEGMENTS);
    lede_index_free(index);
    lede_engine_free(engine);
}

/* A directory that was made anew under its name is another segment. */
void a_segment_is_told_from_one_that_was_there_before(void **)
{
    struct lede_engine *engine = make_engine(DESCRIPTORS);
    struct lede_index *index = nullptr, *later = nullptr;
    int64_t total = 0;
    assert_int_equal(open(engine, &index), LEDE_OK);
    std::filesystem::remove_all(paths[0]);
    std::filesystem::rename(paths[1], paths[0]);
    paths.erase(paths.begin() + 1);
    assert_int_equal(open(engine, &later), LEDE_OK);
    assert_int_equal(search(later, &total), LEDE_OK);
    assert_int_equal(total, 3 * (SEGMENTS - 1));
    lede_index_free(later);
    lede_index_free(index);
    lede_engine_free(engine);
}

} // namespace

#define TEST(name) cmocka_unit_test_setup_teardown(name, build_segments, remove_directory)

int main()
{
    const struct CMUnitTest tests[] = {
        TEST(many_threads_stay_within_the_bound),
        TEST(one_search_goes_on_whatever_the_bound),
        TEST(a_lack_of_descriptors_is_no_damage_and_passes),
        TEST(a_segment_is_told_from_one_that_was_there_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
