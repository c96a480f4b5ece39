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
/* Where joined texts have fewer, each document's values are counted instead of its text. */
#define DOCUMENTS_A_JOINED_TEXT 8

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

/* Of joined texts the values. */
static void count_values(struct lede_counter *counter, const struct block *block)
{
    const struct lede_column_values *values = &counter->column->values;
    for (uint32_t i = 0; i < block->count; i++) {
        uint32_t text =
            lede_column_text_number(counter->column, block->first_document + block->documents[i]);
        for (uint32_t at = values->starts[text]; at < values->starts[text + 1]; at++)
            counter->counts[values->numbers[at]]++;
    }
}

static void count_block(struct lede_counter *counter, const struct block *block)
{
    const struct lede_text_column *column = counter->column;
    size_t first = block->first_document;
    if (counter->takes_apart)
        count_values(counter, block);
    else if (column->width == 1)
        count_uint8_t(
            (const uint8_t *)column->numbers + first, block, counter->counts, counter->stride);
    else if (column->width == 2)
        count_uint16_t(
            (const uint16_t *)column->numbers + first, block, counter->counts, counter->stride);
    else
        count_uint32_t(
            (const uint32_t *)column->numbers + first, block, counter->counts, counter->stride);
}

const struct lede_column_text *lede_counter_texts(
    const struct lede_counter *counter, uint32_t *ret_count)
{
    const struct lede_text_column *column = counter->column;
    bool has_values = column->values.count > 0;
    *ret_count = has_values ? column->values.count : column->text_count;
    return has_values ? column->values.texts : column->texts;
}

static enum lede_status begin(struct lede_counter *counter)
{
    const struct lede_text_column *column = counter->column;
    size_t texts = column->text_count;
    counter->takes_apart =
        column->values.count > 0 && texts > column->documents / DOCUMENTS_A_JOINED_TEXT;
    if (counter->takes_apart)
        texts = column->values.count;
    bool in_turns = !counter->takes_apart && texts <= TEXTS_IN_TURNS_MAX;
    counter->stride = in_turns ? texts : 0;
    counter->counts = calloc(in_turns ? TURNS * texts : texts, sizeof(*counter->counts));
    return counter->counts ? LEDE_OK : LEDE_ENOMEM;
}

/* Make counts of values out of those of joined texts. Status: OK; ENOMEM. */
static enum lede_status take_apart(struct lede_counter *counter)
{
    const struct lede_column_values *values = &counter->column->values;
    uint32_t *sums = calloc(values->count, sizeof(*sums));
    if (!sums)
        return LEDE_ENOMEM;
    for (uint32_t text = 1; text < counter->column->text_count; text++) {
        for (uint32_t at = values->starts[text]; at < values->starts[text + 1]; at++)
            sums[values->numbers[at]] += counter->counts[text];
    }
    free(counter->counts);
    counter->counts = sums;
    return LEDE_OK;
}

static enum lede_status end(struct lede_counter *counter, bool counted_others)
{
    uint32_t *counts = counter->counts;
    for (size_t turn = 1; counter->stride > 0 && turn < TURNS; turn++)
        for (size_t i = 0; i < counter->stride; i++)
            counts[i] += counts[turn * counter->stride + i];
    if (counter->column->values.count > 0 && !counter->takes_apart &&
        take_apart(counter) != LEDE_OK)
        return LEDE_ENOMEM;
    uint32_t text_count = 0;
    const struct lede_column_text *texts = lede_counter_texts(counter, &text_count);
    for (size_t i = 1; counted_others && i < text_count; i++)
        counter->counts[i] = texts[i].documents - counter->counts[i];
    counter->counts[0] = 0;
    return LEDE_OK;
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
    for (size_t i = 0; i < count; i++) {
        if (end(&counters[i], counts_others) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

void lede_counter_done(struct lede_counter *counter)
{
    free(counter->counts);
    memset(counter, 0, sizeof(*counter));
}
