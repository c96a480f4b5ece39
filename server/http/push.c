/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place where an answer does not go through MHD. It closes the connection, so framing
 * cannot be lost. */
#include "push.h"

#include "identity.h"
#include "reply.h"

#include <string.h>

/* MHD_KeyValueIterator. Connection is ours to say. */
static enum MHD_Result append_header(
    void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    if (strcmp(name, MHD_HTTP_HEADER_CONNECTION) != 0)
        lede_buffer_append_format(context, "%s: %s\r\n", name, value);
    return MHD_YES;
}

void lede_http_push_reply(struct lede_http_request *request)
{
    struct lede_buffer answer = {0};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (request->reply_pushed || !request->response || !info)
        return;
    request->reply_pushed = true;
    lede_http_note_sent(request);
    const char *phrase = MHD_get_reason_phrase_for((unsigned)request->status);
    lede_buffer_append_format(&answer, "HTTP/1.1 %d %s\r\n", request->status, phrase);
    MHD_get_response_headers(request->response, append_header, &answer);
    lede_buffer_append_format(
        &answer, "Content-Length: %zu\r\nConnection: close\r\n\r\n", request->reply_bytes);
    lede_buffer_append(&answer, request->reply_body, request->reply_bytes);
    if (lede_buffer_status(&answer) != LEDE_OK)
        lede_buffer_clear(&answer);
    lede_http_send_last(
        info->connect_fd, lede_http_tls_session(request->mhd), answer.data, answer.size);
    lede_buffer_done(&answer);
}

bool lede_http_is_pushed(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    bool is_pushed = request->reply_pushed;
    pthread_mutex_unlock(&request->lock);
    return is_pushed;
}
