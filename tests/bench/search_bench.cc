/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processor time of a whole HTTP search, and of its match.
 *
 * One process serves a store over HTTP, with highlights, and is asked by a child over one kept
 * connection; only the serving process's time counts. In turn with that it runs the same queries
 * without HTTP: the match and the fetch of the ten stored texts. Blocks alternate, so that a
 * drifting machine hits all alike.
 *
 *   search_bench DATA QUERIES [ROUNDS] */
#include "lede/api.h"
#include "lede/match.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace
{

constexpr unsigned HITS = 10;

[[noreturn]] void die(const char *what, const struct lede_error *error)
{
    fprintf(stderr, "search_bench: %s: %s\n", what, error ? error->message : "");
    exit(2);
}

double process_cpu_ms()
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

std::vector<std::string> read_lines(const char *path)
{
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (!line.empty())
            lines.push_back(line);
    return lines;
}

/* ---- The asking child ---- */

std::string percent_encoded(const std::string &text)
{
    std::string out;
    char hex[4];
    for (unsigned char c : text) {
        snprintf(hex, sizeof(hex), isalnum(c) ? "%c" : "%%%02X", c);
        out += hex;
    }
    return out;
}

/* Read one answer: headers, then Content-Length bytes. */
void read_answer(int fd)
{
    std::string got;
    char block[65536];
    size_t need = std::string::npos;
    while (need == std::string::npos || got.size() < need) {
        ssize_t size = read(fd, block, sizeof(block));
        if (size <= 0)
            _exit(1);
        got.append(block, static_cast<size_t>(size));
        size_t end = got.find("\r\n\r\n");
        size_t length = got.find("Content-Length: ");
        if (need == std::string::npos && end != std::string::npos && length != std::string::npos)
            need = end + 4 + strtoul(got.c_str() + length + 16, nullptr, 10);
    }
    if (got.compare(0, 12, "HTTP/1.1 200") != 0)
        _exit(2);
}

/* For each byte on `go` ask all queries once, then answer with a byte on `done`. */
[[noreturn]] void ask(uint16_t port, const std::vector<std::string> &queries, int go, int done)
{
    struct sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, reinterpret_cast<struct sockaddr *>(&address), sizeof(address)) != 0)
        _exit(3);
    char byte;
    while (read(go, &byte, 1) == 1) {
        for (const std::string &query : queries) {
            std::string request =
                "GET /search?q=" + percent_encoded(query) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
            if (write(fd, request.data(), request.size()) != static_cast<ssize_t>(request.size()))
                _exit(4);
            read_answer(fd);
        }
        if (write(done, &byte, 1) != 1)
            _exit(5);
    }
    _exit(0);
}

/* ---- The match ---- */

struct Parsed {
    std::vector<struct lede_query *> trees;
};

/* Without HTTP, parsing, JSON and highlights. */
double match_ms(struct lede_index *index, const Parsed &parsed)
{
    struct lede_error error;
    double before = process_cpu_ms();
    size_t bytes = 0;
    for (struct lede_query *tree : parsed.trees) {
        struct lede_search search = {};
        struct lede_search_result result = {};
        search.query = tree;
        search.limit = HITS;
        search.collapse_slot = LEDE_SLOT_NONE;
        search.after_utc_s = LEDE_TIME_NONE;
        search.before_utc_s = LEDE_TIME_NONE;
        search.now_utc_s = lede_time_now_utc_s();
        if (lede_index_search(index, &search, &result, &error) != LEDE_OK)
            die("search", &error);
        for (size_t i = 0; i < result.hit_count; i++)
            bytes += result.hits[i].stored_size;
        lede_search_result_done(&result);
    }
    if (bytes == 0)
        die("the queries find nothing", nullptr);
    return process_cpu_ms() - before;
}

Parsed parse(const std::vector<std::string> &queries, lede_language_set languages)
{
    Parsed parsed;
    struct lede_error error;
    struct lede_analyzer *analyzer = nullptr;
    struct lede_query_options options = {};
    options.languages = languages;
    if (lede_analyzer_new(&analyzer, &error) != LEDE_OK)
        die("analyzer", &error);
    for (const std::string &query : queries) {
        struct lede_query *tree = nullptr;
        if (lede_query_parse(query.data(), query.size(), &options, analyzer, &tree, &error) !=
            LEDE_OK)
            die(query.c_str(), &error);
        parsed.trees.push_back(tree);
    }
    lede_analyzer_free(analyzer);
    return parsed;
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void measure(struct lede_index *index, const Parsed &parsed, unsigned rounds, int go, int done)
{
    std::vector<double> http, match;
    for (unsigned round = 0; round < rounds + 1; round++) {
        char byte = 0;
        double before = process_cpu_ms();
        if (write(go, &byte, 1) != 1 || read(done, &byte, 1) != 1)
            die("the asking process died", nullptr);
        double http_ms = process_cpu_ms() - before;
        double alone_ms = match_ms(index, parsed);
        if (round == 0) /* warms the caches */
            continue;
        http.push_back(http_ms);
        match.push_back(alone_ms);
    }
    double count = static_cast<double>(parsed.trees.size());
    printf("queries %zu, rounds %u, documents %u, processor time a query (medians)\n",
        parsed.trees.size(), rounds, lede_index_document_count(index));
    printf("whole HTTP search, highlights    %8.3f ms\n", median(http) / count);
    printf("match and ten stored texts       %8.3f ms\n", median(match) / count);
}

struct lede_http_server *serve(struct lede_api *api)
{
    struct lede_error error;
    struct lede_http_server *server = nullptr;
    struct lede_http_options options = {};
    options.listeners.count = 1;
    strcpy(options.listeners.items[0].host, "127.0.0.1");
    options.io_threads = 1;
    for (unsigned i = 0; i < LEDE_POOL_COUNT; i++)
        options.pool_threads[i] = 1;
    options.queue_length = 16;
    options.connections_max = 16;
    options.idle_timeout_s = 60;
    options.request_timeout_s = 60;
    options.header_bytes_max = 16384;
    options.uri_bytes_max = 8192;
    options.routes = lede_api_routes(api, &options.route_count);
    options.context = api;
    options.worker_new = lede_api_worker_new;
    options.worker_free = lede_api_worker_free;
    options.refuse = lede_api_refuse;
    if (lede_http_server_new(&options, &server, &error) != LEDE_OK)
        die("server", &error);
    return server;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: search_bench DATA QUERIES [ROUNDS]\n");
        return 2;
    }
    struct lede_error error;
    struct lede_store_options options = {};
    struct lede_api api = {};
    struct lede_reader *reader = nullptr;
    std::vector<std::string> queries = read_lines(argv[2]);
    options.directory = argv[1];
    if (lede_store_open(&options, &api.store, &error) != LEDE_OK)
        die("store", &error);
    if (lede_api_init(&api, api.store, nullptr, &error) != LEDE_OK)
        die("api", &error);
    if (lede_reader_open(api.store, &reader, &error) != LEDE_OK)
        die("reader", &error);
    struct lede_http_server *server = serve(&api);
    int go[2], done[2];
    if (pipe(go) != 0 || pipe(done) != 0)
        die("pipe", nullptr);
    pid_t child = fork();
    if (child == 0) {
        close(go[1]);
        ask(lede_http_server_listener(server, 0)->port, queries, go[0], done[1]);
    }
    close(go[0]);
    close(done[1]);
    Parsed parsed = parse(queries, lede_reader_languages(reader));
    measure(lede_reader_index(reader), parsed, argc > 3 ? static_cast<unsigned>(atoi(argv[3])) : 11,
        go[1], done[0]);
    close(go[1]);
    waitpid(child, nullptr, 0);
    for (struct lede_query *tree : parsed.trees)
        lede_query_free(tree);
    lede_http_server_stop(server, 1000);
    lede_http_server_free(server);
    lede_reader_free(reader);
    lede_api_done(&api);
    lede_store_close(api.store);
    return 0;
}
