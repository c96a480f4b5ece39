/* A term's positions in one document, as bits.
 *
 * The last position as a packed number; where there are more: the first, then how many there are, then those between, by binary
 * interpolative coding (A. Moffat, L. Stuiver, "Binary interpolative coding for effective index compression", 2000): the middle one
 * first, of as many values as its neighbours leave. Of n values, where n is no power of two, the middle ones take a bit less.
 * Least significant bits first. Facts: Xapian 1.4, common/bitstream.cc, glass_positionlist.cc. */
#ifndef LEDE_ENGINE_GLASS_BIT_WRITER_H
#define LEDE_ENGINE_GLASS_BIT_WRITER_H

#include <cstddef>
#include <cstdint>

namespace lede::glass
{

/* Room that positions need at most. */
size_t positions_bytes_max(size_t count);
/* positions  ascending, count > 0   out  room for positions_bytes_max(count). Returns the byte behind. */
char *put_positions(char *out, const uint32_t *positions, size_t count);

} // namespace lede::glass
#endif
