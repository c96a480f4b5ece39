/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "batch.h"

#include "lede/buffer.h"

#include <stdlib.h>
#include <string.h>

void lede_write_done(struct lede_write *write)
{
    lede_document_free(write->document);
    free(write->id);
    json_decref(write->patch);
    memset(write, 0, sizeof(*write));
}

void lede_batch_free(struct lede_batch *batch)
{
    if (!batch)
        return;
    for (size_t i = 0; i < batch->count; i++) {
        lede_write_done(&batch->operations[i].write);
        free(batch->operations[i].stored);
        free(batch->operations[i].error);
    }
    free(batch->operations);
    free(batch);
}

enum lede_status lede_batch_add(
    struct lede_batch *batch, struct lede_write *write, size_t bytes, struct lede_error *reterr)
{
    if (!LEDE_ARRAY_RESERVE(batch->operations, batch->capacity, batch->count + 1)) {
        lede_write_done(write);
        return lede_fail_memory(reterr);
    }
    struct lede_operation *operation = &batch->operations[batch->count++];
    *operation = (struct lede_operation){.write = *write};
    memset(write, 0, sizeof(*write));
    operation->id = operation->write.document ? operation->write.document->id : operation->write.id;
    operation->id_size = strlen(operation->id);
    batch->bytes += bytes;
    return LEDE_OK;
}
