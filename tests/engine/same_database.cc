/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "same_database.h"

#include "list_reader.h"
#include "stored_text.h"

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <sstream>

extern "C" {
#include <cmocka.h>
}

/* Xapian's checker deletes an object as one of a smaller class, which a sanitizer must not take for
 * ours. Its library looks for this among the symbols that others can see. */
extern "C" __attribute__((visibility("default"))) const char *__asan_default_options();
extern "C" const char *__asan_default_options()
{
    return "new_delete_type_mismatch=0";
}

namespace
{

std::string positions_of(Xapian::PositionIterator from, const Xapian::PositionIterator &end)
{
    std::ostringstream out;
    for (; from != end; ++from)
        out << ' ' << *from;
    return out.str();
}

/* Texts that say all of a database; compared line by line. */
std::string describe_statistics(const Xapian::Database &database)
{
    std::ostringstream out;
    out << database.get_doccount() << ' ' << database.get_lastdocid() << ' '
        << database.get_total_length() << ' ' << database.get_avlength() << ' '
        << database.get_doclength_lower_bound() << ' ' << database.get_doclength_upper_bound()
        << ' ' << database.has_positions() << '\n';
    /* How texts are compressed is a matter of each segment. */
    for (auto key = database.metadata_keys_begin(); key != database.metadata_keys_end(); ++key)
        if ((*key).compare(0, strlen("dictionary-"), "dictionary-") != 0)
            out << *key << '=' << database.get_metadata(*key) << '\n';
    for (auto word = database.spellings_begin(); word != database.spellings_end(); ++word)
        out << "spelling " << *word << '\n';
    return out.str();
}

std::string describe_term(const Xapian::Database &database, const std::string &term)
{
    std::ostringstream out;
    out << database.get_termfreq(term) << ' ' << database.get_collection_freq(term) << ' '
        << database.get_wdf_upper_bound(term);
    for (auto posting = database.postlist_begin(term); posting != database.postlist_end(term);
         ++posting)
        out << " | " << *posting << ' ' << posting.get_wdf() << ' ' << posting.get_doclength()
            << positions_of(posting.positionlist_begin(), posting.positionlist_end());
    return out.str();
}

std::string read_postings(const lede::glass::ListReader &lists, const std::string &term)
{
    std::ostringstream out;
    lists.visit_postings(
        term, [&](uint32_t count) { out << count; },
        [&](uint32_t document, uint32_t wdf) {
            out << ' ' << document << ' ' << wdf;
            return true;
        });
    return out.str();
}

/* What is read in one go is what Xapian's iterators read, of every list and of those beside it that
 * there are not. */
void assert_lists_are_read(const std::string &path, const Xapian::Database &database)
{
    lede::glass::ListReader lists(path);
    std::ostringstream lengths, theirs;
    for (auto term = database.allterms_begin(); term != database.allterms_end(); ++term) {
        std::ostringstream postings;
        postings << database.get_termfreq(*term);
        for (auto posting = database.postlist_begin(*term); posting != database.postlist_end(*term);
             ++posting)
            postings << ' ' << *posting << ' ' << posting.get_wdf();
        assert_same(read_postings(lists, *term), postings.str(), "list of " + *term);
        for (const std::string &other : {*term + '\0', *term + "\xFF", (*term).substr(1)})
            if (!database.term_exists(other))
                assert_same(read_postings(lists, other), "", "no list of " + other);
    }
    lists.visit_lengths([&](uint32_t document, uint32_t length) {
        lengths << ' ' << document << ' ' << length;
        return true;
    });
    for (auto document = database.postlist_begin(""); document != database.postlist_end("");
         ++document)
        theirs << ' ' << *document << ' ' << document.get_doclength();
    assert_same(lengths.str(), theirs.str(), "lengths");
}

std::string describe_slot(const Xapian::Database &database, Xapian::valueno slot)
{
    std::ostringstream out;
    out << database.get_value_freq(slot) << ' ' << database.get_value_lower_bound(slot) << ' '
        << database.get_value_upper_bound(slot);
    for (auto value = database.valuestream_begin(slot); value != database.valuestream_end(slot);
         ++value)
        out << ' ' << value.get_docid() << ' ' << *value;
    return out.str();
}

} // namespace

std::string describe_document(const Xapian::Database &database, Xapian::docid docid)
{
    std::ostringstream out;
    Xapian::Document document = database.get_document(docid);
    out << database.get_doclength(docid) << ' '
        << lede::text_of_data(document.get_data(), database);
    for (Xapian::valueno slot : slots_compared)
        out << ' ' << slot << ' ' << document.get_value(slot);
    return out.str();
}

void assert_same(const std::string &ours, const std::string &theirs, const std::string &what)
{
    if (ours != theirs)
        fail_msg("%s: '%.200s', expected '%.200s'", what.c_str(), ours.c_str(), theirs.c_str());
}

void assert_sound(const std::string &path)
{
    std::ostringstream out;
    size_t errors = Xapian::Database::check(path, 0, &out);
    if (errors != 0)
        fail_msg("%s: %zu errors: %s", path.c_str(), errors, out.str().c_str());
}

void assert_same_databases(const std::string &our_path, const std::string &their_path)
{
    Xapian::Database ours(our_path);
    Xapian::Database theirs(their_path);
    assert_lists_are_read(our_path, ours);
    assert_lists_are_read(their_path, theirs);
    assert_same(describe_statistics(ours), describe_statistics(theirs), "statistics");
    auto our_term = ours.allterms_begin();
    for (auto term = theirs.allterms_begin(); term != theirs.allterms_end(); ++term, ++our_term) {
        assert_true(our_term != ours.allterms_end());
        assert_same(*our_term, *term, "the next term");
        assert_same(
            describe_term(ours, *term), describe_term(theirs, *term), "postings of " + *term);
    }
    assert_true(our_term == ours.allterms_end());
    for (Xapian::docid docid = 1; docid <= theirs.get_lastdocid(); docid++)
        assert_same(describe_document(ours, docid), describe_document(theirs, docid),
            "document " + std::to_string(docid));
    for (Xapian::valueno slot : slots_compared)
        assert_same(
            describe_slot(ours, slot), describe_slot(theirs, slot), "slot " + std::to_string(slot));
}
