/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chunk_writer.h"

#include "packing.h"

namespace lede::glass
{

namespace
{
constexpr size_t CHUNK_BYTES = 2000; /* Xapian's own; one entry more may stand behind */
}

void ChunkWriter::begin(std::string_view key, std::string_view parts, uint32_t count, uint32_t sum)
{
    key_ = key;
    parts_ = parts;
    count_ = count;
    sum_ = sum;
    is_first_chunk_ = true;
    entries_.clear();
}

void ChunkWriter::add(uint32_t document, uint32_t number)
{
    if (entries_.size() >= CHUNK_BYTES) {
        write(false);
        entries_.clear();
    }
    char entry[2 * UINT32_BYTES_MAX];
    char *end = entry;
    if (entries_.empty())
        first_document_ = document;
    else
        end = put_uint(end, document - last_document_ - 1);
    end = put_uint(end, number);
    entries_.append(entry, static_cast<size_t>(end - entry));
    last_document_ = document;
}

void ChunkWriter::write(bool is_last)
{
    char head[4 * UINT32_BYTES_MAX + 1];
    char *end = head;
    if (is_first_chunk_) {
        end = put_uint(end, count_);
        end = put_uint(end, sum_);
        end = put_uint(end, first_document_ - 1);
    }
    *end++ = is_last ? '1' : '0';
    end = put_uint(end, last_document_ - first_document_);
    tag_.assign(head, static_cast<size_t>(end - head));
    tag_ += entries_;
    if (is_first_chunk_) {
        table_.add(key_, tag_);
        key_ += parts_;
        is_first_chunk_ = false;
        return;
    }
    char document[DOCID_BYTES_MAX];
    size_t size = key_.size();
    key_.append(document, static_cast<size_t>(put_docid(document, first_document_) - document));
    table_.add(key_, tag_);
    key_.resize(size);
}

void ChunkWriter::end()
{
    write(true);
}

} // namespace lede::glass
