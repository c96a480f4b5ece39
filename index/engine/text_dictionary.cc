/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text_dictionary.h"

#include "file_error.h"
#include "output_file.h"

#include "lede/number.h"

#include <zdict.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <endian.h>
#include <fcntl.h>
#include <new>
#include <shared_mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace lede
{

namespace
{

constexpr char KEY_PREFIX[] = "dictionary-";
constexpr int VALUE_COMPRESSION_LEVEL = 9; /* once a segment, some milliseconds */

/* The newest last. */
struct Shelf {
    std::shared_mutex mutex;
    std::vector<DictionaryPointer> dictionaries;
};

Shelf &shelf()
{
    static Shelf shelf;
    return shelf;
}

DictionaryPointer find_on_shelf(uint64_t id)
{
    std::shared_lock<std::shared_mutex> lock(shelf().mutex);
    const std::vector<DictionaryPointer> &all = shelf().dictionaries;
    auto found = std::find_if(
        all.begin(), all.end(), [id](const DictionaryPointer &one) { return one->id() == id; });
    return found == all.end() ? nullptr : *found;
}

/* Zstandard says of a lack of memory that something is wrong, as of damage. */
bool is_wrong(size_t code)
{
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
        throw std::bad_alloc();
    return ZSTD_isError(code);
}

/* Bytes that begin as a dictionary of Zstandard's own have a head that can be read; any others are
 * text. */
bool is_dictionary(const std::string &bytes)
{
    uint32_t magic = 0;
    memcpy(&magic, bytes.data(), std::min(bytes.size(), sizeof(magic)));
    return le32toh(magic) != ZSTD_MAGIC_DICTIONARY ||
           !is_wrong(ZDICT_getDictHeaderSize(bytes.data(), bytes.size()));
}

/* What a metadata value or a file says; NULL where it is damaged. */
DictionaryPointer parse(const std::string &value, uint64_t id)
{
    std::string bytes(TEXT_DICTIONARY_BYTES_MAX, '\0');
    size_t size = ZSTD_decompress(bytes.data(), bytes.size(), value.data(), value.size());
    if (value.empty() || is_wrong(size))
        return nullptr;
    bytes.resize(size);
    if (lede_hash64(bytes.data(), bytes.size()) != id || !is_dictionary(bytes))
        return nullptr;
    return std::make_shared<const TextDictionary>(std::move(bytes));
}

/* "": there is none. What is longer than any dictionary's is cut, and so none. Throws
 * Xapian::DatabaseOpeningError: a file that is there and cannot be read is not lost. */
std::string read_file(const std::string &path)
{
    std::string bytes(ZSTD_COMPRESSBOUND(TEXT_DICTIONARY_BYTES_MAX), '\0');
    int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return {};
    ssize_t got = fd < 0 ? -1 : read(fd, bytes.data(), bytes.size());
    int reason = errno;
    if (fd >= 0)
        (void)close(fd);
    if (got < 0)
        throw Xapian::DatabaseOpeningError("cannot read '" + path + "'", reason);
    bytes.resize(static_cast<size_t>(got));
    return bytes;
}

std::string read_metadata(const Xapian::Database &segment, const std::string &key)
{
    try {
        return segment.get_metadata(key);
    } catch (const Xapian::DatabaseCorruptError &) {
        return {};
    }
}

} // namespace

TextDictionary::TextDictionary(std::string bytes)
    : bytes_(std::move(bytes)), id_(lede_hash64(bytes_.data(), bytes_.size())),
      reading_(ZSTD_createDDict(bytes_.data(), bytes_.size()))
{
    if (!reading_)
        throw std::bad_alloc();
}

TextDictionary::~TextDictionary()
{
    ZSTD_freeDDict(reading_);
    ZSTD_freeCDict(writing_);
}

const ZSTD_CDict *TextDictionary::for_writing() const
{
    std::call_once(once_, [this] {
        writing_ = ZSTD_createCDict(bytes_.data(), bytes_.size(), TEXT_COMPRESSION_LEVEL);
    });
    if (!writing_)
        throw std::bad_alloc();
    return writing_;
}

DictionaryPointer train_dictionary(
    std::string_view texts, const std::vector<size_t> &sizes, size_t bytes_max)
{
    std::string bytes(std::min(bytes_max, TEXT_DICTIONARY_BYTES_MAX), '\0');
    size_t size = ZDICT_trainFromBuffer(bytes.data(), bytes.size(), texts.data(), sizes.data(),
        static_cast<unsigned>(sizes.size()));
    if (ZDICT_isError(size))
        return nullptr;
    bytes.resize(size);
    return std::make_shared<const TextDictionary>(std::move(bytes));
}

std::vector<DictionaryPointer> recent_dictionaries(size_t most)
{
    std::shared_lock<std::shared_mutex> lock(shelf().mutex);
    const std::vector<DictionaryPointer> &all = shelf().dictionaries;
    auto count = static_cast<std::ptrdiff_t>(std::min(most, all.size()));
    return {all.rbegin(), all.rbegin() + count};
}

void remember_dictionary(const DictionaryPointer &dictionary)
{
    std::unique_lock<std::shared_mutex> lock(shelf().mutex);
    std::vector<DictionaryPointer> &all = shelf().dictionaries;
    all.erase(std::remove_if(all.begin(), all.end(),
                  [&](const DictionaryPointer &one) { return one->id() == dictionary->id(); }),
        all.end());
    if (all.size() == TEXT_DICTIONARIES_KEPT)
        all.erase(all.begin());
    all.push_back(dictionary);
}

void forget_dictionaries()
{
    std::unique_lock<std::shared_mutex> lock(shelf().mutex);
    shelf().dictionaries.clear();
}

DictionaryPointer find_dictionary(
    uint64_t id, const Xapian::Database &segment, const std::string &directory)
{
    DictionaryPointer dictionary = find_on_shelf(id);
    if (dictionary)
        return dictionary;
    std::string key = dictionary_key(id);
    dictionary = parse(read_metadata(segment, key), id);
    if (!dictionary && !directory.empty())
        dictionary = parse(read_file(directory + "/" + key), id);
    if (!dictionary)
        throw Xapian::DatabaseCorruptError(
            "a segment lacks " + key + ", without which texts cannot be read");
    remember_dictionary(dictionary);
    return dictionary;
}

std::string dictionary_key(uint64_t id)
{
    char name[sizeof(KEY_PREFIX) + 16];
    snprintf(name, sizeof(name), "%s%016llx", KEY_PREFIX, static_cast<unsigned long long>(id));
    return name;
}

std::string dictionary_value(const TextDictionary &dictionary)
{
    const std::string &bytes = dictionary.bytes();
    std::string value(ZSTD_compressBound(bytes.size()), '\0');
    size_t size = ZSTD_compress(
        value.data(), value.size(), bytes.data(), bytes.size(), VALUE_COMPRESSION_LEVEL);
    if (ZSTD_isError(size))
        throw std::bad_alloc();
    value.resize(size);
    return value;
}

void write_dictionary_file(
    const std::string &directory, const std::string &key, const std::string &value)
{
    struct stat info;
    std::string path = directory + "/" + key;
    if (stat(path.c_str(), &info) == 0)
        return;
    glass::OutputFile file(path);
    file.write(value.data(), value.size());
    file.close();
}

void write_dictionary_files(const std::string &path)
{
    Xapian::Database segment(path, Xapian::DB_BACKEND_GLASS);
    auto end = segment.metadata_keys_end(KEY_PREFIX);
    for (auto key = segment.metadata_keys_begin(KEY_PREFIX); key != end; ++key)
        write_dictionary_file(path, *key, segment.get_metadata(*key));
}

} // namespace lede
