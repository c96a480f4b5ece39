/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contest's client: the same for all servers, and cheap, so that it takes little of the
 * processor that it shares with them.
 *
 * Requests come ready-made from a file (a record is its length as four bytes, least first, then its
 * bytes) and are sent in their order over CONNECTIONS kept connections, each of which waits for its
 * answer before it takes the next. All are asked again until SECONDS have passed, in whole rounds;
 * past SECONDS_MAX no more are sent. An answer is read whole, and must say that it is one: status
 * 200, or 0 of searchd's protocol.
 *
 *   client http|sphinx PORT CONNECTIONS SECONDS SECONDS_MAX REQUESTS
 *
 * prints a line for each answer, "number microseconds bytes", and last of all "= seconds
 * client_cpu_seconds". */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 256,
    ANSWER_BYTES_MAX = 1 << 22,
    ANSWER_SECONDS_MAX = 60,
    SPHINX_HEADER_BYTES = 8,
    STATUS_LINE_BYTES = 12, /* "HTTP/1.1 200" */
};

struct request {
    const char *bytes;
    uint32_t size;
};

struct sample {
    uint32_t number;
    uint32_t us;
    uint32_t bytes;
};

struct connection {
    pthread_t thread;
    struct sample *samples;
    size_t count;
    size_t capacity;
    char *answer;
    int fd;
};

static struct request *requests;
static size_t request_count;
static bool is_sphinx;
static uint16_t port;
static double seconds_min, seconds_max, begun_s;
static atomic_size_t next_number, last_number = SIZE_MAX;

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "client: %s\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint32_t least_first(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void read_requests(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        die("cannot open the requests");
    long size = ftell(file);
    rewind(file);
    char *bytes = size > 0 ? malloc((size_t)size) : NULL;
    if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size)
        die("cannot read the requests");
    fclose(file);
    requests = calloc((size_t)size / 4 + 1, sizeof(*requests));
    if (!requests)
        die("no memory");
    for (size_t at = 0; at + 4 <= (size_t)size; request_count++) {
        uint32_t length = least_first(bytes + at);
        if (length > (size_t)size - at - 4)
            die("the requests end within one");
        requests[request_count] = (struct request){bytes + at + 4, length};
        at += 4 + length;
    }
    if (request_count == 0)
        die("no requests");
}

static void send_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0)
            die("cannot send");
        bytes += sent;
        size -= (size_t)sent;
    }
}

static size_t receive_some(struct connection *c, size_t have)
{
    if (have >= ANSWER_BYTES_MAX)
        die("an answer is too long");
    ssize_t got = recv(c->fd, c->answer + have, ANSWER_BYTES_MAX - have, 0);
    if (got <= 0)
        die("the server closed a connection, or gave no answer in time");
    c->answer[have + (size_t)got] = '\0';
    return have + (size_t)got;
}

static void connect_to_server(struct connection *c)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = ANSWER_SECONDS_MAX};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        die("cannot connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (is_sphinx) {
        /* Both tell their protocol's version; then the connection is asked to stay. */
        static const char hello[] = "\0\0\0\1\0\4\0\0\0\0\0\4\0\0\0\1";
        send_all(c->fd, hello, sizeof(hello) - 1);
        for (size_t have = 0; have < 4;)
            have = receive_some(c, have);
    }
}

/* The bytes of an answer by searchd's protocol, once its header is here: status, version, length,
 * greatest byte first. */
static size_t sphinx_size(const char *answer, size_t have)
{
    if (have < SPHINX_HEADER_BYTES)
        return SIZE_MAX;
    const unsigned char *b = (const unsigned char *)answer;
    if (b[0] != 0 || b[1] != 0)
        die("searchd answers with a failure");
    return SPHINX_HEADER_BYTES +
           ((size_t)b[4] << 24 | (size_t)b[5] << 16 | (size_t)b[6] << 8 | (size_t)b[7]);
}

/* The value of a header, or NULL. */
static const char *header_value(const char *answer, const char *body, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = strstr(answer, "\r\n"); line && line + 2 < body;
         line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':')
            return line + 2 + length + 1 + strspn(line + 2 + length + 1, " ");
    }
    return NULL;
}

/* The bytes of an answer over HTTP, SIZE_MAX where too little is here to tell. */
static size_t http_size(const char *answer, size_t have)
{
    const char *end = strstr(answer, "\r\n\r\n");
    if (!end)
        return SIZE_MAX;
    if (strncmp(answer + STATUS_LINE_BYTES - 3, "200", 3) != 0)
        die(answer);
    const char *body = end + 4;
    const char *length = header_value(answer, body, "Content-Length");
    if (length)
        return (size_t)(body - answer) + strtoul(length, NULL, 10);
    /* Else chunks, of which the last is empty. */
    for (const char *chunk = body; chunk < answer + have;) {
        const char *line_end = strstr(chunk, "\r\n");
        if (!line_end)
            return SIZE_MAX;
        size_t size = strtoul(chunk, NULL, 16);
        if (size >= ANSWER_BYTES_MAX)
            die("an answer with neither length nor chunks");
        chunk = line_end + 2 + size + 2;
        if (size == 0)
            return (size_t)(chunk - answer);
    }
    return SIZE_MAX;
}

static uint32_t ask(struct connection *c, const struct request *request)
{
    send_all(c->fd, request->bytes, request->size);
    size_t have = 0, size = SIZE_MAX;
    while (have < size) {
        have = receive_some(c, have);
        if (size == SIZE_MAX)
            size = is_sphinx ? sphinx_size(c->answer, have) : http_size(c->answer, have);
    }
    if (have > size)
        die("an answer is longer than it says");
    const char *body = is_sphinx ? NULL : strstr(c->answer, "\r\n\r\n");
    const char *keep = body ? header_value(c->answer, body, "Connection") : NULL;
    if (keep && strncasecmp(keep, "close", 5) == 0) {
        close(c->fd);
        connect_to_server(c);
    }
    return (uint32_t)size;
}

static void note(struct connection *c, struct sample sample)
{
    if (c->count == c->capacity) {
        c->capacity = c->capacity ? c->capacity * 2 : 4096;
        c->samples = realloc(c->samples, c->capacity * sizeof(*c->samples));
        if (!c->samples)
            die("no memory");
    }
    c->samples[c->count++] = sample;
}

static void *run(void *context)
{
    struct connection *c = context;
    for (;;) {
        size_t number = atomic_fetch_add(&next_number, 1);
        double start = now_s();
        double passed = start - begun_s;
        bool begins_round = number > 0 && number % request_count == 0;
        if (passed > seconds_max || (begins_round && passed > seconds_min))
            atomic_store(&last_number, number);
        if (number >= atomic_load(&last_number))
            return NULL;
        uint32_t bytes = ask(c, &requests[number % request_count]);
        note(c, (struct sample){(uint32_t)(number % request_count),
                    (uint32_t)((now_s() - start) * 1e6), bytes});
    }
}

int main(int argc, char **argv)
{
    static struct connection connections[CONNECTIONS_MAX];
    if (argc != 7)
        die("usage: client http|sphinx PORT CONNECTIONS SECONDS SECONDS_MAX REQUESTS");
    is_sphinx = strcmp(argv[1], "sphinx") == 0;
    port = (uint16_t)atoi(argv[2]);
    int count = atoi(argv[3]);
    seconds_min = atof(argv[4]);
    seconds_max = atof(argv[5]);
    if (count < 1 || count > CONNECTIONS_MAX)
        die("connections: expected 1 to 256");
    read_requests(argv[6]);
    for (int i = 0; i < count; i++) {
        connections[i].answer = malloc(ANSWER_BYTES_MAX + 1);
        if (!connections[i].answer)
            die("no memory");
        connect_to_server(&connections[i]);
    }
    begun_s = now_s();
    for (int i = 0; i < count; i++)
        if (pthread_create(&connections[i].thread, NULL, run, &connections[i]) != 0)
            die("cannot start a thread");
    for (int i = 0; i < count; i++)
        pthread_join(connections[i].thread, NULL);
    double took_s = now_s() - begun_s;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    for (int i = 0; i < count; i++)
        for (size_t k = 0; k < connections[i].count; k++)
            printf("%u %u %u\n", connections[i].samples[k].number, connections[i].samples[k].us,
                connections[i].samples[k].bytes);
    printf("= %.6f %.6f\n", took_s,
        (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    return 0;
}
