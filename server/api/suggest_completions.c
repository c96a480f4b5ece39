/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates are the archive's most frequent words with that beginning; where there are none, what
 * the word may be a slip of. Beside other words the query is counted with each, and those come
 * first that find most. */
#include "lede/encoding.h"
#include "lede/time.h"
#include "suggestions.h"
#include "visible.h"

#include <string.h>

#define COUNT_TO 500 /* documents; more are estimated */
#define CORRECTIONS_MAX 4
#define CORRECTED_BYTES_MIN 4
#define MISSPELLING_COST_MAX 8.0

bool lede_suggest_open_word(
    struct lede_analyzer *analyzer, const char *text, size_t size, struct lede_open_word *ret_word)
{
    struct lede_tokens tokens;
    struct lede_token token;
    bool found = false;
    lede_tokens_init(&tokens, analyzer, LEDE_TOKENS_QUERY, LEDE_LANGUAGE_UND, text, size);
    while (lede_tokens_next(&tokens, &token)) {
        found = token.start + token.size == size && token.word_size > 0;
        if (!found)
            continue;
        bool is_ngram = (token.flags & LEDE_TOKEN_NGRAM) != 0;
        size_t skip =
            is_ngram ? lede_utf8_boundary(token.word, token.word_size, token.word_size - 1) : 0;
        size_t start = is_ngram ? lede_utf8_boundary(text, size, size - 1) : token.start;
        *ret_word = (struct lede_open_word){.start = start,
            .size = size - start,
            .folded_size = token.word_size - skip,
            .is_ngram = is_ngram};
        memcpy(ret_word->folded, token.word + skip, ret_word->folded_size);
    }
    return found;
}

void lede_suggestions_done(struct lede_suggestions *suggestions)
{
    lede_search_result_done(&suggestions->headlines);
    lede_query_free(suggestions->headline_query);
    lede_arena_done(&suggestions->arena);
}

struct completion_search {
    struct lede_api_worker *worker;
    struct lede_search_run *run;
    struct lede_suggestions *suggestions;
    struct lede_open_word word;
    bool has_context;
    unsigned considered;
    struct lede_error *reterr;
};

/* What was typed stays as it was typed; a correction takes its place. A quotation mark that was
 * left open is closed. */
static enum lede_status write_text(struct completion_search *work,
    const struct lede_lexicon_word *candidate, bool is_correction, struct lede_buffer *out)
{
    const struct lede_search_params *search = &work->run->search;
    size_t quotes = 0, typed = is_correction ? 0 : work->word.folded_size;
    lede_buffer_append(out, search->q, work->word.start + (is_correction ? 0 : work->word.size));
    lede_buffer_append(out, candidate->word + typed, candidate->size - typed);
    for (size_t i = 0; i < search->q_size; i++)
        quotes += search->q[i] == '"';
    if (quotes % 2 == 1)
        lede_buffer_append_char(out, '"');
    return out->failed ? lede_fail_memory(work->reterr) : LEDE_OK;
}

static enum lede_status count_text(struct completion_search *work, const struct lede_buffer *text,
    struct lede_completion *ret_completion)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_query_options options = lede_search_run_options(work->worker, work->run);
    struct lede_search search = work->run->search.search;
    *ret_completion = (struct lede_completion){.text_size = text->size};
    enum lede_status st = lede_query_parse(
        text->data, text->size, &options, work->worker->analyzer, &query, work->reterr);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT)
        return LEDE_OK;
    if (st != LEDE_OK)
        return st;
    search.query = query;
    search.deadline_monotonic_ns = work->suggestions->completions_end_ns;
    return lede_visible_estimate(work->worker, &search, COUNT_TO, &ret_completion->count,
        &ret_completion->count_is_exact, work->reterr);
}

/* Beside other words by count; alone as they come, by the word's own frequency. */
static enum lede_status keep(struct completion_search *work, struct lede_completion completion,
    const struct lede_buffer *text)
{
    struct lede_suggestions *suggestions = work->suggestions;
    size_t limit = work->run->search.search.limit, count = suggestions->completion_count;
    if (count == limit &&
        (!work->has_context || completion.count <= suggestions->completions[count - 1].count))
        return LEDE_OK;
    completion.text = lede_arena_copy(&suggestions->arena, text->data, text->size);
    if (!completion.text)
        return lede_fail_memory(work->reterr);
    size_t place = count < limit ? suggestions->completion_count++ : count - 1;
    for (; work->has_context && place > 0 &&
           suggestions->completions[place - 1].count < completion.count;
         place--)
        suggestions->completions[place] = suggestions->completions[place - 1];
    suggestions->completions[place] = completion;
    return LEDE_OK;
}

static enum lede_status consider(
    struct completion_search *work, const struct lede_lexicon_word *candidate, bool is_correction)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct lede_completion completion;
    bool shown = false;
    work->considered++;
    /* Of a long word the index has a part and a hash. */
    if (memchr(candidate->word, '#', candidate->size))
        return LEDE_OK;
    enum lede_status st = lede_visible_word_is_shown(work->worker, candidate->word, candidate->size,
        work->run->search.search.now_utc_s, &shown, work->reterr);
    if (st == LEDE_OK && shown)
        st = write_text(work, candidate, is_correction, &text);
    if (st != LEDE_OK || !shown)
        return st;
    st = count_text(work, &text, &completion);
    return st == LEDE_OK && completion.count > 0 ? keep(work, completion, &text) : st;
}

static bool is_over(const struct completion_search *work)
{
    bool full =
        work->suggestions->completion_count == work->run->search.search.limit && !work->has_context;
    return full || (work->considered > 0 &&
                       lede_time_monotonic_ns() >= work->suggestions->completions_end_ns);
}

/* A preposition is no help to who types its first letter. */
static bool is_of_use(
    const struct completion_search *work, const struct lede_lexicon_word *candidate)
{
    return candidate->size == work->word.folded_size ||
           !lede_word_is_function(candidate->word, candidate->size);
}

static enum lede_status correct(struct completion_search *work, const struct lede_lexicon *lexicon)
{
    struct lede_lexicon_word words[CORRECTIONS_MAX];
    size_t count = 0;
    if (work->word.is_ngram || work->word.folded_size < CORRECTED_BYTES_MIN)
        return LEDE_OK;
    struct lede_lexicon_need need = {.misspelling_cost_max = MISSPELLING_COST_MAX};
    enum lede_status st = lede_lexicon_correct(lexicon, work->word.folded, work->word.folded_size,
        &need, CORRECTIONS_MAX, words, &count, work->reterr);
    for (size_t i = 0; st == LEDE_OK && i < count && !is_over(work) &&
                       words[i].misspelling_cost <= MISSPELLING_COST_MAX;
         i++)
        st = consider(work, &words[i], true);
    return st;
}

enum lede_status lede_suggest_completions(struct lede_api_worker *worker,
    struct lede_search_run *run, const struct lede_lexicon *lexicon,
    struct lede_suggestions *suggestions, struct lede_error *reterr)
{
    struct lede_lexicon_word words[LEDE_SUGGEST_WORDS_LOOKED_AT_MAX];
    struct completion_search work = {
        .worker = worker, .run = run, .suggestions = suggestions, .reterr = reterr};
    if (!lexicon ||
        !lede_suggest_open_word(worker->analyzer, run->search.q, run->search.q_size, &work.word))
        return LEDE_OK;
    work.has_context = work.word.start > 0 || run->search.search.filter_count > 0;
    size_t count = lede_lexicon_complete(
        lexicon, work.word.folded, work.word.folded_size, LEDE_SUGGEST_WORDS_LOOKED_AT_MAX, words);
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < count && !is_over(&work); i++) {
        if (is_of_use(&work, &words[i]))
            st = consider(&work, &words[i], false);
    }
    if (st == LEDE_OK && suggestions->completion_count == 0)
        st = correct(&work, lexicon);
    return st;
}
