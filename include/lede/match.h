/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which documents of an index does a search find, in which order, how many, by which facets?
 *
 * Values go in, values come out; what is read of segments stays in memory, shared by all threads of
 * an engine. Threads: one an index. */
#ifndef LEDE_MATCH_H
#define LEDE_MATCH_H

#include "lede/cache.h"
#include "lede/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What lists and columns of an engine's segments take in memory. engine  not NULL. Threads: any. */
void lede_match_memory(const struct lede_engine *engine, struct lede_cache_stats *ret_stats);

/* Read of one part, a merge's result, what is in memory of the others, its sources: so a search
 * that comes then reads no more than before. What cannot be read is left to that search.
 * index  of these parts alone   bytes_max  of memory, at most, as the sources take it
 * may_go_on  asked between reads; false ends it */
void lede_match_carry(struct lede_index *index, size_t part, size_t bytes_max,
    bool (*may_go_on)(void *context), void *context);

enum lede_sort { LEDE_SORT_RELEVANCE, LEDE_SORT_NEWEST, LEDE_SORT_OLDEST };
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
    /* its words give more to what the query finds, and find nothing; in RELEVANCE order; NULL:
     * none */
    const struct lede_query *raising;
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
    lede_field_set facets;  /* filter fields */
    uint32_t facet_values;  /* at most, each */
    uint32_t facet_offset;  /* values of each that are passed over */
    const char *facet_text; /* folded: only values that have it; NULL: all */
    enum lede_histogram histogram;
    uint64_t deadline_monotonic_ns; /* 0: none */
    uint32_t threads_max; /* that match parts at the same time; 0, 1: the caller's alone */
    /* a search that is expected to be shorter stays in one thread; 0: a default */
    uint64_t threads_from_ns;
    /* what words are weighed by, where the index is a part of something larger; NULL: it is all */
    const struct lede_statistics *statistics;
    bool match_only; /* no stored texts: hits have an id and an empty `stored` */
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
    /* Of those documents the first that was published, of several of one moment that of the least
     * id. NULL: none names a date. */
    const char *collapse_first_id;
    const char *collapse_first_source; /* "": it names none */
    int64_t collapse_first_utc_s;
};
struct lede_facet {
    enum lede_field_id field;
    struct lede_facet_value *values; /* by count, then by value */
    size_t count;
    size_t other_values;   /* that have the text, and are not among them */
    uint64_t other_counts; /* summed up: of a list's values a document may count several times */
};
struct lede_bucket {
    int64_t start_utc_s;
    int32_t utc_offset_s; /* of the time zone at the start: local time less UTC */
    uint32_t count;
};
/* What was asked for of what is in memory of segments: lists, columns, places, texts. */
struct lede_reading {
    uint32_t found;      /* in memory */
    uint32_t read;       /* from files */
    uint64_t read_bytes; /* that these take in memory */
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
    enum lede_histogram histogram; /* the interval; of AUTO the one that was chosen */
    /* of the matches that have a date, to the day at least; LEDE_TIME_NONE: none has */
    int64_t first_utc_s, last_utc_s;
    int32_t first_offset_s, last_offset_s; /* of the time zone then */
    uint32_t undated;                      /* matches that are in no bucket */
    struct lede_reading reading;
    uint64_t texts_ns; /* what reading the hits' texts took */
    struct lede_arena arena;
};
#define LEDE_BUCKETS_MAX 10000
#define LEDE_BUCKETS_AUTO_MAX 120 /* of AUTO, but for years */

/* Run a search.
 * search      borrowed for the call
 * ret_result  owner: the caller, lede_search_result_done()
 * Status: OK (also with timed_out); ELIMIT too many buckets; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_search(struct lede_index *index,
    const struct lede_search *search, struct lede_search_result *ret_result,
    struct lede_error *reterr);
void lede_search_result_done(struct lede_search_result *result);
/* Read the document of a hit of a search that was `match_only`. Nothing of it is kept: whoever
 * reads a million does not want to see one again.
 * docid    of the hit; the index is that which was searched
 * arena    gets the id and the stored text
 * ret_hit  those, and the docid; all else is zero
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_read_hit(struct lede_index *index, uint32_t docid,
    struct lede_arena *arena, struct lede_hit *ret_hit, struct lede_error *reterr);

/* ---- Searches over a part of something larger ----
 * Words are weighed by how many documents have them. Each part counts by lede_index_statistics(),
 * the sum comes in with the search, and the scores of each part are those of the whole. */

/* Of what a search asks for. One thread; once summed up, read by any. */
struct lede_statistics;
/* Count in an index, deleted documents too.
 * search          borrowed for the call; its `statistics` are not looked at
 * ret_statistics  owner: the caller, lede_statistics_free()
 * Status: OK; ETIMEOUT the deadline came first; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_statistics(struct lede_index *index,
    const struct lede_search *search, struct lede_statistics **ret_statistics,
    struct lede_error *reterr);
/* Add those of another part, of the same search. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_statistics_add(
    struct lede_statistics *statistics, const struct lede_statistics *more);
void lede_statistics_free(struct lede_statistics *statistics);
void lede_statistics_freep(struct lede_statistics **statistics);

/* When do documents come or go next by the clock alone, by an embargo or an expiry that passes?
 * ret_utc_s  > now_utc_s, a moment before which nothing changes: LEDE_TIME_MAX_UTC_S + 1 where
 *            nothing ever does
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_next_change(
    struct lede_index *index, int64_t now_utc_s, int64_t *ret_utc_s, struct lede_error *reterr);

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

/* How many documents that may be shown at that moment, and satisfy the restriction (NULL: none),
 * have the folded word, with whatever accents, in one of the fields? Ends soon behind `count_to`.
 * Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_count_word(struct lede_index *index, lede_field_set fields,
    const char *word, size_t size, const struct lede_query *restriction, int64_t now_utc_s,
    uint32_t count_to, uint32_t *ret_count, struct lede_error *reterr);
struct lede_stored_text {
    const char *text; /* as lede_document_serialize() wrote it; NUL-terminated */
    size_t size;
};
/* Read some documents that may be shown at that moment, satisfy the restriction (NULL: none), and
 * have the folded word.
 * arena      owner of the texts
 * ret_texts  room for `limit`
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_word_texts(struct lede_index *index, const char *word,
    size_t size, const struct lede_query *restriction, int64_t now_utc_s, size_t limit,
    struct lede_arena *arena, struct lede_stored_text *ret_texts, size_t *ret_count,
    struct lede_error *reterr);
/* How many documents a search finds, counted no further than `count_to` and estimated from there
 * on: what ranks suggestions. Of the search the query, the filters, the dates, the moment and the
 * deadline are looked at.
 * ret_count  0 only if nothing was found (by the deadline); the estimate takes what was not looked
 *            at to be like what was ret_exact
 * Status: OK; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_estimate(struct lede_index *index,
    const struct lede_search *search, uint32_t count_to, uint32_t *ret_count, bool *ret_exact,
    struct lede_error *reterr);

/* ---- How many would other questions find? ---- */

/* Counts that share what they ask: words and patterns are looked up once, and where words stand is
 * asked of each document at most once a phrase, however many questions have it. Threads: one an
 * index. */
struct lede_counts;

/* Documents are those that a search may show at all: its restriction, moment, exclude_id and
 * with_hidden are looked at, and its deadline.
 * search      borrowed for the call, what it names until the end
 * ret_counts  owner: the caller, lede_counts_free(), before the index moves or goes
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_index_counts_new(struct lede_index *index,
    const struct lede_search *search, struct lede_counts **ret_counts, struct lede_error *reterr);
void lede_counts_free(struct lede_counts *counts);
void lede_counts_freep(struct lede_counts **counts);

/* Who asks what would find something wants to know if it is many. */
#define LEDE_COUNTED_ENOUGH 10000

struct lede_counted {
    uint32_t documents;
    bool is_exact; /* false: the deadline came first */
    bool has_cuts; /* a pattern stood for more words than were looked for */
    /* There are LEDE_COUNTED_ENOUGH or more, which is what `documents` says: to count them all it
     * would have to be asked in each where words stand. */
    bool is_enough;
};
/* Count what a query finds beside filters and bounds.
 * search  its query, filters and bounds on published are looked at; the query outlives the counts
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_counts_ask(struct lede_counts *counts,
    const struct lede_search *search, struct lede_counted *ret_counted, struct lede_error *reterr);
/* Of how many documents it was asked where words stand, field by field. */
uint64_t lede_counts_places_asked(const struct lede_counts *counts);

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
    /* Of the search's query, then of `raising`: leaves, and what stands near something; in its
     * order, without what is excluded and `*`. */
    const struct lede_query_node **clauses;
    size_t clause_count;
    size_t own_clause_count; /* those behind are of the search's `raising` */
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

#ifdef __cplusplus
}
#endif
#endif
