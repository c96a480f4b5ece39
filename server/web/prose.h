/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of documents as they are set on a page: paragraphs, headlines, dates. */
#ifndef LEDE_SERVER_WEB_PROSE_H
#define LEDE_SERVER_WEB_PROSE_H

#include "lede/web.h"

enum { LEDE_PROSE_DELETED = 3, LEDE_PROSE_INSERTED = 4 };

/* A text's paragraphs: [{"pieces": [{"text"}, {"text", "mark": "3"}, {"break": true}]}].
 *
 * Blank lines part paragraphs. Within a block, news texts are often wrapped at a width by the
 * machine that sent them: a line that ends a sentence ends a paragraph, a line that is far shorter
 * than the widest keeps its break where the next one starts anew (a table, a list), and all others
 * are joined.
 * marks   [[start, size], …] in bytes of the text, ascending; NULL: none. With a third number,
 *         LEDE_PROSE_DELETED or INSERTED, it is no mark, but what differs from another version:
 *         {"text", "deleted": true}
 * number  of the last mark before these; counted on
 * Returns what the caller owns; NULL without memory. */
json_t *lede_prose_paragraphs(const char *text, size_t size, const json_t *marks, size_t *number);
/* The pieces of one line: a headline. */
json_t *lede_prose_pieces(const char *text, size_t size, const json_t *marks, size_t *number);

/* A document's name: its title, or the beginning of its text, or its id. Returns what the
 * caller owns. */
json_t *lede_prose_headline(const json_t *document, const char *id);

/* {"iso", "text"} of a moment as RFC 3339 has it: "18 Nov 2024, 10:30 UTC"; midnight is how a date
 * without a time is kept, and is a day alone. NULL: it is none. */
json_t *lede_prose_moment(const char *rfc3339);

/* Text as lede_template's `marked` reads it. */
json_t *lede_prose_escaped(const char *text, size_t size);

#endif
