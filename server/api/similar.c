/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is like a document, of the archive or not.
 *
 * The query asks for one of the best third of the document's keywords and for one of the others:
 * what shares a single word with a document is not like it. */
#include "similar.h"

#include "keywords.h"
#include "lede/number.h"
#include "visible.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STRONG_SHARE 3 /* one of the best third must be there */
#define ALONE_MAX 5    /* so few words are one group */

static bool is_hidden(const struct lede_document *document, int64_t now_utc_s)
{
    bool is_early = document->embargoed_until_utc_s != LEDE_TIME_NONE &&
                    document->embargoed_until_utc_s > now_utc_s;
    bool is_late =
        document->expires_utc_s != LEDE_TIME_NONE && document->expires_utc_s <= now_utc_s;
    return is_early || is_late || document->status != LEDE_DOCUMENT_USABLE;
}

/* ---- The query ---- */

/* Any of the words, each counting as much as it says more than the least of all. */
static void write_group(
    const struct lede_keyword *words, size_t count, double least, struct lede_buffer *out)
{
    lede_buffer_append_char(out, '(');
    for (size_t i = 0; i < count; i++) {
        long tenths = lround(10 * sqrt(words[i].weight / least));
        lede_buffer_append_format(out, "%s\"%s\"", i > 0 ? " OR " : "", words[i].word);
        if (tenths > 10)
            lede_buffer_append_format(out, "^%ld.%ld", tenths / 10, tenths % 10);
    }
    lede_buffer_append_char(out, ')');
}

static void write_words(struct lede_keywords *keywords, struct lede_buffer *out)
{
    size_t strong = keywords->count > ALONE_MAX ? keywords->count / STRONG_SHARE : keywords->count;
    double least = keywords->items[keywords->count - 1].weight;
    qsort(keywords->items, strong, sizeof(*keywords->items), lede_keyword_compare_places);
    write_group(keywords->items, strong, least, out);
    if (strong == keywords->count)
        return;
    qsort(keywords->items + strong, keywords->count - strong, sizeof(*keywords->items),
        lede_keyword_compare_places);
    lede_buffer_append_string(out, " AND ");
    write_group(keywords->items + strong, keywords->count - strong, least, out);
}

/* `q` is parsed by itself first, so that an error has its position in it. */
static enum lede_status write_restriction(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_buffer *out, struct lede_error *reterr)
{
    struct lede_query *query = NULL;
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    if (run->search.q_size == 0)
        return LEDE_OK;
    struct lede_query_options options = lede_search_run_options(worker, run);
    enum lede_status st = lede_query_parse(
        run->search.q, run->search.q_size, &options, worker->analyzer, &query, reterr);
    if (st == LEDE_OK && lede_query_print(query, &text) != LEDE_OK)
        st = lede_fail_memory(reterr);
    lede_query_free(query);
    if (st == LEDE_OK)
        lede_buffer_append_format(out, "(%s) AND ", text);
    return st;
}

/* The document as it is shown now. Status: OK; ENOTFOUND … */
static enum lede_status fetch(struct lede_api_worker *worker, const struct lede_search_run *run,
    struct lede_document **ret_document, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
    unsigned char digest[16];
    enum lede_status st =
        lede_visible_get(worker, run->similar_to, strlen(run->similar_to), &stored, digest, reterr);
    if (st == LEDE_OK)
        st = lede_document_from_stored(stored.data, stored.size, ret_document, reterr);
    if (st == LEDE_OK && is_hidden(*ret_document, lede_time_now_utc_s())) {
        lede_document_free(*ret_document);
        *ret_document = NULL;
        st = lede_fail(reterr, LEDE_ENOTFOUND, "no document '%s'", run->similar_to);
    }
    return st;
}

enum lede_status lede_similar_write(struct lede_api_worker *worker, struct lede_search_run *run,
    struct lede_buffer *ret_text, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct lede_keywords keywords = {.arena = &arena, .analyzer = worker->analyzer};
    enum lede_status st = run->like ? LEDE_OK : fetch(worker, run, &document, reterr);
    if (st == LEDE_OK && lede_keywords_add(&keywords, run->like ? run->like : document, 1,
                             LEDE_KEYWORD_TOKENS_MAX) != LEDE_OK)
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = lede_keywords_choose(&keywords, worker, LEDE_SIMILAR_WORDS_MAX, reterr);
    if (st == LEDE_OK && keywords.count > 0)
        st = write_restriction(worker, run, ret_text, reterr);
    if (st == LEDE_OK && keywords.count > 0)
        write_words(&keywords, ret_text);
    if (st == LEDE_OK && lede_buffer_status(ret_text) != LEDE_OK)
        st = lede_fail_memory(reterr);
    return st;
}
