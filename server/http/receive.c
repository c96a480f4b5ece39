/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MHD receives by recv(), and by gnutls_record_recv() where there is TLS. The dynamic linker
 * resolves both: those here come first, as the program's own. */
#include "receive.h"

#include <dlfcn.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <sys/socket.h>

#define DESCRIPTORS_MAX (1 << 20) /* Linux has no more (fs.nr_open) unless it is told */

static _Atomic(struct lede_http_connection *) connections[DESCRIPTORS_MAX]; /* by descriptor */

bool lede_http_receive_attach(struct lede_http_connection *connection)
{
    if (connection->fd < 0 || connection->fd >= DESCRIPTORS_MAX)
        return false;
    atomic_store(&connections[connection->fd], connection);
    return true;
}

void lede_http_receive_detach(const struct lede_http_connection *connection)
{
    if (connection->fd >= 0 && connection->fd < DESCRIPTORS_MAX)
        atomic_store(&connections[connection->fd], NULL);
}

struct lede_http_connection *lede_http_receive_who(intptr_t fd)
{
    return fd >= 0 && fd < DESCRIPTORS_MAX ? atomic_load(&connections[fd]) : NULL;
}

static void note(intptr_t fd, bool is_tls, const void *bytes, ssize_t size)
{
    struct lede_http_connection *connection = size > 0 ? lede_http_receive_who(fd) : NULL;
    if (connection && (connection->listener->where.kind == LEDE_LISTENER_TLS) == is_tls)
        lede_http_scan_read(&connection->scan, bytes, (size_t)size);
}

/* For all of the process; who is not attached receives as ever. */
__attribute__((visibility("default"))) ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
    ssize_t got = recvfrom(fd, buffer, size, flags, NULL, NULL);
    if ((flags & MSG_PEEK) == 0)
        note(fd, false, buffer, got);
    return got;
}

typedef ssize_t (*record_function)(gnutls_session_t session, void *data, size_t data_size);

/* As above. */
__attribute__((visibility("default"))) ssize_t gnutls_record_recv(
    gnutls_session_t session, void *data, size_t data_size)
{
    static _Atomic(record_function) next;
    record_function receive = atomic_load(&next);
    if (!receive) {
        void *found = dlsym(RTLD_NEXT, "gnutls_record_recv");
        memcpy(&receive, &found, sizeof(found)); /* no cast makes a function of it in ISO C */
        atomic_store(&next, receive);
    }
    ssize_t got = receive ? receive(session, data, data_size) : GNUTLS_E_INTERNAL_ERROR;
    intptr_t fd = (intptr_t)gnutls_transport_get_ptr(session); /* or another's address */
    note(fd, true, data, got);
    return got;
}
