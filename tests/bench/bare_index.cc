/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The documents of a store as stock Xapian holds them: what Lede's searches are measured against.
 *
 *   bare_index DATA BARE
 *
 * Each segment of DATA becomes a database of the same number in BARE/segments, which is made: the
 * same terms, frequencies, values and stored texts, written by Xapian's own writer and compacted by
 * it, and of each word the positions, which Lede keeps in a file of its own. DATA must be at rest.
 * Prints the bytes of each table. */
#include "entry.h"
#include "field_walk.h"
#include "metadata.h"
#include "stored_text.h"

#include "lede/engine.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

namespace
{

[[noreturn]] void die(const std::string &what, const struct lede_error &error)
{
    fprintf(stderr, "bare_index: %s: %s\n", what.c_str(), error.message);
    exit(1);
}

void add_positions(
    const struct lede_document *source, struct lede_analyzer *analyzer, Xapian::Document &document)
{
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        const json_t *value = field->prefix ? json_object_get(source->json, field->key) : nullptr;
        if (!value)
            continue;
        lede::visit_words(analyzer, source->language, value,
            [&](const struct lede_token &token, uint32_t position) {
                document.add_posting(
                    field->prefix + std::string(token.term, token.term_size), position, 0);
                return true;
            });
    }
}

Xapian::Document bare_document(const std::string &stored, struct lede_analyzer *analyzer)
{
    struct lede_error error = {};
    struct lede_document *source = nullptr;
    struct lede_entry *entry = nullptr;
    if (lede_document_from_stored(stored.data(), stored.size(), &source, &error) != LEDE_OK ||
        lede_entry_new(source, analyzer, &entry, &error) != LEDE_OK)
        die("a document", error);
    Xapian::Document document = lede::document_of(*entry);
    add_positions(source, analyzer, document);
    lede_entry_free(entry);
    lede_document_free(source);
    return document;
}

void make(const std::string &segment, const std::string &path, struct lede_analyzer *analyzer)
{
    Xapian::Database source(segment);
    std::string loose = path + ".loose";
    Xapian::WritableDatabase database(loose, Xapian::DB_CREATE | Xapian::DB_BACKEND_GLASS);
    lede::write_first_metadata(database);
    /* What is flushed on the way is not committed, which would sync it. */
    database.begin_transaction(false);
    for (auto posting = source.postlist_begin(std::string());
         posting != source.postlist_end(std::string()); ++posting) {
        database.add_document(bare_document(
            lede::text_of_data(source.get_document(*posting).get_data(), source), analyzer));
    }
    database.commit_transaction();
    database.commit();
    database.compact(path);
    database.close();
    std::filesystem::remove_all(loose);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: bare_index DATA BARE\n");
        return 2;
    }
    setenv("XAPIAN_FLUSH_THRESHOLD", "500", 0); /* its maps then stay in the processor's caches */
    struct lede_error error = {};
    struct lede_analyzer *analyzer = nullptr;
    if (lede_analyzer_new(&analyzer, &error) != LEDE_OK)
        die("start", error);
    std::string bare = std::string(argv[2]) + "/segments/";
    std::filesystem::create_directories(bare);
    for (const auto &segment :
        std::filesystem::directory_iterator(std::string(argv[1]) + "/segments"))
        make(segment.path().string(), bare + segment.path().filename().string(), analyzer);
    lede_analyzer_free(analyzer);
    std::map<std::string, double> tables;
    double sum = 0;
    for (const auto &file : std::filesystem::recursive_directory_iterator(bare)) {
        double megabytes = file.is_regular_file() ? static_cast<double>(file.file_size()) / 1e6 : 0;
        if (file.is_regular_file())
            tables[file.path().filename().string()] += megabytes;
        sum += megabytes;
    }
    for (const auto &[name, megabytes] : tables)
        printf("%-16s %8.1f MB\n", name.c_str(), megabytes);
    printf("%-16s %8.1f MB\n", "bare index", sum);
    return 0;
}
