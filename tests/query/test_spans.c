/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spans against a witness that knows their definitions only: all pairs of all spans, no order, no
 * cleverness. Texts are rows of the letters a to e with sentences and paragraphs anywhere; queries
 * are generated over all operators. The seed is printed. */
#include "lede/spans.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES 4000
#define WORDS_MAX 40
#define SPANS_MAX (WORDS_MAX * WORDS_MAX)

static uint64_t random_state;

/* xorshift64*: https://doi.org/10.18637/jss.v080.i03 */
static uint32_t pick(uint32_t below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * UINT64_C(2685821657736338717)) >> 32) % below;
}

struct text {
    char letters[WORDS_MAX + 1]; /* [position] */
    uint32_t size;
    uint32_t sentences[WORDS_MAX], paragraphs[WORDS_MAX];
    uint32_t sentence_of[WORDS_MAX + 1], paragraph_of[WORDS_MAX + 1];
    struct lede_span_text spans;
    uint32_t found[16][WORDS_MAX]; /* lists that were given out */
    size_t found_count;
};

static bool give(void *context, const struct lede_query_node *leaf, size_t word,
    struct lede_positions *ret_positions)
{
    struct text *text = context;
    uint32_t *list = text->found[text->found_count++ % LEDE_COUNT_OF(text->found)];
    size_t count = 0;
    for (uint32_t i = 1; i <= text->size; i++) {
        if (text->letters[i] == leaf->words[word].word[0])
            list[count++] = i;
    }
    *ret_positions = (struct lede_positions){list, count};
    return true;
}

static void make_text(struct text *text)
{
    memset(text, 0, sizeof(*text));
    text->size = 1 + pick(WORDS_MAX);
    size_t sentences = 0, paragraphs = 0;
    for (uint32_t i = 1; i <= text->size; i++) {
        bool paragraph = i > 1 && pick(12) == 0;
        bool sentence = i > 1 && (paragraph || pick(6) == 0);
        text->letters[i] = (char)('a' + pick(5));
        if (sentence)
            text->sentences[sentences++] = i;
        if (paragraph)
            text->paragraphs[paragraphs++] = i;
        text->sentence_of[i] = (uint32_t)sentences;
        text->paragraph_of[i] = (uint32_t)paragraphs;
    }
    text->spans = (struct lede_span_text){.field = LEDE_FIELD_BODY,
        .sentences = {text->sentences, sentences},
        .paragraphs = {text->paragraphs, paragraphs},
        .positions = give,
        .context = text};
}

/* ---- The witness ---- */

/* has[first][last] */
struct set {
    bool has[WORDS_MAX + 1][WORDS_MAX + 1];
};

struct claims {
    const struct lede_query_node *leaves[64];
    struct set shown[64];
    size_t count;
};

static bool is_bound(const struct text *text, const struct lede_query_node *node,
    uint32_t left_first, uint32_t left_last, uint32_t right_first, uint32_t right_last)
{
    if (right_first <= left_last)
        return false;
    if (node->kind == LEDE_QUERY_SENTENCE || node->kind == LEDE_QUERY_NOT_SENTENCE)
        return text->sentence_of[left_first] == text->sentence_of[right_last];
    if (node->kind == LEDE_QUERY_PARAGRAPH || node->kind == LEDE_QUERY_NOT_PARAGRAPH)
        return text->paragraph_of[left_first] == text->paragraph_of[right_last];
    return right_first - left_last <= node->number;
}

static struct set *spans_of(const struct text *text, const struct lede_query_node *node);

static struct set *leaf_set(const struct text *text, const struct lede_query_node *leaf)
{
    struct set *set = calloc(1, sizeof(*set));
    for (uint32_t first = 1; first + leaf->word_count - 1 <= text->size; first++) {
        uint32_t last = first + (uint32_t)leaf->word_count - 1;
        bool matches = !leaf->lead || text->paragraph_of[last] == 0;
        for (uint32_t i = first; i <= last; i++)
            matches = matches && text->letters[i] == leaf->words[i - first].word[0];
        set->has[first][last] = matches;
    }
    return set;
}

/* Visit all pairs that count: `join` gets left and right in the order of the text, and which child
 * is left. */
typedef void (*join_pair)(
    void *context, uint32_t lf, uint32_t ll, uint32_t rf, uint32_t rl, bool swapped);

static void all_pairs(const struct text *text, const struct lede_query_node *node,
    const struct set *a, const struct set *b, bool swapped, join_pair join, void *context)
{
    for (uint32_t lf = 1; lf <= text->size; lf++)
        for (uint32_t ll = lf; ll <= text->size; ll++)
            for (uint32_t rf = ll + 1; a->has[lf][ll] && rf <= text->size; rf++)
                for (uint32_t rl = rf; rl <= text->size; rl++)
                    if (b->has[rf][rl] && is_bound(text, node, lf, ll, rf, rl))
                        join(context, lf, ll, rf, rl, swapped);
}

static void put_join(
    void *context, uint32_t lf, uint32_t ll, uint32_t rf, uint32_t rl, bool swapped)
{
    (void)ll, (void)rf, (void)swapped;
    ((struct set *)context)->has[lf][rl] = true;
}

/* Those of `a` that no span of `b` is near, nor on. */
static void put_apart(const struct text *text, const struct lede_query_node *node,
    const struct set *a, const struct set *b, struct set *ret_set)
{
    for (uint32_t af = 1; af <= text->size; af++)
        for (uint32_t al = af; al <= text->size; al++) {
            bool is_apart = a->has[af][al];
            for (uint32_t bf = 1; is_apart && bf <= text->size; bf++)
                for (uint32_t bl = bf; bl <= text->size; bl++)
                    if (b->has[bf][bl] &&
                        ((bf <= al && af <= bl) || is_bound(text, node, af, al, bf, bl) ||
                            is_bound(text, node, bf, bl, af, al)))
                        is_apart = false;
            ret_set->has[af][al] = is_apart;
        }
}

static struct set *spans_of(const struct text *text, const struct lede_query_node *node)
{
    if (lede_query_is_text_leaf(node->kind))
        return leaf_set(text, node);
    struct set *set = calloc(1, sizeof(*set));
    struct set *children[2] = {NULL, NULL};
    bool is_union = node->kind == LEDE_QUERY_OR || node->kind == LEDE_QUERY_ATLEAST;
    for (size_t i = 0; i < node->child_count; i++) {
        struct set *child = spans_of(text, node->children[i]);
        for (size_t k = 0; is_union && k < sizeof(*set); k++)
            ((bool *)set->has)[k] |= ((bool *)child->has)[k];
        if (is_union)
            free(child);
        else
            children[i] = child;
    }
    if (lede_query_is_apart(node->kind)) {
        put_apart(text, node, children[0], children[1], set);
        free(children[0]);
        free(children[1]);
    } else if (!is_union) {
        all_pairs(text, node, children[0], children[1], false, put_join, set);
        if (node->kind != LEDE_QUERY_ADJACENT)
            all_pairs(text, node, children[1], children[0], true, put_join, set);
        free(children[0]);
        free(children[1]);
    }
    return set;
}

struct taking {
    const struct set *accepted;
    struct set *first, *second;
};

static void take_pair(
    void *context, uint32_t lf, uint32_t ll, uint32_t rf, uint32_t rl, bool swapped)
{
    struct taking *taking = context;
    if (!taking->accepted->has[lf][rl])
        return;
    (swapped ? taking->second : taking->first)->has[lf][ll] = true;
    (swapped ? taking->first : taking->second)->has[rf][rl] = true;
}

static void claim(const struct text *text, const struct lede_query_node *node,
    const struct set *accepted, struct claims *claims)
{
    struct set *own = spans_of(text, node);
    if (lede_query_is_text_leaf(node->kind)) {
        claims->leaves[claims->count] = node;
        for (size_t k = 0; k < sizeof(*own); k++)
            ((bool *)claims->shown[claims->count].has)[k] =
                ((bool *)own->has)[k] && ((bool *)accepted->has)[k];
        claims->count++;
    } else if (node->kind == LEDE_QUERY_OR || node->kind == LEDE_QUERY_ATLEAST) {
        for (size_t i = 0; i < node->child_count; i++)
            claim(text, node->children[i], accepted, claims);
    } else if (lede_query_is_apart(node->kind)) {
        struct set *apart = calloc(1, sizeof(*apart));
        for (size_t k = 0; k < sizeof(*own); k++)
            ((bool *)apart->has)[k] = ((bool *)own->has)[k] && ((bool *)accepted->has)[k];
        claim(text, node->children[0], apart, claims);
        free(apart);
    } else {
        struct set *a = spans_of(text, node->children[0]), *b = spans_of(text, node->children[1]);
        struct taking taking = {accepted, calloc(1, sizeof(*a)), calloc(1, sizeof(*b))};
        all_pairs(text, node, a, b, false, take_pair, &taking);
        if (node->kind != LEDE_QUERY_ADJACENT)
            all_pairs(text, node, b, a, true, take_pair, &taking);
        claim(text, node->children[0], taking.first, claims);
        claim(text, node->children[1], taking.second, claims);
        free(a);
        free(b);
        free(taking.first);
        free(taking.second);
    }
    free(own);
}

/* ---- Comparing ---- */

static void note(void *context, const struct lede_query_node *leaf, struct lede_span span)
{
    struct claims *claims = context;
    for (size_t i = 0; i < claims->count; i++) {
        if (claims->leaves[i] != leaf)
            continue;
        if (!claims->shown[i].has[span.first][span.last])
            fail_msg("span %u..%u of a leaf is shown, or shown again, and should not be",
                span.first, span.last);
        claims->shown[i].has[span.first][span.last] = false;
        return;
    }
    fail_msg("a leaf is shown that is none");
}

static void put_place(struct lede_buffer *out, int depth)
{
    static const char *const leaves[] = {"a", "b", "c", "d", "e", "\"a b\"", "\"c c\""};
    static const char *const operators[] = {" NEAR/1 ", " NEAR/4 ", " ADJ ", " ADJ/3 ", " SAME s ",
        " SAME p ", " OR ", " NOT NEAR/2 ", " NOT SAME s ", " NOT SAME p "};
    if (depth == 0 || pick(4) == 0) {
        lede_buffer_append_string(out, leaves[pick(LEDE_COUNT_OF(leaves))]);
        return;
    }
    lede_buffer_append_string(out, "(");
    put_place(out, depth - 1);
    lede_buffer_append_string(out, operators[pick(LEDE_COUNT_OF(operators))]);
    put_place(out, depth - 1);
    lede_buffer_append_string(out, ")");
}

static size_t compare(const struct lede_query_node *node, struct text *text)
{
    struct lede_arena arena = {0};
    static struct claims claims;
    size_t count = 0, expected = 0, left = 0;
    struct set *all = spans_of(text, node);
    memset(&claims, 0, sizeof(claims));
    claim(text, node, all, &claims);
    for (size_t k = 0; k < sizeof(*all); k++)
        expected += ((bool *)all->has)[k];
    assert_int_equal(lede_spans_count(node, &text->spans, &arena, &count), LEDE_OK);
    assert_int_equal(count, node->kind == LEDE_QUERY_ATLEAST ? expected : expected > 0);
    assert_int_equal(lede_spans_visit_leaves(node, &text->spans, &arena, note, &claims), LEDE_OK);
    for (size_t i = 0; i < claims.count; i++)
        for (size_t k = 0; k < sizeof(*all); k++)
            left += ((bool *)claims.shown[i].has)[k];
    assert_int_equal(left, 0); /* all that take part were shown */
    free(all);
    lede_arena_done(&arena);
    return expected;
}

static void spans_are_what_their_definitions_say(void **state)
{
    (void)state;
    struct lede_buffer out = {0};
    const char *given = getenv("LEDE_TEST_CASES");
    size_t found = 0;
    for (unsigned long i = given ? strtoul(given, NULL, 10) / 10 : CASES; i > 0; i--) {
        struct lede_query_options options = test_options(false);
        LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
        static const char *const heads[] = {"", "", "ATLEAST/2 ", "LEAD: "};
        static struct text text;
        lede_buffer_clear(&out);
        lede_buffer_append_string(&out, heads[pick(LEDE_COUNT_OF(heads))]);
        put_place(&out, 1 + (int)pick(3));
        assert_int_equal(
            lede_query_parse(out.data, out.size, &options, test_analyzer, &query, NULL), LEDE_OK);
        make_text(&text);
        found += compare(lede_query_root(query), &text);
    }
    assert_true(found > CASES / 4);
    lede_buffer_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(spans_are_what_their_definitions_say)};
    const char *seed = getenv("LEDE_TEST_SEED");
    random_state = (seed ? strtoull(seed, NULL, 10) : UINT64_C(20261124)) | 1;
    fprintf(stderr, "# LEDE_TEST_SEED=%llu\n", (unsigned long long)random_state);
    return cmocka_run_group_tests_name("spans", tests, support_setup, support_teardown);
}
