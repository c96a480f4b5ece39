/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lede/import.h"

#include <string.h>

enum lede_status lede_memory_source_read(
    void *source, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct lede_memory_source *memory = source;
    size_t left = memory->size - memory->at;
    (void)reterr;
    *ret_size = left < capacity ? left : capacity;
    if (*ret_size > 0)
        memcpy(data, memory->data + memory->at, *ret_size);
    memory->at += *ret_size;
    return LEDE_OK;
}
