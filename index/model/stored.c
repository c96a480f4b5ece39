/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two steps: the scanner finds the members and counts what their strings need, then all is laid
 * into one piece of memory. */
#include "lede/stored.h"

#include "lede/encoding.h"
#include "model_internal.h"
#include "stored_scan.h"

#include <stdlib.h>
#include <string.h>

struct reading {
    struct lede_stored_member *members; /* malloc() */
    size_t count;
    size_t capacity;
    size_t text_count;    /* strings of known keys */
    size_t decoded_bytes; /* at most, of those */
    lede_field_set seen;
    lede_field_set strings; /* known keys with a string, or a list of nothing else */
};

static void reading_done(struct reading *reading)
{
    free(reading->members);
}

static enum lede_status fail_form(struct lede_error *reterr, const struct stored_scan *scan)
{
    return lede_fail(reterr, LEDE_ECORRUPT,
        "stored document: expected JSON as it is written, found something else at byte %zu",
        scan->at);
}

/* Keys stand in the order of the schema: the search begins behind the one before. */
static uint32_t field_of(const char *key, size_t size, uint32_t from)
{
    for (uint32_t i = 0; i < LEDE_FIELD_COUNT; i++) {
        uint32_t id = (from + i) % LEDE_FIELD_COUNT;
        const char *name = lede_field_at((enum lede_field_id)id)->key;
        if (strncmp(name, key, size) == 0 && name[size] == '\0')
            return id;
    }
    return LEDE_FIELD_COUNT;
}

static bool read_member(struct stored_scan *scan, struct reading *reading, uint32_t *from)
{
    struct lede_stored_member member = {.key = {scan->text + scan->at, scan->at}};
    if (!stored_scan_string(scan))
        return false;
    member.key.size = scan->at - member.key.size;
    if (!stored_scan_char(scan, ':'))
        return false;
    member.value = (struct lede_slice){scan->text + scan->at, scan->at};
    if (!stored_scan_value(scan))
        return false;
    member.value.size = scan->at - member.value.size;
    member.field = field_of(member.key.text + 1, member.key.size - 2, *from);
    if (member.field < LEDE_FIELD_COUNT) {
        lede_field_set bit = LEDE_FIELD_BIT(member.field);
        if (reading->seen & bit)
            return false;
        reading->seen |= bit;
        *from = member.field + 1;
        if (!scan->has_other) {
            reading->strings |= bit;
            reading->text_count += scan->string_count;
            reading->decoded_bytes += scan->escaped_bytes;
        }
    }
    reading->members[reading->count++] = member;
    return true;
}

static enum lede_status read_members(
    struct stored_scan *scan, struct reading *reading, struct lede_error *reterr)
{
    uint32_t from = 0;
    if (lede_utf8_find_invalid(scan->text, scan->size, 0) < scan->size ||
        !stored_scan_char(scan, '{'))
        return fail_form(reterr, scan);
    do {
        if (!LEDE_ARRAY_RESERVE(reading->members, reading->capacity, reading->count + 1))
            return lede_fail_memory(reterr);
        if (!read_member(scan, reading, &from))
            return fail_form(reterr, scan);
    } while (stored_scan_char(scan, ','));
    if (!stored_scan_char(scan, '}') || scan->at != scan->size)
        return fail_form(reterr, scan);
    return LEDE_OK;
}

/* ---- Strings ---- */

static char decode_short(char escape)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *found = strchr(from, escape);
    return found ? to[found - from] : escape;
}

size_t lede_stored_decode(struct lede_slice json, char *ret_text)
{
    const char *at = json.text + 1, *end = json.text + json.size - 1;
    char *out = ret_text;
    while (at < end) {
        const char *slash = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((slash ? slash : end) - at);
        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (!slash)
            break;
        if (at[1] == 'u') {
            int low = at[5] <= '9' ? at[5] - '0' : (at[5] | 0x20) - 'a' + 10;
            *out++ = (char)((at[4] - '0') << 4 | low);
            at += 6;
        } else {
            *out++ = decode_short(at[1]);
            at += 2;
        }
    }
    return (size_t)(out - ret_text);
}

/* A place in the one piece of memory. */
struct layout {
    struct lede_slice *texts; /* the next free one */
    char *decoded;            /* likewise */
};

static struct lede_slice take_text(struct layout *layout, struct lede_slice json)
{
    if (!memchr(json.text, '\\', json.size))
        return (struct lede_slice){json.text + 1, json.size - 2};
    struct lede_slice text = {layout->decoded, lede_stored_decode(json, layout->decoded)};
    layout->decoded += text.size;
    return text;
}

/* The strings of a value that the scanner let pass. */
static void take_texts(
    struct layout *layout, struct lede_stored_field *field, struct lede_slice value)
{
    struct stored_scan scan = {.text = value.text, .size = value.size};
    field->texts = layout->texts;
    field->is_list = stored_scan_char(&scan, '[');
    while (stored_scan_peek(&scan) == '"') {
        struct lede_slice json = {scan.text + scan.at, scan.at};
        (void)stored_scan_string(&scan);
        json.size = scan.at - json.size;
        *layout->texts++ = take_text(layout, json);
        field->count++;
        (void)stored_scan_char(&scan, ',');
    }
}

/* ---- Fields ---- */

static int64_t *date_of(struct lede_stored *stored, enum lede_field_id id, int64_t *unused)
{
    if (id == LEDE_FIELD_PUBLISHED)
        return &stored->published_utc_s;
    if (id == LEDE_FIELD_RECEIVED)
        return &stored->received_utc_s;
    return id == LEDE_FIELD_UPDATED ? &stored->updated_utc_s : unused;
}

/* A facet's values are joined by its separator, so none may have one inside. */
static bool has_separator(const struct lede_stored_field *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (memchr(texts->texts[i].text, LEDE_FACET_SEPARATOR, texts->texts[i].size))
            return true;
    }
    return false;
}

/* Is it a value that the field takes? As lede_document_from_stored() has it. */
static bool fits(struct lede_stored *stored, const struct lede_field *field)
{
    const struct lede_stored_field *texts = &stored->fields[field->id];
    int64_t unused = 0;
    if (field->kind == LEDE_KIND_IMAGE)
        return texts->member->value.text[0] == '{';
    if (!texts->texts || texts->is_list != (field->kind == LEDE_KIND_LIST))
        return false;
    if (field->kind == LEDE_KIND_DATE)
        return lede_time_parse(texts->texts[0].text, texts->texts[0].size,
                   date_of(stored, field->id, &unused), NULL, NULL) == LEDE_OK;
    if (field->kind == LEDE_KIND_LIST)
        return texts->count <= LEDE_LIST_ITEMS_MAX && !has_separator(texts);
    return !field->filter_letter || !has_separator(texts);
}

static struct lede_stored *lay_out(const struct stored_scan *scan, const struct reading *reading)
{
    size_t member_bytes = reading->count * sizeof(struct lede_stored_member);
    size_t text_bytes = reading->text_count * sizeof(struct lede_slice);
    size_t bytes = sizeof(struct lede_stored) + member_bytes + text_bytes + scan->size +
                   reading->decoded_bytes + LEDE_ID_BYTES_MAX + 1;
    struct lede_stored *stored = calloc(1, bytes);
    if (!stored)
        return NULL;
    struct lede_stored_member *members = (struct lede_stored_member *)(stored + 1);
    struct layout layout = {.texts = (struct lede_slice *)(members + reading->count)};
    char *text = (char *)(layout.texts + reading->text_count);
    layout.decoded = text + scan->size;
    memcpy(text, scan->text, scan->size);
    stored->text = text;
    stored->size = scan->size;
    stored->bytes = bytes;
    stored->members = members;
    stored->member_count = reading->count;
    stored->texts = layout.texts;
    stored->text_count = reading->text_count;
    for (size_t i = 0; i < reading->count; i++) {
        members[i] = reading->members[i];
        members[i].key.text = text + (members[i].key.text - scan->text);
        members[i].value.text = text + (members[i].value.text - scan->text);
        if (members[i].field == LEDE_FIELD_COUNT)
            continue;
        struct lede_stored_field *field = &stored->fields[members[i].field];
        field->member = &members[i];
        if (reading->strings & LEDE_FIELD_BIT(members[i].field))
            take_texts(&layout, field, members[i].value);
    }
    stored->id = layout.decoded;
    return stored;
}

/* Read what the fields say into the struct. Returns false where there is no id. */
static bool read_fields(struct lede_stored *stored)
{
    const struct lede_stored_field *id = &stored->fields[LEDE_FIELD_ID];
    if (!id->texts || id->is_list || id->texts[0].size > LEDE_ID_BYTES_MAX)
        return false;
    memcpy((char *)stored->id, id->texts[0].text, id->texts[0].size); /* zeroed behind it */
    stored->id_size = id->texts[0].size;
    stored->published_utc_s = LEDE_TIME_NONE;
    stored->updated_utc_s = LEDE_TIME_NONE;
    stored->received_utc_s = LEDE_TIME_NONE;
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++) {
        if (stored->fields[i].member && !fits(stored, lede_field_at((enum lede_field_id)i)))
            stored->misfits |= LEDE_FIELD_BIT(i);
    }
    const struct lede_stored_field *language = lede_stored_texts(stored, LEDE_FIELD_LANGUAGE);
    if (language)
        stored->language = lede_language_find(language->texts[0].text, language->texts[0].size);
    return true;
}

enum lede_status lede_stored_read(
    const char *text, size_t size, struct lede_stored **ret_stored, struct lede_error *reterr)
{
    LEDE_CLEANUP(reading_done) struct reading reading = {0};
    struct stored_scan scan = {.text = text, .size = size};
    enum lede_status st = read_members(&scan, &reading, reterr);
    if (st != LEDE_OK)
        return st;
    LEDE_CLEANUP(lede_freep) struct lede_stored *stored = lay_out(&scan, &reading);
    if (!stored)
        return lede_fail_memory(reterr);
    if (!read_fields(stored))
        return lede_fail(reterr, LEDE_ECORRUPT, "stored document: it has no id");
    *ret_stored = LEDE_TAKE(&stored);
    return LEDE_OK;
}

const struct lede_stored_field *lede_stored_texts(
    const struct lede_stored *stored, enum lede_field_id id)
{
    const struct lede_stored_field *field = &stored->fields[id];
    return field->texts && !(stored->misfits & LEDE_FIELD_BIT(id)) ? field : NULL;
}
