/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XML written straight into a buffer: whatever a document says is text in it. */
#ifndef LEDE_API_XML_OUT_H
#define LEDE_API_XML_OUT_H

#include "lede/stored.h"

/* Append text, escaped, without what XML 1.0 has no place for. */
void lede_xml_text(struct lede_buffer *out, const char *text, size_t size);
/* Append <name>text</name> and a line break. */
void lede_xml_element(struct lede_buffer *out, const char *name, const char *text, size_t size);

#endif
