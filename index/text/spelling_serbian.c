/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serbian is written in two scripts, and Snowball turns Cyrillic into Latin with its accents.
 * Folded Latin has none, so Cyrillic becomes folded Latin first: a word has one term in both
 * scripts. */
#include <string.h>

#include "chars.h"
#include "lede/encoding.h"
#include "spelling.h"

static const struct {
    int32_t cyrillic;
    char latin[3];
} letters[] = {
    {0x0430, "a"}, {0x0431, "b"}, {0x0432, "v"}, {0x0433, "g"}, {0x0434, "d"}, {0x0435, "e"},
    {0x0436, "z"}, {0x0437, "z"}, {0x0438, "i"}, {0x043A, "k"}, {0x043B, "l"}, {0x043C, "m"},
    {0x043D, "n"}, {0x043E, "o"}, {0x043F, "p"}, {0x0440, "r"}, {0x0441, "s"}, {0x0442, "t"},
    {0x0443, "u"}, {0x0444, "f"}, {0x0445, "h"}, {0x0446, "c"}, {0x0447, "c"}, {0x0448, "s"},
    {0x0452, "d"},  /* ђ, đ */
    {0x0458, "j"},  /* ј */
    {0x0459, "lj"}, /* љ */
    {0x045A, "nj"}, /* њ */
    {0x045B, "c"},  /* ћ, ć */
    {0x045F, "dz"}, /* џ, dž */
};

static const char *latin_of(int32_t code)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(letters); i++)
        if (letters[i].cyrillic == code)
            return letters[i].latin;
    return NULL;
}

size_t spelling_serbian(const char *word, size_t size, char *ret_word)
{
    size_t used = 0;
    bool any = false;
    unsigned length = 0;
    for (size_t offset = 0; offset < size; offset += length) {
        const char *latin = latin_of(lede_utf8_decode(word, size, offset, &length));
        size_t put = latin ? strlen(latin) : length;
        memcpy(ret_word + used, latin ? latin : word + offset, put);
        used += put;
        any = any || latin;
    }
    return any ? used : 0;
}
