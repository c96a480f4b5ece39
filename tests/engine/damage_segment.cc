/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "damage_segment.h"

#include "bits.h"
#include "forward_file.h"
#include "stored_text.h"
#include "text_dictionary.h"

#include "lede/number.h"

#include <algorithm>
#include <iterator>

namespace
{

using List = SegmentParts::List;
using Items = SegmentParts::Items;

/* ---- Bytes ---- */

void flip(std::string &bytes, Random &random)
{
    for (uint32_t i = random.between(1, 3); i > 0 && !bytes.empty(); i--)
        bytes[random.below(static_cast<uint32_t>(bytes.size()))] =
            static_cast<char>(random.below(256));
}

void cut(std::string &bytes, Random &random)
{
    if (!bytes.empty())
        bytes.resize(random.below(static_cast<uint32_t>(bytes.size())));
}

/* A packed number among the first bytes says something else. */
void change_number(std::string &bytes, Random &random)
{
    size_t at = random.below(static_cast<uint32_t>(std::min<size_t>(bytes.size(), 16) + 1));
    std::string number;
    lede::append_uint(number, random.absurd());
    size_t end = at;
    while (end < bytes.size() && (bytes[end] & 0x80))
        end++;
    bytes.replace(at, std::min(end + 1, bytes.size()) - at, number);
}

void change(std::string &bytes, Random &random)
{
    switch (random.below(6)) {
    case 0:
        cut(bytes, random);
        break;
    case 1:
        bytes = random.noise(random.below(40));
        break;
    case 2:
        bytes += random.noise(random.below(20));
        break;
    case 3:
        change_number(bytes, random);
        break;
    default:
        flip(bytes, random);
    }
}

/* ---- Lists ---- */

List &any_list(SegmentParts &parts, Random &random)
{
    if (random.below(8) == 0)
        return parts.lengths;
    auto list = parts.lists.begin();
    std::advance(list, random.below(static_cast<uint32_t>(parts.lists.size())));
    return list->second;
}

/* What searches read most: the words of many documents, and marks. */
List &frequent_list(SegmentParts &parts, Random &random)
{
    List *best = &any_list(parts, random);
    for (unsigned i = 0; i < 8; i++) {
        List &other = any_list(parts, random);
        if (other.postings.size() > best->postings.size())
            best = &other;
    }
    return *best;
}

void name_absurd_documents(SegmentParts &parts, Random &random)
{
    for (uint32_t i = random.between(1, 20); i > 0; i--) {
        List &list = frequent_list(parts, random);
        uint32_t beyond = parts.last_document + random.between(1, 200);
        list.postings.emplace_back(random.below(2) ? beyond : random.absurd(), 1);
        if (random.below(2))
            list.count++;
    }
}

void mix_documents(SegmentParts &parts, Random &random)
{
    for (uint32_t i = random.between(1, 20); i > 0; i--) {
        List &list = frequent_list(parts, random);
        auto size = static_cast<uint32_t>(list.postings.size());
        if (size > 0)
            std::swap(list.postings[random.below(size)], list.postings[random.below(size)]);
    }
}

void lie_about_counts(SegmentParts &parts, Random &random)
{
    for (uint32_t i = random.between(1, 20); i > 0; i--)
        frequent_list(parts, random).count = random.absurd();
}

void lie_about_frequencies(SegmentParts &parts, Random &random)
{
    for (uint32_t i = random.between(1, 20); i > 0; i--) {
        for (auto &posting : frequent_list(parts, random).postings)
            posting.second = random.absurd();
    }
}

void lie_about_the_whole(SegmentParts &parts, Random &random)
{
    uint32_t count = parts.statistics.document_count;
    switch (random.below(4)) {
    case 0:
        parts.statistics.document_count = random.below(count);
        parts.last_document = parts.statistics.document_count;
        break;
    case 1:
        parts.last_document = std::max(count, random.absurd());
        break;
    case 2:
        parts.statistics.document_count = parts.last_document = random.absurd();
        break;
    default:
        parts.statistics.length_sum = random.absurd();
        parts.statistics.length_least = random.below(10);
    }
}

/* ---- Values ---- */

Items &any_slot(SegmentParts &parts, Random &random)
{
    auto slot = parts.values.begin();
    std::advance(slot, random.below(static_cast<uint32_t>(parts.values.size())));
    return slot->second;
}

void change_values(SegmentParts &parts, Random &random)
{
    for (uint32_t i = random.between(1, 6); i > 0; i--) {
        Items &items = any_slot(parts, random);
        for (auto &item : items) {
            if (random.below(3) == 0)
                change(item.second, random);
        }
        items.erase(std::remove_if(items.begin(), items.end(),
                        [](const auto &item) { return item.second.empty(); }),
            items.end());
        if (random.below(3) == 0 && !items.empty())
            items.emplace_back(items.back().first + random.between(1, 100), items[0].second);
    }
}

/* ---- Texts ---- */

/* A digest is what says that a text is right. */
void prove(SegmentParts &parts, uint32_t document, const std::string &text)
{
    std::string digest(16, '\0');
    lede_hash128(text.data(), text.size(), reinterpret_cast<unsigned char *>(digest.data()));
    for (auto &item : parts.values[LEDE_SLOT_DIGEST]) {
        if (item.first == document)
            item.second = digest;
    }
}

void change_texts(SegmentParts &parts, Random &random)
{
    for (auto &[document, text] : parts.data) {
        if (random.below(3) != 0 || text.empty() || text[0] == 1)
            continue;
        size_t at = random.below(static_cast<uint32_t>(text.size()));
        switch (random.below(5)) {
        case 0:
            cut(text, random);
            break;
        case 1: /* of another shape */
            text = random.below(2) ? R"({"id":[],"published":1})" : R"({"id":"","published":"x"})";
            break;
        case 2:
            text = std::string(3000, '[');
            break;
        case 3:
            text.insert(at, std::string(random.below(3000), 'x'));
            break;
        default:
            flip(text, random);
        }
        prove(parts, document, text);
    }
}

void change_frames(SegmentParts &parts, Random &random)
{
    compress_texts(parts);
    for (auto &item : parts.data) {
        std::string &frame = item.second;
        if (random.below(3) != 0)
            continue;
        if (random.below(2))
            change(frame, random);
        else if (frame.size() > 14)
            for (size_t at = 9; at < 14; at++)
                frame[at] = static_cast<char>(random.below(256));
    }
}

/* One that begins as one of Zstandard's own, and does not go on as one. */
void change_dictionary(SegmentParts &parts, Random &random)
{
    compress_texts(parts);
    uint64_t id = 0;
    for (auto &[key, value] : parts.metadata) {
        if (key.compare(0, 10, "dictionary") == 0 && random.below(2))
            change(value, random);
    }
    std::string bytes = "\x37\xA4\x30\xEC" + random.noise(300);
    std::string value(ZSTD_compressBound(bytes.size()), '\0');
    value.resize(ZSTD_compress(value.data(), value.size(), bytes.data(), bytes.size(), 1));
    id = lede_hash64(bytes.data(), bytes.size());
    parts.metadata[lede::dictionary_key(id)] = value;
    for (auto &item : parts.data) {
        for (unsigned i = 0; random.below(2) && i < 8; i++)
            item.second[1 + i] = static_cast<char>(id >> (8 * i));
    }
}

void lose_texts(SegmentParts &parts, Random &random)
{
    Items kept;
    for (auto &item : parts.data) {
        if (random.below(3) != 0)
            kept.push_back(item);
    }
    kept.emplace_back(parts.last_document + 7, "{}");
    parts.data = kept;
}

/* ---- Positions ---- */

void change_records(SegmentParts &parts, Random &random)
{
    for (std::string &record : parts.positions) {
        for (uint32_t i = random.below(3); i > 0; i--)
            change(record, random);
    }
}

/* Few bytes that tell of many words: one stem, and so no bits for any of them. */
void claim_words(SegmentParts &parts, Random &random)
{
    for (std::string &record : parts.positions) {
        if (random.below(2))
            continue;
        record.assign(1, '\0');
        for (uint32_t number : {1U, 1U, uint32_t(LEDE_FIELD_BODY) << 1,
                 random.below(2) ? uint32_t(1) << 31 : random.absurd(), 0U, 0U, 2U})
            lede::append_uint(record, number);
        record += std::string("\0\1", 2);
    }
}

std::string positions_file_of(const SegmentParts &parts)
{
    std::string bytes, table(lede::FORWARD_PLACE_BYTES, '\0');
    for (const std::string &record : parts.positions) {
        bytes += record;
        for (unsigned i = 0; i < lede::FORWARD_PLACE_BYTES; i++)
            table += static_cast<char>(uint64_t(bytes.size()) >> (8 * i));
    }
    auto count = static_cast<uint32_t>(parts.positions.size());
    table.append(reinterpret_cast<const char *>(&count), sizeof(count));
    return bytes + table + lede::FORWARD_FILE_MAGIC;
}

void change_places(SegmentParts &parts, Random &random)
{
    std::string file = positions_file_of(parts);
    size_t table = (parts.positions.size() + 1) * lede::FORWARD_PLACE_BYTES + 8;
    for (uint32_t i = random.between(1, 4); i > 0; i--)
        file[file.size() - 5 - random.below(static_cast<uint32_t>(table - 4))] =
            static_cast<char>(random.below(256));
    if (random.below(4) == 0)
        cut(file, random);
    if (random.below(4) == 0)
        file.insert(0, std::string(100000, 'x')); /* room for more documents */
    parts.positions_file = file;
}

/* ---- Metadata ---- */

void change_metadata(SegmentParts &parts, Random &random)
{
    const char *const keys[] = {"format", "analysis", "revision"};
    std::string &value = parts.metadata[keys[random.between(1, 9) % 3]];
    value = random.below(2) ? std::to_string(random.absurd()) + "0000000000"
                            : random.noise(random.between(1, 600));
}

struct Kind {
    const char *name;
    void (*harm)(SegmentParts &parts, Random &random);
};

const Kind kinds[] = {
    {"absurd documents", name_absurd_documents},
    {"documents out of order", mix_documents},
    {"wrong counts", lie_about_counts},
    {"wrong frequencies", lie_about_frequencies},
    {"wrong figures of the whole", lie_about_the_whole},
    {"values", change_values},
    {"texts", change_texts},
    {"frames", change_frames},
    {"a dictionary", change_dictionary},
    {"lost texts", lose_texts},
    {"records of positions", change_records},
    {"words that are not there", claim_words},
    {"places of positions", change_places},
    {"metadata", change_metadata},
};

} // namespace

uint32_t Random::absurd()
{
    switch (below(5)) {
    case 0:
        return 0;
    case 1:
        return UINT32_MAX - below(3);
    case 2:
        return (UINT32_C(1) << between(6, 31)) + below(3) - 1;
    case 3:
        return below(300);
    default:
        return below(1U << 16) << 15;
    }
}

std::string Random::noise(size_t size)
{
    std::string bytes(size, '\0');
    for (char &byte : bytes)
        byte = static_cast<char>(below(256));
    return bytes;
}

void compress_texts(SegmentParts &parts)
{
    std::string bytes;
    for (const auto &item : parts.data)
        bytes += item.second.substr(0, 200);
    auto dictionary = std::make_shared<const lede::TextDictionary>(bytes);
    lede::TextCompressor compressor(dictionary);
    parts.metadata[lede::dictionary_key(dictionary->id())] = lede::dictionary_value(*dictionary);
    for (auto &item : parts.data) {
        std::string_view frame;
        if (!item.second.empty() && item.second[0] != 1 && compressor.compress(item.second, &frame))
            item.second = std::string(frame);
    }
}

std::string damage(SegmentParts &parts, Random &random, uint64_t number)
{
    constexpr size_t KINDS = sizeof(kinds) / sizeof(kinds[0]);
    std::string done;
    for (uint32_t i = random.between(1, 3); i > 0; i--) {
        const Kind &kind = kinds[done.empty() ? number % KINDS : random.below(KINDS)];
        kind.harm(parts, random);
        done += (done.empty() ? "" : ", ") + std::string(kind.name);
    }
    return done;
}
