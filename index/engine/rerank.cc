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
constexpr double WEIGHT_MIN = 0.7;   /* of a word that half of the documents have: such pairs say nothing */
constexpr double NEARNESS = 1.0;     /* of its weight, what a pair adds at distance 1 */

bool is_plain(const struct lede_query_node *node)
{
    return node->kind == LEDE_QUERY_WORD && !node->lead;
}

} // namespace

Nearness::Nearness(struct lede_index *index, const struct lede_query_node *root) : index_(index)
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
    double documents = index_->document_count;
    double found = 0;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        for (size_t i = 0;
             (leaf->fields & LEDE_FIELD_BIT(id)) && field->prefix && i < leaf->words[0].stem_count; i++)
            found = std::max(
                found, static_cast<double>(
                           index_->fact(field->prefix + std::string(leaf->words[0].stems[i])).documents));
    }
    return std::log(1 + (documents - found + 0.5) / (found + 0.5)) * leaf->weight;
}

/* Neighbours share words: each is read once a document. */
size_t Nearness::add_word(const struct lede_query_node *leaf)
{
    for (size_t i = 0; i < words_.size(); i++) {
        if (words_[i].leaf == leaf)
            return i;
    }
    Word word = {leaf, {}};
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        Positions positions;
        for (size_t i = 0;
             (leaf->fields & LEDE_FIELD_BIT(id)) && field->prefix && i < leaf->words[0].stem_count; i++) {
            std::string term = field->prefix + std::string(leaf->words[0].stems[i]);
            if (index_->fact(term).documents > 0)
                positions.terms.push_back(term);
        }
        word.fields.push_back(std::move(positions));
    }
    words_.push_back(std::move(word));
    return words_.size() - 1;
}

void Nearness::add_pair(const struct lede_query_node *a, const struct lede_query_node *b)
{
    double weight = NEARNESS * std::min(frequency_weight(a), frequency_weight(b));
    if (weight >= WEIGHT_MIN)
        pairs_.push_back({add_word(a), add_word(b), weight});
}

/* Once a document: neighbours share words. */
const std::vector<Xapian::termpos> &Nearness::read(Xapian::docid docid, size_t word, size_t field)
{
    Positions &positions = words_[word].fields[field];
    if (positions.docid == docid)
        return positions.found;
    positions.docid = docid;
    positions.found.clear();
    for (const std::string &term : positions.terms)
        positions.found.insert(positions.found.end(), index_->combined.positionlist_begin(docid, term),
            index_->combined.positionlist_end(docid, term));
    if (positions.terms.size() > 1)
        std::sort(positions.found.begin(), positions.found.end());
    return positions.found;
}

namespace
{

/* The other way round counts as one farther. */
unsigned distance(const std::vector<Xapian::termpos> &left, const std::vector<Xapian::termpos> &right)
{
    unsigned best = UINT_MAX;
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

} // namespace

/* UINT_MAX: they stand together in no field. A field that has no place of the one is not looked up for the other. */
unsigned Nearness::nearest(Xapian::docid docid, const Pair &pair)
{
    unsigned best = UINT_MAX;
    for (size_t field = 0; field < LEDE_FIELD_COUNT && best > 1; field++) {
        if (words_[pair.first].fields[field].terms.empty() || words_[pair.second].fields[field].terms.empty())
            continue;
        const std::vector<Xapian::termpos> &left = read(docid, pair.first, field);
        if (!left.empty())
            best = std::min(best, distance(left, read(docid, pair.second, field)));
    }
    return best;
}

double Nearness::score(Xapian::docid docid)
{
    double sum = 0;
    for (const Pair &pair : pairs_) {
        unsigned best = nearest(docid, pair);
        if (best <= DISTANCE_MAX)
            sum += pair.weight / (static_cast<double>(best) * best);
    }
    return sum;
}

double Nearness::most() const
{
    double sum = 0;
    for (const Pair &pair : pairs_)
        sum += pair.weight;
    return sum;
}

} // namespace lede
