/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does etcd say? Transactions, ranges, leases and watches of an etcd 3.4 cluster.
 *
 * etcd is asked through its JSON gateway (HTTP), any member as good as another. A transaction is
 * the only write: it is sent once, and where its end is not known that is said (LEDE_ETIMEOUT).
 * Keys and values are bytes. */
#ifndef LEDE_ETCD_H
#define LEDE_ETCD_H

#include "lede/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_ETCD_ENDPOINTS_MAX 16
#define LEDE_ETCD_ADDRESS_BYTES_MAX 256
/* Bytes of keys and values in one transaction: etcd's own limit, --max-request-bytes. */
#define LEDE_ETCD_REQUEST_BYTES_MAX ((size_t)1536 << 10)
#define LEDE_ETCD_OPERATIONS_MAX 128 /* of each branch, and compares: --max-txn-ops */
#define LEDE_ETCD_KEY_BYTES_MAX 4096
/* The longest answer, and the longest line of a watch, as JSON. A message of etcd's is up to 1.5
 * MiB; small events take four times that as JSON. */
#define LEDE_ETCD_ANSWER_BYTES_MAX ((size_t)16 << 20)

/* ---- The client ---- */

/* Zeroes are defaults; texts are borrowed while lede_etcd_open() runs. */
struct lede_etcd_options {
    const char *endpoints;    /* `http://127.0.0.1:2379,https://[::1]:2379`, without paths */
    const char *ca_file;      /* PEM; who vouches for members; NULL: whom the system trusts */
    const char *cert_file;    /* PEM; what this client shows; NULL: nothing */
    const char *key_file;     /* PEM; goes with cert_file */
    uint32_t connect_ms;      /* for a connection; default 1 s */
    uint32_t timeout_ms;      /* for a call, over all members that it tries; default 5 s */
    uint32_t silence_ms;      /* after which a silent watch is looked after; default 5 s */
    size_t answer_bytes_max;  /* default LEDE_ETCD_ANSWER_BYTES_MAX */
    size_t request_bytes_max; /* default LEDE_ETCD_REQUEST_BYTES_MAX */
};

struct lede_etcd; /* any thread */

/* Make a client. Nothing is asked yet.
 * ret_client  owner: the caller; it outlives its leases, watches and calls
 * Status: OK; EINPUT an address that is none, or half of a certificate and its key; ENOMEM. */
LEDE_CHECKED enum lede_status lede_etcd_open(const struct lede_etcd_options *options,
    struct lede_etcd **ret_client, struct lede_error *reterr);
void lede_etcd_free(struct lede_etcd *client);
void lede_etcd_freep(struct lede_etcd **client);

/* Of every call, beside what it says itself:
 *   EBUSY        no member took it in time (none reached, no leader, too many requests): surely not
 *                done
 *   ETIMEOUT     it was sent, and its end is unknown: it may have been done, and it may yet be
 *   EINPUT       etcd refuses what it says, or who says it: surely not done
 *   ELIMIT       it is larger than etcd takes: surely not done
 *   EUNSUPPORTED that etcd does not know it
 *   ENOMEM       before it was sent. Where memory lacks for the answer, its end is unknown
 * What only reads is sent again to other members until the time is up. */

/* ---- Keys and values ---- */

struct lede_etcd_pair {
    const char *key, *value; /* NUL-terminated beside their sizes */
    size_t key_size, value_size;
    int64_t create_revision, mod_revision, version;
    int64_t lease; /* 0: none */
};

/* What a range found. */
struct lede_etcd_pairs {
    struct lede_etcd_pair *items;
    size_t count;
    int64_t total; /* that etcd has in the range, whatever the limit */
    bool has_more; /* behind the limit */
};

/* ---- Transactions ---- */

enum lede_etcd_target {
    LEDE_ETCD_CREATE_REVISION, /* 0: there is no such key */
    LEDE_ETCD_MOD_REVISION,
    LEDE_ETCD_VERSION, /* 0: there is no such key */
    LEDE_ETCD_VALUE,   /* of a key that is not there nothing is true */
};
enum lede_etcd_relation {
    LEDE_ETCD_EQUAL,
    LEDE_ETCD_NOT_EQUAL,
    LEDE_ETCD_LESS,
    LEDE_ETCD_GREATER,
};
struct lede_etcd_compare {
    const char *key;
    size_t key_size;
    enum lede_etcd_target target;
    enum lede_etcd_relation relation; /* of what etcd has to what is here */
    int64_t number;                   /* not for VALUE */
    const char *value;                /* for VALUE */
    size_t value_size;
};

enum lede_etcd_operation_kind {
    LEDE_ETCD_PUT,
    LEDE_ETCD_DELETE,
    LEDE_ETCD_RANGE,
};
struct lede_etcd_operation {
    enum lede_etcd_operation_kind kind;
    const char *key;
    size_t key_size;
    bool is_prefix; /* DELETE, RANGE: all keys that begin with it */
    const char *value;
    size_t value_size; /* PUT */
    int64_t lease;     /* PUT; 0: none */
    uint32_t limit;    /* RANGE: at most so many pairs; 0: all */
    bool keys_only;    /* RANGE */
};

/* If all compares hold then these operations, otherwise those; borrowed, all of it. A key is put at
 * most once in a branch. */
struct lede_etcd_txn {
    const struct lede_etcd_compare *compares;
    size_t compare_count;
    const struct lede_etcd_operation *then, *otherwise;
    size_t then_count, otherwise_count;
};

/* What one operation came to. */
struct lede_etcd_response {
    struct lede_etcd_pairs pairs; /* RANGE */
    int64_t deleted;              /* DELETE: keys */
};
struct lede_etcd_result {
    bool succeeded;   /* all compares held */
    int64_t revision; /* of the store after it; what it has written has this mod_revision */
    struct lede_etcd_response *responses; /* of the branch that was taken, in its order */
    size_t count;
    struct lede_arena memory;
};
void lede_etcd_result_done(struct lede_etcd_result *result);

/* Do a transaction. It is sent to one member after the other while it is surely not done, and once
 * a member may have it, to no other.
 * ret_result  zeroed; owner: the caller
 * Status: OK, whether it succeeded or not; those of every call; ENOTFOUND a put names a lease that
 * is not there: surely not done. etcd's `database space exceeded` is ETIMEOUT, since etcd 3.4 says
 * that of a transaction that it has done, too. */
LEDE_CHECKED enum lede_status lede_etcd_commit(struct lede_etcd *client,
    const struct lede_etcd_txn *txn, struct lede_etcd_result *ret_result,
    struct lede_error *reterr);

/* ---- Ranges ---- */

struct lede_etcd_range {
    const char *key; /* borrowed */
    size_t key_size;
    bool is_prefix;       /* all keys that begin with it; "" is all there are */
    int64_t revision;     /* as they were at this one; 0: the newest */
    bool is_serializable; /* what the asked member has, old maybe; otherwise a majority was asked */
    bool keys_only;
    uint32_t page; /* pairs an answer; default 256 */
};

/* Takes a pair, in the order of keys; it is borrowed while the call lasts. Anything but OK ends the
 * range with that status. */
typedef enum lede_status (*lede_etcd_pair_function)(
    void *context, const struct lede_etcd_pair *pair, struct lede_error *reterr);

/* Read keys, page by page, all at one revision. A page that is larger than the client's limit is
 * asked for again with half as many pairs.
 * ret_revision  of what was read; may be NULL
 * Status: OK; those of every call; ENOTFOUND the revision is compacted (or was while it was read:
 * where the newest was asked for, it can be begun anew); ELIMIT one pair is larger than the limit;
 * EINPUT also for a revision to come. */
LEDE_CHECKED enum lede_status lede_etcd_read(struct lede_etcd *client,
    const struct lede_etcd_range *range, lede_etcd_pair_function take, void *context,
    int64_t *ret_revision, struct lede_error *reterr);

/* Let etcd forget what was before a revision. Status: OK, also where that is done already; those of
 * every call; EINPUT also for a revision to come. */
LEDE_CHECKED enum lede_status lede_etcd_compact(
    struct lede_etcd *client, int64_t revision, struct lede_error *reterr);

/* ---- Leases ---- */

#define LEDE_ETCD_TTL_MAX_S 86400

struct lede_etcd_lease_options {
    uint32_t ttl_s;     /* 1 to LEDE_ETCD_TTL_MAX_S; etcd may give a longer one, which is kept to */
    uint32_t margin_ms; /* it counts as lost so much earlier; default a fifth of the TTL */
    /* Called once, in the lease's thread, when it is lost; not when it is revoked or freed. NULL:
     * nobody. It must not free the lease. */
    void (*on_lost)(void *context);
    void *context;
};

struct lede_etcd_lease; /* any thread */

/* Be granted a lease, and keep it alive in a thread of its own. It is lost for good when etcd says
 * so, or when a TTL, less the margin, has passed since the last keepalive that was answered was
 * SENT: by then etcd cannot have given its keys to another, whenever that one arrived. Time is
 * counted while the machine is suspended, too.
 * ret_lease  owner: the caller
 * Status: OK; those of every call (an ETIMEOUT may leave a lease behind that ends by itself);
 * EINPUT also for a TTL out of range or a margin that is not below it; ENOSPC. */
LEDE_CHECKED enum lede_status lede_etcd_lease_open(struct lede_etcd *client,
    const struct lede_etcd_lease_options *options, struct lede_etcd_lease **ret_lease,
    struct lede_error *reterr);
int64_t lede_etcd_lease_id(const struct lede_etcd_lease *lease);
/* Is it surely held now? Exact whatever the thread does, and never true again once it was false.
 * What is done by this answer is done a
 * moment later: what must not be done without the lease is fenced by a transaction that compares
 * the create revision of a key of the lease's. */
bool lede_etcd_lease_is_held(struct lede_etcd_lease *lease);
/* For how long yet, if nothing more is heard? 0: it is lost. */
uint64_t lede_etcd_lease_left_ms(struct lede_etcd_lease *lease);
/* Give it back: from here on it is not held, and etcd deletes its keys. Status: OK, also where etcd
 * had ended it; those of every call. */
LEDE_CHECKED enum lede_status lede_etcd_lease_revoke(
    struct lede_etcd_lease *lease, struct lede_error *reterr);
/* End its thread, at once. What was not revoked lasts in etcd until its TTL has passed. */
void lede_etcd_lease_free(struct lede_etcd_lease *lease);
void lede_etcd_lease_freep(struct lede_etcd_lease **lease);

/* ---- Watches ---- */

enum lede_etcd_event_kind {
    LEDE_ETCD_EVENT_PUT,
    LEDE_ETCD_EVENT_DELETE, /* key and mod_revision */
    /* all events up to `revision` were told; comes as etcd is set to send it (ten minutes) */
    LEDE_ETCD_EVENT_PROGRESS,
    /* etcd has forgotten what came next, up to before `revision`; the last event: read anew */
    LEDE_ETCD_EVENT_COMPACTED,
    /* an event is larger than the client's limit; the last event */
    LEDE_ETCD_EVENT_TOO_LARGE,
};
struct lede_etcd_event {
    enum lede_etcd_event_kind kind;
    int64_t revision;
    bool is_last; /* PUT, DELETE: of its revision, of those that are watched */
    struct lede_etcd_pair pair;
};
/* Takes an event, in the watch's thread; it is borrowed while the call lasts. It must not free the
 * watch. */
typedef void (*lede_etcd_event_function)(void *context, const struct lede_etcd_event *event);

struct lede_etcd_watch; /* any thread */

/* Be told of every change of keys that begin with a prefix, from a revision on: in the order of
 * revisions, none left out, none twice, whatever members and connections do. A thread of its own
 * follows one member, and another where that one falls silent or has no leader.
 * prefix     borrowed; "" is all keys
 * revision   >= 1; the one behind what lede_etcd_read() read
 * Status: OK; EINPUT; ELIMIT the prefix; ENOMEM; EBUSY no thread. */
LEDE_CHECKED enum lede_status lede_etcd_watch_open(struct lede_etcd *client, const char *prefix,
    size_t prefix_size, int64_t revision, lede_etcd_event_function take, void *context,
    struct lede_etcd_watch **ret_watch, struct lede_error *reterr);
/* End its thread, at once but for a call of `take` that is under way. Nothing is told
 * afterwards. */
void lede_etcd_watch_free(struct lede_etcd_watch *watch);
void lede_etcd_watch_freep(struct lede_etcd_watch **watch);

#ifdef __cplusplus
}
#endif
#endif
