/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "promise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "key_list.h"
#include "lede/encoding.h"
#include "lede/time.h"

#define NOW_UTC_S INT64_C(1642615440)
#define PARENT                                                                                     \
    "lede_00000001_"                                                                               \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A parent that nobody else has. */
static struct lede_keys *open_keys(void)
{
    static struct lede_keys *keys;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer file = {0};
    unsigned char bytes[LEDE_KEY_HASH_SIZE];
    char hash[2 * LEDE_KEY_HASH_SIZE + 1], signing[2 * LEDE_KEY_HASH_SIZE + 1];
    if (keys)
        return keys;
    lede_token_hash(PARENT, bytes);
    lede_hex_write(bytes, sizeof(bytes), hash);
    lede_token_signing_key(PARENT, bytes);
    lede_hex_write(bytes, sizeof(bytes), signing);
    lede_buffer_append_format(&file,
        "{\"format\": 1, \"keys\": [{\"id\": \"00000001\", \"rights\": [\"search\", \"admin\"], "
        "\"filter\": \"\", \"note\": \"\", \"created\": null, \"expires\": null, \"may_derive\": "
        "true, \"hash\": \"%s\", \"signing\": \"%s\"}]}",
        hash, signing);
    const char *directory = promise_directory();
    promise_write_file(directory, LEDE_KEYS_FILE, file.data, file.size);
    PROMISE(lede_keys_open(directory, &keys, NULL) == LEDE_OK);
    return keys;
}

static bool grants(const char *token, struct lede_grant *ret_grant)
{
    *ret_grant = (struct lede_grant){0};
    return lede_keys_check(open_keys(), token, NOW_UTC_S, ret_grant);
}

/* No bytes are a key but the one that was made. */
static void check_token(struct promise_input input)
{
    LEDE_CLEANUP(lede_freep) char *token = promise_copy_text(input.data, input.size);
    struct lede_grant grant;
    char id[LEDE_KEY_ID_SIZE];
    PROMISE(grants(token, &grant) == !strcmp(token, PARENT));
    lede_buffer_done(&grant.filters);
    if (lede_token_id(token, id))
        PROMISE(strlen(id) == LEDE_KEY_ID_DIGITS && strncmp(token + 5, id, sizeof(id) - 1) == 0);
    PROMISE(!lede_token_is_key(token) || strlen(token) == LEDE_KEY_TOKEN_SIZE - 1);
}

/* What is derived holds until its moment, for its filter, and with no byte changed. */
static void check_derived(struct promise_input input)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer token = {0};
    uint16_t at = promise_take_short(&input);
    uint8_t by = promise_take_byte(&input);
    int64_t expires_utc_s = NOW_UTC_S + (int16_t)promise_take_short(&input);
    LEDE_CLEANUP(lede_freep) char *filter = promise_copy_text(input.data, input.size);
    struct lede_grant grant;
    struct lede_error error = {0};
    enum lede_status st = lede_key_derive(PARENT, filter, expires_utc_s, &token, &error);
    if (st != LEDE_OK) {
        PROMISE(st == LEDE_EINPUT);
        promise_refusal(&error, st, input.size);
        return;
    }
    PROMISE(grants(token.data, &grant) == (expires_utc_s > NOW_UTC_S));
    PROMISE(grant.rights == LEDE_RIGHT_BIT(LEDE_RIGHT_SEARCH));
    PROMISE(grant.filters.size == strlen(filter));
    PROMISE(grant.filters.size == 0 || memcmp(grant.filters.data, filter, strlen(filter)) == 0);
    lede_buffer_done(&grant.filters);
    size_t size = strlen(token.data);
    token.data[at % size] = (char)(token.data[at % size] ^ (by | 1));
    PROMISE(!grants(token.data, &grant));
    lede_buffer_done(&grant.filters);
}

static void check_file(struct promise_input input)
{
    LEDE_CLEANUP(lede_key_list_freep) struct lede_key_list *list = NULL;
    LEDE_CLEANUP(lede_freep) char *text = promise_copy(input.data, input.size);
    struct lede_error error = {0};
    json_auto_t *json = json_loadb(text, input.size, JSON_REJECT_DUPLICATES, NULL);
    if (!json)
        return;
    enum lede_status st = lede_key_list_new(json, &list, &error);
    PROMISE(st == LEDE_OK || st == LEDE_ECORRUPT || st == LEDE_EVERSION);
    if (st != LEDE_OK) {
        promise_refusal(&error, st, input.size);
        PROMISE(!list);
        return;
    }
    PROMISE(list->count <= LEDE_KEYS_MAX);
    for (size_t i = 0; i < list->count; i++) {
        const struct lede_key *key = &list->keys[i];
        PROMISE(key->rights != 0 && key->filter && strlen(key->id) == LEDE_KEY_ID_DIGITS);
        PROMISE(key->expires_utc_s <= LEDE_TIME_MAX_UTC_S);
    }
}

void promise_of_key(const uint8_t *data, size_t size)
{
    static void (*const checks[])(struct promise_input) = {check_token, check_derived, check_file};
    struct promise_input input = {data, size};
    uint8_t which = promise_take_byte(&input);
    checks[which % LEDE_COUNT_OF(checks)](input);
}
