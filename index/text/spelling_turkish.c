/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snowball checks Turkish suffixes by vowel harmony, and folding makes ı i, ü u, ö o. Harmony also
 * brings them back: the vowels of a word are all front (e i ö ü) or all back (a ı o u) but where a
 * stem is borrowed, so each doubtful vowel goes with the one before it, and those before the first
 * a or e go with that. What is wrong inside a borrowed stem is folded away again. */
#include <string.h>

#include "spelling.h"

enum harmony { HARMONY_NONE, HARMONY_FRONT, HARMONY_BACK };

static bool is_vowel(char c)
{
    return c != '\0' && strchr("aeiou", c) != NULL;
}

/* What the vowels before the first a or e go with. */
static enum harmony harmony_ahead(const char *word, size_t size, size_t offset)
{
    enum harmony harmony = HARMONY_BACK;
    for (; offset < size; offset++) {
        if (word[offset] == 'a' || word[offset] == 'e')
            return word[offset] == 'a' ? HARMONY_BACK : HARMONY_FRONT;
        if (word[offset] == 'i')
            harmony = HARMONY_FRONT;
    }
    return harmony;
}

/* The suffix -ki behind a locative (-daki) keeps its vowel. */
static bool is_in_ki(const char *word, size_t offset)
{
    return offset > 3 && word[offset] == 'i' && word[offset - 1] == 'k' &&
           word[offset - 2] == 'a' && (word[offset - 3] == 'd' || word[offset - 3] == 't');
}

/* The suffix -miş, also before others. */
static bool is_in_mis(const char *word, size_t size, size_t offset)
{
    if (word[offset] != 's' || offset < 2 || word[offset - 2] != 'm' ||
        (word[offset - 1] != 'i' && word[offset - 1] != 'u'))
        return false;
    return offset + 1 == size || word[offset + 1] == 't' || word[offset + 1] == 's' ||
           word[offset + 1] == 'l';
}

static const char *restored_vowel(char vowel, enum harmony harmony, bool is_first)
{
    if (vowel == 'i')
        return harmony == HARMONY_BACK ? "ı" : "i";
    if (vowel == 'u')
        return harmony == HARMONY_BACK ? "u" : "ü";
    return is_first && harmony == HARMONY_FRONT ? "ö" : "o"; /* of suffixes only -yor has one */
}

static size_t put(char *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size);
    return size;
}

size_t spelling_turkish(const char *word, size_t size, char *ret_word)
{
    enum harmony harmony = HARMONY_NONE;
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        char c = word[i];
        bool is_between = i > 0 && i + 1 < size && is_vowel(word[i - 1]) && is_vowel(word[i + 1]);
        if (c == 'g' && is_between) {
            used += put(ret_word + used, "ğ");
        } else if (is_in_mis(word, size, i)) {
            used += put(ret_word + used, "ş");
        } else if (c == 'i' || c == 'o' || c == 'u') {
            bool is_first = harmony == HARMONY_NONE;
            if (is_first)
                harmony = harmony_ahead(word, size, i);
            if (is_in_ki(word, i) || (c == 'o' && !is_first))
                harmony = c == 'o' ? HARMONY_BACK : HARMONY_FRONT;
            used += put(ret_word + used, restored_vowel(c, harmony, is_first));
        } else {
            if (c == 'a' || c == 'e')
                harmony = c == 'a' ? HARMONY_BACK : HARMONY_FRONT;
            ret_word[used++] = c;
        }
    }
    return used;
}
