/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capitals and small letters of a text that keeps its accents. */
#include "lede/buffer.h"
#include "lede/encoding.h"
#include "lede/text.h"

#include <utf8proc.h>

bool lede_begins_with_capital(const char *text, size_t size)
{
    unsigned bytes = 0;
    int32_t code = lede_utf8_decode(text, size, 0, &bytes);
    return code >= 0 && utf8proc_tolower(code) != code;
}

void lede_append_in_capitals(
    const char *text, size_t size, bool first_only, struct lede_buffer *buffer)
{
    for (size_t i = 0; i < size;) {
        unsigned bytes = 0;
        char capital[4];
        int32_t code = lede_utf8_decode(text, size, i, &bytes);
        bool changes = code >= 0 && (i == 0 || !first_only);
        size_t written = changes ? lede_utf8_encode(utf8proc_toupper(code), capital) : bytes;
        lede_buffer_append(buffer, changes ? capital : text + i, written);
        i += bytes;
    }
}

enum lede_status lede_fold_case(
    const char *text, size_t size, char **ret_folded, size_t *ret_size, struct lede_error *reterr)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t count = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)size,
        &folded, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    if (count < 0 && count != UTF8PROC_ERROR_NOMEM)
        return lede_fail(reterr, LEDE_EINPUT, "expected UTF-8");
    if (count < 0)
        return lede_fail_memory(reterr);
    *ret_folded = (char *)folded;
    *ret_size = (size_t)count;
    return LEDE_OK;
}

enum lede_status lede_compose(const char *text, size_t size, char **ret_composed, size_t *ret_size)
{
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t count = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)size,
        &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (count < 0)
        return LEDE_ENOMEM;
    *ret_composed = (char *)composed;
    *ret_size = (size_t)count;
    return LEDE_OK;
}
