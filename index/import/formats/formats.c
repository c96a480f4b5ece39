/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats that are known: which one is it, and what does what is none look like? */
#include "format.h"
#include "xml_names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of two that are as sure, the first is taken. */
static const struct lede_format *const formats[] = {
    &lede_format_wxr,
    &lede_format_rss,
    &lede_format_atom,
    &lede_format_rss1,
    &lede_format_sitemap_news,
    &lede_format_nitf,
    &lede_format_newsml_g2,
    &lede_format_newsml,
    &lede_format_ninjs,
    &lede_format_jsonfeed,
    &lede_format_csv,
    &lede_format_html,
    &lede_format_warc,
    &lede_format_anpa,
    &lede_format_iptc7901,
    &lede_format_archive,
    &lede_format_mail,
    &lede_format_docx,
    &lede_format_pdf,
};

const struct lede_format *lede_format_at(size_t index)
{
    return index < LEDE_COUNT_OF(formats) ? formats[index] : NULL;
}

const struct lede_format *lede_format_named(const char *name)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(formats); i++) {
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    }
    return NULL;
}

const char *lede_format_name(const struct lede_format *format)
{
    return format->name;
}

const char *lede_format_title(const struct lede_format *format)
{
    return format->title;
}

const char *const *lede_format_media_types(const struct lede_format *format)
{
    return format->media_types;
}

static bool ends_with(const char *text, size_t size, const char *ending)
{
    size_t ending_size = strlen(ending);
    return size >= ending_size && strncasecmp(text + size - ending_size, ending, ending_size) == 0;
}

static size_t size_without_packing(const char *path)
{
    size_t size = strlen(path);
    if (ends_with(path, size, ".gz"))
        return size - strlen(".gz");
    return ends_with(path, size, ".zst") ? size - strlen(".zst") : size;
}

static bool has_ending(const struct lede_format *format, const char *path)
{
    size_t size = size_without_packing(path);
    for (size_t i = 0; format->endings[i]; i++) {
        if (ends_with(path, size, format->endings[i]))
            return true;
    }
    return false;
}

bool lede_format_is_ending(const char *path)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(formats); i++) {
        if (has_ending(formats[i], path))
            return true;
    }
    return false;
}

static bool has_media_type(const struct lede_format *format, const char *media_type)
{
    for (size_t i = 0; format->media_types[i]; i++) {
        if (strcasecmp(format->media_types[i], media_type) == 0)
            return true;
    }
    return false;
}

const struct lede_format *lede_format_recognise(
    const struct lede_format_head *head, const char *path, const char *media_type)
{
    const struct lede_format *best = NULL;
    unsigned most = LEDE_FORMAT_SURE - 1;
    for (size_t i = 0; i < LEDE_COUNT_OF(formats); i++) {
        const struct lede_format *format = formats[i];
        unsigned sure = format->recognise(format, head);
        bool is_said = (path && has_ending(format, path)) ||
                       (media_type && has_media_type(format, media_type));
        if (sure > LEDE_FORMAT_NO && is_said)
            sure += LEDE_FORMAT_SURE;
        if (sure > most) {
            most = sure;
            best = format;
        }
    }
    return best;
}

bool lede_format_is_beginning(const char *text, size_t size, const char *path)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (size >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        size -= 3;
    }
    for (; size > 0 && strchr(" \t\r\n", *text) && *text; size--)
        text++;
    struct lede_format_head head = {
        .text = text, .size = size < LEDE_FORMAT_HEAD_BYTES ? size : LEDE_FORMAT_HEAD_BYTES};
    return size > 0 && lede_format_recognise(&head, path, NULL);
}

/* What many files that are no news begin with. */
static const char *look_of(const struct lede_format_head *head)
{
    static const struct {
        const char *mark;
        size_t size;
        const char *name;
    } marks[] = {{"\x89PNG", 4, "a PNG image"}, {"\xFF\xD8\xFF", 3, "a JPEG image"},
        {"GIF8", 4, "a GIF image"}, {"RIFF", 4, "a RIFF file (WebP, WAV, AVI)"},
        {"PK\3\4", 4, "a ZIP archive"}, {"%PDF-", 5, "PDF"},
        {"\x7F"
         "ELF",
            4, "a program"},
        {"\xD0\xCF\x11\xE0", 4, "an old Office document"}, {"BZh", 3, "bzip2"},
        {"\xFD"
         "7zXZ",
            5, "xz"},
        {"7z\xBC\xAF", 4, "a 7z archive"}, {"Rar!", 4, "a RAR archive"}, {"ID3", 3, "MP3"},
        {"OggS", 4, "Ogg"}, {"SQLite format 3", 15, "an SQLite database"}, {"{\\rtf", 5, "RTF"},
        {"<!doctype html", 14, "HTML"}, {"<html", 5, "HTML"}};
    for (size_t i = 0; i < LEDE_COUNT_OF(marks); i++) {
        if (head->size >= marks[i].size &&
            strncasecmp(head->text, marks[i].mark, marks[i].size) == 0)
            return marks[i].name;
    }
    for (size_t i = 0; i < head->size; i++) {
        unsigned char c = (unsigned char)head->text[i];
        if (c == '\0' || (c < ' ' && !strchr("\t\n\r\f\v\x1B\x1A\1\2\3\4", c)))
            return "binary data";
    }
    return NULL;
}

enum lede_status lede_format_refuse(
    const struct lede_format_head *head, uint64_t line, struct lede_error *reterr)
{
    struct lede_buffer known = {0};
    const char *look = look_of(head);
    for (size_t i = 0; i < LEDE_COUNT_OF(formats); i++)
        lede_buffer_append_format(&known, "%s%s", i > 0 ? ", " : "", formats[i]->name);
    struct lede_xml_root root;
    bool is_xml = !look && lede_xml_root(head, &root);
    int shown = head->size < 40 ? (int)head->size : 40;
    for (int i = 0; i < shown; i++) {
        if ((unsigned char)head->text[i] < ' ')
            shown = i;
    }
    if (look)
        (void)lede_fail(reterr, LEDE_EINPUT,
            "line %llu: expected JSON or a format of news, found what looks like %s",
            (unsigned long long)line, look);
    else if (is_xml)
        (void)lede_fail(reterr, LEDE_EINPUT,
            "line %llu: expected JSON or a format of news, found XML whose root is <%.*s>",
            (unsigned long long)line, (int)(root.name_size < 40 ? root.name_size : 40), root.name);
    else
        (void)lede_fail(reterr, LEDE_EINPUT,
            "line %llu: expected JSON or a format of news, found '%.*s'", (unsigned long long)line,
            shown, head->text);
    if (known.data)
        lede_error_hint(reterr, "formats are %s, and text in files named .txt", known.data);
    lede_buffer_done(&known);
    return LEDE_EINPUT;
}
