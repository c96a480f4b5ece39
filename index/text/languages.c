/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of languages. A language is its index here: append, never reorder.
 * Languages that detection can hardly tell apart share a stemmer, and its tag: Serbian, Croatian
 * and Bosnian; Indonesian and Malay. Terms begin with tags, which never change: a mark of ASCII
 * that begins no word and no other kind of term (`=` and `^` do); `"` and `\` are left. */
#include <string.h>
#include <strings.h>

#include "languages.h"
#include "lede/text.h"

static const struct language languages[] = {
    {"und", "und", "", NULL, ""},
    {"en", "eng", "", "english", ":"},
    {"de", "deu", "ger", "german", ";"},
    {"fr", "fra", "fre", "french", ","},
    {"es", "spa", "", "spanish", "."},
    {"it", "ita", "", "italian", "!"},
    {"pt", "por", "", "portuguese", "?"},
    {"nl", "nld", "dut", "dutch", "-"},
    {"sv", "swe", "", "swedish", "_"},
    {"no", "nor", "", "norwegian", "+"},
    {"da", "dan", "", "danish", "*"},
    {"fi", "fin", "", "finnish", "/"},
    {"ru", "rus", "", "russian", "|"},
    {"ar", "ara", "", "arabic", "("},
    {"tr", "tur", "", "turkish", "%"},
    {"hu", "hun", "", "hungarian", "<"},
    {"ro", "ron", "rum", "romanian", ">"},
    {"el", "ell", "gre", "greek", "@"},
    {"ca", "cat", "", "catalan", "~"},
    {"eu", "eus", "baq", "basque", "$"},
    {"ga", "gle", "", "irish", "&"},
    {"hi", "hin", "", "hindi", "["},
    {"hy", "hye", "arm", "armenian", "]"},
    {"id", "ind", "", "indonesian", "{"},
    {"lt", "lit", "", "lithuanian", "}"},
    {"ne", "nep", "", "nepali", ")"},
    {"sr", "srp", "", "serbian", "`"},
    {"ta", "tam", "", "tamil", "#"},
    {"yi", "yid", "", "yiddish", "'"},
    {"ja", "jpn", "", NULL, ""},
    {"zh", "zho", "chi", NULL, ""},
    {"ko", "kor", "", NULL, ""},
    {"he", "heb", "", NULL, ""},
    {"fa", "fas", "per", NULL, ""},
    {"uk", "ukr", "", NULL, ""},
    {"pl", "pol", "", NULL, ""},
    {"cs", "ces", "cze", NULL, ""},
    {"th", "tha", "", NULL, ""},
    {"vi", "vie", "", NULL, ""},
    {"bg", "bul", "", NULL, ""},
    {"hr", "hrv", "", "serbian", "`"},
    {"sk", "slk", "slo", NULL, ""},
    {"sl", "slv", "", NULL, ""},
    {"et", "est", "", NULL, ""},
    {"lv", "lav", "", NULL, ""},
    {"ur", "urd", "", NULL, ""},
    {"bn", "ben", "", NULL, ""},
    {"mk", "mkd", "mac", NULL, ""},
    {"sq", "sqi", "alb", NULL, ""},
    {"bs", "bos", "", "serbian", "`"},
    {"is", "isl", "ice", NULL, ""},
    {"gl", "glg", "", NULL, ""},
    {"be", "bel", "", NULL, ""},
    {"ka", "kat", "geo", NULL, ""},
    {"af", "afr", "", NULL, ""},
    {"az", "aze", "", NULL, ""},
    {"kk", "kaz", "", NULL, ""},
    {"ms", "msa", "may", "indonesian", "{"},
    {"sw", "swa", "", NULL, ""},
    {"km", "khm", "", NULL, ""},
    {"lo", "lao", "", NULL, ""},
    {"my", "mya", "bur", NULL, ""},
};
_Static_assert(
    LEDE_COUNT_OF(languages) <= LEDE_LANGUAGE_COUNT_MAX, "a set of languages fits 64 bits");

/* Other tags of the same languages. */
static const struct {
    const char *tag;
    const char *code;
} aliases[] = {
    {"nb", "no"},
    {"nn", "no"},
    {"nob", "no"},
    {"nno", "no"},
    {"iw", "he"},
    {"in", "id"},
    {"ji", "yi"},
    {"sh", "sr"},
    {"cmn", "zh"},
    {"yue", "zh"},
    {"arb", "ar"},
    {"pes", "fa"},
};

const struct language *language_get(lede_language language)
{
    return &languages[language < LEDE_COUNT_OF(languages) ? language : 0];
}

static bool tag_is(const char *tag, size_t size, const char *code)
{
    return strlen(code) == size && strncasecmp(tag, code, size) == 0;
}

lede_language lede_language_find(const char *tag, size_t size)
{
    size_t primary = 0;
    while (primary < size && tag[primary] != '-' && tag[primary] != '_')
        primary++;
    if (primary < 2 || primary > 3)
        return LEDE_LANGUAGE_UND;
    for (size_t i = 0; i < LEDE_COUNT_OF(languages); i++) {
        const struct language *language = &languages[i];
        if (tag_is(tag, primary, language->code) || tag_is(tag, primary, language->code3) ||
            tag_is(tag, primary, language->code3_bibliographic))
            return (lede_language)i;
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(aliases); i++)
        if (tag_is(tag, primary, aliases[i].tag))
            return lede_language_find(aliases[i].code, strlen(aliases[i].code));
    return LEDE_LANGUAGE_UND;
}

const char *lede_language_code(lede_language language)
{
    return language_get(language)->code;
}

size_t lede_language_count(void)
{
    return LEDE_COUNT_OF(languages);
}

const char *lede_language_tag(lede_language language)
{
    return language_get(language)->tag;
}

bool lede_language_has_stemmer(lede_language language)
{
    return language_get(language)->stemmer != NULL;
}
