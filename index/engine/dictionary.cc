#include "dictionary.h"

#include <algorithm>

namespace lede
{

namespace
{

/* Fields' prefixes are capitals, and words have none: among the words of the field without a prefix stand those of all others. */
constexpr char BEHIND_CAPITALS = 'Z' + 1;

bool is_of_other_field(const std::string &term, size_t lead_size)
{
    return term.size() > lead_size && term[lead_size] >= 'A' && term[lead_size] <= 'Z';
}

/* The first character of UTF-8. */
std::string first_character(const std::string &text)
{
    size_t size = text.empty() ? 0 : 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
        size++;
    return text.substr(0, size);
}

bool begins_with(std::string_view word, std::string_view literal)
{
    return word.substr(0, literal.size()) == literal;
}

} // namespace

std::string_view Dictionary::Group::at(size_t index) const
{
    size_t start = index == 0 ? 0 : words[index - 1].end;
    return std::string_view(bytes).substr(start, words[index].end - start);
}

size_t Dictionary::Group::cost() const
{
    return bytes.capacity() + words.capacity() * sizeof(Word);
}

void Dictionary::refresh(const std::vector<uint64_t> &revisions)
{
    segments_.resize(revisions.size());
    revisions_.resize(revisions.size(), 0);
    bytes_ = 0;
    for (size_t i = 0; i < revisions.size(); i++) {
        if (revisions_[i] != revisions[i])
            segments_[i].clear();
        revisions_[i] = revisions[i];
        for (const auto &group : segments_[i])
            bytes_ += group.second.cost();
    }
}

bool Dictionary::walk(const Xapian::Database &segment, const std::string &lead, const std::string &literal,
    Deadline *deadline, const Visit &visit)
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
        if (deadline->has_passed() || !visit(std::string_view(name).substr(lead.size()), term.get_termfreq()))
            return false;
        ++term;
    }
    return true;
}

bool Dictionary::visit_group(const Group &group, const std::string &literal, const Visit &visit)
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
    const std::string &literal, Deadline *deadline, const Visit &visit)
{
    Groups &groups = segments_[number];
    std::string first = first_character(literal);
    auto known = groups.find({lead, std::string()});
    if (known == groups.end())
        known = groups.find({lead, first});
    if (known != groups.end())
        return visit_group(known->second, literal, [&](std::string_view word, Xapian::doccount documents) {
            return !deadline->has_passed() && visit(word, documents);
        });
    if (literal != first || bytes_ >= DICTIONARY_BYTES_MAX)
        return walk(segment, lead, literal, deadline, visit);
    Group group;
    bool ended =
        !walk(segment, lead, literal, deadline, [&](std::string_view word, Xapian::doccount documents) {
            group.bytes.append(word);
            group.words.push_back({static_cast<uint32_t>(group.bytes.size()), documents});
            return visit(word, documents);
        });
    if (!ended && bytes_ + group.cost() <= DICTIONARY_BYTES_MAX) {
        bytes_ += group.cost();
        groups.emplace(std::make_pair(lead, first), std::move(group));
    }
    return !ended;
}

} // namespace lede
