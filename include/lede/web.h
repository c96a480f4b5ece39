/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search page, as bytes inside the program: files by path, ready to be answered.
 *
 * The page talks only to the HTTP API, so this floor knows nothing of search; it is a table made at
 * build time from server/web/assets. Everything returned is constant, lives as long as the program
 * and may be read by any thread. */
#ifndef LEDE_WEB_H
#define LEDE_WEB_H

#include "lede/base.h"
#include "lede/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lede_web_asset {
    const char *path;          /* as in the request line, without a query: "/", "/assets/page.js" */
    const char *media_type;    /* value for Content-Type, charset included */
    const unsigned char *data; /* not NUL-terminated */
    size_t size;               /* bytes in `data` */
    const char *etag;          /* value for ETag, quotes included; a hash of the content */
};

/* Value for Content-Security-Policy; belongs on the answer to every path of the page. */
extern const char lede_web_content_security_policy[];

/* Find the file that answers a path.
 * path   borrowed; percent-decoded, without query and fragment, compared exactly
 * Returns the file, or NULL where the page has no such path. Threads: any.
 * The page keeps its state in the query of "/": that path is answered the same whatever its query
 * says. Paths stay when contents change, so an answer wants `Cache-Control: no-cache` beside its
 * ETag. */
const struct lede_web_asset *lede_web_asset_find(const char *path);

/* Walk over all files, in the order of their paths' bytes.
 * index  0 and up
 * Returns the file, or NULL past the end. Threads: any. */
const struct lede_web_asset *lede_web_asset_at(size_t index);

/* Append the OpenSearch 1.1 description of a server that is reached at `origin`.
 * Browsers accept only absolute addresses in it, so it can't be answered as the file it is made
 * from.
 * origin   borrowed; scheme, host, port and a proxy's prefix as the browser knows them:
 *          "http://127.0.0.1:5333", no slash at the end; only http and https, and only the
 *          characters of a host, a port and a path (a Host header may be passed on unchecked)
 * buffer   the caller's; an origin that is refused appends nothing
 * Status: OK; EINPUT not such an origin; ENOMEM.
 * Threads: one at a time per buffer.
 * Format: https://github.com/dewitt/opensearch/blob/master/opensearch-1-1-draft-6.md */
LEDE_CHECKED enum lede_status lede_web_opensearch(
    const char *origin, struct lede_buffer *buffer, struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
