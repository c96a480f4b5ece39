/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import_explain.h"

#include "import_files.h"

#include <stdio.h>
#include <string.h>

/* How a file's documents came. */
struct told {
    uint64_t documents, failed;
    bool has_rest; /* the heading of what is not mapped is printed */
};

static void complain_of(const char *path, uint64_t line, const char *message, struct told *told)
{
    told->failed++;
    (void)lede_complain("%s:%llu: %s", path, (unsigned long long)line, message);
}

static enum lede_status read_items(
    const char *path, struct lede_splitter *splitter, struct told *told, struct lede_error *reterr)
{
    for (;;) {
        struct lede_import_item item;
        bool more = false;
        enum lede_status st = lede_splitter_next(splitter, &item, &more, reterr);
        if (st == LEDE_EAGAIN)
            continue;
        if (st == LEDE_EINPUT || st == LEDE_ELIMIT || st == LEDE_EIO) {
            complain_of(path, lede_splitter_line(splitter), reterr->message, told);
            return LEDE_OK;
        }
        if (st != LEDE_OK || !more)
            return st;
        if (item.status == LEDE_OK)
            told->documents++;
        else
            complain_of(path, item.line, item.error.message, told);
    }
}

static void print_line(void *context, const struct lede_explanation_line *line)
{
    struct told *told = context;
    char target[80];
    if (!line->field && !line->conversion && !told->has_rest) {
        told->has_rest = true;
        printf("  not mapped, kept as it came:\n");
    }
    if (line->field)
        snprintf(target, sizeof(target), "%s%s%s (%s)", line->field,
            line->otherwise ? ", else " : "", line->otherwise ? line->otherwise : "",
            line->conversion);
    else
        snprintf(target, sizeof(target), "%s", line->conversion ? line->conversion : "");
    printf("  %8llu  %-46s %-36s %s\n", (unsigned long long)line->count, line->path, target,
        line->example);
}

static void print(const char *path, const struct lede_explanation *explanation, struct told *told)
{
    const struct lede_format *format = lede_explanation_format(explanation);
    unsigned long long documents = told->documents;
    if (!format) {
        printf("%s: %llu documents: JSON or text, of which nothing is mapped\n", path, documents);
        return;
    }
    printf("%s: %s, %llu documents; what is not mapped is kept under '%s'\n", path,
        lede_format_title(format), documents, lede_format_name(format));
    lede_explanation_visit(explanation, print_line, told);
}

static enum lede_status explain(const struct lede_import_file *file,
    const struct lede_format *known, const char *const *columns, const char *charset,
    uint64_t *ret_failed, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_file_source_freep) struct lede_file_source *source = NULL;
    LEDE_CLEANUP(lede_charset_reader_freep) struct lede_charset_reader *reader = NULL;
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    LEDE_CLEANUP(lede_explanation_freep) struct lede_explanation *explanation = NULL;
    struct told told = {0};
    explanation = lede_explanation_new();
    enum lede_status st =
        explanation ? lede_file_source_open(file->path, &source, reterr) : lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = lede_charset_reader_new(charset, lede_file_source_read, source, &reader, reterr);
    struct lede_splitter_options options = {.format = file->format,
        .known = known,
        .path = file->path,
        .columns = columns,
        .explanation = explanation,
        .charset_is_declared = charset != NULL,
        .read = lede_charset_reader_read,
        .context = reader};
    if (st == LEDE_OK)
        st = lede_splitter_new(&options, &splitter, reterr);
    if (st == LEDE_OK)
        st = read_items(file->path, splitter, &told, reterr);
    if (st == LEDE_OK)
        print(file->path, explanation, &told);
    *ret_failed += told.failed;
    return st;
}

enum lede_exit lede_import_explain(const struct lede_arguments *arguments,
    enum lede_import_format format, const struct lede_format *known, const char *const *columns)
{
    LEDE_CLEANUP(lede_import_files_done) struct lede_import_files files = {0};
    struct lede_error error;
    uint64_t failed = 0;
    enum lede_status st = lede_import_files_find(
        arguments->words, arguments->word_count, format, known != NULL, &files, &error);
    for (size_t i = 0; st == LEDE_OK && i < files.count; i++)
        st = explain(&files.items[i], known, columns, arguments->charset, &failed, &error);
    if (st != LEDE_OK)
        return lede_complain_error(&error);
    return failed > 0 ? LEDE_EXIT_SOME : LEDE_EXIT_OK;
}
