/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_etcd.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 64
#define REQUEST_BYTES_MAX ((size_t)4 << 20)

struct connection {
    struct fake *fake;
    int socket;
    pthread_t thread;
};

struct fake {
    fake_function function;
    void *context;
    int socket;
    char endpoint[64];
    pthread_t thread;
    atomic_bool stops;
    atomic_size_t requests;
    struct connection connections[CONNECTIONS_MAX]; /* the accepting thread's, until it has ended */
    size_t count;
};

static void must(bool is_so, const char *what)
{
    if (is_so)
        return;
    perror(what);
    abort();
}

static void send_all(int socket, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(socket, text, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the client has gone */
        text += sent;
        size -= (size_t)sent;
    }
}

bool fake_answer(const struct fake_request *request, int status, const char *json)
{
    char head[200];
    int size = snprintf(head, sizeof(head),
        "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status,
        strlen(json));
    send_all(request->socket, head, (size_t)size);
    send_all(request->socket, json, strlen(json));
    return true;
}

void fake_begin(const struct fake_request *request)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    send_all(request->socket, head, strlen(head));
}

void fake_send(const struct fake_request *request, const char *text, size_t size)
{
    char head[32];
    int head_size = snprintf(head, sizeof(head), "%zx\r\n", size);
    send_all(request->socket, head, (size_t)head_size);
    send_all(request->socket, text, size);
    send_all(request->socket, "\r\n", 2);
}

void fake_line(const struct fake_request *request, const char *json)
{
    char *line = NULL;
    int size = asprintf(&line, "%s\n", json);
    must(size > 0, "asprintf");
    fake_send(request, line, (size_t)size);
    free(line);
}

void fake_wait_for_end(const struct fake_request *request)
{
    char byte;
    struct pollfd wait = {.fd = request->socket, .events = POLLIN};
    if (poll(&wait, 1, 5000) > 0)
        (void)!recv(request->socket, &byte, 1, 0);
}

/* Read a request into the buffer. Returns where its body begins, or NULL at the end. */
static char *read_request(int socket, char *buffer)
{
    size_t size = 0, whole = 0;
    char *body = NULL;
    while (!body || size < whole) {
        ssize_t got = recv(socket, buffer + size, REQUEST_BYTES_MAX - size - 1, 0);
        if (got <= 0)
            return NULL;
        size += (size_t)got;
        buffer[size] = '\0';
        char *end = body ? NULL : strstr(buffer, "\r\n\r\n");
        const char *length = end ? strcasestr(buffer, "\r\ncontent-length:") : NULL;
        if (!end)
            continue;
        body = end + 4;
        whole = (size_t)(body - buffer) + (length ? strtoul(length + 17, NULL, 10) : 0);
        must(whole < REQUEST_BYTES_MAX, "a request is too large");
    }
    return body;
}

static void *serve(void *context)
{
    struct connection *connection = context;
    struct fake *fake = connection->fake;
    char *buffer = malloc(REQUEST_BYTES_MAX);
    char *body = NULL;
    bool stays = true;
    must(buffer != NULL, "malloc");
    while (stays && (body = read_request(connection->socket, buffer))) {
        struct fake_request request = {.number = atomic_fetch_add(&fake->requests, 1),
            .path = buffer + 5, /* behind "POST " */
            .body = body,
            .socket = connection->socket};
        buffer[5 + strcspn(buffer + 5, " ")] = '\0';
        stays = fake->function(fake->context, &request);
    }
    shutdown(connection->socket, SHUT_RDWR);
    free(buffer);
    return NULL;
}

static void *accept_all(void *context)
{
    struct fake *fake = context;
    while (!atomic_load(&fake->stops) && fake->count < CONNECTIONS_MAX) {
        struct pollfd wait = {.fd = fake->socket, .events = POLLIN};
        if (poll(&wait, 1, 20) <= 0)
            continue;
        struct connection *connection = &fake->connections[fake->count];
        connection->fake = fake;
        connection->socket = accept(fake->socket, NULL, NULL);
        if (connection->socket < 0)
            continue;
        must(pthread_create(&connection->thread, NULL, serve, connection) == 0, "pthread_create");
        fake->count++;
    }
    return NULL;
}

struct fake *fake_start(fake_function function, void *context)
{
    struct fake *fake = calloc(1, sizeof(*fake));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    must(fake != NULL, "calloc");
    fake->function = function;
    fake->context = context;
    fake->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fake->socket >= 0 && bind(fake->socket, (struct sockaddr *)&address, size) == 0 &&
             listen(fake->socket, 16) == 0 &&
             getsockname(fake->socket, (struct sockaddr *)&address, &size) == 0,
        "a socket");
    snprintf(fake->endpoint, sizeof(fake->endpoint), "http://127.0.0.1:%u",
        (unsigned)ntohs(address.sin_port));
    must(pthread_create(&fake->thread, NULL, accept_all, fake) == 0, "pthread_create");
    return fake;
}

void fake_stop(struct fake *fake)
{
    atomic_store(&fake->stops, true);
    pthread_join(fake->thread, NULL);
    for (size_t i = 0; i < fake->count; i++)
        shutdown(fake->connections[i].socket, SHUT_RDWR);
    for (size_t i = 0; i < fake->count; i++) {
        pthread_join(fake->connections[i].thread, NULL);
        close(fake->connections[i].socket);
    }
    close(fake->socket);
    free(fake);
}

const char *fake_endpoint(const struct fake *fake)
{
    return fake->endpoint;
}

size_t fake_request_count(struct fake *fake)
{
    return atomic_load(&fake->requests);
}
