/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By Xapian's own API, term by term. */
#include "older_segment.h"

#include <xapian.h>

#include <cctype>
#include <filesystem>
#include <map>
#include <string>

namespace
{

/* Without the tag, a mark behind a field's capital; of a word without how it is written. */
std::string older_term(const std::string &term)
{
    if (term[0] == '=')
        return term.substr(0, term.find('\t'));
    bool is_other = term[0] == '^' || term[0] == 'F' || term[0] == 'Q';
    size_t tag = term[0] >= 'A' && term[0] <= 'Z' ? 1 : 0;
    return is_other || !std::ispunct(static_cast<unsigned char>(term[tag]))
               ? term
               : std::string(term).erase(tag, 1);
}

constexpr Xapian::valueno SLOTS = 64;

} // namespace

extern "C" void older_segment_make(const char *path)
{
    std::string made = std::string(path) + ".older";
    {
        Xapian::Database segment(path);
        Xapian::WritableDatabase older(made, Xapian::DB_CREATE | Xapian::DB_BACKEND_GLASS);
        std::map<Xapian::docid, Xapian::Document> documents;
        for (auto all = segment.postlist_begin(""); all != segment.postlist_end(""); ++all) {
            Xapian::Document now = segment.get_document(*all);
            Xapian::Document &document = documents[*all];
            document.set_data(now.get_data());
            for (Xapian::valueno slot = 0; slot < SLOTS; slot++)
                document.add_value(slot, now.get_value(slot));
        }
        for (auto term = segment.allterms_begin(); term != segment.allterms_end(); ++term) {
            for (auto posting = segment.postlist_begin(*term);
                 posting != segment.postlist_end(*term); ++posting)
                documents[*posting].add_term(older_term(*term), posting.get_wdf());
        }
        for (const auto &document : documents)
            older.replace_document(document.first, document.second);
        for (auto key = segment.metadata_keys_begin(); key != segment.metadata_keys_end(); ++key)
            older.set_metadata(*key, segment.get_metadata(*key));
        older.set_metadata("analysis", "4");
        older.commit();
    }
    std::filesystem::remove_all(path);
    std::filesystem::rename(made, path);
}
