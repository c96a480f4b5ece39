/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "forward_positions.h"

#include "bits.h"
#include "lede/number.h"

#include <algorithm>
#include <cstring>

namespace lede
{

namespace
{

constexpr unsigned PARAMETER_BITS = 5;
constexpr size_t KNOWN_MIN = 256;
constexpr unsigned LOW_BITS = 8; /* of a word: found a byte at a time */
/* Of a document whose words all have one stem, where they take no bits: no length says how many
 * there are. More take a bit each. */
constexpr uint32_t WORDS_WITHOUT_BITS_MAX = 1 << 16;

/* The parameter by which the numbers take the fewest bits. */
unsigned rice_parameter(const std::vector<uint32_t> &numbers)
{
    unsigned best = 0;
    uint64_t least = UINT64_MAX;
    for (unsigned parameter = 0; parameter <= RICE_PARAMETER_MAX; parameter++) {
        uint64_t bits = 0;
        for (uint32_t number : numbers)
            bits += (number >> parameter) + 1 + parameter;
        if (bits >= least)
            break;
        least = bits;
        best = parameter;
    }
    return best;
}

uint64_t bytes_of(uint64_t bits)
{
    return (bits + 7) / 8;
}

std::string pack_displacements(const std::vector<uint32_t> &displacements)
{
    unsigned parameter = rice_parameter(displacements);
    std::string bytes(1, static_cast<char>(parameter));
    BitsWriter writer(bytes);
    for (uint32_t displacement : displacements)
        writer.put(displacement & ((UINT32_C(1) << parameter) - 1), parameter);
    writer.finish();
    for (uint32_t displacement : displacements)
        writer.put_rice(displacement >> parameter, 0);
    writer.finish();
    return bytes;
}

/* slots  by stem   words  stems */
void pack_words(const std::vector<uint32_t> &slots, const std::vector<uint32_t> &words,
    unsigned slot_bits, std::string &bytes)
{
    BitsWriter writer(bytes);
    unsigned low = std::min(slot_bits, LOW_BITS);
    for (uint32_t stem : words)
        writer.put(slots[stem] & ((UINT32_C(1) << low) - 1), low);
    writer.finish();
    for (uint32_t stem : words)
        writer.put(slots[stem] >> low, slot_bits - low);
    writer.finish();
}

/* Two stems may stand at one position. */
void append_position(uint32_t position, std::vector<uint32_t> *positions)
{
    if (positions->empty() || positions->back() != position)
        positions->push_back(position);
}

} // namespace

uint64_t stem_hash(std::string_view stem)
{
    return lede_hash64(stem.data(), stem.size());
}

/* ---- Writing ---- */

void ForwardWriter::grow()
{
    std::vector<uint32_t> known(std::max(KNOWN_MIN, known_.size() * 2), 0);
    for (uint32_t number = 0; number < hashes_.size(); number++) {
        size_t at = hashes_[number] & (known.size() - 1);
        while (known[at] != 0)
            at = (at + 1) & (known.size() - 1);
        known[at] = number + 1;
    }
    known_.swap(known);
}

uint32_t ForwardWriter::find_or_add(std::string_view stem)
{
    if (hashes_.size() * 2 >= known_.size())
        grow();
    uint64_t hash = stem_hash(stem);
    size_t at = hash & (known_.size() - 1);
    for (; known_[at] != 0; at = (at + 1) & (known_.size() - 1)) {
        uint32_t number = known_[at] - 1;
        if (hashes_[number] != hash)
            continue;
        hashes_differ_ = hashes_differ_ && stems_[number] == stem;
        return number;
    }
    known_[at] = static_cast<uint32_t>(hashes_.size() + 1);
    stems_.push_back(stem);
    hashes_.push_back(hash);
    return known_[at] - 1;
}

void ForwardWriter::add(enum lede_field_id field, uint32_t position, uint32_t stem, unsigned marks)
{
    bool goes_on = !runs_.empty() && runs_.back().field == field &&
                   runs_.back().first + runs_.back().words == position;
    if (!goes_on)
        runs_.push_back({field, position, 0});
    runs_.back().words++;
    if (marks != 0)
        marks_.push_back({static_cast<uint32_t>(words_.size()), marks});
    words_.push_back(stem);
}

void ForwardWriter::pack_fields(std::string &bytes) const
{
    size_t fields = 0;
    for (size_t i = 0; i < runs_.size(); i++)
        fields += i == 0 || runs_[i].field != runs_[i - 1].field;
    append_uint(bytes, fields);
    for (size_t begin = 0, end = 0; begin < runs_.size(); begin = end) {
        while (end < runs_.size() && runs_[end].field == runs_[begin].field)
            end++;
        bool is_plain = end - begin == 1 && runs_[begin].first == 1;
        append_uint(bytes, static_cast<uint64_t>(runs_[begin].field) << 1 | (is_plain ? 0U : 1U));
        if (!is_plain)
            append_uint(bytes, end - begin);
        uint32_t last = 0;
        for (size_t i = begin; i < end; i++) {
            if (!is_plain)
                append_uint(bytes, runs_[i].first - last);
            append_uint(bytes, runs_[i].words);
            last = runs_[i].first + runs_[i].words - 1;
        }
    }
}

std::string ForwardWriter::pack_marks() const
{
    std::string bytes;
    std::vector<uint32_t> since;
    uint32_t last = 0;
    for (const Mark &mark : marks_) {
        since.push_back(mark.word - last);
        last = mark.word;
    }
    BitsWriter writer(bytes);
    unsigned parameter = rice_parameter(since);
    writer.put(parameter, PARAMETER_BITS);
    for (size_t i = 0; i < marks_.size(); i++) {
        writer.put_rice(since[i], parameter);
        bool has_paragraph = (marks_[i].kinds & FORWARD_PARAGRAPH) != 0;
        writer.put(has_paragraph ? 0 : 1, 1);
        if (has_paragraph)
            writer.put((marks_[i].kinds & FORWARD_SENTENCE) ? 0 : 1, 1);
    }
    writer.finish();
    return bytes;
}

std::string ForwardWriter::pack() const
{
    PerfectHash hash;
    if (words_.empty() || !hashes_differ_ || !hash.build(hashes_))
        return {};
    if (words_.size() > WORDS_WITHOUT_BITS_MAX)
        hash.slot_bits = std::max(hash.slot_bits, 1U);
    std::string bytes(1, static_cast<char>(hash.slot_bits));
    append_uint(bytes, hash.displacements.size());
    pack_fields(bytes);
    std::string marks = marks_.empty() ? std::string() : pack_marks();
    std::string displacements = pack_displacements(hash.displacements);
    append_uint(bytes, marks_.size());
    append_uint(bytes, marks.size());
    append_uint(bytes, displacements.size());
    bytes += marks;
    bytes += displacements;
    std::vector<uint32_t> slots;
    for (uint64_t stem : hashes_) {
        size_t bucket = bucket_of(stem, hash.displacements.size());
        slots.push_back(slot_of(stem, hash.displacements[bucket], hash.slot_bits));
    }
    pack_words(slots, words_, hash.slot_bits, bytes);
    return bytes;
}

/* ---- Reading ---- */

bool ForwardReader::add_run(uint32_t field, uint32_t first, uint32_t words)
{
    bool is_right = words > 0 && first > 0 && words - 1 <= UINT32_MAX - first &&
                    words <= UINT32_MAX - word_count_ && field < LEDE_FIELD_COUNT;
    shares_positions_ =
        shares_positions_ || (!runs_.empty() && runs_.back().field == field &&
                                 first < runs_.back().first + uint64_t(runs_.back().words));
    if (is_right) {
        runs_.push_back({field, first, word_count_, words});
        word_count_ += words;
    }
    return is_right;
}

bool ForwardReader::read_runs(BytesReader &reader, uint32_t field, uint32_t count)
{
    uint64_t last = 0;
    for (uint32_t i = 0; i < count && !reader.failed(); i++) {
        uint64_t first = last + reader.get_uint();
        uint32_t words = reader.get_uint();
        if (first > UINT32_MAX || !add_run(field, static_cast<uint32_t>(first), words))
            return false;
        last = first + words - 1;
    }
    return true;
}

bool ForwardReader::read_fields(BytesReader &reader)
{
    uint32_t fields = reader.get_uint();
    uint64_t seen = 0; /* a bit a field: one that came twice would have its positions in no order */
    for (uint32_t i = 0; i < fields && !reader.failed(); i++) {
        uint32_t head = reader.get_uint();
        uint32_t count = reader.get_uint(), field = head >> 1;
        if (field >= LEDE_FIELD_COUNT || (seen >> field & 1) ||
            (head & 1 ? !read_runs(reader, field, count) : !add_run(field, 1, count)))
            return false;
        seen |= UINT64_C(1) << field;
    }
    return !reader.failed();
}

bool ForwardReader::read_sections(BytesReader &reader, uint32_t buckets)
{
    mark_count_ = reader.get_uint();
    uint64_t mark_bytes = reader.get_uint(), displacement_bytes = reader.get_uint();
    unsigned low = std::min(slot_bits_, LOW_BITS);
    uint64_t low_bytes = bytes_of(uint64_t(word_count_) * low);
    uint64_t high_bytes = bytes_of(uint64_t(word_count_) * (slot_bits_ - low));
    std::string_view rest = reader.rest();
    if (reader.failed() || displacement_bytes == 0 ||
        (slot_bits_ == 0 && word_count_ > WORDS_WITHOUT_BITS_MAX) ||
        rest.size() != mark_bytes + displacement_bytes + low_bytes + high_bytes)
        return false;
    marks_ = rest.substr(0, mark_bytes);
    std::string_view displacements = rest.substr(mark_bytes, displacement_bytes);
    words_low_ = rest.substr(mark_bytes + displacement_bytes, low_bytes);
    words_high_ = rest.substr(rest.size() - high_bytes);
    low_bits_ = static_cast<unsigned char>(displacements[0]);
    uint64_t displacement_low_bytes = bytes_of(uint64_t(buckets) * low_bits_);
    if (low_bits_ > RICE_PARAMETER_MAX || displacement_low_bytes >= displacement_bytes)
        return false;
    displacements_low_ = displacements.substr(1, displacement_low_bytes);
    displacements_high_ = displacements.substr(1 + displacement_low_bytes);
    return buckets > 0;
}

bool ForwardReader::open(std::string_view bytes)
{
    runs_.clear();
    word_count_ = 0;
    shares_positions_ = false;
    BytesReader reader(bytes);
    slot_bits_ = reader.get_byte();
    uint32_t buckets = reader.get_uint();
    bool is_right =
        slot_bits_ <= SLOT_BITS_MAX && read_fields(reader) && read_sections(reader, buckets);
    buckets_ = is_right ? buckets : 0;
    return is_right;
}

/* The zeros between the ones before and at the bucket's number are its high part. */
bool ForwardReader::find_displacement(size_t bucket, uint32_t *ret_displacement) const
{
    uint64_t bit = 0, size = displacements_high_.size() * 8;
    for (size_t left = bucket; bit < size && left > 0;) {
        uint64_t bits = load_bits(displacements_high_, bit) & UINT32_MAX;
        auto ones = static_cast<size_t>(__builtin_popcountll(bits));
        if (ones < left) {
            left -= ones;
            bit += 32;
            continue;
        }
        for (; left > 1; left--)
            bits &= bits - 1;
        bit += static_cast<unsigned>(__builtin_ctzll(bits)) + 1;
        left = 0;
    }
    uint64_t start = bit;
    uint64_t bits = 0;
    for (; bit < size && bits == 0; bit += bits == 0 ? 32 : 0)
        bits = load_bits(displacements_high_, bit) & UINT32_MAX;
    if (bits == 0)
        return false;
    uint64_t high = bit + static_cast<unsigned>(__builtin_ctzll(bits)) - start;
    uint64_t low = load_bits(displacements_low_, uint64_t(bucket) * low_bits_) &
                   ((UINT64_C(1) << low_bits_) - 1);
    *ret_displacement = static_cast<uint32_t>(high << low_bits_ | low);
    return true;
}

bool ForwardReader::find_slot(uint64_t hash, uint32_t *ret_slot) const
{
    uint32_t displacement = 0;
    if (buckets_ == 0 || !find_displacement(bucket_of(hash, buckets_), &displacement))
        return false;
    *ret_slot = slot_of(hash, displacement, slot_bits_);
    return true;
}

uint32_t ForwardReader::slot_at(uint32_t word) const
{
    unsigned low = std::min(slot_bits_, LOW_BITS), width = slot_bits_ - low;
    uint64_t slot = load_bits(words_low_, uint64_t(word) * low) & ((UINT64_C(1) << low) - 1);
    if (width > 0)
        slot |= (load_bits(words_high_, uint64_t(word) * width) & ((UINT64_C(1) << width) - 1))
                << low;
    return static_cast<uint32_t>(slot);
}

/* The first one of the slot from `word` on, or `end`. Where the low bits are a byte each, that byte
 * is looked for. */
uint32_t ForwardReader::next_word(uint32_t word, uint32_t end, uint32_t slot) const
{
    for (; word < end; word++) {
        if (slot_bits_ >= LOW_BITS) {
            const void *at = memchr(words_low_.data() + word, static_cast<int>(slot & 0xFF),
                static_cast<size_t>(end - word));
            if (!at)
                return end;
            word = static_cast<uint32_t>(static_cast<const char *>(at) - words_low_.data());
        }
        if (slot_at(word) == slot)
            return word;
    }
    return end;
}

bool ForwardReader::find(enum lede_field_id field, const std::vector<uint32_t> &slots,
    std::vector<uint32_t> *positions) const
{
    if (buckets_ == 0)
        return false;
    auto begin = static_cast<std::ptrdiff_t>(positions->size());
    for (uint32_t slot : slots) {
        for (const Run &run : runs_) {
            if (run.field != static_cast<uint32_t>(field))
                continue;
            uint32_t end = run.word + run.words;
            for (uint32_t word = next_word(run.word, end, slot); word < end;
                 word = next_word(word + 1, end, slot))
                append_position(run.first + word - run.word, positions);
        }
    }
    if (slots.size() > 1) {
        std::sort(positions->begin() + begin, positions->end());
        positions->erase(
            std::unique(positions->begin() + begin, positions->end()), positions->end());
    }
    return true;
}

bool ForwardReader::has_words_at(
    uint32_t word, const std::vector<std::vector<uint32_t>> &words) const
{
    return std::all_of(
        words.begin(), words.end(), [this, &word](const std::vector<uint32_t> &slots) {
            return std::find(slots.begin(), slots.end(), slot_at(word++)) != slots.end();
        });
}

bool ForwardReader::has_phrase(
    enum lede_field_id field, const std::vector<std::vector<uint32_t>> &words, size_t anchor) const
{
    size_t behind = words.size() - 1 - anchor;
    for (const Run &run : runs_) {
        if (run.field != static_cast<uint32_t>(field) || run.words < words.size())
            continue;
        auto begin = static_cast<uint32_t>(run.word + anchor);
        auto end = static_cast<uint32_t>(run.word + run.words - behind);
        for (uint32_t slot : words[anchor]) {
            for (uint32_t word = next_word(begin, end, slot); word < end;
                 word = next_word(word + 1, end, slot)) {
                if (has_words_at(static_cast<uint32_t>(word - anchor), words))
                    return true;
            }
        }
    }
    return false;
}

bool ForwardReader::starts(
    enum lede_field_id field, enum ForwardMark kind, std::vector<uint32_t> *positions, size_t most)
{
    if (buckets_ == 0)
        return false;
    size_t enough = positions->size() + std::min(most, size_t(mark_count_));
    BitsReader reader(marks_);
    uint64_t word = 0;
    unsigned parameter = reader.get(PARAMETER_BITS);
    auto run = runs_.begin();
    for (uint32_t i = 0; i < mark_count_ && positions->size() < enough; i++) {
        word += reader.get_rice(parameter);
        unsigned kinds = FORWARD_SENTENCE;
        if (reader.get(1) == 0)
            kinds = reader.get(1) == 0 ? FORWARD_SENTENCE | FORWARD_PARAGRAPH : FORWARD_PARAGRAPH;
        if (reader.failed() || word >= word_count_) {
            buckets_ = 0;
            return false;
        }
        while (word >= uint64_t(run->word) + run->words)
            ++run;
        if (run->field == static_cast<uint32_t>(field) && (kinds & kind))
            positions->push_back(run->first + static_cast<uint32_t>(word - run->word));
    }
    return true;
}

} // namespace lede
