/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One field of one document: match, choose, write. */
#include "lede/highlight.h"
#include "lede/encoding.h"
#include "lede/shown.h"
#include "lede/time.h"

#include "matcher.h"
#include "render.h"
#include "windows.h"

#include <string.h>

static enum lede_status choose_windows(const char *text, size_t size,
    const struct lede_highlight_options *options, const struct lede_matcher *matcher,
    struct lede_match_list *list, struct lede_window *windows, size_t *ret_count)
{
    if (options->snippets == 0) {
        windows[0] = (struct lede_window){0, size, true, true};
        *ret_count = 1;
        return LEDE_OK;
    }
    size_t count = options->snippets < LEDE_SNIPPETS_MAX ? options->snippets : LEDE_SNIPPETS_MAX;
    size_t chars = options->snippet_chars;
    if (chars < LEDE_SNIPPET_CHARS_MIN)
        chars = LEDE_SNIPPET_CHARS_MIN;
    if (chars > LEDE_SNIPPET_CHARS_MAX)
        chars = LEDE_SNIPPET_CHARS_MAX;
    return lede_windows_choose(
        text, size, list, matcher->weights, count, chars, windows, ret_count);
}

static enum lede_status render_all(const char *text, const struct lede_window *windows,
    size_t count, const struct lede_match_list *list, const struct lede_highlight_options *options,
    struct lede_highlights *highlights)
{
    struct lede_fragment *fragments =
        lede_arena_alloc(&highlights->arena, (count + 1) * sizeof(*fragments));
    if (!fragments)
        return LEDE_ENOMEM;
    size_t mark_count = 0;
    for (size_t i = 0; i < count; i++) {
        enum lede_status st = lede_fragment_render(
            text, &windows[i], list, options, &highlights->arena, &fragments[i]);
        if (st != LEDE_OK)
            return st;
        mark_count += fragments[i].mark_count;
    }
    highlights->fragments = fragments;
    highlights->fragment_count = count;
    highlights->mark_count = mark_count;
    return LEDE_OK;
}

/* A text to be highlighted: one of a document whose words are kept, or any. */
struct subject {
    enum lede_field_id field;
    lede_language language;
    const char *text;
    size_t size;
    struct lede_shown_document *document; /* NULL: words are found anew */
    size_t index;
};

static enum lede_status find_matches(const struct subject *subject, struct lede_analyzer *analyzer,
    struct lede_matcher *matcher, struct lede_match_list *list)
{
    if (!subject->document) {
        bool is_list = lede_field_at(subject->field)->kind == LEDE_KIND_LIST;
        return lede_matcher_scan_text(
            matcher, is_list, subject->language, subject->text, subject->size, analyzer, list);
    }
    LEDE_CLEANUP(lede_freep) struct lede_words *owned = NULL;
    const struct lede_words *words = NULL;
    enum lede_status st = lede_shown_document_words(subject->document, subject->field,
        subject->index, analyzer, matcher->deadline_monotonic_ns, &words, &owned);
    if (st == LEDE_OK)
        lede_matcher_scan(matcher, words, 0, list);
    return matcher->failed ? LEDE_ENOMEM : st;
}

static enum lede_status highlight(const struct subject *subject, const struct lede_query *query,
    const struct lede_shown_leaves *shown, const struct lede_highlight_options *options,
    struct lede_analyzer *analyzer, struct lede_highlights *highlights)
{
    lede_arena_reset(&highlights->arena);
    highlights->fragments = NULL;
    highlights->fragment_count = 0;
    highlights->mark_count = 0;
    highlights->timed_out =
        subject->size > 0 && lede_time_has_passed(options->deadline_monotonic_ns);
    if (subject->size == 0 || highlights->timed_out)
        return LEDE_OK;
    LEDE_CLEANUP(lede_match_list_done) struct lede_match_list list = {0};
    LEDE_CLEANUP(lede_matcher_done) struct lede_matcher matcher;
    enum lede_status st = lede_matcher_init(&matcher, lede_query_root(query), subject->field,
        LEDE_MATCHER_POSITIVE, shown, &highlights->arena);
    matcher.deadline_monotonic_ns = options->deadline_monotonic_ns;
    if (st == LEDE_OK && matcher.can_match)
        st = find_matches(subject, analyzer, &matcher, &list);
    highlights->timed_out = matcher.timed_out;
    if (st != LEDE_OK)
        return st;
    struct lede_window windows[LEDE_SNIPPETS_MAX];
    size_t count = 0;
    st = choose_windows(subject->text, subject->size, options, &matcher, &list, windows, &count);
    if (st != LEDE_OK)
        return st;
    return render_all(subject->text, windows, count, &list, options, highlights);
}

enum lede_status lede_highlight(const struct lede_query *query,
    const struct lede_shown_leaves *shown, enum lede_field_id field, lede_language language,
    const char *text, size_t size, const struct lede_highlight_options *options,
    struct lede_analyzer *analyzer, struct lede_highlights *ret_highlights)
{
    if (size > LEDE_MATCH_BYTES_MAX)
        size = lede_utf8_boundary(text, size, LEDE_MATCH_BYTES_MAX);
    struct subject subject = {.field = field, .language = language, .text = text, .size = size};
    return highlight(&subject, query, shown, options, analyzer, ret_highlights);
}

enum lede_status lede_shown_document_highlight(struct lede_shown_document *document,
    const struct lede_query *query, const struct lede_shown_leaves *shown, enum lede_field_id field,
    size_t index, const struct lede_highlight_options *options, struct lede_analyzer *analyzer,
    struct lede_highlights *ret_highlights)
{
    const struct lede_slice *text =
        &lede_shown_document_stored(document)->fields[field].texts[index];
    struct subject subject = {.field = field,
        .text = text->text,
        .size = text->size,
        .document = document,
        .index = index};
    return highlight(&subject, query, shown, options, analyzer, ret_highlights);
}

void lede_highlights_done(struct lede_highlights *highlights)
{
    if (!highlights)
        return;
    lede_arena_done(&highlights->arena);
    memset(highlights, 0, sizeof(*highlights));
}
