/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of the text, folded, in titles. A short prefix stands for its most frequent words,
 * since all that begin with a letter are nearly every title, and of these for such as no more
 * titles have than can be looked at in time: what half of the titles have tells none from another.
 * Alone it is ranked without regard to age, which would have to be read of each of them. */
#include "suggestions.h"

#include "lede/number.h"
#include "lede/time.h"
#include "visible.h"

#include <stdlib.h>
#include <string.h>

#define SHORT_PREFIX_BYTES_MAX 3
#define SHORT_PREFIX_WORDS_MAX 8
#define SHORT_PREFIX_TITLES_MAX 20000 /* that have one of these words */
#define HALF_LIFE_S (30.0 * 86400)
#define WORDS_MAX 16
#define COPIES_EACH 2 /* so many are found for one that is offered: papers share headlines */

struct headlines {
    struct lede_api_worker *worker;
    struct lede_search_run *run;
    const struct lede_lexicon *lexicon; /* NULL: none yet */
    struct lede_buffer text;            /* the query */
    bool is_lone;                       /* it is a short prefix's words and no other */
    uint64_t end_ns;                    /* monotonic */
    struct lede_error *reterr;
};

/* Choose the words that a short prefix stands for; where all are in too many titles, the first.
 * Where something is hidden, words that only such documents have are passed over.
 * Returns how many in *ret_count. */
static enum lede_status choose_words(struct headlines *work, const struct lede_open_word *open,
    struct lede_lexicon_word ret_words[SHORT_PREFIX_WORDS_MAX], size_t *ret_count)
{
    struct lede_word_walk walk = {
        .lexicon = work->lexicon, .prefix = open->folded, .prefix_size = open->folded_size};
    const struct lede_lexicon_word *word = NULL;
    struct lede_lexicon_word first = {0};
    size_t chosen = 0, stand = 0; /* words that have titles */
    uint64_t titles = 0;
    bool is_hidden = false;
    *ret_count = 0;
    if (!work->lexicon || open->is_ngram || open->folded_size > SHORT_PREFIX_BYTES_MAX)
        return LEDE_OK;
    enum lede_status st = lede_visible_is_anything_hidden(work->worker, &is_hidden, work->reterr);
    while (st == LEDE_OK && chosen < SHORT_PREFIX_WORDS_MAX &&
           stand < LEDE_SUGGEST_WORDS_LOOKED_AT_MAX &&
           (walk.passed < LEDE_SUGGEST_WORDS_LOOKED_AT_MAX ||
               (is_hidden && !lede_time_has_passed(work->end_ns))) &&
           (word = lede_word_walk_next(&walk))) {
        uint32_t documents = 0;
        st = lede_visible_word_documents(work->worker, LEDE_FIELD_BIT(LEDE_FIELD_TITLE), word->word,
            word->size, &documents, work->reterr);
        stand += documents > 0;
        if ((documents > 0 && stand == 1) || (!is_hidden && walk.passed == 1))
            first = *word;
        if (documents == 0 || titles + documents > SHORT_PREFIX_TITLES_MAX)
            continue;
        titles += documents;
        ret_words[chosen++] = *word;
    }
    if (chosen == 0 && first.size > 0)
        ret_words[chosen++] = first;
    *ret_count = chosen;
    return st;
}

static enum lede_status append_open_word(
    struct headlines *work, const struct lede_open_word *open, bool is_alone)
{
    struct lede_lexicon_word words[SHORT_PREFIX_WORDS_MAX];
    struct lede_buffer *out = &work->text;
    size_t count = 0;
    enum lede_status st = choose_words(work, open, words, &count);
    if (st != LEDE_OK)
        return st;
    if (count == 0) {
        lede_buffer_append(out, open->folded, open->folded_size);
        lede_buffer_append_char(out, '*');
        return LEDE_OK;
    }
    lede_buffer_append_char(out, '(');
    for (size_t i = 0; i < count; i++) {
        lede_buffer_append_format(
            out, "%s{%.*s}", i > 0 ? " OR " : "", (int)words[i].size, words[i].word);
    }
    lede_buffer_append_char(out, ')');
    work->is_lone = is_alone;
    return LEDE_OK;
}

/* `white ho` becomes `white ho*`. */
static enum lede_status write_query(struct headlines *work)
{
    const struct lede_search_params *search = &work->run->search;
    struct lede_analyzer *analyzer = work->worker->analyzer;
    struct lede_tokens tokens;
    struct lede_token token;
    struct lede_open_word open;
    enum lede_status st = LEDE_OK;
    size_t count = 0;
    bool is_open = lede_suggest_open_word(analyzer, search->q, search->q_size, &open);
    size_t end = is_open && !open.is_ngram ? open.start : search->q_size;
    lede_tokens_init(
        &tokens, analyzer, LEDE_TOKENS_QUERY, LEDE_LANGUAGE_UND, search->q, search->q_size);
    for (; count < WORDS_MAX && lede_tokens_next(&tokens, &token) && token.start < end; count++) {
        bool is_last = token.start + token.size == search->q_size;
        lede_buffer_append(&work->text, token.word, token.word_size);
        lede_buffer_append_string(&work->text, is_last && is_open ? "*" : " ");
    }
    if (is_open && !open.is_ngram)
        st = append_open_word(work, &open, count == 0);
    return st == LEDE_OK && work->text.failed ? lede_fail_memory(work->reterr) : st;
}

/* A number of a headline that is the same however it is written. Status: OK; ECORRUPT; ENOMEM. */
static enum lede_status number_of(
    struct headlines *work, const struct lede_hit *hit, uint64_t *ret_number)
{
    LEDE_CLEANUP(lede_shown_document_releasep) struct lede_shown_document *document = NULL;
    LEDE_CLEANUP(lede_freep) char *folded = NULL;
    size_t size = 0;
    enum lede_status st = lede_shown_document_take(
        work->worker->api->shown_documents, hit->stored, hit->stored_size, &document, work->reterr);
    if (st != LEDE_OK)
        return st;
    const struct lede_stored_field *title =
        lede_stored_texts(lede_shown_document_stored(document), LEDE_FIELD_TITLE);
    if (title && lede_fold(title->texts[0].text, title->texts[0].size, &folded, &size) != LEDE_OK)
        return lede_fail_memory(work->reterr);
    *ret_number = lede_hash64(folded ? folded : "", size);
    return LEDE_OK;
}

/* Of one headline the first hit stays. */
static enum lede_status offer_each_once(
    struct headlines *work, struct lede_search_result *headlines, size_t limit)
{
    uint64_t numbers[LEDE_SUGGEST_LIMIT_MAX];
    size_t kept = 0;
    for (size_t i = 0; i < headlines->hit_count && kept < limit; i++) {
        bool is_offered = false;
        enum lede_status st = number_of(work, &headlines->hits[i], &numbers[kept]);
        if (st != LEDE_OK)
            return st;
        for (size_t k = 0; k < kept; k++)
            is_offered = is_offered || numbers[k] == numbers[kept];
        if (!is_offered)
            headlines->hits[kept++] = headlines->hits[i];
    }
    headlines->hit_count = kept;
    return LEDE_OK;
}

static enum lede_status find(struct headlines *work, struct lede_suggestions *suggestions)
{
    struct lede_search_run *run = work->run;
    struct lede_query_options options = lede_search_run_options(work->worker, run);
    struct lede_search search = run->search.search;
    options.fields = LEDE_FIELD_BIT(LEDE_FIELD_TITLE);
    options.match_any = false;
    enum lede_status st = lede_query_parse(work->text.data, work->text.size, &options,
        work->worker->analyzer, &suggestions->headline_query, work->reterr);
    /* A text that has more words than a query may have has no headlines. */
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT)
        return LEDE_OK;
    if (st != LEDE_OK)
        return st;
    search.query = suggestions->headline_query;
    search.sort = LEDE_SORT_RELEVANCE;
    search.recency_half_life_s = work->is_lone ? 0 : HALF_LIFE_S;
    search.no_total = true;
    search.deadline_monotonic_ns = suggestions->headlines_end_ns;
    uint32_t limit = search.limit;
    search.limit *= COPIES_EACH;
    st = lede_visible_search(work->worker, &search, &suggestions->headlines, work->reterr);
    return st == LEDE_OK ? offer_each_once(work, &suggestions->headlines, limit) : st;
}

enum lede_status lede_suggest_headlines(struct lede_api_worker *worker, struct lede_search_run *run,
    const struct lede_lexicon *lexicon, struct lede_suggestions *suggestions,
    struct lede_error *reterr)
{
    struct headlines work = {.worker = worker,
        .run = run,
        .lexicon = lexicon,
        .end_ns = suggestions->headlines_end_ns,
        .reterr = reterr};
    enum lede_status st = write_query(&work);
    if (st == LEDE_OK && work.text.size > 0)
        st = find(&work, suggestions);
    lede_buffer_done(&work.text);
    return st;
}
