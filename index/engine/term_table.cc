/* Postings are chained through one array by index, so that a term costs no allocation of its own. */
#include "term_table.h"

#include "lede/number.h"

#include <algorithm>
#include <new>
#include <string>

namespace lede
{

namespace
{
constexpr size_t SLOTS_MIN = 64;
/* In news a distinct term (stem or word) comes per two postings or so; half of the slots stay free. */
size_t slots_for(size_t postings)
{
    size_t slots = SLOTS_MIN;
    while (slots < postings * 2)
        slots *= 2;
    return slots;
}

/* Orders as the bytes do, as far as it goes: shorter terms are padded with zeros. */
uint64_t leading_bytes(std::string_view term)
{
    uint64_t order = 0;
    for (size_t i = 0; i < sizeof(order); i++)
        order = order << 8 | (i < term.size() ? static_cast<unsigned char>(term[i]) : 0U);
    return order;
}
} // namespace

TermTable::TermTable(size_t postings_expected)
    : slots_(slots_for(postings_expected), 0), mask_(slots_.size() - 1)
{
    terms_.reserve(postings_expected);
    postings_.reserve(postings_expected);
}

TermTable::~TermTable()
{
    lede_arena_done(&arena_);
}

void TermTable::grow()
{
    std::vector<uint32_t> slots(slots_.size() * 2, 0);
    size_t mask = slots.size() - 1;
    for (size_t i = 0; i < terms_.size(); i++) {
        size_t slot = terms_[i].hash & mask;
        while (slots[slot] != 0)
            slot = (slot + 1) & mask;
        slots[slot] = static_cast<uint32_t>(i + 1);
    }
    slots_.swap(slots);
    mask_ = mask;
}

TermTable::Term &TermTable::find_or_add(std::string_view term)
{
    auto hash = static_cast<uint32_t>(lede_hash64(term.data(), term.size()));
    size_t slot = hash & mask_;
    while (slots_[slot] != 0) {
        Term &known = terms_[slots_[slot] - 1];
        if (known.hash == hash && std::string_view(known.text, known.size) == term)
            return known;
        slot = (slot + 1) & mask_;
    }
    const char *text = lede_arena_copy(&arena_, term.data(), term.size());
    if (!text)
        throw std::bad_alloc();
    terms_.push_back(
        {text, static_cast<uint32_t>(term.size()), hash, 0, leading_bytes(term), NO_POSTING, NO_POSTING});
    slots_[slot] = static_cast<uint32_t>(terms_.size());
    if (terms_.size() * 2 > slots_.size())
        grow();
    return terms_.back();
}

void TermTable::add_posting(std::string_view term, uint32_t position, uint32_t wdf)
{
    Term &entry = find_or_add(term);
    entry.wdf += wdf;
    auto posting = static_cast<uint32_t>(postings_.size());
    postings_.push_back({position, NO_POSTING});
    if (entry.first_posting == NO_POSTING)
        entry.first_posting = posting;
    else
        postings_[entry.last_posting].next = posting;
    entry.last_posting = posting;
}

void TermTable::add_boolean(std::string_view term)
{
    find_or_add(term);
}

void TermTable::emit(Xapian::Document &document)
{
    std::sort(terms_.begin(), terms_.end(), [](const Term &a, const Term &b) {
        if (a.order != b.order)
            return a.order < b.order;
        return std::string_view(a.text, a.size) < std::string_view(b.text, b.size);
    });
    std::string name;
    for (const Term &term : terms_) {
        name.assign(term.text, term.size);
        uint32_t posting = term.first_posting;
        if (posting == NO_POSTING) {
            document.add_boolean_term(name);
            continue;
        }
        document.add_posting(name, postings_[posting].position, term.wdf);
        for (posting = postings_[posting].next; posting != NO_POSTING; posting = postings_[posting].next)
            document.add_posting(name, postings_[posting].position, 0);
    }
}

} // namespace lede
