/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table_writer.h"

#include "block_format.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lede::glass
{

namespace
{

/* Four of the largest items must fit into a block: what Xapian relies on when it splits one. */
constexpr size_t ITEM_BYTES_MAX = (BLOCK_BYTES - HEADER_BYTES - 4 * DIRECTORY_ENTRY_BYTES) / 4;
/* A tag is cut to fill a block's end where the piece is this much longer than the key, which is
 * then stored twice. */
constexpr size_t CUT_BYTES_MIN = 34;

/* The shortest beginning of `key` that is greater than `before`; all of it where they are equal. */
std::string_view parting(std::string_view before, std::string_view key)
{
    size_t shared = 0;
    size_t end = std::min(before.size(), key.size());
    while (shared < end && before[shared] == key[shared])
        shared++;
    return key.substr(0, shared + 1);
}

} // namespace

TableWriter::Block::Block(unsigned level_)
    : bytes(std::make_unique<char[]>(BLOCK_BYTES)), level(level_)
{
    clear();
}

void TableWriter::Block::clear()
{
    memset(bytes.get(), 0, BLOCK_BYTES);
    directory_end = HEADER_BYTES;
    item_begin = BLOCK_BYTES;
    item_count = 0;
}

char *TableWriter::Block::place(size_t item_size)
{
    item_begin -= item_size;
    put_big_endian16(bytes.get() + directory_end, item_begin);
    directory_end += DIRECTORY_ENTRY_BYTES;
    item_count++;
    return bytes.get() + item_begin;
}

void TableWriter::Block::close()
{
    put_big_endian32(bytes.get(), REVISION);
    bytes[LEVEL_AT] = static_cast<char>(level);
    put_big_endian16(bytes.get() + FREE_AT, room());
    put_big_endian16(bytes.get() + FREE_AT + 2, room());
    put_big_endian16(bytes.get() + DIRECTORY_END_AT, directory_end);
}

TableWriter::TableWriter(std::string path) : file_(std::move(path))
{
    levels_.push_back(std::make_unique<Block>(0));
    char *item = levels_[0]->place(ITEM_SIZE_BYTES + KEY_SIZE_BYTES);
    put_big_endian16(item, 0);
    item[0] = static_cast<char>(ITEM_FIRST | ITEM_LAST);
    item[2] = 0;
}

TableWriter::Block &TableWriter::block_of(unsigned level)
{
    if (level == levels_.size())
        levels_.push_back(std::make_unique<Block>(level));
    return *levels_[level];
}

uint32_t TableWriter::write(Block &block)
{
    block.close();
    file_.write(block.bytes.get(), BLOCK_BYTES);
    block.written++;
    return block_count_++;
}

void TableWriter::add_branch(
    unsigned level, std::string_view key, uint16_t component, uint32_t child)
{
    Block *block = &block_of(level);
    constexpr size_t BARE_BYTES = BLOCK_NUMBER_BYTES + KEY_SIZE_BYTES + COMPONENT_BYTES;
    if (block->room() < BARE_BYTES + key.size() + DIRECTORY_ENTRY_BYTES) {
        uint32_t number = write(*block);
        add_branch(level + 1, block->separator, block->separator_component, number);
        block = levels_[level].get();
        block->clear();
    }
    bool is_first = block->item_count == 0;
    if (is_first) {
        block->separator = key;
        block->separator_component = component;
        key = key.substr(0, 0);
        component = 0;
    }
    char *item = block->place(BARE_BYTES + key.size());
    put_big_endian32(item, child);
    item[BLOCK_NUMBER_BYTES] = static_cast<char>(key.size());
    std::copy(key.begin(), key.end(), item + BLOCK_NUMBER_BYTES + KEY_SIZE_BYTES);
    put_big_endian16(item + BLOCK_NUMBER_BYTES + KEY_SIZE_BYTES + key.size(), component);
}

void TableWriter::begin_leaf(std::string_view key, unsigned component)
{
    Block &leaf = *levels_[0];
    uint32_t number = write(leaf);
    add_branch(1, leaf.separator, leaf.separator_component, number);
    leaf.clear();
    leaf.separator = parting(last_key_, key);
    leaf.separator_component = static_cast<uint16_t>(component);
}

void TableWriter::add_component(
    std::string_view key, std::string_view part, unsigned component, unsigned flags)
{
    size_t component_bytes = component > 1 ? COMPONENT_BYTES : 0;
    size_t size = ITEM_SIZE_BYTES + KEY_SIZE_BYTES + key.size() + component_bytes + part.size();
    char *item = levels_[0]->place(size);
    put_big_endian16(item, size - ITEM_SIZE_BYTES - KEY_SIZE_BYTES);
    item[0] = static_cast<char>(static_cast<unsigned char>(item[0]) | flags);
    item[2] = static_cast<char>(key.size());
    item += ITEM_SIZE_BYTES + KEY_SIZE_BYTES;
    memcpy(item, key.data(), key.size());
    item += key.size();
    if (component > 1)
        put_big_endian16(item, component);
    if (!part.empty())
        memcpy(item + component_bytes, part.data(), part.size());
}

void TableWriter::add(std::string_view key, std::string_view tag, bool is_compressed)
{
    unsigned compressed = is_compressed ? ITEM_COMPRESSED : 0U;
    for (unsigned component = 1;; component++) {
        size_t around =
            ITEM_SIZE_BYTES + KEY_SIZE_BYTES + key.size() + (component > 1 ? COMPONENT_BYTES : 0);
        size_t room = levels_[0]->room();
        size_t free =
            room > around + DIRECTORY_ENTRY_BYTES ? room - around - DIRECTORY_ENTRY_BYTES : 0;
        size_t part = std::min(tag.size(), ITEM_BYTES_MAX - around);
        if (part > free || room < around + DIRECTORY_ENTRY_BYTES) {
            if (free < key.size() + CUT_BYTES_MIN) {
                begin_leaf(key, component);
                component--;
                continue;
            }
            part = free;
        }
        unsigned flags =
            compressed | (component == 1 ? ITEM_FIRST : 0U) | (part == tag.size() ? ITEM_LAST : 0U);
        add_component(key, tag.substr(0, part), component, flags);
        /* A block that this key's next component begins is parted from this one by the whole
         * key. */
        if (component == 1)
            last_key_ = key;
        if (part == tag.size())
            break;
        tag.remove_prefix(part);
    }
    entry_count_++;
}

TableRoot TableWriter::finish()
{
    TableRoot root;
    root.exists = true;
    root.entry_count = entry_count_;
    for (unsigned level = 0;; level++) {
        Block &block = *levels_[level];
        root.block = write(block);
        root.level = level;
        if (block.written == 1)
            break;
        add_branch(level + 1, block.separator, block.separator_component, root.block);
    }
    root.block_count = block_count_;
    file_.flush();
    return root;
}

void TableWriter::close()
{
    file_.close();
}

} // namespace lede::glass
