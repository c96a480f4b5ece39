/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "value_store.h"

#include "packing.h"

namespace lede::glass
{

namespace
{

std::string statistics_key(uint32_t slot)
{
    char key[2 + sizeof(slot)] = {'\0', '\xD0'};
    return {key, static_cast<size_t>(put_uint_last(key + 2, slot) - key)};
}

std::string chunk_key(uint32_t slot, uint32_t document)
{
    char key[2 + UINT32_BYTES_MAX + DOCID_BYTES_MAX] = {'\0', '\xD8'};
    return {key, static_cast<size_t>(put_docid(put_uint(key + 2, slot), document) - key)};
}

} // namespace

void ValueStore::add(uint32_t document, uint32_t number, std::string_view value)
{
    Slot &slot = slots_[number];
    bool begins = slot.chunks.empty() || slot.chunks.back().bytes.size() >= VALUE_CHUNK_BYTES;
    if (begins)
        slot.chunks.push_back({document, {}});
    std::string &bytes = slot.chunks.back().bytes;
    size_t before = bytes.size();
    append_value(bytes, begins ? -1 : int64_t{document} - slot.last_document - 1, value);
    memory_bytes_ += bytes.size() - before;
    ValueStatistics &statistics = slot.statistics;
    if (statistics.document_count == 0 || value < statistics.least)
        statistics.least = value;
    if (statistics.document_count == 0 || value > statistics.greatest)
        statistics.greatest = value;
    statistics.document_count++;
    slot.last_document = document;
}

void ValueStore::write_statistics(TableWriter &table) const
{
    /* Keys do not sort as slots do: they begin with the least significant byte. */
    std::map<std::string, const Slot *> by_key;
    for (const auto &[number, slot] : slots_)
        by_key[statistics_key(number)] = &slot;
    for (const auto &[key, slot] : by_key)
        table.add(key, statistics_tag(slot->statistics));
}

void ValueStore::write_chunks(TableWriter &table) const
{
    std::map<std::string, const Slot *> by_key;
    for (const auto &[number, slot] : slots_)
        by_key[chunk_key(number, 0)] = &slot;
    for (const auto &[first_key, slot] : by_key) {
        /* document 0 takes two bytes */
        std::string key = first_key.substr(0, first_key.size() - 2);
        size_t size = key.size();
        for (const Chunk &chunk : slot->chunks) {
            char document[DOCID_BYTES_MAX];
            key.append(document,
                static_cast<size_t>(put_docid(document, chunk.first_document) - document));
            table.add(key, chunk.bytes);
            key.resize(size);
        }
    }
}

} // namespace lede::glass
