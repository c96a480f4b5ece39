/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries of all sources go by in the order of their keys. Those of one list (a term's, the
 * lengths', a slot's values) follow each other in each source, and its documents in that of the
 * sources. */
#include "join.h"

#include "bits.h"
#include "chunk_writer.h"
#include "file_error.h"
#include "packing.h"
#include "table_reader.h"
#include "value_chunk_writer.h"
#include "version_file.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace lede::glass
{

namespace
{

constexpr unsigned LOOK_EVERY = 1024; /* lists, or texts */

enum class EntryKind { METADATA, STATISTICS, VALUES, LENGTHS, POSTINGS };

[[noreturn]] void throw_damaged()
{
    throw DamagedError("a table's entry is not what its key says");
}

EntryKind kind_of(std::string_view key)
{
    if (key.size() < 2 || key[0] != '\0')
        return EntryKind::POSTINGS;
    switch (key[1]) {
    case '\xC0':
        return EntryKind::METADATA;
    case '\xD0':
        return EntryKind::STATISTICS;
    case '\xD8':
        return EntryKind::VALUES;
    case '\xE0':
        return EntryKind::LENGTHS;
    default:
        return EntryKind::POSTINGS;
    }
}

/* How much of an entry's key names its list; behind it stands where its chunk begins. */
size_t list_key_size(EntryKind kind, std::string_view key)
{
    size_t size = 2;
    switch (kind) {
    case EntryKind::VALUES:
        while (size < key.size() && static_cast<unsigned char>(key[size]) >= 0x80)
            size++;
        return std::min(size + 1, key.size());
    case EntryKind::LENGTHS:
        return size;
    case EntryKind::POSTINGS:
        for (size = key.find('\0'); size < key.size(); size = key.find('\0', size + 2)) {
            if (size + 1 == key.size() || key[size + 1] != '\xFF')
                return size;
        }
        return key.size();
    default:
        return key.size();
    }
}

/* A source's postings, by their lists. */
struct Joined {
    TableReader table;
    int64_t shift;
    bool at_end = false;
    EntryKind kind = EntryKind::METADATA;
    size_t list_size = 0; /* of the key */

    Joined(const std::string &directory, const TableRoot &root, int64_t shift_)
        : table(directory + "/postlist.glass", root), shift(shift_)
    {
        next();
    }
    void next()
    {
        at_end = !table.next();
        if (at_end)
            return;
        kind = kind_of(table.key());
        list_size = list_key_size(kind, table.key());
    }
    std::string_view list() const
    {
        return table.key().substr(0, list_size);
    }
    bool is_in(std::string_view list_key) const
    {
        return !at_end && list() == list_key;
    }
    /* Where the chunk begins, as its key says, less what stands before it there. */
    uint32_t first_document(size_t before) const
    {
        return get_docid(table.key().substr(std::min(list_size + before, table.key().size())));
    }
    uint32_t moved(uint64_t document) const
    {
        int64_t number = static_cast<int64_t>(document) + shift;
        if (document > UINT32_MAX || number < 1 || number > UINT32_MAX)
            throw_damaged();
        return static_cast<uint32_t>(number);
    }
};

class Joiner
{
  public:
    Joiner(const std::string &directory,
        const std::function<bool(std::string_view, std::string_view, std::string_view)> &metadata)
        : postlist_(directory + "/postlist.glass"), chunks_(postlist_), values_(postlist_),
          metadata_(metadata)
    {
    }
    void add_source(const std::string &directory, const TableRoot &root, int64_t shift)
    {
        sources_.push_back(std::make_unique<Joined>(directory, root, shift));
    }
    /* Join the next list of any source. Returns false behind the last. */
    bool next()
    {
        having_.clear();
        for (auto &source : sources_) {
            if (source->at_end)
                continue;
            int order = having_.empty() ? -1 : source->list().compare(having_[0]->list());
            if (order < 0)
                having_.clear();
            if (order <= 0)
                having_.push_back(source.get());
        }
        if (having_.empty())
            return false;
        list_ = having_[0]->list();
        switch (having_[0]->kind) {
        case EntryKind::METADATA:
            join_metadata();
            break;
        case EntryKind::STATISTICS:
            join_statistics();
            break;
        case EntryKind::VALUES:
            join_values();
            break;
        case EntryKind::LENGTHS:
        case EntryKind::POSTINGS:
            join_postings(having_[0]->kind == EntryKind::POSTINGS);
            break;
        }
        return true;
    }
    TableRoot finish()
    {
        TableRoot root = postlist_.finish();
        postlist_.close();
        return root;
    }

  private:
    void join_metadata()
    {
        std::string value;
        std::string_view key = std::string_view(list_).substr(2);
        for (Joined *source : having_) {
            if (value.empty() || metadata_(key, value, source->table.tag()))
                value = source->table.tag();
            source->next();
        }
        postlist_.add(list_, value);
    }

    void join_statistics()
    {
        ValueStatistics all;
        for (Joined *source : having_) {
            BytesReader reader(source->table.tag());
            all.document_count += reader.get_uint();
            std::string_view least = reader.get_bytes(reader.get_uint());
            std::string_view greatest = reader.rest().empty() ? least : reader.rest();
            if (reader.failed())
                throw_damaged();
            if (source == having_[0] || least < all.least)
                all.least = least;
            if (source == having_[0] || greatest > all.greatest)
                all.greatest = greatest;
            source->next();
        }
        postlist_.add(list_, statistics_tag(all));
    }

    void join_values()
    {
        values_.begin(list_);
        for (Joined *source : having_) {
            for (; source->is_in(list_); source->next()) {
                uint64_t document = source->first_document(0);
                BytesReader reader(source->table.tag());
                for (bool is_first = true; is_first || !reader.rest().empty(); is_first = false) {
                    document += is_first ? 0 : uint64_t{reader.get_uint()} + 1;
                    std::string_view value = reader.get_bytes(reader.get_uint());
                    if (reader.failed())
                        throw_damaged();
                    values_.add(source->moved(document), value);
                }
            }
        }
        values_.end();
    }

    /* What a first chunk says of its list. */
    struct ListHead {
        uint32_t count;
        uint32_t sum;
        uint32_t first_document;
    };
    static ListHead read_head(BytesReader &reader)
    {
        ListHead head = {};
        head.count = reader.get_uint();
        head.sum = reader.get_uint();
        head.first_document = reader.get_uint() + 1;
        return head;
    }

    void join_postings(bool has_terms)
    {
        static const std::string TERM_END("\0", 1);
        uint32_t count = 0, sum = 0; /* modulo 2^32, as Xapian's collection frequency is */
        for (Joined *source : having_) {
            BytesReader reader(source->table.tag());
            ListHead head = read_head(reader);
            if (source->list_size != source->table.key().size() || reader.failed())
                throw_damaged();
            count += head.count;
            sum += head.sum;
        }
        chunks_.begin(
            list_, has_terms ? std::string_view(TERM_END) : std::string_view(), count, sum);
        for (Joined *source : having_) {
            for (bool is_first = true; source->is_in(list_); is_first = false) {
                BytesReader reader(source->table.tag());
                uint32_t document = is_first ? read_head(reader).first_document
                                             : source->first_document(has_terms ? 1 : 0);
                add_chunk(*source, reader, document);
                source->next();
            }
        }
        chunks_.end();
    }
    void add_chunk(const Joined &source, BytesReader &reader, uint64_t document)
    {
        reader.get_byte(); /* whether it is the last one */
        reader.get_uint(); /* how far it goes */
        for (bool is_first = true; is_first || !reader.rest().empty(); is_first = false) {
            document += is_first ? 0 : uint64_t{reader.get_uint()} + 1;
            uint32_t number = reader.get_uint();
            if (reader.failed())
                throw_damaged();
            chunks_.add(source.moved(document), number);
        }
    }

    TableWriter postlist_;
    ChunkWriter chunks_;
    ValueChunkWriter values_;
    const std::function<bool(std::string_view, std::string_view, std::string_view)> &metadata_;
    std::vector<std::unique_ptr<Joined>> sources_;
    std::vector<Joined *> having_; /* the list that is joined */
    std::string list_;             /* its key */
};

void add_statistics(DatabaseStatistics &all, const DatabaseStatistics &more, int64_t shift)
{
    all.document_count += more.document_count;
    if (more.document_count > 0)
        all.last_document = static_cast<uint32_t>(more.last_document + shift);
    all.length_sum += more.length_sum;
    if (more.length_least > 0 && (all.length_least == 0 || more.length_least < all.length_least))
        all.length_least = more.length_least;
    all.length_greatest = std::max(all.length_greatest, more.length_greatest);
    all.wdf_greatest = std::max(all.wdf_greatest, more.wdf_greatest);
}

/* Stored texts are copied as they stand. */
TableRoot join_texts(const std::vector<JoinSource> &sources, const std::vector<VersionFile> &files,
    const std::string &directory, const std::function<void()> &look)
{
    std::optional<TableWriter> docdata; /* made with the first text */
    unsigned count = 0;
    for (size_t i = 0; i < sources.size(); i++) {
        TableReader table(sources[i].directory + "/docdata.glass", files[i].roots[TABLE_DOCDATA]);
        while (table.next()) {
            int64_t document = int64_t{get_docid(table.key())} + sources[i].shift;
            char key[DOCID_BYTES_MAX];
            if (document < 1 || document > UINT32_MAX)
                throw_damaged();
            if (!docdata)
                docdata.emplace(directory + "/docdata.glass");
            char *end = put_docid(key, static_cast<uint32_t>(document));
            docdata->add({key, static_cast<size_t>(end - key)}, table.tag(), table.is_compressed());
            if (++count % LOOK_EVERY == 0)
                look();
        }
    }
    if (!docdata)
        return {};
    TableRoot root = docdata->finish();
    docdata->close();
    return root;
}

} // namespace

void join_databases(const std::vector<JoinSource> &sources, const std::string &directory,
    const std::function<bool(std::string_view key, std::string_view before, std::string_view value)>
        &metadata,
    const std::function<void()> &look)
{
    std::vector<VersionFile> files;
    DatabaseStatistics statistics;
    Joiner joiner(directory, metadata);
    for (const JoinSource &source : sources) {
        files.push_back(read_version_file(source.directory));
        add_statistics(statistics, files.back().statistics, source.shift);
        joiner.add_source(source.directory, files.back().roots[TABLE_POSTLIST], source.shift);
    }
    TableRoot roots[TABLE_COUNT];
    for (unsigned count = 1; joiner.next(); count++) {
        if (count % LOOK_EVERY == 0)
            look();
    }
    roots[TABLE_POSTLIST] = joiner.finish();
    roots[TABLE_DOCDATA] = join_texts(sources, files, directory, look);
    write_version_file(directory, roots, statistics);
}

} // namespace lede::glass
