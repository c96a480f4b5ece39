/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede-pdf-text: a PDF on standard input to a JSON object on standard output.
 *
 * A program of its own, for libpoppler reads what strangers wrote in C++ with 25 years of corners:
 * it may crash, hang or eat memory here, and whoever called it says so and goes on. It limits
 * itself before it looks at a byte. */
#include <glib.h>
#include <jansson.h>
#include <poppler.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGES_MAX = 2000, EXIT_NO_PDF = 2, EXIT_LOCKED = 3, EXIT_NO_TEXT = 4 };

#define PROCESSOR_S 20
#define MEMORY_BYTES ((rlim_t)2 << 30)
#define TEXT_BYTES_MAX ((gsize)8 << 20)

static void limit(void)
{
    struct rlimit processor = {PROCESSOR_S, PROCESSOR_S};
    struct rlimit nothing = {0, 0};
    (void)setrlimit(RLIMIT_CPU, &processor);
    (void)setrlimit(RLIMIT_CORE, &nothing);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(LEDE_SANITIZED)
    struct rlimit memory = {MEMORY_BYTES, MEMORY_BYTES};
    (void)setrlimit(RLIMIT_AS, &memory);
#endif
}

/* Take a string into the object, and free it. */
static void set_string(json_t *object, const char *key, char *text)
{
    if (text && *text && g_utf8_validate(text, -1, NULL))
        json_object_set_new(object, key, json_string(text));
    g_free(text);
}

static void set_date(json_t *object, const char *key, GDateTime *date)
{
    if (!date)
        return;
    GDateTime *utc = g_date_time_to_utc(date);
    set_string(object, key, g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ"));
    g_date_time_unref(utc);
    g_date_time_unref(date);
}

static glong longest_line(gchar *const *lines)
{
    glong longest = 0;
    for (size_t i = 0; lines[i]; i++) {
        glong size = g_utf8_strlen(lines[i], -1);
        longest = size > longest ? size : longest;
    }
    return longest;
}

/* Lines as they are set become paragraphs: one ends where a line ends a sentence and is short, or
 * nothing is between. A word that was divided at a line's end is one again. */
static void append_page(GString *text, const char *page)
{
    gchar **lines = g_strsplit(page, "\n", -1);
    glong longest = longest_line(lines);
    bool ends = true;
    for (size_t i = 0; lines[i]; i++) {
        gchar *line = g_strstrip(lines[i]);
        size_t size = strlen(line);
        bool was_divided = text->len > 1 && !ends && text->str[text->len - 1] == '-' &&
                           g_ascii_isalpha(text->str[text->len - 2]) && g_ascii_islower(line[0]);
        if (size == 0) {
            ends = true;
            continue;
        }
        if (was_divided)
            g_string_truncate(text, text->len - 1);
        else if (text->len > 0)
            g_string_append(text, ends ? "\n\n" : " ");
        g_string_append(text, line);
        ends = strchr(".!?:\"", line[size - 1]) && g_utf8_strlen(line, -1) * 10 < longest * 9;
    }
    g_strfreev(lines);
}

static char *text_of(PopplerDocument *document)
{
    GString *text = g_string_new(NULL);
    int count = poppler_document_get_n_pages(document);
    for (int i = 0; i < count && i < PAGES_MAX && text->len < TEXT_BYTES_MAX; i++) {
        PopplerPage *page = poppler_document_get_page(document, i);
        char *lines = page ? poppler_page_get_text(page) : NULL;
        if (lines)
            append_page(text, lines);
        g_free(lines);
        if (page)
            g_object_unref(page);
    }
    return g_string_free(text, FALSE);
}

static char *read_input(gsize *ret_size)
{
    GString *all = g_string_new(NULL);
    char piece[65536];
    ssize_t got = 0;
    while ((got = read(STDIN_FILENO, piece, sizeof(piece))) > 0)
        g_string_append_len(all, piece, got);
    *ret_size = all->len;
    return g_string_free(all, FALSE);
}

int main(void)
{
    limit();
    gsize size = 0;
    GError *error = NULL;
    char *input = read_input(&size);
    GBytes *bytes = g_bytes_new_take(input, size);
    PopplerDocument *document = poppler_document_new_from_bytes(bytes, NULL, &error);
    if (!document)
        return error && g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED)
                   ? EXIT_LOCKED
                   : EXIT_NO_PDF;
    json_t *object = json_object();
    set_string(object, "title", poppler_document_get_title(document));
    set_string(object, "author", poppler_document_get_author(document));
    set_string(object, "subject", poppler_document_get_subject(document));
    set_string(object, "keywords", poppler_document_get_keywords(document));
    set_date(object, "created", poppler_document_get_creation_date_time(document));
    set_date(object, "modified", poppler_document_get_modification_date_time(document));
    set_string(object, "text", text_of(document));
    int code = EXIT_NO_TEXT;
    if (json_object_get(object, "text"))
        code = json_dumpf(object, stdout, JSON_COMPACT) == 0 && fflush(stdout) == 0 ? 0 : 1;
    _exit(code); /* what the libraries hold goes with it */
}
