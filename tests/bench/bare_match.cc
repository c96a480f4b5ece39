/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xapian's match of a query's bare tree (bare_tree.h) and the fetch of its first ten texts, timed
 * one by one: what a search costs at least.
 *
 *   bare_match BARE ROUNDS < QUERIES
 *
 * BARE is what bare_index made of a store: phrases and NEAR need positions, which Lede's own
 * segments have not in Xapian's tables. QUERIES has a line each: "all" or "any" (match=), a tab,
 * "relevance", "newest" or "oldest", a tab, the query. For each a line with ROUNDS times is
 * printed: processor time of the thread, a slash, time passed, in milliseconds. The total is exact,
 * as every answer's is; no facets, no highlights, no JSON, no parsing, no search for the words of a
 * pattern. */
#include "bare_tree.h"
#include "index.h"
#include "reading.h"

#include "lede/engine.h"
#include "lede/query.h"
#include "lede/text.h"
#include "lede/time.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <time.h>
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
    *static_cast<lede_language_set *>(context) |=
        LEDE_LANGUAGE_BIT(lede_language_find(value, strlen(value)));
}

double thread_cpu_ms()
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Spent {
    double cpu_ms;
    double passed_ms;
};

Spent match(struct lede_index *index, const Xapian::Query &query, const std::string &sort)
{
    uint64_t start_ns = lede_time_monotonic_ns();
    double start_cpu_ms = thread_cpu_ms();
    size_t bytes = 0;
    Xapian::Enquire enquire(index->combined);
    enquire.set_query(query);
    if (sort == "relevance") {
        enquire.set_weighting_scheme(Xapian::BM25Weight(1.2, 0, 1, 0.75, 0.5));
    } else {
        enquire.set_weighting_scheme(Xapian::BoolWeight());
        enquire.set_sort_by_value(LEDE_SLOT_PUBLISHED, sort == "newest");
    }
    Xapian::MSet matches = enquire.get_mset(0, HITS, index->document_count);
    for (Xapian::MSetIterator match = matches.begin(); match != matches.end(); ++match)
        bytes += match.get_document().get_data().size();
    if (bytes == 0)
        die("the query finds nothing: " + query.get_description(), {});
    return {thread_cpu_ms() - start_cpu_ms,
        static_cast<double>(lede_time_monotonic_ns() - start_ns) / 1e6};
}

/* The fields of a line, the last one with all that is left. */
std::vector<std::string> fields_of(const std::string &line, size_t count)
{
    std::vector<std::string> fields;
    size_t start = 0;
    while (fields.size() + 1 < count) {
        size_t end = line.find('\t', start);
        if (end == std::string::npos)
            die("a line has too few fields: " + line, {});
        fields.push_back(line.substr(start, end - start));
        start = end + 1;
    }
    fields.push_back(line.substr(start));
    return fields;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: bare_match BARE ROUNDS < QUERIES\n");
        return 2;
    }
    struct lede_error error = {};
    struct lede_index *index = open_index(argv[1]);
    auto loan = std::make_unique<lede::IndexLoan>(index);
    struct lede_analyzer *analyzer = nullptr;
    struct lede_query_options options = {};
    if (lede_analyzer_new(&analyzer, &error) != LEDE_OK ||
        lede_index_visit_values(index, lede_field_at(LEDE_FIELD_LANGUAGE), add_language,
            &options.languages, nullptr, &error) != LEDE_OK)
        die("start", error);
    options.languages |= LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND);
    for (std::string line; std::getline(std::cin, line);) {
        std::vector<std::string> fields = fields_of(line, 3);
        struct lede_query *query = nullptr;
        options.match_any = fields[0] == "any";
        if (lede_query_parse(
                fields[2].data(), fields[2].size(), &options, analyzer, &query, &error) != LEDE_OK)
            die(line, error);
        Xapian::Query tree = bench::bare_tree(index, lede_query_root(query));
        (void)match(index, tree, fields[1]); /* warms the caches */
        for (int round = atoi(argv[2]); round > 0; round--) {
            Spent spent = match(index, tree, fields[1]);
            printf("%.4f/%.4f%c", spent.cpu_ms, spent.passed_ms, round == 1 ? '\n' : ' ');
        }
        fflush(stdout);
        lede_query_free(query);
    }
    loan.reset();
    lede_index_free(index);
    lede_analyzer_free(analyzer);
    return 0;
}
