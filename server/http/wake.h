/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection rests while it has nothing to do, and a request while nobody has to do anything for
 * it: how both wake. */
#ifndef LEDE_HTTP_WAKE_H
#define LEDE_HTTP_WAKE_H

#include "internal.h"

/* Let its connection rest, or go on. Call with the request's lock held, the first in its I/O
 * thread.
 * MHD forgets a resume that meets no suspend, so `suspended` mirrors it exactly. */
void lede_http_suspend(struct lede_http_request *request);
void lede_http_resume(struct lede_http_request *request);

/* Is a turn worth it? Call with the lock held. */
bool lede_http_is_due(const struct lede_http_request *request);
/* A turn is over, and another is to come. Call with the lock held; as soon as that is let go the
 * request may be another's. Returns whether a turn is due: then it is QUEUED, and the caller is to
 * give it to its pool by lede_http_queue_return(). */
LEDE_CHECKED bool lede_http_end_turn(struct lede_http_request *request);
/* Hand a parked request over to its pool if a turn is worth it. Call without the lock. */
void lede_http_wake(struct lede_http_request *request);

#endif
