/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One story, one key: across lanes, segments, restarts, replacements and kills. */
#include "fixture.h"

#include "lede/number.h"
#include "stories.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS 200
#define KEY_SIZE (LEDE_STORY_KEY_DIGITS + 1)

/* The text of a story: words by chance from its number. The last `changed` words are others, by
 * `version`. */
static void write_body(
    unsigned story, unsigned version, unsigned changed, char *ret_body, size_t size)
{
    size_t used = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        unsigned parts[3] = {story, i, i + changed >= WORDS ? version : 0};
        uint64_t hash = lede_hash64(parts, sizeof(parts));
        char word[8];
        for (unsigned k = 0; k < 6; k++)
            word[k] = (char)('a' + (hash >> (5 * k)) % 26);
        word[6] = '\0';
        used += (size_t)snprintf(ret_body + used, size - used, "%s ", word);
    }
}

static struct lede_write write_of(const char *id, unsigned story, unsigned version)
{
    char body[WORDS * 8];
    char json[WORDS * 8 + 256];
    struct lede_write write = {.kind = LEDE_WRITE_INDEX};
    struct lede_document_context context = {.now_utc_s = 1700000000};
    write_body(story, version, WORDS / 5, body, sizeof(body));
    int size = snprintf(json, sizeof(json),
        "{\"id\":\"%s\",\"title\":\"Version "
        "%u\",\"body\":\"%s\",\"language\":\"en\",\"published\":\"2022-01-19\"}",
        id, version, body);
    assert_int_equal(
        lede_document_parse(json, (size_t)size, &context, &write.document, NULL), LEDE_OK);
    return write;
}

static void index_story(struct fixture *fixture, const char *id, unsigned story, unsigned version)
{
    enum lede_write_outcome outcome;
    unsigned char digest[16];
    struct lede_write write = write_of(id, story, version);
    assert_int_equal(
        lede_store_write(fixture->store, &write, &outcome, digest, NULL, NULL), LEDE_OK);
}

/* Documents "<prefix><i>" of stories 0 … in one bulk: `copies` of each, side by side. */
static void index_copies(
    struct lede_store *store, const char *prefix, unsigned stories, unsigned copies)
{
    struct lede_bulk_options options = {0};
    struct lede_bulk *bulk = NULL;
    assert_int_equal(lede_bulk_new(store, &options, &bulk, NULL), LEDE_OK);
    for (unsigned i = 0; i < stories * copies; i++) {
        char id[64];
        snprintf(id, sizeof(id), "%s%u", prefix, i);
        struct lede_write write = write_of(id, i / copies, i % copies + 1);
        assert_int_equal(lede_bulk_add(bulk, &write, NULL), LEDE_OK);
    }
    assert_int_equal(lede_bulk_finish(bulk, NULL, NULL), LEDE_OK);
    lede_bulk_free(bulk);
}

/* The key of a document's story, "" if it is in none; and how many documents share it. */
static uint32_t read_story(struct fixture *fixture, const char *id, char ret_key[KEY_SIZE])
{
    struct lede_analyzer *analyzer = NULL;
    struct lede_query *everything = NULL;
    struct lede_search_result result = {0};
    struct lede_query_options options = {0};
    assert_int_equal(lede_analyzer_new(&analyzer, NULL), LEDE_OK);
    assert_int_equal(lede_reader_refresh(fixture->reader, NULL), LEDE_OK);
    assert_int_equal(lede_query_parse("", 0, &options, analyzer, &everything, NULL), LEDE_OK);
    struct lede_search search = {.query = everything,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = lede_time_now_utc_s(),
        .limit = 1,
        .collapse_slot = LEDE_SLOT_STORY,
        .only_ids = &id,
        .only_id_count = 1};
    assert_int_equal(lede_reader_search(fixture->reader, &search, &result, NULL), LEDE_OK);
    assert_int_equal(result.hit_count, 1);
    assert_string_equal(result.hits[0].id, id);
    snprintf(ret_key, KEY_SIZE, "%s", result.hits[0].collapse_key);
    uint32_t count = result.hits[0].collapse_count;
    lede_search_result_done(&result);
    lede_query_free(everything);
    lede_analyzer_free(analyzer);
    return count;
}

static void assert_one_story(struct fixture *fixture, const char *a, const char *b)
{
    char first[KEY_SIZE], second[KEY_SIZE];
    read_story(fixture, a, first);
    read_story(fixture, b, second);
    assert_int_equal(strlen(first), LEDE_STORY_KEY_DIGITS);
    assert_string_equal(first, second);
}

static void assert_two_stories(struct fixture *fixture, const char *a, const char *b)
{
    char first[KEY_SIZE], second[KEY_SIZE];
    read_story(fixture, a, first);
    read_story(fixture, b, second);
    assert_string_not_equal(first, second);
}

/* ---- The store ---- */

static void copies_in_one_bulk_are_one_story_whatever_their_lane(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture);
    index_copies(fixture->store, "c", 20, 6);
    for (unsigned story = 0; story < 20; story++) {
        char id[16], key[KEY_SIZE];
        snprintf(id, sizeof(id), "c%u", story * 6 + story % 6);
        assert_int_equal(read_story(fixture, id, key), 6);
    }
    assert_two_stories(fixture, "c0", "c6");
}

static void a_copy_is_found_in_sealed_segments_and_after_a_restart(void **state)
{
    struct fixture *fixture = *state;
    char before[KEY_SIZE], after[KEY_SIZE];
    fixture_open(fixture);
    index_copies(fixture->store, "c", 20, 2);
    read_story(fixture, "c0", before);
    index_copies(fixture->store, "d", 20, 1);
    assert_one_story(fixture, "c0", "d0");
    fixture_open(fixture);
    index_copies(fixture->store, "e", 20, 1);
    assert_int_equal(read_story(fixture, "e19", after), 4);
    assert_one_story(fixture, "c0", "e0");
    read_story(fixture, "c0", after);
    assert_string_equal(before, after);
}

static void a_corrected_document_keeps_its_story_and_a_rewritten_one_leaves_it(void **state)
{
    struct fixture *fixture = *state;
    char before[KEY_SIZE], after[KEY_SIZE];
    fixture_open(fixture);
    index_story(fixture, "a", 1, 1);
    index_story(fixture, "b", 1, 2);
    read_story(fixture, "a", before);
    index_story(fixture, "a", 1, 3);
    read_story(fixture, "a", after);
    assert_string_equal(before, after);
    index_story(fixture, "a", 2, 1);
    assert_two_stories(fixture, "a", "b");
    read_story(fixture, "b", after);
    assert_string_equal(before, after);
}

static void a_deletion_leaves_the_story_of_the_others(void **state)
{
    struct fixture *fixture = *state;
    char before[KEY_SIZE], after[KEY_SIZE];
    fixture_open(fixture);
    index_story(fixture, "a", 1, 1);
    index_story(fixture, "b", 1, 2);
    read_story(fixture, "b", before);
    assert_int_equal(delete_one(fixture->store, "a"), LEDE_OK);
    index_story(fixture, "c", 1, 3);
    assert_int_equal(read_story(fixture, "b", after), 2);
    assert_string_equal(before, after);
    assert_one_story(fixture, "b", "c");
}

static void a_document_without_words_is_in_no_story(void **state)
{
    struct fixture *fixture = *state;
    enum lede_write_outcome outcome;
    char key[KEY_SIZE];
    fixture_open(fixture);
    assert_int_equal(index_one(fixture->store, "a", "...", &outcome), LEDE_OK);
    assert_int_equal(index_one(fixture->store, "b", "...", &outcome), LEDE_OK);
    assert_int_equal(read_story(fixture, "a", key), 1);
    assert_string_equal(key, "");
}

/* Index copies in a child until it is killed. */
static void index_until_killed(struct fixture *fixture, int report)
{
    fixture_open(fixture);
    for (unsigned round = 0; round < 10000; round++) {
        char prefix[32];
        snprintf(prefix, sizeof(prefix), "k%u-", round);
        index_copies(fixture->store, prefix, 7, 1);
        if (write(report, &round, sizeof(round)) != sizeof(round))
            _exit(1);
    }
    _exit(0);
}

static void stories_survive_a_kill(void **state)
{
    struct fixture *fixture = *state;
    unsigned last = 0, round = 0;
    int ends[2];
    char first[KEY_SIZE], key[KEY_SIZE];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        index_until_killed(fixture, ends[1]);
    close(ends[1]);
    assert_int_equal(read(ends[0], &last, sizeof(last)), sizeof(last));
    usleep(300 * 1000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(ends[0], &round, sizeof(round)) == sizeof(round))
        last = round;
    close(ends[0]);
    fixture_open(fixture);
    for (unsigned story = 0; story < 7; story++) {
        for (unsigned i = 0; i <= last; i++) {
            char id[48];
            snprintf(id, sizeof(id), "k%u-%u", i, story);
            read_story(fixture, id, i == 0 ? first : key);
            if (i > 0)
                assert_string_equal(first, key);
        }
    }
}

/* ---- The table ---- */

static struct lede_story_sketch sketch_of(unsigned story, unsigned changed)
{
    struct lede_story words;
    struct lede_story_sketch sketch;
    char body[WORDS * 8];
    lede_story_init(&words);
    write_body(story, 1, changed, body, sizeof(body));
    for (char *word = strtok(body, " "); word; word = strtok(NULL, " "))
        lede_story_add_body_word(&words, word, strlen(word));
    assert_true(lede_story_sketch(&words, &sketch));
    return sketch;
}

static uint64_t assign(
    struct lede_stories *stories, unsigned number, const struct lede_story_sketch *sketch)
{
    char id[16];
    int size = snprintf(id, sizeof(id), "d%u", number);
    return lede_stories_assign(stories, id, (size_t)size, sketch);
}

static struct lede_stories *new_stories(uint32_t limit)
{
    struct lede_stories *stories = NULL;
    assert_int_equal(lede_stories_new(limit, &stories, NULL), LEDE_OK);
    return stories;
}

static void a_copy_is_found_among_tens_of_thousands(void **state)
{
    (void)state;
    enum { DOCUMENTS = 60000, STEP = 599 };
    struct lede_stories *stories = new_stories(0);
    uint64_t *keys = calloc(DOCUMENTS, sizeof(*keys));
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        struct lede_story_sketch sketch = sketch_of(i, 0);
        keys[i] = assign(stories, i, &sketch);
    }
    unsigned found = 0;
    for (unsigned i = 0; i < DOCUMENTS; i += STEP) {
        struct lede_story_sketch copy = sketch_of(i, WORDS / 8);
        found += assign(stories, DOCUMENTS + i, &copy) == keys[i];
    }
    assert_int_equal(found, (DOCUMENTS + STEP - 1) / STEP);
    assert_int_equal(lede_stories_count(stories), DOCUMENTS + found);
    free(keys);
    lede_stories_free(stories);
}

static void the_oldest_documents_are_forgotten_at_the_limit(void **state)
{
    (void)state;
    struct lede_stories *stories = new_stories(1000);
    struct lede_story_sketch old = sketch_of(0, 0);
    uint64_t first = assign(stories, 0, &old);
    for (unsigned i = 1; i < 3000; i++) {
        struct lede_story_sketch sketch = sketch_of(i, 0);
        assign(stories, i, &sketch);
    }
    assert_int_equal(lede_stories_count(stories), 1000);
    struct lede_story_sketch kept = sketch_of(2500, 0);
    struct lede_story_sketch recent = sketch_of(2500, WORDS / 8);
    uint64_t key = assign(stories, 2500, &kept);
    assert_int_equal(assign(stories, 9000, &recent), key);
    assert_int_not_equal(assign(stories, 9001, &old), first);
    lede_stories_free(stories);
}

static void versions_of_one_document_take_one_place(void **state)
{
    (void)state;
    struct lede_stories *stories = new_stories(0);
    for (unsigned i = 0; i < 20000; i++) {
        struct lede_story_sketch sketch = sketch_of(i, 0);
        assign(stories, i % 3, &sketch);
    }
    assert_int_equal(lede_stories_count(stories), 3);
    lede_stories_forget(stories, "d1", 2);
    assert_int_equal(lede_stories_count(stories), 2);
    lede_stories_free(stories);
}

static void a_boilerplate_of_all_documents_leaves_copies_to_be_found(void **state)
{
    (void)state;
    struct lede_stories *stories = new_stories(0);
    /* Two fifths of each text are the same: too little to make a story, and enough to fill
     * buckets. */
    for (unsigned i = 0; i < 20000; i++) {
        struct lede_story words;
        struct lede_story_sketch sketch;
        char body[WORDS * 8];
        lede_story_init(&words);
        write_body(7, i + 2, WORDS * 3 / 5, body, sizeof(body));
        for (char *word = strtok(body, " "); word; word = strtok(NULL, " "))
            lede_story_add_body_word(&words, word, strlen(word));
        assert_true(lede_story_sketch(&words, &sketch));
        uint64_t key = assign(stories, i, &sketch);
        if (i % 1000 == 0)
            assert_int_equal(assign(stories, 100000 + i, &sketch), key);
    }
    lede_stories_free(stories);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            copies_in_one_bulk_are_one_story_whatever_their_lane, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_copy_is_found_in_sealed_segments_and_after_a_restart,
            fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_corrected_document_keeps_its_story_and_a_rewritten_one_leaves_it, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_deletion_leaves_the_story_of_the_others, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_document_without_words_is_in_no_story, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(stories_survive_a_kill, fixture_setup, fixture_teardown),
        cmocka_unit_test(a_copy_is_found_among_tens_of_thousands),
        cmocka_unit_test(the_oldest_documents_are_forgotten_at_the_limit),
        cmocka_unit_test(versions_of_one_document_take_one_place),
        cmocka_unit_test(a_boilerplate_of_all_documents_leaves_copies_to_be_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
