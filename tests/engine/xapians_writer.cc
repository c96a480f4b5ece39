/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xapians_writer.h"

#include "metadata.h"
#include "stored_text.h"

Xapian::Document document_of(const struct lede_entry &entry)
{
    Xapian::Document document;
    std::string name;
    for (size_t i = 0; i < entry.terms.term_count(); i++) {
        const lede::Term &term = entry.terms.sorted(i);
        name.assign(term.text, term.size);
        document.add_term(name, term.wdf);
    }
    for (const lede::EntryValue &value : entry.values)
        document.add_value(value.slot, std::string(value.bytes));
    document.set_data(lede::plain_frame(entry.stored));
    return document;
}

XapiansWriter::XapiansWriter(const std::string &directory)
    : database_(directory, Xapian::DB_CREATE | Xapian::DB_BACKEND_GLASS | Xapian::DB_NO_TERMLIST |
                               Xapian::DB_NO_SYNC)
{
    database_.set_metadata(lede::METADATA_FORMAT, lede::FORMAT);
    database_.set_metadata(lede::METADATA_ANALYSIS, std::to_string(LEDE_ANALYSIS_VERSION));
}

void XapiansWriter::finish(uint64_t revision)
{
    database_.set_metadata(lede::METADATA_REVISION, std::to_string(revision));
    database_.commit();
    database_.close();
}
