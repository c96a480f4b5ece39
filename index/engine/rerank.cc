/* Positions are read for a hundred documents, whatever the query finds. */
#include "rerank.h"

#include "lede/schema.h"

#include <algorithm>
#include <climits>
#include <cmath>

namespace lede
{

namespace
{

constexpr size_t PAIRS_MAX = 16;
constexpr unsigned DISTANCE_MAX = 8; /* farther apart nothing is said by it */
constexpr double NEARNESS = 1.0;     /* of its weight, what a pair adds at distance 1 */

bool is_plain(const struct lede_query_node *node)
{
    return node->kind == LEDE_QUERY_WORD && !node->lead;
}

} // namespace

Nearness::Nearness(const Xapian::Database &database, const struct lede_query_node *root) : database_(database)
{
    if (root->kind == LEDE_QUERY_MAYBE)
        root = root->children[1];
    if (root->kind != LEDE_QUERY_AND && root->kind != LEDE_QUERY_OR)
        return;
    for (size_t i = 0; i + 1 < root->child_count && pairs_.size() < PAIRS_MAX; i++) {
        if (is_plain(root->children[i]) && is_plain(root->children[i + 1]))
            add_pair(root->children[i], root->children[i + 1]);
    }
}

double Nearness::frequency_weight(const struct lede_query_node *leaf) const
{
    double documents = database_.get_doccount();
    double found = 0;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        for (size_t i = 0;
             (leaf->fields & LEDE_FIELD_BIT(id)) && field->prefix && i < leaf->words[0].stem_count; i++)
            found = std::max(found, static_cast<double>(database_.get_termfreq(
                                        field->prefix + std::string(leaf->words[0].stems[i]))));
    }
    return std::log(1 + (documents - found + 0.5) / (found + 0.5)) * leaf->weight;
}

void Nearness::add_pair(const struct lede_query_node *a, const struct lede_query_node *b)
{
    Pair pair = {{}, NEARNESS * std::min(frequency_weight(a), frequency_weight(b))};
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if (!(a->fields & b->fields & LEDE_FIELD_BIT(id)) || !field->prefix)
            continue;
        auto terms_of = [&](const struct lede_query_node *leaf) {
            Word word;
            for (size_t i = 0; i < leaf->words[0].stem_count; i++) {
                std::string term = field->prefix + std::string(leaf->words[0].stems[i]);
                if (database_.term_exists(term))
                    word.terms.push_back(term);
            }
            return word;
        };
        pair.fields.emplace_back(terms_of(a), terms_of(b));
    }
    pairs_.push_back(std::move(pair));
}

std::vector<Xapian::termpos> Nearness::positions(Xapian::docid docid, const Word &word) const
{
    std::vector<Xapian::termpos> found;
    for (const std::string &term : word.terms)
        found.insert(
            found.end(), database_.positionlist_begin(docid, term), database_.positionlist_end(docid, term));
    if (word.terms.size() > 1)
        std::sort(found.begin(), found.end());
    return found;
}

/* The other way round counts as one farther. */
unsigned Nearness::distance(Xapian::docid docid, const Word &a, const Word &b) const
{
    unsigned best = UINT_MAX;
    std::vector<Xapian::termpos> left = positions(docid, a);
    if (left.empty())
        return best;
    std::vector<Xapian::termpos> right = positions(docid, b);
    for (Xapian::termpos position : left) {
        auto behind = std::upper_bound(right.begin(), right.end(), position);
        if (behind != right.end())
            best = std::min(best, *behind - position);
        auto before = std::lower_bound(right.begin(), right.end(), position);
        if (before != right.begin())
            best = std::min(best, position - *std::prev(before) + 1);
    }
    return best;
}

double Nearness::score(Xapian::docid docid) const
{
    double sum = 0;
    for (const Pair &pair : pairs_) {
        unsigned best = UINT_MAX;
        for (const auto &[a, b] : pair.fields)
            best = std::min(best, distance(docid, a, b));
        if (best <= DISTANCE_MAX)
            sum += pair.weight / (static_cast<double>(best) * best);
    }
    return sum;
}

} // namespace lede
