/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snowball knows some endings by their accents only: without that of "asociación" it would not meet
 * "asociaciones". Folded words have none, so endings that are nearly always written with one get it
 * back before stemming. The stem is folded again: a spelling without accents still has the same
 * term.
 *
 * The endings are those that, on word lists of each language, bring more inflections of one word
 * together than they part; an ending that restores nothing is an exception to a shorter one.
 * Snowball writes Romanian with cedillas; of Swedish it does not know the neuter article (kriget),
 * of Portuguese not that -ões is the plural of -ão. */
#include "spelling.h"

#include <string.h>

#define LETTERS_BEFORE_ENDING_MIN 2
#define LETTERS_OF_STEM_MIN 3

static const struct ending {
    const char *code;
    const char *folded;
    const char *accented;
} endings[] = {
    {"es", "ion", "ión"},
    {"es", "ian", "ían"},
    {"es", "iamos", "íamos"},
    {"es", "abamos", "ábamos"},
    {"es", "aramos", "áramos"},
    {"fr", "ere", "ère"},
    {"fr", "eres", "ères"},
    {"fr", "erent", "èrent"},
    {"fr", "ferent", "ferent"},
    {"fr", "herent", "herent"},
    {"fr", "ee", "ée"},
    {"fr", "ees", "ées"},
    {"fr", "ite", "ité"},
    {"fr", "ites", "ités"},
    {"it", "era", "erà"},
    {"it", "ira", "irà"},
    {"it", "iera", "iera"},
    {"it", "ibera", "ibera"},
    {"pt", "ao", "ão"},
    {"pt", "cao", "ção"},
    {"pt", "coes", "ção"},
    {"pt", "oes", "ão"},
    {"pt", "aes", "ão"},
    {"pt", "avel", "ável"},
    {"pt", "aveis", "áveis"},
    {"pt", "ivel", "ível"},
    {"pt", "iveis", "íveis"},
    {"pt", "ancia", "ância"},
    {"pt", "encia", "ência"},
    {"pt", "iamos", "íamos"},
    {"pt", "avamos", "ávamos"},
    {"pt", "aramos", "áramos"},
    {"ca", "io", "ió"},
    {"ca", "iem", "íem"},
    {"ca", "ieu", "íeu"},
    {"ca", "aveu", "àveu"},
    {"ca", "essim", "éssim"},
    {"ca", "essiu", "éssiu"},
    {"ca", "essem", "éssem"},
    {"ro", "si", "şi"},
    {"ro", "rati", "răţi"},
    {"ro", "ra", "ră"},
    {"ro", "ura", "ura"},
    {"ro", "sti", "şti"},
    {"ro", "ste", "şte"},
    {"ro", "stii", "ştii"},
    {"ro", "stilor", "ştilor"},
    {"ro", "am", "ăm"},
    {"ro", "and", "ând"},
    {"ro", "andu", "ându"},
    {"ro", "za", "ză"},
    {"ro", "sca", "scă"},
    {"ro", "eti", "eţi"},
    {"ro", "iti", "iţi"},
    {"ro", "ti", "ţi"},
    {"ro", "tii", "ţii"},
    {"ro", "tie", "ţie"},
    {"ro", "tiei", "ţiei"},
    {"ro", "tiile", "ţiile"},
    {"ro", "tiilor", "ţiilor"},
    {"hu", "bol", "ból"},
    {"hu", "rol", "ról"},
    {"hu", "tol", "tól"},
    {"hu", "nal", "nál"},
    {"hu", "nel", "nél"},
    {"hu", "ert", "ért"},
    {"hu", "kent", "ként"},
    {"hu", "kepp", "képp"},
    {"hu", "keppen", "képpen"},
    {"hu", "nam", "nám"},
    {"hu", "nad", "nád"},
    {"hu", "va", "vá"},
    {"hu", "ve", "vé"},
    {"sv", "et", ""},
    {"sv", "ets", ""},
    {"sv", "het", "het"},
    {"sv", "hets", "hets"},
    {"lt", "uju", "ųjų"},
    {"lt", "asias", "ąsias"},
    {"lt", "dzia", "džia"},
    {"lt", "dziai", "džiai"},
    {"lt", "dziais", "džiais"},
    {"lt", "dziam", "džiam"},
    {"lt", "dziame", "džiame"},
    {"lt", "dziau", "džiau"},
    {"lt", "dzio", "džio"},
    {"lt", "dzioje", "džioje"},
    {"lt", "dziomis", "džiomis"},
    {"lt", "dzioms", "džioms"},
    {"lt", "dzios", "džios"},
    {"lt", "dziose", "džiose"},
    {"lt", "dziu", "džiu"},
    {"lt", "dzius", "džius"},
    {"lt", "dziuose", "džiuose"},
    {"lt", "eje", "ėje"},
    {"lt", "cia", "čia"},
    {"lt", "cias", "čias"},
    {"lt", "ciai", "čiai"},
    {"lt", "ciais", "čiais"},
    {"lt", "ciam", "čiam"},
    {"lt", "ciame", "čiame"},
    {"lt", "ciau", "čiau"},
    {"lt", "cio", "čio"},
    {"lt", "cioje", "čioje"},
    {"lt", "ciomis", "čiomis"},
    {"lt", "cioms", "čioms"},
    {"lt", "cios", "čios"},
    {"lt", "ciose", "čiose"},
    {"lt", "ciu", "čiu"},
    {"lt", "cius", "čius"},
    {"lt", "ciuose", "čiuose"},
    {"lt", "em", "ėm"},
    {"lt", "iem", "iem"},
    {"lt", "eme", "ėme"},
    {"lt", "emis", "ėmis"},
    {"lt", "nems", "nėms"},
    {"lt", "et", "ėt"},
    {"lt", "ete", "ėte"},
    {"lt", "eti", "ėti"},
    {"lt", "ese", "ėse"},
    {"lt", "ej", "ėj"},
    {"lt", "neje", "nėje"},
    {"lt", "esiu", "ėsiu"},
};

/* Languages whose letters need more than a table. */
static const struct {
    const char *code;
    size_t (*restore)(const char *word, size_t size, char *ret_word);
} restorers[] = {
    {"ar", spelling_arabic},
    {"tr", spelling_turkish},
    {"sr", spelling_serbian},
    {"hr", spelling_serbian},
    {"bs", spelling_serbian},
};

/* More passes than one bring together more inflections than other words, on word lists whose
 * families are known: suffixes pile up (Hungarian, Turkish), or the article or case hides the
 * ending behind it. */
static const struct {
    const char *code;
    unsigned count;
} passes[] = {
    {"ar", 3},
    {"hu", 3},
    {"lt", 2},
    {"ro", 2},
    {"sv", 2},
    {"tr", 3},
};

/* Last letters of stems. Hungarian lengthens a final a or e before most suffixes, and accents that
 * tell alma, almak from haz, hazak are gone. A Dutch word ends in s or f where its plural has z or
 * v. */
static const struct {
    const char *code;
    char from;
    char to; /* '\0': dropped */
} settlements[] = {
    {"hu", 'a', '\0'},
    {"hu", 'e', '\0'},
    {"nl", 'v', 'f'},
    {"nl", 'z', 's'},
};

static bool word_ends(const char *word, size_t size, const struct ending *ending)
{
    size_t folded = strlen(ending->folded);
    return size >= folded + LETTERS_BEFORE_ENDING_MIN &&
           memcmp(word + size - folded, ending->folded, folded) == 0;
}

/* The longest ending of the word; NULL if it has none. */
static const struct ending *ending_of(const char *code, const char *word, size_t size)
{
    const struct ending *longest = NULL;
    for (size_t i = 0; i < LEDE_COUNT_OF(endings); i++) {
        const struct ending *ending = &endings[i];
        if (strcmp(ending->code, code) == 0 && word_ends(word, size, ending) &&
            (!longest || strlen(ending->folded) > strlen(longest->folded)))
            longest = ending;
    }
    return longest;
}

size_t spelling_restore(lede_language language, const char *word, size_t size, char *ret_word)
{
    const char *code = lede_language_code(language);
    for (size_t i = 0; i < LEDE_COUNT_OF(restorers); i++)
        if (strcmp(restorers[i].code, code) == 0)
            return restorers[i].restore(word, size, ret_word);
    const struct ending *ending = ending_of(code, word, size);
    if (!ending)
        return 0;
    size_t before = size - strlen(ending->folded), accented = strlen(ending->accented);
    memcpy(ret_word, word, before);
    memcpy(ret_word + before, ending->accented, accented);
    return before + accented;
}

unsigned spelling_passes(lede_language language)
{
    const char *code = lede_language_code(language);
    for (size_t i = 0; i < LEDE_COUNT_OF(passes); i++)
        if (strcmp(passes[i].code, code) == 0)
            return passes[i].count;
    return 1;
}

size_t spelling_normalize_stem(lede_language language, char *stem, size_t size)
{
    const char *code = lede_language_code(language);
    for (size_t i = 0; size > LETTERS_OF_STEM_MIN && i < LEDE_COUNT_OF(settlements); i++) {
        if (strcmp(settlements[i].code, code) != 0 || settlements[i].from != stem[size - 1])
            continue;
        if (settlements[i].to == '\0')
            return size - 1;
        stem[size - 1] = settlements[i].to;
        return size;
    }
    return size;
}
