/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folding: NFKC and case folding by utf8proc, then accents, letter variants and digits by our own
 * rules.
 *
 * Each code point is decomposed and case-folded by itself. Marks that a reader may leave out are
 * dropped; a letter and the marks that stay are brought into canonical order and composed.
 * - Latin and Greek lose all accents: ä is a (never ae), ß ss, ø o, æ ae, œ oe, ł l, đ d, ı and İ
 * i. - Cyrillic keeps й ў ї ѓ ќ as letters; ё becomes е; stress marks go.
 * - Arabic loses harakat; the variants of alef, yeh and kaf are one, teh marbuta becomes heh; ئ
 * stays.
 *   Persian and Urdu heh and its variants are one, but ھ where it makes an aspirate; ؤ is ئ.
 *   Hebrew loses niqqud. Tatweel, soft hyphens, joiners, bidi marks and variation selectors go.
 * - Devanagari (Central Hindi Directorate, "Devanagari Script and Hindi Spelling
 *   Standardization"): a nasal before a consonant of its row is an anusvara, candrabindu is one,
 *   nukta goes. Chillus of Malayalam are their letter and a virama (The Unicode Standard, 12.9);
 *   nikhahit of Thai and Lao stands before the tone (16.1).
 * - Dakuten and other Indic marks stay; half-width kana and decomposed Hangul are composed. Digits
 *   of all scripts become ASCII. */
#include "fold.h"

#include <string.h>

#include <utf8proc.h>

#include "lede/buffer.h"
#include "lede/encoding.h"
#include "lede/text.h"

#define DECOMPOSED_MAX 32 /* the longest compatibility decomposition has 18 code points */

#define LETTER_O_STROKE 0x00F8
#define LETTER_DOTLESS_I 0x0131
#define LETTER_SHARP_S 0x00DF
#define LETTER_CAPITAL_SHARP_S 0x1E9E
#define MARK_DOT_ABOVE 0x0307
#define ARABIC_HEH 0x0647
#define ARABIC_YEH 0x064A
#define ARABIC_WAW 0x0648
#define ARABIC_HAMZA_ABOVE 0x0654
#define ARABIC_HEH_DOACHASHMEE 0x06BE
#define DEVANAGARI_CANDRABINDU 0x0901
#define DEVANAGARI_ANUSVARA 0x0902
#define DEVANAGARI_VIRAMA 0x094D
#define MALAYALAM_VIRAMA 0x0D4D
#define THAI_NIKHAHIT 0x0E4D
#define LAO_NIKHAHIT 0x0ECD

struct letter_map {
    int32_t from;
    char to[3]; /* ASCII */
};

/* Latin letters without a decomposition. Ascending. */
static const struct letter_map latin_letters[] = {
    {0x00E6, "ae"},
    {0x00F0, "d"},
    {0x00F8, "o"},
    {0x00FE, "th"},
    {0x0111, "d"},
    {0x0127, "h"},
    {0x0131, "i"},
    {0x0142, "l"},
    {0x0153, "oe"},
    {0x0167, "t"},
    {0x0180, "b"},
    {0x019A, "l"},
    {0x01B6, "z"},
    {0x01E5, "g"},
    {0x0247, "e"},
    {0x0249, "j"},
    {0x024D, "r"},
    {0x024F, "y"},
};

static const char *latin_letter(int32_t code)
{
    if (code < 0x00E6 || code > 0x024F)
        return NULL;
    for (size_t i = 0; i < LEDE_COUNT_OF(latin_letters); i++)
        if (latin_letters[i].from == code)
            return latin_letters[i].to;
    return NULL;
}

static int32_t arabic_letter(int32_t code)
{
    switch (code) {
    case 0x0671: /* alef wasla, with wavy hamza above and below */
    case 0x0672:
    case 0x0673:
        return 0x0627;
    case 0x0649: /* alef maksura and Farsi yeh */
    case 0x06CC:
        return 0x064A;
    case 0x06A9: /* keheh */
        return 0x0643;
    case 0x0629: /* teh marbuta */
    case 0x06C1: /* heh goal of Urdu */
    case 0x06D5: /* what ۀ is made of */
        return 0x0647;
    default:
        return code;
    }
}

/* Consonants behind which ھ makes an aspirate; anywhere else it is another shape of heh. */
static bool takes_aspirate(int32_t code)
{
    static const int32_t consonants[] = {0x0628, 0x067E, 0x062A, 0x0679, 0x062C, 0x0686, 0x062F,
        0x0688, 0x0631, 0x0691, 0x0643, 0x06AF, 0x0644, 0x0645, 0x0646};
    for (size_t i = 0; i < LEDE_COUNT_OF(consonants); i++)
        if (consonants[i] == code)
            return true;
    return false;
}

/* The consonants of a Devanagari nasal's row. */
static bool is_of_row(int32_t nasal, int32_t consonant)
{
    static const int32_t nasals[] = {0x0919, 0x091E, 0x0923, 0x0928, 0x092E};
    int32_t first = 0x0915;
    for (size_t i = 0; i < LEDE_COUNT_OF(nasals);
         first = nasals[i] + (nasals[i] == 0x0928 ? 2 : 1), i++)
        if (nasals[i] == nasal)
            return consonant >= first && consonant < nasal;
    return false;
}

/* The letter of a Malayalam chillu; 0: it is none. */
static int32_t chillu_letter(int32_t code)
{
    static const int32_t letters[] = {0x0D23, 0x0D28, 0x0D30, 0x0D32, 0x0D33, 0x0D15};
    return code >= 0x0D7A && code <= 0x0D7F ? letters[code - 0x0D7A] : 0;
}

static bool is_decimal_digit(int32_t code)
{
    return utf8proc_category(code) == UTF8PROC_CATEGORY_ND;
}

/* Every script's digits are ten code points in a row that begin at a multiple of sixteen, or six
 * above one. */
static int32_t ascii_digit(int32_t code)
{
    int32_t row = code & ~0xF;
    int32_t zero = is_decimal_digit(row) ? row : row + 6;
    int32_t value = code - zero;
    return value >= 0 && value <= 9 ? '0' + value : code;
}

/* Marks that make another letter of a Cyrillic one: й ў ї ѓ ќ. */
static bool cyrillic_letter_has(int32_t base, int32_t mark)
{
    switch (mark) {
    case 0x0306:
        return base == 0x0438 || base == 0x0443;
    case 0x0308:
        return base == 0x0456;
    case 0x0301:
        return base == 0x0433 || base == 0x043A;
    default:
        return false;
    }
}

/* Of Latin, Greek and Cyrillic. İ in small letters is i and a dot: that is no accent. */
static bool mark_is_accent(int32_t base, int32_t mark)
{
    bool is_dot_of_i = mark == MARK_DOT_ABOVE && base == 'i';
    return mark >= 0x0300 && mark <= 0x036F && !cyrillic_letter_has(base, mark) && !is_dot_of_i;
}

static bool mark_is_dropped(int32_t base, int32_t mark)
{
    if (mark >= 0x0300 && mark <= 0x036F)
        return !cyrillic_letter_has(base, mark);
    if (mark == 0x0654) /* hamza above makes ئ */
        return base != 0x064A;
    if (mark == 0x093C) /* Devanagari nukta */
        return true;
    return (mark >= 0x0483 && mark <= 0x0489) || /* Cyrillic titlo and its like */
           (mark >= 0x0591 && mark <= 0x05C7) || /* Hebrew niqqud and cantillation */
           (mark >= 0x0610 && mark <= 0x06ED) || /* Arabic harakat and Koranic signs */
           (mark >= 0x08CA && mark <= 0x08FF) || /* more of them */
           (mark >= 0x1AB0 && mark <= 0x1AFF) || /* combining diacritics, extended */
           (mark >= 0x1DC0 && mark <= 0x1DFF) || (mark >= 0x20D0 && mark <= 0x20FF) ||
           (mark >= 0xFE20 && mark <= 0xFE2F);
}

static utf8proc_propval_t combining_class(int32_t code)
{
    return utf8proc_get_property(code)->combining_class;
}

/* Bring marks into canonical order: a stable insertion sort between marks of class 0. */
static void order_marks(int32_t *codes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        int32_t code = codes[i];
        utf8proc_propval_t class = combining_class(code);
        size_t at = i;
        while (class != 0 && at > 0 && combining_class(codes[at - 1]) > class) {
            codes[at] = codes[at - 1];
            at--;
        }
        codes[at] = code;
    }
}

size_t folder_finish(struct folder *folder, char *out)
{
    size_t size = 0;
    utf8proc_ssize_t count = (utf8proc_ssize_t)folder->count;
    if (count > 1)
        order_marks(folder->codes, folder->count);
    if (count > 1 && folder->way != FOLD_WITH_ACCENTS) {
        count = utf8proc_normalize_utf32(folder->codes, count, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    }
    for (utf8proc_ssize_t i = 0; i < count; i++)
        size += lede_utf8_encode(folder->codes[i], out + size);
    folder->count = 0;
    return size;
}

static size_t put_base(struct folder *folder, int32_t code, char *out)
{
    bool is_half_nasal = folder->count == 2 && folder->codes[1] == DEVANAGARI_VIRAMA;
    if (is_half_nasal && is_of_row(folder->codes[0], code)) {
        folder->codes[0] = DEVANAGARI_ANUSVARA;
        folder->count = 1;
    }
    if (code == ARABIC_HEH_DOACHASHMEE && !takes_aspirate(folder->base))
        code = ARABIC_HEH;
    size_t size = folder_finish(folder, out);
    const char *latin = latin_letter(code);
    if (code == LETTER_O_STROKE) {
        folder->has_umlaut = true;
        latin = folder->way == FOLD_WRITTEN_OUT ? "oe" : latin;
    }
    bool has_accent = latin && code != LETTER_DOTLESS_I;
    folder->has_accent = folder->has_accent || has_accent;
    if (latin && !(has_accent && folder->way == FOLD_WITH_ACCENTS)) {
        folder->base = (unsigned char)latin[0];
        memcpy(out + size, latin, strlen(latin));
        return size + strlen(latin);
    }
    if (code >= 0x0621 && code <= 0x06D5)
        code = arabic_letter(code);
    if (code > 0x80 && is_decimal_digit(code))
        code = ascii_digit(code);
    if (code == 0x0491) /* ґ was г from 1933 to 1990 */
        code = 0x0433;
    int32_t chillu = chillu_letter(code);
    folder->base = chillu ? chillu : code;
    folder->codes[0] = folder->base;
    folder->codes[1] = MALAYALAM_VIRAMA;
    folder->count = chillu ? 2 : 1;
    return size;
}

/* What a mark's letter is written with where there is no such letter on the keyboard: in German
 * (DIN 5007-2, ICAO Doc 9303) and, of å, Danish and Norwegian; 0: nothing. */
static int32_t letter_written_out(int32_t base, int32_t mark)
{
    base |= 0x20;
    if (mark == 0x0308 && (base == 'a' || base == 'o' || base == 'u'))
        return 'e';
    return mark == 0x030A && base == 'a' ? 'a' : 0;
}

/* Before the tone of its consonant, where a sara am puts it behind; without a consonant, as at the
 * begin of a bigram, it belongs to the one before. */
static void put_nikhahit(struct folder *folder, int32_t code)
{
    size_t at = folder->count;
    bool has_consonant = folder->base >= code - 0x4C && folder->base <= code - 0x1F;
    if (at == 0 || at == LEDE_COUNT_OF(folder->codes) || !has_consonant)
        return;
    int32_t first_tone = code == THAI_NIKHAHIT ? 0x0E48 : 0x0EC8;
    for (; at > 1 && folder->codes[at - 1] >= first_tone && folder->codes[at - 1] < code; at--)
        folder->codes[at] = folder->codes[at - 1];
    folder->codes[at] = code;
    folder->count++;
}

static void put_mark(struct folder *folder, int32_t code)
{
    int32_t letter = letter_written_out(folder->base, code);
    folder->has_umlaut = folder->has_umlaut || letter;
    if (letter && folder->way == FOLD_WRITTEN_OUT && folder->count < LEDE_COUNT_OF(folder->codes)) {
        folder->codes[folder->count++] = letter;
        folder->base = letter;
        return;
    }
    if (code == ARABIC_HAMZA_ABOVE && folder->base == ARABIC_WAW && folder->count == 1)
        folder->codes[0] = folder->base = ARABIC_YEH; /* مسؤول, مسئول */
    if (code == DEVANAGARI_CANDRABINDU)
        code = DEVANAGARI_ANUSVARA;
    if (code == THAI_NIKHAHIT || code == LAO_NIKHAHIT) {
        put_nikhahit(folder, code);
        return;
    }
    bool is_accent = mark_is_accent(folder->base, code);
    bool is_dropped =
        mark_is_dropped(folder->base, code) && !(is_accent && folder->way == FOLD_WITH_ACCENTS);
    folder->has_accent = folder->has_accent || is_accent;
    if (utf8proc_category(code) == UTF8PROC_CATEGORY_ME || is_dropped)
        return;
    if (folder->count < LEDE_COUNT_OF(folder->codes))
        folder->codes[folder->count++] = code;
}

/* One code point, decomposed and case-folded. */
static size_t put_code(struct folder *folder, int32_t code, char *out)
{
    uint8_t kind = code < 0x80 ? char_ascii_kinds[code] : char_of_code(code).kind;
    if (kind == CHAR_IGNORABLE)
        return 0;
    if (kind == CHAR_MARK || char_continues_syllable(code)) {
        put_mark(folder, code);
        return 0;
    }
    if (folder->words_only && kind != CHAR_LETTER && kind != CHAR_DIGIT)
        return 0;
    if (kind == CHAR_APOSTROPHE) /* that of ŉ */
        code = '\'';
    return put_base(folder, code, out);
}

/* Letters that decomposition and case folding leave as they are: most of Chinese, Japanese and
 * Korean. */
static bool is_folded_already(int32_t code)
{
    return (code >= 0x4E00 && code <= 0x9FFF) || (code >= 0xAC00 && code <= 0xD7A3) ||
           (code >= 0x3041 && code <= 0x3096) || (code >= 0x30A1 && code <= 0x30FA);
}

static size_t put_sharp_s(struct folder *folder, char *out)
{
    if (folder->way == FOLD_WITH_ACCENTS)
        return put_base(folder, LETTER_SHARP_S, out);
    size_t size = put_base(folder, 's', out);
    folder->has_accent = true;
    return size + put_base(folder, 's', out + size);
}

size_t folder_push(struct folder *folder, int32_t code, char *out)
{
    if (code < 0x80) {
        size_t size = folder_finish(folder, out);
        folder->base = char_is_ascii_upper((char)code) ? code + ('a' - 'A') : code;
        out[size] = (char)folder->base;
        return size + 1;
    }
    if (code == LETTER_SHARP_S || code == LETTER_CAPITAL_SHARP_S)
        return put_sharp_s(folder, out);
    if (is_folded_already(code))
        return put_base(folder, code, out);
    int32_t decomposed[DECOMPOSED_MAX];
    int boundary_class = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(code, decomposed, DECOMPOSED_MAX,
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD, &boundary_class);
    if (count < 0 || count > DECOMPOSED_MAX)
        return 0;
    size_t size = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++)
        size += put_code(folder, decomposed[i], out + size);
    return size;
}

/* Quotation marks of text that is folded as a whole. Returns 0 for other characters. */
static int32_t folded_quote(const struct text_char *c)
{
    if (c->kind == CHAR_APOSTROPHE)
        return '\'';
    switch (c->code) {
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x00AB:
    case 0x00BB:
        return '"';
    default:
        return 0;
    }
}

/* Fold the ASCII characters at `offset`. Returns how many there were. */
static size_t fold_ascii(
    struct lede_buffer *folded, struct folder *folder, const char *text, size_t size, size_t offset)
{
    size_t run = 0;
    while (offset + run < size && (unsigned char)text[offset + run] < 0x80)
        run++;
    char held[FOLD_OUT_MAX];
    if (run > 0)
        lede_buffer_append(folded, held, folder_finish(folder, held));
    char *out = lede_buffer_reserve(folded, run);
    for (size_t i = 0; out && i < run; i++) {
        char c = text[offset + i];
        out[i] = char_is_ascii_upper(c) ? (char)(c | 0x20) : c;
    }
    if (out) {
        folded->size += run;
        folded->data[folded->size] = '\0';
        folder->base = run > 0 ? out[run - 1] : folder->base;
    }
    return run;
}

enum lede_status lede_fold(const char *text, size_t size, char **ret_folded, size_t *ret_size)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer folded = {0};
    struct folder folder = {0};
    char out[FOLD_OUT_MAX];
    lede_buffer_reserve(&folded, size + 1);
    for (size_t offset = 0; offset < size;) {
        offset += fold_ascii(&folded, &folder, text, size, offset);
        struct text_char c = char_at(text, size, offset);
        if (c.kind == CHAR_END)
            break;
        offset += c.size;
        int32_t quote = folded_quote(&c);
        if (quote)
            c.code = quote;
        else if (c.kind == CHAR_INVALID)
            c.code = 0xFFFD;
        if (c.kind != CHAR_IGNORABLE)
            lede_buffer_append(&folded, out, folder_push(&folder, c.code, out));
    }
    lede_buffer_append(&folded, out, folder_finish(&folder, out));
    size_t folded_size = folded.size;
    char *taken = lede_buffer_take(&folded);
    if (!taken)
        return LEDE_ENOMEM;
    *ret_folded = taken;
    *ret_size = folded_size;
    return LEDE_OK;
}
