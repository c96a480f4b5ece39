/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clerk ENDPOINTS PROCESS SECONDS KEYS [serializable]: reads, writes and compares-and-sets
 * registers in etcd by Lede's client, and prints what it asked and heard, as history.py reads it.
 * With the last word it reads alone, and what one member has, old maybe. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lede/etcd.h"
#include "lede/time.h"

#define TIMEOUT_MS 1500
#define PAUSE_NS 4000000

struct clerk {
    struct lede_etcd *client;
    long process, next;
    bool is_serializable;
    char seen[16][32]; /* the last value of each key that it knows; "": none */
    struct lede_error error;
};

struct asked {
    const char *kind;
    char key[16];
    char value[80]; /* as JSON */
    double start_s;
};

static double now_s(void)
{
    return (double)lede_time_monotonic_ns() / 1e9;
}

static void tell(
    const struct clerk *clerk, const struct asked *asked, const char *outcome, bool is_refused)
{
    printf("{\"process\": %ld, \"kind\": \"%s\", \"key\": \"%s\", \"value\": %s, \"start\": %.9f, "
           "\"end\": ",
        clerk->process, asked->kind, asked->key, asked->value, asked->start_s);
    if (strcmp(outcome, "unknown") == 0)
        printf("null");
    else
        printf("%.9f", now_s());
    printf(", \"outcome\": \"%s\", \"is_refused\": %s}\n", outcome, is_refused ? "true" : "false");
    fflush(stdout);
}

static enum lede_status note(
    void *context, const struct lede_etcd_pair *pair, struct lede_error *reterr)
{
    (void)reterr;
    snprintf(context, 32, "%s", pair->value);
    return LEDE_OK;
}

static const char *or_null(const char *value)
{
    return value[0] ? value : "null";
}

static void read_key(struct clerk *clerk, struct asked *asked, char seen[32])
{
    char value[32] = "";
    struct lede_etcd_range range = {.key = asked->key,
        .key_size = strlen(asked->key),
        .is_serializable = clerk->is_serializable};
    enum lede_status st = lede_etcd_read(clerk->client, &range, note, value, NULL, &clerk->error);
    if (st == LEDE_OK)
        memcpy(seen, value, sizeof(value));
    snprintf(asked->value, sizeof(asked->value), "%s", or_null(value));
    tell(clerk, asked, st == LEDE_OK ? "ok" : "fail", false);
}

/* Write, or compare and set where `expected` is not NULL; "": that there is none. */
static void write_key(struct clerk *clerk, struct asked *asked, const char *expected)
{
    char value[32];
    LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
    snprintf(value, sizeof(value), "%ld", clerk->process * 1000000 + ++clerk->next);
    struct lede_etcd_compare compare = {.key = asked->key, .key_size = strlen(asked->key)};
    if (expected && expected[0]) {
        compare.target = LEDE_ETCD_VALUE;
        compare.value = expected;
        compare.value_size = strlen(expected);
    }
    const struct lede_etcd_operation put = {.kind = LEDE_ETCD_PUT,
        .key = asked->key,
        .key_size = strlen(asked->key),
        .value = value,
        .value_size = strlen(value)};
    if (expected)
        snprintf(asked->value, sizeof(asked->value), "[%s, %s]", or_null(expected), value);
    else
        snprintf(asked->value, sizeof(asked->value), "%s", value);
    enum lede_status st = lede_etcd_commit(clerk->client,
        &(struct lede_etcd_txn){
            .compares = &compare, .compare_count = expected != NULL, .then = &put, .then_count = 1},
        &result, &clerk->error);
    const char *outcome = st == LEDE_OK ? "ok" : st == LEDE_ETIMEOUT ? "unknown" : "fail";
    tell(clerk, asked, outcome, st == LEDE_OK && !result.succeeded);
}

static void work(struct clerk *clerk, double seconds, unsigned keys)
{
    double ends_s = now_s() + seconds;
    unsigned chance = (unsigned)clerk->process * 2654435761U;
    while (now_s() < ends_s) {
        struct asked asked = {.start_s = now_s()};
        chance = chance * 1664525U + 1013904223U;
        unsigned key = (chance >> 8) % keys, what = clerk->is_serializable ? 0 : (chance >> 16) % 3;
        char before[32];
        snprintf(asked.key, sizeof(asked.key), "r%u", key);
        memcpy(before, clerk->seen[key], sizeof(before));
        asked.kind = what == 0 ? "read" : what == 1 ? "write" : "cas";
        if (what == 0)
            read_key(clerk, &asked, clerk->seen[key]);
        else
            write_key(clerk, &asked, what == 2 ? before : NULL);
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
}

int main(int count, char **words)
{
    if (count < 5)
        return 2;
    struct clerk clerk = {.process = strtol(words[2], NULL, 10), .is_serializable = count > 5};
    struct lede_etcd_options options = {
        .endpoints = words[1], .timeout_ms = TIMEOUT_MS, .connect_ms = 300};
    if (lede_etcd_open(&options, &clerk.client, &clerk.error) != LEDE_OK) {
        fprintf(stderr, "%s\n", clerk.error.message);
        return 1;
    }
    work(&clerk, strtod(words[3], NULL), (unsigned)strtoul(words[4], NULL, 10) % 16);
    lede_etcd_free(clerk.client);
    return 0;
}
