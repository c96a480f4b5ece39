/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a segment keeps a document's text, in Xapian's document data. A frame is
 *   text that does not begin with 00 or 01: the text, as all of earlier versions are
 *   00 · text
 *   01 · dictionary (8 bytes, little endian) · Zstandard frame with the size of the text in it,
 *        without its magic number (4 bytes)
 * Everything that reads a stored text reads it here. */
#ifndef LEDE_ENGINE_STORED_TEXT_H
#define LEDE_ENGINE_STORED_TEXT_H

#include "text_dictionary.h"

#include <xapian.h>

#include <memory>
#include <string>
#include <string_view>

namespace lede
{

/* The text of document data.
 * segment    the one database that they are of, not several read as one
 * directory  as of find_dictionary()
 * Throws Xapian::DatabaseCorruptError, std::bad_alloc. Threads: any. */
std::string text_of_data(std::string data, const Xapian::Database &segment,
    const std::string &directory = std::string());
/* The same by number. Throws Xapian::Error, too. */
std::string stored_text(const Xapian::Database &segment, Xapian::docid docid);

/* The frame of a text that is not compressed. */
std::string plain_frame(std::string_view text);

/* Compresses with one dictionary. One thread at a time. */
class TextCompressor
{
  public:
    /* Throws std::bad_alloc, as all here. */
    explicit TextCompressor(DictionaryPointer dictionary);
    /* Returns false where nothing would be gained. ret_frame is valid until the next call. */
    bool compress(std::string_view text, std::string_view *ret_frame);
    const TextDictionary &dictionary() const
    {
        return *dictionary_;
    }

  private:
    struct FreeContext {
        void operator()(ZSTD_CCtx *context) const
        {
            ZSTD_freeCCtx(context);
        }
    };
    DictionaryPointer dictionary_;
    std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
    std::string frame_;
};

} // namespace lede
#endif
