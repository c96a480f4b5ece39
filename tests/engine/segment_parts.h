/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment in parts that can be changed one by one, and written as they are: postings, values,
 * stored texts, positions, metadata and figures that no builder would write, in tables that Xapian
 * finds sound. */
#ifndef TEST_ENGINE_SEGMENT_PARTS_H
#define TEST_ENGINE_SEGMENT_PARTS_H

#include "lede/engine.h"
#include "version_file.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

struct SegmentParts {
    struct List {
        std::vector<std::pair<uint32_t, uint32_t>> postings; /* document, wdf; as they come */
        uint32_t count = 0;                                  /* that the list's head says it has */
    };
    using Items = std::vector<std::pair<uint32_t, std::string>>; /* document, bytes */

    std::map<std::string, List> lists;                   /* by term */
    List lengths;                                        /* of all documents */
    std::map<uint32_t, Items> values;                    /* by slot */
    Items data;                                          /* documents ascending */
    std::map<std::string, std::vector<uint64_t>> places; /* ascending, by key (positions_file.h) */
    /* Of the file of positions, once it is written; "": as it is. */
    std::string positions_file;
    std::map<std::string, std::string> metadata;
    lede::glass::DatabaseStatistics statistics;
    uint32_t last_document = 0;

    /* Add a document as a builder would. entry  made by lede_entry_new(); borrowed for the call */
    void add(const struct lede_entry *entry);
    /* The file of positions, of `places`. */
    std::string make_positions_file() const;
    /* path  does not exist */
    void write(const std::string &path) const;

  private:
    void add_places(const struct lede_entry *entry, uint32_t document);
};

/* All of a file, and the other way round. */
std::string read_file(const std::string &path);
void write_file(const std::string &path, const std::string &bytes);

#endif
