/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A query while it is translated, and how values are written into Lede's language. */
#ifndef LEDE_ELASTIC_QUERY_TEXT_H
#define LEDE_ELASTIC_QUERY_TEXT_H

#include "translated.h"

/* What a clause comes to: its text says it, or it is all or nothing, whatever the text. */
enum elastic_sense { ELASTIC_TEXT, ELASTIC_ALL, ELASTIC_NOTHING };

struct elastic_translation {
    struct lede_api_worker *worker;
    struct elastic_query *query;
    int64_t now_utc_s;
    bool is_top;      /* the whole search must satisfy the clause: filters may be taken */
    bool is_excluded; /* it must not */
    bool is_filter;   /* it gives nothing to the score */
    size_t depth;
    struct lede_buffer *out; /* of the clause */
    struct lede_error *reterr;
};

/* Translates a query's body. Status: OK; EINPUT; EUNSUPPORTED; ELIMIT; ENOMEM. */
typedef enum lede_status (*elastic_translator)(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);

/* The members of a query of one field: {field: value}, {field: {key: value, …}}.
 * key          where the value stands in the long form
 * ret_options  the long form; NULL: there is none
 * Status: OK; EINPUT. */
LEDE_CHECKED enum lede_status lede_elastic_one_field(struct elastic_translation *t,
    const json_t *body, const char *what, const char *key, const char **ret_name,
    const json_t **ret_value, const json_t **ret_options);
/* A field that is ours, and has words, values or dates; refuses others by name. Status: OK;
 * EINPUT. */
LEDE_CHECKED enum lede_status lede_elastic_known_field(
    struct elastic_translation *t, const char *name, const struct lede_field **ret_field);
/* A value as text: strings, numbers, truths; copied into the query's arena. Status: OK; EINPUT;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_value_text(
    struct elastic_translation *t, const json_t *value, const char *what, const char **ret_text);
/* `boost`, in a query that counts: `^2.5` behind what was written. Status: OK; EINPUT. */
LEDE_CHECKED enum lede_status lede_elastic_boost(
    struct elastic_translation *t, const json_t *options);
/* Fail with what instead. Returns EUNSUPPORTED. */
enum lede_status lede_elastic_not_offered(
    struct elastic_translation *t, const char *what, const char *instead);

/* The words of a text, between which there is white space or what no word has. at: moved on.
 * word     cleared; the next, of letters, digits and signs that mean nothing in quotes
 * Returns false behind the last. */
bool lede_elastic_next_word(const char **at, struct lede_buffer *word);
/* Is it one operand of Lede's language (a word, a phrase, a pattern)? What is not is never written.
 */
bool lede_elastic_is_operand(struct elastic_translation *t, const char *text);
/* Append `field:` and an operand, if it is one. Returns whether. */
bool lede_elastic_append_operand(struct elastic_translation *t, const struct lede_field *field,
    const char *before, const char *word, const char *behind);
/* Append dates from first to last, both included. */
void lede_elastic_append_dates(struct elastic_translation *t, const struct lede_field *field,
    int64_t first_utc_s, int64_t last_utc_s);

#endif
