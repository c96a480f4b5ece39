/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See witness.h. */
#include "witness.h"

#include "lede/names.h"

#include <stdlib.h>
#include <string.h>

#include "lede/time.h"

/* Spans of a text: at[first * count + last], where it has `count` tokens. */
struct table {
    bool at[WITNESS_TOKENS_MAX * WITNESS_TOKENS_MAX];
};

struct span {
    size_t first;
    size_t last;
};

/* What two children of a node have. */
struct operands {
    struct table tables[2];
    struct span spans[2][WITNESS_TOKENS_MAX * WITNESS_TOKENS_MAX];
};

/* ---- Words ---- */

static size_t character_size(const char *text)
{
    size_t size = 1;
    while (((unsigned char)text[size] & 0xC0) == 0x80)
        size++;
    return size;
}

static bool glob(const char *pattern, const char *word)
{
    if (*pattern == '*')
        return glob(pattern + 1, word) || (*word && glob(pattern, word + character_size(word)));
    if (*pattern == '?')
        return *word && glob(pattern + 1, word + character_size(word));
    if (!*pattern || !*word)
        return *pattern == *word;
    return *pattern == *word && glob(pattern + 1, word + 1);
}

/* Can `a` become `b` by at most `edits` insertions, deletions, replacements and swaps of
 * neighbours, none touched twice? */
static bool is_near(const char *a, const char *b, unsigned edits)
{
    if (!*a && !*b)
        return true;
    size_t x = *a ? character_size(a) : 0, y = *b ? character_size(b) : 0;
    if (x > 0 && x == y && memcmp(a, b, x) == 0 && is_near(a + x, b + y, edits))
        return true;
    if (edits == 0)
        return false;
    if ((x > 0 && is_near(a + x, b, edits - 1)) || (y > 0 && is_near(a, b + y, edits - 1)) ||
        (x > 0 && y > 0 && is_near(a + x, b + y, edits - 1)))
        return true;
    size_t next_x = x > 0 && a[x] ? character_size(a + x) : 0,
           next_y = y > 0 && b[y] ? character_size(b + y) : 0;
    return next_x > 0 && next_y > 0 && x == next_y && y == next_x && memcmp(a, b + y, x) == 0 &&
           memcmp(a + x, b, y) == 0 && is_near(a + x + next_x, b + y + next_y, edits - 1);
}

/* What is one name is the analyzer's to say, as stems are. */
static bool is_name(const char *wanted, const char *word)
{
    char a[LEDE_NAME_FOLD_MAX + 1], b[LEDE_NAME_FOLD_MAX + 1];
    return lede_name_fold(wanted, strlen(wanted), a) > 0 &&
           lede_name_fold(word, strlen(word), b) > 0 && lede_name_is_same(a, b);
}

static bool fuzzy(const char *wanted, const char *word, unsigned edits)
{
    size_t first = character_size(wanted);
    return (strncmp(wanted, word, first) == 0 && is_near(wanted, word, edits)) ||
           is_name(wanted, word);
}

/* A stem belongs to its language: a word stands for its forms in the language of each text, and
 * for itself in all. */
static bool token_satisfies(const struct lede_query_node *leaf, size_t index,
    const struct witness_text *text, const struct witness_token *token)
{
    const struct lede_query_word *wanted = &leaf->words[index];
    if (token->gone)
        return false;
    switch (leaf->kind) {
    case LEDE_QUERY_EXACT:
        return strcmp(token->written, wanted->written) == 0;
    case LEDE_QUERY_CAPS:
        return token->caps && strcmp(token->word, wanted->word) == 0;
    case LEDE_QUERY_PREFIX:
        return strncmp(token->word, wanted->word, strlen(wanted->word)) == 0;
    case LEDE_QUERY_WILDCARD:
        return glob(wanted->word, token->word);
    case LEDE_QUERY_FUZZY:
        return fuzzy(wanted->word, token->word, leaf->number);
    default:
        return strcmp(token->word, wanted->word) == 0 ||
               text->share_stem(text->tongue, token->word, wanted->word);
    }
}

/* Does one of the words at a place satisfy it? */
static bool place_satisfies(const struct lede_query_node *leaf, size_t index,
    const struct witness_text *text, const struct witness_token *token)
{
    while (token && !token_satisfies(leaf, index, text, token))
        token = token->added;
    return token != NULL;
}

/* ---- Spans ---- */

static bool is_leaf(const struct lede_query_node *node)
{
    return node->word_count > 0;
}

static void leaf_table(
    const struct lede_query_node *leaf, const struct witness_text *text, struct table *table)
{
    if (!(leaf->fields & LEDE_FIELD_BIT(text->field)))
        return;
    for (size_t first = 0; first + leaf->word_count <= text->count; first++) {
        bool all = true;
        for (size_t i = 0; i < leaf->word_count; i++)
            all = all && place_satisfies(leaf, i, text, &text->tokens[first + i]);
        size_t last = first + leaf->word_count - 1;
        bool outside =
            leaf->lead && text->field == LEDE_FIELD_BODY && text->tokens[last].paragraph > 0;
        table->at[first * text->count + last] |= all && !outside;
    }
}

static bool are_bound(const struct lede_query_node *node, const struct witness_text *text,
    struct span left, struct span right)
{
    const struct witness_token *from = &text->tokens[left.first], *to = &text->tokens[right.last];
    if (right.first <= left.last)
        return false;
    if (node->kind == LEDE_QUERY_SENTENCE || node->kind == LEDE_QUERY_NOT_SENTENCE)
        return from->sentence == to->sentence;
    if (node->kind == LEDE_QUERY_PARAGRAPH || node->kind == LEDE_QUERY_NOT_PARAGRAPH)
        return from->paragraph == to->paragraph;
    return right.first - left.last <= node->number;
}

static size_t list(const struct table *table, size_t count, struct span spans[])
{
    size_t listed = 0;
    for (size_t first = 0; first < count; first++)
        for (size_t last = first; last < count; last++)
            if (table->at[first * count + last])
                spans[listed++] = (struct span){first, last};
    return listed;
}

static void add_spans(
    const struct lede_query_node *node, const struct witness_text *text, struct table *table);

static void node_table(
    const struct lede_query_node *node, const struct witness_text *text, struct table *table)
{
    memset(table->at, 0, text->count * text->count);
    add_spans(node, text, table);
}

static void pair_table(
    const struct lede_query_node *node, const struct witness_text *text, struct table *table)
{
    static struct operands pool[256]; /* one for each level of a tree: too large for the stack */
    static size_t depth;
    if (depth == LEDE_COUNT_OF(pool))
        abort();
    struct operands *operands = &pool[depth++];
    const struct span *lefts = operands->spans[0], *rights = operands->spans[1];
    node_table(node->children[0], text, &operands->tables[0]);
    struct witness_text right = *text;
    if (lede_query_is_apart(node->kind) && text->whole)
        right.tokens = text->whole;
    node_table(node->children[1], &right, &operands->tables[1]);
    size_t left_count = list(&operands->tables[0], text->count, operands->spans[0]);
    size_t right_count = list(&operands->tables[1], text->count, operands->spans[1]);
    for (size_t i = 0; i < left_count && lede_query_is_apart(node->kind); i++) {
        bool is_apart = true;
        for (size_t k = 0; k < right_count; k++) {
            bool overlaps = lefts[i].first <= rights[k].last && rights[k].first <= lefts[i].last;
            is_apart = is_apart && !overlaps && !are_bound(node, text, lefts[i], rights[k]) &&
                       !are_bound(node, text, rights[k], lefts[i]);
        }
        table->at[lefts[i].first * text->count + lefts[i].last] |= is_apart;
    }
    for (size_t i = 0; i < left_count && !lede_query_is_apart(node->kind); i++) {
        for (size_t k = 0; k < right_count; k++) {
            if (are_bound(node, text, lefts[i], rights[k]))
                table->at[lefts[i].first * text->count + rights[k].last] = true;
            if (node->kind != LEDE_QUERY_ADJACENT && are_bound(node, text, rights[k], lefts[i]))
                table->at[rights[k].first * text->count + lefts[i].last] = true;
        }
    }
    depth--;
}

static void add_spans(
    const struct lede_query_node *node, const struct witness_text *text, struct table *table)
{
    if (is_leaf(node)) {
        leaf_table(node, text, table);
    } else if (node->kind == LEDE_QUERY_OR || node->kind == LEDE_QUERY_ATLEAST) {
        for (size_t i = 0; i < node->child_count; i++)
            add_spans(node->children[i], text, table);
    } else {
        pair_table(node, text, table);
    }
}

static size_t count_spans(
    const struct lede_query_node *node, const struct witness_document *document)
{
    static struct span spans[WITNESS_TOKENS_MAX * WITNESS_TOKENS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < document->text_count; i++) {
        struct table table;
        node_table(node, &document->texts[i], &table);
        count += list(&table, document->texts[i].count, spans);
    }
    return count;
}

/* ---- Documents ---- */

static bool has_date(const struct lede_query_node *node, const struct witness_document *document)
{
    int64_t moment = node->fields == LEDE_FIELD_BIT(LEDE_FIELD_PUBLISHED)
                         ? document->published_utc_s
                         : document->updated_utc_s;
    return moment != LEDE_TIME_NONE && moment >= node->first_utc_s && moment <= node->last_utc_s;
}

static bool has_length(const struct lede_query_node *node, const struct witness_document *document)
{
    size_t words = 0;
    for (size_t i = 0; i < document->text_count; i++)
        words += document->texts[i].field == LEDE_FIELD_BODY ? document->texts[i].count : 0;
    return words >= node->first_words && words <= node->last_words;
}

bool witness_matches(const struct lede_query_node *node, const struct witness_document *document,
    const struct witness_document *excluded)
{
    bool all = true, any = false;
    switch (node->kind) {
    case LEDE_QUERY_ALL:
        return true;
    case LEDE_QUERY_NOT:
        return !witness_matches(node->children[0], excluded, excluded);
    case LEDE_QUERY_MAYBE:
        return witness_matches(node->children[0], document, excluded);
    case LEDE_QUERY_AND:
    case LEDE_QUERY_OR:
        for (size_t i = 0; i < node->child_count; i++) {
            bool matches = witness_matches(node->children[i], document, excluded);
            all = all && matches;
            any = any || matches;
        }
        return node->kind == LEDE_QUERY_AND ? all : any;
    case LEDE_QUERY_DATES:
        return has_date(node, document);
    case LEDE_QUERY_LENGTH:
        return has_length(node, document);
    case LEDE_QUERY_ATLEAST:
        return count_spans(node->children[0], document) >= node->number;
    default:
        return count_spans(node, document) > 0;
    }
}

/* ---- What shows it ---- */

static size_t shown_end(const struct lede_query_node *leaf, const struct witness_token *last)
{
    size_t prefix = leaf->kind == LEDE_QUERY_PREFIX ? strlen(leaf->words[0].word) : SIZE_MAX;
    bool is_plain = last->unspaced && strlen(last->word) == last->end - last->start;
    return is_plain && prefix < last->end - last->start ? last->start + prefix : last->end;
}

static size_t farthest_start(const struct lede_query_node *leaf, const struct witness_text *text,
    const struct witness_token *first)
{
    size_t start = SIZE_MAX;
    for (; first; first = first->added) {
        if (token_satisfies(leaf, 0, text, first) && first->start < start)
            start = first->start;
    }
    return start;
}

static size_t farthest_end(const struct lede_query_node *leaf, const struct witness_text *text,
    const struct witness_token *last)
{
    size_t end = 0;
    for (; last; last = last->added) {
        if (token_satisfies(leaf, leaf->word_count - 1, text, last) && shown_end(leaf, last) > end)
            end = shown_end(leaf, last);
    }
    return end;
}

static void show_leaf(const struct lede_query_node *leaf, const struct witness_text *text,
    const struct table *wanted, unsigned char *shown)
{
    struct table table;
    node_table(leaf, text, &table);
    for (size_t first = 0; first < text->count; first++) {
        for (size_t last = first; last < text->count; last++) {
            size_t at = first * text->count + last;
            if (!table.at[at] || !wanted->at[at])
                continue;
            size_t start = farthest_start(leaf, text, &text->tokens[first]);
            memset(shown + start, 1, farthest_end(leaf, text, &text->tokens[last]) - start);
        }
    }
}

/* Of both children's spans, those from which a wanted span of the node is made. */
static void want_pairs(const struct lede_query_node *node, const struct witness_text *text,
    const struct table *wanted, struct operands *operands, struct table ret_wanted[2])
{
    size_t n = text->count, counts[2];
    for (int side = 0; side < 2; side++) {
        node_table(node->children[side], text, &operands->tables[side]);
        counts[side] = list(&operands->tables[side], n, operands->spans[side]);
    }
    for (size_t i = 0; i < counts[0]; i++) {
        for (size_t k = 0; k < counts[1]; k++) {
            struct span left = operands->spans[0][i], right = operands->spans[1][k];
            bool forward =
                are_bound(node, text, left, right) && wanted->at[left.first * n + right.last];
            bool backward = node->kind != LEDE_QUERY_ADJACENT &&
                            are_bound(node, text, right, left) &&
                            wanted->at[right.first * n + left.last];
            if (!forward && !backward)
                continue;
            ret_wanted[0].at[left.first * n + left.last] = true;
            ret_wanted[1].at[right.first * n + right.last] = true;
        }
    }
}

static void show_spans(const struct lede_query_node *node, const struct witness_text *text,
    const struct table *wanted, unsigned char *shown)
{
    if (is_leaf(node)) {
        show_leaf(node, text, wanted, shown);
    } else if (node->kind == LEDE_QUERY_OR || node->kind == LEDE_QUERY_ATLEAST) {
        for (size_t i = 0; i < node->child_count; i++)
            show_spans(node->children[i], text, wanted, shown);
    } else if (lede_query_is_apart(node->kind)) {
        show_spans(node->children[0], text, wanted, shown); /* wanted has those alone */
    } else {
        struct operands *operands = calloc(1, sizeof(*operands));
        struct table *of_children = calloc(2, sizeof(*of_children));
        if (!operands || !of_children)
            abort();
        want_pairs(node, text, wanted, operands, of_children);
        free(operands);
        for (size_t i = 0; i < 2; i++)
            show_spans(node->children[i], text, &of_children[i], shown);
        free(of_children);
    }
}

void witness_shows(const struct lede_query_node *root, const struct witness_document *document,
    unsigned char *const shown[])
{
    if (root->kind == LEDE_QUERY_NOT || !witness_matches(root, document, document))
        return;
    bool has_parts = root->kind == LEDE_QUERY_AND || root->kind == LEDE_QUERY_OR ||
                     root->kind == LEDE_QUERY_MAYBE;
    for (size_t i = 0; has_parts && i < root->child_count; i++)
        witness_shows(root->children[i], document, shown);
    if (has_parts || root->kind == LEDE_QUERY_ALL || root->kind == LEDE_QUERY_DATES ||
        root->kind == LEDE_QUERY_LENGTH)
        return;
    for (size_t i = 0; i < document->text_count; i++) {
        const struct witness_text *text = &document->texts[i];
        struct table wanted;
        node_table(root, text, &wanted);
        show_spans(root, text, &wanted, shown[text->field]);
    }
}
