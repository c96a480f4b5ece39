/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "visible.h"

#include <string.h>

/* Parse the filter of the request that is served, if it has one and was not parsed for the newest
 * documents yet: a word of it stands for its stems in every language that they have. */
static enum lede_status read_filter(struct lede_api_worker *worker, struct lede_error *reterr)
{
    struct lede_query_options options = {
        .languages = lede_reader_languages(worker->reader), .now_utc_s = lede_time_now_utc_s()};
    if (!worker->filter ||
        (worker->restriction && worker->restriction_languages == options.languages))
        return LEDE_OK;
    lede_query_free(worker->restriction);
    worker->restriction = NULL;
    worker->restriction_languages = options.languages;
    enum lede_status st = lede_query_parse(worker->filter, strlen(worker->filter), &options,
        worker->analyzer, &worker->restriction, reterr);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT)
        return lede_fail(reterr, LEDE_EINTERNAL, "the filter of the request cannot be parsed");
    return st;
}

/* The same search, of what the caller may see. */
static enum lede_status restrict_search(struct lede_api_worker *worker,
    const struct lede_search *search, struct lede_search *ret_restricted, struct lede_error *reterr)
{
    enum lede_status st = read_filter(worker, reterr);
    *ret_restricted = *search;
    ret_restricted->restriction = worker->restriction;
    return st;
}

enum lede_status lede_visible_search(struct lede_api_worker *worker,
    const struct lede_search *search, struct lede_search_result *ret_result,
    struct lede_error *reterr)
{
    struct lede_search restricted;
    enum lede_status st = restrict_search(worker, search, &restricted, reterr);
    return st == LEDE_OK ? lede_reader_search(worker->reader, &restricted, ret_result, reterr) : st;
}

enum lede_status lede_visible_list_matches(struct lede_api_worker *worker,
    const struct lede_search *search, struct lede_match_list **ret_list, struct lede_error *reterr)
{
    struct lede_search restricted;
    enum lede_status st = restrict_search(worker, search, &restricted, reterr);
    return st == LEDE_OK ? lede_reader_list_matches(worker->reader, &restricted, ret_list, reterr)
                         : st;
}

enum lede_status lede_visible_estimate(struct lede_api_worker *worker,
    const struct lede_search *search, uint32_t count_to, uint32_t *ret_count, bool *ret_exact,
    struct lede_error *reterr)
{
    struct lede_search restricted;
    enum lede_status st = restrict_search(worker, search, &restricted, reterr);
    return st == LEDE_OK ? lede_reader_estimate(
                               worker->reader, &restricted, count_to, ret_count, ret_exact, reterr)
                         : st;
}

enum lede_status lede_visible_counts_new(struct lede_api_worker *worker,
    const struct lede_search *search, struct lede_counts **ret_counts, struct lede_error *reterr)
{
    struct lede_search restricted;
    enum lede_status st = restrict_search(worker, search, &restricted, reterr);
    return st == LEDE_OK ? lede_reader_counts_new(worker->reader, &restricted, ret_counts, reterr)
                         : st;
}

enum lede_status lede_visible_counts_ask(struct lede_api_worker *worker, struct lede_counts *counts,
    const struct lede_search *search, struct lede_counted *ret_counted, struct lede_error *reterr)
{
    return lede_reader_counts_ask(worker->reader, counts, search, ret_counted, reterr);
}

/* Does a stored document satisfy the filter? */
static enum lede_status satisfies(struct lede_api_worker *worker, const struct lede_buffer *stored,
    bool *ret_satisfies, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct lede_match_subject subject;
    enum lede_status st = lede_document_from_stored(stored->data, stored->size, &document, reterr);
    if (st == LEDE_OK && lede_match_subject_init(document, &arena, &subject) != LEDE_OK)
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK && lede_query_matches(worker->restriction, &subject, worker->analyzer,
                             ret_satisfies) != LEDE_OK)
        st = lede_fail_memory(reterr);
    return st;
}

enum lede_status lede_visible_get(struct lede_api_worker *worker, const char *id, size_t id_size,
    struct lede_buffer *ret_stored, unsigned char ret_digest[16], struct lede_error *reterr)
{
    bool is_visible = true;
    size_t before = ret_stored->size;
    enum lede_status st = read_filter(worker, reterr);
    if (st == LEDE_OK)
        st = lede_reader_get(worker->reader, id, id_size, ret_stored, ret_digest, reterr);
    if (st == LEDE_OK && worker->restriction)
        st = satisfies(worker, ret_stored, &is_visible, reterr);
    if (st == LEDE_OK && !is_visible)
        st = lede_fail(reterr, LEDE_ENOTFOUND, "no document '%.*s'", (int)id_size, id);
    if (st != LEDE_OK)
        ret_stored->size = before;
    return st;
}

static enum lede_status count_word(struct lede_api_worker *worker, lede_field_set fields,
    const char *word, size_t size, int64_t now_utc_s, uint32_t count_to, uint32_t *ret_count,
    struct lede_error *reterr)
{
    enum lede_status st = read_filter(worker, reterr);
    return st == LEDE_OK ? lede_reader_count_word(worker->reader, fields, word, size,
                               worker->restriction, now_utc_s, count_to, ret_count, reterr)
                         : st;
}

enum lede_status lede_visible_word_is_shown(struct lede_api_worker *worker, const char *word,
    size_t size, int64_t now_utc_s, bool *ret_shown, struct lede_error *reterr)
{
    uint32_t count = 0;
    enum lede_status st =
        count_word(worker, LEDE_FIELDS_DEFAULT, word, size, now_utc_s, 1, &count, reterr);
    *ret_shown = count > 0;
    return st;
}

enum lede_status lede_visible_word_texts(struct lede_api_worker *worker, const char *word,
    size_t size, int64_t now_utc_s, size_t limit, struct lede_arena *arena,
    struct lede_stored_text *ret_texts, size_t *ret_count, struct lede_error *reterr)
{
    enum lede_status st = read_filter(worker, reterr);
    return st == LEDE_OK ? lede_reader_word_texts(worker->reader, word, size, worker->restriction,
                               now_utc_s, limit, arena, ret_texts, ret_count, reterr)
                         : st;
}

enum lede_status lede_visible_word_documents(struct lede_api_worker *worker, lede_field_set fields,
    const char *word, size_t size, uint32_t *ret_documents, struct lede_error *reterr)
{
    if (!worker->filter)
        return lede_reader_word_documents(
            worker->reader, fields, word, size, ret_documents, reterr);
    return count_word(
        worker, fields, word, size, lede_time_now_utc_s(), UINT32_MAX, ret_documents, reterr);
}

enum lede_status lede_visible_clause_documents(struct lede_api_worker *worker,
    const struct lede_query_node *clause, int64_t now_utc_s, uint32_t *ret_documents,
    struct lede_error *reterr)
{
    enum lede_status st = read_filter(worker, reterr);
    return st == LEDE_OK ? lede_index_clause_documents(lede_reader_index(worker->reader), clause,
                               worker->restriction, now_utc_s, ret_documents, reterr)
                         : st;
}

enum lede_status lede_visible_explain(struct lede_api_worker *worker,
    const struct lede_search *search, const struct lede_hit *hits, size_t count,
    struct lede_explanation *ret_explanation, struct lede_error *reterr)
{
    return lede_index_explain(
        lede_reader_index(worker->reader), search, hits, count, ret_explanation, reterr);
}

uint32_t lede_archive_document_count(struct lede_api_worker *worker)
{
    return lede_index_document_count(lede_reader_index(worker->reader));
}

enum lede_status lede_archive_stem_documents(struct lede_api_worker *worker, const char *stem,
    const char *word, uint32_t *ret_documents, struct lede_error *reterr)
{
    return lede_index_stem_documents(
        lede_reader_index(worker->reader), stem, word, ret_documents, reterr);
}

enum lede_status lede_archive_next_change(
    struct lede_api_worker *worker, int64_t now_utc_s, int64_t *ret_utc_s)
{
    return lede_index_next_change(lede_reader_index(worker->reader), now_utc_s, ret_utc_s, NULL);
}
