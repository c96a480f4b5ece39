/* Entries made by hand, for the builder's tests: any terms, values and bytes, as no document would give them. */
#ifndef TEST_ENGINE_MADE_ENTRY_H
#define TEST_ENGINE_MADE_ENTRY_H

#include "entry.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

class MadeEntry
{
  public:
    explicit MadeEntry(uint32_t number) : entry_(std::make_unique<lede_entry>(16))
    {
        std::string id_term = "Q" + std::to_string(number);
        entry_->id_term = {entry_->terms.copy(id_term), id_term.size()};
        entry_->id_term_hash = lede::hash_of(entry_->id_term);
        entry_->add_term(entry_->id_term);
    }
    MadeEntry &term(const std::string &term)
    {
        entry_->add_term(term);
        return *this;
    }
    /* wdf is counted once a position. */
    MadeEntry &posting(const std::string &term, const std::vector<uint32_t> &positions, uint32_t wdf)
    {
        uint32_t number = entry_->terms.find_or_add(term);
        for (uint32_t position : positions)
            entry_->terms.add_posting(number, position, wdf);
        return *this;
    }
    MadeEntry &value(uint32_t slot, const std::string &bytes)
    {
        entry_->set_value(slot, bytes);
        return *this;
    }
    MadeEntry &stored(const std::string &bytes)
    {
        entry_->stored = {entry_->terms.copy(bytes), bytes.size()};
        return *this;
    }
    const struct lede_entry *get()
    {
        if (!entry_->sealed)
            entry_->terms.seal();
        entry_->sealed = true;
        return entry_.get();
    }

  private:
    std::unique_ptr<lede_entry> entry_;
};

#endif
