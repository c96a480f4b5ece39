/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request may see: the one way from an endpoint to the documents.
 *
 * Whoever authorized the request may have bound it to a filter. Each function here does what the
 * function of lede/store.h with the same last name does, for the documents that satisfy that filter
 * and as if there were no others. No endpoint calls those itself; tests/lint looks after it. */
#ifndef LEDE_API_VISIBLE_H
#define LEDE_API_VISIBLE_H

#include "lede/lexicon.h"
#include "worker.h"

/* The filters of a grant, one after the other. at: where the next one begins, NULL behind the last.
 * Returns its size. */
size_t lede_filters_next(const char **at);
/* Read the filters of the request that begins. Status: OK; EINPUT one is no query; ENOMEM. */
LEDE_CHECKED enum lede_status lede_visible_begin(
    struct lede_api_worker *worker, struct lede_error *reterr);

/* Status of all: as of lede_reader_...(); EINTERNAL the filter cannot be parsed, and nothing is
 * seen. */
LEDE_CHECKED enum lede_status lede_visible_search(struct lede_api_worker *worker,
    const struct lede_search *search, struct lede_search_result *ret_result,
    struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_visible_list_matches(struct lede_api_worker *worker,
    const struct lede_search *search, struct lede_match_list **ret_list, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_visible_estimate(struct lede_api_worker *worker,
    const struct lede_search *search, uint32_t count_to, uint32_t *ret_count, bool *ret_exact,
    struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_visible_counts_new(struct lede_api_worker *worker,
    const struct lede_search *search, struct lede_counts **ret_counts, struct lede_error *reterr);
/* counts  of lede_visible_counts_new() */
LEDE_CHECKED enum lede_status lede_visible_counts_ask(struct lede_api_worker *worker,
    struct lede_counts *counts, const struct lede_search *search, struct lede_counted *ret_counted,
    struct lede_error *reterr);
/* docid  of a hit of lede_visible_search(), by the same reader, which was not refreshed since */
LEDE_CHECKED enum lede_status lede_visible_read_hit(struct lede_api_worker *worker, uint32_t docid,
    struct lede_arena *arena, struct lede_hit *ret_hit, struct lede_error *reterr);
/* Also what is embargoed, expired or withheld, for who may write. */
LEDE_CHECKED enum lede_status lede_visible_get(struct lede_api_worker *worker, const char *id,
    size_t id_size, struct lede_buffer *ret_stored, unsigned char ret_digest[16],
    struct lede_error *reterr);
/* The document is one that lede_visible_get() gave. */
LEDE_CHECKED enum lede_status lede_visible_get_story(struct lede_api_worker *worker, const char *id,
    size_t id_size, char ret_key[LEDE_STORY_KEY_DIGITS + 1], struct lede_error *reterr);
/* Who does not see everything deletes what he sees, in the version that he saw.
 * write  its id is set; gets if_match where that is so
 * Status: as of lede_visible_get(). */
LEDE_CHECKED enum lede_status lede_visible_bind_write(
    struct lede_api_worker *worker, struct lede_write *write, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_visible_word_is_shown(struct lede_api_worker *worker,
    const char *word, size_t size, int64_t now_utc_s, bool *ret_shown, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_visible_word_texts(struct lede_api_worker *worker,
    const char *word, size_t size, int64_t now_utc_s, size_t limit, struct lede_arena *arena,
    struct lede_stored_text *ret_texts, size_t *ret_count, struct lede_error *reterr);
/* For who may write and has no filter hidden documents count, too. */
LEDE_CHECKED enum lede_status lede_visible_word_documents(struct lede_api_worker *worker,
    lede_field_set fields, const char *word, size_t size, uint32_t *ret_documents,
    struct lede_error *reterr);
/* May anything be kept back from this request? The index counts words without looking at documents,
 * also those that are embargoed, expired or withheld, which are to leave no trace for who may not
 * see them. Where no document could be, that makes no difference. */
LEDE_CHECKED enum lede_status lede_visible_is_anything_hidden(
    struct lede_api_worker *worker, bool *ret_hidden, struct lede_error *reterr);
/* Corrections, as the lexicon has them. Where something is hidden, words that only such documents
 * have take no place, as far as LEDE_LEXICON_ANSWERS_MAX candidates reach, and `documents` are what
 * the caller may see.
 * end_ns  monotonic; what is found by then is told */
LEDE_CHECKED enum lede_status lede_visible_corrections(struct lede_api_worker *worker,
    const struct lede_lexicon *lexicon, const char *word, size_t size,
    const struct lede_lexicon_need *need, uint64_t end_ns, size_t limit,
    struct lede_lexicon_word *ret_words, size_t *ret_count, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_visible_clause_documents(struct lede_api_worker *worker,
    const struct lede_query_node *clause, int64_t now_utc_s, uint32_t *ret_documents,
    struct lede_error *reterr);
/* What a hit's score is made of; the hits are of lede_visible_search(). */
LEDE_CHECKED enum lede_status lede_visible_explain(struct lede_api_worker *worker,
    const struct lede_search *search, const struct lede_hit *hits, size_t count,
    struct lede_explanation *ret_explanation, struct lede_error *reterr);
/* A moment before which no document, seen or not, comes or goes by the clock alone. */
LEDE_CHECKED enum lede_status lede_archive_next_change(
    struct lede_api_worker *worker, int64_t now_utc_s, int64_t *ret_utc_s);
/* What a server that searches over shards asks one of them for: it knows who may see it. Status: as
 * of lede_visible_get(). */
LEDE_CHECKED enum lede_status lede_archive_get(struct lede_api_worker *worker, const char *id,
    size_t size, struct lede_buffer *ret_stored, struct lede_error *reterr);
/* The languages that documents have, here or on the shards. */
lede_language_set lede_archive_languages(const struct lede_api_worker *worker);
/* For weights, which are those of the whole archive, as scores are. */
uint32_t lede_archive_document_count(struct lede_api_worker *worker);
LEDE_CHECKED enum lede_status lede_archive_stem_documents(struct lede_api_worker *worker,
    const char *stem, const char *word, uint32_t *ret_documents, struct lede_error *reterr);

#endif
