/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A search without an index: every document is read, every query evaluated over its texts.
 *
 *   oracle QUERIES DOCUMENTS.ndjson...
 *
 * QUERIES has a line each: "all" or "any" (match=), a tab, the query. For each the matching ids are
 * printed on one line, tabs between, in the order of the documents. What the index finds must be
 * the same. */
#include "lede/highlight.h"
#include "lede/import.h"
#include "lede/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct subject {
    struct lede_document *document;
    struct lede_match_subject match;
    struct lede_buffer lists[LEDE_FIELD_COUNT];
};

struct archive {
    struct subject *subjects;
    size_t count;
    size_t capacity;
    lede_language_set languages;
};

static void die(const char *what, const struct lede_error *error)
{
    fprintf(stderr, "oracle: %s: %s\n", what, error ? error->message : "");
    exit(2);
}

static void take_text(struct subject *subject, const struct lede_field *field)
{
    const json_t *value = json_object_get(subject->document->json, field->key);
    struct lede_field_text *text = &subject->match.texts[field->id];
    if (json_is_string(value)) {
        *text = (struct lede_field_text){json_string_value(value), json_string_length(value)};
        return;
    }
    struct lede_buffer *joined = &subject->lists[field->id];
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        if (i > 0)
            lede_buffer_append_char(joined, LEDE_FACET_SEPARATOR);
        lede_buffer_append(joined, json_string_value(item), json_string_length(item));
    }
    *text = (struct lede_field_text){joined->data, joined->size};
}

static void add(struct archive *archive, struct lede_document *document)
{
    if (archive->count == archive->capacity) {
        archive->capacity = archive->capacity ? archive->capacity * 2 : 1024;
        archive->subjects =
            realloc(archive->subjects, archive->capacity * sizeof(*archive->subjects));
        if (!archive->subjects)
            die("no memory", NULL);
    }
    struct subject *subject = &archive->subjects[archive->count++];
    memset(subject, 0, sizeof(*subject));
    subject->document = document;
    subject->match.language = document->language;
    subject->match.published_utc_s = document->published_utc_s;
    subject->match.updated_utc_s = document->updated_utc_s;
    archive->languages |= LEDE_LANGUAGE_BIT(document->language);
    for (enum lede_field_id id = 0; id < LEDE_FIELD_COUNT; id++) {
        if (lede_field_at(id)->prefix)
            take_text(subject, lede_field_at(id));
    }
}

static void load(struct archive *archive, const char *path, struct lede_language_detector *detector)
{
    struct lede_error error;
    LEDE_CLEANUP(lede_file_source_freep) struct lede_file_source *source = NULL;
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    if (lede_file_source_open(path, &source, &error) != LEDE_OK)
        die(path, &error);
    struct lede_splitter_options options = {
        .format = LEDE_IMPORT_NDJSON, .read = lede_file_source_read, .context = source};
    if (lede_splitter_new(&options, &splitter, &error) != LEDE_OK)
        die(path, &error);
    struct lede_document_context context = {
        .now_utc_s = lede_time_now_utc_s(), .detector = detector};
    struct lede_import_item item;
    bool more = true;
    while (lede_splitter_next(splitter, &item, &more, &error) == LEDE_OK && more) {
        struct lede_document *document = NULL;
        if (lede_document_parse(item.text, item.size, &context, &document, &error) != LEDE_OK)
            die(path, &error);
        add(archive, document);
    }
}

static void answer(const struct archive *archive, char *line, struct lede_analyzer *analyzer)
{
    struct lede_error error;
    struct lede_query *query = NULL;
    struct lede_query_options options = {.match_any = strncmp(line, "any\t", 4) == 0,
        .languages = archive->languages | LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND),
        .now_utc_s = lede_time_now_utc_s()};
    if (lede_query_parse(line + 4, strlen(line + 4), &options, analyzer, &query, &error) != LEDE_OK)
        die(line + 4, &error);
    bool first = true;
    for (size_t i = 0; i < archive->count; i++) {
        bool matches = false;
        if (lede_query_matches(query, &archive->subjects[i].match, analyzer, &matches) != LEDE_OK)
            die("no memory", NULL);
        if (matches)
            printf("%s%s", first ? "" : "\t", archive->subjects[i].document->id);
        first = first && !matches;
    }
    putchar('\n');
    lede_query_free(query);
}

static void archive_done(struct archive *archive)
{
    for (size_t i = 0; i < archive->count; i++) {
        lede_document_free(archive->subjects[i].document);
        for (size_t k = 0; k < LEDE_FIELD_COUNT; k++)
            lede_buffer_done(&archive->subjects[i].lists[k]);
    }
    free(archive->subjects);
}

int main(int argc, char **argv)
{
    struct lede_error error;
    struct archive archive = {0};
    struct lede_analyzer *analyzer = NULL;
    struct lede_language_detector *detector = NULL;
    char line[LEDE_QUERY_BYTES_MAX + 8];
    FILE *queries = argc > 2 ? fopen(argv[1], "r") : NULL;
    if (!queries)
        die("usage: oracle QUERIES DOCUMENTS.ndjson...", NULL);
    if (lede_analyzer_new(&analyzer, &error) != LEDE_OK ||
        lede_language_detector_new(&detector, &error) != LEDE_OK)
        die("start", &error);
    for (int i = 2; i < argc; i++)
        load(&archive, argv[i], detector);
    while (fgets(line, sizeof(line), queries)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0])
            answer(&archive, line, analyzer);
    }
    fclose(queries);
    archive_done(&archive);
    lede_language_detector_free(detector);
    lede_analyzer_free(analyzer);
    return 0;
}
