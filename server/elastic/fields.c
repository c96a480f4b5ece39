/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fields.h"

#include "lede/time.h"

#include <string.h>

const struct elastic_alias lede_elastic_aliases[] = {
    {"@timestamp", LEDE_FIELD_PUBLISHED}, /* Logstash, Filebeat, Vector, Fluent Bit */
    {"time", LEDE_FIELD_PUBLISHED},       /* pino */
    {"message", LEDE_FIELD_BODY},         /* Logstash, Filebeat, Vector, winston */
    {"msg", LEDE_FIELD_BODY},             /* pino */
    {"log", LEDE_FIELD_BODY},             /* Fluent Bit */
    {NULL, LEDE_FIELD_COUNT},
};

const struct lede_field *lede_elastic_field(const char *name, size_t size)
{
    static const char keyword[] = ".keyword";
    size_t ending = sizeof(keyword) - 1;
    if (size > ending && memcmp(name + size - ending, keyword, ending) == 0)
        size -= ending;
    if (size == 3 && memcmp(name, "_id", 3) == 0)
        return lede_field_at(LEDE_FIELD_ID);
    for (const struct elastic_alias *alias = lede_elastic_aliases; alias->name; alias++) {
        if (strlen(alias->name) == size && memcmp(name, alias->name, size) == 0)
            return lede_field_at(alias->field);
    }
    return lede_field_by_key(name, size);
}

const char *lede_elastic_type(const struct lede_field *field)
{
    if (field->kind == LEDE_KIND_DATE)
        return "date";
    if (field->kind == LEDE_KIND_IMAGE)
        return "object";
    return field->filter_name || !field->prefix ? "keyword" : "text";
}

static json_t *date_of(json_int_t milliseconds)
{
    char text[21];
    int64_t utc_s = milliseconds / 1000;
    if (utc_s < LEDE_TIME_MIN_UTC_S || utc_s > LEDE_TIME_MAX_UTC_S)
        return json_integer(milliseconds); /* which is no date, and refused as such */
    lede_time_format(utc_s, text);
    return json_string(text);
}

enum lede_status lede_elastic_take_names(json_t *document, struct lede_error *reterr)
{
    for (const struct elastic_alias *alias = lede_elastic_aliases; alias->name; alias++) {
        json_t *value = json_object_get(document, alias->name);
        const char *key = lede_field_at(alias->field)->key;
        bool is_number =
            json_is_integer(value) && lede_field_at(alias->field)->kind == LEDE_KIND_DATE;
        if (!(json_is_string(value) || is_number) || json_object_get(document, key))
            continue;
        json_t *taken = is_number ? date_of(json_integer_value(value)) : json_incref(value);
        if (!taken || json_object_set_new(document, key, taken) != 0 ||
            json_object_del(document, alias->name) != 0)
            return lede_fail_memory(reterr);
    }
    json_t *published = json_object_get(document, "published");
    if (json_is_integer(published) &&
        json_object_set_new(document, "published", date_of(json_integer_value(published))) != 0)
        return lede_fail_memory(reterr);
    return LEDE_OK;
}
