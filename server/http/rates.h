/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much one client may ask: requests a second, and searches that run for it at a time.
 *
 * A client is what options.who() says, a key, or a number of its address, with a secret. Those seen
 * lately are in a table of fixed size. */
#ifndef LEDE_HTTP_RATES_H
#define LEDE_HTTP_RATES_H

#include "lede/http.h"

#include <pthread.h>

struct lede_http_rates;

/* Owner: the caller. NULL: no memory. */
LEDE_CHECKED struct lede_http_rates *lede_http_rates_new(void);
void lede_http_rates_free(struct lede_http_rates *rates);

/* What a client is told of its requests a second. */
struct lede_http_rate {
    uint32_t quota, left; /* of a second; quota 0: there is none */
    uint32_t reset_s;     /* until there is one again, or all are */
};
/* Take one of a client's requests of this second, which are its quota. Returns false if none is
 * left. Threads: any. */
LEDE_CHECKED bool lede_http_rates_take(struct lede_http_rates *rates,
    const struct lede_http_client *asking, struct lede_http_rate *ret_rate);
/* A search of a client that has a limit of them begins; false: as many run already. end, where it
 * began. Threads: any. */
LEDE_CHECKED bool lede_http_rates_begin(
    struct lede_http_rates *rates, const struct lede_http_client *asking);
void lede_http_rates_end(struct lede_http_rates *rates, uint64_t who);

#endif
