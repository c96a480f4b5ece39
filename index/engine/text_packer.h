/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of a segment in the making, compressed: the first ones wait until they say which
 * dictionary fits all.
 *
 * That is one of those which the process used last, if it does well enough, else one trained from
 * the texts that wait; where they are few a dictionary would take more than it saves, and they stay
 * as they are (Xapian's own format deflates them). tests/bench/README.md has the figures. */
#ifndef LEDE_ENGINE_TEXT_PACKER_H
#define LEDE_ENGINE_TEXT_PACKER_H

#include "stored_text.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lede
{

class TextPacker
{
  public:
    /* Given each document's frame, in their order; is_compressed: it is not worth trying again. */
    using Take = std::function<void(uint32_t document, std::string_view frame, bool is_compressed)>;

    explicit TextPacker(Take take);
    /* text  not empty, borrowed for the call   document  greater than the last one
     * Throws std::bad_alloc, what `take` throws; so do the others. */
    void add(uint32_t document, std::string_view text);
    /* Nothing comes any more: all are given. */
    void finish();
    /* The metadata of the segment that its texts need, also as files in its directory. */
    std::map<std::string, std::string> metadata() const;
    size_t memory_bytes() const
    {
        return waiting_.capacity();
    }

  private:
    void choose(bool more_may_come);
    DictionaryPointer choose_recent() const;
    size_t measure(const DictionaryPointer &dictionary) const;
    void give(uint32_t document, std::string_view text);

    Take take_;
    bool has_chosen_ = false;
    std::string waiting_;
    std::vector<size_t> sizes_;
    std::vector<uint32_t> documents_;
    std::unique_ptr<TextCompressor> compressor_; /* NULL: texts stay as they are */
};

} // namespace lede
#endif
