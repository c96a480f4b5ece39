/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTML to text by libxml2's parser, event by event: no tree, so that depth costs nothing. */
#include "text_flow.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <limits.h>
#include <string.h>

static void on_open(void *context, const xmlChar *name, const xmlChar **attributes)
{
    (void)attributes;
    lede_text_flow_open(context, (const char *)name);
}

static void on_close(void *context, const xmlChar *name)
{
    lede_text_flow_close(context, (const char *)name);
}

static void on_text(void *context, const xmlChar *text, int size)
{
    lede_text_flow_text(context, (const char *)text, (size_t)size);
}

enum lede_status lede_html_text(
    const char *html, size_t size, struct lede_buffer *out, struct lede_error *reterr)
{
    struct lede_text_flow flow;
    lede_text_flow_begin(&flow, out);
    return lede_html_flow(&flow, html, size, reterr);
}

enum lede_status lede_html_flow(
    struct lede_text_flow *flow, const char *html, size_t size, struct lede_error *reterr)
{
    const struct lede_buffer *out = flow->out;
    bool is_plain = !memchr(html, '<', size) && !memchr(html, '&', size);
    if (is_plain || size > INT_MAX) {
        lede_text_flow_text(flow, html, size);
        return lede_buffer_status(out) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
    }
    htmlSAXHandler events = {.startElement = on_open,
        .endElement = on_close,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text};
    htmlParserCtxtPtr parser = htmlCreateMemoryParserCtxt(html, (int)size);
    if (!parser)
        return lede_fail_memory(reterr);
    xmlSAXHandler *own = parser->sax;
    parser->sax = &events;
    parser->userData = flow;
    (void)htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
                                         HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                                         HTML_PARSE_IGNORE_ENC);
    (void)xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8);
    (void)htmlParseDocument(parser);
    bool is_failed = parser->lastError.code == XML_ERR_NO_MEMORY;
    parser->sax = own;
    htmlFreeParserCtxt(parser);
    return !is_failed && lede_buffer_status(out) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}
