/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much a word is doubted depends on what the archive has: nothing like it, its stem, or the
 * word itself, which can be a slip of the archive's. What may replace it has to be the likelier,
 * the less it is doubted. */
#include "correction_work.h"
#include "visible.h"

#define CANDIDATES_MAX 8
#define NEAR_COST 4.0         /* those whose cost is within so much of the best one's */
#define RARE_CHARACTERS_MIN 5 /* a shorter word is no slip */
#define CHAINED_MAX 4         /* of a candidate that is doubted itself */
#define CHAINED_RARE_MAX 20   /* documents of such a one */
#define CHAINED_FACTOR 8      /* of them, at least, what it may stand for has */
#define CHAINED_COST_MAX 5.3  /* its slip */
#define FORM_COST_BASE 3.0    /* of a slip inside a word whose stem is known */
#define FORM_COST_PER_CHARACTER 0.2
#define FORM_DOCUMENTS_MIN 2
#define NAME_COST 1.5          /* less for a name beside a word that says nothing */
#define COMMON_SHARE 20        /* one document of so many has such a word */
#define NAME_AS_TYPED_COST 2.0 /* less for a name where a capital was typed */

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
    [WORD_IS_RARE] = {4.8, 0, 8, 20},
    [WORD_IS_UNKNOWN] = {3.0, 0.9, 0, 0},
};
static const struct thresholds thresholds_if_nothing[] = {
    [WORD_IS_FOUND_BY_STEM] = {5.0, 0, 1, 0},
    [WORD_IS_FOUND_BY_RARE_STEM] = {3.0, 0.9, 1, 20},
    [WORD_IS_RARE] = {3.0, 0.5, 20, 20},
    [WORD_IS_UNKNOWN] = {3.0, 0.9, 0, 0},
};

static const struct thresholds *thresholds_of(
    const struct correction *work, enum correction_word_status status)
{
    return work->found > 0 ? &thresholds_if_found[status] : &thresholds_if_nothing[status];
}

enum lede_status correction_assess_word(struct correction *work, const struct correction_word *word,
    struct correction_assessment *ret_assessment)
{
    uint32_t documents = 0, rare = thresholds_of(work, WORD_IS_RARE)->rare_documents_max;
    bool shown = true;
    enum lede_status st = lede_visible_word_documents(work->worker, LEDE_FIELDS_DEFAULT,
        word->folded, word->folded_size, &documents, work->reterr);
    *ret_assessment = (struct correction_assessment){WORD_IS_FOUND, documents};
    if (st != LEDE_OK || (documents > rare && work->found > 0))
        return st;
    if (documents > 0)
        st = correction_is_shown(work, word->folded, word->folded_size, &shown);
    if (st != LEDE_OK)
        return st;
    if (documents > 0 && shown) {
        if (documents <= rare && !word->is_capitalised && word->characters >= RARE_CHARACTERS_MIN)
            ret_assessment->status = WORD_IS_RARE;
        return LEDE_OK;
    }
    st = correction_count_text(
        work, word->folded, word->folded_size, CORRECTION_COUNT_TO, &ret_assessment->documents);
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
    const struct correction_word *word, const struct correction_assessment *assessment)
{
    const struct thresholds *thresholds = thresholds_of(work, assessment->status);
    uint64_t documents = (uint64_t)thresholds->factor * assessment->documents;
    return (struct lede_lexicon_need){
        thresholds->slip_base + thresholds->slip_per_character * (double)word->characters,
        documents < UINT32_MAX ? (uint32_t)documents : UINT32_MAX};
}

static bool is_form_of(struct correction *work, const struct correction_word *word,
    const struct correction_assessment *assessment, const struct lede_lexicon_word *candidate)
{
    return assessment->status != WORD_IS_UNKNOWN &&
           correction_shares_stem(work->worker->analyzer,
               lede_reader_languages(work->worker->reader), word, candidate->word, candidate->size);
}

/* A rare word that was found is a slip of one that has so many times its documents: the likelier
 * the slip, the fewer. (Chosen on half 0 of Wikipedia's misspellings, and on 23,840 words of a
 * dictionary that the archive has: those to be left alone.) */
static bool outdoes_rare_word(const struct lede_lexicon_word *candidate, uint32_t documents)
{
    static const struct {
        double cost_max;
        uint32_t factor;
    } steps[] = {{2.2, 8}, {3.3, 20}, {4.8, 200}};
    for (size_t i = 0; i < LEDE_COUNT_OF(steps); i++) {
        if (candidate->misspelling_cost <= steps[i].cost_max)
            return candidate->documents >= (uint64_t)steps[i].factor * documents;
    }
    return false;
}

/* May the candidate replace a word of this status? One that differs by its ending alone is another
 * form of the word, and finds the same. */
static enum correction_replacement may_replace(struct correction *work,
    const struct correction_word *word, const struct correction_assessment *assessment,
    const struct lede_lexicon_word *candidate)
{
    struct lede_lexicon_need need = need_of(work, word, assessment);
    bool is_alike = ends_alike(word, candidate);
    bool is_likely = candidate->misspelling_cost <= need.misspelling_cost_max &&
                     candidate->documents >= need.documents_min;
    if (work->found > 0 && assessment->status == WORD_IS_RARE)
        is_likely = is_likely && is_alike && outdoes_rare_word(candidate, assessment->documents);
    bool is_by_stem = assessment->status == WORD_IS_FOUND_BY_STEM ||
                      assessment->status == WORD_IS_FOUND_BY_RARE_STEM;
    double form_cost_max = FORM_COST_BASE + FORM_COST_PER_CHARACTER * (double)word->characters;
    if (is_form_of(work, word, assessment, candidate))
        return is_alike && (is_by_stem || is_likely) ? REPLACES_FORM : REPLACES_NOTHING;
    if (is_by_stem && is_alike && candidate->documents >= FORM_DOCUMENTS_MIN &&
        candidate->misspelling_cost <= form_cost_max)
        return REPLACES_NO_FORM;
    return !is_likely ? REPLACES_NOTHING : is_by_stem ? REPLACES_FORM : REPLACES_SLIP;
}

/* A rare candidate that is a likely slip of a frequent word stands for that: archives have slips,
 * too. */
static enum lede_status correct_once_more(struct correction *work,
    const struct correction_word *word, struct lede_lexicon_word *candidate)
{
    struct lede_lexicon_word others[CHAINED_MAX];
    size_t count = 0;
    if (candidate->documents > CHAINED_RARE_MAX)
        return LEDE_OK;
    struct lede_lexicon_need need = {.misspelling_cost_max = CHAINED_COST_MAX,
        .documents_min = candidate->documents * CHAINED_FACTOR};
    enum lede_status st =
        lede_visible_corrections(work->worker, work->lexicon, candidate->word, candidate->size,
            &need, work->deadline_monotonic_ns, CHAINED_MAX, others, &count, work->reterr);
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        bool is_same_ending =
            others[i].word[others[i].size - 1] == candidate->word[candidate->size - 1];
        double cost = lede_lexicon_misspelling_cost(
            others[i].word, others[i].size, word->folded, word->folded_size);
        if (others[i].misspelling_cost > need.misspelling_cost_max ||
            others[i].documents < need.documents_min || !is_same_ending ||
            cost > candidate->misspelling_cost + CHAINED_COST_MAX)
            continue;
        others[i].misspelling_cost = candidate->misspelling_cost;
        *candidate = others[i];
        break;
    }
    return st;
}

/* Is it a function word of one of the archive's languages, and found as often as those are? */
static bool is_common(struct correction *work, const struct lede_lexicon_word *word)
{
    lede_language_set languages = lede_reader_languages(work->worker->reader);
    uint64_t all = lede_archive_document_count(work->worker);
    bool is_function = lede_word_is_function(word->word, word->size);
    for (size_t i = 0; !is_function && i < lede_language_count(); i++)
        is_function = (languages & LEDE_LANGUAGE_BIT(i)) &&
                      lede_word_is_function_in((lede_language)i, word->word, word->size);
    return is_function && (uint64_t)word->documents * COMMON_SHARE > all;
}

/* Does it stand alone, or beside words that say nothing? */
static bool is_alone(const struct correction *work, const struct correction_word *word)
{
    for (size_t i = 0; i < work->words.count; i++) {
        const struct correction_word *other = &work->words.items[i];
        if (other != word && !lede_word_is_function(other->folded, other->folded_size))
            return false;
    }
    return true;
}

/* A name is meant sooner where a capital was typed, and where the likeliest other word is one that
 * nobody asks for alone (`bejing`: Beijing, not being). */
static enum lede_status prefer_names(
    struct correction *work, const struct correction_word *word, struct correction_options *options)
{
    struct lede_written_word written;
    enum lede_status st = LEDE_OK;
    bool is_as_typed = word->is_capitalised && !word->is_uppercase;
    if (options->count < 2 ||
        (!is_as_typed && (!is_alone(work, word) || !is_common(work, &options->items[0].word))))
        return LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < options->count; i++) {
        struct correction_option *option = &options->items[i];
        st = lede_written_word_find(work->worker, lede_lexicon_revision(work->lexicon),
            option->word.word, option->word.size, work->run->search.search.now_utc_s,
            work->deadline_monotonic_ns, &written, work->reterr);
        if (st == LEDE_OK && lede_begins_with_capital(written.text, written.size))
            option->bias = is_as_typed ? -NAME_AS_TYPED_COST : -NAME_COST;
    }
    return st;
}

static bool is_listed(
    const struct correction_options *options, const struct lede_lexicon_word *word)
{
    for (size_t i = 0; i < options->count; i++) {
        if (options->items[i].word.word == word->word)
            return true;
    }
    return false;
}

enum lede_status correction_find_options(struct correction *work,
    const struct correction_word *word, const struct correction_assessment *assessment,
    struct correction_options *ret_options)
{
    struct lede_lexicon_word candidates[CANDIDATES_MAX];
    size_t count = 0;
    struct lede_lexicon_need need = need_of(work, word, assessment);
    /* Where a stem decides, a dear slip may do, too. */
    bool by_slip = assessment->status == WORD_IS_RARE || assessment->status == WORD_IS_UNKNOWN;
    enum lede_status st = lede_visible_corrections(work->worker, work->lexicon, word->folded,
        word->folded_size, by_slip ? &need : NULL, work->deadline_monotonic_ns, CANDIDATES_MAX,
        candidates, &count, work->reterr);
    ret_options->count = 0;
    for (size_t i = 0; st == LEDE_OK && i < count && ret_options->count < CORRECTION_OPTIONS_MAX;
         i++) {
        struct correction_option option = {.word = candidates[i]};
        bool shown = false;
        if (ret_options->count > 0 &&
            option.word.cost > ret_options->items[0].word.cost + NEAR_COST)
            break;
        option.replacement = may_replace(work, word, assessment, &option.word);
        if (option.replacement == REPLACES_NOTHING)
            continue;
        st = correct_once_more(work, word, &option.word);
        if (st == LEDE_OK && is_listed(ret_options, &option.word))
            continue;
        if (st == LEDE_OK)
            st = correction_is_shown(work, option.word.word, option.word.size, &shown);
        if (st == LEDE_OK && shown)
            ret_options->items[ret_options->count++] = option;
    }
    return st == LEDE_OK ? prefer_names(work, word, ret_options) : st;
}
