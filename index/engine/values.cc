/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that a filter field has in the archive, from the terms that stand for them. */
#include "deletions.h"
#include "entry.h"
#include "index.h"
#include "reading.h"
#include "stored_text.h"
#include "story_key.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
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
using TermCounts = std::unordered_map<std::string, uint32_t>;

/* What of a field's values the deleted documents of a segment have: each says its own once. */
void count_slot(const Xapian::Database &segment, const struct lede_deleted &deleted,
    const struct lede_field *field, TermCounts *counts)
{
    Xapian::ValueIterator values = segment.valuestream_begin(field->slot);
    for (Xapian::docid docid = lede::next_deleted(deleted, 1); docid < deleted.bit_count;
         docid = lede::next_deleted(deleted, docid + 1)) {
        std::string joined = lede::value_at(values, docid);
        std::string_view rest(joined);
        while (!rest.empty()) {
            size_t end = std::min(rest.find(LEDE_FACET_SEPARATOR), rest.size());
            char term[LEDE_SCHEMA_TERM_MAX + 1];
            size_t size = lede_schema_filter_term(field, rest.data(), end, term);
            (*counts)[std::string(term, size)]++;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
}

/* A document's unknown keys; two may have one term. */
struct UnknownKeys {
    std::set<std::string> terms;
    bool failed = false;

    /* Called from C, which no exception may cross. */
    static void add(void *raw, const char *key) noexcept
    {
        auto *keys = static_cast<UnknownKeys *>(raw);
        try {
            keys->terms.insert(lede::unknown_key_term(key));
        } catch (...) {
            keys->failed = true;
        }
    }
};

/* The same of unknown keys, which stand in no slot. */
void count_unknown_keys(
    const Xapian::Database &segment, const struct lede_deleted &deleted, TermCounts *counts)
{
    for (Xapian::docid docid = lede::next_deleted(deleted, 1); docid < deleted.bit_count;
         docid = lede::next_deleted(deleted, docid + 1)) {
        std::string stored = lede::stored_text(segment, docid);
        struct lede_document *document = nullptr;
        enum lede_status status =
            lede_document_from_stored(stored.data(), stored.size(), &document, nullptr);
        if (status == LEDE_ECORRUPT)
            throw Xapian::DatabaseCorruptError("a stored document cannot be read");
        UnknownKeys keys;
        if (status == LEDE_OK)
            lede_document_visit_unknown_keys(document, UnknownKeys::add, &keys);
        lede_document_free(document);
        if (status != LEDE_OK || keys.failed)
            throw std::bad_alloc();
        for (const std::string &term : keys.terms)
            (*counts)[term]++;
    }
}

/* How many deleted documents have each value, by its term. */
TermCounts count_deleted(const struct lede_index *index, const struct lede_field *field)
{
    TermCounts counts;
    for (size_t i = 0; i < index->segments.size(); i++) {
        const struct lede_deleted &deleted = index->parts[i].deleted;
        if (deleted.count == 0)
            continue;
        if (field)
            count_slot(index->segments[i], deleted, field, &counts);
        else
            count_unknown_keys(index->segments[i], deleted, &counts);
    }
    return counts;
}

std::vector<ValueCount> read_values(
    const struct lede_index *index, const struct lede_field *field, bool with_deleted)
{
    const Xapian::Database &database = index->combined;
    std::string prefix = "F";
    prefix += field ? field->filter_letter : 'U';
    std::vector<ValueCount> values;
    Xapian::TermIterator term = database.allterms_begin(prefix);
    Xapian::TermIterator end = database.allterms_end(prefix);
    /* Unknown keys, which few archives have, cost a look at each deleted document's text. */
    TermCounts deleted = with_deleted || term == end ? TermCounts() : count_deleted(index, field);
    for (; term != end; ++term) {
        std::string name = *term;
        auto gone = deleted.find(name);
        uint32_t count = term.get_termfreq();
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
    return values;
}

enum lede_status visit_values(struct lede_index *index, const struct lede_field *field,
    bool with_deleted, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "listing values", [&] {
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

extern "C" enum lede_status lede_index_visit_values(struct lede_index *index,
    const struct lede_field *field, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, struct lede_error *reterr)
{
    return visit_values(index, field, false, visit, context, reterr);
}

extern "C" enum lede_status lede_index_visit_values_kept(struct lede_index *index,
    const struct lede_field *field, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, struct lede_error *reterr)
{
    return visit_values(index, field, true, visit, context, reterr);
}
