/* What lede_entry_new() makes and lede_segment_put() stores; shared inside this floor only. */
#ifndef LEDE_ENGINE_ENTRY_H
#define LEDE_ENGINE_ENTRY_H

#include "lede/engine.h"

#include <xapian.h>

#include <string>

/* One owner at a time: Xapian's reference counts are plain integers, so the document moves between threads,
 * it is never shared. */
struct lede_entry {
    Xapian::Document document;
    std::string id_term;
};

#endif
