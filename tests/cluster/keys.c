/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(enum lede_status st, const struct lede_error *error)
{
    if (st == LEDE_OK)
        return;
    fprintf(stderr, "etcd: %s: %s\n", lede_status_name(st), error->message);
    abort();
}

/* ---- Keys ---- */

static enum lede_status put_if(struct lede_etcd *client, const struct lede_etcd_compare *compare,
    const struct lede_etcd_operation *put, bool *ret_succeeded, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
    const struct lede_etcd_txn txn = {
        .compares = compare, .compare_count = compare != NULL, .then = put, .then_count = 1};
    enum lede_status st = lede_etcd_commit(client, &txn, &result, reterr);
    *ret_succeeded = result.succeeded;
    return st;
}

enum lede_status create_key_bytes(struct lede_etcd *client, const char *key, const char *value,
    size_t size, int64_t lease, bool *ret_succeeded, struct lede_error *reterr)
{
    const struct lede_etcd_compare compare = {.key = key, .key_size = strlen(key)};
    const struct lede_etcd_operation put = {.kind = LEDE_ETCD_PUT,
        .key = key,
        .key_size = strlen(key),
        .value = value,
        .value_size = size,
        .lease = lease};
    return put_if(client, &compare, &put, ret_succeeded, reterr);
}

enum lede_status create_key(struct lede_etcd *client, const char *key, const char *value,
    size_t size, int64_t lease, bool *ret_succeeded)
{
    struct lede_error error = {0};
    enum lede_status st = create_key_bytes(client, key, value, size, lease, ret_succeeded, &error);
    if (st != LEDE_OK)
        printf("# %s\n", error.message);
    return st;
}

enum lede_status commit_fenced(
    struct lede_etcd *client, const char *fence, int64_t term, const char *key, bool *ret_succeeded)
{
    const struct lede_etcd_compare compare = {
        .key = fence, .key_size = strlen(fence), .number = term};
    const struct lede_etcd_operation put = {
        .kind = LEDE_ETCD_PUT, .key = key, .key_size = strlen(key)};
    return put_if(client, &compare, &put, ret_succeeded, NULL);
}

enum lede_status put_key(
    struct lede_etcd *client, const char *key, const char *value, struct lede_error *reterr)
{
    bool succeeded = false;
    const struct lede_etcd_operation put = {.kind = LEDE_ETCD_PUT,
        .key = key,
        .key_size = strlen(key),
        .value = value,
        .value_size = strlen(value)};
    return put_if(client, NULL, &put, &succeeded, reterr);
}

struct found {
    int64_t create_revision, mod_revision;
    char value[64];
};

static enum lede_status note_pair(
    void *context, const struct lede_etcd_pair *pair, struct lede_error *reterr)
{
    struct found *found = context;
    (void)reterr;
    found->create_revision = pair->create_revision;
    found->mod_revision = pair->mod_revision;
    snprintf(found->value, sizeof(found->value), "%s", pair->value);
    return LEDE_OK;
}

static struct found read_key(struct lede_etcd *client, const char *key, int64_t *ret_revision)
{
    struct found found = {0};
    struct lede_error error = {0};
    struct lede_etcd_range range = {.key = key, .key_size = strlen(key)};
    must(lede_etcd_read(client, &range, note_pair, &found, ret_revision, &error), &error);
    return found;
}

int64_t create_revision(struct lede_etcd *client, const char *key)
{
    return read_key(client, key, NULL).create_revision;
}

int64_t store_revision(struct lede_etcd *client)
{
    int64_t revision = 0;
    (void)read_key(client, "nothing", &revision);
    return revision;
}

bool key_is(struct lede_etcd *client, const char *key, const char *value)
{
    return !strcmp(read_key(client, key, NULL).value, value);
}

bool add_one(struct lede_etcd *client, const char *key)
{
    struct found found = read_key(client, key, NULL);
    struct lede_error error = {0};
    bool succeeded = false;
    char value[32];
    snprintf(value, sizeof(value), "%ld", strtol(found.value, NULL, 10) + 1);
    const struct lede_etcd_compare compare = {.key = key,
        .key_size = strlen(key),
        .target = LEDE_ETCD_MOD_REVISION,
        .number = found.mod_revision};
    const struct lede_etcd_operation put = {.kind = LEDE_ETCD_PUT,
        .key = key,
        .key_size = strlen(key),
        .value = value,
        .value_size = strlen(value)};
    must(put_if(client, &compare, &put, &succeeded, &error), &error);
    return succeeded;
}

/* ---- Watches ---- */

void watched_init(struct watched *watched)
{
    *watched = (struct watched){.mutex = PTHREAD_MUTEX_INITIALIZER};
}

/* Values that go up by one tell a gap as well as what comes twice. */
static void check_number(struct watched *watched, const char *value)
{
    long number = strtol(value, NULL, 10);
    bool is_next = number == watched->last_number + 1;
    watched->faults += watched->count > 0 && !is_next;
    watched->last_number = number;
}

void watched_take(void *context, const struct lede_etcd_event *event)
{
    struct watched *watched = context;
    pthread_mutex_lock(&watched->mutex);
    watched->faults += event->revision < watched->last_revision;
    watched->last_revision = event->revision;
    watched->last_kind = (int)event->kind;
    if (event->kind == LEDE_ETCD_EVENT_PROGRESS)
        watched->progress = event->revision;
    if (event->kind == LEDE_ETCD_EVENT_PUT && watched->is_counter)
        check_number(watched, event->pair.value);
    if (event->kind == LEDE_ETCD_EVENT_PUT || event->kind == LEDE_ETCD_EVENT_DELETE) {
        watched->ends += event->is_last;
        watched->count++;
    }
    watched->is_over =
        event->kind == LEDE_ETCD_EVENT_COMPACTED || event->kind == LEDE_ETCD_EVENT_TOO_LARGE;
    pthread_mutex_unlock(&watched->mutex);
}

void watched_wait(struct watched *watched, size_t count)
{
    for (int i = 0; i < 6000; i++) {
        pthread_mutex_lock(&watched->mutex);
        bool is_done = watched->count >= count || watched->is_over;
        pthread_mutex_unlock(&watched->mutex);
        if (is_done)
            return;
        usleep(10000);
    }
    fprintf(stderr, "the watch told %zu events, not %zu\n", watched_count(watched), count);
    abort();
}

size_t watched_count(struct watched *watched)
{
    pthread_mutex_lock(&watched->mutex);
    size_t count = watched->count;
    pthread_mutex_unlock(&watched->mutex);
    return count;
}

int64_t watched_progress(struct watched *watched)
{
    pthread_mutex_lock(&watched->mutex);
    int64_t revision = watched->progress;
    pthread_mutex_unlock(&watched->mutex);
    return revision;
}
