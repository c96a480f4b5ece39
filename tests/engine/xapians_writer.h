/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents written by Xapian's own writer: what a builder's files are held against. */
#ifndef TEST_ENGINE_XAPIANS_WRITER_H
#define TEST_ENGINE_XAPIANS_WRITER_H

#include "entry.h"

#include <xapian.h>

#include <string>

/* As Xapian takes it. */
Xapian::Document document_of(const struct lede_entry &entry);

class XapiansWriter
{
  public:
    /* directory  does not exist */
    explicit XapiansWriter(const std::string &directory);
    void add(const struct lede_entry &entry)
    {
        database_.add_document(document_of(entry));
    }
    /* With the metadata of a segment of this revision. */
    void finish(uint64_t revision);

  private:
    Xapian::WritableDatabase database_;
};

#endif
