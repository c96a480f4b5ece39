/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "members.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lede/time.h"

#define NS_PER_MS UINT64_C(1000000)
#define START_MS 30000

static void must(bool is_so, const char *what)
{
    if (is_so)
        return;
    perror(what);
    abort();
}

bool members_are_there(void)
{
    if (system("command -v etcd >/dev/null 2>&1") == 0)
        return true;
    printf("1..0 # SKIP etcd is not installed\n");
    return false;
}

static unsigned free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
             getsockname(fd, (struct sockaddr *)&address, &size) == 0,
        "a port");
    close(fd);
    return ntohs(address.sin_port);
}

/* What clients call members by. */
static const char *scheme(const struct members *members)
{
    return members->has_tls ? "https" : "http";
}

/* In the child: becomes etcd. */
static void become(const struct members *members, size_t at)
{
    const struct member *member = &members->items[at];
    char text[7][400];
    char log[128];
    snprintf(log, sizeof(log), "%s/log%zu", members->directory, at);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(text[0], sizeof(text[0]), "--name=m%zu", at);
    snprintf(text[1], sizeof(text[1]), "--data-dir=%s/data%zu", members->directory, at);
    snprintf(text[2], sizeof(text[2]), "--listen-client-urls=%s://127.0.0.1:%u", scheme(members),
        member->client_port);
    snprintf(text[3], sizeof(text[3]), "--advertise-client-urls=%s://127.0.0.1:%u", scheme(members),
        member->client_port);
    snprintf(text[4], sizeof(text[4]), "--listen-peer-urls=http://127.0.0.1:%u", member->peer_port);
    snprintf(text[5], sizeof(text[5]), "--initial-advertise-peer-urls=http://127.0.0.1:%u",
        member->peer_port);
    snprintf(text[6], sizeof(text[6]), "--initial-cluster=%s", members->cluster);
    char interval[] = "--experimental-watch-progress-notify-interval=1s", etcd[] = "etcd";
    char check[] = "--client-cert-auth", tls[3][200];
    snprintf(tls[0], sizeof(tls[0]), "--cert-file=%s/server.pem", members->directory);
    snprintf(tls[1], sizeof(tls[1]), "--key-file=%s/server.key", members->directory);
    snprintf(tls[2], sizeof(tls[2]), "--trusted-ca-file=%s/ca.pem", members->directory);
    char *arguments[] = {etcd, text[0], text[1], text[2], text[3], text[4], text[5], text[6],
        interval, members->has_tls ? check : NULL, tls[0], tls[1], tls[2], NULL};
    execvp("etcd", arguments);
    _exit(127);
}

void member_start(struct members *members, size_t at)
{
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0)
        become(members, at);
    members->items[at].pid = pid;
}

void member_signal(struct members *members, size_t at, int signal)
{
    struct member *member = &members->items[at];
    if (member->pid == 0)
        return;
    kill(member->pid, signal);
    if (signal != SIGKILL)
        return;
    waitpid(member->pid, NULL, 0);
    member->pid = 0;
}

/* What a member says of a path, as JSON; NULL: nothing in time. */
static json_t *ask(struct members *members, size_t at, const char *path, const char *text)
{
    struct lede_etcd *client = NULL;
    struct lede_etcd_channel *channel = NULL;
    struct lede_etcd_answer answer = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    json_t *json = NULL;
    lede_buffer_append_string(&body, text);
    struct lede_etcd_options options = members_options(members);
    must(lede_etcd_open(&options, &client, NULL) == LEDE_OK &&
             lede_etcd_channel_new(&client->wire, NULL, &channel, NULL) == LEDE_OK,
        "a client");
    if (lede_etcd_ask(client, channel, at, path, &body, LEDE_ETCD_READS,
            lede_time_monotonic_ns() + 1000 * NS_PER_MS, &answer, NULL) == LEDE_OK)
        json = json_loadb(answer.text, answer.size, 0, NULL);
    lede_etcd_channel_free(channel);
    lede_etcd_free(client);
    return json;
}

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : "";
}

size_t members_leader(struct members *members)
{
    uint64_t until_ns = lede_time_monotonic_ns() + 20000 * NS_PER_MS;
    while (lede_time_monotonic_ns() < until_ns) {
        for (size_t i = 0; i < members->count; i++) {
            json_auto_t *status = ask(members, i, "/v3/maintenance/status", "{}");
            const char *leader = text_of(status, "leader");
            if (leader[0] &&
                !strcmp(leader, text_of(json_object_get(status, "header"), "member_id")))
                return i;
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    must(false, "etcd has no leader");
    return 0;
}

void member_wait(struct members *members, size_t at)
{
    uint64_t until_ns = lede_time_monotonic_ns() + START_MS * NS_PER_MS;
    while (lede_time_monotonic_ns() < until_ns) {
        json_auto_t *range = ask(members, at, "/v3/kv/range", "{\"key\":\"YQ==\"}");
        if (range)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    must(false, "a member of etcd does not answer");
}

const char *members_file(const struct members *members, const char *name)
{
    static char paths[4][128];
    static size_t next;
    char *path = paths[next++ % LEDE_COUNT_OF(paths)];
    snprintf(path, sizeof(paths[0]), "%s/%s", members->directory, name);
    return path;
}

struct lede_etcd_options members_options(const struct members *members)
{
    struct lede_etcd_options options = {.endpoints = members->endpoints};
    if (members->has_tls) {
        options.ca_file = members_file(members, "ca.pem");
        options.cert_file = members_file(members, "client.pem");
        options.key_file = members_file(members, "client.key");
    }
    return options;
}

static void make_directory(struct members *members)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(members->directory, sizeof(members->directory), "%.40s/lede-etcd-XXXXXX",
        temporary ? temporary : "/tmp");
    must(mkdtemp(members->directory) != NULL, "a directory");
}

static void start_all(struct members *members)
{
    size_t count = members->count;
    for (size_t i = 0; i < count; i++) {
        struct member *member = &members->items[i];
        size_t endpoints = strlen(members->endpoints), cluster = strlen(members->cluster);
        member->client_port = free_port();
        member->peer_port = free_port();
        snprintf(members->endpoints + endpoints, sizeof(members->endpoints) - endpoints,
            "%s%s://127.0.0.1:%u", i > 0 ? "," : "", scheme(members), member->client_port);
        snprintf(members->cluster + cluster, sizeof(members->cluster) - cluster,
            "%sm%zu=http://127.0.0.1:%u", i > 0 ? "," : "", i, member->peer_port);
    }
    for (size_t i = 0; i < count; i++)
        member_start(members, i);
    for (size_t i = 0; i < count; i++)
        member_wait(members, i);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void members_start(struct members *members, size_t count)
{
    *members = (struct members){.count = count};
    make_directory(members);
    start_all(members);
}

bool members_start_tls(struct members *members, size_t count)
{
    static const char script[] =
        "cd '%s' && exec >/dev/null 2>&1 && new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 "
        "-nodes' && for ca in ca other; do openssl req -x509 $new -days 2 -subj /CN=$ca -keyout "
        "$ca.key -out $ca.pem || exit 1; done && echo subjectAltName=IP:127.0.0.1 >names && for "
        "who in server client; do openssl req $new -subj /CN=$who -keyout $who.key -out $who.csr "
        "&& openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca.key -set_serial 0x1$$ -days 2 "
        "-extfile names -out $who.pem || exit 1; done";
    char command[1000];
    *members = (struct members){.count = count, .has_tls = true};
    make_directory(members);
    snprintf(command, sizeof(command), script, members->directory);
    if (system(command) != 0) {
        printf("1..0 # SKIP openssl makes no certificates\n");
        nftw(members->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        return false;
    }
    start_all(members);
    return true;
}

void members_stop(struct members *members)
{
    for (size_t i = 0; i < members->count; i++)
        member_signal(members, i, SIGKILL);
    nftw(members->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
