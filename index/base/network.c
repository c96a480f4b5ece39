/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lede/network.h"

#include "lede/number.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char v4_prefix[12] = {[10] = 0xFF, [11] = 0xFF};

/* ---- Addresses ---- */

bool lede_ip_parse(const char *text, size_t size, struct lede_ip *ret_ip)
{
    char literal[LEDE_IP_TEXT_SIZE];
    struct lede_ip ip;
    if (size >= sizeof(literal) || memchr(text, '\0', size))
        return false;
    memcpy(literal, text, size);
    literal[size] = '\0';
    bool is_v4 = inet_pton(AF_INET, literal, ip.bytes + sizeof(v4_prefix)) == 1;
    if (is_v4)
        memcpy(ip.bytes, v4_prefix, sizeof(v4_prefix));
    else if (inet_pton(AF_INET6, literal, ip.bytes) != 1)
        return false;
    *ret_ip = ip;
    return true;
}

void lede_ip_format(const struct lede_ip *ip, char ret_text[LEDE_IP_TEXT_SIZE])
{
    bool is_v4 = lede_ip_is_v4(ip);
    if (!inet_ntop(is_v4 ? AF_INET : AF_INET6, ip->bytes + (is_v4 ? sizeof(v4_prefix) : 0),
            ret_text, LEDE_IP_TEXT_SIZE))
        ret_text[0] = '\0';
}

bool lede_ip_is_same(const struct lede_ip *a, const struct lede_ip *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool lede_ip_is_v4(const struct lede_ip *ip)
{
    return memcmp(ip->bytes, v4_prefix, sizeof(v4_prefix)) == 0;
}

bool lede_ip_is_loopback(const struct lede_ip *ip)
{
    static const struct lede_ip one = {{[15] = 1}};
    return lede_ip_is_v4(ip) ? ip->bytes[12] == 127 : lede_ip_is_same(ip, &one);
}

bool lede_ip_is_any(const struct lede_ip *ip)
{
    static const struct lede_ip zero = {{0}};
    return memcmp(ip->bytes + 12, zero.bytes, 4) == 0 &&
           (lede_ip_is_v4(ip) || lede_ip_is_same(ip, &zero));
}

/* ---- Lists ---- */

/* The next item of `a, b`, without the blanks around it; moves *text behind it. False: there is
 * none. */
static bool next_item(const char **text, const char **ret_item, size_t *ret_size)
{
    if (!*text)
        return false;
    const char *item = *text + strspn(*text, " \t");
    size_t size = strcspn(item, ",");
    *text = item[size] == ',' ? item + size + 1 : NULL;
    while (size > 0 && (item[size - 1] == ' ' || item[size - 1] == '\t'))
        size--;
    *ret_item = item;
    *ret_size = size;
    return true;
}

static bool is_word(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

/* ---- Nets ---- */

/* 10.0.0.0/8; bits behind those that count have to be 0, for who wrote 10.1.2.3/8 meant another
 * net. */
static bool parse_net(const char *text, size_t size, struct lede_net *ret_net)
{
    const char *slash = memchr(text, '/', size);
    size_t ip_size = slash ? (size_t)(slash - text) : size;
    struct lede_net net;
    if (!lede_ip_parse(text, ip_size, &net.ip))
        return false;
    bool is_v4 = lede_ip_is_v4(&net.ip) && !memchr(text, ':', ip_size);
    int64_t bits = is_v4 ? 32 : 128;
    if (slash && lede_parse_int64(slash + 1, size - ip_size - 1, 0, bits, &bits, NULL) != LEDE_OK)
        return false;
    net.bits = (unsigned)bits + (is_v4 ? 96 : 0);
    for (unsigned bit = net.bits; bit < 128; bit++) {
        if (net.ip.bytes[bit / 8] & (0x80u >> bit % 8))
            return false;
    }
    *ret_net = net;
    return true;
}

enum lede_status lede_nets_parse(
    const char *text, struct lede_nets *ret_nets, struct lede_error *reterr)
{
    struct lede_nets nets = {.count = 0};
    const char *item = NULL;
    size_t size = 0;
    bool is_off = strcmp(text, "off") == 0;
    for (const char *at = is_off ? NULL : text; next_item(&at, &item, &size);) {
        if (is_word(item, size, "unix")) {
            nets.has_unix = true;
            continue;
        }
        if (nets.count == LEDE_NETS_MAX)
            return lede_fail(
                reterr, LEDE_EINPUT, "expected at most %d addresses and nets", LEDE_NETS_MAX);
        if (!parse_net(item, size, &nets.items[nets.count]))
            return lede_fail(reterr, LEDE_EINPUT,
                "expected addresses, nets (10.0.0.0/8: no bits behind those that count) or unix, "
                "with commas between, found '%.*s'",
                (int)(size < 60 ? size : 60), item);
        nets.count++;
    }
    *ret_nets = nets;
    return LEDE_OK;
}

bool lede_nets_has(const struct lede_nets *nets, const struct lede_ip *ip)
{
    for (size_t i = 0; i < nets->count; i++) {
        const struct lede_net *net = &nets->items[i];
        size_t whole = net->bits / 8, rest = net->bits % 8;
        unsigned char mask = (unsigned char)(0xFF00u >> rest);
        if (memcmp(net->ip.bytes, ip->bytes, whole) == 0 &&
            (rest == 0 || ((net->ip.bytes[whole] ^ ip->bytes[whole]) & mask) == 0))
            return true;
    }
    return false;
}

bool lede_nets_are_same(const struct lede_nets *a, const struct lede_nets *b)
{
    bool is_same = a->count == b->count && a->has_unix == b->has_unix;
    for (size_t i = 0; is_same && i < a->count; i++)
        is_same = a->items[i].bits == b->items[i].bits &&
                  lede_ip_is_same(&a->items[i].ip, &b->items[i].ip);
    return is_same;
}

/* ---- Places to listen at ---- */

static bool parse_port(const char *text, size_t size, int64_t min, uint16_t *ret_port)
{
    int64_t port = 0;
    if (lede_parse_int64(text, size, min, UINT16_MAX, &port, NULL) != LEDE_OK)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

/* 127.0.0.1:5333, [::1]:5333, localhost:5333 */
static bool parse_address(const char *text, size_t size, struct lede_listener *listener)
{
    struct lede_ip ip;
    const char *colon = memrchr(text, ':', size);
    size_t host_size = colon ? (size_t)(colon - text) : 0;
    bool in_brackets = host_size > 2 && text[0] == '[' && colon[-1] == ']';
    const char *host = text + in_brackets;
    if (!colon || !parse_port(colon + 1, size - host_size - 1, 0, &listener->port))
        return false;
    host_size -= in_brackets ? 2 : 0;
    bool is_literal = lede_ip_parse(host, host_size, &ip);
    bool has_colon = memchr(host, ':', host_size) != NULL;
    if (is_literal ? has_colon != in_brackets : !is_word(host, host_size, "localhost"))
        return false;
    memcpy(listener->host, host, host_size);
    return true;
}

/* What stands behind an address: tls, redirect, redirect:8443. */
static bool parse_kind(const char *text, size_t size, struct lede_listener *listener)
{
    static const char redirect[] = "redirect:";
    size_t redirect_size = sizeof(redirect) - 1;
    if (is_word(text, size, "tls")) {
        listener->kind = LEDE_LISTENER_TLS;
        return true;
    }
    listener->kind = LEDE_LISTENER_REDIRECT;
    if (is_word(text, size, "redirect"))
        return true;
    return size > redirect_size && memcmp(text, redirect, redirect_size) == 0 &&
           parse_port(text + redirect_size, size - redirect_size, 1, &listener->https_port);
}

/* What stands behind a path: 0660. */
static bool parse_mode(const char *text, size_t size, struct lede_listener *listener)
{
    listener->mode = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '7')
            return false;
        listener->mode = listener->mode * 8 + (uint32_t)(text[i] - '0');
    }
    return size >= 3 && size <= 4 && listener->mode <= 0777;
}

static bool parse_listener(const char *text, size_t size, struct lede_listener *ret_listener)
{
    static const char unix_scheme[] = "unix:";
    size_t scheme_size = sizeof(unix_scheme) - 1;
    struct lede_listener listener = {.mode = 0600};
    bool is_unix = size > scheme_size && memcmp(text, unix_scheme, scheme_size) == 0;
    size_t place_size = 0;
    while (place_size < size && text[place_size] != ' ' && text[place_size] != '\t')
        place_size++;
    const char *behind = text + place_size;
    size_t behind_size = size - place_size;
    for (; behind_size > 0 && (*behind == ' ' || *behind == '\t'); behind++)
        behind_size--;
    if (is_unix) {
        size_t path_size = place_size - scheme_size;
        if (path_size == 0 || path_size >= sizeof(listener.path) || text[scheme_size] != '/')
            return false;
        memcpy(listener.path, text + scheme_size, path_size);
    } else if (!parse_address(text, place_size, &listener)) {
        return false;
    }
    if (behind_size > 0 && !(is_unix ? parse_mode : parse_kind)(behind, behind_size, &listener))
        return false;
    *ret_listener = listener;
    return true;
}

bool lede_listeners_have(const struct lede_listeners *listeners, enum lede_listener_kind kind)
{
    for (size_t i = 0; i < listeners->count; i++) {
        if (listeners->items[i].kind == kind)
            return true;
    }
    return false;
}

enum lede_status lede_listeners_parse(
    const char *text, struct lede_listeners *ret_listeners, struct lede_error *reterr)
{
    struct lede_listeners listeners = {.count = 0};
    const char *item = NULL;
    size_t size = 0;
    for (const char *at = text; next_item(&at, &item, &size);) {
        if (listeners.count == LEDE_LISTENERS_MAX)
            return lede_fail(
                reterr, LEDE_EINPUT, "expected at most %d addresses", LEDE_LISTENERS_MAX);
        if (!parse_listener(item, size, &listeners.items[listeners.count]))
            return lede_fail(reterr, LEDE_EINPUT,
                "expected an address and a port such as 127.0.0.1:5333 or [::1]:5333, tls or "
                "redirect behind it, or unix:/path and a mode such as 0660; found '%.*s'",
                (int)(size < 60 ? size : 60), item);
        listeners.count++;
    }
    if (lede_listeners_have(&listeners, LEDE_LISTENER_REDIRECT) &&
        !lede_listeners_have(&listeners, LEDE_LISTENER_TLS))
        return lede_fail(
            reterr, LEDE_EINPUT, "expected an address with tls, to which redirect can lead");
    *ret_listeners = listeners;
    return LEDE_OK;
}

static bool is_same_listener(const struct lede_listener *a, const struct lede_listener *b)
{
    return a->kind == b->kind && strcmp(a->host, b->host) == 0 && a->port == b->port &&
           a->https_port == b->https_port && strcmp(a->path, b->path) == 0 && a->mode == b->mode;
}

bool lede_listeners_are_same(const struct lede_listeners *a, const struct lede_listeners *b)
{
    bool is_same = a->count == b->count;
    for (size_t i = 0; is_same && i < a->count; i++)
        is_same = is_same_listener(&a->items[i], &b->items[i]);
    return is_same;
}

bool lede_listener_is_unix(const struct lede_listener *listener)
{
    return listener->host[0] == '\0';
}

bool lede_listener_is_local(const struct lede_listener *listener)
{
    struct lede_ip ip;
    if (lede_listener_is_unix(listener) || strcmp(listener->host, "localhost") == 0)
        return true;
    return lede_ip_parse(listener->host, strlen(listener->host), &ip) && lede_ip_is_loopback(&ip);
}

void lede_listener_format(
    const struct lede_listener *listener, char ret_text[LEDE_LISTENER_TEXT_SIZE])
{
    bool is_v6 = strchr(listener->host, ':') != NULL;
    if (lede_listener_is_unix(listener)) {
        snprintf(ret_text, LEDE_LISTENER_TEXT_SIZE, "unix:%s", listener->path);
        return;
    }
    snprintf(ret_text, LEDE_LISTENER_TEXT_SIZE, "http%s://%s%s%s:%u",
        listener->kind == LEDE_LISTENER_TLS ? "s" : "", is_v6 ? "[" : "", listener->host,
        is_v6 ? "]" : "", (unsigned)listener->port);
}
