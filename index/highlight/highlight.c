/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One field of one document: match, choose, write. */
#include "lede/highlight.h"
#include "lede/encoding.h"
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

enum lede_status lede_highlight(const struct lede_query *query,
    const struct lede_shown_leaves *shown, enum lede_field_id field, lede_language language,
    const char *text, size_t size, const struct lede_highlight_options *options,
    struct lede_analyzer *analyzer, struct lede_highlights *ret_highlights)
{
    lede_arena_reset(&ret_highlights->arena);
    ret_highlights->fragments = NULL;
    ret_highlights->fragment_count = 0;
    ret_highlights->mark_count = 0;
    ret_highlights->timed_out = size > 0 && options->deadline_monotonic_ns != 0 &&
                                lede_time_monotonic_ns() >= options->deadline_monotonic_ns;
    if (size == 0 || ret_highlights->timed_out)
        return LEDE_OK;
    if (size > LEDE_MATCH_BYTES_MAX)
        size = lede_utf8_boundary(text, size, LEDE_MATCH_BYTES_MAX);
    LEDE_CLEANUP(lede_match_list_done) struct lede_match_list list = {0};
    LEDE_CLEANUP(lede_matcher_done) struct lede_matcher matcher;
    enum lede_status st = lede_matcher_init(&matcher, lede_query_root(query), field,
        LEDE_MATCHER_POSITIVE, shown, &ret_highlights->arena);
    if (st != LEDE_OK)
        return st;
    bool is_list = lede_field_at(field)->kind == LEDE_KIND_LIST;
    matcher.deadline_monotonic_ns = options->deadline_monotonic_ns;
    if (matcher.can_match)
        lede_matcher_scan(&matcher, is_list, language, text, size, analyzer, &list);
    ret_highlights->timed_out = matcher.timed_out;
    if (list.failed || matcher.failed)
        return LEDE_ENOMEM;
    struct lede_window windows[LEDE_SNIPPETS_MAX];
    size_t count = 0;
    st = choose_windows(text, size, options, &matcher, &list, windows, &count);
    if (st != LEDE_OK)
        return st;
    return render_all(text, windows, count, &list, options, ret_highlights);
}

void lede_highlights_done(struct lede_highlights *highlights)
{
    if (!highlights)
        return;
    lede_arena_done(&highlights->arena);
    memset(highlights, 0, sizeof(*highlights));
}
