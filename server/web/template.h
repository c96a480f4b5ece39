/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Templates: how a tree of JSON becomes HTML. Nothing in it becomes markup: there is no tag that
 * puts a value out as it is.
 *
 *   {{name}}          the value as text, escaped for text and for attributes alike; a whole number
 *                     with its thousands parted. `a.b` is a member's member, `.` the item itself
 *   {{marked name}}   a highlight as the API's format=html has it: its <mark>s are marks, and
 *                     whatever else looks like markup is text
 *   {{url name}}      an address, where it is one of the web or of this page; else nothing
 *   {{#name}}…{{/name}}   once for each item of a list; once for what is an object, and not empty,
 *                     false, 0 or null; names are looked up there first, then outwards
 *   {{^name}}…{{/name}}   where there is no such thing
 *   {{>name}}         another template, here
 *
 * A name that nobody knows is empty. */
#ifndef LEDE_SERVER_WEB_TEMPLATE_H
#define LEDE_SERVER_WEB_TEMPLATE_H

#include "lede/buffer.h"

#include <jansson.h>

/* Append a template's text for this data.
 * name  of a file of server/web/templates without its end: "page"
 * Status: OK; EINTERNAL no such template, or it is broken (a section that does not end); ENOMEM.
 * Threads: any. */
LEDE_CHECKED enum lede_status lede_template_render(
    const char *name, const json_t *data, struct lede_buffer *out, struct lede_error *reterr);

#endif
