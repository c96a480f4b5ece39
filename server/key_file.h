/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file with a key in its first line: a key on a command line would be seen by every process. */
#ifndef LEDE_KEY_FILE_H
#define LEDE_KEY_FILE_H

#include "lede/base.h"

/* Read it.
 * ret_key  owner: the caller, free()
 * Status: OK; ENOTFOUND, EIO the file cannot be read; EINPUT it has no key; ENOMEM. */
LEDE_CHECKED enum lede_status lede_key_file_read(
    const char *path, char **ret_key, struct lede_error *reterr);

#endif
