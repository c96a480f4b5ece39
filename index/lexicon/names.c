/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words by the key of the name that they may be: one look-up finds all spellings of one. */
#include "lede/names.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* A key in the upper half, the word's number in the lower one. */
static int compare_entries(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

enum lede_status lexicon_list_names(struct lede_lexicon *lexicon)
{
    char fold[LEDE_NAME_FOLD_MAX + 1];
    lexicon->names = malloc((lexicon->count + 1) * sizeof(*lexicon->names));
    if (!lexicon->names)
        return LEDE_ENOMEM;
    for (uint32_t i = 0; i < lexicon->count; i++) {
        struct lede_lexicon_word word = lexicon_word(lexicon, i);
        if (lede_name_fold(word.word, word.size, fold) > 0)
            lexicon->names[lexicon->name_count++] = (uint64_t)lede_name_key(fold) << 32 | i;
    }
    qsort(lexicon->names, lexicon->name_count, sizeof(*lexicon->names), compare_entries);
    void *smaller = realloc(lexicon->names, (lexicon->name_count + 1) * sizeof(*lexicon->names));
    lexicon->names = smaller ? smaller : lexicon->names;
    return LEDE_OK;
}

static uint32_t first_of_key(const struct lede_lexicon *lexicon, uint32_t key)
{
    uint32_t low = 0, high = lexicon->name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lexicon->names[middle] >> 32 < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t lede_lexicon_same_names(const struct lede_lexicon *lexicon, const char *word, size_t size,
    size_t limit, struct lede_lexicon_word *ret_words)
{
    char fold[LEDE_NAME_FOLD_MAX + 1], other[LEDE_NAME_FOLD_MAX + 1];
    size_t count = 0;
    if (limit == 0 || lede_name_fold(word, size, fold) == 0)
        return 0;
    uint32_t key = lede_name_key(fold);
    for (uint32_t i = first_of_key(lexicon, key);
         i < lexicon->name_count && lexicon->names[i] >> 32 == key; i++) {
        struct lede_lexicon_word found = lexicon_word(lexicon, (uint32_t)lexicon->names[i]);
        bool is_itself = found.size == size && memcmp(found.word, word, size) == 0;
        if (is_itself || (count == limit && found.documents <= ret_words[count - 1].documents) ||
            lede_name_fold(found.word, found.size, other) == 0 || !lede_name_is_same(fold, other))
            continue;
        size_t place = count < limit ? count++ : count - 1;
        for (; place > 0 && ret_words[place - 1].documents < found.documents; place--)
            ret_words[place] = ret_words[place - 1];
        ret_words[place] = found;
    }
    return count;
}
