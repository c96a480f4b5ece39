/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The places of a segment in the making, in memory: a growing chain of bytes a list. */
#ifndef LEDE_ENGINE_POSITIONS_STORE_H
#define LEDE_ENGINE_POSITIONS_STORE_H

#include "byte_chains.h"
#include "entry.h"
#include "positions_writer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lede
{

/* Throws std::bad_alloc. */
class PositionsStore
{
  public:
    /* Add the document with the next number, from 1 on.
     * notes  of its terms, in their order in the entry: a number that is kept for each term of the
     *        segment, 0 at first */
    void add(const struct lede_entry &entry, const std::vector<uint32_t *> &notes);
    size_t memory_bytes() const;

    /* The lists of fields come before those of terms. Throws glass::FileError, too. */
    void write_fields(PositionsWriter &writer) const;
    /* Of a term by its note; nothing where it has no places. */
    void write_term(PositionsWriter &writer, uint32_t note, std::string_view term) const;

  private:
    /* Distances from the place before, packed. */
    struct Chain {
        glass::ByteChain bytes;
        uint64_t last;
    };
    struct Field {
        uint64_t end; /* of the last document that has an end */
        uint32_t documents;
        Chain ends, leads, paragraphs, sentences;
    };
    static constexpr size_t FIELDS = 27; /* the body, and a letter each */

    static size_t field_number(char prefix)
    {
        return prefix == '\0' ? 0 : static_cast<size_t>(prefix - 'A' + 1);
    }
    /* Returns where its places begin. */
    uint64_t add_field(const FieldPlaces &field);
    void add_end(Field &field, uint64_t words);
    void append(Chain &chain, uint64_t begin, const EntryPlaces &places);
    void write(PositionsWriter &writer, std::string_view key, const Chain &chain) const;

    uint32_t document_ = 0;
    Field fields_[FIELDS] = {};
    std::vector<Chain> chains_; /* a note is the number of one, + 1 */
    glass::ByteChains bytes_;
};

} // namespace lede
#endif
