/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libcurl's multi interface, which keeps connections. A question changes nothing, so it may come
 * twice: to a copy that has not heard it, or to another one. */
#include "ask.h"

#include "lede/time.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS UINT64_C(1000000)
#define ANSWER_BYTES_MAX ((size_t)256 << 20)
#define POLL_MS_MAX 20 /* the client may have left */
#define CONNECTIONS_KEPT 512L
#define TOLD_MAX 200 /* bytes of a refusal that are told on */

struct lede_shards_line {
    const struct lede_shards_wire *wire;
    CURLM *multi;
    struct curl_slist *headers;
    CURL **idle; /* handles that were used before */
    size_t idle_count, idle_capacity;
};

/* A copy that is being asked. */
struct transfer {
    CURL *curl; /* NULL: it is not under way */
    struct lede_buffer answer;
    bool is_too_long;
    char why[CURL_ERROR_SIZE];
};

/* A question on its way. */
struct asking {
    struct lede_shard_question *question;
    size_t copies, tried; /* copies of its shard; how many of them were asked */
    struct transfer transfers[LEDE_SHARD_COPIES_MAX]; /* in the order of asking */
    uint64_t next_ns;                                 /* when the next copy is asked */
    bool has_ended;
};

void lede_shards_line_free(struct lede_shards_line *line)
{
    if (!line)
        return;
    for (size_t i = 0; i < line->idle_count; i++)
        curl_easy_cleanup(line->idle[i]);
    free(line->idle);
    curl_multi_cleanup(line->multi);
    curl_slist_free_all(line->headers);
    free(line);
}

enum lede_status lede_shards_line_new(const struct lede_shards_wire *wire,
    struct lede_shards_line **ret_line, struct lede_error *reterr)
{
    const char *const headers[] = {
        "Content-Type: application/octet-stream", "Expect:", wire->key_header};
    struct lede_shards_line *line = calloc(1, sizeof(*line));
    if (!line)
        return lede_fail_memory(reterr);
    line->wire = wire;
    line->multi = curl_multi_init();
    bool is_whole = line->multi != NULL;
    for (size_t i = 0; is_whole && i < LEDE_COUNT_OF(headers); i++) {
        struct curl_slist *longer = curl_slist_append(line->headers, headers[i]);
        is_whole = longer != NULL;
        line->headers = longer ? longer : line->headers;
    }
    if (!is_whole) {
        lede_shards_line_free(line);
        return lede_fail_memory(reterr);
    }
    curl_multi_setopt(line->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
    *ret_line = line;
    return LEDE_OK;
}

void lede_shard_question_done(struct lede_shard_question *question)
{
    lede_buffer_done(&question->answer);
}

/* ---- One copy ---- */

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    (void)size; /* is 1 by curl's promise */
    transfer->is_too_long = transfer->answer.size + count > ANSWER_BYTES_MAX;
    if (transfer->is_too_long)
        return 0;
    lede_buffer_append(&transfer->answer, data, count);
    return transfer->answer.failed ? 0 : count;
}

static CURL *take_handle(struct lede_shards_line *line)
{
    if (line->idle_count > 0)
        return line->idle[--line->idle_count];
    CURL *curl = curl_easy_init();
    if (!curl)
        return NULL;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)line->wire->connect_ms);
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, line->headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    if (line->wire->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, line->wire->ca_file);
    return curl;
}

static void give_back_handle(struct lede_shards_line *line, struct transfer *transfer)
{
    if (!transfer->curl)
        return;
    curl_multi_remove_handle(line->multi, transfer->curl);
    if (LEDE_ARRAY_RESERVE(line->idle, line->idle_capacity, line->idle_count + 1))
        line->idle[line->idle_count++] = transfer->curl;
    else
        curl_easy_cleanup(transfer->curl);
    transfer->curl = NULL;
}

static size_t copy_number(const struct asking *asking, size_t transfer)
{
    return (asking->question->copy + transfer) % asking->copies;
}

/* Ask the next copy, if there is one. */
static void ask_next(
    struct lede_shards_line *line, const struct lede_shard_map *map, struct asking *asking)
{
    struct lede_shard_question *question = asking->question;
    char address[1200];
    asking->next_ns = UINT64_MAX;
    if (asking->tried == asking->copies)
        return;
    struct transfer *transfer = &asking->transfers[asking->tried];
    size_t copy = copy_number(asking, asking->tried++);
    snprintf(address, sizeof(address), "%s" LEDE_SHARD_PATH,
        lede_shard_map_address(map, question->shard, copy));
    transfer->curl = take_handle(line);
    if (!transfer->curl)
        return;
    curl_easy_setopt(transfer->curl, CURLOPT_URL, address);
    curl_easy_setopt(transfer->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)question->body->size);
    curl_easy_setopt(transfer->curl, CURLOPT_POSTFIELDS, question->body->data);
    curl_easy_setopt(transfer->curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(transfer->curl, CURLOPT_ERRORBUFFER, transfer->why);
    curl_easy_setopt(transfer->curl, CURLOPT_PRIVATE, asking);
    if (curl_multi_add_handle(line->multi, transfer->curl) != CURLM_OK) {
        give_back_handle(line, transfer);
        return;
    }
    question->sent_bytes += question->body->size;
    if (line->wire->hedge_ms > 0)
        asking->next_ns = lede_time_monotonic_ns() + line->wire->hedge_ms * NS_PER_MS;
}

/* ---- All ---- */

static void tell_refusal(struct lede_shard_question *question, const char *address, long status,
    struct transfer *transfer)
{
    size_t size = transfer->answer.size < TOLD_MAX ? transfer->answer.size : TOLD_MAX;
    const char *text = transfer->answer.data ? transfer->answer.data : "";
    const char *detail = strstr(text, "\"detail\":\"");
    if (detail) {
        text = detail + strlen("\"detail\":\"");
        size = strcspn(text, "\"");
        size = size < TOLD_MAX ? size : TOLD_MAX;
    }
    (void)lede_fail(
        &question->why, LEDE_EBUSY, "%s answers %ld: %.*s", address, status, (int)size, text);
}

static void end_transfer(struct lede_shards_line *line, const struct lede_shard_map *map,
    struct asking *asking, size_t number, CURLcode code)
{
    struct lede_shard_question *question = asking->question;
    struct transfer *transfer = &asking->transfers[number];
    const char *address = lede_shard_map_address(map, question->shard, copy_number(asking, number));
    long status = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    give_back_handle(line, transfer);
    if (code == CURLE_OK && status == 200 && !asking->has_ended) {
        asking->has_ended = true;
        question->is_answered = true;
        question->copy = copy_number(asking, number);
        question->answer = transfer->answer;
        transfer->answer = (struct lede_buffer){0};
        return;
    }
    if (transfer->is_too_long)
        (void)lede_fail(&question->why, LEDE_ELIMIT, "%s answers with more than %zu bytes", address,
            ANSWER_BYTES_MAX);
    else if (code == CURLE_OK)
        tell_refusal(question, address, status, transfer);
    else
        (void)lede_fail(&question->why, LEDE_EBUSY, "%s: %s", address,
            transfer->why[0] ? transfer->why : curl_easy_strerror(code));
    lede_buffer_done(&transfer->answer);
    if (!asking->has_ended)
        ask_next(line, map, asking);
}

static bool is_under_way(const struct asking *asking)
{
    bool any = false;
    for (size_t i = 0; i < asking->tried; i++)
        any = any || asking->transfers[i].curl;
    return any && !asking->has_ended;
}

/* What has come, or gone wrong, since the last look. */
static void take_messages(struct lede_shards_line *line, const struct lede_shard_map *map)
{
    int left = 0;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(line->multi, &left))) {
        struct asking *asking = NULL;
        CURL *curl = message->easy_handle;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&asking);
        for (size_t i = 0; i < asking->tried; i++) {
            if (asking->transfers[i].curl == curl) {
                end_transfer(line, map, asking, i, code);
                break;
            }
        }
    }
}

static void stop_all(struct lede_shards_line *line, struct asking *asking)
{
    for (size_t i = 0; i < asking->tried; i++) {
        give_back_handle(line, &asking->transfers[i]);
        lede_buffer_done(&asking->transfers[i].answer);
    }
}

/* Returns when to look again at the latest; 0: nothing is under way. */
static uint64_t hedge(struct lede_shards_line *line, const struct lede_shard_map *map,
    struct asking *askings, size_t count)
{
    uint64_t now_ns = lede_time_monotonic_ns(), next_ns = UINT64_MAX;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (!is_under_way(&askings[i]))
            continue;
        any = true;
        if (now_ns >= askings[i].next_ns)
            ask_next(line, map, &askings[i]);
        next_ns = askings[i].next_ns < next_ns ? askings[i].next_ns : next_ns;
    }
    return any ? next_ns : 0;
}

void lede_shards_line_ask(struct lede_shards_line *line, const struct lede_shard_map *map,
    struct lede_shard_question *questions, size_t count, uint64_t until_ns)
{
    LEDE_CLEANUP(lede_freep) struct asking *askings = calloc(count + 1, sizeof(*askings));
    for (size_t i = 0; askings && i < count; i++) {
        questions[i].why = (struct lede_error){0};
        askings[i].question = &questions[i];
        askings[i].copies = lede_shard_map_copies(map, questions[i].shard);
        questions[i].copy %= askings[i].copies;
        ask_next(line, map, &askings[i]);
    }
    for (uint64_t next_ns = 1; askings;) {
        int running = 0;
        if (curl_multi_perform(line->multi, &running) != CURLM_OK)
            break;
        take_messages(line, map);
        next_ns = hedge(line, map, askings, count);
        uint64_t now_ns = lede_time_monotonic_ns();
        if (next_ns == 0 || now_ns >= until_ns || lede_time_has_passed(UINT64_MAX))
            break;
        next_ns = next_ns < until_ns ? next_ns : until_ns;
        uint64_t wait_ms = next_ns > now_ns ? (next_ns - now_ns) / NS_PER_MS + 1 : 0;
        curl_multi_poll(
            line->multi, NULL, 0, (int)(wait_ms < POLL_MS_MAX ? wait_ms : POLL_MS_MAX), NULL);
    }
    for (size_t i = 0; i < count; i++) {
        if (askings)
            stop_all(line, &askings[i]);
        if (!questions[i].is_answered && questions[i].why.status == LEDE_OK)
            (void)lede_fail(&questions[i].why, LEDE_ETIMEOUT, "%s has not answered in time",
                lede_shard_map_address(map, questions[i].shard, questions[i].copy));
    }
}
