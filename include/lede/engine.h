/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The C contract over Xapian: everything that touches it is behind this header.
 *
 * A segment is one ordinary Xapian database, made whole by a builder or a merge; its files never
 * change. An index is a set of segments opened by one reader and searched as one. Nothing here is
 * shared between threads, and every exception comes back as a status with Xapian's own words. */
#ifndef LEDE_ENGINE_H
#define LEDE_ENGINE_H

#include "lede/base.h"
#include "lede/buffer.h"
#include "lede/model.h"
#include "lede/query.h"
#include "lede/schema.h"
#include "lede/spans.h"
#include "lede/story.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Writing ---- */

/* A document turned into terms, positions, values and stored text, in plain memory: made in any
 * thread, added to a builder in any other. */
struct lede_entry;
/* document, analyzer  borrowed for the call   ret_entry  owner: the caller
 * Status: OK; ENOMEM; EINTERNAL. Threads: one per analyzer. */
LEDE_CHECKED enum lede_status lede_entry_new(const struct lede_document *document,
    struct lede_analyzer *analyzer, struct lede_entry **ret_entry, struct lede_error *reterr);
/* The same where the caller has serialized it already: nothing is done twice.
 * stored, stored_size  as lede_document_serialize() wrote them; borrowed for the call digest
 *                      XXH3-128 of them
 * Status: OK; ENOMEM; EINTERNAL. */
LEDE_CHECKED enum lede_status lede_entry_new_stored(const struct lede_document *document,
    const char *stored, size_t stored_size, const unsigned char digest[16],
    struct lede_analyzer *analyzer, struct lede_entry **ret_entry, struct lede_error *reterr);
/* Set a slot's value before the entry is added; bytes are copied, none removes it. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_entry_set_value(struct lede_entry *entry, uint32_t slot,
    const void *bytes, size_t size, struct lede_error *reterr);
/* Add a term without positions, counted in no length, before the entry is added; one that it has
 * changes nothing.
 * size  1..LEDE_SCHEMA_TERM_MAX bytes Status: OK; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_entry_add_term(
    struct lede_entry *entry, const char *term, size_t size, struct lede_error *reterr);
void lede_entry_free(struct lede_entry *entry);
void lede_entry_freep(struct lede_entry **entry);

/* The sketch that the document's story is found by. Returns false where it has no words. */
bool lede_entry_sketch(const struct lede_entry *entry, struct lede_story_sketch *ret_sketch);
/* Say which story it is, once, before it is added. story  not 0. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_entry_set_story(
    struct lede_entry *entry, uint64_t story, struct lede_error *reterr);

/* ---- Building ----
 * A segment made whole, from entries alone, for bulk work: many times faster than by Xapian's own
 * writer, and smaller. Nothing can be read, deleted or replaced before it is finished; then it is a
 * sealed segment: it has no term lists, without which Xapian's writer deletes nothing. */

struct lede_builder; /* one thread at a time; different ones are independent */

/* path  a directory that does not exist; its parent does
 * Status: OK; EEXISTS; ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_builder_new(
    const char *path, struct lede_builder **ret_builder, struct lede_error *reterr);
/* Add a document: they are numbered 1, 2, 3 … in the order of adding. One of an id that was added
 * before stands beside it: all but one are to be deleted.
 * entry  borrowed for the call
 * Status: OK; after any other no more can be added: ELIMIT a term whose zero bytes, doubled, make
 * it too long; ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_builder_add(
    struct lede_builder *builder, const struct lede_entry *entry, struct lede_error *reterr);
/* What it holds in memory until it is finished; the caller decides when that is enough. Stored
 * texts are on the disk already. */
size_t lede_builder_memory_bytes(const struct lede_builder *builder);
uint32_t lede_builder_document_count(const struct lede_builder *builder);
/* Write the segment, with `revision` noted in it; nothing is synced. No more can be added, whatever
 * the status.
 * Status: OK; ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_builder_finish(
    struct lede_builder *builder, uint64_t revision, struct lede_error *reterr);
/* A segment that was not finished is removed from the disk. */
void lede_builder_free(struct lede_builder *builder);
void lede_builder_freep(struct lede_builder **builder);

/* ---- What readers share ---- */

/* Segments are opened once, and what was read of them is shared, by all who read through one
 * engine. It lends each search, as long as it runs, handles on its segments, so that descriptors
 * are bounded whatever the threads: who finds too many lent waits for the next that comes back. */
struct lede_engine;
/* descriptors that a store's engine asks for */
#define LEDE_ENGINE_DESCRIPTORS_MAX ((size_t)4096)
/* descriptors  for handles, at most, and at most a quarter of the process's limit; one search alone
 *              may have more. Beside them each segment has one for its lists, one for its
 *              positions
 * kept_bytes   for what the floor above keeps of segments; 0: its default
 * Status: OK; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_engine_new(size_t descriptors, size_t kept_bytes,
    struct lede_engine **ret_engine, struct lede_error *reterr);
/* What the floor above keeps; NULL: nothing yet. Threads: any. */
void *lede_engine_kept(const struct lede_engine *engine);
/* Behind all that was opened through it. */
void lede_engine_free(struct lede_engine *engine);

/* ---- Sealed segments ---- */

/* A sealed segment's files never change. Its deleted documents stand beside it: bit d is document
 * d. */
struct lede_deleted {
    const uint64_t *bits;
    uint32_t bit_count; /* documents from this number on are not deleted */
    uint32_t count;     /* bits that are set; 0: bits may be NULL */
};

struct lede_sealed; /* for looking ids up; one thread at a time */

/* engine  outlives it; NULL: one of its own   path  a finished segment
 * Status: OK; ECORRUPT; EVERSION; EIO; EBUSY no descriptor is left, here and wherever a segment is
 * read; ENOMEM. */
LEDE_CHECKED enum lede_status lede_sealed_open(const struct lede_engine *engine, const char *path,
    struct lede_sealed **ret_sealed, struct lede_error *reterr);
void lede_sealed_free(struct lede_sealed *sealed);
uint32_t lede_sealed_document_count(const struct lede_sealed *sealed); /* with deleted ones */
/* the highest number; 0 if empty */
uint32_t lede_sealed_last_document(const struct lede_sealed *sealed);
/* that it was finished under; 0 if none */
uint64_t lede_sealed_revision(const struct lede_sealed *sealed);
/* the version that made its terms */
uint32_t lede_sealed_analysis(const struct lede_sealed *sealed);
/* Look an id up among the documents that are not deleted.
 * ret_docid  0 if there is none   ret_digest  16 bytes, written if there is one
 * Status: OK; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_sealed_find(const struct lede_sealed *sealed, const char *id,
    size_t id_size, const struct lede_deleted *deleted, uint32_t *ret_docid,
    unsigned char ret_digest[16], struct lede_error *reterr);
/* Fetch a stored document by number; appended to ret_stored. Status: OK; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_sealed_get(const struct lede_sealed *sealed, uint32_t docid,
    struct lede_buffer *ret_stored, struct lede_error *reterr);
/* Visit the term of each id (lede_schema_id_term()), deleted ones too. Status: OK; EIO;
 * ECORRUPT. */
LEDE_CHECKED enum lede_status lede_sealed_visit_ids(const struct lede_sealed *sealed,
    void (*visit)(void *context, const char *term, size_t size), void *context,
    struct lede_error *reterr);

/* How many deleted documents of a sealed segment have each language and each unknown key, of the
 * first LEDE_VALUES_COUNTED_MAX of either. It does not change. */
struct lede_value_counts;
#define LEDE_VALUES_COUNTED_MAX 1000
/* Count, from what was counted before: costs as much as was deleted since.
 * before, counts_before  those among `deleted` that are counted there; count 0, NULL: none
 * ret_counts             owner: the caller, lede_value_counts_free()
 * Status: OK; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_sealed_count_values(const struct lede_sealed *sealed,
    const struct lede_deleted *deleted, const struct lede_deleted *before,
    const struct lede_value_counts *counts_before, struct lede_value_counts **ret_counts,
    struct lede_error *reterr);
void lede_value_counts_free(struct lede_value_counts *counts);

/* Of 64 documents, from number 64 × its index on: which of them the destination has. */
struct lede_kept_documents {
    uint64_t bits;   /* bit d % 64 is document d */
    uint32_t before; /* the destination's documents before these */
};

/* Zeroed but for what goes in; lede_merge_source_done(). */
struct lede_merge_source {
    const char *path; /* sealed */
    struct lede_deleted deleted;
    /* Written by a merge, and read by lede_merge_source_place() alone: */
    int64_t ret_shift;
    struct lede_kept_documents *ret_kept; /* owned; NULL: documents moved by ret_shift */
    uint32_t ret_kept_count;
};
/* The number in the destination of what was a source's document; 0: it was left out. Threads:
 * any. */
uint32_t lede_merge_source_place(const struct lede_merge_source *source, uint32_t docid);
void lede_merge_source_done(struct lede_merge_source *source);

/* Merge sealed segments into one, which holds their documents in their order: that of the sources,
 * and of the numbers in each. Its revision is the highest of theirs.
 * destination  a directory that does not exist; removed again on failure
 * scratch      another; used where it is made anew, and removed
 * rewrite      false: what is deleted is carried along, and is still to be deleted. All documents
 *              of a source move by one amount. true: the segment is made anew from the stored
 *              documents that are not deleted, by today's analysis, whatever made the sources':
 *              costs as much as indexing them. They are numbered 1, 2, 3 … without holes: document
 *              d becomes the number of documents that all sources before its own have and that are
 *              not deleted, and of those of its own up to d, itself among them. A document's digest
 *              and its story stay. One that is not what its digest says ends it with ECORRUPT
 * may_go_on    asked between tables, and between documents; false ends it with EBUSY; may be NULL
 * Status: OK; EBUSY; ECORRUPT; ENOSPC; EIO; ENOMEM. Threads: any. The files are not all synced. */
LEDE_CHECKED enum lede_status lede_segments_merge(struct lede_merge_source *sources, size_t count,
    const char *destination, const char *scratch, bool rewrite, bool (*may_go_on)(void *context),
    void *context, struct lede_error *reterr);

/* ---- Checking ---- */

/* Look a segment through: every table by Xapian's own check (not where its files may not be
 * written, for it opens them so), every stored document against its digest and its id. Damage may
 * crash Xapian: who must go on calls this in a process of its own.
 * visit  called with each thing that is wrong, in words
 * ret_documents  that are whole
 * Status: OK, whatever was found; EBUSY no descriptor is left; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_segment_check(const char *path,
    void (*visit)(void *context, const char *problem), void *context, uint32_t *ret_documents,
    struct lede_error *reterr);

struct lede_salvage {
    /* A stored document; verified: its digest could be read, and is right. Where it could be read
     * and is wrong, the document is lost. */
    enum lede_status (*take)(void *context, uint32_t docid, const char *stored, size_t size,
        bool verified, struct lede_error *reterr);
    /* A document that cannot be read; id NULL: not known. */
    void (*lose)(void *context, uint32_t docid, const char *id);
    void *context;
};
/* Read what can be read of a damaged segment, in the order of numbers. The same warning.
 * Status: OK; EIO, ECORRUPT nothing can be read; EBUSY no descriptor is left, ENOMEM: what was not
 * read is not lost; what `take` gave. */
LEDE_CHECKED enum lede_status lede_segment_salvage(
    const char *path, const struct lede_salvage *salvage, struct lede_error *reterr);

/* ---- Reading ---- */

struct lede_index; /* a read handle over segments; one thread at a time */

struct lede_index_segment {
    const char *path;
    struct lede_deleted deleted; /* the bits outlive the index */
    /* of what is deleted; outlive the index; NULL: they are counted whenever they are asked for */
    const struct lede_value_counts *deleted_values;
};
/* engine    outlives it; NULL: that of `earlier`, or one of its own
 * segments  borrowed for the call
 * earlier   another index of the same thread, NULL if none: what it has read of the same segments
 *           is not read again. It may be read and freed afterwards
 * Status: OK; ECORRUPT; EVERSION; EIO; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_open_segments(const struct lede_engine *engine,
    const struct lede_index_segment *segments, size_t count, const struct lede_index *earlier,
    struct lede_index **ret_index, struct lede_error *reterr);
/* paths  borrowed for the call; count 0 gives an empty index. Status: OK; ECORRUPT; EVERSION; EIO;
 *        ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_open(const char *const *paths, size_t count,
    struct lede_index **ret_index, struct lede_error *reterr);
void lede_index_free(struct lede_index *index);
void lede_index_freep(struct lede_index **index);

/* Fetch by id, hidden ones too; appended to ret_stored. ret_digest may be NULL. Status: OK;
 * ENOTFOUND; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_get(struct lede_index *index, const char *id,
    size_t id_size, struct lede_buffer *ret_stored, unsigned char ret_digest[16],
    struct lede_error *reterr);

/* The key of the story that a document is of, hidden ones too; "" where it is of none. Status: OK;
 * ENOTFOUND; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_get_story(struct lede_index *index, const char *id,
    size_t id_size, char ret_key[LEDE_STORY_KEY_DIGITS + 1], struct lede_error *reterr);

/* Visit the values of a filter field with their document counts, bytewise ascending; with field
 * NULL the unknown keys of documents. Languages and unknown keys cost the same however many
 * documents are deleted, where those were counted.
 * ret_cut  whether there are more than LEDE_VALUES_COUNTED_MAX languages, or unknown keys: those
 *          behind are not visited; may be NULL
 * Status: OK; EIO. */
LEDE_CHECKED enum lede_status lede_index_visit_values(struct lede_index *index,
    const struct lede_field *field, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, bool *ret_cut, struct lede_error *reterr);

/* The same at less cost, with documents that are deleted but still kept in sealed segments counted
 * too. */
LEDE_CHECKED enum lede_status lede_index_visit_values_kept(struct lede_index *index,
    const struct lede_field *field, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, struct lede_error *reterr);

/* Visit the stories of all documents that have one and are not deleted, segment by segment as they
 * were named, in each those put first first.
 * One whose sketch cannot be read is passed over. id  borrowed for the visit. Status: OK; EIO;
 *     ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_visit_stories(struct lede_index *index,
    void (*visit)(void *context, const char *id, size_t id_size,
        const struct lede_story_sketch *sketch, uint64_t story),
    void *context, struct lede_error *reterr);

uint32_t lede_index_document_count(const struct lede_index *index); /* without deleted ones */
/* the highest noted in its segments */
uint64_t lede_index_revision(const struct lede_index *index);

/* Visit the folded words of the fields searched by default, bytewise ascending, each once, until
 * `visit` returns false. Hidden documents' words are among them.
 * documents  that have it in one field: the most that one of them has, a document once for each
 *            form, with accents and without, in which it has it
 * Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_visit_words(struct lede_index *index,
    bool (*visit)(void *context, const char *word, size_t size, uint32_t documents), void *context,
    struct lede_error *reterr);
/* The same figure of one word in any of `fields`; 0 if no document has it. Costs a look-up a field
 * and segment, once a revision. Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_word_documents(struct lede_index *index,
    lede_field_set fields, const char *word, size_t size, uint32_t *ret_documents,
    struct lede_error *reterr);
/* Visit the terms of a folded word in each of `fields`: that of the word without accents, and those
 * of its forms with some, until `visit` returns false. Status: as above. */
LEDE_CHECKED enum lede_status lede_index_visit_word_terms(struct lede_index *index,
    lede_field_set fields, const char *word, size_t size,
    bool (*visit)(void *context, const char *term, size_t size), void *context,
    struct lede_error *reterr);
/* In how many documents a word stands, by a stem of one language or as it is written in any: the
 * most that title, summary or body have of either, exact where that is less than two.
 * stem  the word's term in that language   word  folded   both NUL-terminated
 * Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_stem_documents(struct lede_index *index, const char *stem,
    const char *word, uint32_t *ret_documents, struct lede_error *reterr);

/* ---- What a matcher reads of an index ----
 * Parts are the segments that it was opened with, by their number there. Numbers of documents are
 * those in the segment: 1..last_document. */

struct lede_index_part {
    uint32_t documents;     /* with deleted ones */
    uint32_t last_document; /* the highest number; 0 if empty */
    double total_length;    /* words of all documents, as they are weighted */
    struct lede_deleted deleted;
};
size_t lede_index_part_count(const struct lede_index *index);
struct lede_index_part lede_index_part_at(const struct lede_index *index, size_t part);

/* What the floor above keeps for all threads: of the engine, and of a segment. Made at the first
 * call, freed with the engine, with the segment; that of a segment goes first.
 * make  called by one thread at a time; NULL: no memory. Returns what it made; NULL: no memory. */
void *lede_index_keep(
    struct lede_index *index, void *(*make)(size_t kept_bytes), void (*free_kept)(void *kept));
void *lede_index_keep_of_part(struct lede_index *index, size_t part, void *(*make)(void *context),
    void (*free_kept)(void *kept), void *context);

struct lede_posting {
    uint32_t document;
    uint32_t frequency; /* wdf */
};
struct lede_postings {
    struct lede_posting *items; /* malloc() */
    size_t count;
    size_t capacity;
};
void lede_postings_done(struct lede_postings *postings);
/* Read a term's postings, ascending; none where the segment has no such term.
 * ret_postings  what it held is replaced
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_read_postings(struct lede_index *index, size_t part,
    const char *term, size_t size, struct lede_postings *ret_postings, struct lede_error *reterr);
/* How many documents of all parts have a term, deleted ones too. Costs a look-up a part, once a
 * revision. prefix, word  NUL-terminated; the term is both. Status: as above. */
LEDE_CHECKED enum lede_status lede_index_term_documents(struct lede_index *index,
    const char *prefix, const char *word, uint32_t *ret_documents, struct lede_error *reterr);
/* The length of each document, and which there are.
 * ret_lengths  zeroed room for last_document + 1
 * ret_exists   bit d: there is a document d; zeroed room for last_document / 64 + 1 words
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_index_read_lengths(struct lede_index *index, size_t part,
    uint32_t *ret_lengths, uint64_t *ret_exists, struct lede_error *reterr);
/* Visit the values of a slot (lede/schema.h), of documents in ascending order.
 * documents  ascending; NULL: all. Those without the value are not visited
 * visit      bytes are borrowed for the visit; false ends it
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_index_read_values(struct lede_index *index, size_t part,
    uint32_t slot, const uint32_t *documents, size_t count,
    bool (*visit)(void *context, uint32_t document, const char *bytes, size_t size), void *context,
    struct lede_error *reterr);
/* Read a document: its id, and what lede_document_serialize() wrote; both NUL-terminated, in the
 * arena.
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_index_read_document(struct lede_index *index, size_t part,
    uint32_t document, struct lede_arena *arena, const char **ret_id, const char **ret_stored,
    size_t *ret_stored_size, struct lede_error *reterr);

/* Keep handles on the segments until they are given back, where several things are read of them:
 * all, or none. Calls nest. Status: OK; EIO; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_borrow(
    struct lede_index *index, struct lede_error *reterr);
/* is_well  false: something went wrong with what was read; the handles are closed */
void lede_index_give_back(struct lede_index *index, bool is_well);

/* A pattern (prefix, wildcard, fuzzy word) stands for at most so many words of the archive, the
 * most frequent. */
#define LEDE_EXPANSION_TERMS_MAX 1000
/* words of its segments looked at for one pattern and field */
#define LEDE_EXPANSION_SCAN_MAX 8000000

/* The documents of a pattern, in each part; bit d is document d. */
struct lede_pattern {
    const struct lede_pattern_set *set; /* what follows lives as long */
    const uint64_t *const *bits;        /* by part; last_document / 64 + 1 words */
    uint64_t documents;                 /* of all parts */
    uint32_t used;                      /* words of the archive that it stands for */
    uint32_t left_out;                  /* that were seen; more may exist if `scan_ended` */
    bool scan_ended;
};
/* Which words of one field a pattern stands for, where others have chosen. */
struct lede_pattern_choice {
    const char *const *words; /* folded, bytewise ascending; NULL: all that are there */
    size_t count;
};
/* Visit the words that a leaf stands for in one field, and how many documents have each, deleted
 * ones too: where there are more than `max`, those of most documents.
 * leaf  PREFIX, WILDCARD, FUZZY   visit  the word is borrowed, not NUL-terminated; false ends it
 * ret_left_out  words that were seen beside them   ret_scan_ended  as in struct lede_pattern
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_visit_pattern(struct lede_index *index,
    const struct lede_query_node *leaf, const struct lede_field *field, size_t max,
    struct lede_deadline *deadline,
    bool (*visit)(void *context, const char *word, size_t size, uint32_t documents), void *context,
    uint32_t *ret_left_out, bool *ret_scan_ended, struct lede_error *reterr);
/* Find the documents that have a word which the leaf stands for.
 * leaf      PREFIX, WILDCARD, FUZZY   fields  text fields in which words are looked for
 * choices   by field, LEDE_FIELD_COUNT of them; NULL: the most frequent of the index are taken
 * deadline  words that it leaves no time for are not among them
 * ret_pattern  owner: the caller, lede_pattern_done(), before the index goes
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_read_pattern(struct lede_index *index,
    const struct lede_query_node *leaf, lede_field_set fields,
    const struct lede_pattern_choice *choices, struct lede_deadline *deadline,
    struct lede_pattern *ret_pattern, struct lede_error *reterr);
void lede_pattern_done(struct lede_pattern *pattern);

/* ---- Where words stand ----
 * Each field of a part has places of its own, numbers from 1 on that go from document to document:
 * what stands at position p of document d has place (end of d - 1) + p, and the end of d is one
 * behind its last word. */

enum lede_place_kind {
    LEDE_PLACES_OF_WORD,
    LEDE_PLACES_ENDS,       /* of documents 1, 2, 3 … up to the last that has the field */
    LEDE_PLACES_LEADS,      /* of the body: the first that its lead does not have */
    LEDE_PLACES_PARAGRAPHS, /* where they begin, but a document's first */
    LEDE_PLACES_SENTENCES,
};
/* Does the part know where its words stand? Those of earlier analysis versions do not; nothing can
 * be read of theirs, and their texts have to be looked at. */
bool lede_index_has_places(const struct lede_index *index, size_t part);
/* Visit a list's places, ascending, some at a time; none where there is no such list.
 * stem   of a word, without a prefix; else not looked at
 * visit  places are borrowed for the visit; what is not OK ends it
 * Status: OK; EIO; ECORRUPT; ENOMEM; what `visit` gave. */
LEDE_CHECKED enum lede_status lede_index_read_places(struct lede_index *index, size_t part,
    enum lede_place_kind kind, enum lede_field_id field, const char *stem,
    enum lede_status (*visit)(
        void *context, const uint64_t *places, size_t count, struct lede_error *reterr),
    void *context, struct lede_error *reterr);

/* Where the words of a node stand in stored texts: what patterns, exact words and capitals stand
 * for is in no list, nor is anything of a part without places. */
struct lede_text_places;
/* node      outlives it   deadline  borrowed; once it has passed, what is found is not all
 * ret_text  owner: the caller, lede_text_places_free(), before the index goes. Until then handles
 *           are borrowed
 * Status: OK; EIO; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_text_places_new(struct lede_index *index, size_t part,
    const struct lede_query_node *node, struct lede_deadline *deadline,
    struct lede_text_places **ret_text, struct lede_error *reterr);
void lede_text_places_free(struct lede_text_places *text);
/* Look at this document from here on; one that is there no more has no words.
 * with_stems  WORD and PHRASE leaves will be asked for, too: their words cost more
 * Status: OK; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_text_places_look_at(
    struct lede_text_places *text, uint32_t document, bool with_stems, struct lede_error *reterr);
/* Where a leaf's word stands in a field; where sentences (paragraphs) begin there, but the first.
 * ret_positions  valid until another document is looked at
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_text_places_of_word(struct lede_text_places *text,
    const struct lede_query_node *leaf, size_t word, enum lede_field_id field,
    struct lede_positions *ret_positions, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_text_places_of_starts(struct lede_text_places *text,
    enum lede_field_id field, bool paragraphs, struct lede_positions *ret_positions,
    struct lede_error *reterr);

/* ---- Calendars ---- */

enum lede_histogram {
    LEDE_HISTOGRAM_NONE,
    LEDE_HISTOGRAM_HOUR,
    LEDE_HISTOGRAM_DAY,
    LEDE_HISTOGRAM_WEEK,
    LEDE_HISTOGRAM_MONTH,
    LEDE_HISTOGRAM_YEAR,
    LEDE_HISTOGRAM_AUTO, /* days, weeks, months or years, by how far apart the first and last are */
};

/* Is it a time zone of the system's tzdata, or an offset from -18:59 to +18:59? Threads: any. */
bool lede_time_zone_is_known(const char *name);

/* Where do the hours, days, weeks, months and years of a time zone begin? */
struct lede_calendar;
/* name  NULL or unknown: UTC   ret_calendar  owner: the caller. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_calendar_new(
    const char *name, struct lede_calendar **ret_calendar, struct lede_error *reterr);
void lede_calendar_free(struct lede_calendar *calendar);
void lede_calendar_freep(struct lede_calendar **calendar);
bool lede_calendar_is_utc(const struct lede_calendar *calendar);
/* The first second of the bucket that holds a moment. */
int64_t lede_calendar_bucket_start(
    const struct lede_calendar *calendar, enum lede_histogram interval, int64_t utc_s);
/* Where the next one begins; later than start_utc_s. */
int64_t lede_calendar_next_bucket(
    const struct lede_calendar *calendar, enum lede_histogram interval, int64_t start_utc_s);
/* Local time less UTC. */
int32_t lede_calendar_utc_offset_s(const struct lede_calendar *calendar, int64_t utc_s);
/* Its clock, which lives as long as it. */
struct lede_local_clock lede_calendar_clock(const struct lede_calendar *calendar);

/* The version of Xapian that is linked, "1.4.22"; static. */
const char *lede_engine_library_version(void);

#ifdef __cplusplus
}
#endif
#endif
