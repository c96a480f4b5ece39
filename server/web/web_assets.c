/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers which bytes belong to a path of the search page.
 *
 * The table itself is made at build time. The OpenSearch description is the one file that depends
 * on who asks: it is kept with addresses relative to the server, and gets the origin in front of
 * each when it is asked for. */
#include "web_assets.h"
#include "web_style.h"

#include <string.h>

#define OPENSEARCH_PATH "/opensearch.xml"
#define ORIGIN_BYTES_MAX 500 /* scheme, a host name of 253 bytes, port, a prefix of 200 */

/* Nothing but the server's own files and its own API: an injected script, style or frame has
 * nowhere to come from. */
#define POLICY(styles)                                                                             \
    "default-src 'none'; script-src 'self'; style-src 'self'" styles                               \
    "; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "                  \
    "frame-ancestors 'none'"
const char lede_web_content_security_policy[] = POLICY("");
const char lede_web_styled_policy[] = POLICY(" " LEDE_WEB_STYLE_SOURCE);

const struct lede_web_asset *lede_web_asset_find(const char *path)
{
    size_t low = 0;
    size_t high = lede_web_asset_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(path, lede_web_assets[middle].path);
        if (order == 0)
            return &lede_web_assets[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct lede_web_template *lede_web_template_find(const char *name, size_t size)
{
    for (size_t i = 0; i < lede_web_template_count; i++) {
        const struct lede_web_template *found = &lede_web_templates[i];
        if (strlen(found->name) == size && memcmp(found->name, name, size) == 0)
            return found;
    }
    return NULL;
}

const struct lede_web_asset *lede_web_asset_at(size_t index)
{
    return index < lede_web_asset_count ? &lede_web_assets[index] : NULL;
}

/* Whether it is http(s)://, then only what a host, a port and a path before ours are written with:
 * nothing that XML or a template reads. */
static bool origin_is_plain(const char *origin)
{
    static const char host_characters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]~/";
    const char *host = NULL;

    if (strncmp(origin, "http://", 7) == 0)
        host = origin + 7;
    else if (strncmp(origin, "https://", 8) == 0)
        host = origin + 8;
    if (!host || host[0] == '\0' || host[0] == '/' || strlen(origin) > ORIGIN_BYTES_MAX)
        return false;
    return host[strspn(host, host_characters)] == '\0';
}

enum lede_status lede_web_opensearch(
    const char *origin, struct lede_buffer *buffer, struct lede_error *reterr)
{
    /* an attribute that holds an address relative to the server */
    static const char mark[] = "=\"/";
    const size_t kept = sizeof(mark) - 2;
    const struct lede_web_asset *file = lede_web_asset_find(OPENSEARCH_PATH);

    if (!origin_is_plain(origin))
        return lede_fail(reterr, LEDE_EINPUT,
            "expected an origin such as 'http://127.0.0.1:5333', found '%.100s'", origin);
    if (!file)
        return lede_fail(
            reterr, LEDE_EINTERNAL, "the page was built without '%s'", OPENSEARCH_PATH);

    const char *at = (const char *)file->data;
    const char *end = at + file->size;
    for (;;) {
        const char *found = memmem(at, (size_t)(end - at), mark, sizeof(mark) - 1);
        if (!found)
            break;
        lede_buffer_append(buffer, at, (size_t)(found - at) + kept);
        lede_buffer_append_string(buffer, origin);
        at = found + kept;
    }
    lede_buffer_append(buffer, at, (size_t)(end - at));
    return lede_buffer_status(buffer) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}
