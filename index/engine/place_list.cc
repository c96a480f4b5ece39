/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "place_list.h"

namespace lede
{

namespace
{

/* of a code: zeros, a one, as many bits as zeros, the parameter's bits */
constexpr size_t CODE_BYTES_MAX = (2 * PLACE_BITS + 1) / 8 + 1;
constexpr unsigned BITS_AT_ONCE = 57; /* that load_bits() gives */

unsigned bit_length(uint64_t number)
{
    return number == 0 ? 0 : 64 - static_cast<unsigned>(__builtin_clzll(number));
}

} // namespace

/* ---- Reading ---- */

bool PlaceListReader::read_header(BytesReader &reader)
{
    uint64_t gap = reader.get_uint64();
    std::string_view body = reader.rest();
    count_ = reader.get_uint();
    if (reader.failed() || gap == 0 || count_ == 0 || count_ > PLACES_PER_BLOCK ||
        gap > PLACE_MAX - last_)
        return false;
    first_ = last_ + gap;
    last_ = first_;
    if (count_ == 1)
        return true;
    parameter_ = reader.get_byte();
    if (!is_long())
        return !reader.failed() && parameter_ < PLACE_BITS;
    uint64_t span = reader.get_uint64();
    uint32_t size = reader.get_uint();
    if (reader.failed() || parameter_ >= PLACE_BITS || span > PLACE_MAX - first_ ||
        size > reader.rest().size())
        return false;
    last_ = first_ + span;
    bits_ = reader.rest().substr(0, size);
    body_ = body.substr(0, body.size() - reader.rest().size() + size);
    return true;
}

bool PlaceListReader::next()
{
    if (failed_ || bytes_.empty())
        return false;
    BytesReader reader(bytes_);
    if (!read_header(reader))
        return fail();
    bytes_ = reader.rest();
    is_decoded_ = !is_long();
    if (is_long()) {
        bytes_.remove_prefix(bits_.size());
        return true;
    }
    places_[0] = first_;
    size_t size = count_ == 1 ? 0 : decode(bytes_);
    if (count_ > 1 && size == 0)
        return fail();
    bytes_.remove_prefix(size);
    last_ = places_[count_ - 1];
    return true;
}

/* Codes are taken off the bits that were loaded last as long as they hold a whole one: what a code
 * waits for is then the one before, and no memory. */
size_t PlaceListReader::decode(std::string_view bits)
{
    const uint64_t base = (UINT64_C(1) << parameter_) - 1;
    uint64_t place = first_, at = 0, loaded = 0;
    unsigned left = 0; /* of the bits that are loaded */
    for (uint32_t i = 1; i < count_; i++) {
        auto zeros = loaded == 0 ? BITS_AT_ONCE : static_cast<unsigned>(__builtin_ctzll(loaded));
        unsigned width = zeros + parameter_;
        if (zeros + 1 + width > left) {
            loaded = load_bits(bits, at);
            if (loaded == 0)
                return 0;
            zeros = static_cast<unsigned>(__builtin_ctzll(loaded));
            width = zeros + parameter_;
            left = BITS_AT_ONCE;
        }
        if (width > PLACE_BITS)
            return 0;
        unsigned code_bits = zeros + 1 + width;
        uint64_t code = code_bits <= left ? loaded >> (zeros + 1) : load_bits(bits, at + zeros + 1);
        place += (code & ((UINT64_C(1) << width) - 1)) + (UINT64_C(1) << width) - base;
        places_[i] = place;
        at += code_bits;
        left = code_bits < left ? left - code_bits : 0;
        loaded = left > 0 ? code >> width : 0;
    }
    return place > PLACE_MAX || (at + 7) / 8 > bits.size() ? 0 : (at + 7) / 8;
}

const uint64_t *PlaceListReader::places()
{
    if (is_decoded_)
        return places_;
    places_[0] = first_;
    if (decode(bits_) != bits_.size() || places_[count_ - 1] != last_) {
        failed_ = true;
        return nullptr;
    }
    is_decoded_ = true;
    return places_;
}

/* ---- Writing ---- */

void PlaceListWriter::begin()
{
    bytes_.clear();
    last_ = 0;
    pending_ = 0;
}

/* The parameter by which the block takes the fewest bits, nearly: of a number of n bits a code of
 * parameter p has 2 (n - p) - 1 + p bits, and some where the two are about equal. */
unsigned PlaceListWriter::parameter() const
{
    uint32_t by_length[PLACE_BITS + 1] = {};
    unsigned longest = 0;
    for (uint32_t i = 1; i < pending_; i++) {
        unsigned length = bit_length(places_[i] - places_[i - 1] - 1);
        by_length[length]++;
        longest = std::max(longest, length);
    }
    static constexpr unsigned HALF_BITS[] = {2, 6, 8, 11}; /* for n - p = 0, 1, 2, 3 */
    unsigned best = 0;
    uint64_t least = UINT64_MAX;
    for (unsigned parameter = 0; parameter <= longest && parameter < PLACE_BITS; parameter++) {
        uint64_t half_bits = 0;
        for (unsigned length = 0; length <= longest; length++) {
            unsigned above = length > parameter ? length - parameter : 0;
            half_bits += uint64_t(by_length[length]) *
                         (2 * parameter + (above < 4 ? HALF_BITS[above] : 4 * above - 1));
        }
        if (half_bits >= least)
            continue;
        least = half_bits;
        best = parameter;
    }
    return best;
}

/* Returns the bytes; `bits` has room for CODE_BYTES_MAX of each place, and a word. */
size_t PlaceListWriter::encode(unsigned parameter, char *bits) const
{
    char *out = bits;
    uint64_t word = 0;
    unsigned count = 0; /* bits of the word; below 8 between calls of put */
    auto put = [&](uint64_t value, unsigned width) {
        word |= value << count;
        count += width;
        uint64_t bytes = htole64(word);
        memcpy(out, &bytes, sizeof(bytes));
        out += count / 8;
        word = count < 64 ? word >> (count & ~7U) : 0;
        count &= 7U;
    };
    for (uint32_t i = 1; i < pending_; i++) {
        uint64_t number = places_[i] - places_[i - 1] - 1 + (UINT64_C(1) << parameter);
        unsigned width = bit_length(number) - 1, zeros = width - parameter;
        number -= UINT64_C(1) << width;
        if (zeros + 1 + width <= 56) {
            put((number << 1 | 1) << zeros, zeros + 1 + width);
        } else {
            put(UINT64_C(1) << zeros, zeros + 1);
            put(number, width);
        }
    }
    return static_cast<size_t>(out - bits) + (count > 0 ? 1 : 0);
}

void PlaceListWriter::flush()
{
    if (pending_ == 0)
        return;
    append_uint(bytes_, places_[0] - last_);
    append_uint(bytes_, pending_);
    last_ = places_[pending_ - 1];
    if (pending_ > 1) {
        char bits[PLACES_PER_BLOCK * CODE_BYTES_MAX + sizeof(uint64_t)];
        unsigned parameter = this->parameter();
        size_t size = encode(parameter, bits);
        bytes_ += static_cast<char>(parameter);
        if (pending_ > SHORT_BLOCK_PLACES) {
            append_uint(bytes_, last_ - places_[0]);
            append_uint(bytes_, size);
        }
        bytes_.append(bits, size);
    }
    pending_ = 0;
}

bool PlaceListWriter::add_block(PlaceListReader &reader, int64_t shift)
{
    uint64_t by = static_cast<uint64_t>(shift); /* modulo 2^64 */
    uint64_t first = reader.first() + by, end = reader.last() + by;
    if (first <= last() || first > PLACE_MAX || end < first || end > PLACE_MAX)
        return false;
    if (reader.is_long() && pending_ + reader.count() > PLACES_PER_BLOCK) {
        flush();
        append_uint(bytes_, first - last_);
        bytes_.append(reader.body());
        last_ = end;
        return true;
    }
    const uint64_t *places = reader.places();
    for (uint32_t i = 0; places && i < reader.count(); i++)
        add(places[i] + by);
    return places != nullptr;
}

} // namespace lede
