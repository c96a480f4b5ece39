/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a word of a leaf matches: a stem, a word as it is written, a pattern. */
#include "lede/encoding.h"
#include "lede/names.h"
#include "lede/query.h"

#include <string.h>

/* Backtracks to the last `*` alone, so it takes at most the product of both sizes. */
static bool glob_matches(const char *pattern, size_t pattern_size, const char *word, size_t size)
{
    size_t p = 0, w = 0, star = SIZE_MAX, resume = 0;
    while (w < size) {
        if (p < pattern_size && pattern[p] == '*') {
            star = p++;
            resume = w;
        } else if (p < pattern_size && pattern[p] == '?') {
            w += lede_utf8_size(word + w, size - w);
            p++;
        } else if (p < pattern_size && pattern[p] == word[w]) {
            p++;
            w++;
        } else if (star != SIZE_MAX) {
            resume += lede_utf8_size(word + resume, size - resume);
            w = resume;
            p = star + 1;
        } else {
            return false;
        }
    }
    while (p < pattern_size && pattern[p] == '*')
        p++;
    return p == pattern_size;
}

/* Characters as their bytes put together; words are UTF-8. Returns how many, at most
 * LEDE_TERM_SIZE_MAX. */
static size_t decode_characters(
    const char *word, size_t size, uint32_t characters[LEDE_TERM_SIZE_MAX])
{
    size_t count = 0;
    for (size_t at = 0; at < size && count < LEDE_TERM_SIZE_MAX; count++) {
        size_t length = lede_utf8_size(word + at, size - at);
        characters[count] = 0;
        for (size_t i = 0; i < length; i++)
            characters[count] = characters[count] << 8 | (unsigned char)word[at + i];
        at += length;
    }
    return count;
}

static uint32_t smallest(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Optimal string alignment: insert, delete, replace, swap neighbours. Source of the recurrence:
 * Damerau 1964 as restricted by Boytsov, "Indexing methods for approximate dictionary searching",
 * 2011. */
static bool distance_is_within(
    const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count, uint32_t limit)
{
    uint32_t rows[3][LEDE_TERM_SIZE_MAX + 1];
    if ((a_count > b_count ? a_count - b_count : b_count - a_count) > limit)
        return false;
    for (uint32_t j = 0; j <= b_count; j++)
        rows[0][j] = j;
    for (uint32_t i = 1; i <= a_count; i++) {
        uint32_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        uint32_t best = row[0] = i;
        for (size_t j = 1; j <= b_count; j++) {
            uint32_t cost = a[i - 1] != b[j - 1];
            row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
            best = row[j] < best ? row[j] : best;
        }
        if (best > limit)
            return false;
    }
    return rows[a_count % 3][b_count] <= limit;
}

static bool fuzzy_matches(
    const struct lede_query_word *wanted, uint32_t edits, const char *word, size_t size)
{
    uint32_t a[LEDE_TERM_SIZE_MAX], b[LEDE_TERM_SIZE_MAX];
    size_t first = lede_utf8_size(wanted->word, wanted->word_size);
    if (size < first || memcmp(word, wanted->word, first) != 0)
        return false;
    if (size > wanted->word_size + 4 * (size_t)edits ||
        wanted->word_size > size + 4 * (size_t)edits)
        return false;
    size_t a_count = decode_characters(wanted->word, wanted->word_size, a);
    size_t b_count = decode_characters(word, size, b);
    return distance_is_within(a, a_count, b, b_count, edits);
}

static bool is_same_name(const struct lede_query_node *leaf, const char *word, size_t size)
{
    char fold[LEDE_NAME_FOLD_MAX + 1];
    return leaf->name_fold && size > 0 && strchr(lede_name_initials(leaf->name_fold), word[0]) &&
           lede_name_fold(word, size, fold) > 0 && lede_name_is_same(leaf->name_fold, fold);
}

bool lede_query_pattern_matches(const struct lede_query_node *leaf, const char *word, size_t size)
{
    const struct lede_query_word *wanted = &leaf->words[0];
    if (leaf->kind == LEDE_QUERY_PREFIX)
        return wanted->word_size <= size && memcmp(wanted->word, word, wanted->word_size) == 0;
    if (leaf->kind == LEDE_QUERY_WILDCARD)
        return glob_matches(wanted->word, wanted->word_size, word, size);
    return fuzzy_matches(wanted, leaf->number, word, size) || is_same_name(leaf, word, size);
}

static bool has_stem(const struct lede_query_word *word, const struct lede_token *token)
{
    for (size_t i = 0; i < word->stem_count; i++) {
        if (strcmp(word->stems[i], token->term) == 0)
            return true;
    }
    return false;
}

bool lede_query_word_matches(
    const struct lede_query_node *leaf, size_t index, const struct lede_token *token)
{
    if (index >= leaf->word_count)
        return false;
    const struct lede_query_word *word = &leaf->words[index];
    switch (leaf->kind) {
    case LEDE_QUERY_WORD:
    case LEDE_QUERY_PHRASE:
        return has_stem(word, token);
    case LEDE_QUERY_EXACT:
        return word->written_size == token->written_size &&
               memcmp(word->written, token->written, word->written_size) == 0;
    case LEDE_QUERY_PREFIX:
    case LEDE_QUERY_WILDCARD:
    case LEDE_QUERY_FUZZY:
        return lede_query_pattern_matches(leaf, token->word, token->word_size);
    case LEDE_QUERY_CAPS:
        return (token->flags & LEDE_TOKEN_UPPERCASE) && word->word_size == token->word_size &&
               memcmp(word->word, token->word, word->word_size) == 0;
    default:
        return false;
    }
}
