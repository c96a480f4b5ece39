/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting and stopping within one process: what fails says so, and what ends leaves nothing
 * behind. */
#include "lede/http.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

static void answer(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    (void)request;
    reply->status = 204;
}

static void refuse(void *context, const struct lede_http_request *request, int status,
    const char *detail, const char *param, struct lede_http_reply *reply)
{
    (void)context;
    (void)request;
    (void)status;
    (void)detail;
    (void)param;
    (void)reply;
}

static const struct lede_http_route routes[] = {{.method = "GET", .path = "/", .handler = answer}};

static struct lede_http_options usual(void)
{
    return (struct lede_http_options){
        .listeners = {.items = {{.host = "127.0.0.1"}}, .count = 1},
        .io_threads = 2,
        .pool_threads = {2, 2, 1},
        .queue_length = 10,
        .connections_max = 100,
        .idle_timeout_s = 10,
        .request_timeout_s = 10,
        .header_bytes_max = 16384,
        .uri_bytes_max = 8192,
        .routes = routes,
        .route_count = LEDE_COUNT_OF(routes),
        .refuse = refuse,
    };
}

static size_t count_open_files(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void starting_and_stopping_leaves_no_descriptor_open(void **state)
{
    (void)state;
    size_t before = count_open_files();
    for (int round = 0; round < 10; round++) {
        struct lede_http_options options = usual();
        struct lede_http_server *server = NULL;
        options.io_threads = round % 3;
        assert_int_equal(lede_http_server_new(&options, &server, NULL), LEDE_OK);
        assert_int_not_equal(lede_http_server_listener(server, 0)->port, 0);
        lede_http_server_stop(server, 10);
        lede_http_server_freep(&server);
        assert_null(server);
    }
    assert_int_equal(count_open_files(), before);
}

static void freeing_nothing_is_allowed(void **state)
{
    (void)state;
    struct lede_http_server *none = NULL;
    lede_http_server_free(NULL);
    lede_http_server_stop(NULL, 0);
    lede_http_server_freep(&none);
}

struct counts {
    int made[LEDE_POOL_COUNT], freed[LEDE_POOL_COUNT];
    int fail_at; /* the n-th worker of the read pool fails; 0: none */
    pthread_mutex_t lock;
};

static void *count_worker(void *context, enum lede_http_pool pool)
{
    struct counts *counts = context;
    pthread_mutex_lock(&counts->lock);
    int number = ++counts->made[pool];
    pthread_mutex_unlock(&counts->lock);
    return pool == LEDE_POOL_READ && number == counts->fail_at ? NULL : counts;
}

static void uncount_worker(void *context, enum lede_http_pool pool, void *worker)
{
    struct counts *counts = context;
    (void)worker;
    pthread_mutex_lock(&counts->lock);
    counts->freed[pool]++;
    pthread_mutex_unlock(&counts->lock);
}

static void every_worker_state_is_made_and_freed_in_its_pool(void **state)
{
    (void)state;
    struct counts counts = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct lede_http_options options = usual();
    struct lede_http_server *server = NULL;
    options.context = &counts;
    options.worker_new = count_worker;
    options.worker_free = uncount_worker;
    assert_int_equal(lede_http_server_new(&options, &server, NULL), LEDE_OK);
    lede_http_server_free(server);
    for (int pool = 0; pool < LEDE_POOL_COUNT; pool++) {
        int wanted = options.pool_threads[pool] > 0 ? (int)options.pool_threads[pool] : 1;
        assert_int_equal(counts.made[pool], wanted);
        assert_int_equal(counts.freed[pool], wanted);
    }
}

static void a_worker_without_its_state_fails_the_start(void **state)
{
    size_t before = count_open_files();
    struct counts counts = {.fail_at = 2, .lock = PTHREAD_MUTEX_INITIALIZER};
    struct lede_http_options options = usual();
    struct lede_http_server *server = (struct lede_http_server *)(void *)state;
    struct lede_error error = {0};
    options.context = &counts;
    options.worker_new = count_worker;
    options.worker_free = uncount_worker;
    assert_int_equal(lede_http_server_new(&options, &server, &error), LEDE_EINTERNAL);
    assert_ptr_equal(server, state);
    assert_int_equal(counts.freed[LEDE_POOL_READ], 1);
    assert_true(error.message[0] != '\0');
    assert_int_equal(count_open_files(), before);
}

static void a_fresh_server_has_counted_nothing(void **state)
{
    (void)state;
    struct lede_http_options options = usual();
    struct lede_http_server *server = NULL;
    struct lede_http_stats stats;
    memset(&stats, 255, sizeof(stats));
    assert_int_equal(lede_http_server_new(&options, &server, NULL), LEDE_OK);
    lede_http_server_stats(server, &stats);
    struct lede_http_stats zero = {0};
    assert_memory_equal(&stats, &zero, sizeof(zero));
    lede_http_server_free(server);
}

static void a_reply_takes_so_many_headers_and_says_when_not(void **state)
{
    (void)state;
    struct lede_http_reply reply = {0};
    static const char *const names[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L",
        "M", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X"};
    _Static_assert(LEDE_COUNT_OF(names) == LEDE_HTTP_HEADERS_MAX, "as many names as headers");
    for (size_t i = 0; i < LEDE_HTTP_HEADERS_MAX; i++)
        lede_http_reply_header(&reply, names[i], "%zu", i);
    lede_http_reply_header(&reply, "a", "%s", "re\r\nplaced\x7F");
    assert_string_equal(reply.headers[0].value, "re  placed ");
    assert_false(reply.body.failed);
    lede_http_reply_header(&reply, "X-Other", "one too many");
    assert_true(reply.body.failed);
    assert_int_equal(reply.header_count, LEDE_HTTP_HEADERS_MAX);
    for (size_t i = 0; i < reply.header_count; i++)
        free(reply.headers[i].value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starting_and_stopping_leaves_no_descriptor_open),
        cmocka_unit_test(freeing_nothing_is_allowed),
        cmocka_unit_test(every_worker_state_is_made_and_freed_in_its_pool),
        cmocka_unit_test(a_worker_without_its_state_fails_the_start),
        cmocka_unit_test(a_fresh_server_has_counted_nothing),
        cmocka_unit_test(a_reply_takes_so_many_headers_and_says_when_not),
    };
    return cmocka_run_group_tests_name("http server", tests, NULL, NULL);
}
