/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elasticsearch's interface to the same archive, a stated subset: server/elastic/README.md.
 *
 * It is a table of routes beside the API's own. It stands on the API's inner calls, so rights,
 * filters and embargoes are those of the API. */
#ifndef LEDE_ELASTIC_H
#define LEDE_ELASTIC_H

#include "lede/api.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lede_elastic;

/* indices  names by which clients may call the archive, with commas between; the first is what it
 *          is called by, a `*` at the end of another stands for any ending. Borrowed for the call.
 * ret_elastic  owner: the caller, lede_elastic_free()
 * Status: OK; EINPUT a name that is none; ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_new(
    const char *indices, struct lede_elastic **ret_elastic, struct lede_error *reterr);
void lede_elastic_free(struct lede_elastic *elastic);
/* For struct lede_api_settings; lives as long as it does. */
const struct lede_api_interface *lede_elastic_interface(const struct lede_elastic *elastic);
/* lede_http_options.refuse: who asks as clients of Elasticsearch do is refused in its form, others
 * as by lede_api_refuse(). Threads: any. */
void lede_elastic_refuse(void *api, const struct lede_http_request *request, int status,
    const char *detail, const char *param, struct lede_http_reply *reply);

#ifdef __cplusplus
}
#endif
#endif
