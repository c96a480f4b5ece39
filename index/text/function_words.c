/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Function words: those that say little of what a text is about. Ranking asks for them; what a
 * language is known by stands in detect_words.c. */
#include <string.h>

#include "lede/text.h"
#include "more_function_words.h"

#define WORD_BYTES_MAX 9

static const struct {
    const char *code;
    const char *words; /* lower case, between spaces */
} lists[] = {
    {"en", " the of and to in for on with by at from is was are as that it said says has have be "
           "not will "
           "over after its an "},
    {"de", " der die das und in den von zu mit für auf im ist nicht ein eine dem des sich auch "
           "nach bei wird "
           "aus vor am zum als "},
    {"fr", " le la les de des et du un une en au aux dans pour sur par est pas qui que se son ses "
           "avec plus "
           "ce "},
    {"es", " el la los las de en del que un una por con para se al su es lo como más no tras "},
    {"it", " il la le lo gli di che in un una per con del della dei al non si da nel alla sono "},
    {"pt", " os as de do da dos das em no na um uma que por com para se ao não mais "},
    {"nl",
        " de het een en van in op te voor met is dat die niet zijn aan bij naar om door uit ook "},
    {"sv", " och att det en av för på är som med den till inte har ett om från efter "},
    {"da", " og at det en af for på er som med den til ikke har et om fra efter "},
    {"no", " og det en av for på er som med den til ikke har et om fra etter "},
    {"ca", " el la els les de en del que un una per amb al se és no dels "},
    {"ro", " și în de la cu pe din un că este care nu pentru al mai după "},
    {"pl", " na do że się nie jest po dla za od to jak przez "},
    {"cs", " na se že je do po pro za od to jak ve "},
    {"hu", " az és hogy nem egy is volt meg csak de már "},
    {"fi", " ja on ei se että oli hän mutta kun myös ovat "},
    {"tr", " ve bir bu için ile da de olarak daha çok olan "},
    {"id", " yang dan di ke dari untuk dengan ini itu pada adalah dalam tidak "},
};

/* Words that say too little of a language to detect it by, but as little of what a text is
 * about. */
static const char more_words[] = " a if or but no into such that the their then there these they "
                                 "this der ein einer eines einem einen wie "
                                 "dass oder y o ou mais ces cette leur e ma i o se un w u ";

static bool list_has(const char *list, const char *word, size_t size)
{
    char padded[WORD_BYTES_MAX + 3] = " ";
    memcpy(padded + 1, word, size);
    padded[size + 1] = ' ';
    return strstr(list, padded) != NULL;
}

/* Lists hold words as they are written, queries folded ones. */
static bool folded_list_has(const char *list, const char *word, size_t size)
{
    LEDE_CLEANUP(lede_freep) char *folded = NULL;
    size_t folded_size = 0;
    return lede_fold(list, strlen(list), &folded, &folded_size) == LEDE_OK &&
           list_has(folded, word, size);
}

bool lede_word_is_function(const char *word, size_t size)
{
    if (size == 0 || size > WORD_BYTES_MAX)
        return false;
    for (size_t i = 0; i < LEDE_COUNT_OF(lists); i++) {
        if (folded_list_has(lists[i].words, word, size))
            return true;
    }
    return folded_list_has(more_words, word, size);
}

bool lede_word_is_function_in(lede_language language, const char *word, size_t size)
{
    const char *code = lede_language_code(language);
    bool is_known = false;
    if (size == 0 || size > WORD_BYTES_MAX)
        return false;
    for (size_t i = 0; i < LEDE_COUNT_OF(lists); i++) {
        if (strcmp(lists[i].code, code) != 0)
            continue;
        is_known = true;
        if (folded_list_has(lists[i].words, word, size))
            return true;
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(more_lists); i++) {
        if (strcmp(more_lists[i].code, code) == 0 && list_has(more_lists[i].words, word, size))
            return true;
    }
    return !is_known && lede_word_is_function(word, size);
}
