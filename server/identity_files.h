/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The certificate and the key that the settings name. */
#ifndef LEDE_SERVER_IDENTITY_FILES_H
#define LEDE_SERVER_IDENTITY_FILES_H

#include "lede/http.h"
#include "settings.h"

/* Read both, if a listener wants TLS.
 * ret_identity  owner: the caller, one reference; NULL: none wants it
 * Status: OK; EINPUT the settings name none, or what is in them; ENOTFOUND, EIO a file; ENOMEM. The
 * message names the setting and the file. Threads: any. */
LEDE_CHECKED enum lede_status lede_identity_files_read(const struct lede_server_settings *settings,
    const struct lede_listeners *listeners, struct lede_http_identity **ret_identity,
    struct lede_error *reterr);

#endif
