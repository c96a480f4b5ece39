/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A story's key, as terms and values hold it. */
#ifndef LEDE_ENGINE_STORY_KEY_H
#define LEDE_ENGINE_STORY_KEY_H

#include <xapian.h>

#include <cstdint>
#include <string>

namespace lede
{

/* The story of a key; 0 if it is none. */
uint64_t story_of_key(const std::string &key);

/* The value of a document, "" if it has none. Documents must come in ascending order. */
std::string value_at(Xapian::ValueIterator &values, Xapian::docid docid);

} // namespace lede
#endif
