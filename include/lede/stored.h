/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stored document as it is shown: slices of its JSON, and what its fields say.
 *
 * No tree is made of what lede_document_serialize() wrote. Its members are found, checked on the
 * way, and copied into answers as they are. */
#ifndef LEDE_STORED_H
#define LEDE_STORED_H

#include "lede/buffer.h"
#include "lede/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lede_slice {
    const char *text;
    size_t size;
};

/* A member of the object, in its order. */
struct lede_stored_member {
    struct lede_slice key;   /* JSON, with its quotes */
    struct lede_slice value; /* JSON */
    uint32_t field;          /* enum lede_field_id; LEDE_FIELD_COUNT: the schema does not know it */
};

/* What a known key says in strings, decoded. */
struct lede_stored_field {
    const struct lede_slice *texts; /* one, or a list's; not NUL-terminated */
    size_t count;
    bool is_list;
    const struct lede_stored_member *member; /* NULL: absent */
};

/* One piece of memory: free(). Threads: any may read. */
struct lede_stored {
    const char *text; /* a copy */
    size_t size;
    size_t bytes; /* of all this */
    const struct lede_stored_member *members;
    size_t member_count;
    const struct lede_slice *texts; /* of all fields, one after the other */
    size_t text_count;
    struct lede_stored_field fields[LEDE_FIELD_COUNT];
    lede_field_set misfits; /* known keys whose values the schema cannot take */
    const char *id;         /* NUL-terminated */
    size_t id_size;
    int64_t published_utc_s; /* as struct lede_document has them */
    int64_t updated_utc_s;
    int64_t received_utc_s;
    lede_language language;
};

/* Read what lede_document_serialize() wrote, in this version or another.
 * text  borrowed for the call
 * Status: OK; ECORRUPT it is not in that form, or no object with an id; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_stored_read(
    const char *text, size_t size, struct lede_stored **ret_stored, struct lede_error *reterr);

/* A field's texts as the field takes them; NULL: there are none, or they are misfits. */
const struct lede_stored_field *lede_stored_texts(
    const struct lede_stored *stored, enum lede_field_id id);

/* Decode a JSON string with its quotes that lede_stored_read() let pass. ret_text has room for as
 * many bytes as it has; returns how many came of it. */
size_t lede_stored_decode(struct lede_slice json, char *ret_text);

#ifdef __cplusplus
}
#endif
#endif
