/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "list_reader.h"

#include "version_file.h"

namespace lede::glass
{

ListReader::ListReader(const std::string &directory)
    : root_(read_version_file(directory).roots[TABLE_POSTLIST]),
      file_(root_.exists ? std::make_shared<TableFile>(directory + "/postlist.glass") : nullptr)
{
}

bool ListReader::next_chunk(
    TableReader &table, std::string_view list, bool has_terms, bool is_first, Chunk *ret_chunk)
{
    bool is_there = table.next();
    std::string_view key = is_there ? table.key() : std::string_view();
    if (is_first && key != list)
        return false;
    BytesReader reader(table.tag());
    if (is_first) {
        ret_chunk->count = reader.get_uint();
        reader.get_uint(); /* sum of numbers */
        ret_chunk->document = uint64_t{reader.get_uint()} + 1;
    } else {
        if (!is_there || key.substr(0, list.size()) != list)
            throw DamagedError("a list has no end");
        ret_chunk->document = get_docid(key.substr(list.size()).substr(has_terms ? 1 : 0));
    }
    ret_chunk->is_last = reader.get_byte() == '1';
    reader.get_uint(); /* how far it goes */
    if (reader.failed() || table.is_compressed())
        throw DamagedError("a list's chunk is cut");
    ret_chunk->bytes = reader.rest();
    return true;
}

} // namespace lede::glass
