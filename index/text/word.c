/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words longer than a term may be are cut, and told apart by a hash of the whole. */
#include <string.h>

#include "analyzer.h"
#include "lede/encoding.h"
#include "lede/number.h"

#define TEXT_AT sizeof(uint64_t)

void word_begin(struct word_builder *word)
{
    word->chained = false;
    word->used = 0;
}

static uint64_t hash_chunk(struct word_builder *word)
{
    if (!word->chained)
        return lede_hash64(word->chunk + TEXT_AT, word->used);
    for (size_t i = 0; i < TEXT_AT; i++)
        word->chunk[i] = (char)(word->chain >> (8 * i));
    return lede_hash64(word->chunk, TEXT_AT + word->used);
}

void word_flush(struct word_builder *word)
{
    if (!word->chained)
        memcpy(word->head, word->chunk + TEXT_AT, LEDE_TERM_SIZE_MAX);
    word->chain = hash_chunk(word);
    word->chained = true;
    word->used = 0;
}

void word_put(struct word_builder *word, const char *text, size_t size)
{
    while (size > 0) {
        size_t room = word_room(word);
        size_t step = size < room ? size : room;
        memcpy(word->chunk + TEXT_AT + word->used, text, step);
        word->used += step;
        text += step;
        size -= step;
    }
}

size_t word_end(struct word_builder *word, const char **ret_word)
{
    if (!word->chained && word->used <= LEDE_TERM_SIZE_MAX) {
        word->chunk[TEXT_AT + word->used] = '\0';
        *ret_word = word->chunk + TEXT_AT;
        return word->used;
    }
    uint64_t hash = hash_chunk(word);
    if (!word->chained)
        memcpy(word->head, word->chunk + TEXT_AT, LEDE_TERM_SIZE_MAX);
    size_t size =
        lede_utf8_boundary(word->head, LEDE_TERM_SIZE_MAX, LEDE_TERM_SIZE_MAX - WORD_HASH_BYTES);
    word->head[size++] = '#';
    lede_hex_write_number(hash, word->head + size);
    *ret_word = word->head;
    return size + WORD_HASH_BYTES - 1;
}
