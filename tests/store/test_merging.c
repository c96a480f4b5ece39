/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Merging loses nothing and brings nothing back: against a model, with readers that hold on, with
 * processes that are killed. */
#include "fixture.h"

#include "open_store.h"
#include "segment_list.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define IDS 120
#define ABSENT (-1)

/* What the store should hold: the version of each id. */
struct model {
    int versions[IDS];
    int next_version;
};

/* Each body is a segment a lane. */
static struct lede_store_options small_segments(bool merges)
{
    return (struct lede_store_options){
        .merge = {.fan_in = merges ? 3 : UINT32_MAX, .idle_fan_in = 2, .deleted_percent = 40}};
}

/* Every body is built into segments of its own. */
static struct lede_store_options building(bool merges)
{
    struct lede_store_options options = small_segments(merges);
    options.build_after_bytes = 1;
    return options;
}

static void id_of(unsigned number, char id[16])
{
    snprintf(id, 16, "m%u", number);
}

static struct model empty_model(void)
{
    struct model model = {.next_version = 1};
    for (unsigned i = 0; i < IDS; i++)
        model.versions[i] = ABSENT;
    return model;
}

static struct lede_bulk *begin(struct fixture *fixture)
{
    struct lede_bulk_options options = {0};
    struct lede_bulk *bulk = NULL;
    assert_int_equal(lede_bulk_new(fixture->store, &options, &bulk, NULL), LEDE_OK);
    return bulk;
}

static void finish(struct lede_bulk *bulk)
{
    assert_int_equal(lede_bulk_finish(bulk, NULL, NULL), LEDE_OK);
    lede_bulk_free(bulk);
}

static void add_version(struct lede_bulk *bulk, struct model *model, unsigned number)
{
    char id[16];
    char body[64];
    int version = model->next_version++;
    id_of(number, id);
    snprintf(body, sizeof(body), "granite version%dend", version);
    struct lede_write write = {.kind = LEDE_WRITE_INDEX, .document = document_of(id, body)};
    assert_int_equal(lede_bulk_add(bulk, &write, NULL), LEDE_OK);
    model->versions[number] = version;
}

static void add_deletion(struct lede_bulk *bulk, struct model *model, unsigned number)
{
    char id[16];
    id_of(number, id);
    struct lede_write write = {.kind = LEDE_WRITE_DELETE, .id = strdup(id)};
    assert_int_equal(lede_bulk_add(bulk, &write, NULL), LEDE_OK);
    model->versions[number] = ABSENT;
}

static void put_version(struct fixture *fixture, struct model *model, unsigned number)
{
    struct lede_bulk *bulk = begin(fixture);
    add_version(bulk, model, number);
    finish(bulk);
}

static void check_model(struct fixture *fixture, const struct model *model)
{
    unsigned living = 0;
    struct lede_store_stats stats;
    for (unsigned i = 0; i < IDS; i++) {
        char id[16];
        char word[32];
        id_of(i, id);
        snprintf(word, sizeof(word), "version%dend", model->versions[i]);
        if (model->versions[i] == ABSENT)
            assert_false(has_document(fixture, id));
        else
            assert_true(body_contains(fixture, id, word));
        living += model->versions[i] != ABSENT;
    }
    assert_int_equal(count_found(fixture, "granite"), living);
    assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
    assert_int_equal(stats.documents, living);
}

static void add_at_random(struct lede_bulk *bulk, struct model *model, unsigned *seed)
{
    unsigned number = (unsigned)rand_r(seed) % IDS;
    if (rand_r(seed) % 4 == 0)
        add_deletion(bulk, model, number);
    else
        add_version(bulk, model, number);
}

static void write_at_random(
    struct fixture *fixture, struct model *model, unsigned *seed, unsigned bodies)
{
    for (unsigned i = 0; i < bodies; i++) {
        struct lede_bulk *bulk = begin(fixture);
        for (unsigned k = rand_r(seed) % 10; k < 10; k++)
            add_at_random(bulk, model, seed);
        finish(bulk);
    }
}

static struct lede_store_stats stats_of(const struct fixture *fixture)
{
    struct lede_store_stats stats = {0};
    assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
    return stats;
}

static void check_many_writes(struct fixture *fixture, struct lede_store_options options)
{
    struct model model = empty_model();
    unsigned seed = 4;
    uint64_t merges = 0;
    for (unsigned round = 0; round < 2; round++) {
        fixture_open_with(fixture, options);
        write_at_random(fixture, &model, &seed, 20);
        check_model(fixture, &model);
        merges += stats_of(fixture).merges;
        fixture_close(fixture);
        fixture_check_segments(fixture);
    }
    assert_true(merges > 0);
    fixture_open_with(fixture, options);
    check_model(fixture, &model);
}

static void many_writes_while_merging_leave_each_document_once_in_its_last_version(void **state)
{
    check_many_writes(*state, small_segments(true));
}

static void many_bodies_built_while_merging_leave_each_document_once_in_its_last_version(
    void **state)
{
    check_many_writes(*state, building(true));
}

/* ---- What is being built ---- */

/* A long body is under way: its batches so far are applied, and not finished. */
static struct lede_bulk *begin_building(
    struct fixture *fixture, struct model *model, unsigned count)
{
    struct lede_bulk *bulk = begin(fixture);
    for (unsigned i = 0; i < count; i++)
        add_version(bulk, model, i % IDS);
    return bulk;
}

static void wait_until_built(struct fixture *fixture)
{
    bool empty = false;
    for (unsigned tries = 0; !empty && tries < 1000; tries++) {
        empty = stats_of(fixture).pending_writes == 0;
        usleep(5000);
    }
    assert_true(empty);
}

static void what_is_being_built_can_be_replaced_deleted_and_patched(void **state)
{
    struct fixture *fixture = *state;
    struct model model = empty_model();
    unsigned char digest[16];
    enum lede_write_outcome outcome = LEDE_FAILED;
    fixture_open_with(fixture, building(false));
    struct lede_bulk *first = begin_building(fixture, &model, IDS);
    finish(first);
    /* 1,024 writes are a batch, handed over at once: each id many times. */
    struct lede_bulk *bulk = begin_building(fixture, &model, 1024);
    wait_until_built(fixture);
    put_version(fixture, &model, 3);
    assert_int_equal(delete_one(fixture->store, "m4"), LEDE_OK);
    model.versions[4] = ABSENT;
    assert_int_equal(delete_one(fixture->store, "m4"), LEDE_ENOTFOUND);
    struct lede_write patch = {.kind = LEDE_WRITE_PATCH,
        .id = strdup("m5"),
        .patch = json_pack("{s:s}", "title", "patched")};
    assert_int_equal(
        lede_store_write(fixture->store, &patch, &outcome, digest, NULL, NULL), LEDE_OK);
    assert_int_equal(outcome, LEDE_UPDATED);
    put_version(fixture, &model, 4);
    finish(bulk);
    check_model(fixture, &model);
    assert_true(body_contains(fixture, "m5", "patched"));
    fixture_open_with(fixture, building(false));
    check_model(fixture, &model);
    fixture_close(fixture);
    fixture_check_segments(fixture);
}

static void a_bulk_that_outruns_merging_ends_and_loses_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct model model = empty_model();
    struct lede_store_options options = building(true);
    /* Each batch becomes two segments, and bulks rest at four of a lane. */
    options.builder_bytes = 1;
    options.merge = (struct lede_merge_limits){.fan_in = 4, .segments = 2};
    fixture_open_with(fixture, options);
    struct lede_bulk *bulk = begin_building(fixture, &model, 24 * 1024);
    finish(bulk);
    check_model(fixture, &model);
}

static void a_lone_write_is_found_while_a_body_is_being_built(void **state)
{
    struct fixture *fixture = *state;
    struct model model = empty_model();
    fixture_open_with(fixture, building(false));
    struct lede_bulk *bulk = begin_building(fixture, &model, 1024);
    enum lede_write_outcome outcome = LEDE_FAILED;
    assert_int_equal(index_one(fixture->store, "lone", "basalt", &outcome), LEDE_OK);
    assert_int_equal(count_found(fixture, "basalt"), 1);
    finish(bulk);
    assert_int_equal(count_found(fixture, "granite"), IDS);
    assert_int_equal(count_found(fixture, "basalt"), 1);
}

/* ---- A merge taken step by step, in a store that merges nothing by itself ---- */

static struct lede_merge *small_merge(struct fixture *fixture)
{
    return &fixture->store->mergers.merges[LEDE_MERGE_SMALL];
}

static void begin_merge(struct fixture *fixture, uint32_t deleted_percent)
{
    struct lede_store *store = fixture->store;
    struct lede_merge_limits limits = {
        .fan_in = 3, .idle_fan_in = 3, .deleted_percent = deleted_percent};
    pthread_mutex_lock(&store->monitor.mutex);
    struct lede_merge_limits before = store->mergers.limits;
    store->mergers.limits = lede_merge_limits_with_defaults(&limits);
    bool found = lede_merger_choose(small_merge(fixture), false);
    store->mergers.limits = before;
    pthread_mutex_unlock(&store->monitor.mutex);
    assert_true(found);
    lede_merger_run(small_merge(fixture));
}

static bool has_segment(const struct fixture *fixture, uint32_t number)
{
    char path[128];
    struct stat facts;
    snprintf(path, sizeof(path), "%s/segments/%06u", fixture->data, number);
    return stat(path, &facts) == 0;
}

/* The merger removes files, too: whoever comes first. */
static bool segment_goes(const struct fixture *fixture, uint32_t number)
{
    lede_view_sweep(&fixture->store->segments);
    for (unsigned tries = 0; tries < 1000 && has_segment(fixture, number); tries++)
        usleep(10000);
    return !has_segment(fixture, number);
}

/* Any answered write comes after the change of the list that was waiting. */
static void finish_merge(struct fixture *fixture, struct model *model)
{
    lede_merger_hand_over(small_merge(fixture));
    put_version(fixture, model, 0);
    put_version(fixture, model, 0);
}

static void fill(struct fixture *fixture, struct model *model)
{
    fixture_open_with(fixture, small_segments(false));
    for (unsigned i = 0; i < IDS; i += 10) {
        struct lede_bulk *bulk = begin(fixture);
        for (unsigned k = i; k < i + 10; k++)
            add_version(bulk, model, k);
        finish(bulk);
    }
}

/* The list is written. */
static void settle(struct fixture *fixture)
{
    struct lede_view *view = NULL;
    uint64_t revision = 0, position = 0;
    assert_int_equal(
        lede_writer_settle(&fixture->store->writer, &view, &revision, &position, NULL), LEDE_OK);
    lede_view_give(&fixture->store->segments, view);
}

static void deletes_and_replaces_during_a_merge_reach_the_merged_segment(void **state)
{
    struct fixture *fixture = *state;
    /* With few deleted before, they are carried along; with many, they are left out. */
    for (unsigned deleted_before = 0; deleted_before < 50; deleted_before += 40) {
        char command[128];
        struct model model = empty_model();
        unsigned seed = 7;
        fill(fixture, &model);
        struct lede_bulk *bulk = begin(fixture);
        for (unsigned i = 0; i < deleted_before; i++)
            add_deletion(bulk, &model, i * 3);
        finish(bulk);
        begin_merge(fixture, 99);
        assert_int_equal(small_merge(fixture)->status, LEDE_OK);
        assert_int_equal(small_merge(fixture)->rewrite, deleted_before > 0);
        write_at_random(fixture, &model, &seed, 8);
        check_model(fixture, &model);
        uint32_t source = small_merge(fixture)->numbers[0];
        finish_merge(fixture, &model);
        check_model(fixture, &model);
        assert_int_equal(stats_of(fixture).merges, 1);
        assert_true(segment_goes(fixture, source));
        write_at_random(fixture, &model, &seed, 8);
        fixture_open_with(fixture, small_segments(false));
        check_model(fixture, &model);
        fixture_close(fixture);
        fixture_check_segments(fixture);
        snprintf(command, sizeof(command), "rm -rf '%s'", fixture->data);
        assert_int_equal(system(command), 0);
    }
}

static void a_reader_that_holds_on_keeps_its_files_until_it_lets_go(void **state)
{
    struct fixture *fixture = *state;
    struct model model = empty_model();
    struct lede_reader *holding = NULL;
    struct lede_buffer stored = {0};
    fill(fixture, &model);
    assert_int_equal(lede_reader_open(fixture->store, &holding, NULL), LEDE_OK);
    begin_merge(fixture, 99);
    uint32_t source = small_merge(fixture)->numbers[0];
    finish_merge(fixture, &model);
    check_model(fixture, &model);
    lede_view_sweep(&fixture->store->segments);
    assert_true(has_segment(fixture, source));
    assert_int_equal(lede_reader_get(holding, "m1", 2, &stored, NULL, NULL), LEDE_OK);
    assert_int_equal(lede_reader_refresh(holding, NULL), LEDE_OK);
    assert_true(segment_goes(fixture, source));
    lede_buffer_done(&stored);
    lede_reader_free(holding);
}

static void what_searches_have_in_memory_is_read_of_the_merged_segment(void **state)
{
    struct fixture *fixture = *state;
    struct model model = empty_model();
    fill(fixture, &model);
    assert_int_equal(count_found(fixture, "granite"), IDS);
    uint64_t items = stats_of(fixture).lists.items;
    begin_merge(fixture, 99);
    assert_true(stats_of(fixture).lists.items > items);
    finish_merge(fixture, &model);
    check_model(fixture, &model);
}

static void a_segment_of_which_everything_is_deleted_goes(void **state)
{
    struct fixture *fixture = *state;
    struct model model = empty_model();
    fill(fixture, &model);
    uint32_t emptied = fixture->store->segments.lanes[0].items[0]->number;
    struct lede_bulk *bulk = begin(fixture);
    for (unsigned i = 0; i < IDS; i++)
        add_deletion(bulk, &model, i);
    finish(bulk);
    assert_int_equal(stats_of(fixture).segments, 0);
    check_model(fixture, &model);
    settle(fixture);
    assert_int_equal(lede_reader_refresh(fixture->reader, NULL), LEDE_OK);
    assert_true(segment_goes(fixture, emptied));
    fixture_open_with(fixture, small_segments(false));
    check_model(fixture, &model);
    put_version(fixture, &model, 7);
    check_model(fixture, &model);
}

/* A task of the writer, whose lists these are: takes out a segment, and finds nothing to take out
 * the second time. */
struct taking_out {
    struct lede_segments *segments;
    uint32_t number;
};

static enum lede_status take_out_twice(void *context, struct lede_error *reterr)
{
    const struct taking_out *taking_out = context;
    enum lede_status st = lede_segments_take_out(taking_out->segments, taking_out->number, reterr);
    return st == LEDE_OK ? lede_segments_take_out(taking_out->segments, taking_out->number, reterr)
                         : st;
}

static void a_merge_whose_sources_left_the_list_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    struct model model = empty_model();
    struct lede_error error = {0};
    fill(fixture, &model);
    begin_merge(fixture, 99);
    uint32_t source = small_merge(fixture)->numbers[0];
    uint32_t merged = small_merge(fixture)->number;
    uint32_t before = stats_of(fixture).segments;
    settle(fixture);
    struct taking_out taking_out = {&fixture->store->segments, source};
    assert_int_equal(
        lede_task_run(&fixture->store->writer.tasks, take_out_twice, &taking_out, &error),
        LEDE_ENOTFOUND);
    lede_merger_hand_over(small_merge(fixture));
    enum lede_write_outcome outcome = LEDE_FAILED;
    assert_int_equal(index_one(fixture->store, "other", "basalt", &outcome), LEDE_OK);
    assert_int_equal(index_one(fixture->store, "other", "basalt again", &outcome), LEDE_OK);
    assert_int_equal(stats_of(fixture).segments, before - 1 + 1);
    assert_true(segment_goes(fixture, merged));
    /* Its files stay, its documents are not served, and it is not opened again. */
    fixture_open_with(fixture, small_segments(false));
    assert_true(has_segment(fixture, source));
    assert_int_equal(stats_of(fixture).segments, before - 1 + 1);
    assert_true(count_found(fixture, "granite") < IDS);
}

static void what_a_crash_left_of_a_merge_is_removed(void **state)
{
    struct fixture *fixture = *state;
    struct model model = empty_model();
    char command[256];
    fill(fixture, &model);
    fixture_close(fixture);
    snprintf(command, sizeof(command),
        "cd '%s' && mkdir -p segments/000777 segments/000777.scratch/1 && touch "
        "segments/000777.scratch/1/x "
        "segments/000777/postlist.glass "
        "deletions-000999",
        fixture->data);
    assert_int_equal(system(command), 0);
    fixture_open_with(fixture, small_segments(false));
    snprintf(command, sizeof(command),
        "cd '%s' && ! ls segments/000777* deletions-000999 2>/dev/null", fixture->data);
    assert_int_equal(system(command), 0);
    check_model(fixture, &model);
}

/* ---- Killed ---- */

struct answer {
    unsigned number;
    int version; /* ABSENT: deleted */
};

static void write_until_killed(
    struct fixture *fixture, struct model model, unsigned seed, bool builds, int report)
{
    fixture_open_with(fixture, builds ? building(true) : small_segments(true));
    for (unsigned i = 0; i < 100000; i++) {
        struct answer answer = {.number = (unsigned)rand_r(&seed) % IDS};
        struct lede_bulk *bulk = begin(fixture);
        if (rand_r(&seed) % 4 == 0)
            add_deletion(bulk, &model, answer.number);
        else
            add_version(bulk, &model, answer.number);
        finish(bulk);
        answer.version = model.versions[answer.number];
        if (write(report, &answer, sizeof(answer)) != sizeof(answer))
            _exit(1);
    }
    _exit(0);
}

/* Follow the answers in the model until the child is killed. After an odd time it builds its
 * bodies. */
static void run_and_kill(
    struct fixture *fixture, struct model *model, unsigned seed, unsigned milliseconds)
{
    int ends[2];
    struct answer answer;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        write_until_killed(fixture, *model, seed, milliseconds % 2, ends[1]);
    }
    close(ends[1]);
    /* The first answers show that the child is at work. */
    for (unsigned i = 0; i < 15; i++) {
        assert_int_equal(read(ends[0], &answer, sizeof(answer)), sizeof(answer));
        model->versions[answer.number] = answer.version;
    }
    usleep(milliseconds * 1000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(ends[0], &answer, sizeof(answer)) == sizeof(answer))
        model->versions[answer.number] = answer.version;
    close(ends[0]);
}

static bool is_as_answered(struct fixture *fixture, const struct model *model, unsigned number)
{
    char id[16];
    char word[32];
    id_of(number, id);
    snprintf(word, sizeof(word), "version%dend", model->versions[number]);
    return model->versions[number] == ABSENT ? !has_document(fixture, id)
                                             : body_contains(fixture, id, word);
}

/* One write may have been under way: whether it was done or not, it is done now. */
static void settle_unanswered(struct fixture *fixture, struct model *model)
{
    unsigned differing = 0;
    for (unsigned i = 0; i < IDS; i++) {
        char id[16];
        if (is_as_answered(fixture, model, i))
            continue;
        differing++;
        id_of(i, id);
        model->versions[i] = has_document(fixture, id) ? 0 : ABSENT;
        put_version(fixture, model, i);
    }
    assert_true(differing <= 1);
}

static void answered_writes_survive_sigkill_while_segments_are_merged(void **state)
{
    struct fixture *fixture = *state;
    const char *text = getenv("LEDE_SEED");
    const char *kills = getenv("LEDE_KILLS");
    unsigned seed = text ? (unsigned)strtoul(text, NULL, 10) : 20220119u;
    unsigned count = kills ? (unsigned)strtoul(kills, NULL, 10) : 2;
    struct model model = empty_model();
    print_message("# seed %u\n", seed);
    for (unsigned kill = 0; kill < count; kill++) {
        model.next_version += 200000;
        unsigned milliseconds = ((unsigned)rand_r(&seed) % 300 & ~1u) + kill % 2;
        run_and_kill(fixture, &model, seed, milliseconds);
        fixture_open_with(fixture, small_segments(false));
        model.next_version += 200000;
        settle_unanswered(fixture, &model);
        check_model(fixture, &model);
        fixture_close(fixture);
        fixture_check_segments(fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        CASE(many_writes_while_merging_leave_each_document_once_in_its_last_version),
        CASE(many_bodies_built_while_merging_leave_each_document_once_in_its_last_version),
        CASE(what_is_being_built_can_be_replaced_deleted_and_patched),
        CASE(a_bulk_that_outruns_merging_ends_and_loses_nothing),
        CASE(a_lone_write_is_found_while_a_body_is_being_built),
        CASE(deletes_and_replaces_during_a_merge_reach_the_merged_segment),
        CASE(a_reader_that_holds_on_keeps_its_files_until_it_lets_go),
        CASE(what_searches_have_in_memory_is_read_of_the_merged_segment),
        CASE(a_segment_of_which_everything_is_deleted_goes),
        CASE(a_merge_whose_sources_left_the_list_is_dropped),
        CASE(what_a_crash_left_of_a_merge_is_removed),
        CASE(answered_writes_survive_sigkill_while_segments_are_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
