/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of all XML formats: libxml2's push parser, whose events become one tree a record.
 *
 * Memory holds one record and what is around it. External entities, parameter entities and
 * external subsets are not read, and nothing is fetched; what a document's own entities may expand
 * to, and how deep elements stand, is bounded by libxml2 and by the size of a document. */
#ifndef LEDE_XML_READER_H
#define LEDE_XML_READER_H

#include "xml_tree.h"

enum lede_status lede_xml_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr);
enum lede_status lede_xml_next(
    void *reader, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr);
uint64_t lede_xml_line(const void *reader);
void lede_xml_free(void *reader);

#endif
