/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries made by hand, for the builder's tests: any terms, values and bytes, as no document would
 * give them. */
#ifndef TEST_ENGINE_MADE_ENTRY_H
#define TEST_ENGINE_MADE_ENTRY_H

#include "entry.h"

#include <cstdint>
#include <memory>
#include <string>

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
    MadeEntry &posting(const std::string &term, uint32_t wdf)
    {
        entry_->terms.add_occurrence(entry_->terms.find_or_add(term), wdf);
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
