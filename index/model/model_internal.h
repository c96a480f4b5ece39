/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this floor share and no other floor sees. */
#ifndef LEDE_MODEL_INTERNAL_H
#define LEDE_MODEL_INTERNAL_H

#include "lede/buffer.h"
#include "lede/model.h"

/* How a string begins, in JSON, that stands for a number as it came; lede_json_append() writes the
 * number. */
#define LEDE_JSON_NUMBER_MARK "\"\\u0000#"

/* Bytes of the compact form of a JSON value. Status: OK; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_json_measure(const json_t *json, size_t *ret_size);

/* Whether json_loadb(text, size, …) failed for want of memory, not for what the text says. Threads:
 * any. */
bool lede_json_lacked_memory(const json_error_t *error, const char *text, size_t size);

/* Cut Unicode white space (property White_Space) off both ends.
 * text, size  in and out: valid UTF-8, borrowed; a blank text comes out with size 0
 * Threads: any. */
void lede_trim(const char **text, size_t *size);

/* Parse as lede_json_parse() does; under keys that the schema does not know numbers are kept as
 * they came (LEDE_JSON_NUMBER_MARK).
 * marks         each piece that is no text stays told from every other one: by hexadecimal digits
 *               between NUL and ';' in place of U+FFFD, but in keys. For comparing and hashing
 *               alone
 * ret_replaced  pieces
 * Status: as lede_json_parse(). Threads: any. */
LEDE_CHECKED enum lede_status lede_json_parse_counted(const char *text, size_t size, bool marks,
    json_t **ret_json, size_t *ret_replaced, struct lede_error *reterr);

/* Check and normalise the value of one known key.
 * field        any but the id
 * value        borrowed; may be NULL
 * ret_value    owner: the caller; NULL where the key is absent, null or empty and thus to be left
 *              out
 * ret_utc_s    dates: the moment, LEDE_TIME_NONE where absent; untouched for other kinds
 * Status: OK; EINVALID with pointer; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_field_normalise(const struct lede_field *field, json_t *value,
    json_t **ret_value, int64_t *ret_utc_s, struct lede_error *reterr);

/* Check an id that was given. value: borrowed, marked if the text was no UTF-8. Status: OK;
 * EINVALID with pointer. Threads: any. */
LEDE_CHECKED enum lede_status lede_id_check(const json_t *value, struct lede_error *reterr);

/* Make the id of a document that has none: "u-" and the XXH3-128 of its url in hexadecimal digits,
 * else "t-" and that of title, body and source, so that the same text indexed twice is one
 * document.
 * fields   normalised values by key; borrowed
 * ret_id   owner: the caller
 * Status: OK; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_id_make(const json_t *fields, json_t **ret_id);
/* The same of a document as it came: texts that differ only in bytes that are no UTF-8 get ids that
 * differ.
 * marked  borrowed
 * ret_id  NULL where a value is not what its field takes
 * Status: OK; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_id_make_marked(const json_t *marked, json_t **ret_id);

/* The language of a document that names none, from its title and the beginning of its body.
 * detector    NULL: und
 * Status: OK; ENOMEM. Threads: one per detector. */
LEDE_CHECKED enum lede_status lede_language_of(
    const json_t *fields, struct lede_language_detector *detector, lede_language *ret_language);

/* "a string", "an object" …: for messages; static. value may be NULL ("nothing"). Threads: any. */
const char *lede_json_type_name(const json_t *value);

#endif
