/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment that is damaged, and whose checksums agree, is read to an answer or to an error:
 * nothing outside is read or written, nothing goes on for ever, and memory stays what it was.
 *
 * Each case is a process of its own, with a bound on the time that an operation may take of the
 * processor. By hand: LEDE_DAMAGE_SEED (of the first case), LEDE_DAMAGE_CASES. */
#include "damage_segment.h"
#include "temporary_directory.h"

#include "lede/match.h"
#include "lede/text.h"
#include "lede/time.h"

#include <csetjmp>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern "C" {
#include <cmocka.h>
}

namespace
{

constexpr uint32_t DOCUMENTS = 90;
constexpr int64_t NOW = 1700000000;
constexpr time_t OPERATION_CPU_S = 8;                /* they take milliseconds */
constexpr uint64_t SEARCH_NS = UINT64_C(2000000000); /* a server's own bound */
constexpr long MEMORY_KB_MAX = 1536L * 1024;
constexpr uint32_t CASES = 60; /* four of each kind of damage, and others with it */
/* A store makes a bitmap of a segment's documents. */
constexpr uint32_t LAST_DOCUMENT_MAX = 8U << 20;

enum Exit { ENDED = 0, WRONG_STATUS = 11, NOT_BOUNDED = 12 };

char doing[200]; /* for whoever ends it */

[[noreturn]] void give_up(int) noexcept
{
    (void)!write(2, "# too long: ", 12);
    (void)!write(2, doing, strlen(doing));
    (void)!write(2, "\n", 1);
    _exit(NOT_BOUNDED);
}

/* What comes now has a new bound. */
void begin(const char *what, const char *detail = "")
{
    struct itimerval bound = {{0, 0}, {OPERATION_CPU_S, 0}};
    snprintf(doing, sizeof(doing), "%s %s", what, detail);
    setitimer(ITIMER_PROF, &bound, nullptr);
}

/* Damage is damage, not a lack of memory and no bug. */
enum lede_status end(enum lede_status status, const struct lede_error &error = {})
{
    if (status != LEDE_ENOMEM && status != LEDE_EBUSY && status != LEDE_ENOSPC &&
        status != LEDE_EINTERNAL)
        return status;
    fprintf(stderr, "# %s: %s: %s\n", doing, lede_status_name(status), error.message);
    _exit(WRONG_STATUS);
}

/* ---- The segment ---- */

std::string json_of(uint32_t number)
{
    static const char *const words[] = {
        "granite", "fell", "harbour", "strike", "budget", "NATO", "minister"};
    std::string n = std::to_string(number);
    std::string body;
    for (uint32_t i = 0; i < 40 + number; i++) {
        body += words[(number * 7 + i * i) % 7];
        body += i % 9 == 8 ? (i % 27 == 26 ? ".\\n\\nThe " : ". The ") : " ";
    }
    if (number % 30 == 0)
        body = "one one one one";
    return R"({"id":"d)" + n + R"(","title":"Harbour strike )" + std::to_string(number % 11) +
           R"(","summary":"Budget of )" + n + R"(","body":")" + body + R"(","tags":["t)" +
           std::to_string(number % 5) + R"(","u"],"author":["Jane Doe","J. R. Roe"],"source":"S)" +
           std::to_string(number % 4) + R"(","language":"en","published":"2022-01-)" +
           std::to_string(10 + number % 19) + R"(T10:00:00Z")" +
           (number % 9 == 0 ? R"(,"embargoed_until":"2030-01-01")" : "") +
           (number % 8 == 0 ? R"(,"expires":"2021-01-01")" : "") +
           (number % 7 == 0 ? R"(,"status":"withheld")" : "") + R"(,"odd":[1,{"a":2}]})";
}

void add_documents(SegmentParts *parts, struct lede_analyzer *analyzer)
{
    for (uint32_t number = 1; number <= DOCUMENTS; number++) {
        struct lede_document_context context = {NOW, nullptr, LEDE_BAD_TEXT_REPAIR};
        std::string json = json_of(number);
        struct lede_document *document = nullptr;
        struct lede_entry *entry = nullptr;
        if (lede_document_parse(json.data(), json.size(), &context, &document, nullptr) !=
                LEDE_OK ||
            lede_entry_new(document, analyzer, &entry, nullptr) != LEDE_OK ||
            lede_entry_set_story(entry, number % 20 + 1, nullptr) != LEDE_OK)
            abort();
        parts->add(entry);
        lede_entry_free(entry);
        lede_document_free(document);
    }
    parts->metadata = {{"format", "lede-segment-1"},
        {"analysis", std::to_string(LEDE_ANALYSIS_VERSION)}, {"revision", "7"}};
}

/* ---- What is done with it ---- */

const char *const queries[] = {"", "harbour strike", "granite OR budget OR nothing",
    "harbour NOT minister", "\"the granite\"", "\"fell harbour strike\"", "=\"harbour strike\"",
    "har*", "*r", "b?dget", "buget~", "=minister", "CAPS NATO", "granite NEAR/5 budget",
    "granite ADJ/3 fell", "granite SAME s fell", "granite SAME p budget", "ATLEAST/3 granite",
    "ATLEAST/2 (granite OR fell)", "LEAD:granite", "LEAD:\"fell harbour\"", "LENGTH>20",
    "published:2022-01-01..2022-02-15", "title:strike^3 body:harbour", "author:\"jane doe\"",
    "(\"harbour strike\" OR gran*) NEAR/8 (budget SAME s fell)", "source:s1 tag:u", "one",
    "\"one one\"", "one NEAR/3 one", "-granite", "the"};

void visit_word(void *, const char *, uint32_t)
{
}

bool visit_words(void *, const char *, size_t, uint32_t)
{
    return true;
}

void visit_story(void *, const char *, size_t, const struct lede_story_sketch *, uint64_t)
{
}

void visit_id(void *, const char *, size_t)
{
}

class User
{
  public:
    User(std::string damaged, std::string healthy, struct lede_analyzer *analyzer, Random &random)
        : paths_{std::move(damaged), std::move(healthy)}, analyzer_(analyzer), random_(random),
          bits_((LAST_DOCUMENT_MAX + 64) / 64, 0)
    {
    }

    void use()
    {
        use_sealed();
        open();
        for (const char *text : queries)
            search(text);
        look_around();
        lede_index_free(index_);
        merge(false);
        merge(true);
        check();
    }

  private:
    void use_sealed()
    {
        struct lede_sealed *sealed = nullptr;
        struct lede_error error = {};
        begin("opening a sealed segment");
        if (end(lede_sealed_open(nullptr, paths_[0].c_str(), &sealed, &error), error) != LEDE_OK)
            return;
        last_ = lede_sealed_last_document(sealed);
        if (last_ > LAST_DOCUMENT_MAX) {
            fprintf(stderr, "# a segment of %u documents is believed to have number %u\n",
                DOCUMENTS, last_);
            _exit(WRONG_STATUS);
        }
        begin("listing ids");
        end(lede_sealed_visit_ids(sealed, visit_id, nullptr, &error), error);
        struct lede_deleted deleted = deleted_documents();
        for (uint32_t number = 0; number <= DOCUMENTS + 1; number++) {
            std::string id = "d" + std::to_string(number);
            unsigned char digest[16];
            uint32_t docid = 0;
            begin("finding a document", id.c_str());
            end(lede_sealed_find(sealed, id.data(), id.size(), &deleted, &docid, digest, &error),
                error);
            if (docid > last_) {
                fprintf(stderr, "# document %u of %u is believed\n", docid, last_);
                _exit(WRONG_STATUS);
            }
            fetch(sealed, number);
        }
        fetch(sealed, last_);
        lede_sealed_free(sealed);
    }

    void fetch(const struct lede_sealed *sealed, uint32_t docid)
    {
        struct lede_buffer stored = {};
        struct lede_error error = {};
        if (docid == 0)
            return;
        begin("fetching a document", std::to_string(docid).c_str());
        end(lede_sealed_get(sealed, docid, &stored, &error), error);
        lede_buffer_done(&stored);
    }

    struct lede_deleted deleted_documents()
    {
        struct lede_deleted deleted = {bits_.data(), last_ + 1, 0};
        if (bits_[0] == 0)
            bits_[0] = 0x220;
        deleted.count = last_ > 9 ? 2 : 0;
        return deleted;
    }

    void open()
    {
        struct lede_index_segment segments[2] = {
            {paths_[0].c_str(), deleted_documents(), {}}, {paths_[1].c_str(), {}, {}}};
        struct lede_error error = {};
        begin("opening an index");
        end(lede_index_open_segments(nullptr, segments, 2, nullptr, &index_, &error), error);
    }

    struct lede_query *parse(const char *text)
    {
        struct lede_query_options options = {};
        struct lede_query *query = nullptr;
        options.languages = LEDE_LANGUAGE_BIT(lede_language_find("en", 2));
        options.now_utc_s = NOW;
        struct lede_error error = {};
        if (lede_query_parse(text, strlen(text), &options, analyzer_, &query, &error) != LEDE_OK) {
            fprintf(stderr, "# '%s': %s\n", text, error.message);
            abort();
        }
        return query;
    }

    void search(const char *text)
    {
        if (!index_)
            return;
        struct lede_query *query = parse(text);
        struct lede_search search = {};
        search.query = query;
        search.after_utc_s = random_.below(4) ? LEDE_TIME_NONE : NOW - 100000000;
        search.before_utc_s = LEDE_TIME_NONE;
        search.now_utc_s = NOW;
        search.sort = static_cast<enum lede_sort>(random_.below(3));
        search.limit = random_.below(5) ? 200 : random_.below(3);
        search.offset = random_.below(4) ? 0 : random_.below(30);
        search.facet_values = 20;
        search.facets = random_.below(2)
                            ? LEDE_FIELD_BIT(LEDE_FIELD_TAGS) | LEDE_FIELD_BIT(LEDE_FIELD_SOURCE)
                            : 0;
        search.histogram = static_cast<enum lede_histogram>(random_.below(6));
        search.time_zone = random_.below(2) ? "Europe/Berlin" : nullptr;
        search.recency_half_life_s = random_.below(2) ? 86400 : 0;
        static const uint32_t slots[] = {LEDE_SLOT_NONE, 0, LEDE_SLOT_STORY, LEDE_SLOT_SOURCE,
            LEDE_SLOT_TAGS, LEDE_SLOT_LANGUAGE};
        search.collapse_slot = slots[random_.below(6)];
        search.match_only = random_.below(4) == 0;
        const char *ids[] = {"d1", "d5"};
        if (random_.below(6) == 0) {
            search.only_ids = ids;
            search.only_id_count = 2;
        }
        search.deadline_monotonic_ns = lede_time_monotonic_ns() + SEARCH_NS;
        struct lede_search_result result = {};
        struct lede_error error = {};
        begin("searching", text);
        enum lede_status status = end(lede_index_search(index_, &search, &result, &error), error);
        if (status == LEDE_OK)
            explain(search, result);
        lede_search_result_done(&result);
        uint32_t count = 0;
        bool exact = false;
        begin("estimating", text);
        end(lede_index_estimate(index_, &search, 20, &count, &exact, &error), error);
        begin("counting", text);
        end(lede_index_clause_documents(
                index_, lede_query_root(query), nullptr, NOW, &count, &error),
            error);
        lede_query_free(query);
    }

    void explain(const struct lede_search &search, const struct lede_search_result &result)
    {
        struct lede_explanation explanation = {};
        struct lede_error error = {};
        begin("explaining");
        if (end(lede_index_explain(
                    index_, &search, result.hits, result.hit_count, &explanation, &error),
                error) == LEDE_OK)
            lede_explanation_done(&explanation);
    }

    void look_around()
    {
        if (!index_)
            return;
        struct lede_error error = {};
        const struct lede_field *fields[] = {nullptr, lede_field_at(LEDE_FIELD_TAGS),
            lede_field_at(LEDE_FIELD_SOURCE), lede_field_at(LEDE_FIELD_LANGUAGE)};
        for (const struct lede_field *field : fields) {
            begin("listing values");
            end(lede_index_visit_values(index_, field, visit_word, nullptr, nullptr, &error),
                error);
            end(lede_index_visit_values_kept(index_, field, visit_word, nullptr, &error), error);
        }
        begin("reading stories");
        end(lede_index_visit_stories(index_, visit_story, nullptr, &error), error);
        begin("listing words");
        end(lede_index_visit_words(index_, visit_words, nullptr, &error), error);
        for (const char *word : {"granite", "one", "nothing"}) {
            uint32_t documents = 0;
            begin("looking at a word", word);
            end(lede_index_word_documents(
                    index_, LEDE_FIELDS_DEFAULT, word, strlen(word), &documents, &error),
                error);
            end(lede_index_count_word(index_, LEDE_FIELDS_DEFAULT, word, strlen(word), nullptr, NOW,
                    1, &documents, &error),
                error);
            end(lede_index_stem_documents(index_, word, word, &documents, &error), error);
        }
        for (uint32_t number = 1; number <= DOCUMENTS; number += 4) {
            std::string id = "d" + std::to_string(number);
            struct lede_buffer stored = {};
            begin("getting a document", id.c_str());
            end(lede_index_get(index_, id.data(), id.size(), &stored, nullptr, &error), error);
            lede_buffer_done(&stored);
        }
    }

    void merge(bool rewrite)
    {
        struct lede_merge_source sources[2] = {};
        struct lede_error error = {};
        sources[0].path = paths_[0].c_str();
        sources[0].deleted = deleted_documents();
        sources[1].path = paths_[1].c_str();
        std::string made = directory + (rewrite ? "/made anew" : "/joined");
        std::string scratch = directory + "/scratch";
        begin(rewrite ? "making anew" : "joining");
        if (end(lede_segments_merge(
                    sources, 2, made.c_str(), scratch.c_str(), rewrite, nullptr, nullptr, &error),
                error) == LEDE_OK)
            for (uint32_t docid : {0U, 1U, DOCUMENTS, DOCUMENTS + 1, UINT32_MAX})
                (void)lede_merge_source_place(&sources[0], docid);
        for (struct lede_merge_source &source : sources)
            lede_merge_source_done(&source);
    }

    static void tell(void *, const char *)
    {
    }
    static enum lede_status take(void *, uint32_t, const char *, size_t, bool, struct lede_error *)
    {
        return LEDE_OK;
    }
    static void lose(void *, uint32_t, const char *)
    {
    }

    void check()
    {
        uint32_t whole = 0;
        struct lede_error error = {};
        begin("checking");
        end(lede_segment_check(paths_[0].c_str(), tell, nullptr, &whole, &error), error);
        struct lede_salvage salvage = {take, lose, nullptr};
        begin("salvaging");
        end(lede_segment_salvage(paths_[0].c_str(), &salvage, &error), error);
    }

    std::string paths_[2];
    struct lede_analyzer *analyzer_;
    Random &random_;
    std::vector<uint64_t> bits_;
    uint32_t last_ = 0;
    struct lede_index *index_ = nullptr;
};

/* Of the child: never returns. seed 0: nothing is damaged, and all must be well. */
[[noreturn]] void run_case(uint64_t seed)
{
    struct lede_analyzer *analyzer = nullptr;
    SegmentParts parts, healthy;
    Random random(seed);
    signal(SIGPROF, give_up);
    for (int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        signal(number, SIG_DFL); /* cmocka's would go on with its tests */
    if (lede_analyzer_new(&analyzer, nullptr) != LEDE_OK)
        abort();
    add_documents(&parts, analyzer);
    healthy = parts;
    if (seed % 2 == 0)
        compress_texts(parts);
    std::string done = seed == 0 ? "nothing" : damage(parts, random, seed);
    parts.write(directory + "/damaged");
    healthy.write(directory + "/healthy");
    fprintf(stderr, "# damaged: %s\n", done.c_str());
    User(directory + "/damaged", directory + "/healthy", analyzer, random).use();
    lede_analyzer_free(analyzer);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    if (usage.ru_maxrss > MEMORY_KB_MAX) {
        fprintf(stderr, "# %ld KB of memory\n", usage.ru_maxrss);
        _exit(WRONG_STATUS);
    }
    exit(ENDED); /* what a sanitizer says of leaks is said here */
}

uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, nullptr, 10) : otherwise;
}

/* What a case says stays unsaid unless it ends badly. */
bool ends_well(uint64_t seed)
{
    FILE *said = tmpfile();
    assert_non_null(said);
    fflush(nullptr);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(fileno(said), 2);
        run_case(seed);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    bool well = WIFEXITED(status) && WEXITSTATUS(status) == ENDED;
    if (!well) {
        char line[512];
        rewind(said);
        printf("# case %llu: status %x\n", static_cast<unsigned long long>(seed), status);
        while (fgets(line, sizeof(line), said))
            printf("# %s", line);
    }
    fclose(said);
    std::filesystem::remove_all(directory);
    std::filesystem::create_directory(directory);
    return well;
}

void a_segment_in_parts_is_a_segment(void **)
{
    assert_true(ends_well(0));
}

void damage_that_is_believed_does_no_harm(void **)
{
    uint64_t seed = number_from("LEDE_DAMAGE_SEED", 1);
    uint64_t cases = number_from("LEDE_DAMAGE_CASES", CASES);
    unsigned bad = 0;
    for (uint64_t i = 0; i < cases; i++)
        bad += ends_well(seed + i) ? 0 : 1;
    printf("# %llu cases from seed %llu on, %u ended badly\n",
        static_cast<unsigned long long>(cases), static_cast<unsigned long long>(seed), bad);
    assert_int_equal(bad, 0);
}

} // namespace

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main()
{
    const struct CMUnitTest tests[] = {
        TEST(a_segment_in_parts_is_a_segment),
        TEST(damage_that_is_believed_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
