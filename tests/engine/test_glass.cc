/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The builder's own files against Xapian's: the same documents are written by both, and everything
 * that Xapian's read API shows of the one it must show of the other; its checker must find nothing
 * wrong, its compaction must work on them, and its writer as far as it needs no term lists. */
#include "file_error.h"
#include "join.h"
#include "made_entry.h"
#include "same_database.h"
#include "temporary_directory.h"
#include "version_file.h"
#include "xapians_writer.h"

#include <algorithm>
#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

extern "C" {
#include <cmocka.h>
}

namespace
{

using Make = std::function<void(MadeEntry &entry, uint32_t number)>;

std::string path_of(const char *name)
{
    return directory + "/" + name;
}

/* Small, fast, the same everywhere. */
class Random
{
  public:
    explicit Random(uint64_t seed) : state_(seed * 2 + 1)
    {
    }
    uint32_t below(uint32_t limit)
    {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<uint32_t>((state_ >> 33) % limit);
    }
    std::string bytes(size_t size, unsigned values)
    {
        std::string bytes;
        for (size_t i = 0; i < size; i++)
            bytes += static_cast<char>(below(values));
        return bytes;
    }

  private:
    uint64_t state_;
};

/* first  what the first one is made of */
void build(const std::string &path, uint32_t count, const Make &make, uint32_t first = 1)
{
    struct lede_error error = {};
    struct lede_builder *builder = nullptr;
    if (lede_builder_new(path.c_str(), &builder, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    for (uint32_t i = first; i < first + count; i++) {
        MadeEntry entry(i);
        make(entry, i);
        if (lede_builder_add(builder, entry.get(), &error) != LEDE_OK)
            fail_msg("%s", error.message);
    }
    if (lede_builder_finish(builder, 5, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    lede_builder_free(builder);
}

void build_by_xapian(const std::string &path, uint32_t count, const Make &make)
{
    XapiansWriter writer(path);
    for (uint32_t i = 1; i <= count; i++) {
        MadeEntry entry(i);
        make(entry, i);
        writer.add(*entry.get());
    }
    writer.finish(5);
}

void assert_as_xapian_writes(uint32_t count, const Make &make)
{
    build(path_of("ours"), count, make);
    build_by_xapian(path_of("theirs"), count, make);
    assert_sound(path_of("ours"));
    assert_same_databases(path_of("ours"), path_of("theirs"));
}

void no_document(void **)
{
    assert_as_xapian_writes(0, [](MadeEntry &, uint32_t) {});
}

void one_document(void **)
{
    assert_as_xapian_writes(1, [](MadeEntry &entry, uint32_t) {
        entry.posting("word", 1).posting("other", 2 * 3).value(0, "v").stored("text");
    });
}

void documents_without_text_or_values(void **)
{
    assert_as_xapian_writes(300, [](MadeEntry &, uint32_t) {});
}

void a_term_in_every_document_over_many_chunks(void **)
{
    assert_as_xapian_writes(8000, [](MadeEntry &entry, uint32_t number) {
        entry.posting("everywhere", 2 * (number % 300)).posting("there", 1);
        entry.value(0, std::to_string(number % 1000));
    });
}

/* From 32,768 on a document's number takes three bytes in keys. */
void so_many_documents_that_keys_grow(void **)
{
    assert_as_xapian_writes(34000, [](MadeEntry &entry, uint32_t number) {
        entry.posting("w" + std::to_string(number % 50), 1).stored(std::to_string(number));
        entry.value(17, std::string(1 + number % 2, 'v'));
    });
}

void terms_as_long_as_may_be_and_with_zero_bytes(void **)
{
    assert_as_xapian_writes(700, [](MadeEntry &entry, uint32_t number) {
        entry.posting(std::string(245, 'a'), 2).posting(std::string(244, 'a'), 1);
        entry.posting(std::string("b\0", 2), 1).posting(std::string("b\0\0c", 4), 2);
        entry.posting("b", 1)
            .term(std::string("\0", 1))
            .term(std::string("\0\xFF", 2))
            .term("\xFF");
        entry.term(std::string(120, '\0')).term("b" + std::string(2, static_cast<char>(number)));
        entry.term(std::string(1, static_cast<char>(number)) + std::string(244, 'z'));
    });
}

void counts_as_large_as_may_be(void **)
{
    assert_as_xapian_writes(3, [](MadeEntry &entry, uint32_t number) {
        entry.posting("heavy", 1U << 29).posting("light", number - 1);
    });
}

void values_of_all_slots_and_sizes(void **)
{
    assert_as_xapian_writes(2000, [](MadeEntry &entry, uint32_t number) {
        Random random(number);
        for (Xapian::valueno slot : slots_compared)
            if (random.below(3) > 0)
                entry.value(slot, random.bytes(1 + random.below(40), 256));
        if (number == 1000)
            entry.value(1, random.bytes(100000, 256));
    });
}

void documents_of_eight_mebibytes(void **)
{
    assert_as_xapian_writes(2, [](MadeEntry &entry, uint32_t number) {
        entry.stored(number == 2 ? Random(2).bytes(8 << 20, 256) : std::string(8 << 20, 'x'));
    });
}

void generated_documents(void **)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        print_message("# seed %llu\n", static_cast<unsigned long long>(seed));
        assert_as_xapian_writes(700, [seed](MadeEntry &entry, uint32_t number) {
            Random random(seed << 32 | number);
            for (uint32_t i = random.below(60); i > 0; i--) {
                std::string term = "t" + std::to_string(i) + "-" +
                                   std::to_string(random.below(1 + random.below(80)));
                uint32_t occurrences = random.below(8);
                if (occurrences == 0)
                    entry.term("b" + term);
                else
                    entry.posting(term, occurrences * random.below(3));
            }
            entry.value(random.below(3), random.bytes(random.below(20), 200)).posting("always", 1);
            entry.stored(random.bytes(random.below(6000), 1 + random.below(256)));
        });
        std::filesystem::remove_all(path_of("ours"));
        std::filesystem::remove_all(path_of("theirs"));
    }
}

void make_mixed(MadeEntry &entry, uint32_t number)
{
    Random random(number);
    for (uint32_t i = 0; i < 30; i++)
        entry.posting("t" + std::to_string(random.below(400)), 1);
    entry.value(0, random.bytes(5, 256)).stored(random.bytes(200 + random.below(4000), 20));
}

void there_are_no_term_lists(void **)
{
    build(path_of("ours"), 10, make_mixed);
    assert_false(std::filesystem::exists(path_of("ours") + "/termlist.glass"));
    assert_sound(path_of("ours"));
}

/* Stock Xapian finds in a segment what it finds in a database of its own, in the same order. */
void xapians_matcher_searches_it(void **)
{
    build(path_of("ours"), 3000, make_mixed);
    build_by_xapian(path_of("theirs"), 3000, make_mixed);
    Xapian::Database ours(path_of("ours")), theirs(path_of("theirs"));
    Random random(7);
    size_t hits = 0;
    for (uint32_t i = 0; i < 200; i++) {
        std::string words[3];
        for (std::string &word : words)
            word = "t" + std::to_string(random.below(400));
        auto op =
            static_cast<Xapian::Query::op>(i % 2 ? Xapian::Query::OP_OR : Xapian::Query::OP_AND);
        Xapian::Query query(op, words, words + 2 + i % 2);
        Xapian::Enquire our_enquire(ours), their_enquire(theirs);
        our_enquire.set_query(query);
        their_enquire.set_query(query);
        Xapian::MSet our = our_enquire.get_mset(0, 50), their = their_enquire.get_mset(0, 50);
        assert_int_equal(our.size(), their.size());
        for (Xapian::doccount k = 0; k < our.size(); k++) {
            assert_int_equal(*our[k], *their[k]);
            assert_true(our[k].get_weight() == their[k].get_weight());
        }
        hits += our.size();
    }
    assert_true(hits > 1000);
}

void xapians_writer_goes_on_from_it(void **)
{
    build(path_of("ours"), 1500, make_mixed);
    build_by_xapian(path_of("theirs"), 1500, make_mixed);
    for (const char *name : {"ours", "theirs"}) {
        Xapian::WritableDatabase database(path_of(name), Xapian::DB_OPEN | Xapian::DB_NO_TERMLIST);
        for (uint32_t i = 1; i <= 2000; i += 3) {
            MadeEntry entry(i + 10000);
            make_mixed(entry, i + 10000);
            database.add_document(document_of(*entry.get()));
        }
        database.set_metadata("key", "value");
        database.commit();
    }
    assert_sound(path_of("ours"));
    assert_same_databases(path_of("ours"), path_of("theirs"));
}

void xapians_compaction_takes_it(void **)
{
    build(path_of("ours"), 1500, make_mixed);
    Xapian::Database(path_of("ours")).compact(path_of("compact"));
    assert_sound(path_of("compact"));
    assert_same_databases(path_of("compact"), path_of("ours"));
}

/* As segments are joined: documents of each source behind those of the ones before. */
void join(const std::vector<std::string> &sources, const std::string &destination)
{
    std::vector<lede::glass::JoinSource> numbered;
    int64_t documents = 0;
    for (const std::string &source : sources) {
        numbered.push_back({source, documents});
        documents += Xapian::Database(source).get_lastdocid();
    }
    std::filesystem::create_directory(destination);
    auto keeps_first = [](std::string_view, std::string_view, std::string_view) { return false; };
    lede::glass::join_databases(numbered, destination, keeps_first, [] {});
}

/* Terms in every document and in one, with zero bytes; values in some; texts of several blocks. */
void make_uneven(MadeEntry &entry, uint32_t number)
{
    Random random(number);
    make_mixed(entry, number);
    entry.posting("all", 1 + number % 3).posting("only" + std::to_string(number), 1);
    entry.posting(std::string("z\0z", 3), 2).posting(std::string("z\0", 2), 1);
    if (number % 50 == 0)
        entry.term(std::string("\0\xff", 2)).value(300, std::to_string(number));
}

void many_small_ones_are_joined_as_if_built_at_once(void **)
{
    constexpr uint32_t DOCUMENTS = 600;
    Random random(11);
    std::vector<std::string> paths, joined;
    for (uint32_t first = 1; first <= DOCUMENTS;) {
        uint32_t count = std::min(1 + random.below(7), DOCUMENTS + 1 - first);
        paths.push_back(path_of(("small" + std::to_string(first)).c_str()));
        build(paths.back(), count, make_uneven, first);
        first += count;
    }
    for (size_t i = 0; i < paths.size(); i += 10) {
        joined.push_back(path_of(("joined" + std::to_string(i)).c_str()));
        join({paths.begin() + static_cast<ptrdiff_t>(i),
                 paths.begin() + static_cast<ptrdiff_t>(std::min(i + 10, paths.size()))},
            joined.back());
    }
    join(joined, path_of("all"));
    build(path_of("ours"), DOCUMENTS, make_uneven);
    assert_sound(path_of("all"));
    assert_same_databases(path_of("all"), path_of("ours"));
    assert_true(std::filesystem::file_size(path_of("all") + "/postlist.glass") <=
                std::filesystem::file_size(path_of("ours") + "/postlist.glass"));
}

/* Numbers that nobody has stay so, but for those before a source's first document. */
void holes_stay(void **)
{
    {
        Xapian::WritableDatabase database(path_of("holes"), Xapian::DB_CREATE);
        for (uint32_t i = 1; i <= 900; i++) {
            MadeEntry entry(i);
            make_uneven(entry, i);
            database.add_document(document_of(*entry.get()));
        }
        for (uint32_t i = 10; i <= 890; i += 7)
            database.delete_document(i);
        database.commit();
    }
    build(path_of("ours"), 3, make_mixed);
    join({path_of("ours"), path_of("holes"), path_of("ours")}, path_of("joined"));
    assert_sound(path_of("joined"));
    Xapian::Database joined(path_of("joined")), holes(path_of("holes"));
    assert_int_equal(joined.get_lastdocid(), 906);
    assert_int_equal(joined.get_doccount(), holes.get_doccount() + 6);
    assert_int_equal(joined.get_termfreq("all"), holes.get_doccount());
    for (auto posting = joined.postlist_begin("all"); posting != joined.postlist_end("all");
         ++posting) {
        assert_true(*posting > 3 && *posting <= 903);
        assert_true(*posting - 3 < 10 || *posting - 3 > 890 || (*posting - 3 - 10) % 7 != 0);
    }
}

void what_is_damaged_is_not_joined(void **)
{
    build(path_of("ours"), 300, make_uneven);
    std::string path = path_of("ours") + "/postlist.glass";
    auto size = std::filesystem::file_size(path);
    Random random(5);
    unsigned refused = 0;
    for (unsigned i = 0; i < 300; i++) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        auto at = static_cast<std::streamoff>(random.below(static_cast<uint32_t>(size)));
        char before = 0;
        file.seekg(at).read(&before, 1);
        file.seekp(at).put(static_cast<char>(before ^ static_cast<char>(1 + random.below(255))));
        file.close();
        std::filesystem::remove_all(path_of("joined"));
        try {
            join({path_of("ours"), path_of("ours")}, path_of("joined"));
        } catch (const lede::DamagedError &) {
            refused++;
        }
        std::fstream again(path, std::ios::in | std::ios::out | std::ios::binary);
        again.seekp(at).put(before);
    }
    assert_true(refused > 10);
}

/* Those of an earlier version have term lists; what is joined with them has none. */
void it_is_joined_with_segments_that_have_term_lists(void **)
{
    build(path_of("ours"), 700, make_mixed);
    {
        Xapian::WritableDatabase database(path_of("earlier"), Xapian::DB_CREATE);
        for (uint32_t i = 701; i <= 1500; i++) {
            MadeEntry entry(i);
            make_mixed(entry, i);
            database.add_document(document_of(*entry.get()));
        }
        database.commit();
    }
    build_by_xapian(path_of("all"), 1500, make_mixed);
    for (int order = 0; order < 2; order++) {
        std::string first = order == 0 ? "ours" : "earlier";
        std::string second = order == 0 ? "earlier" : "ours";
        join({path_of(first.c_str()), path_of(second.c_str())}, path_of("joined"));
        assert_sound(path_of("joined"));
        assert_false(std::filesystem::exists(path_of("joined") + "/termlist.glass"));
        if (order == 0)
            assert_same_databases(path_of("joined"), path_of("all"));
        assert_int_equal(Xapian::Database(path_of("joined")).get_doccount(), 1500);
        std::filesystem::remove_all(path_of("joined"));
    }
}

void terms_that_no_key_can_hold_are_refused(void **)
{
    const std::string refused[] = {std::string(246, 'a'), std::string(140, '\0'), std::string()};
    for (const std::string &term : refused) {
        struct lede_builder *builder = nullptr;
        struct lede_error error = {};
        std::string path = path_of("refused");
        assert_int_equal(lede_builder_new(path.c_str(), &builder, &error), LEDE_OK);
        MadeEntry entry(1);
        entry.term(term);
        assert_int_equal(lede_builder_add(builder, entry.get(), &error), LEDE_ELIMIT);
        lede_builder_free(builder);
    }
}

void the_format_is_the_linked_librarys(void **)
{
    Xapian::WritableDatabase(path_of("theirs"), Xapian::DB_CREATE | Xapian::DB_BACKEND_GLASS);
    char head[lede::glass::VERSION_FILE_HEAD_BYTES] = {};
    std::ifstream(path_of("theirs") + "/iamglass", std::ios::binary).read(head, sizeof(head));
    assert_memory_equal(head, lede::glass::VERSION_FILE_HEAD, sizeof(head));
}

} // namespace

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main()
{
    const struct CMUnitTest tests[] = {
        TEST(no_document),
        TEST(one_document),
        TEST(documents_without_text_or_values),
        TEST(a_term_in_every_document_over_many_chunks),
        TEST(so_many_documents_that_keys_grow),
        TEST(terms_as_long_as_may_be_and_with_zero_bytes),
        TEST(counts_as_large_as_may_be),
        TEST(values_of_all_slots_and_sizes),
        TEST(documents_of_eight_mebibytes),
        TEST(generated_documents),
        TEST(there_are_no_term_lists),
        TEST(xapians_matcher_searches_it),
        TEST(xapians_writer_goes_on_from_it),
        TEST(xapians_compaction_takes_it),
        TEST(it_is_joined_with_segments_that_have_term_lists),
        TEST(many_small_ones_are_joined_as_if_built_at_once),
        TEST(holes_stay),
        TEST(what_is_damaged_is_not_joined),
        TEST(terms_that_no_key_can_hold_are_refused),
        TEST(the_format_is_the_linked_librarys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
