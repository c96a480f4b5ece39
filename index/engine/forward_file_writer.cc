/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "forward_file_writer.h"

#include "forward_file.h"

#include <endian.h>

namespace lede
{

namespace
{

void put_place(std::string &bytes, uint64_t place)
{
    for (unsigned i = 0; i < FORWARD_PLACE_BYTES; i++)
        bytes += static_cast<char>(place >> (8 * i));
}

} // namespace

ForwardFileWriter::ForwardFileWriter(const std::string &directory)
    : file_(directory + FORWARD_FILE_NAME)
{
}

void ForwardFileWriter::add(std::string_view bytes)
{
    if (!bytes.empty())
        file_.write(bytes.data(), bytes.size());
    size_ += bytes.size();
    ends_.push_back(size_);
}

void ForwardFileWriter::finish()
{
    std::string table;
    put_place(table, 0);
    for (uint64_t end : ends_)
        put_place(table, end);
    uint32_t count = htole32(this->count());
    table.append(reinterpret_cast<const char *>(&count), sizeof(count));
    table.append(FORWARD_FILE_MAGIC, sizeof(FORWARD_FILE_MAGIC) - 1);
    file_.write(table.data(), table.size());
    file_.close();
}

void join_forward_files(const std::vector<ForwardSource> &sources, const std::string &destination)
{
    ForwardFileWriter writer(destination);
    for (const ForwardSource &source : sources) {
        std::shared_ptr<const ForwardFile> file = ForwardFile::open(source.directory);
        ForwardFileReader reader(file, false);
        for (Xapian::docid docid = 1; file && docid <= file->count(); docid++) {
            std::string_view bytes = reader.find(docid);
            auto number = static_cast<int64_t>(docid) + source.shift;
            if (bytes.empty())
                continue;
            while (static_cast<int64_t>(writer.count()) + 1 < number)
                writer.add({});
            if (static_cast<int64_t>(writer.count()) + 1 != number)
                throw Xapian::DatabaseCorruptError(
                    "the documents of segments are not in their order");
            writer.add(bytes);
        }
    }
    writer.finish();
}

} // namespace lede
