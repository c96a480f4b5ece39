/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in few bits, least significant bits first; and packed in bytes, seven bits each, the last
 * one below 128.
 *
 * A reader never looks behind its bytes: what is missing reads as zeros and is told by failed(). */
#ifndef LEDE_ENGINE_GLASS_BITS_H
#define LEDE_ENGINE_GLASS_BITS_H

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <endian.h>
#include <string>
#include <string_view>

namespace lede
{

/* 57 bits or more from a bit on; zeros stand behind the bytes. */
inline uint64_t load_bits(std::string_view bytes, uint64_t bit)
{
    uint64_t bits = 0, byte = bit / 8;
    if (byte + sizeof(bits) <= bytes.size())
        memcpy(&bits, bytes.data() + byte, sizeof(bits));
    else if (byte < bytes.size())
        memcpy(&bits, bytes.data() + byte, bytes.size() - byte);
    return le64toh(bits) >> (bit % 8);
}

inline void append_uint(std::string &bytes, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        bytes += static_cast<char>(number | 0x80);
    bytes += static_cast<char>(number);
}

class BitsWriter
{
  public:
    explicit BitsWriter(std::string &bytes) : bytes_(bytes)
    {
    }
    /* width <= 32, value below 2^width */
    void put(uint32_t value, unsigned width)
    {
        bits_ |= static_cast<uint64_t>(value) << count_;
        for (count_ += width; count_ >= 8; count_ -= 8) {
            bytes_ += static_cast<char>(bits_);
            bits_ >>= 8;
        }
    }
    /* By Rice's code: value >> parameter in zeros and a one, then the bits below. */
    void put_rice(uint32_t value, unsigned parameter)
    {
        for (uint32_t zeros = value >> parameter; zeros > 0; zeros -= std::min(zeros, 32U))
            put(0, std::min(zeros, 32U));
        put(1, 1);
        put(value & ((UINT32_C(1) << parameter) - 1), parameter);
    }
    /* To the end of the byte. */
    void finish()
    {
        if (count_ > 0)
            bytes_ += static_cast<char>(bits_);
        bits_ = 0;
        count_ = 0;
    }

  private:
    std::string &bytes_;
    uint64_t bits_ = 0;
    unsigned count_ = 0; /* below 8 between calls */
};

constexpr unsigned RICE_PARAMETER_MAX = 31;

class BitsReader
{
  public:
    explicit BitsReader(std::string_view bytes) : bytes_(bytes)
    {
    }
    /* width <= 32 */
    uint32_t get(unsigned width)
    {
        auto value = static_cast<uint32_t>(load_bits(bytes_, at_) & ((UINT64_C(1) << width) - 1));
        at_ += width;
        return value;
    }
    uint32_t get_rice(unsigned parameter)
    {
        uint64_t zeros = 0;
        while (!failed()) {
            uint64_t bits = load_bits(bytes_, at_) & UINT32_MAX;
            unsigned run = bits == 0 ? 32 : static_cast<unsigned>(__builtin_ctzll(bits));
            zeros += run;
            at_ += run;
            if (bits != 0)
                break;
        }
        at_++;
        return static_cast<uint32_t>(zeros << parameter) | get(parameter);
    }
    bool failed() const
    {
        return at_ > bytes_.size() * 8;
    }

  private:
    std::string_view bytes_;
    uint64_t at_ = 0;
};

class BytesReader
{
  public:
    explicit BytesReader(std::string_view bytes) : bytes_(bytes)
    {
    }
    uint32_t get_byte()
    {
        failed_ = failed_ || at_ == bytes_.size();
        return failed_ ? 0 : static_cast<unsigned char>(bytes_[at_++]);
    }
    uint64_t get_uint64()
    {
        uint64_t number = 0;
        for (unsigned shift = 0; shift < 63; shift += 7) {
            uint64_t byte = get_byte();
            number |= (byte & 0x7F) << shift;
            if (byte < 0x80)
                return failed_ ? 0 : number;
        }
        failed_ = true;
        return 0;
    }
    /* At most UINT32_MAX, else it fails. */
    uint32_t get_uint()
    {
        uint64_t number = get_uint64();
        failed_ = failed_ || number > UINT32_MAX;
        return failed_ ? 0 : static_cast<uint32_t>(number);
    }
    std::string_view get_bytes(size_t size)
    {
        failed_ = failed_ || size > bytes_.size() - at_;
        if (failed_)
            return {};
        at_ += size;
        return bytes_.substr(at_ - size, size);
    }
    bool failed() const
    {
        return failed_;
    }
    std::string_view rest() const
    {
        return bytes_.substr(at_);
    }

  private:
    std::string_view bytes_;
    size_t at_ = 0;
    bool failed_ = false;
};

} // namespace lede
#endif
