/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lede mcp offers: tools that each ask the server once, and tell what it answered as text with
 * citations and as data. */
#ifndef LEDE_MCP_TOOLS_H
#define LEDE_MCP_TOOLS_H

#include "http_client.h"

/* The list of tools, as the protocol has it. owner: the caller; NULL: no memory. */
json_t *lede_mcp_tools_list(void);
/* Is there a tool of this name? */
bool lede_mcp_tool_exists(const char *name);
/* Call a tool that exists.
 * arguments   an object; NULL: none
 * ret_result  as the protocol has it; what went wrong in the tool is a result, too (isError).
 *             owner: the caller
 * Status: OK; EINPUT an argument is missing, unknown or of another type; ENOMEM. */
LEDE_CHECKED enum lede_status lede_mcp_tool_call(struct lede_http_client *client, const char *name,
    const json_t *arguments, json_t **ret_result, struct lede_error *reterr);

#endif
