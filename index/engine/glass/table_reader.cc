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

TableFile::TableFile(std::string path)
    : path_(std::move(path)), fd_(open(path_.c_str(), O_RDONLY | O_CLOEXEC))
{
    if (fd_ < 0)
        throw FileError("open", path_);
}

TableFile::~TableFile()
{
    (void)close(fd_);
}

void TableFile::throw_damaged(const char *what) const
{
    throw DamagedError("'" + path_ + "' is damaged: " + what);
}

void TableFile::read_block(uint32_t number, char *ret_bytes) const
{
    off_t offset = static_cast<off_t>(number) * static_cast<off_t>(BLOCK_BYTES);
    ssize_t got;
    do
        got = pread(fd_, ret_bytes, BLOCK_BYTES, offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        throw FileError("read", path_);
    if (got != static_cast<ssize_t>(BLOCK_BYTES))
        throw_damaged("it ends before one of its blocks");
}

TableReader::TableReader(std::shared_ptr<const TableFile> file, const TableRoot &root)
    : file_(std::move(file)), root_(root), levels_(root.exists ? root.level + 1 : 0)
{
}

TableReader::TableReader(const std::string &path, const TableRoot &root)
    : TableReader(root.exists ? std::make_shared<TableFile>(path) : nullptr, root)
{
}

void TableReader::read_block(size_t level, uint32_t number)
{
    Level &read = levels_[level];
    read.block.resize(BLOCK_BYTES);
    file_->read_block(number, read.block.data());
    size_t end = get_big_endian16(read.block.data() + DIRECTORY_END_AT);
    if (static_cast<unsigned char>(read.block[LEVEL_AT]) != level || end < HEADER_BYTES ||
        end > BLOCK_BYTES)
        file_->throw_damaged("a block is not what the table says");
    read.item = 0;
    read.item_count = (end - HEADER_BYTES) / DIRECTORY_ENTRY_BYTES;
}

/* To the end of the block: where it ends its own bytes say. */
std::string_view TableReader::item_at(const Level &level, size_t number) const
{
    size_t at =
        get_big_endian16(level.block.data() + HEADER_BYTES + number * DIRECTORY_ENTRY_BYTES);
    if (at < HEADER_BYTES || at >= BLOCK_BYTES)
        file_->throw_damaged("an item stands outside of its block");
    return std::string_view(level.block).substr(at);
}

uint32_t TableReader::child_of(const Level &level, size_t number) const
{
    std::string_view item = item_at(level, number);
    if (item.size() < BLOCK_NUMBER_BYTES)
        file_->throw_damaged("a branch's item is cut");
    return get_big_endian32(item.data());
}

/* Does all of a branch's item stand behind the beginning of a key's tag? What a branch's first item
 * leads to may begin with anything. */
bool TableReader::is_behind(const Level &branch, size_t number, std::string_view key) const
{
    std::string_view item = item_at(branch, number);
    size_t size = item.size() > BLOCK_NUMBER_BYTES
                      ? static_cast<unsigned char>(item[BLOCK_NUMBER_BYTES])
                      : BLOCK_BYTES;
    constexpr size_t KEY_AT = BLOCK_NUMBER_BYTES + KEY_SIZE_BYTES;
    if (item.size() < KEY_AT + size + COMPONENT_BYTES)
        file_->throw_damaged("a branch's item is cut");
    int order = item.substr(KEY_AT, size).compare(key);
    return order > 0 || (order == 0 && get_big_endian16(item.data() + KEY_AT + size) > 1);
}

TableReader::Item TableReader::leaf_item(size_t number) const
{
    constexpr size_t HEAD_BYTES = ITEM_SIZE_BYTES + KEY_SIZE_BYTES;
    std::string_view item = item_at(levels_[0], number);
    if (item.size() < HEAD_BYTES)
        file_->throw_damaged("an item is cut");
    size_t size = get_big_endian16(item.data()) & ITEM_SIZE_MASK;
    size_t key_size = static_cast<unsigned char>(item[ITEM_SIZE_BYTES]);
    unsigned flags = static_cast<unsigned char>(item[0]) & ~(ITEM_SIZE_MASK >> 8);
    size_t component = (flags & ITEM_FIRST) != 0 ? 0 : COMPONENT_BYTES;
    if (size + HEAD_BYTES > item.size() || key_size + component > size)
        file_->throw_damaged("an item is cut");
    return {item.substr(HEAD_BYTES, key_size),
        item.substr(HEAD_BYTES + key_size + component, size - key_size - component), flags};
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
            file_->throw_damaged("a branch is empty");
        read_block(level - 1, child_of(levels_[level], levels_[level].item++));
    }
    return true;
}

bool TableReader::next_item(Item *ret_item)
{
    while (levels_[0].item == levels_[0].item_count) {
        if (!next_leaf())
            return false;
    }
    *ret_item = leaf_item(levels_[0].item++);
    return true;
}

void TableReader::seek(std::string_view key)
{
    if (levels_.empty())
        return;
    key_.clear();
    root_.entry_count = 0;
    read_block(levels_.size() - 1, root_.block);
    for (size_t level = levels_.size() - 1; level > 0; level--) {
        Level &branch = levels_[level];
        size_t low = 1, high = branch.item_count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (is_behind(branch, middle, key))
                high = middle;
            else
                low = middle + 1;
        }
        if (branch.item_count == 0)
            file_->throw_damaged("a branch is empty");
        branch.item = low;
        read_block(level - 1, child_of(branch, low - 1));
    }
    size_t low = 0, high = levels_[0].item_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (leaf_item(middle).key < key)
            low = middle + 1;
        else
            high = middle;
    }
    levels_[0].item = low;
}

bool TableReader::next()
{
    Item item;
    do {
        if (levels_.empty() || !next_item(&item))
            return false;
    } while (item.key.empty()); /* that a table begins with */
    if ((item.flags & ITEM_FIRST) == 0)
        file_->throw_damaged("a tag has no beginning");
    if (!key_.empty() && item.key <= key_)
        file_->throw_damaged("keys are out of order");
    key_ = item.key;
    is_compressed_ = (item.flags & ITEM_COMPRESSED) != 0;
    tag_ = item.part;
    if ((item.flags & ITEM_LAST) != 0)
        return true;
    parts_ = item.part;
    do {
        if (!next_item(&item) || (item.flags & ITEM_FIRST) != 0 || item.key != key_)
            file_->throw_damaged("a tag has no end");
        parts_ += item.part;
    } while ((item.flags & ITEM_LAST) == 0);
    tag_ = parts_;
    return true;
}

} // namespace lede::glass
