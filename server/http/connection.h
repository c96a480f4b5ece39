/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections and their deadlines: MHD's timeout only sees silence, so a client that drips bytes
 * would stay for ever. */
#ifndef LEDE_HTTP_CONNECTION_H
#define LEDE_HTTP_CONNECTION_H

#include "internal.h"

/* MHD_OPTION_NOTIFY_CONNECTION: keeps the list; context is the listener. */
void lede_http_on_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
    enum MHD_ConnectionNotificationCode what);

/* Set what the connection has to do, and until when. Each accepts NULL. Threads: its I/O thread. */
void lede_http_connection_expect_request(
    struct lede_http_connection *connection); /* a request has begun to arrive */
/* it is our turn */
void lede_http_connection_expect_nothing(struct lede_http_connection *connection);
/* bytes of a streamed body came, and more are to; call it when waiting for them begins, too */
void lede_http_connection_expect_body(struct lede_http_connection *connection, size_t bytes);
/* it was told that it is too slow, and is to close the connection */
void lede_http_connection_expect_end(struct lede_http_connection *connection);
void lede_http_connection_expect_sent(
    struct lede_http_connection *connection); /* a reply is taken */
/* the next piece of a large reply is */
void lede_http_connection_expect_taken(struct lede_http_connection *connection);
/* it is to be made first */
void lede_http_connection_expect_piece(struct lede_http_connection *connection);
void lede_http_connection_expect_next(
    struct lede_http_connection *connection); /* idle, then another request */

/* Has something whole come of its streamed body so lately that it is not to be cut for its rate?
 * Call with connections_lock held. */
bool lede_http_connection_progresses(const struct lede_http_connection *connection, uint64_t now);

/* So many bytes of a body have come. */
void lede_http_connection_note_body(struct lede_http_connection *connection, size_t bytes);

/* Where there are more connections than connections_max, close those that have been idle for the
 * longest, then those that do not get on with a request or with their answer, so that they keep
 * nobody out. Call with connections_lock held. */
void lede_http_connections_make_room(struct lede_http_server *server);
/* Where large answers take half of what they may, close those that do not take theirs. Call with
 * connections_lock held. */
void lede_http_connections_press(struct lede_http_server *server);

/* From here on, and while a body arrives, being late is told to its request first. */
void lede_http_connection_begin_body(
    struct lede_http_connection *connection, struct lede_http_request *request);
void lede_http_connection_end_body(struct lede_http_connection *connection);

/* From here on, and until it is answered, a request is cancelled when its client leaves. */
void lede_http_connection_begin_asking(
    struct lede_http_connection *connection, struct lede_http_request *request);
void lede_http_connection_end_asking(struct lede_http_connection *connection);
/* Cancel the requests of those who have left since the last call. Returns true if there are some.
 * Call with connections_lock held. */
bool lede_http_connections_note_leavers(struct lede_http_server *server);
/* The client has left: its request, if there is one, is cancelled. Call with connections_lock
 * held. */
void lede_http_connection_leave(struct lede_http_connection *connection);

#endif
