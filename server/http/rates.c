/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rates.h"

#include "lede/time.h"

#include <stdlib.h>

/* Clients of one hash stand in a row; the one that asked least lately gives way. */
#define ROWS 1024
#define IN_A_ROW 8
#define NS_PER_S UINT64_C(1000000000)

struct client {
    uint64_t who; /* 0: nobody */
    uint64_t seen_ns;
    uint64_t credit; /* requests that it may make, times NS_PER_S */
    uint32_t running;
};

struct lede_http_rates {
    pthread_mutex_t lock;
    struct client clients[ROWS][IN_A_ROW];
};

struct lede_http_rates *lede_http_rates_new(void)
{
    struct lede_http_rates *rates = calloc(1, sizeof(*rates));
    if (rates)
        pthread_mutex_init(&rates->lock, NULL);
    return rates;
}

void lede_http_rates_free(struct lede_http_rates *rates)
{
    if (!rates)
        return;
    pthread_mutex_destroy(&rates->lock);
    free(rates);
}

/* A client's place; NULL: it has none. */
static struct client *find(struct lede_http_rates *rates, uint64_t who)
{
    struct client *row = rates->clients[who % ROWS];
    for (size_t i = 0; i < IN_A_ROW; i++) {
        if (row[i].who == who)
            return &row[i];
    }
    return NULL;
}

/* The same; it gets one where it has none. NULL: everybody in its row has searches running. */
static struct client *find_or_add(
    struct lede_http_rates *rates, const struct lede_http_client *asking, uint64_t now)
{
    struct client *found = find(rates, asking->who), *oldest = NULL;
    struct client *row = rates->clients[asking->who % ROWS];
    if (found)
        return found;
    for (size_t i = 0; i < IN_A_ROW; i++) {
        if (row[i].running == 0 && (!oldest || row[i].seen_ns < oldest->seen_ns))
            oldest = &row[i];
    }
    if (oldest)
        *oldest = (struct client){
            .who = asking->who, .seen_ns = now, .credit = asking->requests_per_s_max * NS_PER_S};
    return oldest;
}

bool lede_http_rates_take(struct lede_http_rates *rates, const struct lede_http_client *asking,
    struct lede_http_rate *ret_rate)
{
    uint32_t a_second = asking->requests_per_s_max;
    uint64_t now = lede_time_monotonic_ns(), full = a_second * NS_PER_S;
    *ret_rate = (struct lede_http_rate){0};
    if (a_second == 0)
        return true;
    pthread_mutex_lock(&rates->lock);
    struct client *client = find_or_add(rates, asking, now);
    uint64_t passed = client && client->seen_ns < now ? now - client->seen_ns : 0;
    uint64_t credit = client ? client->credit : full;
    /* More than a second gives no more than its quota. */
    credit += (passed < NS_PER_S ? passed : NS_PER_S) * a_second;
    credit = credit < full ? credit : full;
    bool is_taken = credit >= NS_PER_S;
    credit -= is_taken ? NS_PER_S : 0;
    if (client) {
        client->credit = credit;
        client->seen_ns = now;
    }
    pthread_mutex_unlock(&rates->lock);
    /* The bucket is full again within a second, whatever its quota. */
    *ret_rate = (struct lede_http_rate){
        .quota = a_second, .left = (uint32_t)(credit / NS_PER_S), .reset_s = 1};
    return is_taken;
}

bool lede_http_rates_begin(struct lede_http_rates *rates, const struct lede_http_client *asking)
{
    pthread_mutex_lock(&rates->lock);
    struct client *client = find_or_add(rates, asking, lede_time_monotonic_ns());
    bool may_run = !client || client->running < asking->searches_max;
    if (client)
        client->running += may_run;
    pthread_mutex_unlock(&rates->lock);
    return may_run;
}

void lede_http_rates_end(struct lede_http_rates *rates, uint64_t who)
{
    pthread_mutex_lock(&rates->lock);
    struct client *client = find(rates, who);
    if (client && client->running > 0)
        client->running--;
    pthread_mutex_unlock(&rates->lock);
}
