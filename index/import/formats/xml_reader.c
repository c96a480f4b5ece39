/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of libxml2 to trees of records.
 *
 * Open elements are frames. What stands outside of records gathers in the frames of their parents:
 * it is the context that rows with '^' look through. Elements that a row reads as HTML are not made
 * trees of but text in paragraphs, as they come. */
#include "xml_reader.h"

#include "text_flow.h"
#include "xml_input.h"
#include "xml_names.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_MAX = 50,     /* what is not mapped is JSON, which has a depth, too */
    NODE_BYTES = 64,    /* what an element or attribute costs beside its text */
    MESSAGE_BYTES = 200 /* of a fault */
};

struct frame {
    json_t *object; /* attributes and children; NULL: none yet. Owned */
    size_t path_at; /* of its name in the path */
    size_t text_at; /* of its text in the text */
    bool is_html;   /* its content is taken as text in paragraphs */
};

/* A record that came, or why it did not. */
struct entry {
    json_t *record, *context; /* owned */
    uint64_t line;
    struct lede_error error; /* where status is not OK */
};

struct xml_reader {
    struct lede_format_input input;
    struct lede_xml_input *bytes;
    xmlParserCtxtPtr parser;
    xmlSAXHandler events;
    struct frame *frames;
    size_t depth, frame_capacity;
    struct lede_buffer path, text, document;
    size_t record_depth; /* frames when it began, its own included; 0: outside */
    uint64_t record_line;
    size_t cost, cost_outside; /* bytes of the record, of all that is outside */
    bool is_over;              /* the record is over its limit */
    struct lede_error fault;   /* of the record; of what is outside, the last one */
    bool has_outside_fault;    /* it has been told */
    size_t skipped;            /* elements that are open below the deepest frame */
    size_t html_depth;         /* elements inside one that is taken as text; 0: none */
    bool flows;                /* one of them has begun */
    struct lede_text_flow flow;
    struct entry *entries; /* entries[first, count) are to be given */
    size_t first, count, entry_capacity;
    bool failed; /* no memory */
    bool has_ended;
    struct lede_error end; /* why nothing more can be read; status OK: it can */
};

/* ---- What is ready ---- */

static struct entry *add_entry(struct xml_reader *reader)
{
    if (!LEDE_ARRAY_RESERVE(reader->entries, reader->entry_capacity, reader->count + 1)) {
        reader->failed = true;
        return NULL;
    }
    struct entry *entry = &reader->entries[reader->count++];
    *entry = (struct entry){.line = reader->record_line};
    return entry;
}

static void entry_done(struct entry *entry)
{
    json_decref(entry->record);
    json_decref(entry->context);
    entry->record = entry->context = NULL;
}

static uint64_t line_now(const struct xml_reader *reader)
{
    int line = xmlSAX2GetLineNumber(reader->parser);
    return reader->input.first_line + (line > 0 ? (uint64_t)line - 1 : 0);
}

/* ---- Names and values ---- */

static void append_name(
    struct xml_reader *reader, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    const struct lede_xml_details *details = reader->input.format->details;
    const char *known = uri ? lede_xml_prefix(details->namespaces, (const char *)uri) : NULL;
    if (!known)
        known = prefix ? (const char *)prefix : "";
    if (known[0]) {
        lede_buffer_append_string(&reader->path, known);
        lede_buffer_append_char(&reader->path, ':');
    }
    lede_buffer_append_string(&reader->path, (const char *)local);
}

static void spend(struct xml_reader *reader, size_t bytes)
{
    size_t *cost = reader->record_depth > 0 ? &reader->cost : &reader->cost_outside;
    *cost += bytes;
    if (*cost <= reader->input.document_bytes_max)
        return;
    if (reader->record_depth > 0) {
        reader->is_over = true;
    } else if (reader->end.status == LEDE_OK) {
        (void)lede_fail(&reader->end, LEDE_EINPUT,
            "line %llu: expected at most %zu bytes outside of documents, found more",
            (unsigned long long)line_now(reader), reader->input.document_bytes_max);
        xmlStopParser(reader->parser);
    }
}

/* Put a value into an object; what comes more than once is an array. Takes the value. */
static void put(struct xml_reader *reader, json_t **object, const char *key, json_t *value)
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
    reader->failed = reader->failed || !is_put;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The text of the top frame, without white space around it. */
static json_t *take_text(struct xml_reader *reader, const struct frame *frame)
{
    const char *text = reader->text.data ? reader->text.data + frame->text_at : "";
    size_t size = reader->text.size - frame->text_at;
    for (; size > 0 && is_space(text[0]); size--)
        text++;
    while (size > 0 && is_space(text[size - 1]))
        size--;
    json_t *value = json_stringn(text, size);
    reader->failed = reader->failed || !value;
    return value;
}

/* ---- Elements ---- */

/* Do two paths name the same, if the first one's conditions are left out? */
static bool is_path(const char *row, const char *path)
{
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

static bool is_html(const struct xml_reader *reader)
{
    const char *path = reader->path.data + reader->frames[reader->record_depth - 1].path_at;
    path = strchr(path, '/');
    for (const struct lede_mapping *row = reader->input.format->rows; path && row->path; row++) {
        if ((row->conversion == LEDE_CONVERT_HTML || row->conversion == LEDE_CONVERT_HTML_LINE) &&
            is_path(row->path, path + 1))
            return true;
    }
    return false;
}

static bool is_record(const struct xml_reader *reader)
{
    const struct lede_xml_details *details = reader->input.format->details;
    for (size_t i = 0; details->records[i]; i++) {
        if (strcmp(details->records[i], reader->path.data) == 0)
            return true;
    }
    return false;
}

static void pop_frame(struct xml_reader *reader)
{
    struct frame *frame = &reader->frames[--reader->depth];
    json_decref(frame->object);
    reader->path.size = frame->path_at > 0 ? frame->path_at - 1 : 0;
    reader->text.size = frame->text_at;
    if (reader->path.data)
        reader->path.data[reader->path.size] = '\0';
}

static void end_record(struct xml_reader *reader)
{
    struct frame *frame = &reader->frames[reader->depth - 1];
    struct entry *entry = add_entry(reader);
    if (entry && reader->fault.status != LEDE_OK) {
        entry->error = reader->fault;
    } else if (entry && reader->is_over) {
        (void)lede_fail(&entry->error, LEDE_ELIMIT,
            "document: expected at most %zu bytes, found more", reader->input.document_bytes_max);
    } else if (entry) {
        entry->record = frame->object ? json_incref(frame->object) : json_object();
        entry->context = json_array();
        for (size_t i = reader->depth - 1; i > 0; i--)
            reader->failed = reader->failed || (reader->frames[i - 1].object &&
                                                   json_array_append(entry->context,
                                                       reader->frames[i - 1].object) != 0);
        reader->failed = reader->failed || !entry->record || !entry->context;
    }
    reader->record_depth = 0;
    reader->fault = (struct lede_error){0};
    reader->is_over = false;
    reader->cost = 0;
}

/* A record begins inside a broken record of the same name: what should have ended that one was
 * taken for the end of something in it. */
static void leave_broken_record(struct xml_reader *reader, const char *name)
{
    const char *own = reader->path.data + reader->frames[reader->record_depth - 1].path_at;
    size_t size = strcspn(own, "/");
    if (strlen(name) != size || memcmp(own, name, size) != 0)
        return;
    while (reader->depth > reader->record_depth)
        pop_frame(reader);
    end_record(reader);
    pop_frame(reader);
    reader->html_depth = reader->skipped = 0;
    reader->flows = false;
}

static void add_attributes(
    struct xml_reader *reader, struct frame *frame, int count, const xmlChar **attributes)
{
    size_t path = reader->path.size;
    for (int i = 0; i < count; i++) {
        const xmlChar **a = attributes + (ptrdiff_t)5 * i;
        size_t size = (size_t)(a[4] - a[3]);
        spend(reader, size + NODE_BYTES);
        if (reader->is_over || reader->end.status != LEDE_OK)
            return;
        lede_buffer_append_char(&reader->path, '@');
        append_name(reader, a[0], a[1], a[2]);
        if (!reader->path.failed)
            put(reader, &frame->object, reader->path.data + path,
                json_stringn((const char *)a[3], size));
        reader->path.size = path;
        if (reader->path.data)
            reader->path.data[path] = '\0';
    }
}

/* An element inside one that is taken as text. What came before it was text, too. */
static void open_html(struct xml_reader *reader, const char *name)
{
    if (!reader->flows) {
        struct frame *frame = &reader->frames[reader->depth - 1];
        struct lede_buffer before = {0};
        lede_buffer_append(&before, reader->text.data ? reader->text.data + frame->text_at : "",
            reader->text.size - frame->text_at);
        reader->text.size = frame->text_at;
        lede_text_flow_begin(&reader->flow, &reader->text);
        if (before.size > 0)
            lede_text_flow_text(&reader->flow, before.data, before.size);
        reader->failed = reader->failed || before.failed;
        lede_buffer_done(&before);
        reader->flows = true;
    }
    reader->html_depth++;
    lede_text_flow_open(&reader->flow, name);
}

/* Elements below the deepest frame are not kept; a record that has some is refused. */
static void skip_deep(struct xml_reader *reader)
{
    if (reader->skipped++ == 0 && reader->record_depth > 0 && reader->fault.status == LEDE_OK)
        (void)lede_fail(&reader->fault, LEDE_EINPUT,
            "expected at most %d elements inside each other, found more at line %llu", DEPTH_MAX,
            (unsigned long long)line_now(reader));
}

static void on_open(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
    int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted,
    const xmlChar **attributes)
{
    struct xml_reader *reader = ((xmlParserCtxtPtr)context)->_private;
    (void)namespace_count;
    (void)namespaces;
    (void)defaulted;
    spend(reader, NODE_BYTES);
    if (reader->record_depth > 0 && reader->fault.status != LEDE_OK)
        leave_broken_record(reader, (const char *)local);
    bool is_inside =
        reader->depth > 0 && reader->record_depth > 0 && reader->frames[reader->depth - 1].is_html;
    if (is_inside) {
        open_html(reader, (const char *)local);
        return;
    }
    if (reader->depth == DEPTH_MAX) {
        skip_deep(reader);
        return;
    }
    if (!LEDE_ARRAY_RESERVE(reader->frames, reader->frame_capacity, reader->depth + 1)) {
        reader->failed = true;
        xmlStopParser(reader->parser);
        return;
    }
    if (reader->depth > 0)
        lede_buffer_append_char(&reader->path, '/');
    struct frame *frame = &reader->frames[reader->depth++];
    *frame = (struct frame){.path_at = reader->path.size, .text_at = reader->text.size};
    append_name(reader, local, prefix, uri);
    if (reader->path.failed)
        return;
    if (reader->record_depth == 0 && is_record(reader)) {
        reader->record_depth = reader->depth;
        reader->record_line = line_now(reader);
        reader->fault = (struct lede_error){0};
    } else if (reader->record_depth > 0) {
        frame->is_html = is_html(reader);
    }
    add_attributes(reader, frame, attribute_count, attributes);
}

/* Give what an element was to its parent. */
static void attach(struct xml_reader *reader, struct frame *frame, bool is_markup)
{
    json_t *text = take_text(reader, frame);
    json_t *value = text;
    const char *key = is_markup ? "#markup" : "#text";
    if (frame->object || is_markup) {
        if (json_string_length(text) > 0)
            put(reader, &frame->object, key, text);
        else
            json_decref(text);
        value = json_incref(frame->object);
    }
    struct frame *parent = frame - 1;
    put(reader, &parent->object, reader->path.data + frame->path_at, value);
}

static void close_frame(struct xml_reader *reader, const char *local)
{
    if (reader->depth == 0 || reader->path.failed)
        return;
    struct frame *frame = &reader->frames[reader->depth - 1];
    const char *name = reader->path.data + frame->path_at;
    const char *colon = strchr(name, ':');
    if (strcmp(colon ? colon + 1 : name, local) != 0)
        return; /* of a record that was left */
    bool is_markup = reader->flows;
    reader->flows = false;
    if (reader->depth == reader->record_depth)
        end_record(reader);
    else if (reader->depth > 1 && !reader->is_over && reader->end.status == LEDE_OK)
        attach(reader, frame, is_markup);
    pop_frame(reader);
}

static void on_close(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct xml_reader *reader = ((xmlParserCtxtPtr)context)->_private;
    (void)prefix;
    (void)uri;
    if (reader->html_depth > 0) {
        reader->html_depth--;
        lede_text_flow_close(&reader->flow, (const char *)local);
        return;
    }
    if (reader->skipped > 0)
        reader->skipped--;
    else
        close_frame(reader, (const char *)local);
}

static void on_text(void *context, const xmlChar *text, int size)
{
    struct xml_reader *reader = ((xmlParserCtxtPtr)context)->_private;
    spend(reader, (size_t)size);
    if (reader->is_over || reader->end.status != LEDE_OK)
        return;
    if (reader->flows)
        lede_text_flow_text(&reader->flow, (const char *)text, (size_t)size);
    else
        lede_buffer_append(&reader->text, text, (size_t)size);
}

/* ---- What is not read, and what is wrong ---- */

/* Only entities that stand in the document itself. */
static void on_entity(void *context, const xmlChar *name, int type, const xmlChar *public_id,
    const xmlChar *system_id, xmlChar *content)
{
    if (type == XML_INTERNAL_GENERAL_ENTITY)
        xmlSAX2EntityDecl(context, name, type, public_id, system_id, content);
}

static void on_error(void *context, xmlErrorPtr error)
{
    struct xml_reader *reader = ((xmlParserCtxtPtr)context)->_private;
    bool is_inside = reader->record_depth > 0;
    if (error->level < XML_ERR_ERROR || error->domain == XML_FROM_NAMESPACE ||
        reader->fault.status != LEDE_OK || (!is_inside && reader->has_outside_fault))
        return;
    char message[MESSAGE_BYTES];
    const char *found = error->message ? error->message : "a fault";
    size_t size = strnlen(found, MESSAGE_BYTES - 1);
    memcpy(message, found, size);
    while (size > 0 && is_space(message[size - 1]))
        size--;
    message[size] = '\0';
    (void)lede_fail(
        &reader->fault, LEDE_EINPUT, "expected well-formed XML, found a fault: %s", message);
    if (is_inside)
        return;
    struct entry *entry = add_entry(reader);
    if (entry) {
        entry->line = line_now(reader);
        entry->error = reader->fault;
    }
    reader->has_outside_fault = true;
}

static void set_events(xmlSAXHandler *events)
{
    (void)xmlSAXVersion(events, 2);
    events->startElementNs = on_open;
    events->endElementNs = on_close;
    events->characters = on_text;
    events->cdataBlock = on_text;
    events->ignorableWhitespace = on_text;
    events->entityDecl = on_entity;
    events->serror = on_error;
    events->comment = NULL;
    events->processingInstruction = NULL;
    events->reference = NULL;
    events->externalSubset = NULL;
    events->resolveEntity = NULL;
    events->getParameterEntity = NULL;
    events->attributeDecl = NULL;
    events->elementDecl = NULL;
    events->notationDecl = NULL;
    events->unparsedEntityDecl = NULL;
}

/* ---- The reader ---- */

static void reader_freep(struct xml_reader **reader)
{
    lede_xml_free(*reader);
    *reader = NULL;
}

enum lede_status lede_xml_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, xmlInitParser);
    LEDE_CLEANUP(reader_freep) struct xml_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return lede_fail_memory(reterr);
    reader->input = *input;
    enum lede_status st =
        lede_xml_input_new(input->read, input->context, input->is_utf8, &reader->bytes, reterr);
    if (st != LEDE_OK)
        return st;
    set_events(&reader->events);
    reader->parser = xmlCreatePushParserCtxt(&reader->events, NULL, NULL, 0, NULL);
    if (!reader->parser)
        return lede_fail_memory(reterr);
    reader->parser->_private = reader;
    (void)xmlCtxtUseOptions(reader->parser,
        XML_PARSE_RECOVER | XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    *ret_reader = LEDE_TAKE(&reader);
    return LEDE_OK;
}

void lede_xml_free(void *context)
{
    struct xml_reader *reader = context;
    if (!reader)
        return;
    for (size_t i = 0; i < reader->depth; i++)
        json_decref(reader->frames[i].object);
    for (size_t i = reader->first; i < reader->count; i++)
        entry_done(&reader->entries[i]);
    if (reader->parser) {
        xmlDocPtr document = reader->parser->myDoc;
        xmlFreeParserCtxt(reader->parser);
        xmlFreeDoc(document);
    }
    lede_xml_input_free(reader->bytes);
    lede_buffer_done(&reader->path);
    lede_buffer_done(&reader->text);
    lede_buffer_done(&reader->document);
    free(reader->frames);
    free(reader->entries);
    free(reader);
}

uint64_t lede_xml_line(const void *context)
{
    return line_now(context);
}

/* The parser has all that came, and nothing more can come of it. */
static void end_parsing(struct xml_reader *reader)
{
    if (reader->record_depth > 0) {
        while (reader->depth > reader->record_depth)
            pop_frame(reader);
        if (reader->fault.status == LEDE_OK)
            (void)lede_fail(&reader->fault, LEDE_EINPUT,
                "expected the end of the document that begins here, found the end of the file");
        end_record(reader);
    }
    reader->has_ended = true;
}

static enum lede_status parse_more(struct xml_reader *reader, struct lede_error *reterr)
{
    const char *text = NULL;
    size_t size = 0;
    enum lede_status st = lede_xml_input_next(reader->bytes, &text, &size, reterr);
    if (st != LEDE_OK)
        return st;
    (void)xmlParseChunk(reader->parser, text, (int)size, size == 0);
    bool is_stopped =
        reader->parser->disableSAX != 0 || reader->parser->lastError.code == XML_ERR_NO_MEMORY;
    if (reader->failed || reader->path.failed || reader->text.failed ||
        reader->parser->lastError.code == XML_ERR_NO_MEMORY)
        return lede_fail_memory(reterr);
    if (is_stopped && reader->end.status == LEDE_OK)
        (void)lede_fail(&reader->end, LEDE_EINPUT,
            "line %llu: expected XML that is whole and bounded, and cannot read on",
            (unsigned long long)line_now(reader));
    if (size == 0 || is_stopped)
        end_parsing(reader);
    return LEDE_OK;
}

static enum lede_status give_entry(struct xml_reader *reader, struct entry *entry,
    struct lede_import_item *ret_item, struct lede_error *reterr)
{
    *ret_item = (struct lede_import_item){
        .line = entry->line, .status = entry->error.status, .error = entry->error};
    if (entry->error.status != LEDE_OK)
        return LEDE_OK;
    enum lede_status st =
        lede_format_write(&reader->input, entry->record, entry->context, &reader->document, reterr);
    ret_item->text = reader->document.data;
    ret_item->size = reader->document.size;
    if (st == LEDE_OK && ret_item->size > reader->input.document_bytes_max)
        ret_item->status = lede_fail(&ret_item->error, LEDE_ELIMIT,
            "document: expected at most %zu bytes, found more", reader->input.document_bytes_max);
    return st;
}

enum lede_status lede_xml_next(
    void *context, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct xml_reader *reader = context;
    while (reader->first == reader->count && !reader->has_ended) {
        reader->first = reader->count = 0;
        enum lede_status st = parse_more(reader, reterr);
        if (st != LEDE_OK)
            return st;
    }
    *ret_more = reader->first < reader->count;
    if (!*ret_more && reader->end.status != LEDE_OK && reterr)
        *reterr = reader->end;
    if (!*ret_more)
        return reader->end.status;
    struct entry *entry = &reader->entries[reader->first++];
    enum lede_status st = give_entry(reader, entry, ret_item, reterr);
    entry_done(entry);
    return st;
}
