/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small server over the HTTP floor alone, for the tests beside it: routes that echo, sleep,
 * count, and answer early.
 *
 * Arguments are name=value. It prints "port N" on standard output, and on standard error a line for
 * each answer
 * ("log METHOD PATH STATUS BYTES") and for each failed read of a body ("read STATUS MESSAGE").
 * SIGTERM stops it. */
#include "lede/http.h"
#include "lede/number.h"
#include "lede/time.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t number_parameter(
    const struct lede_http_request *request, const char *name, int64_t otherwise)
{
    const struct lede_http_parameter *parameters = NULL;
    size_t count = lede_http_request_parameters(request, &parameters);
    int64_t value = otherwise;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parameters[i].name, name) == 0 &&
            lede_parse_int64(parameters[i].value, parameters[i].value_size, 0, INT64_MAX, &value,
                NULL) != LEDE_OK)
            value = otherwise;
    }
    return value;
}

static void sleep_ms(int64_t ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

static void append_bytes(struct lede_buffer *out, const char *label, const char *data, size_t size)
{
    lede_buffer_append_format(out, "%s=", label);
    lede_buffer_append(out, data, size);
    lede_buffer_append_char(out, '\n');
}

static void hello(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    (void)request;
    reply->status = 200;
    reply->media_type = "text/plain; charset=utf-8";
    lede_buffer_append_string(&reply->body, "hello\n");
}

static void echo(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    const struct lede_http_parameter *parameters = NULL;
    size_t count = lede_http_request_parameters(request, &parameters);
    size_t size = 0;
    const char *parameter = lede_http_request_path_parameter(request, 0, &size);
    const char *header = lede_http_request_header(request, "x-test");
    hello(worker, request, reply);
    lede_buffer_clear(&reply->body);
    lede_http_reply_header(reply, "X-Echo", "%s", "yes");
    lede_buffer_append_format(&reply->body, "method=%s\npath=%s\nquery=%s\n",
        lede_http_request_method(request), lede_http_request_path(request),
        lede_http_request_query(request));
    for (size_t i = 0; i < count; i++)
        append_bytes(
            &reply->body, parameters[i].name, parameters[i].value, parameters[i].value_size);
    if (parameter)
        append_bytes(&reply->body, "parameter", parameter, size);
    if (header)
        append_bytes(&reply->body, "x-test", header, strlen(header));
    const char *body = lede_http_request_body(request, &size);
    append_bytes(&reply->body, "body", body, size);
}

static void tell_host(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    hello(worker, request, reply);
    lede_buffer_clear(&reply->body);
    lede_buffer_append_format(&reply->body, "%s\n", lede_http_request_header(request, "Host"));
}

/* What a proxy, or the connection, says of the client. */
static void tell_client(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    hello(worker, request, reply);
    lede_buffer_clear(&reply->body);
    lede_buffer_append_format(&reply->body,
        "client=%s\nsecure=%d\nhost=%s\nprefix=%s\nbelieved=%d\n",
        lede_http_request_client(request), lede_http_request_is_secure(request),
        lede_http_request_header(request, "Host"), lede_http_request_prefix(request),
        !lede_http_request_is_misforwarded(request));
}

static void doze(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    sleep_ms(number_parameter(request, "ms", 100));
    hello(worker, request, reply);
}

/* Until its client leaves. */
static void stay(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    const bool *cancelled = lede_http_request_cancelled(request);
    int64_t most_ms = number_parameter(request, "ms", 10000);
    for (int64_t ms = 0; ms < most_ms && !__atomic_load_n(cancelled, __ATOMIC_RELAXED); ms += 10)
        sleep_ms(10);
    if (__atomic_load_n(cancelled, __ATOMIC_RELAXED))
        fprintf(stderr, "cancelled\n");
    hello(worker, request, reply);
}

/* Works on in LEDE_POOL_LONG, `ms` there; it has `wait_ms` to get there. */
static void move(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    size_t size = 0;
    const char *body = lede_http_request_body(request, &size);
    hello(worker, request, reply);
    lede_buffer_clear(&reply->body);
    append_bytes(&reply->body, "body", body, size);
    if (lede_http_request_pool(request) == LEDE_POOL_LONG) {
        sleep_ms(number_parameter(request, "ms", 0));
        lede_buffer_append_string(&reply->body, "long\n");
        return;
    }
    uint64_t wait_ns = (uint64_t)number_parameter(request, "wait_ms", 10000) * 1000000;
    lede_http_request_move(request, lede_http_request_asked_ns(request) + wait_ns);
}

static void big(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    size_t size = (size_t)number_parameter(request, "size", 5000);
    reply->status = 200;
    reply->media_type = number_parameter(request, "image", 0) ? "image/png" : "application/json";
    while (reply->body.size < size)
        lede_buffer_append_format(&reply->body, "{\"number\": %01000zu}\n", reply->body.size);
    if (!reply->body.failed && reply->body.size > size)
        reply->body.size = size;
}

static void fixed(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    static char page[4096];
    (void)worker;
    (void)request;
    reply->status = 200;
    reply->media_type = "text/html";
    reply->static_body = page;
    reply->static_body_size = sizeof(page);
}

static void bare(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    reply->status = (int)number_parameter(request, "status", 204);
}

static void size_of_body(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    size_t size = 0;
    const char *body = lede_http_request_body(request, &size);
    hello(worker, request, reply);
    lede_buffer_clear(&reply->body);
    lede_buffer_append_format(&reply->body, "bytes=%zu hash=%016llx\n", size,
        (unsigned long long)lede_hash64(body, size));
}

/* What a stream has come to. */
struct stream_state {
    size_t total;
    uint64_t newlines, turns;
};

/* Read to the end, or `stop_after` bytes; a line is something whole; `pause_ms` after each read;
 * says to keep `keep` bytes. */
static void stream(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    size_t got = 1;
    char data[65536];
    struct lede_error error = {0};
    enum lede_status st = LEDE_OK;
    struct stream_state fresh = {0};
    struct stream_state *state = lede_http_request_state(request);
    bool is_first = !state;
    state = state ? state : &fresh;
    state->turns++;
    size_t stop_after = (size_t)number_parameter(request, "stop_after", INT64_MAX);
    int64_t pause_ms = number_parameter(request, "pause_ms", 0);
    while (st == LEDE_OK && got > 0 && state->total < stop_after) {
        st = lede_http_request_read(request, data, sizeof(data), &got, &error);
        for (size_t i = 0; st == LEDE_OK && i < got; i++)
            state->newlines += data[i] == '\n';
        if (st == LEDE_OK && got > 0 && memchr(data, '\n', got))
            lede_http_request_progress(request);
        state->total += st == LEDE_OK ? got : 0;
        sleep_ms(pause_ms);
    }
    if (st == LEDE_EAGAIN) {
        if (is_first)
            state = malloc(sizeof(*state));
        if (is_first && state)
            *state = fresh;
        size_t kept = (size_t)number_parameter(request, "keep", 0);
        st = state ? lede_http_request_keep(request, state, kept, &error) : LEDE_ENOMEM;
        if (st == LEDE_OK)
            return;
    }
    if (st != LEDE_OK)
        fprintf(stderr, "read %s %s\n", lede_status_name(st), error.message);
    hello(worker, request, reply);
    lede_buffer_clear(&reply->body);
    reply->status = st == LEDE_OK                             ? 200
                    : st == LEDE_ELIMIT                       ? 413
                    : st == LEDE_ETIMEOUT                     ? 408
                    : st == LEDE_ESTOPPED || st == LEDE_EBUSY ? 503
                                                              : 400;
    lede_buffer_append_format(&reply->body, "status=%s bytes=%zu newlines=%llu\n",
        lede_status_name(st), state->total, (unsigned long long)state->newlines);
    if (number_parameter(request, "turns", 0))
        lede_buffer_append_format(&reply->body, "turns=%llu\n", (unsigned long long)state->turns);
    if (state != &fresh)
        free(state);
}

static uint32_t pieces_kept; /* states of answers in pieces; changed atomically */

/* `count` pieces of `size` bytes, each a line; behind `fail` of them a turn fails. What is let go
 * is told on standard error. */
static void pieces(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    struct lede_error error = {0};
    int64_t *made = lede_http_request_state(request);
    int64_t count = number_parameter(request, "count", 10);
    int64_t size = number_parameter(request, "size", 100000);
    if (made && lede_http_request_is_over(request)) {
        fprintf(stderr, "let go after %lld\n", (long long)*made);
        __atomic_sub_fetch(&pieces_kept, 1, __ATOMIC_SEQ_CST);
        free(made);
        return;
    }
    if (!made) {
        made = calloc(1, sizeof(*made));
        if (!made || lede_http_request_keep(request, made, sizeof(*made), &error) != LEDE_OK)
            exit(1);
        __atomic_add_fetch(&pieces_kept, 1, __ATOMIC_SEQ_CST);
    }
    sleep_ms(number_parameter(request, "pause_ms", 0));
    reply->status = *made > 0 && *made == number_parameter(request, "fail", 0) ? 500 : 200;
    reply->media_type = "text/plain";
    for (int64_t i = 1; i < size; i++)
        lede_buffer_append_char(&reply->body, (char)('a' + (*made + i) % 26));
    lede_buffer_append_char(&reply->body, '\n');
    ++*made;
    reply->continues = *made < count && reply->status == 200;
    if (reply->continues)
        return;
    __atomic_sub_fetch(&pieces_kept, 1, __ATOMIC_SEQ_CST);
    free(made);
}

static void tell_pieces_kept(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    hello(worker, request, reply);
    lede_buffer_clear(&reply->body);
    lede_buffer_append_format(
        &reply->body, "%u\n", (unsigned)__atomic_load_n(&pieces_kept, __ATOMIC_SEQ_CST));
}

static void stats(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_http_stats counted;
    lede_http_server_stats(lede_http_request_server(request), &counted);
    hello(worker, request, reply);
    lede_buffer_clear(&reply->body);
    lede_buffer_append_format(&reply->body,
        "requests=%llu refused=%llu connections=%llu queued=%llu ok=%llu gone=%llu\n",
        (unsigned long long)counted.requests, (unsigned long long)counted.refused,
        (unsigned long long)counted.connections, (unsigned long long)counted.queued[LEDE_POOL_READ],
        (unsigned long long)counted.responses_by_class[2],
        (unsigned long long)counted.responses_by_class[0]);
}

static const struct lede_http_route routes[] = {
    {.method = "GET", .path = "/", .pool = LEDE_POOL_READ, .handler = hello},
    {.method = "GET", .path = "/host", .pool = LEDE_POOL_READ, .handler = tell_host},
    {.method = "GET", .path = "/client", .pool = LEDE_POOL_READ, .handler = tell_client},
    {.method = "GET", .path = "/echo", .pool = LEDE_POOL_READ, .handler = echo},
    {.method = "GET", .path = "/items/{id}", .pool = LEDE_POOL_READ, .handler = echo},
    {.method = "PUT",
        .path = "/items/{id}",
        .pool = LEDE_POOL_WRITE,
        .handler = echo,
        .body_max = 1000},
    {.method = "DELETE", .path = "/items/{id}", .pool = LEDE_POOL_WRITE, .handler = echo},
    {.method = "GET", .path = "/items/{id}/similar", .pool = LEDE_POOL_READ, .handler = echo},
    {.method = "GET", .path = "/sleep", .pool = LEDE_POOL_READ, .handler = doze},
    {.method = "GET", .path = "/stay", .pool = LEDE_POOL_READ, .handler = stay},
    {.method = "GET", .path = "/move", .pool = LEDE_POOL_READ, .handler = move},
    {.method = "POST",
        .path = "/move",
        .pool = LEDE_POOL_READ,
        .handler = move,
        .body_max = 100000},
    {.method = "GET", .path = "/doze", .pool = LEDE_POOL_OPS, .handler = doze},
    {.method = "GET", .path = "/big", .pool = LEDE_POOL_READ, .handler = big},
    {.method = "GET", .path = "/static", .pool = LEDE_POOL_READ, .handler = fixed},
    {.method = "GET", .path = "/bare", .pool = LEDE_POOL_READ, .handler = bare},
    {.method = "POST",
        .path = "/body",
        .pool = LEDE_POOL_WRITE,
        .handler = size_of_body,
        .body_max = 100000},
    {.method = "POST",
        .path = "/large",
        .pool = LEDE_POOL_WRITE,
        .handler = size_of_body,
        .body_max = 9000000},
    {.method = "POST",
        .path = "/stream",
        .pool = LEDE_POOL_WRITE,
        .handler = stream,
        .stream_body = true},
    {.method = "GET", .path = "/pieces", .pool = LEDE_POOL_READ, .handler = pieces},
    {.method = "GET", .path = "/pieces_kept", .pool = LEDE_POOL_OPS, .handler = tell_pieces_kept},
    {.method = "GET", .path = "/live", .pool = LEDE_POOL_OPS, .handler = hello},
    {.method = "GET", .path = "/alive", .pool = LEDE_POOL_IO, .handler = hello},
    {.method = "GET", .path = "/stats", .pool = LEDE_POOL_OPS, .handler = stats},
};

static void refuse(void *context, const struct lede_http_request *request, int status,
    const char *detail, const char *param, struct lede_http_reply *reply)
{
    (void)context;
    (void)request;
    reply->media_type = "application/problem+json";
    lede_buffer_append_format(&reply->body,
        "{\"status\": %d, \"detail\": \"%s\", \"param\": \"%s\"}\n", status, detail,
        param ? param : "");
}

static void log_answer(void *context, const struct lede_http_request *request, int status,
    size_t body_bytes, uint64_t took_ns)
{
    (void)context;
    (void)took_ns;
    fprintf(stderr, "log %s %s %d %zu\n", lede_http_request_method(request),
        lede_http_request_path(request), status, body_bytes);
}

static void log_nothing(void *context, const struct lede_http_request *request, int status,
    size_t body_bytes, uint64_t took_ns)
{
    (void)context;
    (void)request;
    (void)status;
    (void)body_bytes;
    (void)took_ns;
}

/* `X-Client: NUMBER RATE SEARCHES` is somebody known. */
static bool who(
    void *context, const struct lede_http_request *request, struct lede_http_client *ret_client)
{
    unsigned number = 0, rate = 0, searches = 0;
    const char *client = lede_http_request_header(request, "X-Client");
    (void)context;
    if (!client || sscanf(client, "%u %u %u", &number, &rate, &searches) != 3)
        return false;
    *ret_client = (struct lede_http_client){number, rate, searches};
    return true;
}

static void *worker_new(void *context, enum lede_http_pool pool)
{
    (void)context;
    int *state = malloc(sizeof(*state));
    if (state)
        *state = (int)pool;
    return state;
}

static void worker_free(void *context, enum lede_http_pool pool, void *worker)
{
    (void)context;
    (void)pool;
    free(worker);
}

/* The value of a "name=value" argument. */
static const char *argument(int count, char **arguments, const char *name, const char *otherwise)
{
    size_t size = strlen(name);
    for (int i = 1; i < count; i++) {
        if (strncmp(arguments[i], name, size) == 0 && arguments[i][size] == '=')
            return arguments[i] + size + 1;
    }
    return otherwise;
}

static uint32_t number_argument(
    int count, char **arguments, const char *name, const char *otherwise)
{
    return (uint32_t)strtoul(argument(count, arguments, name, otherwise), NULL, 10);
}

static struct lede_http_options read_options(int count, char **arguments)
{
    uint32_t readers = number_argument(count, arguments, "readers", "2");
    return (struct lede_http_options){
        .io_threads = number_argument(count, arguments, "io", "2"),
        .pool_threads = {readers, 2, 1},
        .queue_length = number_argument(count, arguments, "queue", "100"),
        .queue_wait_ms = number_argument(count, arguments, "queue_wait", "0"),
        .connections_max = number_argument(count, arguments, "connections", "200"),
        .connections_per_address_max = number_argument(count, arguments, "per_address", "0"),
        .client_requests_per_s_max = number_argument(count, arguments, "client_rate", "0"),
        .client_searches_max = number_argument(count, arguments, "client_searches", "0"),
        .limits_loopback = number_argument(count, arguments, "limits_loopback", "1"),
        .idle_timeout_s = number_argument(count, arguments, "idle", "30"),
        .request_timeout_s = number_argument(count, arguments, "request", "30"),
        .upload_bytes_per_s_min = number_argument(count, arguments, "upload_rate", "0"),
        .upload_grace_s = number_argument(count, arguments, "upload_grace", "30"),
        .upload_timeout_s = number_argument(count, arguments, "upload_timeout", "0"),
        .body_bytes_max = (size_t)number_argument(count, arguments, "body_mib", "512") << 20,
        .reply_bytes_max = number_argument(count, arguments, "reply_bytes", "0"),
        .header_bytes_max = number_argument(count, arguments, "header_bytes", "16384"),
        .uri_bytes_max = number_argument(count, arguments, "uri_bytes", "8192"),
        .routes = routes,
        .route_count = LEDE_COUNT_OF(routes),
        .worker_new = worker_new,
        .worker_free = worker_free,
        .who = who,
        .refuse = refuse,
        .log = number_argument(count, arguments, "log", "1") ? log_answer : log_nothing,
    };
}

static bool read_file(const char *path, struct lede_buffer *text)
{
    FILE *file = fopen(path, "re");
    char data[4096];
    size_t size = 0;
    while (file && (size = fread(data, 1, sizeof(data), file)) > 0)
        lede_buffer_append(text, data, size);
    if (file)
        fclose(file);
    return text->size > 0 && lede_buffer_status(text) == LEDE_OK;
}

/* NULL: the arguments name none, or one that cannot be read. */
static struct lede_http_identity *read_identity(int count, char **arguments)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer certificate = {0}, key = {0};
    struct lede_http_identity *identity = NULL;
    struct lede_error error;
    if (read_file(argument(count, arguments, "certificate", ""), &certificate) &&
        read_file(argument(count, arguments, "key", ""), &key) &&
        lede_http_identity_new(&certificate, &key, &identity, &error) != LEDE_OK)
        fprintf(stderr, "failed %s\n", error.message);
    return identity;
}

int main(int count, char **arguments)
{
    sigset_t stops;
    int signal_number = 0;
    struct lede_http_server *serving = NULL;
    struct lede_error error = {0};
    struct lede_http_options options = read_options(count, arguments);
    if (lede_listeners_parse(argument(count, arguments, "listen", "127.0.0.1:0"),
            &options.listeners, &error) != LEDE_OK ||
        lede_nets_parse(argument(count, arguments, "trusted", "off"), &options.trusted_proxies,
            &error) != LEDE_OK) {
        fprintf(stderr, "failed %s\n", error.message);
        return 1;
    }
    options.identity = read_identity(count, arguments);
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    if (lede_http_server_new(&options, &serving, &error) != LEDE_OK) {
        fprintf(stderr, "failed %s %s\n", lede_status_name(error.status), error.message);
        lede_http_identity_unref(options.identity);
        return 1;
    }
    lede_http_identity_unref(options.identity);
    printf("port %u\n", (unsigned)lede_http_server_listener(serving, 0)->port);
    fflush(stdout);
    sigwait(&stops, &signal_number);
    lede_http_server_stop(serving, number_argument(count, arguments, "grace_ms", "2000"));
    lede_http_server_free(serving);
    return 0;
}
