/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much one client may ask: requests a second, and searches that run for it at a time.
 *
 * A client is a number: of its address, with a secret, or what options.who() says. Those seen
 * lately are in a table of fixed size. */
#ifndef LEDE_HTTP_RATES_H
#define LEDE_HTTP_RATES_H

#include "lede/http.h"

#include <pthread.h>

struct lede_http_rates;

/* Owner: the caller. NULL: no memory. */
LEDE_CHECKED struct lede_http_rates *lede_http_rates_new(uint32_t a_second, uint32_t running_max);
void lede_http_rates_free(struct lede_http_rates *rates);

/* What a client is told of its requests a second. */
struct lede_http_rate {
    uint32_t quota, left; /* of a second; quota 0: there is none */
    uint32_t reset_s;     /* until there is one again, or all are */
};
/* Take one of a client's requests of this second, which are its quota. Returns false if none is
 * left. Threads: any. */
LEDE_CHECKED bool lede_http_rates_take(
    struct lede_http_rates *rates, uint64_t who, struct lede_http_rate *ret_rate);
/* A search of a client begins; false: as many as may run already. end, where it began. Threads:
 * any. */
LEDE_CHECKED bool lede_http_rates_begin(struct lede_http_rates *rates, uint64_t who);
void lede_http_rates_end(struct lede_http_rates *rates, uint64_t who);

#endif
