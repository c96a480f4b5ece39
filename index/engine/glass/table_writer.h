/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A B-tree file, written bottom-up: keys come in ascending order, each block is filled and written
 * once.
 *
 * The file is a row of blocks of 8 KiB. A block: its revision (4 bytes), its level (1; leaves are
 * 0), the bytes free between directory and items (2), the bytes free in all (2), the end of the
 * directory (2), the directory (2 bytes an item, its offset), then, from the block's end, the
 * items. All numbers are big endian.
 *   leaf item    size less 3, with flags in its upper three bits (2) · key size (1) · key ·
 *                component (2, unless the first) · tag
 *   branch item  block number (4) · key size (1) · key · component (2)
 * A tag too long for an item is cut into components. A branch's key is the least that parts its
 * block from the one before; a branch block's first key is left out. The first leaf begins with an
 * item of no key and no tag. Facts: Xapian 1.4, glass_table.h, glass_table.cc. */
#ifndef LEDE_ENGINE_GLASS_TABLE_WRITER_H
#define LEDE_ENGINE_GLASS_TABLE_WRITER_H

#include "output_file.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lede::glass
{

constexpr size_t BLOCK_BYTES = 8192;
constexpr uint32_t REVISION = 1; /* of every block and of the database */

/* What the version file says of a table. */
struct TableRoot {
    bool exists = false; /* a table without entries may have no file */
    uint32_t block = 0;
    unsigned level = 0;
    uint64_t entry_count = 0;
    uint32_t block_count = 0;
};

class TableWriter
{
  public:
    explicit TableWriter(std::string path);

    /* key   not empty, at most KEY_BYTES_MAX, greater than the one before; this is not checked
     * tag   at most TAG_BYTES_MAX (checked by the caller's own limits) is_compressed by deflate */
    void add(std::string_view key, std::string_view tag, bool is_compressed = false);
    /* Write the blocks under way; nothing can be added any more. */
    TableRoot finish();
    void close();

  private:
    struct Block {
        explicit Block(unsigned level);
        void clear();
        size_t room() const /* for an item and its directory entry */
        {
            return item_begin - directory_end;
        }
        /* Where an item of so many bytes goes; there is room. */
        char *place(size_t item_size);
        void close(); /* fill in the header */

        std::unique_ptr<char[]> bytes;
        unsigned level;
        size_t directory_end = 0;
        size_t item_begin = 0;
        uint32_t item_count = 0;
        uint32_t written = 0;  /* blocks of this level */
        std::string separator; /* the key that parts this block from the one before … */
        /* … and its component; of a level's first block neither is used */
        uint16_t separator_component = 0;
    };

    void add_component(
        std::string_view key, std::string_view part, unsigned component, unsigned flags);
    void begin_leaf(std::string_view key, unsigned component);
    uint32_t write(Block &block);
    void add_branch(unsigned level, std::string_view key, uint16_t component, uint32_t child);
    Block &block_of(unsigned level);

    OutputFile file_;
    std::vector<std::unique_ptr<Block>> levels_;
    std::string last_key_;
    uint32_t block_count_ = 0;
    uint64_t entry_count_ = 0;
};

} // namespace lede::glass
#endif
