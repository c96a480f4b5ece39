/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LEDE_QUERY_PARSER_H
#define LEDE_QUERY_PARSER_H

#include "context.h"

/* Read the whole text. context: written to while it is read. The tree is in its arena. Status: OK;
 * EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_parse_tree(
    struct query_context *context, struct lede_query_node **ret_node);

#endif
