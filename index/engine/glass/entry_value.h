/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A value of a document, in whatever form the document is. */
#ifndef LEDE_ENGINE_ENTRY_VALUE_H
#define LEDE_ENGINE_ENTRY_VALUE_H

#include <cstdint>
#include <string_view>

namespace lede
{
struct EntryValue {
    uint32_t slot;
    std::string_view bytes; /* never empty; the document's own memory */
};
} // namespace lede
#endif
