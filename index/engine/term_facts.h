/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many documents have a term: asked for the same words by one search after the other. */
#ifndef LEDE_ENGINE_TERM_FACTS_H
#define LEDE_ENGINE_TERM_FACTS_H

#include <xapian.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

namespace lede
{

/* Facts of one revision: a table where a term has one place, by its hash, and the last one read
 * stands there. One thread's. */
class TermFacts
{
  public:
    /* Is it known? */
    bool known(std::string_view term, uint32_t *ret_documents) const;
    /* Read it, and know it from then on. */
    uint32_t read(const std::vector<Xapian::Database> &segments, std::string_view term);

  private:
    static constexpr size_t TERM_MAX = 58; /* longer ones are rare, and read each time */
    struct Fact {
        uint32_t documents;
        uint8_t has_term; /* 0: nothing stands here */
        uint8_t size;
        char term[TERM_MAX];
    };
    static constexpr size_t FACTS = 65536; /* 4 MiB, of which the system gives what is used */
    struct Free {
        void operator()(Fact *facts) const
        {
            free(facts);
        }
    };

    std::unique_ptr<Fact[], Free> facts_; /* NULL: nothing was read yet */
};

} // namespace lede
#endif
