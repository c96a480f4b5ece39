/* A document becomes terms, positions, values and stored text, driven by the schema's table alone. */
#include "entry.h"

#include "guard.h"
#include "lede/number.h"
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

/* No phrase may cross two items of a list. */
constexpr uint32_t ITEM_GAP = 100;
/* Bytes of text per posting, about: sizes the table. */
constexpr size_t BYTES_PER_TERM = 8;
constexpr size_t DIGEST_BYTES = 16;

/* The strings of a key: one, or a list's items; what is no string is left out. */
void visit_strings(const json_t *value, void (*visit)(void *context, std::string_view text), void *context)
{
    if (json_is_string(value)) {
        visit(context, std::string_view(json_string_value(value), json_string_length(value)));
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        if (json_is_string(item))
            visit(context, std::string_view(json_string_value(item), json_string_length(item)));
    }
}

class EntryBuilder
{
  public:
    EntryBuilder(const struct lede_document *source, struct lede_analyzer *analyzer, size_t stored_size,
        Xapian::Document &document)
        : source_(source), analyzer_(analyzer), document_(document), table_(stored_size / BYTES_PER_TERM)
    {
    }

    void add_all(std::string_view stored, const std::string &id_term)
    {
        for (int id = 0; id < LEDE_FIELD_COUNT; id++)
            add_field(lede_field_at(static_cast<enum lede_field_id>(id)));
        add_clock();
        add_length();
        lede_document_visit_unknown_keys(source_, add_unknown_key, this);
        table_.add_boolean(id_term);
        table_.emit(document_);
        if (failed_)
            throw std::bad_alloc();
        unsigned char digest[DIGEST_BYTES];
        lede_hash128(stored.data(), stored.size(), digest);
        document_.add_value(LEDE_SLOT_ID, std::string(source_->id, source_->id_size));
        document_.add_value(LEDE_SLOT_DIGEST, bytes(digest, sizeof(digest)));
        document_.set_data(std::string(stored));
    }

  private:
    static std::string bytes(const unsigned char *data, size_t size)
    {
        return std::string(reinterpret_cast<const char *>(data), size);
    }

    void add_field(const struct lede_field *field)
    {
        const json_t *value = json_object_get(source_->json, field->key);
        if (!value && field->kind != LEDE_KIND_DATE)
            return;
        if (field->prefix)
            add_words(field, value);
        if (field->filter_letter)
            add_filter_values(field, value);
        if (field->kind == LEDE_KIND_DATE)
            add_date(field);
    }

    struct WordsContext {
        EntryBuilder *builder;
        const struct lede_field *field;
        uint32_t base; /* positions used by the items before */
    };

    void add_words(const struct lede_field *field, const json_t *value)
    {
        WordsContext context = {this, field, 0};
        visit_strings(
            value,
            [](void *raw, std::string_view text) {
                auto *words = static_cast<WordsContext *>(raw);
                words->base = words->builder->add_text(words->field, text, words->base) + ITEM_GAP;
            },
            &context);
    }

    /* Returns the last position used. */
    uint32_t add_text(const struct lede_field *field, std::string_view text, uint32_t base)
    {
        struct lede_tokens tokens;
        lede_tokens_init(
            &tokens, analyzer_, LEDE_TOKENS_DOCUMENT, source_->language, text.data(), text.size());
        size_t prefix_size = strlen(field->prefix);
        std::string stem(field->prefix);
        std::string word = "=" + stem;
        std::string capitals = std::string(1, LEDE_TERM_CAPS) + field->prefix;
        std::string sentence = std::string(1, LEDE_TERM_SENTENCE) + field->prefix;
        std::string paragraph = std::string(1, LEDE_TERM_PARAGRAPH) + field->prefix;
        struct lede_token token;
        uint32_t last = base;
        while (lede_tokens_next(&tokens, &token)) {
            stem.resize(prefix_size);
            stem.append(token.term, token.term_size);
            last = base + token.position;
            table_.add_posting(stem, last, field->wdf);
            word.resize(prefix_size + 1);
            word.append(token.word, token.word_size);
            table_.add_boolean(word);
            if (token.flags & LEDE_TOKEN_UPPERCASE) {
                capitals.resize(prefix_size + 1);
                capitals.append(token.word, token.word_size);
                table_.add_boolean(capitals);
            }
            if (last > 1 && (token.flags & LEDE_TOKEN_SENTENCE_START))
                table_.add_posting(sentence, last, 0);
            if (last > 1 && (token.flags & LEDE_TOKEN_PARAGRAPH_START))
                table_.add_posting(paragraph, last, 0);
        }
        if (field->id == LEDE_FIELD_BODY)
            length_ = last;
        return last;
    }

    struct FilterContext {
        EntryBuilder *builder;
        const struct lede_field *field;
        std::vector<std::string_view> values;
    };

    void add_filter_values(const struct lede_field *field, const json_t *value)
    {
        FilterContext context = {this, field, {}};
        visit_strings(value, add_filter_value, &context);
        if (field->slot == LEDE_SLOT_NONE || context.values.empty())
            return;
        std::string joined;
        for (std::string_view item : context.values) {
            if (!joined.empty())
                joined += LEDE_FACET_SEPARATOR;
            /* A separator inside a value would make two facet values that no filter finds. */
            size_t start = joined.size();
            joined.append(item);
            std::replace(
                joined.begin() + static_cast<std::ptrdiff_t>(start), joined.end(), LEDE_FACET_SEPARATOR, ' ');
        }
        document_.add_value(field->slot, joined);
    }

    /* A list may name a value twice: a facet counts documents, so it is noted once. */
    static void add_filter_value(void *raw, std::string_view text)
    {
        auto *context = static_cast<FilterContext *>(raw);
        if (text.empty() ||
            std::find(context->values.begin(), context->values.end(), text) != context->values.end())
            return;
        context->values.push_back(text);
        char term[LEDE_SCHEMA_TERM_MAX + 1];
        size_t size = lede_schema_filter_term(context->field, text.data(), text.size(), term);
        context->builder->table_.add_boolean(std::string_view(term, size));
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
        document_.add_value(field->slot, bytes(moment, sizeof(moment)));
        if (field->id != LEDE_FIELD_PUBLISHED)
            return;
        unsigned char quarter[4];
        lede_schema_encode_quarter_hour(utc_s, quarter);
        document_.add_value(LEDE_SLOT_QUARTER_HOUR, bytes(quarter, sizeof(quarter)));
        unsigned char day[3];
        lede_schema_encode_day(utc_s, day);
        document_.add_value(LEDE_SLOT_DAY, bytes(day, sizeof(day)));
    }

    void add_length()
    {
        unsigned char words[4];
        for (unsigned i = 0; i < sizeof(words); i++)
            words[i] = static_cast<unsigned char>(length_ >> (24 - 8 * i));
        document_.add_value(LEDE_SLOT_LENGTH, bytes(words, sizeof(words)));
    }

    void add_clock()
    {
        if (source_->status != LEDE_DOCUMENT_USABLE)
            table_.add_boolean(LEDE_TERM_STATUS_WITHHELD);
        if (source_->embargoed_until_utc_s != LEDE_TIME_NONE || source_->expires_utc_s != LEDE_TIME_NONE)
            table_.add_boolean(LEDE_TERM_CLOCK);
    }

    /* Called from C, which no exception may cross. */
    static void add_unknown_key(void *raw, const char *key) noexcept
    {
        auto *builder = static_cast<EntryBuilder *>(raw);
        try {
            std::string term = "FU";
            term += key;
            if (term.size() > LEDE_SCHEMA_TERM_MAX)
                term.resize(lede_utf8_boundary(term.data(), term.size(), LEDE_SCHEMA_TERM_MAX));
            builder->table_.add_boolean(term);
        } catch (...) {
            builder->failed_ = true;
        }
    }

    const struct lede_document *source_;
    struct lede_analyzer *analyzer_;
    Xapian::Document &document_;
    lede::TermTable table_;
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

enum lede_status serialize(const struct lede_document *document, OwnedText &ret_text, size_t &ret_size)
{
    char *text = nullptr;
    enum lede_status status = lede_document_serialize(document, &text, &ret_size);
    if (status == LEDE_OK)
        ret_text.reset(text);
    return status;
}

} // namespace

extern "C" enum lede_status lede_entry_new(const struct lede_document *document,
    struct lede_analyzer *analyzer, struct lede_entry **ret_entry, struct lede_error *reterr)
{
    return lede::guarded(reterr, "indexing a document", [&] {
        OwnedText stored;
        size_t stored_size = 0;
        enum lede_status status = serialize(document, stored, stored_size);
        if (status != LEDE_OK)
            return lede_fail(reterr, status, "cannot serialize the document '%s'", document->id);
        auto entry = std::make_unique<lede_entry>();
        char id_term[LEDE_SCHEMA_TERM_MAX + 1];
        size_t id_term_size = lede_schema_id_term(document->id, document->id_size, id_term);
        entry->id_term.assign(id_term, id_term_size);
        EntryBuilder builder(document, analyzer, stored_size, entry->document);
        builder.add_all(std::string_view(stored.get(), stored_size), entry->id_term);
        *ret_entry = entry.release();
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

extern "C" enum lede_status lede_document_digest(
    const struct lede_document *document, unsigned char ret_digest[16])
{
    return lede::guarded(nullptr, "hashing a document", [&] {
        OwnedText stored;
        size_t stored_size = 0;
        enum lede_status status = serialize(document, stored, stored_size);
        if (status == LEDE_OK)
            lede_hash128(stored.get(), stored_size, ret_digest);
        return status;
    });
}
