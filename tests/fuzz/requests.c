/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Smuggling: bytes that a server takes for a request where a reader of RFC 9112 sees none, or
 * another one. A server of the HTTP floor is given the bytes over a connection; a reading of our
 * own, which shares no code with it, says which requests may be in them. */
#include "promise.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lede/http.h"
#include "lede/number.h"

#define REQUESTS_MAX 64
#define BODY_MAX ((size_t)4096)
#define ANSWER_MS_MAX 15000

/* A request as it is compared. */
struct seen {
    char method[16];      /* the start of one that is longer */
    uint64_t body, query; /* hashes */
};

struct seen_list {
    struct seen requests[REQUESTS_MAX];
    size_t count;
};

/* ---- The strict reading ---- */

struct reading {
    const char *at, *end;
    bool is_1_1, is_chunked, is_packed;
    size_t hosts, lengths, codings;
    uint64_t length;
};

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define TOKEN LETTERS_AND_DIGITS "!#$%&'*+-.^_`|~"

static bool is_of(char c, const char *characters)
{
    return c != '\0' && strchr(characters, c);
}

static size_t span(const struct reading *reading, const char *characters)
{
    const char *at = reading->at;
    while (at < reading->end && is_of(*at, characters))
        at++;
    return (size_t)(at - reading->at);
}

static bool skip(struct reading *reading, const char *text)
{
    size_t size = strlen(text);
    bool is_there =
        (size_t)(reading->end - reading->at) >= size && memcmp(reading->at, text, size) == 0;
    reading->at += is_there ? size : 0;
    return is_there;
}

static bool read_first_line(struct reading *reading, struct seen *request)
{
    while (skip(reading, "\r\n"))
        continue; /* RFC 9112 section 2.2 */
    size_t size = span(reading, TOKEN);
    snprintf(request->method, sizeof(request->method), "%.*s", (int)size, reading->at);
    reading->at += size;
    if (size == 0 || !skip(reading, " "))
        return false;
    const char *target = reading->at;
    while (reading->at < reading->end && (unsigned char)*reading->at > ' ' && *reading->at != 0x7F)
        reading->at++;
    size = (size_t)(reading->at - target);
    const char *query = size > 0 ? memchr(target, '?', size) : NULL;
    size_t query_size = query ? (size_t)(reading->at - query) - 1 : 0;
    request->query = lede_hash64(query ? query + 1 : "", query_size);
    if (size == 0)
        return false;
    if (skip(reading, " HTTP/1.0"))
        return skip(reading, "\r\n");
    /* A later minor version is read as the latest that is known (RFC 9110 section 2.5). */
    reading->is_1_1 = skip(reading, " HTTP/1.") && span(reading, "123456789") == 1;
    reading->at++;
    return reading->is_1_1 && skip(reading, "\r\n");
}

static bool is_name(const char *name, size_t size, const char *wanted)
{
    return strlen(wanted) == size && strncasecmp(name, wanted, size) == 0;
}

static bool note_header(
    struct reading *reading, const char *name, size_t name_size, const char *value, size_t size)
{
    if (is_name(name, name_size, "Host"))
        reading->hosts++;
    if (is_name(name, name_size, "Content-Encoding"))
        reading->is_packed = true;
    if (is_name(name, name_size, "Transfer-Encoding")) {
        reading->codings++;
        reading->is_chunked = is_name(value, size, "chunked");
        return reading->is_chunked && reading->is_1_1;
    }
    if (!is_name(name, name_size, "Content-Length"))
        return true;
    reading->lengths++;
    for (size_t i = 0; i < size; i++) {
        if (!is_of(value[i], "0123456789") || reading->length > UINT64_MAX / 100)
            return false;
        reading->length = reading->length * 10 + (uint64_t)(value[i] - '0');
    }
    return size > 0;
}

/* Lines of a head, up to the empty one; of trailers nothing counts. */
static bool read_headers(struct reading *reading, bool notes)
{
    while (!skip(reading, "\r\n")) {
        const char *name = reading->at;
        size_t name_size = span(reading, TOKEN);
        reading->at += name_size;
        if (name_size == 0 || !skip(reading, ":"))
            return false;
        reading->at += span(reading, " \t");
        const char *value = reading->at;
        while (reading->at < reading->end && *reading->at != 0x7F &&
               ((unsigned char)*reading->at >= ' ' || *reading->at == '\t'))
            reading->at++;
        size_t size = (size_t)(reading->at - value);
        while (size > 0 && is_of(value[size - 1], " \t"))
            size--;
        if (!skip(reading, "\r\n") ||
            (notes && !note_header(reading, name, name_size, value, size)))
            return false;
    }
    return true;
}

static bool is_right_head(const struct reading *reading)
{
    return reading->hosts <= 1 && (reading->hosts == 1 || !reading->is_1_1) &&
           reading->lengths + reading->codings <= 1;
}

static bool read_chunks(struct reading *reading, struct lede_buffer *body)
{
    for (;;) {
        size_t digits = span(reading, "0123456789abcdefABCDEF");
        if (digits == 0)
            return false;
        uint64_t size = strtoull(reading->at, NULL, 16);
        reading->at += digits;
        if (reading->at < reading->end && is_of(*reading->at, "; \t"))
            while (reading->at < reading->end && *reading->at != 0x7F &&
                   ((unsigned char)*reading->at >= ' ' || *reading->at == '\t'))
                reading->at++;
        if (!skip(reading, "\r\n") || digits > 15)
            return false;
        if (size == 0)
            return read_headers(reading, false);
        if (size > (uint64_t)(reading->end - reading->at))
            return false;
        lede_buffer_append(body, reading->at, size);
        reading->at += size;
        if (!skip(reading, "\r\n"))
            return false;
    }
}

/* The next request; false: there is none, and nothing behind can be told. */
static bool read_request(struct reading *reading, struct seen *ret_request)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    *reading = (struct reading){.at = reading->at, .end = reading->end};
    *ret_request = (struct seen){.method = ""};
    if (!read_first_line(reading, ret_request) || !read_headers(reading, true) ||
        !is_right_head(reading))
        return false;
    if (reading->is_chunked) {
        if (!read_chunks(reading, &body))
            return false;
    } else if (reading->length > (uint64_t)(reading->end - reading->at)) {
        return false;
    } else if (reading->length > 0) {
        lede_buffer_append(&body, reading->at, reading->length);
        reading->at += reading->length;
    }
    ret_request->body = reading->is_packed ? 0 : lede_hash64(body.data, body.size);
    return true;
}

/* ---- The server ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct seen_list served; /* guarded by lock */

static void serve(void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    struct seen seen = {.method = ""};
    size_t size = 0;
    const char *body = lede_http_request_body(request, &size);
    const char *query = lede_http_request_query(request);
    snprintf(seen.method, sizeof(seen.method), "%s", lede_http_request_method(request));
    seen.query = lede_hash64(query, strlen(query));
    bool is_packed = lede_http_request_header(request, "Content-Encoding");
    seen.body = is_packed ? 0 : lede_hash64(size > 0 ? body : NULL, size);
    pthread_mutex_lock(&lock);
    if (served.count < REQUESTS_MAX)
        served.requests[served.count++] = seen;
    pthread_mutex_unlock(&lock);
    reply->status = 204;
}

static const struct lede_http_route routes[] = {
    {"GET", "/", LEDE_POOL_OPS, serve, 0, false},
    {"GET", "/d/{id}", LEDE_POOL_OPS, serve, 0, false},
    {"PUT", "/d/{id}", LEDE_POOL_OPS, serve, BODY_MAX, false},
    {"DELETE", "/d/{id}", LEDE_POOL_OPS, serve, 0, false},
    {"POST", "/", LEDE_POOL_OPS, serve, BODY_MAX, false},
};

static void refuse(void *context, const struct lede_http_request *request, int status,
    const char *detail, const char *param, struct lede_http_reply *reply)
{
    (void)context;
    (void)request;
    (void)status;
    (void)param;
    reply->media_type = "text/plain";
    lede_buffer_append_string(&reply->body, detail);
}

static uint16_t server_port(void)
{
    static struct lede_http_server *server;
    struct lede_http_options options = {.io_threads = 1,
        .pool_threads = {1, 1, 1, 1},
        .queue_length = REQUESTS_MAX,
        .connections_max = 16, /* so that it is at its limit, too */
        .idle_timeout_s = 2,
        .request_timeout_s = 2,
        .reply_bytes_max = 1 << 20,
        .header_bytes_max = 16384,
        .uri_bytes_max = 8192,
        .routes = routes,
        .route_count = LEDE_COUNT_OF(routes),
        .refuse = refuse};
    if (!server) {
        PROMISE(lede_listeners_parse("127.0.0.1:0", &options.listeners, NULL) == LEDE_OK);
        PROMISE(lede_http_server_new(&options, &server, NULL) == LEDE_OK);
    }
    return lede_http_server_listener(server, 0)->port;
}

/* The client closes first what it has reset: no port waits for a minute. */
static int connect_to_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server_port())};
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    PROMISE(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    PROMISE(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
    return fd;
}

/* Send all, say that no more comes, and read until the server has closed. What it answers begins
 * as HTTP does. */
static void converse(const uint8_t *data, size_t size)
{
    char answer[4096];
    bool is_first = true;
    ssize_t got = 0;
    int fd = connect_to_server();
    size_t sent = 0;
    while (sent < size) {
        ssize_t now = send(fd, data + sent, size - sent, MSG_NOSIGNAL);
        if (now <= 0)
            break;
        sent += (size_t)now;
    }
    /* An end that comes with the last bytes is heard of later. */
    struct pollfd answered = {.fd = fd, .events = POLLIN};
    (void)!poll(&answered, 1, 1);
    shutdown(fd, SHUT_WR);
    do {
        int count = 0;
        do /* libFuzzer's clock interrupts */
            count = poll(&answered, 1, ANSWER_MS_MAX);
        while (count < 0 && errno == EINTR);
        PROMISE(count == 1);
        got = recv(fd, answer, sizeof(answer), 0);
        if (is_first && got >= 5)
            PROMISE(memcmp(answer, "HTTP/", 5) == 0);
        is_first = is_first && got <= 0;
    } while (got > 0);
    close(fd);
}

void promise_of_requests(const uint8_t *data, size_t size)
{
    struct reading reading = {.at = (const char *)data, .end = (const char *)data + size};
    struct seen request;
    size_t found = 0;
    LEDE_CLEANUP(lede_freep) char *copy = promise_copy_text(data, size);
    reading.at = copy;
    reading.end = copy + size;
    pthread_mutex_lock(&lock);
    served.count = 0;
    pthread_mutex_unlock(&lock);
    converse(data, size);
    pthread_mutex_lock(&lock);
    struct seen_list all = served;
    pthread_mutex_unlock(&lock);
    /* Some may have been refused: what is served stands in this order in what is there. */
    while (found < all.count && read_request(&reading, &request))
        found += memcmp(&request, &all.requests[found], sizeof(request)) == 0;
    PROMISE(found == all.count || all.count == REQUESTS_MAX);
}
