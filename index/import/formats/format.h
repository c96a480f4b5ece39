/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an import format is: how it is recognised, how a stream of it becomes documents, and the
 * table that says which place in it becomes which field.
 *
 * A format is one constant, in a file of its own, and a line in formats.c. Its reader pulls bytes
 * and gives one document after the other, as JSON text. It may be called again after EAGAIN, so it
 * keeps all that it knows in its own object. */
#ifndef LEDE_FORMAT_H
#define LEDE_FORMAT_H

#include "lede/import.h"
#include "mapping.h"

/* How a stream begins. */
struct lede_format_head {
    const char *text; /* behind byte-order marks and white space; LEDE_FORMAT_HEAD_BYTES at most */
    size_t size;
    bool is_whole; /* there is no more */
};

#define LEDE_FORMAT_HEAD_BYTES ((size_t)4096)

/* How sure a format is of a beginning. Between two, the surer one is taken; what a file's name or
 * the media type says counts LEDE_FORMAT_SURE more, and makes a guess enough. */
enum {
    LEDE_FORMAT_NO = 0,     /* it is none, whatever its name says */
    LEDE_FORMAT_GUESS = 10, /* it may be one, if its name says so */
    LEDE_FORMAT_SURE = 50,  /* it is one by its content; more where the content says more */
    LEDE_FORMAT_CERTAIN = 100,
};

/* How a reader reads what is inside: the splitter's functions (lede/import.h), which knows all
 * formats and stands above them. */
struct lede_splitting {
    enum lede_status (*open)(const struct lede_splitter_options *options,
        struct lede_splitter **ret_splitter, struct lede_error *reterr);
    enum lede_status (*next)(struct lede_splitter *splitter, struct lede_import_item *ret_item,
        bool *ret_more, struct lede_error *reterr);
    uint64_t (*line)(const struct lede_splitter *splitter);
    void (*free)(struct lede_splitter *splitter);
    enum lede_import_format (*format_of)(const char *path);
    bool (*takes)(const char *media_type); /* is it one of a format's? */
};

/* What a reader is given; borrowed for as long as it lives. */
struct lede_format_input {
    const struct lede_format *format;
    lede_read_function read; /* the stream, from the head's first byte on */
    void *context;
    uint64_t first_line; /* 1-based, of the head's first byte */
    bool is_utf8;        /* a charset was declared outside, and the bytes are UTF-8 already: what
                            the file itself says of its charset does not count */
    size_t document_bytes_max;
    struct lede_explanation *explanation; /* NULL: nobody asks */
    unsigned depth;                       /* containers around it */
    const char *const *columns;           /* "field=column" of tables, NULL-ended; NULL: none */
    const struct lede_splitting *splitting;
};

/* How a stream becomes documents; several formats may share one. */
struct lede_format_reader {
    /* ret_reader  owner: the caller, free(). Status: OK; ENOMEM. */
    enum lede_status (*open)(
        const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr);
    /* As lede_splitter_next(): an item's text is valid until the next call. An item that cannot be
     * read is an item with EINPUT or ELIMIT, its line, and what was expected; the next ones follow.
     * EINPUT as the status says that the rest cannot be read. After EAGAIN it is called again. */
    enum lede_status (*next)(
        void *reader, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr);
    uint64_t (*line)(const void *reader); /* where it stands; 1-based */
    void (*free)(void *reader);           /* NULL is taken */
};

struct lede_format {
    const char *name;                /* of --format, and the key of what is not mapped: "rss" */
    const char *title;               /* for people: "RSS 2.0" */
    const char *const *media_types;  /* NULL-ended, lower case; several formats may share one */
    const char *const *endings;      /* NULL-ended, lower case: ".rss" */
    const struct lede_mapping *rows; /* ends with a row without path */
    /* What no row can say, once they are applied; NULL: nothing. Status: OK; EINPUT it is no
     * document, and is told; ENOTFOUND the same, and it is passed over; ENOMEM. */
    enum lede_status (*complete)(json_t *document, json_t *record, const json_t *context);
    const void *details; /* what its reader's code knows of it; NULL: nothing */

    /* How sure it is. It may look at all of the head, and nowhere else. */
    unsigned (*recognise)(const struct lede_format *format, const struct lede_format_head *head);
    const struct lede_format_reader *reader;
};

/* The format that a head is of. NULL: none is sure.
 * path, media_type  what a name or a Content-Type says; NULL: nothing */
const struct lede_format *lede_format_recognise(
    const struct lede_format_head *head, const char *path, const char *media_type);
/* Say what a head of no known format looks like. Returns LEDE_EINPUT. */
enum lede_status lede_format_refuse(
    const struct lede_format_head *head, uint64_t line, struct lede_error *reterr);

/* ---- For readers ---- */

/* Make a record the document that the format's table says, as JSON text.
 * record   the item as a tree: an object whose keys are the steps of paths; taken apart
 * context  what is around all items, innermost first; may be NULL
 * out      cleared before
 * Status: OK; EINPUT, ENOTFOUND as complete() says; ENOMEM. */
LEDE_CHECKED enum lede_status lede_format_write(const struct lede_format_input *input,
    json_t *record, json_t *context, struct lede_buffer *out, struct lede_error *reterr);

extern const struct lede_format lede_format_atom;
extern const struct lede_format lede_format_newsml;
extern const struct lede_format lede_format_newsml_g2;
extern const struct lede_format lede_format_nitf;
extern const struct lede_format lede_format_rss;
extern const struct lede_format lede_format_rss1;
extern const struct lede_format lede_format_sitemap_news;
extern const struct lede_format lede_format_wxr;
extern const struct lede_format lede_format_ninjs;
extern const struct lede_format lede_format_jsonfeed;
extern const struct lede_format lede_format_csv;
extern const struct lede_format lede_format_html;
extern const struct lede_format lede_format_warc;
extern const struct lede_format lede_format_anpa;
extern const struct lede_format lede_format_iptc7901;
extern const struct lede_format lede_format_archive;
extern const struct lede_format lede_format_mail;
extern const struct lede_format lede_format_docx;
extern const struct lede_format lede_format_pdf;

#endif
