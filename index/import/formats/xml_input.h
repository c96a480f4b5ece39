/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream of XML as UTF-8 that a parser can take: in the charset that it names, and with what
 * newsrooms' software gets wrong put right, each byte of text kept.
 *
 * - The charset: what was declared outside, else the XML declaration, else what the beginning looks
 *   like, by libuchardet, where it is no UTF-8. Single bytes that are no UTF-8 where it should be
 *   are read as Windows-1252.
 * - '&' that begins no reference is a '&'. HTML's entities (&nbsp;) are their characters, for feeds
 *   name them without declaring them.
 * - Control characters that XML has not become spaces.
 *
 * Lines stay what they are. */
#ifndef LEDE_XML_INPUT_H
#define LEDE_XML_INPUT_H

#include "lede/import.h"

struct lede_xml_input;

/* read, context  borrowed. is_utf8  it was declared outside, and is so
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_xml_input_new(lede_read_function read, void *context,
    bool is_utf8, struct lede_xml_input **ret_input, struct lede_error *reterr);
void lede_xml_input_free(struct lede_xml_input *input);
/* The next block, valid until the next call; size 0 at the end. Status: OK; EMEDIATYPE a charset
 * that is not known; what read gave; ENOMEM. After EAGAIN the next call goes on. */
LEDE_CHECKED enum lede_status lede_xml_input_next(struct lede_xml_input *input,
    const char **ret_text, size_t *ret_size, struct lede_error *reterr);

#endif
