/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The word at hand: where it stands, what is folded of it, and where it may be taken apart. */
#ifndef LEDE_TEXT_WALK_H
#define LEDE_TEXT_WALK_H

#include "analyzer.h"

/* Letters of the word at hand, as written. */
struct case_count {
    size_t upper;
    size_t other;
};

/* Where a word may be taken apart: size of what is before it, folded (0: there is no seam) and as
 * letters, and bytes of the text at which the one piece ends and the next begins. */
struct seam {
    size_t size;
    struct case_count letters;
    size_t end;
    size_t next;
};

/* The word at hand. */
struct walk {
    struct lede_tokens *tokens;
    struct word_builder *word;
    struct folder folder;
    struct case_count letters;
    size_t offset;          /* the next character */
    size_t end;             /* behind the last character of the word */
    struct seam apostrophe; /* the first */
    size_t last_apostrophe; /* where it stands; 0: nowhere */
    struct seam line_break; /* the first, behind a hyphen */
    struct seam fraction;   /* before ½ and its like */
};

static inline bool case_is_all_upper(const struct case_count *count)
{
    return count->upper >= 2 && count->other == 0;
}

/* Begin a word at tokens->offset.
 * word  where it is folded to   way  how */
void walk_begin(
    struct walk *walk, struct lede_tokens *tokens, struct word_builder *word, enum folder_way way);
/* The character that stands so many bytes behind the offset. */
struct text_char walk_peek(const struct walk *walk, size_t ahead);
/* Take the character at the offset. */
void walk_put_char(struct walk *walk, const struct text_char *c);
/* What the folder holds back goes into the word. */
void walk_put_held(struct walk *walk);
/* Take a whole word of a script with spaces, which begins at the offset. */
void walk_put_word(struct walk *walk, const struct text_char *first);

#endif
