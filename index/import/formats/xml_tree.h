/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements, as they open and close, to one tree of JSON a record. */
#ifndef LEDE_XML_TREE_H
#define LEDE_XML_TREE_H

#include "format.h"
#include "text_flow.h"

/* `details` of an XML format. Names have the prefixes of xml_names.c, whatever the file calls them;
 * those of the format's own namespaces have none. */
struct lede_xml_details {
    const char *const *roots; /* local names, NULL-ended */
    /* One of these texts stands in the root's tag; NULL-ended; NULL: it needs none */
    const char *const *marks;
    unsigned unmarked;          /* how sure it is where none does; 0: it is another one */
    const char *const *records; /* paths of the elements that are documents: "rss/channel/item" */
    const char *const *namespaces; /* its own; NULL-ended */
};

struct lede_xml_frame {
    json_t *object; /* attributes and children; NULL: none yet. Owned */
    size_t path_at; /* of its name in the path */
    size_t text_at; /* of its text in the text */
    bool is_html;   /* its content is taken as text in paragraphs */
};

/* A record that came, or why it did not. */
struct lede_xml_entry {
    json_t *record, *context; /* owned */
    uint64_t line;
    struct lede_error error; /* where status is not OK */
};

/* Initialised by zeroing, but for `input`. Who calls sets `line` before each call, and stops once
 * `end` is not OK. */
struct lede_xml_tree {
    const struct lede_format_input *input;
    uint64_t line;
    struct lede_xml_frame *frames;
    size_t depth, frame_capacity;
    struct lede_buffer path, text;
    size_t record_depth; /* frames when it began, its own included; 0: outside */
    uint64_t record_line;
    size_t cost, cost_outside; /* bytes of the record, of all that is outside */
    bool is_over;              /* the record is over its limit */
    struct lede_error fault;   /* of the record; of what is outside, the last one */
    bool has_outside_fault;    /* it has been told */
    size_t skipped;            /* elements that are open below the deepest frame */
    size_t html_depth;         /* elements inside one that is taken as text; 0: none */
    bool flows;                /* one of them has begun */
    struct lede_text_flow flow;
    struct lede_xml_entry *entries; /* entries[first, count) are to be given */
    size_t first, count, entry_capacity;
    bool failed;           /* no memory */
    struct lede_error end; /* why nothing more can be read; status OK: it can */
};

/* attributes  as libxml2 gives them, five pointers each: name, prefix, namespace, value, its end */
void lede_xml_tree_open(struct lede_xml_tree *tree, const char *local, const char *prefix,
    const char *uri, size_t attribute_count, const unsigned char *const *attributes);
void lede_xml_tree_close(struct lede_xml_tree *tree, const char *local);
void lede_xml_tree_text(struct lede_xml_tree *tree, const char *text, size_t size);
/* Something is not well-formed: the record that it stands in is not given. */
void lede_xml_tree_fault(struct lede_xml_tree *tree, const char *found);
/* Nothing more comes: a record that is open is told. */
void lede_xml_tree_end(struct lede_xml_tree *tree);
bool lede_xml_tree_has_failed(const struct lede_xml_tree *tree);
void lede_xml_tree_done(struct lede_xml_tree *tree);
void lede_xml_entry_done(struct lede_xml_entry *entry);

#endif
