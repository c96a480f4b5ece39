/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A B-tree file (table_writer.h), read from an entry on, at first from the first, to the last.
 *
 * Nothing is looked at behind the block or the tag that it belongs to: what does not fit is
 * DamagedError. */
#ifndef LEDE_ENGINE_GLASS_TABLE_READER_H
#define LEDE_ENGINE_GLASS_TABLE_READER_H

#include "table_writer.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lede::glass
{

/* Threads: any. */
class TableFile
{
  public:
    /* Throws FileError. */
    explicit TableFile(std::string path);
    ~TableFile();
    TableFile(const TableFile &) = delete;
    TableFile &operator=(const TableFile &) = delete;

    /* ret_bytes  BLOCK_BYTES. Throws FileError, DamagedError. */
    void read_block(uint32_t number, char *ret_bytes) const;
    [[noreturn]] void throw_damaged(const char *what) const;

  private:
    std::string path_;
    int fd_;
};

class TableReader
{
  public:
    /* root  as the version file has it   file  of it; NULL where it does not exist. Throws
     * std::bad_alloc. */
    TableReader(std::shared_ptr<const TableFile> file, const TableRoot &root);
    /* The same of a file that is opened for it, if it exists. Throws FileError. */
    TableReader(const std::string &path, const TableRoot &root);

    /* The next entry that next() goes to is the first one whose key is not before this one. Throws
     * FileError, DamagedError. */
    void seek(std::string_view key);
    /* Go to the next entry, at first to the first. Returns false behind the last. Throws FileError,
     * DamagedError. */
    bool next();
    /* Of the entry; valid until the next call. The tag as it stands there. */
    std::string_view key() const
    {
        return key_;
    }
    std::string_view tag() const
    {
        return tag_;
    }
    bool is_compressed() const
    {
        return is_compressed_;
    }

  private:
    struct Level {
        std::string block;
        size_t item = 0; /* that comes next */
        size_t item_count = 0;
    };
    struct Item {
        std::string_view key;
        std::string_view part; /* of the tag */
        unsigned flags;
    };

    void read_block(size_t level, uint32_t number);
    std::string_view item_at(const Level &level, size_t number) const;
    Item leaf_item(size_t number) const;
    bool is_behind(const Level &branch, size_t number, std::string_view key) const;
    uint32_t child_of(const Level &level, size_t number) const;
    bool next_leaf();
    bool next_item(Item *ret_item);

    std::shared_ptr<const TableFile> file_;
    TableRoot root_;
    std::vector<Level> levels_; /* leaves first; empty: there are no entries */
    std::string key_;
    std::string_view tag_;
    std::string parts_; /* of a tag in several items */
    bool is_compressed_ = false;
};

} // namespace lede::glass
#endif
