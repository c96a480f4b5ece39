/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of partial costs is filled word by word: row i has the costs of the first i characters
 * that were meant against each beginning of what was written. */
#include "misspelling.h"

#include <stdlib.h>
#include <string.h>

#define REPLACED 620
#define REPLACED_BY_NEIGHBOUR 520 /* on the keyboard */
#define REPLACED_VOWEL 480        /* by another vowel */
#define INSERTED 560
#define INSERTED_TWICE 420 /* the character before or behind it */
#define OMITTED 500
#define OMITTED_OF_TWO 330
#define SWAPPED 470
#define BAND 4       /* characters by which the two words may be shifted against each other */
#define AT_START 120 /* more, for any change of the first character that is no confusion */

/* Neighbours on the keyboards of Latin script: in a row, and in the row below. */
static const char *const neighbours[26] = {"qwsz", "vghn", "xdfv", "serfcx", "wrds", "drtgvc",
    "ftyhbv", "gyujnb", "uojk", "huikmn", "jiolm", "kop", "njk", "bhjm", "ipkl", "ol", "wa", "etdf",
    "awedxz", "ryfg", "yihj", "cfgb", "qeas", "zsdc", "tugh", "asx"};

static uint8_t class_of(uint32_t character)
{
    if (character >= 'a' && character <= 'z')
        return (uint8_t)(character - 'a');
    return character == '\'' ? MISSPELLING_CLASS_APOSTROPHE : MISSPELLING_CLASS_OTHER;
}

static uint8_t class_of_mark(char c)
{
    if (c == '^')
        return MISSPELLING_CLASS_START;
    return c == '$' ? MISSPELLING_CLASS_END : class_of((unsigned char)c);
}

static bool is_vowel(uint8_t class)
{
    return class < 26 && (UINT32_C(0x1104111) >> class & 1); /* a e i o u y */
}

/* Of another character, of this class, by the one written. */
static uint16_t cost_of_replacing(uint8_t meant, uint8_t written)
{
    if (is_vowel(meant) && is_vowel(written))
        return REPLACED_VOWEL;
    if (meant < 26 && written < 26 && strchr(neighbours[meant], 'a' + written))
        return REPLACED_BY_NEIGHBOUR;
    return REPLACED;
}

/* Does what was written have this part just before character `end`? */
static bool ends_with(
    const struct misspelling *misspelling, size_t end, const char *part, size_t size)
{
    if (size > end)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (misspelling->classes[end - size + i] != class_of_mark(part[i]))
            return false;
    }
    return true;
}

static struct misspelling_pair pack(const struct confusion *confusion)
{
    struct misspelling_pair pair = {.cost = confusion->cost,
        .meant_size = (uint8_t)strlen(confusion->meant),
        .written_size = (uint8_t)strlen(confusion->written)};
    for (size_t i = 0; i < pair.meant_size; i++) {
        pair.meant = pair.meant << 8 | class_of_mark(confusion->meant[i]);
        pair.mask = pair.mask << 8 | 0xFF;
    }
    return pair;
}

static size_t bucket_of(size_t end, const struct misspelling_pair *pair)
{
    return end * (MISSPELLING_CLASSES + 1) +
           (pair->meant_size > 0 ? pair->meant & 0xFF : MISSPELLING_CLASSES);
}

/* ---- The least that a letter costs ---- */

static void lower(uint16_t *least, unsigned cost)
{
    if (cost < *least)
        *least = (uint16_t)cost;
}

/* Any letter may stand for any other, which changes two. That is cheaper for each than to leave it
 * out or put it in. */
static void note_replacements(struct misspelling *misspelling)
{
    _Static_assert(REPLACED / 2 <= OMITTED_OF_TWO && REPLACED / 2 <= INSERTED_TWICE,
        "half of a replacement is the least of one letter");
    for (size_t slot = 0; slot < LEXICON_SLOTS; slot++)
        misspelling->least_omitted[slot] = misspelling->least_added[slot] = REPLACED / 2;
    for (size_t j = 1; j + 1 < misspelling->size; j++) {
        for (unsigned class = 0; class < MISSPELLING_CLASS_APOSTROPHE; class ++) {
            unsigned half = misspelling->replaced[j][class] / 2;
            lower(&misspelling->least_omitted[class], half);
            lower(&misspelling->least_added[lexicon_slot(misspelling->characters[j])], half);
        }
    }
}

/* By slot, how often a letter stands in one part more than in the other. */
static void count_letters(const char *part, int sign, int counts[LEXICON_SLOTS])
{
    for (; *part; part++) {
        if (*part != '^' && *part != '$')
            counts[lexicon_slot((unsigned char)*part)] += sign;
    }
}

static void note_confusion(struct misspelling *misspelling, const struct confusion *confusion)
{
    int counts[LEXICON_SLOTS] = {0};
    unsigned changes = 0;
    count_letters(confusion->meant, 1, counts);
    count_letters(confusion->written, -1, counts);
    for (size_t slot = 0; slot < LEXICON_SLOTS; slot++)
        changes += (unsigned)abs(counts[slot]);
    for (size_t slot = 0; slot < LEXICON_SLOTS; slot++) {
        if (counts[slot] > 0)
            lower(&misspelling->least_omitted[slot], confusion->cost / changes);
        else if (counts[slot] < 0)
            lower(&misspelling->least_added[slot], confusion->cost / changes);
    }
}

static int sum_of_letters(uint64_t bits, const uint16_t least[LEXICON_SLOTS])
{
    int sum = 0;
    for (; bits != 0; bits &= bits - 1)
        sum += least[__builtin_ctzll(bits) / 2];
    return sum;
}

int misspelling_cost_least(const struct misspelling *misspelling, uint64_t meant, uint64_t written)
{
    return sum_of_letters(meant & ~written, misspelling->least_omitted) +
           sum_of_letters(written & ~meant, misspelling->least_added);
}

/* ---- Making ready ---- */

/* Confusions by the last class of what was written; those that wrote nothing with
 * MISSPELLING_CLASSES. */
struct by_last {
    uint16_t numbers[MISSPELLING_CONFUSIONS_MAX];
    uint16_t starts[MISSPELLING_CLASSES + 2];
};

static size_t last_class_of(const struct confusion *confusion)
{
    size_t size = strlen(confusion->written);
    return size > 0 ? class_of_mark(confusion->written[size - 1]) : MISSPELLING_CLASSES;
}

static void sort_by_last(struct by_last *by_last)
{
    memset(by_last->starts, 0, sizeof(by_last->starts));
    for (size_t i = 0; i < confusion_count; i++)
        by_last->starts[last_class_of(&confusions[i]) + 1]++;
    for (size_t class = 0; class <= MISSPELLING_CLASSES; class ++)
        by_last->starts[class + 1] += by_last->starts[class];
    for (size_t i = confusion_count; i > 0; i--)
        by_last->numbers[--by_last->starts[last_class_of(&confusions[i - 1]) + 1]] =
            (uint16_t)(i - 1);
    memmove(by_last->starts, by_last->starts + 1,
        (MISSPELLING_CLASSES + 1) * sizeof(by_last->starts[0]));
    by_last->starts[MISSPELLING_CLASSES + 1] = (uint16_t)confusion_count;
}

/* Count the pairs of each bucket, then, where they have a place, put them there: of confusions
 * whose written part ends with a class those that end before a character. */
static void sort_pairs_of(struct misspelling *misspelling, const struct by_last *by_last,
    size_t class, size_t end, bool count_only)
{
    for (size_t i = by_last->starts[class]; i < by_last->starts[class + 1]; i++) {
        const struct confusion *confusion = &confusions[by_last->numbers[i]];
        if (!ends_with(misspelling, end, confusion->written, strlen(confusion->written)))
            continue;
        struct misspelling_pair pair = pack(confusion);
        size_t bucket = bucket_of(end, &pair);
        if (count_only) {
            misspelling->starts[bucket + 1]++;
            note_confusion(misspelling, confusion);
        } else {
            misspelling->pairs[misspelling->starts[bucket]++] = pair;
        }
    }
}

static void sort_pairs(
    struct misspelling *misspelling, const struct by_last *by_last, bool count_only)
{
    for (size_t end = 0; end <= misspelling->size; end++) {
        sort_pairs_of(misspelling, by_last, MISSPELLING_CLASSES, end, count_only);
        if (end > 0)
            sort_pairs_of(misspelling, by_last, misspelling->classes[end - 1], end, count_only);
    }
}

enum lede_status misspelling_init(struct misspelling *misspelling, const uint32_t *characters,
    size_t size, struct lede_error *reterr)
{
    const size_t buckets = LEDE_COUNT_OF(misspelling->starts) - 1;
    struct by_last by_last;
    memset(misspelling, 0, sizeof(*misspelling));
    misspelling->size = size + 2;
    misspelling->classes[0] = MISSPELLING_CLASS_START;
    misspelling->classes[size + 1] = MISSPELLING_CLASS_END;
    misspelling->characters[0] = '^';
    misspelling->characters[size + 1] = '$';
    for (size_t i = 0; i < size; i++) {
        misspelling->characters[i + 1] = characters[i];
        misspelling->classes[i + 1] = class_of(characters[i]);
    }
    for (size_t j = 0; j < misspelling->size; j++) {
        for (int class = 0; class < MISSPELLING_CLASSES; class ++)
            misspelling->replaced[j][class] =
                cost_of_replacing((uint8_t) class, misspelling->classes[j]);
    }
    sort_by_last(&by_last);
    note_replacements(misspelling);
    sort_pairs(misspelling, &by_last, true);
    for (size_t i = 0; i < buckets; i++)
        misspelling->starts[i + 1] += misspelling->starts[i];
    misspelling->pairs = malloc((misspelling->starts[buckets] + 1) * sizeof(*misspelling->pairs));
    if (!misspelling->pairs)
        return lede_fail_memory(reterr);
    sort_pairs(misspelling, &by_last, false);
    memmove(misspelling->starts + 1, misspelling->starts, buckets * sizeof(misspelling->starts[0]));
    misspelling->starts[0] = 0;
    return LEDE_OK;
}

void misspelling_done(struct misspelling *misspelling)
{
    free(misspelling->pairs);
    misspelling->pairs = NULL;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* The last four rows, and what of the word that was meant they are about. */
struct table {
    int rows[MISSPELLING_PART_MAX + 1][MISSPELLING_CHARS_MAX + 1];
    uint32_t meant[MISSPELLING_CHARS_MAX];
    uint8_t classes[MISSPELLING_CHARS_MAX];
    uint32_t tail; /* classes of the last three characters, as in misspelling_pair.meant */
};

static int *row_of(struct table *table, size_t i)
{
    return table->rows[i % (MISSPELLING_PART_MAX + 1)];
}

static int cheapest_pair(const struct misspelling *misspelling, struct table *table, size_t i,
    size_t j, size_t class, int best)
{
    size_t bucket = j * (MISSPELLING_CLASSES + 1) + class;
    for (uint32_t k = misspelling->starts[bucket]; k < misspelling->starts[bucket + 1]; k++) {
        const struct misspelling_pair *pair = &misspelling->pairs[k];
        if ((table->tail & pair->mask) == pair->meant)
            best = smaller(
                best, row_of(table, i - pair->meant_size)[j - pair->written_size] + pair->cost);
    }
    return best;
}

/* One character replaced, omitted, inserted, or two swapped; i and j at least one. The marks are
 * never left out or added. */
static int cheapest_single(
    const struct misspelling *misspelling, struct table *table, size_t i, size_t j)
{
    const uint32_t *meant = table->meant, *written = misspelling->characters;
    int *row = row_of(table, i), *above = row_of(table, i - 1);
    int best = above[j - 1];
    if (meant[i - 1] != written[j - 1])
        best += misspelling->replaced[j - 1][table->classes[i - 1]] + (i == 2 ? AT_START : 0);
    if (i > 1) {
        bool of_two = meant[i - 1] == meant[i - 2];
        best =
            smaller(best, above[j] + (of_two ? OMITTED_OF_TWO : OMITTED) + (i == 2 ? AT_START : 0));
    }
    if (j > 1) {
        bool twice = written[j - 1] == written[j - 2];
        best = smaller(
            best, row[j - 1] + (twice ? INSERTED_TWICE : INSERTED) + (j == 2 ? AT_START : 0));
    }
    if (i > 2 && j > 2 && meant[i - 1] == written[j - 2] && meant[i - 2] == written[j - 1])
        best = smaller(best, row_of(table, i - 2)[j - 2] + SWAPPED + (i == 3 ? AT_START : 0));
    return best;
}

/* Fill row i as far as its cells are in the band, and with what is impossible as far as pairs look
 * beside it; returns its smallest cost. */
static int fill_row(const struct misspelling *misspelling, struct table *table, size_t i)
{
    int *row = row_of(table, i);
    int least = MISSPELLING_IMPOSSIBLE;
    size_t first = i > BAND + 1 ? i - BAND : 1;
    size_t last = i + BAND < misspelling->size ? i + BAND : misspelling->size;
    for (size_t j = first > MISSPELLING_PART_MAX ? first - MISSPELLING_PART_MAX : 0; j < first; j++)
        row[j] = MISSPELLING_IMPOSSIBLE;
    for (size_t j = last + 1; j <= last + MISSPELLING_PART_MAX && j <= misspelling->size; j++)
        row[j] = MISSPELLING_IMPOSSIBLE;
    for (size_t j = first; j <= last; j++) {
        bool meets_end = table->classes[i - 1] == MISSPELLING_CLASS_END ||
                         misspelling->classes[j - 1] == MISSPELLING_CLASS_END;
        bool is_end = table->classes[i - 1] == misspelling->classes[j - 1];
        int best = MISSPELLING_IMPOSSIBLE;
        if (!meets_end || is_end)
            best =
                meets_end ? row_of(table, i - 1)[j - 1] : cheapest_single(misspelling, table, i, j);
        best = cheapest_pair(misspelling, table, i, j, table->classes[i - 1], best);
        best = cheapest_pair(misspelling, table, i, j, MISSPELLING_CLASSES, best);
        row[j] = best;
        least = smaller(least, best);
    }
    return least;
}

int misspelling_cost(
    const struct misspelling *misspelling, const uint32_t *meant, size_t meant_size, int limit)
{
    struct table table;
    int least[MISSPELLING_PART_MAX] = {0, MISSPELLING_IMPOSSIBLE, MISSPELLING_IMPOSSIBLE};
    if (meant_size + 2 > misspelling->size + BAND || misspelling->size > meant_size + 2 + BAND)
        return MISSPELLING_IMPOSSIBLE;
    table.tail = 0xFFFFFF;
    for (size_t j = 0; j <= misspelling->size; j++)
        table.rows[0][j] = j == 0 ? 0 : MISSPELLING_IMPOSSIBLE;
    for (size_t i = 1; i <= meant_size + 2; i++) {
        bool is_mark = i == 1 || i == meant_size + 2;
        table.meant[i - 1] = !is_mark ? meant[i - 2] : i == 1 ? '^' : '$';
        table.classes[i - 1] = !is_mark ? class_of(meant[i - 2])
                               : i == 1 ? MISSPELLING_CLASS_START
                                        : MISSPELLING_CLASS_END;
        table.tail = (table.tail << 8 | table.classes[i - 1]) & 0xFFFFFF;
        least[i % MISSPELLING_PART_MAX] = fill_row(misspelling, &table, i);
        /* A pair reaches back three characters: what stands in three rows bounds all below. */
        if (least[0] > limit && least[1] > limit && least[2] > limit)
            return MISSPELLING_IMPOSSIBLE;
    }
    return row_of(&table, meant_size + 2)[misspelling->size];
}
