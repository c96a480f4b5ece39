/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choosing windows: candidates by a sliding pair of matches, then greedily the best that is left.
 *
 * A candidate begins with the first match of a sentence (and shows that sentence from its start, if
 * the match is near enough), or, in a sentence longer than a window, with any match. It reaches as
 * far as a window can. Candidates are compared by the leaves they show that no chosen window shows
 * yet, then by those shown again, by the number of matches, by whether they begin a sentence, by
 * how close their matches are, and last by their place. */
#include "windows.h"

#include "characters.h"

#include <stdlib.h>

/* a list of one word over and over is no better summary than eight of it */
#define MATCHES_COUNTED_MAX 8
#define MATCH_WINDOWS_MAX 4 /* windows that one long match may fill */

struct candidate {
    uint64_t leaves;
    uint32_t first; /* matches first..past-1 are shown */
    uint32_t past;
    uint32_t span; /* characters from the first match's start to the last one's end */
    bool from_sentence;
};

struct chooser {
    const char *text;
    size_t size;
    const struct lede_match *matches;
    size_t match_count;
    const double *weights;
    size_t chars;
    struct candidate *candidates;
    size_t candidate_count;
};

/* ---- Sentences and characters of the matches ---- */

struct cursor {
    const char *text;
    size_t size;
    size_t offset; /* characters are counted up to here */
    size_t characters;
    size_t sentence;
    size_t sentence_end;
    bool sentence_is_long;
};

static size_t sentence_end(const char *text, size_t size, size_t start)
{
    size_t end = lede_sentence_end(text, size, start);
    return end > start && end <= size ? end : size;
}

static uint32_t cursor_characters(struct cursor *cursor, size_t offset)
{
    if (offset < cursor->offset)
        return (uint32_t)(cursor->characters -
                          lede_characters_count(cursor->text, offset, cursor->offset));
    cursor->characters += lede_characters_count(cursor->text, cursor->offset, offset);
    cursor->offset = offset;
    return (uint32_t)cursor->characters;
}

/* Move to the sentence that holds `offset`; the tokenizer's word on where one begins saves walking
 * over all before. */
static void cursor_seek(struct cursor *cursor, size_t hint, size_t offset, size_t chars)
{
    bool moved = cursor->sentence_end == 0;
    if (hint > cursor->sentence) {
        cursor->sentence = hint;
        moved = true;
    }
    if (moved)
        cursor->sentence_end = sentence_end(cursor->text, cursor->size, cursor->sentence);
    while (cursor->sentence_end <= offset) {
        cursor->sentence = cursor->sentence_end;
        cursor->sentence_end = sentence_end(cursor->text, cursor->size, cursor->sentence);
        moved = true;
    }
    if (moved)
        cursor->sentence_is_long =
            lede_characters_forward(cursor->text, cursor->sentence, cursor->sentence_end, chars) <
            lede_text_trim_space(cursor->text, cursor->sentence, cursor->sentence_end);
}

static void measure_matches(
    const char *text, size_t size, struct lede_match *matches, size_t count, size_t chars)
{
    struct cursor cursor = {.text = text, .size = size};
    for (size_t i = 0; i < count; i++) {
        struct lede_match *match = &matches[i];
        cursor_seek(&cursor, match->sentence, match->start, chars);
        bool same = i > 0 && match[-1].sentence == cursor.sentence;
        match->sentence = (uint32_t)cursor.sentence;
        match->sentence_is_long = cursor.sentence_is_long;
        match->character_sentence =
            same ? match[-1].character_sentence : cursor_characters(&cursor, cursor.sentence);
        match->character_start = cursor_characters(&cursor, match->start);
        match->character_end = cursor_characters(&cursor, match->end);
    }
}

/* ---- Candidates ---- */

/* The leaves of a sliding stretch of matches. */
struct leaf_counter {
    uint32_t counts[LEDE_MATCH_LEAVES];
    uint64_t leaves;
};

static void counter_add(struct leaf_counter *counter, uint64_t leaves)
{
    counter->leaves |= leaves;
    for (; leaves; leaves &= leaves - 1)
        counter->counts[__builtin_ctzll(leaves)]++;
}

static void counter_remove(struct leaf_counter *counter, uint64_t leaves)
{
    for (; leaves; leaves &= leaves - 1) {
        int bit = __builtin_ctzll(leaves);
        if (--counter->counts[bit] == 0)
            counter->leaves &= ~(UINT64_C(1) << bit);
    }
}

static void collect_candidates(struct chooser *chooser)
{
    const struct lede_match *matches = chooser->matches;
    struct leaf_counter counter = {0};
    size_t past = 0;
    for (size_t i = 0; i < chooser->match_count; i++) {
        const struct lede_match *match = &matches[i];
        bool first_of_sentence = i == 0 || match[-1].sentence != match->sentence;
        bool from_sentence =
            first_of_sentence && match->character_end - match->character_sentence <= chooser->chars;
        /* A window within a sentence leaves an eighth for the words around its matches. */
        size_t reach = from_sentence ? match->character_sentence + chooser->chars
                                     : match->character_start + chooser->chars - chooser->chars / 8;
        while (past < chooser->match_count && (past <= i || matches[past].character_end <= reach))
            counter_add(&counter, matches[past++].leaves);
        if (first_of_sentence || match->sentence_is_long)
            chooser->candidates[chooser->candidate_count++] =
                (struct candidate){.leaves = counter.leaves,
                    .first = (uint32_t)i,
                    .past = (uint32_t)past,
                    .span = matches[past - 1].character_end - match->character_start,
                    .from_sentence = from_sentence};
        counter_remove(&counter, match->leaves);
    }
}

static double sum_weights(const double *weights, uint64_t leaves)
{
    double sum = 0;
    for (; leaves; leaves &= leaves - 1)
        sum += weights[__builtin_ctzll(leaves)];
    return sum;
}

static int compare_sizes(size_t a, size_t b)
{
    return a > b ? 1 : a < b ? -1 : 0;
}

/* > 0 if `a` is better; among equals the earlier one stays. */
static int compare_candidates(const struct chooser *chooser, const struct candidate *a,
    const struct candidate *b, uint64_t shown)
{
    if (a->leaves != b->leaves) {
        double fresh = sum_weights(chooser->weights, a->leaves & ~shown) -
                       sum_weights(chooser->weights, b->leaves & ~shown);
        if (fresh != 0)
            return fresh > 0 ? 1 : -1;
        double again = sum_weights(chooser->weights, a->leaves & shown) -
                       sum_weights(chooser->weights, b->leaves & shown);
        if (again != 0)
            return again > 0 ? 1 : -1;
    }
    size_t a_count = a->past - a->first;
    size_t b_count = b->past - b->first;
    int order = compare_sizes(a_count < MATCHES_COUNTED_MAX ? a_count : MATCHES_COUNTED_MAX,
        b_count < MATCHES_COUNTED_MAX ? b_count : MATCHES_COUNTED_MAX);
    if (order == 0)
        order = compare_sizes(a->from_sentence, b->from_sentence);
    if (order == 0)
        order = compare_sizes(b->span, a->span);
    return order;
}

static struct candidate best_candidate(const struct chooser *chooser, uint64_t shown)
{
    const struct candidate *best = &chooser->candidates[0];
    for (size_t i = 1; i < chooser->candidate_count; i++)
        if (compare_candidates(chooser, &chooser->candidates[i], best, shown) > 0)
            best = &chooser->candidates[i];
    return *best;
}

static void drop_overlapping(struct chooser *chooser, const struct lede_window *window)
{
    size_t count = 0;
    for (size_t i = 0; i < chooser->candidate_count; i++) {
        const struct candidate *candidate = &chooser->candidates[i];
        bool before = chooser->matches[candidate->past - 1].end <= window->start;
        bool after = chooser->matches[candidate->first].start >= window->end;
        if (before || after)
            chooser->candidates[count++] = *candidate;
    }
    chooser->candidate_count = count;
}

/* ---- Edges of a window ---- */

/* The stretch that a window may not leave: between the windows already chosen. */
struct bounds {
    size_t low;
    size_t high;
};

static struct bounds free_space(const struct chooser *chooser, const struct candidate *candidate,
    const struct lede_window *windows, size_t count)
{
    struct bounds bounds = {0, chooser->size};
    size_t start = chooser->matches[candidate->first].start;
    for (size_t i = 0; i < count; i++) {
        if (windows[i].end <= start && windows[i].end > bounds.low)
            bounds.low = windows[i].end;
        if (windows[i].start >= start && windows[i].start < bounds.high)
            bounds.high = windows[i].start;
    }
    return bounds;
}

/* How many characters to show before the first match: half of what is left, more where the sentence
 * ends soon. */
static size_t lead_chars(const struct chooser *chooser, const struct candidate *candidate)
{
    const struct lede_match *last = &chooser->matches[candidate->past - 1];
    if (candidate->span >= chooser->chars)
        return 0;
    size_t slack = chooser->chars - candidate->span;
    size_t end = sentence_end(chooser->text, chooser->size, last->sentence);
    size_t tail = end > last->end ? lede_characters_count(chooser->text, last->end, end) : 0;
    return tail < slack / 2 ? slack - tail : slack / 2;
}

static void place_start(const struct chooser *chooser, const struct candidate *candidate,
    struct bounds bounds, struct lede_window *window)
{
    const struct lede_match *first = &chooser->matches[candidate->first];
    const struct lede_match *last = &chooser->matches[candidate->past - 1];
    window->start = first->sentence;
    window->starts_sentence = true;
    if (first->sentence >= bounds.low &&
        last->character_end - first->character_sentence <= chooser->chars)
        return;
    size_t floor = first->sentence > bounds.low ? first->sentence : bounds.low;
    size_t start =
        lede_characters_back(chooser->text, floor, first->start, lead_chars(chooser, candidate));
    window->starts_sentence = start == first->sentence;
    /* A match is shown whole or not at all. */
    for (size_t i = candidate->first; i > 0 && chooser->matches[i - 1].end > start; i--)
        if (chooser->matches[i - 1].start < start) {
            start = chooser->matches[i - 1].end;
            window->starts_sentence = false;
        }
    if (!window->starts_sentence)
        start = lede_text_word_start(chooser->text, chooser->size, start, first->start);
    window->start = start;
}

/* The end of the last whole sentence that ends by `limit`, without the white space behind it; 0 if
 * none does. */
static size_t last_sentence_end(
    const struct chooser *chooser, size_t sentence, size_t start, size_t limit)
{
    size_t whole = 0;
    for (size_t end = sentence; end < limit;) {
        size_t from = end;
        end = sentence_end(chooser->text, chooser->size, from);
        size_t trimmed = lede_text_trim_space(chooser->text, from, end);
        if (trimmed > limit)
            break;
        if (trimmed > from && trimmed > start)
            whole = trimmed;
    }
    return whole;
}

static uint64_t leaves_until(
    const struct chooser *chooser, const struct candidate *candidate, size_t end)
{
    uint64_t leaves = 0;
    for (size_t i = candidate->first; i < candidate->past && chooser->matches[i].end <= end; i++)
        leaves |= chooser->matches[i].leaves;
    return leaves;
}

/* End between words in from..limit, in any case after `start`. */
static size_t cut_between(const struct chooser *chooser, size_t start, size_t from, size_t limit)
{
    if (limit <= from)
        return from;
    size_t end = lede_text_word_end(chooser->text, chooser->size, from, limit);
    end = lede_text_trim_space(chooser->text, from, end);
    return end > start ? end : limit;
}

static size_t cut_end(const struct chooser *chooser, const struct candidate *candidate,
    size_t start, size_t from, size_t limit)
{
    size_t past = candidate->past;
    while (past < chooser->match_count && chooser->matches[past].end <= limit)
        past++;
    if (past < chooser->match_count && chooser->matches[past].start < limit)
        limit = chooser->matches[past].start;
    return cut_between(chooser, start, from, limit);
}

static void place_end(const struct chooser *chooser, const struct candidate *candidate,
    size_t sentence, struct bounds bounds, struct lede_window *window)
{
    const char *text = chooser->text;
    size_t start = window->start;
    size_t shown_until =
        candidate->past > candidate->first ? chooser->matches[candidate->past - 1].end : start;
    size_t limit = lede_characters_forward(text, start, bounds.high, chooser->chars);
    size_t most =
        lede_characters_forward(text, start, bounds.high, MATCH_WINDOWS_MAX * chooser->chars);
    if (shown_until > most) { /* one match, too long to be shown whole */
        window->end = cut_between(chooser, start, start, most);
        window->ends_sentence = false;
        return;
    }
    if (shown_until > limit)
        limit = shown_until;
    size_t whole_limit = lede_characters_forward(text, limit, bounds.high, chooser->chars / 8);
    size_t whole = last_sentence_end(chooser, sentence, start, whole_limit);
    bool is_full = whole >= lede_characters_forward(text, start, limit, chooser->chars / 2) ||
                   whole >= lede_text_trim_space(text, start, bounds.high);
    if (whole > start && is_full && leaves_until(chooser, candidate, whole) == candidate->leaves) {
        window->end = whole;
        window->ends_sentence = true;
        return;
    }
    size_t from = shown_until > whole ? shown_until : whole;
    window->end = cut_end(chooser, candidate, start, from, limit);
    window->ends_sentence = window->end == whole;
}

/* Take off what no reader wants to see first or last, and see whether anything is left outside. */
static void trim_window(
    const struct chooser *chooser, size_t first_match, struct lede_window *window)
{
    const char *text = chooser->text;
    size_t stray_until = first_match < window->end ? first_match : window->end;
    size_t start = lede_text_skip_stray(text, window->start, stray_until);
    if (start >= window->end) /* nothing but punctuation: then that */
        start = lede_text_skip_space(text, window->start, window->end);
    window->start = start;
    window->end = lede_text_trim_space(text, start, window->end);
    if (lede_text_skip_stray(text, 0, start) >= start)
        window->starts_sentence = true;
    if (lede_text_skip_space(text, window->end, chooser->size) >= chooser->size)
        window->ends_sentence = true;
}

static struct lede_window make_window(const struct chooser *chooser,
    const struct candidate *candidate, const struct lede_window *windows, size_t count)
{
    struct bounds bounds = free_space(chooser, candidate, windows, count);
    struct lede_window window = {0};
    place_start(chooser, candidate, bounds, &window);
    place_end(chooser, candidate, chooser->matches[candidate->first].sentence, bounds, &window);
    trim_window(chooser, chooser->matches[candidate->first].start, &window);
    return window;
}

static size_t make_first_window(const struct chooser *chooser, struct lede_window *ret_window)
{
    struct candidate none = {0};
    struct bounds bounds = {0, chooser->size};
    struct lede_window window = {.starts_sentence = true};
    window.start = lede_text_skip_space(chooser->text, 0, chooser->size);
    place_end(chooser, &none, window.start, bounds, &window);
    trim_window(chooser, window.end, &window);
    *ret_window = window;
    return window.end > window.start ? 1 : 0;
}

/* ---- Choosing ---- */

static size_t insert_window(struct lede_window *windows, size_t count, struct lede_window window)
{
    size_t index = count;
    for (; index > 0 && windows[index - 1].start > window.start; index--)
        windows[index] = windows[index - 1];
    windows[index] = window;
    return count + 1;
}

enum lede_status lede_windows_choose(const char *text, size_t size, struct lede_match_list *list,
    const double *weights, size_t count_max, size_t snippet_chars, struct lede_window *ret_windows,
    size_t *ret_count)
{
    struct chooser chooser = {.text = text,
        .size = size,
        .matches = list->matches,
        .match_count = list->count,
        .weights = weights,
        .chars = snippet_chars};
    if (list->count == 0) {
        *ret_count = make_first_window(&chooser, &ret_windows[0]);
        return LEDE_OK;
    }
    LEDE_CLEANUP(lede_freep)
    struct candidate *candidates = malloc(list->count * sizeof(*candidates));
    if (!candidates)
        return LEDE_ENOMEM;
    chooser.candidates = candidates;
    measure_matches(text, size, list->matches, list->count, snippet_chars);
    collect_candidates(&chooser);
    size_t count = 0;
    for (uint64_t shown = 0; count < count_max && chooser.candidate_count > 0;) {
        struct candidate best = best_candidate(&chooser, shown);
        struct lede_window window = make_window(&chooser, &best, ret_windows, count);
        count = insert_window(ret_windows, count, window);
        shown |= best.leaves;
        drop_overlapping(&chooser, &window);
    }
    *ret_count = count;
    return LEDE_OK;
}
