/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "set_aside.h"

#include "files.h"
#include "lede/encoding.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *hex_json(const char *bytes, size_t size)
{
    LEDE_CLEANUP(lede_freep) char *digits = malloc(2 * size + 1);
    if (!digits)
        return NULL;
    lede_hex_write(bytes, size, digits);
    return json_stringn(digits, 2 * size);
}

/* Owner: the caller, free(). NULL: no memory. */
static char *make_line(bool is_put, const char *bytes, size_t size, const char *reason)
{
    json_auto_t *line =
        json_pack("{s:s, s:s}", "kind", is_put ? "put" : "delete", "reason", reason);
    json_t *text = json_stringn(bytes, size);
    int status = text ? json_object_set_new(line, "bytes", text)
                      : json_object_set_new(line, "hex", hex_json(bytes, size));
    return status == 0 ? json_dumps(line, JSON_COMPACT) : NULL;
}

static enum lede_status read_all(
    const char *directory, struct lede_buffer *ret_text, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(directory, LEDE_SET_ASIDE_NAME, path, reterr);
    if (st == LEDE_OK)
        st = lede_file_read(path, ret_text, reterr);
    return st == LEDE_ENOTFOUND ? LEDE_OK : st;
}

enum lede_status lede_set_aside_add(const char *directory, bool is_put, const char *bytes,
    size_t size, const char *reason, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    LEDE_CLEANUP(lede_freep) char *line = make_line(is_put, bytes, size, reason);
    if (!line)
        return lede_fail_memory(reterr);
    enum lede_status st = read_all(directory, &text, reterr);
    if (st != LEDE_OK)
        return st;
    if (text.size > 0 && memmem(text.data, text.size, line, strlen(line)))
        return LEDE_OK;
    lede_buffer_append(&text, line, strlen(line));
    lede_buffer_append_char(&text, '\n');
    if (text.failed)
        return lede_fail_memory(reterr);
    return lede_file_replace(directory, LEDE_SET_ASIDE_NAME, text.data, text.size, NULL, reterr);
}

enum lede_status lede_set_aside_count(
    const char *directory, uint32_t *ret_count, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    enum lede_status st = read_all(directory, &text, reterr);
    if (st != LEDE_OK)
        return st;
    uint32_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == '\n';
    *ret_count = count;
    return LEDE_OK;
}
