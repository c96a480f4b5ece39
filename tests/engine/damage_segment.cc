/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "damage_segment.h"

#include "bits.h"
#include "place_list.h"
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

std::vector<uint64_t> &any_places(SegmentParts &parts, Random &random)
{
    auto list = parts.places.begin();
    size_t among = random.below(3) ? 12 : parts.places.size(); /* the fields' own come first */
    std::advance(list, random.below(static_cast<uint32_t>(std::min(among, parts.places.size()))));
    return list->second;
}

/* As the format can hold them. */
void sort_places(std::vector<uint64_t> &places)
{
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
}

void change_places(SegmentParts &parts, Random &random)
{
    for (uint32_t i = random.between(1, 12); i > 0; i--) {
        std::vector<uint64_t> &places = any_places(parts, random);
        for (uint64_t &place : places) {
            if (random.below(4) == 0)
                place = 1 + (random.below(2) ? random.below(60000) : random.absurd());
        }
        if (random.below(4) == 0)
            places.push_back(lede::PLACE_MAX - random.below(3));
        if (random.below(4) == 0)
            places.resize(random.below(static_cast<uint32_t>(places.size()) + 1));
        sort_places(places);
    }
}

/* More documents than there are. */
void claim_documents(SegmentParts &parts, Random &random)
{
    for (auto &[key, places] : parts.places) {
        if (key.compare(0, 2, std::string("\0E", 2)) != 0 || random.below(3) == 0)
            continue;
        uint64_t last = places.back();
        for (uint32_t i = random.below(2) ? random.below(300) : 300000; i > 0; i--)
            places.push_back(last += random.between(1, 9));
    }
}

void lose_lists(SegmentParts &parts, Random &random)
{
    for (auto list = parts.places.begin(); list != parts.places.end();)
        list = random.below(3) == 0 ? parts.places.erase(list) : std::next(list);
    if (random.below(4) == 0)
        parts.places.clear();
}

void change_positions_file(SegmentParts &parts, Random &random)
{
    std::string file = parts.make_positions_file();
    auto size = static_cast<uint32_t>(file.size());
    for (uint32_t i = random.between(1, 40); i > 0; i--) {
        uint32_t back = random.below(3) ? size : std::min(size, 60U); /* the index, and the foot */
        file[size - 1 - random.below(back)] = static_cast<char>(random.below(256));
    }
    if (random.below(4) == 0)
        cut(file, random);
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
    {"places", change_places},
    {"documents that are not there", claim_documents},
    {"lost lists of places", lose_lists},
    {"the file of positions", change_positions_file},
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
