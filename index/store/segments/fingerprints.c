/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fingerprints.h"

#include <stdlib.h>

#define BITS_PER_ID 12
#define PROBES 6
#define LINE_WORDS 8
#define LINE_BITS (LINE_WORDS * 64)

struct fingerprint_line {
    uint64_t words[LINE_WORDS];
};

struct lede_fingerprints {
    size_t line_count;
    struct fingerprint_line lines[];
};

struct lede_fingerprints *lede_fingerprints_new(size_t ids)
{
    if (ids > LEDE_FINGERPRINT_IDS_MAX)
        return NULL;
    size_t lines = ids * BITS_PER_ID / LINE_BITS + 1;
    struct lede_fingerprints *fingerprints =
        calloc(1, sizeof(*fingerprints) + lines * sizeof(fingerprints->lines[0]));
    if (fingerprints)
        fingerprints->line_count = lines;
    return fingerprints;
}

void lede_fingerprints_free(struct lede_fingerprints *fingerprints)
{
    free(fingerprints);
}

/* The upper half chooses the line; the lower one, stirred at each step, the bits in it. */
static size_t line_of(const struct lede_fingerprints *fingerprints, uint64_t hash)
{
    return (size_t)((hash >> 32) * fingerprints->line_count >> 32);
}

static uint32_t probe(uint32_t low, unsigned number)
{
    return (low * (2 * number + 1) * UINT32_C(0x9e3779b1)) >> 23; /* 9 bits: of LINE_BITS */
}
_Static_assert(LINE_BITS == 512, "a probe has nine bits");

void lede_fingerprints_add(struct lede_fingerprints *fingerprints, uint64_t hash)
{
    struct fingerprint_line *line = &fingerprints->lines[line_of(fingerprints, hash)];
    for (unsigned i = 0; i < PROBES; i++) {
        uint32_t bit = probe((uint32_t)hash, i);
        line->words[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

bool lede_fingerprints_may_have(const struct lede_fingerprints *fingerprints, uint64_t hash)
{
    if (!fingerprints)
        return true;
    const struct fingerprint_line *line = &fingerprints->lines[line_of(fingerprints, hash)];
    for (unsigned i = 0; i < PROBES; i++) {
        uint32_t bit = probe((uint32_t)hash, i);
        if (!(line->words[bit / 64] >> (bit % 64) & 1))
            return false;
    }
    return true;
}
