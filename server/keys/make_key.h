/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what is wanted to a key's JSON. */
#ifndef LEDE_KEYS_MAKE_KEY_H
#define LEDE_KEYS_MAKE_KEY_H

#include "key_list.h"

/* Add a key to an array of keys.
 * keys       changed: the new one is appended, a replaced one ends
 * wanted     as of lede_keys_make()
 * ret_made   as of lede_keys_make()
 * Status: as of lede_keys_make(); on failure the array may have been changed. */
LEDE_CHECKED enum lede_status lede_key_make(
    json_t *keys, const json_t *wanted, json_t **ret_made, struct lede_error *reterr);

#endif
