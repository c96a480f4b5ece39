/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a crash leaves in a data directory: files that its list does not name. */
#ifndef LEDE_STORE_STRAYS_H
#define LEDE_STORE_STRAYS_H

#include "manifest.h"

#define LEDE_SCRATCH_SUFFIX ".scratch" /* of what a merge works in, beside the segments */
#define LEDE_PARTIAL_SUFFIX ".partial" /* of a segment that a backup is copying */

/* Remove segments that the manifest does not list, what a merge or a backup had not finished, and
 * logs of deletions of other lists. The manifest is certain: no power loss brings another back.
 * What cannot be removed stays until the next time. Status: OK; EIO a directory cannot be read;
 * ELIMIT. */
LEDE_CHECKED enum lede_status lede_strays_remove(
    const char *directory, const struct lede_manifest *manifest, struct lede_error *reterr);

#endif
