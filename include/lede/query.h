/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does this query say? Text → tree, or an error with its position.
 *
 * The tree is the only thing that the engine, the highlighter and explanations read. A tree is
 * immutable once parsed, so any number of threads may read it. */
#ifndef LEDE_QUERY_H
#define LEDE_QUERY_H

#include "lede/base.h"
#include "lede/schema.h"
#include "lede/synonyms.h"
#include "lede/text.h"
#include "lede/time.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_QUERY_BYTES_MAX 65536
#define LEDE_QUERY_DEPTH_MAX 32
#define LEDE_QUERY_NOTES_MAX 32     /* behind so many, all of the query is words */
#define LEDE_QUERY_CLAUSES_MAX 2048 /* leaves, a phrase's words counted singly */
#define LEDE_QUERY_PHRASE_WORDS_MAX 256
#define LEDE_QUERY_SPELLINGS_MAX 256 /* of one word */
/* Leaves of a tree: clauses, and as many words of further spellings. */
#define LEDE_QUERY_LEAVES_MAX (2 * LEDE_QUERY_CLAUSES_MAX)
/* NEAR/n, ADJ/n; less than the gap between the items of a list */
#define LEDE_QUERY_DISTANCE_MAX 100
#define LEDE_QUERY_ATLEAST_MAX 1000
#define LEDE_QUERY_EDITS_MAX 2
#define LEDE_NEAR_DEFAULT 5 /* NEAR without a number; ADJ without one is ADJ/1 */

enum lede_query_kind {
    LEDE_QUERY_ALL,    /* every document: the empty query, `*` */
    LEDE_QUERY_WORD,   /* one token, by stem: words[0] */
    LEDE_QUERY_EXACT,  /* one token as it is written: words[0].written */
    LEDE_QUERY_PREFIX, /* words that begin with words[0].word */
    /* words[] at consecutive positions; COVID-19, an e-mail address and CJK runs are phrases
     * too. A phrase that holds a wildcard is a chain of ADJACENT/1 */
    LEDE_QUERY_PHRASE,
    LEDE_QUERY_DATES, /* first_utc_s <= field <= last_utc_s */
    LEDE_QUERY_AND,   /* children all match; a NOT child excludes */
    LEDE_QUERY_OR,    /* any child matches; `is_one_word`: spellings of one word */
    LEDE_QUERY_NOT,   /* the one child must not match */
    /* children[0] matches; children[1] only raises the score (match=any with +) */
    LEDE_QUERY_MAYBE,
    /* words that words[0].word describes: `*` any characters, also none, `?` one character */
    LEDE_QUERY_WILDCARD,
    /* words within `number` edits of words[0].word that begin with the same character, and words
     * that are the same name (lede/names.h) */
    LEDE_QUERY_FUZZY,
    LEDE_QUERY_CAPS,   /* words[0].word written in capitals alone (LEDE_TOKEN_UPPERCASE) */
    LEDE_QUERY_LENGTH, /* first_words <= words of the body <= last_words */
    /* Proximity: two children, each a word-like leaf, a phrase, an OR of such, or proximity again.
     * What they mean is stated in lede/spans.h. */
    LEDE_QUERY_NEAR,      /* within `number` words, any order */
    LEDE_QUERY_ADJACENT,  /* children[1] follows children[0] within `number` words */
    LEDE_QUERY_SENTENCE,  /* in one sentence */
    LEDE_QUERY_PARAGRAPH, /* in one paragraph */
    /* the one child, of the same kinds, stands `number` times or more in the document */
    LEDE_QUERY_ATLEAST,
    /* children[0] where no children[1] is within `number` words, in its sentence, in its
     * paragraph */
    LEDE_QUERY_NOT_NEAR,
    LEDE_QUERY_NOT_SENTENCE,
    LEDE_QUERY_NOT_PARAGRAPH,
};

struct lede_query_word {
    const char *word; /* folded; NUL-terminated */
    size_t word_size;
    const char *written; /* lede/text.h; of an added spelling the word */
    size_t written_size;
    /* The word's terms (lede/text.h: tag and stem) in und and each language of
     * lede_query_options.languages, and those of other spellings of it, without repetitions, sorted
     * bytewise. A token satisfies a WORD or a phrase's word if its term is among them: a stem of
     * its own language, or the word. */
    const char *const *stems;
    size_t stem_count; /* >= 1 */
};

struct query_word;

struct lede_query_node {
    enum lede_query_kind kind;
    /* leaves: the text fields looked at, or the one date field. Proximity: those in which
     * both children can stand; ATLEAST: all of its child's; NOT NEAR: of its first child's */
    lede_field_set fields;
    double weight; /* 1 unless `^n`; of a group: factor of all below */
    size_t start;  /* byte range in the query's text */
    size_t size;
    bool field_named;                    /* it was restricted by `field:`, not by default */
    const struct lede_query_word *words; /* leaves */
    size_t word_count;
    /* WORD, EXACT, PREFIX, PHRASE, what is_one_word: as the canonical form writes it, without field
     * and weight */
    const char *written;
    /* OR: of what stands for one word where a spelling has several, `{eu, european union}`. The
     * first child is a WORD of all spellings of one word, unless there is none; the others are
     * phrases. It scores, counts and prints as one. */
    bool is_one_word;
    /* PHRASE that was typed without quotes: what it is where it need not stand together. The
     * parser's own: a tree that was parsed has these in the phrase's place. */
    struct lede_query_node *const *apart;
    size_t apart_count;
    /* What was typed as one word: that word, whatever it stands for. Likewise. */
    const struct query_word *typed;
    struct lede_query_node *const *children;
    size_t child_count;
    int64_t first_utc_s; /* DATES */
    int64_t last_utc_s;
    /* NEAR, ADJACENT, NOT NEAR: 1..LEDE_QUERY_DISTANCE_MAX; FUZZY: 1..LEDE_QUERY_EDITS_MAX;
     * ATLEAST: 2..LEDE_QUERY_ATLEAST_MAX */
    uint32_t number;
    const char *name_fold; /* FUZZY: of its word; NULL: it has none */
    bool lead;             /* text leaves: of the body only its first paragraph counts (`LEAD:`) */
    uint32_t first_words;  /* LENGTH, both included */
    uint32_t last_words;   /* UINT32_MAX: open */
};

struct lede_query_options {
    bool match_any;              /* words side by side: any of them */
    bool forgiving;              /* what has no meaning as it stands is read as words, and noted */
    lede_field_set fields;       /* words with no field; 0 means LEDE_FIELDS_DEFAULT */
    lede_language_set languages; /* the archive's; 0 means und alone */
    int64_t now_utc_s;           /* for relative dates */
    struct lede_local_clock clock;        /* of dates without a zone */
    const struct lede_synonyms *synonyms; /* borrowed for the call; NULL: a word is itself */
};

struct lede_query;

/* Parse a query.
 * text, size  borrowed; must be valid UTF-8 without NUL
 * analyzer    borrowed for the call
 * ret_query   owner: the caller, lede_query_free()
 * Status: OK; EINPUT with position, message and hint, also for operators that have no meaning
 * together, and where options->forgiving, only what cannot be words without a loss; ELIMIT (over a
 * LEDE_QUERY_ limit) with position; ENOMEM. Threads: one per analyzer. */
LEDE_CHECKED enum lede_status lede_query_parse(const char *text, size_t size,
    const struct lede_query_options *options, struct lede_analyzer *analyzer,
    struct lede_query **ret_query, struct lede_error *reterr);
void lede_query_free(struct lede_query *query);
void lede_query_freep(struct lede_query **query);

/* Documents that satisfy both of two queries. Its ranges in a text mean nothing.
 * a, b       taken on success: NULL afterwards
 * ret_query  owner: the caller, lede_query_free()
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_both(
    struct lede_query **a, struct lede_query **b, struct lede_query **ret_query);

/* The root; never NULL; lives as long as the query. */
const struct lede_query_node *lede_query_root(const struct lede_query *query);

/* What a forgiving reading took for words, or passed over as punctuation. */
struct lede_query_note {
    size_t start; /* byte range in the query's text */
    size_t size;
    const char *reason; /* the message and hint that the error would have had */
    const char *hint;
};

/* In the order of the text; they live as long as the query. */
const struct lede_query_note *lede_query_notes(const struct lede_query *query, size_t *ret_count);

/* Write the canonical form: parsing it with the same options gives an equal tree (unless it has
 * grown over LEDE_QUERY_BYTES_MAX: dates and fields are written out). `crude AND oil AND "saudi
 * arabia"`.
 * ret_text  owner: the caller, free(). Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_print(const struct lede_query *query, char **ret_text);

/* The same of one node, as a query of its own. */
LEDE_CHECKED enum lede_status lede_query_print_node(
    const struct lede_query_node *node, char **ret_text);
/* The same of one word of a phrase. */
LEDE_CHECKED enum lede_status lede_query_print_word(
    const struct lede_query_node *phrase, size_t word, char **ret_text);

/* ---- Changes by which a query finds more, from the smallest to the largest ---- */

enum lede_query_change_kind {
    LEDE_CHANGE_FORMS,    /* `=word`, `CAPS word`: the word in any form; near others too */
    LEDE_CHANGE_SPELLING, /* a word: spellings within one letter; `word~`: within two */
    /* a phrase: its words near each other; ADJ: NEAR; NEAR: farther; SAME s: SAME p */
    LEDE_CHANGE_NEAR,
    LEDE_CHANGE_LEAD,  /* LEAD: the whole text */
    LEDE_CHANGE_FIELD, /* `field:`: the fields of words without one */
    /* a phrase, NEAR and its like: their operands anywhere in a document; ATLEAST/n: once */
    LEDE_CHANGE_ANYWHERE,
    LEDE_CHANGE_DROP, /* the node goes, or one word of a phrase */
    /* AND, a phrase: any of the operands; what is excluded, dates and lengths stay */
    LEDE_CHANGE_ANY,
};

struct lede_query_change {
    const struct lede_query_node *node; /* of the query */
    enum lede_query_change_kind kind;
    size_t word; /* DROP of one word of a phrase; SIZE_MAX: of the node */
};

#define LEDE_CHANGE_NEAR_WORDS 20    /* as far as NEAR/n is widened, unless it is wider */
#define LEDE_CHANGE_SPELLING_BYTES 4 /* shorter words are left as they are spelt */

/* Write the canonical form of a query after changes, which may be to nodes below each other.
 * Whether it can be parsed is seen by parsing it: an AND has no place near something.
 * ret_text  owner: the caller, free()
 * Status: OK; EUNSUPPORTED a change means nothing for its node, or only exclusions would be left;
 * ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_query_print_changed(const struct lede_query *query,
    const struct lede_query_change *changes, size_t count, char **ret_text);

/* Equal in kind, fields, weight, words and children (ranges in the text are not compared). */
bool lede_query_equal(const struct lede_query_node *a, const struct lede_query_node *b);

/* Does a token satisfy the word of this leaf (index < word_count; every kind that has words)?
 * `lead` and fields are not looked at. */
bool lede_query_word_matches(
    const struct lede_query_node *leaf, size_t index, const struct lede_token *token);

/* Does a folded word satisfy a PREFIX, WILDCARD or FUZZY leaf? Threads: any. */
bool lede_query_pattern_matches(const struct lede_query_node *leaf, const char *word, size_t size);

/* A leaf of words: WORD, EXACT, PREFIX, PHRASE, WILDCARD, FUZZY, CAPS. */
bool lede_query_is_text_leaf(enum lede_query_kind kind);
/* NEAR, ADJACENT, SENTENCE, PARAGRAPH, ATLEAST, NOT NEAR and its like: what lede/spans.h
 * evaluates. */
bool lede_query_is_proximity(enum lede_query_kind kind);
/* NOT NEAR and its like: the second child is what must not be near. */
bool lede_query_is_apart(enum lede_query_kind kind);

/* ---- Trees as bytes (lede/wire.h) ---- */

struct lede_buffer;
struct lede_wire_reader;
/* Nodes as they stand, to be matched elsewhere; notes and canonical forms are left out. */
void lede_query_encode(const struct lede_query *query, struct lede_buffer *out);
/* ret_query  owner: the caller, lede_query_free(). Status: OK; EINPUT it is no query; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_decode(
    struct lede_wire_reader *reader, struct lede_query **ret_query, struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
