/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede health: GET /health/ready of the server with these settings, or of --url. Nothing secret is
 * sent or heard, so whose certificate it is does not matter on this machine: one that has run out
 * is no reason to start a server anew. */
#include "http_client.h"
#include "lede/network.h"
#include "settings.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* How gladly a place is asked; 0: not at all. */
static int rank_of(const struct lede_listener *listener)
{
    if (lede_listener_is_unix(listener))
        return 3;
    if (listener->kind == LEDE_LISTENER_REDIRECT || listener->port == 0)
        return 0;
    return listener->kind == LEDE_LISTENER_PLAIN ? 2 : 1;
}

/* Who listens at any address does so at loopback. */
static void make_reachable(struct lede_listener *listener)
{
    struct lede_ip ip;
    if (!lede_ip_parse(listener->host, strlen(listener->host), &ip) || !lede_ip_is_any(&ip))
        return;
    snprintf(
        listener->host, sizeof(listener->host), "%s", lede_ip_is_v4(&ip) ? "127.0.0.1" : "::1");
}

static enum lede_status find_own_server(const struct lede_arguments *arguments,
    char ret_url[LEDE_LISTENER_TEXT_SIZE], struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_server_settings_done) struct lede_server_settings settings = {0};
    const struct lede_listener *best = NULL;
    enum lede_status st = lede_server_settings_load(arguments, &settings, reterr);
    if (st != LEDE_OK)
        return st;
    for (size_t i = 0; i < settings.listen.count; i++) {
        const struct lede_listener *listener = &settings.listen.items[i];
        if (rank_of(listener) > (best ? rank_of(best) : 0))
            best = listener;
    }
    if (!best) {
        (void)lede_fail(reterr, LEDE_EINPUT,
            "the settings do not say where the server listens: expected a port in 'listen'");
        lede_error_hint(reterr, "say where, with --url");
        return LEDE_EINPUT;
    }
    struct lede_listener own = *best;
    make_reachable(&own);
    lede_listener_format(&own, ret_url);
    return LEDE_OK;
}

static enum lede_status start(const struct lede_arguments *arguments,
    struct lede_http_client **ret_client, struct lede_error *reterr)
{
    char url[LEDE_LISTENER_TEXT_SIZE];
    if (arguments->url && arguments->config)
        return lede_fail(reterr, LEDE_EINPUT, "expected --url or --config, found both");
    if (arguments->url)
        return lede_http_client_new(arguments->url, NULL, arguments->ca_file, ret_client, reterr);
    enum lede_status st = find_own_server(arguments, url, reterr);
    if (st == LEDE_OK)
        st = lede_http_client_new(url, NULL, NULL, ret_client, reterr);
    if (st == LEDE_OK)
        lede_http_client_ask_own_machine(*ret_client);
    return st;
}

enum lede_exit lede_command_health(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_http_client_freep) struct lede_http_client *client = NULL;
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    struct lede_error error;
    signal(SIGPIPE, SIG_IGN);
    if (start(arguments, &client, &error) != LEDE_OK)
        return lede_complain_error(&error);
    if (lede_http_client_get(client, "/health/ready", &answer, &error) != LEDE_OK) {
        (void)lede_complain_error(&error);
        return LEDE_EXIT_SOME;
    }
    const char *status = json_string_value(json_object_get(answer.json, "status"));
    printf("%s\n", answer.status == 200 && status ? status : "not ready");
    return answer.status == 200 ? LEDE_EXIT_OK : LEDE_EXIT_SOME;
}
