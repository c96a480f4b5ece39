/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GnuTLS asks for a certificate in each handshake, so a new one holds from the next on, and the
 * connections that stand keep theirs. A client that was here before brings a ticket, and needs
 * neither signature nor certificate (RFC 5077; RFC 8446, section 2.2). Its key is the identity's:
 * under a new certificate all are greeted anew. What encrypts tickets GnuTLS makes of that
 * key, and makes anew from time to time. */
#include "identity.h"

#include "lede/time.h"
#include "receive.h"

#include <gnutls/ocsp.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CHAIN_MAX 16 /* GnuTLS sorts as many */
#define KEY_ID_SIZE 32

const char lede_http_tls_priorities[] =
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-CIPHER-ALL:+AES-256-GCM:"
    "+CHACHA20-POLY1305:+AES-128-GCM:%SERVER_PRECEDENCE";

struct lede_http_identity {
    atomic_uint owners;
    gnutls_pcert_st certificates[CHAIN_MAX];
    unsigned count;
    gnutls_privkey_t key;
    int64_t ends_utc_s;
    gnutls_datum_t ticket_key;
    gnutls_ocsp_data_st ocsp; /* of the first certificate; no response: none */
    bool has_ocsp;
};

/* ---- Reading ---- */

static enum lede_status fail_tls(const char *what, int code, struct lede_error *reterr)
{
    return code == GNUTLS_E_MEMORY_ERROR ? lede_fail_memory(reterr)
                                         : lede_fail(reterr, LEDE_EINPUT, "cannot read the %s: %s",
                                               what, gnutls_strerror(code));
}

static gnutls_datum_t datum_of(const struct lede_buffer *text)
{
    return (gnutls_datum_t){(unsigned char *)text->data, (unsigned)text->size};
}

static enum lede_status read_key(
    struct lede_http_identity *identity, const struct lede_buffer *text, struct lede_error *reterr)
{
    gnutls_datum_t data = datum_of(text);
    int code = gnutls_privkey_init(&identity->key);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_privkey_import_x509_raw(identity->key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
    return code == GNUTLS_E_SUCCESS ? LEDE_OK
                                    : fail_tls("key, PEM without a password", code, reterr);
}

/* What a public key is known by. False: there is none. */
static bool key_id(gnutls_pubkey_t key, unsigned char ret_id[KEY_ID_SIZE])
{
    size_t size = KEY_ID_SIZE;
    return gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, ret_id, &size) ==
           GNUTLS_E_SUCCESS;
}

static enum lede_status check_fit(
    const struct lede_http_identity *identity, struct lede_error *reterr)
{
    unsigned char wanted[KEY_ID_SIZE], found[KEY_ID_SIZE];
    gnutls_pubkey_t own = NULL;
    if (gnutls_pubkey_init(&own) != GNUTLS_E_SUCCESS)
        return lede_fail_memory(reterr);
    bool fits = gnutls_pubkey_import_privkey(own, identity->key, 0, 0) == GNUTLS_E_SUCCESS &&
                key_id(own, found) && key_id(identity->certificates[0].pubkey, wanted) &&
                memcmp(wanted, found, KEY_ID_SIZE) == 0;
    gnutls_pubkey_deinit(own);
    return fits ? LEDE_OK
                : lede_fail(reterr, LEDE_EINPUT, "the key is not the one of the first certificate");
}

static enum lede_status take_chain(struct lede_http_identity *identity, gnutls_x509_crt_t *chain,
    unsigned count, struct lede_error *reterr)
{
    if (count == 0 || count > CHAIN_MAX)
        return lede_fail(
            reterr, LEDE_EINPUT, "expected 1 to %d certificates, found %u", CHAIN_MAX, count);
    identity->ends_utc_s = INT64_MAX;
    for (unsigned i = 0; i < count; i++) {
        int64_t ends = gnutls_x509_crt_get_expiration_time(chain[i]);
        identity->ends_utc_s = ends < identity->ends_utc_s ? ends : identity->ends_utc_s;
        int code = gnutls_pcert_import_x509(&identity->certificates[i], chain[i], 0);
        if (code != GNUTLS_E_SUCCESS)
            return fail_tls("certificate", code, reterr);
        identity->count++;
    }
    return LEDE_OK;
}

static enum lede_status read_chain(
    struct lede_http_identity *identity, const struct lede_buffer *text, struct lede_error *reterr)
{
    gnutls_datum_t data = datum_of(text);
    gnutls_x509_crt_t *chain = NULL;
    unsigned count = 0;
    int code = gnutls_x509_crt_list_import2(
        &chain, &count, &data, GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_SORT);
    if (code < 0)
        return fail_tls("certificate, PEM", code, reterr);
    enum lede_status st = take_chain(identity, chain, count, reterr);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
    gnutls_free(chain);
    return st;
}

enum lede_status lede_http_identity_new(const struct lede_buffer *certificates,
    const struct lede_buffer *key, struct lede_http_identity **ret_identity,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_http_identity_unrefp)
    struct lede_http_identity *identity = calloc(1, sizeof(*identity));
    if (!identity)
        return lede_fail_memory(reterr);
    atomic_init(&identity->owners, 1);
    enum lede_status st = read_chain(identity, certificates, reterr);
    if (st == LEDE_OK)
        st = read_key(identity, key, reterr);
    if (st == LEDE_OK)
        st = check_fit(identity, reterr);
    if (st != LEDE_OK)
        return st;
    if (gnutls_session_ticket_key_generate(&identity->ticket_key) != GNUTLS_E_SUCCESS)
        return lede_fail_memory(reterr);
    *ret_identity = LEDE_TAKE(&identity);
    return LEDE_OK;
}

/* Is it about the first certificate, and good? Who signed it is looked at by clients. */
static enum lede_status check_response(struct lede_http_identity *identity,
    gnutls_ocsp_resp_const_t response, struct lede_error *reterr)
{
    gnutls_x509_crt_t own = NULL;
    unsigned status = 0;
    time_t next = -1;
    if (gnutls_ocsp_resp_get_status(response) != GNUTLS_OCSP_RESP_SUCCESSFUL)
        return lede_fail(reterr, LEDE_EINPUT, "expected an answer of OCSP, found a refusal");
    if (gnutls_pcert_export_x509(&identity->certificates[0], &own) != GNUTLS_E_SUCCESS)
        return lede_fail_memory(reterr);
    int code = gnutls_ocsp_resp_check_crt(response, 0, own);
    gnutls_x509_crt_deinit(own);
    if (code != GNUTLS_E_SUCCESS)
        return lede_fail(reterr, LEDE_EINPUT, "it is not about the first certificate");
    code = gnutls_ocsp_resp_get_single(
        response, 0, NULL, NULL, NULL, NULL, &status, NULL, &next, NULL, NULL);
    if (code != GNUTLS_E_SUCCESS || status != GNUTLS_OCSP_CERT_GOOD)
        return lede_fail(reterr, LEDE_EINPUT, "it does not say that the certificate is good");
    identity->ocsp.exptime = next == (time_t)-1 ? 0 : next;
    return LEDE_OK;
}

enum lede_status lede_http_identity_staple(struct lede_http_identity *identity,
    const struct lede_buffer *response, struct lede_error *reterr)
{
    gnutls_datum_t data = datum_of(response);
    gnutls_ocsp_resp_t read = NULL;
    if (gnutls_ocsp_resp_init(&read) != GNUTLS_E_SUCCESS)
        return lede_fail_memory(reterr);
    int code = gnutls_ocsp_resp_import(read, &data);
    enum lede_status st = code == GNUTLS_E_SUCCESS ? check_response(identity, read, reterr)
                                                   : fail_tls("answer of OCSP, DER", code, reterr);
    gnutls_ocsp_resp_deinit(read);
    if (st != LEDE_OK)
        return st;
    unsigned char *copy = gnutls_malloc(data.size);
    if (!copy)
        return lede_fail_memory(reterr);
    memcpy(copy, data.data, data.size);
    identity->ocsp.response = (gnutls_datum_t){copy, data.size};
    identity->has_ocsp = true;
    return LEDE_OK;
}

int64_t lede_http_identity_staple_ends_utc_s(const struct lede_http_identity *identity)
{
    bool has_end = identity->has_ocsp && identity->ocsp.exptime != 0;
    return has_end ? (int64_t)identity->ocsp.exptime : INT64_MAX;
}

int64_t lede_http_identity_ends_utc_s(const struct lede_http_identity *identity)
{
    return identity->ends_utc_s;
}

struct lede_http_identity *lede_http_identity_ref(struct lede_http_identity *identity)
{
    if (identity)
        atomic_fetch_add(&identity->owners, 1);
    return identity;
}

void lede_http_identity_unref(struct lede_http_identity *identity)
{
    if (!identity || atomic_fetch_sub(&identity->owners, 1) != 1)
        return;
    for (unsigned i = 0; i < identity->count; i++)
        gnutls_pcert_deinit(&identity->certificates[i]);
    gnutls_privkey_deinit(identity->key);
    if (identity->ticket_key.data)
        gnutls_memset(identity->ticket_key.data, 0, identity->ticket_key.size);
    gnutls_free(identity->ticket_key.data);
    gnutls_free(identity->ocsp.response.data);
    free(identity);
}

void lede_http_identity_unrefp(struct lede_http_identity **identity)
{
    lede_http_identity_unref(*identity);
    *identity = NULL;
}

/* ---- Connections ---- */

/* The connection's server's, which it keeps. */
static struct lede_http_identity *identity_of(struct lede_http_connection *connection)
{
    struct lede_http_server *server = connection->server;
    if (!connection->identity) {
        pthread_mutex_lock(&server->identity_lock);
        connection->identity = lede_http_identity_ref(server->identity);
        pthread_mutex_unlock(&server->identity_lock);
    }
    return connection->identity;
}

int lede_http_identity_show(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
    gnutls_pcert_st **ret_certificates, unsigned *ret_count, gnutls_ocsp_data_st **ret_ocsp,
    unsigned *ret_ocsp_count, gnutls_privkey_t *ret_key, unsigned *ret_flags)
{
    (void)info;
    const union MHD_ConnectionInfo *context = MHD_get_connection_info(
        gnutls_session_get_ptr(session), MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct lede_http_connection *connection = context ? context->socket_context : NULL;
    if (!connection)
        return -1;
    struct lede_http_identity *identity = identity_of(connection);
    bool is_stapled = identity->has_ocsp &&
                      lede_time_now_utc_s() < lede_http_identity_staple_ends_utc_s(identity);
    *ret_certificates = identity->certificates;
    *ret_count = identity->count;
    *ret_key = identity->key;
    *ret_ocsp = is_stapled ? &identity->ocsp : NULL;
    *ret_ocsp_count = is_stapled ? 1 : 0;
    *ret_flags = 0; /* they stay ours */
    return 0;
}

/* At the end of the stream GnuTLS writes nothing more, so what is still to be said is said before
 * it hears of that. */
static ssize_t pull(gnutls_transport_ptr_t context, void *data, size_t size)
{
    struct lede_http_connection *connection = lede_http_receive_who((intptr_t)context);
    if (!connection)
        return 0; /* it is closed */
    ssize_t got = recv(connection->fd, data, size, 0);
    lede_http_interrupt on_interrupt = atomic_load(&connection->on_interrupt);
    if (got == 0 && on_interrupt)
        on_interrupt(connection);
    return got;
}

static ssize_t push(gnutls_transport_ptr_t context, const giovec_t *parts, int count)
{
    struct msghdr message = {.msg_iovlen = (size_t)count};
    memcpy(&message.msg_iov, &parts, sizeof(parts)); /* giovec_t is struct iovec; not const there */
    return sendmsg((int)(intptr_t)context, &message, MSG_NOSIGNAL);
}

void lede_http_tls_attach(struct lede_http_connection *connection, struct MHD_Connection *mhd)
{
    gnutls_session_t session = lede_http_tls_session(mhd);
    if (!session)
        return;
    gnutls_transport_set_int(session, connection->fd);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_vec_push_function(session, push);
    /* Where that fails there are no tickets, and all else is as it was. */
    (void)gnutls_session_ticket_enable_server(session, &identity_of(connection)->ticket_key);
}

void lede_http_tls_interrupt(
    struct lede_http_connection *connection, lede_http_interrupt on_interrupt)
{
    atomic_store(&connection->on_interrupt, on_interrupt);
    shutdown(connection->fd, SHUT_RD);
}

gnutls_session_t lede_http_tls_session(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? info->tls_session : NULL;
}

void lede_http_send_last(int fd, gnutls_session_t session, const char *data, size_t size)
{
    if (session) {
        /* A record has 16 KiB at most. */
        ssize_t sent = 1;
        for (size_t at = 0; at < size && sent > 0; at += sent > 0 ? (size_t)sent : 0)
            sent = gnutls_record_send(session, data + at, size - at);
        (void)gnutls_bye(session, GNUTLS_SHUT_WR);
    } else {
        (void)!send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    shutdown(fd, SHUT_WR);
}
