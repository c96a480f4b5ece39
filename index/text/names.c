/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that were transliterated.
 *
 * The rules are those by which newspapers in English, German, French, Dutch and Spanish write the
 * sounds of Russian, Ukrainian, Serbian and Arabic: sh, sch, sj; kh, ch; zh, j; w, v, ff. They were
 * written for Lede, and kept where they found more of tests/data/names.txt than other words. */
#include "lede/names.h"

#include <string.h>

#define SOUNDS_MIN 3 /* of a name; of fewer too much has the same */
#define VOWELS "aeiou"

struct rule {
    const char *written;
    const char *sound;
};

/* Longer ones first. */
static const struct rule rules[] = {
    {"schtsch", "X"},
    {"shch", "X"},
    {"chtch", "X"},
    {"sjtsj", "X"},
    {"tsch", "X"},
    {"dsch", "X"},
    {"tch", "X"},
    {"tsj", "X"},
    {"dzh", "X"},
    {"sch", "X"},
    {"sh", "X"},
    {"sj", "X"},
    {"zh", "X"},
    {"zj", "X"},
    {"tj", "X"},
    {"dj", "X"},
    {"dz", "S"},
    {"cz", "X"},
    {"sz", "X"},
    {"tz", "S"},
    {"ts", "S"},
    {"kh", "K"},
    {"gh", "G"},
    {"ck", "K"},
    {"ph", "V"},
    {"th", "T"},
    {"dh", "D"},
    {"bh", "B"},
    {"qu", "K"},
    {"rh", "R"},
    {"ou", "u"},
    {"b", "B"},
    {"d", "D"},
    {"f", "V"},
    {"g", "G"},
    {"k", "K"},
    {"l", "L"},
    {"m", "M"},
    {"n", "N"},
    {"p", "P"},
    {"q", "K"},
    {"r", "R"},
    {"s", "S"},
    {"t", "T"},
    {"v", "V"},
    {"w", "V"},
    {"x", "KS"},
    {"y", "i"},
    {"z", "S"},
    {"a", "a"},
    {"e", "e"},
    {"i", "i"},
    {"o", "o"},
    {"u", "u"},
};

/* What begins with a sound can begin with these letters. */
static const struct rule initials[] = {
    {"cgkqx", "K"},
    {"cdstz", "X"},
    {"cdstz", "S"},
    {"fpvw", "V"},
    {"aou", "aou"},
    {"eijy", "ei"},
};

static bool is_one_of(char c, const char *letters)
{
    return c != '\0' && strchr(letters, c);
}

/* c, h and j are what stands beside them. Returns how many bytes were read; 0: no such letter. */
static size_t read_beside(const char *word, size_t at, const char **ret_sound)
{
    char next = word[at + 1], before = at > 0 ? word[at - 1] : '\0';
    switch (word[at]) {
    case 'c':
        if (next == 'h') {
            bool is_rough = word[at + 2] && !is_one_of(word[at + 2], VOWELS "yj");
            *ret_sound = is_rough ? "K" : "X"; /* Chruschtschow; Chekhov */
            return 2;
        }
        *ret_sound = is_one_of(next, "eiy") ? "S" : next == '\0' && before == 'i' ? "X" : "K";
        return 1;
    case 'h':
        *ret_sound = at == 0 ? "H" : "";
        return 1;
    case 'j': /* Brejnev, Azerbaijan; Prokofjew, Selenskyj */
        *ret_sound = next && is_one_of(before, VOWELS) ? "X" : "i";
        return 1;
    default:
        return 0;
    }
}

static size_t read_rule(const char *word, size_t at, const char **ret_sound)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        size_t size = strlen(rules[i].written);
        if (rules[i].written[0] != word[at] || strncmp(word + at, rules[i].written, size) != 0)
            continue;
        *ret_sound = rules[i].sound;
        return size;
    }
    return 0;
}

/* A sound once where it is written twice. */
static size_t append(char *fold, size_t size, const char *sound)
{
    for (; *sound; sound++) {
        if (size == 0 || fold[size - 1] != *sound)
            fold[size++] = *sound;
    }
    return size;
}

static bool is_vowel(char c)
{
    return c >= 'a' && c <= 'z';
}

/* A vowel at the beginning counts as a sound. */
static bool is_sound(const char *fold, size_t at)
{
    return !is_vowel(fold[at]) || at == 0;
}

static size_t count_sounds(const char *fold)
{
    size_t count = 0;
    for (size_t i = 0; fold[i]; i++)
        count += is_sound(fold, i);
    return count;
}

size_t lede_name_fold(const char *word, size_t size, char *ret_fold)
{
    char text[LEDE_NAME_BYTES_MAX + 1];
    size_t folded = 0;
    if (size > LEDE_NAME_BYTES_MAX)
        return 0;
    memcpy(text, word, size);
    text[size] = '\0';
    for (size_t at = 0, read = 0; at < size; at += read) {
        const char *sound = "";
        read = read_rule(text, at, &sound);
        if (read == 0)
            read = read_beside(text, at, &sound);
        if (read == 0)
            return 0;
        if (at == 0 && *sound == 'G')
            sound = "K"; /* Gaddafi, Kadhafi */
        folded = append(ret_fold, folded, sound);
    }
    ret_fold[folded] = '\0';
    return count_sounds(ret_fold) >= SOUNDS_MIN ? folded : 0;
}

/* Which of the two kinds of vowels at the beginning, or which consonant. */
static char sound_at(const char *fold, size_t at)
{
    if (at > 0 || !is_vowel(fold[at]))
        return fold[at];
    return is_one_of(fold[at], "ei") ? 'e' : 'a';
}

uint32_t lede_name_key(const char *fold)
{
    uint32_t hash = UINT32_C(2166136261); /* FNV-1a */
    for (size_t i = 0; fold[i]; i++) {
        if (is_sound(fold, i))
            hash = (hash ^ (unsigned char)sound_at(fold, i)) * UINT32_C(16777619);
    }
    return hash;
}

static bool has_same_sounds(const char *fold, const char *other)
{
    size_t i = 0, k = 0;
    for (;; i++, k++) {
        while (fold[i] && !is_sound(fold, i))
            i++;
        while (other[k] && !is_sound(other, k))
            k++;
        if (!fold[i] || !other[k])
            return fold[i] == other[k];
        if (sound_at(fold, i) != sound_at(other, k))
            return false;
    }
}

/* Levenshtein distance. */
static unsigned distance(const char *fold, const char *other)
{
    unsigned row[LEDE_NAME_FOLD_MAX + 1];
    size_t size = strlen(other);
    for (size_t k = 0; k <= size; k++)
        row[k] = (unsigned)k;
    for (size_t i = 0; fold[i]; i++) {
        unsigned diagonal = row[0]++;
        for (size_t k = 0; k < size; k++) {
            unsigned change = diagonal + (fold[i] != other[k]);
            unsigned step = (row[k] < row[k + 1] ? row[k] : row[k + 1]) + 1;
            diagonal = row[k + 1];
            row[k + 1] = change < step ? change : step;
        }
    }
    return row[size];
}

/* Of a short name one vowel may differ, of a longer one two. */
#define LONG_FOLD 6

bool lede_name_is_same(const char *fold, const char *other)
{
    if (!has_same_sounds(fold, other))
        return false;
    bool are_long = strlen(fold) >= LONG_FOLD && strlen(other) >= LONG_FOLD;
    return distance(fold, other) <= (are_long ? 2 : 1);
}

const char *lede_name_initials(const char *fold)
{
    static const char letters[] = "b\0d\0h\0l\0m\0n\0p\0r\0t";
    for (size_t i = 0; i < sizeof(initials) / sizeof(*initials); i++) {
        if (is_one_of(fold[0], initials[i].sound))
            return initials[i].written;
    }
    for (size_t i = 0; i < sizeof(letters); i += 2) {
        if (letters[i] - 'a' + 'A' == fold[0])
            return letters + i;
    }
    return "";
}
