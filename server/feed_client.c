/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed_client.h"

#include "lede/unpack.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_TIMEOUT_S 10L
#define TIMEOUT_S 60L
#define REDIRECTIONS_MAX 5

struct lede_feed_client {
    CURL *curl;
    const volatile sig_atomic_t *stops;
    char why[CURL_ERROR_SIZE];
    struct lede_feed_answer *answer; /* the one under way */
    bool is_too_long;
};

void lede_feed_answer_done(struct lede_feed_answer *answer)
{
    free(answer->etag);
    free(answer->modified);
    free(answer->media_type);
    free(answer->moved_to);
    lede_buffer_done(&answer->body);
    *answer = (struct lede_feed_answer){0};
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct lede_feed_client *client = context;
    struct lede_buffer *body = &client->answer->body;
    (void)size; /* is 1 by curl's promise */
    client->is_too_long = body->size + count > LEDE_FEED_BYTES_MAX;
    if (client->is_too_long)
        return 0;
    lede_buffer_append(body, data, count);
    return body->failed ? 0 : count;
}

static int on_transfer(void *context, curl_off_t down_total, curl_off_t down_now,
    curl_off_t up_total, curl_off_t up_now)
{
    const struct lede_feed_client *client = context;
    (void)down_total;
    (void)down_now;
    (void)up_total;
    (void)up_now;
    return *client->stops != 0;
}

void lede_feed_client_free(struct lede_feed_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    free(client);
}

void lede_feed_client_freep(struct lede_feed_client **client)
{
    lede_feed_client_free(*client);
}

enum lede_status lede_feed_client_new(const volatile sig_atomic_t *stops,
    struct lede_feed_client **ret_client, struct lede_error *reterr)
{
    struct lede_feed_client *client = calloc(1, sizeof(*client));
    CURL *curl = client ? curl_easy_init() : NULL;
    if (!curl) {
        free(client);
        return lede_fail_memory(reterr);
    }
    client->curl = curl;
    client->stops = stops;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->why);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "lede/" LEDE_PROGRAM_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, client);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_transfer);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client);
    *ret_client = client;
    return LEDE_OK;
}

/* Append `Name: value`. Returns false without memory. */
static bool add_header(struct curl_slist **headers, const char *name, const char *value)
{
    LEDE_CLEANUP(lede_freep) char *header = NULL;
    if (!value)
        return true;
    if (asprintf(&header, "%s: %s", name, value) < 0)
        return false;
    struct curl_slist *longer = curl_slist_append(*headers, header);
    *headers = longer ? longer : *headers;
    return longer != NULL;
}

static char *copy_header(CURL *curl, const char *name)
{
    struct curl_header *header = NULL;
    return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
               ? strdup(header->value)
               : NULL;
}

static void read_head(CURL *curl, struct lede_feed_answer *answer)
{
    char *media_type = NULL;
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after_s);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &media_type);
    answer->retry_after_s = (long)retry_after_s;
    answer->etag = copy_header(curl, "ETag");
    answer->modified = copy_header(curl, "Last-Modified");
    if (media_type)
        answer->media_type = strndup(media_type, strcspn(media_type, "; \t"));
}

static enum lede_status fail_transfer(
    const struct lede_feed_client *client, CURLcode code, struct lede_error *reterr)
{
    if (client->is_too_long)
        return lede_fail(
            reterr, LEDE_ELIMIT, "expected at most %zu bytes, found more", LEDE_FEED_BYTES_MAX);
    if (code == CURLE_OUT_OF_MEMORY || client->answer->body.failed)
        return lede_fail_memory(reterr);
    bool is_address = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
    return lede_fail(reterr, is_address ? LEDE_EINPUT : LEDE_EIO, "%s",
        client->why[0] ? client->why : curl_easy_strerror(code));
}

/* One request, without what it redirects to. ret_next: owner the caller; NULL: it does not. */
static enum lede_status get_once(struct lede_feed_client *client, const char *url,
    struct curl_slist *headers, char **ret_next, struct lede_error *reterr)
{
    CURL *curl = client->curl;
    char *next = NULL;
    client->why[0] = '\0';
    client->is_too_long = false;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
    if (code != CURLE_OK)
        return fail_transfer(client, code, reterr);
    read_head(curl, client->answer);
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &next);
    *ret_next = next ? strdup(next) : NULL;
    return !next || *ret_next ? LEDE_OK : lede_fail_memory(reterr);
}

static enum lede_status get_all(struct lede_feed_client *client, const char *url,
    struct curl_slist *headers, struct lede_feed_answer *ret_answer, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *at = strdup(url);
    LEDE_CLEANUP(lede_freep) char *moved_to = NULL;
    bool is_for_good = true;
    client->answer = ret_answer;
    for (int hops = 0; at; hops++) {
        char *next = NULL;
        lede_feed_answer_done(ret_answer);
        enum lede_status st = get_once(client, at, headers, &next, reterr);
        if (st != LEDE_OK)
            return st;
        if (!next) {
            ret_answer->moved_to = LEDE_TAKE(&moved_to);
            return LEDE_OK;
        }
        is_for_good = is_for_good && (ret_answer->status == 301 || ret_answer->status == 308);
        free(at);
        at = next;
        if (hops == REDIRECTIONS_MAX)
            return lede_fail(reterr, LEDE_EINPUT, "it redirects more than %d times, at last to %s",
                REDIRECTIONS_MAX, at);
        free(moved_to);
        moved_to = is_for_good ? strdup(at) : NULL;
    }
    return lede_fail_memory(reterr);
}

/* Sitemaps are often files that are packed, which no Content-Encoding tells. */
static enum lede_status unpack(struct lede_feed_answer *answer, struct lede_error *reterr)
{
    enum { WINDOW_LOG_MAX = 23 };
    struct lede_buffer text = {0};
    enum lede_coding coding =
        lede_coding_of((const unsigned char *)answer->body.data, answer->body.size);
    if (answer->status != 200 || coding == LEDE_CODING_NONE)
        return LEDE_OK;
    enum lede_status st = lede_unpack_all(coding, WINDOW_LOG_MAX, answer->body.data,
        answer->body.size, LEDE_FEED_BYTES_MAX, &text, reterr);
    lede_buffer_done(&answer->body);
    answer->body = text;
    return st;
}

enum lede_status lede_feed_get(struct lede_feed_client *client, const char *url, const char *etag,
    const char *modified, struct lede_feed_answer *ret_answer, struct lede_error *reterr)
{
    struct curl_slist *headers = NULL;
    enum lede_status st = LEDE_OK;
    if (!add_header(&headers, "If-None-Match", etag) ||
        !add_header(&headers, "If-Modified-Since", modified))
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = get_all(client, url, headers, ret_answer, reterr);
    if (st == LEDE_OK)
        st = unpack(ret_answer, reterr);
    curl_slist_free_all(headers);
    return st;
}
