/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this floor share and no other floor sees. */
#ifndef LEDE_MODEL_INTERNAL_H
#define LEDE_MODEL_INTERNAL_H

#include "lede/buffer.h"
#include "lede/model.h"

/* Bytes of the compact form of a JSON value. Status: OK; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_json_measure(const json_t *json, size_t *ret_size);

/* Whether json_loadb(text, size, …) failed for want of memory, not for what the text says. Threads:
 * any. */
bool lede_json_lacked_memory(const json_error_t *error, const char *text, size_t size);

/* Cut Unicode white space (property White_Space) off both ends.
 * text, size  in and out: valid UTF-8, borrowed; a blank text comes out with size 0
 * Threads: any. */
void lede_trim(const char **text, size_t *size);

/* Check and normalise the value of one known key.
 * field        any but the id
 * value        borrowed; may be NULL
 * ret_value    owner: the caller; NULL where the key is absent, null or empty and thus to be left
 *              out
 * ret_utc_s    dates: the moment, LEDE_TIME_NONE where absent; untouched for other kinds
 * Status: OK; EINVALID with pointer; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_field_normalise(const struct lede_field *field, json_t *value,
    json_t **ret_value, int64_t *ret_utc_s, struct lede_error *reterr);

/* Check an id that was given. value: borrowed. Status: OK; EINVALID with pointer. Threads: any. */
LEDE_CHECKED enum lede_status lede_id_check(const json_t *value, struct lede_error *reterr);

/* Make the id of a document that has none: "u-" and the XXH3-128 of its url in hexadecimal digits,
 * else "t-" and that of title, body and source, so that the same text indexed twice is one
 * document. fields normalised
 * values by key; borrowed ret_id   owner: the caller Status: OK; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_id_make(const json_t *fields, json_t **ret_id);

/* The language of a document that names none, from its title and the beginning of its body.
 * detector    NULL: und
 * Status: OK; ENOMEM. Threads: one per detector. */
LEDE_CHECKED enum lede_status lede_language_of(
    const json_t *fields, struct lede_language_detector *detector, lede_language *ret_language);

/* "a string", "an object" …: for messages; static. value may be NULL ("nothing"). Threads: any. */
const char *lede_json_type_name(const json_t *value);

#endif
