/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that a filter field has in the archive, from the terms that stand for them. */
#include "index.h"
#include "reading.h"
#include "value_counts.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace
{

/* A value too long for a term has a hash in its place; the value itself stands in the slot of any
 * document that has it. */
std::string value_behind(
    const Xapian::Database &database, const struct lede_field *field, const std::string &term)
{
    Xapian::PostingIterator posting = database.postlist_begin(term);
    if (posting == database.postlist_end(term))
        return {};
    std::string joined = database.get_document(*posting).get_value(field->slot);
    std::string_view rest(joined);
    while (!rest.empty()) {
        size_t end = std::min(rest.find(LEDE_FACET_SEPARATOR), rest.size());
        char buffer[LEDE_SCHEMA_TERM_MAX + 1];
        size_t size = lede_schema_filter_term(field, rest.data(), end, buffer);
        if (term == std::string_view(buffer, size))
            return std::string(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

constexpr char HASH_MARK = '#';

using ValueCount = std::pair<std::string, uint32_t>;

/* How many deleted documents have each value, by its term. */
lede::TermCounts count_deleted(
    const struct lede_index *index, const struct lede_field *field, size_t max)
{
    lede::TermCounts counts;
    for (size_t i = 0; i < index->segments.size(); i++) {
        const lede::IndexPart &part = index->parts[i];
        if (lede::is_counted(field) && part.deleted_values) {
            for (const auto &one : part.deleted_values->by_term)
                counts[one.first] += one.second;
        } else {
            lede::count_terms(index->segments[i], lede::value_prefix(field), max,
                lede::deleted_since(part.deleted, {}), &counts);
        }
    }
    return counts;
}

/* ret_cut  whether there are more than are counted */
std::vector<ValueCount> read_values(const struct lede_index *index, const struct lede_field *field,
    bool with_deleted, bool *ret_cut)
{
    const Xapian::Database &database = index->combined;
    std::string prefix = lede::value_prefix(field);
    size_t left = lede::is_counted(field) && !with_deleted ? LEDE_VALUES_COUNTED_MAX : SIZE_MAX;
    std::vector<ValueCount> values;
    Xapian::TermIterator term = database.allterms_begin(prefix);
    Xapian::TermIterator end = database.allterms_end(prefix);
    lede::TermCounts deleted =
        with_deleted || term == end ? lede::TermCounts() : count_deleted(index, field, left);
    for (; term != end && left > 0; left--) {
        std::string name = *term;
        uint32_t count = term.get_termfreq();
        lede::next_term(term, name);
        auto gone = deleted.find(name);
        count -= std::min(count, gone == deleted.end() ? 0 : gone->second);
        if (count == 0)
            continue;
        std::string value = name.substr(prefix.size());
        if (field && field->slot != LEDE_SLOT_NONE && value[0] == HASH_MARK) {
            std::string whole = value_behind(database, field, name);
            value = whole.empty() ? value : whole;
        }
        values.emplace_back(std::move(value), count);
    }
    *ret_cut = term != end;
    return values;
}

enum lede_status visit_values(struct lede_index *index, const struct lede_field *field,
    bool with_deleted, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, bool *ret_cut, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "listing values", [&] {
        bool cut = false;
        std::vector<ValueCount> values;
        if (!index->segments.empty() && (!field || field->filter_letter))
            values = read_values(index, field, with_deleted, &cut);
        /* Terms come in order, but values that were hashed stand among the others by their hash. */
        if (!std::is_sorted(values.begin(), values.end()))
            std::sort(values.begin(), values.end());
        for (const ValueCount &value : values)
            visit(context, value.first.c_str(), value.second);
        if (ret_cut)
            *ret_cut = cut;
        return LEDE_OK;
    });
}

} // namespace

extern "C" enum lede_status lede_index_visit_values(struct lede_index *index,
    const struct lede_field *field, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, bool *ret_cut, struct lede_error *reterr)
{
    return visit_values(index, field, false, visit, context, ret_cut, reterr);
}

extern "C" enum lede_status lede_index_visit_values_kept(struct lede_index *index,
    const struct lede_field *field, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, struct lede_error *reterr)
{
    return visit_values(index, field, true, visit, context, nullptr, reterr);
}
