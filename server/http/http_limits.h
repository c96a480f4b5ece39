/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stranger may spend, apart from what the settings say. Each has a test in tests/http. */
#ifndef LEDE_HTTP_LIMITS_H
#define LEDE_HTTP_LIMITS_H

/* Room in a connection's memory beside header_bytes_max: the parsed request, the reply's head, one
 * read. */
#define LEDE_HTTP_CONNECTION_EXTRA_BYTES ((size_t)32 * 1024)

#define LEDE_HTTP_PARAMETERS_MAX 256 /* in one query string */
#define LEDE_HTTP_PREFIX_BYTES_MAX 200

/* Of a body nobody wants any more this much is read and dropped, then answered on a connection that
 * stays usable. Past it the answer is sent in the middle of the body, and the connection closed at
 * the latest after ... */
#define LEDE_HTTP_SWALLOW_BYTES_MAX ((uint64_t)1024 * 1024)
/* ... so many bytes: closing at once would reset it, and the client might never read the answer. */
#define LEDE_HTTP_LINGER_BYTES_MAX ((uint64_t)64 * 1024 * 1024)

/* Between the socket and the handler of a streamed body. */
#define LEDE_HTTP_RING_BYTES ((size_t)256 * 1024)
/* So many bytes of a streamed body, or its end, are worth a worker's turn. */
#define LEDE_HTTP_TURN_BYTES_MIN ((size_t)64 * 1024)
/* Fewer bytes are worth a turn once so much time has passed. */
#define LEDE_HTTP_TURN_MS_MAX 400
/* Past so many bytes a worker gives a body back for one turn of whatever else waits. */
#define LEDE_HTTP_TURN_BYTES_MAX ((size_t)1024 * 1024)
/* A client that is told in the middle of its body that it is too slow has so long to read that. */
#define LEDE_HTTP_LINGER_S 5

/* A zstd body may need a window of 2^this bytes, which RFC 9659 allows it. */
#define LEDE_HTTP_ZSTD_WINDOW_LOG_MAX 23
/* A streamed body is a bomb when it unpacks to more than this … */
#define LEDE_HTTP_STREAM_UNPACKED_MAX ((uint64_t)64 * 1024 * 1024 * 1024)
/* … or, past the first so many bytes, grows by more than this ratio (text reaches 10, deflate's own
 * limit is 1032). */
#define LEDE_HTTP_STREAM_RATIO_FREE_BYTES ((uint64_t)16 * 1024 * 1024)
#define LEDE_HTTP_STREAM_RATIO_MAX ((uint64_t)500)

/* So many requests a worker may wait, whatever they are expected to take. */
#define LEDE_HTTP_WAITING_MIN 8
/* Where more than a quarter had to be refused lately, so many and no more: others come at once,
 * and those that are let in are not to wait for nothing. */
#define LEDE_HTTP_FLOODED_WAITING_MIN 2
#define LEDE_HTTP_FLOOD_MS 1000 /* without a refusal end it */
/* A queue that was empty so lately has a burst, no standing load: it may wait so much longer. */
#define LEDE_HTTP_BURST_MS 100
#define LEDE_HTTP_BURST_FACTOR 4
/* The mean of what requests take moves by one so many-th with each. */
#define LEDE_HTTP_MEAN_OF 32

/* Beyond connections_max so many are taken in all the same, for the time until idle ones are closed
 * in their stead. */
#define LEDE_HTTP_SPARE_CONNECTIONS(connections_max) (1 + (connections_max) / 8)
/* Younger idleness is a request on its way. */
#define LEDE_HTTP_IDLE_MS_MIN 500

/* Who owes the rest of a request for so long, and sends less than this, goes next when there are
 * too many connections; a streamed body is left for longer. */
#define LEDE_HTTP_OWING_MS_MIN 2000
#define LEDE_HTTP_STREAMING_MS_MIN 10000
#define LEDE_HTTP_OWED_BYTES_PER_S_MIN ((uint64_t)16 * 1024)

/* A larger answer is handed over in pieces of this size. It has so long for each, and where answers
 * take half of what they may together, no longer than the second. */
#define LEDE_HTTP_PIECE_BYTES ((size_t)64 * 1024)
#define LEDE_HTTP_PIECE_S 30
#define LEDE_HTTP_PRESSED_MS 2000
/* What the kernel takes of an answer for a connection, at most; Linux doubles it. */
#define LEDE_HTTP_SEND_BUFFER_BYTES (128 * 1024)

/* Who sends no more, and has waited so long for its answer, is asked whether it is still there; of
 * HTTP/1.0 it is given up then. */
#define LEDE_HTTP_DOUBT_MS 100
#define LEDE_HTTP_DOUBT_1_0_MS 1000

/* After the workers have ended, stop() waits so long for the last replies to leave. */
#define LEDE_HTTP_FLUSH_MS 1000

/* Smaller answers cost more to compress than to send. */
#define LEDE_HTTP_COMPRESS_MIN_BYTES ((size_t)1024)
/* zlib's cheapest: a page of 10 hits (4.6 KB) takes 31 us, one of 28 KB 144 us; level 5 takes 37
 * and 743 for 4 to 8 % fewer bytes. */
#define LEDE_HTTP_COMPRESS_LEVEL 1

#endif
