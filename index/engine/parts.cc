/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a matcher reads of an index. Each function borrows the handle that it needs, unless all are
 * borrowed already. */
#include "arena.h"
#include "expand.h"
#include "index.h"
#include "older_terms.h"
#include "reading.h"
#include "stored_text.h"

#include <cstdlib>
#include <cstring>
#include <string_view>

struct lede_pattern_set {
    std::shared_ptr<const lede::PatternSet> set;
    std::vector<const uint64_t *> bits; /* by part */
};

namespace
{

/* Run a body with a handle on one part. */
template <typename Body>
enum lede_status reading_part(struct lede_index *index, size_t part, struct lede_error *reterr,
    const char *what, Body &&body) noexcept
{
    return lede::guarded(reterr, what, [&] {
        if (!index->segments.empty())
            return body(index->segments[part]);
        lede::Segments one = {index->opened[part]};
        lede::Handles handle = index->pool->lend(one);
        enum lede_status status = lede::guarded(reterr, what, [&] { return body(handle[0]); });
        index->pool->give_back(one, std::move(handle), status == LEDE_OK);
        return status;
    });
}

enum lede_status fail_document(struct lede_error *reterr, Xapian::docid docid)
{
    return lede_fail(
        reterr, LEDE_ECORRUPT, "a list leads to document %u, which its segment has not", docid);
}

template <typename Make>
void *keep(std::mutex *mutex, std::shared_ptr<void> *kept, Make &&make, void (*free_kept)(void *))
{
    std::lock_guard<std::mutex> hold(*mutex);
    if (!*kept) {
        void *made = make();
        try {
            if (made)
                kept->reset(made, free_kept);
        } catch (const std::bad_alloc &) { /* reset() has freed it */
        }
    }
    return kept->get();
}

} // namespace

extern "C" size_t lede_index_part_count(const struct lede_index *index)
{
    return index->opened.size();
}

extern "C" struct lede_index_part lede_index_part_at(const struct lede_index *index, size_t part)
{
    const lede::Segment &segment = *index->opened[part];
    return {
        segment.documents, segment.last_document, segment.total_length, index->parts[part].deleted};
}

extern "C" void *lede_index_keep(
    struct lede_index *index, void *(*make)(size_t kept_bytes), void (*free_kept)(void *kept))
{
    lede::SegmentPool &pool = *index->pool;
    return keep(
        &pool.kept_mutex, &pool.kept, [&] { return make(pool.kept_bytes); }, free_kept);
}

extern "C" void *lede_index_keep_of_part(struct lede_index *index, size_t part,
    void *(*make)(void *context), void (*free_kept)(void *kept), void *context)
{
    lede::Segment &segment = *index->opened[part];
    return keep(
        &segment.kept_mutex, &segment.kept, [&] { return make(context); }, free_kept);
}

extern "C" enum lede_status lede_index_borrow(struct lede_index *index, struct lede_error *reterr)
{
    return lede::guarded(reterr, "opening the segments", [&] {
        if (index->borrowed == 0)
            index->loan = std::make_shared<lede::IndexLoan>(index);
        index->borrowed++;
        return LEDE_OK;
    });
}

extern "C" void lede_index_give_back(struct lede_index *index, bool is_well)
{
    index->is_loan_well = index->is_loan_well && is_well;
    if (--index->borrowed > 0)
        return;
    if (index->is_loan_well)
        index->loan->end_well();
    index->loan.reset();
    index->is_loan_well = true;
}

extern "C" void lede_postings_done(struct lede_postings *postings)
{
    free(postings->items);
    *postings = {};
}

extern "C" enum lede_status lede_index_read_postings(struct lede_index *index, size_t part,
    const char *term, size_t size, struct lede_postings *ret_postings, struct lede_error *reterr)
{
    ret_postings->count = 0;
    if (size > LEDE_SCHEMA_TERM_MAX)
        return LEDE_OK;
    return reading_part(
        index, part, reterr, "reading postings", [&](const Xapian::Database &segment) {
            lede::Segment &opened = *index->opened[part];
            uint32_t last = opened.last_document, before = 0;
            enum lede_status status = LEDE_OK;
            auto begin = [&](uint32_t count) {
                if (count > last)
                    throw lede::DamagedError("a list has more documents than its segment");
                if (!LEDE_ARRAY_RESERVE(ret_postings->items, ret_postings->capacity, count))
                    throw std::bad_alloc();
            };
            auto visit = [&](uint32_t document, uint32_t frequency) {
                if (document <= before || document > last)
                    status = fail_document(reterr, document);
                before = document;
                if (status == LEDE_OK && ret_postings->count == ret_postings->capacity &&
                    !LEDE_ARRAY_RESERVE(
                        ret_postings->items, ret_postings->capacity, ret_postings->count + 1))
                    status = lede_fail_memory(reterr);
                if (status == LEDE_OK)
                    ret_postings->items[ret_postings->count++] = {document, frequency};
                return status == LEDE_OK;
            };
            lede::visit_postings(
                opened, lede::term_there(opened, segment, std::string(term, size)), begin, visit);
            return status;
        });
}

extern "C" enum lede_status lede_index_term_documents(struct lede_index *index, const char *prefix,
    const char *word, uint32_t *ret_documents, struct lede_error *reterr)
{
    char term[LEDE_SCHEMA_TERM_MAX + 1];
    size_t prefix_size = strlen(prefix), word_size = strlen(word);
    *ret_documents = 0;
    if (prefix_size + word_size > LEDE_SCHEMA_TERM_MAX)
        return LEDE_OK;
    memcpy(term, prefix, prefix_size);
    memcpy(term + prefix_size, word, word_size);
    std::string_view name(term, prefix_size + word_size);
    if (index->facts->known(name, ret_documents))
        return LEDE_OK;
    return lede::reading(index, reterr, "counting a word", [&] {
        *ret_documents = lede::count_documents(index, std::string(name));
        index->facts->note(name, *ret_documents);
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_index_read_lengths(struct lede_index *index, size_t part,
    uint32_t *ret_lengths, uint64_t *ret_exists, struct lede_error *reterr)
{
    return lede::guarded(reterr, "reading lengths", [&] {
        const lede::Segment &segment = *index->opened[part];
        enum lede_status status = LEDE_OK;
        segment.lists->visit_lengths([&](uint32_t document, uint32_t length) {
            if (document > segment.last_document) {
                status = fail_document(reterr, document);
                return false;
            }
            ret_lengths[document] = length;
            ret_exists[document / 64] |= UINT64_C(1) << (document % 64);
            return true;
        });
        return status;
    });
}

extern "C" enum lede_status lede_index_read_values(struct lede_index *index, size_t part,
    uint32_t slot, const uint32_t *documents, size_t count,
    bool (*visit)(void *context, uint32_t document, const char *bytes, size_t size), void *context,
    struct lede_error *reterr)
{
    return reading_part(
        index, part, reterr, "reading values", [&](const Xapian::Database &segment) {
            Xapian::docid last = index->opened[part]->last_document;
            Xapian::ValueIterator value = segment.valuestream_begin(slot);
            Xapian::ValueIterator end = segment.valuestream_end(slot);
            for (size_t i = 0; value != end && (!documents || i < count); i++) {
                if (documents && value.get_docid() < documents[i])
                    value.skip_to(documents[i]);
                if (value == end)
                    break;
                Xapian::docid docid = value.get_docid();
                if (docid > last)
                    return fail_document(reterr, docid);
                std::string bytes;
                if (!documents || docid == documents[i]) {
                    bytes = *value;
                    if (!visit(context, docid, bytes.data(), bytes.size()))
                        break;
                }
                if (!documents)
                    ++value;
            }
            return LEDE_OK;
        });
}

extern "C" enum lede_status lede_index_read_document(struct lede_index *index, size_t part,
    uint32_t document, struct lede_arena *arena, const char **ret_id, const char **ret_stored,
    size_t *ret_stored_size, struct lede_error *reterr)
{
    return reading_part(
        index, part, reterr, "reading a document", [&](const Xapian::Database &segment) {
            Xapian::Document found = segment.get_document(document, Xapian::DOC_ASSUME_VALID);
            std::string stored = lede::text_of_data(found.get_data(), segment);
            *ret_stored = lede::arena_text(arena, stored);
            *ret_stored_size = stored.size();
            *ret_id = lede::arena_text(arena, found.get_value(LEDE_SLOT_ID));
            return LEDE_OK;
        });
}

extern "C" enum lede_status lede_index_read_pattern(struct lede_index *index,
    const struct lede_query_node *leaf, lede_field_set fields,
    const struct lede_pattern_choice *choices, struct lede_deadline *deadline,
    struct lede_pattern *ret_pattern, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "looking for words", [&] {
        auto pattern = std::make_unique<lede_pattern_set>();
        pattern->set = index->pattern_sets.find(
            index->segments, index->dictionary, leaf, fields, choices, deadline);
        const lede::PatternSet &set = *pattern->set;
        for (const lede::Bitmap &bitmap : set.segments)
            pattern->bits.push_back(bitmap.bits.data());
        *ret_pattern = {
            nullptr, pattern->bits.data(), set.count(), set.used, set.left_out, set.scan_ended};
        ret_pattern->set = pattern.release();
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_index_visit_pattern(struct lede_index *index,
    const struct lede_query_node *leaf, const struct lede_field *field, size_t max,
    struct lede_deadline *deadline,
    bool (*visit)(void *context, const char *word, size_t size, uint32_t documents), void *context,
    uint32_t *ret_left_out, bool *ret_scan_ended, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "looking for words", [&] {
        lede::PatternCounts counts = lede::count_words(index->segments, index->dictionary,
            LEDE_TERM_WORD + std::string(field->prefix), leaf, max, deadline);
        for (const auto &[word, documents] : counts.words) {
            if (!visit(context, word.data(), word.size(), documents))
                break;
        }
        *ret_left_out = counts.left_out;
        *ret_scan_ended = counts.scan_ended;
        return LEDE_OK;
    });
}

extern "C" void lede_pattern_done(struct lede_pattern *pattern)
{
    delete pattern->set;
    *pattern = {};
}
