/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stored texts: compressed or not, with whichever dictionary, joined or damaged, what comes out is
 * what went in, or an error. */
#include "made_entry.h"
#include "same_database.h"
#include "stored_text.h"

#include "lede/number.h"
#include "temporary_directory.h"

#include <csetjmp>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

extern "C" {
#include <cmocka.h>
}

namespace
{

constexpr uint32_t MANY = 1500; /* more than a mebibyte of text */

std::string path_of(const std::string &name)
{
    return directory + "/" + name;
}

uint32_t random_below(uint64_t *state, uint32_t limit)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<uint32_t>((*state >> 33) % limit);
}

/* News of one trade: sentences of its own, each text another choice of them. */
std::string text_of(unsigned trade, uint32_t number)
{
    uint64_t state = (static_cast<uint64_t>(trade) << 32 | number) * 2 + 1;
    std::string text =
        "{\"id\":\"" + std::to_string(trade) + "-" + std::to_string(number) + "\",\"body\":\"";
    for (int i = 0; i < 12; i++) {
        uint64_t sentence = (random_below(&state, 300) + 1000ULL * trade) * 2 + 1;
        for (int word = 0; word < 9; word++) {
            for (int letter = 0; letter < 7; letter++)
                text += static_cast<char>('a' + random_below(&sentence, 26));
            text += word == 8 ? ". " : " ";
        }
    }
    return text + "\"}";
}

void build(const std::string &path, unsigned trade, uint32_t first, uint32_t count)
{
    struct lede_error error = {};
    struct lede_builder *builder = nullptr;
    assert_int_equal(lede_builder_new(path.c_str(), &builder, &error), LEDE_OK);
    for (uint32_t number = first; number < first + count; number++) {
        MadeEntry entry(number);
        std::string text = text_of(trade, number);
        unsigned char digest[16];
        lede_hash128(text.data(), text.size(), digest);
        entry.posting("word", 1).stored(text).value(LEDE_SLOT_ID, std::to_string(number));
        entry.value(
            LEDE_SLOT_DIGEST, std::string(reinterpret_cast<char *>(digest), sizeof(digest)));
        assert_int_equal(lede_builder_add(builder, entry.get(), &error), LEDE_OK);
    }
    assert_int_equal(lede_builder_finish(builder, 5, &error), LEDE_OK);
    lede_builder_free(builder);
}

std::vector<std::string> dictionaries_of(const std::string &path)
{
    std::vector<std::string> keys;
    Xapian::Database database(path);
    for (auto key = database.metadata_keys_begin("dictionary-");
         key != database.metadata_keys_end("dictionary-"); ++key)
        keys.push_back(*key);
    return keys;
}

void assert_texts(
    const std::string &path, Xapian::docid docid, unsigned trade, uint32_t first, uint32_t count)
{
    Xapian::Database database(path);
    for (uint32_t i = 0; i < count; i++)
        assert_same(lede::stored_text(database, docid + i), text_of(trade, first + i), "a text");
}

void many_texts_get_a_dictionary_of_their_own(void **)
{
    build(path_of("many"), 1, 1, MANY);
    std::vector<std::string> keys = dictionaries_of(path_of("many"));
    assert_int_equal(keys.size(), 1);
    assert_true(std::filesystem::exists(path_of("many") + "/" + keys[0]));
    assert_sound(path_of("many"));
    assert_true(std::filesystem::file_size(path_of("many") + "/docdata.glass") <
                MANY * text_of(1, 1).size() / 4);
    lede::forget_dictionaries();
    assert_texts(path_of("many"), 1, 1, 1, MANY);
}

void few_texts_have_none(void **)
{
    build(path_of("one"), 1, 1, 1);
    build(path_of("few"), 1, 1, 500);
    for (const char *name : {"one", "few"})
        assert_true(dictionaries_of(path_of(name)).empty());
    assert_texts(path_of("few"), 1, 1, 1, 500);
    Xapian::Database database(path_of("few"));
    assert_same(database.get_document(7).get_data(), text_of(1, 7), "what Xapian gives");
}

void later_texts_share_a_dictionary_that_fits_and_no_other(void **)
{
    build(path_of("first"), 1, 1, MANY);
    build(path_of("second"), 1, MANY, MANY);
    build(path_of("other"), 2, 1, MANY);
    build(path_of("third"), 1, 2 * MANY, 400);
    build(path_of("few"), 3, 1, 400);
    assert_true(dictionaries_of(path_of("second")) == dictionaries_of(path_of("first")));
    assert_true(dictionaries_of(path_of("third")) == dictionaries_of(path_of("first")));
    assert_int_equal(dictionaries_of(path_of("other")).size(), 1);
    assert_true(dictionaries_of(path_of("other")) != dictionaries_of(path_of("first")));
    assert_true(dictionaries_of(path_of("few")).empty());
}

void joined_segments_bring_their_dictionaries_along(void **)
{
    build(path_of("a"), 1, 1, MANY);
    build(path_of("b"), 2, 1, MANY);
    build(path_of("c"), 3, 1, 10);
    std::string paths[] = {path_of("a"), path_of("b"), path_of("c")};
    struct lede_merge_source sources[3] = {};
    for (size_t i = 0; i < 3; i++)
        sources[i].path = paths[i].c_str();
    assert_int_equal(lede_segments_merge(sources, 3, path_of("joined").c_str(),
                         path_of("scratch").c_str(), false, nullptr, nullptr, nullptr),
        LEDE_OK);
    assert_sound(path_of("joined"));
    std::vector<std::string> keys = dictionaries_of(path_of("joined"));
    assert_int_equal(keys.size(), 2);
    for (const std::string &key : keys)
        assert_true(std::filesystem::exists(path_of("joined") + "/" + key));
    lede::forget_dictionaries();
    assert_texts(path_of("joined"), 1, 1, 1, MANY);
    assert_texts(path_of("joined"), MANY + 1, 2, 1, MANY);
    assert_texts(path_of("joined"), 2 * MANY + 1, 3, 1, 10);
}

void any_bytes_come_back(void **)
{
    const std::string texts[] = {"{}", "plain", std::string("\0", 1), std::string("\1", 1),
        std::string("\0text", 5), std::string("\1text of more bytes than that", 30),
        std::string(70000, '\1')};
    Xapian::Database none;
    for (const std::string &text : texts)
        assert_same(lede::text_of_data(lede::plain_frame(text), none), text, "a frame");
}

/* The frame of a text, and a segment that has its dictionary. */
std::string make_frame()
{
    build(path_of("many"), 1, 1, MANY);
    return Xapian::Database(path_of("many")).get_document(3).get_data();
}

void a_frame_that_is_cut_or_changed_is_an_error_or_another_text(void **)
{
    std::string frame = make_frame();
    Xapian::Database database(path_of("many"));
    auto read = [&](const std::string &data) {
        try {
            return lede::text_of_data(data, database);
        } catch (const Xapian::DatabaseCorruptError &) {
            return std::string();
        }
    };
    assert_same(read(frame), text_of(1, 3), "the frame");
    for (size_t size = 1; size < frame.size(); size++)
        assert_same(read(frame.substr(0, size)), "", "a cut frame");
    uint64_t state = 20261125;
    for (int i = 0; i < 3000; i++) {
        std::string changed = frame;
        for (uint32_t k = 1 + random_below(&state, 3); k > 0; k--)
            changed[1 + random_below(&state, static_cast<uint32_t>(frame.size() - 1))] =
                static_cast<char>(random_below(&state, 256));
        assert_true(read(changed).size() <= 64U << 20);
    }
}

struct Salvaged {
    uint32_t verified = 0;
    uint32_t lost = 0;
};

enum lede_status take(
    void *context, uint32_t, const char *, size_t, bool verified, struct lede_error *reterr)
{
    (void)reterr;
    static_cast<Salvaged *>(context)->verified += verified ? 1 : 0;
    return LEDE_OK;
}

void lose(void *context, uint32_t, const char *)
{
    static_cast<Salvaged *>(context)->lost++;
}

Salvaged salvage(const std::string &path)
{
    Salvaged salvaged;
    struct lede_salvage how = {take, lose, &salvaged};
    lede::forget_dictionaries();
    assert_int_equal(lede_segment_salvage(path.c_str(), &how, nullptr), LEDE_OK);
    return salvaged;
}

void count_problem(void *context, const char *problem)
{
    assert_non_null(strstr(problem, "dictionary-"));
    (*static_cast<unsigned *>(context))++;
}

/* Either copy of a dictionary is enough; a file that was changed is none. */
void texts_are_salvaged_by_either_copy_of_the_dictionary(void **)
{
    build(path_of("many"), 1, 1, MANY);
    std::string key = dictionaries_of(path_of("many"))[0];
    assert_int_equal(salvage(path_of("many")).verified, MANY);
    {
        Xapian::WritableDatabase database(
            path_of("many"), Xapian::DB_OPEN | Xapian::DB_NO_TERMLIST);
        database.set_metadata(key, "damaged");
        database.commit();
    }
    assert_int_equal(salvage(path_of("many")).verified, MANY);
    lede::forget_dictionaries();
    unsigned problems = 0;
    uint32_t whole = 1;
    assert_int_equal(
        lede_segment_check(path_of("many").c_str(), count_problem, &problems, &whole, nullptr),
        LEDE_OK);
    assert_int_equal(problems, MANY);
    assert_int_equal(whole, 0);
    std::fstream file(path_of("many") + "/" + key, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file.write("\x55\xAA\x55\xAA", 4);
    file.close();
    Salvaged salvaged = salvage(path_of("many"));
    assert_int_equal(salvaged.verified, 0);
    assert_int_equal(salvaged.lost, MANY);
}

void the_process_keeps_so_many_dictionaries_and_finds_the_others_again(void **)
{
    build(path_of("many"), 1, 1, MANY);
    for (size_t i = 0; i < 2 * lede::TEXT_DICTIONARIES_KEPT; i++)
        lede::remember_dictionary(std::make_shared<const lede::TextDictionary>(std::to_string(i)));
    assert_int_equal(lede::recent_dictionaries(1000).size(), lede::TEXT_DICTIONARIES_KEPT);
    assert_texts(path_of("many"), 1, 1, 1, 10);
    assert_true(lede::dictionary_key(lede::recent_dictionaries(1)[0]->id()) ==
                dictionaries_of(path_of("many"))[0]);
}

int set_up(void **)
{
    if (make_directory(nullptr) != 0)
        return -1;
    lede::forget_dictionaries();
    return 0;
}

int tear_down(void **)
{
    return remove_directory(nullptr);
}

} // namespace

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main()
{
    const struct CMUnitTest tests[] = {
        TEST(many_texts_get_a_dictionary_of_their_own),
        TEST(few_texts_have_none),
        TEST(later_texts_share_a_dictionary_that_fits_and_no_other),
        TEST(joined_segments_bring_their_dictionaries_along),
        TEST(any_bytes_come_back),
        TEST(a_frame_that_is_cut_or_changed_is_an_error_or_another_text),
        TEST(texts_are_salvaged_by_either_copy_of_the_dictionary),
        TEST(the_process_keeps_so_many_dictionaries_and_finds_the_others_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
