/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which story a document is: noted as a term (for counting and listing), as a value (for
 * collapsing), and the sketch beside it. */
#include "lede/encoding.h"
#include "story_key.h"

#include "deletions.h"
#include "entry.h"
#include "guard.h"
#include "index.h"
#include "reading.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace
{

constexpr size_t KEY_DIGITS = LEDE_STORY_KEY_DIGITS;

std::string key_of(uint64_t story)
{
    char key[KEY_DIGITS + 1];
    lede_hex_write_number(story, key);
    return key;
}

using Visit = void (*)(void *context, const char *id, size_t id_size,
    const struct lede_story_sketch *sketch, uint64_t story);

void visit_segment(
    const Xapian::Database &segment, const struct lede_deleted &deleted, Visit visit, void *context)
{
    Xapian::ValueIterator key = segment.valuestream_begin(LEDE_SLOT_STORY);
    Xapian::ValueIterator sketch = segment.valuestream_begin(LEDE_SLOT_SKETCH);
    Xapian::ValueIterator id = segment.valuestream_begin(LEDE_SLOT_ID);
    for (; key != segment.valuestream_end(LEDE_SLOT_STORY); ++key) {
        struct lede_story_sketch decoded;
        std::string bytes = lede::value_at(sketch, key.get_docid());
        std::string name = lede::value_at(id, key.get_docid());
        uint64_t story = lede::story_of_key(*key);
        if (story != 0 && !lede::is_deleted(deleted, key.get_docid()) && !name.empty() &&
            lede_story_decode(
                reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(), &decoded))
            visit(context, name.data(), name.size(), &decoded, story);
    }
}

} // namespace

uint64_t lede::story_of_key(const std::string &key)
{
    bool is_hex =
        key.size() == KEY_DIGITS && key.find_first_not_of("0123456789abcdef") == std::string::npos;
    return is_hex ? std::stoull(key, nullptr, 16) : 0;
}

std::string lede::value_at(Xapian::ValueIterator &values, Xapian::docid docid)
{
    if (values == Xapian::ValueIterator())
        return {};
    values.skip_to(docid);
    return values != Xapian::ValueIterator() && values.get_docid() == docid ? *values
                                                                            : std::string();
}

extern "C" bool lede_entry_sketch(
    const struct lede_entry *entry, struct lede_story_sketch *ret_sketch)
{
    if (entry->has_sketch)
        *ret_sketch = entry->sketch;
    return entry->has_sketch;
}

extern "C" enum lede_status lede_entry_set_story(
    struct lede_entry *entry, uint64_t story, struct lede_error *reterr)
{
    return lede::guarded(reterr, "noting a story", [&] {
        unsigned char bytes[LEDE_STORY_SKETCH_BYTES];
        lede_story_encode(&entry->sketch, bytes);
        std::string key = key_of(story);
        entry->set_value(LEDE_SLOT_STORY, key);
        entry->set_value(LEDE_SLOT_SKETCH, {reinterpret_cast<const char *>(bytes), sizeof(bytes)});
        entry->add_term(LEDE_TERM_STORY + key);
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_index_visit_stories(
    struct lede_index *index, Visit visit, void *context, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "reading stories", [&] {
        for (size_t i = 0; i < index->segments.size(); i++)
            visit_segment(index->segments[i], index->parts[i].deleted, visit, context);
        return LEDE_OK;
    });
}
