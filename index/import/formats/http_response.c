/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http_response.h"

#include "lede/encoding.h"
#include "lede/unpack.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ZSTD_WINDOW_LOG_MAX = 23 /* RFC 9659 */ };

const char *lede_head_field(const char *head, size_t size, const char *name, size_t *ret_size)
{
    size_t name_size = strlen(name);
    const char *end = head + size;
    for (const char *line = head; line < end;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        line_end = line_end ? line_end : end;
        if ((size_t)(line_end - line) > name_size && line[name_size] == ':' &&
            strncasecmp(line, name, name_size) == 0) {
            const char *value = line + name_size + 1;
            while (value < line_end && (*value == ' ' || *value == '\t'))
                value++;
            const char *stop = line_end;
            while (stop > value && isspace((unsigned char)stop[-1]))
                stop--;
            *ret_size = (size_t)(stop - value);
            return value;
        }
        line = line_end + 1;
    }
    return NULL;
}

static void copy_lower(const char *text, size_t size, char *ret_text, size_t capacity)
{
    size = size < capacity ? size : capacity - 1;
    for (size_t i = 0; i < size; i++)
        ret_text[i] = (char)tolower((unsigned char)text[i]);
    ret_text[size] = '\0';
}

void lede_media_type_read(const char *text, size_t size, char ret_type[LEDE_MEDIA_TYPE_SIZE],
    char ret_charset[LEDE_CHARSET_NAME_SIZE])
{
    char all[256];
    copy_lower(text, size, all, sizeof(all));
    size_t type = strcspn(all, "; \t");
    copy_lower(all, type, ret_type, LEDE_MEDIA_TYPE_SIZE);
    ret_charset[0] = '\0';
    const char *charset = strstr(all + type, "charset=");
    if (charset) {
        charset += strlen("charset=");
        charset += *charset == '"';
        copy_lower(charset, strcspn(charset, "\"; \t"), ret_charset, LEDE_CHARSET_NAME_SIZE);
    }
}

/* Behind the blank line; 0: there is none. */
static size_t find_head_end(const char *text, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        if (text[i] == '\n' && text[i + 1] == '\n')
            return i + 2;
        if (text[i] == '\n' && text[i + 1] == '\r' && i + 2 < size && text[i + 2] == '\n')
            return i + 3;
    }
    return 0;
}

bool lede_http_response_read(const char *text, size_t size, struct lede_http_response *ret_response)
{
    struct lede_http_response response = {.head_bytes = find_head_end(text, size)};
    if (response.head_bytes == 0 || size < 12 || strncasecmp(text, "HTTP/", 5) != 0)
        return false;
    const char *space = memchr(text, ' ', response.head_bytes);
    response.status = space ? (int)strtol(space + 1, NULL, 10) : 0;
    size_t value_size = 0;
    const char *value = lede_head_field(text, response.head_bytes, "Content-Type", &value_size);
    if (value)
        lede_media_type_read(value, value_size, response.media_type, response.charset);
    value = lede_head_field(text, response.head_bytes, "Content-Encoding", &value_size);
    if (value)
        copy_lower(value, value_size, response.encoding, sizeof(response.encoding));
    value = lede_head_field(text, response.head_bytes, "Transfer-Encoding", &value_size);
    response.is_chunked = value && memmem(value, value_size, "chunked", strlen("chunked"));
    *ret_response = response;
    return true;
}

/* Returns whether there were chunks, up to the last or the end of the text. */
static bool append_chunks(const char *text, size_t size, struct lede_buffer *out)
{
    size_t at = 0, chunks = 0;
    while (at < size) {
        size_t length = 0, digits = 0;
        while (at < size && lede_hex_value(text[at]) >= 0 && digits < 8) {
            length = length * 16 + (size_t)lede_hex_value(text[at]);
            at++;
            digits++;
        }
        const char *line_end = memchr(text + at, '\n', size - at);
        if (digits == 0 || !line_end)
            return chunks > 0;
        at = (size_t)(line_end + 1 - text);
        size_t left = size - at;
        lede_buffer_append(out, text + at, length < left ? length : left);
        chunks++;
        if (length == 0 || length >= left)
            return true;
        at += length;
        at += at < size && text[at] == '\r';
        at += at < size && text[at] == '\n';
    }
    return chunks > 0;
}

enum lede_status lede_http_response_content(const struct lede_http_response *response,
    const char *text, size_t size, size_t bytes_max, struct lede_buffer *out,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer whole = {0};
    if (response->is_chunked && append_chunks(text, size, &whole)) {
        text = whole.data ? whole.data : "";
        size = whole.size;
    }
    enum lede_coding coding = lede_coding_of((const unsigned char *)text, size);
    bool is_packed = response->encoding[0] && strcmp(response->encoding, "identity") != 0;
    bool is_readable = strcmp(response->encoding, "gzip") == 0 ||
                       strcmp(response->encoding, "x-gzip") == 0 ||
                       strcmp(response->encoding, "zstd") == 0;
    if (is_packed && !is_readable)
        return lede_fail(reterr, LEDE_EINPUT,
            "Content-Encoding: expected gzip, zstd or none, found '%s'", response->encoding);
    if (is_packed && coding != LEDE_CODING_NONE)
        return lede_unpack_all(coding, ZSTD_WINDOW_LOG_MAX, text, size, bytes_max, out, reterr);
    if (size > bytes_max)
        return lede_fail(
            reterr, LEDE_ELIMIT, "expected at most %zu bytes, found %zu", bytes_max, size);
    lede_buffer_append(out, text, size);
    return lede_buffer_status(out) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}
