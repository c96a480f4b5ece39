#include "search_explain.h"

#include "json_out.h"

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
        [LEDE_QUERY_ATLEAST] = "atleast"};
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

static void write_words(struct lede_buffer *out, const struct lede_query_node *leaf)
{
    lede_json_key(out, "words");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < leaf->word_count; i++) {
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_key(out, "word");
        lede_json_string(out, leaf->words[i].word, leaf->words[i].word_size);
        lede_json_key(out, "stems");
        lede_buffer_append_char(out, '[');
        for (size_t k = 0; k < leaf->words[i].stem_count; k++) {
            lede_json_comma(out);
            lede_json_string(out, leaf->words[i].stems[k], strlen(leaf->words[i].stems[k]));
        }
        lede_buffer_append_string(out, "]}");
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
static void write_node(struct lede_buffer *out, const struct lede_query_node *node)
{
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "kind", kind_name(node->kind));
    if (node->weight != 1)
        lede_json_member_decimal(out, "weight", node->weight, 3);
    if (node->fields != 0)
        write_fields(out, node->fields);
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
        write_words(out, node);
    if (node->kind == LEDE_QUERY_DATES)
        write_dates(out, node);
    if (node->child_count > 0) {
        lede_json_key(out, "clauses");
        lede_buffer_append_char(out, '[');
        for (size_t i = 0; i < node->child_count; i++) {
            lede_json_comma(out);
            write_node(out, node->children[i]);
        }
        lede_buffer_append_char(out, ']');
    }
    lede_buffer_append_char(out, '}');
}

void lede_explain_query(struct lede_buffer *out, const struct lede_query *query)
{
    lede_json_key(out, "tree");
    write_node(out, lede_query_root(query));
}

static enum lede_status write_clause(struct lede_api_worker *worker, const struct lede_search_run *run,
    const struct lede_query_node *leaf, const struct lede_document *document, struct lede_buffer *out,
    double *sum, struct lede_error *reterr)
{
    double score = 0;
    bool matches = false;
    enum lede_status st = lede_index_clause_score(
        lede_reader_index(worker->reader), leaf, document->id, document->id_size, &matches, &score, reterr);
    if (st != LEDE_OK)
        return st;
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "clause");
    lede_json_string(out, lede_search_run_text(run) + leaf->start, leaf->size);
    lede_json_member_uint(out, "start", leaf->start);
    lede_json_member_uint(out, "size", leaf->size);
    if (matches) {
        *sum += score;
        lede_json_member_decimal(out, "score", score, 4);
    } else {
        lede_json_key(out, "score");
        lede_buffer_append_string(out, "null");
    }
    lede_buffer_append_char(out, '}');
    return LEDE_OK;
}

static enum lede_status write_clauses(struct lede_api_worker *worker, const struct lede_search_run *run,
    const struct lede_query_node *node, const struct lede_document *document, struct lede_buffer *out,
    double *sum, struct lede_error *reterr)
{
    if (node->kind == LEDE_QUERY_NOT)
        return LEDE_OK;
    if (node->child_count == 0 || lede_query_is_proximity(node->kind))
        return write_clause(worker, run, node, document, out, sum, reterr);
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < node->child_count; i++)
        st = write_clauses(worker, run, node->children[i], document, out, sum, reterr);
    return st;
}

enum lede_status lede_explain_hit(struct lede_api_worker *worker, const struct lede_search_run *run,
    const struct lede_document *document, double score, struct lede_buffer *out, struct lede_error *reterr)
{
    lede_json_key(out, "explain");
    lede_buffer_append_char(out, '[');
    double sum = 0;
    enum lede_status st =
        write_clauses(worker, run, lede_query_root(run->query), document, out, &sum, reterr);
    if (st == LEDE_OK && run->search.search.sort == LEDE_SORT_RELEVANCE && score - sum > 1e-3) {
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_member_string(out, "clause",
            run->search.search.recency_half_life_s > 0 ? "recency, and words near each other"
                                                       : "words near each other");
        lede_json_member_decimal(out, "score", score - sum, 4);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
    return st;
}
