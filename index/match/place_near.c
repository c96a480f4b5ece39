/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One word is in every span: each of its places is looked at with what stands around it, which 64
 * bits hold of each word. From them the spans of lede/spans.h are made as sets of bits: of each
 * first place the last ones. */
#include "place_near.h"

#include "place_bits.h"
#include "place_rows.h"

#define REACH_MAX 31 /* places on both sides, so that 64 bits hold both and the word's own */
#define WORDS_MAX 16
#define NODES_MAX 32
/* From so many places of a word on for each that is looked at, they are looked for one by one. */
#define PLACES_A_SEARCH 12

struct near_word {
    const struct lede_place_list *list;
    bool is_needed; /* in every span */
    size_t at;      /* numbers of its places in the stretch, and of where a search is */
    size_t end;
    /* The stretch's places; NULL: they are looked for. Bit 0 stands for place `origin`. */
    const uint64_t *filled;
    int64_t origin;
    uint64_t around; /* the place that is looked at */
    struct lede_place_bits bits;
};

/* Spans by their first place; `lasts` of others say nothing, nor those of words in a row. */
struct near_spans {
    uint64_t firsts;
    uint64_t lasts[64];
};

struct near_node {
    enum lede_query_kind kind; /* PHRASE: words in a row, also one; OR; NEAR, ADJACENT */
    size_t left;               /* nodes; PHRASE: its first word */
    size_t right;              /* PHRASE: how many words; none: it has no spans */
    uint32_t distance;
    struct near_spans spans;
};

struct lede_near {
    enum lede_field_id field;
    lede_near_list list_of;
    void *context;
    struct near_word words[WORDS_MAX];
    size_t word_count;
    struct near_node nodes[NODES_MAX]; /* the root is the last one */
    size_t node_count;
    uint32_t reach;           /* from a span's first place to its last, at most */
    struct near_word *anchor; /* the rarest of those needed */
    /* in the order in which they are looked for: the rarest of those needed first */
    struct near_word *order[WORDS_MAX];
    /* Of two words: where the other one has to stand around the anchor; NULL: there are more. */
    const struct near_word *other;
    uint64_t partners;
};

/* ---- Preparing ---- */

/* What is compiled of a node: its number, and the length of its spans less one. */
struct compiled {
    size_t number;
    uint32_t length;
};

static bool add_node(struct lede_near *near, enum lede_query_kind kind, size_t left, size_t right,
    uint32_t distance, struct compiled *compiled)
{
    if (near->node_count == NODES_MAX)
        return false;
    near->nodes[near->node_count] =
        (struct near_node){.kind = kind, .left = left, .right = right, .distance = distance};
    compiled->number = near->node_count++;
    return compiled->length <= REACH_MAX;
}

static bool compile_words(struct lede_near *near, const struct lede_query_node *leaf,
    bool is_needed, struct compiled *compiled)
{
    size_t first = near->word_count;
    bool is_there = leaf->fields & LEDE_FIELD_BIT(near->field);
    if (leaf->lead || first + leaf->word_count > WORDS_MAX)
        return false;
    for (size_t i = 0; is_there && i < leaf->word_count; i++) {
        struct near_word *word = &near->words[near->word_count++];
        word->list = near->list_of(near->context, leaf, i);
        word->is_needed = is_needed;
        if (is_needed && (!near->anchor || word->list->count < near->anchor->list->count))
            near->anchor = word;
    }
    compiled->length = (uint32_t)leaf->word_count - 1;
    return add_node(near, LEDE_QUERY_PHRASE, first, is_there ? leaf->word_count : 0, 0, compiled);
}

/* Depth is bounded by LEDE_QUERY_DEPTH_MAX. Returns false where it is not for a join. */
static bool compile(struct lede_near *near, const struct lede_query_node *node, bool is_needed,
    struct compiled *compiled)
{
    struct compiled left = {0}, right = {0};
    switch (node->kind) {
    case LEDE_QUERY_WORD:
    case LEDE_QUERY_PHRASE:
        return compile_words(near, node, is_needed, compiled);
    case LEDE_QUERY_OR:
        if (!compile(near, node->children[0], false, compiled))
            return false;
        for (size_t i = 1; i < node->child_count; i++) {
            left = *compiled;
            if (!compile(near, node->children[i], false, &right))
                return false;
            compiled->length = left.length > right.length ? left.length : right.length;
            if (!add_node(near, LEDE_QUERY_OR, left.number, right.number, 0, compiled))
                return false;
        }
        return true;
    case LEDE_QUERY_NEAR:
    case LEDE_QUERY_ADJACENT:
        if (!(node->fields & LEDE_FIELD_BIT(near->field)) ||
            !compile(near, node->children[0], is_needed, &left) ||
            !compile(near, node->children[1], is_needed, &right))
            return false;
        compiled->length = left.length + right.length + node->number;
        return add_node(near, node->kind, left.number, right.number, node->number, compiled);
    default:
        return false;
    }
}

static bool is_sought_before(
    const struct lede_near *near, const struct near_word *a, const struct near_word *b)
{
    bool first = a->is_needed && a != near->anchor, second = b->is_needed && b != near->anchor;
    return first != second ? first : a->list->count < b->list->count;
}

static void order_words(struct lede_near *near)
{
    for (size_t i = 0; i < near->word_count; i++) {
        struct near_word *word = &near->words[i];
        size_t at = i;
        for (; at > 0 && is_sought_before(near, word, near->order[at - 1]); at--)
            near->order[at] = near->order[at - 1];
        near->order[at] = word;
    }
}

/* Two words with nothing between them but a distance. */
static void find_pair(struct lede_near *near)
{
    const struct near_node *root = &near->nodes[near->node_count - 1];
    bool is_pair = near->node_count == 3 && near->word_count == 2 && root->kind != LEDE_QUERY_OR &&
                   near->nodes[0].right == 1;
    if (!is_pair)
        return;
    bool is_first = near->anchor == &near->words[0];
    uint64_t before = (UINT64_C(1) << near->reach) - 1;
    uint64_t behind = before << (near->reach + 1);
    near->other = &near->words[is_first ? 1 : 0];
    near->partners = root->kind == LEDE_QUERY_NEAR ? before | behind : is_first ? behind : before;
}

enum lede_status lede_near_new(const struct lede_query_node *node, enum lede_field_id field,
    lede_near_list list_of, void *context, struct lede_arena *arena, struct lede_near **ret_near)
{
    struct compiled root = {0};
    struct lede_near *near = lede_arena_calloc(arena, 1, sizeof(*near));
    *ret_near = NULL;
    if (!near)
        return LEDE_ENOMEM;
    near->field = field;
    near->list_of = list_of;
    near->context = context;
    if (compile(near, node, true, &root) && near->anchor) {
        near->reach = root.length;
        order_words(near);
        find_pair(near);
        *ret_near = near;
    }
    return LEDE_OK;
}

size_t lede_near_cost(const struct lede_near *near, const struct lede_place_ends *ends,
    uint32_t first_document, size_t bitmap_words)
{
    size_t cost = 0, chunks = near->anchor->list->bits ? 0 : ends->chunk_count;
    uint32_t first, last;
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        if (!lede_place_find_range(ends, chunk, first_document, bitmap_words, &first, &last))
            continue;
        const size_t *of_anchor = near->anchor->list->begins;
        size_t anchors = of_anchor[chunk + 1] - of_anchor[chunk];
        for (size_t i = 0; i < near->word_count; i++) {
            const struct lede_place_list *list = near->words[i].list;
            size_t count = list->begins[chunk + 1] - list->begins[chunk];
            size_t most = list->bits ? anchors : PLACES_A_SEARCH * anchors;
            cost += count < most ? count : most;
        }
    }
    return cost;
}

/* A place begins at most as many spans as it reaches places. */
bool lede_near_is_long(const struct lede_near *near, uint32_t places)
{
    return (uint64_t)places * (near->reach + 1) > LEDE_SPANS_MAX;
}

/* ---- Spans around a place ---- */

static uint64_t bits_between(uint32_t first, uint32_t last)
{
    return first > 63 ? 0 : UINT64_MAX << first & UINT64_MAX >> (63 - (last < 63 ? last : 63));
}

static void add_span(struct near_spans *spans, unsigned first, uint64_t lasts)
{
    uint64_t bit = UINT64_C(1) << first;
    spans->lasts[first] = spans->firsts & bit ? spans->lasts[first] | lasts : lasts;
    spans->firsts |= bit;
}

/* The last places of the spans that begin at any of `firsts`, of those that the node has. */
static uint64_t lasts_of(const struct near_node *node, uint64_t firsts)
{
    uint64_t lasts = 0;
    if (node->kind == LEDE_QUERY_PHRASE)
        return firsts << (node->right - 1);
    for (; firsts; firsts &= firsts - 1)
        lasts |= node->spans.lasts[__builtin_ctzll(firsts)];
    return lasts;
}

static void find_row(struct lede_near *near, struct near_node *node)
{
    uint64_t firsts = node->right > 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < node->right; i++)
        firsts &= near->words[node->left + i].around >> i;
    node->spans.firsts = firsts;
}

/* Add all of a child's. */
static void add_spans(struct near_node *node, const struct near_node *child)
{
    for (uint64_t rest = child->spans.firsts; rest; rest &= rest - 1)
        add_span(&node->spans, (unsigned)__builtin_ctzll(rest), lasts_of(child, rest & -rest));
}

/* Add the node's spans that begin with one of the first child and end with one of the second.
 * Returns whether there are any; those of the root are not added. */
static bool join_spans(struct near_node *node, bool is_root, const struct near_node *one,
    const struct near_node *other)
{
    bool any = false;
    for (uint64_t firsts = one->spans.firsts; firsts; firsts &= firsts - 1) {
        unsigned first = (unsigned)__builtin_ctzll(firsts);
        for (uint64_t lasts = lasts_of(one, firsts & -firsts); lasts; lasts &= lasts - 1) {
            unsigned last = (unsigned)__builtin_ctzll(lasts);
            uint64_t partners = other->spans.firsts & bits_between(last + 1, last + node->distance);
            any = any || partners != 0;
            if (any && is_root)
                return true;
            if (partners != 0)
                add_span(&node->spans, first, lasts_of(other, partners));
        }
    }
    return any;
}

/* Children stand before their parents. */
static bool has_spans(struct lede_near *near)
{
    const struct near_node *root = &near->nodes[near->node_count - 1];
    for (struct near_node *node = near->nodes; node <= root; node++) {
        if (node->kind == LEDE_QUERY_PHRASE) {
            find_row(near, node);
            continue;
        }
        const struct near_node *left = &near->nodes[node->left], *right = &near->nodes[node->right];
        node->spans.firsts = 0;
        if (node->kind == LEDE_QUERY_OR) {
            add_spans(node, left);
            add_spans(node, right);
            continue;
        }
        bool is_root = node == root;
        bool any = join_spans(node, is_root, left, right);
        if (node->kind == LEDE_QUERY_NEAR && !(any && is_root))
            any = join_spans(node, is_root, right, left) || any;
        if (is_root)
            return any;
    }
    return root->spans.firsts != 0;
}

/* ---- Joining ---- */

/* Around a place of the anchor lies a stretch of each word.
 * places  of the anchor, in the stretch */
static void open_stretch(struct lede_near *near, size_t chunk, uint32_t place, size_t places)
{
    uint32_t from = place > LEDE_BITS_MARGIN ? place - LEDE_BITS_MARGIN : 0;
    uint64_t to = (uint64_t)place + LEDE_BITS_PLACES + LEDE_BITS_MARGIN;
    for (size_t i = 0; i < near->word_count; i++) {
        struct near_word *word = &near->words[i];
        if (word->list->bits) {
            word->filled = lede_place_list_bits(word->list, chunk);
            word->origin = 0;
            continue;
        }
        const uint32_t *items = word->list->places;
        size_t chunk_end = word->list->begins[chunk + 1];
        word->at = lede_place_advance(items, word->at, chunk_end, from);
        word->end = lede_place_advance(
            items, word->at, chunk_end, to < UINT32_MAX ? (uint32_t)to : UINT32_MAX);
        word->filled = NULL;
        if (word->end - word->at > PLACES_A_SEARCH * places)
            continue;
        lede_place_bits_fill(&word->bits, items, word->at, word->end, place - LEDE_BITS_MARGIN);
        word->filled = word->bits.words;
        word->origin = (int64_t)place - LEDE_BITS_MARGIN;
    }
}

/* A word's places from `reach` places before a place on, as bits. */
static uint64_t find_around(const struct lede_near *near, struct near_word *word, uint32_t place)
{
    uint64_t around = 0;
    if (word->filled)
        return lede_place_bits_from(
            word->filled, (int64_t)place - (int64_t)near->reach - word->origin);
    const uint32_t *items = word->list->places;
    uint32_t from = place > near->reach ? place - near->reach : 0;
    word->at = lede_place_advance(items, word->at, word->end, from);
    for (size_t i = word->at; i < word->end && items[i] <= place + near->reach; i++)
        around |= UINT64_C(1) << (items[i] + near->reach - place);
    return around;
}

/* Has the document, whose places are > begin and < end, a span around the place? */
static bool has_span_at(struct lede_near *near, uint32_t place, uint32_t begin, uint32_t end)
{
    uint32_t before = place - begin - 1, after = end - place - 1, reach = near->reach;
    uint64_t own =
        bits_between(before < reach ? reach - before : 0, reach + (after < reach ? after : reach));
    for (size_t i = 0; i < near->word_count; i++) {
        struct near_word *word = near->order[i];
        word->around = find_around(near, word, place) & own;
        if (word->is_needed && word->around == 0)
            return false;
        if (word == near->other)
            return (word->around & near->partners) != 0;
    }
    return has_spans(near);
}

/* What is joined: some documents of a chunk, and the window's bits of them. */
struct joined {
    const struct lede_place_ends *ends;
    size_t chunk;
    uint32_t first;
    uint32_t last;
    uint32_t first_document; /* of the window */
    const uint64_t *bits;
    uint64_t *found;
    struct lede_deadline *deadline;
    uint64_t stretch_end;
};

static uint32_t begin_of(const struct joined *joined, uint32_t document)
{
    bool is_first = document == joined->ends->chunks[joined->chunk].first_document;
    return is_first ? 0 : joined->ends->ends[document - 1];
}

/* Has a document a span around the place? Places come in order.
 * places  of the anchor, in a stretch, about */
static bool has_span(
    struct lede_near *near, struct joined *joined, uint32_t document, uint32_t place, size_t places)
{
    if (place >= joined->stretch_end) {
        joined->stretch_end = (uint64_t)place + LEDE_BITS_PLACES;
        open_stretch(near, joined->chunk, place, places);
    }
    return has_span_at(near, place, begin_of(joined, document), joined->ends->ends[document]);
}

/* Each place of the anchor in a document that is asked about. */
static void join_numbers(struct lede_near *near, struct joined *joined)
{
    const struct lede_place_list *list = near->anchor->list;
    const uint32_t *ends = joined->ends->ends;
    size_t chunk = joined->chunk, at = list->begins[chunk], end = list->begins[chunk + 1];
    uint32_t document = joined->first;
    at = lede_place_advance(list->places, at, end, begin_of(joined, document) + 1);
    while (at < end && list->places[at] < ends[joined->last]) {
        uint32_t place = list->places[at];
        while (ends[document] <= place)
            document++;
        uint32_t number = document - joined->first_document;
        uint64_t bit = UINT64_C(1) << (number % 64);
        if (!(joined->bits[number / 64] & ~joined->found[number / 64] & bit)) {
            at = lede_place_advance(list->places, at, end, ends[document]);
            continue;
        }
        bool is_new = place >= joined->stretch_end;
        if (is_new && lede_deadline_has_passed(joined->deadline))
            return;
        uint64_t behind = (uint64_t)place + LEDE_BITS_PLACES;
        size_t places = is_new ? lede_place_advance(list->places, at, end,
                                     behind < UINT32_MAX ? (uint32_t)behind : UINT32_MAX) -
                                     at
                               : 0;
        if (has_span(near, joined, document, place, places))
            joined->found[number / 64] |= bit;
        at++;
    }
}

/* Of 64 places those that have one of a list in reach.
 * bits  of the list, from the 64 on   before  the 64 before them */
static uint64_t spread(const uint64_t *bits, uint64_t before, uint32_t reach)
{
    uint64_t up = bits[0], up_low = before, down = bits[0], down_high = bits[1];
    for (uint32_t done = 0, step; done < reach; done += step) {
        step = done + 1 < reach - done ? done + 1 : reach - done;
        up |= up << step | up_low >> (64 - step);
        up_low |= up_low << step;
        down |= down >> step | down_high << (64 - step);
        down_high |= down_high >> step;
    }
    return up | down;
}

/* Of 64 places of the anchor, which is bits, those that may be in a span: each word that is in
 * every span, and so is bits too, has a place in reach.
 * own  which of the 64 are looked at */
static uint64_t find_anchors(
    const struct lede_near *near, const struct joined *joined, size_t word, uint64_t own)
{
    uint64_t anchors = lede_place_list_bits(near->anchor->list, joined->chunk)[word] & own;
    for (size_t i = 0; anchors != 0 && i < near->word_count; i++) {
        const struct near_word *other = &near->words[i];
        if (!other->is_needed || other == near->anchor)
            continue;
        const uint64_t *bits = lede_place_list_bits(other->list, joined->chunk);
        anchors &= spread(bits + word, word > 0 ? bits[word - 1] : 0, near->reach);
    }
    return anchors;
}

static bool has_span_in(struct lede_near *near, struct joined *joined, uint32_t document)
{
    uint32_t begin = begin_of(joined, document), end = joined->ends->ends[document];
    if (end - begin < 2)
        return false;
    for (size_t word = (begin + 1) / 64; word <= (end - 1) / 64; word++) {
        uint32_t first = (uint32_t)(word * 64);
        uint64_t own = bits_between(begin + 1 > first ? begin + 1 - first : 0, end - 1 - first);
        uint64_t anchors = find_anchors(near, joined, word, own);
        for (; anchors != 0; anchors &= anchors - 1) {
            uint32_t place = first + (uint32_t)__builtin_ctzll(anchors);
            if (has_span(near, joined, document, place, LEDE_BITS_PLACES / LEDE_PLACES_A_BIT))
                return true;
        }
    }
    return false;
}

/* Each document that is asked about, 64 places at once. */
static void join_bits(struct lede_near *near, struct joined *joined)
{
    uint32_t first = joined->first - joined->first_document;
    uint32_t last = joined->last - joined->first_document;
    for (uint32_t word = first / 64; word <= last / 64; word++) {
        uint64_t own = bits_between(first > word * 64 ? first - word * 64 : 0, last - word * 64);
        uint64_t asked = joined->bits[word] & ~joined->found[word] & own;
        if (asked != 0 && lede_deadline_has_passed(joined->deadline))
            return;
        for (; asked != 0; asked &= asked - 1) {
            uint32_t number = word * 64 + (uint32_t)__builtin_ctzll(asked);
            if (has_span_in(near, joined, joined->first_document + number))
                joined->found[word] |= asked & -asked;
        }
    }
}

void lede_near_join(struct lede_near *near, const struct lede_place_ends *ends,
    uint32_t first_document, const uint64_t *bits, uint64_t *found, size_t bitmap_words,
    struct lede_deadline *deadline)
{
    for (size_t chunk = 0; chunk < ends->chunk_count; chunk++) {
        struct joined joined = {.ends = ends,
            .chunk = chunk,
            .first_document = first_document,
            .bits = bits,
            .found = found,
            .deadline = deadline};
        if (!lede_place_find_range(
                ends, chunk, first_document, bitmap_words, &joined.first, &joined.last))
            continue;
        for (size_t i = 0; i < near->word_count; i++)
            near->words[i].at = near->words[i].list->begins[chunk];
        if (near->anchor->list->bits)
            join_bits(near, &joined);
        else
            join_numbers(near, &joined);
    }
}
