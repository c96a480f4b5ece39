/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What MHD refuses by itself. */
#ifndef LEDE_HTTP_MHD_REFUSAL_H
#define LEDE_HTTP_MHD_REFUSAL_H

#include "internal.h"

/* Find MHD's own function behind ours. Call once before the first request. Status: OK; EINTERNAL
 * there is none. */
LEDE_CHECKED enum lede_status lede_http_mhd_refusal_start(struct lede_error *reterr);

/* Say straight to the socket that a body cannot be read; the connection is to be closed then. */
void lede_http_refuse_body(struct lede_http_request *request, const char *detail);

/* Give MHD a reply of ours. */
LEDE_CHECKED enum MHD_Result lede_http_queue_response(
    struct MHD_Connection *mhd, int status, struct MHD_Response *response);

#endif
