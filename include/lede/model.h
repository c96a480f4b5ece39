/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is a news document?
 *
 * A document enters as JSON from a stranger and leaves as a checked, normalised one: known keys in
 * their types, dates in RFC 3339 UTC, an id, a language; unknown keys kept as they came. */
#ifndef LEDE_MODEL_H
#define LEDE_MODEL_H

#include "lede/base.h"
#include "lede/buffer.h"
#include "lede/schema.h"
#include "lede/text.h"
#include "lede/time.h"

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_ID_BYTES_MAX 180
#define LEDE_DOCUMENT_BYTES_MAX ((size_t)8 << 20)
#define LEDE_LIST_ITEMS_MAX 256
#define LEDE_JSON_DEPTH_MAX 64

enum lede_document_status { LEDE_DOCUMENT_USABLE, LEDE_DOCUMENT_WITHHELD, LEDE_DOCUMENT_CANCELED };

struct lede_document {
    json_t *json;   /* the normalised object, as it is stored and returned; owned */
    const char *id; /* inside json */
    size_t id_size;
    int64_t published_utc_s; /* never LEDE_TIME_NONE */
    int64_t updated_utc_s;   /* LEDE_TIME_NONE if absent, as the next two */
    int64_t embargoed_until_utc_s;
    int64_t expires_utc_s;
    lede_language language;
    enum lede_document_status status;
    bool published_was_absent; /* published is the time of receipt: an earlier version's stays */
};

struct lede_document_context {
    int64_t now_utc_s;                       /* the time of receipt */
    struct lede_language_detector *detector; /* borrowed; NULL: und where no language is named */
};

/* Check and normalise one document.
 * json        an object without NUL in its strings (lede_json_parse() makes none); borrowed, not
 *             changed; the
 * document may share values with it, so change neither afterwards ret_document owner: the caller,
 *     lede_document_free() Status: OK; EINVALID with reterr->pointer (422); ELIMIT (413: over
 *     LEDE_DOCUMENT_BYTES_MAX); ENOMEM. Threads: any, one per context. */
LEDE_CHECKED enum lede_status lede_document_from_json(const json_t *json,
    const struct lede_document_context *context, struct lede_document **ret_document,
    struct lede_error *reterr);
/* Parse the text of one JSON object and check it. Status: as above, EINPUT where it is no JSON
 * (position in bytes). Depth is bounded by LEDE_JSON_DEPTH_MAX before parsing; duplicate keys are
 * refused; NUL in a key is refused, in a value becomes U+FFFD; invalid UTF-8 is replaced by
 * U+FFFD. */
LEDE_CHECKED enum lede_status lede_document_parse(const char *text, size_t size,
    const struct lede_document_context *context, struct lede_document **ret_document,
    struct lede_error *reterr);
/* Read back what lede_document_serialize() wrote (no checks but of its shape). Status: OK;
 * ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_document_from_stored(
    const char *text, size_t size, struct lede_document **ret_document, struct lede_error *reterr);
void lede_document_free(struct lede_document *document);
void lede_document_freep(struct lede_document **document);

/* The stored form: compact JSON, known keys in schema order, then the others as they came.
 * ret_text  owner: the caller, free(). Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_document_serialize(
    const struct lede_document *document, char **ret_text, size_t *ret_size);

/* Append any JSON value in compact form, keys in their order, numbers so short that they come back
 * exactly (0.1 stays 0.1). Status: OK; ENOMEM (the buffer then ends somewhere inside). Threads:
 * any. */
LEDE_CHECKED enum lede_status lede_json_append(const json_t *json, struct lede_buffer *buffer);

/* RFC 7396 merge patch: a new JSON object, unchecked. Owner: the caller. NULL: no memory. */
LEDE_CHECKED json_t *lede_json_merge_patch(const json_t *target, const json_t *patch);

/* Parse an object or array from a stranger: depth bounded before parsing, duplicate keys refused,
 * NUL, invalid UTF-8 and lone surrogates as above. Errors have a byte position, except where a
 * repair has moved the bytes behind it. Status: OK; EINPUT; ENOMEM. ret_json: owner the caller. */
LEDE_CHECKED enum lede_status lede_json_parse(
    const char *text, size_t size, json_t **ret_json, struct lede_error *reterr);

/* Keys that the schema does not know, visited for /stats. */
void lede_document_visit_unknown_keys(const struct lede_document *document,
    void (*visit)(void *context, const char *key), void *context);

#ifdef __cplusplus
}
#endif
#endif
