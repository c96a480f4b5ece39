/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is inside a container (an archive, a WARC, a mailbox), read as if it were a file: of any
 * format, recognised in the same way. */
#ifndef LEDE_IMPORT_NESTED_H
#define LEDE_IMPORT_NESTED_H

#include "format.h"

struct lede_nested {
    struct lede_splitter *splitter; /* NULL: nothing is under way */
    const struct lede_splitting *splitting;
    char *name;              /* for people: where in the container */
    char *media_type;        /* NULL: nothing was declared */
    struct lede_buffer text; /* of lede_nested_begin_text() */
    struct lede_memory_source source;
};

/* Begin with a member.
 * name        what it is called; its ending says what it may be
 * media_type  what was declared; NULL: nothing
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_nested_begin(struct lede_nested *nested,
    const struct lede_format_input *outer, const char *name, const char *media_type, bool is_utf8,
    lede_read_function read, void *context, struct lede_error *reterr);
/* The same with nested->text, which is read whole. */
LEDE_CHECKED enum lede_status lede_nested_begin_text(struct lede_nested *nested,
    const struct lede_format_input *outer, const char *name, const char *media_type, bool is_utf8,
    struct lede_error *reterr);
/* The next item of it. What cannot be read is an item, too, with the member's name before its
 * message. *ret_more false: the member has ended.
 * Status: OK; EIO and others that what reads gave; ENOMEM. */
LEDE_CHECKED enum lede_status lede_nested_next(struct lede_nested *nested,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr);
/* Leave the member. nested->text stays empty. */
void lede_nested_end(struct lede_nested *nested);
void lede_nested_done(struct lede_nested *nested);

#endif
