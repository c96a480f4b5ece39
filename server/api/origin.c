/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose page does a request come from, and which server does it mean?
 *
 * A browser on the same machine, or in the same network, asks for whatever page it shows. A page of
 * another site is a stranger: it is known by `Origin`, or by `Sec-Fetch-Site`, which scripts cannot
 * set. A page that has its own name lead to this server (DNS rebinding) is known by `Host`. */
#include "image_hosts.h"

#include <string.h>
#include <strings.h>

#define AUTHORITY_SIZE 320 /* a name of 253 bytes, a port */

/* ---- Lists of settings ---- */

/* Is the text in a list, `a, b`, letters of either case? `*` is everything. */
static bool is_listed(const char *list, const char *text)
{
    size_t text_size = strlen(text);
    for (const char *at = list ? list : ""; *at; at += strcspn(at, ",")) {
        at += strspn(at, ", \t");
        size_t size = strcspn(at, ", \t");
        if ((size == 1 && at[0] == '*') ||
            (size == text_size && size > 0 && strncasecmp(at, text, size) == 0))
            return true;
    }
    return false;
}

/* ---- Host ---- */

/* A host without its port, its brackets and a dot behind it. False: it is none, or too long. */
static bool host_of(const char *authority, char ret_host[AUTHORITY_SIZE])
{
    bool in_brackets = authority[0] == '[';
    const char *host = authority + in_brackets;
    size_t size = strcspn(host, in_brackets ? "]" : ":");
    if (size == 0 || size >= AUTHORITY_SIZE || (in_brackets && host[size] != ']'))
        return false;
    memcpy(ret_host, host, size);
    if (size > 1 && host[size - 1] == '.')
        size--;
    ret_host[size] = '\0';
    return true;
}

/* A host as an address; localhost is one. False: it is a name. */
static bool host_address(const char *host, struct lede_ip *ret_ip)
{
    const char *literal = strcasecmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    return lede_ip_parse(literal, strlen(literal), ret_ip);
}

/* No name of another site leads to an address: it is taken where we listen on all of them. By a
 * Unix socket this machine alone asks. */
static bool is_our_host(const struct lede_api_settings *settings,
    const struct lede_listener *listener, const char *authority)
{
    char host[AUTHORITY_SIZE];
    struct lede_ip asked, ours;
    if (!host_of(authority, host))
        return false;
    if (is_listed(settings->names, host) || is_listed(settings->names, authority))
        return true;
    if (!host_address(host, &asked))
        return false;
    if (lede_listener_is_local(listener))
        return lede_ip_is_loopback(&asked);
    if (!host_address(listener->host, &ours))
        return false;
    return lede_ip_is_any(&ours) || lede_ip_is_same(&ours, &asked);
}

/* ---- Origin ---- */

/* An authority without the port that its scheme implies. False: it is too long. */
static bool without_port(
    const char *authority, const char *port, char ret_authority[AUTHORITY_SIZE])
{
    size_t size = strlen(authority), port_size = strlen(port);
    if (size >= AUTHORITY_SIZE)
        return false;
    if (size > port_size && strcmp(authority + size - port_size, port) == 0)
        size -= port_size;
    memcpy(ret_authority, authority, size);
    ret_authority[size] = '\0';
    return true;
}

/* Is it a page of our own? Behind a proxy `Host` may be another than the browser's. */
static bool is_our_origin(const struct lede_api_settings *settings, const char *origin,
    const struct lede_http_request *request)
{
    char ours[AUTHORITY_SIZE], theirs[AUTHORITY_SIZE];
    const char *host = lede_http_request_header(request, "Host");
    bool is_https = strncasecmp(origin, "https://", 8) == 0;
    const char *port = is_https ? ":443" : ":80";
    if (!is_https && strncasecmp(origin, "http://", 7) != 0)
        return false;
    if (!without_port(origin + (is_https ? 8 : 7), port, theirs))
        return false;
    if (strcmp(settings->names ? settings->names : "", "*") != 0 &&
        is_listed(settings->names, theirs))
        return true;
    return host && without_port(host, port, ours) && strcasecmp(ours, theirs) == 0;
}

static bool is_read(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* A page of another site that the settings let in. */
static bool is_granted(
    const struct lede_api_settings *settings, const char *origin, const char *method)
{
    return is_listed(settings->cors_origins, origin) && is_listed(settings->cors_methods, method);
}

/* Without `Origin` a browser says where it comes from by this. A link that is followed is no
 * stranger's request: a person asks. */
static bool is_strangers_fetch(const struct lede_http_request *request)
{
    const char *site = lede_http_request_header(request, "Sec-Fetch-Site");
    const char *mode = lede_http_request_header(request, "Sec-Fetch-Mode");
    const char *destination = lede_http_request_header(request, "Sec-Fetch-Dest");
    if (!site || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0)
        return false;
    return !is_read(lede_http_request_method(request)) || !mode || strcmp(mode, "navigate") != 0 ||
           (destination && strcmp(destination, "document") != 0);
}

static int admit_origin(const struct lede_api_settings *settings,
    const struct lede_http_request *request, const char **ret_detail)
{
    const char *origin = lede_http_request_header(request, "Origin");
    const char *asked = lede_http_request_header(request, "Access-Control-Request-Method");
    const char *method = lede_http_request_method(request);
    bool is_preflight = origin && asked && strcmp(method, "OPTIONS") == 0;
    if (is_preflight && is_granted(settings, origin, asked))
        return 204;
    if (origin ? is_our_origin(settings, origin, request) || is_granted(settings, origin, method)
               : !is_strangers_fetch(request))
        return 0;
    *ret_detail = "a page of another site may not ask here: cors_origins and cors_methods in the "
                  "settings say which may, and names by which names this server is known";
    return 403;
}

int lede_api_admit(void *context, const struct lede_http_request *request, const char **ret_detail)
{
    const struct lede_api *api = context;
    const struct lede_api_settings *settings = &api->settings;
    const char *host = lede_http_request_header(request, "Host");
    if (host && !is_our_host(settings, lede_http_request_listener(request), host)) {
        *ret_detail = "this server is not known by that name: names in the settings has those that "
                      "it is asked by beside its addresses";
        return 421;
    }
    return admit_origin(settings, request, ret_detail);
}

/* ---- Answers ---- */

static void set_unless_there(struct lede_http_reply *reply, const char *name, const char *value)
{
    for (size_t i = 0; i < reply->header_count; i++) {
        if (strcasecmp(reply->headers[i].name, name) == 0)
            return;
    }
    lede_http_reply_header(reply, name, "%s", value);
}

/* Whoever may read an answer is told by its headers; whether it may ask was seen before. */
static void grant(const struct lede_api_settings *settings, const struct lede_http_request *request,
    const char *origin, struct lede_http_reply *reply)
{
    lede_http_reply_header(reply, "Access-Control-Allow-Origin", "%s", origin);
    lede_http_reply_header(
        reply, "Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id");
    lede_http_reply_header(reply, "Cross-Origin-Resource-Policy", "cross-origin");
    if (strcmp(lede_http_request_method(request), "OPTIONS") != 0)
        return;
    lede_http_reply_header(reply, "Access-Control-Allow-Methods", "%s", settings->cors_methods);
    lede_http_reply_header(reply, "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Content-Encoding, If-Match, If-None-Match, X-Request-Id");
    lede_http_reply_header(reply, "Access-Control-Max-Age", "600");
}

void lede_api_finish(
    void *context, const struct lede_http_request *request, struct lede_http_reply *reply)
{
    static const char *const headers[][2] = {
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Frame-Options", "DENY"},
    };
    const struct lede_api *api = context;
    const char *origin = lede_http_request_header(request, "Origin");
    if (api->settings.cors_origins && api->settings.cors_origins[0])
        lede_http_reply_header(reply, "Vary", "Origin");
    if (origin && is_listed(api->settings.cors_origins, origin))
        grant(&api->settings, request, origin, reply);
    for (size_t i = 0; i < LEDE_COUNT_OF(headers); i++)
        set_unless_there(reply, headers[i][0], headers[i][1]);
    if (api->settings.hsts && lede_http_request_is_secure(request))
        lede_http_reply_header(reply, "Strict-Transport-Security", "%s", api->settings.hsts);
    lede_image_hosts_add(api->settings.image_hosts, reply);
}
