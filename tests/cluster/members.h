/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of a real etcd on loopback, at ports that the kernel picks. They end with the test,
 * however it ends. */
#ifndef LEDE_TESTS_CLUSTER_MEMBERS_H
#define LEDE_TESTS_CLUSTER_MEMBERS_H

#include "client.h"

#define MEMBERS_MAX 3

struct member {
    pid_t pid; /* 0: it does not run */
    unsigned client_port, peer_port;
};
struct members {
    struct member items[MEMBERS_MAX];
    size_t count;
    char directory[64];
    char endpoints[200]; /* as the client wants them */
    char cluster[300];
    const char *more; /* another flag of all members; NULL */
};

/* Is there an etcd to be started? Says on standard output why not. */
bool members_are_there(void);
/* Start so many, and wait until they have a leader. more  a flag for all of them; NULL */
void members_start(struct members *members, size_t count, const char *more);
void members_stop(struct members *members);
void member_start(struct members *members, size_t at);
/* Send a signal; after SIGKILL the member is gone when this returns. */
void member_signal(struct members *members, size_t at, int signal);
/* Which one leads? Waits for one, 20 s at most. */
size_t members_leader(struct members *members);
/* Wait until this one answers together with the others. */
void member_wait(struct members *members, size_t at);

#endif
