/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments made anew from what is stored in them: the same, byte for byte, as if the documents that
 * are left had just arrived, in one piece or in hundreds. */
#include "rewrite.h"
#include "same_database.h"

#include "lede/model.h"
#include "lede/number.h"
#include "temporary_directory.h"

#include <csetjmp>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

extern "C" {
#include <cmocka.h>
}

namespace
{

constexpr uint32_t DOCUMENTS = 200; /* of each source */
constexpr size_t SOURCES = 3;
constexpr int64_t NOW = 1700000000;

struct lede_analyzer *analyzer;

std::string path_of(const std::string &name)
{
    return directory + "/" + name;
}

std::string json_of(size_t source, uint32_t number)
{
    std::string id = std::to_string(source) + "-" + std::to_string(number);
    return "{\"id\":\"" + id + "\",\"title\":\"Report " + std::to_string(number % 17) +
           "\",\"body\":\"Granite fell. Basalt " + std::to_string(number * 7 % 90) +
           " rose.\\n\\nIt was so in paragraph " + id + ".\",\"tags\":[\"t" +
           std::to_string(number % 5) + "\"],\"language\":\"en\",\"published\":\"2022-01-" +
           std::to_string(10 + number % 19) + "\",\"odd" + std::to_string(number % 3) + "\":1}";
}

uint64_t story_of(size_t source, uint32_t number)
{
    return 1 + number % 50 + (source << 60);
}

void add(struct lede_builder *builder, size_t source, uint32_t number)
{
    struct lede_document_context context = {NOW, nullptr, LEDE_BAD_TEXT_REPAIR};
    std::string json = json_of(source, number);
    struct lede_document *document = nullptr;
    struct lede_entry *entry = nullptr;
    assert_int_equal(
        lede_document_parse(json.data(), json.size(), &context, &document, nullptr), LEDE_OK);
    assert_int_equal(lede_entry_new(document, analyzer, &entry, nullptr), LEDE_OK);
    assert_int_equal(lede_entry_set_story(entry, story_of(source, number), nullptr), LEDE_OK);
    assert_int_equal(lede_builder_add(builder, entry, nullptr), LEDE_OK);
    lede_entry_free(entry);
    lede_document_free(document);
}

struct lede_builder *begin_segment(const std::string &path)
{
    struct lede_builder *builder = nullptr;
    assert_int_equal(lede_builder_new(path.c_str(), &builder, nullptr), LEDE_OK);
    return builder;
}

void finish(struct lede_builder *builder, uint64_t revision)
{
    assert_int_equal(lede_builder_finish(builder, revision, nullptr), LEDE_OK);
    lede_builder_free(builder);
}

struct Archive {
    /* Every `one_of`th document is deleted. The second source has the highest revision. */
    explicit Archive(uint32_t one_of)
    {
        for (size_t source = 0; source < SOURCES; source++) {
            paths.push_back(path_of("source" + std::to_string(source)));
            struct lede_builder *builder = begin_segment(paths.back());
            bits.emplace_back(DOCUMENTS / 64 + 1, 0);
            uint32_t count = 0;
            for (uint32_t number = 1; number <= DOCUMENTS; number++) {
                add(builder, source, number);
                if ((number + source) % one_of != 0)
                    continue;
                bits[source][number / 64] |= UINT64_C(1) << (number % 64);
                count++;
            }
            finish(builder, source == 1 ? 100 : source + 9);
            sources.push_back({});
            sources[source].deleted = {bits[source].data(), DOCUMENTS + 1, count};
        }
        for (size_t source = 0; source < SOURCES; source++)
            sources[source].path = paths[source].c_str();
    }
    Archive(const Archive &) = delete;
    Archive &operator=(const Archive &) = delete;
    ~Archive()
    {
        for (struct lede_merge_source &source : sources)
            lede_merge_source_done(&source);
    }

    bool is_deleted(size_t source, uint32_t number) const
    {
        return bits[source][number / 64] >> (number % 64) & 1;
    }
    std::vector<Xapian::Database> open() const
    {
        std::vector<Xapian::Database> opened;
        for (const struct lede_merge_source &source : sources)
            opened.emplace_back(source.path);
        return opened;
    }

    std::vector<std::string> paths;
    std::vector<std::vector<uint64_t>> bits;
    std::vector<struct lede_merge_source> sources;
};

/* The documents that are left, as if they had just arrived. */
void build_expected(const Archive &archive)
{
    struct lede_builder *builder = begin_segment(path_of("expected"));
    for (size_t source = 0; source < SOURCES; source++)
        for (uint32_t number = 1; number <= DOCUMENTS; number++)
            if (!archive.is_deleted(source, number))
                add(builder, source, number);
    finish(builder, 100);
}

enum lede_status rewrite(
    Archive &archive, const lede::RewriteLimits &limits, struct lede_error *reterr)
{
    lede::Progress progress(nullptr, nullptr);
    std::vector<Xapian::Database> opened = archive.open();
    return lede::rewrite_segments(archive.sources.data(), opened, path_of("made"),
        path_of("scratch").c_str(), limits, progress, reterr);
}

void assert_places(const Archive &archive)
{
    uint32_t rank = 0;
    for (size_t source = 0; source < SOURCES; source++) {
        assert_int_equal(lede_merge_source_place(&archive.sources[source], 0), 0);
        for (uint32_t number = 1; number <= DOCUMENTS; number++) {
            uint32_t expected = archive.is_deleted(source, number) ? 0 : ++rank;
            assert_int_equal(lede_merge_source_place(&archive.sources[source], number), expected);
        }
        assert_int_equal(lede_merge_source_place(&archive.sources[source], DOCUMENTS + 1), 0);
        assert_int_equal(lede_merge_source_place(&archive.sources[source], UINT32_MAX), 0);
    }
}

void rewrite_and_check(uint32_t one_of, const lede::RewriteLimits &limits)
{
    Archive archive(one_of);
    build_expected(archive);
    std::filesystem::create_directories(path_of("scratch/1/left by a crash"));
    struct lede_error error = {};
    if (rewrite(archive, limits, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    assert_sound(path_of("made"));
    assert_same_databases(path_of("made"), path_of("expected"));
    assert_places(archive);
    assert_false(std::filesystem::exists(path_of("scratch")));
}

void what_is_left_is_as_if_it_had_just_arrived(void **)
{
    rewrite_and_check(3, {});
}

void pieces_are_joined_in_their_order_over_several_levels(void **)
{
    rewrite_and_check(4, {1, 3});
}

void a_segment_may_be_left_with_nothing(void **)
{
    rewrite_and_check(1, {});
}

void two_versions_of_an_id_are_both_kept(void **)
{
    Archive archive(DOCUMENTS * 2);
    archive.sources.push_back(archive.sources[0]);
    assert_int_equal(rewrite(archive, {}, nullptr), LEDE_OK);
    assert_int_equal(Xapian::Database(path_of("made")).get_doccount(), 4 * DOCUMENTS);
    assert_int_equal(lede_merge_source_place(&archive.sources[3], DOCUMENTS), 4 * DOCUMENTS);
}

void a_document_that_is_not_what_was_stored_ends_it(void **)
{
    Archive archive(2);
    {
        Xapian::WritableDatabase database(
            archive.paths[1], Xapian::DB_OPEN | Xapian::DB_NO_TERMLIST);
        Xapian::Document document;
        document.set_data(json_of(9, 9));
        document.add_value(LEDE_SLOT_DIGEST, std::string(16, 'x'));
        database.add_document(document);
        database.commit();
    }
    struct lede_error error = {};
    assert_int_equal(rewrite(archive, {}, &error), LEDE_ECORRUPT);
    assert_non_null(strstr(error.message, "not what was stored"));
    assert_null(archive.sources[0].ret_kept);
    assert_false(std::filesystem::exists(path_of("scratch")));
}

void set_analysis(const std::string &path, int version)
{
    Xapian::WritableDatabase database(path, Xapian::DB_OPEN | Xapian::DB_NO_TERMLIST);
    database.set_metadata("analysis", std::to_string(version));
    database.commit();
}

void segments_from_the_oldest_analysis_on_are_read_and_made_anew_by_todays(void **)
{
    Archive archive(3);
    build_expected(archive);
    for (int version = LEDE_ANALYSIS_VERSION_OLDEST - 1; version <= LEDE_ANALYSIS_VERSION + 1;
         version++) {
        bool is_read = version >= LEDE_ANALYSIS_VERSION_OLDEST && version <= LEDE_ANALYSIS_VERSION;
        const char *path = archive.paths[0].c_str();
        struct lede_sealed *sealed = nullptr;
        struct lede_index *index = nullptr;
        struct lede_error error = {};
        set_analysis(path, version);
        assert_int_equal(
            lede_sealed_open(nullptr, path, &sealed, &error), is_read ? LEDE_OK : LEDE_EVERSION);
        assert_int_equal(
            lede_index_open(&path, 1, &index, nullptr), is_read ? LEDE_OK : LEDE_EVERSION);
        assert_true(is_read || strstr(error.message, std::to_string(version).c_str()));
        if (is_read)
            assert_int_equal(lede_sealed_analysis(sealed), version);
        lede_index_free(index);
        lede_sealed_free(sealed);
    }
    for (const std::string &path : archive.paths)
        set_analysis(path, LEDE_ANALYSIS_VERSION_OLDEST);
    assert_int_equal(rewrite(archive, {}, nullptr), LEDE_OK);
    assert_same_databases(path_of("made"), path_of("expected"));
    assert_same(Xapian::Database(path_of("made")).get_metadata("analysis"),
        std::to_string(LEDE_ANALYSIS_VERSION), "the version");
}

bool stop_at_the_fiftieth(void *context)
{
    return ++*static_cast<int *>(context) < 50;
}

void it_stops_between_two_documents(void **)
{
    Archive archive(7);
    int asked = 0;
    assert_int_equal(lede_segments_merge(archive.sources.data(), SOURCES, path_of("made").c_str(),
                         path_of("scratch").c_str(), true, stop_at_the_fiftieth, &asked, nullptr),
        LEDE_EBUSY);
    assert_int_equal(asked, 50);
    assert_false(std::filesystem::exists(path_of("scratch")));
    assert_false(std::filesystem::exists(path_of("made")));
}

int set_up(void **)
{
    if (make_directory(nullptr) != 0)
        return -1;
    return lede_analyzer_new(&analyzer, nullptr) == LEDE_OK ? 0 : -1;
}

int tear_down(void **)
{
    lede_analyzer_free(analyzer);
    return remove_directory(nullptr);
}

} // namespace

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main()
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_left_is_as_if_it_had_just_arrived),
        TEST(pieces_are_joined_in_their_order_over_several_levels),
        TEST(a_segment_may_be_left_with_nothing),
        TEST(two_versions_of_an_id_are_both_kept),
        TEST(a_document_that_is_not_what_was_stored_ends_it),
        TEST(segments_from_the_oldest_analysis_on_are_read_and_made_anew_by_todays),
        TEST(it_stops_between_two_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
