/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mcp_tools.h"

#include "lede/encoding.h"

#include <stdlib.h>
#include <string.h>

#define BODY_BYTES_MAX ((size_t)20000) /* that one call of read tells */
#define SHOWN "&fields=title,source,author,published,section,url&highlight=title,body"
#define AS_TEXT "&format=text&pre=&post="

/* ---- Tools ---- */

struct argument {
    const char *name; /* of the server's parameter, too; NULL: the last */
    const char *type; /* JSON Schema's */
    const char *description;
    bool is_required;
    bool is_ours; /* not handed on to the server */
};

struct call {
    const json_t *arguments;
    const json_t *answer; /* the server's */
};

struct tool {
    const char *name, *title, *description;
    const struct argument *arguments;
    const char *path;  /* with {id} */
    const char *query; /* behind `?` */
    /* Tell the answer as text. Returns the data, owned by the caller; NULL: no memory. */
    json_t *(*tell)(const struct call *call, struct lede_buffer *text);
};

#define Q_ARGUMENT                                                                                 \
    {                                                                                              \
        "q", "string",                                                                             \
            "Query: words (all must be there), \"phrases\", AND, OR, NOT, title:word, "            \
            "author:name, "                                                                        \
            "econ*, a NEAR/5 b.",                                                                  \
            false, false                                                                           \
    }
#define FILTER_ARGUMENTS                                                                           \
    {"after", "string", "Published from this day or moment on: 2024-05-31, 7d.", false, false},    \
        {"before", "string", "Published until then, that day included.", false, false},            \
        {"source", "string", "Of this paper or wire; several with commas.", false, false},         \
        {"section", "string", "Of this section.", false, false},                                   \
        {"author", "string", "By this author.", false, false},                                     \
    {                                                                                              \
        "lang", "string", "In this language: en, de, ja.", false, false                            \
    }
#define PAGE_ARGUMENTS                                                                             \
    {"limit", "integer", "How many, 10 where it is not said.", false, false},                      \
    {                                                                                              \
        "offset", "integer", "How many to pass over.", false, false                                \
    }
#define ARGUMENTS_END                                                                              \
    {                                                                                              \
        NULL, NULL, NULL, false, false                                                             \
    }

static const struct argument search_arguments[] = {Q_ARGUMENT, FILTER_ARGUMENTS,
    {"sort", "string", "relevance, newest or oldest.", false, false}, PAGE_ARGUMENTS,
    ARGUMENTS_END};
static const struct argument read_arguments[] = {
    {"id", "string", "The document's id, as search tells it.", true, true},
    {"offset", "integer", "Go on at this byte of its body, as the text before says.", false, true},
    ARGUMENTS_END};
static const struct argument similar_arguments[] = {
    {"id", "string", "The document's id, as search tells it.", true, true}, FILTER_ARGUMENTS,
    PAGE_ARGUMENTS, ARGUMENTS_END};
static const struct argument facets_arguments[] = {
    {"facets", "string", "What to count by: source, section, author, language, tags …", true,
        false},
    Q_ARGUMENT, FILTER_ARGUMENTS, ARGUMENTS_END};

static json_t *tell_hits(const struct call *call, struct lede_buffer *text);
static json_t *tell_document(const struct call *call, struct lede_buffer *text);
static json_t *tell_facets(const struct call *call, struct lede_buffer *text);

static const struct tool tools[] = {
    {"search", "Search the archive",
        "Finds documents, the best first, each with id, title, source, date, address and what of "
        "its text speaks of the query.",
        search_arguments, "/search", "limit=10" SHOWN AS_TEXT, tell_hits},
    {"read", "Read a document",
        "The text of one document with what is to be cited: title, source, author, date, address. "
        "A long body comes in parts.",
        read_arguments, "/documents/{id}", "", tell_document},
    {"similar", "Find similar documents",
        "Documents about the same as this one, the most alike first.", similar_arguments,
        "/documents/{id}/similar", "limit=10" SHOWN AS_TEXT, tell_hits},
    {"facets", "Count by a field",
        "How many documents of a search there are by source, section, author and so on: what the "
        "archive holds, and who wrote of it.",
        facets_arguments, "/search", "limit=0", tell_facets},
};

static const struct tool *find_tool(const char *name)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(tools); i++) {
        if (strcmp(tools[i].name, name) == 0)
            return &tools[i];
    }
    return NULL;
}

bool lede_mcp_tool_exists(const char *name)
{
    return find_tool(name) != NULL;
}

static json_t *schema_of(const struct tool *tool)
{
    json_t *properties = json_object(), *required = json_array();
    for (const struct argument *argument = tool->arguments; argument->name; argument++) {
        json_object_set_new(properties, argument->name,
            json_pack("{s:s, s:s}", "type", argument->type, "description", argument->description));
        if (argument->is_required)
            json_array_append_new(required, json_string(argument->name));
    }
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required",
        required, "additionalProperties", 0);
}

json_t *lede_mcp_tools_list(void)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < LEDE_COUNT_OF(tools); i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:o, s:{s:b, s:b}}", "name", tools[i].name, "title",
                      tools[i].title, "description", tools[i].description, "inputSchema",
                      schema_of(&tools[i]), "annotations", "readOnlyHint", 1, "openWorldHint", 0));
    return list;
}

/* ---- What the server answered ---- */

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* One name or several. */
static void append_names(struct lede_buffer *text, json_t *names)
{
    json_t *name;
    size_t index;
    if (json_is_string(names))
        lede_buffer_append_format(text, "%s, ", json_string_value(names));
    json_array_foreach (names, index, name)
        lede_buffer_append_format(text, "%s, ", json_string_value(name));
}

/* Where a statement is from. */
static void tell_origin(
    struct lede_buffer *text, const json_t *document, const char *id, const char *indent)
{
    const char *source = text_of(document, "source");
    const char *published = text_of(document, "published"), *url = text_of(document, "url");
    lede_buffer_append_string(text, indent);
    if (source)
        lede_buffer_append_format(text, "%s, ", source);
    append_names(text, json_object_get(document, "author"));
    if (published)
        lede_buffer_append_format(text, "%.10s, ", published);
    lede_buffer_append_format(text, "id: %s%s%s\n", id, url ? ", " : "", url ? url : "");
}

static json_t *tell_hit(const json_t *hit, size_t rank, struct lede_buffer *text)
{
    const json_t *document = json_object_get(hit, "document"), *fragment;
    json_t *fragments = json_object_get(json_object_get(hit, "highlights"), "body");
    json_t *told = json_object(), *snippets = json_array();
    const char *id = text_of(hit, "id"), *title = text_of(document, "title");
    size_t index;
    lede_buffer_append_format(text, "%zu. %s\n", rank, title ? title : "(without a title)");
    tell_origin(text, document, id ? id : "", "   ");
    json_array_foreach (fragments, index, fragment) {
        lede_buffer_append_format(text, "   %s\n", json_string_value(fragment));
        json_array_append(snippets, (json_t *)(uintptr_t)fragment);
    }
    json_object_set(told, "id", json_object_get(hit, "id"));
    json_object_update(told, (json_t *)(uintptr_t)document);
    json_object_set_new(told, "snippets", snippets);
    return told;
}

static json_t *tell_hits(const struct call *call, struct lede_buffer *text)
{
    const json_t *total = json_object_get(call->answer, "total"), *hit;
    const json_t *query = json_object_get(call->answer, "query");
    json_t *hits = json_array();
    long long offset = json_integer_value(json_object_get(call->arguments, "offset"));
    const char *meant = text_of(query, "did_you_mean");
    size_t index;
    bool is_exact = strcmp(text_of(total, "relation"), "eq") == 0;
    lede_buffer_append_format(text, "%s%lld documents are found.\n", is_exact ? "" : "About ",
        (long long)json_integer_value(json_object_get(total, "value")));
    if (meant)
        lede_buffer_append_format(text, "Perhaps this was meant: %s\n", meant);
    json_array_foreach (json_object_get(call->answer, "hits"), index, hit)
        json_array_append_new(hits, tell_hit(hit, (size_t)offset + index + 1, text));
    return json_pack("{s:O, s:O?, s:O?, s:o}", "total", total, "parsed",
        json_object_get(query, "parsed"), "did_you_mean", json_object_get(query, "did_you_mean"),
        "hits", hits);
}

/* A place in UTF-8 that is no part of a character: this one or before it. */
static size_t character_at(const char *body, size_t size, size_t place)
{
    if (place >= size)
        return size;
    while (place > 0 && ((unsigned char)body[place] & 0xC0) == 0x80)
        place--;
    return place;
}

static json_t *tell_document(const struct call *call, struct lede_buffer *text)
{
    const json_t *document = call->answer, *body = json_object_get(document, "body");
    const char *id = text_of(document, "id"), *title = text_of(document, "title");
    const char *summary = text_of(document, "summary");
    const char *words = body ? json_string_value(body) : "";
    long long asked = json_integer_value(json_object_get(call->arguments, "offset"));
    size_t size = json_string_length(body);
    size_t start = character_at(words, size, asked > 0 ? (size_t)asked : 0);
    size_t end = character_at(words, size, start + BODY_BYTES_MAX);
    json_t *told = json_copy((json_t *)(uintptr_t)document);
    lede_buffer_append_format(text, "%s\n", title ? title : "(without a title)");
    tell_origin(text, document, id ? id : "", "");
    if (summary && start == 0)
        lede_buffer_append_format(text, "\n%s\n", summary);
    lede_buffer_append_char(text, '\n');
    lede_buffer_append(text, words + start, end - start);
    if (end < size)
        lede_buffer_append_format(
            text, "\n\n(%zu of %zu bytes; go on with offset %zu)", end - start, size, end);
    if (told && body)
        json_object_set_new(told, "body", json_stringn(words + start, end - start));
    if (told && end < size)
        json_object_set_new(told, "next_offset", json_integer((json_int_t)end));
    return told;
}

static json_t *tell_facets(const struct call *call, struct lede_buffer *text)
{
    json_t *facets = json_object_get(call->answer, "facets"), *rows, *row;
    const char *name;
    size_t index;
    json_object_foreach (facets, name, rows) {
        lede_buffer_append_format(text, "%s:\n", name);
        json_array_foreach (rows, index, row)
            lede_buffer_append_format(text, "%8lld %s\n",
                (long long)json_integer_value(json_object_get(row, "count")),
                text_of(row, "value"));
    }
    return json_pack(
        "{s:O, s:O?}", "total", json_object_get(call->answer, "total"), "facets", facets);
}

/* ---- Calling ---- */

static enum lede_status fail_argument(struct lede_error *reterr, const char *what, const char *name)
{
    return lede_fail(reterr, LEDE_EINPUT, "%s '%.60s'", what, name);
}

static const struct argument *find_argument(const struct tool *tool, const char *name)
{
    for (const struct argument *argument = tool->arguments; argument->name; argument++) {
        if (strcmp(argument->name, name) == 0)
            return argument;
    }
    return NULL;
}

static enum lede_status check_arguments(
    const struct tool *tool, const json_t *arguments, struct lede_error *reterr)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)arguments, name, value) {
        const struct argument *argument = find_argument(tool, name);
        if (!argument)
            return fail_argument(reterr, "unknown argument", name);
        if (strcmp(argument->type, "integer") == 0 ? !json_is_integer(value)
                                                   : !json_is_string(value))
            return lede_fail(reterr, LEDE_EINPUT, "%s: expected type %s", name, argument->type);
    }
    for (const struct argument *argument = tool->arguments; argument->name; argument++) {
        if (argument->is_required && !json_object_get(arguments, argument->name))
            return fail_argument(reterr, "missing argument", argument->name);
    }
    return LEDE_OK;
}

static void append_value(struct lede_buffer *path, const json_t *value)
{
    if (json_is_integer(value))
        lede_buffer_append_format(path, "%lld", (long long)json_integer_value(value));
    else
        lede_percent_append(
            path, json_string_value(value), json_string_length(value), LEDE_URI_UNRESERVED_MARKS);
}

/* What the tool asks for in its query, where the arguments do not say otherwise, and they. */
static enum lede_status make_path(
    const struct tool *tool, const json_t *arguments, struct lede_buffer *path)
{
    const char *query = tool->query, *name;
    const char *place = strstr(tool->path, "{id}");
    json_t *value;
    lede_buffer_append(path, tool->path, place ? (size_t)(place - tool->path) : strlen(tool->path));
    if (place) {
        append_value(path, json_object_get(arguments, "id"));
        lede_buffer_append_string(path, place + strlen("{id}"));
    }
    if (strncmp(query, "limit=10", 8) == 0 && json_object_get(arguments, "limit"))
        query += strlen("limit=10&");
    lede_buffer_append_format(path, "?%s", query);
    json_object_foreach ((json_t *)(uintptr_t)arguments, name, value) {
        if (find_argument(tool, name)->is_ours)
            continue;
        lede_buffer_append_format(path, "&%s=", name);
        append_value(path, value);
    }
    return lede_buffer_status(path);
}

/* What the tool itself could not do is told to who asked, to be mended. */
static json_t *make_failure(const struct lede_error *error)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    lede_buffer_append_format(
        &text, "%s%s%s", error->message, error->hint[0] ? "; " : "", error->hint);
    return text.failed ? NULL
                       : json_pack("{s:[{s:s, s:s#}], s:b}", "content", "type", "text", "text",
                             text.data, (int)text.size, "isError", 1);
}

enum lede_status lede_mcp_tool_call(struct lede_http_client *client, const char *name,
    const json_t *arguments, json_t **ret_result, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer path = {0}, text = {0};
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    const struct tool *tool = find_tool(name);
    struct lede_error error = {0};
    enum lede_status st = check_arguments(tool, arguments, reterr);
    if (st != LEDE_OK)
        return st;
    if (make_path(tool, arguments, &path) != LEDE_OK)
        return lede_fail_memory(reterr);
    st = lede_http_client_get(client, path.data, &answer, &error);
    if (st == LEDE_OK && answer.status != 200)
        lede_http_answer_error(&answer, &error);
    if (st != LEDE_OK || answer.status != 200) {
        *ret_result = make_failure(&error);
        return *ret_result ? LEDE_OK : lede_fail_memory(reterr);
    }
    const struct call call = {.arguments = arguments, .answer = answer.json};
    json_t *data = tool->tell(&call, &text);
    if (data && lede_buffer_status(&text) == LEDE_OK)
        *ret_result = json_pack("{s:[{s:s, s:s#}], s:o}", "content", "type", "text", "text",
            text.data, (int)text.size, "structuredContent", data);
    else
        json_decref(data);
    return *ret_result ? LEDE_OK : lede_fail_memory(reterr);
}
