/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each proxy adds to the right whom it was asked by. So the list is walked from there, for as long
 * as the addresses are those of proxies that are trusted: the first that is none is the client, and
 * what stands left of it is what that client says.
 *
 * A proxy writes one kind of headers and lets the other pass as its client sent it. So where
 * X-Forwarded-For is there it counts alone, and Forwarded (RFC 7239) has to agree with it. */
#include "forwarded.h"

#include "framing.h"
#include "request.h"

#include <string.h>
#include <strings.h>

#define HOPS_MAX 32

/* The walk over the elements, from the right, and what the last one says; a text is "" where it
 * says nothing. */
struct walk {
    struct lede_http_request *request;
    struct lede_ip ip;
    const char *scheme, *host;
    unsigned hops;
    bool has_ended; /* at the client */
    bool is_malformed, no_memory;
};

typedef void (*read_element)(struct walk *walk, const char *element, size_t size);

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void trim(const char **text, size_t *size)
{
    for (; *size > 0 && is_blank(**text); (*text)++)
        (*size)--;
    while (*size > 0 && is_blank((*text)[*size - 1]))
        (*size)--;
}

/* 192.0.2.1, 192.0.2.1:4711, 2001:db8::1, [2001:db8::1]:4711. A name, or `unknown`, is none. */
static bool read_node(const char *text, size_t size, struct lede_ip *ret_ip)
{
    const char *end = size > 0 && text[0] == '[' ? memchr(text, ']', size) : NULL;
    if (end)
        return (end + 1 == text + size || end[1] == ':') &&
               lede_ip_parse(text + 1, (size_t)(end - text) - 1, ret_ip);
    const char *colon = memchr(text, ':', size);
    bool has_port = colon && !memchr(colon + 1, ':', size - (size_t)(colon - text) - 1);
    return lede_ip_parse(text, has_port ? (size_t)(colon - text) : size, ret_ip);
}

/* ---- Forwarded ---- */

/* The value of a pair of an element, without its quotes: `for=192.0.2.1;proto="https"`. Returns
 * false where there is none. What is quoted with a backslash is left as it is: no address, name or
 * scheme has one. */
static bool read_pair(
    const char *element, size_t size, const char *name, const char **ret_value, size_t *ret_size)
{
    size_t name_size = strlen(name);
    for (const char *at = element, *end = element + size; at < end;) {
        const char *next = memchr(at, ';', (size_t)(end - at));
        size_t pair_size = (size_t)((next ? next : end) - at);
        const char *pair = at;
        at = next ? next + 1 : end;
        trim(&pair, &pair_size);
        if (pair_size <= name_size || strncasecmp(pair, name, name_size) != 0 ||
            pair[name_size] != '=')
            continue;
        *ret_value = pair + name_size + 1;
        *ret_size = pair_size - name_size - 1;
        bool is_quoted = *ret_size >= 2 && **ret_value == '"' && (*ret_value)[*ret_size - 1] == '"';
        *ret_value += is_quoted;
        *ret_size -= is_quoted ? 2 : 0;
        return true;
    }
    return false;
}

static const char *copy(struct walk *walk, const char *text, size_t size)
{
    const char *copied = lede_arena_copy(&walk->request->arena, text, size);
    walk->no_memory = walk->no_memory || !copied;
    return copied ? copied : "";
}

static const char *copy_pair(struct walk *walk, const char *element, size_t size, const char *name)
{
    const char *value = "";
    size_t value_size = 0;
    return read_pair(element, size, name, &value, &value_size) ? copy(walk, value, value_size) : "";
}

static void read_forwarded(struct walk *walk, const char *element, size_t size)
{
    const char *node = "";
    size_t node_size = 0;
    walk->is_malformed = !read_pair(element, size, "for", &node, &node_size) ||
                         !read_node(node, node_size, &walk->ip);
    walk->scheme = copy_pair(walk, element, size, "proto");
    walk->host = copy_pair(walk, element, size, "host");
}

static void read_forwarded_for(struct walk *walk, const char *element, size_t size)
{
    walk->is_malformed = !read_node(element, size, &walk->ip);
}

/* Walk the elements of one header, from the right. */
static void walk_header(struct walk *walk, const char *value, read_element read)
{
    const struct lede_nets *trusted = &walk->request->server->options.trusted_proxies;
    for (const char *end = value + strlen(value); end && !walk->has_ended && !walk->is_malformed;) {
        const char *comma = memrchr(value, ',', (size_t)(end - value));
        const char *element = comma ? comma + 1 : value;
        size_t size = (size_t)(end - element);
        end = comma;
        trim(&element, &size);
        if (size == 0)
            continue; /* RFC 9110, section 5.6.1 */
        read(walk, element, size);
        walk->is_malformed = walk->is_malformed || ++walk->hops > HOPS_MAX;
        walk->has_ended = !walk->is_malformed && !lede_nets_has(trusted, &walk->ip);
    }
}

/* The last header of a name is the last one that was added. */
static struct walk walk_all(struct lede_http_request *request, const char *name, read_element read)
{
    struct walk walk = {.request = request, .scheme = "", .host = ""};
    for (size_t i = request->header_count; i > 0; i--) {
        if (strcasecmp(request->headers[i - 1].name, name) == 0)
            walk_header(&walk, request->headers[i - 1].value, read);
    }
    return walk;
}

/* ---- What is believed ---- */

/* What the proxy before us has put behind the last comma of a header, if it is there. */
static void read_last(struct walk *walk, const char *name, const char **text)
{
    struct lede_http_request *request = walk->request;
    const char *value = NULL;
    for (size_t i = request->header_count; i > 0 && !value; i--) {
        if (strcasecmp(request->headers[i - 1].name, name) == 0)
            value = request->headers[i - 1].value;
    }
    if (!value)
        return;
    const char *comma = strrchr(value, ',');
    const char *last = comma ? comma + 1 : value;
    size_t size = strlen(last);
    trim(&last, &size);
    *text = copy(walk, last, size);
}

static bool is_sound(const struct walk *walk)
{
    bool is_scheme = walk->scheme[0] == '\0' || strcasecmp(walk->scheme, "http") == 0 ||
                     strcasecmp(walk->scheme, "https") == 0;
    return !walk->is_malformed && is_scheme &&
           (walk->host[0] == '\0' || lede_http_is_host(walk->host));
}

/* Do two kinds of headers name different clients? */
static bool is_contradicted(const struct walk *walk, const struct walk *other)
{
    return other->is_malformed ||
           (walk->hops > 0 && other->hops > 0 && !lede_ip_is_same(&walk->ip, &other->ip));
}

static void believe(struct lede_http_request *request, const struct walk *walk)
{
    if (walk->hops > 0)
        lede_http_request_set_client(request, &walk->ip);
    if (walk->scheme[0] != '\0')
        request->is_secure = strcasecmp(walk->scheme, "https") == 0;
    for (size_t i = 0; walk->host[0] != '\0' && i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, "Host") == 0)
            request->headers[i].value = walk->host;
    }
}

bool lede_http_is_prefix(const char *text)
{
    size_t size = strspn(text, LEDE_HTTP_LETTERS_AND_DIGITS "-._~/");
    return text[0] == '/' && text[size] == '\0' && size <= LEDE_HTTP_PREFIX_BYTES_MAX &&
           text[size - 1] != '/' && !strstr(text, "//");
}

/* The setting decides, then a proxy's word for it; what is none is passed over. */
static enum lede_status find_prefix(struct lede_http_request *request, bool is_trusted)
{
    const char *set = request->server->options.path_prefix;
    const char *said = is_trusted ? lede_http_request_header(request, "X-Forwarded-Prefix") : NULL;
    request->prefix = "";
    if (set && set[0] != '\0') {
        request->prefix = set;
        return LEDE_OK;
    }
    if (!said)
        return LEDE_OK;
    size_t size = strlen(said);
    size -= size > 1 && said[size - 1] == '/';
    const char *prefix = lede_arena_copy(&request->arena, said, size);
    if (!prefix)
        return LEDE_ENOMEM;
    if (lede_http_is_prefix(prefix))
        request->prefix = prefix;
    return LEDE_OK;
}

enum lede_status lede_http_forwarded_read(struct lede_http_request *request)
{
    const struct lede_http_connection *connection = request->connection;
    bool is_trusted = connection && connection->is_trusted;
    request->is_secure = request->listener && request->listener->where.kind == LEDE_LISTENER_TLS;
    if (is_trusted) {
        struct walk walk = walk_all(request, "X-Forwarded-For", read_forwarded_for);
        struct walk other = walk_all(request, "Forwarded", read_forwarded);
        bool is_contrary = is_contradicted(&walk, &other);
        if (walk.hops == 0 && !walk.is_malformed)
            walk = other;
        read_last(&walk, "X-Forwarded-Proto", &walk.scheme);
        read_last(&walk, "X-Forwarded-Host", &walk.host);
        if (walk.no_memory || other.no_memory)
            return LEDE_ENOMEM;
        request->is_misforwarded = is_contrary || !is_sound(&walk);
        if (request->is_misforwarded)
            atomic_fetch_add(&request->server->misforwarded, 1);
        else
            believe(request, &walk);
    }
    return find_prefix(request, is_trusted && !request->is_misforwarded);
}
