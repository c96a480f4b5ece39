/* What a sealed segment's files held when it was sealed: Xapian's tables have no checksums of their own.
 *
 * File segments/000042/checksums, a line a file: 32 hexadecimal digits of XXH3-128, bytes, name. */
#ifndef LEDE_STORE_CHECKSUMS_H
#define LEDE_STORE_CHECKSUMS_H

#include "lede/base.h"

/* Note the files of a segment that will not change any more, and sync. Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_checksums_write(const char *segment, struct lede_error *reterr);
/* Compare.
 * tell        called for each file that is missing or not what it was
 * ret_noted   false: there is nothing to compare with
 * Status: OK, whatever was found; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_checksums_check(const char *segment,
    void (*tell)(void *context, const char *problem), void *context, bool *ret_noted,
    struct lede_error *reterr);

#endif
