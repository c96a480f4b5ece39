/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text_flow.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum flow_kind { INLINE, LINE, BLOCK, CELL, HIDDEN, KEPT };

/* Sorted by name. HTML's elements (WHATWG, "Rendering"), and NITF 3.6's. */
static const struct {
    const char *name;
    enum flow_kind kind;
} elements[] = {
    {"abstract", BLOCK},
    {"address", BLOCK},
    {"article", BLOCK},
    {"aside", BLOCK},
    {"audio", BLOCK},
    {"block", BLOCK},
    {"blockquote", BLOCK},
    {"body", BLOCK},
    {"body.content", BLOCK},
    {"body.end", BLOCK},
    {"body.head", BLOCK},
    {"bq", BLOCK},
    {"br", LINE},
    {"button", HIDDEN},
    {"byline", BLOCK},
    {"byttl", LINE},
    {"caption", BLOCK},
    {"center", BLOCK},
    {"credit", BLOCK},
    {"dateline", BLOCK},
    {"dd", BLOCK},
    {"details", BLOCK},
    {"dir", BLOCK},
    {"distributor", BLOCK},
    {"div", BLOCK},
    {"dl", BLOCK},
    {"docdata", HIDDEN},
    {"dt", BLOCK},
    {"fieldset", BLOCK},
    {"figcaption", BLOCK},
    {"figure", BLOCK},
    {"fn", BLOCK},
    {"footer", BLOCK},
    {"form", BLOCK},
    {"h1", BLOCK},
    {"h2", BLOCK},
    {"h3", BLOCK},
    {"h4", BLOCK},
    {"h5", BLOCK},
    {"h6", BLOCK},
    {"head", HIDDEN},
    {"header", BLOCK},
    {"hedline", HIDDEN},
    {"hl1", BLOCK},
    {"hl2", BLOCK},
    {"hr", BLOCK},
    {"iframe", HIDDEN},
    {"legend", BLOCK},
    {"li", LINE},
    {"main", BLOCK},
    {"media", BLOCK},
    {"media-caption", BLOCK},
    {"media-metadata", HIDDEN},
    {"media-object", HIDDEN},
    {"media-producer", BLOCK},
    {"media-reference", HIDDEN},
    {"menu", BLOCK},
    {"nav", BLOCK},
    {"nitf-table", BLOCK},
    {"noframes", HIDDEN},
    {"noscript", BLOCK},
    {"note", BLOCK},
    {"object", HIDDEN},
    {"ol", BLOCK},
    {"option", HIDDEN},
    {"p", BLOCK},
    {"pre", KEPT},
    {"script", HIDDEN},
    {"section", BLOCK},
    {"select", HIDDEN},
    {"style", HIDDEN},
    {"summary", BLOCK},
    {"svg", HIDDEN},
    {"table", BLOCK},
    {"tagline", BLOCK},
    {"td", CELL},
    {"template", HIDDEN},
    {"textarea", HIDDEN},
    {"th", CELL},
    {"title", HIDDEN},
    {"tr", LINE},
    {"ul", BLOCK},
    {"video", BLOCK},
};

static int compare_element(const void *name, const void *element)
{
    return strcasecmp(name, *(const char *const *)element);
}

static enum flow_kind kind_of(const char *name)
{
    size_t size = sizeof(elements[0]);
    const char *const *found =
        bsearch(name, elements, sizeof(elements) / size, size, compare_element);
    return found ? elements[(size_t)((const char *)found - (const char *)elements) / size].kind
                 : INLINE;
}

void lede_text_flow_begin(struct lede_text_flow *flow, struct lede_buffer *out)
{
    *flow = (struct lede_text_flow){.out = out, .start = out->size};
}

static void write_breaks(struct lede_text_flow *flow)
{
    if (flow->out->size > flow->start && flow->breaks > 0)
        lede_buffer_append(flow->out, "\n\n", flow->breaks);
    else if (flow->out->size > flow->start && flow->space_is_due)
        lede_buffer_append_char(flow->out, ' ');
    flow->breaks = 0;
    flow->space_is_due = false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\v';
}

static void ask_breaks(struct lede_text_flow *flow, unsigned breaks)
{
    if (flow->breaks < breaks)
        flow->breaks = breaks;
}

void lede_text_flow_text(struct lede_text_flow *flow, const char *text, size_t size)
{
    size_t i = 0;
    while (i < size && flow->hidden == 0) {
        unsigned lines = 0;
        for (; i < size && is_space(text[i]); i++) {
            flow->space_is_due = true;
            lines += text[i] == '\n';
            if (flow->kept > 0 && text[i] == '\n')
                flow->breaks = flow->breaks < 2 ? flow->breaks + 1 : 2;
        }
        if (flow->blanks_part && lines > 1)
            ask_breaks(flow, 2);
        size_t from = i;
        while (i < size && !is_space(text[i]))
            i++;
        if (i > from) {
            write_breaks(flow);
            lede_buffer_append(flow->out, text + from, i - from);
        }
    }
}

void lede_text_flow_open(struct lede_text_flow *flow, const char *element)
{
    enum flow_kind kind = kind_of(element);
    if (kind == HIDDEN || flow->hidden > 0)
        flow->hidden += kind == HIDDEN;
    else if (kind == CELL)
        flow->space_is_due = true;
    else if (kind != INLINE)
        ask_breaks(flow, kind == LINE ? 1 : 2);
    if (kind == KEPT)
        flow->kept++;
}

void lede_text_flow_close(struct lede_text_flow *flow, const char *element)
{
    enum flow_kind kind = kind_of(element);
    if (kind == HIDDEN)
        flow->hidden -= flow->hidden > 0;
    if (kind == KEPT)
        flow->kept -= flow->kept > 0;
    if (flow->hidden > 0 || kind == HIDDEN || kind == INLINE)
        return;
    if (kind == CELL)
        flow->space_is_due = true;
    else
        ask_breaks(flow, kind == LINE ? 1 : 2);
}
