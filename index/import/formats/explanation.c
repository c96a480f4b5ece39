/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explanation.h"

#include "conversions.h"
#include "lede/encoding.h"

#include <stdlib.h>
#include <string.h>

/* Paths that no row takes; what a stranger's file may make of them is bounded. */
enum { REST_PATHS_MAX = 1000, REST_DEPTH_MAX = 16 };

struct rest_path {
    char *path;
    struct lede_row_count count;
};

struct lede_explanation {
    const struct lede_format *format; /* NULL: none yet */
    const struct lede_mapping *table;
    struct lede_row_count *rows;
    size_t row_count;
    struct rest_path *rest;
    size_t rest_count, rest_capacity;
};

struct lede_explanation *lede_explanation_new(void)
{
    return calloc(1, sizeof(struct lede_explanation));
}

void lede_explanation_free(struct lede_explanation *explanation)
{
    if (!explanation)
        return;
    for (size_t i = 0; i < explanation->rest_count; i++)
        free(explanation->rest[i].path);
    free(explanation->rest);
    free(explanation->rows);
    free(explanation);
}

void lede_explanation_freep(struct lede_explanation **explanation)
{
    lede_explanation_free(*explanation);
    *explanation = NULL;
}

enum lede_status lede_explanation_begin(struct lede_explanation *explanation,
    const struct lede_format *format, const struct lede_mapping *table)
{
    size_t count = 0;
    while (table[count].path)
        count++;
    struct lede_row_count *rows = calloc(count + 1, sizeof *rows);
    if (!rows)
        return LEDE_ENOMEM;
    free(explanation->rows);
    explanation->rows = rows;
    explanation->row_count = count;
    explanation->format = format;
    explanation->table = table;
    return LEDE_OK;
}

struct lede_row_count *lede_explanation_row(struct lede_explanation *explanation, size_t index)
{
    return index < explanation->row_count ? &explanation->rows[index] : NULL;
}

void lede_row_count_add(struct lede_row_count *count, const char *text, size_t size)
{
    if (count->count++ > 0)
        return;
    size_t kept =
        size < LEDE_EXAMPLE_BYTES ? size : lede_utf8_boundary(text, size, LEDE_EXAMPLE_BYTES - 1);
    for (size_t i = 0; i < kept; i++)
        count->example[i] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
    count->example[kept] = '\0';
}

static struct lede_row_count *count_of(struct lede_explanation *explanation, const char *path)
{
    for (size_t i = 0; i < explanation->rest_count; i++) {
        if (strcmp(explanation->rest[i].path, path) == 0)
            return &explanation->rest[i].count;
    }
    if (!LEDE_ARRAY_RESERVE(
            explanation->rest, explanation->rest_capacity, explanation->rest_count + 1))
        return NULL;
    struct rest_path *added = &explanation->rest[explanation->rest_count];
    *added = (struct rest_path){.path = strdup(path)};
    if (!added->path)
        return NULL;
    explanation->rest_count++;
    return &added->count;
}

static enum lede_status add_rest(
    struct lede_explanation *explanation, const json_t *value, struct lede_buffer *path, int depth)
{
    const char *key = NULL;
    json_t *inner = NULL;
    enum lede_status st = LEDE_OK;
    size_t size = path->size;
    bool is_full = depth > REST_DEPTH_MAX || explanation->rest_count >= REST_PATHS_MAX;
    for (size_t i = 0; st == LEDE_OK && i < json_array_size(value); i++)
        st = add_rest(explanation, json_array_get(value, i), path, depth + 1);
    json_object_foreach ((json_t *)(uintptr_t)value, key, inner) {
        if (st != LEDE_OK || is_full)
            return st;
        if (size > 0 && strcmp(key, "#text") != 0)
            lede_buffer_append_char(path, '/');
        if (strcmp(key, "#text") != 0)
            lede_buffer_append_string(path, key);
        st = add_rest(explanation, inner, path, depth + 1);
        path->size = size;
    }
    if (json_is_object(value) || json_is_array(value))
        return st;
    path->data[size] = '\0';
    struct lede_row_count *count = count_of(explanation, path->data);
    if (!count)
        return LEDE_ENOMEM;
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    lede_row_count_add(count, text, strlen(text));
    return st;
}

enum lede_status lede_explanation_add_rest(struct lede_explanation *explanation, const json_t *rest)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer path = {0};
    if (!lede_buffer_reserve(&path, 1))
        return LEDE_ENOMEM;
    enum lede_status st = add_rest(explanation, rest, &path, 0);
    return st == LEDE_OK ? lede_buffer_status(&path) : st;
}

void lede_explanation_visit(
    const struct lede_explanation *explanation, lede_explanation_visitor visit, void *context)
{
    for (size_t i = 0; i < explanation->row_count; i++) {
        const struct lede_mapping *row = &explanation->table[i];
        struct lede_explanation_line line = {.path = row->path,
            .field = row->field,
            .otherwise = row->otherwise,
            .conversion = lede_conversion_title(row->conversion),
            .count = explanation->rows[i].count,
            .example = explanation->rows[i].example};
        visit(context, &line);
    }
    for (size_t i = 0; i < explanation->rest_count; i++) {
        struct lede_explanation_line line = {.path = explanation->rest[i].path,
            .count = explanation->rest[i].count.count,
            .example = explanation->rest[i].count.example};
        visit(context, &line);
    }
}

const struct lede_format *lede_explanation_format(const struct lede_explanation *explanation)
{
    return explanation->format;
}
