/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open elements are frames. What stands outside of records gathers in the frames of their parents:
 * it is the context that rows with '^' look through. Elements that a row reads as HTML are not made
 * trees of but text in paragraphs, as they come. */
#include "xml_tree.h"

#include "xml_names.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_MAX = 50,       /* what is not mapped is JSON, which has a depth, too */
    NODE_BYTES = 64,      /* what an element or attribute costs beside its text */
    FAULT_BYTES_MAX = 200 /* of what a fault says */
};

/* ---- What is ready ---- */

static struct lede_xml_entry *add_entry(struct lede_xml_tree *tree)
{
    if (!LEDE_ARRAY_RESERVE(tree->entries, tree->entry_capacity, tree->count + 1)) {
        tree->failed = true;
        return NULL;
    }
    struct lede_xml_entry *entry = &tree->entries[tree->count++];
    *entry = (struct lede_xml_entry){.line = tree->record_line};
    return entry;
}

void lede_xml_entry_done(struct lede_xml_entry *entry)
{
    json_decref(entry->record);
    json_decref(entry->context);
    entry->record = entry->context = NULL;
}

/* ---- Names and values ---- */

static void append_name(
    struct lede_xml_tree *tree, const char *local, const char *prefix, const char *uri)
{
    const struct lede_xml_details *details = tree->input->format->details;
    const char *known = uri ? lede_xml_prefix(details->namespaces, uri) : NULL;
    if (!known)
        known = prefix ? prefix : "";
    if (known[0]) {
        lede_buffer_append_string(&tree->path, known);
        lede_buffer_append_char(&tree->path, ':');
    }
    lede_buffer_append_string(&tree->path, local);
}

static void spend(struct lede_xml_tree *tree, size_t bytes)
{
    size_t *cost = tree->record_depth > 0 ? &tree->cost : &tree->cost_outside;
    *cost += bytes;
    if (*cost <= tree->input->document_bytes_max)
        return;
    if (tree->record_depth > 0) {
        tree->is_over = true;
    } else if (tree->end.status == LEDE_OK) {
        (void)lede_fail(&tree->end, LEDE_EINPUT,
            "line %llu: expected at most %zu bytes outside of documents, found more",
            (unsigned long long)tree->line, tree->input->document_bytes_max);
    }
}

/* Put a value into an object; what comes more than once is an array. Takes the value. */
static void put(struct lede_xml_tree *tree, json_t **object, const char *key, json_t *value)
{
    if (!*object)
        *object = json_object();
    json_t *before = json_object_get(*object, key);
    bool is_put = false;
    if (before && !json_is_array(before)) {
        json_t *list = json_pack("[O]", before);
        is_put =
            list && json_array_append(list, value) == 0 && json_object_set(*object, key, list) == 0;
        json_decref(list);
    } else {
        is_put = value && (before ? json_array_append(before, value)
                                  : json_object_set(*object, key, value)) == 0;
    }
    json_decref(value);
    tree->failed = tree->failed || !is_put;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The text of the top frame, without white space around it. */
static json_t *take_text(struct lede_xml_tree *tree, const struct lede_xml_frame *frame)
{
    const char *text = tree->text.data ? tree->text.data + frame->text_at : "";
    size_t size = tree->text.size - frame->text_at;
    for (; size > 0 && is_space(text[0]); size--)
        text++;
    while (size > 0 && is_space(text[size - 1]))
        size--;
    json_t *value = json_stringn(text, size);
    tree->failed = tree->failed || !value;
    return value;
}

/* ---- Elements ---- */

/* Do two paths name the same, if the first one's conditions are left out? */
static bool is_path(const char *row, const char *path)
{
    if (strncmp(row, "**/", 3) == 0) {
        row += 3;
        size_t size = strlen(row), path_size = strlen(path);
        path += path_size > size && path[path_size - size - 1] == '/' ? path_size - size : 0;
    }
    while (*row && *path) {
        if (*row == '[') {
            row += strcspn(row, "]") + 1;
            continue;
        }
        if (*row++ != *path++)
            return false;
    }
    if (*row == '[')
        row += strcspn(row, "]") + 1;
    return !*row && !*path;
}

static bool is_html(const struct lede_xml_tree *tree)
{
    const char *path = tree->path.data + tree->frames[tree->record_depth - 1].path_at;
    path = strchr(path, '/');
    for (const struct lede_mapping *row = tree->input->format->rows; path && row->path; row++) {
        bool is_marked = row->conversion == LEDE_CONVERT_HTML ||
                         row->conversion == LEDE_CONVERT_HTML_LINE ||
                         row->conversion == LEDE_CONVERT_PERSON;
        if (is_marked && is_path(row->path, path + 1))
            return true;
    }
    return false;
}

static bool is_record(const struct lede_xml_tree *tree)
{
    const struct lede_xml_details *details = tree->input->format->details;
    for (size_t i = 0; details->records[i]; i++) {
        if (strcmp(details->records[i], tree->path.data) == 0)
            return true;
    }
    return false;
}

static void pop_frame(struct lede_xml_tree *tree)
{
    struct lede_xml_frame *frame = &tree->frames[--tree->depth];
    json_decref(frame->object);
    tree->path.size = frame->path_at > 0 ? frame->path_at - 1 : 0;
    tree->text.size = frame->text_at;
    if (tree->path.data)
        tree->path.data[tree->path.size] = '\0';
}

static void end_record(struct lede_xml_tree *tree)
{
    struct lede_xml_frame *frame = &tree->frames[tree->depth - 1];
    struct lede_xml_entry *entry = add_entry(tree);
    if (entry && tree->fault.status != LEDE_OK) {
        entry->error = tree->fault;
    } else if (entry && tree->is_over) {
        (void)lede_fail(&entry->error, LEDE_ELIMIT,
            "document: expected at most %zu bytes, found more", tree->input->document_bytes_max);
    } else if (entry) {
        entry->record = frame->object ? json_incref(frame->object) : json_object();
        entry->context = json_array();
        for (size_t i = tree->depth - 1; i > 0; i--)
            tree->failed = tree->failed ||
                           (tree->frames[i - 1].object &&
                               json_array_append(entry->context, tree->frames[i - 1].object) != 0);
        tree->failed = tree->failed || !entry->record || !entry->context;
    }
    tree->record_depth = 0;
    tree->fault = (struct lede_error){0};
    tree->is_over = false;
    tree->cost = 0;
}

/* A record begins inside a broken record of the same name: what should have ended that one was
 * taken for the end of something in it. */
static void leave_broken_record(struct lede_xml_tree *tree, const char *name)
{
    const char *own = tree->path.data + tree->frames[tree->record_depth - 1].path_at;
    size_t size = strcspn(own, "/");
    if (strlen(name) != size || memcmp(own, name, size) != 0)
        return;
    while (tree->depth > tree->record_depth)
        pop_frame(tree);
    end_record(tree);
    pop_frame(tree);
    tree->html_depth = tree->skipped = 0;
    tree->flows = false;
}

static void add_attributes(struct lede_xml_tree *tree, struct lede_xml_frame *frame, size_t count,
    const unsigned char *const *attributes)
{
    size_t path = tree->path.size;
    for (size_t i = 0; i < count; i++) {
        const unsigned char *const *a = attributes + 5 * i;
        size_t size = (size_t)(a[4] - a[3]);
        spend(tree, size + NODE_BYTES);
        if (tree->is_over || tree->end.status != LEDE_OK)
            return;
        lede_buffer_append_char(&tree->path, '@');
        append_name(tree, (const char *)a[0], (const char *)a[1], (const char *)a[2]);
        if (!tree->path.failed)
            put(tree, &frame->object, tree->path.data + path,
                json_stringn((const char *)a[3], size));
        tree->path.size = path;
        if (tree->path.data)
            tree->path.data[path] = '\0';
    }
}

/* An element inside one that is taken as text. What came before it was text, too. */
static void open_html(struct lede_xml_tree *tree, const char *name)
{
    if (!tree->flows) {
        struct lede_xml_frame *frame = &tree->frames[tree->depth - 1];
        struct lede_buffer before = {0};
        lede_buffer_append(&before, tree->text.data ? tree->text.data + frame->text_at : "",
            tree->text.size - frame->text_at);
        tree->text.size = frame->text_at;
        lede_text_flow_begin(&tree->flow, &tree->text);
        if (before.size > 0)
            lede_text_flow_text(&tree->flow, before.data, before.size);
        tree->failed = tree->failed || before.failed;
        lede_buffer_done(&before);
        tree->flows = true;
    }
    tree->html_depth++;
    lede_text_flow_open(&tree->flow, name);
}

/* Elements below the deepest frame are not kept; a record that has some is refused. */
static void skip_deep(struct lede_xml_tree *tree)
{
    if (tree->skipped++ == 0 && tree->record_depth > 0 && tree->fault.status == LEDE_OK)
        (void)lede_fail(&tree->fault, LEDE_EINPUT,
            "expected at most %d elements inside each other, found more at line %llu", DEPTH_MAX,
            (unsigned long long)tree->line);
}

void lede_xml_tree_open(struct lede_xml_tree *tree, const char *local, const char *prefix,
    const char *uri, size_t attribute_count, const unsigned char *const *attributes)
{
    spend(tree, NODE_BYTES);
    if (tree->record_depth > 0 && tree->fault.status != LEDE_OK)
        leave_broken_record(tree, local);
    bool is_inside =
        tree->depth > 0 && tree->record_depth > 0 && tree->frames[tree->depth - 1].is_html;
    if (is_inside) {
        open_html(tree, local);
        return;
    }
    if (tree->depth == DEPTH_MAX) {
        skip_deep(tree);
        return;
    }
    if (!LEDE_ARRAY_RESERVE(tree->frames, tree->frame_capacity, tree->depth + 1)) {
        tree->failed = true;
        (void)lede_fail_memory(&tree->end);
        return;
    }
    if (tree->depth > 0)
        lede_buffer_append_char(&tree->path, '/');
    struct lede_xml_frame *frame = &tree->frames[tree->depth++];
    *frame = (struct lede_xml_frame){.path_at = tree->path.size, .text_at = tree->text.size};
    append_name(tree, local, prefix, uri);
    if (tree->path.failed)
        return;
    if (tree->record_depth == 0 && is_record(tree)) {
        tree->record_depth = tree->depth;
        tree->record_line = tree->line;
        tree->fault = (struct lede_error){0};
    } else if (tree->record_depth > 0) {
        frame->is_html = is_html(tree);
    }
    add_attributes(tree, frame, attribute_count, attributes);
}

/* Give what an element was to its parent. */
static void attach(struct lede_xml_tree *tree, struct lede_xml_frame *frame, bool is_markup)
{
    json_t *text = take_text(tree, frame);
    json_t *value = text;
    const char *key = is_markup ? "#markup" : "#text";
    if (frame->object || is_markup) {
        if (json_string_length(text) > 0)
            put(tree, &frame->object, key, text);
        else
            json_decref(text);
        value = json_incref(frame->object);
    }
    struct lede_xml_frame *parent = frame - 1;
    if (value)
        put(tree, &parent->object, tree->path.data + frame->path_at, value);
}

static void close_frame(struct lede_xml_tree *tree, const char *local)
{
    if (tree->depth == 0 || tree->path.failed)
        return;
    struct lede_xml_frame *frame = &tree->frames[tree->depth - 1];
    const char *name = tree->path.data + frame->path_at;
    const char *colon = strchr(name, ':');
    if (strcmp(colon ? colon + 1 : name, local) != 0)
        return; /* of a record that was left */
    bool is_markup = tree->flows;
    tree->flows = false;
    if (tree->depth == tree->record_depth)
        end_record(tree);
    else if (tree->depth > 1 && !tree->is_over && tree->end.status == LEDE_OK)
        attach(tree, frame, is_markup);
    pop_frame(tree);
}

void lede_xml_tree_close(struct lede_xml_tree *tree, const char *local)
{
    if (tree->html_depth > 0) {
        tree->html_depth--;
        lede_text_flow_close(&tree->flow, local);
    } else if (tree->skipped > 0) {
        tree->skipped--;
    } else {
        close_frame(tree, local);
    }
}

void lede_xml_tree_text(struct lede_xml_tree *tree, const char *text, size_t size)
{
    spend(tree, size);
    if (tree->is_over || tree->end.status != LEDE_OK)
        return;
    if (tree->flows)
        lede_text_flow_text(&tree->flow, text, size);
    else
        lede_buffer_append(&tree->text, text, size);
}

void lede_xml_tree_fault(struct lede_xml_tree *tree, const char *found)
{
    bool is_inside = tree->record_depth > 0;
    if (tree->fault.status != LEDE_OK || (!is_inside && tree->has_outside_fault))
        return;
    size_t size = strlen(found);
    while (size > 0 && is_space(found[size - 1]))
        size--;
    (void)lede_fail(&tree->fault, LEDE_EINPUT, "expected well-formed XML, found a fault: %.*s",
        (int)(size < FAULT_BYTES_MAX ? size : FAULT_BYTES_MAX), found);
    if (is_inside)
        return;
    struct lede_xml_entry *entry = add_entry(tree);
    if (entry) {
        entry->line = tree->line;
        entry->error = tree->fault;
    }
    tree->has_outside_fault = true;
}

void lede_xml_tree_end(struct lede_xml_tree *tree)
{
    if (tree->record_depth == 0)
        return;
    while (tree->depth > tree->record_depth)
        pop_frame(tree);
    if (tree->fault.status == LEDE_OK)
        (void)lede_fail(&tree->fault, LEDE_EINPUT,
            "expected the end of the document that begins here, found the end of the file");
    end_record(tree);
}

bool lede_xml_tree_has_failed(const struct lede_xml_tree *tree)
{
    return tree->failed || tree->path.failed || tree->text.failed;
}

void lede_xml_tree_done(struct lede_xml_tree *tree)
{
    for (size_t i = 0; i < tree->depth; i++)
        json_decref(tree->frames[i].object);
    for (size_t i = tree->first; i < tree->count; i++)
        lede_xml_entry_done(&tree->entries[i]);
    lede_buffer_done(&tree->path);
    lede_buffer_done(&tree->text);
    free(tree->frames);
    free(tree->entries);
}
