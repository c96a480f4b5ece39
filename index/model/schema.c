/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one table of fields.
 *
 * Parameters, query fields, prefixes, slots and weights are read from here and written nowhere
 * else. Rows stand in the order of enum lede_field_id, which is also the order of keys in a stored
 * document. */
#include "lede/schema.h"

#include "lede/number.h"
#include "lede/time.h"

#include <assert.h>
#include <string.h>

enum { QUARTER_HOUR_S = 900 };
#define QUARTER_HOUR_OFFSET (INT64_C(1) << 31) /* makes quarters before 1970 positive */

static const struct lede_field fields[LEDE_FIELD_COUNT] = {
    /* id, kind, key, query_name, filter_name, prefix, filter_letter, slot, wdf, weight,
     * highlightable */
    {LEDE_FIELD_TITLE, LEDE_KIND_STRING, "title", "title", NULL, "T", 0, LEDE_SLOT_NONE, 3, 2.0,
        true},
    {LEDE_FIELD_SUMMARY, LEDE_KIND_STRING, "summary", "summary", NULL, "S", 0, LEDE_SLOT_NONE, 1,
        1.2, true},
    {LEDE_FIELD_BODY, LEDE_KIND_STRING, "body", "body", NULL, "", 0, LEDE_SLOT_NONE, 1, 1.0, true},
    {LEDE_FIELD_URL, LEDE_KIND_STRING, "url", "url", NULL, "U", 0, LEDE_SLOT_NONE, 0, 1.0, true},
    {LEDE_FIELD_SOURCE, LEDE_KIND_STRING, "source", "source", "source", "O", 'O', LEDE_SLOT_SOURCE,
        0, 1.0, true},
    {LEDE_FIELD_AUTHOR, LEDE_KIND_LIST, "author", "author", "author", "A", 'A', LEDE_SLOT_AUTHOR, 1,
        1.0, true},
    {LEDE_FIELD_SECTION, LEDE_KIND_STRING, "section", "section", "section", "C", 'C',
        LEDE_SLOT_SECTION, 0, 1.0, true},
    {LEDE_FIELD_TAGS, LEDE_KIND_LIST, "tags", "tag", "tag", "G", 'G', LEDE_SLOT_TAGS, 0, 1.0, true},
    {LEDE_FIELD_PLACES, LEDE_KIND_LIST, "places", "place", "place", "P", 'P', LEDE_SLOT_PLACES, 0,
        1.0, true},
    {LEDE_FIELD_PEOPLE, LEDE_KIND_LIST, "people", "person", "person", "N", 'N', LEDE_SLOT_PEOPLE, 0,
        1.0, true},
    {LEDE_FIELD_ORGANISATIONS, LEDE_KIND_LIST, "organisations", "organisation", "organisation", "R",
        'R', LEDE_SLOT_ORGANISATIONS, 0, 1.0, true},
    {LEDE_FIELD_LANGUAGE, LEDE_KIND_STRING, "language", NULL, "lang", NULL, 'L', LEDE_SLOT_LANGUAGE,
        1, 1.0, false},
    {LEDE_FIELD_PUBLISHED, LEDE_KIND_DATE, "published", "published", NULL, NULL, 0,
        LEDE_SLOT_PUBLISHED, 1, 1.0, false},
    {LEDE_FIELD_UPDATED, LEDE_KIND_DATE, "updated", "updated", NULL, NULL, 0, LEDE_SLOT_UPDATED, 1,
        1.0, false},
    {LEDE_FIELD_EMBARGOED_UNTIL, LEDE_KIND_DATE, "embargoed_until", NULL, NULL, NULL, 0,
        LEDE_SLOT_EMBARGOED_UNTIL, 1, 1.0, false},
    {LEDE_FIELD_EXPIRES, LEDE_KIND_DATE, "expires", NULL, NULL, NULL, 0, LEDE_SLOT_EXPIRES, 1, 1.0,
        false},
    {LEDE_FIELD_STATUS, LEDE_KIND_STATUS, "status", NULL, NULL, NULL, 0, LEDE_SLOT_NONE, 1, 1.0,
        false},
    {LEDE_FIELD_ID, LEDE_KIND_STRING, "id", NULL, NULL, NULL, 0, LEDE_SLOT_NONE, 1, 1.0, false},
    {LEDE_FIELD_RECEIVED, LEDE_KIND_DATE, "received", NULL, NULL, NULL, 0, LEDE_SLOT_NONE, 1, 1.0,
        false},
    {LEDE_FIELD_IMAGE, LEDE_KIND_IMAGE, "image", NULL, NULL, NULL, 0, LEDE_SLOT_NONE, 1, 1.0,
        false},
};

static const struct lede_field story_field = {LEDE_FIELD_COUNT, LEDE_KIND_STRING, NULL, NULL,
    "story", NULL, 'T', LEDE_SLOT_STORY, 0, 1.0, false};

const struct lede_field *lede_field_of_stories(void)
{
    return &story_field;
}

static bool is_named(const char *name, const char *given, size_t given_size)
{
    return name && strlen(name) == given_size && memcmp(name, given, given_size) == 0;
}

const struct lede_field *lede_field_at(enum lede_field_id id)
{
    assert((size_t)id < LEDE_FIELD_COUNT);
    return &fields[id];
}

const struct lede_field *lede_field_by_key(const char *key, size_t size)
{
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++)
        if (is_named(fields[i].key, key, size))
            return &fields[i];
    return NULL;
}

const struct lede_field *lede_field_by_query_name(const char *name, size_t size)
{
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++) {
        const struct lede_field *field = &fields[i];
        if (!field->query_name)
            continue;
        if (is_named(field->query_name, name, size) || is_named(field->key, name, size))
            return field;
    }
    return NULL;
}

const struct lede_field *lede_field_by_filter_name(const char *name, size_t size)
{
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++)
        if (is_named(fields[i].filter_name, name, size))
            return &fields[i];
    return NULL;
}

/* prefix + value, or prefix + '#' + hash where that passes LEDE_SCHEMA_TERM_MAX. */
static size_t write_term(
    const char *prefix, size_t prefix_size, const char *value, size_t size, char *ret_term)
{
    memcpy(ret_term, prefix, prefix_size);
    char *rest = ret_term + prefix_size;
    if (prefix_size + size <= LEDE_SCHEMA_TERM_MAX) {
        if (size > 0)
            memcpy(rest, value, size);
        rest[size] = '\0';
        return prefix_size + size;
    }
    unsigned char digest[16];
    char hex[33];
    lede_hash128(value, size, digest);
    lede_hash_to_hex(digest, hex);
    rest[0] = '#';
    memcpy(rest + 1, hex, sizeof hex);
    return prefix_size + 1 + 32;
}

size_t lede_schema_id_term(const char *id, size_t size, char *ret_term)
{
    return write_term("Q", 1, id, size, ret_term);
}

size_t lede_schema_filter_term(
    const struct lede_field *field, const char *value, size_t size, char *ret_term)
{
    const char prefix[2] = {'F', field->filter_letter};
    return write_term(prefix, sizeof prefix, value, size, ret_term);
}

static void write_big_endian(uint64_t number, unsigned char *bytes, size_t size)
{
    for (size_t i = size; i > 0; i--) {
        bytes[i - 1] = (unsigned char)(number & 0xff);
        number >>= 8;
    }
}

static uint64_t read_big_endian(const unsigned char *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

void lede_schema_encode_time(int64_t utc_s, unsigned char ret_bytes[5])
{
    write_big_endian((uint64_t)(utc_s - LEDE_TIME_MIN_UTC_S), ret_bytes, 5);
}

int64_t lede_schema_decode_time(const unsigned char bytes[5])
{
    return (int64_t)read_big_endian(bytes, 5) + LEDE_TIME_MIN_UTC_S;
}

void lede_schema_encode_quarter_hour(int64_t utc_s, unsigned char ret_bytes[4])
{
    int64_t quarter = utc_s / QUARTER_HOUR_S;
    if (utc_s % QUARTER_HOUR_S < 0)
        quarter--;
    write_big_endian((uint64_t)(quarter + QUARTER_HOUR_OFFSET), ret_bytes, 4);
}

int64_t lede_schema_decode_quarter_hour(const unsigned char bytes[4])
{
    return ((int64_t)read_big_endian(bytes, 4) - QUARTER_HOUR_OFFSET) * QUARTER_HOUR_S;
}

void lede_schema_encode_day(int64_t utc_s, unsigned char ret_bytes[3])
{
    write_big_endian((uint64_t)(utc_s - LEDE_TIME_MIN_UTC_S) / 86400, ret_bytes, 3);
}

int64_t lede_schema_decode_day(const unsigned char bytes[3])
{
    return (int64_t)read_big_endian(bytes, 3) * 86400 + LEDE_TIME_MIN_UTC_S;
}
