/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which field is which term prefix and which value slot? One table, read by model, query,
 * highlighter and engine.
 *
 * Terms:  body words have no prefix; every other text field's prefix is one capital letter (terms
 *         are folded, so none begins with one).
 *   <prefix><stem>      T + "minist"
 *   =<prefix><word>     the word as folded, wdf 0, where it stands without accents
 *   =<prefix><word>\t<written>  and where it has some. `=word` reads one of these, `prefix*` all
 *   ^<prefix><word>     the same of each word written in capitals alone: `CAPS word`
 *   F<letter><value>    exact value of a filter field FOReuters
 *   FT<key>             the story it belongs to, 16 hexadecimal digits
 *   Q<id>               the document's id; ids that do not fit are hashed by lede_schema_id_term()
 * No term has positions in Xapian's sense: where stems stand, and where sentences and paragraphs
 * begin, is in a file of its own, index/engine/positions_file.h. */
#ifndef LEDE_SCHEMA_H
#define LEDE_SCHEMA_H

#include "lede/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lede_field_id {
    LEDE_FIELD_TITLE,
    LEDE_FIELD_SUMMARY,
    LEDE_FIELD_BODY,
    LEDE_FIELD_URL,
    LEDE_FIELD_SOURCE,
    LEDE_FIELD_AUTHOR,
    LEDE_FIELD_SECTION,
    LEDE_FIELD_TAGS,
    LEDE_FIELD_PLACES,
    LEDE_FIELD_PEOPLE,
    LEDE_FIELD_ORGANISATIONS,
    LEDE_FIELD_LANGUAGE,
    LEDE_FIELD_PUBLISHED,
    LEDE_FIELD_UPDATED,
    LEDE_FIELD_EMBARGOED_UNTIL,
    LEDE_FIELD_EXPIRES,
    LEDE_FIELD_STATUS,
    LEDE_FIELD_ID,
    LEDE_FIELD_RECEIVED,
    LEDE_FIELD_IMAGE,
    LEDE_FIELD_COUNT,
};

/* A set of fields: bit i is field i. */
typedef uint32_t lede_field_set;
#define LEDE_FIELD_BIT(id) (UINT32_C(1) << (id))
/* Words with no field look here: in what a reader sees of an article. */
#define LEDE_FIELDS_DEFAULT                                                                        \
    (LEDE_FIELD_BIT(LEDE_FIELD_TITLE) | LEDE_FIELD_BIT(LEDE_FIELD_SUMMARY) |                       \
        LEDE_FIELD_BIT(LEDE_FIELD_BODY) | LEDE_FIELD_BIT(LEDE_FIELD_AUTHOR))

enum lede_field_kind {
    LEDE_KIND_STRING, /* one string */
    LEDE_KIND_LIST,   /* strings; a single one is taken */
    LEDE_KIND_DATE,   /* a moment */
    LEDE_KIND_STATUS, /* usable, withheld, canceled */
    LEDE_KIND_IMAGE,  /* an object: `url`, `alt` */
};

#define LEDE_SLOT_NONE UINT32_MAX
enum lede_slot {
    LEDE_SLOT_PUBLISHED = 0, /* lede_schema_encode_time(): 5 bytes, big endian, sorts as time */
    LEDE_SLOT_UPDATED = 1,
    LEDE_SLOT_EMBARGOED_UNTIL = 2,
    LEDE_SLOT_EXPIRES = 3,
    LEDE_SLOT_DIGEST = 4, /* 16 bytes: XXH3-128 of the stored document; the ETag */
    /* published / 900 s, 4 bytes, big endian, offset 2^31: histograms */
    LEDE_SLOT_QUARTER_HOUR = 5,
    /* day published, 3 bytes, big endian, days since LEDE_TIME_MIN_UTC_S: recency */
    LEDE_SLOT_DAY = 6,
    LEDE_SLOT_LENGTH = 7, /* words of the body, 4 bytes, big endian */
    LEDE_SLOT_SOURCE = 8, /* filter fields: values joined by 0x1F, for facets and collapsing */
    LEDE_SLOT_AUTHOR = 9,
    LEDE_SLOT_SECTION = 10,
    LEDE_SLOT_TAGS = 11,
    LEDE_SLOT_PLACES = 12,
    LEDE_SLOT_PEOPLE = 13,
    LEDE_SLOT_ORGANISATIONS = 14,
    LEDE_SLOT_LANGUAGE = 15,
    LEDE_SLOT_ID = 16,     /* the id: what documents of one moment are ordered by */
    LEDE_SLOT_STORY = 17,  /* 16 hexadecimal digits: near-duplicates share them */
    LEDE_SLOT_SKETCH = 18, /* what the story was found by; lede/story.h */
};

struct lede_field {
    enum lede_field_id id;
    enum lede_field_kind kind;
    const char *key; /* in documents: "tags" */
    /* in queries: "tag" (`tag:x`); the key is taken there too; NULL if not searchable */
    const char *query_name;
    /* parameter of a search, facet and collapse name: "tag"; NULL if no filter */
    const char *filter_name;
    const char *prefix; /* of stems: "T", "" for body; NULL if its words are not indexed */
    char filter_letter; /* after F; 0 if no filter */
    uint32_t slot;      /* LEDE_SLOT_NONE if none */
    /* what one occurrence counts in a document's length and term frequency */
    uint32_t wdf;
    double weight;      /* factor of its score */
    bool highlightable; /* `highlight=` may name it */
};

/* The field's row; static. id < LEDE_FIELD_COUNT. */
const struct lede_field *lede_field_at(enum lede_field_id id);
/* By name; NULL if none. Threads: any. */
const struct lede_field *lede_field_by_key(const char *key, size_t size);
const struct lede_field *lede_field_by_query_name(
    const char *name, size_t size); /* keys too; lower case only */
const struct lede_field *lede_field_by_filter_name(const char *name, size_t size);

/* What stories are filtered by (`story=`, `FT` + key). Documents have no such key, so it is not in
 * the table: its id is LEDE_FIELD_COUNT, and nothing above finds it by a name. */
const struct lede_field *lede_field_of_stories(void);

#define LEDE_SCHEMA_TERM_MAX 245 /* Xapian's safe length of a term, bytes */

/* Write `Q` and the id, or `Q#` and 32 hexadecimal digits of its hash where that would be too long.
 * ret_term has room for LEDE_SCHEMA_TERM_MAX + 1; returns the size. */
size_t lede_schema_id_term(const char *id, size_t size, char *ret_term);
/* The same for a filter field's value (`FO` + value). */
size_t lede_schema_filter_term(
    const struct lede_field *field, const char *value, size_t size, char *ret_term);
/* 5 bytes that sort as the moments do. utc_s within LEDE_TIME_MIN_UTC_S..MAX. */
void lede_schema_encode_time(int64_t utc_s, unsigned char ret_bytes[5]);
int64_t lede_schema_decode_time(const unsigned char bytes[5]);
void lede_schema_encode_quarter_hour(int64_t utc_s, unsigned char ret_bytes[4]);
/* the first second of the quarter */
int64_t lede_schema_decode_quarter_hour(const unsigned char bytes[4]);

void lede_schema_encode_day(int64_t utc_s, unsigned char ret_bytes[3]);
int64_t lede_schema_decode_day(const unsigned char bytes[3]); /* the first second of the day */

#define LEDE_TERM_STATUS_WITHHELD "FSwithheld" /* on documents withheld or canceled */
#define LEDE_TERM_STORY "FT"                   /* and the key */
#define LEDE_STORY_KEY_DIGITS 16               /* hexadecimal, lower case */
#define LEDE_TERM_CLOCK "FKclock"              /* on documents with embargoed_until or expires */
#define LEDE_TERM_WORD '='                     /* before the field's prefix */
#define LEDE_TERM_WRITTEN '\t'                 /* between a word and how it is written */
#define LEDE_TERM_CAPS '^'                     /* before the field's prefix */
#define LEDE_FACET_SEPARATOR '\x1f'

/* Changes whenever terms or slots of an unchanged document would. Segments from the oldest on are
 * read, and made anew in the background from the documents stored in them; those of earlier
 * versions must be reindexed. */
#define LEDE_ANALYSIS_VERSION 7
#define LEDE_ANALYSIS_VERSION_OLDEST 3

#ifdef __cplusplus
}
#endif
#endif
