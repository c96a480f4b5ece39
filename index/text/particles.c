/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Korean particles (조사) behind a word, by a table: what stands before them decides which of a pair
 * is written (은 behind a consonant, 는 behind a vowel), and that tells most nouns that end alike
 * from them: 국가 is no 국 with 가. The others are listed; what is in doubt stays whole. Source of
 * the pairs: the National Institute of Korean Language's standard dictionary. */
#include <string.h>

#include "lede/base.h"
#include "lede/text.h"

#define SYLLABLE_BYTES 3
#define SYLLABLES_LEFT_MIN 2 /* one syllable says too little, and many words are a noun of two */
#define NAME_SYLLABLES 3
#define FIRST_SYLLABLE 0xAC00
#define LAST_SYLLABLE 0xD7A3
#define FINALS 28 /* of a syllable, none among them */

enum before {
    ANY,
    CONSONANT,
    VOWEL,
};

/* The longest first. */
static const struct {
    const char *text;
    enum before before;
} particles[] = {{"에서는", ANY}, {"에서도", ANY}, {"에게는", ANY}, {"으로는", CONSONANT},
    {"으로도", CONSONANT}, {"에서", ANY}, {"에게", ANY}, {"에는", ANY}, {"에도", ANY},
    {"으로", CONSONANT}, {"까지", ANY}, {"부터", ANY}, {"께서", ANY}, {"처럼", ANY}, {"보다", ANY},
    {"은", CONSONANT}, {"이", CONSONANT}, {"을", CONSONANT}, {"과", CONSONANT}, {"는", VOWEL},
    {"가", VOWEL}, {"를", VOWEL}, {"와", VOWEL}, {"의", ANY}, {"에", ANY}};

/* Ends of nouns that end like a particle. */
static const char *const nouns[] = {"고양이", "호랑이", "원숭이", "어린이", "젊은이", "늙은이",
    "지팡이", "방망이", "외톨이", "나들이", "둥이", "볶이", "놀이", "맞이", "벌이", "풀이", "걸이",
    "받이", "높이", "깊이", "길이", "먹이", "정치가", "투자가", "최저가", "최고가", "예상가",
    "정신과", "부인과", "신경과", "학과", "결과", "성과", "통과", "초과", "효과", "주의", "회의",
    "협의", "정의", "합의", "논의", "강의", "동의", "문의", "결의", "건의", "심의", "편의", "토의",
    "항의", "창의", "예의", "명의", "호의", "고의", "악의", "선의", "상의", "유의", "거의", "모의",
    "성의", "열의", "발의", "제의", "경의", "임의", "이의", "김정은", "마을", "가을", "겨울",
    "노을"};

/* The most frequent first syllables of names: 김정은, 이정은. */
static const char *const surnames[] = {"김", "이", "박", "최", "정", "강", "조", "윤", "장", "임",
    "한", "오", "서", "신", "권", "황", "안", "송", "전", "홍"};

/* 0: none. */
static int32_t syllable_at(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    if ((at[0] & 0xF0) != 0xE0)
        return 0;
    int32_t code = (at[0] & 0x0F) << 12 | (at[1] & 0x3F) << 6 | (at[2] & 0x3F);
    return code >= FIRST_SYLLABLE && code <= LAST_SYLLABLE ? code : 0;
}

static bool is_of_syllables(const char *word, size_t size)
{
    if (size == 0 || size % SYLLABLE_BYTES != 0)
        return false;
    for (size_t i = 0; i < size; i += SYLLABLE_BYTES) {
        if (!syllable_at(word + i))
            return false;
    }
    return true;
}

static bool ends_with(const char *word, size_t size, const char *end)
{
    size_t end_size = strlen(end);
    return size >= end_size && memcmp(word + size - end_size, end, end_size) == 0;
}

/* Three syllables that may be a person's name, whose last one is 은 often. */
static bool is_name(const char *word, size_t size)
{
    if (size != NAME_SYLLABLES * SYLLABLE_BYTES || !ends_with(word, size, "은"))
        return false;
    for (size_t i = 0; i < LEDE_COUNT_OF(surnames); i++) {
        if (memcmp(word, surnames[i], SYLLABLE_BYTES) == 0)
            return true;
    }
    return false;
}

static bool fits(const char *word, size_t size, enum before before)
{
    bool has_final = (syllable_at(word + size - SYLLABLE_BYTES) - FIRST_SYLLABLE) % FINALS != 0;
    return before == ANY || has_final == (before == CONSONANT);
}

size_t lede_size_without_particle(const char *word, size_t size)
{
    if (!is_of_syllables(word, size) || is_name(word, size))
        return size;
    for (size_t i = 0; i < LEDE_COUNT_OF(nouns); i++) {
        if (ends_with(word, size, nouns[i]))
            return size;
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(particles); i++) {
        size_t left = size - strlen(particles[i].text);
        if (ends_with(word, size, particles[i].text) &&
            left >= SYLLABLES_LEFT_MIN * SYLLABLE_BYTES && left < size)
            return fits(word, left, particles[i].before) ? left : size;
    }
    return size;
}
