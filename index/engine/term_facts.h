/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many documents have a term: asked for the same words by one search after the other. */
#ifndef LEDE_ENGINE_TERM_FACTS_H
#define LEDE_ENGINE_TERM_FACTS_H

#include <xapian.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>

namespace lede
{

/* Facts of some segments: a table where a term has some places, by its hash, and those used last
 * stand there. Threads: any. */
class TermFacts
{
  public:
    /* Is it known? */
    bool known(std::string_view term, uint32_t *ret_documents);
    /* Know it from now on. Where there is no memory, it stays unknown. */
    void note(std::string_view term, uint32_t documents);

  private:
    static constexpr size_t TERM_MAX = 58; /* longer ones are rare, and read each time */
    struct Fact {
        uint32_t documents;
        uint8_t has_term; /* 0: nothing stands here */
        uint8_t size;
        char term[TERM_MAX];
    };
    static constexpr size_t FACTS = 65536; /* 4 MiB, of which the system gives what is used */
    static constexpr size_t PLACES = 4;    /* of a term */
    struct Free {
        void operator()(Fact *facts) const
        {
            free(facts);
        }
    };

    Fact *places_of(std::string_view term) const;

    std::mutex mutex_;
    std::unique_ptr<Fact[], Free> facts_; /* NULL: nothing was read yet */
};

} // namespace lede
#endif
