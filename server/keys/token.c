/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token.h"

#include "lede/encoding.h"
#include "lede/number.h"
#include "lede/query.h"
#include "lede/time.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX_DIGITS "0123456789abcdef"
#define BASE64_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#define SECRET_AT (LEDE_KEY_PREFIX_SIZE + LEDE_KEY_ID_DIGITS + 1)
#define SIGNATURE_DIGITS 64

void lede_token_make(char ret_token[LEDE_KEY_TOKEN_SIZE])
{
    unsigned char id[LEDE_KEY_ID_DIGITS / 2], secret[LEDE_KEY_SECRET_DIGITS / 2];
    char id_digits[LEDE_KEY_ID_SIZE], secret_digits[LEDE_KEY_SECRET_DIGITS + 1];
    randombytes_buf(id, sizeof(id));
    randombytes_buf(secret, sizeof(secret));
    lede_hex_write(id, sizeof(id), id_digits);
    lede_hex_write(secret, sizeof(secret), secret_digits);
    snprintf(ret_token, LEDE_KEY_TOKEN_SIZE, LEDE_KEY_PREFIX "%s_%s", id_digits, secret_digits);
    sodium_memzero(secret, sizeof(secret));
    sodium_memzero(secret_digits, sizeof(secret_digits));
}

bool lede_token_id(const char *token, char ret_id[LEDE_KEY_ID_SIZE])
{
    const char *id = token + LEDE_KEY_PREFIX_SIZE;
    if (strncmp(token, LEDE_KEY_PREFIX, LEDE_KEY_PREFIX_SIZE) != 0 ||
        strspn(id, HEX_DIGITS) != LEDE_KEY_ID_DIGITS)
        return false;
    memcpy(ret_id, id, LEDE_KEY_ID_DIGITS);
    ret_id[LEDE_KEY_ID_DIGITS] = '\0';
    return id[LEDE_KEY_ID_DIGITS] == '_' || id[LEDE_KEY_ID_DIGITS] == '.';
}

bool lede_token_is_key(const char *token)
{
    char id[LEDE_KEY_ID_SIZE];
    return lede_token_id(token, id) && token[SECRET_AT - 1] == '_' &&
           strspn(token + SECRET_AT, HEX_DIGITS) == LEDE_KEY_SECRET_DIGITS &&
           token[SECRET_AT + LEDE_KEY_SECRET_DIGITS] == '\0';
}

void lede_token_hash(const char *token, unsigned char ret_hash[LEDE_KEY_HASH_SIZE])
{
    (void)crypto_generichash(
        ret_hash, LEDE_KEY_HASH_SIZE, (const unsigned char *)token, strlen(token), NULL, 0);
}

void lede_token_signing_key(const char *token, unsigned char ret_key[LEDE_KEY_HASH_SIZE])
{
    (void)crypto_hash_sha256(
        ret_key, (const unsigned char *)token + SECRET_AT, LEDE_KEY_SECRET_DIGITS);
}

static void sign(const char *text, size_t size, const unsigned char *signing_key,
    char ret_digits[SIGNATURE_DIGITS + 1])
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, signing_key, LEDE_KEY_HASH_SIZE);
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, size);
    (void)crypto_auth_hmacsha256_final(&state, mac);
    lede_hex_write(mac, sizeof(mac), ret_digits);
}

/* A filter is a line of UTF-8. */
static bool is_filter(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7F)
            return false;
    }
    return size <= LEDE_QUERY_BYTES_MAX && lede_utf8_is_valid(text, size);
}

/* NULL: it is none, or there is no memory. Owner: the caller. */
static char *decode_filter(const char *text, size_t size)
{
    char *filter = size <= LEDE_QUERY_BYTES_MAX * 2 ? malloc(size + 1) : NULL;
    size_t filter_size = 0;
    if (!filter)
        return NULL;
    if (sodium_base642bin((unsigned char *)filter, size + 1, text, size, NULL, &filter_size, NULL,
            sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        !is_filter(filter, filter_size)) {
        free(filter);
        return NULL;
    }
    filter[filter_size] = '\0';
    return filter;
}

bool lede_token_read_derived(const char *token, const unsigned char signing_key[LEDE_KEY_HASH_SIZE],
    struct lede_derived *ret_derived)
{
    char wanted[SIGNATURE_DIGITS + 1], id[LEDE_KEY_ID_SIZE];
    if (!lede_token_id(token, id) || token[SECRET_AT - 1] != '.')
        return false;
    const char *expires = token + SECRET_AT;
    size_t expires_size = strspn(expires, "0123456789");
    if (expires[expires_size] != '.')
        return false;
    const char *filter = expires + expires_size + 1;
    size_t filter_size = strspn(filter, BASE64_CHARACTERS);
    const char *signature = filter + filter_size + 1;
    if (filter[filter_size] != '.' || strlen(signature) != SIGNATURE_DIGITS)
        return false;
    sign(token, (size_t)(signature - 1 - token), signing_key, wanted);
    if (sodium_memcmp(wanted, signature, SIGNATURE_DIGITS) != 0 ||
        lede_parse_int64(expires, expires_size, 0, LEDE_TIME_MAX_UTC_S, &ret_derived->expires_utc_s,
            NULL) != LEDE_OK)
        return false;
    ret_derived->filter = decode_filter(filter, filter_size);
    return ret_derived->filter != NULL;
}

enum lede_status lede_key_derive(const char *parent, const char *filter, int64_t expires_utc_s,
    struct lede_buffer *ret_token, struct lede_error *reterr)
{
    unsigned char signing_key[LEDE_KEY_HASH_SIZE];
    char signature[SIGNATURE_DIGITS + 1];
    size_t start = ret_token->size, size = strlen(filter);
    if (!lede_token_is_key(parent))
        return lede_fail(reterr, LEDE_EINPUT, "expected a key, lede_ and digits");
    if (!is_filter(filter, size))
        return lede_fail(reterr, LEDE_EINPUT,
            "filter: expected a query of at most %d bytes on one line", LEDE_QUERY_BYTES_MAX);
    size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    lede_buffer_append(ret_token, parent, SECRET_AT - 1);
    lede_buffer_append_format(ret_token, ".%lld.", (long long)expires_utc_s);
    char *encoded = lede_buffer_reserve(ret_token, room);
    if (!encoded)
        return lede_fail_memory(reterr);
    sodium_bin2base64(encoded, room, (const unsigned char *)filter, size,
        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    ret_token->size += room - 1;
    lede_token_signing_key(parent, signing_key);
    sign(ret_token->data + start, ret_token->size - start, signing_key, signature);
    sodium_memzero(signing_key, sizeof(signing_key));
    lede_buffer_append_format(ret_token, ".%s", signature);
    return lede_buffer_status(ret_token) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}
