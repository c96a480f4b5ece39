/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of clients are ours by name; a few that shippers use stand for ours. */
#ifndef LEDE_ELASTIC_FIELDS_H
#define LEDE_ELASTIC_FIELDS_H

#include "lede/schema.h"

#include <jansson.h>

struct elastic_alias {
    const char *name; /* as shippers call it */
    enum lede_field_id field;
};

/* Of what shippers send: a table that ends with a NULL name. */
extern const struct elastic_alias lede_elastic_aliases[];

/* A field of ours, by its key, by an alias, by `_id`, each perhaps with `.keyword`. NULL: none. */
const struct lede_field *lede_elastic_field(const char *name, size_t size);
/* Its type in mappings: "text", "keyword", "date", "object"; NULL: it has none. */
const char *lede_elastic_type(const struct lede_field *field);
/* Put a shipper's keys under ours, where ours are not there and their values are texts or, of
 * dates, numbers. Numbers of dates (milliseconds since
 * 1970) become text. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_take_names(json_t *document, struct lede_error *reterr);

#endif
