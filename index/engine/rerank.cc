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

/* Neighbours share words: each is read once a document. */
size_t Nearness::add_word(const struct lede_query_node *leaf)
{
    for (size_t i = 0; i < words_.size(); i++) {
        if (words_[i].leaf == leaf)
            return i;
    }
    Word word = {leaf, {}, {}};
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        std::vector<std::string> terms;
        for (size_t i = 0;
             (leaf->fields & LEDE_FIELD_BIT(id)) && field->prefix && i < leaf->words[0].stem_count; i++) {
            std::string term = field->prefix + std::string(leaf->words[0].stems[i]);
            if (database_.term_exists(term))
                terms.push_back(term);
        }
        word.terms.push_back(std::move(terms));
    }
    word.positions.resize(word.terms.size());
    words_.push_back(std::move(word));
    return words_.size() - 1;
}

void Nearness::add_pair(const struct lede_query_node *a, const struct lede_query_node *b)
{
    double weight = NEARNESS * std::min(frequency_weight(a), frequency_weight(b));
    if (weight >= WEIGHT_MIN)
        pairs_.push_back({add_word(a), add_word(b), weight});
}

void Nearness::read_positions(Xapian::docid docid, Word *word) const
{
    for (size_t field = 0; field < word->terms.size(); field++) {
        std::vector<Xapian::termpos> &found = word->positions[field];
        found.clear();
        for (const std::string &term : word->terms[field])
            found.insert(found.end(), database_.positionlist_begin(docid, term),
                database_.positionlist_end(docid, term));
        if (word->terms[field].size() > 1)
            std::sort(found.begin(), found.end());
    }
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

double Nearness::score(Xapian::docid docid)
{
    double sum = 0;
    for (Word &word : words_)
        read_positions(docid, &word);
    for (const Pair &pair : pairs_) {
        unsigned best = UINT_MAX;
        for (size_t field = 0; field < LEDE_FIELD_COUNT; field++)
            best = std::min(
                best, distance(words_[pair.first].positions[field], words_[pair.second].positions[field]));
        if (best <= DISTANCE_MAX)
            sum += pair.weight / (static_cast<double>(best) * best);
    }
    return sum;
}

} // namespace lede
