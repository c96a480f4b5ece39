/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "value_chunk_writer.h"

#include "bits.h"
#include "packing.h"

namespace lede::glass
{

std::string statistics_tag(const ValueStatistics &statistics)
{
    std::string tag;
    append_uint(tag, statistics.document_count);
    append_uint(tag, statistics.least.size());
    tag += statistics.least;
    if (statistics.greatest != statistics.least)
        tag += statistics.greatest;
    return tag;
}

void append_value(std::string &chunk, int64_t gap, std::string_view value)
{
    if (gap >= 0)
        append_uint(chunk, static_cast<uint64_t>(gap));
    append_uint(chunk, value.size());
    chunk += value;
}

void ValueChunkWriter::begin(std::string_view key)
{
    key_ = key;
    chunk_.clear();
}

void ValueChunkWriter::add(uint32_t document, std::string_view value)
{
    if (chunk_.size() >= VALUE_CHUNK_BYTES)
        write();
    bool begins = chunk_.empty();
    if (begins)
        first_document_ = document;
    append_value(chunk_, begins ? -1 : int64_t{document} - last_document_ - 1, value);
    last_document_ = document;
}

void ValueChunkWriter::write()
{
    char document[DOCID_BYTES_MAX];
    size_t size = key_.size();
    key_.append(document, static_cast<size_t>(put_docid(document, first_document_) - document));
    table_.add(key_, chunk_);
    key_.resize(size);
    chunk_.clear();
}

void ValueChunkWriter::end()
{
    if (!chunk_.empty())
        write();
}

} // namespace lede::glass
