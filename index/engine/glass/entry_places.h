/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a term of a document stands, as an entry has it. */
#ifndef LEDE_ENGINE_ENTRY_PLACES_H
#define LEDE_ENGINE_ENTRY_PLACES_H

#include <cstdint>
#include <string_view>

namespace lede
{

/* Positions in a field, ascending, each once. */
struct EntryPlaces {
    std::string_view behind; /* the first: distances from the one before, packed (bits.h) */
    uint32_t first;          /* 0: it stands nowhere */
    uint32_t last;
};

/* Of a field that has words. */
struct FieldPlaces {
    char prefix;            /* 0: the body, which has none */
    uint32_t last;          /* position */
    EntryPlaces paragraphs; /* where they begin, but the first */
    EntryPlaces sentences;
};

} // namespace lede
#endif
