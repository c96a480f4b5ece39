/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of positions tells where each word of each document stands, as a walk over the texts
 * does, of a built segment as of one that was joined from others; damage is told. */
#include "entry.h"
#include "field_walk.h"
#include "positions_file.h"
#include "positions_writer.h"
#include "temporary_directory.h"

#include "lede/engine.h"
#include "lede/model.h"
#include "lede/text.h"

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>
#include <xapian.h>

extern "C" {
#include <cmocka.h>
}

namespace
{

using Places = std::vector<uint64_t>;

/* ---- Lists ---- */

Places make_places(std::mt19937_64 &random, size_t count, unsigned bits)
{
    Places places;
    uint64_t place = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_far = random() % 4 == 0;
        place += 1 + (random() & ((UINT64_C(1) << (is_far ? bits : bits / 3)) - 1));
        if (place > lede::PLACE_MAX)
            break;
        places.push_back(place);
    }
    return places;
}

Places read_list(const std::string &bytes)
{
    Places places;
    lede::PlaceListReader reader(bytes, 0);
    while (reader.next()) {
        const uint64_t *block = reader.places();
        assert_non_null(block);
        places.insert(places.end(), block, block + reader.count());
        assert_true(places.back() == reader.last());
    }
    assert_false(reader.failed());
    return places;
}

std::string pack(const Places &places)
{
    lede::PlaceListWriter writer;
    writer.begin();
    for (uint64_t place : places)
        writer.add(place);
    writer.flush();
    return writer.bytes();
}

void a_list_is_read_as_it_was_written(void **)
{
    std::mt19937_64 random(7);
    for (size_t count : {1, 2, 3, 127, 128, 129, 1023, 1024, 1025, 5000}) {
        for (unsigned bits : {0, 1, 3, 8, 20, 33, 47}) {
            Places places = make_places(random, count, bits);
            assert_true(read_list(pack(places)) == places);
        }
    }
    Places ends = {1, lede::PLACE_MAX};
    assert_true(read_list(pack(ends)) == ends);
    assert_true(read_list(pack({lede::PLACE_MAX})) == Places{lede::PLACE_MAX});
}

/* Whatever their blocks are: long ones are copied, short ones put together. */
void lists_are_joined_block_by_block(void **)
{
    std::mt19937_64 random(11);
    for (int round = 0; round < 200; round++) {
        lede::PlaceListWriter writer;
        Places expected;
        writer.begin();
        for (int source = 0; source < 6; source++) {
            size_t count = random() % 3 == 0 ? random() % 3000 : random() % 200;
            Places places = make_places(random, count, 1 + random() % 20);
            uint64_t shift = expected.empty() ? random() % 9 : expected.back() + random() % 99;
            std::string bytes = pack(places);
            lede::PlaceListReader reader(bytes, 0);
            while (reader.next())
                assert_true(writer.add_block(reader, static_cast<int64_t>(shift)));
            for (uint64_t place : places)
                expected.push_back(place + shift);
        }
        writer.flush();
        assert_true(read_list(writer.bytes()) == expected);
    }
}

/* ---- Files ---- */

using Lists = std::map<std::string, Places>;

Places list_of(const lede::PositionsFile &file, const std::string &key)
{
    Places found;
    file.visit(key, [&](const uint64_t *places, size_t count) {
        found.insert(found.end(), places, places + count);
    });
    return found;
}

std::string new_directory(const std::string &name)
{
    std::string path = directory + "/" + name;
    std::filesystem::create_directory(path);
    return path;
}

void each_list_of_a_file_is_found_by_its_key(void **)
{
    std::mt19937_64 random(13);
    Lists lists;
    for (int i = 0; i < 3000; i++)
        lists["w" + std::to_string(random() % 100000)] = make_places(random, 1 + random() % 9, 20);
    for (const char *key :
        {"a", "w5", "w50", "w500000", "zz"}) /* longer than entries, and blocks */
        lists[key] = make_places(random, 300000, 6);
    std::string path = new_directory("lists");
    lede::PositionsWriter writer(path);
    for (const auto &[key, places] : lists) {
        writer.begin(key);
        for (uint64_t place : places)
            writer.add(place);
        writer.end();
    }
    writer.finish();
    std::shared_ptr<const lede::PositionsFile> file = lede::PositionsFile::open(path);
    assert_true(file->block_count() > 10);
    for (const auto &[key, places] : lists)
        assert_true(list_of(*file, key) == places);
    for (const char *key : {"", "A", "w", "w5x", "zzz"})
        assert_true(list_of(*file, key).empty());
}

void a_file_of_an_earlier_version_is_none(void **)
{
    assert_null(lede::PositionsFile::open(directory).get());
    std::ofstream(directory + lede::POSITIONS_FILE_NAME) << std::string(20, 'x') << "LPOS";
    assert_null(lede::PositionsFile::open(directory).get());
}

/* ---- Documents ---- */

/* field · stem → documents → positions; and marks, under names that no stem has */
using Standing = std::map<std::string, std::map<uint32_t, std::vector<uint32_t>>>;

struct Analyzer {
    Analyzer()
    {
        assert_int_equal(lede_analyzer_new(&analyzer, nullptr), LEDE_OK);
    }
    ~Analyzer()
    {
        lede_analyzer_free(analyzer);
    }
    struct lede_analyzer *analyzer = nullptr;
};

std::string make_text(std::mt19937_64 &random, size_t words)
{
    static const char *const some[] = {"minister", "ministers", "COVID-19", "harbour", "the", "of",
        "strike", "東京都知事選", "AT&T", "Zollämter", "granite"};
    std::string text;
    for (size_t i = 0; i < words; i++) {
        text += random() % 9 == 0 ? "name" + std::to_string(random() % 500) : some[random() % 11];
        text += random() % 12 == 0 ? (random() % 3 == 0 ? ".\\n\\nThen " : ". But ") : " ";
    }
    return text;
}

std::string make_json(std::mt19937_64 &random, uint32_t number)
{
    auto text = [&](size_t most) { return "\"" + make_text(random, 1 + random() % most) + "\""; };
    std::string json = R"({"id":"d)" + std::to_string(number) + R"(","published":"2022-01-01")";
    bool has_body = random() % 5;
    if (random() % 5 || !has_body)
        json += ",\"title\":\"Fell " + make_text(random, random() % 9) + "\"";
    if (has_body)
        json += ",\"body\":" + text(random() % 40 == 0 ? 9000 : 120);
    if (random() % 3 == 0)
        json += ",\"author\":[" + text(3) + "," + text(2) + "," + text(3) + "]";
    if (random() % 50 == 0)
        json += ",\"summary\":" + text(20);
    return json + "}";
}

struct lede_document *parse(const std::string &json)
{
    struct lede_document_context context = {1700000000, nullptr, LEDE_BAD_TEXT_REPAIR};
    struct lede_document *document = nullptr;
    struct lede_error error = {};
    if (lede_document_parse(json.data(), json.size(), &context, &document, &error) != LEDE_OK)
        fail_msg("%s: %s", json.c_str(), error.message);
    return document;
}

void note(std::vector<uint32_t> &positions, uint32_t position)
{
    if (positions.empty() || positions.back() != position)
        positions.push_back(position);
}

/* By a walk over its text. */
void add_document(
    Standing *standing, struct lede_analyzer *analyzer, const std::string &json, uint32_t number)
{
    struct lede_document *document = parse(json);
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if (!field->prefix)
            continue;
        const json_t *value = lede_document_value(document, field->id);
        std::string prefix = field->prefix;
        lede::visit_words(analyzer, document->language, value,
            [&](const struct lede_token &token, uint32_t position) {
                std::string stem(token.term, token.term_size);
                note((*standing)[prefix + stem][number], position);
                bool begins_paragraph = position > 1 && token.flags & LEDE_TOKEN_PARAGRAPH_START;
                if (position > 1 && token.flags & LEDE_TOKEN_SENTENCE_START)
                    note((*standing)[lede::key_of(lede::PLACES_SENTENCES, prefix)][number],
                        position);
                if (begins_paragraph)
                    note((*standing)[lede::key_of(lede::PLACES_PARAGRAPHS, prefix)][number],
                        position);
                auto &lead = (*standing)[lede::key_of(lede::PLACES_LEADS, prefix)];
                if (begins_paragraph && prefix.empty() && !lead.count(number))
                    lead[number] = {position};
                return true;
            });
    }
    lede_document_free(document);
    for (auto list = standing->begin(); list != standing->end();)
        list = list->second.empty() ? standing->erase(list) : std::next(list);
}

/* The same by the file, of each list that the walk has found. */
Standing read_standing(const std::string &path, const Standing &expected)
{
    std::shared_ptr<const lede::PositionsFile> file = lede::PositionsFile::open(path);
    assert_non_null(file.get());
    Standing found;
    for (const auto &list : expected) {
        const std::string &key = list.first;
        char field = lede::field_of_key(key);
        Places ends = list_of(
            *file, lede::key_of(lede::PLACES_ENDS, field ? std::string(1, field) : std::string()));
        for (uint64_t place : list_of(*file, key)) {
            auto end = std::upper_bound(ends.begin(), ends.end(), place);
            assert_true(end != ends.end());
            uint64_t begin = end == ends.begin() ? 0 : end[-1];
            assert_true(place > begin);
            found[key][static_cast<uint32_t>(end - ends.begin() + 1)].push_back(
                static_cast<uint32_t>(place - begin));
        }
    }
    return found;
}

std::string build(const std::string &name, const std::vector<std::string> &jsons)
{
    Analyzer own;
    std::string path = directory + "/" + name;
    struct lede_builder *builder = nullptr;
    assert_int_equal(lede_builder_new(path.c_str(), &builder, nullptr), LEDE_OK);
    for (const std::string &json : jsons) {
        struct lede_document *document = parse(json);
        struct lede_entry *entry = nullptr;
        assert_int_equal(lede_entry_new(document, own.analyzer, &entry, nullptr), LEDE_OK);
        assert_int_equal(lede_builder_add(builder, entry, nullptr), LEDE_OK);
        lede_entry_free(entry);
        lede_document_free(document);
    }
    assert_int_equal(lede_builder_finish(builder, 1, nullptr), LEDE_OK);
    lede_builder_free(builder);
    return path;
}

std::vector<std::string> make_jsons(std::mt19937_64 &random, uint32_t first, uint32_t count)
{
    std::vector<std::string> jsons;
    for (uint32_t i = 0; i < count; i++)
        jsons.push_back(make_json(random, first + i));
    return jsons;
}

Standing walk(const std::vector<std::string> &jsons, uint32_t first)
{
    Analyzer own;
    Standing standing;
    for (size_t i = 0; i < jsons.size(); i++)
        add_document(&standing, own.analyzer, jsons[i], first + static_cast<uint32_t>(i));
    return standing;
}

void a_built_segment_knows_where_its_words_stand(void **)
{
    std::mt19937_64 random(17);
    std::vector<std::string> jsons = make_jsons(random, 1, 400);
    Standing expected = walk(jsons, 1);
    assert_true(expected.size() > 500);
    assert_true(expected.count(lede::key_of(lede::PLACES_LEADS, "")) == 1);
    assert_true(read_standing(build("built", jsons), expected) == expected);
}

/* Sources of several sizes, with numbers of no document between and before them. */
void joined_segments_know_it_too(void **)
{
    std::mt19937_64 random(19);
    std::vector<lede::PositionsSource> sources;
    Standing expected;
    int64_t documents = 0;
    for (uint32_t count : {3, 0, 200, 1, 40}) {
        int64_t hole = count == 200 ? 5 : count == 40 ? 1000 : 0;
        std::vector<std::string> jsons = make_jsons(random, 1, count);
        documents += hole;
        sources.push_back({build("source" + std::to_string(count), jsons), documents});
        for (const auto &[key, by_document] : walk(jsons, static_cast<uint32_t>(documents) + 1)) {
            for (const auto &[document, positions] : by_document)
                expected[key][document] = positions;
        }
        documents += count;
    }
    std::string joined = new_directory("joined");
    lede::join_positions(sources, joined);
    assert_true(read_standing(joined, expected) == expected);

    /* what was joined, with another behind it */
    std::vector<std::string> jsons = make_jsons(random, 1, 30);
    std::string rest = new_directory("rest");
    lede::join_positions({{joined, 0}, {build("more", jsons), documents}}, rest);
    for (const auto &[key, by_document] : walk(jsons, static_cast<uint32_t>(documents) + 1)) {
        for (const auto &[document, positions] : by_document)
            expected[key][document] = positions;
    }
    assert_true(read_standing(rest, expected) == expected);

    /* numbers that come before a source's first document go */
    Standing moved;
    for (const auto &[key, by_document] : walk(jsons, 1)) {
        for (const auto &[document, positions] : by_document)
            moved[key][document + 4] = positions;
    }
    std::string late = new_directory("late"), early = new_directory("early");
    lede::join_positions({{directory + "/more", 6}}, late);
    lede::join_positions({{late, -2}}, early);
    assert_true(read_standing(early, moved) == moved);
}

/* The bytes of a short string lie in the string itself, and move with it. */
void segments_of_a_few_bytes_are_joined(void **)
{
    std::vector<std::string> jsons = {R"({"id": "a", "title": "1"})"};
    std::vector<lede::PositionsSource> sources;
    Standing expected;
    for (uint32_t i = 0; i < 3; i++) {
        sources.push_back({build("few" + std::to_string(i), jsons), i});
        for (const auto &[key, by_document] : walk(jsons, i + 1)) {
            for (const auto &[document, positions] : by_document)
                expected[key][document] = positions;
        }
    }
    std::string block;
    lede::PositionsFile::open(sources[0].directory)->read_block(0, &block);
    assert_in_range(block.size(), 1, 15);
    std::string joined = new_directory("joined");
    lede::join_positions(sources, joined);
    assert_true(read_standing(joined, expected) == expected);
}

void a_join_with_a_segment_without_the_file_has_none(void **)
{
    std::mt19937_64 random(23);
    std::string with = build("with", make_jsons(random, 1, 3));
    std::string without = new_directory("without"), joined = new_directory("joined");
    lede::join_positions({{with, 0}, {without, 3}}, joined);
    assert_false(std::filesystem::exists(joined + lede::POSITIONS_FILE_NAME));
}

void segments_out_of_their_order_are_not_joined(void **)
{
    std::mt19937_64 random(29);
    std::string one = build("one", make_jsons(random, 1, 9));
    std::string two = build("two", make_jsons(random, 1, 9)), joined = new_directory("joined");
    bool is_told = false;
    try {
        lede::join_positions({{one, 9}, {two, 0}}, joined);
    } catch (const Xapian::DatabaseCorruptError &) {
        is_told = true;
    }
    assert_true(is_told);
}

/* ---- Damage ---- */

std::string read_file(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/* Returns whether it was told. */
bool read_all(const std::string &damaged, const std::string &healthy, const std::string &joined)
{
    std::filesystem::remove(joined + lede::POSITIONS_FILE_NAME);
    try {
        std::shared_ptr<const lede::PositionsFile> file = lede::PositionsFile::open(damaged);
        for (const char *key : {"minist", "the", "Tstrike", "name7", "Agranit", "T", "zz"})
            for (uint64_t place : list_of(*file, key))
                assert_in_range(place, 1, lede::PLACE_MAX);
        lede::join_positions({{damaged, 0}, {healthy, 60}}, joined);
        return false;
    } catch (const Xapian::Error &) {
        return true;
    }
}

void a_damaged_file_ends_in_an_error_or_an_answer(void **)
{
    std::mt19937_64 random(31);
    std::string path = build("damaged", make_jsons(random, 1, 60)) + lede::POSITIONS_FILE_NAME;
    std::string healthy = build("healthy", make_jsons(random, 1, 20));
    std::string whole = read_file(path), joined = new_directory("joined");
    size_t told = 0;
    for (int i = 0; i < 1500; i++) {
        std::string bytes = whole;
        for (size_t k = 1 + random() % 3; k > 0; k--)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        if (random() % 6 == 0)
            bytes.resize(random() % bytes.size());
        if (random() % 4 == 0) /* in the index, and the foot */
            bytes[bytes.size() - 1 - random() % std::min<size_t>(bytes.size(), 60)] ^=
                static_cast<char>(1 + random() % 255);
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
        told += read_all(directory + "/damaged", healthy, joined);
    }
    assert_true(told > 500);
}

} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_read_as_it_was_written),
        cmocka_unit_test(lists_are_joined_block_by_block),
        cmocka_unit_test_setup_teardown(
            each_list_of_a_file_is_found_by_its_key, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(
            a_file_of_an_earlier_version_is_none, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(
            a_built_segment_knows_where_its_words_stand, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(
            joined_segments_know_it_too, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(
            segments_of_a_few_bytes_are_joined, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(
            a_join_with_a_segment_without_the_file_has_none, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(
            segments_out_of_their_order_are_not_joined, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(
            a_damaged_file_ends_in_an_error_or_an_answer, make_directory, remove_directory),
    };
    return cmocka_run_group_tests_name("engine: positions", tests, nullptr, nullptr);
}
