/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deflate without a header, as the glass format keeps long tags: what Xapian's own zlib reads. */
#ifndef LEDE_ENGINE_GLASS_DEFLATER_H
#define LEDE_ENGINE_GLASS_DEFLATER_H

#include <string>
#include <string_view>

struct libdeflate_compressor;

namespace lede::glass
{

class Deflater
{
  public:
    /* level  0, nothing, 1, fastest, to 12. Throws std::bad_alloc. */
    explicit Deflater(int level);
    ~Deflater();
    Deflater(const Deflater &) = delete;
    Deflater &operator=(const Deflater &) = delete;

    /* Returns false where it would gain nothing. ret_compressed is valid until the next call.
     * Throws std::bad_alloc. */
    bool compress(std::string_view bytes, std::string_view &ret_compressed);
    /* The same, gained or not; five bytes more at the worst for each 64 KiB. */
    std::string_view wrap(std::string_view bytes);

  private:
    struct libdeflate_compressor *compressor_;
    std::string room_;
};

} // namespace lede::glass
#endif
