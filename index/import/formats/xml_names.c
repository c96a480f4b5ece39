/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces by the prefixes that mappings name them with, and the root of a document. */
#include "xml_names.h"

#include <string.h>

static const struct {
    const char *prefix, *uri;
} known[] = {
    {"atom", "http://www.w3.org/2005/Atom"},
    {"atom", "http://purl.org/atom/ns#"},
    {"content", "http://purl.org/rss/1.0/modules/content/"},
    {"dc", "http://purl.org/dc/elements/1.1/"},
    {"dc", "http://purl.org/dc/elements/1.0/"},
    {"dcterms", "http://purl.org/dc/terms/"},
    {"excerpt", "http://wordpress.org/export/1.2/excerpt/"},
    {"excerpt", "http://wordpress.org/export/1.1/excerpt/"},
    {"excerpt", "http://wordpress.org/export/1.0/excerpt/"},
    {"feedburner", "http://rssnamespace.org/feedburner/ext/1.0"},
    {"image", "http://www.google.com/schemas/sitemap-image/1.1"},
    {"itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"},
    {"media", "http://search.yahoo.com/mrss/"},
    {"media", "http://search.yahoo.com/mrss"},
    {"news", "http://www.google.com/schemas/sitemap-news/0.9"},
    {"nitf", "http://iptc.org/std/NITF/2006-10-18/"},
    {"prism", "http://prismstandard.org/namespaces/basic/2.0/"},
    {"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
    {"slash", "http://purl.org/rss/1.0/modules/slash/"},
    {"tombstone", "http://purl.org/atompub/tombstones/1.0"},
    {"wp", "http://wordpress.org/export/1.2/"},
    {"wp", "http://wordpress.org/export/1.1/"},
    {"wp", "http://wordpress.org/export/1.0/"},
    {"xhtml", "http://www.w3.org/1999/xhtml"},
    {"xml", "http://www.w3.org/XML/1998/namespace"},
};

const char *lede_xml_prefix(const char *const *namespaces, const char *namespace_uri)
{
    for (size_t i = 0; namespaces[i]; i++) {
        if (strcmp(namespaces[i], namespace_uri) == 0)
            return "";
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(known); i++) {
        if (strcmp(known[i].uri, namespace_uri) == 0)
            return known[i].prefix;
    }
    return NULL;
}

/* The offset behind a comment, an instruction or a document type that stands at text[0]; 0: none
 * of them, or it does not end here. */
static size_t skip_prolog(const char *text, size_t size)
{
    static const struct {
        const char *begin, *end;
    } kinds[] = {{"<?", "?>"}, {"<!--", "-->"}};
    for (size_t i = 0; i < LEDE_COUNT_OF(kinds); i++) {
        size_t begin = strlen(kinds[i].begin);
        if (size < begin || memcmp(text, kinds[i].begin, begin) != 0)
            continue;
        const char *end = memmem(text, size, kinds[i].end, strlen(kinds[i].end));
        return end ? (size_t)(end - text) + strlen(kinds[i].end) : 0;
    }
    if (size < 2 || memcmp(text, "<!", 2) != 0)
        return 0;
    bool is_inside = false; /* the internal subset */
    for (size_t i = 2; i < size; i++) {
        is_inside = text[i] == '[' || (is_inside && text[i] != ']');
        if (text[i] == '>' && !is_inside)
            return i + 1;
    }
    return 0;
}

bool lede_xml_root(const struct lede_format_head *head, struct lede_xml_root *ret_root)
{
    const char *text = head->text;
    size_t size = head->size;
    for (;;) {
        size_t blank = 0;
        while (blank < size && strchr(" \t\r\n", text[blank]) && text[blank])
            blank++;
        text += blank;
        size -= blank;
        size_t skipped = skip_prolog(text, size);
        if (skipped == 0)
            break;
        text += skipped;
        size -= skipped;
    }
    /* A document type that does not end in the head names the root all the same. */
    static const char doctype[] = "<!DOCTYPE ";
    size_t doctype_size = sizeof(doctype) - 1;
    if (size > doctype_size + 1 && memcmp(text, doctype, doctype_size) == 0) {
        text += doctype_size - 1;
        size -= doctype_size - 1;
    } else if (size < 2 || text[0] != '<' || strchr("!?/ ", text[1])) {
        return false;
    }
    struct lede_xml_root root = {.name = text + 1, .tag = text + 1};
    while (root.name_size + 1 < size && !strchr(" \t\r\n/>", text[root.name_size + 1]))
        root.name_size++;
    const char *end = memchr(text, '>', size);
    root.tag_size = end ? (size_t)(end - text) - 1 : size - 1;
    *ret_root = root;
    return root.name_size > 0;
}

bool lede_xml_root_is(const struct lede_xml_root *root, const char *name)
{
    const char *colon = memchr(root->name, ':', root->name_size);
    const char *local = colon ? colon + 1 : root->name;
    size_t size = (size_t)(root->name + root->name_size - local);
    return size == strlen(name) && memcmp(local, name, size) == 0;
}

bool lede_xml_root_has(const struct lede_xml_root *root, const char *text)
{
    return memmem(root->tag, root->tag_size, text, strlen(text)) != NULL;
}
