/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede search: one GET /search, shown for a reader. */
#include "asking.h"
#include "lede/encoding.h"
#include "terminal.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS "title,source,published,url"

static void append_parameter(struct lede_buffer *path, const char *name, const char *value)
{
    if (!value)
        return;
    lede_buffer_append_format(path, "&%s=", name);
    lede_percent_append(path, value, strlen(value), LEDE_URI_UNRESERVED_MARKS);
}

/* The request: only its parameters are ours to check, the server says what is wrong with their
 * values. */
static enum lede_status make_path(
    const struct lede_arguments *arguments, const char *query, struct lede_buffer *path)
{
    lede_buffer_append_string(path, "/search?q=");
    lede_percent_append(path, query, strlen(query), LEDE_URI_UNRESERVED_MARKS);
    append_parameter(path, "limit", arguments->limit);
    append_parameter(path, "offset", arguments->offset);
    append_parameter(path, "sort", arguments->sort);
    if (!arguments->json)
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

static enum lede_exit show_answer(
    const struct lede_arguments *arguments, const struct lede_http_answer *answer)
{
    struct lede_terminal terminal;
    const json_t *hits = json_object_get(answer->json, "hits");
    size_t count = json_array_size(hits);
    if (arguments->json) {
        fwrite(answer->body.data, 1, answer->body.size, stdout);
        return count > 0 ? LEDE_EXIT_OK : LEDE_EXIT_SOME;
    }
    /* The server took it, so it is a number. */
    size_t offset = arguments->offset ? strtoul(arguments->offset, NULL, 10) : 0;
    lede_terminal_init(&terminal, stdout);
    for (size_t i = 0; i < count; i++)
        show_hit(&terminal, json_array_get(hits, i), offset + i + 1);
    show_total(&terminal, answer->json, offset, count);
    tell_notes(answer->json);
    show_clinic(&terminal, answer->json);
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

static enum lede_exit search(const struct lede_arguments *arguments, struct lede_asking *asking,
    struct lede_http_answer *answer)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer query = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer path = {0};
    struct lede_error error;
    if (join_words(arguments, &query) != LEDE_OK ||
        make_path(arguments, query.data ? query.data : "", &path) != LEDE_OK)
        return lede_complain("out of memory");
    if (lede_http_client_get(asking->client, path.data, answer, &error) != LEDE_OK)
        return lede_complain_error(&error);
    if (answer->status != 200)
        return complain_of_answer(answer, query.data ? query.data : "");
    return show_answer(arguments, answer);
}

enum lede_exit lede_command_search(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_asking_done) struct lede_asking asking = {0};
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    struct lede_error error;
    if (lede_asking_start(arguments, &asking, &error) != LEDE_OK)
        return lede_complain_error(&error);
    return search(arguments, &asking, &answer);
}
