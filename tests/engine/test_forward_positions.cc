/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is packed is what is read, whatever the document; and damaged bytes do no harm. */
#include "forward_positions.h"

#include "bits.h"

#include <algorithm>
#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

extern "C" {
#include <cmocka.h>
}

namespace
{

using Positions = std::vector<uint32_t>;

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

  private:
    uint64_t state_;
};

/* Packs, and knows by itself what should be read. */
class Model
{
  public:
    void add(
        enum lede_field_id field, uint32_t position, const std::string &stem, unsigned marks = 0)
    {
        const std::string &kept = *stems_.insert(stem).first;
        writer_.add(field, position, writer_.find_or_add(kept), marks);
        places_[{field, stem}].insert(position);
        if (marks & lede::FORWARD_SENTENCE)
            sentences_[field].push_back(position);
        if (marks & lede::FORWARD_PARAGRAPH)
            paragraphs_[field].push_back(position);
    }
    std::string pack() const
    {
        return writer_.pack();
    }
    Positions places(enum lede_field_id field, const std::vector<std::string> &stems) const
    {
        std::set<uint32_t> all;
        for (const std::string &stem : stems) {
            auto found = places_.find({field, stem});
            if (found != places_.end())
                all.insert(found->second.begin(), found->second.end());
        }
        return Positions(all.begin(), all.end());
    }
    Positions starts(enum lede_field_id field, enum lede::ForwardMark kind) const
    {
        const auto &starts = kind == lede::FORWARD_SENTENCE ? sentences_ : paragraphs_;
        auto found = starts.find(field);
        return found == starts.end() ? Positions() : found->second;
    }
    const std::set<std::string> &stems() const
    {
        return stems_;
    }

  private:
    lede::ForwardWriter writer_;
    std::set<std::string> stems_; /* elements never move */
    std::map<std::pair<int, std::string>, std::set<uint32_t>> places_;
    std::map<int, Positions> sentences_, paragraphs_;
};

std::vector<uint32_t> slots(
    const lede::ForwardReader &reader, const std::vector<std::string> &stems)
{
    std::vector<uint32_t> found(stems.size());
    for (size_t i = 0; i < stems.size(); i++)
        assert_true(reader.find_slot(lede::stem_hash(stems[i]), &found[i]));
    return found;
}

Positions find(
    lede::ForwardReader &reader, enum lede_field_id field, const std::vector<std::string> &stems)
{
    Positions found;
    assert_true(reader.find(field, slots(reader, stems), &found));
    return found;
}

/* As said of ForwardReader::has_phrase(): consecutive positions of which each has one of its word's
 * stems. */
bool has_phrase(const Model &model, enum lede_field_id field,
    const std::vector<std::vector<std::string>> &words)
{
    for (uint32_t first : model.places(field, words[0])) {
        size_t right = 1;
        while (right < words.size()) {
            Positions places = model.places(field, words[right]);
            if (!std::binary_search(places.begin(), places.end(), first + right))
                break;
            right++;
        }
        if (right == words.size())
            return true;
    }
    return false;
}

/* words  of some stems each, all of which the document has */
void assert_phrase_is_read(const Model &model, enum lede_field_id field,
    const std::vector<std::vector<std::string>> &words)
{
    lede::ForwardReader reader;
    std::string bytes = model.pack();
    assert_true(reader.open(bytes));
    std::vector<std::vector<uint32_t>> wanted;
    for (const auto &stems : words)
        wanted.push_back(slots(reader, stems));
    assert_false(reader.shares_positions());
    for (size_t anchor = 0; anchor < words.size(); anchor++)
        assert_int_equal(reader.has_phrase(field, wanted, anchor), has_phrase(model, field, words));
}

Positions starts(lede::ForwardReader &reader, enum lede_field_id field, enum lede::ForwardMark kind)
{
    Positions found;
    assert_true(reader.starts(field, kind, &found));
    return found;
}

/* every  look at each stem of so many */
void assert_is_read(const Model &model, size_t every = 1)
{
    lede::ForwardReader reader;
    std::string bytes = model.pack();
    assert_true(reader.open(bytes));
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        auto field = static_cast<enum lede_field_id>(id);
        size_t number = 0;
        const std::string *before = nullptr;
        for (const std::string &stem : model.stems()) {
            if (number++ % every != 0)
                continue;
            assert_true(find(reader, field, {stem}) == model.places(field, {stem}));
            if (before)
                assert_true(
                    find(reader, field, {stem, *before}) == model.places(field, {stem, *before}));
            before = &stem;
        }
        for (enum lede::ForwardMark kind : {lede::FORWARD_SENTENCE, lede::FORWARD_PARAGRAPH})
            assert_true(starts(reader, field, kind) == model.starts(field, kind));
    }
}

std::string word(uint32_t number)
{
    return "w" + std::to_string(number);
}

void a_document_without_words_has_no_bytes(void **)
{
    assert_true(Model().pack().empty());
    lede::ForwardReader reader;
    assert_false(reader.open(std::string()));
}

void one_word_is_found(void **)
{
    Model model;
    model.add(LEDE_FIELD_TITLE, 1, "word");
    assert_is_read(model);
    assert_true(model.pack().size() <= 12);
}

void one_word_over_and_over_takes_no_bits(void **)
{
    Model model;
    for (uint32_t i = 1; i <= 5000; i++)
        model.add(LEDE_FIELD_BODY, i, "again");
    assert_is_read(model);
    assert_true(model.pack().size() <= 16);
}

/* So many that their number is not believed without bytes that show it. */
void one_word_a_hundred_thousand_times_is_read(void **)
{
    Model model;
    for (uint32_t position = 1; position <= 100000; position++)
        model.add(LEDE_FIELD_BODY, position, "flood");
    assert_is_read(model);
    assert_in_range(model.pack().size(), 100000 / 8, 100000 / 8 + 40);
}

/* One bucket, one field, no marks; two bytes of displacements. */
void more_words_than_the_bytes_can_hold_are_refused(void **)
{
    std::string bytes(1, '\0');
    for (uint32_t number : {1U, 1U, uint32_t(LEDE_FIELD_BODY) << 1, UINT32_C(1) << 31, 0U, 0U, 2U})
        lede::append_uint(bytes, number);
    bytes += std::string("\0\1", 2);
    lede::ForwardReader reader;
    assert_false(reader.open(bytes));
}

void fields_share_stems_and_have_positions_of_their_own(void **)
{
    Model model;
    model.add(LEDE_FIELD_TITLE, 1, "crude");
    model.add(LEDE_FIELD_TITLE, 2, "oil");
    model.add(LEDE_FIELD_BODY, 1, "oil");
    model.add(LEDE_FIELD_BODY, 2, "crude");
    model.add(LEDE_FIELD_BODY, 3, "oil");
    assert_is_read(model);
}

void items_of_a_list_leave_gaps(void **)
{
    Model model;
    for (uint32_t item = 0; item < 256; item++)
        for (uint32_t i = 1; i <= 1 + item % 3; i++)
            model.add(LEDE_FIELD_TAGS, item * 103 + i, word(item % 7 + i),
                i == 1 && item > 0 ? lede::FORWARD_SENTENCE | lede::FORWARD_PARAGRAPH : 0);
    assert_is_read(model);
}

void several_words_may_stand_at_one_position(void **)
{
    Model model;
    for (uint32_t position : {1U, 1U, 1U, 2U, 2U, 7U, 8U, 8U})
        model.add(LEDE_FIELD_BODY, position,
            word(position % 3 + static_cast<uint32_t>(model.stems().size() % 4)));
    model.add(LEDE_FIELD_BODY, 8, "twice");
    model.add(LEDE_FIELD_BODY, 8, "twice");
    assert_is_read(model);
}

void positions_may_be_as_large_as_may_be(void **)
{
    Model model;
    model.add(LEDE_FIELD_BODY, 1, "first");
    model.add(LEDE_FIELD_BODY, UINT32_MAX - 1, "last");
    model.add(LEDE_FIELD_BODY, UINT32_MAX, "first", lede::FORWARD_PARAGRAPH);
    assert_is_read(model);
}

void marks_of_each_kind_are_told_apart(void **)
{
    Model model;
    for (uint32_t i = 1; i <= 400; i++)
        model.add(LEDE_FIELD_BODY, i, word(i % 90), i > 1 && i % 5 == 0 ? 1 + i / 5 % 3 : 0);
    assert_is_read(model);
}

/* Each width of a number, and its borders. */
void any_number_of_stems_is_found(void **)
{
    for (uint32_t stems = 1; stems <= 600; stems += stems < 300 ? 1 : 37) {
        Model model;
        for (uint32_t i = 1; i <= stems; i++)
            model.add(LEDE_FIELD_BODY, i, word(i));
        for (uint32_t i = stems + 1; i <= 2 * stems; i++)
            model.add(LEDE_FIELD_BODY, i, word(i % (stems / 2 + 1)));
        assert_is_read(model, stems > 100 ? 17 : 1);
    }
}

void a_hundred_thousand_words_are_found(void **)
{
    Random random(7);
    Model model;
    for (uint32_t i = 1; i <= 100000; i++)
        model.add(
            LEDE_FIELD_BODY, i, word(random.below(1 + random.below(70000))), random.below(20) == 0);
    assert_is_read(model, 499);
}

/* A sixth of what Xapian's table takes. */
void news_takes_less_than_twelve_bits_a_word(void **)
{
    Random random(3);
    Model model;
    for (uint32_t i = 1; i <= 330; i++)
        model.add(LEDE_FIELD_BODY, i, word(random.below(1 + random.below(500))), i % 20 == 0);
    assert_in_range(model.pack().size(), 200, 330 * 12 / 8);
}

void make_random(Random &random, Model *model)
{
    uint32_t stems = 1 + random.below(1 + random.below(700));
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        uint32_t position = 0;
        for (uint32_t left = random.below(3) == 0 ? random.below(400) : 0; left > 0; left--) {
            uint32_t chance = random.below(40);
            position += chance == 0 ? 1 + random.below(200) : chance == 1 && position > 0 ? 0 : 1;
            model->add(static_cast<enum lede_field_id>(id), position, word(random.below(stems)),
                random.below(15) == 0 ? random.below(4) : 0);
        }
    }
}

void generated_documents_are_read_as_written(void **)
{
    print_message("# seeds 1 to 300\n");
    for (uint64_t seed = 1; seed <= 300; seed++) {
        Random random(seed);
        Model model;
        make_random(random, &model);
        if (!model.stems().empty())
            assert_is_read(model, 11);
    }
}

/* Everything that a reader may ask, of bytes that may be anything; a sanitizer sees what is read
 * beyond them. */
void read_all(const std::string &bytes)
{
    lede::ForwardReader reader;
    bool is_right = reader.open(bytes);
    for (int id = 0; id < LEDE_FIELD_COUNT && is_right; id++) {
        auto field = static_cast<enum lede_field_id>(id);
        Positions found;
        for (uint32_t i = 0; i < 20 && is_right; i++) {
            uint32_t slot = 0;
            is_right = reader.find_slot(lede::stem_hash(word(i)), &slot) &&
                       reader.find(field, {slot}, &found);
            if (is_right)
                (void)reader.has_phrase(field, {{slot, slot + 1}, {slot}, {0}}, i % 3);
        }
        is_right = is_right && reader.starts(field, lede::FORWARD_SENTENCE, &found);
    }
}

void a_phrase_is_words_in_a_row(void **)
{
    Model model;
    uint32_t position = 0;
    for (const char *stem : {"bank", "of", "japan", "a", "bank", "japan"})
        model.add(LEDE_FIELD_BODY, ++position, stem);
    model.add(LEDE_FIELD_BODY, position + 2, "of"); /* a gap: not side by side */
    model.add(LEDE_FIELD_TITLE, 1, "japan");
    lede::ForwardReader reader;
    std::string bytes = model.pack();
    assert_true(reader.open(bytes));
    assert_false(reader.shares_positions());
    auto has = [&](enum lede_field_id field, const std::vector<std::string> &stems, size_t anchor) {
        std::vector<std::vector<uint32_t>> words;
        for (const std::string &stem : stems)
            words.push_back(slots(reader, {stem}));
        return reader.has_phrase(field, words, anchor);
    };
    for (size_t anchor = 0; anchor < 3; anchor++)
        assert_true(has(LEDE_FIELD_BODY, {"bank", "of", "japan"}, anchor));
    for (size_t anchor = 0; anchor < 2; anchor++) {
        assert_true(has(LEDE_FIELD_BODY, {"bank", "japan"}, anchor));
        assert_false(has(LEDE_FIELD_BODY, {"japan", "of"}, anchor));
        assert_false(has(LEDE_FIELD_TITLE, {"bank", "japan"}, anchor));
    }
    assert_true(has(LEDE_FIELD_TITLE, {"japan"}, 0));
}

void generated_phrases_are_found_as_they_stand(void **)
{
    size_t there = 0, not_there = 0;
    print_message("# seeds 1 to 200\n");
    for (uint64_t seed = 1; seed <= 200; seed++) {
        Random random(seed);
        Model model;
        uint32_t stems = 1 + random.below(1 + random.below(500)), position = 0;
        for (uint32_t left = 20 + random.below(400); left > 0; left--) {
            position += random.below(30) == 0 ? 1 + random.below(5) : 1;
            model.add(LEDE_FIELD_BODY, position, word(random.below(stems)));
        }
        std::vector<std::string> known(model.stems().begin(), model.stems().end());
        auto any = [&] { return known[random.below(static_cast<uint32_t>(known.size()))]; };
        for (unsigned i = 0; i < 20; i++) {
            std::vector<std::vector<std::string>> words(1 + random.below(3));
            for (auto &one : words)
                one = random.below(3) == 0 ? std::vector<std::string>{any(), any()}
                                           : std::vector<std::string>{any()};
            assert_phrase_is_read(model, LEDE_FIELD_BODY, words);
            (has_phrase(model, LEDE_FIELD_BODY, words) ? there : not_there)++;
        }
    }
    assert_true(there > 300 && not_there > 300);
}

void the_first_starts_are_enough_where_no_more_are_asked_for(void **)
{
    Model model;
    for (uint32_t i = 1; i <= 60; i++)
        model.add(LEDE_FIELD_BODY, i, word(i), i % 10 == 1 && i > 1 ? lede::FORWARD_PARAGRAPH : 0);
    lede::ForwardReader reader;
    std::string bytes = model.pack();
    assert_true(reader.open(bytes));
    Positions found = {7};
    assert_true(reader.starts(LEDE_FIELD_BODY, lede::FORWARD_PARAGRAPH, &found, 2));
    assert_true(found == Positions({7, 11, 21}));
}

void damaged_bytes_do_no_harm(void **)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        Random random(seed);
        Model model;
        make_random(random, &model);
        std::string whole = model.pack();
        for (size_t size = 0; size < whole.size(); size += 1 + whole.size() / 50) {
            lede::ForwardReader reader;
            assert_false(reader.open(whole.substr(0, size)));
        }
        for (unsigned i = 0; i < 200 && !whole.empty(); i++) {
            std::string damaged = whole;
            size_t within = i % 2 ? damaged.size() : std::min<size_t>(damaged.size(), 12);
            for (uint32_t k = random.below(4); k < 4; k++)
                damaged[random.below(static_cast<uint32_t>(within))] =
                    static_cast<char>(random.below(256));
            read_all(damaged);
        }
    }
}

void marks_beyond_the_words_are_refused(void **)
{
    Model model;
    for (uint32_t i = 1; i <= 40; i++)
        model.add(LEDE_FIELD_BODY, i, "w", i == 33 ? lede::FORWARD_SENTENCE : 0);
    std::string bytes = model.pack();
    size_t words = bytes.find(static_cast<char>(40)); /* the field's number of words */
    assert_true(words != std::string::npos);
    bytes[words] = 20;
    lede::ForwardReader reader;
    Positions found;
    uint32_t slot = 0;
    assert_true(reader.open(bytes));
    assert_false(reader.starts(LEDE_FIELD_BODY, lede::FORWARD_SENTENCE, &found));
    assert_false(reader.find_slot(lede::stem_hash("w"), &slot));
    assert_false(reader.find(LEDE_FIELD_BODY, {0}, &found));
}

void stems_of_one_hash_cannot_be_told_apart(void **)
{
    lede::PerfectHash hash;
    assert_true(hash.build({1, 2, 3}));
    assert_false(hash.build({1, 2, 3, 2}));
}

} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_without_words_has_no_bytes),
        cmocka_unit_test(one_word_is_found),
        cmocka_unit_test(one_word_over_and_over_takes_no_bits),
        cmocka_unit_test(one_word_a_hundred_thousand_times_is_read),
        cmocka_unit_test(more_words_than_the_bytes_can_hold_are_refused),
        cmocka_unit_test(fields_share_stems_and_have_positions_of_their_own),
        cmocka_unit_test(items_of_a_list_leave_gaps),
        cmocka_unit_test(several_words_may_stand_at_one_position),
        cmocka_unit_test(positions_may_be_as_large_as_may_be),
        cmocka_unit_test(marks_of_each_kind_are_told_apart),
        cmocka_unit_test(any_number_of_stems_is_found),
        cmocka_unit_test(a_hundred_thousand_words_are_found),
        cmocka_unit_test(news_takes_less_than_twelve_bits_a_word),
        cmocka_unit_test(generated_documents_are_read_as_written),
        cmocka_unit_test(a_phrase_is_words_in_a_row),
        cmocka_unit_test(generated_phrases_are_found_as_they_stand),
        cmocka_unit_test(the_first_starts_are_enough_where_no_more_are_asked_for),
        cmocka_unit_test(damaged_bytes_do_no_harm),
        cmocka_unit_test(marks_beyond_the_words_are_refused),
        cmocka_unit_test(stems_of_one_hash_cannot_be_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
