/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A member of etcd that says what a test wants it to say, or that breaks connections. */
#ifndef LEDE_TESTS_CLUSTER_FAKE_ETCD_H
#define LEDE_TESTS_CLUSTER_FAKE_ETCD_H

#include <stdbool.h>
#include <stddef.h>

struct fake;

struct fake_request {
    size_t number; /* of all that this member got, from 0 */
    const char *path, *body;
    int socket;
};
/* Answers a request; several threads. Returns whether the connection stays open for another. */
typedef bool (*fake_function)(void *context, const struct fake_request *request);

struct fake *fake_start(fake_function function, void *context);
/* Ends connections and waits for their threads. */
void fake_stop(struct fake *fake);
const char *fake_endpoint(const struct fake *fake);
size_t fake_request_count(struct fake *fake);

/* The whole of an answer. Returns true. */
bool fake_answer(const struct fake_request *request, int status, const char *json);
/* An answer without an end: its head, and pieces of it. */
void fake_begin(const struct fake_request *request);
void fake_send(const struct fake_request *request, const char *text, size_t size);
void fake_line(const struct fake_request *request, const char *json);
/* Wait until the client has ended the connection, or five seconds. */
void fake_wait_for_end(const struct fake_request *request);

#endif
