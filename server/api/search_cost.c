/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search_cost.h"

#include "lede/lexicon.h"
#include "visible.h"

#include <string.h>

/* Milliseconds, of one core. */
#define BASE_MS .4           /* parameters, parsing, the answer's frame */
#define LEAF_MS .02          /* finding what is kept of a word */
#define PATTERN_MS .1        /* the same of a pattern; the first to ask it pays more */
#define DOCUMENT_MS 1.5e-6   /* a document of a word's list is merged, and scored */
#define PHRASE_MS 7e-5       /* a phrase's words are held against each other in a document */
#define PLACE_MS 2e-4        /* where words stand is looked up in lists for a document */
#define TEXT_MS .06          /* the same in its text */
#define COUNTED_MS 2e-6      /* a document is put in a facet, an interval or a group */
#define INTERVALS_MS 1.      /* intervals are written */
#define HIT_MS .005          /* a hit is read and written */
#define MARKED_MS .015       /* a hit is highlighted ... */
#define MARKED_LEAF_MS .0015 /* ... for each word that is looked for */
#define LITERALS_LOOKED_AT 3 /* shorter prefixes have too many words to look at them */
#define COMPLETIONS 8
/* Of all documents, those that are said to have a word of whose frequency nothing is known, and a
 * pattern with so many literal characters. */
#define UNKNOWN_SHARE .05
static const double pattern_shares[] = {1, .9, .8, .5, .2, .1, .03};

struct cost {
    const struct lede_lexicon *lexicon; /* NULL: none */
    double archive;                     /* documents */
    double ms;
    size_t leaves;
    bool needs_text; /* since the last look: of a pattern or of capitals there is no list */
};

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double word_documents(struct cost *cost, const struct lede_query_word *word)
{
    double found = cost->lexicon
                       ? lede_lexicon_documents(cost->lexicon, word->word, word->word_size)
                       : UNKNOWN_SHARE * cost->archive;
    cost->ms += LEAF_MS + found * DOCUMENT_MS;
    return found;
}

/* The characters that a pattern says, and those of them before its first open one. */
static size_t count_literals(const struct lede_query_word *word, size_t *ret_lead)
{
    size_t count = 0;
    *ret_lead = word->word_size;
    for (size_t i = 0; i < word->word_size; i++) {
        bool is_open = word->word[i] == '*' || word->word[i] == '?';
        count += !is_open;
        if (is_open && *ret_lead > i)
            *ret_lead = i;
    }
    return count;
}

static double pattern_documents(struct cost *cost, const struct lede_query_node *leaf)
{
    struct lede_lexicon_word words[COMPLETIONS];
    size_t lead = 0, count = count_literals(&leaf->words[0], &lead);
    double found = 0;
    cost->needs_text = true;
    cost->ms += PATTERN_MS;
    if (leaf->kind == LEDE_QUERY_PREFIX && lead >= LITERALS_LOOKED_AT && cost->lexicon) {
        size_t known = lede_lexicon_complete(
            cost->lexicon, leaf->words[0].word, lead, NULL, COMPLETIONS, words);
        for (size_t i = 0; i < known; i++)
            found += words[i].documents;
    } else {
        size_t last = LEDE_COUNT_OF(pattern_shares) - 1;
        found = pattern_shares[count < last ? count : last] * cost->archive;
    }
    found = least(found, cost->archive);
    cost->ms += found * DOCUMENT_MS;
    return found;
}

/* Documents that have all words of a phrase, which are looked at. */
static double phrase_documents(struct cost *cost, const struct lede_query_node *leaf)
{
    double fewest = cost->archive;
    for (size_t i = 0; i < leaf->word_count; i++)
        fewest = least(fewest, word_documents(cost, &leaf->words[i]));
    cost->ms += fewest * PHRASE_MS;
    return fewest / 4;
}

/* In the lead alone: where the word stands is looked up. */
static double lead_documents(struct cost *cost, const struct lede_query_node *leaf, double found)
{
    if (!leaf->lead)
        return found;
    cost->ms += found * PLACE_MS;
    return found / 2;
}

/* Documents that a node finds, about; what that takes is added up. Trees have at most
 * LEDE_QUERY_DEPTH_MAX levels. */
static double node_documents(struct cost *cost, const struct lede_query_node *node)
{
    double fewest = cost->archive, sum = 0;
    bool needed_text = cost->needs_text;
    cost->leaves += node->child_count == 0;
    cost->needs_text = false;
    for (size_t i = 0; i < node->child_count; i++) {
        const struct lede_query_node *child = node->children[i];
        double found = node_documents(cost, child);
        sum += found;
        if (child->kind != LEDE_QUERY_NOT && (i == 0 || node->kind != LEDE_QUERY_MAYBE))
            fewest = least(fewest, found);
    }
    bool children_need_text = cost->needs_text;
    cost->needs_text = cost->needs_text || needed_text;
    switch (node->kind) {
    case LEDE_QUERY_WORD:
    case LEDE_QUERY_EXACT:
        return lead_documents(cost, node, word_documents(cost, &node->words[0]));
    case LEDE_QUERY_PREFIX:
    case LEDE_QUERY_WILDCARD:
    case LEDE_QUERY_FUZZY:
        return pattern_documents(cost, node);
    case LEDE_QUERY_CAPS:
        cost->needs_text = true;
        return word_documents(cost, &node->words[0]) / 2;
    case LEDE_QUERY_PHRASE:
        return phrase_documents(cost, node);
    case LEDE_QUERY_OR:
        return least(sum, cost->archive);
    case LEDE_QUERY_AND:
    case LEDE_QUERY_MAYBE:
        return fewest / 2;
    case LEDE_QUERY_ALL:
    case LEDE_QUERY_DATES:
    case LEDE_QUERY_LENGTH:
    case LEDE_QUERY_NOT:
        return cost->archive;
    default: /* where words stand */
        cost->ms += fewest * (children_need_text ? TEXT_MS : PLACE_MS);
        return fewest / 2;
    }
}

double lede_search_cost_ms(struct lede_api_worker *worker, const struct lede_search_run *run)
{
    LEDE_CLEANUP(lede_lexicon_unrefp)
    struct lede_lexicon *lexicon = lede_store_lexicon(worker->api->store);
    const struct lede_search *search = &run->search.search;
    struct cost cost = {
        .lexicon = lexicon, .archive = lede_archive_document_count(worker), .ms = BASE_MS};
    double found = node_documents(&cost, lede_query_root(run->query));
    size_t counts = search->histogram != LEDE_HISTOGRAM_NONE;
    for (lede_field_set facets = search->facets; facets != 0; facets &= facets - 1)
        counts++;
    counts += search->collapse_slot != LEDE_SLOT_NONE;
    cost.ms += found * DOCUMENT_MS + found * COUNTED_MS * (double)counts;
    if (search->histogram != LEDE_HISTOGRAM_NONE)
        cost.ms += INTERVALS_MS;
    double shown = least(found, (double)search->limit);
    cost.ms += shown * HIT_MS;
    if (run->search.highlight != 0)
        cost.ms += shown * (MARKED_MS + MARKED_LEAF_MS * (double)cost.leaves);
    return run->search.expand == LEDE_EXPAND_FEEDBACK ? 2 * cost.ms : cost.ms;
}
