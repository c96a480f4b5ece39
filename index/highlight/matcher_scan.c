/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walking the tokens of a text.
 *
 * A phrase keeps a bit for each of its words: bit i is set while the last i + 1 tokens satisfied
 * its first i + 1 words. */
#include "lede/time.h"
#include "matcher.h"

#include <stdlib.h>
#include <string.h>

#define TOKENS_PER_CLOCK_CHECK 4096      /* some tenths of a millisecond */
#define RING_SIZE LEDE_QUERY_CLAUSES_MAX /* the longest phrase's first token is still in it */

/* Where the last tokens began, by position: a phrase's mark begins with its first token. */
struct ring_entry {
    uint32_t start;
    uint32_t sentence;
};

struct scan {
    struct lede_matcher *matcher;
    struct lede_match_list *list;
    const char *text; /* the whole field */
    uint32_t item;    /* where the item walked begins in it */
    uint32_t sentence;
    uint32_t previous_end;
    struct lede_match_list pending; /* of the item, unsorted: used only where there are places */
    struct ring_entry ring[RING_SIZE];
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
    struct lede_match_list *list, struct ring_entry from, uint32_t end, uint64_t leaves)
{
    while (list->count > 0 && from.start < list->matches[list->count - 1].end) {
        const struct lede_match *top = &list->matches[--list->count];
        leaves |= top->leaves;
        if (top->end > end)
            end = top->end;
        if (top->start < from.start)
            from = (struct ring_entry){top->start, top->sentence};
    }
    if (!list_reserve(list))
        return;
    list->matches[list->count++] = (struct lede_match){
        .leaves = leaves, .start = from.start, .end = end, .sentence = from.sentence};
}

/* What places find is known at an item's end only: until then all matches of the item wait. */
static void note_match(struct scan *scan, struct ring_entry from, uint32_t end, uint64_t leaves)
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

static void note_mark(void *context, const struct lede_span_mark *mark)
{
    struct scan *scan = context;
    struct ring_entry from = {mark->start, mark->sentence};
    note_match(scan, from, mark->end, scan->matcher->leaves[mark->unit].bit);
}

static int compare_ends(const void *a, const void *b)
{
    const struct lede_match *x = a, *y = b;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

static void finish_spans(struct scan *scan)
{
    struct lede_matcher *matcher = scan->matcher;
    struct lede_match_list *pending = &scan->pending;
    if (lede_span_matcher_end(
            matcher->spans, matcher->counts, scan->list ? note_mark : NULL, scan) != LEDE_OK ||
        pending->failed)
        matcher->failed = true;
    if (pending->count > 1)
        qsort(pending->matches, pending->count, sizeof(*pending->matches), compare_ends);
    for (size_t i = 0; i < pending->count; i++) {
        const struct lede_match *match = &pending->matches[i];
        append_match(scan->list, (struct ring_entry){match->start, match->sentence}, match->end,
            match->leaves);
    }
    pending->count = 0;
}

static bool phrase_step(struct lede_matcher_phrase *phrase,
    const uint64_t masks[LEDE_MATCHER_PHRASE_MASKS], uint32_t position)
{
    uint32_t last = phrase->word_count - 1;
    bool goes_on = phrase->position + 1 == position;
    uint64_t carry = 1;
    for (uint32_t i = 0; i <= last / 64; i++) {
        uint64_t before = goes_on ? phrase->state[i] : 0;
        phrase->state[i] = (before << 1 | carry) & masks[i];
        carry = before >> 63;
    }
    phrase->position = position;
    return phrase->state[last / 64] >> (last % 64) & 1;
}

static void note_leaves(struct lede_matcher_key *key)
{
    for (struct lede_leaf_use *use = key->leaf_uses; use; use = use->next)
        use->leaf->matched = true;
    key->seen = true;
}

static void note_key(
    struct scan *scan, struct lede_matcher_key *key, const struct lede_token *token, uint32_t end)
{
    if (!key->seen)
        note_leaves(key);
    if (scan->list && key->leaves)
        note_match(scan, scan->ring[token->position % RING_SIZE], end, key->leaves);
    for (struct lede_phrase_use *use = key->phrase_uses; use; use = use->next) {
        struct lede_matcher_phrase *phrase = use->phrase;
        if (!phrase_step(phrase, use->masks, token->position))
            continue;
        phrase->leaf->matched = true;
        uint32_t first = token->position - (phrase->word_count - 1);
        if (scan->list)
            note_match(scan, scan->ring[first % RING_SIZE], end, phrase->leaf->bit);
    }
}

/* Of a bigram only the characters of the prefix: the second belongs to the next word as well. */
static uint32_t prefix_end(const struct lede_token *token, uint32_t item, uint32_t prefix_size)
{
    if ((token->flags & LEDE_TOKEN_NGRAM) && prefix_size < token->word_size &&
        token->size == token->word_size)
        return item + (uint32_t)(token->start + prefix_size);
    return item + (uint32_t)(token->start + token->size);
}

static void try_prefixes(struct scan *scan, const struct lede_token *token)
{
    struct lede_matcher *matcher = scan->matcher;
    uint32_t hash = lede_key_hash_start(LEDE_KEY_PREFIX);
    for (uint32_t size = 1; size <= token->word_size && size <= LEDE_TERM_SIZE_MAX; size++) {
        hash = lede_key_hash_byte(hash, token->word[size - 1]);
        if (!(matcher->keys.prefix_sizes[size >> 6] >> (size & 63) & 1))
            continue;
        struct lede_matcher_key *key =
            lede_keys_find(&matcher->keys, LEDE_KEY_PREFIX, token->word, size, hash);
        if (key)
            note_key(scan, key, token, prefix_end(token, scan->item, size));
    }
}

static void try_words(struct scan *scan, const struct lede_token *token, uint32_t end)
{
    struct lede_matcher *matcher = scan->matcher;
    unsigned char first = (unsigned char)token->word[0];
    if (lede_key_filter_has(matcher->keys.word_filter, token->word, token->word_size)) {
        uint32_t hash = lede_key_hash(LEDE_KEY_WORD, token->word, token->word_size);
        struct lede_matcher_key *key =
            lede_keys_find(&matcher->keys, LEDE_KEY_WORD, token->word, token->word_size, hash);
        if (key)
            note_key(scan, key, token, end);
    }
    if (matcher->keys.prefix_bytes[first >> 6] >> (first & 63) & 1)
        try_prefixes(scan, token);
}

/* A sentence begins with the quotes and brackets that stand before its first word. */
static uint32_t sentence_start(const struct scan *scan, uint32_t token_start)
{
    uint32_t offset = token_start;
    while (offset > scan->previous_end && (unsigned char)scan->text[offset - 1] > ' ')
        offset--;
    return offset;
}

static void scan_item(struct scan *scan, struct lede_tokens *tokens)
{
    struct lede_matcher *matcher = scan->matcher;
    uint64_t deadline_ns = matcher->deadline_monotonic_ns;
    struct lede_token token;
    for (uint32_t count = 0; lede_tokens_next(tokens, &token); count++) {
        matcher->timed_out = count % TOKENS_PER_CLOCK_CHECK == 0 && deadline_ns != 0 &&
                             lede_time_monotonic_ns() >= deadline_ns;
        if (matcher->timed_out)
            return;
        uint32_t start = scan->item + (uint32_t)token.start;
        uint32_t end = start + (uint32_t)token.size;
        if (token.flags & LEDE_TOKEN_SENTENCE_START)
            scan->sentence = sentence_start(scan, start);
        scan->previous_end = end;
        scan->ring[token.position % RING_SIZE] = (struct ring_entry){start, scan->sentence};
        if (matcher->spans)
            lede_span_matcher_token(matcher->spans, &token, start, end, scan->sentence);
        if (token.term_size == 0 || token.word_size == 0)
            continue;
        if (lede_key_filter_has(matcher->keys.term_filter, token.term, token.term_size)) {
            uint32_t hash = lede_key_hash(LEDE_KEY_TERM, token.term, token.term_size);
            struct lede_matcher_key *key =
                lede_keys_find(&matcher->keys, LEDE_KEY_TERM, token.term, token.term_size, hash);
            if (key)
                note_key(scan, key, &token, end);
        }
        if (matcher->keys.has_words)
            try_words(scan, &token, end);
    }
}

void lede_matcher_scan(struct lede_matcher *matcher, bool is_list, lede_language language,
    const char *text, size_t size, struct lede_analyzer *analyzer, struct lede_match_list *list)
{
    if (size > LEDE_MATCH_BYTES_MAX)
        size = LEDE_MATCH_BYTES_MAX;
    struct scan scan = {.matcher = matcher, .list = list, .text = text};
    if (!matcher->keys.has_stems && !lede_span_matcher_needs_stems(matcher->spans))
        language = LEDE_LANGUAGE_UND; /* nobody asks for stems, which take the most of a walk */
    for (size_t start = 0; start < size;) {
        const char *separator =
            is_list ? memchr(text + start, LEDE_FACET_SEPARATOR, size - start) : NULL;
        size_t end = separator ? (size_t)(separator - text) : size;
        for (struct lede_matcher_phrase *phrase = matcher->phrases; phrase; phrase = phrase->next)
            memset(phrase->state, 0, sizeof(phrase->state));
        scan.item = scan.sentence = scan.previous_end = (uint32_t)start;
        struct lede_tokens tokens;
        lede_tokens_init(
            &tokens, analyzer, LEDE_TOKENS_DOCUMENT, language, text + start, end - start);
        if (matcher->spans)
            lede_span_matcher_begin(matcher->spans);
        scan_item(&scan, &tokens);
        if (matcher->spans)
            finish_spans(&scan);
        start = end + 1;
    }
    lede_match_list_done(&scan.pending);
    matcher->failed = matcher->failed || (list && list->failed);
}
