/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search page's files. */
#include "endpoints.h"
#include "lede/web.h"
#include "negotiation.h"
#include "problem.h"
#include "worker.h"

#include <string.h>

void lede_endpoint_asset(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    const struct lede_web_asset *asset = lede_web_asset_find(lede_http_request_path(request));
    if (!asset) {
        struct lede_error error;
        (void)lede_fail(
            &error, LEDE_ENOTFOUND, "no file is called '%s'", lede_http_request_path(request));
        lede_reply_error(reply, request, &error);
        return;
    }
    lede_http_reply_header(reply, "ETag", "%s", asset->etag);
    lede_http_reply_header(reply, "Cache-Control", "no-cache");
    lede_http_reply_header(
        reply, "Content-Security-Policy", "%s", lede_web_content_security_policy);
    lede_http_reply_header(reply, "Referrer-Policy", "no-referrer");
    reply->status = 304;
    if (lede_request_knows(request, asset->etag))
        return;
    reply->status = 200;
    reply->media_type = asset->media_type;
    reply->static_body = asset->data;
    reply->static_body_size = asset->size;
}

void lede_endpoint_opensearch(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_error error;
    char origin[LEDE_ORIGIN_SIZE];
    (void)worker;
    if (lede_refuse_parameters(request, reply))
        return;
    lede_request_origin(request, origin);
    if (lede_web_opensearch(origin, &reply->body, &error) != LEDE_OK) {
        lede_reply_error(reply, request, &error);
        return;
    }
    reply->status = 200;
    reply->media_type = "application/opensearchdescription+xml";
}
