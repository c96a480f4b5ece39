/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MHD answers what it cannot read by itself: in HTML, without a request's id, and in 0.9.75 with
 * the head written twice. It does so through MHD_queue_response(), which the dynamic linker
 * resolves: the one here comes first, as the program's own. What MHD would say is said as every
 * other refusal, straight to the socket; told that nothing was queued, MHD closes the connection.
 * */
#include "mhd_refusal.h"

#include "connection.h"
#include "push.h"
#include "reply.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/socket.h>

typedef enum MHD_Result (*queue_function)(
    struct MHD_Connection *mhd, unsigned status, struct MHD_Response *response);

static queue_function queue_response;

enum lede_status lede_http_mhd_refusal_start(struct lede_error *reterr)
{
    void *found = dlsym(RTLD_NEXT, "MHD_queue_response");
    memcpy(&queue_response, &found, sizeof(found)); /* no cast makes a function of it in ISO C */
    return found ? LEDE_OK
                 : lede_fail(reterr, LEDE_EINTERNAL, "libmicrohttpd has no MHD_queue_response()");
}

enum MHD_Result lede_http_queue_response(
    struct MHD_Connection *mhd, int status, struct MHD_Response *response)
{
    return queue_response(mhd, (unsigned)status, response);
}

static void describe(unsigned status, struct lede_http_refusal *refusal)
{
    static const struct {
        int status;
        const char *detail;
    } details[] = {
        {413, "the body, or a chunk of it, is too large"},
        {414, "the address is too long"},
        {431, "the headers are too large"},
        {505, "expected HTTP/1.1 or HTTP/1.0"},
    };
    lede_http_refuse(refusal, 400, "expected a request in HTTP/1.1 as RFC 9112 has it");
    for (size_t i = 0; i < LEDE_COUNT_OF(details); i++) {
        if (details[i].status == (int)status)
            lede_http_refuse(refusal, details[i].status, "%s", details[i].detail);
    }
}

/* What has come and is not read would reset the connection, and the answer with it. */
static void drain(int fd)
{
    char data[4096];
    size_t left = LEDE_HTTP_SWALLOW_BYTES_MAX;
    ssize_t got = 1;
    while (left > 0 && got > 0) {
        got = recv(fd, data, sizeof(data), MSG_DONTWAIT);
        left -= got > 0 && (size_t)got < left ? (size_t)got : left;
    }
}

/* A worker may be at a request whose body turns out to be unreadable, so the answer is made of
 * another one. */
static void refuse(struct lede_http_connection *connection, struct MHD_Connection *mhd,
    const struct lede_http_refusal *refusal, struct lede_http_request *request)
{
    struct lede_http_server *server = connection->server;
    if (request && lede_http_is_pushed(request))
        return;
    struct lede_http_request *stand_in =
        lede_http_request_new(server, mhd, connection, request ? request->target : "");
    if (!stand_in)
        return;
    if (request)
        memcpy(stand_in->id, request->id, sizeof(request->id));
    lede_http_reply_refuse(stand_in, refusal);
    lede_http_push_reply(stand_in);
    drain(connection->fd);
    if (request) {
        pthread_mutex_lock(&request->lock);
        request->reply_pushed = true;
        request->sent_status = stand_in->sent_status;
        request->sent_bytes = stand_in->sent_bytes;
        pthread_mutex_unlock(&request->lock);
    }
    lede_http_request_release(stand_in);
}

void lede_http_refuse_body(struct lede_http_request *request, const char *detail)
{
    struct lede_http_refusal refusal = {0};
    lede_http_refuse(&refusal, 400, "%s", detail);
    refuse(request->connection, request->mhd, &refusal, request);
}

/* Only MHD itself calls this one. */
__attribute__((visibility("default"))) enum MHD_Result MHD_queue_response(
    struct MHD_Connection *mhd, unsigned status, struct MHD_Response *response)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct lede_http_connection *connection = info ? info->socket_context : NULL;
    if (!connection)
        return queue_response(mhd, status, response);
    struct lede_http_refusal refusal = {0};
    describe(status, &refusal);
    refuse(connection, mhd, &refusal, connection->request);
    return MHD_NO;
}
