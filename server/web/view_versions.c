/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The versions of the story that is read, and what differs between two of them. */
#include "prose.h"
#include "view.h"

#include <string.h>

static const json_t *differences_of(const struct view *view)
{
    return json_object_get(view->page->versions, "differences");
}

bool view_is_compared(const struct view *view)
{
    return differences_of(view) != NULL;
}

/* ---- The list ---- */

static json_t *address_of(const struct view *view, const char *document, const char *against)
{
    struct lede_web_state next = *view->state;
    lede_state_set(&next, "document", document);
    lede_state_set(&next, "against", against);
    return lede_state_address(&next);
}

/* What a version does not have is not to be looked up in the document around it. */
static void put_nothing_for_rest(struct view *view, json_t *row)
{
    static const char *const keys[] = {"published", "received", "updated", "original", "lang"};
    for (size_t i = 0; i < LEDE_COUNT_OF(keys); i++) {
        if (!json_object_get(row, keys[i]))
            view_put(view, row, keys[i], json_null());
    }
}

static json_t *version_object(struct view *view, const json_t *version)
{
    json_t *row = json_object();
    const json_t *document = json_object_get(version, "document");
    const char *id = view_text(version, "id");
    const char *read = lede_web_state_get(view->state, "document");
    view_put(view, row, "title", lede_prose_headline(document, id));
    view_put(view, row, "is_this", json_boolean(strcmp(id, read) == 0));
    view_put(view, row, "is_against",
        json_boolean(strcmp(id, view_text(differences_of(view), "against")) == 0));
    view_put(view, row, "href", address_of(view, id, NULL));
    view_put(view, row, "differs", address_of(view, read, id));
    view_put_origin(view, row, document, id);
    view_put(view, row, "sections", json_array());
    put_nothing_for_rest(view, row);
    return row;
}

/* Who ran it first: the oldest comes first, unless it names no date. */
static void put_first(struct view *view, json_t *versions, const json_t *list)
{
    const json_t *document = json_object_get(json_array_get(list, 0), "document");
    json_t *moment = lede_prose_moment(view_text(document, "published"));
    if (!moment)
        return;
    json_t *first = view_put_object(view, versions, "first");
    view_put_text(view, first, "by", view_text(document, "source"));
    view_put(view, first, "moment", moment);
}

static const json_t *find_version(const json_t *list, const char *id)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *version = json_array_get(list, i);
        if (strcmp(view_text(version, "id"), id) == 0)
            return json_object_get(version, "document");
    }
    return NULL;
}

/* A document of another story may be compared, too; its name is not known here. */
static void put_against(struct view *view, json_t *versions, const json_t *list)
{
    const json_t *differences = differences_of(view);
    const char *unit = view_text(json_object_get(differences, "body"), "unit");
    const char *id = view_text(differences, "against");
    if (!differences)
        return;
    json_t *against = view_put_object(view, versions, "against");
    view_put_origin(view, against, find_version(list, id), id);
    put_nothing_for_rest(view, against);
    view_put(view, against, "is_coarse", json_boolean(unit[0] && strcmp(unit, "words") != 0));
    view_put(view, against, "plain",
        address_of(view, lede_web_state_get(view->state, "document"), NULL));
}

void view_put_versions(struct view *view, json_t *object)
{
    const json_t *list = json_object_get(view->page->versions, "versions");
    json_int_t total = json_integer_value(json_object_get(view->page->versions, "total"));
    if (total < 2 && !view_is_compared(view))
        return;
    json_t *versions = view_put_object(view, object, "versions");
    view_put(view, versions, "count", json_integer(total > 0 ? total - 1 : 0));
    view_put(view, versions, "is_one", json_boolean(total == 2));
    view_put(view, versions, "is_open", json_boolean(view_is_compared(view)));
    put_first(view, versions, list);
    put_against(view, versions, list);
    json_t *rows = view_put_list(view, versions, "rows");
    for (size_t i = 0; i < json_array_size(list); i++)
        view_add(view, rows, version_object(view, json_array_get(list, i)));
}

/* ---- A text ---- */

void view_compared_text(
    struct view *view, const char *field, struct lede_buffer *out, json_t **ret_marks)
{
    const json_t *runs = json_object_get(json_object_get(differences_of(view), field), "runs");
    *ret_marks = json_array();
    for (size_t i = 0; i < json_array_size(runs); i++) {
        const json_t *run = json_array_get(runs, i), *text = json_object_get(run, "text");
        const char *change = view_text(run, "change");
        json_int_t kind = strcmp(change, "deleted") == 0    ? LEDE_PROSE_DELETED
                          : strcmp(change, "inserted") == 0 ? LEDE_PROSE_INSERTED
                                                            : 0;
        if (kind != 0)
            view_add(view, *ret_marks,
                json_pack("[I, I, I]", (json_int_t)out->size, (json_int_t)json_string_length(text),
                    kind));
        lede_buffer_append(out, view_text(run, "text"), json_string_length(text));
    }
}
