/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pseudo-relevance feedback after Rocchio ("Relevance feedback in information retrieval", 1971):
 * the first hits stand for what was meant, each by its share of their scores. What is found stays
 * what the query finds: only the order changes, so counts, filters and marks mean what they mean
 * without it. */
#include "feedback.h"

#include "json_out.h"
#include "keywords.h"
#include "lede/time.h"
#include "visible.h"

#include <math.h>
#include <stdlib.h>

#define STRENGTH 50 /* hundredths: what the best of the words weighs beside one of the query */

/* Of a document that much is looked at. */
#define TOKENS_MAX (LEDE_KEYWORD_TOKENS_MAX / LEDE_FEEDBACK_HITS)

static bool is_wanted(const struct lede_search_run *run)
{
    const struct lede_search *search = &run->search.search;
    return run->search.expand == LEDE_EXPAND_FEEDBACK && search->sort == LEDE_SORT_RELEVANCE &&
           search->limit > 0 && !run->similar_to;
}

/* The first hits, whatever page is asked for. */
static enum lede_status find_first(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_search_result *ret_first,
    struct lede_error *reterr)
{
    struct lede_search first = run->search.search;
    uint64_t now = lede_time_monotonic_ns(), deadline = first.deadline_monotonic_ns;
    first.offset = 0;
    first.limit = LEDE_FEEDBACK_HITS;
    first.facets = 0;
    first.histogram = LEDE_HISTOGRAM_NONE;
    first.no_total = true;
    if (deadline > now)
        first.deadline_monotonic_ns = now + (deadline - now) / 2;
    return lede_visible_search(worker, &first, ret_first, reterr);
}

static enum lede_status read_hits(struct lede_keywords *keywords,
    const struct lede_search_result *first, uint64_t deadline_monotonic_ns,
    struct lede_error *reterr)
{
    double sum = 0;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < first->hit_count; i++)
        sum += first->hits[i].score;
    for (size_t i = 0; st == LEDE_OK && sum > 0 && i < first->hit_count; i++) {
        LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
        const struct lede_hit *hit = &first->hits[i];
        if (lede_time_has_passed(deadline_monotonic_ns))
            break;
        st = lede_document_from_stored(hit->stored, hit->stored_size, &document, reterr);
        if (st == LEDE_OK &&
            lede_keywords_add(keywords, document, hit->score / sum, TOKENS_MAX) != LEDE_OK)
            st = lede_fail_memory(reterr);
    }
    return st;
}

/* The words as a query, the best first; in quotes, since a word may be spelt as an operator is. */
static void write_words(const struct lede_keywords *keywords, struct lede_buffer *out)
{
    for (size_t i = 0; i < keywords->count; i++) {
        const struct lede_keyword *word = &keywords->items[i];
        long hundredths = lround(STRENGTH * word->weight / keywords->items[0].weight);
        if (hundredths < 1)
            break;
        lede_buffer_append_format(out, "%s\"%s\"^%ld.%02ld", i > 0 ? " OR " : "", word->word,
            hundredths / 100, hundredths % 100);
    }
}

static enum lede_status take_words(struct lede_api_worker *worker, struct lede_search_run *run,
    const struct lede_keywords *keywords, struct lede_error *reterr)
{
    struct lede_query_options options = lede_search_run_options(worker, run);
    options.forgiving = true;
    lede_buffer_clear(&run->raising_text);
    write_words(keywords, &run->raising_text);
    if (lede_buffer_status(&run->raising_text) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (run->raising_text.size == 0)
        return LEDE_OK;
    enum lede_status st = lede_query_parse(run->raising_text.data, run->raising_text.size, &options,
        worker->analyzer, &run->raising, reterr);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT)
        return lede_fail(reterr, LEDE_EINTERNAL, "the words of feedback cannot be parsed");
    run->search.search.raising = run->raising;
    return st;
}

enum lede_status lede_feedback_find(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_search_result_done) struct lede_search_result first = {0};
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct lede_keywords keywords = {.arena = &arena, .analyzer = worker->analyzer};
    run->search.search.raising = NULL;
    lede_query_free(run->raising);
    run->raising = NULL;
    if (!is_wanted(run))
        return LEDE_OK;
    enum lede_status st = find_first(worker, run, &first, reterr);
    if (st != LEDE_OK || first.timed_out)
        return st;
    st = read_hits(&keywords, &first, run->search.search.deadline_monotonic_ns, reterr);
    if (st == LEDE_OK)
        st = lede_keywords_choose(&keywords, worker, LEDE_FEEDBACK_WORDS_MAX, reterr);
    return st == LEDE_OK ? take_words(worker, run, &keywords, reterr) : st;
}

/* ---- What is told of it ---- */

static size_t word_count(const struct lede_query_node *root)
{
    return root->kind == LEDE_QUERY_OR ? root->child_count : 1;
}

static const struct lede_query_node *word_at(const struct lede_query_node *root, size_t word)
{
    return root->kind == LEDE_QUERY_OR ? root->children[word] : root;
}

static enum lede_status print(const struct lede_query_node *node, struct lede_buffer *out)
{
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    enum lede_status st = lede_query_print_node(node, &text);
    if (st == LEDE_OK)
        lede_buffer_append_string(out, text);
    return st;
}

enum lede_status lede_feedback_print(const struct lede_search_run *run, struct lede_buffer *out)
{
    const struct lede_query_node *root = lede_query_root(run->query);
    if (!run->raising)
        return print(root, out);
    bool is_group = root->child_count > 0;
    lede_buffer_append_string(out, is_group ? "+(" : "+");
    enum lede_status st = print(root, out);
    lede_buffer_append_string(out, is_group ? ")" : "");
    root = lede_query_root(run->raising);
    for (size_t i = 0; st == LEDE_OK && i < word_count(root); i++) {
        lede_buffer_append_char(out, ' ');
        st = print(word_at(root, i), out);
    }
    return st;
}

enum lede_status lede_feedback_write(const struct lede_search_run *run, struct lede_buffer *out)
{
    const struct lede_query_node *root = run->raising ? lede_query_root(run->raising) : NULL;
    if (!root)
        return LEDE_OK;
    lede_json_key(out, "expansion");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < word_count(root); i++) {
        const struct lede_query_node *word = word_at(root, i);
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_member_string(out, "word", word->written ? word->written : "");
        lede_json_member_decimal(out, "weight", word->weight, 2);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
    return lede_buffer_status(out);
}
