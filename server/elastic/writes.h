/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes as Elasticsearch has them, from their JSON to what the store takes. */
#ifndef LEDE_ELASTIC_WRITES_H
#define LEDE_ELASTIC_WRITES_H

#include "worker.h"

#include <jansson.h>

/* What is asked for of one document. */
enum elastic_op { ELASTIC_INDEX, ELASTIC_CREATE, ELASTIC_UPDATE, ELASTIC_DELETE };
/* "index"; static. */
const char *lede_elastic_op_name(enum elastic_op op);

struct elastic_write {
    struct lede_write write; /* INDEX, CREATE, PATCH or DELETE */
    json_t *upsert;          /* UPDATE: the document where there is none; NULL: there has to be */
};
void lede_elastic_write_done(struct elastic_write *write);

/* Make a write of its JSON.
 * json  of a document, or of an update; taken apart: keys of shippers become ours
 * id    NULL: the document's own, else one is made: from its url, else from all that it says, so
 *       that what is sent twice is there once
 * Status: OK; EINPUT; EINVALID; EUNSUPPORTED; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_write_read(const struct lede_api_worker *worker,
    enum elastic_op op, const char *id, json_t *json, struct elastic_write *ret_write,
    struct lede_error *reterr);
/* The upsert of an update as a write of its own. upsert: taken. Status: as above. */
LEDE_CHECKED enum lede_status lede_elastic_write_upsert(const struct lede_api_worker *worker,
    const char *id, json_t *upsert, struct lede_write *ret_write, struct lede_error *reterr);
/* {"_index", "_id", "_version", "result", …} of a write that was done. NULL: no memory. */
json_t *lede_elastic_written(const char *index, const char *id, enum elastic_op op,
    enum lede_write_outcome outcome, int *ret_http_status);

#endif
