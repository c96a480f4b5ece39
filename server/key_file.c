/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "key_file.h"

#include "lede/files.h"

#include <string.h>

enum lede_status lede_key_file_read(const char *path, char **ret_key, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    enum lede_status st = lede_file_read(path, &text, reterr);
    if (st != LEDE_OK)
        return st;
    size_t start = strspn(text.data, " \t"), size = strcspn(text.data + start, " \t\r\n");
    if (strncmp(text.data + start, "lede_", 5) != 0)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a key, lede_ and digits, in the first line of '%s'", path);
    *ret_key = strndup(text.data + start, size);
    return *ret_key ? LEDE_OK : lede_fail_memory(reterr);
}
