/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Abbreviations of the languages that news is most often in. The language is not known here: one
 * list for all. */
#include "abbreviations.h"

#include <string.h>

#include "chars.h"
#include "lede/base.h"

#define ABBREVIATION_BYTES_MAX 16

/* A word of one of these lists, or not: each is one string of words between spaces. */
/* Before a name or in mid-sentence: never end one. */
static const char inner[] =
    " Mr Mrs Ms Mx Dr Drs Prof St Ste Gen Sen Rep Reps Sens Gov Lt Col Cpt Capt Sgt "
    "Cpl Pvt Maj Cmdr Cdr Adm Rev Hon "
    "Pres Supt Det Insp Amb Messrs vs e.g i.e cf approx "
    "Mme Mmes Mlle MM Me Mgr Sr Sra Srta Sres Dra D.ª Ud Uds Lic Ing Dipl Hr Fr bzw "
    "z.B d.h u.a ggf evtl sog inkl zzgl "
    "bspw vgl resp Sig Sig.ra Dott Avv On Ecc dhr mevr bijv ca zgn "
    "г ул им проф акад тов т.е т.д т.п ";
/* Before a figure only. */
static const char numbering[] = " No Nos no nos Nr Nrn nr Núm núm n p pp P Vol vol Fig fig Abs Art "
                                "art Ch ch Sec Abb S Ziff Kap ";
/* Either: they end a sentence if a word follows that often begins one. */
static const char either[] = " Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed "
                             "Thu Thurs Fri Sat Sun Inc Corp Co "
                             "Cos Ltd Bros "
                             "Jr Esq etc al Ave Blvd Rd Mt Ft Dept Univ Assn Ala Ariz Ark Calif "
                             "Colo Conn Del Fla Ga Ill Ind Kan Ky "
                             "La Md Mass "
                             "Mich Minn Miss Mo Mont Neb Nev Okla Ore Pa Penn Tenn Tex Va Vt Wash "
                             "Wis Wyo a.m p.m am pm ft lb oz mph "
                             "usw Mio Mrd Mill Jh Jhd Str Tel Dez Okt Mär Mai ";
static const char starters[] =
    " The He She It They We I You But And In On At A An This That These Those There When While If "
    "As For His "
    "Her Its "
    "Their Our My After Before Since However Meanwhile Some Many Most Not So To From With By Both "
    "Der Die Das Er Sie Es Ein Eine Im Am Auch Aber Und Doch Nach Bei Mit Le Les Il Elle Ils Un "
    "Une Des En "
    "Dans Mais "
    "Et El Los Las Una Pero Lo ";
static const char months[] = " Januar Jänner Februar Feber März April Mai Juni Juli August "
                             "September Oktober November Dezember "
                             "Jahrhundert Jahrhunderts ";

static bool list_has(const char *list, const char *word, size_t size)
{
    if (size == 0 || size > ABBREVIATION_BYTES_MAX)
        return false;
    char padded[ABBREVIATION_BYTES_MAX + 3] = " ";
    memcpy(padded + 1, word, size);
    padded[size + 1] = ' ';
    return strstr(list, padded) != NULL;
}

/* Bytes of the letters that begin at `offset`. */
static size_t letters_at(const char *text, size_t size, size_t offset)
{
    size_t end = offset;
    while (end - offset <= ABBREVIATION_BYTES_MAX) {
        struct text_char c = char_at(text, size, end);
        if (c.kind != CHAR_LETTER)
            break;
        end += c.size;
    }
    return end - offset;
}

static bool starter_follows(const char *text, size_t size, size_t next)
{
    size_t letters = letters_at(text, size, next);
    bool is_initial = next + letters < size && text[next + letters] == '.';
    return !is_initial && list_has(starters, text + next, letters);
}

/* Where the word that ends at `dot` begins: letters, digits and single full stops between them. */
static size_t word_begin_before(const char *text, size_t begin, size_t dot)
{
    size_t start = dot;
    while (start > begin && dot - start <= ABBREVIATION_BYTES_MAX) {
        unsigned char c = (unsigned char)text[start - 1];
        bool inside = c >= 0x80 || c == '.' || char_ascii_kinds[c] == CHAR_LETTER ||
                      char_ascii_kinds[c] == CHAR_DIGIT;
        if (!inside)
            break;
        start--;
    }
    while (start < dot) {
        struct text_char c = char_at(text, dot, start);
        if (c.kind == CHAR_LETTER || c.kind == CHAR_DIGIT)
            break;
        start += c.size; /* a quotation mark before the word */
    }
    return start;
}

/* 1. at the beginning of a sentence numbers it; 3. Oktober is an ordinal. */
static bool is_ordinal(
    const char *text, size_t size, size_t begin, size_t word, size_t dot, size_t next)
{
    if (dot - word > 2 || !char_is_ascii_digit(text[dot - 1]))
        return false;
    return word == begin || list_has(months, text + next, letters_at(text, size, next));
}

bool full_stop_is_abbreviation(const char *text, size_t size, size_t begin, size_t dot, size_t next)
{
    size_t word = word_begin_before(text, begin, dot);
    size_t length = dot - word;
    if (length == 0 || length > ABBREVIATION_BYTES_MAX)
        return false;
    if (char_is_ascii_digit(text[word]))
        return is_ordinal(text, size, begin, word, dot, next);
    if (list_has(inner, text + word, length))
        return true;
    if (next < size && char_is_ascii_digit(text[next]) && list_has(numbering, text + word, length))
        return true;
    struct text_char first = char_at(text, dot, word);
    bool is_initial =
        first.size == length && first.script == SCRIPT_SPACED && first.letter_case != CASE_NONE;
    bool is_acronym = memchr(text + word, '.', length) != NULL && first.letter_case != CASE_NONE &&
                      text[word + first.size] == '.';
    if (is_initial || is_acronym || list_has(either, text + word, length))
        return !starter_follows(text, size, next);
    return false;
}
