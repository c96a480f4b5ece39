/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "synonym_file.h"

#include "lede/buffer.h"

#include <errno.h>
#include <stdio.h>

#define READ_BYTES 65536

/* What is over the limit is left for lede_synonyms_read() to refuse. */
static enum lede_status read_all(
    FILE *file, const char *path, struct lede_buffer *out, struct lede_error *reterr)
{
    size_t size = 1;
    while (size > 0 && out->size <= LEDE_SYNONYMS_BYTES_MAX) {
        char *room = lede_buffer_reserve(out, READ_BYTES);
        if (!room)
            return lede_fail_memory(reterr);
        size = fread(room, 1, READ_BYTES, file);
        out->size += size;
    }
    return ferror(file) ? lede_fail_errno(reterr, LEDE_EIO, "cannot read synonyms '%s'", path)
                        : LEDE_OK;
}

enum lede_status lede_synonym_file_read(
    const char *path, struct lede_synonyms **ret_synonyms, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = NULL;
    FILE *file = fopen(path, "re");
    if (!file)
        return lede_fail_errno(
            reterr, errno == ENOENT ? LEDE_ENOTFOUND : LEDE_EIO, "cannot read synonyms '%s'", path);
    enum lede_status st = read_all(file, path, &text, reterr);
    fclose(file);
    if (st == LEDE_OK)
        st = lede_analyzer_new(&analyzer, reterr);
    return st == LEDE_OK
               ? lede_synonyms_read(text.data, text.size, path, analyzer, ret_synonyms, reterr)
               : st;
}
