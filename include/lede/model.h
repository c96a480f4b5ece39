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
#define LEDE_IMAGE_URL_BYTES_MAX 2048

/* What becomes of text that is no UTF-8: bytes, NUL, half a surrogate pair. */
enum lede_bad_text {
    LEDE_BAD_TEXT_REPAIR, /* U+FFFD stands for it, and it is counted */
    LEDE_BAD_TEXT_REFUSE, /* the document is refused */
};

enum lede_document_status { LEDE_DOCUMENT_USABLE, LEDE_DOCUMENT_WITHHELD, LEDE_DOCUMENT_CANCELED };

/* Which version of its story a document is, as far as it says. */
struct lede_document_order {
    int64_t version;       /* `version`: 0 or more, also as a string of digits; -1: it says none */
    int64_t updated_utc_s; /* LEDE_TIME_NONE: it says none */
};

struct lede_document {
    json_t *json;   /* the normalised object, as it is stored and returned; owned */
    const char *id; /* inside json */
    size_t id_size;
    int64_t published_utc_s; /* LEDE_TIME_NONE if absent, as the others */
    int64_t updated_utc_s;
    int64_t version;        /* as in struct lede_document_order */
    int64_t received_utc_s; /* of a document that names no date */
    int64_t embargoed_until_utc_s;
    int64_t expires_utc_s;
    lede_language language;
    enum lede_document_status status;
    size_t replaced; /* pieces of text that were no UTF-8; 0 once it was stored */
    lede_field_set
        misfits; /* known keys whose stored values the schema cannot take: kept as came */
    bool received_was_absent; /* it is the time of this receipt: an earlier version's stays */
};

struct lede_document_context {
    int64_t now_utc_s;                       /* the time of receipt */
    struct lede_language_detector *detector; /* borrowed; NULL: und where no language is named */
    enum lede_bad_text bad_text;
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
 * refused; NUL in a key is refused. What is no UTF-8 is refused (EINPUT) or replaced by U+FFFD, as
 * the context says; an id is never repaired, but refused (EINVALID), and one that is made tells
 * texts apart by the bytes that came. */
LEDE_CHECKED enum lede_status lede_document_parse(const char *text, size_t size,
    const struct lede_document_context *context, struct lede_document **ret_document,
    struct lede_error *reterr);
/* Read back what lede_document_serialize() wrote, in this version or another: a key may have become
 * a field since it was stored, with a value that the field cannot take. Such a value stays what it
 * was, that of an unknown key. A document whose `published` is none has no date.
 * Status: OK; ECORRUPT it is no object with an id; ENOMEM. */
LEDE_CHECKED enum lede_status lede_document_from_stored(
    const char *text, size_t size, struct lede_document **ret_document, struct lede_error *reterr);
/* A field's value as the field takes it: a string, or an array of strings. NULL: there is none, or
 * it is a misfit. Threads: any. */
const json_t *lede_document_value(const struct lede_document *document, enum lede_field_id id);
struct lede_document_order lede_document_order_of(const struct lede_document *document);
/* Is a document one that came before another of the same id? Where both say a version and these
 * differ, by that; else where both say when they were updated, by that; else no. Threads: any. */
bool lede_document_order_is_before(
    const struct lede_document_order *order, const struct lede_document_order *other);
void lede_document_free(struct lede_document *document);
void lede_document_freep(struct lede_document **document);

/* The stored form: compact JSON, known keys in schema order, then the others as they came.
 * ret_text  owner: the caller, free(). Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_document_serialize(
    const struct lede_document *document, char **ret_text, size_t *ret_size);

/* Append any JSON value in compact form, keys in their order, numbers of documents under keys that
 * the schema does not know as they came. Status: OK; ENOMEM (the buffer then ends somewhere
 * inside). Threads: any. */
LEDE_CHECKED enum lede_status lede_json_append(const json_t *json, struct lede_buffer *buffer);

/* RFC 7396 merge patch: a new JSON object, unchecked. Owner: the caller. NULL: no memory. */
LEDE_CHECKED json_t *lede_json_merge_patch(const json_t *target, const json_t *patch);

/* Parse an object or array from a stranger: depth bounded before parsing, duplicate keys refused,
 * NUL, invalid UTF-8 and lone surrogates as above. Errors have a byte position, except where a
 * repair has moved the bytes behind it. Status: OK; EINPUT; ENOMEM. ret_json: owner the caller. */
LEDE_CHECKED enum lede_status lede_json_parse(
    const char *text, size_t size, json_t **ret_json, struct lede_error *reterr);

/* The same of what is or names a document: one whose id the path says, a merge patch, a line that
 * deletes. An id in it that is no UTF-8 is refused, so that it never becomes another one.
 * ret_replaced  pieces of text that were no UTF-8
 * Status: OK; EINPUT; EINVALID the id; ENOMEM. */
LEDE_CHECKED enum lede_status lede_json_parse_identified(const char *text, size_t size,
    enum lede_bad_text bad_text, json_t **ret_json, size_t *ret_replaced,
    struct lede_error *reterr);

/* Keys that the schema does not know, or whose values it cannot take, visited for /stats. */
void lede_document_visit_unknown_keys(const struct lede_document *document,
    void (*visit)(void *context, const char *key), void *context);

#ifdef __cplusplus
}
#endif
#endif
