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
 *              may have more. Beside them each segment has one for its positions
 * Status: OK; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_engine_new(
    size_t descriptors, struct lede_engine **ret_engine, struct lede_error *reterr);
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
enum lede_sort { LEDE_SORT_RELEVANCE, LEDE_SORT_NEWEST, LEDE_SORT_OLDEST };
enum lede_histogram {
    LEDE_HISTOGRAM_NONE,
    LEDE_HISTOGRAM_HOUR,
    LEDE_HISTOGRAM_DAY,
    LEDE_HISTOGRAM_WEEK,
    LEDE_HISTOGRAM_MONTH,
    LEDE_HISTOGRAM_YEAR
};

/* Exact values of one filter field: any of `any`, none of `none`. */
struct lede_filter {
    const struct lede_field *field; /* of the table, or lede_field_of_stories() */
    const char *const *any;
    size_t any_count;
    const char *const *none;
    size_t none_count;
};

struct lede_search {
    const struct lede_query *query;
    const struct lede_filter *filters;
    size_t filter_count;
    /* what may be found at all, told or counted; it scores nothing; NULL: everything */
    const struct lede_query *restriction;
    int64_t after_utc_s; /* bounds on published, both included; LEDE_TIME_NONE: open */
    int64_t before_utc_s;
    int64_t now_utc_s; /* embargo, expiry: what may be shown now */
    enum lede_sort sort;
    uint32_t offset;
    uint32_t limit;
    lede_field_set facets; /* filter fields */
    uint32_t facet_values; /* at most, each */
    enum lede_histogram histogram;
    uint64_t deadline_monotonic_ns; /* 0: none */
    bool match_only;                /* no stored texts: hits have an id and an empty `stored` */
    /* of the histogram: `Europe/Berlin`, `+05:30`; NULL, unknown: UTC */
    const char *time_zone;
    double recency_half_life_s; /* 0: off */
    /* one hit, the best, for all documents with this slot's whole value (all of a list);
     * those without one stay single; LEDE_SLOT_NONE, 0: off */
    uint32_t collapse_slot;
    /* What hits may be. Total, facets and histogram are of all matches nevertheless, and so with
     * collapse_slot. */
    const struct lede_search_after
        *after_hit; /* NEWEST, OLDEST: only what comes after it; NULL: from the first */
    const char *const *only_ids; /* NULL: all */
    size_t only_id_count;
    const char *exclude_id; /* matches nothing; NULL: none */
    bool with_hidden;       /* embargoed, withheld and expired documents match, too */
    /* nobody asks for it: it is what finding the hits happened to tell, and no facet or
     * histogram is asked for */
    bool no_total;
};

/* Where a page of an ordered search ended. */
struct lede_search_after {
    int64_t published_utc_s;
    const char *id;
};

/* A pattern (prefix, wildcard, fuzzy word) stands for at most so many words of the archive, the
 * most frequent. */
#define LEDE_EXPANSION_TERMS_MAX 1000
/* words of its segments looked at for one pattern and field */
#define LEDE_EXPANSION_SCAN_MAX 8000000

/* A pattern that stood for more words than were looked for. */
struct lede_expansion_cut {
    const struct lede_query_node *leaf; /* of the search's query */
    uint32_t used;                      /* words */
    uint32_t left_out;                  /* that were seen; more may exist if `scan_ended` */
    bool scan_ended; /* at LEDE_EXPANSION_SCAN_MAX or the deadline: words behind it were not seen */
};

struct lede_facet_value {
    const char *value;
    uint32_t count;
};
struct lede_hit {
    uint32_t docid;
    const char *id; /* NUL-terminated */
    double score;
    double nearness;    /* what of the score is for words near each other */
    const char *stored; /* as lede_document_serialize() wrote it */
    size_t stored_size;
    /* collapsed searches: the slot's value, "" if the document has none; else NULL */
    const char *collapse_key;
    uint32_t collapse_count; /* matching documents that it stands for, itself among them, exact */
    struct lede_facet_value *collapse_sources; /* by count; at most the search's facet_values */
    size_t collapse_source_count;
};
struct lede_facet {
    enum lede_field_id field;
    struct lede_facet_value *values; /* by count, then by value */
    size_t count;
};
struct lede_bucket {
    int64_t start_utc_s;
    int32_t utc_offset_s; /* of the time zone at the start: local time less UTC */
    uint32_t count;
};
struct lede_search_result {
    struct lede_hit *hits;
    size_t hit_count;
    uint32_t total;
    bool total_is_exact;
    bool timed_out;
    struct lede_expansion_cut *cuts;
    size_t cut_count;
    struct lede_facet *facets;
    size_t facet_count;
    struct lede_bucket
        *buckets; /* ascending; empty ones between the first and the last are there with count
                                    0, at most LEDE_BUCKETS_MAX */
    size_t bucket_count;
    struct lede_arena arena;
};
#define LEDE_BUCKETS_MAX 10000

/* Is it a time zone of the system's tzdata, or an offset from -18:59 to +18:59? Threads: any. */
bool lede_time_zone_is_known(const char *name);

/* Run a search.
 * search      borrowed for the call
 * ret_result  owner: the caller, lede_search_result_done()
 * Status: OK (also with timed_out); ELIMIT too many buckets; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_search(struct lede_index *index,
    const struct lede_search *search, struct lede_search_result *ret_result,
    struct lede_error *reterr);
void lede_search_result_done(struct lede_search_result *result);

/* Every match of a search, four bytes each. */
struct lede_match_list;
/* Match once, whatever the page, the order and what is to be counted.
 * search    borrowed for the call; ids of only_ids are not looked at
 * ret_list  owner: the caller, lede_match_list_free()
 * Status: OK; ETIMEOUT the deadline came first; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_list_matches(struct lede_index *index,
    const struct lede_search *search, struct lede_match_list **ret_list, struct lede_error *reterr);
size_t lede_match_list_count(const struct lede_match_list *list);
/* Read the id and the digest of each, in the order of their numbers in each segment.
 * index  that made the list
 * visit  id is NUL-terminated, borrowed for the visit; what is not OK ends it
 * Status: OK; EIO; ECORRUPT; ENOMEM; what `visit` gave. */
LEDE_CHECKED enum lede_status lede_index_visit_matches(struct lede_index *index,
    const struct lede_match_list *list,
    enum lede_status (*visit)(void *context, const char *id, size_t id_size,
        const unsigned char digest[16], struct lede_error *reterr),
    void *context, struct lede_error *reterr);
void lede_match_list_free(struct lede_match_list *list);
void lede_match_list_freep(struct lede_match_list **list);

/* When do documents come or go next by the clock alone, by an embargo or an expiry that passes?
 * documents_max  with either that are looked at
 * ret_utc_s      > now_utc_s, a moment before which nothing changes: LEDE_TIME_MAX_UTC_S + 1 where
 *                nothing ever does; the next second where more documents have either
 * Status: OK; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_next_change(struct lede_index *index, int64_t now_utc_s,
    uint32_t documents_max, int64_t *ret_utc_s, struct lede_error *reterr);

/* Fetch by id, hidden ones too; appended to ret_stored. ret_digest may be NULL. Status: OK;
 * ENOTFOUND; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_get(struct lede_index *index, const char *id,
    size_t id_size, struct lede_buffer *ret_stored, unsigned char ret_digest[16],
    struct lede_error *reterr);

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

/* Visit the folded words of title, summary and body, bytewise ascending, each once, until `visit`
 * returns false. Hidden documents' words are among them.
 * documents  that have it in one field: the most that one of the three has
 * Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_visit_words(struct lede_index *index,
    bool (*visit)(void *context, const char *word, size_t size, uint32_t documents), void *context,
    struct lede_error *reterr);
/* The same figure of one word in any of `fields`; 0 if no document has it. Costs a look-up a field
 * and segment, once a revision. Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_word_documents(struct lede_index *index,
    lede_field_set fields, const char *word, size_t size, uint32_t *ret_documents,
    struct lede_error *reterr);
/* Does a document that may be shown at that moment have the word as it is? Ends at the first.
 * Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_word_is_shown(struct lede_index *index, const char *word,
    size_t size, int64_t now_utc_s, bool *ret_shown, struct lede_error *reterr);
/* How many documents a search finds, counted no further than `count_to` and estimated from there
 * on: what ranks suggestions. Of the search the query, the filters, the dates, the moment and the
 * deadline are looked at.
 * ret_count  0 only if nothing was found (by the deadline); the estimate takes what was not looked
 *            at to be like what was ret_exact
 * Status: OK; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_estimate(struct lede_index *index,
    const struct lede_search *search, uint32_t count_to, uint32_t *ret_count, bool *ret_exact,
    struct lede_error *reterr);

/* In how many documents a stem stands: the most that title, summary or body have, exact where that
 * is less than two.
 * Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_stem_documents(
    struct lede_index *index, const char *stem, uint32_t *ret_documents, struct lede_error *reterr);

/* ---- How a score came about ---- */

struct lede_clause_share {
    bool matches; /* the document satisfies the clause */
    /* with the weights of the groups around it; 0 where it does not match, and in date
     * orders */
    double score;
};
struct lede_hit_explanation {
    struct lede_clause_share *shares; /* of each clause */
    double recency;
};
struct lede_explanation {
    /* Of the search's query: leaves, and what stands near something; in its order, without what is
     * excluded and `*`. */
    const struct lede_query_node **clauses;
    size_t clause_count;
    struct lede_hit_explanation *hits;
    size_t hit_count;        /* 0 where the deadline came first */
    struct lede_arena arena; /* owner of all pointers above */
};

/* Scores of the clauses, recency and the hit's nearness sum up to the hit's score within this. */
#define LEDE_EXPLANATION_TOLERANCE 1e-6

/* Say what each clause of a search gives to its hits.
 * search           borrowed, as it was run; its deadline holds hits of its result, of the same
 *                  revision
 * ret_explanation  owner: the caller, lede_explanation_done()
 * Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_explain(struct lede_index *index,
    const struct lede_search *search, const struct lede_hit *hits, size_t hit_count,
    struct lede_explanation *ret_explanation, struct lede_error *reterr);
void lede_explanation_done(struct lede_explanation *explanation);
/* How many documents that may be shown at that moment, and satisfy the restriction (NULL: none),
 * satisfy a node of a query: a word's frequency in the archive. (The ranking's own counts hidden
 * and deleted ones, too.) Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_clause_documents(struct lede_index *index,
    const struct lede_query_node *clause, const struct lede_query *restriction, int64_t now_utc_s,
    uint32_t *ret_documents, struct lede_error *reterr);

/* The version of Xapian that is linked, "1.4.22"; static. */
const char *lede_engine_library_version(void);

#ifdef __cplusplus
}
#endif
#endif
