/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "positions_writer.h"

#include "positions_file.h"

#include <xapian.h>

#include <algorithm>
#include <map>
#include <memory>

namespace lede
{

PositionsWriter::PositionsWriter(const std::string &directory)
    : file_(directory + POSITIONS_FILE_NAME)
{
}

void PositionsWriter::begin(std::string_view key)
{
    key_ = key;
    list_.begin();
}

void PositionsWriter::end_entry_if_full()
{
    if (list_.bytes().size() >= POSITIONS_LIST_BYTES)
        write_entry();
}

void PositionsWriter::end()
{
    list_.flush();
    if (!list_.bytes().empty())
        write_entry();
}

void PositionsWriter::write_entry()
{
    if (block_bytes_ == 0) {
        first_key_ = key_;
        key_before_.clear();
    }
    auto [own, before] =
        std::mismatch(key_.begin(), key_.end(), key_before_.begin(), key_before_.end());
    auto shared = static_cast<size_t>(own - key_.begin());
    entry_.clear();
    append_uint(entry_, shared);
    append_uint(entry_, key_.size() - shared);
    entry_.append(key_, shared);
    append_uint(entry_, list_.bytes().size());
    file_.write(entry_.data(), entry_.size());
    file_.write(list_.bytes().data(), list_.bytes().size());
    block_bytes_ += entry_.size() + list_.bytes().size();
    list_.take_bytes();
    key_before_ = key_;
    if (block_bytes_ >= POSITIONS_BLOCK_BYTES)
        end_block();
}

void PositionsWriter::end_block()
{
    append_uint(index_, block_bytes_);
    append_uint(index_, first_key_.size());
    index_ += first_key_;
    block_bytes_ = 0;
}

void PositionsWriter::finish()
{
    if (block_bytes_ > 0)
        end_block();
    uint64_t index_bytes = htole64(index_.size());
    index_.append(reinterpret_cast<const char *>(&index_bytes), sizeof(index_bytes));
    index_.append(POSITIONS_FILE_MAGIC, sizeof(POSITIONS_FILE_MAGIC) - 1);
    file_.write(index_.data(), index_.size());
    file_.close();
}

namespace
{

[[noreturn]] void throw_damaged()
{
    throw Xapian::DatabaseCorruptError("the positions of segments do not fit together");
}

/* Walks the entries of a file, one block in memory. */
class EntryCursor
{
  public:
    explicit EntryCursor(std::shared_ptr<const PositionsFile> file) : file_(std::move(file))
    {
        next();
    }
    /* Entries lie in bytes_: one of a few bytes would stay where it was. */
    EntryCursor(const EntryCursor &) = delete;
    EntryCursor &operator=(const EntryCursor &) = delete;
    bool at_end() const
    {
        return at_end_;
    }
    const PositionsEntry &entry() const
    {
        return entry_;
    }
    void next()
    {
        std::string before = entry_.key;
        while (!block_.next(&entry_)) {
            at_end_ = next_ == file_->block_count();
            if (at_end_)
                return;
            file_->read_block(next_++, &bytes_);
            block_ = PositionsBlock(bytes_);
            entry_.key.clear();
        }
        if (entry_.key < before)
            throw_damaged();
    }

  private:
    std::shared_ptr<const PositionsFile> file_;
    size_t next_ = 0; /* block */
    std::string bytes_;
    PositionsBlock block_{{}};
    PositionsEntry entry_;
    bool at_end_ = false;
};

/* A segment that is joined to others. */
struct Joined {
    Joined(std::shared_ptr<const PositionsFile> file, int64_t shift)
        : cursor(std::move(file)), documents(shift)
    {
    }
    EntryCursor cursor;
    int64_t documents;              /* that its numbers are moved by */
    std::map<char, int64_t> places; /* the same of places, by field; set by its ends */
    uint64_t left_out = 0;          /* the last end of documents that are left out */
};

class Joiner
{
  public:
    explicit Joiner(const std::string &destination) : writer_(destination)
    {
    }
    void add_source(std::shared_ptr<const PositionsFile> file, int64_t shift)
    {
        sources_.push_back(std::make_unique<Joined>(std::move(file), shift));
    }
    void join()
    {
        for (std::string key; find_least(&key);) {
            bool is_ends = key.size() > 1 && key[0] == '\0' && key[1] == PLACES_ENDS;
            ends_ = 0;
            writer_.begin(key);
            for (auto &source : sources_) {
                if (has(*source, key))
                    add_list(*source, key, is_ends);
            }
            writer_.end();
        }
        writer_.finish();
    }

  private:
    static bool has(const Joined &source, const std::string &key)
    {
        return !source.cursor.at_end() && source.cursor.entry().key == key;
    }
    bool find_least(std::string *ret_key) const
    {
        const std::string *least = nullptr;
        for (const auto &source : sources_) {
            if (!source->cursor.at_end() && (!least || source->cursor.entry().key < *least))
                least = &source->cursor.entry().key;
        }
        if (least)
            *ret_key = *least;
        return least != nullptr;
    }

    void add_list(Joined &source, const std::string &key, bool is_ends)
    {
        uint64_t before = 0;
        int64_t document = 0;
        source.left_out = 0;
        for (; has(source, key); source.cursor.next()) {
            PlaceListReader reader(source.cursor.entry().list, before);
            while (reader.next()) {
                if (is_ends)
                    document = add_ends(source, key, reader, document);
                else if (!writer_.add_block(reader, shift_of(source, key)))
                    throw_damaged();
            }
            if (reader.failed())
                throw_damaged();
            before = reader.last();
        }
    }

    static int64_t shift_of(const Joined &source, const std::string &key)
    {
        auto found = source.places.find(field_of_key(key));
        if (found == source.places.end())
            throw_damaged();
        return found->second;
    }

    /* Documents before the source's, and those that no segment has, are empty: their places end one
     * behind each other. Those of numbers that the destination does not have are left out. */
    int64_t add_ends(
        Joined &source, const std::string &key, PlaceListReader &reader, int64_t document)
    {
        const uint64_t *ends = reader.places();
        for (uint32_t i = 0; ends && i < reader.count(); i++, document++) {
            int64_t number = document + 1 + source.documents;
            if (number < 1) {
                source.left_out = ends[i];
                continue;
            }
            auto found = source.places.find(field_of_key(key));
            if (found == source.places.end()) {
                if (number <= ends_)
                    throw_damaged();
                while (ends_ + 1 < number)
                    add_end(writer_.last() + 1);
                auto shift = static_cast<int64_t>(writer_.last() - source.left_out);
                found = source.places.emplace(field_of_key(key), shift).first;
            }
            add_end(ends[i] + static_cast<uint64_t>(found->second));
        }
        return document;
    }
    void add_end(uint64_t place)
    {
        if (place <= writer_.last() || place > PLACE_MAX)
            throw_damaged();
        writer_.add(place);
        ends_++;
    }

    PositionsWriter writer_;
    std::vector<std::unique_ptr<Joined>> sources_;
    int64_t ends_ = 0; /* documents that have an end, of the field whose ends are joined */
};

} // namespace

void join_positions(const std::vector<PositionsSource> &sources, const std::string &destination)
{
    std::vector<std::shared_ptr<const PositionsFile>> files;
    for (const PositionsSource &source : sources) {
        files.push_back(PositionsFile::open(source.directory));
        if (!files.back())
            return;
    }
    Joiner joiner(destination);
    for (size_t i = 0; i < files.size(); i++)
        joiner.add_source(std::move(files[i]), sources[i].shift);
    joiner.join();
}

} // namespace lede
