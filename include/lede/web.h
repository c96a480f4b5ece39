/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search page: its files, and its HTML, made of what the HTTP API answers.
 *
 * This floor knows nothing of search. Whoever serves the page reads its address into a state, asks
 * the API what the state needs, and gives the answers, as JSON, to lede_web_page_write(). The
 * script in the browser asks for the same address and puts parts of the same HTML in: there is one
 * set of templates, and it is here. */
#ifndef LEDE_WEB_H
#define LEDE_WEB_H

#include "lede/base.h"
#include "lede/buffer.h"

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Files ---- */

struct lede_web_asset {
    const char *path;          /* as in the request line, without a query: "/assets/page.js" */
    const char *media_type;    /* value for Content-Type, charset included */
    const unsigned char *data; /* not NUL-terminated */
    size_t size;               /* bytes in `data` */
    const char *etag;          /* value for ETag, quotes included; a hash of the content */
};

/* Value for Content-Security-Policy; belongs on the answer to every path of the page. */
extern const char lede_web_content_security_policy[];
/* The same of a page that has its style within it: that one, by its hash. */
extern const char lede_web_styled_policy[];

/* Find the file that answers a path.
 * path   borrowed; percent-decoded, without query and fragment, compared exactly
 * Returns the file, or NULL where the page has no such path. Threads: any.
 * Paths stay when contents change, so an answer wants `Cache-Control: no-cache` beside its ETag. */
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

/* ---- The page's state, which is its address ---- */

struct lede_web_pair {
    const char *name;  /* static: of the page's own table */
    const char *value; /* NUL-terminated */
};

#define LEDE_WEB_PAIRS_MAX 300 /* more are left out */

/* A search by the API's own parameters, and what is the page's alone: `document`, the id of the one
 * that is read; `against`, of the one that it is compared with; `similar`, of the one that hits are
 * to be like; `unfold`, a filter whose values are all listed; `count`, with `all`
 * the answer waits for all counts. Copied by assignment. */
struct lede_web_state {
    struct lede_web_pair pairs[LEDE_WEB_PAIRS_MAX];
    size_t count;
    struct lede_arena *arena; /* of all values; the caller's */
};

/* Read the parameters of an address: those of the page and of a search, trimmed, lists parted at
 * their commas (`\,` is one); others are left out, and so is what the page would not ask for.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_web_state_add_parameter(
    struct lede_web_state *state, const char *name, const char *value);
/* The first value of a name, "" if there is none. */
const char *lede_web_state_get(const struct lede_web_state *state, const char *name);
/* What results are collapsed by, as the API's `collapse` has it. Where the address does not say,
 * each story is shown once, but where the copies of one are asked for. */
const char *lede_web_state_collapse(const struct lede_web_state *state);
/* Is a name one that the API's searches take? */
bool lede_web_is_search_parameter(const char *name);
/* The first hit and the hits a page, within what the page offers.
 * limit  where the address does not say */
uint32_t lede_web_state_offset(const struct lede_web_state *state);
uint32_t lede_web_state_limit(const struct lede_web_state *state, uint32_t limit);

/* ---- The page ---- */

enum lede_web_density { LEDE_WEB_COMFORTABLE, LEDE_WEB_HEADLINES, LEDE_WEB_TABLE };
#define LEDE_WEB_LIMIT 10 /* hits a page, where nobody said */

/* How a reader wants lists to be: kept in a cookie. */
struct lede_web_looks {
    enum lede_web_density density;
    uint32_t limit; /* one of 10, 25, 50, 100 */
};
#define LEDE_WEB_COOKIE "lede_list" /* its value is lede_web_looks_print()'s */
#define LEDE_WEB_LOOKS_SIZE 32
/* Read `table.25`, or either half of it; what is none of that changes nothing. */
void lede_web_looks_read(struct lede_web_looks *looks, const char *text, size_t size);
void lede_web_looks_print(const struct lede_web_looks *looks, char ret_text[LEDE_WEB_LOOKS_SIZE]);

/* What the API is to be asked for one page of results: the values of `facets`, `fields`,
 * `highlight`. */
extern const char lede_web_facets[];
extern const char lede_web_fields[];
extern const char lede_web_highlight[];
/* Seconds since 1970 UTC; LEDE_TIME_MIN_UTC_S and MAX where a search has no bound. */
struct lede_web_period {
    int64_t after_utc_s;
    int64_t before_utc_s;
};
/* The interval of bars over a period, as `histogram` names it. */
const char *lede_web_interval(struct lede_web_period period);
/* The period that the timeline shows around the one that was chosen: with as much again beside
 * it. */
struct lede_web_period lede_web_period_around(struct lede_web_period chosen);

/* What a page is made of. All JSON is borrowed, as the API answers it; NULL: there is none. */
struct lede_web_page {
    const struct lede_web_state *state;
    struct lede_web_looks looks;
    bool lacks_timeline;     /* it would have taken too long */
    bool is_styled;          /* has its style within it, for a browser that shows it at once */
    const json_t *answer;    /* of the search */
    const json_t *problem;   /* why there is none, or not the one that was asked for */
    const char *words_alone; /* what was searched instead; NULL */
    const json_t *histogram; /* of `timeline` */
    struct lede_web_period timeline, chosen; /* what it shows; what the search is bound to */
    const json_t *document;                  /* that is read */
    const json_t *marks;   /* in it: {"title": [ranges], …}, as format=ranges has them */
    const json_t *picture; /* of the document, that may be loaded: an address, or {"url", "alt"} */
    const json_t *document_problem;
    const json_t *versions; /* of its story, and what differs; as /documents/{id}/versions */
    const json_t *like;     /* the document that hits are to be like */
    const char *origin;     /* of the server, for a command to copy */
    bool has_key;           /* the request came with one: links that send none are left out */
};

/* Append the whole page. Status: OK; ENOMEM; EINTERNAL a template is broken. Threads: any. */
LEDE_CHECKED enum lede_status lede_web_page_write(
    const struct lede_web_page *page, struct lede_buffer *out, struct lede_error *reterr);

/* The words of a query without its operators; what it wanted excluded is left out. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_web_words_alone(
    const char *query, struct lede_buffer *ret_words);

#ifdef __cplusplus
}
#endif
#endif
