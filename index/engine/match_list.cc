/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every match of a search, for who does something to each: one match of each segment, no page, no
 * order but that of the numbers. */
#include "compile.h"
#include "deletions.h"
#include "index.h"
#include "page.h"
#include "reading.h"
#include "story_key.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

struct lede_match_list {
    std::vector<std::vector<Xapian::docid>> segments; /* each ascending */
    size_t count = 0;
};

namespace
{

constexpr size_t DIGEST_BYTES = 16;

class Lister : public Xapian::MatchSpy
{
  public:
    explicit Lister(std::vector<Xapian::docid> *documents) : documents_(documents)
    {
    }

    void operator()(const Xapian::Document &document, double) override
    {
        documents_->push_back(document.get_docid());
    }

  private:
    std::vector<Xapian::docid> *documents_;
};

void list_segment(const Xapian::Database &segment, const lede::CompiledSearch &compiled,
    const Xapian::Query &query, std::vector<Xapian::docid> *ret_documents)
{
    Lister lister(ret_documents);
    Xapian::Enquire enquire(segment);
    enquire.set_query(query);
    if (!compiled.needs_weights)
        enquire.set_weighting_scheme(Xapian::BoolWeight());
    enquire.add_matchspy(&lister);
    enquire.get_mset(0, 0, segment.get_doccount());
    std::sort(ret_documents->begin(), ret_documents->end());
}

} // namespace

extern "C" enum lede_status lede_index_list_matches(struct lede_index *index,
    const struct lede_search *search, struct lede_match_list **ret_list, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "listing matches", [&] {
        auto list = std::make_unique<lede_match_list>();
        lede::Deadline deadline;
        deadline.monotonic_ns = search->deadline_monotonic_ns;
        list->segments.resize(index->segments.size());
        if (!index->segments.empty()) {
            lede::CompiledSearch compiled = lede::compile_search(index, *search, &deadline);
            Xapian::Query query = lede::without_excluded(compiled.query, *search);
            for (size_t i = 0; i < index->segments.size() && !deadline.has_passed(); i++)
                list_segment(index->segments[i], compiled, query, &list->segments[i]);
        }
        if (deadline.passed)
            return lede_fail(reterr, LEDE_ETIMEOUT, "the time ran out among the matches");
        for (const auto &documents : list->segments)
            list->count += documents.size();
        *ret_list = list.release();
        return LEDE_OK;
    });
}

extern "C" size_t lede_match_list_count(const struct lede_match_list *list)
{
    return list->count;
}

extern "C" enum lede_status lede_index_visit_matches(struct lede_index *index,
    const struct lede_match_list *list,
    enum lede_status (*visit)(void *context, const char *id, size_t id_size,
        const unsigned char digest[16], struct lede_error *reterr),
    void *context, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "reading matches", [&] {
        for (size_t i = 0; i < list->segments.size(); i++) {
            Xapian::ValueIterator ids = index->segments[i].valuestream_begin(LEDE_SLOT_ID);
            Xapian::ValueIterator digests = index->segments[i].valuestream_begin(LEDE_SLOT_DIGEST);
            for (Xapian::docid docid : list->segments[i]) {
                std::string id = lede::value_at(ids, docid);
                std::string digest = lede::value_at(digests, docid);
                if (id.empty() || digest.size() != DIGEST_BYTES)
                    return lede_fail(
                        reterr, LEDE_ECORRUPT, "document %u of a segment has no digest", docid);
                enum lede_status status = visit(context, id.c_str(), id.size(),
                    reinterpret_cast<const unsigned char *>(digest.data()), reterr);
                if (status != LEDE_OK)
                    return status;
            }
        }
        return LEDE_OK;
    });
}

extern "C" void lede_match_list_free(struct lede_match_list *list)
{
    delete list;
}

extern "C" void lede_match_list_freep(struct lede_match_list **list)
{
    lede_match_list_free(*list);
    *list = nullptr;
}
