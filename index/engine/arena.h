/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The C arena for C++ callers: no memory is std::bad_alloc. */
#ifndef LEDE_ENGINE_ARENA_H
#define LEDE_ENGINE_ARENA_H

#include "lede/buffer.h"

#include <new>
#include <string>

namespace lede
{

/* Zeroed; NULL for a count of 0. T is a plain C struct. */
template <typename T> T *arena_array(struct lede_arena *arena, size_t count)
{
    if (count == 0)
        return nullptr;
    void *memory = lede_arena_calloc(arena, count, sizeof(T));
    if (!memory)
        throw std::bad_alloc();
    return static_cast<T *>(memory);
}

inline const char *arena_text(struct lede_arena *arena, const std::string &text)
{
    const char *copy = lede_arena_copy(arena, text.data(), text.size());
    if (!copy)
        throw std::bad_alloc();
    return copy;
}

} // namespace lede
#endif
