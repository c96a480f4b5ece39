/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correction.h"

#include "correction_words.h"
#include "lede/time.h"
#include "visible.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CANDIDATES_MAX 8
#define WEIGHED_MAX 5         /* candidates that are weighed by what they find */
#define NEAR_COST 4.0         /* those whose cost is within so much of the best one's */
#define COUNT_TO 1000         /* documents, when candidates are weighed */
#define FREQUENCY_SHARE 0.7   /* as in the lexicon */
#define RARE_CHARACTERS_MIN 5 /* a shorter word is no slip */
#define SPLIT_COST 3.0        /* of a blank left out */
#define SPLIT_DOCUMENTS_MIN 3 /* of each part */
#define SPLIT_TRIED_MAX 3
#define JOIN_DOCUMENTS_MIN 2
#define JOIN_FACTOR 10 /* where both parts are words and find something together */

struct correction {
    struct lede_api_worker *worker;
    const struct lede_search_run *run;
    struct lede_lexicon *lexicon;
    uint64_t found;
    uint64_t deadline_monotonic_ns;
    unsigned searches;
    struct correction_words words;
    struct correction_change changes[LEDE_CORRECTION_CHANGES_MAX];
    size_t change_count;
    /* a change is a slip inside a word whose stem is known: as many documents are enough */
    bool keeps_stem;
    struct lede_error *reterr;
};

/* ---- Asking the archive ---- */

static bool is_spent(const struct correction *work)
{
    return work->searches >= LEDE_CORRECTION_SEARCHES_MAX ||
           lede_time_monotonic_ns() >= work->deadline_monotonic_ns;
}

/* How many documents a text finds, with the search's filters; 0 for what cannot be parsed, and when
 * time is up. */
static enum lede_status count_text(
    struct correction *work, const char *text, size_t size, uint32_t count_to, uint32_t *ret_count)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_search search = work->run->search.search;
    struct lede_query_options options = lede_search_run_options(work->worker, work->run);
    bool exact = false;
    *ret_count = 0;
    if (is_spent(work))
        return LEDE_OK;
    enum lede_status st =
        lede_query_parse(text, size, &options, work->worker->analyzer, &query, work->reterr);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT)
        return LEDE_OK;
    if (st != LEDE_OK)
        return st;
    work->searches++;
    search.query = query;
    search.deadline_monotonic_ns = work->deadline_monotonic_ns;
    return lede_visible_estimate(work->worker, &search, count_to, ret_count, &exact, work->reterr);
}

/* How many documents the query finds with all changes so far, and one more unless it is NULL. */
static enum lede_status count_changed(struct correction *work,
    const struct correction_change *change, uint32_t count_to, uint32_t *ret_count)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct correction_change changes[LEDE_CORRECTION_CHANGES_MAX + 1];
    size_t count = work->change_count;
    memcpy(changes, work->changes, count * sizeof(*changes));
    if (change)
        changes[count++] = *change;
    correction_apply(&work->run->search, changes, count, &text);
    if (text.failed)
        return lede_fail_memory(work->reterr);
    return count_text(work, text.data, text.size, count_to, ret_count);
}

static enum lede_status is_shown(
    struct correction *work, const char *word, size_t size, bool *ret_shown)
{
    return lede_visible_word_is_shown(
        work->worker, word, size, work->run->search.search.now_utc_s, ret_shown, work->reterr);
}

/* ---- One word ---- */

enum word_status {
    WORD_IS_FOUND,
    WORD_IS_FOUND_BY_STEM,
    WORD_IS_FOUND_BY_RARE_STEM,
    WORD_IS_RARE,
    WORD_IS_UNKNOWN
};

/* What may replace a word: a slip that costs at most so much, and so much more a character; a word
 * of at least so many times its documents. */
struct thresholds {
    double slip_base;
    double slip_per_character;
    uint32_t factor;
    uint32_t rare_documents_max; /* a word of more is no slip */
};
/* Where the query found something, what was written is doubted less. */
static const struct thresholds thresholds_if_found[] = {
    [WORD_IS_FOUND_BY_STEM] = {4.5, 0, 3, 0},
    [WORD_IS_FOUND_BY_RARE_STEM] = {3.0, 0.6, 2, 20},
    [WORD_IS_RARE] = {4.2, 0, 50, 20},
    [WORD_IS_UNKNOWN] = {3.0, 0.9, 0, 0},
};
static const struct thresholds thresholds_if_nothing[] = {
    [WORD_IS_FOUND_BY_STEM] = {5.0, 0, 1, 0},
    [WORD_IS_FOUND_BY_RARE_STEM] = {3.0, 0.9, 1, 20},
    [WORD_IS_RARE] = {4.5, 0, 20, 20},
    [WORD_IS_UNKNOWN] = {3.0, 0.9, 0, 0},
};

static const struct thresholds *thresholds_of(
    const struct correction *work, enum word_status status)
{
    return work->found > 0 ? &thresholds_if_found[status] : &thresholds_if_nothing[status];
}

struct word_assessment {
    enum word_status status;
    uint32_t documents; /* of the word, or of its stem */
};

/* What the archive says of a word. One that is frequent costs a look-up. */
static enum lede_status assess_word(struct correction *work, const struct correction_word *word,
    struct word_assessment *ret_assessment)
{
    uint32_t documents = 0, rare = thresholds_of(work, WORD_IS_RARE)->rare_documents_max;
    bool shown = true;
    enum lede_status st = lede_visible_word_documents(work->worker, LEDE_FIELDS_DEFAULT,
        word->folded, word->folded_size, &documents, work->reterr);
    *ret_assessment = (struct word_assessment){WORD_IS_FOUND, documents};
    if (st != LEDE_OK || (documents > rare && work->found > 0))
        return st;
    if (documents > 0)
        st = is_shown(work, word->folded, word->folded_size, &shown);
    if (st != LEDE_OK)
        return st;
    if (documents > 0 && shown) {
        if (documents <= rare && !word->is_capitalised && word->characters >= RARE_CHARACTERS_MIN)
            ret_assessment->status = WORD_IS_RARE;
        return LEDE_OK;
    }
    st = count_text(work, word->folded, word->folded_size, COUNT_TO, &ret_assessment->documents);
    if (ret_assessment->documents == 0)
        ret_assessment->status = WORD_IS_UNKNOWN;
    else
        ret_assessment->status =
            ret_assessment->documents <= rare ? WORD_IS_FOUND_BY_RARE_STEM : WORD_IS_FOUND_BY_STEM;
    return st;
}

static bool ends_alike(
    const struct correction_word *word, const struct lede_lexicon_word *candidate)
{
    return word->folded[word->folded_size - 1] == candidate->word[candidate->size - 1];
}

/* What may replace it by its slip. */
static struct lede_lexicon_need need_of(const struct correction *work,
    const struct correction_word *word, const struct word_assessment *assessment)
{
    const struct thresholds *thresholds = thresholds_of(work, assessment->status);
    uint64_t documents = (uint64_t)thresholds->factor * assessment->documents;
    return (struct lede_lexicon_need){
        thresholds->slip_base + thresholds->slip_per_character * (double)word->characters,
        documents < UINT32_MAX ? (uint32_t)documents : UINT32_MAX};
}

/* Is the candidate's slip likely enough for a word of this status? One that differs by its ending
 * alone is another form of the word, and finds the same. */
static bool may_replace(struct correction *work, const struct correction_word *word,
    const struct word_assessment *assessment, const struct lede_lexicon_word *candidate)
{
    struct lede_lexicon_need need = need_of(work, word, assessment);
    bool same_stem =
        assessment->status != WORD_IS_UNKNOWN &&
        correction_shares_stem(work->worker->analyzer, lede_reader_languages(work->worker->reader),
            word, candidate->word, candidate->size);
    if (same_stem)
        return assessment->status != WORD_IS_RARE && ends_alike(word, candidate);
    return candidate->misspelling_cost <= need.misspelling_cost_max &&
           candidate->documents >= need.documents_min;
}

/* Lower is better. With neighbours or filters what is found together counts, and a little of the
 * frequency overall. */
static double cost_in_context(const struct lede_lexicon_word *candidate, uint32_t together)
{
    return candidate->misspelling_cost -
           FREQUENCY_SHARE * log(together + candidate->documents * 0.001 + 0.001);
}

static struct correction_change change_to(
    const struct correction_word *word, const char *text, size_t size)
{
    struct correction_change change = {.start = word->start,
        .size = word->size,
        .text_size = size,
        .is_capitalised = word->is_capitalised,
        .is_uppercase = word->is_uppercase};
    memcpy(change.text, text, size);
    return change;
}

/* Write each word of a change as documents do; one for which there is no room stays folded. */
static enum lede_status write_as_documents_do(
    struct correction *work, struct correction_change *change)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct lede_written_word written;
    enum lede_status st = LEDE_OK;
    for (size_t start = 0, end = 0; st == LEDE_OK && start < change->text_size; start = end + 1) {
        const char *blank = memchr(change->text + start, ' ', change->text_size - start);
        end = blank ? (size_t)(blank - change->text) : change->text_size;
        st = lede_written_word_find(work->worker, lede_lexicon_revision(work->lexicon),
            change->text + start, end - start, work->run->search.search.now_utc_s,
            work->deadline_monotonic_ns, &written, work->reterr);
        if (st == LEDE_OK && start > 0)
            lede_buffer_append_char(&text, ' ');
        if (st == LEDE_OK)
            lede_buffer_append(&text, written.text, written.size);
    }
    if (st == LEDE_OK && text.failed)
        st = lede_fail_memory(work->reterr);
    if (st == LEDE_OK && text.size <= sizeof(change->text)) {
        memcpy(change->text, text.data, text.size);
        change->text_size = text.size;
    }
    return st;
}

static enum lede_status take_change(struct correction *work, struct correction_change *change)
{
    enum lede_status st = write_as_documents_do(work, change);
    if (st == LEDE_OK)
        work->changes[work->change_count++] = *change;
    return st;
}

/* The best of the likely candidates that may be shown; *ret_cost stays where there is none. */
static enum lede_status choose(struct correction *work, const struct correction_word *word,
    const struct word_assessment *assessment, struct correction_change *ret_change,
    double *ret_cost)
{
    struct lede_lexicon_word candidates[CANDIDATES_MAX];
    size_t count = 0, weighed = 0;
    double first_cost = INFINITY;
    bool has_context = work->words.count > 1 || work->run->search.search.filter_count > 0;
    struct lede_lexicon_need need = need_of(work, word, assessment);
    /* Where a stem decides, a dear slip may do, too. */
    bool by_slip = assessment->status == WORD_IS_RARE || assessment->status == WORD_IS_UNKNOWN;
    enum lede_status st = lede_lexicon_correct(work->lexicon, word->folded, word->folded_size,
        by_slip ? &need : NULL, CANDIDATES_MAX, candidates, &count, work->reterr);
    for (size_t i = 0; st == LEDE_OK && i < count && weighed < WEIGHED_MAX && !is_spent(work);
         i++) {
        const struct lede_lexicon_word *candidate = &candidates[i];
        bool shown = false;
        if (candidate->cost > first_cost + NEAR_COST)
            break;
        if (!may_replace(work, word, assessment, candidate))
            continue;
        st = is_shown(work, candidate->word, candidate->size, &shown);
        if (st != LEDE_OK || !shown)
            continue;
        first_cost = weighed++ == 0 ? candidate->cost : first_cost;
        struct correction_change change = change_to(word, candidate->word, candidate->size);
        uint32_t together = candidate->documents;
        if (has_context)
            st = count_changed(work, &change, COUNT_TO, &together);
        double cost = cost_in_context(candidate, together);
        if (st == LEDE_OK && cost < *ret_cost) {
            *ret_cost = cost;
            *ret_change = change;
        }
        if (!has_context)
            break;
    }
    return st;
}

/* "newyork": two words of the archive that stand side by side in it. */
static enum lede_status split(struct correction *work, const struct correction_word *word,
    struct correction_change *ret_change, double *ret_cost)
{
    struct correction_split splits[SPLIT_TRIED_MAX];
    size_t count =
        correction_splits(work->lexicon, word, SPLIT_DOCUMENTS_MIN, splits, SPLIT_TRIED_MAX);
    for (size_t i = 0; i < count; i++) {
        char text[LEDE_TERM_SIZE_MAX + 4];
        uint32_t found = 0;
        size_t first = splits[i].first_size;
        int size = snprintf(text, sizeof(text), "\"%.*s %.*s\"", (int)first, word->folded,
            (int)(word->folded_size - first), word->folded + first);
        enum lede_status st = count_text(work, text, (size_t)size, COUNT_TO, &found);
        if (st != LEDE_OK)
            return st;
        double cost = SPLIT_COST - FREQUENCY_SHARE * log(found + 0.001);
        if (found >= SPLIT_DOCUMENTS_MIN && cost < *ret_cost) {
            *ret_cost = cost;
            *ret_change = change_to(word, text + 1, (size_t)size - 2);
        }
    }
    return LEDE_OK;
}

/* "foot ball", where the archive has the whole word: for two words that only white space parts. */
static enum lede_status join(
    struct correction *work, size_t index, bool both_stand, bool *ret_joined)
{
    const struct correction_word *first = &work->words.items[index], *second = first + 1;
    char whole[2 * LEDE_TERM_SIZE_MAX + 1];
    uint32_t documents = 0;
    bool shown = false;
    *ret_joined = false;
    if (index + 1 >= work->words.count || !second->follows_blank ||
        second->in_phrase != first->in_phrase)
        return LEDE_OK;
    size_t size = first->folded_size + second->folded_size;
    if (size > LEDE_TERM_SIZE_MAX)
        return LEDE_OK;
    memcpy(whole, first->folded, first->folded_size);
    memcpy(whole + first->folded_size, second->folded, second->folded_size);
    enum lede_status st = lede_visible_word_documents(
        work->worker, LEDE_FIELDS_DEFAULT, whole, size, &documents, work->reterr);
    uint64_t least = both_stand ? work->found * JOIN_FACTOR : 0;
    if (st != LEDE_OK || documents < (least > JOIN_DOCUMENTS_MIN ? least : JOIN_DOCUMENTS_MIN))
        return st;
    st = is_shown(work, whole, size, &shown);
    if (st != LEDE_OK || !shown)
        return st;
    struct correction_change change = change_to(first, whole, size);
    change.size = second->start + second->size - first->start;
    *ret_joined = true;
    return take_change(work, &change);
}

static enum lede_status correct_word(struct correction *work, const struct correction_word *word,
    const struct word_assessment *assessment)
{
    struct correction_change change = {0};
    double cost = INFINITY;
    enum lede_status st = choose(work, word, assessment, &change, &cost);
    if (st == LEDE_OK && assessment->status == WORD_IS_UNKNOWN && !word->in_phrase)
        st = split(work, word, &change, &cost);
    if (st != LEDE_OK || cost == INFINITY)
        return st;
    work->keeps_stem = work->keeps_stem || assessment->status == WORD_IS_FOUND_BY_STEM ||
                       assessment->status == WORD_IS_FOUND_BY_RARE_STEM;
    return take_change(work, &change);
}

/* ---- The query ---- */

static enum lede_status correct_words(struct correction *work)
{
    struct word_assessment judgements[LEDE_CORRECTION_WORDS_MAX + 1] = {{WORD_IS_FOUND, 0}};
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < work->words.count; i++)
        st = assess_word(work, &work->words.items[i], &judgements[i]);
    for (size_t i = 0; st == LEDE_OK && i < work->words.count &&
                       work->change_count < LEDE_CORRECTION_CHANGES_MAX && !is_spent(work);
         i++) {
        bool joined = false;
        bool stands = judgements[i].status == WORD_IS_FOUND;
        st = join(work, i, stands && judgements[i + 1].status == WORD_IS_FOUND, &joined);
        if (st == LEDE_OK && !stands && !joined)
            st = correct_word(work, &work->words.items[i], &judgements[i]);
        i += joined;
    }
    return st;
}

/* In so many milliseconds, or at the deadline, if that is earlier; 0: there is none. */
static uint64_t no_later(uint64_t deadline_monotonic_ns, uint64_t ms)
{
    uint64_t latest = lede_time_monotonic_ns() + UINT64_C(1000000) * ms;
    return deadline_monotonic_ns > 0 && deadline_monotonic_ns < latest ? deadline_monotonic_ns
                                                                       : latest;
}

enum lede_status lede_correction_find(struct lede_api_worker *worker, struct lede_search_run *run,
    uint64_t found, struct lede_buffer *ret_text, struct lede_error *reterr)
{
    uint64_t deadline = run->search.search.deadline_monotonic_ns;
    LEDE_CLEANUP(lede_lexicon_unrefp)
    struct lede_lexicon *lexicon = lede_store_await_lexicon(
        worker->api->store, found == 0 ? no_later(deadline, LEDE_CORRECTION_AWAIT_MS_MAX) : 0);
    struct correction work = {.worker = worker,
        .run = run,
        .lexicon = lexicon,
        .found = found,
        .deadline_monotonic_ns = no_later(deadline, LEDE_CORRECTION_MS_MAX),
        .reterr = reterr};
    uint32_t better = 0;
    lede_buffer_clear(ret_text);
    run->lexicon = (lexicon ? lede_lexicon_revision(lexicon) : 0) + 1;
    if (!lexicon || run->search.q_size == 0)
        return LEDE_OK;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    enum lede_status st =
        correction_words_read(run, worker->analyzer, found == 0, &arena, &work.words, reterr);
    if (st == LEDE_OK)
        st = correct_words(&work);
    uint64_t enough = work.keeps_stem && found > 0 ? found : found + 1;
    if (st == LEDE_OK && work.change_count > 0)
        st = count_changed(
            &work, NULL, enough < UINT32_MAX ? (uint32_t)enough : UINT32_MAX, &better);
    run->is_hurried = run->is_hurried || lede_time_monotonic_ns() >= work.deadline_monotonic_ns;
    if (st != LEDE_OK || better < enough)
        return st;
    correction_apply(&run->search, work.changes, work.change_count, ret_text);
    return ret_text->failed ? lede_fail_memory(reterr) : LEDE_OK;
}
