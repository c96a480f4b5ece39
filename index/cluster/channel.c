/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libcurl's multi interface drives a single transfer, because its wait can be woken by another
 * thread: whoever stops a watch does not wait for it.
 *
 * libcurl sends a request again, on a new connection, where one that it had kept turns out to be
 * closed. A transaction that comes twice fails its own compares, and would be told as refused
 * though it was done. So the second sending is forbidden here, in the callback that libcurl makes
 * between connecting and sending; the same callback tells what was surely not sent. */
#include "channel.h"

#include "lede/time.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS UINT64_C(1000000)
#define POLL_MS_MAX 60000
#define KEEP_CONNECTED_BYTES ((size_t)64 << 10) /* of a buffer that is kept between answers */

struct lede_etcd_channel {
    const struct lede_etcd_wire *wire;
    const atomic_bool *stops;
    CURLM *multi;
    CURL *curl;
    struct curl_slist *headers;
    char why[CURL_ERROR_SIZE];
    struct lede_buffer received;
    size_t line_at;    /* the part of a line that has no end yet begins here */
    size_t taken;      /* bytes of `received` that were given out as lines */
    bool is_stream;    /* the limit is a line's */
    bool is_under_way; /* the transfer is in `multi` */
    bool is_too_long;
    bool was_sent;
    bool is_whole;         /* a stream that has ended: by itself */
    struct lede_error end; /* and what is told then */
};

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct lede_etcd_channel *channel = context;
    struct lede_buffer *received = &channel->received;
    (void)size; /* is 1 by curl's promise */
    const char *end = channel->is_stream ? memrchr(data, '\n', count) : NULL;
    size_t begins = end ? received->size + (size_t)(end - data) + 1 : channel->line_at;
    /* What is before `begins` is bounded by how much curl reads between two waits. */
    channel->is_too_long = received->size + count - begins > channel->wire->answer_bytes_max;
    if (channel->is_too_long)
        return 0;
    channel->line_at = begins;
    lede_buffer_append(received, data, count);
    return received->failed ? 0 : count;
}

static int on_connected(void *context, char *remote, char *local, int remote_port, int local_port)
{
    struct lede_etcd_channel *channel = context;
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    if (channel->was_sent)
        return CURL_PREREQFUNC_ABORT;
    channel->was_sent = true;
    return CURL_PREREQFUNC_OK;
}

void lede_etcd_channel_end(struct lede_etcd_channel *channel)
{
    if (channel->is_under_way)
        curl_multi_remove_handle(channel->multi, channel->curl);
    channel->is_under_way = false;
}

void lede_etcd_channel_free(struct lede_etcd_channel *channel)
{
    if (!channel)
        return;
    if (channel->multi)
        lede_etcd_channel_end(channel);
    curl_easy_cleanup(channel->curl);
    curl_multi_cleanup(channel->multi);
    curl_slist_free_all(channel->headers);
    lede_buffer_done(&channel->received);
    free(channel);
}

void lede_etcd_channel_freep(struct lede_etcd_channel **channel)
{
    lede_etcd_channel_free(*channel);
}

static bool add_headers(struct lede_etcd_channel *channel)
{
    /* A member that knows no leader says so at once; without `Expect:` a large body would wait for
     * leave to be sent. */
    static const char *const headers[] = {
        "Content-Type: application/json", "Grpc-Metadata-Hasleader: true", "Expect:"};
    for (size_t i = 0; i < LEDE_COUNT_OF(headers); i++) {
        struct curl_slist *longer = curl_slist_append(channel->headers, headers[i]);
        if (!longer)
            return false;
        channel->headers = longer;
    }
    return true;
}

static bool set_files(CURL *curl, const struct lede_etcd_wire *wire)
{
    bool done = !wire->ca_file || curl_easy_setopt(curl, CURLOPT_CAINFO, wire->ca_file) == CURLE_OK;
    if (done && wire->cert_file)
        done = curl_easy_setopt(curl, CURLOPT_SSLCERT, wire->cert_file) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_SSLKEY, wire->key_file) == CURLE_OK;
    return done;
}

static void set_options(struct lede_etcd_channel *channel)
{
    CURL *curl = channel->curl;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, channel->why);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)channel->wire->connect_ms);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, 5L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, 2L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, channel->headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, channel);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, channel);
}

enum lede_status lede_etcd_channel_new(const struct lede_etcd_wire *wire, const atomic_bool *stops,
    struct lede_etcd_channel **ret_channel, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_etcd_channel_freep)
    struct lede_etcd_channel *channel = calloc(1, sizeof(*channel));
    if (!channel)
        return lede_fail_memory(reterr);
    channel->wire = wire;
    channel->stops = stops;
    channel->curl = curl_easy_init();
    channel->multi = channel->curl ? curl_multi_init() : NULL;
    if (!channel->multi || !add_headers(channel))
        return lede_fail_memory(reterr);
    set_options(channel);
    if (!set_files(channel->curl, wire))
        return lede_fail(reterr, LEDE_EINPUT, "the files of certificates for etcd cannot be set");
    *ret_channel = LEDE_TAKE(&channel);
    return LEDE_OK;
}

void lede_etcd_channel_wake(struct lede_etcd_channel *channel)
{
    curl_multi_wakeup(channel->multi);
}

static bool is_stopped(const struct lede_etcd_channel *channel)
{
    return channel->stops && atomic_load(channel->stops);
}

/* Wait for the connection, for a wake, or for the time. */
static void poll_once(struct lede_etcd_channel *channel, uint64_t until_ns)
{
    uint64_t now_ns = lede_time_monotonic_ns();
    uint64_t left_ms = until_ns > now_ns ? (until_ns - now_ns) / NS_PER_MS + 1 : 0;
    curl_multi_poll(
        channel->multi, NULL, 0, (int)(left_ms < POLL_MS_MAX ? left_ms : POLL_MS_MAX), NULL);
}

enum lede_status lede_etcd_channel_pause(struct lede_etcd_channel *channel, uint64_t until_ns)
{
    while (!is_stopped(channel)) {
        if (lede_time_monotonic_ns() >= until_ns)
            return LEDE_OK;
        poll_once(channel, until_ns);
    }
    return LEDE_ESTOPPED;
}

enum lede_status lede_etcd_channel_begin(struct lede_etcd_channel *channel, const char *address,
    const struct lede_buffer *body, struct lede_error *reterr)
{
    lede_etcd_channel_end(channel);
    if (channel->received.capacity > KEEP_CONNECTED_BYTES)
        lede_buffer_done(&channel->received);
    lede_buffer_clear(&channel->received);
    channel->line_at = channel->taken = 0;
    channel->is_too_long = channel->was_sent = false;
    channel->is_stream = true;
    channel->is_whole = false;
    channel->why[0] = '\0';
    if (curl_easy_setopt(channel->curl, CURLOPT_URL, address) != CURLE_OK)
        return lede_fail_memory(reterr);
    curl_easy_setopt(channel->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
    curl_easy_setopt(channel->curl, CURLOPT_POSTFIELDS, body->data);
    if (curl_multi_add_handle(channel->multi, channel->curl) != CURLM_OK)
        return lede_fail_memory(reterr);
    channel->is_under_way = true;
    return LEDE_OK;
}

static enum lede_status fail_transfer(
    const struct lede_etcd_channel *channel, CURLcode code, struct lede_error *reterr)
{
    if (channel->is_too_long)
        return lede_fail(reterr, LEDE_ELIMIT,
            "etcd's answer is larger than expected: more than %zu bytes",
            channel->wire->answer_bytes_max);
    if (code == CURLE_OUT_OF_MEMORY || channel->received.failed)
        return lede_fail_memory(reterr);
    return lede_fail(
        reterr, LEDE_EIO, "%s", channel->why[0] ? channel->why : curl_easy_strerror(code));
}

/* Has the transfer ended? ret_code  how */
static bool has_ended(struct lede_etcd_channel *channel, CURLcode *ret_code)
{
    int left = 0;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(channel->multi, &left)))
        if (message->msg == CURLMSG_DONE) {
            *ret_code = message->data.result;
            return true;
        }
    return false;
}

/* Let the transfer go on for one step; where there is nothing to do, wait.
 * ret_ended  it is whole */
static enum lede_status step(struct lede_etcd_channel *channel, uint64_t until_ns, bool *ret_ended,
    struct lede_error *reterr)
{
    int running = 0;
    CURLcode code = CURLE_OK;
    size_t before = channel->received.size;
    if (is_stopped(channel))
        return lede_fail(reterr, LEDE_ESTOPPED, "stopped");
    if (curl_multi_perform(channel->multi, &running) != CURLM_OK)
        return lede_fail_memory(reterr);
    *ret_ended = has_ended(channel, &code);
    if (*ret_ended && code != CURLE_OK)
        return fail_transfer(channel, code, reterr);
    if (*ret_ended || channel->received.size > before)
        return LEDE_OK;
    if (lede_time_monotonic_ns() >= until_ns)
        return lede_fail(reterr, LEDE_ETIMEOUT, "etcd has not answered in time");
    poll_once(channel, until_ns);
    return LEDE_OK;
}

enum lede_status lede_etcd_channel_post(struct lede_etcd_channel *channel, const char *address,
    const struct lede_buffer *body, uint64_t until_ns, struct lede_etcd_answer *ret_answer,
    struct lede_error *reterr)
{
    bool ended = false;
    *ret_answer = (struct lede_etcd_answer){0};
    enum lede_status st = lede_etcd_channel_begin(channel, address, body, reterr);
    channel->is_stream = false;
    while (st == LEDE_OK && !ended)
        st = step(channel, until_ns, &ended, reterr);
    ret_answer->was_sent = channel->was_sent;
    if (st == LEDE_OK) {
        curl_easy_getinfo(channel->curl, CURLINFO_RESPONSE_CODE, &ret_answer->http_status);
        ret_answer->text = channel->received.data ? channel->received.data : "";
        ret_answer->size = channel->received.size;
    }
    lede_etcd_channel_end(channel);
    return st;
}

/* Forget the lines that were given out. */
static void drop_taken(struct lede_etcd_channel *channel)
{
    struct lede_buffer *received = &channel->received;
    if (channel->taken == 0)
        return;
    memmove(received->data, received->data + channel->taken, received->size - channel->taken);
    received->size -= channel->taken;
    received->data[received->size] = '\0';
    channel->line_at -= channel->taken;
    channel->taken = 0;
}

/* The next whole line, or at the end what has none. */
static bool take_line(
    struct lede_etcd_channel *channel, bool ended, const char **ret_line, size_t *ret_size)
{
    const struct lede_buffer *received = &channel->received;
    size_t left = received->size - channel->taken;
    const char *line = received->data ? received->data + channel->taken : "";
    const char *end = channel->taken < channel->line_at ? memchr(line, '\n', left) : NULL;
    if (!end && !(ended && left > 0))
        return false;
    *ret_line = line;
    *ret_size = end ? (size_t)(end - line) : left;
    channel->taken += *ret_size + (end != NULL);
    if (!end)
        channel->line_at = received->size;
    return true;
}

/* The stream has ended, by a failure or not. */
static void note_end(
    struct lede_etcd_channel *channel, enum lede_status st, const struct lede_error *why)
{
    lede_etcd_channel_end(channel);
    channel->is_whole = st == LEDE_OK;
    channel->end = *why;
    if (st == LEDE_OK)
        (void)lede_fail(&channel->end, LEDE_EIO, "etcd has ended the connection");
}

enum lede_status lede_etcd_channel_line(struct lede_etcd_channel *channel, uint64_t until_ns,
    const char **ret_line, size_t *ret_size, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    struct lede_error why = {0};
    bool ended = !channel->is_under_way;
    for (;;) {
        /* What came before a failure is told before it. */
        if (take_line(channel, ended && channel->is_whole, ret_line, ret_size))
            return LEDE_OK;
        if (ended)
            return lede_fail(reterr, channel->end.status, "%s", channel->end.message);
        drop_taken(channel);
        st = step(channel, until_ns, &ended, &why);
        if (st == LEDE_ETIMEOUT || st == LEDE_ESTOPPED)
            return lede_fail(reterr, st, "%s", why.message);
        ended = ended || st != LEDE_OK;
        if (ended)
            note_end(channel, st, &why);
    }
}
