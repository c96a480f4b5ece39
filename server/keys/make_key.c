/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "make_key.h"

#include "lede/encoding.h"
#include "lede/number.h"
#include "lede/query.h"
#include "lede/time.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define OVERLAP_DEFAULT "1d"
#define SPAN_MS_MAX (INT64_C(100) * 365 * 86400 * 1000)

/* What a filter can bind: who writes decides what a document becomes, and who administrates makes
 * keys without a filter. */
#define RIGHTS_WITH_FILTER                                                                         \
    (LEDE_RIGHT_BIT(LEDE_RIGHT_SEARCH) | LEDE_RIGHT_BIT(LEDE_RIGHT_READ) |                         \
        LEDE_RIGHT_BIT(LEDE_RIGHT_DELETE) | LEDE_RIGHT_BIT(LEDE_RIGHT_FEED))

static enum lede_status blame(struct lede_error *reterr, const char *param)
{
    if (reterr)
        lede_error_param(reterr, param);
    return LEDE_EINPUT;
}

static enum lede_status check_names(
    const json_t *wanted, const char *const *names, struct lede_error *reterr)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)wanted, key, value) {
        size_t i = 0;
        while (names[i] && strcmp(names[i], key) != 0)
            i++;
        if (names[i])
            continue;
        (void)lede_fail(reterr, LEDE_ENOTFOUND, "no member of a key is called '%.60s'", key);
        (void)blame(reterr, key);
        return LEDE_ENOTFOUND;
    }
    return LEDE_OK;
}

/* A string of a line, "" where it is absent. */
static enum lede_status read_text(const json_t *wanted, const char *name, size_t size_max,
    const char **ret_text, struct lede_error *reterr)
{
    const json_t *value = json_object_get(wanted, name);
    *ret_text = json_is_string(value) ? json_string_value(value) : "";
    bool is_line = !value || json_is_null(value) || json_is_string(value);
    for (const char *c = *ret_text; *c; c++)
        is_line = is_line && (unsigned char)*c >= ' ' && *c != 0x7F;
    if (is_line && strlen(*ret_text) <= size_max)
        return LEDE_OK;
    (void)lede_fail(
        reterr, LEDE_EINPUT, "%s: expected a line of at most %zu bytes", name, size_max);
    return blame(reterr, name);
}

static enum lede_status read_switch(
    const json_t *wanted, const char *name, bool *ret_on, struct lede_error *reterr)
{
    const json_t *value = json_object_get(wanted, name);
    *ret_on = json_is_true(value);
    if (!value || json_is_boolean(value))
        return LEDE_OK;
    (void)lede_fail(reterr, LEDE_EINPUT, "%s: expected true or false", name);
    return blame(reterr, name);
}

static enum lede_status read_rights(
    const json_t *wanted, uint32_t *ret_rights, struct lede_error *reterr)
{
    uint32_t feed = LEDE_RIGHT_BIT(LEDE_RIGHT_FEED);
    *ret_rights = lede_rights_read(json_object_get(wanted, "rights"));
    if (*ret_rights == 0)
        (void)lede_fail(reterr, LEDE_EINPUT,
            "rights: expected a list of search, read, write, delete, admin; or feed alone");
    else if (*ret_rights & feed && *ret_rights != feed)
        (void)lede_fail(reterr, LEDE_EINPUT,
            "rights: expected feed alone: such a key stands in addresses, where others read it");
    else
        return LEDE_OK;
    return blame(reterr, "rights");
}

/* Both are put into the key as they came. */
static enum lede_status check_quota(
    const json_t *wanted, const char *name, struct lede_error *reterr)
{
    int64_t number = 0;
    if (lede_key_read_quota(json_object_get(wanted, name), &number))
        return LEDE_OK;
    (void)lede_fail(reterr, LEDE_EINPUT, "%s: expected a whole number up to %d, 0 for no limit",
        name, LEDE_KEY_RATE_MAX);
    return blame(reterr, name);
}

static enum lede_status check_filter(const char *filter, uint32_t rights, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = NULL;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_query_options options = {.now_utc_s = lede_time_now_utc_s()};
    struct lede_error why;
    if (!filter[0])
        return LEDE_OK;
    if (rights & ~(uint32_t)RIGHTS_WITH_FILTER) {
        (void)lede_fail(reterr, LEDE_EINPUT,
            "rights: expected search, read, delete or feed beside a filter, which binds what is "
            "found, read and deleted");
        return blame(reterr, "rights");
    }
    enum lede_status st = lede_analyzer_new(&analyzer, reterr);
    if (st != LEDE_OK)
        return st;
    st = lede_query_parse(filter, strlen(filter), &options, analyzer, &query, &why);
    if (st != LEDE_EINPUT && st != LEDE_ELIMIT)
        return st == LEDE_OK ? st : lede_fail_memory(reterr);
    (void)lede_fail(reterr, LEDE_EINPUT, "filter: %s", why.message);
    if (reterr) {
        reterr->has_position = why.has_position;
        reterr->position = why.position;
        lede_error_hint(reterr, "%s", why.hint);
    }
    return blame(reterr, "filter");
}

enum lede_status lede_key_parse_expiry(
    const char *text, int64_t now_utc_s, int64_t *ret_utc_s, struct lede_error *reterr)
{
    int64_t ms = 0, utc_s = 0;
    if (lede_parse_duration_ms(text, strlen(text), SPAN_MS_MAX, &ms, NULL) == LEDE_OK)
        utc_s = now_utc_s + ms / 1000;
    else if (lede_time_parse(text, strlen(text), &utc_s, NULL, NULL) != LEDE_OK)
        return lede_fail(reterr, LEDE_EINPUT,
            "expires: expected a moment such as 2026-12-01T00:00:00Z, or a duration such as 90d, "
            "found '%.40s'",
            text);
    if (utc_s <= now_utc_s)
        return lede_fail(reterr, LEDE_EINPUT, "expires: expected a moment to come");
    *ret_utc_s = utc_s;
    return LEDE_OK;
}

/* ret_utc_s  LEDE_TIME_MAX_UTC_S: never */
static enum lede_status read_expiry(
    const json_t *wanted, int64_t now_utc_s, int64_t *ret_utc_s, struct lede_error *reterr)
{
    const char *text = NULL;
    enum lede_status st = read_text(wanted, "expires", 60, &text, reterr);
    *ret_utc_s = LEDE_TIME_MAX_UTC_S;
    if (st == LEDE_OK && text[0] && lede_key_parse_expiry(text, now_utc_s, ret_utc_s, reterr))
        return blame(reterr, "expires");
    return st;
}

static json_t *moment(int64_t utc_s)
{
    char text[21];
    if (utc_s >= LEDE_TIME_MAX_UTC_S)
        return json_null();
    lede_time_format(utc_s, text);
    return json_string(text);
}

static json_t *rights_json(uint32_t rights)
{
    json_t *names = json_array();
    for (enum lede_right right = LEDE_RIGHT_SEARCH; right < LEDE_RIGHTS; right++) {
        if (rights & LEDE_RIGHT_BIT(right))
            (void)json_array_append_new(names, json_string(lede_right_name(right)));
    }
    return names;
}

static json_t *digits_json(const unsigned char bytes[LEDE_KEY_HASH_SIZE])
{
    char digits[2 * LEDE_KEY_HASH_SIZE + 1];
    lede_hex_write(bytes, LEDE_KEY_HASH_SIZE, digits);
    return json_string(digits);
}

/* Give a key its id and what is kept of its secret, and append it. */
static enum lede_status append(
    json_t *keys, json_t *key, json_t **ret_made, struct lede_error *reterr)
{
    char token[LEDE_KEY_TOKEN_SIZE], id[LEDE_KEY_ID_SIZE];
    unsigned char bytes[LEDE_KEY_HASH_SIZE];
    if (json_array_size(keys) >= LEDE_KEYS_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "expected at most %d keys", LEDE_KEYS_MAX);
    do {
        lede_token_make(token);
    } while (!lede_token_id(token, id) || lede_key_index(keys, id) < json_array_size(keys));
    int failed = json_object_set_new(key, "id", json_string(id));
    lede_token_hash(token, bytes);
    failed |= json_object_set_new(key, "hash", digits_json(bytes));
    lede_token_signing_key(token, bytes);
    if (json_is_true(json_object_get(key, "may_derive")))
        failed |= json_object_set_new(key, "signing", digits_json(bytes));
    json_t *made = failed ? NULL : lede_key_describe(key);
    failed |= json_object_set_new(made, "key", json_string(token)) | json_array_append(keys, key);
    sodium_memzero(token, sizeof(token));
    sodium_memzero(bytes, sizeof(bytes));
    if (failed) {
        json_decref(made);
        return lede_fail_memory(reterr);
    }
    *ret_made = made;
    return LEDE_OK;
}

/* The other key ends after the overlap; the successor lives as long as that one was to. */
static enum lede_status replace(
    json_t *keys, const json_t *wanted, json_t **ret_made, struct lede_error *reterr)
{
    static const char *const names[] = {"replaces", "overlap", "expires", NULL};
    const char *id = NULL, *overlap = NULL, *created = NULL, *expires = NULL;
    int64_t now_utc_s = lede_time_now_utc_s(), overlap_ms = 0;
    int64_t ends_utc_s = LEDE_TIME_MAX_UTC_S, old_ends_utc_s = LEDE_TIME_MAX_UTC_S, began_utc_s = 0;
    enum lede_status st = check_names(wanted, names, reterr);
    if (st == LEDE_OK)
        st = read_text(wanted, "replaces", LEDE_KEY_ID_DIGITS, &id, reterr);
    if (st == LEDE_OK)
        st = read_text(wanted, "overlap", 60, &overlap, reterr);
    if (st == LEDE_OK)
        st = read_expiry(wanted, now_utc_s, &ends_utc_s, reterr);
    if (st != LEDE_OK)
        return st;
    overlap = overlap[0] ? overlap : OVERLAP_DEFAULT;
    if (lede_parse_duration_ms(overlap, strlen(overlap), SPAN_MS_MAX, &overlap_ms, reterr))
        return blame(reterr, "overlap");
    json_t *old = json_array_get(keys, lede_key_index(keys, id));
    if (!old) {
        (void)lede_fail(reterr, LEDE_EINPUT, "replaces: expected the id of a key");
        return blame(reterr, "replaces");
    }
    created = json_string_value(json_object_get(old, "created"));
    expires = json_string_value(json_object_get(old, "expires"));
    if (created && expires &&
        lede_time_parse(created, strlen(created), &began_utc_s, NULL, NULL) == LEDE_OK &&
        lede_time_parse(expires, strlen(expires), &old_ends_utc_s, NULL, NULL) == LEDE_OK &&
        ends_utc_s == LEDE_TIME_MAX_UTC_S)
        ends_utc_s = now_utc_s + (old_ends_utc_s - began_utc_s);
    if (old_ends_utc_s > now_utc_s + overlap_ms / 1000)
        old_ends_utc_s = now_utc_s + overlap_ms / 1000;
    json_auto_t *key = json_copy(old);
    (void)json_object_del(key, "replaced_by");
    (void)json_object_del(key, "signing");
    if (json_object_set_new(key, "created", moment(now_utc_s)) != 0 ||
        json_object_set_new(key, "expires", moment(ends_utc_s)) != 0 ||
        json_object_set_new(old, "expires", moment(old_ends_utc_s)) != 0)
        return lede_fail_memory(reterr);
    st = append(keys, key, ret_made, reterr);
    if (st == LEDE_OK && json_object_set(old, "replaced_by", json_object_get(*ret_made, "id")) != 0)
        return lede_fail_memory(reterr);
    return st;
}

enum lede_status lede_key_make(
    json_t *keys, const json_t *wanted, json_t **ret_made, struct lede_error *reterr)
{
    static const char *const names[] = {
        "rights", "filter", "note", "expires", "may_derive", "no_texts", "rate", "searches", NULL};
    bool may_derive = false, without_texts = false;
    const char *filter = NULL, *note = NULL;
    uint32_t rights = 0;
    int64_t now_utc_s = lede_time_now_utc_s(), expires_utc_s = 0;
    if (json_object_get(wanted, "replaces"))
        return replace(keys, wanted, ret_made, reterr);
    enum lede_status st = check_names(wanted, names, reterr);
    if (st == LEDE_OK)
        st = read_rights(wanted, &rights, reterr);
    if (st == LEDE_OK)
        st = read_text(wanted, "filter", LEDE_QUERY_BYTES_MAX, &filter, reterr);
    if (st == LEDE_OK)
        st = check_filter(filter, rights, reterr);
    if (st == LEDE_OK)
        st = read_text(wanted, "note", LEDE_KEY_NOTE_BYTES_MAX, &note, reterr);
    if (st == LEDE_OK)
        st = check_quota(wanted, "rate", reterr);
    if (st == LEDE_OK)
        st = check_quota(wanted, "searches", reterr);
    if (st == LEDE_OK)
        st = read_expiry(wanted, now_utc_s, &expires_utc_s, reterr);
    if (st == LEDE_OK)
        st = read_switch(wanted, "may_derive", &may_derive, reterr);
    if (st == LEDE_OK)
        st = read_switch(wanted, "no_texts", &without_texts, reterr);
    if (st == LEDE_OK && may_derive && !(rights & LEDE_RIGHT_BIT(LEDE_RIGHT_SEARCH))) {
        (void)lede_fail(reterr, LEDE_EINPUT, "may_derive: expected the right search beside it");
        st = blame(reterr, "may_derive");
    }
    if (st != LEDE_OK)
        return st;
    json_auto_t *key = json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:b, s:b, s:O?, s:O?}", "id", "",
        "rights", rights_json(rights), "filter", filter, "note", note, "created", moment(now_utc_s),
        "expires", moment(expires_utc_s), "may_derive", may_derive, "no_texts", without_texts,
        "rate", json_object_get(wanted, "rate"), "searches", json_object_get(wanted, "searches"));
    return key ? append(keys, key, ret_made, reterr) : lede_fail_memory(reterr);
}
