/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text_packer.h"

#include <algorithm>
#include <new>
#include <utility>

namespace lede
{

namespace
{

constexpr size_t WAITING_BYTES = 4U << 20;      /* then the dictionary is chosen */
constexpr size_t TRAINING_BYTES_MIN = 1U << 20; /* less is not worth one of its own … */
constexpr size_t TEXT_PER_DICTIONARY = 32; /* … which has such a share of its texts at most */
constexpr size_t SHARING_BYTES_MIN = 256U << 10; /* nor so little the room of one that is known */
constexpr size_t RECENT_TRIED = 4;
constexpr size_t TEXTS_TRIED = 64;
/* A dictionary of other news (another language, another trade) comes to .9 and more of what none
 * gives, a fitting one to .6 to .8. */
constexpr double FITTING_SHARE = 0.85;

} // namespace

TextPacker::TextPacker(Take take) : take_(std::move(take))
{
}

void TextPacker::add(uint32_t document, std::string_view text)
{
    if (has_chosen_) {
        give(document, text);
        return;
    }
    waiting_.append(text);
    sizes_.push_back(text.size());
    documents_.push_back(document);
    if (waiting_.size() >= WAITING_BYTES)
        choose(true);
}

void TextPacker::finish()
{
    if (!has_chosen_)
        choose(false);
}

void TextPacker::choose(bool more_may_come)
{
    DictionaryPointer chosen;
    if (more_may_come || waiting_.size() >= SHARING_BYTES_MIN)
        chosen = choose_recent();
    if (!chosen && waiting_.size() >= TRAINING_BYTES_MIN)
        chosen = train_dictionary(waiting_, sizes_, waiting_.size() / TEXT_PER_DICTIONARY);
    if (chosen) {
        remember_dictionary(chosen);
        compressor_ = std::make_unique<TextCompressor>(chosen);
    }
    has_chosen_ = true;
    size_t at = 0;
    for (size_t i = 0; i < sizes_.size(); i++) {
        give(documents_[i], std::string_view(waiting_).substr(at, sizes_[i]));
        at += sizes_[i];
    }
    std::string().swap(waiting_);
    std::vector<size_t>().swap(sizes_);
    std::vector<uint32_t>().swap(documents_);
}

/* Bytes that some of the texts come to. */
size_t TextPacker::measure(const DictionaryPointer &dictionary) const
{
    TextCompressor compressor(dictionary);
    size_t step = std::max<size_t>(1, sizes_.size() / TEXTS_TRIED);
    size_t at = 0;
    size_t sum = 0;
    for (size_t i = 0; i < sizes_.size(); i++) {
        std::string_view frame = std::string_view(waiting_).substr(at, sizes_[i]);
        if (i % step == 0) {
            (void)compressor.compress(frame, &frame);
            sum += frame.size();
        }
        at += sizes_[i];
    }
    return sum;
}

DictionaryPointer TextPacker::choose_recent() const
{
    std::vector<DictionaryPointer> recent = recent_dictionaries(RECENT_TRIED);
    if (recent.empty())
        return nullptr;
    auto most = static_cast<size_t>(
        static_cast<double>(measure(std::make_shared<const TextDictionary>(std::string()))) *
        FITTING_SHARE);
    DictionaryPointer best;
    for (const DictionaryPointer &one : recent) {
        size_t bytes = measure(one);
        if (bytes > most)
            continue;
        most = bytes;
        best = one;
    }
    return best;
}

void TextPacker::give(uint32_t document, std::string_view text)
{
    std::string_view frame;
    if (compressor_ && compressor_->compress(text, &frame))
        take_(document, frame, true);
    else
        take_(document, plain_frame(text), false);
}

std::map<std::string, std::string> TextPacker::metadata() const
{
    if (!compressor_)
        return {};
    const TextDictionary &dictionary = compressor_->dictionary();
    return {{dictionary_key(dictionary.id()), dictionary_value(dictionary)}};
}

} // namespace lede
