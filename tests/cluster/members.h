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
    bool has_tls; /* clients speak TLS, and show certificates */
};

/* Is there an etcd to be started? Says on standard output why not. */
bool members_are_there(void);
/* Start so many, and wait until they have a leader. */
void members_start(struct members *members, size_t count);
/* The same, where clients speak TLS: members_options() has what they need. Says on standard output
 * why it cannot be, and returns false. */
bool members_start_tls(struct members *members, size_t count);
/* Who a client is to trust and what it is to show, in directory/NAME.pem: `ca` and `client`;
 * `other` is an authority that vouches for nobody here. Static. */
const char *members_file(const struct members *members, const char *name);
/* How a client reaches them. */
struct lede_etcd_options members_options(const struct members *members);
void members_stop(struct members *members);
void member_start(struct members *members, size_t at);
/* Send a signal; after SIGKILL the member is gone when this returns. */
void member_signal(struct members *members, size_t at, int signal);
/* Which one leads? Waits for one, 20 s at most. */
size_t members_leader(struct members *members);
/* Wait until this one answers together with the others. */
void member_wait(struct members *members, size_t at);

#endif
