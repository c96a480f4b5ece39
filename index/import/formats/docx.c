/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a Word document (ISO/IEC 29500, WordprocessingML), and its properties. */
#include "spool.h"

#include "held.h"

#include <archive.h>
#include <archive_entry.h>
#include <libxml/xmlreader.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (UINT64_C(256) << 20)
#define PART_BYTES_MAX ((size_t)64 << 20)
#define MEMBERS_MAX 100000

static const struct lede_mapping rows[] = {{"title", "title", LEDE_CONVERT_LINE, NULL},
    {"heading", "title", LEDE_CONVERT_LINE, NULL},
    {"description", "summary", LEDE_CONVERT_TEXT, NULL},
    {"creator", "author", LEDE_CONVERT_PERSON, NULL}, {"subject", "tags", LEDE_CONVERT_LIST, NULL},
    {"keywords", "tags", LEDE_CONVERT_LIST, NULL}, {"category", "section", LEDE_CONVERT_LINE, NULL},
    {"language", "language", LEDE_CONVERT_LANGUAGE, NULL},
    {"created", "published", LEDE_CONVERT_DATE, NULL},
    {"modified", "updated", LEDE_CONVERT_DATE, NULL}, {"text", "body", LEDE_CONVERT_TEXT, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL}};

struct docx {
    struct lede_format_input input;
    struct lede_spool spool;
    struct lede_buffer made;
    bool is_given;
};

/* The parts of a document that are read. */
struct parts {
    struct lede_buffer document, properties;
};

static void parts_done(struct parts *parts)
{
    lede_buffer_done(&parts->document);
    lede_buffer_done(&parts->properties);
}

static enum lede_status read_part(
    struct archive *archive, const char *name, struct lede_buffer *out, struct lede_error *reterr)
{
    char piece[16384];
    ssize_t got = 0;
    lede_buffer_clear(out);
    while ((got = archive_read_data(archive, piece, sizeof(piece))) > 0) {
        lede_buffer_append(out, piece, (size_t)got);
        if (out->size > PART_BYTES_MAX)
            return lede_fail(reterr, LEDE_ELIMIT, "'%s': expected at most %zu bytes, found more",
                name, PART_BYTES_MAX);
    }
    if (got < 0)
        return lede_fail(reterr, LEDE_EINPUT, "'%s': damaged", name);
    return lede_buffer_status(out) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

static enum lede_status read_parts(
    const struct lede_spool *spool, struct parts *parts, struct lede_error *reterr)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry = NULL;
    enum lede_status st = archive ? LEDE_OK : lede_fail_memory(reterr);
    size_t members = 0;
    if (st == LEDE_OK && (archive_read_support_format_zip(archive) != ARCHIVE_OK ||
                             archive_read_open_fd(archive, spool->fd, 65536) != ARCHIVE_OK))
        st =
            lede_fail(reterr, LEDE_EINPUT, "expected a Word document, found a damaged zip archive");
    while (st == LEDE_OK && members++ < MEMBERS_MAX) {
        int result = archive_read_next_header(archive, &entry);
        const char *name = result >= ARCHIVE_WARN ? archive_entry_pathname(entry) : NULL;
        if (result == ARCHIVE_EOF || result < ARCHIVE_WARN)
            break;
        if (name && strcmp(name, "word/document.xml") == 0)
            st = read_part(archive, name, &parts->document, reterr);
        else if (name && strcmp(name, "docProps/core.xml") == 0)
            st = read_part(archive, name, &parts->properties, reterr);
    }
    archive_read_free(archive);
    if (st == LEDE_OK && parts->document.size == 0)
        st = lede_fail(
            reterr, LEDE_EINPUT, "expected a Word document, found no 'word/document.xml' in it");
    return st;
}

static bool set_string(json_t *record, const char *key, const char *text, size_t size)
{
    return size == 0 || json_object_get(record, key) ||
           json_object_set_new(record, key, json_stringn(text, size)) == 0;
}

/* Its elements by their local names: title, creator, created. */
static bool read_properties(const struct lede_buffer *part, json_t *record)
{
    xmlTextReaderPtr reader = xmlReaderForMemory(part->data ? part->data : "", (int)part->size,
        NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    bool is_set = true;
    while (reader && is_set && xmlTextReaderRead(reader) == 1) {
        if (xmlTextReaderNodeType(reader) != XML_READER_TYPE_ELEMENT ||
            xmlTextReaderDepth(reader) != 1)
            continue;
        const char *name = (const char *)xmlTextReaderConstLocalName(reader);
        xmlChar *text = xmlTextReaderReadString(reader);
        if (name && text)
            is_set = set_string(record, name, (const char *)text, strlen((const char *)text));
        xmlFree(text);
    }
    xmlFreeTextReader(reader);
    return is_set;
}

struct text_reading {
    struct lede_buffer text;
    size_t paragraph;  /* where the one under way begins */
    bool is_heading;   /* it has the style of a title */
    bool is_text;      /* inside w:t */
    char heading[300]; /* the first that is one */
};

static void end_paragraph(struct text_reading *reading)
{
    size_t size = reading->text.size - reading->paragraph;
    if (reading->is_heading && !reading->heading[0] && size > 0 && size < sizeof(reading->heading))
        memcpy(reading->heading, reading->text.data + reading->paragraph, size + 1);
    if (size > 0)
        lede_buffer_append_string(&reading->text, "\n\n");
    reading->paragraph = reading->text.size;
    reading->is_heading = false;
}

static void meet_element(struct text_reading *reading, xmlTextReaderPtr reader, const char *name)
{
    if (strcmp(name, "tab") == 0)
        lede_buffer_append_char(&reading->text, ' ');
    else if (strcmp(name, "br") == 0 || strcmp(name, "cr") == 0)
        lede_buffer_append_char(&reading->text, '\n');
    else if (strcmp(name, "noBreakHyphen") == 0)
        lede_buffer_append_char(&reading->text, '-');
    else if (strcmp(name, "pStyle") == 0) {
        xmlChar *style = xmlTextReaderGetAttributeNs(reader, BAD_CAST "val",
            BAD_CAST "http://schemas.openxmlformats.org/wordprocessingml/2006/main");
        reading->is_heading = style && (strcmp((const char *)style, "Title") == 0 ||
                                           strcmp((const char *)style, "Heading1") == 0);
        xmlFree(style);
    }
}

/* Status: OK; EINPUT it is no XML; ENOMEM. */
static enum lede_status read_text(
    const struct lede_buffer *part, struct text_reading *reading, struct lede_error *reterr)
{
    int result = 0;
    xmlTextReaderPtr reader = xmlReaderForMemory(part->data, (int)part->size, NULL, NULL,
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!reader)
        return lede_fail_memory(reterr);
    while ((result = xmlTextReaderRead(reader)) == 1) {
        int type = xmlTextReaderNodeType(reader);
        const char *name = (const char *)xmlTextReaderConstLocalName(reader);
        bool is_end = type == XML_READER_TYPE_END_ELEMENT ||
                      (type == XML_READER_TYPE_ELEMENT && xmlTextReaderIsEmptyElement(reader));
        if (type == XML_READER_TYPE_ELEMENT && name)
            meet_element(reading, reader, name);
        if (name && strcmp(name, "t") == 0)
            reading->is_text = type == XML_READER_TYPE_ELEMENT && !is_end;
        if (name && is_end && strcmp(name, "p") == 0)
            end_paragraph(reading);
        bool is_text = type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA ||
                       type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE;
        const char *value =
            is_text && reading->is_text ? (const char *)xmlTextReaderConstValue(reader) : NULL;
        if (value)
            lede_buffer_append_string(&reading->text, value);
    }
    int line = xmlTextReaderGetParserLineNumber(reader);
    xmlFreeTextReader(reader);
    if (lede_buffer_status(&reading->text) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (result < 0)
        return lede_fail(
            reterr, LEDE_EINPUT, "'word/document.xml': line %d: expected well-formed XML", line);
    return LEDE_OK;
}

static enum lede_status make_document(struct docx *docx, struct lede_error *reterr)
{
    LEDE_CLEANUP(parts_done) struct parts parts = {0};
    struct text_reading reading = {.paragraph = 0};
    json_auto_t *record = json_object();
    enum lede_status st = record ? LEDE_OK : lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = read_parts(&docx->spool, &parts, reterr);
    if (st == LEDE_OK)
        st = read_text(&parts.document, &reading, reterr);
    /* Word writes its own names as titles of documents that have none. */
    bool is_set = st == LEDE_OK && read_properties(&parts.properties, record) &&
                  set_string(record, "heading", reading.heading, strlen(reading.heading)) &&
                  set_string(record, "text", reading.text.data, reading.text.size);
    if (st == LEDE_OK && !is_set)
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = lede_format_write(&docx->input, record, NULL, &docx->made, reterr);
    lede_buffer_done(&reading.text);
    return st;
}

static void docx_free(void *reader)
{
    struct docx *docx = reader;
    if (!docx)
        return;
    lede_spool_done(&docx->spool);
    lede_buffer_done(&docx->made);
    free(docx);
}

static enum lede_status docx_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    struct docx *docx = calloc(1, sizeof(*docx));
    if (!docx)
        return lede_fail_memory(reterr);
    docx->input = *input;
    docx->spool = LEDE_SPOOL_EMPTY;
    *ret_reader = docx;
    return LEDE_OK;
}

static enum lede_status docx_next(
    void *reader, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct docx *docx = reader;
    struct lede_error why = {0};
    *ret_more = false;
    if (docx->is_given)
        return LEDE_OK;
    enum lede_status st = lede_spool_fill(&docx->spool, &docx->input, FILE_BYTES_MAX, reterr);
    if (st != LEDE_OK && st != LEDE_ELIMIT)
        return st;
    if (st == LEDE_OK)
        st = make_document(docx, &why);
    else if (reterr)
        why = *reterr;
    if (st == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    docx->is_given = true;
    *ret_more = true;
    if (st == LEDE_OK)
        lede_held_give(ret_item, &docx->made, docx->input.first_line);
    else
        lede_held_lose(ret_item, &why, docx->input.first_line);
    return LEDE_OK;
}

static uint64_t docx_line(const void *reader)
{
    return ((const struct docx *)reader)->input.first_line;
}

/* A zip archive whose first members are an Office document's. */
static unsigned recognise(const struct lede_format *format, const struct lede_format_head *head)
{
    (void)format;
    if (head->size < 40 || memcmp(head->text, "PK\3\4", 4) != 0)
        return LEDE_FORMAT_NO;
    bool is_word = memmem(head->text, head->size, "word/", 5) != NULL;
    bool is_office = memcmp(head->text + 30, "[Content_Types].xml", 8) == 0;
    return is_word ? LEDE_FORMAT_SURE + 10 : is_office ? LEDE_FORMAT_GUESS : LEDE_FORMAT_NO;
}

static const char *const media_types[] = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", NULL};
static const char *const endings[] = {".docx", NULL};

static const struct lede_format_reader reader = {docx_open, docx_next, docx_line, docx_free};

const struct lede_format lede_format_docx = {.name = "docx",
    .title = "DOCX",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .recognise = recognise,
    .reader = &reader};
