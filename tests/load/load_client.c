/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients of an HTTP server on loopback, as many as a test wants, in one thread.
 *
 * load_client PORT SECONDS GROUP...
 * GROUP is NAME:KIND:NUMBER:FILE, and what groups do they do at the same time.
 *   closed   NUMBER connections, each asks again as soon as it has its answer
 *   patient  the same, but who is told Retry-After waits for so long
 *   open     NUMBER requests a second, at random moments, whatever becomes of those before
 *   leave    NUMBER requests at once, whose clients leave without having read an answer
 * FILE has a target a line, asked one after the other. For each group a line of JSON is printed:
 * answers by status, and times in ms from the moment that the request was due. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define GROUPS_MAX 8
#define CONNECTIONS_MAX 20000
#define OPEN_CONNECTIONS_MAX 900 /* what a proxy keeps; who finds none free waits */
#define STATUS_MAX 600
#define HEAD_BYTES 8192
#define NS_PER_S 1e9

enum kind { CLOSED, PATIENT, OPEN, LEAVE };
static const char *const kind_names[] = {"closed", "patient", "open", "leave"};

struct times {
    float *ms;
    size_t count, capacity;
};

struct group {
    const char *name;
    enum kind kind;
    double number;
    char **targets;
    size_t target_count, next_target;
    uint64_t due_ns; /* OPEN: of the next request */
    uint64_t statuses[STATUS_MAX], sent, errors, bytes;
    struct times answered, refused;
    struct connection *idle; /* OPEN, as the next */
    size_t opened;
};

struct connection {
    struct group *group;
    struct connection *next_idle;
    int fd;                   /* -1: none */
    uint64_t due_ns, wake_ns; /* wake_ns != 0: it waits until then */
    const char *target;
    size_t sent;
    bool is_busy, has_head, ends;
    char head[HEAD_BYTES];
    size_t head_size;
    int status;
    uint64_t left, retry_after_s;
};

static struct group groups[GROUPS_MAX];
static size_t group_count;
static struct connection *connections;
static size_t connection_count;
static int epoll_fd;
static struct sockaddr_in server;
static uint64_t now_ns, end_ns, random_state = 88172645463325252ULL;

static uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static double chance(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return ((double)(random_state >> 11) + 1) / 9007199254740993.0;
}

static void fail(const char *what)
{
    fprintf(stderr, "load_client: %s\n", what);
    exit(2);
}

static void note(struct times *times, uint64_t ns)
{
    if (times->count == times->capacity) {
        times->capacity = times->capacity ? times->capacity * 2 : 4096;
        times->ms = realloc(times->ms, times->capacity * sizeof(*times->ms));
        if (!times->ms)
            fail("no memory");
    }
    times->ms[times->count++] = (float)((double)ns / 1e6);
}

static void hang_up(struct connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
}

static bool connect_to_server(struct connection *connection)
{
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->fd < 0)
        return false;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
    if ((connect(connection->fd, (struct sockaddr *)&server, sizeof(server)) == 0 ||
            errno == EINPROGRESS) &&
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) == 0)
        return true;
    hang_up(connection);
    return false;
}

static void begin(struct connection *connection, uint64_t due_ns);

/* The request is over, however it ended. */
static void end(struct connection *connection)
{
    struct group *group = connection->group;
    connection->is_busy = false;
    if (connection->ends)
        hang_up(connection);
    if (group->kind == OPEN) {
        connection->next_idle = group->idle;
        group->idle = connection;
        return;
    }
    uint64_t pause_s = group->kind == PATIENT ? connection->retry_after_s : 0;
    /* Also where the server hung up: not at once, else nothing else is done. */
    connection->wake_ns = group->kind == LEAVE ? end_ns : now_ns + pause_s * 1000000000;
    if (connection->fd < 0 && group->kind == CLOSED)
        connection->wake_ns = now_ns + 1000000;
}

static void broke(struct connection *connection)
{
    connection->group->errors++;
    connection->ends = true;
    end(connection);
}

static void send_request(struct connection *connection)
{
    char text[8192];
    int size = snprintf(
        text, sizeof(text), "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", connection->target);
    while (connection->sent < (size_t)size) {
        ssize_t sent = send(
            connection->fd, text + connection->sent, (size_t)size - connection->sent, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN))
            return;
        if (sent < 0) {
            broke(connection);
            return;
        }
        connection->sent += (size_t)sent;
    }
    if (connection->group->kind == LEAVE) {
        connection->ends = true;
        end(connection);
    }
}

static void begin(struct connection *connection, uint64_t due_ns)
{
    struct group *group = connection->group;
    connection->wake_ns = 0;
    connection->due_ns = due_ns;
    connection->is_busy = true;
    connection->has_head = connection->ends = false;
    connection->sent = connection->head_size = 0;
    connection->retry_after_s = 0;
    connection->target = group->targets[group->next_target++ % group->target_count];
    group->sent++;
    if (connection->fd < 0 && !connect_to_server(connection)) {
        broke(connection);
        return;
    }
    send_request(connection);
}

static uint64_t header_number(const char *head, const char *name)
{
    size_t size = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, size) == 0)
            return strtoull(line + 2 + size, NULL, 10);
    }
    return 0;
}

/* Whatever came belongs to the answer: nothing is asked before it is read. */
static bool take_head(struct connection *connection, const char *data, size_t size)
{
    size_t room = HEAD_BYTES - 1 - connection->head_size;
    size_t before = connection->head_size;
    size_t taken = size < room ? size : room;
    memcpy(connection->head + before, data, taken);
    connection->head_size += taken;
    connection->head[connection->head_size] = '\0';
    char *behind = strstr(connection->head, "\r\n\r\n");
    if (!behind)
        return taken == size;
    connection->has_head = true;
    size_t head_size = (size_t)(behind + 4 - connection->head);
    behind[2] = '\0';
    connection->status = atoi(connection->head + strlen("HTTP/1.1 "));
    connection->left = header_number(connection->head, "content-length:");
    connection->retry_after_s = header_number(connection->head, "retry-after:");
    connection->ends = strcasestr(connection->head, "connection: close") != NULL;
    size_t body = before + size - head_size;
    connection->left -= body < connection->left ? body : connection->left;
    return true;
}

static void finish(struct connection *connection)
{
    struct group *group = connection->group;
    int status = connection->status;
    uint64_t took_ns = now_ns - connection->due_ns;
    group->statuses[status > 0 && status < STATUS_MAX ? status : 0]++;
    note(status == 429 || status == 503 ? &group->refused : &group->answered, took_ns);
    end(connection);
}

static void receive(struct connection *connection)
{
    static char data[1 << 16];
    while (connection->fd >= 0) {
        ssize_t size = recv(connection->fd, data, sizeof(data), 0);
        if (size < 0 && errno == EAGAIN)
            return;
        if (size <= 0 && !connection->is_busy) {
            hang_up(connection);
            return;
        }
        if (size <= 0) {
            broke(connection);
            return;
        }
        connection->group->bytes += (uint64_t)size;
        if (!connection->has_head && !take_head(connection, data, (size_t)size)) {
            broke(connection);
            return;
        }
        if (connection->has_head && connection->head_size > 0)
            connection->head_size = 0;
        else if (connection->has_head)
            connection->left -=
                (uint64_t)size < connection->left ? (uint64_t)size : connection->left;
        if (connection->has_head && connection->left == 0) {
            finish(connection);
            return;
        }
    }
}

static struct connection *new_connection(struct group *group)
{
    if (connection_count == CONNECTIONS_MAX)
        return NULL;
    struct connection *connection = &connections[connection_count++];
    *connection = (struct connection){.group = group, .fd = -1};
    return connection;
}

/* Everything that is due by now. Returns when the next is. */
static uint64_t do_what_is_due(void)
{
    uint64_t next = now_ns + 50000000;
    for (size_t i = 0; i < group_count; i++) {
        struct group *group = &groups[i];
        while (group->kind == OPEN && group->due_ns <= now_ns) {
            bool may_open = !group->idle && group->opened < OPEN_CONNECTIONS_MAX;
            struct connection *connection = may_open ? new_connection(group) : group->idle;
            group->opened += may_open;
            if (!connection)
                break;
            if (!may_open)
                group->idle = connection->next_idle;
            uint64_t due_ns = group->due_ns;
            group->due_ns += (uint64_t)(-log(chance()) / group->number * NS_PER_S);
            begin(connection, due_ns);
        }
        if (group->kind == OPEN && group->due_ns > now_ns && group->due_ns < next)
            next = group->due_ns;
    }
    for (size_t i = 0; i < connection_count; i++) {
        struct connection *connection = &connections[i];
        if (connection->wake_ns != 0 && connection->wake_ns <= now_ns)
            begin(connection, now_ns);
        else if (connection->wake_ns != 0 && connection->wake_ns < next)
            next = connection->wake_ns;
    }
    return next;
}

static void run(void)
{
    static struct epoll_event events[512];
    now_ns = clock_ns();
    while (now_ns < end_ns) {
        uint64_t next = do_what_is_due();
        uint64_t wait_ns = next > now_ns ? next - now_ns : 0;
        struct timespec wait = {.tv_nsec = (long)(wait_ns < 50000000 ? wait_ns : 50000000)};
        int count = epoll_pwait2(epoll_fd, events, 512, &wait, NULL);
        now_ns = clock_ns();
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (connection->is_busy && (events[i].events & EPOLLOUT))
                send_request(connection);
            if (connection->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
                receive(connection);
        }
    }
}

/* ---- Arguments and figures ---- */

static void read_targets(struct group *group, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    if (!file)
        fail(path);
    while ((size = getline(&line, &room, file)) > 0) {
        line[strcspn(line, "\n")] = '\0';
        group->targets = realloc(group->targets, (group->target_count + 1) * sizeof(char *));
        group->targets[group->target_count++] = strdup(line);
    }
    free(line);
    fclose(file);
    if (group->target_count == 0)
        fail("a file without targets");
}

static void read_group(char *text)
{
    struct group *group = &groups[group_count++];
    group->name = strsep(&text, ":");
    const char *kind = text ? strsep(&text, ":") : "";
    const char *number = text ? strsep(&text, ":") : "";
    while (group->kind <= LEAVE && strcmp(kind, kind_names[group->kind]) != 0)
        group->kind++;
    group->number = atof(number);
    if (group->kind > LEAVE || !text || group->number <= 0)
        fail("expected NAME:KIND:NUMBER:FILE");
    read_targets(group, text);
    group->due_ns = group->kind == OPEN ? clock_ns() : 0;
    for (double i = 0; group->kind != OPEN && i < group->number; i++) {
        struct connection *connection = new_connection(group);
        if (!connection)
            fail("too many connections");
        connection->wake_ns = 1;
    }
}

static int compare(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return left < right ? -1 : left > right;
}

static void print_times(const char *name, struct times *times)
{
    if (times->count > 0)
        qsort(times->ms, times->count, sizeof(*times->ms), compare);
    size_t last = times->count > 0 ? times->count - 1 : 0;
    if (times->count == 0)
        printf(",\"%s\":null", name);
    else
        printf(",\"%s\":{\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"max\":%.2f}", name,
            (double)times->ms[last / 2], (double)times->ms[last * 9 / 10],
            (double)times->ms[last * 99 / 100], (double)times->ms[last]);
}

static void print_group(struct group *group, double seconds)
{
    const char *comma = "";
    uint64_t unanswered = 0;
    for (size_t i = 0; i < connection_count; i++)
        unanswered += connections[i].group == group && connections[i].is_busy;
    printf("{\"group\":\"%s\",\"sent\":%llu,\"statuses\":{", group->name,
        (unsigned long long)group->sent);
    for (size_t i = 0; i < STATUS_MAX; i++) {
        if (group->statuses[i] > 0) {
            printf("%s\"%zu\":%llu", comma, i, (unsigned long long)group->statuses[i]);
            comma = ",";
        }
    }
    printf("},\"answers_per_s\":%.2f,\"errors\":%llu,\"unanswered\":%llu,\"mib\":%.1f",
        (double)group->answered.count / seconds, (unsigned long long)group->errors,
        (unsigned long long)unanswered, (double)group->bytes / 1048576);
    print_times("answered_ms", &group->answered);
    print_times("refused_ms", &group->refused);
    printf("}\n");
}

int main(int count, char **arguments)
{
    struct rlimit files;
    if (count < 4 || count - 3 > GROUPS_MAX)
        fail("load_client PORT SECONDS GROUP...");
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)atoi(arguments[1]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connections = calloc(CONNECTIONS_MAX, sizeof(*connections));
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!connections || epoll_fd < 0)
        fail("no memory");
    double seconds = atof(arguments[2]);
    for (int i = 3; i < count; i++)
        read_group(arguments[i]);
    end_ns = clock_ns() + (uint64_t)(seconds * NS_PER_S);
    run();
    for (size_t i = 0; i < group_count; i++)
        print_group(&groups[i], seconds);
    return 0;
}
