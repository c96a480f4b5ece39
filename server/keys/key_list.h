/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys as the file has them, and as they are compared.
 *
 * The file: {"format": 1, "keys": [{"id", "rights", "filter", "note", "created", "expires",
 * "may_derive", "no_texts", "rate", "searches", "replaced_by", "hash", "signing"}, …]}. A list is
 * never changed: another one takes its place. */
#ifndef LEDE_KEYS_KEY_LIST_H
#define LEDE_KEYS_KEY_LIST_H

#include "token.h"

#define LEDE_KEYS_FORMAT 1

struct lede_key {
    char id[LEDE_KEY_ID_SIZE];
    uint32_t rights;
    int64_t expires_utc_s; /* LEDE_TIME_MAX_UTC_S: never */
    const char *filter;    /* of the JSON; "": none */
    unsigned char hash[LEDE_KEY_HASH_SIZE];
    int64_t rate, searches; /* as of struct lede_key_quota */
    bool may_derive;
    bool without_texts;
    unsigned char signing_key[LEDE_KEY_HASH_SIZE]; /* of a parent */
};

struct lede_key_list {
    json_t *json; /* what the file has; owned */
    struct lede_key *keys;
    size_t count;
};

/* Read the file's JSON. json  a reference is taken
 * Status: OK; ECORRUPT; EVERSION; ENOMEM. */
LEDE_CHECKED enum lede_status lede_key_list_new(
    json_t *json, struct lede_key_list **ret_list, struct lede_error *reterr);
void lede_key_list_free(struct lede_key_list *list);
void lede_key_list_freep(struct lede_key_list **list);

/* The key of an id; NULL: there is none. */
const struct lede_key *lede_key_list_find(const struct lede_key_list *list, const char *id);
/* Where its JSON is in "keys"; json_array_size(): nowhere. */
size_t lede_key_index(const json_t *keys, const char *id);
/* A number of a quota; false: it is neither that nor absent. ret_number  -1: absent */
bool lede_key_read_quota(const json_t *value, int64_t *ret_number);
/* Its bits; 0: it is no array of names of rights, or has none. */
uint32_t lede_rights_read(const json_t *names);
/* A key's JSON without what only the file has; owner: the caller; NULL without memory. */
json_t *lede_key_describe(const json_t *key);

#endif
