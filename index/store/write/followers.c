/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "followers.h"

#include "files.h"
#include "lede/encoding.h"
#include "lede/time.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "followers.json"
#define FORGOTTEN_AFTER_S (INT64_C(7) * 24 * 3600)
#define WRITTEN_EVERY_NS (UINT64_C(60) * 1000000000)

enum lede_status lede_followers_init(
    struct lede_followers *followers, const char *directory, struct lede_writer *writer)
{
    *followers = (struct lede_followers){.directory = directory, .writer = writer};
    return pthread_mutex_init(&followers->mutex, NULL) == 0 ? LEDE_OK : LEDE_ENOMEM;
}

void lede_followers_done(struct lede_followers *followers)
{
    pthread_mutex_destroy(&followers->mutex);
}

static void drop_forgotten(struct lede_followers *followers, int64_t now_utc_s)
{
    size_t kept = 0;
    for (size_t i = 0; i < followers->count; i++) {
        if (followers->items[i].seen_utc_s + FORGOTTEN_AFTER_S > now_utc_s)
            followers->items[kept++] = followers->items[i];
    }
    followers->count = kept;
}

/* So many of them have what is before the position. */
static uint32_t count_confirmed(const struct lede_followers *followers, uint64_t position)
{
    uint32_t count = 0;
    for (size_t i = 0; i < followers->count; i++)
        count += followers->items[i].confirmed >= position;
    return count;
}

/* The writer is told from where on the log is needed, and what enough of them have; who waits for
 * that is woken. */
static void tell_writer(const struct lede_followers *followers)
{
    struct lede_writer *writer = followers->writer;
    uint64_t from = UINT64_MAX, confirmed = 0;
    for (size_t i = 0; i < followers->count; i++) {
        const struct lede_follower *follower = &followers->items[i];
        from = follower->position < from ? follower->position : from;
        if (follower->confirmed > confirmed &&
            count_confirmed(followers, follower->confirmed) >= writer->log.copies)
            confirmed = follower->confirmed;
    }
    pthread_mutex_lock(&writer->monitor->mutex);
    writer->log.kept_from = from;
    if (confirmed > writer->log.confirmed) {
        writer->log.confirmed = confirmed;
        pthread_cond_broadcast(&writer->monitor->progressed);
    }
    pthread_mutex_unlock(&writer->monitor->mutex);
}

void lede_followers_load(struct lede_followers *followers)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    char path[LEDE_PATH_BYTES_MAX];
    size_t index = 0;
    json_t *item = NULL;
    if (lede_path_join(followers->directory, FILE_NAME, path, NULL) != LEDE_OK ||
        lede_file_read(path, &text, NULL) != LEDE_OK)
        return;
    json_auto_t *root = json_loadb(text.data, text.size, 0, NULL);
    json_array_foreach (json_object_get(root, "followers"), index, item) {
        const char *name = NULL;
        json_int_t position = 0, seen = 0;
        struct lede_follower *follower = &followers->items[followers->count];
        if (followers->count == LEDE_FOLLOWERS_MAX ||
            json_unpack(item, "{s:s, s:I, s:I}", "name", &name, "position", &position, "seen",
                &seen) != 0 ||
            position < 0 || strlen(name) > LEDE_FOLLOWER_NAME_MAX)
            continue;
        strcpy(follower->name, name);
        follower->position = (uint64_t)position;
        follower->seen_utc_s = seen;
        followers->count++;
    }
    drop_forgotten(followers, lede_time_now_utc_s());
    tell_writer(followers);
}

/* Best effort: where it is lost a follower may have to begin anew. */
static void write_file(struct lede_followers *followers)
{
    json_auto_t *root = json_pack("{s:[]}", "followers");
    json_t *list = json_object_get(root, "followers");
    for (size_t i = 0; i < followers->count; i++) {
        const struct lede_follower *follower = &followers->items[i];
        (void)!json_array_append_new(
            list, json_pack("{s:s, s:I, s:I}", "name", follower->name, "position",
                      (json_int_t)follower->position, "seen", (json_int_t)follower->seen_utc_s));
    }
    LEDE_CLEANUP(lede_freep) char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    if (text)
        (void)!lede_file_replace(followers->directory, FILE_NAME, text, strlen(text), NULL, NULL);
    followers->written_ns = lede_time_monotonic_ns();
}

static struct lede_follower *find(struct lede_followers *followers, const char *name)
{
    for (size_t i = 0; i < followers->count; i++) {
        if (strcmp(followers->items[i].name, name) == 0)
            return &followers->items[i];
    }
    return NULL;
}

enum lede_status lede_followers_note(struct lede_followers *followers, const char *name,
    uint64_t position, bool has_it, struct lede_error *reterr)
{
    size_t size = strlen(name);
    if (size == 0 || size > LEDE_FOLLOWER_NAME_MAX || !lede_utf8_is_valid(name, size))
        return lede_fail(reterr, LEDE_EINPUT, "expected a follower's name of 1 to %d bytes",
            LEDE_FOLLOWER_NAME_MAX);
    int64_t now = lede_time_now_utc_s();
    pthread_mutex_lock(&followers->mutex);
    drop_forgotten(followers, now);
    struct lede_follower *follower = find(followers, name);
    bool is_new = !follower;
    if (is_new && followers->count == LEDE_FOLLOWERS_MAX) {
        pthread_mutex_unlock(&followers->mutex);
        return lede_fail(reterr, LEDE_ELIMIT, "%d others follow already", LEDE_FOLLOWERS_MAX);
    }
    if (is_new) {
        follower = &followers->items[followers->count++];
        strcpy(follower->name, name);
    }
    follower->position = position;
    if (has_it)
        follower->confirmed = position;
    follower->seen_utc_s = now;
    tell_writer(followers);
    if (is_new || lede_time_monotonic_ns() > followers->written_ns + WRITTEN_EVERY_NS)
        write_file(followers);
    pthread_mutex_unlock(&followers->mutex);
    return LEDE_OK;
}

void lede_followers_forget(struct lede_followers *followers)
{
    pthread_mutex_lock(&followers->mutex);
    followers->count = 0;
    pthread_mutex_lock(&followers->writer->monitor->mutex);
    followers->writer->log.confirmed = 0;
    pthread_mutex_unlock(&followers->writer->monitor->mutex);
    tell_writer(followers);
    write_file(followers);
    pthread_mutex_unlock(&followers->mutex);
}
