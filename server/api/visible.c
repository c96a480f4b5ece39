/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "visible.h"

#include "lede/number.h"

#include <string.h>

#define GET_NS_MAX UINT64_C(2000000000) /* a document, from shards */

size_t lede_filters_next(const char **at)
{
    size_t size = strcspn(*at, "\n");
    *at = (*at)[size] ? *at + size + 1 : NULL;
    return size;
}

/* What f gives, its time that of a stage. */
#define IN_STAGE(worker, stage, f)                                                                 \
    __extension__({                                                                                \
        enum lede_stage stage_before = lede_api_worker_enter((worker), (stage));                   \
        enum lede_status stage_status = (f);                                                       \
        (void)lede_api_worker_enter((worker), stage_before);                                       \
        stage_status;                                                                              \
    })

/* Parse the filters of the request that is served, if it has any and they were not parsed for the
 * newest documents yet: a word of them stands for its stems in every language that they have. */
static enum lede_status parse_filters(struct lede_api_worker *worker, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *all = NULL;
    struct lede_query_options options = {
        .languages = lede_archive_languages(worker), .now_utc_s = lede_time_now_utc_s()};
    const char *at = worker->filters;
    if (!at || (worker->restriction && worker->restriction_languages == options.languages))
        return LEDE_OK;
    while (at) {
        LEDE_CLEANUP(lede_query_freep) struct lede_query *one = NULL;
        const char *text = at;
        size_t size = lede_filters_next(&at);
        enum lede_status st =
            lede_query_parse(text, size, &options, worker->analyzer, &one, reterr);
        if (st == LEDE_OK && all && lede_query_both(&all, &one, &all) != LEDE_OK)
            st = lede_fail_memory(reterr);
        if (st != LEDE_OK)
            return st;
        if (!all)
            all = LEDE_TAKE(&one);
    }
    lede_query_free(worker->restriction);
    worker->restriction = LEDE_TAKE(&all);
    worker->restriction_languages = options.languages;
    return LEDE_OK;
}

enum lede_status lede_visible_begin(struct lede_api_worker *worker, struct lede_error *reterr)
{
    enum lede_status st = parse_filters(worker, reterr);
    return st == LEDE_ELIMIT ? LEDE_EINPUT : st;
}

static enum lede_status read_filter(struct lede_api_worker *worker, struct lede_error *reterr)
{
    enum lede_status st = parse_filters(worker, reterr);
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

/* Of several searches of one request a shard that misses one is missing. */
static enum lede_status search_shards(struct lede_api_worker *worker,
    const struct lede_search *search, struct lede_search_result *ret_result,
    struct lede_error *reterr)
{
    struct lede_shards_seen now = {0};
    enum lede_status st = IN_STAGE(worker, LEDE_STAGE_MATCH,
        lede_shards_search(worker->asker, search, worker->languages, ret_result, &now, reterr));
    now.answered = now.total;
    for (size_t i = 0; i < now.total; i++) {
        now.is_missing[i] = now.is_missing[i] || worker->seen.is_missing[i];
        now.answered -= now.is_missing[i];
    }
    if (worker->seen.why.status != LEDE_OK)
        now.why = worker->seen.why;
    now.sent_bytes += worker->seen.sent_bytes;
    now.received_bytes += worker->seen.received_bytes;
    worker->seen = now;
    return st;
}

enum lede_status lede_visible_search(struct lede_api_worker *worker,
    const struct lede_search *search, struct lede_search_result *ret_result,
    struct lede_error *reterr)
{
    struct lede_search restricted;
    enum lede_status st = restrict_search(worker, search, &restricted, reterr);
    const struct lede_api *api = worker->api;
    restricted.threads_max = api->settings.threads_a_search > 0
                                 ? api->settings.threads_a_search
                                 : __atomic_load_n(&api->search_workers, __ATOMIC_SEQ_CST);
    if (st == LEDE_OK && worker->asker)
        return search_shards(worker, &restricted, ret_result, reterr);
    if (st != LEDE_OK)
        return st;
    st = IN_STAGE(worker, LEDE_STAGE_MATCH,
        lede_reader_search(worker->reader, &restricted, ret_result, reterr));
    uint64_t read_ns = st == LEDE_OK ? ret_result->texts_ns : 0;
    worker->stages.ns[LEDE_STAGE_MATCH] -= read_ns;
    worker->stages.ns[LEDE_STAGE_FETCH] += read_ns;
    return st;
}

enum lede_status lede_visible_list_matches(struct lede_api_worker *worker,
    const struct lede_search *search, struct lede_match_list **ret_list, struct lede_error *reterr)
{
    struct lede_search restricted;
    enum lede_status st = restrict_search(worker, search, &restricted, reterr);
    return st == LEDE_OK
               ? IN_STAGE(worker, LEDE_STAGE_MATCH,
                     lede_reader_list_matches(worker->reader, &restricted, ret_list, reterr))
               : st;
}

enum lede_status lede_visible_estimate(struct lede_api_worker *worker,
    const struct lede_search *search, uint32_t count_to, uint32_t *ret_count, bool *ret_exact,
    struct lede_error *reterr)
{
    struct lede_search restricted;
    enum lede_status st = restrict_search(worker, search, &restricted, reterr);
    return st == LEDE_OK ? IN_STAGE(worker, LEDE_STAGE_MATCH,
                               lede_reader_estimate(worker->reader, &restricted, count_to,
                                   ret_count, ret_exact, reterr))
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
    return IN_STAGE(worker, LEDE_STAGE_MATCH,
        lede_reader_counts_ask(worker->reader, counts, search, ret_counted, reterr));
}

enum lede_status lede_visible_read_hit(struct lede_api_worker *worker, uint32_t docid,
    struct lede_arena *arena, struct lede_hit *ret_hit, struct lede_error *reterr)
{
    return lede_reader_read_hit(worker->reader, docid, arena, ret_hit, reterr);
}

/* Is it embargoed, expired or withheld? The index is asked the same by index/match/matching.c. */
static bool is_hidden(const struct lede_document *document, int64_t now_utc_s)
{
    return document->status != LEDE_DOCUMENT_USABLE ||
           document->embargoed_until_utc_s > now_utc_s ||
           (document->expires_utc_s != LEDE_TIME_NONE && document->expires_utc_s <= now_utc_s);
}

/* May the caller see a stored document? */
static enum lede_status is_visible(struct lede_api_worker *worker, const struct lede_buffer *stored,
    size_t at, bool *ret_visible, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct lede_match_subject subject;
    *ret_visible = true;
    if (!worker->restriction && worker->sees_hidden)
        return LEDE_OK;
    enum lede_status st =
        lede_document_from_stored(stored->data + at, stored->size - at, &document, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_visible = worker->sees_hidden || !is_hidden(document, lede_time_now_utc_s());
    if (!*ret_visible || !worker->restriction)
        return LEDE_OK;
    return lede_match_subject_init(document, &arena, &subject) == LEDE_OK &&
                   lede_query_matches(
                       worker->restriction, &subject, worker->analyzer, ret_visible) == LEDE_OK
               ? LEDE_OK
               : lede_fail_memory(reterr);
}

/* A filter that is parsed for too few languages would let through what it is to keep back. */
static enum lede_status learn_languages(struct lede_api_worker *worker, struct lede_error *reterr)
{
    if (!worker->asker || !worker->filters)
        return LEDE_OK;
    enum lede_status st =
        lede_shards_look(worker->asker, true, lede_time_monotonic_ns() + GET_NS_MAX, reterr);
    worker->languages = lede_shards_languages(worker->api->settings.shards);
    return st;
}

/* ret_digest  of the store, or as the store makes it */
static enum lede_status get_stored(struct lede_api_worker *worker, const char *id, size_t id_size,
    struct lede_buffer *ret_stored, unsigned char ret_digest[16], struct lede_error *reterr)
{
    size_t before = ret_stored->size;
    if (!worker->asker)
        return lede_reader_get(worker->reader, id, id_size, ret_stored, ret_digest, reterr);
    enum lede_status st = lede_shards_get(
        worker->asker, id, id_size, lede_time_monotonic_ns() + GET_NS_MAX, ret_stored, reterr);
    if (st == LEDE_OK)
        lede_hash128(ret_stored->data + before, ret_stored->size - before, ret_digest);
    return st;
}

enum lede_status lede_visible_get(struct lede_api_worker *worker, const char *id, size_t id_size,
    struct lede_buffer *ret_stored, unsigned char ret_digest[16], struct lede_error *reterr)
{
    bool may_see = false;
    size_t before = ret_stored->size;
    enum lede_status st = learn_languages(worker, reterr);
    if (st == LEDE_OK)
        st = read_filter(worker, reterr);
    if (st == LEDE_OK)
        st = IN_STAGE(worker, LEDE_STAGE_FETCH,
            get_stored(worker, id, id_size, ret_stored, ret_digest, reterr));
    if (st == LEDE_OK)
        st = is_visible(worker, ret_stored, before, &may_see, reterr);
    if (st == LEDE_OK && !may_see)
        st = lede_fail(reterr, LEDE_ENOTFOUND, "no document '%.*s'", (int)id_size, id);
    if (st != LEDE_OK)
        ret_stored->size = before;
    return st;
}

enum lede_status lede_visible_get_story(struct lede_api_worker *worker, const char *id,
    size_t id_size, char ret_key[LEDE_STORY_KEY_DIGITS + 1], struct lede_error *reterr)
{
    return IN_STAGE(worker, LEDE_STAGE_FETCH,
        lede_reader_get_story(worker->reader, id, id_size, ret_key, reterr));
}

enum lede_status lede_visible_bind_write(
    struct lede_api_worker *worker, struct lede_write *write, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
    if (!worker->filters && worker->sees_hidden)
        return LEDE_OK;
    enum lede_status st = lede_reader_refresh(worker->reader, reterr);
    if (st == LEDE_OK)
        st = lede_visible_get(
            worker, write->id, strlen(write->id), &stored, write->if_match, reterr);
    write->has_if_match = st == LEDE_OK;
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
    return st == LEDE_OK
               ? IN_STAGE(worker, LEDE_STAGE_FETCH,
                     lede_reader_word_texts(worker->reader, word, size, worker->restriction,
                         now_utc_s, limit, arena, ret_texts, ret_count, reterr))
               : st;
}

enum lede_status lede_visible_is_anything_hidden(
    struct lede_api_worker *worker, bool *ret_hidden, struct lede_error *reterr)
{
    struct lede_index *index = lede_reader_index(worker->reader);
    uint32_t withheld = 0, watched = 0;
    *ret_hidden = worker->filters != NULL;
    if (worker->filters || worker->sees_hidden)
        return LEDE_OK;
    enum lede_status st =
        lede_index_term_documents(index, LEDE_TERM_STATUS_WITHHELD, "", &withheld, reterr);
    if (st == LEDE_OK)
        st = lede_index_term_documents(index, LEDE_TERM_CLOCK, "", &watched, reterr);
    *ret_hidden = withheld > 0 || watched > 0;
    return st;
}

enum lede_status lede_visible_word_documents(struct lede_api_worker *worker, lede_field_set fields,
    const char *word, size_t size, uint32_t *ret_documents, struct lede_error *reterr)
{
    bool is_hidden = false;
    enum lede_status st = lede_visible_is_anything_hidden(worker, &is_hidden, reterr);
    if (st != LEDE_OK)
        return st;
    return is_hidden ? count_word(worker, fields, word, size, lede_time_now_utc_s(), UINT32_MAX,
                           ret_documents, reterr)
                     : lede_reader_word_documents(
                           worker->reader, fields, word, size, ret_documents, reterr);
}

enum lede_status lede_visible_corrections(struct lede_api_worker *worker,
    const struct lede_lexicon *lexicon, const char *word, size_t size,
    const struct lede_lexicon_need *need, uint64_t end_ns, size_t limit,
    struct lede_lexicon_word *ret_words, size_t *ret_count, struct lede_error *reterr)
{
    struct lede_lexicon_word words[LEDE_LEXICON_ANSWERS_MAX];
    size_t count = 0;
    bool is_hidden = false;
    enum lede_status st = lede_visible_is_anything_hidden(worker, &is_hidden, reterr);
    if (st == LEDE_OK && !is_hidden)
        return lede_lexicon_correct(lexicon, word, size, need, limit, ret_words, ret_count, reterr);
    *ret_count = 0;
    if (st == LEDE_OK)
        st = lede_lexicon_correct(
            lexicon, word, size, need, LEDE_LEXICON_ANSWERS_MAX, words, &count, reterr);
    for (size_t i = 0; st == LEDE_OK && i < count && *ret_count < limit; i++) {
        if (lede_time_has_passed(end_ns))
            break;
        st = lede_visible_word_documents(
            worker, LEDE_FIELDS_DEFAULT, words[i].word, words[i].size, &words[i].documents, reterr);
        if (st == LEDE_OK && words[i].documents > 0)
            ret_words[(*ret_count)++] = words[i];
    }
    return st;
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

enum lede_status lede_archive_get(struct lede_api_worker *worker, const char *id, size_t size,
    struct lede_buffer *ret_stored, struct lede_error *reterr)
{
    unsigned char digest[16];
    return IN_STAGE(worker, LEDE_STAGE_FETCH,
        lede_reader_get(worker->reader, id, size, ret_stored, digest, reterr));
}

lede_language_set lede_archive_languages(const struct lede_api_worker *worker)
{
    return worker->asker ? worker->languages : lede_reader_languages(worker->reader);
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
