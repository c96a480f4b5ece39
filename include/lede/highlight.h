/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sentences of this text show that tree, and where?
 *
 * Takes the tree and the stored text, never the database. Marks what satisfied the query and
 * nothing else: a phrase as a phrase, prefix and stem matches, prohibited words never. */
#ifndef LEDE_HIGHLIGHT_H
#define LEDE_HIGHLIGHT_H

#include "lede/buffer.h"
#include "lede/model.h"
#include "lede/query.h"
#include "lede/text.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lede_highlight_format {
    LEDE_HIGHLIGHT_HTML, /* text escaped (& < > " '), then marked */
    LEDE_HIGHLIGHT_TEXT, /* marked, nothing escaped */
    LEDE_HIGHLIGHT_RANGES,
};

#define LEDE_SNIPPETS_MAX 20
#define LEDE_SNIPPET_CHARS_MIN 20
#define LEDE_SNIPPET_CHARS_MAX 10000

struct lede_highlight_options {
    enum lede_highlight_format format;
    /* fragments a field, 1..LEDE_SNIPPETS_MAX; 0: the whole field as one fragment (titles) */
    uint32_t snippets;
    uint32_t snippet_chars; /* characters each, about; LEDE_SNIPPET_CHARS_MIN..MAX */
    const char *pre;        /* marks; borrowed; inserted as they are */
    const char *post;
    uint64_t deadline_monotonic_ns; /* what is found by then is shown; 0: none */
};

struct lede_mark {
    size_t start; /* bytes in the field's text */
    size_t size;
};

struct lede_fragment {
    const char
        *text; /* HTML and TEXT: marked up; RANGES: the field's bytes start..start+size unchanged.
                         NUL-terminated */
    size_t text_size;
    size_t start; /* byte range in the field's text; character boundaries */
    size_t size;
    /* inside the fragment, ascending, never overlapping or touching across words of no
     * phrase */
    const struct lede_mark *marks;
    size_t mark_count;
};

struct lede_highlights {
    struct lede_fragment *fragments; /* in text order */
    size_t fragment_count;
    /* in all fragments; 0: the field showed nothing, fragments then hold its beginning */
    size_t mark_count;
    bool timed_out; /* the text was not looked at whole, or, with no fragment, not at all */
    struct lede_arena arena;
};

struct lede_field_text {
    const char *text;
    size_t size;
};
/* A document as far as a tree can ask: one text per field id, NULL: absent. List fields: items
 * joined by LEDE_FACET_SEPARATOR, nothing crosses two items. */
struct lede_match_subject {
    struct lede_field_text texts[LEDE_FIELD_COUNT];
    lede_language language;
    int64_t published_utc_s;
    int64_t updated_utc_s; /* LEDE_TIME_NONE if absent: no range has it */
    /* 0: none; past it whoever looks at the texts gives up with ETIMEOUT */
    uint64_t deadline_monotonic_ns;
};
/* Texts that are no list point into the document, joined ones into the arena; no deadline. Status:
 * OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_match_subject_init(const struct lede_document *document,
    struct lede_arena *arena, struct lede_match_subject *ret_subject);

/* Which leaves may be marked in one document: those by which it satisfies the tree. Of `a OR (b AND
 * c)` a document with a and b alone shows a. Leaves are numbered in the order of a walk
 * from the root over text leaves and proximity nodes; what is below those is not counted. */
struct lede_shown_leaves {
    bool all; /* every leaf that is not prohibited; `bits` then says nothing */
    uint64_t bits[LEDE_QUERY_LEAVES_MAX / 64];
};
/* Cheap where no document can satisfy a part of the tree only (`all`). A document that the tree
 * does not match shows all.
 * Status: OK; ETIMEOUT; ENOMEM. Threads: one per analyzer. */
LEDE_CHECKED enum lede_status lede_query_shown_leaves(const struct lede_query *query,
    const struct lede_match_subject *subject, struct lede_analyzer *analyzer,
    struct lede_shown_leaves *ret_shown);
/* Would every document show all leaves? Then the subject need not be made. Threads: any. */
bool lede_query_shows_all(const struct lede_query *query);

/* Highlight one field of one document.
 * shown     from lede_query_shown_leaves(); NULL: all
 * field     which leaves apply: those whose `fields` has it
 * language  the document's, as it was indexed
 * text      borrowed; UTF-8 as stored
 * ret_highlights  owner: the caller, lede_highlights_done(); reuse one struct for many calls: it is
 *                 reset here Time is bounded by the text's size, not by the number of matches
 *                 squared. An empty text gives no fragment. In html and text formats line breaks
 *                 and runs of white space inside a fragment come out as one space (none before a
 *                 full stop or comma that stands alone), soft hyphens, controls and embedded
 *                 directions are dropped, invalid bytes become U+FFFD; a fragment that does not
 *                 begin or end where a sentence does has an ellipsis (…) and a space there.
 * Marks that overlap are united; of a bigram that a shorter prefix matches only the prefix is
 * marked. A fragment begins with no stray punctuation. It is longer than snippet_chars by an eighth
 * to end with a sentence, and up to four times as long to hold one match. A match that its end cuts
 * is marked only where it is the only one. `snippets` and `snippet_chars` out of range are taken as
 * the nearest in range.
 * Status: OK; ENOMEM. Threads: one per analyzer. */
LEDE_CHECKED enum lede_status lede_highlight(const struct lede_query *query,
    const struct lede_shown_leaves *shown, enum lede_field_id field, lede_language language,
    const char *text, size_t size, const struct lede_highlight_options *options,
    struct lede_analyzer *analyzer, struct lede_highlights *ret_highlights);
void lede_highlights_done(struct lede_highlights *highlights);

/* Does the document satisfy the tree in what these texts show? The same matching code as the marks;
 * the brute-force oracle of the tests and the proof of "marks satisfy the tree". Dates are compared
 * with `published_utc_s` and `updated_utc_s`.
 * Status: OK; ETIMEOUT; ENOMEM. Threads: one per analyzer. */
LEDE_CHECKED enum lede_status lede_query_matches(const struct lede_query *query,
    const struct lede_match_subject *subject, struct lede_analyzer *analyzer, bool *ret_matches);

#ifdef __cplusplus
}
#endif
#endif
