/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "identity_files.h"

#include "lede/files.h"

#include <string.h>

static enum lede_status read_file(
    const char *setting, const char *path, struct lede_buffer *text, struct lede_error *reterr)
{
    struct lede_error reason;
    enum lede_status st = lede_file_read(path, text, &reason);
    return st == LEDE_OK ? st : lede_fail(reterr, st, "%s: %s", setting, reason.message);
}

static enum lede_status staple(
    const char *path, struct lede_http_identity *identity, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer response = {0};
    struct lede_error reason;
    enum lede_status st = read_file("tls_ocsp", path, &response, reterr);
    if (st != LEDE_OK)
        return st;
    st = lede_http_identity_staple(identity, &response, &reason);
    return st == LEDE_OK ? st
                         : lede_fail(reterr, st, "tls_ocsp '%.150s': %s", path, reason.message);
}

enum lede_status lede_identity_files_read(const struct lede_server_settings *settings,
    const struct lede_listeners *listeners, struct lede_http_identity **ret_identity,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer certificates = {0}, key = {0};
    LEDE_CLEANUP(lede_http_identity_unrefp) struct lede_http_identity *identity = NULL;
    struct lede_error reason;
    *ret_identity = NULL;
    if (!lede_listeners_have(listeners, LEDE_LISTENER_TLS))
        return LEDE_OK;
    if (strcmp(settings->tls_certificate, LEDE_TLS_OFF) == 0)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected tls_certificate and tls_key, since there is an address with tls");
    enum lede_status st =
        read_file("tls_certificate", settings->tls_certificate, &certificates, reterr);
    if (st == LEDE_OK)
        st = read_file("tls_key", settings->tls_key, &key, reterr);
    if (st != LEDE_OK)
        return st;
    st = lede_http_identity_new(&certificates, &key, &identity, &reason);
    if (st != LEDE_OK)
        return lede_fail(reterr, st, "tls_certificate '%.150s', tls_key '%.150s': %s",
            settings->tls_certificate, settings->tls_key, reason.message);
    if (strcmp(settings->tls_ocsp, LEDE_TLS_OFF) != 0)
        st = staple(settings->tls_ocsp, identity, reterr);
    if (st == LEDE_OK)
        *ret_identity = LEDE_TAKE(&identity);
    return st;
}
