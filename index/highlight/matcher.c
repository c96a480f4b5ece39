/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preparing the leaves (lede_matcher_init) and walking the tokens (lede_matcher_scan).
 *
 * What a token may be asked for is a key: a stem, a word as written, or a prefix. The keys of all
 * leaves share one hash table; before it a filter of a few bits, made of a string's size, first and
 * last byte, turns most tokens away. A phrase keeps a bit for each of its words: bit i is set while
 * the last i + 1 tokens satisfied its first i + 1 words. */
#include "matcher.h"

#include "lede/time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PHRASE_MASKS (LEDE_QUERY_CLAUSES_MAX / 64)
#define TOKENS_PER_LOOK 4096             /* at the clock: some tenths of a millisecond */
#define RING_SIZE LEDE_QUERY_CLAUSES_MAX /* the longest phrase's first token is still in it */

enum key_kind { KEY_TERM = 1, KEY_WORD, KEY_PREFIX };

struct lede_matcher_leaf {
    const struct lede_query_node *node;
    uint64_t bit; /* in lede_match.leaves; 0: not wanted by field and scope */
    bool matched;
};

/* One phrase's interest in a key: the bits of its words that the key satisfies. */
struct phrase_use {
    struct phrase_use *next;
    struct lede_matcher_phrase *phrase;
    uint64_t masks[PHRASE_MASKS];
};

/* One leaf's interest in a key, of those that a single token satisfies. */
struct leaf_use {
    struct leaf_use *next;
    struct lede_matcher_leaf *leaf;
};

struct lede_matcher_key {
    const char *bytes; /* NULL: the place is free */
    uint32_t size;
    uint32_t hash;
    enum key_kind kind;
    bool seen;       /* its leaves are noted as matched */
    uint64_t leaves; /* bits of the leaves that it satisfies alone */
    struct leaf_use *leaf_uses;
    struct phrase_use *phrase_uses;
};

struct lede_matcher_phrase {
    struct lede_matcher_phrase *next;
    struct lede_matcher_leaf *leaf;
    uint32_t word_count;
    uint32_t position; /* of the token that `state` speaks of */
    uint64_t state[PHRASE_MASKS];
};

struct builder {
    struct lede_matcher *matcher;
    struct lede_arena *arena;
    lede_field_set field;
    enum lede_matcher_scope scope;
    const struct lede_shown_leaves *shown; /* NULL: all */
    size_t leaf_count;
    size_t wanted_count;
    size_t key_count;
    bool places_wanted;
    bool failed;
};

void lede_match_list_done(struct lede_match_list *list)
{
    free(list->matches);
    memset(list, 0, sizeof(*list));
}

bool lede_matcher_is_leaf(enum lede_query_kind kind)
{
    return lede_query_is_text_leaf(kind) || lede_query_is_proximity(kind);
}

bool lede_matcher_leaf_matched(const struct lede_matcher *matcher, size_t index)
{
    return matcher->leaves[index].matched || (matcher->counts && matcher->counts[index] > 0);
}

uint32_t lede_matcher_leaf_count(const struct lede_matcher *matcher, size_t index)
{
    return matcher->counts ? matcher->counts[index] : 0;
}

void lede_matcher_done(struct lede_matcher *matcher)
{
    lede_places_done(matcher->places);
    matcher->places = NULL;
}

/* FNV-1a; a prefix's hash is the hash of a word's first bytes, so a word is hashed once for all its
 * prefixes.
 * Source: Fowler, Noll, Vo, https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
static inline uint32_t hash_start(enum key_kind kind)
{
    return UINT32_C(2166136261) ^ (uint32_t)kind;
}

static inline uint32_t hash_byte(uint32_t hash, char byte)
{
    return (hash ^ (unsigned char)byte) * UINT32_C(16777619);
}

static inline uint32_t hash_bytes(enum key_kind kind, const char *bytes, size_t size)
{
    uint32_t hash = hash_start(kind);
    for (size_t i = 0; i < size; i++)
        hash = hash_byte(hash, bytes[i]);
    return hash;
}

static inline uint32_t filter_bit(const char *bytes, uint32_t size)
{
    uint32_t first = (unsigned char)bytes[0];
    uint32_t middle = (unsigned char)bytes[size / 2];
    uint32_t last = (unsigned char)bytes[size - 1];
    return (first * 37 + middle * 11 + last * 101 + size * 211) & 1023;
}

static inline bool filter_has(const uint64_t filter[16], const char *bytes, uint32_t size)
{
    uint32_t bit = filter_bit(bytes, size);
    return filter[bit >> 6] >> (bit & 63) & 1;
}

static struct lede_matcher_key *find_place(const struct lede_matcher *matcher, enum key_kind kind,
    const char *bytes, uint32_t size, uint32_t hash)
{
    uint32_t mixed = hash ^ hash >> 15;
    for (uint32_t place = mixed & matcher->table_mask;; place = (place + 1) & matcher->table_mask) {
        struct lede_matcher_key *key = &matcher->table[place];
        if (!key->bytes)
            return key;
        if (key->hash == hash && key->kind == kind && key->size == size &&
            memcmp(key->bytes, bytes, size) == 0)
            return key;
    }
}

static struct lede_matcher_key *find_key(const struct lede_matcher *matcher, enum key_kind kind,
    const char *bytes, uint32_t size, uint32_t hash)
{
    struct lede_matcher_key *key = find_place(matcher, kind, bytes, size, hash);
    return key->bytes ? key : NULL;
}

/* ---- Preparing ---- */

/* Phrases of more words than a query can have are no leaves that a parser makes; they match
 * nothing. */
static bool is_usable(const struct lede_query_node *node)
{
    return lede_query_is_proximity(node->kind) ||
           (node->word_count > 0 && node->word_count <= LEDE_QUERY_CLAUSES_MAX);
}

/* number: of the leaf */
static bool is_wanted(const struct builder *builder, const struct lede_query_node *node,
    size_t number, bool prohibited)
{
    if (!(node->fields & builder->field) || !is_usable(node))
        return false;
    const struct lede_shown_leaves *shown = builder->shown;
    if (shown && !shown->all &&
        (number >= LEDE_QUERY_CLAUSES_MAX || !(shown->bits[number / 64] >> (number % 64) & 1)))
        return false;
    return !prohibited || builder->scope == LEDE_MATCHER_ALL;
}

static size_t keys_of(const struct lede_query_node *node)
{
    size_t count = 0;
    if (node->kind == LEDE_QUERY_EXACT || node->kind == LEDE_QUERY_PREFIX)
        return 1;
    for (size_t i = 0; i < node->word_count; i++)
        count += node->words[i].stem_count;
    return count;
}

static void count_leaves(
    struct builder *builder, const struct lede_query_node *node, bool prohibited)
{
    if (lede_matcher_is_leaf(node->kind)) {
        bool wanted = is_wanted(builder, node, builder->leaf_count++, prohibited);
        if (wanted && !lede_places_takes(node))
            builder->key_count += keys_of(node);
        builder->places_wanted = builder->places_wanted || (wanted && lede_places_takes(node));
        return;
    }
    for (size_t i = 0; i < node->child_count; i++)
        count_leaves(builder, node->children[i], prohibited || node->kind == LEDE_QUERY_NOT);
}

static struct lede_matcher_key *add_key(
    struct builder *builder, enum key_kind kind, const char *bytes, size_t size)
{
    struct lede_matcher *matcher = builder->matcher;
    if (size == 0 || size > LEDE_TERM_SIZE_MAX)
        return NULL;
    uint32_t hash = hash_bytes(kind, bytes, size);
    struct lede_matcher_key *key = find_place(matcher, kind, bytes, (uint32_t)size, hash);
    if (!key->bytes)
        *key = (struct lede_matcher_key){
            .bytes = bytes, .size = (uint32_t)size, .hash = hash, .kind = kind};
    uint32_t bit = filter_bit(bytes, (uint32_t)size);
    if (kind == KEY_TERM) {
        matcher->term_filter[bit >> 6] |= UINT64_C(1) << (bit & 63);
        matcher->has_stems = true;
        return key;
    }
    matcher->has_words = true;
    if (kind == KEY_WORD) {
        matcher->word_filter[bit >> 6] |= UINT64_C(1) << (bit & 63);
        return key;
    }
    matcher->prefix_sizes[size >> 6] |= UINT64_C(1) << (size & 63);
    matcher->prefix_bytes[(unsigned char)bytes[0] >> 6] |= UINT64_C(1)
                                                           << ((unsigned char)bytes[0] & 63);
    return key;
}

static void use_alone(
    struct builder *builder, struct lede_matcher_key *key, struct lede_matcher_leaf *leaf)
{
    struct leaf_use *use = key ? lede_arena_alloc(builder->arena, sizeof(*use)) : NULL;
    if (!use) {
        builder->failed = builder->failed || key;
        return;
    }
    *use = (struct leaf_use){.next = key->leaf_uses, .leaf = leaf};
    key->leaf_uses = use;
    key->leaves |= leaf->bit;
}

static void use_in_phrase(struct builder *builder, struct lede_matcher_key *key,
    struct lede_matcher_phrase *phrase, size_t word)
{
    if (!key)
        return;
    struct phrase_use *use = key->phrase_uses;
    if (!use || use->phrase != phrase) { /* a phrase's uses of a key are made in one go */
        use = lede_arena_calloc(builder->arena, 1, sizeof(*use));
        if (!use) {
            builder->failed = true;
            return;
        }
        use->next = key->phrase_uses;
        use->phrase = phrase;
        key->phrase_uses = use;
    }
    use->masks[word / 64] |= UINT64_C(1) << (word % 64);
}

static void add_phrase(struct builder *builder, struct lede_matcher_leaf *leaf)
{
    const struct lede_query_node *node = leaf->node;
    struct lede_matcher_phrase *phrase = lede_arena_calloc(builder->arena, 1, sizeof(*phrase));
    if (!phrase) {
        builder->failed = true;
        return;
    }
    phrase->leaf = leaf;
    phrase->word_count = (uint32_t)node->word_count;
    phrase->next = builder->matcher->phrases;
    builder->matcher->phrases = phrase;
    for (size_t i = 0; i < node->word_count; i++)
        for (size_t k = 0; k < node->words[i].stem_count; k++) {
            const char *stem = node->words[i].stems[k];
            use_in_phrase(builder, add_key(builder, KEY_TERM, stem, strlen(stem)), phrase, i);
        }
}

static void add_keys(struct builder *builder, struct lede_matcher_leaf *leaf)
{
    const struct lede_query_word *word = &leaf->node->words[0];
    switch (leaf->node->kind) {
    case LEDE_QUERY_EXACT:
        use_alone(builder, add_key(builder, KEY_WORD, word->word, word->word_size), leaf);
        break;
    case LEDE_QUERY_PREFIX:
        use_alone(builder, add_key(builder, KEY_PREFIX, word->word, word->word_size), leaf);
        break;
    case LEDE_QUERY_PHRASE:
        add_phrase(builder, leaf);
        break;
    default:
        for (size_t i = 0; i < word->stem_count; i++)
            use_alone(
                builder, add_key(builder, KEY_TERM, word->stems[i], strlen(word->stems[i])), leaf);
    }
}

/* Phrases are rarer than words, and who writes `=word` means just that one. */
static double leaf_worth(const struct lede_query_node *node, double weight)
{
    double worth = node->kind == LEDE_QUERY_PHRASE || lede_query_is_proximity(node->kind) ? 3.0
                   : node->kind == LEDE_QUERY_EXACT                                       ? 2.0
                                                                                          : 1.0;
    return isfinite(weight) && weight > 0 ? worth * fmin(weight, 1000.0) : 0.0;
}

static void add_leaf(struct builder *builder, struct lede_matcher_leaf *leaf, double weight)
{
    size_t bit =
        builder->wanted_count < LEDE_MATCH_LEAVES ? builder->wanted_count : LEDE_MATCH_LEAVES - 1;
    double *worth = &builder->matcher->weights[bit];
    *worth = fmax(*worth, leaf_worth(leaf->node, weight));
    leaf->bit = UINT64_C(1) << bit;
    builder->wanted_count++;
    if (!lede_places_takes(leaf->node))
        add_keys(builder, leaf);
    else if (!lede_places_add(
                 builder->matcher->places, leaf->node, (size_t)(leaf - builder->matcher->leaves)))
        builder->failed = true;
}

static void add_leaves(
    struct builder *builder, const struct lede_query_node *node, bool prohibited, double weight)
{
    weight *= node->weight;
    if (lede_matcher_is_leaf(node->kind)) {
        size_t number = builder->leaf_count++;
        struct lede_matcher_leaf *leaf = &builder->matcher->leaves[number];
        leaf->node = node;
        if (is_wanted(builder, node, number, prohibited))
            add_leaf(builder, leaf, weight);
        return;
    }
    for (size_t i = 0; i < node->child_count; i++)
        add_leaves(builder, node->children[i], prohibited || node->kind == LEDE_QUERY_NOT, weight);
}

enum lede_status lede_matcher_init(struct lede_matcher *matcher, const struct lede_query_node *root,
    enum lede_field_id field, enum lede_matcher_scope scope, const struct lede_shown_leaves *shown,
    struct lede_arena *arena)
{
    struct builder builder = {.matcher = matcher,
        .arena = arena,
        .field = LEDE_FIELD_BIT(field),
        .scope = scope,
        .shown = shown};
    memset(matcher, 0, sizeof(*matcher));
    count_leaves(&builder, root, false);
    if (builder.leaf_count == 0)
        return LEDE_OK;
    size_t places = 8;
    while (places < 2 * builder.key_count)
        places *= 2;
    matcher->leaves = lede_arena_calloc(arena, builder.leaf_count, sizeof(*matcher->leaves));
    matcher->table = lede_arena_calloc(arena, places, sizeof(*matcher->table));
    if (builder.places_wanted) {
        matcher->places = lede_places_new(arena, field);
        matcher->counts = lede_arena_calloc(arena, builder.leaf_count, sizeof(*matcher->counts));
    }
    if (!matcher->leaves || !matcher->table ||
        (builder.places_wanted && (!matcher->places || !matcher->counts)))
        return LEDE_ENOMEM;
    matcher->leaf_count = builder.leaf_count;
    matcher->table_mask = (uint32_t)(places - 1);
    builder.leaf_count = 0;
    add_leaves(&builder, root, false, 1.0);
    matcher->can_match = builder.wanted_count > 0;
    return builder.failed ? LEDE_ENOMEM : LEDE_OK;
}

/* ---- Walking ---- */

/* Where the last tokens began, by position: a phrase's mark begins with its first token. */
struct ring_entry {
    uint32_t start;
    uint32_t sentence;
};

struct walk {
    struct lede_matcher *matcher;
    struct lede_match_list *list;
    const char *text; /* the whole field */
    uint32_t item;    /* where the item walked begins in it */
    uint32_t sentence;
    uint32_t previous_end;
    struct lede_match_list pending; /* of the item, unsorted: used only where there are places */
    struct ring_entry ring[RING_SIZE];
};

static bool list_grow(struct lede_match_list *list)
{
    size_t capacity = list->capacity ? 2 * list->capacity : 64;
    struct lede_match *grown = realloc(list->matches, capacity * sizeof(*grown));
    if (!grown) {
        list->failed = true;
        return false;
    }
    list->matches = grown;
    list->capacity = capacity;
    return true;
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
    if (list->count == list->capacity && !list_grow(list))
        return;
    list->matches[list->count++] = (struct lede_match){
        .leaves = leaves, .start = from.start, .end = end, .sentence = from.sentence};
}

/* What places find is known at an item's end only: until then all matches of the item wait. */
static void note_match(struct walk *walk, struct ring_entry from, uint32_t end, uint64_t leaves)
{
    struct lede_match_list *pending = &walk->pending;
    if (!walk->matcher->places) {
        append_match(walk->list, from, end, leaves);
        return;
    }
    if (pending->count == pending->capacity && !list_grow(pending))
        return;
    pending->matches[pending->count++] = (struct lede_match){
        .leaves = leaves, .start = from.start, .end = end, .sentence = from.sentence};
}

static void note_mark(void *context, const struct lede_place_mark *mark)
{
    struct walk *walk = context;
    struct ring_entry from = {mark->start, mark->sentence};
    note_match(walk, from, mark->end, walk->matcher->leaves[mark->unit].bit);
}

static int compare_ends(const void *a, const void *b)
{
    const struct lede_match *x = a, *y = b;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

static void end_places(struct walk *walk)
{
    struct lede_matcher *matcher = walk->matcher;
    struct lede_match_list *pending = &walk->pending;
    if (lede_places_end(matcher->places, matcher->counts, walk->list ? note_mark : NULL, walk) !=
            LEDE_OK ||
        pending->failed)
        matcher->failed = true;
    if (pending->count > 1)
        qsort(pending->matches, pending->count, sizeof(*pending->matches), compare_ends);
    for (size_t i = 0; i < pending->count; i++) {
        const struct lede_match *match = &pending->matches[i];
        append_match(walk->list, (struct ring_entry){match->start, match->sentence}, match->end,
            match->leaves);
    }
    pending->count = 0;
}

static bool phrase_step(
    struct lede_matcher_phrase *phrase, const uint64_t masks[PHRASE_MASKS], uint32_t position)
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
    for (struct leaf_use *use = key->leaf_uses; use; use = use->next)
        use->leaf->matched = true;
    key->seen = true;
}

static void key_found(
    struct walk *walk, struct lede_matcher_key *key, const struct lede_token *token, uint32_t end)
{
    if (!key->seen)
        note_leaves(key);
    if (walk->list && key->leaves)
        note_match(walk, walk->ring[token->position % RING_SIZE], end, key->leaves);
    for (struct phrase_use *use = key->phrase_uses; use; use = use->next) {
        struct lede_matcher_phrase *phrase = use->phrase;
        if (!phrase_step(phrase, use->masks, token->position))
            continue;
        phrase->leaf->matched = true;
        uint32_t first = token->position - (phrase->word_count - 1);
        if (walk->list)
            note_match(walk, walk->ring[first % RING_SIZE], end, phrase->leaf->bit);
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

static void try_prefixes(struct walk *walk, const struct lede_token *token)
{
    struct lede_matcher *matcher = walk->matcher;
    uint32_t hash = hash_start(KEY_PREFIX);
    for (uint32_t size = 1; size <= token->word_size && size <= LEDE_TERM_SIZE_MAX; size++) {
        hash = hash_byte(hash, token->word[size - 1]);
        if (!(matcher->prefix_sizes[size >> 6] >> (size & 63) & 1))
            continue;
        struct lede_matcher_key *key = find_key(matcher, KEY_PREFIX, token->word, size, hash);
        if (key)
            key_found(walk, key, token, prefix_end(token, walk->item, size));
    }
}

static void try_words(struct walk *walk, const struct lede_token *token, uint32_t end)
{
    struct lede_matcher *matcher = walk->matcher;
    unsigned char first = (unsigned char)token->word[0];
    if (filter_has(matcher->word_filter, token->word, token->word_size)) {
        uint32_t hash = hash_bytes(KEY_WORD, token->word, token->word_size);
        struct lede_matcher_key *key =
            find_key(matcher, KEY_WORD, token->word, token->word_size, hash);
        if (key)
            key_found(walk, key, token, end);
    }
    if (matcher->prefix_bytes[first >> 6] >> (first & 63) & 1)
        try_prefixes(walk, token);
}

/* A sentence begins with the quotes and brackets that stand before its first word. */
static uint32_t sentence_start(const struct walk *walk, uint32_t token_start)
{
    uint32_t offset = token_start;
    while (offset > walk->previous_end && (unsigned char)walk->text[offset - 1] > ' ')
        offset--;
    return offset;
}

static void walk_item(struct walk *walk, struct lede_tokens *tokens)
{
    struct lede_matcher *matcher = walk->matcher;
    uint64_t deadline_ns = matcher->deadline_monotonic_ns;
    struct lede_token token;
    for (uint32_t count = 0; lede_tokens_next(tokens, &token); count++) {
        matcher->timed_out = count % TOKENS_PER_LOOK == 0 && deadline_ns != 0 &&
                             lede_time_monotonic_ns() >= deadline_ns;
        if (matcher->timed_out)
            return;
        uint32_t start = walk->item + (uint32_t)token.start;
        uint32_t end = start + (uint32_t)token.size;
        if (token.flags & LEDE_TOKEN_SENTENCE_START)
            walk->sentence = sentence_start(walk, start);
        walk->previous_end = end;
        walk->ring[token.position % RING_SIZE] = (struct ring_entry){start, walk->sentence};
        if (matcher->places)
            lede_places_note(matcher->places, &token, start, end, walk->sentence);
        if (token.term_size == 0 || token.word_size == 0)
            continue;
        if (filter_has(matcher->term_filter, token.term, token.term_size)) {
            uint32_t hash = hash_bytes(KEY_TERM, token.term, token.term_size);
            struct lede_matcher_key *key =
                find_key(matcher, KEY_TERM, token.term, token.term_size, hash);
            if (key)
                key_found(walk, key, &token, end);
        }
        if (matcher->has_words)
            try_words(walk, &token, end);
    }
}

void lede_matcher_scan(struct lede_matcher *matcher, bool is_list, lede_language language,
    const char *text, size_t size, struct lede_analyzer *analyzer, struct lede_match_list *list)
{
    if (size > LEDE_MATCH_BYTES_MAX)
        size = LEDE_MATCH_BYTES_MAX;
    struct walk walk = {.matcher = matcher, .list = list, .text = text};
    if (!matcher->has_stems && !lede_places_ask_stems(matcher->places))
        language = LEDE_LANGUAGE_UND; /* nobody asks for stems, which take the most of a walk */
    for (size_t start = 0; start < size;) {
        const char *separator =
            is_list ? memchr(text + start, LEDE_FACET_SEPARATOR, size - start) : NULL;
        size_t end = separator ? (size_t)(separator - text) : size;
        for (struct lede_matcher_phrase *phrase = matcher->phrases; phrase; phrase = phrase->next)
            memset(phrase->state, 0, sizeof(phrase->state));
        walk.item = walk.sentence = walk.previous_end = (uint32_t)start;
        struct lede_tokens tokens;
        lede_tokens_init(
            &tokens, analyzer, LEDE_TOKENS_DOCUMENT, language, text + start, end - start);
        if (matcher->places)
            lede_places_begin(matcher->places);
        walk_item(&walk, &tokens);
        if (matcher->places)
            end_places(&walk);
        start = end + 1;
    }
    lede_match_list_done(&walk.pending);
    matcher->failed = matcher->failed || (list && list->failed);
}
