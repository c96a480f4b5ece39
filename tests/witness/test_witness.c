/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the index finds, counts and marks is what a witness says that tries everything.
 *
 * For generated archives (two segments, documents replaced, moved and deleted, hidden ones, lists,
 * line breaks, eleven languages) and generated queries over every operator, with filters, dates and
 * match=any:
 * 1. the ids found are those of the documents that the witness says match; total, facets and
 * histogram count exactly these; 2. a hit whose words outside the marks are gone still matches;
 * 3. a hit whose marked words are gone matches no more, unless it would match without any word
 * (dates, LENGTH, NOT alone). 4. in fields and in snippets of them, the bytes marked are those that
 * the witness says show the match: none more, none less. 5. an estimate that may count to the end
 * counts the same, and any says whether there is one; a word is shown exactly while a visible
 * document has it. In 2 and 3 what stands under NOT is asked of the whole document: taking a word
 * away never lets an exclusion pass.
 *
 * LEDE_TEST_SEED=… runs the same again; LEDE_TEST_CASES=… says how many queries. A failure prints
 * the query, the document and which of the archives it was in. */
#include "../engine/fixture.h"
#include "corpus.h"
#include "counts.h"
#include "reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lede/time.h"

#define CASES 1200
#define QUERIES_PER_ARCHIVE 150
#define DOCUMENTS 70
#define HITS_PROVED 4
#define WORDS_PER_ARCHIVE 60
#define NOW (CORPUS_FIRST_UTC_S + CORPUS_DAYS * 86400)

struct archive {
    struct fixture *fixture;
    struct chance chance;
    struct reading readings[DOCUMENTS]; /* document NULL: deleted */
    lede_language_set languages;
    unsigned long number;
};

struct tally {
    unsigned long cases, refused, hits, proved, empty;
};

/* ---- Archives ---- */

static void put(struct archive *archive, int i, int segment)
{
    char id[8];
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer json = {0};
    snprintf(id, sizeof(id), "d%02d", i);
    corpus_append_document(&json, id, &archive->chance);
    reading_done(&archive->readings[i]);
    reading_init(&archive->readings[i], json.data, FIXTURE_NOW, archive->fixture->analyzer);
    fixture_delete(archive->fixture, 1 - segment, id);
    archive->fixture->is_older[segment] = chance_below(&archive->chance, 4) == 0;
    fixture_put(archive->fixture, segment, json.data);
}

static void delete (struct archive *archive, int i)
{
    char id[8];
    snprintf(id, sizeof(id), "d%02d", i);
    for (int segment = 0; segment < FIXTURE_SEGMENTS; segment++)
        fixture_delete(archive->fixture, segment, id);
    reading_done(&archive->readings[i]);
}

static void archive_init(struct archive *archive, uint64_t seed, unsigned long number)
{
    void *fixture = NULL;
    memset(archive, 0, sizeof(*archive));
    assert_int_equal(fixture_setup(&fixture), 0);
    archive->fixture = fixture;
    archive->number = number;
    archive->chance.state = seed + number * UINT64_C(0xD1B54A32D192ED03);
    for (int i = 0; i < DOCUMENTS; i++)
        put(archive, i, (int)chance_below(&archive->chance, FIXTURE_SEGMENTS));
    fixture_read(archive->fixture);
    for (int change = 0; change < DOCUMENTS / 3; change++) {
        int i = (int)chance_below(&archive->chance, DOCUMENTS);
        if (chance_below(&archive->chance, 3) == 0)
            delete (archive, i);
        else
            put(archive, i, (int)chance_below(&archive->chance, FIXTURE_SEGMENTS));
        if (chance_below(&archive->chance, 6) == 0)
            fixture_read(archive->fixture);
    }
    fixture_read(archive->fixture);
    for (int i = 0; i < DOCUMENTS; i++)
        if (archive->readings[i].document)
            archive->languages |= LEDE_LANGUAGE_BIT(archive->readings[i].document->language);
}

static void archive_done(struct archive *archive)
{
    void *fixture = archive->fixture;
    for (int i = 0; i < DOCUMENTS; i++)
        reading_done(&archive->readings[i]);
    assert_int_equal(fixture_teardown(&fixture), 0);
}

/* ---- Marks ---- */

/* Of each field a byte for each byte of its text: is it in a fragment, is it marked? */
struct marks {
    unsigned char *seen[LEDE_FIELD_COUNT];
    unsigned char *marked[LEDE_FIELD_COUNT];
};

static void new_bytes(const struct reading *reading, struct lede_arena *arena,
    unsigned char *ret_bytes[LEDE_FIELD_COUNT])
{
    for (int field = 0; field < LEDE_FIELD_COUNT; field++) {
        ret_bytes[field] = lede_arena_calloc(arena, reading->subject.texts[field].size + 1, 1);
        assert_non_null(ret_bytes[field]);
    }
}

/* snippets  as in the options: 0 sees each field whole */
static void take_marks(const struct archive *archive, const struct lede_query *query,
    const struct reading *reading, uint32_t snippets, struct lede_arena *arena,
    struct marks *ret_marks)
{
    struct lede_highlight_options options = {.format = LEDE_HIGHLIGHT_RANGES,
        .pre = "",
        .post = "",
        .snippets = snippets,
        .snippet_chars = LEDE_SNIPPET_CHARS_MIN};
    struct lede_highlights highlights = {0};
    struct lede_shown_leaves shown;
    new_bytes(reading, arena, ret_marks->seen);
    new_bytes(reading, arena, ret_marks->marked);
    assert_int_equal(
        lede_query_shown_leaves(query, &reading->subject, archive->fixture->analyzer, &shown),
        LEDE_OK);
    for (int field = 0; field < LEDE_FIELD_COUNT; field++) {
        const struct lede_field_text *text = &reading->subject.texts[field];
        if (!text->text)
            continue;
        assert_int_equal(
            lede_highlight(query, &shown, (enum lede_field_id)field, reading->document->language,
                text->text, text->size, &options, archive->fixture->analyzer, &highlights),
            LEDE_OK);
        for (size_t i = 0; i < highlights.fragment_count; i++) {
            const struct lede_fragment *fragment = &highlights.fragments[i];
            memset(ret_marks->seen[field] + fragment->start, 1, fragment->size);
            for (size_t k = 0; k < fragment->mark_count; k++)
                memset(ret_marks->marked[field] + fragment->marks[k].start, 1,
                    fragment->marks[k].size);
        }
    }
    lede_highlights_done(&highlights);
}

static void fail_marks(const struct archive *archive, const struct reading *reading,
    const char *text, unsigned char *const marked[], const char *what)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer shown = {0};
    for (int field = 0; field < LEDE_FIELD_COUNT; field++) {
        const struct lede_field_text *source = &reading->subject.texts[field];
        if (!source->text)
            continue;
        lede_buffer_append_format(&shown, "\n%s: ", lede_field_at((enum lede_field_id)field)->key);
        for (size_t i = 0; i < source->size; i++) {
            if (marked[field][i] && (i == 0 || !marked[field][i - 1]))
                lede_buffer_append_string(&shown, "[[");
            lede_buffer_append_char(&shown, source->text[i]);
            if (marked[field][i] && !marked[field][i + 1])
                lede_buffer_append_string(&shown, "]]");
        }
    }
    fail_msg(
        "archive %lu, %s\n%s %s%s", archive->number, text, reading->document->id, what, shown.data);
}

/* Where the stretch of bytes that are set ends which begins at `start`. */
static size_t run_end(const unsigned char *bytes, size_t start)
{
    while (bytes[start])
        start++;
    return start;
}

/* Nothing is marked but what the witness says shows the match, and all of that which is seen whole:
 * what a fragment cuts may be left out. */
static void compare_marks(const struct archive *archive, const struct reading *reading,
    const char *text, const struct marks *marks, unsigned char *const shows[])
{
    for (int field = 0; field < LEDE_FIELD_COUNT; field++) {
        const unsigned char *seen = marks->seen[field], *marked = marks->marked[field];
        size_t size = reading->subject.texts[field].size;
        for (size_t i = 0; i < size; i++)
            if (marked[i] && !shows[field][i])
                fail_marks(archive, reading, text, marks->marked, "marks what shows nothing");
        for (size_t start = 0; start < size; start++) {
            size_t end = run_end(shows[field], start);
            if (end > start && !memchr(seen + start, 0, end - start) &&
                memchr(marked + start, 0, end - start))
                fail_marks(archive, reading, text, marks->marked, "leaves out what shows it");
            start = end;
        }
    }
}

/* Returns whether the marks had anything to prove. */
static bool prove_marks(const struct archive *archive, const struct lede_query *query,
    const char *text, const struct reading *reading)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct marks whole, snippets;
    unsigned char *shows[LEDE_FIELD_COUNT], *nothing[LEDE_FIELD_COUNT];
    const struct lede_query_node *root = lede_query_root(query);
    take_marks(archive, query, reading, 0, &arena, &whole);
    take_marks(archive, query, reading, 2, &arena, &snippets);
    new_bytes(reading, &arena, shows);
    new_bytes(reading, &arena, nothing);
    witness_shows(root, &reading->witness, shows);
    compare_marks(archive, reading, text, &whole, shows);
    compare_marks(archive, reading, text, &snippets, shows);
    struct witness_document wordless = reading_masked(reading, nothing, true, &arena);
    struct witness_document kept = reading_masked(reading, whole.marked, true, &arena);
    struct witness_document rest = reading_masked(reading, whole.marked, false, &arena);
    if (!witness_matches(root, &kept, &reading->witness))
        fail_marks(archive, reading, text, whole.marked, "does not match by its marks alone");
    if (witness_matches(root, &wordless, &reading->witness))
        return false;
    if (witness_matches(root, &rest, &reading->witness))
        fail_marks(archive, reading, text, whole.marked, "still matches without what is marked");
    return true;
}

/* ---- Queries ---- */

static struct lede_query *parse(struct archive *archive, const char *text)
{
    struct lede_query_options options = {.languages = archive->languages, .now_utc_s = NOW};
    struct lede_query *query = NULL;
    struct lede_error error = {0};
    options.match_any = chance_below(&archive->chance, 4) == 0;
    if (chance_below(&archive->chance, 5) == 0)
        options.fields = LEDE_FIELD_BIT(LEDE_FIELD_TITLE) | LEDE_FIELD_BIT(LEDE_FIELD_TAGS) |
                         (chance_below(&archive->chance, 2) ? LEDE_FIELD_BIT(LEDE_FIELD_BODY) : 0);
    enum lede_status status =
        lede_query_parse(text, strlen(text), &options, archive->fixture->analyzer, &query, &error);
    if (status != LEDE_OK && status != LEDE_EINPUT && status != LEDE_ELIMIT)
        fail_msg("%s: %s", text, error.message);
    return status == LEDE_OK ? query : NULL;
}

static void fail_ids(
    const struct archive *archive, const char *text, const struct reading *reading, bool expected)
{
    char *stored = json_dumps(reading->document->json, JSON_COMPACT);
    fail_msg("archive %lu, %s\n%s is %s: %s", archive->number, text, reading->document->id,
        expected ? "not found" : "found", stored);
}

/* Compare the ids; note in `chosen` which documents match. Returns how many. */
static size_t compare_ids(const struct archive *archive, const struct wanted *wanted,
    const char *text, const struct lede_search_result *result, bool chosen[DOCUMENTS])
{
    bool found[DOCUMENTS] = {false};
    size_t count = 0;
    for (size_t i = 0; i < result->hit_count; i++) {
        int number = atoi(result->hits[i].id + 1);
        assert_true(number >= 0 && number < DOCUMENTS && !found[number]);
        found[number] = true;
    }
    for (int i = 0; i < DOCUMENTS; i++) {
        const struct reading *reading = &archive->readings[i];
        if (!reading->document)
            assert_false(found[i]);
        else if ((chosen[i] = wanted_has(wanted, reading)) != found[i])
            fail_ids(archive, text, reading, chosen[i]);
        count += chosen[i];
    }
    assert_true(result->total_is_exact);
    assert_int_equal(result->total, count);
    return count;
}

static void check_order(const struct lede_search *search, const struct archive *archive,
    const struct lede_search_result *result)
{
    for (size_t i = 1; search->sort != LEDE_SORT_RELEVANCE && i < result->hit_count; i++) {
        int64_t before =
            archive->readings[atoi(result->hits[i - 1].id + 1)].document->published_utc_s;
        int64_t here = archive->readings[atoi(result->hits[i].id + 1)].document->published_utc_s;
        assert_true(search->sort == LEDE_SORT_NEWEST ? before >= here : before <= here);
    }
}

static void check_estimates(
    const struct archive *archive, const struct wanted *wanted, size_t count)
{
    uint32_t estimate = 0;
    bool exact = false;
    assert_int_equal(lede_index_estimate(archive->fixture->index, &wanted->search, DOCUMENTS + 1,
                         &estimate, &exact, NULL),
        LEDE_OK);
    assert_true(exact);
    assert_int_equal(estimate, count);
    assert_int_equal(
        lede_index_estimate(archive->fixture->index, &wanted->search, 1, &estimate, &exact, NULL),
        LEDE_OK);
    assert_int_equal(estimate > 0, count > 0);
}

static bool has_shown_word(const struct reading *reading, const char *word)
{
    if (!reading->document || !reading_is_visible(reading, NOW))
        return false;
    for (size_t i = 0; i < reading->witness.text_count; i++) {
        const struct witness_text *text = &reading->witness.texts[i];
        for (size_t k = 0; (LEDE_FIELDS_DEFAULT & LEDE_FIELD_BIT(text->field)) && k < text->count;
             k++)
            for (const struct witness_token *at = &text->tokens[k]; at; at = at->added)
                if (strcmp(at->word, word) == 0)
                    return true;
    }
    return false;
}

/* Words of any field of any document, hidden ones among them. */
static void check_shown_words(struct archive *archive)
{
    for (int asked = 0; asked < WORDS_PER_ARCHIVE; asked++) {
        const struct reading *reading =
            &archive->readings[chance_below(&archive->chance, DOCUMENTS)];
        if (!reading->document || reading->witness.text_count == 0)
            continue;
        uint32_t number = chance_below(&archive->chance, (uint32_t)reading->witness.text_count);
        const struct witness_text *text = &reading->witness.texts[number];
        if (text->count == 0)
            continue;
        const char *word = text->tokens[chance_below(&archive->chance, (uint32_t)text->count)].word;
        bool expected = false;
        uint32_t count = 0;
        for (int i = 0; i < DOCUMENTS; i++)
            expected = expected || has_shown_word(&archive->readings[i], word);
        assert_int_equal(lede_index_count_word(archive->fixture->index, LEDE_FIELDS_DEFAULT, word,
                             strlen(word), NULL, NOW, 1, &count, NULL),
            LEDE_OK);
        if ((count > 0) != expected)
            fail_msg("archive %lu: '%s' is %sshown", archive->number, word, expected ? "not " : "");
    }
}

/* Is the word written with other accents anywhere? */
static bool varies(const struct archive *archive, const struct lede_query_word *word)
{
    for (int i = 0; i < DOCUMENTS; i++) {
        const struct witness_document *document = &archive->readings[i].witness;
        for (size_t k = 0; archive->readings[i].document && k < document->text_count; k++) {
            const struct witness_text *text = &document->texts[k];
            for (size_t t = 0; t < text->count; t++) {
                const struct witness_token *token = &text->tokens[t];
                for (; token; token = token->added) {
                    if (strcmp(token->word, word->word) == 0 &&
                        strcmp(token->written, word->written) != 0)
                        return true;
                }
            }
        }
    }
    return false;
}

/* Segments of earlier versions do not know how words were written. */
static bool asks_for_accents(const struct archive *archive, const struct lede_query_node *node)
{
    bool asks = node->kind == LEDE_QUERY_EXACT &&
                (archive->fixture->is_older[0] || archive->fixture->is_older[1]) &&
                varies(archive, &node->words[0]);
    for (size_t i = 0; i < node->child_count; i++)
        asks = asks || asks_for_accents(archive, node->children[i]);
    return asks;
}

static void run_query(struct archive *archive, struct tally *tally)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    corpus_append_query(&text, &archive->chance);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = parse(archive, text.data);
    if (!query || asks_for_accents(archive, lede_query_root(query))) {
        tally->refused++;
        return;
    }
    struct wanted wanted;
    wanted_init(&wanted, query, NOW, &archive->chance);
    struct lede_search_result result = fixture_run(archive->fixture, &wanted.search);
    bool chosen[DOCUMENTS] = {false};
    size_t count = compare_ids(archive, &wanted, text.data, &result, chosen);
    check_order(&wanted.search, archive, &result);
    check_estimates(archive, &wanted, count);
    counts_check(&wanted, archive->readings, chosen, DOCUMENTS, &result);
    for (size_t i = 0; i < result.hit_count && i < HITS_PROVED; i++)
        tally->proved +=
            prove_marks(archive, query, text.data, &archive->readings[atoi(result.hits[i].id + 1)]);
    tally->cases++;
    tally->hits += count;
    tally->empty += count == 0;
    lede_search_result_done(&result);
}

static void what_is_found_counted_and_marked_is_what_the_witness_says(void **state)
{
    (void)state;
    const char *given = getenv("LEDE_TEST_SEED"), *cases = getenv("LEDE_TEST_CASES");
    const char *only = getenv("LEDE_TEST_ARCHIVE"); /* the one that failed */
    unsigned long wanted = cases ? strtoul(cases, NULL, 10) : CASES;
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    struct tally tally = {0};
    static struct archive archive;
    printf("# LEDE_TEST_SEED=%llu\n", (unsigned long long)seed);
    unsigned long number = only ? strtoul(only, NULL, 10) : 0;
    for (; tally.cases < wanted && tally.refused <= tally.cases + 1000; number++) {
        archive_init(&archive, seed, number);
        check_shown_words(&archive);
        for (int i = 0; i < QUERIES_PER_ARCHIVE; i++)
            run_query(&archive, &tally);
        archive_done(&archive);
    }
    printf("# %lu queries (%lu more refused by the parser) on %lu archives, %lu found nothing; %lu "
           "hits, the "
           "marks of %lu proved\n",
        tally.cases, tally.refused, number, tally.empty, tally.hits, tally.proved);
    assert_true(tally.refused < tally.cases);
    assert_true(tally.proved > tally.cases / 2 && tally.empty < tally.cases * 3 / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_counted_and_marked_is_what_the_witness_says),
    };
    return cmocka_run_group_tests_name("witness", tests, NULL, NULL);
}
