/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search_explain.h"

#include "json_out.h"
#include "lede/time.h"
#include "visible.h"

#include <string.h>

static const char *kind_name(enum lede_query_kind kind)
{
    static const char *const names[] = {[LEDE_QUERY_ALL] = "all",
        [LEDE_QUERY_WORD] = "word",
        [LEDE_QUERY_EXACT] = "exact",
        [LEDE_QUERY_PREFIX] = "prefix",
        [LEDE_QUERY_PHRASE] = "phrase",
        [LEDE_QUERY_DATES] = "dates",
        [LEDE_QUERY_AND] = "and",
        [LEDE_QUERY_OR] = "or",
        [LEDE_QUERY_NOT] = "not",
        [LEDE_QUERY_MAYBE] = "maybe",
        [LEDE_QUERY_WILDCARD] = "wildcard",
        [LEDE_QUERY_FUZZY] = "fuzzy",
        [LEDE_QUERY_CAPS] = "caps",
        [LEDE_QUERY_LENGTH] = "length",
        [LEDE_QUERY_NEAR] = "near",
        [LEDE_QUERY_ADJACENT] = "adjacent",
        [LEDE_QUERY_SENTENCE] = "sentence",
        [LEDE_QUERY_PARAGRAPH] = "paragraph",
        [LEDE_QUERY_ATLEAST] = "atleast",
        [LEDE_QUERY_NOT_NEAR] = "not_near",
        [LEDE_QUERY_NOT_SENTENCE] = "not_sentence",
        [LEDE_QUERY_NOT_PARAGRAPH] = "not_paragraph"};
    return names[kind];
}

static void write_fields(struct lede_buffer *out, lede_field_set fields)
{
    lede_json_key(out, "fields");
    lede_buffer_append_char(out, '[');
    for (enum lede_field_id id = 0; id < LEDE_FIELD_COUNT; id++) {
        if (!(fields & LEDE_FIELD_BIT(id)))
            continue;
        const char *key = lede_field_at(id)->key;
        lede_json_comma(out);
        lede_json_string(out, key, strlen(key));
    }
    lede_buffer_append_char(out, ']');
}

/* ---- The query's words in the archive ---- */

/* Leaves of words, in the order of the tree. Depth is bounded by LEDE_QUERY_DEPTH_MAX. */
static void visit_leaves(const struct lede_query_node *node,
    void (*visit)(void *context, const struct lede_query_node *leaf), void *context)
{
    if (lede_query_is_text_leaf(node->kind))
        visit(context, node);
    for (size_t i = 0; i < node->child_count; i++)
        visit_leaves(node->children[i], visit, context);
}

struct counting {
    struct lede_api_worker *worker;
    struct lede_search_run *run;
    enum lede_status status;
    struct lede_error *reterr;
};

static void count_documents(void *context, const struct lede_query_node *leaf)
{
    struct counting *counting = context;
    struct lede_search_run *run = counting->run;
    for (size_t i = 0; i < leaf->word_count; i++) {
        bool is_late = lede_time_has_passed(run->search.search.deadline_monotonic_ns);
        if (counting->status != LEDE_OK || run->word_count == LEDE_EXPLAIN_WORDS_MAX || is_late)
            return;
        struct lede_query_node word = *leaf;
        word.kind = leaf->kind == LEDE_QUERY_PHRASE ? LEDE_QUERY_WORD : leaf->kind;
        word.lead = false;
        word.words = &leaf->words[i];
        word.word_count = 1;
        counting->status =
            lede_visible_clause_documents(counting->worker, &word, run->search.search.now_utc_s,
                &run->word_documents[run->word_count++], counting->reterr);
    }
}

enum lede_status lede_explain_gather(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    struct counting counting = {.worker = worker, .run = run, .reterr = reterr};
    lede_explanation_done(&run->explanation);
    run->word_count = 0;
    if (!run->word_documents)
        run->word_documents = lede_arena_calloc(
            &run->search.arena, LEDE_EXPLAIN_WORDS_MAX, sizeof(*run->word_documents));
    if (!run->word_documents)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_visible_explain(worker, &run->search.search, run->result.hits,
        run->result.hit_count, &run->explanation, reterr);
    if (st != LEDE_OK)
        return st;
    visit_leaves(lede_query_root(run->query), count_documents, &counting);
    return counting.status;
}

/* As the query has it: `econ*`, but one word of a phrase. */
static void write_word(struct lede_buffer *out, const struct lede_query_node *leaf, size_t word)
{
    bool is_one =
        leaf->kind != LEDE_QUERY_PHRASE && leaf->kind != LEDE_QUERY_EXACT && leaf->written;
    const char *text = is_one ? leaf->written : leaf->words[word].word;
    lede_json_key(out, "word");
    lede_json_string(out, text, strlen(text));
}

/* What stands for the word. */
static void write_spellings(struct lede_buffer *out, const struct lede_query_node *node)
{
    if (node->written && node->written[0] == '{')
        lede_json_member_string(out, "spellings", node->written);
}

/* ---- The tree ---- */

struct tree {
    struct lede_buffer *out;
    const struct lede_search_run *run;
    size_t word; /* of the next leaf in run->word_documents */
};

/* Each once, whatever languages have it. */
static void write_stems(struct lede_buffer *out, const struct lede_query_word *word)
{
    lede_json_key(out, "stems");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < word->stem_count; i++) {
        const char *stem = lede_term_stem(word->stems[i]);
        size_t before = 0;
        while (before < i && strcmp(lede_term_stem(word->stems[before]), stem) != 0)
            before++;
        if (before < i)
            continue;
        lede_json_comma(out);
        lede_json_string(out, stem, strlen(stem));
    }
    lede_buffer_append_char(out, ']');
}

static void write_words(struct tree *tree, const struct lede_query_node *leaf)
{
    struct lede_buffer *out = tree->out;
    lede_json_key(out, "words");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < leaf->word_count; i++) {
        const struct lede_query_word *word = &leaf->words[i];
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_key(out, "word");
        lede_json_string(out, word->word, word->word_size);
        write_stems(out, word);
        if (tree->word < tree->run->word_count)
            lede_json_member_uint(out, "documents", tree->run->word_documents[tree->word++]);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
}

static void write_dates(struct lede_buffer *out, const struct lede_query_node *leaf)
{
    char text[21];
    lede_time_format(leaf->first_utc_s, text);
    lede_json_member_string(out, "first", text);
    lede_time_format(leaf->last_utc_s, text);
    lede_json_member_string(out, "last", text);
}

/* Depth is bounded by LEDE_QUERY_DEPTH_MAX. */
static void write_node(struct tree *tree, const struct lede_query_node *node)
{
    struct lede_buffer *out = tree->out;
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "kind", kind_name(node->kind));
    if (node->weight != 1)
        lede_json_member_decimal(out, "weight", node->weight, 3);
    if (node->fields != 0)
        write_fields(out, node->fields);
    write_spellings(out, node);
    if (node->number > 0)
        lede_json_member_uint(out, "number", node->number);
    if (node->lead)
        lede_json_member_bool(out, "lead", true);
    if (node->kind == LEDE_QUERY_LENGTH) {
        lede_json_member_uint(out, "first", node->first_words);
        if (node->last_words != UINT32_MAX)
            lede_json_member_uint(out, "last", node->last_words);
    }
    if (node->word_count > 0)
        write_words(tree, node);
    if (node->kind == LEDE_QUERY_DATES)
        write_dates(out, node);
    if (node->child_count > 0) {
        lede_json_key(out, "clauses");
        lede_buffer_append_char(out, '[');
        for (size_t i = 0; i < node->child_count; i++) {
            lede_json_comma(out);
            write_node(tree, node->children[i]);
        }
        lede_buffer_append_char(out, ']');
    }
    lede_buffer_append_char(out, '}');
}

void lede_explain_query(struct lede_buffer *out, const struct lede_search_run *run)
{
    struct tree tree = {.out = out, .run = run};
    lede_json_key(out, "tree");
    write_node(&tree, lede_query_root(run->query));
}

/* ---- A hit ---- */

/* A word of a clause, and how often the document has it. */
struct counted_word {
    const struct lede_query_node *leaf;
    size_t word;
    size_t clause; /* number in the explanation */
    uint32_t count;
};

struct counted {
    struct counted_word words[LEDE_EXPLAIN_WORDS_MAX];
    size_t count;
    size_t clause;
};

static void add_words(void *context, const struct lede_query_node *leaf)
{
    struct counted *counted = context;
    for (size_t i = 0; i < leaf->word_count && counted->count < LEDE_EXPLAIN_WORDS_MAX; i++)
        counted->words[counted->count++] = (struct counted_word){leaf, i, counted->clause, 0};
}

/* At how many positions does a word stand? */
static uint32_t count_places(const struct lede_words *words, const struct counted_word *wanted)
{
    uint32_t count = 0, last = 0;
    for (uint32_t i = 0; i < words->token_count; i++) {
        struct lede_word_token at = lede_words_token(words, i);
        struct lede_token token = lede_words_at(words, at.word);
        if (at.position == last || !lede_query_word_matches(wanted->leaf, wanted->word, &token))
            continue;
        last = at.position;
        count++;
    }
    return count;
}

static enum lede_status count_in_text(struct lede_api_worker *worker, struct counted *counted,
    struct lede_shown_document *document, enum lede_field_id field, size_t index)
{
    LEDE_CLEANUP(lede_freep) struct lede_words *owned = NULL;
    const struct lede_words *words = NULL;
    enum lede_status st =
        lede_shown_document_words(document, field, index, worker->analyzer, 0, &words, &owned);
    for (size_t k = 0; st == LEDE_OK && k < counted->count; k++) {
        struct counted_word *word = &counted->words[k];
        if (word->leaf->fields & LEDE_FIELD_BIT(field))
            word->count += count_places(words, word);
    }
    return st;
}

static enum lede_status count_in_document(
    struct lede_api_worker *worker, struct counted *counted, struct lede_shown_document *document)
{
    enum lede_status st = LEDE_OK;
    for (enum lede_field_id id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_stored_field *texts =
            lede_stored_texts(lede_shown_document_stored(document), id);
        bool is_indexed = lede_field_at(id)->prefix && texts;
        for (size_t i = 0; st == LEDE_OK && is_indexed && i < texts->count; i++)
            st = count_in_text(worker, counted, document, id, i);
    }
    return st;
}

static void write_counts(struct lede_buffer *out, const struct counted *counted, size_t clause)
{
    lede_json_key(out, "words");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < counted->count; i++) {
        if (counted->words[i].clause != clause)
            continue;
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        write_word(out, counted->words[i].leaf, counted->words[i].word);
        lede_json_member_uint(out, "count", counted->words[i].count);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
}

/* So many decimals that the sum of all parts is right to the last decimal of the hit's score. */
#define SCORE_DECIMALS 7

static void write_clause(struct lede_buffer *out, const struct lede_search_run *run,
    const struct lede_query_node *clause, const struct lede_clause_share *share,
    const struct counted *counted, size_t number)
{
    bool is_own = number < run->explanation.own_clause_count;
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "part", is_own ? "clause" : "expansion");
    lede_json_key(out, "clause");
    if (is_own) {
        lede_json_string(out, lede_search_run_text(run) + clause->start, clause->size);
        write_spellings(out, clause);
        lede_json_member_uint(out, "start", clause->start);
        lede_json_member_uint(out, "size", clause->size);
    } else {
        lede_json_string(out, clause->written, strlen(clause->written));
    }
    if (share->matches) {
        lede_json_member_decimal(out, "score", share->score, SCORE_DECIMALS);
    } else {
        lede_json_key(out, "score");
        lede_buffer_append_string(out, "null");
    }
    write_counts(out, counted, number);
    lede_buffer_append_char(out, '}');
}

static void write_part(struct lede_buffer *out, const char *part, double score)
{
    if (score == 0)
        return;
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "part", part);
    lede_json_member_decimal(out, "score", score, SCORE_DECIMALS);
    lede_buffer_append_char(out, '}');
}

enum lede_status lede_explain_hit(struct lede_api_worker *worker, const struct lede_search_run *run,
    size_t hit, struct lede_shown_document *document, struct lede_buffer *out)
{
    const struct lede_explanation *explanation = &run->explanation;
    struct counted counted = {.count = 0};
    lede_json_key(out, "explain");
    if (hit >= explanation->hit_count) {
        lede_buffer_append_string(out, "null");
        return lede_buffer_status(out);
    }
    for (; counted.clause < explanation->clause_count; counted.clause++)
        visit_leaves(explanation->clauses[counted.clause], add_words, &counted);
    enum lede_status st = count_in_document(worker, &counted, document);
    if (st != LEDE_OK)
        return st;
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < explanation->clause_count; i++)
        write_clause(
            out, run, explanation->clauses[i], &explanation->hits[hit].shares[i], &counted, i);
    write_part(out, "nearness", run->result.hits[hit].nearness);
    write_part(out, "recency", explanation->hits[hit].recency);
    lede_buffer_append_char(out, ']');
    return lede_buffer_status(out);
}
