/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text out of marked-up text, in paragraphs: what is a block stands alone, white space is single,
 * scripts and styles are not read. For HTML, XHTML and NITF, whoever parses them. */
#ifndef LEDE_TEXT_FLOW_H
#define LEDE_TEXT_FLOW_H

#include "lede/buffer.h"

struct lede_text_flow {
    struct lede_buffer *out; /* borrowed; appended to */
    size_t start;            /* of the flow in it */
    unsigned breaks;         /* line breaks that are due before the next text */
    bool space_is_due;
    unsigned hidden;  /* elements that are not read, one in the other */
    bool blanks_part; /* a blank line is the end of a paragraph, as WordPress writes
                         posts; set by the caller */
    unsigned kept;    /* elements whose line breaks count: pre */
};

/* out  where the text goes; what is in it stays */
void lede_text_flow_begin(struct lede_text_flow *flow, struct lede_buffer *out);
/* Text between tags, in UTF-8, entities resolved; it may come in pieces. */
void lede_text_flow_text(struct lede_text_flow *flow, const char *text, size_t size);
/* An element begins, ends; its name without prefix, in any case. */
void lede_text_flow_open(struct lede_text_flow *flow, const char *element);
void lede_text_flow_close(struct lede_text_flow *flow, const char *element);

/* Append the text of HTML in UTF-8, a whole page or a piece of one. Status: OK; ENOMEM. Threads:
 * any. */
LEDE_CHECKED enum lede_status lede_html_text(
    const char *html, size_t size, struct lede_buffer *out, struct lede_error *reterr);
/* The same into a flow that was begun. */
LEDE_CHECKED enum lede_status lede_html_flow(
    struct lede_text_flow *flow, const char *html, size_t size, struct lede_error *reterr);

#endif
