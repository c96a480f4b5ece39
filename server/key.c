/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede key: keys of a data directory, or of a running server, made, told, replaced, revoked. A
 * server that has the directory follows within a second. */
#include "asking.h"
#include "key_file.h"
#include "lede/encoding.h"
#include "lede/keys.h"
#include "lede/number.h"
#include "lede/time.h"
#include "terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_KEYS "/keys"

/* Where the keys are: in a directory, or behind a server. */
struct key_place {
    struct lede_server_settings settings;
    struct lede_keys *keys; /* NULL: the server is asked */
    struct lede_asking asking;
};

static void place_done(struct key_place *place)
{
    lede_keys_free(place->keys);
    lede_asking_done(&place->asking);
    lede_server_settings_done(&place->settings);
}

/* A directory is made where there is none: a server that others can reach does not start without
 * keys. */
static enum lede_status place_open(
    const struct lede_arguments *arguments, struct key_place *place, struct lede_error *reterr)
{
    if (arguments->url)
        return lede_asking_start(arguments, &place->asking, reterr);
    enum lede_status st = lede_server_settings_load(arguments, &place->settings, reterr);
    if (st == LEDE_OK && mkdir(place->settings.data, 0750) != 0 && errno != EEXIST)
        st = lede_fail_errno(
            reterr, LEDE_EIO, "cannot make the data directory '%s'", place->settings.data);
    return st == LEDE_OK ? lede_keys_open(place->settings.data, &place->keys, reterr) : st;
}

static enum lede_status expect_status(
    const struct lede_http_answer *answer, long status, struct lede_error *reterr)
{
    if (answer->status == status)
        return LEDE_OK;
    lede_http_answer_error(answer, reterr);
    return reterr->status;
}

/* ret_made  owner: the caller */
static enum lede_status make(
    struct key_place *place, const json_t *wanted, json_t **ret_made, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    if (place->keys)
        return lede_keys_make(place->keys, wanted, ret_made, reterr);
    LEDE_CLEANUP(lede_freep) char *text = json_dumps(wanted, JSON_COMPACT);
    if (!text)
        return lede_fail_memory(reterr);
    struct lede_http_post post = {
        .path = PATH_KEYS, .media_type = "application/json", .body = text, .size = strlen(text)};
    enum lede_status st = lede_http_client_post(place->asking.client, &post, &answer, reterr);
    if (st == LEDE_OK)
        st = expect_status(&answer, 201, reterr);
    if (st == LEDE_OK)
        *ret_made = json_incref(answer.json);
    return st;
}

static bool put(json_t *object, const char *name, const char *text)
{
    return !text || json_object_set_new(object, name, json_string(text)) == 0;
}

/* False: it is no number of a quota. */
static bool put_number(json_t *object, const char *name, const char *text)
{
    int64_t number = 0;
    if (!text)
        return true;
    return lede_parse_int64(text, strlen(text), 0, LEDE_KEY_RATE_MAX, &number, NULL) == LEDE_OK &&
           json_object_set_new(object, name, json_integer(number)) == 0;
}

/* The secret alone goes to standard output, so that it can go to a file. */
static enum lede_exit make_and_tell(
    struct key_place *place, const json_t *wanted, struct lede_error *error)
{
    json_auto_t *made = NULL;
    if (make(place, wanted, &made, error) != LEDE_OK)
        return lede_complain_error(error);
    const char *key = json_string_value(json_object_get(made, "key"));
    const char *id = json_string_value(json_object_get(made, "id"));
    if (!key || !id)
        return lede_complain("the server's answer has no key");
    printf("%s\n", key);
    (void)lede_complain("key %s was made; its secret is told this once", id);
    return LEDE_EXIT_OK;
}

static enum lede_exit make_new(
    const struct lede_arguments *arguments, struct key_place *place, struct lede_error *error)
{
    if (!arguments->rights)
        return lede_complain("key new: expected --rights, as --rights search,read");
    json_auto_t *wanted = json_pack("{s:[], s:b}", "rights", "may_derive", arguments->may_derive);
    if (wanted && arguments->no_texts && json_object_set_new(wanted, "no_texts", json_true()) != 0)
        return lede_complain("there is no memory");
    bool is_made = wanted && put(wanted, "filter", arguments->filter) &&
                   put(wanted, "note", arguments->note) &&
                   put(wanted, "expires", arguments->expires);
    for (const char *at = arguments->rights; is_made && *at; at += strspn(at, ",")) {
        size_t size = strcspn(at, ",");
        is_made =
            json_array_append_new(json_object_get(wanted, "rights"), json_stringn(at, size)) == 0;
        at += size;
    }
    if (!is_made)
        return lede_complain("key new: expected UTF-8");
    if (!put_number(wanted, "rate", arguments->rate) ||
        !put_number(wanted, "searches", arguments->searches))
        return lede_complain(
            "key new: expected a whole number up to %d behind --rate and --searches",
            LEDE_KEY_RATE_MAX);
    return make_and_tell(place, wanted, error);
}

static enum lede_exit rotate(
    const struct lede_arguments *arguments, struct key_place *place, struct lede_error *error)
{
    json_auto_t *wanted = json_object();
    if (!put(wanted, "replaces", arguments->words[1]) ||
        !put(wanted, "overlap", arguments->overlap) || !put(wanted, "expires", arguments->expires))
        return lede_complain("key rotate: expected UTF-8");
    return make_and_tell(place, wanted, error);
}

static enum lede_exit revoke(
    const struct lede_arguments *arguments, struct key_place *place, struct lede_error *error)
{
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer path = {0};
    const char *id = arguments->words[1];
    enum lede_status st = LEDE_OK;
    lede_buffer_append_string(&path, PATH_KEYS "/");
    lede_percent_append(&path, id, strlen(id), LEDE_URI_UNRESERVED_MARKS);
    if (place->keys)
        st = lede_keys_revoke(place->keys, id, error);
    else if (path.failed)
        st = lede_fail_memory(error);
    else
        st = lede_http_client_delete(place->asking.client, path.data, &answer, error);
    if (st == LEDE_OK && !place->keys)
        st = expect_status(&answer, 204, error);
    return st == LEDE_OK ? LEDE_EXIT_OK : lede_complain_error(error);
}

/* ---- Telling ---- */

static void show_member(
    struct lede_terminal *terminal, const char *label, const json_t *key, const char *name)
{
    const char *text = json_string_value(json_object_get(key, name));
    if (!text || !text[0])
        return;
    printf("  %-12s", label);
    lede_terminal_print(terminal, text, 14, 14);
}

static void show_quota(const char *label, const json_t *key, const char *name)
{
    const json_t *number = json_object_get(key, name);
    if (json_is_integer(number) && json_integer_value(number) > 0)
        printf("  %-12s%lld\n", label, (long long)json_integer_value(number));
    else if (json_is_integer(number))
        printf("  %-12sany\n", label);
}

static void show(const json_t *key)
{
    struct lede_terminal terminal;
    char now[21];
    const char *expires = json_string_value(json_object_get(key, "expires"));
    const json_t *rights = json_object_get(key, "rights");
    lede_terminal_init(&terminal, stdout);
    lede_time_format(lede_time_now_utc_s(), now);
    printf("%-8s   ", json_string_value(json_object_get(key, "id")));
    for (size_t i = 0; i < json_array_size(rights); i++)
        printf(" %s", json_string_value(json_array_get(rights, i)));
    printf("%s%s\n", json_is_true(json_object_get(key, "may_derive")) ? " (may derive)" : "",
        expires && strcmp(expires, now) <= 0 ? " (has expired)" : "");
    show_member(&terminal, "note", key, "note");
    show_member(&terminal, "filter", key, "filter");
    show_member(&terminal, "created", key, "created");
    show_member(&terminal, "expires", key, "expires");
    show_member(&terminal, "replaced by", key, "replaced_by");
    show_quota("requests/s", key, "rate");
    show_quota("searches", key, "searches");
}

static enum lede_exit list(
    const struct lede_arguments *arguments, struct key_place *place, struct lede_error *error)
{
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    json_auto_t *told = NULL;
    enum lede_status st = LEDE_OK;
    if (place->keys)
        told = lede_keys_list(place->keys);
    else
        st = lede_http_client_get(place->asking.client, PATH_KEYS, &answer, error);
    if (st == LEDE_OK && !place->keys)
        st = expect_status(&answer, 200, error);
    if (st == LEDE_OK && !place->keys)
        told = json_incref(answer.json);
    if (st == LEDE_OK && !told)
        st = lede_fail_memory(error);
    if (st != LEDE_OK)
        return lede_complain_error(error);
    if (arguments->json) {
        json_dumpf(told, stdout, JSON_INDENT(1));
        printf("\n");
        return LEDE_EXIT_OK;
    }
    const json_t *keys = json_object_get(told, "keys");
    for (size_t i = 0; i < json_array_size(keys); i++)
        show(json_array_get(keys, i));
    return LEDE_EXIT_OK;
}

/* Nobody is asked. */
static enum lede_exit derive(const struct lede_arguments *arguments, struct lede_error *error)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer derived = {0};
    LEDE_CLEANUP(lede_freep) char *parent = NULL;
    int64_t expires_utc_s = 0;
    if (!arguments->key_file || !arguments->expires)
        return lede_complain("key derive: expected --key-file with the parent, and --expires");
    enum lede_status st = lede_key_file_read(arguments->key_file, &parent, error);
    if (st == LEDE_OK)
        st =
            lede_key_parse_expiry(arguments->expires, lede_time_now_utc_s(), &expires_utc_s, error);
    if (st == LEDE_OK)
        st = lede_key_derive(
            parent, arguments->filter ? arguments->filter : "", expires_utc_s, &derived, error);
    if (st != LEDE_OK)
        return lede_complain_error(error);
    printf("%s\n", derived.data);
    return LEDE_EXIT_OK;
}

/* ---- The command ---- */

static const struct {
    const char *name;
    size_t words; /* its own among them */
    enum lede_exit (*run)(
        const struct lede_arguments *arguments, struct key_place *place, struct lede_error *error);
} actions[] = {
    {"new", 1, make_new}, {"list", 1, list}, {"revoke", 2, revoke}, {"rotate", 2, rotate}};

enum lede_exit lede_command_key(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(place_done) struct key_place place = {0};
    struct lede_error error = {0};
    const char *name = arguments->words[0];
    if (strcmp(name, "derive") == 0 && arguments->word_count == 1)
        return derive(arguments, &error);
    for (size_t i = 0; i < LEDE_COUNT_OF(actions); i++) {
        if (strcmp(name, actions[i].name) != 0 || arguments->word_count != actions[i].words)
            continue;
        if (place_open(arguments, &place, &error) != LEDE_OK)
            return lede_complain_error(&error);
        return actions[i].run(arguments, &place, &error);
    }
    return lede_complain("key: expected new, list, revoke ID, rotate ID or derive");
}
