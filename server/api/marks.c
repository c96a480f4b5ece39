/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "marks.h"

#include "params.h"

#include <string.h>

/* The name of an element that may mark, at the beginning of text; 0: it is none. */
static size_t mark_name_size(const char *text)
{
    static const char *const names[] = {"mark", "em", "strong", "span", "b", "i", "u", NULL};
    size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    for (size_t i = 0; names[i]; i++) {
        if (size == strlen(names[i]) && memcmp(text, names[i], size) == 0)
            return size;
    }
    return 0;
}

static bool is_text(const char *mark)
{
    return !mark[strcspn(mark, "<>&\"'")];
}

/* Is it `<em>`, or `<em class="hit">`? */
static bool is_start_tag(const char *mark)
{
    static const char of_a_class[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- ";
    static const char attribute[] = " class=\"";
    size_t size = mark[0] == '<' ? mark_name_size(mark + 1) : 0;
    const char *behind = mark + 1 + size;
    if (size > 0 && strncmp(behind, attribute, sizeof(attribute) - 1) == 0) {
        behind += sizeof(attribute) - 1;
        behind += strspn(behind, of_a_class);
        if (*behind++ != '"')
            return false;
    }
    return size > 0 && strcmp(behind, ">") == 0;
}

static bool is_end_tag(const char *mark)
{
    size_t size = strncmp(mark, "</", 2) == 0 ? mark_name_size(mark + 2) : 0;
    return size > 0 && strcmp(mark + 2 + size, ">") == 0;
}

enum lede_status lede_marks_check(
    const struct lede_highlight_options *options, struct lede_error *reterr)
{
    bool is_sound = is_text(options->pre) || is_start_tag(options->pre);
    if (options->format != LEDE_HIGHLIGHT_HTML ||
        (is_sound && (is_text(options->post) || is_end_tag(options->post))))
        return LEDE_OK;
    (void)lede_fail(reterr, LEDE_EINPUT,
        "expected, with format=html, a tag of mark, em, strong, span, b, i or u, perhaps with a "
        "class, or text without < > & and quotes");
    return lede_param_blame(reterr, is_sound ? "post" : "pre");
}
