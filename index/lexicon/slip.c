/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of partial costs is filled word by word: row i has the costs of the first i characters
 * that were meant against each beginning of what was written. */
#include "slip.h"

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
    return character == '\'' ? SLIP_CLASS_APOSTROPHE : SLIP_CLASS_OTHER;
}

static uint8_t class_of_mark(char c)
{
    if (c == '^')
        return SLIP_CLASS_START;
    return c == '$' ? SLIP_CLASS_END : class_of((unsigned char)c);
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
static bool ends_with(const struct slip *slip, size_t end, const char *part, size_t size)
{
    if (size > end)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (slip->classes[end - size + i] != class_of_mark(part[i]))
            return false;
    }
    return true;
}

static struct slip_pair pack(const struct confusion *confusion)
{
    struct slip_pair pair = {.cost = confusion->cost,
        .meant_size = (uint8_t)strlen(confusion->meant),
        .written_size = (uint8_t)strlen(confusion->written)};
    for (size_t i = 0; i < pair.meant_size; i++) {
        pair.meant = pair.meant << 8 | class_of_mark(confusion->meant[i]);
        pair.mask = pair.mask << 8 | 0xFF;
    }
    return pair;
}

static size_t bucket_of(size_t end, const struct slip_pair *pair)
{
    return end * (SLIP_CLASSES + 1) + (pair->meant_size > 0 ? pair->meant & 0xFF : SLIP_CLASSES);
}

/* Count the pairs of each bucket, then, where they have a place, put them there. */
static void sort_pairs(struct slip *slip, bool count_only)
{
    for (size_t end = 0; end <= slip->size; end++) {
        for (size_t i = 0; i < confusion_count; i++) {
            const struct confusion *confusion = &confusions[i];
            if (!ends_with(slip, end, confusion->written, strlen(confusion->written)))
                continue;
            struct slip_pair pair = pack(confusion);
            size_t bucket = bucket_of(end, &pair);
            if (count_only)
                slip->starts[bucket + 1]++;
            else
                slip->pairs[slip->starts[bucket]++] = pair;
        }
    }
}

enum lede_status slip_init(
    struct slip *slip, const uint32_t *characters, size_t size, struct lede_error *reterr)
{
    const size_t buckets = LEDE_COUNT_OF(slip->starts) - 1;
    memset(slip, 0, sizeof(*slip));
    slip->size = size + 2;
    slip->classes[0] = SLIP_CLASS_START;
    slip->classes[size + 1] = SLIP_CLASS_END;
    slip->characters[0] = '^';
    slip->characters[size + 1] = '$';
    for (size_t i = 0; i < size; i++) {
        slip->characters[i + 1] = characters[i];
        slip->classes[i + 1] = class_of(characters[i]);
    }
    for (size_t j = 0; j < slip->size; j++) {
        for (uint8_t class = 0; class < SLIP_CLASSES; class ++)
            slip->replaced[j][class] = cost_of_replacing(class, slip->classes[j]);
    }
    sort_pairs(slip, true);
    for (size_t i = 0; i < buckets; i++)
        slip->starts[i + 1] += slip->starts[i];
    slip->pairs = malloc((slip->starts[buckets] + 1) * sizeof(*slip->pairs));
    if (!slip->pairs)
        return lede_fail_memory(reterr);
    sort_pairs(slip, false);
    memmove(slip->starts + 1, slip->starts, buckets * sizeof(slip->starts[0]));
    slip->starts[0] = 0;
    return LEDE_OK;
}

void slip_done(struct slip *slip)
{
    free(slip->pairs);
    slip->pairs = NULL;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* The last four rows, and what of the word that was meant they are about. */
struct table {
    int rows[SLIP_PART_MAX + 1][SLIP_CHARS_MAX + 1];
    uint32_t meant[SLIP_CHARS_MAX];
    uint8_t classes[SLIP_CHARS_MAX];
    uint32_t tail; /* classes of the last three characters, as in slip_pair.meant */
};

static int *row_of(struct table *table, size_t i)
{
    return table->rows[i % (SLIP_PART_MAX + 1)];
}

static int cheapest_pair(
    const struct slip *slip, struct table *table, size_t i, size_t j, size_t class, int best)
{
    size_t bucket = j * (SLIP_CLASSES + 1) + class;
    for (uint32_t k = slip->starts[bucket]; k < slip->starts[bucket + 1]; k++) {
        const struct slip_pair *pair = &slip->pairs[k];
        if ((table->tail & pair->mask) == pair->meant)
            best = smaller(
                best, row_of(table, i - pair->meant_size)[j - pair->written_size] + pair->cost);
    }
    return best;
}

/* One character replaced, omitted, inserted, or two swapped; i and j at least one. The marks are
 * never left out or added. */
static int cheapest_single(const struct slip *slip, struct table *table, size_t i, size_t j)
{
    const uint32_t *meant = table->meant, *written = slip->characters;
    int *row = row_of(table, i), *above = row_of(table, i - 1);
    int best = above[j - 1];
    if (meant[i - 1] != written[j - 1])
        best += slip->replaced[j - 1][table->classes[i - 1]] + (i == 2 ? AT_START : 0);
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
static int fill_row(const struct slip *slip, struct table *table, size_t i)
{
    int *row = row_of(table, i);
    int least = SLIP_IMPOSSIBLE;
    size_t first = i > BAND + 1 ? i - BAND : 1;
    size_t last = i + BAND < slip->size ? i + BAND : slip->size;
    for (size_t j = first > SLIP_PART_MAX ? first - SLIP_PART_MAX : 0; j < first; j++)
        row[j] = SLIP_IMPOSSIBLE;
    for (size_t j = last + 1; j <= last + SLIP_PART_MAX && j <= slip->size; j++)
        row[j] = SLIP_IMPOSSIBLE;
    for (size_t j = first; j <= last; j++) {
        bool meets_end =
            table->classes[i - 1] == SLIP_CLASS_END || slip->classes[j - 1] == SLIP_CLASS_END;
        bool is_end = table->classes[i - 1] == slip->classes[j - 1];
        int best = SLIP_IMPOSSIBLE;
        if (!meets_end || is_end)
            best = meets_end ? row_of(table, i - 1)[j - 1] : cheapest_single(slip, table, i, j);
        best = cheapest_pair(slip, table, i, j, table->classes[i - 1], best);
        best = cheapest_pair(slip, table, i, j, SLIP_CLASSES, best);
        row[j] = best;
        least = smaller(least, best);
    }
    return least;
}

int slip_cost(const struct slip *slip, const uint32_t *meant, size_t meant_size, int limit)
{
    struct table table;
    int least[SLIP_PART_MAX] = {0, SLIP_IMPOSSIBLE, SLIP_IMPOSSIBLE};
    table.tail = 0xFFFFFF;
    for (size_t j = 0; j <= slip->size; j++)
        table.rows[0][j] = j == 0 ? 0 : SLIP_IMPOSSIBLE;
    for (size_t i = 1; i <= meant_size + 2; i++) {
        bool is_mark = i == 1 || i == meant_size + 2;
        table.meant[i - 1] = !is_mark ? meant[i - 2] : i == 1 ? '^' : '$';
        table.classes[i - 1] = !is_mark ? class_of(meant[i - 2])
                               : i == 1 ? SLIP_CLASS_START
                                        : SLIP_CLASS_END;
        table.tail = (table.tail << 8 | table.classes[i - 1]) & 0xFFFFFF;
        least[i % SLIP_PART_MAX] = fill_row(slip, &table, i);
        /* A pair reaches back three characters: what stands in three rows bounds all below. */
        if (least[0] > limit && least[1] > limit && least[2] > limit)
            return SLIP_IMPOSSIBLE;
    }
    return row_of(&table, meant_size + 2)[slip->size];
}
