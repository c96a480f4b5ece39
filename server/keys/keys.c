/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys in use: a list that others take the place of, and the file behind it. */
#include "key_list.h"
#include "lede/files.h"
#include "lede/model.h"
#include "lede/number.h"
#include "lede/time.h"
#include "make_key.h"

#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_EVERY_NS UINT64_C(1000000000)

/* By which another file is told from the one that was read. */
struct stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
};

struct lede_keys {
    char *directory, *path;
    pthread_mutex_t writing;    /* of the file; taken before the lock */
    pthread_rwlock_t lock;      /* guards what follows */
    struct lede_key_list *list; /* NULL: there is no file */
    struct stamp stamp;
    bool has_own;
    unsigned char own_hash[LEDE_KEY_HASH_SIZE];
    uint64_t looked_ns; /* monotonic; changed atomically */
};

/* False: there is no file. */
static bool look(const struct lede_keys *keys, struct stamp *ret_stamp)
{
    struct stat facts;
    memset(ret_stamp, 0, sizeof(*ret_stamp));
    if (stat(keys->path, &facts) != 0)
        return false;
    ret_stamp->device = facts.st_dev;
    ret_stamp->inode = facts.st_ino;
    ret_stamp->size = facts.st_size;
    ret_stamp->modified = facts.st_mtim;
    return true;
}

static void take_list(struct lede_keys *keys, struct lede_key_list *list, const struct stamp *stamp)
{
    pthread_rwlock_wrlock(&keys->lock);
    struct lede_key_list *old = keys->list;
    keys->list = list;
    keys->stamp = *stamp;
    pthread_rwlock_unlock(&keys->lock);
    lede_key_list_free(old);
}

/* Under `writing`. Status: OK; ENOTFOUND there is no file; as of lede_keys_open(). */
static enum lede_status read_file(struct lede_keys *keys, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct lede_key_list *list = NULL;
    json_auto_t *json = NULL;
    struct stamp stamp;
    /* Before it is read: one that comes meanwhile is read the next time. */
    (void)look(keys, &stamp);
    enum lede_status st = lede_file_read(keys->path, &text, reterr);
    if (st != LEDE_OK)
        return st;
    st = lede_json_parse(text.data, text.size, &json, reterr);
    if (st == LEDE_EINPUT)
        return lede_fail(reterr, LEDE_ECORRUPT, "'%s' is damaged", LEDE_KEYS_FILE);
    if (st == LEDE_OK)
        st = lede_key_list_new(json, &list, reterr);
    if (st == LEDE_OK)
        take_list(keys, list, &stamp);
    return st;
}

enum lede_status lede_keys_open(
    const char *directory, struct lede_keys **ret_keys, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_keys_freep) struct lede_keys *keys = calloc(1, sizeof(*keys));
    if (!keys)
        return lede_fail_memory(reterr);
    pthread_mutex_init(&keys->writing, NULL);
    pthread_rwlock_init(&keys->lock, NULL);
    keys->directory = strdup(directory);
    if (!keys->directory || asprintf(&keys->path, "%s/%s", directory, LEDE_KEYS_FILE) < 0)
        return lede_fail_memory(reterr);
    if (sodium_init() < 0)
        return lede_fail(reterr, LEDE_EIO, "there is no source of random numbers");
    enum lede_status st = lede_keys_reload(keys, reterr);
    if (st == LEDE_OK)
        *ret_keys = LEDE_TAKE(&keys);
    return st;
}

void lede_keys_free(struct lede_keys *keys)
{
    if (!keys)
        return;
    lede_key_list_free(keys->list);
    pthread_mutex_destroy(&keys->writing);
    pthread_rwlock_destroy(&keys->lock);
    free(keys->directory);
    free(keys->path);
    free(keys);
}

void lede_keys_freep(struct lede_keys **keys)
{
    lede_keys_free(*keys);
    *keys = NULL;
}

enum lede_status lede_keys_reload(struct lede_keys *keys, struct lede_error *reterr)
{
    pthread_mutex_lock(&keys->writing);
    enum lede_status st = read_file(keys, reterr);
    pthread_mutex_unlock(&keys->writing);
    return st == LEDE_ENOTFOUND ? LEDE_OK : st;
}

/* Has another process changed the file? One thread looks, and none waits for another. A file that
 * cannot be read is looked at again: what there was holds until then. */
static void follow_file(struct lede_keys *keys)
{
    struct stamp stamp;
    uint64_t now_ns = lede_time_monotonic_ns();
    uint64_t looked_ns = __atomic_load_n(&keys->looked_ns, __ATOMIC_RELAXED);
    if (now_ns - looked_ns < LOOK_EVERY_NS ||
        !__atomic_compare_exchange_n(
            &keys->looked_ns, &looked_ns, now_ns, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return;
    if (!look(keys, &stamp) || pthread_mutex_trylock(&keys->writing) != 0)
        return;
    if (memcmp(&stamp, &keys->stamp, sizeof(stamp)) != 0)
        (void)!read_file(keys, NULL);
    pthread_mutex_unlock(&keys->writing);
}

bool lede_keys_are_required(struct lede_keys *keys)
{
    follow_file(keys);
    pthread_rwlock_rdlock(&keys->lock);
    bool are_required = keys->list || keys->has_own;
    pthread_rwlock_unlock(&keys->lock);
    return are_required;
}

/* ---- Checking ---- */

static uint32_t all_rights(void)
{
    uint32_t rights = 0;
    for (enum lede_right right = LEDE_RIGHT_SEARCH; right < LEDE_RIGHT_FEED; right++)
        rights |= LEDE_RIGHT_BIT(right);
    return rights;
}

static void add_filter(struct lede_grant *grant, const char *filter)
{
    if (filter[0] && grant->filters.size > 0)
        lede_buffer_append_char(&grant->filters, '\n');
    lede_buffer_append_string(&grant->filters, filter);
}

static bool check_derived(
    const struct lede_key *parent, const char *token, int64_t now_utc_s, struct lede_grant *grant)
{
    struct lede_derived derived = {0};
    if (!parent || !parent->may_derive || parent->expires_utc_s <= now_utc_s ||
        !lede_token_read_derived(token, parent->signing_key, &derived))
        return false;
    bool is_valid = derived.expires_utc_s > now_utc_s;
    grant->without_texts = parent->without_texts;
    grant->rights = parent->rights & LEDE_RIGHT_BIT(LEDE_RIGHT_SEARCH);
    add_filter(grant, parent->filter);
    add_filter(grant, derived.filter);
    free(derived.filter);
    return is_valid;
}

/* Under the lock. What is compared takes as long whatever comes, and whether there is such an id is
 * no secret. */
static bool check(
    const struct lede_keys *keys, const char *token, int64_t now_utc_s, struct lede_grant *grant)
{
    char id[LEDE_KEY_ID_SIZE];
    unsigned char hash[LEDE_KEY_HASH_SIZE];
    if (!lede_token_id(token, id))
        return false;
    const struct lede_key *key = keys->list ? lede_key_list_find(keys->list, id) : NULL;
    if (!lede_token_is_key(token))
        return check_derived(key, token, now_utc_s, grant);
    lede_token_hash(token, hash);
    if (keys->has_own && sodium_memcmp(hash, keys->own_hash, sizeof(hash)) == 0) {
        grant->rights = all_rights();
        return true;
    }
    if (!key || sodium_memcmp(hash, key->hash, sizeof(hash)) != 0 ||
        key->expires_utc_s <= now_utc_s)
        return false;
    grant->rights = key->rights;
    grant->without_texts = key->without_texts;
    add_filter(grant, key->filter);
    return true;
}

bool lede_keys_check(
    struct lede_keys *keys, const char *token, int64_t now_utc_s, struct lede_grant *ret_grant)
{
    follow_file(keys);
    pthread_rwlock_rdlock(&keys->lock);
    bool is_known = check(keys, token, now_utc_s, ret_grant);
    pthread_rwlock_unlock(&keys->lock);
    return is_known;
}

bool lede_keys_are_without_texts(struct lede_keys *keys, const char *id)
{
    pthread_rwlock_rdlock(&keys->lock);
    const struct lede_key *key = keys->list ? lede_key_list_find(keys->list, id) : NULL;
    bool are_without = key && key->without_texts;
    pthread_rwlock_unlock(&keys->lock);
    return are_without;
}

/* What a key says of how much may be asked, by its id: of those that check() lets pass. */
static struct lede_key_quota quota_of(const struct lede_keys *keys, const char *token)
{
    char id[LEDE_KEY_ID_SIZE];
    struct lede_key_quota quota = {.who = lede_hash64(token, strlen(token)) | 1};
    const struct lede_key *key =
        keys->list && lede_token_id(token, id) ? lede_key_list_find(keys->list, id) : NULL;
    quota.rate = key ? key->rate : 0;
    quota.searches = key ? key->searches : 0;
    return quota;
}

bool lede_keys_quota(
    struct lede_keys *keys, const char *token, int64_t now_utc_s, struct lede_key_quota *ret_quota)
{
    struct lede_grant grant = {0};
    pthread_rwlock_rdlock(&keys->lock);
    bool is_known = check(keys, token, now_utc_s, &grant);
    if (is_known)
        *ret_quota = quota_of(keys, token);
    pthread_rwlock_unlock(&keys->lock);
    lede_buffer_done(&grant.filters);
    return is_known;
}

void lede_keys_make_own(struct lede_keys *keys, char ret_token[LEDE_KEY_TOKEN_SIZE])
{
    lede_token_make(ret_token);
    pthread_rwlock_wrlock(&keys->lock);
    lede_token_hash(ret_token, keys->own_hash);
    keys->has_own = true;
    pthread_rwlock_unlock(&keys->lock);
}

/* ---- Changing ---- */

/* What a change of the file works on. */
typedef enum lede_status (*change_function)(
    json_t *array, const void *wanted, json_t **ret_made, struct lede_error *reterr);

/* Under `writing` and the lock of the directory. */
static enum lede_status rewrite(struct lede_keys *keys, change_function change, const void *wanted,
    json_t **ret_made, struct lede_error *reterr)
{
    struct lede_key_list *list = NULL;
    struct stamp stamp;
    json_auto_t *made = NULL;
    enum lede_status st = read_file(keys, reterr);
    if (st != LEDE_OK && st != LEDE_ENOTFOUND)
        return st;
    json_auto_t *json = keys->list ? json_deep_copy(keys->list->json)
                                   : json_pack("{s:i, s:[]}", "format", LEDE_KEYS_FORMAT, "keys");
    st = json ? change(json_object_get(json, "keys"), wanted, &made, reterr)
              : lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = lede_key_list_new(json, &list, reterr);
    if (st != LEDE_OK)
        return st;
    LEDE_CLEANUP(lede_freep) char *text = json_dumps(json, JSON_INDENT(1));
    st = text ? lede_file_replace_private(
                    keys->directory, LEDE_KEYS_FILE, text, strlen(text), reterr)
              : lede_fail_memory(reterr);
    if (st != LEDE_OK) {
        lede_key_list_free(list);
        return st;
    }
    (void)look(keys, &stamp);
    take_list(keys, list, &stamp);
    if (ret_made)
        *ret_made = LEDE_TAKE(&made);
    return LEDE_OK;
}

/* One change at a time, of this process and of others. */
static enum lede_status change_file(struct lede_keys *keys, change_function change,
    const void *wanted, json_t **ret_made, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_closep)
    int fd = open(keys->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot open '%s'", keys->directory);
    pthread_mutex_lock(&keys->writing);
    enum lede_status st = flock(fd, LOCK_EX) == 0 ? rewrite(keys, change, wanted, ret_made, reterr)
                                                  : lede_fail_errno(reterr, LEDE_EIO,
                                                        "cannot lock '%s'", keys->directory);
    pthread_mutex_unlock(&keys->writing);
    return st;
}

static enum lede_status make(
    json_t *array, const void *wanted, json_t **ret_made, struct lede_error *reterr)
{
    return lede_key_make(array, wanted, ret_made, reterr);
}

enum lede_status lede_keys_make(
    struct lede_keys *keys, const json_t *wanted, json_t **ret_made, struct lede_error *reterr)
{
    return change_file(keys, make, wanted, ret_made, reterr);
}

static enum lede_status remove_key(
    json_t *array, const void *id, json_t **ret_made, struct lede_error *reterr)
{
    (void)ret_made;
    return json_array_remove(array, lede_key_index(array, id)) == 0
               ? LEDE_OK
               : lede_fail(reterr, LEDE_ENOTFOUND, "no key has this id");
}

enum lede_status lede_keys_revoke(struct lede_keys *keys, const char *id, struct lede_error *reterr)
{
    return change_file(keys, remove_key, id, NULL, reterr);
}

json_t *lede_keys_list(struct lede_keys *keys)
{
    json_t *told = json_array();
    follow_file(keys);
    pthread_rwlock_rdlock(&keys->lock);
    const json_t *array = keys->list ? json_object_get(keys->list->json, "keys") : NULL;
    int failed = !told;
    for (size_t i = 0; i < json_array_size(array); i++)
        failed |= json_array_append_new(told, lede_key_describe(json_array_get(array, i)));
    pthread_rwlock_unlock(&keys->lock);
    if (failed)
        json_decref(told);
    return failed ? NULL : json_pack("{s:o}", "keys", told);
}
