/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does a file become documents?
 *
 * A source gives bytes (a file, gzip or not; standard input; a request's body); a splitter cuts
 * them into the texts of single documents with their line numbers, in bounded memory. */
#ifndef LEDE_IMPORT_H
#define LEDE_IMPORT_H

#include "lede/base.h"
#include "lede/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lede_import_format {
    /* by the first byte that is not white space: '[' array, '{' ndjson or one object; else by what
     * the formats recognise; what is none of them is refused. Where there is a path, JSON of a
     * format, too */
    LEDE_IMPORT_AUTO,
    /* one object a line; blank lines are skipped. An array of objects may stand first, and objects
     * may follow each other without line breaks, if the first two do */
    LEDE_IMPORT_NDJSON,
    /* objects (line breaks allowed) or one array of objects; lines too, if the first line is
     * whole */
    LEDE_IMPORT_JSON,
    /* one document a file: the first line that is not blank is the title, the rest the body. Where
     * there is a path, a format that is recognised goes before */
    LEDE_IMPORT_TEXT,
};

/* Read up to `capacity` bytes. *ret_size 0 at the end. Status: OK; EIO; EINPUT (damaged gzip);
 * ELIMIT; ESTOPPED; ETIMEOUT; EAGAIN there are none yet. */
typedef enum lede_status (*lede_read_function)(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr);

/* Bytes that are in memory, as a stream. */
struct lede_memory_source {
    const char *data; /* borrowed */
    size_t size, at;
};
/* A lede_read_function over it. */
enum lede_status lede_memory_source_read(
    void *source, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr);

/* ---- Charsets ---- */

/* The name of UTF-16 or UTF-32 where a text begins as one: a byte-order mark, or NULs beside two
 * ASCII characters (RFC 4627 section 3). NULL: no such. LEDE_CHARSET_MARK_BYTES of it are enough.
 * */
#define LEDE_CHARSET_MARK_BYTES 4
const char *lede_charset_of(const char *text, size_t size);

/* A stream in another charset, read as UTF-8. One thread.
 * charset  a name that iconv(3) knows; UTF-8 or ASCII: bytes are given as they come. NULL: as
 *          lede_charset_of() says of the first bytes. What the charset has no character for is
 *          given as bytes that are no UTF-8.
 * read     of the stream; context is borrowed
 * Status: OK; EMEDIATYPE no such charset, with what is known; ENOMEM. */
struct lede_charset_reader;
LEDE_CHECKED enum lede_status lede_charset_reader_new(const char *charset, lede_read_function read,
    void *context, struct lede_charset_reader **ret_reader, struct lede_error *reterr);
void lede_charset_reader_free(struct lede_charset_reader *reader);
void lede_charset_reader_freep(struct lede_charset_reader **reader);
/* A lede_read_function over it; capacity >= 8. */
enum lede_status lede_charset_reader_read(
    void *reader, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr);
/* Append a whole text, in UTF-8. Status: OK; EMEDIATYPE; ENOMEM. */
LEDE_CHECKED enum lede_status lede_charset_decode(const char *charset, const char *text,
    size_t size, struct lede_buffer *ret_text, struct lede_error *reterr);

/* ---- Formats ----
 *
 * Beside JSON and plain text, each with a file in index/import/formats. Static; threads: any. */

struct lede_format;
const struct lede_format *lede_format_at(size_t index); /* NULL behind the last */
const struct lede_format *lede_format_named(const char *name);
/* What whoever follows sitemaps reads an index of them with, as `known`: an item a sitemap, `url`
 * and `updated`. It is in no list, for it has no news. */
const struct lede_format *lede_format_sitemap_index(void);
const char *lede_format_name(const struct lede_format *format);               /* "rss" */
const char *lede_format_title(const struct lede_format *format);              /* "RSS 2.0" */
const char *const *lede_format_media_types(const struct lede_format *format); /* NULL-ended */
/* Does the name of a file, before .gz or .zst, end as one of their files? */
bool lede_format_is_ending(const char *path);

/* Does a file that begins so have one of them by its content? path  for what its name says. */
bool lede_format_is_beginning(const char *text, size_t size, const char *path);

/* What became of the places in the files of one format. One thread. */
struct lede_explanation;
struct lede_explanation_line {
    const char *path;       /* in the format */
    const char *field;      /* of a document; NULL: not mapped, it stays under the format's name */
    const char *otherwise;  /* where the field has a value: this one; NULL: none */
    const char *conversion; /* "a date"; NULL where it is not mapped */
    uint64_t count;         /* values that were taken, or that stay */
    const char *example;
};
typedef void (*lede_explanation_visitor)(void *context, const struct lede_explanation_line *line);
struct lede_explanation *lede_explanation_new(void); /* NULL: no memory */
void lede_explanation_free(struct lede_explanation *explanation);
void lede_explanation_freep(struct lede_explanation **explanation);
/* The format that was found; NULL: none of them. */
const struct lede_format *lede_explanation_format(const struct lede_explanation *explanation);
/* The rows of its table in their order, then what no row takes. */
void lede_explanation_visit(
    const struct lede_explanation *explanation, lede_explanation_visitor visit, void *context);

/* ---- Documents ---- */

struct lede_splitter; /* one thread */

struct lede_splitter_options {
    enum lede_import_format format;
    const struct lede_format *known; /* all of it has this one, `format` does not count; NULL */
    const char *path;                /* borrowed: of AUTO, what its name says; NULL */
    const char *media_type;          /* borrowed: of AUTO, what was declared; NULL */
    struct lede_explanation *explanation; /* borrowed; NULL: nobody asks */
    const char *const *columns; /* borrowed: of CSV, "field=column", NULL-ended; NULL: none */
    unsigned depth;             /* containers that it is inside of */
    bool is_certain;            /* `format` was said by who knows: nothing else is looked for */
    size_t document_bytes_max; /* a longer one is given as an ELIMIT item and skipped to its end; 0:
                                  LEDE_DOCUMENT_BYTES_MAX */
    /* its charset was declared: bytes of a TEXT that are no UTF-8 stay as they are, else all of it
     * is read as Windows-1252 */
    bool charset_is_declared;
    lede_read_function read;
    void *context;
};

/* One document's text, or why there is none. */
struct lede_import_item {
    enum lede_status status; /* OK; EINPUT, ELIMIT: only this item is lost */
    const char *
        text; /* JSON text of one object; valid until the next call; not yet parsed. TEXT: JSON made
                         from the file */
    size_t size;
    uint64_t line;           /* 1-based, of its first line */
    struct lede_error error; /* where status is not OK */
};

LEDE_CHECKED enum lede_status lede_splitter_new(const struct lede_splitter_options *options,
    struct lede_splitter **ret_splitter, struct lede_error *reterr);
void lede_splitter_free(struct lede_splitter *splitter);
/* Give back the memory that what was read and not yet given does not need, before a wait. Returns
 * the bytes that are kept. */
size_t lede_splitter_trim(struct lede_splitter *splitter);
void lede_splitter_freep(struct lede_splitter **splitter);
/* Where it stands: the 1-based line behind what was given. */
uint64_t lede_splitter_line(const struct lede_splitter *splitter);
/* Was JSON expected? Of a stream that has been read from. */
bool lede_splitter_is_json(const struct lede_splitter *splitter);
/* The next item. *ret_more false at the end (ret_item is then untouched).
 * Status: OK, also with an item that is an error; EINPUT the rest cannot be split (an array's
 * syntax is broken: position, line; or read said so: what came whole before it was given); what
 * read gave; EBUSY as many PDFs are read as at once are; ENOMEM. After EAGAIN the next call goes on
 * where this one stopped. */
LEDE_CHECKED enum lede_status lede_splitter_next(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr);

/* A file, gzip, zstd or plain by its first bytes; "-" is standard input. One thread. A packed file
 * may have several members. Open: OK; ENOTFOUND; EIO; ENOMEM. Read: OK; EIO; EAGAIN a pipe gave
 * nothing for a tenth of a second, or a signal came: it may be read again; EINPUT damaged or cut,
 * with the position in the file, once what came before was given: then it goes on with the next
 * member of gzip that begins behind; ENOMEM. */
struct lede_file_source;
LEDE_CHECKED enum lede_status lede_file_source_open(
    const char *path, struct lede_file_source **ret_source, struct lede_error *reterr);
void lede_file_source_free(struct lede_file_source *source);
void lede_file_source_freep(struct lede_file_source **source);
/* A lede_read_function over it. */
enum lede_status lede_file_source_read(
    void *source, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr);
/* Bytes of the file read so far (compressed ones, where it is), and its size; 0 if unknown: for a
 * progress bar. */
void lede_file_source_progress(
    const struct lede_file_source *source, uint64_t *ret_read, uint64_t *ret_size);

/* Visit the regular files under a path, itself included, in bytewise order; hidden ones are
 * skipped, links to directories not followed.
 * pass_over  told of a directory below the path that cannot be read; the walk goes on behind it
 * Status: OK; EIO the path itself cannot be read; what visit or pass_over returned, at once. */
struct lede_import_visitor {
    enum lede_status (*visit)(void *context, const char *path, struct lede_error *reterr);
    enum lede_status (*pass_over)(
        void *context, const char *path, const struct lede_error *why, struct lede_error *reterr);
    void *context;
};
LEDE_CHECKED enum lede_status lede_import_walk(
    const char *path, const struct lede_import_visitor *visitor, struct lede_error *reterr);
/* The format a file's name says (.ndjson .jsonl .json .txt, before .gz, .zst), AUTO otherwise. */
enum lede_import_format lede_import_format_of(const char *path);

#ifdef __cplusplus
}
#endif
#endif
