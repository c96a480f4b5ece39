/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates are the archive's most frequent words with that beginning; where there are none, what
 * the word may be a slip of. Beside other words the query is counted with each, and those come
 * first that find most. Forms of one word that find the same are offered once, and each word is
 * said as documents write it. */
#include "lede/encoding.h"
#include "lede/time.h"
#include "suggestions.h"
#include "visible.h"
#include "written_word.h"

#include <stdlib.h>
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
            .is_ngram = is_ngram,
            .is_uppercase = (token.flags & LEDE_TOKEN_UPPERCASE) != 0};
        memcpy(ret_word->folded, token.word + skip, ret_word->folded_size);
    }
    return found;
}

const struct lede_lexicon_word *lede_word_walk_next(struct lede_word_walk *walk)
{
    bool is_first = walk->passed == 0;
    if (walk->at == walk->count) {
        bool is_end = !is_first && walk->count < LEDE_SUGGEST_WORDS_LOOKED_AT_MAX;
        if (is_end || walk->passed >= LEDE_SUGGEST_WORDS_PASSED_MAX)
            return NULL;
        struct lede_lexicon_word last = walk->words[is_first ? 0 : walk->count - 1];
        walk->count = lede_lexicon_complete(walk->lexicon, walk->prefix, walk->prefix_size,
            is_first ? NULL : &last, LEDE_SUGGEST_WORDS_LOOKED_AT_MAX, walk->words);
        walk->at = 0;
    }
    if (walk->at == walk->count)
        return NULL;
    walk->passed++;
    return &walk->words[walk->at++];
}

void lede_suggestions_done(struct lede_suggestions *suggestions)
{
    lede_search_result_done(&suggestions->headlines);
    lede_query_free(suggestions->headline_query);
    lede_arena_done(&suggestions->arena);
}

/* A word that is to be offered; text and counts are of the folded word at first. */
struct kept {
    struct lede_lexicon_word word;
    bool is_correction;
    bool has_accent; /* it is written as what was typed with an accent */
    struct lede_completion completion;
};

struct completion_search {
    struct lede_api_worker *worker;
    struct lede_search_run *run;
    const struct lede_lexicon *lexicon;
    struct lede_suggestions *suggestions;
    struct lede_open_word word;
    bool has_context;
    /* What was typed, as it is but for case; NULL: it has no accent that folding takes away. */
    char *accented;
    size_t accented_size;
    unsigned considered;
    unsigned shown; /* of them, those that may be */
    struct kept kept[LEDE_SUGGEST_LIMIT_MAX];
    size_t kept_count;
    struct lede_error *reterr;
};

/* What was typed before the word stays as it was typed. A quotation mark that was left open is
 * closed. */
static enum lede_status write_text(struct completion_search *work,
    const struct lede_written_word *written, bool is_correction, struct lede_buffer *out)
{
    const struct lede_search_params *search = &work->run->search;
    const struct lede_open_word *word = &work->word;
    const char *typed = search->q + word->start;
    size_t quotes = 0;
    bool stays = word->is_ngram && !is_correction;
    lede_buffer_append(out, search->q, word->start + (stays ? word->size : 0));
    if (stays)
        lede_buffer_append(
            out, written->text + word->folded_size, written->size - word->folded_size);
    else if (word->is_uppercase || lede_begins_with_capital(typed, word->size))
        lede_append_in_capitals(written->text, written->size, !word->is_uppercase, out);
    else
        lede_buffer_append(out, written->text, written->size);
    for (size_t i = 0; i < search->q_size; i++)
        quotes += search->q[i] == '"';
    if (quotes % 2 == 1)
        lede_buffer_append_char(out, '"');
    return out->failed ? lede_fail_memory(work->reterr) : LEDE_OK;
}

static enum lede_status count_text(struct completion_search *work, const struct lede_buffer *text,
    uint64_t deadline_monotonic_ns, struct lede_completion *ret_completion)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_query_options options = lede_search_run_options(work->worker, work->run);
    struct lede_search search = work->run->search.search;
    *ret_completion = (struct lede_completion){0};
    enum lede_status st = lede_query_parse(
        text->data, text->size, &options, work->worker->analyzer, &query, work->reterr);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT)
        return LEDE_OK;
    if (st != LEDE_OK)
        return st;
    search.query = query;
    search.deadline_monotonic_ns = deadline_monotonic_ns;
    return lede_visible_estimate(work->worker, &search, COUNT_TO, &ret_completion->count,
        &ret_completion->count_is_exact, work->reterr);
}

static enum lede_status find_written(struct completion_search *work,
    const struct lede_lexicon_word *word, uint64_t deadline_monotonic_ns,
    struct lede_written_word *ret_written)
{
    if (work->word.is_ngram)
        deadline_monotonic_ns = 0;
    return lede_written_word_find(work->worker, lede_lexicon_revision(work->lexicon), word->word,
        word->size, work->run->search.search.now_utc_s, deadline_monotonic_ns, ret_written,
        work->reterr);
}

/* ---- Which are kept ---- */

/* Do both words find the same, as forms of one word do? */
static bool is_form_of(
    struct completion_search *work, const struct kept *kept, const struct kept *other)
{
    const struct lede_lexicon_word *a = &kept->word, *b = &other->word;
    return kept->completion.count == other->completion.count &&
           lede_share_stem(work->worker->analyzer, lede_reader_languages(work->worker->reader),
               a->word, a->size, b->word, b->size);
}

/* Those with the accent that was typed first; then beside other words by count; alone as they come,
 * by the word's own frequency. */
static bool precedes(
    const struct completion_search *work, const struct kept *kept, const struct kept *other)
{
    if (kept->has_accent != other->has_accent)
        return kept->has_accent;
    return work->has_context && kept->completion.count > other->completion.count;
}

static void keep(struct completion_search *work, const struct kept *kept)
{
    size_t limit = work->run->search.search.limit, count = work->kept_count;
    if (count == limit && !precedes(work, kept, &work->kept[count - 1]))
        return;
    for (size_t i = 0; i < count; i++) {
        if (is_form_of(work, &work->kept[i], kept))
            return;
    }
    size_t place = count < limit ? work->kept_count++ : count - 1;
    for (; place > 0 && precedes(work, kept, &work->kept[place - 1]); place--)
        work->kept[place] = work->kept[place - 1];
    work->kept[place] = *kept;
}

/* Is it written as what was typed, but for case? */
static enum lede_status see_accent(struct completion_search *work, struct kept *kept)
{
    struct lede_written_word written;
    char *folded = NULL;
    size_t size = 0;
    enum lede_status st =
        find_written(work, &kept->word, work->suggestions->completions_end_ns, &written);
    if (st == LEDE_OK)
        st = lede_fold_case(written.text, written.size, &folded, &size, work->reterr);
    kept->has_accent = st == LEDE_OK && size >= work->accented_size &&
                       memcmp(folded, work->accented, work->accented_size) == 0;
    free(folded);
    return st;
}

static enum lede_status consider(
    struct completion_search *work, const struct lede_lexicon_word *candidate, bool is_correction)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct kept kept = {.word = *candidate, .is_correction = is_correction};
    struct lede_written_word folded;
    bool shown = false;
    work->considered++;
    /* Of a long word the index has a part and a hash. */
    if (memchr(candidate->word, '#', candidate->size))
        return LEDE_OK;
    enum lede_status st = lede_visible_word_is_shown(work->worker, candidate->word, candidate->size,
        work->run->search.search.now_utc_s, &shown, work->reterr);
    work->shown += st == LEDE_OK && shown;
    if (st == LEDE_OK && shown && work->accented)
        st = see_accent(work, &kept);
    if (st == LEDE_OK && shown)
        st = find_written(work, candidate, 0, &folded);
    if (st == LEDE_OK && shown)
        st = write_text(work, &folded, is_correction, &text);
    if (st != LEDE_OK || !shown)
        return st;
    st = count_text(work, &text, work->suggestions->completions_end_ns, &kept.completion);
    if (st == LEDE_OK && kept.completion.count > 0)
        keep(work, &kept);
    return st;
}

static bool is_over(const struct completion_search *work)
{
    bool full =
        work->kept_count == work->run->search.search.limit && !work->has_context && !work->accented;
    return full ||
           (work->considered > 0 && lede_time_has_passed(work->suggestions->completions_end_ns));
}

/* A preposition is no help to who types its first letter. */
static bool is_of_use(
    const struct completion_search *work, const struct lede_lexicon_word *candidate)
{
    return candidate->size == work->word.folded_size ||
           !lede_word_is_function(candidate->word, candidate->size);
}

static enum lede_status correct(struct completion_search *work)
{
    struct lede_lexicon_word words[CORRECTIONS_MAX];
    size_t count = 0;
    if (work->word.is_ngram || work->word.folded_size < CORRECTED_BYTES_MIN)
        return LEDE_OK;
    struct lede_lexicon_need need = {.misspelling_cost_max = MISSPELLING_COST_MAX};
    enum lede_status st = lede_visible_corrections(work->worker, work->lexicon, work->word.folded,
        work->word.folded_size, &need, work->suggestions->completions_end_ns, CORRECTIONS_MAX,
        words, &count, work->reterr);
    for (size_t i = 0; st == LEDE_OK && i < count && !is_over(work) &&
                       words[i].misspelling_cost <= MISSPELLING_COST_MAX;
         i++)
        st = consider(work, &words[i], true);
    return st;
}

/* ---- What is offered ---- */

static bool is_offered(const struct lede_suggestions *suggestions, const struct lede_buffer *text)
{
    for (size_t i = 0; i < suggestions->completion_count; i++) {
        const struct lede_completion *other = &suggestions->completions[i];
        if (other->text_size == text->size && memcmp(other->text, text->data, text->size) == 0)
            return true;
    }
    return false;
}

/* Say it as the archive does. What is written as another word was (München for muenchen) is counted
 * once more. */
static enum lede_status offer(struct completion_search *work, const struct kept *kept)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct lede_suggestions *suggestions = work->suggestions;
    struct lede_completion completion = kept->completion;
    struct lede_written_word written;
    char *folded = NULL;
    size_t size = 0;
    enum lede_status st = find_written(work, &kept->word, suggestions->written_end_ns, &written);
    if (st == LEDE_OK && lede_fold(written.text, written.size, &folded, &size) != LEDE_OK)
        st = lede_fail_memory(work->reterr);
    if (st == LEDE_OK)
        st = write_text(work, &written, kept->is_correction, &text);
    bool is_same =
        st == LEDE_OK && size == kept->word.size && memcmp(folded, kept->word.word, size) == 0;
    free(folded);
    if (st == LEDE_OK && !is_same)
        st = count_text(work, &text, suggestions->written_end_ns, &completion);
    if (st != LEDE_OK || completion.count == 0 || is_offered(suggestions, &text))
        return st;
    completion.text_size = text.size;
    completion.text = lede_arena_copy(&suggestions->arena, text.data, text.size);
    if (!completion.text)
        return lede_fail_memory(work->reterr);
    suggestions->completions[suggestions->completion_count++] = completion;
    return LEDE_OK;
}

/* Did folding take more than case from what was typed? */
static enum lede_status see_what_was_typed(struct completion_search *work)
{
    const char *typed = work->run->search.q + work->word.start;
    char *accented = NULL;
    enum lede_status st =
        lede_fold_case(typed, work->word.size, &accented, &work->accented_size, work->reterr);
    bool is_plain = st == LEDE_OK && work->accented_size == work->word.folded_size &&
                    memcmp(accented, work->word.folded, work->word.folded_size) == 0;
    if (st == LEDE_OK && !is_plain && !work->word.is_ngram)
        work->accented = LEDE_TAKE(&accented);
    free(accented);
    return st;
}

static enum lede_status find_completions(struct completion_search *work)
{
    struct lede_word_walk walk = {.lexicon = work->lexicon,
        .prefix = work->word.folded,
        .prefix_size = work->word.folded_size};
    const struct lede_lexicon_word *word = NULL;
    enum lede_status st = see_what_was_typed(work);
    while (st == LEDE_OK && !is_over(work) && work->shown < LEDE_SUGGEST_WORDS_LOOKED_AT_MAX &&
           (word = lede_word_walk_next(&walk))) {
        if (is_of_use(work, word))
            st = consider(work, word, false);
    }
    if (st == LEDE_OK && work->kept_count == 0)
        st = correct(work);
    for (size_t i = 0; st == LEDE_OK && i < work->kept_count; i++)
        st = offer(work, &work->kept[i]);
    return st;
}

enum lede_status lede_suggest_completions(struct lede_api_worker *worker,
    struct lede_search_run *run, const struct lede_lexicon *lexicon,
    struct lede_suggestions *suggestions, struct lede_error *reterr)
{
    struct completion_search work = {.worker = worker,
        .run = run,
        .lexicon = lexicon,
        .suggestions = suggestions,
        .reterr = reterr};
    if (!lexicon ||
        !lede_suggest_open_word(worker->analyzer, run->search.q, run->search.q_size, &work.word))
        return LEDE_OK;
    work.has_context = work.word.start > 0 || run->search.search.filter_count > 0;
    enum lede_status st = find_completions(&work);
    free(work.accented);
    return st;
}
