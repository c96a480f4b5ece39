/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS as far as it is ours: which certificate, which versions and ciphers. MHD does the rest. */
#ifndef LEDE_HTTP_IDENTITY_H
#define LEDE_HTTP_IDENTITY_H

#include "internal.h"

#include <gnutls/abstract.h>

/* TLS 1.3 and 1.2, with forward secrecy and authenticated encryption alone: what every client of
 * the last ten years can. For MHD_OPTION_HTTPS_PRIORITIES. */
extern const char lede_http_tls_priorities[];

struct lede_http_identity *lede_http_identity_ref(struct lede_http_identity *identity);

/* MHD_OPTION_HTTPS_CERT_CALLBACK2, a gnutls_certificate_retrieve_function3: the identity of the
 * connection's server, which the connection keeps for as long as it lives. Threads: its I/O
 * thread. */
int lede_http_identity_show(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
    gnutls_pcert_st **ret_certificates, unsigned *ret_count, gnutls_ocsp_data_st **ret_ocsp,
    unsigned *ret_ocsp_count, gnutls_privkey_t *ret_key, unsigned *ret_flags);

/* A connection's session reads and writes as before, but for the following. Where there is no TLS
 * nothing is done. In its I/O thread, before its first byte. */
void lede_http_tls_attach(struct lede_http_connection *connection, struct MHD_Connection *mhd);
/* Have MHD give the connection up as if its client had left.
 * on_interrupt  called before, in its I/O thread, where the session can still be written to
 * Threads: any. */
void lede_http_tls_interrupt(
    struct lede_http_connection *connection, lede_http_interrupt on_interrupt);
/* Send bytes and the end of the stream, without waiting. In the connection's I/O thread.
 * session  NULL: it has no TLS */
void lede_http_send_last(int fd, gnutls_session_t session, const char *data, size_t size);
/* The session of a connection; NULL: it has no TLS. */
gnutls_session_t lede_http_tls_session(struct MHD_Connection *mhd);

#endif
