/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede mcp: the Model Context Protocol over standard input and output. Each line is a message of
 * JSON-RPC 2.0; requests are answered one after the other, in order. */
#include "asking.h"
#include "lede/model.h"
#include "mcp_tools.h"

#include <stdio.h>
#include <string.h>

#define MESSAGE_BYTES_MAX ((size_t)4 * 1024 * 1024)

#define PARSE_ERROR (-32700)
#define INVALID_REQUEST (-32600)
#define METHOD_NOT_FOUND (-32601)
#define INVALID_PARAMS (-32602)
#define INTERNAL_ERROR (-32603)

/* The first is what a client gets that asks for none of them. */
static const char *const versions[] = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};

#define INSTRUCTIONS                                                                               \
    "An archive of news. Search with words, \"phrases\", AND, OR, NOT, title:word, word*, "        \
    "a NEAR/5 b; then read what was found, and cite each statement by the document's id, source, " \
    "date and url. Say so where nothing was found: the archive is all there is."

/* ---- Messages ---- */

static bool send(json_t *message)
{
    bool is_sent = message && json_dumpf(message, stdout, JSON_COMPACT) == 0 &&
                   fputc('\n', stdout) != EOF && fflush(stdout) == 0;
    json_decref(message);
    return is_sent;
}

/* result: taken; NULL: no memory */
static bool reply(const json_t *id, json_t *result)
{
    return send(json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id, "result", result));
}

static bool refuse(const json_t *id, int code, const char *message)
{
    return send(json_pack("{s:s, s:O?, s:{s:i, s:s}}", "jsonrpc", "2.0", "id",
        id ? id : json_null(), "error", "code", code, "message", message));
}

/* ---- Methods ---- */

static json_t *initialize(const json_t *params)
{
    const char *asked = json_string_value(json_object_get(params, "protocolVersion"));
    const char *version = versions[0];
    for (size_t i = 0; asked && i < LEDE_COUNT_OF(versions); i++)
        version = strcmp(versions[i], asked) == 0 ? versions[i] : version;
    return json_pack("{s:s, s:{s:{}}, s:{s:s, s:s, s:s}, s:s}", "protocolVersion", version,
        "capabilities", "tools", "serverInfo", "name", "lede", "title", "Lede", "version",
        LEDE_PROGRAM_VERSION, "instructions", INSTRUCTIONS);
}

static bool call_tool(struct lede_http_client *client, const json_t *id, const json_t *params)
{
    const char *name = json_string_value(json_object_get(params, "name"));
    const json_t *arguments = json_object_get(params, "arguments");
    json_t *result = NULL;
    struct lede_error error = {0};
    if (!name || !lede_mcp_tool_exists(name))
        return refuse(id, INVALID_PARAMS, "expected the name of a tool that tools/list has");
    if (arguments && !json_is_object(arguments))
        return refuse(id, INVALID_PARAMS, "expected arguments to be an object");
    enum lede_status st = lede_mcp_tool_call(client, name, arguments, &result, &error);
    if (st != LEDE_OK)
        return refuse(id, st == LEDE_EINPUT ? INVALID_PARAMS : INTERNAL_ERROR, error.message);
    return reply(id, result);
}

static bool answer_request(
    struct lede_http_client *client, const json_t *id, const char *method, const json_t *params)
{
    if (strcmp(method, "initialize") == 0)
        return reply(id, initialize(params));
    if (strcmp(method, "ping") == 0)
        return reply(id, json_object());
    if (strcmp(method, "tools/list") == 0)
        return reply(id, json_pack("{s:o}", "tools", lede_mcp_tools_list()));
    if (strcmp(method, "tools/call") == 0)
        return call_tool(client, id, params);
    return refuse(id, METHOD_NOT_FOUND, "expected initialize, ping, tools/list or tools/call");
}

/* Returns false where nobody reads the answers any more. */
static bool take_message(struct lede_http_client *client, const char *text, size_t size)
{
    json_auto_t *message = NULL;
    struct lede_error error = {0};
    if (lede_json_parse(text, size, &message, &error) != LEDE_OK)
        return refuse(NULL, PARSE_ERROR, error.message);
    const json_t *id = json_object_get(message, "id");
    const char *method = json_string_value(json_object_get(message, "method"));
    const char *version = json_string_value(json_object_get(message, "jsonrpc"));
    bool has_id = json_is_string(id) || json_is_integer(id);
    if (!version || strcmp(version, "2.0") != 0 || (id && !has_id))
        return refuse(has_id ? id : NULL, INVALID_REQUEST,
            "expected one request of JSON-RPC 2.0, whose id is a string or a whole number");
    if (!method) /* an answer: nothing was asked */
        return json_object_get(message, "result") || json_object_get(message, "error") ||
               refuse(id, INVALID_REQUEST, "expected a method");
    if (!id) /* a notification */
        return true;
    return answer_request(client, id, method, json_object_get(message, "params"));
}

/* ---- Lines ---- */

enum line { LINE_WHOLE, LINE_TOO_LONG, LINE_NONE };

static enum line read_line(struct lede_buffer *line)
{
    int c = 0;
    bool is_long = false;
    lede_buffer_clear(line);
    while ((c = getc(stdin)) != EOF && c != '\n') {
        is_long = is_long || line->size == MESSAGE_BYTES_MAX || line->failed;
        if (!is_long)
            lede_buffer_append_char(line, (char)c);
    }
    if (c == EOF && line->size == 0)
        return LINE_NONE;
    return is_long ? LINE_TOO_LONG : LINE_WHOLE;
}

static bool is_blank(const struct lede_buffer *line)
{
    for (size_t i = 0; i < line->size; i++) {
        if (!strchr(" \t\r", line->data[i]))
            return false;
    }
    return true;
}

enum lede_exit lede_command_mcp(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_asking_done) struct lede_asking asking = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer line = {0};
    struct lede_error error;
    if (lede_asking_start(arguments, &asking, &error) != LEDE_OK)
        return lede_complain_error(&error);
    bool is_read = true;
    for (enum line found = read_line(&line); is_read && found != LINE_NONE;
         found = read_line(&line)) {
        if (found == LINE_TOO_LONG)
            is_read = refuse(NULL, PARSE_ERROR, "expected a message of 4 MiB at most");
        else if (!is_blank(&line))
            is_read = take_message(asking.client, line.data, line.size);
        if (!is_read)
            return lede_complain("nobody takes the answers");
    }
    return LEDE_EXIT_OK;
}
