/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTML as libgumbo reads it: a tree of our own over it, its text, its article.
 *
 * libgumbo checks no allocation and frees by recursion, so that all its memory is one arena with a
 * bound, which ends a parse that would pass it. Nesting is bounded before. */
#ifndef LEDE_IMPORT_PAGE_H
#define LEDE_IMPORT_PAGE_H

#include "lede/buffer.h"
#include "lede/model.h"

#include <gumbo.h>

#define LEDE_HTML_PAGE_DEPTH_MAX 512                        /* what browsers have, too */
#define LEDE_HTML_PAGE_ATTRIBUTES_MAX 1024                  /* of an element */
#define LEDE_HTML_PAGE_BYTES_MAX ((size_t)16 << 20)         /* of a page */
#define LEDE_HTML_PAGE_MEMORY_BYTES_MAX ((size_t)512 << 20) /* of its tree */

/* An element or a text of a page. What is never shown (scripts, styles, templates) has no node. */
struct lede_html_page_node {
    const GumboNode *gumbo;
    struct lede_html_page_node *parent, *first, *last, *next; /* next: of the same parent */
    uint32_t text_bytes;                                      /* of all text inside */
    uint32_t link_bytes;                                      /* of that, inside links */
    uint32_t commas;                                          /* of that */
    bool is_apart; /* navigation, comments, advertising */
    double score;  /* html_main.c */
};

struct lede_html_page {
    const GumboNode *document;        /* of libgumbo, whole */
    struct lede_html_page_node *root; /* of ours: what is shown */
    struct lede_arena arena;          /* of both */
};

/* Parse a page or a piece of one.
 * text  UTF-8; borrowed as long as the result
 * Status: OK; ELIMIT it is too large, too deep, or takes too much memory: which, and how much was
 * expected; ENOMEM. One thread. */
LEDE_CHECKED enum lede_status lede_html_page_parse(
    const char *text, size_t size, struct lede_html_page *ret_html, struct lede_error *reterr);
void lede_html_page_done(struct lede_html_page *html);

/* The attribute's value; NULL: it has none, or is no element. */
const char *lede_html_page_attribute(const GumboNode *node, const char *name);
bool lede_html_page_is(const GumboNode *node, GumboTag tag);

/* Append what is shown of a node and all inside, in paragraphs (text_flow.h).
 * has_apart  also what is apart */
void lede_html_page_append_text(
    const struct lede_html_page_node *node, bool has_apart, struct lede_buffer *text);

/* Mark what is apart, and find the node that holds the main text; NULL: there is none. */
const struct lede_html_page_node *lede_html_page_find_main(struct lede_html_page *html);

/* What a page says of itself and shows, as an object:
 *   jsonld     the first item of schema.org's that is an article
 *   meta       by name, property or itemprop in lower case, ':' for '.': those that tell of the
 *              article; the first of each, authors and tags all
 *   headline   the article's; `title` of <title>, without the site's name; h1
 *   authors    an array, of the surest place; `time` as shown
 *   canonical, language, text
 * Status: as lede_html_page_parse(). */
LEDE_CHECKED enum lede_status lede_html_page_describe(
    const char *html, size_t size, json_t **ret_page, struct lede_error *reterr);

/* Append a page in UTF-8.
 * charset  what was declared outside, NULL: nothing. Then what the page says (a byte-order mark,
 *          <meta>), else UTF-8 where it is that, else Windows-1252
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_html_page_decode(const char *charset, const char *text,
    size_t size, struct lede_buffer *out, struct lede_error *reterr);

#endif
