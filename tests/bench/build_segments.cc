/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The building path alone, without journal and store: documents parsed, analyzed and built into
 * segments by threads side by side.
 *
 *   build_segments DIRECTORY CORPUS.ndjson [THREADS [MEGABYTES_PER_BUILDER]]
 *
 * DIRECTORY is made. Prints MB/s of the corpus, where the processor time went, and the bytes of
 * each table. */
#include "lede/engine.h"
#include "lede/number.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <map>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace
{

constexpr size_t SHARE_BYTES = 1 << 20; /* of the corpus that a thread takes at once */

enum Stage { STAGE_PARSE, STAGE_SERIALIZE, STAGE_ANALYZE, STAGE_ADD, STAGE_FINISH, STAGE_COUNT };
const char *const stage_names[STAGE_COUNT] = {
    "parse", "serialize, hash", "analyze", "add", "finish"};

struct Corpus {
    std::string_view text;
    std::atomic<size_t> next{0};
    size_t builder_bytes = 0;
    std::string directory;
    std::atomic<unsigned> segments{0};
};

struct Worker {
    double seconds[STAGE_COUNT] = {};
    size_t documents = 0;
};

double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

[[noreturn]] void give_up(const struct lede_error &error)
{
    fprintf(stderr, "build_segments: %s\n", error.message);
    exit(1);
}

void check(enum lede_status status, const struct lede_error &error)
{
    if (status != LEDE_OK)
        give_up(error);
}

/* Whole lines: those that begin within [begin, begin + SHARE_BYTES). */
std::string_view take_share(Corpus &corpus)
{
    size_t begin = corpus.next.fetch_add(SHARE_BYTES);
    size_t size = corpus.text.size();
    auto line_at = [&](size_t offset) {
        if (offset == 0 || offset >= size)
            return std::min(offset, size);
        size_t end = corpus.text.find('\n', offset - 1);
        return end == std::string_view::npos ? size : end + 1;
    };
    size_t from = line_at(begin);
    return corpus.text.substr(from, line_at(begin + SHARE_BYTES) - from);
}

class Builder
{
  public:
    Builder(Corpus &corpus, Worker &worker) : corpus_(corpus), worker_(worker)
    {
        struct lede_error error = {};
        check(lede_analyzer_new(&analyzer_, &error), error);
        check(lede_language_detector_new(&detector_, &error), error);
    }
    ~Builder()
    {
        lede_analyzer_free(analyzer_);
        lede_language_detector_free(detector_);
    }
    Builder(const Builder &) = delete;
    Builder &operator=(const Builder &) = delete;

    void add_line(std::string_view line)
    {
        struct lede_error error = {};
        struct lede_document_context context = {1700000000, detector_, LEDE_BAD_TEXT_REPAIR};
        struct lede_document *document = nullptr;
        char *stored = nullptr;
        size_t stored_size = 0;
        unsigned char digest[16];
        struct lede_entry *entry = nullptr;
        double from = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        check(lede_document_parse(line.data(), line.size(), &context, &document, &error), error);
        from = note(STAGE_PARSE, from);
        check(lede_document_serialize(document, &stored, &stored_size), error);
        lede_hash128(stored, stored_size, digest);
        from = note(STAGE_SERIALIZE, from);
        check(
            lede_entry_new_stored(document, stored, stored_size, digest, analyzer_, &entry, &error),
            error);
        from = note(STAGE_ANALYZE, from);
        if (!builder_) {
            std::string path = corpus_.directory + "/" + std::to_string(++corpus_.segments);
            check(lede_builder_new(path.c_str(), &builder_, &error), error);
        }
        check(lede_builder_add(builder_, entry, &error), error);
        lede_entry_free(entry);
        free(stored);
        lede_document_free(document);
        note(STAGE_ADD, from);
        worker_.documents++;
        if (lede_builder_memory_bytes(builder_) >= corpus_.builder_bytes)
            finish();
    }

    void finish()
    {
        if (!builder_)
            return;
        struct lede_error error = {};
        double from = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        check(lede_builder_finish(builder_, 1, &error), error);
        lede_builder_freep(&builder_);
        note(STAGE_FINISH, from);
    }

  private:
    double note(Stage stage, double from)
    {
        double now = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        worker_.seconds[stage] += now - from;
        return now;
    }

    Corpus &corpus_;
    Worker &worker_;
    struct lede_analyzer *analyzer_ = nullptr;
    struct lede_language_detector *detector_ = nullptr;
    struct lede_builder *builder_ = nullptr;
};

void run(Corpus &corpus, Worker &worker)
{
    Builder builder(corpus, worker);
    for (std::string_view share = take_share(corpus); !share.empty(); share = take_share(corpus)) {
        while (!share.empty()) {
            size_t end = std::min(share.find('\n'), share.size() - 1) + 1;
            builder.add_line(share.substr(0, end));
            share.remove_prefix(end);
        }
    }
    builder.finish();
}

std::map<std::string, double> table_megabytes(const Corpus &corpus)
{
    std::map<std::string, double> tables;
    for (unsigned i = 1; i <= corpus.segments; i++) {
        std::string path = corpus.directory + "/" + std::to_string(i);
        DIR *directory = opendir(path.c_str());
        while (const struct dirent *item = directory ? readdir(directory) : nullptr) {
            struct stat info;
            if (fstatat(dirfd(directory), item->d_name, &info, 0) == 0 && S_ISREG(info.st_mode))
                tables[item->d_name] += static_cast<double>(info.st_size) / 1e6;
        }
        if (directory)
            closedir(directory);
    }
    return tables;
}

void print(const Corpus &corpus, const std::vector<Worker> &workers, double seconds)
{
    double megabytes = static_cast<double>(corpus.text.size()) / 1e6;
    size_t documents = 0;
    for (const Worker &worker : workers)
        documents += worker.documents;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%zu documents, %.0f MB by %zu threads: %.2f MB/s, %.1f s, %u segments, peak %.0f MB\n",
        documents, megabytes, workers.size(), megabytes / seconds, seconds, corpus.segments.load(),
        static_cast<double>(usage.ru_maxrss) / 1024);
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        double spent = 0;
        for (const Worker &worker : workers)
            spent += worker.seconds[stage];
        printf("  %-16s %6.1f s of processor time\n", stage_names[stage], spent);
    }
    double total = 0;
    for (const auto &[name, size] : table_megabytes(corpus)) {
        printf("  %-16s %6.1f MB\n", name.c_str(), size);
        total += size;
    }
    printf("  %-16s %6.1f MB\n", "index", total);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr,
            "usage: build_segments DIRECTORY CORPUS.ndjson [THREADS [MEGABYTES_PER_BUILDER]]\n");
        return 2;
    }
    size_t threads = argc > 3 ? strtoul(argv[3], nullptr, 10) : 2;
    Corpus corpus;
    corpus.directory = argv[1];
    corpus.builder_bytes = (argc > 4 ? strtoul(argv[4], nullptr, 10) : 48) << 20;
    int fd = open(argv[2], O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (mkdir(argv[1], 0777) != 0 || fd < 0 || fstat(fd, &info) != 0 || info.st_size == 0) {
        fprintf(stderr, "build_segments: '%s' exists, or '%s' cannot be read\n", argv[1], argv[2]);
        return 1;
    }
    auto size = static_cast<size_t>(info.st_size);
    void *text = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (text == MAP_FAILED)
        return 1;
    corpus.text = {static_cast<const char *>(text), size};
    double from = seconds_of(CLOCK_MONOTONIC);
    std::vector<Worker> workers(threads);
    std::vector<std::thread> running;
    for (Worker &worker : workers)
        running.emplace_back([&corpus, &worker] { run(corpus, worker); });
    for (std::thread &thread : running)
        thread.join();
    print(corpus, workers, seconds_of(CLOCK_MONOTONIC) - from);
    return 0;
}
