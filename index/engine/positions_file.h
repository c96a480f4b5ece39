/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the words of a segment stand, by word: a file of its own beside Xapian's tables,
 * `positions`.
 *
 * Each field has places of its own, numbers that go on from document to document: document d's
 * begin behind the end of d - 1, a word at position p has place `end of d - 1` + p, and the end of
 * d is one behind its last word. So a phrase is a matter of lists of numbers alone, none crosses
 * from one document into the next, and to join segments is to move lists. The lists (place_list.h):
 *
 *   00 E prefix     the ends of documents 1, 2, 3 … up to the last that has the field
 *   00 L            where the second paragraph of the body begins, if there is one: the lead ends
 *   00 P prefix     where paragraphs begin, but a document's first
 *   00 S prefix     the same of sentences
 *   prefix stem     a stem's places; the term is that of its posting list
 *
 * in the order of these keys, as entries:
 *   bytes shared with the key before · bytes behind · those bytes · bytes of the list · the list
 * A list of more than some bytes goes on in further entries of the same key. Entries stand in
 * blocks, of which each begins with a whole key:
 *   blocks · of each block: its bytes · bytes of its first key · that key · bytes of what stands
 *   between (8) · "LPL1"
 * Numbers are packed (bits.h), the last but one little endian. The file never changes; it is read,
 * not mapped, so that a disk that fails is an error and not the end of the process. */
#ifndef LEDE_ENGINE_POSITIONS_FILE_H
#define LEDE_ENGINE_POSITIONS_FILE_H

#include "place_list.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lede
{

constexpr char POSITIONS_FILE_NAME[] = "/positions";
constexpr char POSITIONS_FILE_MAGIC[] = "LPL1";
constexpr size_t POSITIONS_BLOCK_BYTES = 16384; /* a block ends with the entry that fills it */
constexpr size_t POSITIONS_LIST_BYTES = 65536;  /* of an entry; the block of places that fills it is
                                                   the last */
constexpr size_t POSITIONS_BLOCK_BYTES_MAX = 1 << 18; /* more than a block can have */
constexpr size_t POSITIONS_KEY_BYTES_MAX = 255;

enum PlaceKind : char {
    PLACES_ENDS = 'E',
    PLACES_LEADS = 'L',
    PLACES_PARAGRAPHS = 'P',
    PLACES_SENTENCES = 'S',
};
/* The key of a field's list. */
inline std::string key_of(PlaceKind kind, std::string_view prefix)
{
    return std::string(1, '\0') + static_cast<char>(kind) + std::string(prefix);
}
/* Whose places a list has: the field's prefix; 0: the body, which has none. */
inline char field_of_key(std::string_view key)
{
    bool is_marked = !key.empty() && key[0] == '\0';
    char first = is_marked ? (key.size() > 2 ? key[2] : '\0') : (key.empty() ? '\0' : key[0]);
    return first >= 'A' && first <= 'Z' ? first : '\0';
}

struct PositionsEntry {
    std::string key;
    std::string_view list;
};

/* Walks the entries of a block. */
class PositionsBlock
{
  public:
    explicit PositionsBlock(std::string_view bytes) : reader_(bytes)
    {
    }
    /* Returns false at the end. Throws Xapian::DatabaseCorruptError. */
    bool next(PositionsEntry *entry);

  private:
    BytesReader reader_;
};

/* Threads: any. */
class PositionsFile
{
  public:
    /* NULL: the segment has none, or one that another analysis version made. Throws
     * Xapian::DatabaseCorruptError, DatabaseOpeningError; std::bad_alloc. */
    static std::shared_ptr<const PositionsFile> open(const std::string &directory);
    explicit PositionsFile(int fd) : fd_(fd)
    {
    }
    ~PositionsFile();
    PositionsFile(const PositionsFile &) = delete;
    PositionsFile &operator=(const PositionsFile &) = delete;

    size_t block_count() const
    {
        return blocks_.size();
    }
    /* All of one, in `ret_bytes`, or Xapian::DatabaseError is thrown. */
    void read_block(size_t block, std::string *ret_bytes) const;

    /* Call visit(places, count) with the places of a list, ascending; not at all where there is no
     * such list. Throws Xapian::DatabaseCorruptError, DatabaseError; std::bad_alloc; what `visit`
     * throws. */
    template <typename Visit> void visit(std::string_view key, Visit &&visit) const
    {
        std::string bytes;
        PositionsEntry entry;
        uint64_t before = 0;
        for (size_t i = first_block(key); i < blocks_.size() && blocks_[i].key <= key; i++) {
            read_block(i, &bytes);
            PositionsBlock block(bytes);
            entry.key.clear();
            while (block.next(&entry) && entry.key <= key) {
                if (entry.key == key)
                    before = visit_list(entry.list, before, visit);
            }
            if (entry.key > key)
                return;
        }
    }

  private:
    struct Block {
        uint64_t offset;
        uint32_t size;
        std::string_view key; /* the first, in keys_ */
    };
    bool read_foot(uint64_t size);
    bool read_index(uint64_t blocks_end);
    void read(uint64_t offset, char *bytes, size_t size) const;
    /* The first one that can have the key. */
    size_t first_block(std::string_view key) const;

    template <typename Visit>
    static uint64_t visit_list(std::string_view list, uint64_t before, Visit &&visit)
    {
        PlaceListReader reader(list, before);
        while (reader.next()) {
            const uint64_t *places = reader.places();
            if (places)
                visit(places, reader.count());
        }
        if (reader.failed())
            throw_damaged();
        return reader.last();
    }
    [[noreturn]] static void throw_damaged();

    int fd_;
    std::string index_;
    std::vector<Block> blocks_;
};

} // namespace lede
#endif
