/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dictionary.h"
#include "lede/encoding.h"

#include <algorithm>
#include <mutex>
#include <tuple>

namespace lede
{

namespace
{

/* Fields' prefixes are capitals, and words have none: among the words of the field without a prefix
 * stand those of all others. */
constexpr char BEHIND_CAPITALS = 'Z' + 1;

bool is_of_other_field(const std::string &term, size_t lead_size)
{
    return term.size() > lead_size && term[lead_size] >= 'A' && term[lead_size] <= 'Z';
}

/* The first character of UTF-8. */
std::string first_character(const std::string &text)
{
    size_t size = text.empty() ? 0 : 1;
    while (size < text.size() && lede_utf8_continues(text[size]))
        size++;
    return text.substr(0, size);
}

bool begins_with(std::string_view word, std::string_view literal)
{
    return word.substr(0, literal.size()) == literal;
}

/* Groups of segments that some reader of the process holds. */
class SharedGroups
{
  public:
    using Key = std::tuple<std::string, uint64_t, std::string,
        std::string>; /* uuid, revision, lead, first character */

    static SharedGroups &instance()
    {
        static SharedGroups groups;
        return groups;
    }

    std::shared_ptr<const WordGroup> find(const Key &key)
    {
        std::lock_guard<std::mutex> hold(mutex_);
        auto known = groups_.find(key);
        return known == groups_.end() ? nullptr : known->second.lock();
    }

    /* Returns the group that holds from now on: another reader's, if one has walked meanwhile. */
    std::shared_ptr<const WordGroup> add(const Key &key, std::shared_ptr<const WordGroup> group)
    {
        std::lock_guard<std::mutex> hold(mutex_);
        for (auto known = groups_.begin(); known != groups_.end();)
            known = known->second.expired() ? groups_.erase(known) : std::next(known);
        std::weak_ptr<const WordGroup> &place = groups_[key];
        if (std::shared_ptr<const WordGroup> earlier = place.lock())
            return earlier;
        place = group;
        return group;
    }

  private:
    std::mutex mutex_;
    std::map<Key, std::weak_ptr<const WordGroup>> groups_;
};

} // namespace

std::string_view WordGroup::at(size_t index) const
{
    size_t start = index == 0 ? 0 : words[index - 1].end;
    return std::string_view(bytes).substr(start, words[index].end - start);
}

size_t WordGroup::cost() const
{
    return bytes.capacity() + words.capacity() * sizeof(Word);
}

void Dictionary::open(std::vector<SegmentState> segments)
{
    segments_ = std::move(segments);
    groups_.assign(segments_.size(), {});
    for (const SegmentState &segment : segments_)
        sealed_name_ += segment.uuid + ' ' + std::to_string(segment.revision) + ' ';
}

void Dictionary::inherit(const Dictionary &earlier)
{
    for (size_t i = 0; i < segments_.size(); i++) {
        auto same = std::find_if(
            earlier.segments_.begin(), earlier.segments_.end(), [&](const SegmentState &candidate) {
                return candidate.uuid == segments_[i].uuid &&
                       candidate.revision == segments_[i].revision;
            });
        if (same == earlier.segments_.end())
            continue;
        for (const auto &group :
            earlier.groups_[static_cast<size_t>(same - earlier.segments_.begin())]) {
            if (groups_[i].insert(group).second)
                bytes_ += group.second->cost();
        }
    }
}

const WordGroup *Dictionary::find(size_t number, const std::string &lead, const std::string &first)
{
    auto known = groups_[number].find({lead, first});
    if (known != groups_[number].end())
        return known->second.get();
    const SegmentState &segment = segments_[number];
    std::shared_ptr<const WordGroup> shared =
        SharedGroups::instance().find({segment.uuid, segment.revision, lead, first});
    if (!shared || bytes_ + shared->cost() > DICTIONARY_BYTES_MAX)
        return nullptr;
    bytes_ += shared->cost();
    return groups_[number]
        .emplace(std::make_pair(lead, first), std::move(shared))
        .first->second.get();
}

void Dictionary::keep(size_t number, const std::string &lead, const std::string &first,
    std::shared_ptr<const WordGroup> group)
{
    const SegmentState &segment = segments_[number];
    if (bytes_ + group->cost() > DICTIONARY_BYTES_MAX)
        return;
    group = SharedGroups::instance().add(
        {segment.uuid, segment.revision, lead, first}, std::move(group));
    bytes_ += group->cost();
    groups_[number].emplace(std::make_pair(lead, first), std::move(group));
}

bool Dictionary::walk(const Xapian::Database &segment, const std::string &lead,
    const std::string &literal, struct lede_deadline *deadline, const Visit &visit)
{
    std::string start = lead + literal;
    Xapian::TermIterator end = segment.allterms_end(start);
    Xapian::TermIterator term = segment.allterms_begin(start);
    while (term != end) {
        std::string name = *term;
        if (is_of_other_field(name, lead.size())) {
            term.skip_to(lead + BEHIND_CAPITALS);
            continue;
        }
        if (lede_deadline_has_passed(deadline) ||
            !visit(std::string_view(name).substr(lead.size()), term.get_termfreq()))
            return false;
        ++term;
    }
    return true;
}

bool Dictionary::visit_group(const WordGroup &group, const std::string &literal, const Visit &visit)
{
    size_t low = 0, high = group.words.size();
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (group.at(middle) < literal)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < group.words.size() && begins_with(group.at(low), literal); low++) {
        if (!visit(group.at(low), group.words[low].documents))
            return false;
    }
    return true;
}

bool Dictionary::visit(size_t number, const Xapian::Database &segment, const std::string &lead,
    const std::string &literal, struct lede_deadline *deadline, const Visit &visit)
{
    std::string first = first_character(literal);
    const WordGroup *known = find(number, lead, std::string());
    if (!known)
        known = find(number, lead, first);
    if (known)
        return visit_group(*known, literal, [&](std::string_view word, Xapian::doccount documents) {
            return !lede_deadline_has_passed(deadline) && visit(word, documents);
        });
    if (literal != first || bytes_ >= DICTIONARY_BYTES_MAX)
        return walk(segment, lead, literal, deadline, visit);
    auto group = std::make_shared<WordGroup>();
    bool went_on = walk(
        segment, lead, literal, deadline, [&](std::string_view word, Xapian::doccount documents) {
            group->bytes.append(word);
            group->words.push_back({static_cast<uint32_t>(group->bytes.size()), documents});
            return visit(word, documents);
        });
    if (went_on)
        keep(number, lead, first, std::move(group));
    return went_on;
}

} // namespace lede
