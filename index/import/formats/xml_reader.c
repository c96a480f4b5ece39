/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of libxml2's push parser to the tree. */
#include "xml_reader.h"

#include "xml_names.h"

#include "xml_input.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <pthread.h>
#include <stdlib.h>

struct xml_reader {
    struct lede_format_input input;
    struct lede_xml_input *bytes;
    xmlParserCtxtPtr parser;
    xmlSAXHandler events;
    struct lede_xml_tree tree;
    struct lede_buffer document;
    bool has_ended;
};

static uint64_t line_now(const struct xml_reader *reader)
{
    int line = xmlSAX2GetLineNumber(reader->parser);
    return reader->input.first_line + (line > 0 ? (uint64_t)line - 1 : 0);
}

/* The tree, for an event. */
static struct lede_xml_tree *tree_of(void *context)
{
    struct xml_reader *reader = ((xmlParserCtxtPtr)context)->_private;
    reader->tree.line = line_now(reader);
    return &reader->tree;
}

static void stop_if_ended(void *context)
{
    struct xml_reader *reader = ((xmlParserCtxtPtr)context)->_private;
    if (reader->tree.end.status == LEDE_OK)
        return;
    xmlStopParser(reader->parser);
    if (context != reader->parser)
        xmlStopParser(context); /* of an entity */
}

static void on_open(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
    int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted,
    const xmlChar **attributes)
{
    (void)namespace_count;
    (void)namespaces;
    (void)defaulted;
    lede_xml_tree_open(tree_of(context), (const char *)local, (const char *)prefix,
        (const char *)uri, (size_t)attribute_count, (const unsigned char *const *)attributes);
    stop_if_ended(context);
}

static void on_close(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    (void)prefix;
    (void)uri;
    lede_xml_tree_close(tree_of(context), (const char *)local);
}

static void on_text(void *context, const xmlChar *text, int size)
{
    lede_xml_tree_text(tree_of(context), (const char *)text, (size_t)size);
    stop_if_ended(context);
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
    if (error->level >= XML_ERR_ERROR && error->domain != XML_FROM_NAMESPACE)
        lede_xml_tree_fault(tree_of(context), error->message ? error->message : "");
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

static void xml_free(void *context)
{
    struct xml_reader *reader = context;
    if (!reader)
        return;
    lede_xml_tree_done(&reader->tree);
    if (reader->parser) {
        xmlDocPtr document = reader->parser->myDoc;
        xmlFreeParserCtxt(reader->parser);
        xmlFreeDoc(document);
    }
    lede_xml_input_free(reader->bytes);
    lede_buffer_done(&reader->document);
    free(reader);
}

static void reader_freep(struct xml_reader **reader)
{
    xml_free(*reader);
    *reader = NULL;
}

static enum lede_status xml_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, xmlInitParser);
    LEDE_CLEANUP(reader_freep) struct xml_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return lede_fail_memory(reterr);
    reader->input = *input;
    reader->tree.input = &reader->input;
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

static uint64_t xml_line(const void *context)
{
    return line_now(context);
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
    if (lede_xml_tree_has_failed(&reader->tree) ||
        reader->parser->lastError.code == XML_ERR_NO_MEMORY)
        return lede_fail_memory(reterr);
    if (is_stopped && reader->tree.end.status == LEDE_OK)
        (void)lede_fail(&reader->tree.end, LEDE_EINPUT,
            "line %llu: expected XML that is whole and bounded, and cannot read on",
            (unsigned long long)line_now(reader));
    if (size == 0 || is_stopped)
        lede_xml_tree_end(&reader->tree);
    reader->has_ended = size == 0 || is_stopped;
    return LEDE_OK;
}

static enum lede_status give_entry(struct xml_reader *reader, struct lede_xml_entry *entry,
    struct lede_import_item *ret_item, struct lede_error *reterr)
{
    *ret_item = (struct lede_import_item){
        .line = entry->line, .status = entry->error.status, .error = entry->error};
    if (entry->error.status != LEDE_OK)
        return LEDE_OK;
    struct lede_error error = {0};
    enum lede_status st =
        lede_format_write(&reader->input, entry->record, entry->context, &reader->document, &error);
    if (st == LEDE_ENOMEM && reterr)
        *reterr = error;
    if (st == LEDE_EINPUT) {
        ret_item->status = st;
        ret_item->error = error;
        return LEDE_OK;
    }
    ret_item->text = reader->document.data;
    ret_item->size = reader->document.size;
    if (st == LEDE_OK && ret_item->size > reader->input.document_bytes_max)
        ret_item->status = lede_fail(&ret_item->error, LEDE_ELIMIT,
            "document: expected at most %zu bytes, found more", reader->input.document_bytes_max);
    return st;
}

/* Read on until something is ready, or the end. Status: OK; EINPUT the rest cannot be read. */
static enum lede_status fill_entries(struct xml_reader *reader, struct lede_error *reterr)
{
    while (reader->tree.first == reader->tree.count && !reader->has_ended) {
        reader->tree.first = reader->tree.count = 0;
        enum lede_status st = parse_more(reader, reterr);
        if (st != LEDE_OK)
            return st;
    }
    bool is_over = reader->tree.first == reader->tree.count && reader->tree.end.status != LEDE_OK;
    if (is_over && reterr)
        *reterr = reader->tree.end;
    return is_over ? reader->tree.end.status : LEDE_OK;
}

static enum lede_status xml_next(
    void *context, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct xml_reader *reader = context;
    enum lede_status st = LEDE_ENOTFOUND;
    while (st == LEDE_ENOTFOUND) {
        st = fill_entries(reader, reterr);
        *ret_more = st == LEDE_OK && reader->tree.first < reader->tree.count;
        if (!*ret_more)
            return st;
        struct lede_xml_entry *entry = &reader->tree.entries[reader->tree.first++];
        st = give_entry(reader, entry, ret_item, reterr);
        lede_xml_entry_done(entry);
    }
    return st;
}

const struct lede_format_reader lede_xml_reader = {xml_open, xml_next, xml_line, xml_free};

unsigned lede_xml_recognise(const struct lede_format *format, const struct lede_format_head *head)
{
    const struct lede_xml_details *details = format->details;
    struct lede_xml_root root;
    bool is_root = false, is_marked = !details->marks;
    if (!lede_xml_root(head, &root))
        return LEDE_FORMAT_NO;
    for (size_t i = 0; details->roots[i]; i++)
        is_root = is_root || lede_xml_root_is(&root, details->roots[i]);
    for (size_t i = 0; details->marks && details->marks[i]; i++)
        is_marked = is_marked || lede_xml_root_has(&root, details->marks[i]);
    return !is_root ? LEDE_FORMAT_NO : is_marked ? LEDE_FORMAT_CERTAIN : details->unmarked;
}
