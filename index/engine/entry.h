/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lede_entry_new() makes; the builder stores it. Shared inside this floor only.
 *
 * A document in its final form, in plain memory: Xapian's own Document is a tree of maps, which
 * bulk work has no use for. */
#ifndef LEDE_ENGINE_ENTRY_H
#define LEDE_ENGINE_ENTRY_H

#include "entry_value.h"
#include "lede/engine.h"
#include "term_table.h"

#include <string>
#include <string_view>
#include <vector>

struct lede_entry {
    explicit lede_entry(size_t postings_expected) : terms(postings_expected)
    {
    }

    /* Bytes are copied; an empty value is none. A slot that has one gets the new one. Throws
     * std::bad_alloc. */
    void set_value(uint32_t slot, std::string_view bytes);
    /* Add a term without positions, also after the entry was made. Throws std::bad_alloc. */
    void add_term(std::string_view term);

    lede::TermTable terms; /* sealed, once lede_entry_new() has returned */
    bool sealed = false;
    std::vector<lede::EntryValue> values;  /* by slot, ascending */
    std::vector<lede::FieldPlaces> fields; /* that have words */
    std::string_view stored;
    std::string_view id_term; /* Q… */
    uint32_t id_term_hash = 0;
    bool has_sketch = false; /* of its story */
    struct lede_story_sketch sketch = {};
};

namespace lede
{
/* What stands for a key that the schema does not know. Throws std::bad_alloc. */
std::string unknown_key_term(const char *key);
} // namespace lede
#endif
