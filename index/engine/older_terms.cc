/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "older_terms.h"

#include "lede/schema.h"

namespace lede
{

namespace
{

constexpr size_t NO_STEM = SIZE_MAX;

/* Bytes of the field's prefix before a stem; NO_STEM: the term is of another kind. */
size_t prefix_size(const std::string &term)
{
    if (term.empty() || term[0] == LEDE_TERM_CAPS)
        return NO_STEM;
    if (term[0] < 'A' || term[0] > 'Z')
        return 0;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if (field->prefix && field->prefix[0] == term[0])
            return 1;
    }
    return NO_STEM;
}

lede_language_set languages_of(std::string_view tag)
{
    lede_language_set languages = 0;
    for (size_t i = 0; i < lede_language_count(); i++) {
        if (tag == lede_language_tag(static_cast<lede_language>(i)))
            languages |= LEDE_LANGUAGE_BIT(i);
    }
    return languages;
}

void read_languages(Segment &segment, const Xapian::Database &handle)
{
    std::vector<lede_language> languages(segment.last_document + size_t(1), LEDE_LANGUAGE_UND);
    Xapian::ValueIterator end = handle.valuestream_end(LEDE_SLOT_LANGUAGE);
    for (Xapian::ValueIterator value = handle.valuestream_begin(LEDE_SLOT_LANGUAGE); value != end;
         ++value) {
        std::string tag = *value;
        if (value.get_docid() < languages.size())
            languages[value.get_docid()] = lede_language_find(tag.data(), tag.size());
    }
    segment.languages = std::move(languages);
}

} // namespace

TermThere term_there(Segment &segment, const Xapian::Database &handle, const std::string &term)
{
    if (!term.empty() && term[0] == LEDE_TERM_WORD)
        return {segment.analysis < ANALYSIS_WRITTEN ? term.substr(0, term.find(LEDE_TERM_WRITTEN))
                                                    : term};
    size_t prefix = segment.analysis < ANALYSIS_TAGGED ? prefix_size(term) : NO_STEM;
    if (prefix == NO_STEM)
        return {term};
    const char *word = term.c_str() + prefix;
    const char *stem = lede_term_stem(word);
    if (stem == word && lede_term_is_of_all_languages(word, term.size() - prefix))
        return {term};
    std::call_once(segment.languages_read, read_languages, std::ref(segment), std::cref(handle));
    std::string_view tag(word, static_cast<size_t>(stem - word));
    return {term.substr(0, prefix) + stem, &segment.languages, languages_of(tag)};
}

Xapian::doccount count_postings(
    Segment &segment, const Xapian::Database &handle, const std::string &term)
{
    TermThere there = term_there(segment, handle, term);
    if (!there.by_document)
        return handle.get_termfreq(there.name);
    Xapian::doccount count = 0;
    visit_postings(segment, there, [&](uint32_t, uint32_t) {
        count++;
        return true;
    });
    return count;
}

} // namespace lede
