/* What the termlist table says of a document: its terms, so that it can be deleted and compared, and the slots of its values.
 *
 * Key of the terms: the document; tag: length · number of terms · size · first term · wdf, then of each term the bytes that it shares with the
 * one before · bytes that follow · these · wdf. Where (wdf + 1) · (size of the term before + 1) + bytes shared is below 256 that one byte
 * stands for both, and no wdf follows. Key of the slots: the document and a zero; tag: slot less the one before less 1 …
 * Facts: Xapian 1.4, glass_termlisttable.cc, glass_values.cc. */
#ifndef LEDE_ENGINE_GLASS_TERM_LIST_H
#define LEDE_ENGINE_GLASS_TERM_LIST_H

#include <cstdint>
#include <string>
#include <string_view>

namespace lede::glass
{

class TermListPacker
{
  public:
    /* length  the sum of all wdf   count  of the terms that follow */
    void begin(uint32_t length, size_t count);
    /* Terms bytewise ascending; borrowed until the next one. */
    void add(std::string_view term, uint32_t wdf);
    const std::string &tag() const
    {
        return tag_;
    }

  private:
    std::string tag_;
    std::string_view last_;
};

} // namespace lede::glass
#endif
