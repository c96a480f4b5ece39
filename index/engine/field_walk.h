/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of one field of a document, at the positions that they have in the index.
 *
 * One walk for whoever writes positions and for whoever finds them in a stored text, so that the
 * two cannot disagree. */
#ifndef LEDE_ENGINE_FIELD_WALK_H
#define LEDE_ENGINE_FIELD_WALK_H

#include "lede/text.h"

#include <cstdint>
#include <jansson.h>
#include <string_view>

namespace lede
{

/* No phrase may cross two items of a list. */
constexpr uint32_t ITEM_GAP = 100;

/* Call visit(text) with each string of a key: the one, or a list's items; what is no string is left
 * out. */
template <typename Visit> void visit_strings(const json_t *value, Visit &&visit)
{
    auto visit_one = [&visit](const json_t *text) {
        if (json_is_string(text))
            visit(std::string_view(json_string_value(text), json_string_length(text)));
    };
    visit_one(value);
    for (size_t i = 0; i < json_array_size(value); i++)
        visit_one(json_array_get(value, i));
}

/* Call visit(token, position) with each word, positions ascending, until it returns false. Returns
 * the last item's last position.
 * analyzer, language  for the tokens' terms   words_only  nobody looks at terms */
template <typename Visit>
uint32_t visit_words(struct lede_analyzer *analyzer, lede_language language, const json_t *value,
    Visit &&visit, bool words_only = false)
{
    uint32_t last = 0;
    bool is_first = true, goes_on = true;
    visit_strings(value, [&](std::string_view text) {
        uint32_t base = is_first ? 0 : last + ITEM_GAP;
        struct lede_tokens tokens;
        struct lede_token token;
        is_first = false;
        last = base;
        lede_tokens_init(
            &tokens, analyzer, LEDE_TOKENS_DOCUMENT, language, text.data(), text.size());
        tokens.words_only = words_only;
        while (goes_on && lede_tokens_next(&tokens, &token)) {
            last = base + token.position;
            goes_on = visit(token, last);
        }
    });
    return last;
}

} // namespace lede
#endif
