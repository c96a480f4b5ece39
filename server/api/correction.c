/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correction.h"

#include "correction_work.h"
#include "lede/time.h"
#include "visible.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS 2
#define FREQUENCY_SHARE 0.7   /* as in the lexicon */
#define NAME_COST 2.0         /* of a name that is transliterated otherwise */
#define SPLIT_COST 3.0        /* of a blank left out */
#define SPLIT_DOCUMENTS_MIN 3 /* of each part */
#define SPLIT_TRIED_MAX 3
#define JOIN_DOCUMENTS_MIN 2
#define JOIN_FACTOR 10 /* where both parts are words and find something together */

/* ---- One word ---- */

/* Lower is better. With neighbours or filters what is found together counts, and a little of the
 * frequency overall; what only the stem finds says nothing for a form that few documents have. */
static double cost_in_context(const struct lede_lexicon_word *candidate, uint32_t together)
{
    together = together < candidate->documents ? together : candidate->documents;
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

/* The option that is best beside the other words, as they are changed so far; *ret_cost stays where
 * there is none. */
static enum lede_status choose(struct correction *work, const struct correction_word *word,
    const struct correction_options *options, struct correction_change *ret_change,
    enum correction_replacement *ret_replacement, double *ret_cost)
{
    bool has_context = work->words.count > 1 || work->run->search.search.filter_count > 0;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < options->count && !correction_is_spent(work); i++) {
        const struct correction_option *option = &options->items[i];
        struct correction_change change = change_to(word, option->word.word, option->word.size);
        uint32_t together = option->word.documents;
        if (has_context)
            st = correction_count_changed(work, &change, CORRECTION_COUNT_TO, &together);
        double cost = cost_in_context(&option->word, together) + option->bias;
        if (st == LEDE_OK && cost < *ret_cost) {
            *ret_cost = cost;
            *ret_change = change;
            *ret_replacement = option->replacement;
        }
    }
    return st;
}

/* "Selenskyj": the same name as the archive spells it. A word without a capital may be no name, so
 * that a slip goes before. */
static enum lede_status choose_name(struct correction *work, const struct correction_word *word,
    struct correction_change *ret_change, double *ret_cost)
{
    struct lede_lexicon_word names[CORRECTION_OPTIONS_MAX];
    enum lede_status st = LEDE_OK;
    size_t count = 0;
    if (work->found == 0 && (word->is_capitalised || *ret_cost == INFINITY))
        count = lede_lexicon_same_names(
            work->lexicon, word->folded, word->folded_size, CORRECTION_OPTIONS_MAX, names);
    for (size_t i = 0; st == LEDE_OK && i < count && !correction_is_spent(work); i++) {
        struct correction_change change = change_to(word, names[i].word, names[i].size);
        uint32_t together = 0;
        bool shown = false;
        st = correction_is_shown(work, names[i].word, names[i].size, &shown);
        if (st == LEDE_OK && shown)
            st = correction_count_changed(work, &change, CORRECTION_COUNT_TO, &together);
        names[i].misspelling_cost = NAME_COST;
        double cost = cost_in_context(&names[i], together);
        if (st == LEDE_OK && shown && cost < *ret_cost) {
            *ret_cost = cost;
            *ret_change = change;
        }
    }
    return st;
}

/* How many documents have both parts of a text side by side. */
static enum lede_status count_phrase(struct correction *work, const char *whole, size_t first_size,
    size_t size, uint32_t count_to, uint32_t *ret_count)
{
    char text[2 * LEDE_TERM_SIZE_MAX + 4];
    int written = snprintf(text, sizeof(text), "\"%.*s %.*s\"", (int)first_size, whole,
        (int)(size - first_size), whole + first_size);
    return correction_count_text(work, text, (size_t)written, count_to, ret_count);
}

/* "newyork": two words of the archive that stand side by side in it. */
static enum lede_status split(struct correction *work, const struct correction_word *word,
    struct correction_change *ret_change, double *ret_cost)
{
    struct correction_split splits[SPLIT_TRIED_MAX];
    size_t count =
        correction_splits(work->lexicon, word, SPLIT_DOCUMENTS_MIN, splits, SPLIT_TRIED_MAX);
    for (size_t i = 0; i < count; i++) {
        char text[LEDE_TERM_SIZE_MAX + 2];
        uint32_t found = 0;
        size_t first = splits[i].first_size;
        enum lede_status st =
            count_phrase(work, word->folded, first, word->folded_size, CORRECTION_COUNT_TO, &found);
        if (st != LEDE_OK)
            return st;
        int size = snprintf(text, sizeof(text), "%.*s %.*s", (int)first, word->folded,
            (int)(word->folded_size - first), word->folded + first);
        double cost = SPLIT_COST - FREQUENCY_SHARE * log(found + 0.001);
        if (found >= SPLIT_DOCUMENTS_MIN && cost < *ret_cost) {
            *ret_cost = cost;
            *ret_change = change_to(word, text, (size_t)size);
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
    uint32_t documents = 0, apart = 0;
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
    if (both_stand)
        st = count_phrase(work, whole, first->folded_size, size, documents, &apart);
    if (st != LEDE_OK || (uint64_t)apart * JOIN_FACTOR > documents)
        return st;
    st = correction_is_shown(work, whole, size, &shown);
    if (st != LEDE_OK || !shown)
        return st;
    struct correction_change change = change_to(first, whole, size);
    change.size = second->start + second->size - first->start;
    *ret_joined = true;
    return correction_take_change(work, &change);
}

static enum lede_status correct_word(struct correction *work, const struct correction_word *word,
    const struct correction_assessment *assessment)
{
    struct correction_change change = {0};
    struct correction_options options;
    enum correction_replacement replacement = REPLACES_SLIP;
    double cost = INFINITY;
    enum lede_status st = correction_find_options(work, word, assessment, &options);
    if (st == LEDE_OK)
        st = choose(work, word, &options, &change, &replacement, &cost);
    if (st == LEDE_OK && assessment->status == WORD_IS_UNKNOWN && !word->in_phrase)
        st = split(work, word, &change, &cost);
    if (st == LEDE_OK && assessment->status == WORD_IS_UNKNOWN)
        st = choose_name(work, word, &change, &cost);
    if (st != LEDE_OK || cost == INFINITY)
        return st;
    work->keeps_stem = work->keeps_stem || replacement == REPLACES_FORM;
    work->mends_form = work->mends_form || replacement == REPLACES_NO_FORM;
    return correction_take_change(work, &change);
}

/* ---- The query ---- */

/* Where several words were changed, the first were chosen beside others that were still wrong: each
 * is chosen once more. */
static enum lede_status correct_words(struct correction *work)
{
    struct correction_assessment judgements[LEDE_CORRECTION_WORDS_MAX + 1] = {{WORD_IS_FOUND, 0}};
    bool is_joined[LEDE_CORRECTION_WORDS_MAX + 1] = {false};
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < work->words.count; i++)
        st = correction_assess_word(work, &work->words.items[i], &judgements[i]);
    for (int round = 0; round < ROUNDS && (round == 0 || work->change_count > 1); round++) {
        for (size_t i = 0; st == LEDE_OK && i < work->words.count && !correction_is_spent(work);
             i++) {
            bool stands = judgements[i].status == WORD_IS_FOUND;
            if (round == 0)
                st = join(
                    work, i, stands && judgements[i + 1].status == WORD_IS_FOUND, &is_joined[i]);
            if (st == LEDE_OK && !stands && !is_joined[i])
                st = correct_word(work, &work->words.items[i], &judgements[i]);
            i += is_joined[i];
        }
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
    uint64_t enough = found == 0 || work.mends_form ? 1 : work.keeps_stem ? found : found + 1;
    if (st == LEDE_OK && work.change_count > 0)
        st = correction_count_changed(
            &work, NULL, enough < UINT32_MAX ? (uint32_t)enough : UINT32_MAX, &better);
    run->is_hurried = run->is_hurried || lede_time_has_passed(work.deadline_monotonic_ns);
    if (st != LEDE_OK || better < enough)
        return st;
    correction_apply(&run->search, work.changes, work.change_count, ret_text);
    return ret_text->failed ? lede_fail_memory(reterr) : LEDE_OK;
}
