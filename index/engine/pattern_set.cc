/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pattern_set.h"

#include "expand.h"
#include "lede/number.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace lede
{

namespace
{

/* Kept by one reader. */
constexpr size_t SETS_MAX = 32;
constexpr size_t SETS_BYTES_MAX = 16 << 20;

constexpr unsigned BITS = 64;

/* Returns false where the deadline ended it. */
bool add_list(const Xapian::Database &segment, const std::string &term,
    struct lede_deadline *deadline, Bitmap *bitmap)
{
    if (lede_deadline_has_passed_now(deadline))
        return false;
    Xapian::PostingIterator end = segment.postlist_end(term);
    for (Xapian::PostingIterator posting = segment.postlist_begin(term); posting != end;
         ++posting) {
        if (*posting / BITS >= bitmap->bits.size())
            throw Xapian::DatabaseCorruptError("a list has documents that its segment has not");
        bitmap->bits[*posting / BITS] |= UINT64_C(1) << (*posting % BITS);
        if (lede_deadline_has_passed(deadline))
            return false;
    }
    return true;
}

Bitmap empty_bitmap(const Xapian::Database &segment)
{
    Bitmap bitmap;
    bitmap.bits.resize(segment.get_lastdocid() / BITS + 1, 0);
    return bitmap;
}

void count_bits(Bitmap *bitmap)
{
    for (uint64_t word : bitmap->bits)
        bitmap->count += static_cast<Xapian::doccount>(__builtin_popcountll(word));
}

bool is_worth_keeping(const PatternSet &set)
{
    return set.is_whole && !set.scan_ended && set.cost() <= SETS_BYTES_MAX;
}

std::shared_ptr<PatternSet> read_set(const std::vector<Xapian::Database> &segments,
    Dictionary &dictionary, const struct lede_query_node *leaf, lede_field_set fields,
    const struct lede_pattern_choice *choices, struct lede_deadline *deadline)
{
    auto set = std::make_shared<PatternSet>();
    for (const Xapian::Database &segment : segments) {
        set->segments.push_back(empty_bitmap(segment));
    }
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if (!(fields & LEDE_FIELD_BIT(id)) || !field->prefix)
            continue;
        PatternWords words =
            expand(segments, dictionary, LEDE_TERM_WORD + std::string(field->prefix), leaf,
                choices ? &choices[id] : nullptr, deadline);
        for (size_t i = 0; i < set->segments.size(); i++)
            for (uint32_t word : words.in_segments[i])
                set->is_whole = set->is_whole && add_list(segments[i], words.terms[word], deadline,
                                                     &set->segments[i]);
        set->terms.insert(set->terms.end(), words.terms.begin(), words.terms.end());
        set->scan_ended = set->scan_ended || words.scan_ended;
        if (words.left_out > set->left_out || set->used == 0) {
            set->used = words.used;
            set->left_out = words.left_out;
        }
    }
    for (Bitmap &bitmap : set->segments)
        count_bits(&bitmap);
    return set;
}

/* Nothing where nobody has chosen; words hold no control characters. */
std::string name_of_choices(const struct lede_pattern_choice *choices)
{
    std::string words;
    for (int id = 0; choices && id < LEDE_FIELD_COUNT; id++) {
        for (size_t i = 0; choices[id].words && i < choices[id].count; i++)
            words += std::to_string(id) + '\x1f' + choices[id].words[i] + '\x1f';
    }
    return words.empty() ? words : '\x1f' + std::to_string(lede_hash64(words.data(), words.size()));
}

/* Sets of views whose segments are all sealed, that some reader of the process holds: by the
 * segments' name and the pattern's. */
class SharedSets
{
  public:
    static SharedSets &instance()
    {
        static SharedSets sets;
        return sets;
    }

    std::shared_ptr<const PatternSet> find(const std::string &name)
    {
        std::lock_guard<std::mutex> hold(mutex_);
        auto known = sets_.find(name);
        return known == sets_.end() ? nullptr : known->second.lock();
    }

    void add(const std::string &name, const std::shared_ptr<const PatternSet> &set)
    {
        std::lock_guard<std::mutex> hold(mutex_);
        for (auto known = sets_.begin(); known != sets_.end();)
            known = known->second.expired() ? sets_.erase(known) : std::next(known);
        sets_[name] = set;
    }

  private:
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<const PatternSet>> sets_;
};

/* Another reader's set, or one that is read now. */
std::shared_ptr<const PatternSet> find_or_read(const std::vector<Xapian::Database> &segments,
    Dictionary &dictionary, const std::string &key, const struct lede_query_node *leaf,
    lede_field_set fields, const struct lede_pattern_choice *choices,
    struct lede_deadline *deadline)
{
    const std::string &name = dictionary.sealed_name();
    std::shared_ptr<const PatternSet> set = SharedSets::instance().find(name + key);
    if (set)
        return set;
    set = read_set(segments, dictionary, leaf, fields, choices, deadline);
    if (is_worth_keeping(*set))
        SharedSets::instance().add(name + key, set);
    return set;
}

} // namespace

Xapian::doccount PatternSet::count() const
{
    Xapian::doccount sum = 0;
    for (const Bitmap &segment : segments)
        sum += segment.count;
    return sum;
}

size_t PatternSet::cost() const
{
    size_t bytes = 0;
    for (const Bitmap &segment : segments)
        bytes += segment.bits.size() * sizeof(uint64_t);
    for (const std::string &term : terms)
        bytes += sizeof(term) + term.size();
    return bytes;
}

std::shared_ptr<const PatternSet> PatternSets::find(const std::vector<Xapian::Database> &segments,
    Dictionary &dictionary, const struct lede_query_node *leaf, lede_field_set fields,
    const struct lede_pattern_choice *choices, struct lede_deadline *deadline)
{
    std::string key = std::to_string(leaf->kind) + ' ' + std::to_string(leaf->number) + ' ' +
                      std::to_string(fields) + ' ' +
                      std::string(leaf->words[0].word, leaf->words[0].word_size) +
                      name_of_choices(choices);
    for (auto known = known_.begin(); known != known_.end(); ++known) {
        if (known->key != key)
            continue;
        known_.splice(known_.begin(), known_, known);
        return known->set;
    }
    std::shared_ptr<const PatternSet> set =
        find_or_read(segments, dictionary, key, leaf, fields, choices, deadline);
    if (!is_worth_keeping(*set))
        return set;
    known_.push_front({std::move(key), set});
    bytes_ += set->cost();
    while (known_.size() > SETS_MAX || bytes_ > SETS_BYTES_MAX) {
        bytes_ -= known_.back().set->cost();
        known_.pop_back();
    }
    return set;
}

} // namespace lede
