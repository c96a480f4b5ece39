/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The versions of a story, for /documents/{id}/versions and for the page. */
#ifndef LEDE_API_VERSIONS_H
#define LEDE_API_VERSIONS_H

#include "endpoints.h"
#include "params.h"
#include "worker.h"

/* Append the answer as JSON: the documents of the story that a document is of, itself among them,
 * the oldest first, as far as the request may see them.
 * against  id of a document that it is compared with; NULL: none
 * Status: OK; ENOTFOUND one of the two documents is not to be seen; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_versions_write(struct lede_api_worker *worker, const char *id,
    size_t id_size, const struct lede_param *against, struct lede_buffer *out,
    struct lede_error *reterr);

#endif
