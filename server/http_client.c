/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http_client.h"

#include "lede/model.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_S 10L
#define NEAR_MS 1000L /* where a transfer has a limit it is between machines near each other */
/* a bulk commits for a while before it answers; a dead peer is found by keep-alive probes */
#define SILENCE_S 600L
#define ANSWER_BYTES_MAX ((size_t)256 << 20)

struct lede_http_client {
    CURL *curl;
    char *name;                 /* of the server, as it was given */
    char *base_url;             /* without a slash at its end */
    struct curl_slist *headers; /* of each request; NULL: none */
    char why[CURL_ERROR_SIZE];
    const struct lede_http_post *post; /* the one under way */
    bool takes_text;                   /* the answer under way need not be JSON */
    const atomic_bool *stops;          /* NULL: nothing ends a transfer */
};

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct lede_buffer *body = context;
    (void)size; /* is 1 by curl's promise */
    if (body->size + count > ANSWER_BYTES_MAX)
        return 0;
    lede_buffer_append(body, data, count);
    return body->failed ? 0 : count;
}

static int on_transfer(void *context, curl_off_t down_total, curl_off_t down_now,
    curl_off_t up_total, curl_off_t up_now)
{
    struct lede_http_client *client = context;
    (void)down_total;
    (void)down_now;
    (void)up_total;
    if (client->post && client->post->on_progress)
        client->post->on_progress(client->post->context, (uint64_t)up_now);
    return client->stops && *client->stops;
}

static void set_options(struct lede_http_client *client)
{
    CURL *curl = client->curl;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->why);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, SILENCE_S);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "lede/" LEDE_PROGRAM_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_transfer);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client);
    /* A news archive on this machine is asked directly, whatever proxy the environment names for
     * the web. */
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
}

static bool add_header(struct lede_http_client *client, const char *name, const char *value)
{
    LEDE_CLEANUP(lede_freep) char *header = NULL;
    if (asprintf(&header, "%s: %s", name, value) < 0)
        return false;
    struct curl_slist *headers = curl_slist_append(client->headers, header);
    client->headers = headers ? headers : client->headers;
    return headers != NULL;
}

/* curl sends it to no other server, wherever that redirects. */
static bool add_key(struct lede_http_client *client, const char *key)
{
    LEDE_CLEANUP(lede_freep) char *value = NULL;
    return asprintf(&value, "Bearer %s", key) >= 0 && add_header(client, "Authorization", value);
}

/* A script that is traced says so in its environment; the server looks whether that is sound. */
static bool add_trace(struct lede_http_client *client)
{
    static const struct {
        const char *variable, *header;
    } handed_on[] = {{"TRACEPARENT", "traceparent"}, {"TRACESTATE", "tracestate"}};
    for (size_t i = 0; i < LEDE_COUNT_OF(handed_on); i++) {
        const char *value = getenv(handed_on[i].variable);
        bool is_line = value && value[0] && !strpbrk(value, "\r\n");
        if (is_line && !add_header(client, handed_on[i].header, value))
            return false;
    }
    return true;
}

/* Whom to ask: by the network, or by the path of a socket, where the host is this machine. */
static enum lede_status set_server(
    struct lede_http_client *client, const char *url, struct lede_error *reterr)
{
    static const char unix_scheme[] = "unix:";
    bool is_unix = strncmp(url, unix_scheme, sizeof(unix_scheme) - 1) == 0;
    const char *path = url + sizeof(unix_scheme) - 1;
    if (is_unix ? path[0] != '/'
                : strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a URL such as " LEDE_URL_DEFAULT " or unix:/path, found '%.80s'", url);
    if (is_unix && curl_easy_setopt(client->curl, CURLOPT_UNIX_SOCKET_PATH, path) != CURLE_OK)
        return lede_fail_memory(reterr);
    client->name = strdup(url);
    client->base_url = strdup(is_unix ? "http://localhost" : url);
    if (!client->name || !client->base_url)
        return lede_fail_memory(reterr);
    size_t size = strlen(client->base_url);
    while (size > 0 && client->base_url[size - 1] == '/')
        client->base_url[--size] = '\0';
    return LEDE_OK;
}

enum lede_status lede_http_client_new(const char *base_url, const char *key, const char *ca_file,
    struct lede_http_client **ret_client, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_http_client_freep)
    struct lede_http_client *client = calloc(1, sizeof(*client));
    if (!client)
        return lede_fail_memory(reterr);
    client->curl = curl_easy_init();
    if (!client->curl)
        return lede_fail_memory(reterr);
    enum lede_status st = set_server(client, base_url, reterr);
    if (st != LEDE_OK)
        return st;
    set_options(client);
    if ((ca_file && curl_easy_setopt(client->curl, CURLOPT_CAINFO, ca_file) != CURLE_OK) ||
        (key && !add_key(client, key)) || !add_trace(client))
        return lede_fail_memory(reterr);
    *ret_client = LEDE_TAKE(&client);
    return LEDE_OK;
}

void lede_http_client_ask_own_machine(struct lede_http_client *client)
{
    curl_easy_setopt(client->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(client->curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(client->curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

void lede_http_client_stop_on(
    struct lede_http_client *client, const atomic_bool *stops, long silence_s)
{
    client->stops = stops;
    curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_TIME, silence_s);
}

void lede_http_client_limit(struct lede_http_client *client, uint32_t ms)
{
    curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT_MS, ms < NEAR_MS ? (long)ms : NEAR_MS);
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, (long)ms);
}

void lede_http_client_free(struct lede_http_client *client)
{
    if (!client)
        return;
    if (client->curl)
        curl_easy_cleanup(client->curl);
    curl_slist_free_all(client->headers);
    free(client->name);
    free(client->base_url);
    free(client);
}

void lede_http_client_freep(struct lede_http_client **client)
{
    lede_http_client_free(*client);
    *client = NULL;
}

void lede_http_answer_done(struct lede_http_answer *answer)
{
    json_decref(answer->json);
    lede_buffer_done(&answer->body);
    *answer = (struct lede_http_answer){0};
}

/* Send what is set up and take the answer in. */
static enum lede_status perform(struct lede_http_client *client, const char *path,
    struct lede_http_answer *answer, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *url = NULL;
    if (asprintf(&url, "%s%s", client->base_url, path) < 0)
        return lede_fail_memory(reterr);
    curl_off_t retry_after = 0;
    client->why[0] = '\0';
    curl_easy_setopt(client->curl, CURLOPT_URL, url);
    curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &answer->body);
    CURLcode code = curl_easy_perform(client->curl);
    answer->is_sent = code != CURLE_COULDNT_CONNECT && code != CURLE_COULDNT_RESOLVE_HOST &&
                      code != CURLE_COULDNT_RESOLVE_PROXY;
    if (code != CURLE_OK)
        return lede_fail(reterr, LEDE_EIO, "cannot ask '%.120s': %s", client->name,
            client->why[0] ? client->why : curl_easy_strerror(code));
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_getinfo(client->curl, CURLINFO_RETRY_AFTER, &retry_after);
    answer->retry_after_s = (long)retry_after;
    if (answer->status == 204 || (answer->status == 200 && client->takes_text))
        return LEDE_OK;
    struct lede_error unused;
    enum lede_status st = lede_json_parse(
        answer->body.data ? answer->body.data : "", answer->body.size, &answer->json, &unused);
    if (st == LEDE_OK && json_is_object(answer->json))
        return LEDE_OK;
    return lede_fail(reterr, st == LEDE_ENOMEM ? st : LEDE_EINPUT,
        "'%.120s' answered %ld with something that is not Lede's JSON", client->name,
        answer->status);
}

enum lede_status lede_http_client_get(struct lede_http_client *client, const char *path,
    struct lede_http_answer *ret_answer, struct lede_error *reterr)
{
    client->post = NULL;
    curl_easy_setopt(client->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, client->headers);
    return perform(client, path, ret_answer, reterr);
}

enum lede_status lede_http_client_get_text(struct lede_http_client *client, const char *path,
    struct lede_http_answer *ret_answer, struct lede_error *reterr)
{
    client->takes_text = true;
    enum lede_status st = lede_http_client_get(client, path, ret_answer, reterr);
    client->takes_text = false;
    return st;
}

enum lede_status lede_http_client_delete(struct lede_http_client *client, const char *path,
    struct lede_http_answer *ret_answer, struct lede_error *reterr)
{
    curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    enum lede_status st = lede_http_client_get(client, path, ret_answer, reterr);
    curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, NULL);
    return st;
}

enum lede_status lede_http_client_post(struct lede_http_client *client,
    const struct lede_http_post *post, struct lede_http_answer *ret_answer,
    struct lede_error *reterr)
{
    char type[96];
    snprintf(type, sizeof(type), "Content-Type: %s", post->media_type);
    /* Without "Expect:" curl would wait for a 100 before each large body. */
    char never[] = "Expect:", always[] = "Expect: 100-continue";
    struct curl_slist expect = {.data = post->asks_first ? always : never, .next = client->headers};
    struct curl_slist headers = {.data = type, .next = &expect};
    client->post = post;
    /* On a connection that was used before curl would send a lost request again, and not say so. */
    curl_easy_setopt(client->curl, CURLOPT_FRESH_CONNECT, post->may_repeat ? 0L : 1L);
    client->takes_text = post->takes_text;
    curl_easy_setopt(client->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->size);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, post->body);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, &headers);
    enum lede_status st = perform(client, post->path, ret_answer, reterr);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(client->curl, CURLOPT_FRESH_CONNECT, 0L);
    client->takes_text = false;
    client->post = NULL;
    return st;
}

void lede_http_answer_error(const struct lede_http_answer *answer, struct lede_error *ret_error)
{
    const char *title = json_string_value(json_object_get(answer->json, "title"));
    const char *detail = json_string_value(json_object_get(answer->json, "detail"));
    const char *hint = json_string_value(json_object_get(answer->json, "hint"));
    const char *param = json_string_value(json_object_get(answer->json, "param"));
    const json_t *position = json_object_get(answer->json, "position");
    (void)lede_fail(ret_error, LEDE_EIO, "%s%s%s",
        detail && param && strcmp(param, "q") != 0 ? param : "",
        detail && param && strcmp(param, "q") != 0 ? ": " : "",
        detail  ? detail
        : title ? title
                : "the server refused it");
    if (hint)
        lede_error_hint(ret_error, "%s", hint);
    if (param)
        snprintf(ret_error->param, sizeof(ret_error->param), "%s", param);
    ret_error->has_position = json_is_integer(position);
    ret_error->position = (size_t)json_integer_value(position);
}
