/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "added_words.h"

#include <string.h>

#include "chars.h"
#include "paragraphs.h"

void added_word_put(struct lede_tokens *tokens, unsigned flags, size_t start, size_t end,
    const char *word, size_t size)
{
    if (tokens->mode == LEDE_TOKENS_QUERY || tokens->added_count == LEDE_ADDED_WORDS_MAX ||
        size == 0 || size > LEDE_TERM_SIZE_MAX)
        return;
    struct lede_added_word *added = &tokens->added[tokens->added_count++];
    memcpy(added->word, word, size);
    added->word[size] = '\0';
    added->word_size = (uint32_t)size;
    added->flags = flags;
    added->start = start;
    added->size = end - start;
}

size_t line_break_size(const char *text, size_t size, size_t offset)
{
    size_t at = offset, line_break = SIZE_MAX;
    for (;;) {
        struct text_char c = char_at(text, size, at);
        if (c.kind != CHAR_SPACE)
            break;
        if (c.code == '\n' && line_break != SIZE_MAX)
            return 0;
        if (c.code == '\n')
            line_break = at;
        at += c.size;
    }
    bool goes_on = line_break != SIZE_MAX && at < size && !paragraph_begins(text, size, line_break);
    return goes_on ? at - offset : 0;
}

bool added_words_language_is(const struct lede_tokens *tokens, const char *codes)
{
    const char *code = lede_language_code(tokens->language);
    return tokens->mode == LEDE_TOKENS_ANY_LANGUAGE || (!code[2] && strstr(codes, code));
}

bool is_conjunction_at(const char *text, size_t size, size_t offset)
{
    static const char *const words[] = {"und", "oder", "bzw", "sowie", "bis", "and", "or", "to",
        "et", "ou", "y", "o", "e", "en", "of", "och", "eller", "og", "i", "a", "ja", "tai"};
    size_t end = offset;
    while (end < size && char_is_ascii_lower(text[end]))
        end++;
    if (char_at(text, size, end).kind == CHAR_LETTER)
        return false;
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++) {
        if (strlen(words[i]) == end - offset && memcmp(text + offset, words[i], end - offset) == 0)
            return true;
    }
    return false;
}
