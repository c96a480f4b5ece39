/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders that compare strings, as Xapian's do, would read two values of every match and copy
 * them. */
#include "best_documents.h"

#include "ranked.h"
#include "story_key.h"

#include <algorithm>
#include <string>

namespace lede
{

namespace
{

constexpr size_t MOMENT_BYTES = 5;
constexpr size_t SINGLES_MIN = 1000;

} // namespace

struct BestDocuments::Place {
    BestDocument document;
    std::string id; /* "": it is equal to none */
};

BestDocuments::BestDocuments(const struct lede_search &search, size_t count)
    : sort_(search.sort),
      reads_moments_(sort_ != LEDE_SORT_RELEVANCE || !is_told_apart(lede_query_root(search.query))),
      count_(count), singles_max_(std::max(2 * count, SINGLES_MIN))
{
}

bool BestDocuments::comes_first(const BestDocument &a, const BestDocument &b) const
{
    return a.score != b.score ? a.score > b.score : a.moment > b.moment;
}

bool BestDocuments::place_comes_first(const Place &a, const Place &b) const
{
    if (comes_first(a.document, b.document) || comes_first(b.document, a.document))
        return comes_first(a.document, b.document);
    return sort_ == LEDE_SORT_NEWEST ? a.id > b.id : a.id < b.id;
}

/* One that is missing comes before all others. */
uint64_t BestDocuments::moment_of(const std::string &published) const
{
    uint64_t moment = 0;
    for (size_t i = 0; i < MOMENT_BYTES; i++)
        moment =
            moment << 8 | (i < published.size() ? static_cast<unsigned char>(published[i]) : 0);
    return sort_ == LEDE_SORT_OLDEST ? UINT64_MAX - moment : moment;
}

void BestDocuments::add(
    uint32_t value, Xapian::docid docid, const Xapian::Document &document, double score)
{
    if (sort_ != LEDE_SORT_RELEVANCE)
        score = 0;
    if (value != VALUE_NONE && value == groups_.size())
        groups_.emplace_back();
    const BestDocument &beaten = value == VALUE_NONE ? last_single_ : groups_[value].best;
    if (beaten.docid != 0 && score < beaten.score)
        return;
    uint64_t moment = reads_moments_ ? moment_of(document.get_value(LEDE_SLOT_PUBLISHED)) : 0;
    BestDocument one = {score, moment, docid, value};
    if (beaten.docid != 0 && comes_first(beaten, one))
        return;
    if (value == VALUE_NONE)
        add_single(one);
    else
        add_to_group(one);
}

void BestDocuments::add_to_group(const BestDocument &one)
{
    Group &group = groups_[one.value];
    if (group.best.docid != 0 && !comes_first(one, group.best)) {
        add_tied(&group, one.docid);
        return;
    }
    forget_tied(&group);
    group.best = one;
}

void BestDocuments::add_tied(Group *group, Xapian::docid docid)
{
    uint32_t place = free_tied_;
    if (place == TIED_NONE) {
        place = static_cast<uint32_t>(tied_.size());
        tied_.push_back({});
    } else {
        free_tied_ = tied_[place].before;
    }
    tied_[place] = {docid, group->tied};
    group->tied = place;
}

void BestDocuments::forget_tied(Group *group)
{
    while (group->tied != TIED_NONE) {
        uint32_t place = group->tied;
        group->tied = tied_[place].before;
        tied_[place].before = free_tied_;
        free_tied_ = place;
    }
}

void BestDocuments::add_single(const BestDocument &one)
{
    singles_.push_back(one);
    if (singles_.size() >= singles_max_)
        drop_singles();
}

void BestDocuments::drop_singles()
{
    auto last = singles_.begin() + static_cast<std::ptrdiff_t>(count_ - 1);
    std::nth_element(singles_.begin(), last, singles_.end(),
        [this](const BestDocument &a, const BestDocument &b) { return comes_first(a, b); });
    last_single_ = *last;
    singles_.erase(std::remove_if(singles_.begin(), singles_.end(),
                       [this](const BestDocument &one) { return comes_first(last_single_, one); }),
        singles_.end());
    singles_max_ = std::max(singles_max_, 2 * singles_.size());
}

/* What may be among the wanted, in no order; all that equal the last of these. */
std::vector<BestDocuments::Place> BestDocuments::candidates() const
{
    std::vector<BestDocument> bests(singles_);
    bests.reserve(singles_.size() + groups_.size());
    for (const Group &group : groups_)
        bests.push_back(group.best);
    auto end = bests.end();
    if (bests.size() > count_) {
        auto last = bests.begin() + static_cast<std::ptrdiff_t>(count_ - 1);
        auto better = [this](const BestDocument &a, const BestDocument &b) {
            return comes_first(a, b);
        };
        std::nth_element(bests.begin(), last, bests.end(), better);
        end = std::partition(last + 1, bests.end(),
            [&](const BestDocument &one) { return !comes_first(*last, one); });
    }
    std::vector<Place> places;
    for (auto best = bests.begin(); best != end; ++best) {
        places.push_back({*best, {}});
        if (best->value == VALUE_NONE)
            continue;
        for (uint32_t tied = groups_[best->value].tied; tied != TIED_NONE;
             tied = tied_[tied].before)
            places.push_back({{best->score, best->moment, tied_[tied].docid, best->value}, {}});
    }
    return places;
}

/* Moments, where they were not read, and ids of equal ones; each segment is read forwards. */
void BestDocuments::read_tied(
    std::vector<Place> *places, const struct lede_index *index, Deadline *deadline) const
{
    auto segments = static_cast<Xapian::docid>(index->segments.size());
    std::vector<Place *> tied;
    for (size_t i = 0; i < places->size(); i++) {
        Place *place = &(*places)[i];
        bool as_before = i > 0 && !comes_first(place[-1].document, place->document);
        bool as_behind = i + 1 < places->size() && !comes_first(place->document, place[1].document);
        if (as_before || as_behind)
            tied.push_back(place);
    }
    std::sort(tied.begin(), tied.end(), [segments](const Place *a, const Place *b) {
        Xapian::docid left = a->document.docid - 1, right = b->document.docid - 1;
        return left % segments != right % segments ? left % segments < right % segments
                                                   : left < right;
    });
    Xapian::docid opened = segments;
    Xapian::ValueIterator published, id;
    for (Place *place : tied) {
        if (deadline->has_passed())
            break;
        Xapian::docid segment = (place->document.docid - 1) % segments;
        Xapian::docid docid = (place->document.docid - 1) / segments + 1;
        if (segment != opened) {
            published = index->segments[segment].valuestream_begin(LEDE_SLOT_PUBLISHED);
            id = index->segments[segment].valuestream_begin(LEDE_SLOT_ID);
            opened = segment;
        }
        if (!reads_moments_)
            place->document.moment = moment_of(value_at(published, docid));
        place->id = value_at(id, docid);
    }
}

std::vector<BestDocument> BestDocuments::first(
    const struct lede_index *index, Deadline *deadline) const
{
    std::vector<Place> places = candidates();
    auto better = [this](const Place &a, const Place &b) { return place_comes_first(a, b); };
    std::sort(places.begin(), places.end(), better);
    read_tied(&places, index, deadline);
    std::sort(places.begin(), places.end(), better);
    std::vector<bool> is_shown(groups_.size(), false);
    std::vector<BestDocument> first;
    for (const Place &place : places) {
        uint32_t value = place.document.value;
        if (first.size() == count_)
            break;
        if (value != VALUE_NONE && is_shown[value])
            continue;
        if (value != VALUE_NONE)
            is_shown[value] = true;
        first.push_back(place.document);
    }
    return first;
}

} // namespace lede
