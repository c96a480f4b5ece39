/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of the Internet, nets of them, and places to listen at, as settings and headers write
 * them. Threads: any. */
#ifndef LEDE_NETWORK_H
#define LEDE_NETWORK_H

#include "lede/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Addresses ---- */

/* An address of IPv6; one of IPv4 is ::ffff:192.0.2.1 (RFC 4291, section 2.5.5.2). */
struct lede_ip {
    unsigned char bytes[16];
};

#define LEDE_IP_TEXT_SIZE 46

/* Read a literal, 192.0.2.1 or 2001:db8::1, without brackets. False: it is none. */
LEDE_CHECKED bool lede_ip_parse(const char *text, size_t size, struct lede_ip *ret_ip);
/* Write the literal and a NUL. */
void lede_ip_format(const struct lede_ip *ip, char ret_text[LEDE_IP_TEXT_SIZE]);
bool lede_ip_is_same(const struct lede_ip *a, const struct lede_ip *b);
bool lede_ip_is_v4(const struct lede_ip *ip);
/* 127.0.0.0/8, ::1 */
bool lede_ip_is_loopback(const struct lede_ip *ip);
/* 0.0.0.0, :: */
bool lede_ip_is_any(const struct lede_ip *ip);

/* ---- Nets ---- */

#define LEDE_NETS_MAX 64

struct lede_net {
    struct lede_ip ip;
    unsigned bits; /* of ip that count: 0 to 128 */
};
struct lede_nets {
    struct lede_net items[LEDE_NETS_MAX];
    size_t count;
    bool has_unix; /* whoever reaches a Unix socket is among them */
};

/* Read `127.0.0.1, 10.0.0.0/8, 2001:db8::/32, unix`; `off` is none.
 * Status: OK; EINPUT. */
LEDE_CHECKED enum lede_status lede_nets_parse(
    const char *text, struct lede_nets *ret_nets, struct lede_error *reterr);
bool lede_nets_has(const struct lede_nets *nets, const struct lede_ip *ip);
bool lede_nets_are_same(const struct lede_nets *a, const struct lede_nets *b);

/* ---- Places to listen at ---- */

#define LEDE_LISTENERS_MAX 16

enum lede_listener_kind {
    LEDE_LISTENER_PLAIN,
    LEDE_LISTENER_TLS,
    LEDE_LISTENER_REDIRECT, /* sends everybody to https */
};

struct lede_listener {
    enum lede_listener_kind kind;
    char host[LEDE_IP_TEXT_SIZE]; /* a literal without brackets, or localhost; "": a Unix socket */
    uint16_t port;                /* 0: the kernel picks one */
    uint16_t https_port;          /* REDIRECT: where it sends them; 0: to the first TLS listener */
    char path[108];               /* of a Unix socket; absolute */
    uint32_t mode;                /* of its file */
    bool is_inherited;            /* somebody else made its socket: … */
    int inherited_fd;             /* … this one */
};
struct lede_listeners {
    struct lede_listener items[LEDE_LISTENERS_MAX];
    size_t count;
};

/* Read `127.0.0.1:5333, [::]:443 tls, 0.0.0.0:80 redirect, unix:/run/lede/lede.sock 0660`. Behind
 * an address may stand tls, redirect or redirect:PORT, behind a path its mode (0600).
 * Status: OK; EINPUT, also for a redirection where nobody listens for TLS. */
LEDE_CHECKED enum lede_status lede_listeners_parse(
    const char *text, struct lede_listeners *ret_listeners, struct lede_error *reterr);
bool lede_listeners_have(const struct lede_listeners *listeners, enum lede_listener_kind kind);
bool lede_listeners_are_same(const struct lede_listeners *a, const struct lede_listeners *b);
bool lede_listener_is_unix(const struct lede_listener *listener);
/* Can nobody but this machine reach it? */
bool lede_listener_is_local(const struct lede_listener *listener);

#define LEDE_LISTENER_TEXT_SIZE 120

/* Write `http://127.0.0.1:5333`, `https://[::1]:443` or `unix:/run/lede.sock`, and a NUL. */
void lede_listener_format(
    const struct lede_listener *listener, char ret_text[LEDE_LISTENER_TEXT_SIZE]);

#ifdef __cplusplus
}
#endif
#endif
