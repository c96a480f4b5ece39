/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a key, and what is kept of it. lede/keys.h has the forms. */
#ifndef LEDE_KEYS_TOKEN_H
#define LEDE_KEYS_TOKEN_H

#include "lede/keys.h"

#define LEDE_KEY_PREFIX "lede_"
#define LEDE_KEY_PREFIX_SIZE 5
#define LEDE_KEY_ID_DIGITS (LEDE_KEY_ID_SIZE - 1)
#define LEDE_KEY_SECRET_DIGITS 64
#define LEDE_KEY_HASH_SIZE 32

/* Make a key that nobody has. */
void lede_token_make(char ret_token[LEDE_KEY_TOKEN_SIZE]);
/* Is it of the form of a key that is not derived? */
bool lede_token_is_key(const char *token);
/* The id of a key, derived or not; false: it is of no such form. */
bool lede_token_id(const char *token, char ret_id[LEDE_KEY_ID_SIZE]);
/* What is compared: BLAKE2b of the whole key. */
void lede_token_hash(const char *token, unsigned char ret_hash[LEDE_KEY_HASH_SIZE]);
/* What derived keys are signed with. token  a key that is not derived */
void lede_token_signing_key(const char *token, unsigned char ret_key[LEDE_KEY_HASH_SIZE]);

/* What a derived key says. */
struct lede_derived {
    int64_t expires_utc_s;
    char *filter; /* owned, "" where it has none */
};
/* Read a derived key and check its signature. Returns false where it is none, it was signed with
 * another key, or there is no memory.
 * ret_derived  its filter is the caller's, free() */
bool lede_token_read_derived(const char *token, const unsigned char signing_key[LEDE_KEY_HASH_SIZE],
    struct lede_derived *ret_derived);

#endif
