/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets are made here and nowhere else. */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un unix_file;
};

/* The address of a place; 0 if it is none, else its size. */
static socklen_t make_address(const struct lede_listener *where, union any_address *ret_address)
{
    const char *literal = strcmp(where->host, "localhost") == 0 ? "127.0.0.1" : where->host;
    memset(ret_address, 0, sizeof(*ret_address));
    if (lede_listener_is_unix(where)) {
        ret_address->unix_file.sun_family = AF_UNIX;
        memcpy(ret_address->unix_file.sun_path, where->path, sizeof(where->path));
        return sizeof(ret_address->unix_file);
    }
    if (inet_pton(AF_INET, literal, &ret_address->v4.sin_addr) == 1) {
        ret_address->v4.sin_family = AF_INET;
        ret_address->v4.sin_port = htons(where->port);
        return sizeof(ret_address->v4);
    }
    if (inet_pton(AF_INET6, literal, &ret_address->v6.sin6_addr) == 1) {
        ret_address->v6.sin6_family = AF_INET6;
        ret_address->v6.sin6_port = htons(where->port);
        return sizeof(ret_address->v6);
    }
    return 0;
}

/* Connections have it from here. */
static void bound_send_buffer(int fd)
{
    int send_bytes = LEDE_HTTP_SEND_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes));
}

/* The kernel says where a socket listens. */
static enum lede_status read_address(
    int fd, union any_address *ret_bound, struct lede_error *reterr)
{
    socklen_t size = sizeof(*ret_bound);
    memset(ret_bound, 0, sizeof(*ret_bound));
    return getsockname(fd, &ret_bound->any, &size) == 0
               ? LEDE_OK
               : lede_fail_errno(reterr, LEDE_EIO, "cannot learn where the socket listens");
}

static uint16_t port_of(const union any_address *bound)
{
    return bound->any.sa_family == AF_INET    ? ntohs(bound->v4.sin_port)
           : bound->any.sa_family == AF_INET6 ? ntohs(bound->v6.sin6_port)
                                              : 0;
}

enum lede_status lede_http_inherit(int fd, enum lede_listener_kind kind,
    struct lede_listener *ret_listener, struct lede_error *reterr)
{
    struct lede_listener listener = {.kind = kind, .is_inherited = true, .inherited_fd = fd};
    union any_address bound;
    int listens = 0;
    socklen_t size = sizeof(listens);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected sockets that listen (Accept=no in the unit), found another descriptor");
    enum lede_status st = read_address(fd, &bound, reterr);
    if (st != LEDE_OK)
        return st;
    bool is_v4 = bound.any.sa_family == AF_INET;
    const void *ip = is_v4 ? (const void *)&bound.v4.sin_addr : &bound.v6.sin6_addr;
    listener.port = port_of(&bound);
    if (bound.any.sa_family == AF_UNIX && kind == LEDE_LISTENER_PLAIN)
        snprintf(listener.path, sizeof(listener.path), "%.107s", bound.unix_file.sun_path);
    else if ((!is_v4 && bound.any.sa_family != AF_INET6) ||
             !inet_ntop(bound.any.sa_family, ip, listener.host, sizeof(listener.host)))
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a socket of the Internet, or one of Unix without TLS and redirection");
    *ret_listener = listener;
    return LEDE_OK;
}

static enum lede_status take_over(struct lede_http_listener *listener, struct lede_error *reterr)
{
    listener->fd = listener->where.inherited_fd;
    int flags = fcntl(listener->fd, F_GETFL);
    if (flags < 0 || fcntl(listener->fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot use the socket that was handed over");
    bound_send_buffer(listener->fd);
    return LEDE_OK;
}

/* A file without a server behind it is what a crash has left. */
static void remove_stale(const union any_address *address, socklen_t size)
{
    struct stat status;
    const char *path = address->unix_file.sun_path;
    if (lstat(path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, &address->any, size) != 0 && errno == ECONNREFUSED)
        unlink(path);
    lede_closep(&fd);
}

/* Its file is made with the mode, less the umask; the rest is added once it is there. */
static enum lede_status bind_unix(struct lede_http_listener *listener,
    const union any_address *address, socklen_t size, struct lede_error *reterr)
{
    const struct lede_listener *where = &listener->where;
    struct stat status;
    remove_stale(address, size);
    if (fchmod(listener->fd, where->mode) != 0 || bind(listener->fd, &address->any, size) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot listen on 'unix:%s'", where->path);
    if (lstat(where->path, &status) == 0) {
        listener->file_device = status.st_dev;
        listener->file_number = status.st_ino;
    }
    if (chmod(where->path, where->mode) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot set the mode of '%s'", where->path);
    return LEDE_OK;
}

static enum lede_status bind_address(struct lede_http_listener *listener,
    const union any_address *address, socklen_t size, struct lede_error *reterr)
{
    const struct lede_listener *where = &listener->where;
    int on = 1;
    /* "::" serves IPv4 as well, unless IPv4 has a listener of its own. */
    int only_v6 = !listener->takes_v4;
    setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->any.sa_family == AF_INET6)
        setsockopt(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof(only_v6));
    if (bind(listener->fd, &address->any, size) != 0)
        return lede_fail_errno(
            reterr, LEDE_EIO, "cannot listen on '%s' port %u", where->host, (unsigned)where->port);
    return LEDE_OK;
}

enum lede_status lede_http_listen(struct lede_http_listener *listener, struct lede_error *reterr)
{
    const struct lede_listener *where = &listener->where;
    union any_address address;
    listener->fd = -1;
    if (where->is_inherited)
        return take_over(listener, reterr);
    socklen_t size = make_address(where, &address);
    if (size == 0)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected an address such as 127.0.0.1 or ::1, found '%s'", where->host);
    listener->fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot make a socket for '%s'",
            lede_listener_is_unix(where) ? where->path : where->host);
    bound_send_buffer(listener->fd);
    enum lede_status st = (address.any.sa_family == AF_UNIX ? bind_unix : bind_address)(
        listener, &address, size, reterr);
    if (st != LEDE_OK)
        return st;
    if (listen(listener->fd, SOMAXCONN) != 0)
        return lede_fail_errno(
            reterr, LEDE_EIO, "cannot listen on '%s' port %u", where->host, (unsigned)where->port);
    st = read_address(listener->fd, &address, reterr);
    listener->where.port = port_of(&address);
    return st;
}

void lede_http_listen_end(struct lede_http_listener *listener)
{
    struct stat status;
    const char *path = listener->where.path;
    if (listener->file_number != 0 && lstat(path, &status) == 0 &&
        status.st_dev == listener->file_device && status.st_ino == listener->file_number)
        unlink(path);
    lede_closep(&listener->fd);
    listener->fd = -1;
}
