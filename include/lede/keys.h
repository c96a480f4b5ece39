/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may do what? Keys: their file in the data directory, and what a key grants.
 *
 * A key is told once, when it is made: `lede_<id>_<secret>`, 8 and 64 hexadecimal digits. Its id
 * is no secret. The file has a hash of it alone. As long as there is no file, nobody needs a key.
 * Other processes may change the file: it is looked at once a second. A file that goes while it is
 * served changes nothing: a server does not become open by that.
 *
 * A key may be a parent: whoever has it makes derived keys without asking, which can only search,
 * until a moment, what both its filter and theirs let through:
 *
 *     lede_<id>.<expires>.<filter>.<signature>
 *
 *     expires    seconds since 1970 UTC, decimal
 *     filter     a query in base64url without padding (RFC 4648, section 5); empty: none of its own
 *     signature  64 hexadecimal digits: HMAC-SHA-256 of all that stands before its dot; the HMAC's
 *                key is the SHA-256 of the parent's secret, of its 64 digits as they are written
 *
 * So the file has that SHA-256 of a parent, and is a secret where there are parents. */
#ifndef LEDE_KEYS_H
#define LEDE_KEYS_H

#include "lede/buffer.h"

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_KEY_ID_SIZE 9     /* with its NUL */
#define LEDE_KEY_TOKEN_SIZE 79 /* of a key that is not derived, with its NUL */
#define LEDE_KEYS_MAX 1000     /* in a file */
#define LEDE_KEY_NOTE_BYTES_MAX 200
#define LEDE_KEY_RATE_MAX 100000 /* requests a second, searches at a time */
#define LEDE_KEYS_FILE "keys.json"

/* What a route lets its caller do. */
enum lede_right {
    LEDE_RIGHT_NONE,   /* nothing that has to do with documents: health, the page */
    LEDE_RIGHT_SEARCH, /* searches, suggestions, similar documents */
    LEDE_RIGHT_READ,   /* a document by its id */
    LEDE_RIGHT_WRITE,  /* and to see what is embargoed, expired or withheld */
    LEDE_RIGHT_DELETE, /* by id, in bulk, by query */
    LEDE_RIGHT_ADMIN,  /* backups, statistics, metrics, what was asked, keys */
    LEDE_RIGHT_FEED,   /* Atom and RSS alone; the key stands in the address */
    LEDE_RIGHTS,
};
#define LEDE_RIGHT_BIT(right) (1U << (right))
/* "search"; static. */
const char *lede_right_name(enum lede_right right);

/* What a request may do, and what it is bound to. */
struct lede_grant {
    uint32_t rights; /* LEDE_RIGHT_BIT()s */
    /* Queries of ours (`source:AP NOT tag:internal`), a line each: documents that do not satisfy
     * all of them are not there for the request, whichever way it looks. Empty: all are. */
    struct lede_buffer filters;
    bool without_texts; /* what it asks is counted, and told to nobody */
};

/* How much a key may ask. */
struct lede_key_quota {
    uint64_t who;           /* a number that is no other key's; a derived key has its own */
    int64_t rate, searches; /* requests a second, searches at a time; 0: any; -1: it does not say */
};

struct lede_keys;

/* Read the keys of a data directory.
 * directory  borrowed for the call
 * ret_keys   owner: the caller, lede_keys_free()
 * Status: OK, also where there is no file; ECORRUPT the file is not as it was written; EVERSION;
 * EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_keys_open(
    const char *directory, struct lede_keys **ret_keys, struct lede_error *reterr);
void lede_keys_free(struct lede_keys *keys);
void lede_keys_freep(struct lede_keys **keys);
/* Read them again. On failure they stay as they were. Status: as of lede_keys_open(). Threads: any,
 * as of all that follows. */
LEDE_CHECKED enum lede_status lede_keys_reload(struct lede_keys *keys, struct lede_error *reterr);

/* The key that the value of an Authorization header has: `Bearer KEY`, `ApiKey KEY`, and as base64
 * `ApiKey ID:KEY` and `Basic USER:KEY`, whatever the id or the user.
 * ret_key  it is appended, and is not looked at; to be checked for a failure
 * Returns false where it is of no such form. */
bool lede_key_of_authorization(const char *value, struct lede_buffer *ret_key);
/* Is what a key asks to be told to nobody? id  of a key, or of a derived one's parent. */
bool lede_keys_are_without_texts(struct lede_keys *keys, const char *id);
/* Does a request need a key? */
bool lede_keys_are_required(struct lede_keys *keys);
/* What a key grants now.
 * token      a key, or a derived one, as a client sent it
 * ret_grant  empty; to be freed by the caller, whatever is returned
 * Returns false for what is no key of ours, not any more, or not of this moment. */
bool lede_keys_check(
    struct lede_keys *keys, const char *token, int64_t now_utc_s, struct lede_grant *ret_grant);

/* How much may be asked with a key; one that is derived has what its parent says. Never reads a
 * file.
 * Returns false for what lede_keys_check() knows not either. */
bool lede_keys_quota(
    struct lede_keys *keys, const char *token, int64_t now_utc_s, struct lede_key_quota *ret_quota);

/* Make a key.
 * wanted    {"rights": ["search", …], "filter": "…", "expires": "2026-12-01" or "90d",
 *           "note": "…", "may_derive": true, "no_texts": true, "rate": 20, "searches": 4}, of
 *           which rights alone is required; or {"replaces": id, "overlap": "7d", "expires": …}: a
 *           successor of another key with all that it has, which ends after the overlap (a day)
 * ret_made  owner: the caller; the key as lede_keys_list() has it, with "key": what to send
 * Status: OK; EINPUT with param; ENOTFOUND an unknown member, with param; ELIMIT LEDE_KEYS_MAX;
 * EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_keys_make(
    struct lede_keys *keys, const json_t *wanted, json_t **ret_made, struct lede_error *reterr);
/* Status: OK; ENOTFOUND no such key; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_keys_revoke(
    struct lede_keys *keys, const char *id, struct lede_error *reterr);
/* {"keys": [{"id", "rights", "filter", "note", "created", "expires", "may_derive", "no_texts",
 * "rate", "searches", "replaced_by"}, …]}; owner: the caller; NULL without memory. */
json_t *lede_keys_list(struct lede_keys *keys);
/* A key with every right that is in no file and ends with this process; from now on one is
 * required. */
void lede_keys_make_own(struct lede_keys *keys, char ret_token[LEDE_KEY_TOKEN_SIZE]);

/* Make a derived key.
 * parent     a key
 * filter     a query; "": none of its own
 * ret_token  the derived key is appended
 * Status: OK; EINPUT no key, or a filter that has a line's end or is too long; ENOMEM. */
LEDE_CHECKED enum lede_status lede_key_derive(const char *parent, const char *filter,
    int64_t expires_utc_s, struct lede_buffer *ret_token, struct lede_error *reterr);
/* Read an expiry: a moment, or a duration from now on. Status: OK; EINPUT. */
LEDE_CHECKED enum lede_status lede_key_parse_expiry(
    const char *text, int64_t now_utc_s, int64_t *ret_utc_s, struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
