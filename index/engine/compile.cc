/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each kind of node has one function here. A query that cannot match is the empty Xapian::Query(),
 * and Xapian's operators treat it as false; every document is Xapian::Query(std::string()), made
 * anew each time: the constant MatchAll is shared by threads. */
#include "compile.h"

#include "deleted_source.h"
#include "proximity.h"
#include "ranking.h"
#include "term_source.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace lede
{

namespace
{

using Xapian::Query;

/* What a pattern adds to a score. The words it stands for have no frequencies in the document (wdf
 * 0), so that BM25 gives nothing. */
constexpr double PATTERN_SCORE = 0.5;
constexpr uint64_t POSITIONS_COST = 20; /* comparing positions, in postings read */
/* a function word of this part of the documents is weak */
constexpr Xapian::doccount WEAK_SHARE = 20;
constexpr uint64_t TEXT_COST = 1000; /* reading a stored text */

Query all_documents()
{
    return Query(std::string());
}

Query any_of(const std::vector<Query> &queries)
{
    return queries.empty() ? Query() : Query(Query::OP_OR, queries.begin(), queries.end());
}

Query scaled(const Query &query, double weight)
{
    return query.empty() || weight == 1.0 ? query : Query(weight, query);
}

Query weightless(const Query &query)
{
    return scaled(query, 0.0);
}

Query without(const Query &query, const Query &excluded)
{
    return query.empty() || excluded.empty() ? query : Query(Query::OP_AND_NOT, query, excluded);
}

std::string encode_moment(int64_t utc_s)
{
    int64_t clamped = std::min(std::max(utc_s, LEDE_TIME_MIN_UTC_S), LEDE_TIME_MAX_UTC_S);
    unsigned char moment[5];
    lede_schema_encode_time(clamped, moment);
    return std::string(reinterpret_cast<const char *>(moment), sizeof(moment));
}

/* Both included; LEDE_TIME_NONE: open. A document without the value is in no range. */
Query moments_between(uint32_t slot, int64_t first_utc_s, int64_t last_utc_s)
{
    int64_t first = first_utc_s == LEDE_TIME_NONE ? LEDE_TIME_MIN_UTC_S : first_utc_s;
    int64_t last = last_utc_s == LEDE_TIME_NONE ? LEDE_TIME_MAX_UTC_S : last_utc_s;
    if (first > last || first > LEDE_TIME_MAX_UTC_S || last < LEDE_TIME_MIN_UTC_S)
        return Query();
    return Query(Query::OP_VALUE_RANGE, slot, encode_moment(first), encode_moment(last));
}

class Compiler
{
  public:
    Compiler(struct lede_index *index, Deadline *deadline, bool scored)
        : index_(index), deadline_(deadline), scored_(scored)
    {
    }

    Query compile(const struct lede_query_node *node)
    {
        return scaled(compile_kind(node), node->weight);
    }

    /* The parts that sum up to what compile() scores; `weight` is that of the groups around. */
    void collect(
        const struct lede_query_node *node, double weight, std::vector<CompiledClause> *clauses)
    {
        weight *= node->weight;
        bool is_group = node->kind == LEDE_QUERY_AND || node->kind == LEDE_QUERY_OR ||
                        node->kind == LEDE_QUERY_MAYBE;
        if (node->kind == LEDE_QUERY_NOT || node->kind == LEDE_QUERY_ALL)
            return;
        if (!is_group) {
            clauses->push_back({node, scaled(compile_kind(node), weight)});
            return;
        }
        bool all_weak = node->kind != LEDE_QUERY_OR || are_weak(node);
        for (size_t i = 0; i < node->child_count; i++) {
            const struct lede_query_node *child = node->children[i];
            if (!all_weak && is_weak(child))
                clauses->push_back({child, weightless(compile_unscored(child))});
            else
                collect(child, weight, clauses);
        }
    }

    Query filter(const struct lede_filter &filter, bool exclude) const
    {
        const char *const *values = exclude ? filter.none : filter.any;
        size_t count = exclude ? filter.none_count : filter.any_count;
        std::vector<Query> terms;
        for (size_t i = 0; i < count; i++) {
            char buffer[LEDE_SCHEMA_TERM_MAX + 1];
            size_t size =
                lede_schema_filter_term(filter.field, values[i], strlen(values[i]), buffer);
            terms.push_back(unweighted(std::string(buffer, size)));
        }
        return any_of(terms);
    }

    Query hidden(int64_t now_utc_s) const
    {
        std::vector<Query> reasons;
        if (documents_of(LEDE_TERM_STATUS_WITHHELD) > 0)
            reasons.push_back(unweighted(LEDE_TERM_STATUS_WITHHELD));
        if (documents_of(LEDE_TERM_CLOCK) > 0) {
            Query early =
                now_utc_s >= LEDE_TIME_MAX_UTC_S
                    ? Query()
                    : moments_between(LEDE_SLOT_EMBARGOED_UNTIL, now_utc_s + 1, LEDE_TIME_NONE);
            Query late = moments_between(LEDE_SLOT_EXPIRES, LEDE_TIME_MIN_UTC_S, now_utc_s);
            Query watched = unweighted(LEDE_TERM_CLOCK);
            reasons.push_back(Query(Query::OP_AND, watched, Query(Query::OP_OR, early, late)));
        }
        return any_of(reasons);
    }

    /* It holds a term that Xapian misreads where its weight is not asked for. */
    bool needs_weights() const
    {
        return needs_weights_;
    }

    const std::vector<struct lede_expansion_cut> &cuts() const
    {
        return cuts_;
    }

    /* `query`, until the deadline, unless it can be seen to end long before. */
    Query bounded(const Query &query) const
    {
        return deadline_->can_come_within(postings_) ? until_deadline(query, deadline_) : query;
    }

  private:
    /* What only excludes. Xapian 1.4.22 never tells the postings on the right of AND_NOT their
     * maximum weights, and those of AND_MAYBE then compare memory that was never set: documents are
     * lost. So nothing that serves the score alone may stand there. */
    Query compile_unscored(const struct lede_query_node *node)
    {
        bool scored = scored_;
        scored_ = false;
        Query query = compile(node);
        scored_ = scored;
        return query;
    }

    Query compile_kind(const struct lede_query_node *node)
    {
        switch (node->kind) {
        case LEDE_QUERY_ALL:
            return all();
        case LEDE_QUERY_DATES:
            return dates(node);
        case LEDE_QUERY_AND:
            return conjunction(node);
        case LEDE_QUERY_OR:
            return disjunction(node);
        case LEDE_QUERY_NOT:
            return without(all(), compile_unscored(node->children[0]));
        case LEDE_QUERY_MAYBE:
            return maybe(node);
        case LEDE_QUERY_LENGTH:
            return length(node);
        default:
            return lede_query_is_proximity(node->kind) ? proximity(node) : text_leaf(node);
        }
    }

    /* Of the body only the lead counts: positions tell. */
    Query text_leaf(const struct lede_query_node *leaf)
    {
        if (!leaf->lead)
            return leaf_in(leaf, leaf->fields);
        uint64_t before = postings_;
        phrases_as_words_ = true;
        Query query = leaf_in(leaf, leaf->fields);
        phrases_as_words_ = false;
        return verify(query, leaf, leaf->fields, before);
    }

    Query leaf_in(const struct lede_query_node *leaf, lede_field_set fields)
    {
        switch (leaf->kind) {
        case LEDE_QUERY_WORD:
            return scored_ ? word(leaf, fields) : per_field(leaf, fields, &Compiler::word_in);
        case LEDE_QUERY_EXACT:
        case LEDE_QUERY_CAPS:
            return per_field(leaf, fields, &Compiler::exact_in);
        case LEDE_QUERY_PHRASE:
            return per_field(leaf, fields, &Compiler::phrase_in);
        default:
            return pattern(leaf, fields);
        }
    }

    template <typename Visit> static void for_each_text_field(lede_field_set fields, Visit &&visit)
    {
        for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
            const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
            if ((fields & LEDE_FIELD_BIT(id)) && field->prefix)
                visit(field);
        }
    }

    Query per_field(const struct lede_query_node *node, lede_field_set in_fields,
        Query (Compiler::*in_field)(
            const struct lede_query_node *node, const struct lede_field *field))
    {
        std::vector<Query> fields;
        for_each_text_field(in_fields, [&](const struct lede_field *field) {
            Query query = (this->*in_field)(node, field);
            if (!query.empty())
                fields.push_back(scaled(query, field->weight));
        });
        return any_of(fields);
    }

    Xapian::doccount documents_of(const std::string &term) const
    {
        return index_->fact(term).documents;
    }

    /* What the match may have to read. Returns whether it is anything. */
    bool note_postings(uint64_t documents)
    {
        postings_ += documents;
        return documents > 0;
    }

    Query all()
    {
        note_postings(index_->document_count);
        return all_documents();
    }

    /* A term whose weight does not count. */
    Query unweighted(const std::string &term) const
    {
        return index_->fact(term).is_misread ? term_list(term) : Query(term);
    }

    /* The terms of a word in a field, as Xapian is to read them. */
    std::vector<Query> read_stems(
        const struct lede_query_word &word, const struct lede_field *field)
    {
        std::vector<Query> stems;
        for (size_t i = 0; i < word.stem_count; i++) {
            std::string term = std::string(field->prefix) + word.stems[i];
            if (!note_postings(documents_of(term)))
                continue;
            needs_weights_ = needs_weights_ || (scored_ && index_->fact(term).is_misread);
            stems.push_back(scored_ ? Query(term) : unweighted(term));
        }
        return stems;
    }

    Query any_stem(const std::vector<Query> &stems) const
    {
        if (stems.empty())
            return Query();
        return Query(scored_ ? Query::OP_SYNONYM : Query::OP_OR, stems.begin(), stems.end());
    }

    /* One word in several fields, and its stems in several languages, are one term to BM25, with
     * one frequency: summed field by field a word of the title alone would seem rare. (BM25F:
     * Robertson, Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields", 2004.) */
    Query word(const struct lede_query_node *leaf, lede_field_set fields)
    {
        std::vector<Query> terms;
        for_each_text_field(fields, [&](const struct lede_field *field) {
            for (Query &stem : read_stems(leaf->words[0], field))
                terms.push_back(stem);
        });
        return any_stem(terms);
    }

    Query word_in(const struct lede_query_node *node, const struct lede_field *field)
    {
        return any_stem(read_stems(node->words[0], field));
    }

    /* The word itself, or its capitals, decide; its stem, whose frequencies are known, gives the
     * score. */
    Query exact_in(const struct lede_query_node *node, const struct lede_field *field)
    {
        char mark = node->kind == LEDE_QUERY_CAPS ? LEDE_TERM_CAPS : '=';
        std::string term = mark + (field->prefix + std::string(node->words[0].word));
        if (!note_postings(documents_of(term)))
            return Query();
        if (!scored_)
            return unweighted(term);
        return Query(Query::OP_AND_MAYBE, weightless(unweighted(term)), word_in(node, field));
    }

    Query phrase_in(const struct lede_query_node *node, const struct lede_field *field)
    {
        uint64_t before = postings_;
        std::vector<Query> words;
        for (size_t i = 0; i < node->word_count; i++) {
            Query word = any_of(read_stems(node->words[i], field));
            if (word.empty())
                return Query();
            words.push_back(word);
        }
        Query all(Query::OP_AND, words.begin(), words.end());
        return phrases_as_words_ ? all : verify(all, node, LEDE_FIELD_BIT(field->id), before);
    }

    Query pattern(const struct lede_query_node *leaf, lede_field_set fields)
    {
        std::shared_ptr<const PatternSet> set = index_->pattern_sets.find(
            index_->segments, index_->dictionary, leaf, fields, deadline_);
        if (set->left_out > 0 || set->scan_ended)
            note_cut(leaf, *set);
        note_postings(set->count());
        return lede::documents_of(set, scored_ ? PATTERN_SCORE : 0, deadline_);
    }

    /* The fields may be asked for apart; that which left out most is told. */
    void note_cut(const struct lede_query_node *leaf, const PatternSet &set)
    {
        for (struct lede_expansion_cut &cut : cuts_) {
            if (cut.leaf != leaf)
                continue;
            cut.scan_ended = cut.scan_ended || set.scan_ended;
            if (set.left_out > cut.left_out) {
                cut.used = set.used;
                cut.left_out = set.left_out;
            }
            return;
        }
        cuts_.push_back({leaf, set.used, set.left_out, set.scan_ended});
    }

    /* ---- Proximity ---- */

    Query proximity(const struct lede_query_node *node)
    {
        uint64_t before = postings_;
        phrases_as_words_ = true;
        Query query = candidates(node, node->fields);
        phrases_as_words_ = false;
        return verify(query, node, node->fields, before);
    }

    /* Every document that may satisfy the node: all operands there, in its fields. It gives the
     * score, too. */
    Query candidates(const struct lede_query_node *node, lede_field_set fields)
    {
        std::vector<Query> operands;
        if (lede_query_is_text_leaf(node->kind))
            return scaled(leaf_in(node, node->fields & fields), node->weight);
        for (size_t i = 0; i < node->child_count; i++) {
            const struct lede_query_node *child = node->children[i];
            operands.push_back(
                candidates(child, fields & (child->fields ? child->fields : fields)));
        }
        if (node->kind == LEDE_QUERY_OR)
            return scaled(any_of(operands), node->weight);
        return scaled(Query(Query::OP_AND, operands.begin(), operands.end()), node->weight);
    }

    Query verify(const Query &query, const struct lede_query_node *node, lede_field_set fields,
        uint64_t postings_before)
    {
        postings_ +=
            (postings_ - postings_before) * (has_positions(node) ? POSITIONS_COST : TEXT_COST);
        return bounded(verified(
            query, node, fields, index_->forward_files, deadline_, index_->text_analyzer()));
    }

    static std::string encode_words(uint32_t words)
    {
        std::string bytes;
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes += static_cast<char>(words >> shift & 0xFF);
        return bytes;
    }

    Query length(const struct lede_query_node *node)
    {
        note_postings(index_->document_count);
        return Query(Query::OP_VALUE_RANGE, LEDE_SLOT_LENGTH, encode_words(node->first_words),
            encode_words(node->last_words));
    }

    Query dates(const struct lede_query_node *node)
    {
        std::vector<Query> ranges;
        note_postings(index_->document_count); /* values are compared one by one */
        for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
            const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
            if (!(node->fields & LEDE_FIELD_BIT(id)) || field->kind != LEDE_KIND_DATE)
                continue;
            ranges.push_back(moments_between(field->slot, node->first_utc_s, node->last_utc_s));
        }
        return any_of(ranges);
    }

    /* Children that must not match are taken away from what the others leave. */
    Query conjunction(const struct lede_query_node *node)
    {
        std::vector<Query> wanted;
        std::vector<Query> unwanted;
        for (size_t i = 0; i < node->child_count; i++) {
            const struct lede_query_node *child = node->children[i];
            if (child->kind == LEDE_QUERY_NOT)
                unwanted.push_back(compile_unscored(child->children[0]));
            else if (child->kind != LEDE_QUERY_ALL)
                wanted.push_back(compile(child));
        }
        Query matching =
            wanted.empty() ? all() : Query(Query::OP_AND, wanted.begin(), wanted.end());
        return without(matching, any_of(unwanted));
    }

    /* Beside other words a frequent function word finds documents, but says nothing of which is
     * better. */
    bool is_weak(const struct lede_query_node *node) const
    {
        if (node->kind != LEDE_QUERY_WORD ||
            !lede_word_is_function(node->words[0].word, node->words[0].word_size))
            return false;
        std::string word =
            std::string("=") + lede_field_at(LEDE_FIELD_BODY)->prefix + node->words[0].word;
        std::string title =
            std::string("=") + lede_field_at(LEDE_FIELD_TITLE)->prefix + node->words[0].word;
        return std::max(documents_of(word), documents_of(title)) >=
               index_->document_count / WEAK_SHARE;
    }

    bool are_weak(const struct lede_query_node *node) const
    {
        return std::all_of(node->children, node->children + node->child_count,
            [this](const struct lede_query_node *child) { return is_weak(child); });
    }

    Query disjunction(const struct lede_query_node *node)
    {
        std::vector<Query> children;
        bool all_weak = are_weak(node);
        for (size_t i = 0; i < node->child_count; i++) {
            const struct lede_query_node *child = node->children[i];
            bool weak = scored_ && !all_weak && is_weak(child);
            children.push_back(weak ? compile_unscored(child) : compile(child));
            if (weak)
                children.back() = weightless(children.back());
        }
        return any_of(children);
    }

    Query maybe(const struct lede_query_node *node)
    {
        Query wanted = compile(node->children[0]);
        if (!scored_)
            return wanted;
        Query raises = compile(node->children[1]);
        if (wanted.empty() || raises.empty())
            return wanted;
        return Query(Query::OP_AND_MAYBE, wanted, raises);
    }

    struct lede_index *index_;
    Deadline *deadline_;
    bool scored_;                   /* the score of what is being compiled counts */
    bool phrases_as_words_ = false; /* their positions are compared behind what is being compiled */
    bool needs_weights_ = false;
    std::vector<struct lede_expansion_cut> cuts_;
    uint64_t postings_ = 0; /* that the match may read, at most about */
};

/* unbounded: without a deadline, for what a NOT takes away would be found where time ran out. */
Query restricted(const Query &query, struct lede_index *index, const struct lede_query *restriction,
    Deadline *unbounded)
{
    if (!restriction || query.empty())
        return query;
    return Query(Query::OP_FILTER, query,
        Compiler(index, unbounded, false).compile(lede_query_root(restriction)));
}

} // namespace

CompiledSearch compile_search(
    struct lede_index *index, const struct lede_search &search, Deadline *deadline)
{
    Compiler compiler(index, deadline, search.sort == LEDE_SORT_RELEVANCE);
    Query query = compiler.compile(lede_query_root(search.query));
    for (size_t i = 0; i < search.filter_count; i++) {
        const struct lede_filter &filter = search.filters[i];
        if (filter.any_count > 0)
            query = Query(Query::OP_FILTER, query, compiler.filter(filter, false));
        query = without(query, compiler.filter(filter, true));
    }
    auto unbounded = std::make_unique<Deadline>();
    query = restricted(query, index, search.restriction, unbounded.get());
    if (search.after_utc_s != LEDE_TIME_NONE || search.before_utc_s != LEDE_TIME_NONE)
        query = Query(Query::OP_FILTER, query,
            moments_between(LEDE_SLOT_PUBLISHED, search.after_utc_s, search.before_utc_s));
    if (search.recency_half_life_s > 0 && search.sort == LEDE_SORT_RELEVANCE)
        query = prefer_recent(query, search.recency_half_life_s, search.now_utc_s);
    if (!search.with_hidden)
        query = without(query, compiler.hidden(search.now_utc_s));
    query = without_deleted(query, index);
    return {
        compiler.bounded(query), compiler.cuts(), compiler.needs_weights(), std::move(unbounded)};
}

std::vector<CompiledClause> compile_clauses(
    struct lede_index *index, const struct lede_query_node *root, Deadline *deadline)
{
    std::vector<CompiledClause> clauses;
    Compiler(index, deadline, true).collect(root, 1, &clauses);
    return clauses;
}

Query compile_unscored(struct lede_index *index, const struct lede_query_node *node,
    const struct lede_query *restriction, int64_t now_utc_s, Deadline *deadline)
{
    Compiler compiler(index, deadline, false);
    Query query = restricted(compiler.compile(node), index, restriction, deadline);
    return without_deleted(without(query, compiler.hidden(now_utc_s)), index);
}

} // namespace lede
