/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reading view: one whole document, set to be read, with its marks. */
#include "prose.h"
#include "view.h"

#include <stdio.h>
#include <string.h>

/* ---- The way to other documents ---- */

static void put_neighbour(struct view *view, json_t *way, const char *key, const json_t *hit)
{
    struct lede_web_state next = *view->state;
    if (!hit)
        return;
    lede_state_set(&next, "document", view_text(hit, "id"));
    lede_state_set(&next, "against", NULL);
    view_put(view, way, key, lede_state_address(&next));
}

/* Back to the list, and the documents beside this one in it. */
static void put_way(struct view *view, json_t *reading, const char *id)
{
    const json_t *hits = json_object_get(view->page->answer, "hits");
    struct lede_web_state list = *view->state;
    lede_state_set(&list, "document", NULL);
    lede_state_set(&list, "against", NULL);
    json_t *way = view_put_object(view, reading, "way");
    view_put(view, way, "back", lede_state_address(&list));
    for (size_t i = 0; i < json_array_size(hits); i++) {
        if (strcmp(view_text(json_array_get(hits, i), "id"), id) != 0)
            continue;
        put_neighbour(view, way, "previous", i > 0 ? json_array_get(hits, i - 1) : NULL);
        put_neighbour(view, way, "next", json_array_get(hits, i + 1));
    }
}

/* ---- Its parts ---- */

/* The marks of a field's text: ranges are told as fragments with the place where each starts. */
static json_t *marks_of(const struct view *view, const char *field)
{
    const json_t *fragment = json_array_get(json_object_get(view->page->marks, field), 0);
    return json_object_get(fragment, "marks");
}

static json_t *authors_text(const json_t *document)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer names = {0};
    const json_t *authors = json_object_get(document, "author");
    for (size_t i = 0; i < view_count(authors); i++)
        lede_buffer_append_format(&names, "%s%s", i > 0 ? ", " : "", view_item(authors, i));
    return names.failed ? NULL : json_string(names.data ? names.data : "");
}

/* Links to all documents that share a value, a group for each field: a tag and a place of one name
 * lead to different documents. */
static void put_topics(struct view *view, json_t *reading, const json_t *document)
{
    static const struct {
        const char *key, *filter, *label;
    } fields[] = {{"tags", "tag", "Topics"}, {"places", "place", "Places"},
        {"people", "person", "People"}, {"organisations", "organisation", "Organisations"}};
    json_t *groups = view_put_list(view, view_put_object(view, reading, "about"), "groups");
    for (size_t i = 0; i < LEDE_COUNT_OF(fields); i++) {
        const json_t *values = json_object_get(document, fields[i].key);
        if (view_count(values) == 0)
            continue;
        json_t *group = json_object();
        view_put_text(view, group, "label", fields[i].label);
        json_t *topics = view_put_list(view, group, "topics");
        for (size_t k = 0; k < view_count(values); k++) {
            struct lede_web_state next = {.arena = view->state->arena};
            json_t *topic = json_object();
            lede_state_add(&next, fields[i].filter, view_item(values, k));
            view_put_text(view, topic, "text", view_item(values, k));
            view_put(view, topic, "href", lede_state_address(&next));
            view_add(view, topics, topic);
        }
        view_add(view, groups, group);
    }
    if (json_array_size(groups) == 0)
        json_object_del(reading, "about");
}

/* Author: “Title”. Source, 18 Nov 2024. https://… */
static json_t *citation(const json_t *document, const char *headline, const char *authors)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    const char *source = view_text(document, "source"), *url = view_text(document, "url");
    json_t *moment = lede_prose_moment(view_text(document, "published"));
    if (authors[0])
        lede_buffer_append_format(&text, "%s: ", authors);
    lede_buffer_append_format(&text, "“%s”.", headline);
    if (source[0])
        lede_buffer_append_format(&text, " %s", source);
    if (moment)
        lede_buffer_append_format(&text, "%s%s", source[0] ? ", " : " ", view_text(moment, "text"));
    if (source[0] || moment)
        lede_buffer_append_char(&text, '.');
    if (view_is_web_address(url))
        lede_buffer_append_format(&text, " %s", url);
    json_decref(moment);
    return text.failed ? NULL : json_string(text.data);
}

/* A text of the document, with its marks, or as it differs from another version's. */
struct shown_text {
    struct lede_buffer text;
    json_t *marks;
};

/* text  in the place of one that the document does not have; NULL: none is */
static struct shown_text text_of(
    struct view *view, const json_t *document, const char *field, const char *text)
{
    struct shown_text shown = {0};
    const json_t *own = json_object_get(document, field);
    bool is_own = !text || strcmp(view_text(document, field), text) == 0;
    if (view_is_compared(view) && is_own) {
        view_compared_text(view, field, &shown.text, &shown.marks);
    } else if (is_own) {
        lede_buffer_append(&shown.text, view_text(document, field), json_string_length(own));
        shown.marks = json_incref(marks_of(view, field));
    } else {
        lede_buffer_append_string(&shown.text, text);
    }
    view->failed = view->failed || shown.text.failed;
    return shown;
}

static void shown_text_done(struct shown_text *shown)
{
    lede_buffer_done(&shown->text);
    json_decref(shown->marks);
}

static json_t *pieces_of(const struct shown_text *shown, size_t *number)
{
    return lede_prose_pieces(
        shown->text.data ? shown->text.data : "", shown->text.size, shown->marks, number);
}

static void put_texts(struct view *view, json_t *reading, const json_t *document)
{
    size_t number = 0;
    const char *title = view_text(document, "title"), *headline = view_text(reading, "headline");
    LEDE_CLEANUP(shown_text_done)
    struct shown_text line = text_of(view, document, "title", headline);
    LEDE_CLEANUP(shown_text_done)
    struct shown_text summary = text_of(view, document, "summary", NULL);
    LEDE_CLEANUP(shown_text_done)
    struct shown_text body = text_of(view, document, "body", NULL);
    view_put(view, reading, "title_pieces", pieces_of(&line, &number));
    if (summary.text.size > 0 && title[0]) {
        json_t *standfirst = view_put_object(view, reading, "standfirst");
        view_put(view, standfirst, "pieces", pieces_of(&summary, &number));
    }
    json_t *paragraphs = lede_prose_paragraphs(
        body.text.data ? body.text.data : "", body.text.size, body.marks, &number);
    view_put(view, reading, "has_no_text", json_boolean(json_array_size(paragraphs) == 0));
    view_put(view, reading, "paragraphs", paragraphs);
    view_put(view, reading, "mark_count", json_integer((json_int_t)number));
}

static void put_picture(struct view *view, json_t *reading)
{
    const json_t *image = view->page->picture;
    if (!image)
        return;
    json_t *picture = view_put_object(view, reading, "picture");
    const char *url = json_string_value(image);
    view_put_text(view, picture, "address", url ? url : view_text(image, "url"));
    view_put_text(view, picture, "alt", view_text(image, "alt"));
}

void view_put_document(struct view *view, json_t *root)
{
    const json_t *document = view->page->document;
    const char *id = lede_web_state_get(view->state, "document");
    json_t *reading = view_put_object(view, root, "reading");
    view_put_text(view, reading, "id", id);
    put_way(view, reading, id);
    if (view->page->document_problem) {
        json_int_t status =
            json_integer_value(json_object_get(view->page->document_problem, "status"));
        view_put_problem(view, reading, view->page->document_problem);
        view_put(view, json_object_get(reading, "problem"), "is_alone", json_true());
        if (status == 404)
            view_put_text(
                view, json_object_get(reading, "problem"), "title", "There is no such document");
    }
    if (!document)
        return;
    json_t *authors = authors_text(document);
    json_t *shown = view_put_object(view, reading, "document");
    view_put(view, reading, "headline", lede_prose_headline(document, id));
    view_put(view, shown, "authors", json_incref(authors));
    view_put_origin(view, shown, document, id);
    put_picture(view, reading);
    put_texts(view, reading, document);
    put_topics(view, reading, document);
    view_put_versions(view, shown);
    view_put(view, reading, "citation",
        citation(
            document, view_text(reading, "headline"), authors ? json_string_value(authors) : ""));
    json_decref(authors);
}
