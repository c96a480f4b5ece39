/* The values that a filter field has in the archive, from the terms that stand for them. */
#include "deletions.h"
#include "guard.h"
#include "index.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace
{

/* A value too long for a term has a hash in its place; the value itself stands in the slot of any document
 * that has it. */
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
using TermCounts = std::unordered_map<std::string, uint32_t>;

/* How many deleted documents hold each term of the prefix. */
TermCounts count_deleted(const struct lede_index *index, const std::string &prefix)
{
    TermCounts counts;
    for (size_t i = 0; i < index->segments.size(); i++) {
        const struct lede_deleted &deleted = index->parts[i].deleted;
        if (deleted.count == 0)
            continue;
        for (Xapian::docid docid = lede::next_deleted(deleted, 1); docid < deleted.bit_count;
             docid = lede::next_deleted(deleted, docid + 1)) {
            Xapian::TermIterator term = index->segments[i].termlist_begin(docid);
            Xapian::TermIterator end = index->segments[i].termlist_end(docid);
            for (term.skip_to(prefix); term != end && (*term).compare(0, prefix.size(), prefix) == 0; ++term)
                counts[*term]++;
        }
    }
    return counts;
}

std::vector<ValueCount> read_values(
    const struct lede_index *index, const struct lede_field *field, bool with_deleted)
{
    const Xapian::Database &database = index->combined;
    std::string prefix = "F";
    prefix += field ? field->filter_letter : 'U';
    TermCounts deleted = with_deleted ? TermCounts() : count_deleted(index, prefix);
    std::vector<ValueCount> values;
    Xapian::TermIterator end = database.allterms_end(prefix);
    for (Xapian::TermIterator term = database.allterms_begin(prefix); term != end; ++term) {
        std::string name = *term;
        auto gone = deleted.find(name);
        uint32_t count = term.get_termfreq() - (gone == deleted.end() ? 0 : gone->second);
        if (count == 0)
            continue;
        std::string value = name.substr(prefix.size());
        if (field && field->slot != LEDE_SLOT_NONE && value[0] == HASH_MARK) {
            std::string whole = value_behind(database, field, name);
            value = whole.empty() ? value : whole;
        }
        values.emplace_back(std::move(value), count);
    }
    return values;
}

enum lede_status visit_values(struct lede_index *index, const struct lede_field *field, bool with_deleted,
    void (*visit)(void *context, const char *value, uint32_t count), void *context, struct lede_error *reterr)
{
    return lede::guarded(reterr, "listing values", [&] {
        if (index->segments.empty() || (field && !field->filter_letter))
            return LEDE_OK;
        std::vector<ValueCount> values = read_values(index, field, with_deleted);
        /* Terms come in order, but values that were hashed stand among the others by their hash. */
        if (!std::is_sorted(values.begin(), values.end()))
            std::sort(values.begin(), values.end());
        for (const ValueCount &value : values)
            visit(context, value.first.c_str(), value.second);
        return LEDE_OK;
    });
}

} // namespace

extern "C" enum lede_status lede_index_visit_values(struct lede_index *index, const struct lede_field *field,
    void (*visit)(void *context, const char *value, uint32_t count), void *context, struct lede_error *reterr)
{
    return visit_values(index, field, false, visit, context, reterr);
}

extern "C" enum lede_status lede_index_visit_values_kept(struct lede_index *index,
    const struct lede_field *field, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, struct lede_error *reterr)
{
    return visit_values(index, field, true, visit, context, reterr);
}
