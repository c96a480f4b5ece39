/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a document's words stand: some bytes a document (LEDE_SLOT_POSITIONS, kept by
 * forward_file.h).
 *
 * The words in their order, each as the number of its stem in a few bits. Which stem has which
 * number is not kept: perfect_hash.h finds the number of a stem that the document is known to have,
 * and posting lists know. A field's words, one behind the other, are a stretch of that sequence.
 *
 *   slot bits (a byte) · buckets · fields · a field: number << 1, words where they stand at 1, 2, 3
 *       …
 *                                           or: number << 1 | 1, runs, a run: positions since the
 *                                               last word, words in a row
 *   marks · bytes of marks · bytes of displacements · marks · displacements · words
 *   marks: Rice parameter (5 bits), each: words since the last mark, by Rice's code · its kind (1:
 *   sentence; 01: paragraph; 00: both) displacements: Rice parameter (a byte), the low bits of
 *   each; then what is above them: so many zeros and a one words: where there are eight slot bits
 *   or more, the low eight of each word's, then what is above them; else all of each
 *
 * as packed numbers (bits.h), each of the parts of bits to the end of a byte. Two words at one
 * position are a run that begins 0 behind the last word. */
#ifndef LEDE_ENGINE_FORWARD_POSITIONS_H
#define LEDE_ENGINE_FORWARD_POSITIONS_H

#include "lede/schema.h"
#include "perfect_hash.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lede
{

/* What a stem is known by. */
uint64_t stem_hash(std::string_view stem);

enum ForwardMark : uint8_t { FORWARD_SENTENCE = 1, FORWARD_PARAGRAPH = 2 };

class ForwardWriter
{
  public:
    /* The stem's number here, whatever field it is in. `stem` stays borrowed. Throws
     * std::bad_alloc, as all here. */
    uint32_t find_or_add(std::string_view stem);
    /* One word. Fields one after the other, positions not descending within one and above 0.
     * marks  what begins there: of ForwardMark */
    void add(enum lede_field_id field, uint32_t position, uint32_t stem, unsigned marks);
    /* Empty where there are no words; or where two stems have one hash, which somebody must have
     * tried for. */
    std::string pack() const;

  private:
    struct Run {
        enum lede_field_id field;
        uint32_t first; /* position */
        uint32_t words;
    };
    struct Mark {
        uint32_t word;
        unsigned kinds;
    };
    void pack_fields(std::string &bytes) const;
    std::string pack_marks() const;

    void grow();

    std::vector<std::string_view> stems_;
    std::vector<uint64_t> hashes_; /* by stem */
    std::vector<uint32_t> known_;  /* a table of stems by hash: number + 1; 0: free */
    bool hashes_differ_ = true;
    std::vector<uint32_t> words_; /* their stems */
    std::vector<Run> runs_;
    std::vector<Mark> marks_;
};

/* Reads only what is asked for. Once something was damaged all calls return false. */
class ForwardReader
{
  public:
    /* bytes  borrowed until the next call. Returns false where they are damaged, as far as can be
     *        seen without decoding all. */
    bool open(std::string_view bytes);
    /* The number here of a stem that the document has somewhere; of other stems it is any
     * number. */
    bool find_slot(uint64_t hash, uint32_t *ret_slot) const;
    /* Append the positions in a field of words of the slots; ascending, each once. */
    bool find(enum lede_field_id field, const std::vector<uint32_t> &slots,
        std::vector<uint32_t> *positions) const;
    /* Do words stand in a row there? Not for fields in which words share positions.
     * words   the slots that each may have, one word or more anchor the word to look for first: the
     *         rarest */
    bool has_phrase(enum lede_field_id field, const std::vector<std::vector<uint32_t>> &words,
        size_t anchor) const;
    /* Two words or more stand at one position. */
    bool shares_positions() const
    {
        return shares_positions_;
    }
    /* Of all fields. */
    uint32_t word_count() const
    {
        return word_count_;
    }
    /* Append where sentences or paragraphs begin, but the field's first; the first `most` of
     * them. */
    bool starts(enum lede_field_id field, enum ForwardMark kind, std::vector<uint32_t> *positions,
        size_t most = SIZE_MAX);

  private:
    struct Run {
        uint32_t field;
        uint32_t first; /* position */
        uint32_t word;  /* the first one's place in the sequence */
        uint32_t words;
    };
    bool read_fields(class BytesReader &reader);
    bool read_runs(class BytesReader &reader, uint32_t field, uint32_t count);
    bool add_run(uint32_t field, uint32_t first, uint32_t words);
    bool read_sections(class BytesReader &reader, uint32_t buckets);
    bool find_displacement(size_t bucket, uint32_t *ret_displacement) const;
    uint32_t slot_at(uint32_t word) const;
    uint32_t next_word(uint32_t word, uint32_t end, uint32_t slot) const;
    bool has_words_at(uint32_t word, const std::vector<std::vector<uint32_t>> &words) const;

    std::vector<Run> runs_;
    uint32_t word_count_ = 0;
    bool shares_positions_ = false;
    uint32_t mark_count_ = 0;
    unsigned slot_bits_ = 0;
    size_t buckets_ = 0; /* 0: damaged */
    std::string_view marks_;
    unsigned low_bits_ = 0; /* of displacements */
    std::string_view displacements_low_;
    std::string_view displacements_high_;
    std::string_view words_low_;
    std::string_view words_high_;
};

} // namespace lede
#endif
