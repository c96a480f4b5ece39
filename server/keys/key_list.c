/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "key_list.h"

#include "lede/encoding.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>

const char *lede_right_name(enum lede_right right)
{
    static const char *const names[] = {[LEDE_RIGHT_NONE] = "none",
        [LEDE_RIGHT_SEARCH] = "search",
        [LEDE_RIGHT_READ] = "read",
        [LEDE_RIGHT_WRITE] = "write",
        [LEDE_RIGHT_DELETE] = "delete",
        [LEDE_RIGHT_ADMIN] = "admin",
        [LEDE_RIGHT_FEED] = "feed"};
    return names[right];
}

uint32_t lede_rights_read(const json_t *names)
{
    uint32_t rights = 0;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        enum lede_right right = LEDE_RIGHT_SEARCH;
        while (right < LEDE_RIGHTS && (!name || strcmp(name, lede_right_name(right)) != 0))
            right++;
        if (right == LEDE_RIGHTS)
            return 0;
        rights |= LEDE_RIGHT_BIT(right);
    }
    return rights;
}

static bool read_digits(const json_t *text, unsigned char ret_bytes[LEDE_KEY_HASH_SIZE])
{
    size_t size = json_string_length(text);
    return size == 2 * (size_t)LEDE_KEY_HASH_SIZE &&
           lede_hex_read(json_string_value(text), size, ret_bytes);
}

bool lede_key_read_quota(const json_t *value, int64_t *ret_number)
{
    *ret_number = json_is_integer(value) ? json_integer_value(value) : -1;
    return !value || json_is_null(value) || (*ret_number >= 0 && *ret_number <= LEDE_KEY_RATE_MAX);
}

static bool read_key(const json_t *json, struct lede_key *key)
{
    const char *id = json_string_value(json_object_get(json, "id"));
    const json_t *expires = json_object_get(json, "expires");
    key->filter = json_string_value(json_object_get(json, "filter"));
    key->rights = lede_rights_read(json_object_get(json, "rights"));
    key->may_derive = json_is_true(json_object_get(json, "may_derive"));
    key->without_texts = json_is_true(json_object_get(json, "no_texts"));
    key->expires_utc_s = LEDE_TIME_MAX_UTC_S;
    if (!id || strlen(id) != LEDE_KEY_ID_DIGITS || !key->filter || key->rights == 0 ||
        !lede_key_read_quota(json_object_get(json, "rate"), &key->rate) ||
        !lede_key_read_quota(json_object_get(json, "searches"), &key->searches))
        return false;
    memcpy(key->id, id, LEDE_KEY_ID_SIZE);
    return read_digits(json_object_get(json, "hash"), key->hash) &&
           (!key->may_derive || read_digits(json_object_get(json, "signing"), key->signing_key)) &&
           (json_is_null(expires) ||
               lede_time_parse(json_string_value(expires) ? json_string_value(expires) : "",
                   json_string_length(expires), &key->expires_utc_s, NULL, NULL) == LEDE_OK);
}

enum lede_status lede_key_list_new(
    json_t *json, struct lede_key_list **ret_list, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_key_list_freep) struct lede_key_list *list = calloc(1, sizeof(*list));
    const json_t *keys = json_object_get(json, "keys");
    json_int_t format = json_integer_value(json_object_get(json, "format"));
    if (format > LEDE_KEYS_FORMAT)
        return lede_fail(reterr, LEDE_EVERSION, "'%s' is of a newer version", LEDE_KEYS_FILE);
    if (format != LEDE_KEYS_FORMAT || !json_is_array(keys) || json_array_size(keys) > LEDE_KEYS_MAX)
        return lede_fail(reterr, LEDE_ECORRUPT, "'%s' is damaged", LEDE_KEYS_FILE);
    size_t count = json_array_size(keys);
    if (!list || !(list->keys = calloc(count + 1, sizeof(*list->keys))))
        return lede_fail_memory(reterr);
    list->json = json_incref(json);
    for (; list->count < count; list->count++) {
        if (!read_key(json_array_get(keys, list->count), &list->keys[list->count]))
            return lede_fail(
                reterr, LEDE_ECORRUPT, "'%s' is damaged at key %zu", LEDE_KEYS_FILE, list->count);
    }
    *ret_list = LEDE_TAKE(&list);
    return LEDE_OK;
}

void lede_key_list_free(struct lede_key_list *list)
{
    if (!list)
        return;
    json_decref(list->json);
    free(list->keys);
    free(list);
}

void lede_key_list_freep(struct lede_key_list **list)
{
    lede_key_list_free(*list);
    *list = NULL;
}

const struct lede_key *lede_key_list_find(const struct lede_key_list *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->keys[i].id, id) == 0)
            return &list->keys[i];
    }
    return NULL;
}

size_t lede_key_index(const json_t *keys, const char *id)
{
    size_t i = 0;
    for (; i < json_array_size(keys); i++) {
        const char *other = json_string_value(json_object_get(json_array_get(keys, i), "id"));
        if (other && strcmp(other, id) == 0)
            break;
    }
    return i;
}

json_t *lede_key_describe(const json_t *key)
{
    json_t *description = json_copy((json_t *)key);
    if (description && (json_object_del(description, "hash") != 0 ||
                           (json_object_get(description, "signing") &&
                               json_object_del(description, "signing") != 0))) {
        json_decref(description);
        return NULL;
    }
    return description;
}
