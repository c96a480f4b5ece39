/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of all XML formats: libxml2's push parser, whose events become one tree a record.
 *
 * Memory holds one record and what is around it. External entities, parameter entities and
 * external subsets are not read, and nothing is fetched; what a document's own entities may expand
 * to, and how deep elements stand, is bounded by libxml2 and by the size of a document. */
#ifndef LEDE_XML_READER_H
#define LEDE_XML_READER_H

#include "xml_tree.h"

/* Of each: what stands in its `details`, a struct lede_xml_details. */
extern const struct lede_format_reader lede_xml_reader;
unsigned lede_xml_recognise(const struct lede_format *format, const struct lede_format_head *head);

#endif
