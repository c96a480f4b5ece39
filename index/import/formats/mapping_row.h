/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table that makes a record of some format a document: one row a place in the record.
 *
 * A record is a tree of JSON, whatever the format was. Of XML, an element is a string; with
 * attributes or children it is an object with "@name" for attributes, "#text" for its text,
 * and an array where it comes more than once. */
#ifndef LEDE_MAPPING_ROW_H
#define LEDE_MAPPING_ROW_H

enum lede_conversion {
    LEDE_CONVERT_NONE,      /* known, and not kept: what it says is in how others are read */
    LEDE_CONVERT_LINE,      /* text on one line */
    LEDE_CONVERT_TEXT,      /* text, its paragraphs kept */
    LEDE_CONVERT_HTML,      /* HTML, or markup of its kind: its text in paragraphs */
    LEDE_CONVERT_HTML_LINE, /* the same on one line */
    LEDE_CONVERT_POST,      /* the same where a blank line, too, parts paragraphs */
    LEDE_CONVERT_URL,       /* a URL; what is none is not taken */
    LEDE_CONVERT_IMAGE,     /* an https URL, which a browser may load; else not taken */
    LEDE_CONVERT_ID,        /* one that is too long is hashed */
    LEDE_CONVERT_DATE,      /* what lede_time_parse() takes; what is no date is not taken */
    LEDE_CONVERT_LANGUAGE,  /* a language tag; what is none is not taken */
    LEDE_CONVERT_PERSON,    /* "By Jane Doe", "a@b.c (Jane Doe)": Jane Doe */
    LEDE_CONVERT_LIST,      /* values with commas or semicolons between */
    LEDE_CONVERT_STATUS,    /* usable, withheld, canceled, by the words of the wires */
    LEDE_CONVERT_VERSION,   /* a number of 0 or more; what is none is not taken */
    LEDE_CONVERT_CANCELED,  /* its presence cancels the document */
    LEDE_CONVERSIONS,
};

struct lede_mapping {
    /* Steps with '/' between; "@name" at the end is an attribute. [@name=value], [@name=value*],
     * [@name=*value], [@name] and [!@name] behind a step are conditions on it. "**" as the first
     * step: anywhere in the record, what is outside first. '^' first: looked for around the record,
     * from its parent on outward, where the record itself gives none. NULL ends a table. */
    const char *path;
    const char *field; /* of a document, "image/url" a member of one; NULL where it is not kept */
    enum lede_conversion conversion;
    const char *otherwise; /* the field that takes it where `field` has one already; may be NULL */
};

#endif
