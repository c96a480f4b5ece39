/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bare_tree.h"

#include "expand.h"
#include "index.h"

#include "lede/schema.h"
#include "lede/time.h"

#include <set>
#include <string>
#include <vector>

namespace bench
{

namespace
{

using Xapian::Query;

Query join(Query::op op, const std::vector<Query> &queries)
{
    return queries.empty() ? Query() : Query(op, queries.begin(), queries.end());
}

std::vector<const struct lede_field *> text_fields(lede_field_set fields)
{
    std::vector<const struct lede_field *> found;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if ((fields & LEDE_FIELD_BIT(id)) && field->prefix)
            found.push_back(field);
    }
    return found;
}

class BareTree
{
  public:
    explicit BareTree(struct lede_index *index) : index_(index)
    {
    }

    Query node(const struct lede_query_node *node)
    {
        switch (node->kind) {
        case LEDE_QUERY_ALL:
            return Query(std::string());
        case LEDE_QUERY_WORD:
            return word(node);
        case LEDE_QUERY_EXACT:
            return written(node, '=');
        case LEDE_QUERY_CAPS:
            return written(node, LEDE_TERM_CAPS);
        case LEDE_QUERY_PHRASE:
            return phrase(node);
        case LEDE_QUERY_PREFIX:
        case LEDE_QUERY_WILDCARD:
        case LEDE_QUERY_FUZZY:
            return pattern(node);
        case LEDE_QUERY_NOT:
            return Query(Query::OP_AND_NOT, Query(std::string()), this->node(node->children[0]));
        case LEDE_QUERY_OR:
            return join(Query::OP_OR, children(node));
        case LEDE_QUERY_MAYBE:
            return join(Query::OP_AND_MAYBE, children(node));
        case LEDE_QUERY_DATES:
            return dates(node);
        case LEDE_QUERY_LENGTH:
            return length(node);
        case LEDE_QUERY_AND:
            return conjunction(node);
        default:
            return proximity(node);
        }
    }

  private:
    std::vector<Query> children(const struct lede_query_node *parent)
    {
        std::vector<Query> queries;
        for (size_t i = 0; i < parent->child_count; i++)
            queries.push_back(node(parent->children[i]));
        return queries;
    }

    Query conjunction(const struct lede_query_node *parent)
    {
        std::vector<Query> wanted, unwanted;
        for (size_t i = 0; i < parent->child_count; i++) {
            const struct lede_query_node *child = parent->children[i];
            bool excludes = child->kind == LEDE_QUERY_NOT;
            (excludes ? unwanted : wanted).push_back(node(excludes ? child->children[0] : child));
        }
        Query matching = wanted.empty() ? Query(std::string()) : join(Query::OP_AND, wanted);
        return unwanted.empty() ? matching
                                : Query(Query::OP_AND_NOT, matching, join(Query::OP_OR, unwanted));
    }

    std::vector<Query> stems(
        const struct lede_query_word &word, const struct lede_field *field) const
    {
        std::vector<Query> terms;
        for (size_t i = 0; i < word.stem_count; i++) {
            std::string term = std::string(field->prefix) + word.stems[i];
            if (index_->combined.term_exists(term))
                terms.emplace_back(term);
        }
        return terms;
    }

    Query word(const struct lede_query_node *leaf) const
    {
        std::vector<Query> terms;
        for (const struct lede_field *field : text_fields(leaf->fields))
            for (const Query &stem : stems(leaf->words[0], field))
                terms.push_back(stem);
        return join(Query::OP_SYNONYM, terms);
    }

    Query written(const struct lede_query_node *leaf, char mark) const
    {
        std::vector<Query> terms;
        for (const struct lede_field *field : text_fields(leaf->fields))
            terms.emplace_back(mark + (field->prefix + std::string(leaf->words[0].word)));
        return join(Query::OP_OR, terms);
    }

    Query phrase(const struct lede_query_node *leaf) const
    {
        std::vector<Query> fields;
        for (const struct lede_field *field : text_fields(leaf->fields)) {
            std::vector<Query> words;
            for (size_t i = 0; i < leaf->word_count; i++)
                words.push_back(join(Query::OP_OR, stems(leaf->words[i], field)));
            fields.push_back(join(Query::OP_PHRASE, words));
        }
        return join(Query::OP_OR, fields);
    }

    Query pattern(const struct lede_query_node *leaf) const
    {
        std::vector<Query> words;
        struct lede_deadline none = {};
        for (const struct lede_field *field : text_fields(leaf->fields))
            for (const std::string &term : lede::expand(index_->segments, index_->dictionary,
                     std::string("=") + field->prefix, leaf, &none)
                                               .terms)
                words.emplace_back(term);
        return Query(0.0, join(Query::OP_OR, words));
    }

    /* False: no word, and no OR of words. */
    bool collect(const struct lede_query_node *operand, const struct lede_field *field,
        std::vector<Query> *terms, std::set<std::string> *seen) const
    {
        for (size_t i = 0; operand->kind == LEDE_QUERY_OR && i < operand->child_count; i++)
            if (!collect(operand->children[i], field, terms, seen))
                return false;
        if (operand->kind == LEDE_QUERY_OR)
            return true;
        if (operand->kind != LEDE_QUERY_WORD)
            return false;
        for (const Query &stem : stems(operand->words[0], field)) {
            if (!seen->insert(stem.get_description()).second)
                return false;
            terms->push_back(stem);
        }
        return true;
    }

    Query near(
        const struct lede_query_node *node, const struct lede_field *field, bool *possible) const
    {
        std::vector<Query> operands;
        std::set<std::string> seen;
        for (size_t i = 0; i < node->child_count; i++) {
            std::vector<Query> terms;
            *possible = *possible && collect(node->children[i], field, &terms, &seen);
            operands.push_back(join(Query::OP_OR, terms));
        }
        Query::op op = node->kind == LEDE_QUERY_NEAR ? Query::OP_NEAR : Query::OP_PHRASE;
        return *possible ? Query(op, operands.begin(), operands.end(), node->number + 1) : Query();
    }

    Query proximity(const struct lede_query_node *node)
    {
        bool possible = node->kind == LEDE_QUERY_NEAR || node->kind == LEDE_QUERY_ADJACENT;
        std::vector<Query> fields;
        for (const struct lede_field *field : text_fields(node->fields))
            if (possible)
                fields.push_back(near(node, field, &possible));
        return possible ? join(Query::OP_OR, fields) : join(Query::OP_AND, children(node));
    }

    static Query dates(const struct lede_query_node *node)
    {
        unsigned char first[5], last[5];
        lede_schema_encode_time(
            node->first_utc_s == LEDE_TIME_NONE ? LEDE_TIME_MIN_UTC_S : node->first_utc_s, first);
        lede_schema_encode_time(
            node->last_utc_s == LEDE_TIME_NONE ? LEDE_TIME_MAX_UTC_S : node->last_utc_s, last);
        return Query(Query::OP_VALUE_RANGE, LEDE_SLOT_PUBLISHED,
            std::string(reinterpret_cast<char *>(first), sizeof(first)),
            std::string(reinterpret_cast<char *>(last), sizeof(last)));
    }

    static Query length(const struct lede_query_node *node)
    {
        std::string bounds[2];
        for (int shift = 24; shift >= 0; shift -= 8) {
            bounds[0] += static_cast<char>(node->first_words >> shift & 0xFF);
            bounds[1] += static_cast<char>(node->last_words >> shift & 0xFF);
        }
        return Query(Query::OP_VALUE_RANGE, LEDE_SLOT_LENGTH, bounds[0], bounds[1]);
    }

    struct lede_index *index_;
};

} // namespace

Xapian::Query bare_tree(struct lede_index *index, const struct lede_query_node *root)
{
    return BareTree(index).node(root);
}

} // namespace bench
