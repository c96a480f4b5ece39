/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sealed segment's files held when it was sealed: Xapian's tables have no checksums of their
 * own.
 *
 * File segments/000042/checksums, a line a file: 32 hexadecimal digits of XXH3-128, bytes, name. */
#ifndef LEDE_STORE_CHECKSUMS_H
#define LEDE_STORE_CHECKSUMS_H

#include "lede/base.h"

/* Note the files of a segment that will not change any more, and sync. Status: OK; EIO; ENOSPC;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_checksums_write(const char *segment, struct lede_error *reterr);
/* What is wrong with a segment's files. */
enum lede_damage {
    LEDE_DAMAGE_NONE,
    LEDE_DAMAGE_CONTENT, /* something is missing, or is not what was sealed */
    /* something is there and cannot be read, or the whole directory is missing: that may pass */
    LEDE_DAMAGE_UNREADABLE,
};

/* How a comparison goes about it; zeroed: as fast as it can, and all of it. */
struct lede_checksums_how {
    bool only_sizes; /* of the files; nothing but the checksums is read */
    bool (*go_on)(void *context,
        size_t bytes); /* called with the bytes just read; false ends it with EBUSY; may be NULL */
    void (*tell)(void *context,
        /* called for each file that is missing or not what it was; may be NULL */
        const char *problem);
    void *context;
};

/* Compare. Safe beside anything that happens to the files meanwhile.
 * ret_damage  the worst of it; also NONE where there is nothing to compare with, as beside segments
 *             of format 3
 * Status: OK, whatever was found; EBUSY; EIO this process cannot read now, for want of file
 * descriptors; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_checksums_compare(const char *segment,
    const struct lede_checksums_how *how, enum lede_damage *ret_damage, struct lede_error *reterr);
/* Say the first thing that is wrong in words: a `tell` whose context is a text of this many bytes
 * that is empty. */
#define LEDE_DAMAGE_TEXT_BYTES 160
void lede_checksums_tell_first(void *text, const char *problem);

#endif
