/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests do with keys of a real etcd, and what they remember of a watch. */
#ifndef LEDE_TESTS_CLUSTER_KEYS_H
#define LEDE_TESTS_CLUSTER_KEYS_H

#include "lede/etcd.h"

#include <pthread.h>

/* Put a key that is not there yet. The status is that of lede_etcd_commit(). */
enum lede_status create_key_bytes(struct lede_etcd *client, const char *key, const char *value,
    size_t size, int64_t lease, bool *ret_succeeded, struct lede_error *reterr);
enum lede_status create_key(struct lede_etcd *client, const char *key, const char *value,
    size_t size, int64_t lease, bool *ret_succeeded);
/* Put a key if another has this create revision. */
enum lede_status commit_fenced(struct lede_etcd *client, const char *fence, int64_t term,
    const char *key, bool *ret_succeeded);
/* Put any. */
enum lede_status put_key(
    struct lede_etcd *client, const char *key, const char *value, struct lede_error *reterr);
/* 0: it is not there. These end the test where etcd cannot be read. */
int64_t create_revision(struct lede_etcd *client, const char *key);
int64_t store_revision(struct lede_etcd *client);
bool key_is(struct lede_etcd *client, const char *key, const char *value);
/* Read a number and put it with one more, if nobody else has changed it. Returns whether it was so;
 * an end that is not known ends the test. */
bool add_one(struct lede_etcd *client, const char *key);

/* What a watch told. */
struct watched {
    pthread_mutex_t mutex;
    size_t count, ends;    /* puts and deletions; those that were their revision's last */
    size_t faults;         /* revisions that went back; counters that did not go on by one */
    int64_t last_revision; /* of any event */
    int last_kind;
    int64_t progress;
    long last_number; /* of values that are numbers */
    bool is_counter;  /* values are numbers that go up by one */
    bool is_over;     /* the watch has ended itself */
};
void watched_init(struct watched *watched);
void watched_take(void *context, const struct lede_etcd_event *event);
/* Wait for so many events, or for the watch's end; 60 s at most. */
void watched_wait(struct watched *watched, size_t count);
size_t watched_count(struct watched *watched);
int64_t watched_progress(struct watched *watched);

#endif
