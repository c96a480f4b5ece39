/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets are made here and nowhere else. */
#include "listen.h"

#include "http_limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* Parse a literal; 0 if it is none, else the size of the address. */
static socklen_t parse_address(const char *text, uint16_t port, union any_address *ret_address)
{
    char literal[INET6_ADDRSTRLEN];
    size_t size = strlen(text);
    bool in_brackets = size > 2 && text[0] == '[' && text[size - 1] == ']';
    snprintf(literal, sizeof(literal), "%.*s", (int)(in_brackets ? size - 2 : size),
        in_brackets ? text + 1 : text);
    memset(ret_address, 0, sizeof(*ret_address));
    if (strcmp(literal, "localhost") == 0)
        snprintf(literal, sizeof(literal), "127.0.0.1");
    if (!in_brackets && inet_pton(AF_INET, literal, &ret_address->v4.sin_addr) == 1) {
        ret_address->v4.sin_family = AF_INET;
        ret_address->v4.sin_port = htons(port);
        return sizeof(ret_address->v4);
    }
    if (inet_pton(AF_INET6, literal, &ret_address->v6.sin6_addr) == 1) {
        ret_address->v6.sin6_family = AF_INET6;
        ret_address->v6.sin6_port = htons(port);
        return sizeof(ret_address->v6);
    }
    return 0;
}

enum lede_status lede_http_listen(
    const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port, struct lede_error *reterr)
{
    union any_address bound;
    socklen_t size = parse_address(address, port, &bound);
    if (size == 0)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected an address such as 127.0.0.1 or ::1, found '%s'", address);
    LEDE_CLEANUP(lede_closep)
    int fd = socket(bound.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot make a socket for '%s'", address);
    int on = 1;
    int off = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bound.any.sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)); /* "::" serves IPv4 as well */
    /* Connections have it from here. */
    int send_bytes = LEDE_HTTP_SEND_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes));
    if (bind(fd, &bound.any, size) != 0 || listen(fd, SOMAXCONN) != 0)
        return lede_fail_errno(
            reterr, LEDE_EIO, "cannot listen on '%s' port %u", address, (unsigned)port);
    if (getsockname(fd, &bound.any, &size) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot learn the port of '%s'", address);
    *ret_port = ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
    *ret_fd = fd;
    fd = -1;
    return LEDE_OK;
}
