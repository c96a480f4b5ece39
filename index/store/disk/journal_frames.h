/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of the journal in memory, and the reading of its files. */
#ifndef LEDE_STORE_JOURNAL_FRAMES_H
#define LEDE_STORE_JOURNAL_FRAMES_H

#include "lede/buffer.h"

struct lede_frame_header {
    uint32_t magic;
    uint32_t reserved;
    uint64_t position;
    uint64_t follows;
    uint64_t synced;
    uint64_t mark;
    uint64_t payload_bytes;
    uint64_t checksum;
};
_Static_assert(
    sizeof(struct lede_frame_header) == 56, "the frame header is written as it lies in memory");

#define LEDE_FRAME_MAGIC UINT32_C(0x324a444c) /* "LDJ2" */

/* The files of a journal: each is named by the position of its first byte. */
struct lede_journal_files {
    char *directory;
    uint64_t *bases; /* ascending */
    size_t count;
    size_t capacity;
};

/* Add a file, in memory. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_journal_files_add(
    struct lede_journal_files *files, uint64_t base, struct lede_error *reterr);
/* Add those that are in the directory, in order. Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_journal_files_list(
    struct lede_journal_files *files, struct lede_error *reterr);

/* Fill magic and checksum of a header whose other members are set. */
void lede_frame_seal(struct lede_frame_header *header, const void *payload);
/* The frame at data[at], if a whole one of this position is there: its header, and its payload
 * behind it. */
bool lede_frame_read(const char *data, size_t size, size_t at, uint64_t position,
    struct lede_frame_header *ret_header);

/* What the files hold: where the frames from `mark` on lie, and what is wrong with them. */
struct lede_journal_reading {
    uint64_t mark;   /* in: the caller's; out: the highest of it and of the frames' */
    uint64_t end;    /* frames that count end here */
    uint64_t high;   /* no file reaches beyond */
    uint32_t frames; /* that count */
    bool damaged;
    uint64_t damaged_base; /* the file, and the byte in it, where a synced frame should be */
    uint64_t damaged_offset;
    uint32_t frames_behind; /* whole ones behind the damage */
};

/* Read the files in order.
 * limit         frames at or behind it are none of ours
 * visit_damaged visit frames behind damage too
 * visit         may be NULL: only look
 * Status: OK, also where something is damaged; EIO; ENOMEM; what visit returned. */
LEDE_CHECKED enum lede_status lede_journal_read(const struct lede_journal_files *files,
    uint64_t limit, bool visit_damaged, struct lede_journal_reading *reading,
    enum lede_status (*visit)(
        void *context, const char *payload, size_t size, struct lede_error *reterr),
    void *context, struct lede_error *reterr);
/* ret_path has room for LEDE_PATH_BYTES_MAX. Status: OK; ELIMIT. */
LEDE_CHECKED enum lede_status lede_journal_path(
    const char *directory, uint64_t base, char *ret_path, struct lede_error *reterr);

#endif
