/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking a segment through, and reading what can still be read of a damaged one.
 *
 * Xapian checks its tables; that every stored document is what was stored, its digest tells. Damage
 * may be where Xapian does not expect it and end in a crash: callers who must go on do this in a
 * process of its own. */
#include "guard.h"
#include "metadata.h"
#include "open_segment.h"
#include "stored_text.h"

#include "lede/engine.h"
#include "lede/number.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <string>
#include <unistd.h>

namespace
{

constexpr size_t DIGEST_BYTES = 16;

/* Of whoever reads, not of what is read. */
bool is_of_reader(enum lede_status status)
{
    return status == LEDE_ENOMEM || status == LEDE_EBUSY;
}

bool has_digest(const std::string &stored, const std::string &digest)
{
    unsigned char found[DIGEST_BYTES];
    lede_hash128(stored.data(), stored.size(), found);
    return digest.size() == DIGEST_BYTES && memcmp(found, digest.data(), DIGEST_BYTES) == 0;
}

/* Xapian opens what it checks for writing, though it writes nothing. */
bool may_be_checked(const std::string &path)
{
    return access((path + "/postlist.glass").c_str(), W_OK) == 0 ||
           (errno != EROFS && errno != EACCES);
}

class Checker
{
  public:
    Checker(void (*visit)(void *context, const char *problem), void *context)
        : visit_(visit), context_(context)
    {
    }

    void check_tables(const std::string &path)
    {
        if (!may_be_checked(path))
            return;
        std::ostringstream out;
        size_t errors = 0;
        struct lede_error error = {};
        enum lede_status status = lede::guarded(&error, "checking the tables", [&] {
            errors = Xapian::Database::check(path, 0, &out);
            return LEDE_OK;
        });
        if (status != LEDE_OK)
            note(status, error);
        else if (errors > 0)
            tell("Xapian finds " + std::to_string(errors) + " errors: " + last_line(out.str()));
    }

    /* Returns the documents that are whole. */
    uint32_t check_documents(const std::string &path)
    {
        struct lede_error error = {};
        uint32_t whole = 0;
        enum lede_status status = lede::guarded(&error, "reading the documents", [&] {
            Xapian::Database database = lede::open_segment(path);
            enum lede_status version = lede::check_metadata(database, path.c_str(), &error);
            if (version != LEDE_OK)
                return version;
            Xapian::PostingIterator end = database.postlist_end(std::string());
            for (Xapian::PostingIterator docid = database.postlist_begin(std::string());
                 docid != end && status_ == LEDE_OK; ++docid)
                whole += check_document(database, *docid) ? 1 : 0;
            return LEDE_OK;
        });
        if (status != LEDE_OK)
            note(status, error);
        return whole;
    }

    /* Of the checking itself, whatever was found. */
    enum lede_status status(struct lede_error *reterr) const
    {
        return status_ == LEDE_OK ? LEDE_OK : lede_fail(reterr, status_, "%s", why_.message);
    }

  private:
    static std::string last_line(const std::string &text)
    {
        size_t end = text.find_last_not_of('\n');
        if (end == std::string::npos)
            return "no more is said";
        size_t start = text.rfind('\n', end);
        return text.substr(start == std::string::npos ? 0 : start + 1,
            end - (start == std::string::npos ? 0 : start + 1) + 1);
    }

    void tell(const std::string &problem)
    {
        visit_(context_, problem.c_str());
    }

    void note(enum lede_status status, const struct lede_error &error)
    {
        if (!is_of_reader(status)) {
            tell(error.message);
            return;
        }
        status_ = status;
        why_ = error;
    }

    bool check_document(const Xapian::Database &database, Xapian::docid docid)
    {
        struct lede_error error = {};
        std::string name = "document " + std::to_string(docid);
        bool right = false;
        enum lede_status status = lede::guarded(&error, name.c_str(), [&] {
            Xapian::Document document = database.get_document(docid);
            std::string id = document.get_value(LEDE_SLOT_ID);
            name += " ('" + id + "')";
            right = has_digest(lede::text_of_data(document.get_data(), database),
                document.get_value(LEDE_SLOT_DIGEST));
            if (!right)
                tell(name + " is not what was stored");
            char term[LEDE_SCHEMA_TERM_MAX + 1];
            std::string id_term(term, lede_schema_id_term(id.data(), id.size(), term));
            Xapian::PostingIterator posting = database.postlist_begin(id_term);
            if (posting == database.postlist_end(id_term)) {
                tell(name + " cannot be found by its id");
                right = false;
            }
            return LEDE_OK;
        });
        if (status != LEDE_OK)
            note(status, error);
        return right && status == LEDE_OK;
    }

    void (*visit_)(void *context, const char *problem);
    void *context_;
    enum lede_status status_ = LEDE_OK;
    struct lede_error why_ = {};
};

std::string id_of(const Xapian::Document &document)
{
    std::string id;
    (void)lede::guarded(nullptr, "reading an id", [&] {
        id = document.get_value(LEDE_SLOT_ID);
        return LEDE_OK;
    });
    return id;
}

/* One document number: what was read, or that it was lost; numbers that no document has are passed
 * over. */
enum lede_status salvage_document(const Xapian::Database &database, const char *path,
    Xapian::docid docid, const struct lede_salvage *salvage, struct lede_error *reterr)
{
    Xapian::Document document;
    std::string stored;
    bool missing = false;
    enum lede_status status = lede::guarded(reterr, "reading a document", [&] {
        try {
            document = database.get_document(docid);
            stored = lede::text_of_data(document.get_data(), database, path);
        } catch (const Xapian::DocNotFoundError &) {
            missing = true;
        }
        return LEDE_OK;
    });
    if (missing)
        return LEDE_OK;
    if (is_of_reader(status))
        return status;
    if (status != LEDE_OK || stored.empty()) {
        std::string id = id_of(document);
        salvage->lose(salvage->context, docid, id.empty() ? nullptr : id.c_str());
        return LEDE_OK;
    }
    std::string digest;
    status = lede::guarded(reterr, "reading a digest", [&] {
        digest = document.get_value(LEDE_SLOT_DIGEST);
        return LEDE_OK;
    });
    if (is_of_reader(status))
        return status;
    bool verified = has_digest(stored, digest);
    if (!verified && digest.size() == DIGEST_BYTES) {
        std::string id = id_of(document);
        salvage->lose(salvage->context, docid, id.empty() ? nullptr : id.c_str());
        return LEDE_OK;
    }
    return salvage->take(salvage->context, docid, stored.data(), stored.size(), verified, reterr);
}

} // namespace

extern "C" enum lede_status lede_segment_check(const char *path,
    void (*visit)(void *context, const char *problem), void *context, uint32_t *ret_documents,
    struct lede_error *reterr)
{
    return lede::guarded(reterr, "checking a segment", [&] {
        Checker checker(visit, context);
        checker.check_tables(path);
        *ret_documents = checker.check_documents(path);
        return checker.status(reterr);
    });
}

extern "C" enum lede_status lede_segment_salvage(
    const char *path, const struct lede_salvage *salvage, struct lede_error *reterr)
{
    return lede::guarded(reterr, "salvaging a segment", [&] {
        Xapian::Database database(path, Xapian::DB_BACKEND_GLASS);
        Xapian::docid last = std::min(database.get_lastdocid(), lede::last_document_at_most(path));
        for (Xapian::docid docid = 1; docid <= last; docid++) {
            enum lede_status status = salvage_document(database, path, docid, salvage, reterr);
            if (status != LEDE_OK)
                return status;
        }
        return LEDE_OK;
    });
}
