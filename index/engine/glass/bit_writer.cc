#include "bit_writer.h"

#include "packing.h"

namespace lede::glass
{

namespace
{

class BitWriter
{
  public:
    explicit BitWriter(char *out) : out_(out)
    {
    }

    /* value < values */
    void put_one_of(uint32_t value, uint32_t values)
    {
        unsigned bits = values > 1 ? 32U - static_cast<unsigned>(__builtin_clz(values - 1)) : 0;
        uint64_t code = value;
        uint64_t spare = (UINT64_C(1) << bits) - values;
        if (spare > 0) {
            uint64_t short_from = (values - spare) / 2;
            if (code >= short_from + spare)
                code = (code - (short_from + spare)) | UINT64_C(1) << (bits - 1);
            else if (code >= short_from)
                bits--;
        }
        put(code, bits);
    }

    /* What lies between positions[from] and positions[to], which are known. */
    void put_between(const uint32_t *positions, size_t from, size_t to)
    {
        while (from + 1 < to) {
            size_t middle = from + (to - from) / 2;
            auto values = static_cast<uint32_t>(positions[to] - positions[from] + 1 - (to - from));
            auto lowest = static_cast<uint32_t>(positions[from] + (middle - from));
            put_one_of(positions[middle] - lowest, values);
            put_between(positions, from, middle);
            from = middle;
        }
    }

    char *finish()
    {
        if (bit_count_ > 0)
            *out_++ = static_cast<char>(bits_);
        return out_;
    }

  private:
    void put(uint64_t code, unsigned bits)
    {
        bits_ |= code << bit_count_;
        bit_count_ += bits;
        for (; bit_count_ >= 8; bit_count_ -= 8) {
            *out_++ = static_cast<char>(bits_);
            bits_ >>= 8;
        }
    }

    char *out_;
    uint64_t bits_ = 0;
    unsigned bit_count_ = 0; /* below 8 between calls */
};

} // namespace

size_t positions_bytes_max(size_t count)
{
    /* The last one packed; the first, the count and each between in 32 bits; the rest of a byte. */
    return UINT32_BYTES_MAX + 4 * (count + 1) + 1;
}

char *put_positions(char *out, const uint32_t *positions, size_t count)
{
    uint32_t first = positions[0];
    uint32_t last = positions[count - 1];
    out = put_uint(out, last);
    if (count == 1)
        return out;
    BitWriter writer(out);
    writer.put_one_of(first, last);
    writer.put_one_of(static_cast<uint32_t>(count - 2), last - first);
    writer.put_between(positions, 0, count - 1);
    return writer.finish();
}

} // namespace lede::glass
