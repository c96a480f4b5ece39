/* The match of a query's tree and the fetch of its first ten texts, timed one by one: what a search can cost at least.
 *
 *   bare_match DATA ROUNDS < QUERIES
 *
 * QUERIES has a line each: "all" or "any" (match=), a tab, the query. For each a line with ROUNDS times in milliseconds is printed.
 * The total is exact, as every answer's is; no facets, no highlights, no JSON. The segments are opened beside a server that may hold the store. */
#include "compile.h"
#include "index.h"

#include "lede/engine.h"
#include "lede/query.h"
#include "lede/text.h"
#include "lede/time.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

namespace
{

constexpr unsigned HITS = 10;

[[noreturn]] void die(const std::string &what, const struct lede_error &error)
{
    fprintf(stderr, "bare_match: %s: %s\n", what.c_str(), error.message);
    exit(2);
}

struct lede_index *open_index(const std::string &data)
{
    std::vector<std::string> paths;
    for (const auto &entry : std::filesystem::directory_iterator(data + "/segments"))
        paths.push_back(entry.path().string());
    std::vector<const char *> names;
    for (const std::string &path : paths)
        names.push_back(path.c_str());
    struct lede_index *index = nullptr;
    struct lede_error error = {};
    if (lede_index_open(names.data(), names.size(), &index, &error) != LEDE_OK)
        die(data, error);
    return index;
}

void add_language(void *context, const char *value, uint32_t)
{
    *static_cast<lede_language_set *>(context) |= LEDE_LANGUAGE_BIT(lede_language_find(value, strlen(value)));
}

double match_ms(struct lede_index *index, const struct lede_query *query)
{
    uint64_t start_ns = lede_time_monotonic_ns();
    size_t bytes = 0;
    Xapian::Enquire enquire(index->combined);
    lede::Deadline none;
    enquire.set_query(lede::compile_clause(index, lede_query_root(query), &none));
    enquire.set_weighting_scheme(Xapian::BM25Weight(1.2, 0, 1, 0.75, 0.5));
    Xapian::MSet matches = enquire.get_mset(0, HITS, index->document_count);
    for (Xapian::MSetIterator match = matches.begin(); match != matches.end(); ++match)
        bytes += match.get_document().get_data().size();
    if (bytes == 0)
        die("the query finds nothing", {});
    return static_cast<double>(lede_time_monotonic_ns() - start_ns) / 1e6;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: bare_match DATA ROUNDS < QUERIES\n");
        return 2;
    }
    struct lede_error error = {};
    struct lede_index *index = open_index(argv[1]);
    struct lede_analyzer *analyzer = nullptr;
    struct lede_query_options options = {};
    if (lede_analyzer_new(&analyzer, &error) != LEDE_OK ||
        lede_index_visit_values(
            index, lede_field_at(LEDE_FIELD_LANGUAGE), add_language, &options.languages, &error) != LEDE_OK)
        die("start", error);
    options.languages |= LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND);
    for (std::string line; std::getline(std::cin, line);) {
        struct lede_query *query = nullptr;
        options.match_any = line.compare(0, 4, "any\t") == 0;
        if (lede_query_parse(line.data() + 4, line.size() - 4, &options, analyzer, &query, &error) != LEDE_OK)
            die(line, error);
        (void)match_ms(index, query); /* warms the caches */
        for (int round = atoi(argv[2]); round > 0; round--)
            printf("%.4f%c", match_ms(index, query), round == 1 ? '\n' : ' ');
        lede_query_free(query);
    }
    lede_index_free(index);
    lede_analyzer_free(analyzer);
    return 0;
}
