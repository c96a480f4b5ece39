/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walking the words of a text: first each word once, for what it satisfies; then, if there is any,
 * the tokens.
 *
 * A phrase keeps a bit for each of its words: bit i is set while tokens at the last i + 1 positions
 * satisfied its first i + 1 words. Several tokens may share a position. */
#include "lede/time.h"
#include "matcher.h"

#include <stdlib.h>
#include <string.h>

#define TOKENS_PER_CLOCK_CHECK 65536 /* some tenths of a millisecond */

/* What a word of the text satisfies: a key; by a prefix of the word, if that is shorter. */
struct meeting {
    struct lede_matcher_key *key;
    uint32_t prefix_size; /* 0: the whole word */
    uint32_t next;        /* number + 1 of the same word's next; 0: none */
};

/* Where something begins. */
struct place {
    uint32_t start;
    uint32_t sentence;
};

struct scan {
    struct lede_matcher *matcher;
    struct lede_match_list *list;
    const struct lede_words *words;
    uint32_t item;            /* where the text begins in its field */
    uint32_t *met;            /* malloc(), by word: number + 1 of its first meeting; 0: none */
    struct meeting *meetings; /* malloc() */
    size_t meeting_count;
    size_t meeting_capacity;
    struct lede_match_list pending; /* unsorted: used only where there are spans */
};

static bool list_reserve(struct lede_match_list *list)
{
    if (!LEDE_ARRAY_RESERVE(list->matches, list->capacity, list->count + 1))
        list->failed = true;
    return !list->failed;
}

/* Matches come by ascending end. Those that overlap the new one are taken into it: never more than
 * tokens. */
static void append_match(
    struct lede_match_list *list, struct place from, uint32_t end, uint64_t leaves)
{
    while (list->count > 0 && from.start < list->matches[list->count - 1].end) {
        const struct lede_match *top = &list->matches[--list->count];
        leaves |= top->leaves;
        if (top->end > end)
            end = top->end;
        if (top->start < from.start)
            from = (struct place){top->start, top->sentence};
    }
    if (!list_reserve(list))
        return;
    list->matches[list->count++] = (struct lede_match){
        .leaves = leaves, .start = from.start, .end = end, .sentence = from.sentence};
}

/* What spans find is known at a text's end only: until then all its matches wait. */
static void note_match(struct scan *scan, struct place from, uint32_t end, uint64_t leaves)
{
    struct lede_match_list *pending = &scan->pending;
    if (!scan->matcher->spans) {
        append_match(scan->list, from, end, leaves);
        return;
    }
    if (!list_reserve(pending))
        return;
    pending->matches[pending->count++] = (struct lede_match){
        .leaves = leaves, .start = from.start, .end = end, .sentence = from.sentence};
}

static struct place place_of(const struct scan *scan, uint32_t token)
{
    struct lede_word_token at = lede_words_token(scan->words, token);
    return (struct place){
        scan->item + at.start, scan->item + lede_words_sentence(scan->words, at.position)};
}

static void note_mark(void *context, const struct lede_span_mark *mark)
{
    struct scan *scan = context;
    note_match(scan, place_of(scan, mark->first_token), scan->item + mark->end,
        scan->matcher->leaves[mark->unit].bit);
}

static int compare_ends(const void *a, const void *b)
{
    const struct lede_match *x = a, *y = b;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

static void find_spans(struct scan *scan)
{
    struct lede_matcher *matcher = scan->matcher;
    struct lede_match_list *pending = &scan->pending;
    enum lede_status st = lede_span_matcher_look(matcher->spans, scan->words,
        matcher->deadline_monotonic_ns, matcher->counts, scan->list ? note_mark : NULL, scan);
    matcher->timed_out = matcher->timed_out || st == LEDE_ETIMEOUT;
    if (st == LEDE_ENOMEM || pending->failed)
        matcher->failed = true;
    if (pending->count > 1)
        qsort(pending->matches, pending->count, sizeof(*pending->matches), compare_ends);
    for (size_t i = 0; i < pending->count; i++) {
        const struct lede_match *match = &pending->matches[i];
        append_match(
            scan->list, (struct place){match->start, match->sentence}, match->end, match->leaves);
    }
}

static bool phrase_step(struct lede_matcher_phrase *phrase,
    const uint64_t masks[LEDE_MATCHER_PHRASE_MASKS], uint32_t position)
{
    uint32_t last = phrase->word_count - 1;
    if (phrase->position != position) {
        bool goes_on = phrase->position + 1 == position;
        for (uint32_t i = 0; i <= last / 64; i++) {
            phrase->before[i] = goes_on ? phrase->state[i] : 0;
            phrase->state[i] = 0;
        }
        phrase->position = position;
    }
    uint64_t carry = 1, met = 0;
    for (uint32_t i = 0; i <= last / 64; i++) {
        met = (phrase->before[i] << 1 | carry) & masks[i];
        phrase->state[i] |= met;
        carry = phrase->before[i] >> 63;
    }
    return met >> (last % 64) & 1;
}

/* ---- What the words satisfy ---- */

static void meet(
    struct scan *scan, uint32_t word, struct lede_matcher_key *key, uint32_t prefix_size)
{
    if (!key)
        return;
    for (struct lede_leaf_use *use = key->seen ? NULL : key->leaf_uses; use; use = use->next)
        use->leaf->matched = true;
    key->seen = true;
    if (!key->phrase_uses && (!scan->list || !key->leaves))
        return;
    if (!LEDE_ARRAY_RESERVE(scan->meetings, scan->meeting_capacity, scan->meeting_count + 1)) {
        scan->matcher->failed = true;
        return;
    }
    scan->meetings[scan->meeting_count++] =
        (struct meeting){.key = key, .prefix_size = prefix_size, .next = scan->met[word]};
    scan->met[word] = (uint32_t)scan->meeting_count;
}

static void meet_prefixes(struct scan *scan, uint32_t number, const struct lede_token *word)
{
    struct lede_matcher_keys *keys = &scan->matcher->keys;
    uint32_t hash = lede_key_hash_start(LEDE_KEY_PREFIX);
    for (uint32_t size = 1; size <= word->word_size && size <= LEDE_TERM_SIZE_MAX; size++) {
        hash = lede_key_hash_byte(hash, word->word[size - 1]);
        if (keys->prefix_sizes[size >> 6] >> (size & 63) & 1)
            meet(scan, number, lede_keys_find(keys, LEDE_KEY_PREFIX, word->word, size, hash), size);
    }
}

static struct lede_matcher_key *find_key(
    const struct lede_matcher_keys *keys, enum lede_key_kind kind, const char *bytes, uint32_t size)
{
    const uint64_t *filter = kind == LEDE_KEY_TERM ? keys->term_filter : keys->word_filter;
    if (!lede_key_filter_has(filter, bytes, size))
        return NULL;
    return lede_keys_find(keys, kind, bytes, size, lede_key_hash(kind, bytes, size));
}

static void meet_words(struct scan *scan)
{
    const struct lede_matcher_keys *keys = &scan->matcher->keys;
    for (uint32_t i = 0; i < scan->words->word_count; i++) {
        struct lede_token word = lede_words_at(scan->words, i);
        unsigned char first = (unsigned char)word.word[0];
        meet(scan, i, find_key(keys, LEDE_KEY_TERM, word.term, word.term_size), 0);
        if (!keys->has_words)
            continue;
        meet(scan, i, find_key(keys, LEDE_KEY_WRITTEN, word.written, word.written_size), 0);
        if (keys->prefix_bytes[first >> 6] >> (first & 63) & 1)
            meet_prefixes(scan, i, &word);
    }
}

/* ---- Where they stand ---- */

/* Of a bigram only the characters of the prefix: the second belongs to the next word as well. */
static uint32_t end_of(const struct scan *scan, uint32_t number, uint32_t prefix_size)
{
    struct lede_word_token token = lede_words_token(scan->words, number);
    struct lede_token word = lede_words_at(scan->words, token.word);
    if (prefix_size > 0 && (word.flags & LEDE_TOKEN_NGRAM) && prefix_size < word.word_size &&
        token.end - token.start == word.word_size)
        return scan->item + token.start + prefix_size;
    return scan->item + token.end;
}

/* The token that begins a phrase whose last word stands at a token: what was added to a token may
 * begin before it. */
static uint32_t first_token_of(
    const struct scan *scan, const struct lede_matcher_phrase *phrase, uint32_t last)
{
    const struct lede_words *words = scan->words;
    uint32_t position = lede_words_token(words, last).position - (phrase->word_count - 1);
    uint32_t token = last, found = UINT32_MAX, start = 0;
    while (token > 0 && lede_words_token(words, token - 1).position >= position)
        token--;
    for (uint32_t i = token; i < words->token_count; i++) {
        struct lede_word_token at = lede_words_token(words, i);
        if (at.position != position)
            break;
        struct lede_token word = lede_words_at(words, at.word);
        if (!lede_query_word_matches(phrase->leaf->node, 0, &word) ||
            (found != UINT32_MAX && at.start >= start))
            continue;
        start = at.start;
        found = i;
    }
    return found == UINT32_MAX ? token : found;
}

static void note_meeting(struct scan *scan, const struct meeting *meeting, uint32_t token)
{
    struct lede_matcher_key *key = meeting->key;
    uint32_t end = end_of(scan, token, meeting->prefix_size);
    if (scan->list && key->leaves)
        note_match(scan, place_of(scan, token), end, key->leaves);
    for (struct lede_phrase_use *use = key->phrase_uses; use; use = use->next) {
        struct lede_matcher_phrase *phrase = use->phrase;
        if (!phrase_step(phrase, use->masks, lede_words_token(scan->words, token).position))
            continue;
        phrase->leaf->matched = true;
        if (scan->list)
            note_match(
                scan, place_of(scan, first_token_of(scan, phrase, token)), end, phrase->leaf->bit);
    }
}

static void walk_tokens(struct scan *scan)
{
    struct lede_matcher *matcher = scan->matcher;
    uint64_t deadline_ns = matcher->deadline_monotonic_ns;
    for (struct lede_matcher_phrase *phrase = matcher->phrases; phrase; phrase = phrase->next)
        phrase->position = UINT32_MAX; /* of no text; nothing goes on behind it */
    for (uint32_t i = 0; i < scan->words->token_count; i++) {
        if (i % TOKENS_PER_CLOCK_CHECK == TOKENS_PER_CLOCK_CHECK - 1 &&
            lede_time_has_passed(deadline_ns)) {
            matcher->timed_out = true;
            return;
        }
        uint32_t next = scan->met[lede_words_token(scan->words, i).word];
        for (; next != 0; next = scan->meetings[next - 1].next)
            note_meeting(scan, &scan->meetings[next - 1], i);
    }
}

void lede_matcher_scan(struct lede_matcher *matcher, const struct lede_words *words, uint32_t item,
    struct lede_match_list *list)
{
    struct scan scan = {.matcher = matcher, .list = list, .words = words, .item = item};
    if (matcher->keys.count > 0 && words->word_count > 0) {
        scan.met = calloc(words->word_count, sizeof(*scan.met));
        matcher->failed = matcher->failed || !scan.met;
        if (scan.met)
            meet_words(&scan);
    }
    if (scan.meeting_count > 0)
        walk_tokens(&scan);
    if (matcher->spans)
        find_spans(&scan);
    matcher->timed_out = matcher->timed_out || words->is_cut;
    matcher->failed = matcher->failed || (list && list->failed);
    free(scan.met);
    free(scan.meetings);
    lede_match_list_done(&scan.pending);
}

enum lede_status lede_matcher_scan_text(struct lede_matcher *matcher, bool is_list,
    lede_language language, const char *text, size_t size, struct lede_analyzer *analyzer,
    struct lede_match_list *list)
{
    if (size > LEDE_MATCH_BYTES_MAX)
        size = LEDE_MATCH_BYTES_MAX;
    for (size_t start = 0; start < size;) {
        const char *separator =
            is_list ? memchr(text + start, LEDE_FACET_SEPARATOR, size - start) : NULL;
        size_t end = separator ? (size_t)(separator - text) : size;
        LEDE_CLEANUP(lede_freep) struct lede_words *words = NULL;
        enum lede_status st = lede_words_new(
            text + start, end - start, language, analyzer, matcher->deadline_monotonic_ns, &words);
        if (st != LEDE_OK)
            return st;
        lede_matcher_scan(matcher, words, (uint32_t)start, list);
        start = end + 1;
    }
    return matcher->failed ? LEDE_ENOMEM : LEDE_OK;
}
