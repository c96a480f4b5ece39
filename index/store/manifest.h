/* Which segments are the store? manifest.json, replaced atomically; one generation a version of the list. */
#ifndef LEDE_STORE_MANIFEST_H
#define LEDE_STORE_MANIFEST_H

#include "lede/base.h"

#define LEDE_STORE_FORMAT 2
#define LEDE_LANES_MAX 16

struct lede_manifest_segment {
    uint32_t number; /* directory segments/000042 */
    uint32_t lane;
};

struct lede_manifest {
    uint64_t generation;
    uint32_t lanes;
    uint32_t next_number;
    struct lede_manifest_segment *segments; /* oldest first; the last of a lane is its live one */
    size_t segment_count;
};

/* Read directory/manifest.json.
 * ret_manifest  owner: the caller, lede_manifest_done()
 * Status: OK; ENOTFOUND; EVERSION another format or analysis; ECORRUPT; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_manifest_read(
    const char *directory, struct lede_manifest *ret_manifest, struct lede_error *reterr);
/* Replace it, generation raised by one. Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_manifest_write(
    const char *directory, struct lede_manifest *manifest, struct lede_error *reterr);
/* Add a segment with the next number, in memory. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_manifest_add(
    struct lede_manifest *manifest, uint32_t lane, uint32_t *ret_number, struct lede_error *reterr);
bool lede_manifest_has(const struct lede_manifest *manifest, uint32_t number);
void lede_manifest_done(struct lede_manifest *manifest);

#endif
