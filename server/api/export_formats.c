/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NDJSON has documents as they are stored, so that it can be imported again; CSV has columns; a
 * clipping file is to be read. */
#include "export_formats.h"

#include "csv.h"
#include "hits.h"

#include <string.h>

/* ---- NDJSON ---- */

static void begin_ndjson(const struct lede_search_params *search, struct lede_buffer *out)
{
    (void)search;
    (void)out;
}

static enum lede_status write_ndjson(const struct lede_search_params *search,
    const struct lede_stored *stored, struct lede_buffer *out)
{
    enum lede_status st = LEDE_OK;
    if (search->field_count > 0)
        st = lede_write_document(out, search, stored);
    else
        lede_buffer_append(out, stored->text, stored->size);
    lede_buffer_append_char(out, '\n');
    return st;
}

/* ---- CSV ---- */

static const char *const columns[] = {
    "id", "published", "source", "section", "title", "author", "tags", "language", "url"};

static const char *column_at(const struct lede_search_params *search, size_t index)
{
    if (search->field_count > 0)
        return index < search->field_count ? search->fields[index] : NULL;
    return index < LEDE_COUNT_OF(columns) ? columns[index] : NULL;
}

static void begin_csv(const struct lede_search_params *search, struct lede_buffer *out)
{
    const char *name;
    for (size_t i = 0; (name = column_at(search, i)); i++)
        lede_csv_cell(out, name, strlen(name), i == 0);
    lede_buffer_append_string(out, "\r\n");
}

/* Does a member have this key, which may be written with escapes? */
static bool is_named(const struct lede_stored_member *member, const char *name, char *room)
{
    size_t size = lede_stored_decode(member->key, room);
    return strlen(name) == size && memcmp(name, room, size) == 0;
}

/* The text of a cell: a string as it is, of a list all, and whatever else as JSON. */
static enum lede_status append_value(
    const struct lede_stored *stored, const char *name, struct lede_buffer *text)
{
    const struct lede_field *field = lede_field_by_key(name, strlen(name));
    const struct lede_stored_field *known = field ? lede_stored_texts(stored, field->id) : NULL;
    for (size_t i = 0; known && i < known->count; i++) {
        lede_buffer_append_string(text, i > 0 ? "; " : "");
        lede_buffer_append(text, known->texts[i].text, known->texts[i].size);
    }
    for (size_t i = 0; !known && i < stored->member_count; i++) {
        const struct lede_stored_member *member = &stored->members[i];
        char *room = lede_buffer_reserve(text, member->key.size + member->value.size);
        if (!room)
            return LEDE_ENOMEM;
        if (!is_named(member, name, room))
            continue;
        if (member->value.text[0] == '"')
            text->size += lede_stored_decode(member->value, room);
        else
            lede_buffer_append(text, member->value.text, member->value.size);
        break;
    }
    return lede_buffer_status(text);
}

static enum lede_status write_csv(const struct lede_search_params *search,
    const struct lede_stored *stored, struct lede_buffer *out)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    const char *name;
    for (size_t i = 0; (name = column_at(search, i)); i++) {
        lede_buffer_clear(&text);
        if (append_value(stored, name, &text) != LEDE_OK)
            return LEDE_ENOMEM;
        lede_csv_cell(out, text.data ? text.data : "", text.size, i == 0);
    }
    lede_buffer_append_string(out, "\r\n");
    return LEDE_OK;
}

/* ---- A clipping file ---- */

static void append_texts(struct lede_buffer *out, const struct lede_stored *stored,
    enum lede_field_id id, const char *before, const char *after)
{
    const struct lede_stored_field *field = lede_stored_texts(stored, id);
    for (size_t i = 0; field && i < field->count; i++) {
        lede_buffer_append_string(out, i == 0 ? before : ", ");
        lede_buffer_append(out, field->texts[i].text, field->texts[i].size);
    }
    lede_buffer_append_string(out, field && field->count > 0 ? after : "");
}

static void begin_text(const struct lede_search_params *search, struct lede_buffer *out)
{
    (void)search;
    (void)out;
}

static enum lede_status write_text(const struct lede_search_params *search,
    const struct lede_stored *stored, struct lede_buffer *out)
{
    (void)search;
    append_texts(out, stored, LEDE_FIELD_TITLE, "", "\n");
    append_texts(out, stored, LEDE_FIELD_SOURCE, "", "\n");
    append_texts(out, stored, LEDE_FIELD_AUTHOR, "", "\n");
    append_texts(out, stored, LEDE_FIELD_PUBLISHED, "", "\n");
    append_texts(out, stored, LEDE_FIELD_SUMMARY, "\n", "\n");
    append_texts(out, stored, LEDE_FIELD_BODY, "\n", "\n");
    append_texts(out, stored, LEDE_FIELD_URL, "\n", "\n");
    lede_buffer_append_string(
        out, "\n----------------------------------------------------------------\n\n");
    return LEDE_OK;
}

/* ---- The table ---- */

static const struct lede_export_format formats[] = {
    [LEDE_EXPORT_NDJSON] = {"application/x-ndjson", "export.ndjson", LEDE_TAKER_EXPORT,
        begin_ndjson, write_ndjson},
    [LEDE_EXPORT_CSV] = {"text/csv; charset=utf-8", "export.csv", LEDE_TAKER_EXPORT, begin_csv,
        write_csv},
    [LEDE_EXPORT_TEXT] = {"text/plain; charset=utf-8", "export.txt", LEDE_TAKER_CLIPPING,
        begin_text, write_text},
};

const struct lede_export_format *lede_export_format_at(enum lede_export_format_id id)
{
    return &formats[id];
}
