/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of a table over a tree: where a path leads to a value, the value moves into the document. */
#include "mapping.h"

#include "conversions.h"
#include "lede/model.h"
#include "lede/schema.h"

#include <stdlib.h>
#include <string.h>

enum { STEP_BYTES_MAX = 64, CONDITION_BYTES_MAX = 64 };

/* One step of a path, taken apart. */
struct step {
    char name[STEP_BYTES_MAX];
    char attribute[CONDITION_BYTES_MAX]; /* with its '@'; "": no condition */
    char value[CONDITION_BYTES_MAX];     /* "": any */
    bool must_lack;
    bool is_prefix, is_suffix;
    const char *rest; /* of the path; NULL: this is the last step */
};

struct walk {
    const struct lede_mapping *row;
    json_t *document;
    struct lede_row_count *count; /* NULL: nobody asks */
    bool is_list;
    bool is_around; /* the context is looked through: it stays as it is */
    bool failed;
};

static void copy(char *into, size_t capacity, const char *from, size_t size)
{
    size = size < capacity ? size : capacity - 1;
    memcpy(into, from, size);
    into[size] = '\0';
}

static void read_condition(const char *text, size_t size, struct step *step)
{
    step->must_lack = size > 0 && text[0] == '!';
    text += step->must_lack;
    size -= step->must_lack;
    const char *equals = memchr(text, '=', size);
    size_t name = equals ? (size_t)(equals - text) : size;
    copy(step->attribute, sizeof step->attribute, text, name);
    if (!equals)
        return;
    size_t value = size - name - 1;
    step->is_suffix = value > 0 && equals[1] == '*';
    step->is_prefix = !step->is_suffix && value > 0 && equals[value] == '*';
    copy(step->value, sizeof step->value, equals + 1 + step->is_suffix,
        value - step->is_prefix - step->is_suffix);
}

static struct step read_step(const char *path)
{
    struct step step = {0};
    size_t name = strcspn(path, path[0] == '@' ? "" : "/[@");
    copy(step.name, sizeof step.name, path, name);
    const char *rest = path + name;
    if (*rest == '[') {
        size_t size = strcspn(rest, "]");
        read_condition(rest + 1, size - 1, &step);
        rest += size + 1;
    }
    if (*rest == '/')
        rest++;
    step.rest = *rest ? rest : NULL;
    return step;
}

static bool fulfils(const struct step *step, const json_t *node)
{
    if (!step->attribute[0])
        return true;
    const char *found = json_string_value(json_object_get(node, step->attribute));
    if (step->must_lack || !step->value[0])
        return (found != NULL) != step->must_lack;
    size_t size = strlen(step->value), found_size = found ? strlen(found) : 0;
    if (found_size < size || (found_size > size && !step->is_prefix && !step->is_suffix))
        return false;
    return memcmp(step->is_suffix ? found + found_size - size : found, step->value, size) == 0;
}

/* ---- Giving a value to a field ---- */

static bool has_value(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_equal(json_array_get(list, i), value))
            return true;
    }
    return false;
}

static bool give_list(struct walk *walk, json_t *object, const char *key, json_t *value)
{
    json_t *list = json_object_get(object, key);
    if (!list) {
        list = json_array();
        walk->failed = walk->failed || json_object_set_new(object, key, list) != 0;
    }
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    if (json_array_size(list) + count > LEDE_LIST_ITEMS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
        if (!has_value(list, item))
            walk->failed = walk->failed || json_array_append(list, item) != 0;
    }
    return true;
}

/* Returns whether the field takes it. */
static bool give(struct walk *walk, const char *field, json_t *value)
{
    json_t *object = walk->document;
    const char *slash = strchr(field, '/');
    const char *key = slash ? slash + 1 : field;
    if (slash) {
        char outer[STEP_BYTES_MAX];
        copy(outer, sizeof outer, field, (size_t)(slash - field));
        object = json_object_get(object, outer);
        if (!object) {
            object = json_object();
            walk->failed = walk->failed || json_object_set_new(walk->document, outer, object) != 0;
        }
    }
    const struct lede_field *known = lede_field_by_key(field, strlen(field));
    if (known && known->kind == LEDE_KIND_LIST)
        return give_list(walk, object, key, value);
    if (json_object_get(object, key))
        return false;
    walk->failed = walk->failed || json_object_set(object, key, value) != 0;
    return true;
}

/* The text of a value, "" where it has none. */
static json_t *text_of(json_t *node, bool *ret_is_markup)
{
    json_t *markup = json_object_get(node, "#markup");
    *ret_is_markup = markup != NULL;
    if (json_is_object(node))
        return markup ? markup : json_object_get(node, "#text");
    return node;
}

/* Returns whether the row takes the value of a node. */
static bool take(struct walk *walk, json_t *node)
{
    bool is_markup = false;
    json_t *text = text_of(node, &is_markup);
    bool is_bare = walk->row->conversion == LEDE_CONVERT_CANCELED;
    char number[32] = "";
    if (json_is_integer(text))
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(text));
    const char *string = json_is_string(text) ? json_string_value(text) : number;
    size_t size = json_is_string(text) ? json_string_length(text) : strlen(number);
    if (size == 0 && !is_bare)
        return false;
    if (walk->row->conversion == LEDE_CONVERT_NONE)
        return true;
    json_auto_t *value =
        lede_convert(walk->row->conversion, string, size, is_markup, &walk->failed);
    if (!value)
        return false;
    bool is_taken = give(walk, walk->row->field, value) ||
                    (walk->row->otherwise && give(walk, walk->row->otherwise, value));
    if (is_taken && walk->count)
        lede_row_count_add(walk->count, string, size);
    /* Of what is only said in part, the rest stays. */
    bool is_whole = walk->row->conversion != LEDE_CONVERT_CANCELED &&
                    !(walk->row->conversion == LEDE_CONVERT_PERSON && is_markup);
    return is_taken && is_whole;
}

/* ---- Following a path ---- */

static bool follow(struct walk *walk, json_t *node, const char *path);

/* Of a node that was taken, what else it has stays. */
static json_t *left_of(json_t *node, const struct step *step)
{
    if (!json_is_object(node))
        return NULL;
    json_object_del(node, "#text");
    json_object_del(node, "#markup");
    if (step->attribute[0])
        json_object_del(node, step->attribute);
    return node;
}

/* One value under a step's name. Returns whether nothing of it is left. */
static bool meet(struct walk *walk, json_t *node, const struct step *step)
{
    if (!fulfils(step, node))
        return false;
    if (step->rest) {
        if (follow(walk, node, step->rest) && step->attribute[0] && !walk->is_around)
            json_object_del(node, step->attribute);
        return false;
    }
    return take(walk, node) && !walk->is_around && !left_of(node, step);
}

/* Returns whether anything was met under the name. */
static bool follow(struct walk *walk, json_t *node, const char *path)
{
    struct step step = read_step(path);
    json_t *found = json_object_get(node, step.name);
    bool is_met = found != NULL;
    for (size_t i = 0; json_is_array(found) && i < json_array_size(found); i++) {
        if (meet(walk, json_array_get(found, i), &step))
            json_array_set_new(found, i, json_null());
    }
    for (size_t i = 0; json_is_array(node) && i < json_array_size(node); i++)
        is_met = follow(walk, json_array_get(node, i), path) || is_met;
    if (found && !json_is_array(found) && meet(walk, found, &step))
        json_object_set_new(node, step.name, json_null());
    return is_met;
}

/* The same path in a node, then in all that is in it. */
static void follow_anywhere(struct walk *walk, json_t *node, const char *path)
{
    const char *key = NULL;
    json_t *inner = NULL;
    (void)follow(walk, node, path);
    json_object_foreach (node, key, inner) {
        for (size_t i = 0; i < json_array_size(inner); i++)
            follow_anywhere(walk, json_array_get(inner, i), path);
        if (json_is_object(inner))
            follow_anywhere(walk, inner, path);
    }
}

static bool has_field(const json_t *document, const char *field)
{
    char outer[STEP_BYTES_MAX];
    copy(outer, sizeof outer, field, strcspn(field, "/"));
    return json_object_get(document, outer) != NULL;
}

enum lede_status lede_mapping_apply(const struct lede_mapping *rows, json_t *record,
    json_t *context, json_t *document, struct lede_explanation *explanation)
{
    bool failed = false;
    for (size_t i = 0; rows[i].path && !failed; i++) {
        struct walk walk = {.row = &rows[i], .document = document};
        walk.is_around = rows[i].path[0] == '^';
        walk.count = explanation ? lede_explanation_row(explanation, i) : NULL;
        bool is_anywhere = strncmp(rows[i].path, "**/", 3) == 0;
        if (is_anywhere)
            follow_anywhere(&walk, record, rows[i].path + 3);
        else if (!walk.is_around)
            (void)follow(&walk, record, rows[i].path);
        bool is_wanted = walk.is_around && !has_field(document, rows[i].field);
        for (size_t j = 0; is_wanted && j < json_array_size(context); j++) {
            (void)follow(&walk, json_array_get(context, j), rows[i].path + 1);
            is_wanted = !has_field(document, rows[i].field);
        }
        failed = walk.failed;
    }
    return failed ? LEDE_ENOMEM : LEDE_OK;
}

static bool is_something(json_t *value)
{
    if (json_is_string(value))
        return json_string_length(value) > 0;
    return json_is_object(value) || json_is_array(value) ? lede_mapping_prune(value)
                                                         : !json_is_null(value);
}

bool lede_mapping_prune(json_t *tree)
{
    const char *key = NULL;
    json_t *value = NULL;
    void *next = NULL;
    json_object_foreach_safe (tree, next, key, value) {
        if (!is_something(value))
            json_object_del(tree, key);
    }
    for (size_t i = json_array_size(tree); i > 0; i--) {
        if (!is_something(json_array_get(tree, i - 1)))
            json_array_remove(tree, i - 1);
    }
    return json_object_size(tree) + json_array_size(tree) > 0;
}
