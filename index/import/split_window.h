/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window over a stream. */
#ifndef LEDE_SPLIT_WINDOW_H
#define LEDE_SPLIT_WINDOW_H

#include "lede/import.h"

enum lede_split_mode {
    LEDE_SPLIT_START,   /* nothing is known yet */
    LEDE_SPLIT_LINES,   /* one document a line */
    LEDE_SPLIT_OBJECTS, /* objects one after the other, line breaks anywhere */
    LEDE_SPLIT_ARRAY,   /* elements of one array */
    LEDE_SPLIT_TEXT,    /* all of it is one document */
    LEDE_SPLIT_KNOWN,   /* a format's reader takes it from here */
    LEDE_SPLIT_END,
    LEDE_SPLIT_BROKEN, /* `broken` says why, at every further call */
};

enum lede_array_state {
    LEDE_ARRAY_FIRST,     /* behind '[' */
    LEDE_ARRAY_VALUE,     /* behind ',' */
    LEDE_ARRAY_SEPARATOR, /* behind an element */
    LEDE_ARRAY_END,       /* behind ']' */
};

/* How far a value has been looked at: where it stands between two blocks, and between two calls. */
struct lede_value_scan {
    enum { LEDE_VALUE_NONE, LEDE_VALUE_CONTAINER, LEDE_VALUE_STRING, LEDE_VALUE_SCALAR } kind;
    bool is_begun; /* the others count */
    bool in_string;
    bool is_escaped; /* the byte before was a backslash that begins an escape */
    bool is_over;    /* it passed the limit, and is used up as it comes */
    size_t depth;
    size_t offset; /* scanned behind start */
    uint64_t line; /* of its first byte */
};

/* Bytes data[start, end) are read and not yet used up. */
struct lede_splitter {
    lede_read_function read;
    void *context;
    size_t document_bytes_max;
    enum lede_import_format format;
    const struct lede_format *known; /* NULL: none, or not known yet */
    void *reader;                    /* KNOWN: its own */
    const char *path, *media_type;
    struct lede_explanation *explanation;
    const char *const *columns;
    unsigned depth;
    bool is_certain;
    bool charset_is_declared;
    bool is_json; /* it begins as JSON, or has to */
    enum lede_split_mode mode;
    enum lede_array_state array_state;
    struct lede_value_scan scan; /* OBJECTS, ARRAY: of the value at start */
    size_t scanned;              /* LINES: bytes behind start without a line break */
    size_t dropped;  /* LINES: blank bytes of a line that is over the limit: all may be blank */
    bool skips_line; /* LINES: the rest of this one is to be dropped */
    char *data;
    size_t capacity;
    size_t start;
    size_t end;
    bool has_ended;          /* read() said so */
    bool is_cut;             /* what read() gives is damaged from here on: `broken` says how */
    uint64_t line;           /* 1-based, of data[start] */
    uint64_t consumed;       /* bytes of the stream before data[start] */
    struct lede_buffer made; /* TEXT: the JSON */
    struct lede_error broken;
};

/* Read more behind data[end), moving data[start, end) to the front first. Sets has_ended where
 * there is no more, is_cut too where the rest is damaged. Status: OK; what read gave, but for
 * EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_splitter_fill(
    struct lede_splitter *splitter, struct lede_error *reterr);
/* Use up bytes, and count the lines in them. size <= end - start. */
void lede_splitter_consume(struct lede_splitter *splitter, size_t size);
/* Use up white space and byte-order marks, reading on as needed. The same statuses as fill. */
LEDE_CHECKED enum lede_status lede_splitter_skip_space(
    struct lede_splitter *splitter, struct lede_error *reterr);
bool lede_is_json_space(char c);
/* The first byte that is neither white space nor of a byte-order mark. */
size_t lede_skip_blank(const char *text, size_t size);
/* Fill an item, good or over the limit. */
void lede_item_set(struct lede_import_item *item, const char *text, size_t size, uint64_t line);
void lede_item_set_over_limit(struct lede_import_item *item, size_t limit, uint64_t line);

/* End all splitting: what stands at `start` is not what was expected, or the stream is cut there.
 * Sets the error, which every further call gives again. Returns LEDE_EINPUT. */
enum lede_status lede_splitter_break(
    struct lede_splitter *splitter, const char *expected, struct lede_error *reterr);

#endif
