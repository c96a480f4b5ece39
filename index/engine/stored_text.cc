/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stored_text.h"

#include <zstd_errors.h>

#include <cstring>
#include <new>
#include <utility>

namespace lede
{

namespace
{

constexpr char PLAIN_MARK = 0;
constexpr char COMPRESSED_MARK = 1;
constexpr size_t ID_BYTES = 8;
constexpr size_t HEAD_BYTES = 1 + ID_BYTES;
constexpr size_t MAGIC_BYTES = 4;
/* of what is no damage; a document may have an eighth of it */
constexpr size_t TEXT_BYTES_MAX = 64U << 20;

struct FreeContext {
    void operator()(ZSTD_DCtx *context) const
    {
        ZSTD_freeDCtx(context);
    }
};

/* The thread's own: making one takes longer than reading a text. */
ZSTD_DCtx *reading_context()
{
    thread_local std::unique_ptr<ZSTD_DCtx, FreeContext> context;
    if (!context)
        context.reset(ZSTD_createDCtx());
    if (!context)
        throw std::bad_alloc();
    return context.get();
}

void put_little_endian(char *out, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = static_cast<char>(number >> (8 * i));
}

uint64_t get_id(const std::string &data)
{
    uint64_t id = 0;
    for (size_t i = 0; i < ID_BYTES; i++)
        id |= static_cast<uint64_t>(static_cast<unsigned char>(data[1 + i])) << (8 * i);
    return id;
}

[[noreturn]] void fail()
{
    throw Xapian::DatabaseCorruptError("a stored text cannot be decompressed");
}

} // namespace

std::string text_of_data(
    std::string data, const Xapian::Database &segment, const std::string &directory)
{
    if (data.empty() || (data[0] != PLAIN_MARK && data[0] != COMPRESSED_MARK))
        return data;
    if (data[0] == PLAIN_MARK)
        return data.substr(1);
    if (data.size() <= HEAD_BYTES)
        fail();
    DictionaryPointer dictionary = find_dictionary(get_id(data), segment, directory);
    /* The magic number takes the place of the head's end. */
    char *frame = data.data() + HEAD_BYTES - MAGIC_BYTES;
    size_t frame_size = data.size() - HEAD_BYTES + MAGIC_BYTES;
    put_little_endian(frame, ZSTD_MAGICNUMBER, MAGIC_BYTES);
    unsigned long long size = ZSTD_getFrameContentSize(frame, frame_size);
    if (size > TEXT_BYTES_MAX) /* what is unknown is large, too */
        fail();
    std::string text(size, '\0');
    size_t read = ZSTD_decompress_usingDDict(
        reading_context(), text.data(), text.size(), frame, frame_size, dictionary->for_reading());
    if (ZSTD_getErrorCode(read) == ZSTD_error_memory_allocation)
        throw std::bad_alloc();
    if (read != text.size())
        fail();
    return text;
}

std::string stored_text(const Xapian::Database &segment, Xapian::docid docid)
{
    return text_of_data(segment.get_document(docid).get_data(), segment);
}

std::string plain_frame(std::string_view text)
{
    std::string frame;
    if (!text.empty() && (text[0] == PLAIN_MARK || text[0] == COMPRESSED_MARK))
        frame += PLAIN_MARK;
    return frame.append(text);
}

TextCompressor::TextCompressor(DictionaryPointer dictionary)
    : dictionary_(std::move(dictionary)), context_(ZSTD_createCCtx())
{
    if (!context_ || ZSTD_isError(ZSTD_CCtx_refCDict(context_.get(), dictionary_->for_writing())) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_dictIDFlag, 0)))
        throw std::bad_alloc();
}

bool TextCompressor::compress(std::string_view text, std::string_view *ret_frame)
{
    constexpr size_t SHIFT = HEAD_BYTES - MAGIC_BYTES;
    size_t most = ZSTD_compressBound(text.size());
    if (frame_.size() < SHIFT + most)
        frame_.resize(SHIFT + most);
    size_t size =
        ZSTD_compress2(context_.get(), frame_.data() + SHIFT, most, text.data(), text.size());
    if (ZSTD_isError(size))
        throw std::bad_alloc();
    frame_[0] = COMPRESSED_MARK;
    put_little_endian(frame_.data() + 1, dictionary_->id(), ID_BYTES);
    *ret_frame = {frame_.data(), SHIFT + size};
    return ret_frame->size() < text.size();
}

} // namespace lede
