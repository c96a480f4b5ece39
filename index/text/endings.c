/* Snowball knows some endings by their accents only: without that of "asociación" it would not meet "asociaciones". Folded
 * words have none, so the endings that are nearly always written with one get it back before stemming. The stem is
 * folded again: a spelling without accents still has the same term. */
#include "endings.h"

#include <string.h>

#define STEM_LETTERS_MIN 2 /* before the ending */

static const struct {
    const char *code;
    const char *folded;
    const char *accented;
} endings[] = {
    {"es", "cion", "ción"},
    {"es", "sion", "sión"},
    {"fr", "ere", "ère"},
    {"fr", "eres", "ères"},
    {"fr", "ee", "ée"},
    {"fr", "ees", "ées"},
    {"fr", "ite", "ité"},
    {"fr", "ites", "ités"},
    {"pt", "cao", "ção"},
    {"pt", "coes", "ções"},
    {"ca", "cio", "ció"},
    {"ca", "sio", "sió"},
};

size_t ending_restore(lede_language language, const char *word, size_t size, char *ret_word)
{
    const char *code = lede_language_code(language);
    for (size_t i = 0; i < LEDE_COUNT_OF(endings); i++) {
        size_t folded = strlen(endings[i].folded), accented = strlen(endings[i].accented);
        if (strcmp(endings[i].code, code) != 0 || size < folded + STEM_LETTERS_MIN ||
            memcmp(word + size - folded, endings[i].folded, folded) != 0)
            continue;
        memcpy(ret_word, word, size - folded);
        memcpy(ret_word + size - folded, endings[i].accented, accented);
        return size - folded + accented;
    }
    return 0;
}
