/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "asking.h"

#include "key_file.h"
#include "lede/store.h"

#include <signal.h>

static enum lede_status start_service(
    const struct lede_arguments *arguments, struct lede_asking *asking, struct lede_error *reterr)
{
    struct lede_error error;
    enum lede_status st = lede_service_expect_store(arguments->data, reterr);
    if (st == LEDE_OK)
        st = lede_server_settings_load(arguments, &asking->settings, reterr);
    if (st == LEDE_OK)
        st = lede_settings_set(lede_server_settings_table, "server", "listen", "127.0.0.1:0",
            "--data", &asking->settings, reterr);
    if (st != LEDE_OK)
        return st;
    asking->settings.is_private = true;
    asking->settings.read_only =
        arguments->read_only || !lede_store_may_write(asking->settings.data);
    st = lede_service_new(&asking->settings, NULL, &asking->service, &error);
    if (st == LEDE_OK)
        return LEDE_OK;
    (void)lede_fail(reterr, st, "%s", error.message);
    if (asking->settings.read_only && error.hint[0])
        lede_error_hint(reterr, "%s", error.hint);
    else if (st == LEDE_EBUSY)
        lede_error_hint(reterr, "ask the server that holds it, with --url");
    return st;
}

enum lede_status lede_asking_start(const struct lede_arguments *arguments,
    struct lede_asking *ret_asking, struct lede_error *reterr)
{
    if (arguments->data && arguments->url)
        return lede_fail(reterr, LEDE_EINPUT, "expected --data or --url, found both");
    signal(SIGPIPE, SIG_IGN);
    enum lede_status st = LEDE_OK;
    if (arguments->data)
        st = start_service(arguments, ret_asking, reterr);
    if (st != LEDE_OK)
        return st;
    LEDE_CLEANUP(lede_freep) char *key = NULL;
    const char *url = arguments->url ? arguments->url : LEDE_URL_DEFAULT;
    if (ret_asking->service)
        url = lede_service_url(ret_asking->service, 0);
    else if (arguments->key_file)
        st = lede_key_file_read(arguments->key_file, &key, reterr);
    if (st != LEDE_OK)
        return st;
    return lede_http_client_new(url,
        ret_asking->service ? lede_service_key(ret_asking->service) : key, arguments->ca_file,
        &ret_asking->client, reterr);
}

void lede_asking_done(struct lede_asking *asking)
{
    lede_http_client_free(asking->client);
    lede_service_free(asking->service);
    lede_server_settings_done(&asking->settings);
    *asking = (struct lede_asking){0};
}
