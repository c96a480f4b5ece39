/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LEDE_XML_NAMES_H
#define LEDE_XML_NAMES_H

#include "format.h"

/* The prefix that paths have for a namespace, "" for one of the format's own, a NULL-ended list;
 * NULL: not known. */
const char *lede_xml_prefix(const char *const *namespaces, const char *namespace_uri);

/* The first tag of a head, from its name on. Returns false where the head is no XML, or has none.
 * ret_name, ret_tag  in the head; the name may have a prefix; the tag ends before its '>' or with
 *                    the head */
struct lede_xml_root {
    const char *name, *tag;
    size_t name_size, tag_size;
};
bool lede_xml_root(const struct lede_format_head *head, struct lede_xml_root *ret_root);
/* Is its name this, whatever its prefix? */
bool lede_xml_root_is(const struct lede_xml_root *root, const char *name);
/* Does the tag hold these bytes: a namespace, an attribute? */
bool lede_xml_root_has(const struct lede_xml_root *root, const char *text);

#endif
