/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what the API answers to what templates show. One file a part of the page; each function puts
 * its part into an object of the template's data. What fails for want of memory is noted in the
 * view, and the page is not shown then. */
#ifndef LEDE_SERVER_WEB_VIEW_H
#define LEDE_SERVER_WEB_VIEW_H

#include "state.h"

struct view {
    const struct lede_web_page *page;
    const struct lede_web_state *state;
    bool failed; /* there was no memory */
};

/* Put a member; value is taken, NULL: there was no memory for it. */
void view_put(struct view *view, json_t *object, const char *key, json_t *value);
void view_put_text(struct view *view, json_t *object, const char *key, const char *text);
/* Append to a list; item is taken. */
void view_add(struct view *view, json_t *list, json_t *item);
/* A new object, or a new list, that is a member already; borrowed, NULL without memory. */
json_t *view_put_object(struct view *view, json_t *object, const char *key);
json_t *view_put_list(struct view *view, json_t *object, const char *key);

/* A member's text, "" if it has none. */
const char *view_text(const json_t *object, const char *key);
/* How many texts a member is: a list's, or itself; and one of them. */
size_t view_count(const json_t *value);
const char *view_item(const json_t *value, size_t index);
/* Is the text an address that a link may lead to? http and https alone: a document can't smuggle in
 * "javascript:". */
bool view_is_web_address(const char *text);
/* What the page calls a filter, and one of its values. */
const char *view_filter_label(const char *name);
const char *view_value_label(const char *name, const char *value);

/* What hits and the document that is read have in common: source, sections, dates, language,
 * original, similar. */
void view_put_origin(struct view *view, json_t *object, const json_t *document, const char *id);

/* "results": count, order, hits, pages, what else there is to say. */
void view_put_results(struct view *view, json_t *root);
/* "chips", "facets", "dates" */
void view_put_filters(struct view *view, json_t *root);
void view_put_timeline(struct view *view, json_t *root);
/* "problem" of a search or of a document */
void view_put_problem(struct view *view, json_t *object, const json_t *problem);
/* "hints": other spellings, what a query was understood as */
void view_put_hints(struct view *view, json_t *object);
/* "empty": why there is nothing to see */
void view_put_empty(struct view *view, json_t *object);
/* "reading" */
void view_put_document(struct view *view, json_t *root);
/* "versions" of its story, if there are others. */
void view_put_versions(struct view *view, json_t *object);
/* Is the document compared with another? Then one of its texts as it differs: both versions' words,
 * what is deleted and inserted as marks of prose.h. ret_marks  the caller's */
bool view_is_compared(const struct view *view);
void view_compared_text(
    struct view *view, const char *field, struct lede_buffer *out, json_t **ret_marks);

#endif
