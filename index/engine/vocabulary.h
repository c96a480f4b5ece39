/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terms of words as they are written. */
#ifndef LEDE_ENGINE_VOCABULARY_H
#define LEDE_ENGINE_VOCABULARY_H

#include "index.h"

#include <string>
#include <vector>

namespace lede
{

/* The term of a folded word without accents in a field, and those of its forms with some that the
 * archive has. The index has handles. Throws Xapian::Error, std::bad_alloc. */
std::vector<std::string> word_terms(
    struct lede_index *index, const std::string &prefix, const std::string &word);

} // namespace lede
#endif
