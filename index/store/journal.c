#include "journal.h"

#include "files.h"
#include "lede/number.h"
#include "lede/time.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FRAME_MAGIC UINT32_C(0x314a444c) /* "LDJ1" */

struct frame_header {
    uint32_t magic;
    uint32_t reserved;
    uint64_t cycle;
    uint64_t payload_bytes;
    uint64_t checksum;
};
_Static_assert(sizeof(struct frame_header) == 32, "the frame header is written as it lies in memory");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "journal frames are little endian");

static uint64_t checksum(uint64_t cycle, const void *payload, size_t size)
{
    return lede_hash64(payload, size) ^ lede_hash64(&cycle, sizeof(cycle));
}

enum lede_status lede_journal_open(
    const char *path, struct lede_journal *ret_journal, struct lede_error *reterr)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot open journal '%s'", path);
    *ret_journal = (struct lede_journal){.fd = fd, .cycle = (uint64_t)lede_time_now_utc_ms()};
    return LEDE_OK;
}

void lede_journal_done(struct lede_journal *journal)
{
    lede_closep(&journal->fd);
}

static void add_operation(struct lede_buffer *payload, char kind, const char *bytes, size_t size)
{
    uint32_t size32 = (uint32_t)size;
    lede_buffer_append_char(payload, kind);
    lede_buffer_append(payload, &size32, sizeof(size32));
    lede_buffer_append(payload, bytes, size);
}

void lede_journal_add_put(struct lede_buffer *payload, const char *stored, size_t size)
{
    add_operation(payload, 'P', stored, size);
}

void lede_journal_add_delete(struct lede_buffer *payload, const char *id, size_t size)
{
    add_operation(payload, 'D', id, size);
}

enum lede_status lede_journal_append(
    struct lede_journal *journal, const struct lede_buffer *payload, struct lede_error *reterr)
{
    if (payload->failed)
        return lede_fail_memory(reterr);
    struct frame_header header = {.magic = FRAME_MAGIC,
        .cycle = journal->cycle,
        .payload_bytes = payload->size,
        .checksum = checksum(journal->cycle, payload->data, payload->size)};
    enum lede_status st = lede_write_at(journal->fd, &header, sizeof(header), journal->size, reterr);
    if (st == LEDE_OK)
        st = lede_write_at(journal->fd, payload->data, payload->size, journal->size + sizeof(header), reterr);
    if (st != LEDE_OK) {
        /* Best effort: a torn frame is ignored by the replay anyhow. */
        if (ftruncate(journal->fd, (off_t)journal->size) != 0)
            errno = 0;
        return st;
    }
    journal->size += sizeof(header) + payload->size;
    return LEDE_OK;
}

enum lede_status lede_journal_sync(struct lede_journal *journal, struct lede_error *reterr)
{
    if (fdatasync(journal->fd) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot sync the journal");
    return LEDE_OK;
}

enum lede_status lede_journal_clear(struct lede_journal *journal, struct lede_error *reterr)
{
    if (ftruncate(journal->fd, 0) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot empty the journal");
    journal->size = 0;
    journal->cycle++;
    return LEDE_OK;
}

static enum lede_status visit_payload(const char *payload, size_t size,
    enum lede_status (*visit)(
        void *context, bool is_put, const char *bytes, size_t size, struct lede_error *reterr),
    void *context, struct lede_error *reterr)
{
    size_t at = 0;
    while (size - at >= 5) {
        uint32_t bytes = 0;
        memcpy(&bytes, payload + at + 1, sizeof(bytes));
        if (bytes > size - at - 5)
            break;
        enum lede_status st = visit(context, payload[at] == 'P', payload + at + 5, bytes, reterr);
        if (st != LEDE_OK)
            return st;
        at += 5 + bytes;
    }
    if (at != size)
        return lede_fail(reterr, LEDE_ECORRUPT, "a journal frame's operations do not fill it");
    return LEDE_OK;
}

static bool read_at(int fd, void *data, size_t size, uint64_t offset)
{
    char *at = data;
    while (size > 0) {
        ssize_t got = pread(fd, at, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

/* Read the frame at `offset`; false where no whole frame of this cycle is. */
static bool read_frame(const struct lede_journal *journal, uint64_t offset, uint64_t file_bytes,
    struct frame_header *header, struct lede_buffer *payload)
{
    if (file_bytes - offset < sizeof(*header) || !read_at(journal->fd, header, sizeof(*header), offset) ||
        header->magic != FRAME_MAGIC || header->payload_bytes > file_bytes - offset - sizeof(*header) ||
        (offset > 0 && header->cycle != journal->cycle))
        return false;
    lede_buffer_clear(payload);
    char *room = lede_buffer_reserve(payload, header->payload_bytes);
    if (!room || !read_at(journal->fd, room, header->payload_bytes, offset + sizeof(*header)))
        return false;
    payload->size = header->payload_bytes;
    return checksum(header->cycle, payload->data, payload->size) == header->checksum;
}

enum lede_status lede_journal_replay(struct lede_journal *journal,
    enum lede_status (*visit)(
        void *context, bool is_put, const char *bytes, size_t size, struct lede_error *reterr),
    void *context, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer payload = {0};
    off_t end = lseek(journal->fd, 0, SEEK_END);
    if (end < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read the journal");
    uint64_t offset = 0;
    struct frame_header header;
    while (offset < (uint64_t)end && read_frame(journal, offset, (uint64_t)end, &header, &payload)) {
        journal->cycle = header.cycle;
        enum lede_status st = visit_payload(payload.data, payload.size, visit, context, reterr);
        if (st != LEDE_OK)
            return st;
        offset += sizeof(header) + payload.size;
    }
    if (payload.failed)
        return lede_fail_memory(reterr);
    journal->size = offset;
    return LEDE_OK;
}
