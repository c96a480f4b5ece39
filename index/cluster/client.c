/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"

#include "answers.h"
#include "lede/time.h"
#include "refusals.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS UINT64_C(1000000)
#define CONNECT_MS 1000
#define TIMEOUT_MS 5000
#define SILENCE_MS 5000
/* Between two rounds over all members, none of which has taken it. */
#define ROUND_PAUSE_MS 50
#define ROUND_PAUSE_MS_MAX 500

/* ---- The client ---- */

void lede_etcd_free(struct lede_etcd *client)
{
    if (!client)
        return;
    for (size_t i = 0; i < client->idle_count; i++)
        lede_etcd_channel_free(client->idle[i]);
    pthread_mutex_destroy(&client->mutex);
    free(client->wire.ca_file);
    free(client->wire.cert_file);
    free(client->wire.key_file);
    free(client);
}

void lede_etcd_freep(struct lede_etcd **client)
{
    lede_etcd_free(*client);
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

/* Is it a scheme and a host, with a port maybe, and nothing else? */
static bool is_endpoint(const char *text)
{
    CURLU *url = curl_url();
    char *path = NULL;
    bool is_one = (!strncmp(text, "http://", 7) || !strncmp(text, "https://", 8)) && url &&
                  curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                  !has_part(url, CURLUPART_USER) && !has_part(url, CURLUPART_PASSWORD) &&
                  !has_part(url, CURLUPART_QUERY) && !has_part(url, CURLUPART_FRAGMENT) &&
                  curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK && !strcmp(path, "/");
    curl_free(path);
    curl_url_cleanup(url);
    return is_one;
}

static enum lede_status add_endpoint(
    struct lede_etcd *client, const char *text, size_t size, struct lede_error *reterr)
{
    if (client->endpoint_count == LEDE_ETCD_ENDPOINTS_MAX)
        return lede_fail(reterr, LEDE_EINPUT, "expected at most %d addresses of etcd, found more",
            LEDE_ETCD_ENDPOINTS_MAX);
    char *endpoint = client->endpoints[client->endpoint_count];
    if (size > 0 && text[size - 1] == '/')
        size--;
    if (size > 0 && size < LEDE_ETCD_ADDRESS_BYTES_MAX) {
        memcpy(endpoint, text, size);
        endpoint[size] = '\0';
        if (is_endpoint(endpoint)) {
            client->endpoint_count++;
            return LEDE_OK;
        }
    }
    return lede_fail(reterr, LEDE_EINPUT,
        "expected addresses of etcd like http://127.0.0.1:2379, found '%.*s'",
        (int)(size < 100 ? size : 100), text);
}

static enum lede_status read_endpoints(
    struct lede_etcd *client, const char *text, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    do {
        text += strspn(text, " \t");
        size_t size = strcspn(text, ", \t");
        st = add_endpoint(client, text, size, reterr);
        text += size;
        text += strspn(text, " \t");
        if (st == LEDE_OK && *text && *text != ',')
            st = lede_fail(reterr, LEDE_EINPUT, "expected commas between addresses of etcd");
    } while (st == LEDE_OK && *text++ == ',');
    return st;
}

static bool copy_text(const char *text, char **ret_copy)
{
    *ret_copy = text ? strdup(text) : NULL;
    return *ret_copy || !text;
}

static enum lede_status set_up(
    struct lede_etcd *client, const struct lede_etcd_options *options, struct lede_error *reterr)
{
    struct lede_etcd_wire *wire = &client->wire;
    client->timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_MS;
    client->silence_ms = options->silence_ms ? options->silence_ms : SILENCE_MS;
    client->request_bytes_max =
        options->request_bytes_max ? options->request_bytes_max : LEDE_ETCD_REQUEST_BYTES_MAX;
    wire->connect_ms = options->connect_ms ? options->connect_ms : CONNECT_MS;
    wire->answer_bytes_max =
        options->answer_bytes_max ? options->answer_bytes_max : LEDE_ETCD_ANSWER_BYTES_MAX;
    if (!options->cert_file != !options->key_file)
        return lede_fail(
            reterr, LEDE_EINPUT, "expected a certificate for etcd and its key, found one of them");
    if (!copy_text(options->ca_file, &wire->ca_file) ||
        !copy_text(options->cert_file, &wire->cert_file) ||
        !copy_text(options->key_file, &wire->key_file))
        return lede_fail_memory(reterr);
    return read_endpoints(client, options->endpoints, reterr);
}

enum lede_status lede_etcd_open(const struct lede_etcd_options *options,
    struct lede_etcd **ret_client, struct lede_error *reterr)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return lede_fail_memory(reterr);
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = calloc(1, sizeof(*client));
    if (!client)
        return lede_fail_memory(reterr);
    pthread_mutex_init(&client->mutex, NULL);
    enum lede_status st = set_up(client, options, reterr);
    if (st == LEDE_OK)
        *ret_client = LEDE_TAKE(&client);
    return st;
}

/* ---- Channels ---- */

static enum lede_status take_channel(
    struct lede_etcd *client, struct lede_etcd_channel **ret_channel, struct lede_error *reterr)
{
    *ret_channel = NULL;
    pthread_mutex_lock(&client->mutex);
    if (client->idle_count > 0)
        *ret_channel = client->idle[--client->idle_count];
    pthread_mutex_unlock(&client->mutex);
    return *ret_channel ? LEDE_OK : lede_etcd_channel_new(&client->wire, NULL, ret_channel, reterr);
}

void lede_etcd_give_back(struct lede_etcd *client, struct lede_etcd_channel *channel)
{
    pthread_mutex_lock(&client->mutex);
    if (channel && client->idle_count < LEDE_ETCD_IDLE_CHANNELS_MAX) {
        client->idle[client->idle_count++] = channel;
        channel = NULL;
    }
    pthread_mutex_unlock(&client->mutex);
    lede_etcd_channel_free(channel);
}

void lede_etcd_avoid(struct lede_etcd *client, size_t endpoint)
{
    size_t expected = endpoint;
    atomic_compare_exchange_strong(
        &client->preferred, &expected, (endpoint + 1) % client->endpoint_count);
}

/* ---- Asking ---- */

/* No answer came to the end: what follows for who asked? */
static enum lede_status judge_silence(
    enum lede_status st, bool was_sent, const struct lede_error *why, struct lede_error *reterr)
{
    if (!was_sent && (st == LEDE_ENOMEM || st == LEDE_ESTOPPED))
        return lede_fail(reterr, st, "%s", why->message);
    if (!was_sent)
        return lede_fail(reterr, LEDE_EBUSY, "no member of etcd was reached: %s", why->message);
    return lede_fail(reterr, LEDE_ETIMEOUT, "whether it was done is not known: %s", why->message);
}

static enum lede_status judge_answer(const struct lede_etcd_answer *answer,
    enum lede_etcd_request_kind kind, struct lede_error *reterr)
{
    struct lede_etcd_refusal refusal = {.code = -1};
    bool is_error = lede_etcd_read_refusal(answer->text, answer->size, &refusal);
    if (answer->http_status == 200 && !is_error)
        return LEDE_OK;
    if (!is_error)
        snprintf(refusal.message, sizeof(refusal.message), "status %ld", answer->http_status);
    if (kind == LEDE_ETCD_READS && refusal.code == LEDE_ETCD_CODE_RESOURCE_EXHAUSTED &&
        strstr(refusal.message, "space exceeded"))
        return lede_fail(reterr, LEDE_ENOSPC, "etcd says '%s'", refusal.message);
    return lede_etcd_judge(&refusal, reterr);
}

enum lede_status lede_etcd_ask(const struct lede_etcd *client, struct lede_etcd_channel *channel,
    size_t endpoint, const char *path, const struct lede_buffer *body,
    enum lede_etcd_request_kind kind, uint64_t until_ns, struct lede_etcd_answer *ret_answer,
    struct lede_error *reterr)
{
    char address[LEDE_ETCD_ADDRESS_BYTES_MAX + 64];
    struct lede_error why = {0};
    snprintf(address, sizeof(address), "%s%s", client->endpoints[endpoint], path);
    enum lede_status st =
        lede_etcd_channel_post(channel, address, body, until_ns, ret_answer, &why);
    if (st == LEDE_ELIMIT && kind == LEDE_ETCD_READS)
        return lede_fail(reterr, st, "%s", why.message);
    if (st != LEDE_OK)
        return judge_silence(st, ret_answer->was_sent, &why, reterr);
    return judge_answer(ret_answer, kind, reterr);
}

/* Calls that are made in turn. */
struct turns {
    size_t first, tries;
    uint64_t until_ns;
    uint32_t pause_ms;
};

/* What only reads may be asked of each member that is left; what writes is sent once, and has all
 * the time there is. */
static uint64_t turn_ends(
    const struct turns *turns, const struct lede_etcd *client, enum lede_etcd_request_kind kind)
{
    uint64_t now_ns = lede_time_monotonic_ns();
    size_t left = client->endpoint_count - turns->tries % client->endpoint_count;
    if (kind == LEDE_ETCD_WRITES || now_ns >= turns->until_ns)
        return turns->until_ns;
    return now_ns + (turns->until_ns - now_ns) / left;
}

/* Is there another turn? After a round there is a pause before it. */
static bool next_turn(
    struct turns *turns, const struct lede_etcd *client, struct lede_etcd_channel *channel)
{
    uint64_t now_ns = lede_time_monotonic_ns();
    if (++turns->tries % client->endpoint_count == 0) {
        uint64_t pause_ns = turns->pause_ms * NS_PER_MS;
        if (now_ns + pause_ns >= turns->until_ns)
            return false;
        if (lede_etcd_channel_pause(channel, now_ns + pause_ns) != LEDE_OK)
            return false;
        turns->pause_ms =
            2 * turns->pause_ms < ROUND_PAUSE_MS_MAX ? 2 * turns->pause_ms : ROUND_PAUSE_MS_MAX;
    }
    return lede_time_monotonic_ns() < turns->until_ns;
}

static enum lede_status ask_in_turn(struct lede_etcd *client, struct lede_etcd_channel *channel,
    const char *path, const struct lede_buffer *body, enum lede_etcd_request_kind kind,
    struct lede_etcd_answer *ret_answer, struct lede_error *reterr)
{
    struct turns turns = {.first = atomic_load(&client->preferred),
        .until_ns = lede_time_monotonic_ns() + client->timeout_ms * NS_PER_MS,
        .pause_ms = ROUND_PAUSE_MS};
    for (;;) {
        size_t endpoint = (turns.first + turns.tries) % client->endpoint_count;
        enum lede_status st = lede_etcd_ask(client, channel, endpoint, path, body, kind,
            turn_ends(&turns, client, kind), ret_answer, reterr);
        bool is_answered = st != LEDE_EBUSY && st != LEDE_ETIMEOUT;
        if (is_answered)
            return st;
        lede_etcd_avoid(client, endpoint);
        bool may_go_on = st == LEDE_EBUSY || kind == LEDE_ETCD_READS;
        if (!may_go_on || !next_turn(&turns, client, channel))
            return st;
    }
}

enum lede_status lede_etcd_call(struct lede_etcd *client, const char *path,
    const struct lede_buffer *body, enum lede_etcd_request_kind kind,
    struct lede_etcd_channel **ret_channel, struct lede_etcd_answer *ret_answer,
    struct lede_error *reterr)
{
    struct lede_etcd_channel *channel = NULL;
    if (lede_buffer_status(body) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status st = take_channel(client, &channel, reterr);
    if (st != LEDE_OK)
        return st;
    st = ask_in_turn(client, channel, path, body, kind, ret_answer, reterr);
    if (st == LEDE_OK)
        *ret_channel = channel;
    else
        lede_etcd_give_back(client, channel);
    return st;
}
