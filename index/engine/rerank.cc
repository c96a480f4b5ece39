/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Positions are read for a hundred documents, whatever the query finds. */
#include "rerank.h"

#include "lede/schema.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <memory>
#include <numeric>

namespace lede
{

namespace
{

constexpr size_t PAIRS_MAX = 16;
constexpr unsigned DISTANCE_MAX = 8; /* farther apart nothing is said by it */
/* of a word that half of the documents have: such pairs say nothing */
constexpr double WEIGHT_MIN = 0.7;
constexpr double NEARNESS = 1.0; /* of its weight, what a pair adds at distance 1 */

bool is_plain(const struct lede_query_node *node)
{
    return node->kind == LEDE_QUERY_WORD && !node->lead;
}

} // namespace

Nearness::Nearness(struct lede_index *index, const struct lede_query_node *root) : index_(index)
{
    if (root->kind == LEDE_QUERY_MAYBE)
        root = root->children[1];
    root_ = root;
    if (root->kind != LEDE_QUERY_AND && root->kind != LEDE_QUERY_OR)
        return;
    for (size_t i = 0; i + 1 < root->child_count && pairs_.size() < PAIRS_MAX; i++) {
        if (is_plain(root->children[i]) && is_plain(root->children[i + 1]))
            add_pair(root->children[i], root->children[i + 1]);
    }
}

double Nearness::frequency_weight(const struct lede_query_node *leaf) const
{
    double documents = index_->document_count;
    double found = 0;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        for (size_t i = 0;
             (leaf->fields & LEDE_FIELD_BIT(id)) && field->prefix && i < leaf->words[0].stem_count;
             i++)
            found = std::max(found,
                static_cast<double>(
                    index_->fact(field->prefix + std::string(leaf->words[0].stems[i])).documents));
    }
    return std::log(1 + (documents - found + 0.5) / (found + 0.5)) * leaf->weight;
}

void Nearness::add_pair(const struct lede_query_node *a, const struct lede_query_node *b)
{
    double weight = NEARNESS * std::min(frequency_weight(a), frequency_weight(b));
    if (weight >= WEIGHT_MIN)
        pairs_.push_back({a, b, weight});
}

namespace
{

/* The other way round counts as one farther. */
unsigned distance(struct lede_positions left, struct lede_positions right)
{
    unsigned best = UINT_MAX;
    const uint32_t *end = right.items + right.count;
    for (size_t i = 0; i < left.count; i++) {
        uint32_t position = left.items[i];
        const uint32_t *behind = std::upper_bound(right.items, end, position);
        if (behind != end)
            best = std::min(best, *behind - position);
        const uint32_t *before = std::lower_bound(right.items, end, position);
        if (before != right.items)
            best = std::min(best, position - before[-1] + 1);
    }
    return best;
}

} // namespace

/* UINT_MAX: they stand together in no field. A field that has no place of the one is not looked up
 * for the other. */
unsigned Nearness::nearest(PlaceReader &places, Xapian::docid docid, const Pair &pair) const
{
    unsigned best = UINT_MAX;
    lede_field_set both = pair.first->fields & pair.second->fields;
    for (int id = 0; id < LEDE_FIELD_COUNT && best > 1; id++) {
        auto field = static_cast<enum lede_field_id>(id);
        if (!(both & LEDE_FIELD_BIT(id)) || !places.has_word(pair.first, field, docid) ||
            !places.has_word(pair.second, field, docid))
            continue;
        (void)places.text_of(field, docid, PlaceReader::PROVEN);
        best = std::min(best,
            distance(places.positions_of(pair.first, 0), places.positions_of(pair.second, 0)));
    }
    return best;
}

double Nearness::score(PlaceReader &places, Xapian::docid docid) const
{
    double sum = 0;
    for (const Pair &pair : pairs_) {
        unsigned best = nearest(places, docid, pair);
        if (best <= DISTANCE_MAX)
            sum += pair.weight / (static_cast<double>(best) * best);
    }
    return sum;
}

/* Each segment is read forwards. */
std::vector<double> Nearness::scores(
    const std::vector<Xapian::docid> &documents, Deadline *deadline)
{
    std::vector<double> scores(documents.size(), 0);
    std::vector<size_t> order(documents.size());
    auto segments = static_cast<Xapian::docid>(index_->segments.size());
    auto segment_of = [&](size_t i) { return (documents[i] - 1) % segments; };
    std::iota(order.begin(), order.end(), size_t(0));
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        return segment_of(a) != segment_of(b) ? segment_of(a) < segment_of(b)
                                              : documents[a] < documents[b];
    });
    std::unique_ptr<PlaceReader> places;
    for (size_t i = 0; i < order.size() && !deadline->has_passed_now(); i++) {
        Xapian::docid segment = segment_of(order[i]);
        if (i == 0 || segment != segment_of(order[i - 1]))
            places = std::make_unique<PlaceReader>(index_->segments[segment], index_->forward_files,
                root_, index_->text_analyzer(), deadline);
        scores[order[i]] = score(*places, (documents[order[i]] - 1) / segments + 1);
    }
    return scores;
}

double Nearness::most() const
{
    double sum = 0;
    for (const Pair &pair : pairs_)
        sum += pair.weight;
    return sum;
}

} // namespace lede
