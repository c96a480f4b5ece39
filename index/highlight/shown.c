/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document's words hang on it text by text. Two threads that find the same words at one time do
 * the work twice, and one of them throws its own away: cheaper than a lock for each look. */
#include "lede/shown.h"

#include <stdlib.h>

struct lede_shown_document {
    struct lede_cached cached; /* first; its key is the stored text */
    struct lede_cache *cache;
    struct lede_stored *stored;
    struct lede_words *words[]; /* by number of the text; changed atomically */
};

static void free_document(struct lede_cached *cached)
{
    struct lede_shown_document *document = (struct lede_shown_document *)cached;
    for (size_t i = 0; document->stored && i < document->stored->text_count; i++)
        free(document->words[i]);
    free(document->stored);
    free(document);
}

static enum lede_status read_document(struct lede_cache *cache, const char *text, size_t size,
    struct lede_shown_document **ret_document, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) struct lede_stored *stored = NULL;
    enum lede_status st = lede_stored_read(text, size, &stored, reterr);
    if (st != LEDE_OK)
        return st;
    size_t bytes =
        sizeof(struct lede_shown_document) + stored->text_count * sizeof(struct lede_words *);
    struct lede_shown_document *document = calloc(1, bytes);
    if (!document)
        return lede_fail_memory(reterr);
    document->cached = (struct lede_cached){.key = stored->text,
        .key_size = stored->size,
        .bytes = bytes + stored->bytes,
        .free = free_document};
    document->cache = cache;
    document->stored = LEDE_TAKE(&stored);
    *ret_document = document;
    return LEDE_OK;
}

enum lede_status lede_shown_document_take(struct lede_cache *cache, const char *text, size_t size,
    struct lede_shown_document **ret_document, struct lede_error *reterr)
{
    struct lede_cached *found = lede_cache_find(cache, text, size);
    if (found) {
        *ret_document = (struct lede_shown_document *)found;
        return LEDE_OK;
    }
    enum lede_status st = read_document(cache, text, size, ret_document, reterr);
    if (st == LEDE_OK)
        lede_cache_add(cache, &(*ret_document)->cached);
    return st;
}

void lede_shown_document_release(struct lede_shown_document *document)
{
    if (document)
        lede_cache_release(document->cache, &document->cached);
}

void lede_shown_document_releasep(struct lede_shown_document **document)
{
    lede_shown_document_release(*document);
    *document = NULL;
}

const struct lede_stored *lede_shown_document_stored(const struct lede_shown_document *document)
{
    return document->stored;
}

enum lede_status lede_shown_document_words(struct lede_shown_document *document,
    enum lede_field_id field, size_t index, struct lede_analyzer *analyzer,
    uint64_t deadline_monotonic_ns, const struct lede_words **ret_words,
    struct lede_words **ret_owned)
{
    const struct lede_stored *stored = document->stored;
    const struct lede_slice *text = &stored->fields[field].texts[index];
    struct lede_words **place = &document->words[text - stored->texts];
    struct lede_words *words = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    *ret_owned = NULL;
    if (!words) {
        struct lede_words *before = NULL;
        enum lede_status st = lede_words_new(
            text->text, text->size, stored->language, analyzer, deadline_monotonic_ns, &words);
        if (st != LEDE_OK)
            return st;
        if (words->is_cut) {
            *ret_owned = words;
        } else if (__atomic_compare_exchange_n(
                       place, &before, words, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            lede_cache_grow(document->cache, &document->cached, words->bytes);
        } else {
            free(words);
            words = before;
        }
    }
    *ret_words = words;
    return LEDE_OK;
}
