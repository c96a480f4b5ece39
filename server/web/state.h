/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the page does with its state: changes of it are addresses. Values are borrowed, and live as
 * long as the page is written. */
#ifndef LEDE_SERVER_WEB_STATE_H
#define LEDE_SERVER_WEB_STATE_H

#include "lede/web.h"

#define LEDE_STATE_OFFSET_MAX 10000 /* the API's */

/* The filters' names, one after the other; NULL behind the last. */
const char *lede_state_filter_at(size_t index);
/* Is it a filter, which may have several values? One that is excluded begins with '-'. */
bool lede_state_is_list(const char *name);
bool lede_state_has(const struct lede_web_state *state, const char *name, const char *value);
/* Add a value to a list; name is static. */
void lede_state_add(struct lede_web_state *state, const char *name, const char *value);
/* Replace all values of a name; NULL or "": there is none any more. */
void lede_state_set(struct lede_web_state *state, const char *name, const char *value);
/* Take a value out of a list, chosen or excluded. */
void lede_state_remove(struct lede_web_state *state, const char *name, const char *value);
/* A copy to change: a changed search starts at its first page, and shows results. */
struct lede_web_state lede_state_changed(const struct lede_web_state *state);
/* The query and its order alone. */
struct lede_web_state lede_state_without_filters(const struct lede_web_state *state);
/* Is it bound by anything but its query? */
bool lede_state_is_narrowed(const struct lede_web_state *state);
/* Its address relative to the page, so that Lede works under a path behind a proxy, too; NULL
 * without memory. The caller's, as json_string() gives it. */
json_t *lede_state_address(const struct lede_web_state *state);
/* The same parameters at another path: "search.atom". */
json_t *lede_state_path_address(const struct lede_web_state *state, const char *path);

#endif
