/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists of a segment's postlist table (chunk_writer.h), each read in one go: Xapian's iterator
 * takes some twenty nanoseconds a posting, and three of them here. Threads: any. */
#ifndef LEDE_ENGINE_GLASS_LIST_READER_H
#define LEDE_ENGINE_GLASS_LIST_READER_H

#include "bits.h"
#include "packing.h"
#include "table_reader.h"

#include <memory>
#include <string>
#include <string_view>

namespace lede::glass
{

class ListReader
{
  public:
    /* directory  of a segment. Throws FileError, DamagedError, std::bad_alloc. */
    explicit ListReader(const std::string &directory);

    /* Call begin(count) with how many documents a term is said to have, if any, then
     * visit(document, wdf) with each posting, ascending, until it returns false.
     * Throws FileError, DamagedError, std::bad_alloc; what they throw. */
    template <typename Begin, typename Visit>
    void visit_postings(std::string_view term, Begin &&begin, Visit &&visit) const
    {
        if (term.empty() || term.size() > TERM_BYTES_MAX)
            return;
        char key[2 * TERM_BYTES_MAX];
        size_t size = static_cast<size_t>(put_escaped(key, term) - key);
        visit_list({key, size}, true, begin, visit);
    }
    /* Call visit(document, length) with each document in the same way. */
    template <typename Visit> void visit_lengths(Visit &&visit) const
    {
        visit_list(
            LENGTHS_KEY, false, [](uint32_t) {}, visit);
    }

  private:
    static constexpr std::string_view LENGTHS_KEY{"\0\xE0", 2};

    /* A chunk that is walked. */
    struct Chunk {
        std::string_view bytes;
        uint32_t count;    /* the list's first chunk: of its documents */
        uint64_t document; /* the first */
        bool is_last;
    };
    /* To the list's next chunk, at first to the first. Returns false where there is no list. */
    static bool next_chunk(
        TableReader &table, std::string_view list, bool has_terms, bool is_first, Chunk *ret_chunk);

    template <typename Begin, typename Visit>
    void visit_list(std::string_view list, bool has_terms, Begin &&begin, Visit &&visit) const
    {
        TableReader table(file_, root_);
        Chunk chunk = {};
        table.seek(list);
        for (bool is_first = true; is_first || !chunk.is_last; is_first = false) {
            if (!next_chunk(table, list, has_terms, is_first, &chunk))
                return;
            if (is_first)
                begin(chunk.count);
            const char *at = chunk.bytes.data(), *end = at + chunk.bytes.size();
            for (uint64_t document = chunk.document;;) {
                uint32_t number = take(at, end);
                if (document > UINT32_MAX)
                    file_->throw_damaged("a list has numbers that no document has");
                if (!visit(static_cast<uint32_t>(document), number))
                    return;
                if (at == end)
                    break;
                document += uint64_t{take(at, end)} + 1;
            }
        }
    }

    /* A packed number; most take one byte. */
    uint32_t take(const char *&at, const char *end) const
    {
        if (at < end && static_cast<unsigned char>(*at) < 0x80)
            return static_cast<unsigned char>(*at++);
        BytesReader reader({at, static_cast<size_t>(end - at)});
        uint32_t number = reader.get_uint();
        if (reader.failed())
            file_->throw_damaged("a list is cut");
        at = end - reader.rest().size();
        return number;
    }

    TableRoot root_;
    std::shared_ptr<const TableFile> file_; /* NULL: there is nothing in it */
};

} // namespace lede::glass
#endif
