/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A B-tree file (table_writer.h), read from its first entry to its last.
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

class TableReader
{
  public:
    /* root  as the version file has it. Throws FileError, std::bad_alloc. */
    TableReader(std::string path, const TableRoot &root);
    ~TableReader();
    TableReader(const TableReader &) = delete;
    TableReader &operator=(const TableReader &) = delete;

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
    bool next_leaf();
    bool next_item(Item *ret_item);
    [[noreturn]] void throw_damaged(const char *what) const;

    std::string path_;
    int fd_;
    TableRoot root_;
    std::vector<Level> levels_; /* leaves first; empty: there are no entries */
    std::string key_;
    std::string_view tag_;
    std::string parts_; /* of a tag in several items */
    bool is_compressed_ = false;
};

} // namespace lede::glass
#endif
