/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of synonyms that the settings name. */
#ifndef LEDE_SYNONYM_FILE_H
#define LEDE_SYNONYM_FILE_H

#include "lede/synonyms.h"

/* Read a list (lede/synonyms.h).
 * ret_synonyms  owner: the caller, with one reference; lede_synonyms_unref()
 * Status: OK; ENOTFOUND no such file; EINPUT with file and line; ELIMIT; EIO; ENOMEM.
 * Threads: any. */
LEDE_CHECKED enum lede_status lede_synonym_file_read(
    const char *path, struct lede_synonyms **ret_synonyms, struct lede_error *reterr);

#endif
