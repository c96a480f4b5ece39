/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a watch goes on where its member breaks off: against a member that does so at will. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_etcd.h"
#include "lede/etcd.h"
#include "lede/time.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_MS UINT64_C(1000000)
#define HEADER "\"header\":{\"revision\":\"99\"}"
#define CREATED "{\"result\":{" HEADER ",\"created\":true}}"
#define EVENT(key, revision)                                                                       \
    "{\"kv\":{\"key\":\"" key "\",\"mod_revision\":\"" revision "\",\"version\":\"1\"}}"
#define LINE(events) "{\"result\":{" HEADER ",\"events\":[" events "]}}"
#define FRAGMENT(events) "{\"result\":{" HEADER ",\"fragment\":true,\"events\":[" events "]}}"
#define A "YQ=="
#define B "Yg=="
#define C "Yw=="
#define D "ZA=="

/* What was told, as words: a5 is key a at revision 5, a5. its revision's last; P9 C9 L9 the other
 * kinds. */
struct told {
    pthread_mutex_t mutex;
    char text[2000];
};

static void note(void *context, const struct lede_etcd_event *event)
{
    static const char kinds[] = {'?', '-', 'P', 'C', 'L'};
    struct told *told = context;
    pthread_mutex_lock(&told->mutex);
    size_t size = strlen(told->text);
    if (event->kind == LEDE_ETCD_EVENT_PUT)
        snprintf(told->text + size, sizeof(told->text) - size, "%s%lld%s ", event->pair.key,
            (long long)event->revision, event->is_last ? "." : "");
    else
        snprintf(told->text + size, sizeof(told->text) - size, "%c%lld ", kinds[event->kind],
            (long long)event->revision);
    pthread_mutex_unlock(&told->mutex);
}

static bool has_told(struct told *told, const char *text)
{
    pthread_mutex_lock(&told->mutex);
    bool is_so = strlen(told->text) >= strlen(text);
    pthread_mutex_unlock(&told->mutex);
    return is_so;
}

/* Watch until so much was told, and a moment longer. */
static void check_told(
    fake_function function, void *context, int64_t revision, const char *expected)
{
    struct told told = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    struct lede_etcd *client = NULL;
    struct lede_etcd_watch *watch = NULL;
    struct fake *fake = fake_start(function, context);
    struct lede_etcd_options options = {
        .endpoints = fake_endpoint(fake), .silence_ms = 200, .answer_bytes_max = (size_t)32 << 10};
    assert_int_equal(lede_etcd_open(&options, &client, NULL), LEDE_OK);
    assert_int_equal(
        lede_etcd_watch_open(client, "", 0, revision, note, &told, &watch, NULL), LEDE_OK);
    uint64_t until_ns = lede_time_monotonic_ns() + 10000 * NS_PER_MS;
    while (!has_told(&told, expected) && lede_time_monotonic_ns() < until_ns)
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    uint64_t begun_ns = lede_time_monotonic_ns();
    lede_etcd_watch_free(watch);
    assert_true(lede_time_monotonic_ns() - begun_ns < 2000 * NS_PER_MS);
    lede_etcd_free(client);
    fake_stop(fake);
    assert_string_equal(told.text, expected);
}

static bool is_from(const struct fake_request *request, const char *revision)
{
    char member[64];
    snprintf(member, sizeof(member), "\"start_revision\":\"%s\"", revision);
    return strstr(request->body, member) != NULL;
}

/* What is asked beside the watch: is the member well? */
static bool is_probe(const struct fake_request *request)
{
    return strstr(request->path, "range") != NULL;
}

static bool break_between_revisions(void *context, const struct fake_request *request)
{
    (void)context;
    fake_begin(request);
    fake_line(request, CREATED);
    if (is_from(request, "5")) {
        fake_line(request, LINE(EVENT(A, "5") "," EVENT(B, "5") "," EVENT(C, "7")));
        return false;
    }
    if (!is_from(request, "8"))
        return false;
    fake_line(request, LINE(EVENT(A, "8")));
    fake_wait_for_end(request);
    return false;
}

static void a_watch_goes_on_behind_the_last_revision_that_was_told(void **state)
{
    (void)state;
    check_told(break_between_revisions, NULL, 5, "a5 b5. c7. a8. ");
}

static bool break_within_a_revision(void *context, const struct fake_request *request)
{
    (void)context;
    fake_begin(request);
    fake_line(request, CREATED);
    if (is_from(request, "3")) {
        fake_line(request, FRAGMENT(EVENT(A, "3") "," EVENT(A, "5") "," EVENT(B, "5")));
        return false; /* c and d of 5 are never sent; b of 5 is held */
    }
    if (!is_from(request, "5"))
        return false;
    fake_line(request, FRAGMENT(EVENT(A, "5")));
    fake_line(request, FRAGMENT(EVENT(B, "5") "," EVENT(C, "5")));
    fake_line(request, LINE(EVENT(D, "5")));
    fake_line(request, LINE(EVENT(A, "6")));
    fake_wait_for_end(request);
    return false;
}

static void a_revision_that_broke_off_is_gone_on_with_where_it_was_told(void **state)
{
    (void)state;
    check_told(break_within_a_revision, NULL, 3, "a3. a5 b5 c5 d5. a6. ");
}

static bool split_in_pieces(void *context, const struct fake_request *request)
{
    static const char text[] =
        CREATED "\n" LINE(EVENT(A, "5")) "\n" LINE(EVENT(B, "6") "," EVENT(C, "7")) "\n";
    (void)context;
    fake_begin(request);
    for (size_t i = 0; i < strlen(text); i++)
        fake_send(request, text + i, 1);
    fake_wait_for_end(request);
    return false;
}

static void lines_may_come_in_any_pieces(void **state)
{
    (void)state;
    check_told(split_in_pieces, NULL, 1, "a5. b6. c7. ");
}

static bool tell_progress(void *context, const struct fake_request *request)
{
    (void)context;
    if (is_probe(request))
        return fake_answer(request, 200, "{" HEADER "}");
    fake_begin(request);
    fake_line(request, CREATED);
    if (is_from(request, "4")) {
        fake_line(request, LINE(EVENT(A, "5")));
        fake_line(request, "{\"result\":{\"header\":{\"revision\":\"3\"}}}"); /* is known */
        fake_line(request, "{\"result\":{\"header\":{\"revision\":\"20\"}}}");
        return false;
    }
    if (!is_from(request, "21"))
        return false;
    fake_line(request, LINE(EVENT(B, "21")));
    fake_wait_for_end(request);
    return false;
}

static void progress_is_told_and_gone_on_from(void **state)
{
    (void)state;
    check_told(tell_progress, NULL, 4, "a5. P20 b21. ");
}

static bool tell_compaction(void *context, const struct fake_request *request)
{
    (void)context;
    fake_begin(request);
    fake_line(request, CREATED);
    fake_line(
        request, "{\"result\":{\"header\":{},\"canceled\":true,\"compact_revision\":\"30\"}}");
    return false;
}

static void compaction_is_told_last(void **state)
{
    (void)state;
    check_told(tell_compaction, NULL, 4, "C30 ");
}

static bool send_a_huge_line(void *context, const struct fake_request *request)
{
    char huge[40 << 10];
    (void)context;
    memset(huge, ' ', sizeof(huge));
    fake_begin(request);
    fake_line(request, CREATED);
    fake_line(request, LINE(EVENT(A, "5")));
    fake_send(request, huge, sizeof(huge));
    fake_wait_for_end(request);
    return false;
}

static void a_line_over_the_limit_ends_a_watch(void **state)
{
    (void)state;
    check_told(send_a_huge_line, NULL, 4, "a5. L6 ");
}

static bool lose_the_leader(void *context, const struct fake_request *request)
{
    (void)context;
    fake_begin(request);
    if (request->number == 0) {
        fake_line(request, CREATED);
        fake_line(request, LINE(EVENT(A, "5")));
        fake_line(request,
            "{\"error\":{\"grpc_code\":14,\"http_code\":503,\"message\":\"etcdserver: no "
            "leader\"}}");
        fake_wait_for_end(request); /* the client ends it */
        return false;
    }
    fake_line(request, CREATED);
    fake_line(request, LINE(EVENT(B, "6")));
    fake_wait_for_end(request);
    return false;
}

static void a_member_that_loses_its_leader_is_left(void **state)
{
    (void)state;
    check_told(lose_the_leader, NULL, 4, "a5. b6. ");
}

static bool fall_silent(void *context, const struct fake_request *request)
{
    (void)context;
    if (is_probe(request)) {
        fake_wait_for_end(
            request); /* as a member that was stopped: it takes all, and says nothing */
        return false;
    }
    fake_begin(request);
    fake_line(request, CREATED);
    fake_line(request, is_from(request, "4") ? LINE(EVENT(A, "5")) : LINE(EVENT(B, "6")));
    fake_wait_for_end(request);
    return false;
}

static void a_member_that_falls_silent_is_left(void **state)
{
    (void)state;
    check_told(fall_silent, NULL, 4, "a5. b6. ");
}

static bool be_quiet_but_well(void *context, const struct fake_request *request)
{
    size_t *streams = context;
    if (is_probe(request))
        return fake_answer(request, 200, "{" HEADER "}");
    ++*streams;
    fake_begin(request);
    fake_line(request, CREATED);
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL); /* five times what makes it doubtful */
    fake_line(request, LINE(EVENT(A, "5")));
    fake_wait_for_end(request);
    return false;
}

static void a_quiet_member_that_is_well_is_kept(void **state)
{
    (void)state;
    size_t streams = 0;
    check_told(be_quiet_but_well, &streams, 4, "a5. ");
    assert_int_equal(streams, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watch_goes_on_behind_the_last_revision_that_was_told),
        cmocka_unit_test(a_revision_that_broke_off_is_gone_on_with_where_it_was_told),
        cmocka_unit_test(lines_may_come_in_any_pieces),
        cmocka_unit_test(progress_is_told_and_gone_on_from),
        cmocka_unit_test(compaction_is_told_last),
        cmocka_unit_test(a_line_over_the_limit_ends_a_watch),
        cmocka_unit_test(a_member_that_loses_its_leader_is_left),
        cmocka_unit_test(a_member_that_falls_silent_is_left),
        cmocka_unit_test(a_quiet_member_that_is_well_is_kept),
    };
    return cmocka_run_group_tests_name("cluster watch", tests, NULL, NULL);
}
