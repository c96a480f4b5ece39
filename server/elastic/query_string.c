/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lucene's language and Lede's are near each other. A text is rewritten where they differ, parsed
 * alone, and written again by the parser: what goes into the whole query is a tree of its own, with
 * its brackets closed, whatever was typed. */
#include "query_string.h"
#include "answer.h"
#include "fields.h"
#include "lede/query.h"

#include <string.h>
#include <strings.h>

struct typed {
    const char *text;
    lede_field_set fields; /* 0: those of words without one */
    bool all;              /* default_operator and */
    bool forgiving;
};

/* ---- Rewriting ---- */

static bool begins_word(const char *text, const char *at)
{
    return at == text || strchr(" \t\n(+-!", at[-1]);
}

/* `[a TO b]` as `a..b`, open where there is a `*`. Returns what was read; 0: it is none. */
static size_t rewrite_range(const char *at, struct lede_buffer *out)
{
    size_t size = strcspn(at, "]}");
    const char *to = strstr(at, " TO ");
    if (!strchr("[{", *at) || !at[size] || !to || to > at + size)
        return 0;
    const char *first = at + 1, *last = to + strlen(" TO ");
    int first_size = (int)(to - first), last_size = (int)(at + size - last);
    bool is_open_first = first_size == 1 && *first == '*';
    bool is_open_last = last_size == 1 && *last == '*';
    if (is_open_first && is_open_last)
        lede_buffer_append_string(out, ">=0001-01-01");
    else if (is_open_last)
        lede_buffer_append_format(out, "%s%.*s", *at == '{' ? ">" : ">=", first_size, first);
    else if (is_open_first)
        lede_buffer_append_format(out, "%s%.*s", at[size] == '}' ? "<" : "<=", last_size, last);
    else
        lede_buffer_append_format(out, "%.*s..%.*s", first_size, first, last_size, last);
    return size + 1;
}

/* A shipper's or a client's name for a field of ours. Returns what was read; 0: it is none. */
static size_t rewrite_field(const char *at, struct lede_buffer *out)
{
    size_t size = strspn(at, "@._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    const struct lede_field *field = at[size] == ':' ? lede_elastic_field(at, size) : NULL;
    if (!field || !field->query_name)
        return 0;
    lede_buffer_append_format(out, "%s:", field->query_name);
    return size + 1;
}

static void rewrite(const char *text, struct lede_buffer *out)
{
    bool is_quoted = false;
    for (const char *at = text; *at;) {
        size_t read = 0;
        is_quoted = is_quoted != (*at == '"');
        if (*at == '\\' && at[1]) {
            /* what is escaped is text: of quotation marks alone Lede's language needs to know */
            lede_buffer_append_string(out, at[1] == '"' ? "\\\"" : " ");
            read = 2;
            if (at[1] != '"' && !strchr("()[]{}^~*?!|&+-:/", at[1]))
                lede_buffer_append_char(out, at[1]);
        } else if (!is_quoted && strncmp(at, "*:*", 3) == 0 && begins_word(text, at)) {
            lede_buffer_append_char(out, '*');
            read = 3;
        } else if (!is_quoted && strncmp(at, "&&", 2) == 0) {
            lede_buffer_append_string(out, "AND");
            read = 2;
        } else if (!is_quoted && at > text && at[-1] == ':') {
            read = rewrite_range(at, out);
        } else if (!is_quoted && begins_word(text, at)) {
            read = rewrite_field(at, out);
        }
        if (read == 0)
            lede_buffer_append_char(out, *at++);
        at += read;
    }
}

/* `+` and `|` between operands, `-` before one; `+` alone is AND. */
static void rewrite_simple(const char *text, struct lede_buffer *out)
{
    for (const char *at = text; *at; at++) {
        bool is_free = *at == '+' && (at == text || at[-1] == ' ') && (at[1] == ' ' || !at[1]);
        if (is_free)
            lede_buffer_append_string(out, "AND");
        else
            lede_buffer_append_char(out, *at);
    }
}

/* ---- Parsing ---- */

static enum lede_status append_typed(
    struct elastic_translation *t, const struct typed *typed, enum elastic_sense *ret_sense)
{
    struct lede_query_options options = {.match_any = !typed->all,
        .forgiving = typed->forgiving,
        .fields = typed->fields,
        .languages = lede_reader_languages(t->worker->reader),
        .now_utc_s = t->now_utc_s};
    struct lede_query *query = NULL;
    char *printed = NULL;
    struct lede_error why = {0};
    enum lede_status st = lede_query_parse(
        typed->text, strlen(typed->text), &options, t->worker->analyzer, &query, &why);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT) {
        (void)lede_fail(
            t->reterr, st, "Failed to parse query [%.100s]: %s", typed->text, why.message);
        lede_error_hint(t->reterr, "%s", why.hint);
        return st;
    }
    bool is_all = st == LEDE_OK && lede_query_root(query)->kind == LEDE_QUERY_ALL;
    if (st == LEDE_OK)
        st = lede_query_print(query, &printed);
    lede_query_free(query);
    if (st != LEDE_OK)
        return lede_fail_memory(t->reterr);
    *ret_sense = is_all ? ELASTIC_ALL : ELASTIC_TEXT;
    if (!is_all)
        lede_buffer_append_format(t->out, "(%s)", printed);
    free(printed);
    return LEDE_OK;
}

static enum lede_status read_fields(
    struct elastic_translation *t, const json_t *body, lede_field_set *ret_fields)
{
    const json_t *list = json_object_get(body, "fields");
    const json_t *single = json_object_get(body, "default_field");
    size_t count = single ? 1 : json_array_size(list);
    if (list && !json_is_array(list))
        return lede_fail(t->reterr, LEDE_EINPUT, "fields: expected a list of names");
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(single ? single : json_array_get(list, i));
        const struct lede_field *field = NULL;
        if (!name)
            return lede_fail(t->reterr, LEDE_EINPUT, "fields: expected names");
        if (strcmp(name, "*") == 0)
            continue;
        if (strchr(name, '^'))
            return lede_elastic_not_offered(
                t, "a boost in the fields of a query string", "multi_match takes them");
        enum lede_status st = lede_elastic_known_field(t, name, &field);
        if (st == LEDE_OK && !field->prefix)
            return lede_elastic_not_offered(
                t, "a default field without words", "title, summary, body and the like");
        if (st != LEDE_OK)
            return st;
        *ret_fields |= LEDE_FIELD_BIT(field->id);
    }
    return LEDE_OK;
}

static enum lede_status typed_query(struct elastic_translation *t, const json_t *body,
    bool is_simple, enum elastic_sense *ret_sense)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct typed typed = {.forgiving = is_simple || json_is_true(json_object_get(body, "lenient"))};
    const json_t *joined = json_object_get(body, "default_operator");
    const char *named = json_string_value(joined);
    enum lede_status st =
        lede_elastic_value_text(t, json_object_get(body, "query"), "query", &typed.text);
    if (st == LEDE_OK && joined &&
        !(named && (strcasecmp(named, "and") == 0 || strcasecmp(named, "or") == 0)))
        return lede_fail(t->reterr, LEDE_EINPUT, "default_operator: expected 'and' or 'or'");
    if (st == LEDE_OK)
        st = read_fields(t, body, &typed.fields);
    if (st != LEDE_OK)
        return st;
    typed.all = named && strcasecmp(named, "and") == 0;
    (is_simple ? rewrite_simple : rewrite)(typed.text, &text);
    if (lede_buffer_status(&text) != LEDE_OK)
        return lede_fail_memory(t->reterr);
    typed.text = text.data ? text.data : "";
    if (strspn(typed.text, " \t\r\n") == strlen(typed.text)) {
        *ret_sense = ELASTIC_NOTHING;
        return LEDE_OK;
    }
    st = append_typed(t, &typed, ret_sense);
    return st == LEDE_OK && *ret_sense == ELASTIC_TEXT ? lede_elastic_boost(t, body) : st;
}

enum lede_status lede_elastic_query_string(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"query", "default_field", "fields", "default_operator",
        "lenient", "analyze_wildcard", "allow_leading_wildcard", "boost", NULL};
    enum lede_status st = lede_elastic_check_keys(body, known, "query_string", t->reterr);
    return st == LEDE_OK ? typed_query(t, body, false, ret_sense) : st;
}

enum lede_status lede_elastic_simple_query_string(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {
        "query", "fields", "default_operator", "lenient", "analyze_wildcard", "boost", NULL};
    enum lede_status st = lede_elastic_check_keys(body, known, "simple_query_string", t->reterr);
    return st == LEDE_OK ? typed_query(t, body, true, ret_sense) : st;
}
