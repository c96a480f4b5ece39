/* One writable Xapian database.
 *
 * A transaction is open whenever the segment is: Xapian then neither commits by itself after 10,000 documents
 * (readers would see half a batch, under the old revision) nor when the handle goes (unfinished work is
 * dropped). It still moves postings from memory to the tables' unreferenced blocks at XAPIAN_FLUSH_THRESHOLD,
 * so that memory stays bounded. */
#include "entry.h"
#include "guard.h"
#include "metadata.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <sys/stat.h>

struct lede_segment {
    Xapian::WritableDatabase database;
    uint64_t revision = 0;
    bool failed = false; /* Xapian may have dropped changes that the caller thinks it holds */
};

namespace
{

/* Xapian gathers postings in maps of maps, moved to the tables after so many documents (10,000 unless told
 * otherwise). On news of 2 KB storing goes 1.7 times faster when the maps stay within the processor's caches.
 * Xapian reads the number from the environment alone, which may only be changed before threads start: so it
 * is done as the program is loaded, for the whole process, and what the operator set stays. */
constexpr char FLUSH_DOCUMENTS[] = "500";

__attribute__((constructor)) void set_flush_threshold()
{
    setenv("XAPIAN_FLUSH_THRESHOLD", FLUSH_DOCUMENTS, 0);
}

bool database_exists(const char *path)
{
    struct stat info;
    return stat((std::string(path) + "/iamglass").c_str(), &info) == 0;
}

template <typename Body>
enum lede_status write_guarded(
    struct lede_segment *segment, struct lede_error *reterr, const char *what, Body &&body) noexcept
{
    if (segment->failed)
        return lede_fail(
            reterr, LEDE_EIO, "%s: an earlier write to this segment failed, it must be opened again", what);
    segment->failed = true;
    enum lede_status status = lede::guarded(reterr, what, [&] {
        body();
        return LEDE_OK;
    });
    segment->failed = status != LEDE_OK;
    return status;
}

/* 0 if there is none. */
Xapian::docid docid_of(const struct lede_segment *segment, const char *id, size_t id_size)
{
    char buffer[LEDE_SCHEMA_TERM_MAX + 1];
    std::string term(buffer, lede_schema_id_term(id, id_size, buffer));
    /* Answers from counts; the posting list would first have to be written out of memory. */
    if (!segment->database.term_exists(term))
        return 0;
    Xapian::PostingIterator posting = segment->database.postlist_begin(term);
    return posting == segment->database.postlist_end(term) ? 0 : *posting;
}

} // namespace

extern "C" enum lede_status lede_segment_open(
    const char *path, bool create, struct lede_segment **ret_segment, struct lede_error *reterr)
{
    return lede::guarded(reterr, "opening a segment", [&] {
        if (create && database_exists(path))
            return lede_fail(reterr, LEDE_EEXISTS, "'%s' already holds a segment", path);
        auto segment = std::make_unique<lede_segment>();
        int flags = (create ? Xapian::DB_CREATE : Xapian::DB_OPEN) | Xapian::DB_BACKEND_GLASS;
        segment->database = Xapian::WritableDatabase(path, flags);
        if (lede::metadata_is_unwritten(segment->database))
            lede::write_first_metadata(segment->database);
        enum lede_status status = lede::check_metadata(segment->database, path, reterr);
        if (status != LEDE_OK)
            return status;
        segment->revision = lede::read_revision(segment->database);
        segment->database.begin_transaction(false);
        *ret_segment = segment.release();
        return LEDE_OK;
    });
}

extern "C" void lede_segment_free(struct lede_segment *segment)
{
    if (!segment)
        return;
    /* After a failed commit no transaction is open, and the destructor would commit what is left. */
    if (segment->failed)
        (void)lede::guarded(nullptr, "closing a segment", [&] {
            segment->database.begin_transaction(false);
            return LEDE_OK;
        });
    delete segment;
}

extern "C" void lede_segment_freep(struct lede_segment **segment)
{
    lede_segment_free(*segment);
    *segment = nullptr;
}

extern "C" enum lede_status lede_segment_find(struct lede_segment *segment, const char *id, size_t id_size,
    bool *ret_found, unsigned char ret_digest[16], struct lede_error *reterr)
{
    return lede::guarded(reterr, "looking up a document", [&] {
        Xapian::docid docid = docid_of(segment, id, id_size);
        if (docid != 0) {
            std::string digest = segment->database.get_document(docid).get_value(LEDE_SLOT_DIGEST);
            if (digest.size() != 16)
                return lede_fail(reterr, LEDE_ECORRUPT, "document %u of a segment has no digest", docid);
            memcpy(ret_digest, digest.data(), 16);
        }
        *ret_found = docid != 0;
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_segment_get(struct lede_segment *segment, const char *id, size_t id_size,
    struct lede_buffer *ret_stored, struct lede_error *reterr)
{
    return lede::guarded(reterr, "fetching a document", [&] {
        Xapian::docid docid = docid_of(segment, id, id_size);
        if (docid == 0)
            return lede_fail(reterr, LEDE_ENOTFOUND, "no document '%.*s'", static_cast<int>(id_size), id);
        std::string stored = segment->database.get_document(docid).get_data();
        lede_buffer_append(ret_stored, stored.data(), stored.size());
        return lede_buffer_status(ret_stored) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
    });
}

extern "C" enum lede_status lede_segment_put(
    struct lede_segment *segment, const struct lede_entry *entry, bool is_new, struct lede_error *reterr)
{
    return write_guarded(segment, reterr, "storing a document", [&] {
        Xapian::Document document = lede::document_of(*entry);
        if (is_new)
            segment->database.add_document(document);
        else
            segment->database.replace_document(std::string(entry->id_term), document);
    });
}

extern "C" enum lede_status lede_segment_delete(
    struct lede_segment *segment, const char *id, size_t id_size, struct lede_error *reterr)
{
    return write_guarded(segment, reterr, "deleting a document", [&] {
        Xapian::docid docid = docid_of(segment, id, id_size);
        if (docid != 0)
            segment->database.delete_document(docid);
    });
}

extern "C" enum lede_status lede_segment_commit(
    struct lede_segment *segment, uint64_t revision, struct lede_error *reterr)
{
    return write_guarded(segment, reterr, "committing a segment", [&] {
        segment->database.set_metadata(lede::METADATA_REVISION, std::to_string(revision));
        segment->database.commit_transaction();
        segment->database.commit();
        segment->revision = revision;
        segment->database.begin_transaction(false);
    });
}

extern "C" uint32_t lede_segment_document_count(const struct lede_segment *segment)
{
    uint32_t count = 0;
    (void)lede::guarded(nullptr, "counting documents", [&] {
        count = segment->database.get_doccount();
        return LEDE_OK;
    });
    return count;
}

extern "C" uint64_t lede_segment_revision(const struct lede_segment *segment)
{
    return segment->revision;
}
