/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "promise.h"

#include <xapian.h>

#include <map>
#include <string>
#include <vector>

#include "positions_file.h"
#include "positions_writer.h"
#include "stored_text.h"

namespace
{

using Lists = std::map<std::string, std::vector<uint64_t>>;

/* ---- Places ---- */

constexpr size_t WORDS_MAX = 64;

std::vector<uint64_t> visit(const lede::PositionsFile &file, const std::string &key)
{
    std::vector<uint64_t> places;
    file.visit(key, [&places](const uint64_t *some, uint32_t count) {
        places.insert(places.end(), some, some + count);
    });
    return places;
}

/* Words, each with places at a distance from each other. */
Lists make_lists(struct promise_input *input)
{
    Lists lists;
    while (input->size > 0 && lists.size() < WORDS_MAX) {
        struct promise_input word = promise_take(input, promise_take_byte(input) % 16 + 1);
        std::string key(reinterpret_cast<const char *>(word.data), word.size);
        size_t count = promise_take_byte(input) * size_t{8} + 1; /* of several blocks, too */
        uint64_t distance = promise_take_short(input) + UINT64_C(1), place = 0;
        for (size_t i = 0; i < count; i++) {
            place += distance + i % 5;
            if (lists[key].empty() || lists[key].back() < place)
                lists[key].push_back(place);
        }
    }
    return lists;
}

void write_lists(const std::string &directory, const Lists &lists)
{
    lede::PositionsWriter writer(directory);
    for (const auto &list : lists) {
        writer.begin(list.first);
        for (uint64_t place : list.second)
            writer.add(place);
        writer.end();
    }
    writer.finish();
}

/* Every block and every list of it, as far as it can be read. */
void walk(const std::string &directory)
{
    try {
        auto file = lede::PositionsFile::open(directory);
        for (size_t i = 0; file && i < file->block_count(); i++) {
            std::string bytes;
            lede::PositionsEntry entry;
            file->read_block(i, &bytes);
            lede::PositionsBlock block(bytes);
            while (block.next(&entry)) {
                uint64_t before = 0;
                PROMISE(entry.key.size() <= lede::POSITIONS_KEY_BYTES_MAX);
                for (uint64_t place : visit(*file, entry.key)) {
                    PROMISE(place > before && place <= lede::PLACE_MAX);
                    before = place;
                }
            }
        }
    } catch (const Xapian::DatabaseError &) {
        /* it is told */
    }
}

void check_written(const std::string &directory, const Lists &lists)
{
    write_lists(directory, lists);
    auto file = lede::PositionsFile::open(directory);
    PROMISE(file);
    for (const auto &list : lists)
        PROMISE(visit(*file, list.first) == list.second);
    PROMISE(visit(*file, std::string("\xFF none")).empty());
}

/* Change bytes of the file: pairs of a place and what is put there. */
void change(const std::string &directory, struct promise_input changes)
{
    std::string path = directory + lede::POSITIONS_FILE_NAME;
    FILE *file = fopen(path.c_str(), "r+b");
    PROMISE(file && fseek(file, 0, SEEK_END) == 0);
    long size = ftell(file);
    while (changes.size >= 3) {
        long at = static_cast<long>(promise_take_short(&changes)) % size;
        int byte = promise_take_byte(&changes);
        PROMISE(fseek(file, -1 - at, SEEK_END) == 0 && fputc(byte, file) == byte);
    }
    fclose(file);
}

/* ---- Stored texts ---- */

const Xapian::Database &empty_segment()
{
    static const Xapian::WritableDatabase segment(std::string(), Xapian::DB_BACKEND_INMEMORY);
    return segment;
}

const lede::DictionaryPointer &dictionary()
{
    static lede::DictionaryPointer made;
    if (!made) {
        made = std::make_shared<lede::TextDictionary>(
            "{\"id\":\"\",\"title\":\"\",\"body\":\"\",\"published\":\"2022-01-20T00:00:00Z\"}");
        lede::remember_dictionary(made);
    }
    return made;
}

} // namespace

void promise_of_positions(const uint8_t *data, size_t size)
{
    struct promise_input input = {data, size};
    std::string directory = promise_directory();
    uint8_t kind = promise_take_byte(&input) % 3;
    if (kind == 0) {
        promise_write_file(
            directory.c_str(), lede::POSITIONS_FILE_NAME + 1, input.data, input.size);
    } else {
        struct promise_input changes =
            promise_take(&input, kind == 2 ? promise_take_byte(&input) % 16 * size_t{3} : 0);
        check_written(directory, make_lists(&input));
        change(directory, changes);
    }
    walk(directory);
}

void promise_of_stored_text(const uint8_t *data, size_t size)
{
    std::string bytes(reinterpret_cast<const char *>(data), size);
    const lede::DictionaryPointer &known = dictionary();
    lede::TextCompressor compressor(known);
    std::string_view frame;
    if (!bytes.empty())
        PROMISE(lede::text_of_data(lede::plain_frame(bytes), empty_segment()) == bytes);
    (void)compressor.compress(bytes, &frame);
    PROMISE(lede::text_of_data(std::string(frame), empty_segment()) == bytes);
    /* Of any frame of this dictionary, and of any bytes. */
    for (const std::string &any : {std::string(frame.substr(0, 9)) + bytes, bytes}) {
        try {
            (void)lede::text_of_data(any, empty_segment());
        } catch (const Xapian::DatabaseError &) {
            /* it is told */
        }
    }
}
