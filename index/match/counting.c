/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block by block the numbers of documents are written out, and each column is counted by that list.
 *
 * Where more than half of a part match, the others are counted, and taken from what the column has
 * in all. Neighbours often have the same text, and adding to a count waits for what was added to
 * it before: so where texts are few there are several counts of each, in turn. */
#include "counting.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_WORDS 64
#define BLOCK_DOCUMENTS (BLOCK_WORDS * 64)
#define TURNS 4
#define TEXTS_IN_TURNS_MAX 4096

/* Documents of a block, by their distance from its first. */
struct block {
    uint32_t first_document;
    uint32_t count;
    uint16_t documents[BLOCK_DOCUMENTS];
};

static void list_documents(
    struct block *block, const uint64_t *bits, size_t words, uint64_t flip, uint64_t flip_last)
{
    uint16_t *next = block->documents;
    for (size_t i = 0; i < words; i++) {
        uint64_t word = bits[i] ^ (i + 1 < words ? flip : flip_last);
        unsigned first = (unsigned)i * 64;
        if (word == UINT64_MAX) {
            for (unsigned bit = 0; bit < 64; bit++)
                next[bit] = (uint16_t)(first + bit);
            next += 64;
            continue;
        }
        for (; word != 0; word &= word - 1)
            *next++ = (uint16_t)(first + (unsigned)__builtin_ctzll(word));
    }
    block->count = (uint32_t)(next - block->documents);
}

#define DEFINE_COUNT(type)                                                                         \
    static void count_##type(                                                                      \
        const type *numbers, const struct block *block, uint32_t *counts, size_t stride)           \
    {                                                                                              \
        uint32_t *second = counts + stride, *third = second + stride, *fourth = third + stride;    \
        const uint16_t *documents = block->documents;                                              \
        uint32_t i = 0;                                                                            \
        for (; i + TURNS <= block->count; i += TURNS) {                                            \
            counts[numbers[documents[i]]]++;                                                       \
            second[numbers[documents[i + 1]]]++;                                                   \
            third[numbers[documents[i + 2]]]++;                                                    \
            fourth[numbers[documents[i + 3]]]++;                                                   \
        }                                                                                          \
        for (; i < block->count; i++)                                                              \
            counts[numbers[documents[i]]]++;                                                       \
    }
DEFINE_COUNT(uint8_t)
DEFINE_COUNT(uint16_t)
DEFINE_COUNT(uint32_t)

static void count_block(struct lede_counter *counter, const struct block *block)
{
    const struct lede_text_column *column = counter->column;
    size_t first = block->first_document;
    if (column->width == 1)
        count_uint8_t(
            (const uint8_t *)column->numbers + first, block, counter->counts, counter->stride);
    else if (column->width == 2)
        count_uint16_t(
            (const uint16_t *)column->numbers + first, block, counter->counts, counter->stride);
    else
        count_uint32_t(
            (const uint32_t *)column->numbers + first, block, counter->counts, counter->stride);
}

static enum lede_status begin(struct lede_counter *counter)
{
    size_t texts = counter->column->text_count;
    bool in_turns = texts <= TEXTS_IN_TURNS_MAX;
    counter->stride = in_turns ? texts : 0;
    counter->counts = calloc(in_turns ? TURNS * texts : texts, sizeof(*counter->counts));
    return counter->counts ? LEDE_OK : LEDE_ENOMEM;
}

static void end(struct lede_counter *counter, bool counted_others)
{
    uint32_t *counts = counter->counts;
    size_t texts = counter->column->text_count;
    for (size_t turn = 1; counter->stride > 0 && turn < TURNS; turn++)
        for (size_t i = 0; i < texts; i++)
            counts[i] += counts[turn * counter->stride + i];
    for (size_t i = 1; counted_others && i < texts; i++)
        counts[i] = counter->column->texts[i].documents - counts[i];
    counts[0] = 0;
}

enum lede_status lede_count_texts(
    const struct lede_matched *matched, struct lede_counter *counters, size_t count)
{
    struct block block;
    bool counts_others = matched->count > matched->last_document / 2;
    size_t words = matched->last_document / 64 + 1;
    uint64_t flip = counts_others ? UINT64_MAX : 0;
    uint64_t flip_last = flip >> (63 - matched->last_document % 64);
    for (size_t i = 0; i < count; i++) {
        if (begin(&counters[i]) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    for (size_t word = 0; word < words; word += BLOCK_WORDS) {
        bool is_last = words - word <= BLOCK_WORDS;
        block.first_document = (uint32_t)word * 64;
        list_documents(&block, matched->bits + word, is_last ? words - word : BLOCK_WORDS, flip,
            is_last ? flip_last : flip);
        for (size_t i = 0; block.count > 0 && i < count; i++)
            count_block(&counters[i], &block);
    }
    for (size_t i = 0; i < count; i++)
        end(&counters[i], counts_others);
    return LEDE_OK;
}

void lede_counter_done(struct lede_counter *counter)
{
    free(counter->counts);
    memset(counter, 0, sizeof(*counter));
}
