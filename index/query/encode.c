/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree as bytes, node by node, parents first. What is read back has the shape that a parser would
 * have given it, whoever wrote it: those who match it rely on that. */
#include "tree.h"

#include "lede/wire.h"

#include <stdlib.h>
#include <string.h>

/* Joined queries and spellings make trees higher than what is typed. */
#define DEPTH_MAX (4 * LEDE_QUERY_DEPTH_MAX)
#define NODES_MAX (8 * LEDE_QUERY_LEAVES_MAX)
#define STEMS_MAX 4096 /* of one word */
#define PATTERN_MAX LEDE_QUERY_BYTES_MAX
#define KINDS (LEDE_QUERY_NOT_PARAGRAPH + 1)
#define MANY UINT32_MAX

/* How many children and words a kind has. */
static const struct {
    uint32_t children_min, children_max, words_min, words_max;
} shapes[KINDS] = {
    [LEDE_QUERY_WORD] = {0, 0, 1, 1},
    [LEDE_QUERY_EXACT] = {0, 0, 1, 1},
    [LEDE_QUERY_PREFIX] = {0, 0, 1, 1},
    [LEDE_QUERY_PHRASE] = {0, 0, 1, MANY},
    [LEDE_QUERY_AND] = {1, MANY, 0, 0},
    [LEDE_QUERY_OR] = {1, MANY, 0, 0},
    [LEDE_QUERY_NOT] = {1, 1, 0, 0},
    [LEDE_QUERY_MAYBE] = {2, 2, 0, 0},
    [LEDE_QUERY_WILDCARD] = {0, 0, 1, 1},
    [LEDE_QUERY_FUZZY] = {0, 0, 1, 1},
    [LEDE_QUERY_CAPS] = {0, 0, 1, 1},
    [LEDE_QUERY_NEAR] = {2, 2, 0, 0},
    [LEDE_QUERY_ADJACENT] = {2, 2, 0, 0},
    [LEDE_QUERY_SENTENCE] = {2, 2, 0, 0},
    [LEDE_QUERY_PARAGRAPH] = {2, 2, 0, 0},
    [LEDE_QUERY_ATLEAST] = {1, 1, 0, 0},
    [LEDE_QUERY_NOT_NEAR] = {2, 2, 0, 0},
    [LEDE_QUERY_NOT_SENTENCE] = {2, 2, 0, 0},
    [LEDE_QUERY_NOT_PARAGRAPH] = {2, 2, 0, 0},
};

/* ---- Out ---- */

static void encode_word(const struct lede_query_word *word, struct lede_buffer *out)
{
    lede_wire_put_text(out, word->word);
    lede_wire_put_text(out, word->written);
    lede_wire_put_number(out, word->stem_count);
    for (size_t i = 0; i < word->stem_count; i++)
        lede_wire_put_text(out, word->stems[i]);
}

static void encode_node(const struct lede_query_node *node, struct lede_buffer *out)
{
    lede_wire_put_number(out, node->kind);
    lede_wire_put_number(out, node->fields);
    lede_wire_put_double(out, node->weight);
    lede_wire_put_number(out, node->start);
    lede_wire_put_number(out, node->size);
    lede_wire_put_number(
        out, (node->field_named ? 1U : 0) | (node->is_one_word ? 2U : 0) | (node->lead ? 4U : 0));
    lede_wire_put_signed(out, node->first_utc_s);
    lede_wire_put_signed(out, node->last_utc_s);
    lede_wire_put_number(out, node->number);
    lede_wire_put_text(out, node->name_fold);
    lede_wire_put_number(out, node->first_words);
    lede_wire_put_number(out, node->last_words);
    lede_wire_put_number(out, node->word_count);
    for (size_t i = 0; i < node->word_count; i++)
        encode_word(&node->words[i], out);
    lede_wire_put_number(out, node->child_count);
    for (size_t i = 0; i < node->child_count; i++)
        encode_node(node->children[i], out);
}

void lede_query_encode(const struct lede_query *query, struct lede_buffer *out)
{
    encode_node(query->root, out);
}

/* ---- In ---- */

struct decoding {
    struct lede_wire_reader *reader;
    struct lede_arena *arena;
    size_t nodes;
};

static void decode_word(struct decoding *decoding, struct lede_query_word *word)
{
    struct lede_wire_reader *reader = decoding->reader;
    word->word = lede_wire_text(reader, PATTERN_MAX, decoding->arena, &word->word_size);
    word->written =
        lede_wire_text(reader, LEDE_TERM_SIZE_MAX, decoding->arena, &word->written_size);
    size_t count = lede_wire_count(reader, STEMS_MAX, 2);
    const char **stems = lede_wire_array(reader, count, sizeof(*stems), decoding->arena);
    for (size_t i = 0; stems && i < count; i++) {
        stems[i] = lede_wire_text(reader, PATTERN_MAX, decoding->arena, NULL);
        if (!stems[i])
            lede_wire_refuse(reader);
    }
    word->stems = stems;
    word->stem_count = count;
    if (!word->word || count == 0 || word->word_size == 0)
        lede_wire_refuse(reader);
}

/* Patterns alone are longer than a word, and are not written in any way. */
static bool has_its_words(const struct lede_query_node *node)
{
    bool is_pattern = node->kind == LEDE_QUERY_WILDCARD || node->kind == LEDE_QUERY_FUZZY;
    for (size_t i = 0; !is_pattern && i < node->word_count; i++) {
        if (!node->words[i].written || node->words[i].word_size > LEDE_TERM_SIZE_MAX)
            return false;
    }
    return true;
}

static bool is_operand(const struct lede_query_node *node)
{
    bool is = lede_query_is_text_leaf(node->kind) || lede_query_is_proximity(node->kind);
    if (node->kind != LEDE_QUERY_OR)
        return is;
    for (size_t i = 0; i < node->child_count; i++) {
        if (!is_operand(node->children[i]))
            return false;
    }
    return true;
}

static bool has_its_shape(const struct lede_query_node *node)
{
    const lede_field_set known = LEDE_FIELD_BIT(LEDE_FIELD_COUNT) - 1;
    bool is_near = node->kind == LEDE_QUERY_NEAR || node->kind == LEDE_QUERY_ADJACENT ||
                   node->kind == LEDE_QUERY_NOT_NEAR;
    bool is_group = node->kind == LEDE_QUERY_OR;
    for (size_t i = 0; lede_query_is_proximity(node->kind) && i < node->child_count; i++) {
        if (!is_operand(node->children[i]))
            return false;
    }
    return node->child_count >= shapes[node->kind].children_min &&
           node->child_count <= shapes[node->kind].children_max &&
           node->word_count >= shapes[node->kind].words_min &&
           node->word_count <= shapes[node->kind].words_max && (node->fields & ~known) == 0 &&
           node->weight >= 0 && (!node->is_one_word || is_group) &&
           (!node->lead || node->is_one_word || lede_query_is_text_leaf(node->kind)) &&
           (!is_near || (node->number >= 1 && node->number <= LEDE_QUERY_DISTANCE_MAX)) &&
           (node->kind != LEDE_QUERY_FUZZY ||
               (node->number >= 1 && node->number <= LEDE_QUERY_EDITS_MAX)) &&
           (node->kind != LEDE_QUERY_ATLEAST ||
               (node->number >= 1 && node->number <= LEDE_QUERY_ATLEAST_MAX));
}

static struct lede_query_node *decode_node(struct decoding *decoding, unsigned depth);

static void decode_children(struct decoding *decoding, struct lede_query_node *node, unsigned depth)
{
    struct lede_wire_reader *reader = decoding->reader;
    size_t count = lede_wire_count(reader, NODES_MAX, 8);
    struct lede_query_node **children =
        lede_wire_array(reader, count, sizeof(*children), decoding->arena);
    for (size_t i = 0; children && i < count && !reader->failed; i++)
        children[i] = decode_node(decoding, depth + 1);
    node->children = children;
    node->child_count = reader->failed ? 0 : count;
}

static struct lede_query_node *decode_node(struct decoding *decoding, unsigned depth)
{
    struct lede_wire_reader *reader = decoding->reader;
    if (depth > DEPTH_MAX || ++decoding->nodes > NODES_MAX)
        lede_wire_refuse(reader);
    struct lede_query_node *node = lede_wire_array(reader, 1, sizeof(*node), decoding->arena);
    if (!node)
        return NULL;
    node->kind = (enum lede_query_kind)lede_wire_number(reader, KINDS - 1);
    node->fields = (lede_field_set)lede_wire_number(reader, UINT32_MAX);
    node->weight = lede_wire_double(reader);
    node->start = (size_t)lede_wire_number(reader, UINT32_MAX);
    node->size = (size_t)lede_wire_number(reader, UINT32_MAX);
    uint64_t flags = lede_wire_number(reader, 7);
    node->field_named = flags & 1;
    node->is_one_word = flags & 2;
    node->lead = flags & 4;
    node->first_utc_s = lede_wire_signed(reader);
    node->last_utc_s = lede_wire_signed(reader);
    node->number = (uint32_t)lede_wire_number(reader, UINT32_MAX);
    node->name_fold = lede_wire_text(reader, LEDE_TERM_SIZE_MAX, decoding->arena, NULL);
    node->first_words = (uint32_t)lede_wire_number(reader, UINT32_MAX);
    node->last_words = (uint32_t)lede_wire_number(reader, UINT32_MAX);
    node->written = "";
    size_t count = lede_wire_count(reader, LEDE_QUERY_PHRASE_WORDS_MAX, 4);
    struct lede_query_word *words = lede_wire_array(reader, count, sizeof(*words), decoding->arena);
    for (size_t i = 0; words && i < count && !reader->failed; i++)
        decode_word(decoding, &words[i]);
    node->words = count > 0 ? words : NULL;
    node->word_count = count;
    decode_children(decoding, node, depth);
    if (!reader->failed && !(has_its_shape(node) && has_its_words(node)))
        lede_wire_refuse(reader);
    return reader->failed ? NULL : node;
}

enum lede_status lede_query_decode(
    struct lede_wire_reader *reader, struct lede_query **ret_query, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = calloc(1, sizeof(*query));
    if (!query)
        return lede_fail_memory(reterr);
    struct decoding decoding = {.reader = reader, .arena = &query->arena};
    query->root = decode_node(&decoding, 0);
    enum lede_status st = lede_wire_status(reader, "a query's tree", reterr);
    if (st == LEDE_OK)
        *ret_query = LEDE_TAKE(&query);
    return st;
}
