/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede search: one GET /search, shown for a reader. */
#include "asking.h"
#include "lede/encoding.h"
#include "pager.h"
#include "terminal.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS "title,source,published,url"
#define SOURCE_COLUMNS 20

/* How hits are printed. */
enum format { FORMAT_TEXT, FORMAT_TABLE, FORMAT_JSON, FORMAT_NDJSON, FORMAT_CSV, FORMAT_COUNT };

/* FORMAT_COUNT: there is none of this name, which has been said. */
static enum format read_format(const struct lede_arguments *arguments)
{
    static const char *const names[] = {"text", "table", "json", "ndjson", "csv"};
    const char *name = arguments->format ? arguments->format : arguments->json ? "json" : "text";
    for (enum format format = 0; format < FORMAT_COUNT; format++) {
        if (strcmp(names[format], name) == 0)
            return format;
    }
    (void)lede_complain("--format: expected text, table, json, ndjson or csv, not '%.60s'", name);
    return FORMAT_COUNT;
}

static void append_parameter(struct lede_buffer *path, const char *name, const char *value)
{
    if (!value)
        return;
    lede_buffer_append_format(path, "&%s=", name);
    lede_percent_append(path, value, strlen(value), LEDE_URI_UNRESERVED_MARKS);
}

/* The request: only its parameters are ours to check, the server says what is wrong with their
 * values. */
static enum lede_status make_path(const struct lede_arguments *arguments, enum format format,
    const char *query, struct lede_buffer *path)
{
    lede_buffer_append_format(path, "/search%s?q=", format == FORMAT_CSV ? ".csv" : "");
    lede_percent_append(path, query, strlen(query), LEDE_URI_UNRESERVED_MARKS);
    append_parameter(path, "limit", arguments->limit);
    append_parameter(path, "offset", arguments->offset);
    append_parameter(path, "sort", arguments->sort);
    append_parameter(path, "source", arguments->source);
    append_parameter(path, "section", arguments->section);
    append_parameter(path, "author", arguments->author);
    append_parameter(path, "lang", arguments->lang);
    append_parameter(path, "after", arguments->after);
    append_parameter(path, "before", arguments->before);
    if (format == FORMAT_TEXT || format == FORMAT_TABLE)
        lede_buffer_append_string(
            path, "&fields=" FIELDS "&highlight=title,body&format=text&pre=%02&post=%03");
    return lede_buffer_status(path);
}

static enum lede_status join_words(
    const struct lede_arguments *arguments, struct lede_buffer *query)
{
    for (size_t i = 0; i < arguments->word_count; i++) {
        if (i > 0)
            lede_buffer_append_char(query, ' ');
        lede_buffer_append_string(query, arguments->words[i]);
    }
    lede_buffer_append_string(query, "");
    return lede_buffer_status(query);
}

static const char *first_fragment(const json_t *hit, const char *field)
{
    const json_t *fragments = json_object_get(json_object_get(hit, "highlights"), field);
    return json_string_value(json_array_get(fragments, 0));
}

static const char *document_text(const json_t *hit, const char *key)
{
    return json_string_value(json_object_get(json_object_get(hit, "document"), key));
}

static void show_origin(struct lede_terminal *terminal, const json_t *hit, size_t indent)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer line = {0};
    const char *source = document_text(hit, "source");
    const char *published = document_text(hit, "published");
    const char *url = document_text(hit, "url");
    if (source)
        lede_buffer_append_format(&line, "%s · ", source);
    if (published)
        lede_buffer_append_format(&line, "%.10s · ", published);
    lede_buffer_append_string(&line, url ? url : json_string_value(json_object_get(hit, "id")));
    if (lede_buffer_status(&line) != LEDE_OK)
        return;
    fprintf(terminal->out, "%*s", (int)indent, "");
    lede_terminal_style(terminal, "2");
    lede_terminal_print(terminal, line.data, indent, indent);
    lede_terminal_style(terminal, "0");
}

static void show_hit(struct lede_terminal *terminal, const json_t *hit, size_t rank)
{
    const char *title = first_fragment(hit, "title");
    const char *snippet = first_fragment(hit, "body");
    const size_t indent = 5;
    if (!title)
        title = document_text(hit, "title");
    fprintf(terminal->out, "%3zu. ", rank);
    lede_terminal_style(terminal, "1");
    lede_terminal_print(terminal, title ? title : "(without a title)", indent, indent);
    lede_terminal_style(terminal, "0");
    show_origin(terminal, hit, indent);
    if (snippet && snippet[0]) {
        fprintf(terminal->out, "%*s", (int)indent, "");
        lede_terminal_print(terminal, snippet, indent, indent);
    }
    fputc('\n', terminal->out);
}

/* One line. */
static void show_row(const struct lede_terminal *terminal, const json_t *hit)
{
    const char *source = document_text(hit, "source");
    const char *published = document_text(hit, "published");
    const char *title = first_fragment(hit, "title");
    if (!title)
        title = document_text(hit, "title");
    fprintf(terminal->out, "%-10.10s  ", published ? published : "");
    lede_terminal_print_padded(terminal, source ? source : "", SOURCE_COLUMNS);
    fputs("  ", terminal->out);
    lede_terminal_print(
        terminal, title ? title : "(without a title)", 14 + SOURCE_COLUMNS, 14 + SOURCE_COLUMNS);
}

/* `about ` or `at least `, where a count is not exact. */
static const char *before_count(const json_t *counted)
{
    const char *relation = json_string_value(json_object_get(counted, "relation"));
    if (!relation || strcmp(relation, "eq") == 0)
        return "";
    return strcmp(relation, "gte") == 0 ? "at least " : "about ";
}

static void show_total(
    const struct lede_terminal *terminal, const json_t *answer, size_t offset, size_t shown)
{
    const json_t *total = json_object_get(answer, "total");
    long long value = json_integer_value(json_object_get(total, "value"));
    if (shown > 0)
        fprintf(terminal->out, "%zu-%zu of ", offset + 1, offset + shown);
    fprintf(terminal->out, "%s%lld %s, %.1f ms%s\n", before_count(total), value,
        value == 1 ? "document" : "documents",
        json_number_value(json_object_get(answer, "took_ms")),
        json_is_true(json_object_get(answer, "timed_out"))
            ? " (the time ran out: there may be more)"
            : "");
}

static void show_change(struct lede_terminal *terminal, const json_t *change)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer line = {0};
    long long count = json_integer_value(json_object_get(change, "count"));
    const char *text = json_string_value(json_object_get(change, "text"));
    const char *q = json_string_value(json_object_get(change, "q"));
    if (!text || !q)
        return;
    lede_buffer_append_format(&line, "%s (%s%lld %s): %s", text, before_count(change), count,
        count == 1 ? "document" : "documents", q);
    if (lede_buffer_status(&line) != LEDE_OK)
        return;
    fputs("  ", terminal->out);
    lede_terminal_print(terminal, line.data, 4, 2);
}

/* What would find something. */
static void show_clinic(struct lede_terminal *terminal, const json_t *answer)
{
    const json_t *clinic = json_object_get(json_object_get(answer, "query"), "clinic");
    const json_t *others = json_object_get(clinic, "alternatives");
    show_change(terminal, json_object_get(clinic, "smallest"));
    for (size_t i = 0; i < json_array_size(others); i++)
        show_change(terminal, json_array_get(others, i));
}

/* What was not read as the language, beside the hits. */
static void tell_notes(const json_t *answer)
{
    const json_t *note, *notes = json_object_get(json_object_get(answer, "query"), "notes");
    size_t index;
    json_array_foreach (notes, index, note)
        (void)lede_complain("'%s' was read as words: %s",
            json_string_value(json_object_get(note, "text")),
            json_string_value(json_object_get(note, "reason")));
}

static void show_hits(const struct lede_arguments *arguments, enum format format,
    struct lede_terminal *terminal, const json_t *answer)
{
    const json_t *hit, *hits = json_object_get(answer, "hits");
    /* The server took it, so it is a number. */
    size_t index, offset = arguments->offset ? strtoul(arguments->offset, NULL, 10) : 0;
    struct lede_pager pager;
    lede_pager_start(&pager);
    json_array_foreach (hits, index, hit) {
        if (format == FORMAT_TABLE)
            show_row(terminal, hit);
        else
            show_hit(terminal, hit, offset + index + 1);
    }
    show_total(terminal, answer, offset, json_array_size(hits));
    tell_notes(answer);
    show_clinic(terminal, answer);
    lede_pager_end(&pager);
}

static enum lede_exit show_answer(const struct lede_arguments *arguments, enum format format,
    const struct lede_http_answer *answer)
{
    struct lede_terminal terminal;
    const json_t *hit, *hits = json_object_get(answer->json, "hits");
    const char *line_end = memchr(answer->body.data, '\n', answer->body.size);
    size_t index, count = json_array_size(hits);
    lede_terminal_init(&terminal, stdout);
    if (format == FORMAT_TEXT || format == FORMAT_TABLE)
        show_hits(arguments, format, &terminal, answer->json);
    else if (format != FORMAT_NDJSON)
        fwrite(answer->body.data, 1, answer->body.size, stdout);
    else
        json_array_foreach (hits, index, hit) {
            json_dumpf(hit, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
            putchar('\n');
        }
    /* A table of CSV has a line of names. */
    if (format == FORMAT_CSV && line_end)
        count = (size_t)(answer->body.data + answer->body.size - 1 - line_end);
    return count > 0 ? LEDE_EXIT_OK : LEDE_EXIT_SOME;
}

/* A query that was not understood is printed again, with a caret below the place. */
static enum lede_exit complain_of_answer(const struct lede_http_answer *answer, const char *query)
{
    struct lede_error error;
    lede_http_answer_error(answer, &error);
    bool has_place =
        error.has_position && strcmp(error.param, "q") == 0 && error.position <= strlen(query);
    if (!has_place)
        return lede_complain_error(&error);
    struct lede_terminal terminal;
    lede_terminal_init(&terminal, stderr);
    (void)lede_complain("%s", error.message);
    terminal.width = 0; /* the caret stands below its character only where nothing is wrapped */
    fputs("  ", stderr);
    lede_terminal_print(&terminal, query, 2, 2);
    fprintf(stderr, "  %*s^\n", (int)lede_terminal_columns(query, error.position), "");
    if (error.hint[0])
        (void)lede_complain("%s", error.hint);
    return LEDE_EXIT_TROUBLE;
}

static enum lede_exit search(const struct lede_arguments *arguments, enum format format,
    struct lede_asking *asking, struct lede_http_answer *answer)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer query = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer path = {0};
    struct lede_error error;
    if (join_words(arguments, &query) != LEDE_OK ||
        make_path(arguments, format, query.data ? query.data : "", &path) != LEDE_OK)
        return lede_complain("out of memory");
    enum lede_status st = format == FORMAT_CSV
                              ? lede_http_client_get_text(asking->client, path.data, answer, &error)
                              : lede_http_client_get(asking->client, path.data, answer, &error);
    if (st != LEDE_OK)
        return lede_complain_error(&error);
    if (answer->status != 200)
        return complain_of_answer(answer, query.data ? query.data : "");
    return show_answer(arguments, format, answer);
}

enum lede_exit lede_command_search(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_asking_done) struct lede_asking asking = {0};
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    struct lede_error error;
    enum format format = read_format(arguments);
    if (format == FORMAT_COUNT)
        return LEDE_EXIT_TROUBLE;
    if (lede_asking_start(arguments, &asking, &error) != LEDE_OK)
        return lede_complain_error(&error);
    return search(arguments, format, &asking, &answer);
}
