/* The words of the text, folded, in titles. A short prefix stands for its most frequent words: all that begin with a letter are nearly every title. */
#include "lede/time.h"
#include "suggest.h"

#include <string.h>

#define SHORT_PREFIX_BYTES_MAX 3
#define SHORT_PREFIX_WORDS_MAX 8
#define HALF_LIFE_S (30.0 * 86400)
#define WORDS_MAX 16

static void append_open_word(
    const struct lede_open_word *word, const struct lede_lexicon *lexicon, struct lede_buffer *out)
{
    struct lede_lexicon_word words[SHORT_PREFIX_WORDS_MAX];
    size_t count = 0;
    if (lexicon && !word->is_ngram && word->folded_size <= SHORT_PREFIX_BYTES_MAX)
        count =
            lede_lexicon_complete(lexicon, word->folded, word->folded_size, SHORT_PREFIX_WORDS_MAX, words);
    if (count == 0) {
        lede_buffer_append(out, word->folded, word->folded_size);
        lede_buffer_append_char(out, '*');
        return;
    }
    lede_buffer_append_char(out, '(');
    for (size_t i = 0; i < count; i++) {
        lede_buffer_append_string(out, i > 0 ? " OR =" : "=");
        lede_buffer_append(out, words[i].word, words[i].size);
    }
    lede_buffer_append_char(out, ')');
}

/* `white ho` becomes `white ho*`. */
static void write_query(struct lede_analyzer *analyzer, const struct lede_search_params *search,
    const struct lede_lexicon *lexicon, struct lede_buffer *out)
{
    struct lede_tokens tokens;
    struct lede_token token;
    struct lede_open_word open;
    bool is_open = lede_suggest_open_word(analyzer, search->q, search->q_size, &open);
    size_t end = is_open && !open.is_ngram ? open.start : search->q_size;
    lede_tokens_init(&tokens, analyzer, LEDE_TOKENS_QUERY, LEDE_LANGUAGE_UND, search->q, search->q_size);
    for (size_t count = 0; count < WORDS_MAX && lede_tokens_next(&tokens, &token) && token.start < end;
         count++) {
        bool is_last = token.start + token.size == search->q_size;
        lede_buffer_append(out, token.word, token.word_size);
        lede_buffer_append_string(out, is_last && is_open ? "*" : " ");
    }
    if (is_open && !open.is_ngram)
        append_open_word(&open, lexicon, out);
}

enum lede_status lede_suggest_headlines(struct lede_api_worker *worker, struct lede_search_run *run,
    const struct lede_lexicon *lexicon, struct lede_suggestions *suggestions, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct lede_query_options options = lede_search_run_options(worker, run);
    struct lede_search search = run->search.search;
    write_query(worker->analyzer, &run->search, lexicon, &text);
    if (text.failed)
        return lede_fail_memory(reterr);
    options.fields = LEDE_FIELD_BIT(LEDE_FIELD_TITLE);
    options.match_any = false;
    enum lede_status st = text.size > 0 ? lede_query_parse(text.data, text.size, &options, worker->analyzer,
                                              &suggestions->headline_query, reterr)
                                        : LEDE_OK;
    /* A text that has no word, or more than a query may have, has no headlines. */
    if (text.size == 0 || st == LEDE_EINPUT || st == LEDE_ELIMIT)
        return LEDE_OK;
    if (st != LEDE_OK)
        return st;
    search.query = suggestions->headline_query;
    search.sort = LEDE_SORT_RELEVANCE;
    search.recency_half_life_s = HALF_LIFE_S;
    search.deadline_monotonic_ns =
        lede_time_monotonic_ns() + LEDE_SUGGEST_HEADLINES_MS_MAX * UINT64_C(1000000);
    return lede_reader_search(worker->reader, &search, &suggestions->headlines, reterr);
}
