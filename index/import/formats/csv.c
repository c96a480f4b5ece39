/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CSV and TSV with a header (RFC 4180, and what spreadsheets make of it): ';', tabs or '|' between
 * columns, line breaks inside quotes, "sep=;" on the first line. */
#include "held.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COLUMNS_MAX 1000
#define SEPARATORS ",;\t|"

static const struct lede_mapping rows[] = {{"id", "id", LEDE_CONVERT_ID, NULL},
    {"title/html", "title", LEDE_CONVERT_HTML_LINE, NULL},
    {"title", "title", LEDE_CONVERT_LINE, NULL},
    {"summary/html", "summary", LEDE_CONVERT_HTML, NULL},
    {"summary", "summary", LEDE_CONVERT_TEXT, NULL}, {"body/html", "body", LEDE_CONVERT_HTML, NULL},
    {"body", "body", LEDE_CONVERT_TEXT, NULL}, {"url", "url", LEDE_CONVERT_URL, NULL},
    {"source", "source", LEDE_CONVERT_LINE, NULL}, {"author", "author", LEDE_CONVERT_LIST, NULL},
    {"section", "section", LEDE_CONVERT_LINE, NULL}, {"tags", "tags", LEDE_CONVERT_LIST, NULL},
    {"places", "places", LEDE_CONVERT_LIST, NULL}, {"people", "people", LEDE_CONVERT_LIST, NULL},
    {"organisations", "organisations", LEDE_CONVERT_LIST, NULL},
    {"language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"published", "published", LEDE_CONVERT_DATE, NULL},
    {"updated", "updated", LEDE_CONVERT_DATE, NULL},
    {"embargoed_until", "embargoed_until", LEDE_CONVERT_DATE, NULL},
    {"expires", "expires", LEDE_CONVERT_DATE, NULL},
    {"status", "status", LEDE_CONVERT_STATUS, NULL},
    {"image", "image/url", LEDE_CONVERT_IMAGE, NULL}, {NULL, NULL, LEDE_CONVERT_NONE, NULL}};

struct csv {
    struct lede_format_input input;
    struct lede_held held;
    char separator;
    bool has_header;
    size_t scanned; /* bytes held that were looked through for the record's end */
    bool is_quoted; /* there: inside quotes */
    char **columns; /* names; owned */
    size_t column_count;
    struct lede_buffer record; /* as UTF-8 */
    struct lede_buffer field;
    struct lede_buffer made;
};

/* ---- Recognising ---- */

static size_t line_size(const char *text, size_t size)
{
    const char *end = size > 0 ? memchr(text, '\n', size) : NULL;
    size = end ? (size_t)(end - text) : size;
    return size > 0 && text[size - 1] == '\r' ? size - 1 : size;
}

/* "sep=;", as Excel writes before the header. Returns its size with the line break, 0: none. */
static size_t separator_line(const char *text, size_t size, char *ret_separator)
{
    if (size < 6 || strncasecmp(text, "sep=", 4) != 0 || line_size(text, size) != 5)
        return 0;
    *ret_separator = text[4];
    return text[5] == '\r' ? 7 : 6;
}

static char find_separator(const char *text, size_t size)
{
    size_t counts[sizeof(SEPARATORS) - 1] = {0};
    bool is_quoted = false;
    size_t best = 0;
    for (size_t i = 0; i < size; i++) {
        const char *found = text[i] ? strchr(SEPARATORS, text[i]) : NULL;
        is_quoted = is_quoted != (text[i] == '"');
        if (found && !is_quoted)
            counts[found - SEPARATORS]++;
    }
    for (size_t i = 1; i < LEDE_COUNT_OF(counts); i++)
        best = counts[i] > counts[best] ? i : best;
    return counts[best] > 0 ? SEPARATORS[best] : '\0';
}

/* Is one of the line's columns "title" or "body", whatever its case? */
static bool has_our_column(const char *line, size_t size, char separator)
{
    for (size_t from = 0, i = 0; i <= size; i++) {
        if (i < size && line[i] != separator)
            continue;
        const char *name = line + from;
        size_t name_size = i - from;
        if (name_size >= 2 && name[0] == '"' && name[name_size - 1] == '"') {
            name++;
            name_size -= 2;
        }
        if ((name_size == 5 && strncasecmp(name, "title", 5) == 0) ||
            (name_size == 4 && strncasecmp(name, "body", 4) == 0))
            return true;
        from = i + 1;
    }
    return false;
}

static unsigned recognise(const struct lede_format *format, const struct lede_format_head *head)
{
    char separator = '\0';
    size_t skipped = separator_line(head->text, head->size, &separator);
    const char *line = head->text + skipped;
    size_t size = line_size(line, head->size - skipped);
    (void)format;
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)line[i] < ' ' && line[i] != '\t')
            return LEDE_FORMAT_NO;
    }
    if (size == 0 || strchr("{[<%", line[0]))
        return LEDE_FORMAT_NO;
    separator = skipped > 0 ? separator : find_separator(line, size);
    if (separator == '\0')
        return has_our_column(line, size, ',') ? LEDE_FORMAT_GUESS : LEDE_FORMAT_NO;
    return has_our_column(line, size, separator) ? LEDE_FORMAT_SURE : LEDE_FORMAT_GUESS;
}

/* ---- Reading ---- */

static void csv_free(void *reader)
{
    struct csv *csv = reader;
    if (!csv)
        return;
    for (size_t i = 0; i < csv->column_count; i++)
        free(csv->columns[i]);
    free(csv->columns);
    lede_held_done(&csv->held);
    lede_buffer_done(&csv->record);
    lede_buffer_done(&csv->field);
    lede_buffer_done(&csv->made);
    free(csv);
}

static enum lede_status csv_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    struct csv *csv = calloc(1, sizeof(*csv));
    if (!csv)
        return lede_fail_memory(reterr);
    csv->input = *input;
    lede_held_begin(&csv->held, input);
    *ret_reader = csv;
    return LEDE_OK;
}

/* Hold a whole record.
 * ret_size   with its line break; 0: there is none
 * Status: OK; ELIMIT it does not end within a document's size; as lede_held_fill(). */
static enum lede_status find_record(struct csv *csv, size_t *ret_size, struct lede_error *reterr)
{
    for (;;) {
        const char *text = lede_held_text(&csv->held);
        size_t size = lede_held_size(&csv->held);
        size_t i = csv->scanned;
        for (; i < size; i++) {
            if (text[i] == '"')
                csv->is_quoted = !csv->is_quoted;
            else if (text[i] == '\n' && !csv->is_quoted)
                break;
        }
        csv->scanned = i;
        bool is_whole = i < size || csv->held.has_ended;
        if (is_whole || size > csv->input.document_bytes_max)
            *ret_size = i < size ? i + 1 : size;
        if (is_whole && !(csv->is_quoted && size > 0))
            return LEDE_OK;
        if (is_whole)
            return lede_fail(reterr, LEDE_EINPUT,
                "line %llu: expected a quote that ends the column, found the end",
                (unsigned long long)csv->held.line);
        if (size > csv->input.document_bytes_max)
            return lede_fail(reterr, LEDE_ELIMIT,
                "line %llu: expected a record of at most %zu bytes%s",
                (unsigned long long)csv->held.line, csv->input.document_bytes_max,
                csv->is_quoted ? ", found a quote that does not end" : ", found more");
        enum lede_status st = lede_held_fill(&csv->held, reterr);
        if (st != LEDE_OK)
            return st;
    }
}

/* The record that goes wrong is lost, and what is behind its first line is not. */
static void skip_first_line(struct csv *csv, size_t record_size)
{
    const char *text = lede_held_text(&csv->held);
    const char *end = memchr(text, '\n', record_size);
    lede_held_consume(&csv->held, end ? (size_t)(end + 1 - text) : record_size);
    csv->scanned = 0;
    csv->is_quoted = false;
}

/* Take the next column of text[*at, size) into csv->field. */
static void take_field(struct csv *csv, const char *text, size_t size, size_t *at)
{
    lede_buffer_clear(&csv->field);
    bool is_quoted = false;
    size_t i = *at;
    for (; i < size && (is_quoted || text[i] != csv->separator); i++) {
        bool is_doubled = is_quoted && i + 1 < size && text[i] == '"' && text[i + 1] == '"';
        bool is_quote = text[i] == '"' && !is_doubled && (is_quoted || csv->field.size == 0);
        i += is_doubled;
        if (is_quote)
            is_quoted = !is_quoted;
        else
            lede_buffer_append_char(&csv->field, text[i]);
    }
    *at = i + 1;
}

/* The field that a column is said to be, or is called; NULL: none of ours. */
static const char *field_of(const struct csv *csv, const char *column)
{
    for (size_t i = 0; csv->input.columns && csv->input.columns[i]; i++) {
        const char *equals = strchr(csv->input.columns[i], '=');
        for (size_t j = 0; equals && strcmp(equals + 1, column) == 0 && rows[j].path; j++) {
            size_t size = (size_t)(equals - csv->input.columns[i]);
            if (strlen(rows[j].path) == size &&
                memcmp(rows[j].path, csv->input.columns[i], size) == 0)
                return rows[j].path;
        }
    }
    for (size_t i = 0; rows[i].path; i++) {
        if (strcasecmp(rows[i].path, column) == 0)
            return rows[i].path;
    }
    return NULL;
}

static enum lede_status take_header(
    struct csv *csv, const char *text, size_t size, struct lede_error *reterr)
{
    size_t capacity = 0;
    for (size_t at = 0; at <= size;) {
        take_field(csv, text, size, &at);
        if (csv->column_count == COLUMNS_MAX)
            return lede_fail(
                reterr, LEDE_EINPUT, "expected at most %d columns, found more", COLUMNS_MAX);
        char *name = lede_buffer_take(&csv->field);
        if (!name || !LEDE_ARRAY_RESERVE(csv->columns, capacity, csv->column_count + 1)) {
            free(name);
            return lede_fail_memory(reterr);
        }
        csv->columns[csv->column_count++] = name;
        const char *field = field_of(csv, name);
        char *known = field ? strdup(field) : NULL;
        if (field && !known)
            return lede_fail_memory(reterr);
        if (known) {
            free(name);
            csv->columns[csv->column_count - 1] = known;
        }
    }
    csv->has_header = true;
    return LEDE_OK;
}

/* A cell with tags is HTML: {"html": …}. */
static json_t *value_of(const struct lede_buffer *cell)
{
    bool is_html = strcasestr(cell->data, "</") || strcasestr(cell->data, "<p>") ||
                   strcasestr(cell->data, "<br");
    json_t *value = json_stringn(cell->data, cell->size);
    return is_html ? json_pack("{s:o}", "html", value) : value;
}

static enum lede_status take_record(struct csv *csv, const char *text, size_t size, uint64_t line,
    struct lede_import_item *ret_item, struct lede_error *reterr)
{
    json_auto_t *record = json_object();
    size_t count = 0;
    bool has_failed = !record;
    for (size_t at = 0; at <= size && !has_failed; count++) {
        take_field(csv, text, size, &at);
        if (csv->field.size > 0 && count < csv->column_count)
            has_failed =
                json_object_set_new(record, csv->columns[count], value_of(&csv->field)) != 0;
        has_failed = has_failed || csv->field.failed;
        if (csv->field.size > 0 && count >= csv->column_count) {
            struct lede_error why;
            (void)lede_fail(&why, LEDE_EINPUT,
                "line %llu: expected %zu columns as in the header, found more: '%.40s'",
                (unsigned long long)line, csv->column_count, csv->field.data);
            lede_held_lose(ret_item, &why, line);
            return LEDE_OK;
        }
    }
    if (has_failed)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_format_write(&csv->input, record, NULL, &csv->made, reterr);
    if (st == LEDE_OK)
        lede_held_give(ret_item, &csv->made, line);
    return st;
}

/* Use up one record. Returns it without its line break; NULL: it is blank. */
static const char *use_record(struct csv *csv, size_t size, size_t *ret_size)
{
    const char *text = lede_held_text(&csv->held);
    size_t kept = size;
    while (kept > 0 && (text[kept - 1] == '\n' || text[kept - 1] == '\r'))
        kept--;
    lede_buffer_clear(&csv->record);
    lede_held_append_utf8(&csv->record, text, kept);
    lede_held_consume(&csv->held, size);
    csv->scanned = 0;
    *ret_size = csv->record.size;
    return kept > 0 ? csv->record.data : NULL;
}

static enum lede_status csv_next(
    void *reader, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct csv *csv = reader;
    for (;;) {
        size_t size = 0;
        struct lede_error why = {0};
        uint64_t line = csv->held.line;
        enum lede_status st = find_record(csv, &size, &why);
        if (st == LEDE_ELIMIT || (st == LEDE_EINPUT && !csv->held.is_broken)) {
            lede_held_lose(ret_item, &why, line);
            skip_first_line(csv, size);
            *ret_more = true;
            return LEDE_OK;
        }
        if (st == LEDE_OK && csv->held.is_broken && csv->held.has_ended &&
            size == lede_held_size(&csv->held))
            why = csv->held.broken, st = LEDE_EINPUT; /* the last record is cut */
        if (st != LEDE_OK) {
            if (reterr)
                *reterr = why;
            return st;
        }
        *ret_more = size > 0;
        if (size == 0)
            return LEDE_OK;
        if (!csv->has_header && csv->separator == '\0') {
            const char *text = lede_held_text(&csv->held);
            if (separator_line(text, size, &csv->separator) == 0)
                csv->separator = find_separator(text, line_size(text, size));
            else
                (void)use_record(csv, size, &size);
            csv->separator = csv->separator ? csv->separator : ',';
            continue;
        }
        const char *record = use_record(csv, size, &size);
        if (lede_buffer_status(&csv->record) != LEDE_OK)
            return lede_fail_memory(reterr);
        if (!record)
            continue;
        if (csv->has_header)
            return take_record(csv, record, size, line, ret_item, reterr);
        st = take_header(csv, record, size, reterr);
        if (st != LEDE_OK)
            return st;
    }
}

static uint64_t csv_line(const void *reader)
{
    return ((const struct csv *)reader)->held.line;
}

static const char *const media_types[] = {
    "text/csv", "text/tab-separated-values", "application/csv", NULL};
static const char *const endings[] = {".csv", ".tsv", NULL};

static const struct lede_format_reader reader = {csv_open, csv_next, csv_line, csv_free};

const struct lede_format lede_format_csv = {.name = "csv",
    .title = "CSV",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .recognise = recognise,
    .reader = &reader};
