/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index against documents and trees that neither the tokenizer nor the parser has made.
 *
 * English documents are built word by word, so their words, stems, sentences and paragraphs are
 * known without reading them; a query's tree is built beside its text. Only the text goes to Lede.
 * What the tokenizer, the stemmer and the parser do wrong with plain English shows here.
 * LEDE_TEST_SEED and LEDE_TEST_CASES as in test_witness.c. */
#include "../engine/fixture.h"
#include "corpus.h"
#include "witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lede/time.h"

#define CASES 1000
#define QUERIES_PER_ARCHIVE 250
#define DOCUMENTS 60
#define TITLE 0
#define BODY 1

/* A word and the first of those that share its stem. */
static const struct word {
    const char *text;
    const char *stem;
} words[] = {
    {"oil", "oil"},
    {"oils", "oil"},
    {"minister", "minister"},
    {"ministers", "minister"},
    {"ministry", "ministry"},
    {"house", "house"},
    {"houses", "house"},
    {"strike", "strike"},
    {"strikes", "strike"},
    {"striking", "strike"},
    {"the", "the"},
    {"of", "of"},
    {"nato", "nato"},
    {"aid", "aid"},
    {"aids", "aid"},
};

struct built {
    char id[8];
    struct witness_token tokens[2][WITNESS_TOKENS_MAX];
    struct witness_text texts[2];
    struct witness_document document;
};

struct archive {
    struct fixture *fixture;
    struct chance chance;
    struct built built[DOCUMENTS];
};

/* ---- Documents ---- */

static const struct word *any_word(struct chance *chance)
{
    return &words[chance_below(chance, LEDE_COUNT_OF(words))];
}

static const char *stem_of(const char *text)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++)
        if (strcmp(words[i].text, text) == 0)
            return words[i].stem;
    return text;
}

static bool share_stem(const void *tongue, const char *a, const char *b)
{
    (void)tongue;
    return strcmp(stem_of(a), stem_of(b)) == 0;
}

/* A sentence begins with a capital, or the one before would go on. */
static void add_sentence(struct archive *archive, struct built *built, int text, uint32_t sentence,
    uint32_t paragraph, struct lede_buffer *json)
{
    struct witness_text *into = &built->texts[text];
    for (uint32_t i = 0, count = 2 + chance_below(&archive->chance, 5); i < count; i++) {
        const struct word *word = any_word(&archive->chance);
        bool caps = chance_below(&archive->chance, 6) == 0;
        built->tokens[text][into->count++] = (struct witness_token){.word = word->text,
            .written = word->text,
            .sentence = sentence,
            .paragraph = paragraph,
            .caps = caps};
        lede_buffer_append_string(json, i > 0 ? " " : "");
        for (size_t k = 0; word->text[k]; k++)
            lede_buffer_append_char(
                json, caps || (i == 0 && k == 0) ? (char)(word->text[k] & ~0x20) : word->text[k]);
    }
}

static void build(struct archive *archive, int number)
{
    struct built *built = &archive->built[number];
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer json = {0};
    memset(built, 0, sizeof(*built));
    built->texts[TITLE] =
        (struct witness_text){LEDE_FIELD_TITLE, built->tokens[TITLE], NULL, 0, share_stem, NULL};
    built->texts[BODY] =
        (struct witness_text){LEDE_FIELD_BODY, built->tokens[BODY], NULL, 0, share_stem, NULL};
    snprintf(built->id, sizeof(built->id), "b%02d", number);
    lede_buffer_append_format(&json, "{\"id\":\"%s\",\"language\":\"en\",\"title\":\"", built->id);
    add_sentence(archive, built, TITLE, 0, 0, &json);
    lede_buffer_append_string(&json, "\",\"body\":\"");
    uint32_t sentence = 0, paragraphs = 1 + chance_below(&archive->chance, 3);
    for (uint32_t paragraph = 0; paragraph < paragraphs; paragraph++) {
        lede_buffer_append_string(&json, paragraph > 0 ? "\\n\\n" : "");
        for (uint32_t count = 1 + chance_below(&archive->chance, 3); count > 0; count--) {
            add_sentence(archive, built, BODY, sentence++, paragraph, &json);
            lede_buffer_append_string(&json, count > 1 ? ". " : ".");
        }
    }
    lede_buffer_append_string(&json, "\"}");
    built->document = (struct witness_document){built->texts, 2, FIXTURE_NOW, LEDE_TIME_NONE};
    fixture_put(archive->fixture, number % FIXTURE_SEGMENTS, json.data);
}

/* ---- Trees ---- */

struct maker {
    struct chance *chance;
    struct lede_buffer *text;
    struct lede_arena *arena;
    lede_field_set fields;
    bool lead;
};

static struct lede_query_node *make_node(
    struct maker *maker, enum lede_query_kind kind, uint32_t number)
{
    struct lede_query_node *node = lede_arena_calloc(maker->arena, 1, sizeof(*node));
    struct lede_query_node **children = lede_arena_calloc(maker->arena, 2, sizeof(node));
    assert_true(node && children);
    *node = (struct lede_query_node){.kind = kind,
        .fields = maker->fields,
        .weight = 1,
        .number = number,
        .lead = maker->lead,
        .children = children};
    return node;
}

static void set_child(struct lede_query_node *node, struct lede_query_node *child)
{
    ((struct lede_query_node **)(uintptr_t)node->children)[node->child_count++] = child;
}

static struct lede_query_node *make_words(
    struct maker *maker, enum lede_query_kind kind, size_t count)
{
    struct lede_query_node *node = make_node(maker, kind, 0);
    struct lede_query_word *list = lede_arena_calloc(maker->arena, count, sizeof(*list));
    assert_non_null(list);
    for (size_t i = 0; i < count; i++) {
        const struct word *word = any_word(maker->chance);
        list[i] = (struct lede_query_word){.word = word->text,
            .word_size = strlen(word->text),
            .written = word->text,
            .written_size = strlen(word->text)};
        lede_buffer_append_format(maker->text, "%s%s", i > 0 ? " " : "", word->text);
    }
    node->words = list;
    node->word_count = count;
    return node;
}

static struct lede_query_node *make_prefix(struct maker *maker)
{
    struct lede_query_node *node = make_node(maker, LEDE_QUERY_PREFIX, 0);
    struct lede_query_word *word = lede_arena_calloc(maker->arena, 1, sizeof(*word));
    assert_non_null(word);
    const char *whole = any_word(maker->chance)->text;
    word->word_size = 2 + chance_below(maker->chance, (uint32_t)strlen(whole) - 1);
    word->word = lede_arena_copy(maker->arena, whole, word->word_size);
    lede_buffer_append_format(maker->text, "%s*", word->word);
    node->words = word;
    node->word_count = 1;
    return node;
}

static struct lede_query_node *make_leaf(struct maker *maker)
{
    struct lede_query_node *node;
    switch (chance_below(maker->chance, 8)) {
    case 0:
        lede_buffer_append_string(maker->text, "=");
        return make_words(maker, LEDE_QUERY_EXACT, 1);
    case 1:
        lede_buffer_append_string(maker->text, "CAPS ");
        return make_words(maker, LEDE_QUERY_CAPS, 1);
    case 2:
        return make_prefix(maker);
    case 3:
        lede_buffer_append_string(maker->text, "\"");
        node = make_words(maker, LEDE_QUERY_PHRASE, 2 + chance_below(maker->chance, 2));
        lede_buffer_append_string(maker->text, "\"");
        return node;
    default:
        return make_words(maker, LEDE_QUERY_WORD, 1);
    }
}

static struct lede_query_node *make_place(struct maker *maker, int depth)
{
    static const struct {
        enum lede_query_kind kind;
        const char *text;
        uint32_t number;
    } operators[] = {
        {LEDE_QUERY_NEAR, " NEAR/2 ", 2},
        {LEDE_QUERY_NEAR, " NEAR ", 5},
        {LEDE_QUERY_ADJACENT, " ADJ ", 1},
        {LEDE_QUERY_ADJACENT, " ADJ/4 ", 4},
        {LEDE_QUERY_SENTENCE, " SAME s ", 0},
        {LEDE_QUERY_PARAGRAPH, " SAME p ", 0},
        {LEDE_QUERY_OR, " OR ", 0},
        {LEDE_QUERY_NOT_NEAR, " NOT NEAR/3 ", 3},
        {LEDE_QUERY_NOT_SENTENCE, " NOT SAME s ", 0},
        {LEDE_QUERY_NOT_PARAGRAPH, " NOT w/p ", 0},
    };
    if (depth == 0 || chance_below(maker->chance, 4) == 0)
        return make_leaf(maker);
    uint32_t chosen = chance_below(maker->chance, LEDE_COUNT_OF(operators));
    struct lede_query_node *node =
        make_node(maker, operators[chosen].kind, operators[chosen].number);
    lede_buffer_append_string(maker->text, "(");
    set_child(node, make_place(maker, depth - 1));
    lede_buffer_append_string(maker->text, operators[chosen].text);
    set_child(node, make_place(maker, depth - 1));
    lede_buffer_append_string(maker->text, ")");
    return node;
}

/* In the field named, in the lead, or where words stand that name none. */
static struct lede_query_node *make_clause(struct maker *maker)
{
    lede_field_set fields = maker->fields;
    uint32_t kind = chance_below(maker->chance, 8);
    struct lede_query_node *node;
    if (kind == 0) {
        node = make_node(maker, LEDE_QUERY_LENGTH, 0);
        node->first_words = 1 + chance_below(maker->chance, 30);
        node->last_words = UINT32_MAX;
        lede_buffer_append_format(maker->text, "LENGTH>=%u", node->first_words);
        return node;
    }
    static const char *const heads[] = {"title:(", "body:(", "LEAD:("};
    maker->lead = kind == 3;
    maker->fields = kind == 1   ? LEDE_FIELD_BIT(LEDE_FIELD_TITLE)
                    : kind == 2 ? LEDE_FIELD_BIT(LEDE_FIELD_BODY)
                                : fields;
    lede_buffer_append_string(maker->text, kind <= 3 ? heads[kind - 1] : "(");
    if (chance_below(maker->chance, 4) == 0) {
        uint32_t times = 2 + chance_below(maker->chance, 3);
        lede_buffer_append_format(maker->text, "ATLEAST/%u ", times);
        node = make_node(maker, LEDE_QUERY_ATLEAST, times);
        set_child(node, make_place(maker, 2));
    } else {
        node = make_place(maker, 3);
    }
    lede_buffer_append_string(maker->text, ")");
    maker->fields = fields;
    maker->lead = false;
    return node;
}

static struct lede_query_node *make_tree(struct maker *maker, int depth)
{
    static const char *const between[] = {" AND ", " OR ", " NOT "};
    if (depth == 0)
        return make_clause(maker);
    uint32_t kind = chance_below(maker->chance, LEDE_COUNT_OF(between));
    struct lede_query_node *node = make_node(maker, kind == 1 ? LEDE_QUERY_OR : LEDE_QUERY_AND, 0);
    lede_buffer_append_string(maker->text, "(");
    set_child(node, make_tree(maker, depth - 1));
    lede_buffer_append_string(maker->text, between[kind]);
    struct lede_query_node *second = make_tree(maker, depth - 1);
    if (kind == 2) {
        struct lede_query_node *not = make_node(maker, LEDE_QUERY_NOT, 0);
        set_child(not, second);
        second = not ;
    }
    set_child(node, second);
    lede_buffer_append_string(maker->text, ")");
    return node;
}

/* ---- Comparing ---- */

/* Returns how many match. */
static size_t compare(
    const struct archive *archive, const struct lede_query_node *tree, const char *text)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer expected = {0};
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = fixture_parse(archive->fixture, text);
    struct lede_search search = fixture_search(query);
    struct lede_search_result result = fixture_run(archive->fixture, &search);
    LEDE_CLEANUP(lede_freep) char *found = fixture_sorted_ids(&result);
    lede_buffer_append(&expected, "", 0);
    for (int i = 0; i < DOCUMENTS; i++) {
        const struct built *built = &archive->built[i];
        if (witness_matches(tree, &built->document, &built->document))
            lede_buffer_append_format(&expected, "%s%s", expected.size > 0 ? " " : "", built->id);
    }
    if (strcmp(found ? found : "", expected.size > 0 ? expected.data : "") != 0)
        fail_msg("%s\nfound    %s\nexpected %s", text, found, expected.data);
    size_t count = result.hit_count;
    lede_search_result_done(&result);
    return count;
}

static void plain_english_is_found_as_it_was_built(void **state)
{
    (void)state;
    const char *given = getenv("LEDE_TEST_SEED"), *cases = getenv("LEDE_TEST_CASES");
    unsigned long wanted = cases ? strtoul(cases, NULL, 10) : CASES, done = 0, hits = 0;
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    static struct archive archive;
    printf("# LEDE_TEST_SEED=%llu\n", (unsigned long long)seed);
    for (archive.chance.state = seed; done < wanted;) {
        void *fixture = NULL;
        assert_int_equal(fixture_setup(&fixture), 0);
        archive.fixture = fixture;
        for (int i = 0; i < DOCUMENTS; i++)
            build(&archive, i);
        fixture_read(archive.fixture);
        for (int i = 0; i < QUERIES_PER_ARCHIVE; i++, done++) {
            LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
            LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
            struct maker maker = {.chance = &archive.chance,
                .text = &text,
                .arena = &arena,
                .fields = LEDE_FIELDS_DEFAULT};
            struct lede_query_node *tree = make_tree(&maker, (int)chance_below(&archive.chance, 3));
            hits += compare(&archive, tree, text.data);
        }
        assert_int_equal(fixture_teardown(&fixture), 0);
    }
    printf("# %lu queries, %lu hits\n", done, hits);
    assert_true(hits > done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_english_is_found_as_it_was_built),
    };
    return cmocka_run_group_tests_name("witness bare", tests, NULL, NULL);
}
