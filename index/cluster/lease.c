/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lease counts from the sending of the last keepalive that was answered: etcd counts from its
 * arrival, which is later, so that ours ends first, whatever the network did to the answer. A new
 * leader of etcd's gives every lease a whole TTL anew, and an election's time beside.
 *
 * The clock is the one that goes on while the machine is suspended. */
#include "answers.h"
#include "client.h"
#include "lede/time.h"
#include "requests.h"

#include <stdlib.h>
#include <time.h>

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
#define MARGIN_PARTS 5        /* the default margin is that part of the TTL */
#define KEEPALIVE_PARTS 3     /* one is sent when so much of the TTL has passed */
#define ATTEMPT_PARTS 6       /* a member has that part of the TTL to answer it */
#define RETRY_MS UINT64_C(50) /* between two of which the first failed */

struct lede_etcd_lease {
    struct lede_etcd *client;
    struct lede_etcd_channel *channel; /* the thread's */
    void (*on_lost)(void *context);
    void *context;
    int64_t id;
    uint64_t ttl_ns, margin_ns;
    _Atomic uint64_t until_ns; /* by boot_ns(); 0: it is lost or given back */
    atomic_bool is_revoked;
    atomic_bool stops;
    bool has_thread;
    pthread_t thread;
};

static uint64_t boot_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* A moment of that clock by the one that waits go by. */
static uint64_t monotonic_of(uint64_t at_boot_ns)
{
    uint64_t now_ns = boot_ns();
    return lede_time_monotonic_ns() + (at_boot_ns > now_ns ? at_boot_ns - now_ns : 0);
}

/* For how long yet? Who sees that its time is over makes it so for all: an answer that is on its
 * way does not bring it back. */
static uint64_t left_ns(struct lede_etcd_lease *lease)
{
    uint64_t until_ns = atomic_load(&lease->until_ns), now_ns = boot_ns();
    while (until_ns > 0 && until_ns <= now_ns)
        if (atomic_compare_exchange_weak(&lease->until_ns, &until_ns, 0))
            return 0;
    return until_ns > now_ns ? until_ns - now_ns : 0;
}

bool lede_etcd_lease_is_held(struct lede_etcd_lease *lease)
{
    return left_ns(lease) > 0;
}

uint64_t lede_etcd_lease_left_ms(struct lede_etcd_lease *lease)
{
    return left_ns(lease) / NS_PER_MS;
}

int64_t lede_etcd_lease_id(const struct lede_etcd_lease *lease)
{
    return lease->id;
}

/* Only a lease that is held is prolonged: what was lost or given back stays so. */
static void prolong(struct lede_etcd_lease *lease, uint64_t sent_ns, uint64_t ttl_ns)
{
    uint64_t until_ns = atomic_load(&lease->until_ns);
    uint64_t longer_ns = sent_ns + ttl_ns - lease->margin_ns;
    if (ttl_ns <= lease->margin_ns)
        return;
    while (until_ns > 0 && longer_ns > until_ns)
        if (atomic_compare_exchange_weak(&lease->until_ns, &until_ns, longer_ns))
            return;
}

/* Ask a member to prolong it. ret_is_gone  etcd has ended it */
static bool keep_alive(struct lede_etcd_lease *lease, size_t endpoint, bool *ret_is_gone)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    struct lede_etcd_answer answer = {0};
    int64_t id = 0, ttl_s = 0;
    uint64_t sent_ns = boot_ns();
    uint64_t ends_ns = sent_ns + lease->ttl_ns / ATTEMPT_PARTS;
    uint64_t until_ns = atomic_load(&lease->until_ns);
    lede_etcd_write_lease(&body, lease->id);
    if (lede_buffer_status(&body) != LEDE_OK)
        return false;
    enum lede_status st =
        lede_etcd_ask(lease->client, lease->channel, endpoint, "/v3/lease/keepalive", &body,
            LEDE_ETCD_READS, monotonic_of(ends_ns < until_ns ? ends_ns : until_ns), &answer, NULL);
    *ret_is_gone = st == LEDE_ENOTFOUND;
    if (st != LEDE_OK ||
        lede_etcd_read_lease(answer.text, answer.size, &id, &ttl_s, NULL) != LEDE_OK ||
        id != lease->id)
        return false;
    *ret_is_gone = ttl_s == 0;
    uint64_t ttl_ns = (uint64_t)ttl_s * NS_PER_S;
    prolong(lease, sent_ns, ttl_ns < lease->ttl_ns ? ttl_ns : lease->ttl_ns);
    return !*ret_is_gone;
}

static void *run(void *context)
{
    struct lede_etcd_lease *lease = context;
    size_t endpoint = atomic_load(&lease->client->preferred);
    uint64_t wait_ns = lease->ttl_ns / KEEPALIVE_PARTS;
    bool is_gone = false;
    for (;;) {
        uint64_t next_ns = boot_ns() + wait_ns;
        uint64_t until_ns = atomic_load(&lease->until_ns);
        uint64_t wake_ns = monotonic_of(next_ns < until_ns ? next_ns : until_ns);
        if (lede_etcd_channel_pause(lease->channel, wake_ns) != LEDE_OK)
            return NULL;
        if (!lede_etcd_lease_is_held(lease))
            break;
        if (keep_alive(lease, endpoint, &is_gone)) {
            wait_ns = lease->ttl_ns / KEEPALIVE_PARTS;
            continue;
        }
        if (is_gone) {
            atomic_store(&lease->until_ns, 0);
            break;
        }
        lede_etcd_avoid(lease->client, endpoint);
        endpoint = (endpoint + 1) % lease->client->endpoint_count;
        wait_ns = RETRY_MS * NS_PER_MS;
    }
    if (!atomic_load(&lease->is_revoked) && !atomic_load(&lease->stops) && lease->on_lost)
        lease->on_lost(lease->context);
    return NULL;
}

void lede_etcd_lease_free(struct lede_etcd_lease *lease)
{
    if (!lease)
        return;
    atomic_store(&lease->stops, true);
    if (lease->has_thread) {
        lede_etcd_channel_wake(lease->channel);
        pthread_join(lease->thread, NULL);
    }
    lede_etcd_channel_free(lease->channel);
    free(lease);
}

void lede_etcd_lease_freep(struct lede_etcd_lease **lease)
{
    lede_etcd_lease_free(*lease);
}

/* Sent again where its end is unknown: a lease that nobody keeps alive ends by itself. */
static enum lede_status grant(
    struct lede_etcd_lease *lease, uint32_t ttl_s, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    struct lede_etcd_channel *channel = NULL;
    struct lede_etcd_answer answer = {0};
    int64_t granted_s = 0;
    lede_etcd_write_grant(&body, ttl_s);
    uint64_t sent_ns = boot_ns();
    enum lede_status st = lede_etcd_call(
        lease->client, "/v3/lease/grant", &body, LEDE_ETCD_READS, &channel, &answer, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_error why = {0};
    st = lede_etcd_read_lease(answer.text, answer.size, &lease->id, &granted_s, &why);
    lede_etcd_give_back(lease->client, channel);
    if (st != LEDE_OK || granted_s < ttl_s)
        return lede_fail(
            reterr, LEDE_ETIMEOUT, "whether a lease was granted is not known: %s", why.message);
    lease->ttl_ns = (uint64_t)granted_s * NS_PER_S;
    atomic_store(&lease->until_ns, sent_ns + lease->ttl_ns - lease->margin_ns);
    return LEDE_OK;
}

static enum lede_status start(struct lede_etcd_lease *lease, struct lede_error *reterr)
{
    if (pthread_create(&lease->thread, NULL, run, lease) != 0)
        return lede_fail(reterr, LEDE_EBUSY, "there is no thread for the lease");
    lease->has_thread = true;
    return LEDE_OK;
}

enum lede_status lede_etcd_lease_open(struct lede_etcd *client,
    const struct lede_etcd_lease_options *options, struct lede_etcd_lease **ret_lease,
    struct lede_error *reterr)
{
    uint64_t ttl_ms = (uint64_t)options->ttl_s * 1000;
    uint64_t margin_ms = options->margin_ms ? options->margin_ms : ttl_ms / MARGIN_PARTS;
    if (options->ttl_s < 1 || options->ttl_s > LEDE_ETCD_TTL_MAX_S || margin_ms >= ttl_ms)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a lease of 1 to %d s and a margin below that, found %u s and %llu ms",
            LEDE_ETCD_TTL_MAX_S, options->ttl_s, (unsigned long long)margin_ms);
    LEDE_CLEANUP(lede_etcd_lease_freep) struct lede_etcd_lease *lease = calloc(1, sizeof(*lease));
    if (!lease)
        return lede_fail_memory(reterr);
    lease->client = client;
    lease->on_lost = options->on_lost;
    lease->context = options->context;
    lease->margin_ns = margin_ms * NS_PER_MS;
    enum lede_status st =
        lede_etcd_channel_new(&client->wire, &lease->stops, &lease->channel, reterr);
    if (st == LEDE_OK)
        st = grant(lease, options->ttl_s, reterr);
    if (st == LEDE_OK)
        st = start(lease, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_lease = LEDE_TAKE(&lease);
    return LEDE_OK;
}

enum lede_status lede_etcd_lease_revoke(struct lede_etcd_lease *lease, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    struct lede_etcd_channel *channel = NULL;
    struct lede_etcd_answer answer = {0};
    atomic_store(&lease->is_revoked, true);
    atomic_store(&lease->until_ns, 0);
    lede_etcd_write_lease(&body, lease->id);
    enum lede_status st = lede_etcd_call(
        lease->client, "/v3/lease/revoke", &body, LEDE_ETCD_READS, &channel, &answer, reterr);
    if (st == LEDE_OK)
        lede_etcd_give_back(lease->client, channel);
    return st == LEDE_ENOTFOUND ? LEDE_OK : st;
}
