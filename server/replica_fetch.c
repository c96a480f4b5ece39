/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replica_fetch.h"

#include "lede/encoding.h"
#include "lede/following.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_HEAD_BYTES 32

/* ---- The log ---- */

static bool is_problem(const struct lede_http_answer *answer, const char *name)
{
    const char *type = json_string_value(json_object_get(answer->json, "type"));
    const char *slash = type ? strrchr(type, '/') : NULL;
    return slash && strcmp(slash + 1, name) == 0;
}

static enum lede_status read_piece(
    struct lede_http_answer *answer, struct lede_log_piece *piece, struct lede_error *reterr)
{
    uint32_t magic = 0;
    uint64_t numbers[3];
    struct lede_buffer *body = &answer->body;
    if (body->size >= PIECE_HEAD_BYTES)
        memcpy(&magic, body->data, sizeof(magic));
    if (magic != LEDE_LOG_PIECE_MAGIC)
        return lede_fail(reterr, LEDE_EINPUT, "the source answered with something that is no log");
    memcpy(numbers, body->data + 8, sizeof(numbers));
    piece->next = numbers[0];
    piece->shown = numbers[1];
    piece->revision = numbers[2];
    lede_buffer_append(
        &piece->frames, body->data + PIECE_HEAD_BYTES, body->size - PIECE_HEAD_BYTES);
    return lede_buffer_status(&piece->frames) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

enum lede_status lede_replica_ask_log(struct lede_http_client *client, const char *name,
    const char *history, uint64_t from, struct lede_log_piece *ret_piece, bool *ret_is_gone,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer path = {0};
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    *ret_is_gone = false;
    lede_buffer_append_string(&path, "/replication/log?follower=");
    lede_percent_append(&path, name, strlen(name), LEDE_URI_UNRESERVED_MARKS);
    lede_buffer_append_format(&path, "&history=%s&from=%llu", history, (unsigned long long)from);
    if (lede_buffer_status(&path) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_http_client_get_text(client, path.data, &answer, reterr);
    if (st == LEDE_OK && answer.status == 200)
        return read_piece(&answer, ret_piece, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_is_gone = is_problem(&answer, "log-gone") || is_problem(&answer, "other-history");
    lede_http_answer_error(&answer, reterr);
    return LEDE_EIO;
}

/* ---- A snapshot ---- */

struct fetch {
    struct lede_http_client *client;
    const char *id, *path;
    uint64_t done, bytes;
    bool (*on_progress)(void *context, uint64_t bytes_done, uint64_t bytes);
    void *context;
};

/* What is there of a segment may be kept: its files never change. */
static bool may_be_kept(const char *name)
{
    const char *last = strrchr(name, '/');
    return strncmp(name, "segments/", 9) == 0 && last && strcmp(last, "/checksums") != 0;
}

static enum lede_status fetch_part(struct fetch *fetch, const char *name, uint64_t offset,
    uint64_t *ret_size, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer path = {0};
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    lede_buffer_append_format(&path, "/replication/snapshots/%s/", fetch->id);
    lede_percent_append(&path, name, strlen(name), LEDE_URI_UNRESERVED_MARKS);
    lede_buffer_append_format(&path, "?offset=%llu", (unsigned long long)offset);
    if (lede_buffer_status(&path) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_http_client_get_text(fetch->client, path.data, &answer, reterr);
    if (st == LEDE_OK && answer.status != 200) {
        lede_http_answer_error(&answer, reterr);
        return LEDE_EIO;
    }
    *ret_size = answer.body.size;
    return st == LEDE_OK ? lede_copy_write(fetch->path, name, offset,
                               answer.body.data ? answer.body.data : "", answer.body.size, reterr)
                         : st;
}

static enum lede_status fetch_file(
    struct fetch *fetch, const char *name, uint64_t bytes, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    uint64_t at = may_be_kept(name) ? lede_copy_held(fetch->path, name) : 0;
    bool is_whole = bytes > 0 && at == bytes;
    at = at > bytes ? 0 : at;
    fetch->done += at;
    while (st == LEDE_OK && !is_whole) {
        uint64_t size = 0;
        st = fetch_part(fetch, name, at, &size, reterr);
        at += size;
        fetch->done += size;
        is_whole = at >= bytes;
        if (st == LEDE_OK && size == 0 && !is_whole)
            st = lede_fail(reterr, LEDE_EIO, "'%.60s' is shorter than was said", name);
        if (st == LEDE_OK && fetch->on_progress &&
            !fetch->on_progress(fetch->context, fetch->done, fetch->bytes))
            st = lede_fail(reterr, LEDE_ESTOPPED, "stopped while the copy was fetched");
    }
    return st;
}

static enum lede_status fetch_files(
    struct fetch *fetch, const json_t *files, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < json_array_size(files); i++)
        fetch->bytes +=
            (uint64_t)json_integer_value(json_object_get(json_array_get(files, i), "bytes"));
    for (size_t i = 0; st == LEDE_OK && i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        const char *name = json_string_value(json_object_get(file, "name"));
        uint64_t bytes = (uint64_t)json_integer_value(json_object_get(file, "bytes"));
        st = name ? fetch_file(fetch, name, bytes, reterr)
                  : lede_fail(reterr, LEDE_EINPUT, "the source told a file without a name");
    }
    return st;
}

/* Have it made. ret_answer  owner: the caller */
static enum lede_status ask_snapshot(struct lede_http_client *client, const char *name,
    struct lede_http_answer *ret_answer, struct lede_error *reterr)
{
    json_auto_t *body = json_pack("{s:s}", "follower", name);
    LEDE_CLEANUP(lede_freep) char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    if (!text)
        return lede_fail_memory(reterr);
    struct lede_http_post post = {.path = "/replication/snapshots",
        .media_type = "application/json",
        .body = text,
        .size = strlen(text)};
    enum lede_status st = lede_http_client_post(client, &post, ret_answer, reterr);
    if (st != LEDE_OK || ret_answer->status == 201)
        return st;
    lede_http_answer_error(ret_answer, reterr);
    return LEDE_EIO;
}

static enum lede_status read_place(
    const json_t *snapshot, struct lede_log_place *place, struct lede_error *reterr)
{
    const char *history = NULL;
    json_int_t position = 0, revision = 0;
    if (json_unpack((json_t *)snapshot, "{s:s, s:I, s:I}", "history", &history, "position",
            &position, "revision", &revision) != 0 ||
        strlen(history) >= LEDE_HISTORY_SIZE || position < 0)
        return lede_fail(reterr, LEDE_EINPUT, "the source told a snapshot without its place");
    strcpy(place->history, history);
    place->synced = (uint64_t)position;
    place->shown = (uint64_t)position;
    place->revision = (uint64_t)revision;
    return LEDE_OK;
}

enum lede_status lede_replica_fetch_copy(struct lede_http_client *client, const char *name,
    const char *directory, bool (*on_progress)(void *context, uint64_t bytes_done, uint64_t bytes),
    void *context, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer dropped = {0};
    LEDE_CLEANUP(lede_freep) char *path = NULL;
    struct lede_log_place place = {0};
    char drop[80];
    enum lede_status st = ask_snapshot(client, name, &answer, reterr);
    if (st == LEDE_OK)
        st = read_place(answer.json, &place, reterr);
    if (st == LEDE_OK)
        st = lede_copy_begin(directory, &path, reterr);
    if (st != LEDE_OK)
        return st;
    const char *id = json_string_value(json_object_get(answer.json, "id"));
    struct fetch fetch = {.client = client,
        .id = id ? id : "",
        .path = path,
        .on_progress = on_progress,
        .context = context};
    st = fetch_files(&fetch, json_object_get(answer.json, "files"), reterr);
    if (st == LEDE_OK)
        st = lede_copy_end(directory, path, &place, reterr);
    snprintf(drop, sizeof(drop), "/replication/snapshots/%.20s", fetch.id);
    (void)!lede_http_client_delete(client, drop, &dropped, NULL); /* it would go by itself */
    return st;
}
