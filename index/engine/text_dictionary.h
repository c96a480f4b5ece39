/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dictionaries that stored texts are compressed with: what many texts of an archive have in common,
 * so that a short one needs not say it again. One is trained from a segment's own texts, and is
 * used for later ones as long as it fits them.
 *
 * A dictionary is named by its content (XXH3-64), so that segments that are joined bring theirs
 * along: it stands in the metadata under that name, compressed, and once more in a
 * file of the segment's directory, since without it nothing can be read. It never changes, and all
 * threads share one. Source: Zstandard, RFC 8878, 5. */
#ifndef LEDE_ENGINE_TEXT_DICTIONARY_H
#define LEDE_ENGINE_TEXT_DICTIONARY_H

#include <xapian.h>
#include <zstd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace lede
{

class TextDictionary
{
  public:
    /* Throws std::bad_alloc. */
    explicit TextDictionary(std::string bytes);
    TextDictionary(const TextDictionary &) = delete;
    TextDictionary &operator=(const TextDictionary &) = delete;
    ~TextDictionary();

    uint64_t id() const
    {
        return id_;
    }
    const std::string &bytes() const
    {
        return bytes_;
    }
    const ZSTD_DDict *for_reading() const
    {
        return reading_;
    }
    /* Made when it is first asked for. Throws std::bad_alloc. */
    const ZSTD_CDict *for_writing() const;

  private:
    std::string bytes_;
    uint64_t id_;
    ZSTD_DDict *reading_;
    mutable std::once_flag once_;
    mutable ZSTD_CDict *writing_ = nullptr;
};

using DictionaryPointer = std::shared_ptr<const TextDictionary>;

constexpr int TEXT_COMPRESSION_LEVEL = 3;
constexpr size_t TEXT_DICTIONARY_BYTES_MAX = 110 * 1024;
/* by the process; more are read again when they are needed */
constexpr size_t TEXT_DICTIONARIES_KEPT = 64;

/* Train one; NULL where the texts are too few or too much alike. texts one after the other sizes of
 *     each. Throws std::bad_alloc. */
DictionaryPointer train_dictionary(
    std::string_view texts, const std::vector<size_t> &sizes, size_t bytes_max);

/* Those that the process has used, the newest first. Throws std::bad_alloc. Threads: any, as all
 * here. */
std::vector<DictionaryPointer> recent_dictionaries(size_t most);
/* The dictionary of a segment's texts, kept for the next time. directory where its file is, should
 *     its metadata be damaged; "": not looked for. Throws Xapian::DatabaseCorruptError where there
 *     is none, std::bad_alloc. */
DictionaryPointer find_dictionary(
    uint64_t id, const Xapian::Database &segment, const std::string &directory);
void remember_dictionary(const DictionaryPointer &dictionary);
void forget_dictionaries(); /* for tests: as a process that starts */

/* The key of its metadata, which is its file's name too, and their value. Throws std::bad_alloc. */
std::string dictionary_key(uint64_t id);
std::string dictionary_value(const TextDictionary &dictionary);
/* Write the file, unsynced; one that is there stays. Throws FileError. */
void write_dictionary_file(
    const std::string &directory, const std::string &key, const std::string &value);
/* The same of each dictionary that a segment's metadata have. Throws FileError, Xapian::Error. */
void write_dictionary_files(const std::string &path);

} // namespace lede
#endif
