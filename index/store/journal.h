/* What was accepted and is not committed yet.
 *
 * One file of frames. A frame is what one group of writes came to: whole documents to put, ids to delete. It
 * is written and synced before any segment changes, and replayed at the start: putting a document twice
 * leaves one, so replay is idempotent. When every segment has committed the file is emptied.
 *
 * Frame (little endian): u32 magic, u32 reserved 0, u64 cycle, u64 payload bytes, u64 XXH3-64 of cycle and
 * payload; then the payload: operations of u8 kind ('P' put, 'D' delete), u32 size, bytes (the stored
 * document, or the id). A cycle ends when the file is emptied; frames of another cycle than the first are
 * leftovers and end the replay, as a torn frame does. */
#ifndef LEDE_STORE_JOURNAL_H
#define LEDE_STORE_JOURNAL_H

#include "lede/buffer.h"

struct lede_journal {
    int fd;
    uint64_t cycle;
    uint64_t size; /* bytes of whole frames */
};

/* Status: OK; EIO; ENOSPC. */
LEDE_CHECKED enum lede_status lede_journal_open(
    const char *path, struct lede_journal *ret_journal, struct lede_error *reterr);
void lede_journal_done(struct lede_journal *journal);

/* Build a payload. */
void lede_journal_add_put(struct lede_buffer *payload, const char *stored, size_t size);
void lede_journal_add_delete(struct lede_buffer *payload, const char *id, size_t size);
/* Append a frame; on failure the file is cut back to what it held. Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_journal_append(
    struct lede_journal *journal, const struct lede_buffer *payload, struct lede_error *reterr);
/* Status: OK; EIO; ENOSPC. */
LEDE_CHECKED enum lede_status lede_journal_sync(struct lede_journal *journal, struct lede_error *reterr);
/* Empty it: everything in it has been committed. Status: OK; EIO. */
LEDE_CHECKED enum lede_status lede_journal_clear(struct lede_journal *journal, struct lede_error *reterr);
/* Visit every operation of the whole frames, in order. stored/id is valid during the call.
 * Status: OK; EIO; ENOMEM; what visit returned. */
LEDE_CHECKED enum lede_status lede_journal_replay(struct lede_journal *journal,
    enum lede_status (*visit)(
        void *context, bool is_put, const char *bytes, size_t size, struct lede_error *reterr),
    void *context, struct lede_error *reterr);

#endif
