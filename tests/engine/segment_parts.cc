/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segment_parts.h"

#include "chunk_writer.h"
#include "entry.h"
#include "forward_file.h"
#include "forward_file_writer.h"
#include "packing.h"
#include "stored_text.h"
#include "value_store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace lede::glass;

namespace
{

void append_uint(std::string &out, uint64_t number)
{
    char bytes[UINT64_BYTES_MAX];
    out.append(bytes, static_cast<size_t>(put_uint(bytes, number) - bytes));
}

/* What ends a version file. */
std::string statistics_of(const DatabaseStatistics &statistics, uint32_t holes)
{
    std::string bytes;
    append_uint(bytes, statistics.document_count);
    append_uint(bytes, holes);
    append_uint(bytes, statistics.length_least);
    append_uint(bytes, statistics.wdf_greatest);
    append_uint(bytes, statistics.length_greatest - statistics.wdf_greatest);
    append_uint(bytes, 0);
    append_uint(bytes, statistics.length_sum);
    append_uint(bytes, 0);
    return bytes;
}

void write_list(ChunkWriter &chunks, const std::string &key, const std::string &parts,
    const SegmentParts::List &list, bool has_head)
{
    if (list.postings.empty())
        return;
    chunks.begin(key, parts, has_head ? list.count : 0, has_head ? 1 : 0);
    for (const auto &[document, number] : list.postings)
        chunks.add(document, number);
    chunks.end();
}

TableRoot write_postlist(const SegmentParts &parts, const std::string &path)
{
    TableWriter table(path + "/postlist.glass");
    for (const auto &[key, value] : parts.metadata)
        table.add(std::string("\0\xC0", 2) + key, value);
    ValueStore values;
    for (const auto &[slot, items] : parts.values) {
        for (const auto &[document, bytes] : items)
            values.add(document, slot, bytes);
    }
    values.write_statistics(table);
    values.write_chunks(table);
    ChunkWriter chunks(table);
    write_list(chunks, std::string("\0\xE0", 2), "", parts.lengths, false);
    for (const auto &[term, list] : parts.lists) {
        std::string key(escaped_size(term), '\0');
        put_escaped(key.data(), term);
        write_list(chunks, key, std::string("\0", 1), list, true);
    }
    TableRoot root = table.finish();
    table.close();
    return root;
}

TableRoot write_data(const SegmentParts &parts, const std::string &path)
{
    TableWriter table(path + "/docdata.glass");
    for (const auto &[document, bytes] : parts.data) {
        char key[DOCID_BYTES_MAX];
        table.add({key, static_cast<size_t>(put_docid(key, document) - key)}, bytes);
    }
    TableRoot root = table.finish();
    table.close();
    return root;
}

} // namespace

void SegmentParts::add(const struct lede_entry *entry)
{
    uint32_t document = ++statistics.document_count;
    uint32_t length = 0;
    last_document = document;
    for (size_t i = 0; i < entry->terms.term_count(); i++) {
        const lede::Term &term = entry->terms.sorted(i);
        List &list = lists[std::string(term.view())];
        list.postings.emplace_back(document, term.wdf);
        list.count++;
        length += term.wdf;
        statistics.wdf_greatest = std::max(statistics.wdf_greatest, term.wdf);
    }
    lengths.postings.emplace_back(document, length);
    statistics.length_sum += length;
    statistics.length_greatest = std::max(statistics.length_greatest, length);
    if (length > 0 && (statistics.length_least == 0 || length < statistics.length_least))
        statistics.length_least = length;
    for (const lede::EntryValue &value : entry->values) {
        if (value.slot != LEDE_SLOT_POSITIONS)
            values[value.slot].emplace_back(document, std::string(value.bytes));
    }
    positions.emplace_back(entry->positions());
    data.emplace_back(document, lede::plain_frame(entry->stored));
}

void SegmentParts::write(const std::string &path) const
{
    std::filesystem::create_directory(path);
    TableRoot roots[TABLE_COUNT];
    roots[TABLE_POSTLIST] = write_postlist(*this, path);
    if (!data.empty())
        roots[TABLE_DOCDATA] = write_data(*this, path);
    lede::ForwardFileWriter writer(path);
    for (const std::string &bytes : positions)
        writer.add(bytes);
    writer.finish();
    if (!positions_file.empty())
        write_file(path + lede::FORWARD_FILE_NAME, positions_file);
    write_version_file(path, roots, statistics);
    std::string version = read_file(path + "/iamglass");
    version.resize(version.size() - statistics_of(statistics, 0).size());
    version += statistics_of(statistics, last_document - statistics.document_count);
    write_file(path + "/iamglass", version);
}

std::string read_file(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const std::string &path, const std::string &bytes)
{
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}
