/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document becomes terms, positions, values and stored text, driven by the schema's table
 * alone. */
#include "entry.h"

#include "bits.h"
#include "field_walk.h"
#include "guard.h"
#include "lede/encoding.h"
#include "lede/number.h"
#include "stored_text.h"
#include "term_table.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

namespace
{

/* Bytes of text per posting, about: sizes the table. */
constexpr size_t BYTES_PER_TERM = 8;
constexpr size_t DIGEST_BYTES = 16;

/* A term in the making: a mark, a field's prefix, and a word put behind them. */
class PrefixedTerm
{
  public:
    PrefixedTerm(const char *mark, const char *prefix)
    {
        append(mark, strlen(mark));
        append(prefix, strlen(prefix));
        prefix_size_ = size_;
    }
    PrefixedTerm(std::initializer_list<char> mark, const char *prefix)
        : PrefixedTerm(mark.begin(), prefix)
    {
    }
    /* Valid until the next call. */
    std::string_view with(const char *word, size_t size)
    {
        size_ = prefix_size_;
        append(word, size);
        return {text_, size_};
    }
    std::string_view with(std::string_view word, char separator, std::string_view rest)
    {
        with(word.data(), word.size());
        append(&separator, 1);
        append(rest.data(), rest.size());
        return {text_, size_};
    }
    size_t prefix_size() const
    {
        return prefix_size_;
    }

  private:
    void append(const char *bytes, size_t size)
    {
        memcpy(text_ + size_, bytes, size);
        size_ += size;
    }

    char text_[2 * LEDE_TERM_SIZE_MAX + 8]; /* marks and prefixes are a byte or two */
    size_t size_ = 0;
    size_t prefix_size_ = 0;
};

class EntryBuilder
{
  public:
    EntryBuilder(const struct lede_document *source, struct lede_analyzer *analyzer,
        struct lede_entry &entry)
        : source_(source), analyzer_(analyzer), entry_(entry), table_(entry.terms)
    {
        lede_story_init(&story_);
    }

    void add_all(const unsigned char digest[DIGEST_BYTES])
    {
        for (int id = 0; id < LEDE_FIELD_COUNT; id++)
            add_field(lede_field_at(static_cast<enum lede_field_id>(id)));
        entry_.has_sketch = lede_story_sketch(&story_, &entry_.sketch);
        add_clock();
        add_length();
        lede_document_visit_unknown_keys(source_, add_unknown_key, this);
        entry_.add_term(entry_.id_term);
        if (failed_)
            throw std::bad_alloc();
        add_places();
        entry_.set_value(LEDE_SLOT_ID, std::string_view(source_->id, source_->id_size));
        entry_.set_value(LEDE_SLOT_DIGEST, bytes(digest, DIGEST_BYTES));
    }

  private:
    static std::string_view bytes(const unsigned char *data, size_t size)
    {
        return {reinterpret_cast<const char *>(data), size};
    }

    void add_field(const struct lede_field *field)
    {
        const json_t *value = lede_document_value(source_, field->id);
        if (!value && field->kind != LEDE_KIND_DATE)
            return;
        if (field->prefix)
            add_words(field, value);
        if (field->filter_letter)
            add_filter_values(field, value);
        if (field->kind == LEDE_KIND_DATE)
            add_date(field);
    }

    void add_words(const struct lede_field *field, const json_t *value)
    {
        PrefixedTerm stem("", field->prefix);
        PrefixedTerm word({LEDE_TERM_WORD, 0}, field->prefix);
        PrefixedTerm capitals({LEDE_TERM_CAPS, 0}, field->prefix);
        std::vector<uint32_t> paragraphs, sentences;
        size_t here = occurrences_.size(); /* the first of the position */
        auto add_word = [&](const struct lede_token &token, uint32_t position) {
            uint32_t term = stem_of_word(term_of_word(word, token), stem, token);
            bool is_added = token.flags & LEDE_TOKEN_ADDED;
            if (!is_added) {
                add_story_word(field->id, token);
                here = occurrences_.size();
            }
            if (!is_added || !has_occurrence(here, term)) {
                table_.add_occurrence(term, field->wdf);
                occurrences_.push_back({term, position});
            }
            if (position > 1 && (token.flags & LEDE_TOKEN_PARAGRAPH_START))
                paragraphs.push_back(position);
            if (position > 1 && (token.flags & LEDE_TOKEN_SENTENCE_START))
                sentences.push_back(position);
            if (token.flags & LEDE_TOKEN_UPPERCASE)
                table_.find_or_add(capitals.with(token.word, token.word_size));
            return true;
        };
        uint32_t last = lede::visit_words(analyzer_, source_->language, value, add_word);
        if (last > 0)
            entry_.fields.push_back(
                {field->prefix[0], last, places_of(paragraphs.data(), paragraphs.size()),
                    places_of(sentences.data(), sentences.size())});
        if (field->id == LEDE_FIELD_BODY)
            length_ = last;
    }

    /* Has a term been noted since? Two words of a position may have one stem. */
    bool has_occurrence(size_t since, uint32_t term) const
    {
        for (size_t i = since; i < occurrences_.size(); i++) {
            if (occurrences_[i].term == term)
                return true;
        }
        return false;
    }

    uint32_t term_of_word(PrefixedTerm &word, const struct lede_token &token)
    {
        if (!(token.flags & LEDE_TOKEN_ACCENTED))
            return table_.find_or_add(word.with(token.word, token.word_size));
        return table_.find_or_add(word.with(
            {token.word, token.word_size}, LEDE_TERM_WRITTEN, {token.written, token.written_size}));
    }

    /* Return the term of a word's stem. Within a document the stem is a function of the word: a
     * word's second occurrence needs no second look-up. */
    uint32_t stem_of_word(uint32_t number, PrefixedTerm &stem, const struct lede_token &token)
    {
        if (number >= stems_.size())
            stems_.resize(table_.term_count() + table_.term_count() / 2, NO_STEM);
        if (stems_[number] == NO_STEM)
            stems_[number] = table_.find_or_add(stem.with(token.term, token.term_size));
        return stems_[number];
    }

    lede::EntryPlaces places_of(const uint32_t *positions, size_t count)
    {
        if (count == 0)
            return {};
        packed_.clear();
        for (size_t i = 1; i < count; i++) {
            if (positions[i] != positions[i - 1])
                lede::append_uint(packed_, positions[i] - positions[i - 1]);
        }
        return {{packed_.empty() ? "" : table_.copy(packed_), packed_.size()}, positions[0],
            positions[count - 1]};
    }

    /* Occurrences are in the order of fields, and of positions in each: sorted by term they stay
     * so. */
    void add_places()
    {
        std::vector<uint32_t> ends(table_.term_count() + 1, 0), positions(occurrences_.size());
        for (const Occurrence &one : occurrences_)
            ends[one.term + 1]++;
        for (size_t i = 1; i < ends.size(); i++)
            ends[i] += ends[i - 1];
        for (const Occurrence &one : occurrences_)
            positions[ends[one.term]++] = one.position;
        for (uint32_t term = 0, begin = 0; term + 1 < ends.size(); begin = ends[term++]) {
            if (ends[term] > begin)
                table_.set_places(term, places_of(positions.data() + begin, ends[term] - begin));
        }
    }

    void add_story_word(enum lede_field_id id, const struct lede_token &token)
    {
        if (id == LEDE_FIELD_TITLE)
            lede_story_add_title_word(&story_, token.word, token.word_size);
        else if (id == LEDE_FIELD_BODY)
            lede_story_add_body_word(&story_, token.word, token.word_size);
    }

    void add_filter_values(const struct lede_field *field, const json_t *value)
    {
        std::vector<std::string_view> values;
        lede::visit_strings(
            value, [&](std::string_view text) { add_filter_value(field, text, values); });
        if (field->slot == LEDE_SLOT_NONE || values.empty())
            return;
        std::string joined;
        for (std::string_view item : values) {
            if (!joined.empty())
                joined += LEDE_FACET_SEPARATOR;
            /* A separator inside a value would make two facet values that no filter finds. */
            size_t start = joined.size();
            joined.append(item);
            std::replace(joined.begin() + static_cast<std::ptrdiff_t>(start), joined.end(),
                LEDE_FACET_SEPARATOR, ' ');
        }
        entry_.set_value(field->slot, joined);
    }

    /* A list may name a value twice: a facet counts documents, so it is noted once. */
    void add_filter_value(const struct lede_field *field, std::string_view text,
        std::vector<std::string_view> &values)
    {
        if (text.empty() || std::find(values.begin(), values.end(), text) != values.end())
            return;
        values.push_back(text);
        char term[LEDE_SCHEMA_TERM_MAX + 1];
        size_t size = lede_schema_filter_term(field, text.data(), text.size(), term);
        table_.find_or_add(std::string_view(term, size));
    }

    int64_t moment_of(enum lede_field_id id) const
    {
        switch (id) {
        case LEDE_FIELD_PUBLISHED:
            return source_->published_utc_s;
        case LEDE_FIELD_UPDATED:
            return source_->updated_utc_s;
        case LEDE_FIELD_EMBARGOED_UNTIL:
            return source_->embargoed_until_utc_s;
        case LEDE_FIELD_EXPIRES:
            return source_->expires_utc_s;
        default:
            return LEDE_TIME_NONE;
        }
    }

    void add_date(const struct lede_field *field)
    {
        int64_t utc_s = moment_of(field->id);
        if (utc_s == LEDE_TIME_NONE || field->slot == LEDE_SLOT_NONE)
            return;
        unsigned char moment[5];
        lede_schema_encode_time(utc_s, moment);
        entry_.set_value(field->slot, bytes(moment, sizeof(moment)));
        if (field->id != LEDE_FIELD_PUBLISHED)
            return;
        unsigned char quarter[4];
        lede_schema_encode_quarter_hour(utc_s, quarter);
        entry_.set_value(LEDE_SLOT_QUARTER_HOUR, bytes(quarter, sizeof(quarter)));
        unsigned char day[3];
        lede_schema_encode_day(utc_s, day);
        entry_.set_value(LEDE_SLOT_DAY, bytes(day, sizeof(day)));
    }

    void add_length()
    {
        unsigned char words[4];
        for (unsigned i = 0; i < sizeof(words); i++)
            words[i] = static_cast<unsigned char>(length_ >> (24 - 8 * i));
        entry_.set_value(LEDE_SLOT_LENGTH, bytes(words, sizeof(words)));
    }

    void add_clock()
    {
        if (source_->status != LEDE_DOCUMENT_USABLE)
            table_.find_or_add(LEDE_TERM_STATUS_WITHHELD);
        if (source_->embargoed_until_utc_s != LEDE_TIME_NONE ||
            source_->expires_utc_s != LEDE_TIME_NONE)
            table_.find_or_add(LEDE_TERM_CLOCK);
    }

    /* Called from C, which no exception may cross. */
    static void add_unknown_key(void *raw, const char *key) noexcept
    {
        auto *builder = static_cast<EntryBuilder *>(raw);
        try {
            builder->table_.find_or_add(lede::unknown_key_term(key));
        } catch (...) {
            builder->failed_ = true;
        }
    }

    const struct lede_document *source_;
    struct lede_analyzer *analyzer_;
    struct lede_entry &entry_;
    lede::TermTable &table_;
    static constexpr uint32_t NO_STEM = UINT32_MAX;
    std::vector<uint32_t> stems_; /* by a word's term number: that of its stem */
    struct Occurrence {
        uint32_t term;
        uint32_t position;
    };
    std::vector<Occurrence> occurrences_;
    std::string packed_;
    struct lede_story story_;
    uint32_t length_ = 0; /* words of the body */
    bool failed_ = false;
};

/* Owns what C's allocator gave. */
struct FreeText {
    void operator()(char *text) const
    {
        free(text);
    }
};
using OwnedText = std::unique_ptr<char, FreeText>;

} // namespace

void lede_entry::set_value(uint32_t slot, std::string_view bytes)
{
    auto place = std::lower_bound(values.begin(), values.end(), slot,
        [](const lede::EntryValue &value, uint32_t wanted) { return value.slot < wanted; });
    bool is_there = place != values.end() && place->slot == slot;
    if (bytes.empty()) {
        if (is_there)
            values.erase(place);
        return;
    }
    auto index = place - values.begin();
    lede::EntryValue value = {slot, {terms.copy(bytes), bytes.size()}};
    if (is_there)
        values[static_cast<size_t>(index)] = value;
    else
        values.insert(values.begin() + index, value);
}

void lede_entry::add_term(std::string_view term)
{
    if (sealed)
        terms.insert_sealed(term);
    else
        terms.find_or_add(term);
}

std::string lede::unknown_key_term(const char *key)
{
    std::string term = "FU";
    term += key;
    if (term.size() > LEDE_SCHEMA_TERM_MAX)
        term.resize(lede_utf8_boundary(term.data(), term.size(), LEDE_SCHEMA_TERM_MAX));
    return term;
}

extern "C" enum lede_status lede_entry_new_stored(const struct lede_document *document,
    const char *stored, size_t stored_size, const unsigned char digest[16],
    struct lede_analyzer *analyzer, struct lede_entry **ret_entry, struct lede_error *reterr)
{
    return lede::guarded(reterr, "indexing a document", [&] {
        auto entry = std::make_unique<lede_entry>(stored_size / BYTES_PER_TERM);
        char id_term[LEDE_SCHEMA_TERM_MAX + 1];
        size_t id_term_size = lede_schema_id_term(document->id, document->id_size, id_term);
        entry->id_term = {entry->terms.copy({id_term, id_term_size}), id_term_size};
        entry->id_term_hash = lede::hash_of(entry->id_term);
        entry->stored = {entry->terms.copy({stored, stored_size}), stored_size};
        EntryBuilder(document, analyzer, *entry).add_all(digest);
        entry->terms.seal();
        entry->sealed = true;
        *ret_entry = entry.release();
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_entry_new(const struct lede_document *document,
    struct lede_analyzer *analyzer, struct lede_entry **ret_entry, struct lede_error *reterr)
{
    char *text = nullptr;
    size_t size = 0;
    enum lede_status status = lede_document_serialize(document, &text, &size);
    if (status != LEDE_OK)
        return lede_fail(reterr, status, "cannot serialize the document '%s'", document->id);
    OwnedText stored(text);
    unsigned char digest[DIGEST_BYTES];
    lede_hash128(text, size, digest);
    return lede_entry_new_stored(document, text, size, digest, analyzer, ret_entry, reterr);
}

extern "C" enum lede_status lede_entry_set_value(struct lede_entry *entry, uint32_t slot,
    const void *bytes, size_t size, struct lede_error *reterr)
{
    return lede::guarded(reterr, "setting a document's value", [&] {
        entry->set_value(slot, {static_cast<const char *>(bytes), size});
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_entry_add_term(
    struct lede_entry *entry, const char *term, size_t size, struct lede_error *reterr)
{
    if (size == 0 || size > LEDE_SCHEMA_TERM_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "a term of %zu bytes, expected 1 to %d", size,
            LEDE_SCHEMA_TERM_MAX);
    return lede::guarded(reterr, "adding a term to a document", [&] {
        entry->add_term({term, size});
        return LEDE_OK;
    });
}

extern "C" void lede_entry_free(struct lede_entry *entry)
{
    delete entry;
}

extern "C" void lede_entry_freep(struct lede_entry **entry)
{
    lede_entry_free(*entry);
    *entry = nullptr;
}
