/* The read handle, shared inside this floor only. */
#ifndef LEDE_ENGINE_INDEX_H
#define LEDE_ENGINE_INDEX_H

#include "lede/engine.h"

#include <xapian.h>

#include <vector>

struct lede_index {
    /* One handle a segment: metadata must be read from each. `combined` refers to the same handles, so that
     * reopening it reopens these. */
    std::vector<Xapian::Database> segments;
    Xapian::Database combined;
    uint64_t revision = 0;
    uint32_t document_count = 0;
};

#endif
