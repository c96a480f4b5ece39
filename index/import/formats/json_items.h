/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats that are JSON: objects one after the other, in lines or in an array, each an item or a
 * list of them. */
#ifndef LEDE_IMPORT_JSON_ITEMS_H
#define LEDE_IMPORT_JSON_ITEMS_H

#include "format.h"
#include "lede/model.h"

/* What such a format's `details` are. */
struct lede_json_items {
    size_t object_bytes_max; /* of a whole object; more than a document where it is a list */
    /* The items of an object: the object itself, or an array in it; borrowed from it. */
    json_t *(*items)(json_t *object);
    /* Change an item so that rows find what they look for; NULL: nothing. Status: OK; ENOMEM. */
    enum lede_status (*prepare)(json_t *item);
};

extern const struct lede_format_reader lede_json_items_reader;

/* Does `"key":` stand in a head? */
bool lede_json_head_has(const struct lede_format_head *head, const char *key);

#endif
