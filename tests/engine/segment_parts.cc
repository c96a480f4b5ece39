/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segment_parts.h"

#include "bits.h"
#include "chunk_writer.h"
#include "entry.h"
#include "packing.h"
#include "positions_file.h"
#include "positions_writer.h"
#include "stored_text.h"
#include "value_store.h"

#include <algorithm>
#include <cstdlib>
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

void append_places(std::vector<uint64_t> &list, uint64_t begin, const lede::EntryPlaces &places)
{
    if (places.first == 0)
        return;
    lede::BytesReader reader(places.behind);
    list.push_back(begin + places.first);
    while (!reader.rest().empty())
        list.push_back(list.back() + reader.get_uint64());
}

std::string prefix_of(char letter)
{
    return letter ? std::string(1, letter) : std::string();
}

} // namespace

void SegmentParts::add_places(const struct lede_entry *entry, uint32_t document)
{
    std::map<char, uint64_t> begins;
    for (const lede::FieldPlaces &field : entry->fields) {
        std::string prefix = prefix_of(field.prefix);
        std::vector<uint64_t> &ends = places[lede::key_of(lede::PLACES_ENDS, prefix)];
        while (ends.size() + 1 < document)
            ends.push_back((ends.empty() ? 0 : ends.back()) + 1);
        uint64_t begin = begins[field.prefix] = ends.empty() ? 0 : ends.back();
        ends.push_back(begin + field.last + 1);
        append_places(
            places[lede::key_of(lede::PLACES_PARAGRAPHS, prefix)], begin, field.paragraphs);
        append_places(places[lede::key_of(lede::PLACES_SENTENCES, prefix)], begin, field.sentences);
        if (field.prefix == '\0' && field.paragraphs.first > 0)
            places[lede::key_of(lede::PLACES_LEADS, "")].push_back(begin + field.paragraphs.first);
    }
    for (size_t i = 0; i < entry->terms.term_count(); i++) {
        const lede::Term &term = entry->terms.sorted(i);
        if (term.places.first > 0)
            append_places(places[std::string(term.view())], begins[lede::field_of_key(term.view())],
                term.places);
    }
}

std::string SegmentParts::make_positions_file() const
{
    char path[] = "/tmp/lede-positions-XXXXXX";
    if (!mkdtemp(path))
        abort();
    lede::PositionsWriter writer(path);
    for (const auto &[key, list] : places) {
        writer.begin(key);
        for (uint64_t place : list)
            writer.add(place);
        writer.end();
    }
    writer.finish();
    std::string bytes = read_file(std::string(path) + lede::POSITIONS_FILE_NAME);
    std::filesystem::remove_all(path);
    return bytes;
}

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
    for (const lede::EntryValue &value : entry->values)
        values[value.slot].emplace_back(document, std::string(value.bytes));
    add_places(entry, document);
    data.emplace_back(document, lede::plain_frame(entry->stored));
}

void SegmentParts::write(const std::string &path) const
{
    std::filesystem::create_directory(path);
    TableRoot roots[TABLE_COUNT];
    roots[TABLE_POSTLIST] = write_postlist(*this, path);
    if (!data.empty())
        roots[TABLE_DOCDATA] = write_data(*this, path);
    write_file(path + lede::POSITIONS_FILE_NAME,
        positions_file.empty() ? make_positions_file() : positions_file);
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
