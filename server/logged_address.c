/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logged_address.h"

#include "lede/encoding.h"
#include "lede/keys.h"

#include <stdio.h>
#include <string.h>

#define MARKS LEDE_URI_UNRESERVED_MARKS "/!$&'()*+,;:@?=%"

/* Is it `key`, letters percent-encoded or not? */
static bool is_key(const char *name, size_t size)
{
    static const char key[] = "key";
    size_t at = 0;
    for (size_t i = 0; i < sizeof(key) - 1; i++) {
        char c = at < size ? name[at] : '\0';
        bool is_encoded = c == '%' && size - at >= 3;
        if (is_encoded)
            c = (char)(lede_hex_value(name[at + 1]) << 4 | lede_hex_value(name[at + 2]));
        at += is_encoded ? 3 : 1;
        if (c != key[i])
            return false;
    }
    return at == size;
}

void lede_logged_address(const struct lede_http_request *request, struct lede_buffer *out)
{
    const char *path = lede_http_request_path(request);
    const char *at = lede_http_request_query(request);
    lede_percent_append(out, path, strlen(path), LEDE_URI_UNRESERVED_MARKS "/!$&'()*+,;:@");
    for (char before = '?'; *at; before = '&') {
        size_t size = strcspn(at, "&"), name_size = strcspn(at, "=&");
        lede_buffer_append_char(out, before);
        if (is_key(at, name_size))
            lede_buffer_append_string(out, "key=...");
        else
            lede_percent_append(out, at, size, MARKS);
        at += size + (at[size] == '&');
    }
}

void lede_logged_key(const struct lede_http_request *request, char ret_id[LEDE_LOGGED_KEY_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    const struct lede_http_parameter *parameters = NULL;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer room = {0};
    const char *key = lede_http_request_header(request, "Authorization");
    if (key && lede_key_of_authorization(key, &room) && room.data && !room.failed)
        key = room.data;
    size_t count = key ? 0 : lede_http_request_parameters(request, &parameters);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parameters[i].name, "key") == 0)
            key = parameters[i].value;
    }
    key = key ? strstr(key, "lede_") : NULL;
    ret_id[0] = '\0';
    if (key && strspn(key + 5, digits) >= LEDE_LOGGED_KEY_SIZE - 1)
        snprintf(ret_id, LEDE_LOGGED_KEY_SIZE, "%.8s", key + 5);
}
