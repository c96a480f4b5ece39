/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace.h"

#include "lede/encoding.h"
#include "lede/number.h"
#include "request.h"

#include <stdio.h>
#include <string.h>

#define STATE_BYTES_MAX 512 /* section 3.3.1.5 */

/* version "-" trace-id "-" parent-id "-" trace-flags */
#define ID_AT 3
#define PARENT_AT 36
#define FLAGS_AT 53
#define PARENT_BYTES 55

/* So many lower-case hexadecimal digits; ret_digits gets a NUL behind them. */
static bool take_digits(const char *text, size_t size, char *ret_digits)
{
    bool are_digits = strspn(text, "0123456789abcdef") >= size;
    if (are_digits) {
        memcpy(ret_digits, text, size);
        ret_digits[size] = '\0';
    }
    return are_digits;
}

static bool is_zero(const char *digits)
{
    return digits[strspn(digits, "0")] == '\0';
}

/* A later version may have more behind another dash; "ff" is none. */
static bool read_parent(const char *text, struct lede_http_trace *trace)
{
    char version[3];
    size_t size = strlen(text);
    if (size < PARENT_BYTES || !take_digits(text, 2, version) || strcmp(version, "ff") == 0 ||
        text[ID_AT - 1] != '-' || text[PARENT_AT - 1] != '-' || text[FLAGS_AT - 1] != '-')
        return false;
    bool has_end =
        size == PARENT_BYTES || (strcmp(version, "00") != 0 && text[PARENT_BYTES] == '-');
    return has_end && take_digits(text + ID_AT, 32, trace->id) && !is_zero(trace->id) &&
           take_digits(text + PARENT_AT, 16, trace->parent) && !is_zero(trace->parent) &&
           take_digits(text + FLAGS_AT, 2, trace->flags);
}

/* What is longer, or has other than printable characters, is left out, as it may be. */
static const char *read_state(const struct lede_http_request *request)
{
    const char *state = lede_http_request_header(request, "tracestate");
    if (!state || lede_http_request_count_header(request, "tracestate") != 1 ||
        strlen(state) > STATE_BYTES_MAX)
        return "";
    for (const char *c = state; *c; c++) {
        if (*c < ' ' || *c > '~')
            return "";
    }
    return state;
}

void lede_http_trace_take(struct lede_http_request *request)
{
    const char *parent = lede_http_request_header(request, "traceparent");
    struct lede_http_trace trace = {0};
    if (!parent || lede_http_request_count_header(request, "traceparent") != 1 ||
        !read_parent(parent, &trace))
        return;
    uint64_t mix[2] = {request->server->id_seed, lede_hash64(request->id, strlen(request->id))};
    lede_hex_write_number(lede_hash64(mix, sizeof(mix)) | 1, trace.span);
    trace.state = read_state(request);
    request->trace = trace;
}

void lede_http_trace_tell(const struct lede_http_request *request, struct MHD_Response *response)
{
    const struct lede_http_trace *trace = &request->trace;
    char parent[PARENT_BYTES + 1];
    if (!trace->id[0])
        return;
    snprintf(parent, sizeof(parent), "00-%s-%s-%s", trace->id, trace->span, trace->flags);
    MHD_add_response_header(response, "traceparent", parent);
    if (trace->state[0])
        MHD_add_response_header(response, "tracestate", trace->state);
}
