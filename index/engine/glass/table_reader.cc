/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table_reader.h"

#include "block_format.h"
#include "file_error.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace lede::glass
{

TableReader::TableReader(std::string path, const TableRoot &root)
    : path_(std::move(path)), fd_(-1), root_(root)
{
    if (!root.exists)
        return;
    fd_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0)
        throw FileError("open", path_);
    levels_.resize(root.level + 1);
    levels_.back().block.resize(BLOCK_BYTES);
}

TableReader::~TableReader()
{
    if (fd_ >= 0)
        close(fd_);
}

void TableReader::throw_damaged(const char *what) const
{
    throw DamagedError("'" + path_ + "' is damaged: " + what);
}

void TableReader::read_block(size_t level, uint32_t number)
{
    Level &read = levels_[level];
    read.block.resize(BLOCK_BYTES);
    off_t offset = static_cast<off_t>(number) * static_cast<off_t>(BLOCK_BYTES);
    ssize_t got;
    do
        got = pread(fd_, read.block.data(), BLOCK_BYTES, offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        throw FileError("read", path_);
    size_t end = get_big_endian16(read.block.data() + DIRECTORY_END_AT);
    if (got != static_cast<ssize_t>(BLOCK_BYTES) ||
        static_cast<unsigned char>(read.block[LEVEL_AT]) != level || end < HEADER_BYTES ||
        end > BLOCK_BYTES)
        throw_damaged("a block is not what the table says");
    read.item = 0;
    read.item_count = (end - HEADER_BYTES) / DIRECTORY_ENTRY_BYTES;
}

/* To the end of the block: where it ends its own bytes say. */
std::string_view TableReader::item_at(const Level &level, size_t number) const
{
    size_t at =
        get_big_endian16(level.block.data() + HEADER_BYTES + number * DIRECTORY_ENTRY_BYTES);
    if (at < HEADER_BYTES || at >= BLOCK_BYTES)
        throw_damaged("an item stands outside of its block");
    return std::string_view(level.block).substr(at);
}

/* Go to the next leaf, at first to the first. Returns false behind the last. */
bool TableReader::next_leaf()
{
    size_t level = 1;
    while (level < levels_.size() && levels_[level].item == levels_[level].item_count)
        level++;
    if (level == levels_.size()) {
        if (root_.entry_count == 0)
            return false;
        read_block(--level, root_.block);
        root_.entry_count = 0; /* it is read once */
    }
    for (; level > 0; level--) {
        if (levels_[level].item == levels_[level].item_count)
            throw_damaged("a branch is empty");
        std::string_view item = item_at(levels_[level], levels_[level].item++);
        if (item.size() < BLOCK_NUMBER_BYTES)
            throw_damaged("a branch's item is cut");
        read_block(level - 1, get_big_endian32(item.data()));
    }
    return true;
}

bool TableReader::next_item(Item *ret_item)
{
    while (levels_[0].item == levels_[0].item_count) {
        if (!next_leaf())
            return false;
    }
    std::string_view item = item_at(levels_[0], levels_[0].item++);
    constexpr size_t HEAD_BYTES = ITEM_SIZE_BYTES + KEY_SIZE_BYTES;
    if (item.size() < HEAD_BYTES)
        throw_damaged("an item is cut");
    size_t size = get_big_endian16(item.data()) & ITEM_SIZE_MASK;
    size_t key_size = static_cast<unsigned char>(item[ITEM_SIZE_BYTES]);
    ret_item->flags = static_cast<unsigned char>(item[0]) & ~(ITEM_SIZE_MASK >> 8);
    size_t component = (ret_item->flags & ITEM_FIRST) != 0 ? 0 : COMPONENT_BYTES;
    if (size + HEAD_BYTES > item.size() || key_size + component > size)
        throw_damaged("an item is cut");
    ret_item->key = item.substr(HEAD_BYTES, key_size);
    ret_item->part = item.substr(HEAD_BYTES + key_size + component, size - key_size - component);
    return true;
}

bool TableReader::next()
{
    Item item;
    do {
        if (levels_.empty() || !next_item(&item))
            return false;
    } while (item.key.empty()); /* that a table begins with */
    if ((item.flags & ITEM_FIRST) == 0)
        throw_damaged("a tag has no beginning");
    if (!key_.empty() && item.key <= key_)
        throw_damaged("keys are out of order");
    key_ = item.key;
    is_compressed_ = (item.flags & ITEM_COMPRESSED) != 0;
    tag_ = item.part;
    if ((item.flags & ITEM_LAST) != 0)
        return true;
    parts_ = item.part;
    do {
        if (!next_item(&item) || (item.flags & ITEM_FIRST) != 0 || item.key != key_)
            throw_damaged("a tag has no end");
        parts_ += item.part;
    } while ((item.flags & ITEM_LAST) == 0);
    tag_ = parts_;
    return true;
}

} // namespace lede::glass
