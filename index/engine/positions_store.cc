/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "positions_store.h"

#include "bits.h"
#include "packing.h"
#include "positions_file.h"

#include <cstring>
#include <stdexcept>

namespace lede
{

namespace
{
/* Chains of the terms that come next are asked for ahead: they are more than the processor's caches
 * hold. */
constexpr size_t CHAINS_AHEAD = 16;
constexpr size_t ENDS_AHEAD = 8;
constexpr size_t TOGETHER_BYTES = 64; /* put together before they are appended */
} // namespace

void PositionsStore::append(Chain &chain, uint64_t begin, const EntryPlaces &places)
{
    if (places.first == 0)
        return;
    char bytes[TOGETHER_BYTES];
    char *end = glass::put_uint(bytes, begin + places.first - chain.last);
    size_t size = static_cast<size_t>(end - bytes), behind = places.behind.size();
    bool is_short = size + behind <= sizeof(bytes);
    if (is_short && behind > 0)
        memcpy(end, places.behind.data(), behind);
    bytes_.append(chain.bytes, bytes, is_short ? size + behind : size);
    if (!is_short)
        bytes_.append(chain.bytes, places.behind.data(), behind);
    chain.last = begin + places.last;
}

void PositionsStore::add_end(Field &field, uint64_t words)
{
    EntryPlaces end = {{}, 1, 1};
    field.end += words + 1;
    if (field.end > PLACE_MAX)
        throw std::length_error("more words than a segment can have");
    append(field.ends, field.end - 1, end);
    field.documents++;
}

uint64_t PositionsStore::add_field(const FieldPlaces &places)
{
    Field &field = fields_[field_number(places.prefix)];
    while (field.documents + 1 < document_)
        add_end(field, 0);
    uint64_t begin = field.end;
    add_end(field, places.last);
    append(field.paragraphs, begin, places.paragraphs);
    append(field.sentences, begin, places.sentences);
    EntryPlaces lead = {{}, places.paragraphs.first, places.paragraphs.first};
    if (places.prefix == '\0')
        append(field.leads, begin, lead);
    return begin;
}

void PositionsStore::add(const struct lede_entry &entry, const std::vector<uint32_t *> &notes)
{
    uint64_t begins[FIELDS] = {};
    size_t count = notes.size();
    document_++;
    for (const FieldPlaces &field : entry.fields)
        begins[field_number(field.prefix)] = add_field(field);
    for (size_t i = 0; i < count; i++) {
        if (i + CHAINS_AHEAD < count && *notes[i + CHAINS_AHEAD] != 0)
            __builtin_prefetch(&chains_[*notes[i + CHAINS_AHEAD] - 1], 1);
        if (i + ENDS_AHEAD < count && *notes[i + ENDS_AHEAD] != 0)
            bytes_.prefetch_end(chains_[*notes[i + ENDS_AHEAD] - 1].bytes);
        const Term &term = entry.terms.sorted(i);
        if (term.places.first == 0)
            continue;
        if (*notes[i] == 0) {
            chains_.push_back({});
            *notes[i] = static_cast<uint32_t>(chains_.size());
        }
        append(
            chains_[*notes[i] - 1], begins[field_number(field_of_key(term.view()))], term.places);
    }
}

size_t PositionsStore::memory_bytes() const
{
    return bytes_.memory_bytes() + chains_.capacity() * sizeof(Chain);
}

void PositionsStore::write(PositionsWriter &writer, std::string_view key, const Chain &chain) const
{
    std::string bytes;
    if (chain.last == 0)
        return;
    bytes_.read(chain.bytes, bytes);
    BytesReader reader(bytes);
    writer.begin(key);
    for (uint64_t place = 0; !reader.rest().empty();)
        writer.add(place += reader.get_uint64());
    writer.end();
}

void PositionsStore::write_fields(PositionsWriter &writer) const
{
    constexpr struct {
        PlaceKind kind;
        Chain Field::*chain;
    } lists[] = {{PLACES_ENDS, &Field::ends}, {PLACES_LEADS, &Field::leads},
        {PLACES_PARAGRAPHS, &Field::paragraphs}, {PLACES_SENTENCES, &Field::sentences}};
    for (const auto &list : lists) {
        for (size_t i = 0; i < FIELDS; i++) {
            char letter = static_cast<char>('A' + i - 1);
            std::string_view prefix(&letter, i == 0 ? 0 : 1);
            write(writer, key_of(list.kind, prefix), fields_[i].*list.chain);
        }
    }
}

void PositionsStore::write_term(PositionsWriter &writer, uint32_t note, std::string_view term) const
{
    if (note != 0)
        write(writer, term, chains_[note - 1]);
}

} // namespace lede
