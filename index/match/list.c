/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Postings of several terms are summed window by window, in an array of frequencies: lists need not
 * be merged two by two. */
#include "list.h"

#include "lede/buffer.h"
#include "lede/schema.h"

#include <stdlib.h>
#include <string.h>

uint32_t lede_window_words(uint32_t last_document, uint32_t window)
{
    uint64_t documents = (uint64_t)last_document + 1 - (uint64_t)window * LEDE_WINDOW_DOCUMENTS;
    if (documents >= LEDE_WINDOW_DOCUMENTS)
        return LEDE_WINDOW_WORDS;
    uint32_t words = (uint32_t)(documents + 63) / 64;
    return (words + LEDE_RANK_WORDS - 1) / LEDE_RANK_WORDS * LEDE_RANK_WORDS;
}

size_t lede_bitmap_words(uint32_t last_document)
{
    uint32_t last = last_document >> LEDE_WINDOW_BITS;
    return (size_t)last * LEDE_WINDOW_WORDS + lede_window_words(last_document, last);
}

static void free_list(struct lede_kept_item *item)
{
    struct lede_list *list = (struct lede_list *)item;
    free(list->containers);
    free(list->numbers);
    free(list->words);
    free(list->ranks);
    free(list->frequencies);
    free(list->large);
    free(list->term_documents);
    free(list);
}

/* What a list is made of. */
struct making {
    struct lede_list *list;
    uint32_t last_document;
    const struct lede_postings *terms;
    size_t term_count;
    size_t *at; /* by term: the next posting */
    size_t number_count;
    size_t number_capacity;
    size_t word_count;
    size_t word_capacity;
    size_t rank_count;
    size_t rank_capacity;
    size_t frequency_capacity;
    size_t large_capacity;
    bool has_frequencies;
    uint64_t present[LEDE_WINDOW_WORDS];
    uint32_t sums[LEDE_WINDOW_DOCUMENTS]; /* 0 but for what is present */
};

/* Sum up the postings of a window. Returns how many documents have one. */
static uint32_t sum_window(struct making *making, uint32_t window)
{
    uint32_t count = 0;
    for (size_t t = 0; t < making->term_count; t++) {
        const struct lede_postings *term = &making->terms[t];
        size_t i = making->at[t];
        for (; i < term->count && term->items[i].document >> LEDE_WINDOW_BITS == window; i++) {
            uint32_t low = term->items[i].document & (LEDE_WINDOW_DOCUMENTS - 1);
            uint64_t bit = UINT64_C(1) << (low % 64);
            count += !(making->present[low / 64] & bit);
            making->present[low / 64] |= bit;
            uint32_t sum = making->sums[low] + term->items[i].frequency;
            making->sums[low] = sum < term->items[i].frequency ? UINT32_MAX : sum;
        }
        making->at[t] = i;
    }
    return count;
}

static bool add_frequency(struct making *making, uint32_t frequency)
{
    struct lede_list *list = making->list;
    if (!LEDE_ARRAY_RESERVE(
            list->frequencies, making->frequency_capacity, (size_t)list->documents + 1))
        return false;
    bool is_large = frequency >= LEDE_FREQUENCY_LARGE;
    list->frequencies[list->documents] = (uint8_t)(is_large ? LEDE_FREQUENCY_LARGE : frequency);
    making->has_frequencies = making->has_frequencies || frequency > 0;
    if (is_large && !LEDE_ARRAY_RESERVE(list->large, making->large_capacity, list->large_count + 1))
        return false;
    if (is_large)
        list->large[list->large_count++] =
            (struct lede_large_frequency){list->documents, frequency};
    list->documents++;
    return true;
}

static bool add_words(struct making *making, struct lede_container *container, uint32_t words)
{
    struct lede_list *list = making->list;
    uint32_t before = 0;
    container->at = (uint32_t)making->word_count;
    if (!LEDE_ARRAY_RESERVE(list->words, making->word_capacity, making->word_count + words) ||
        !LEDE_ARRAY_RESERVE(
            list->ranks, making->rank_capacity, making->rank_count + words / LEDE_RANK_WORDS))
        return false;
    memcpy(list->words + making->word_count, making->present, words * sizeof(*list->words));
    for (uint32_t i = 0; i < words; i++) {
        if (i % LEDE_RANK_WORDS == 0)
            list->ranks[making->rank_count++] = (uint16_t)before;
        before += (uint32_t)__builtin_popcountll(making->present[i]);
    }
    making->word_count += words;
    return true;
}

/* Move the window's sums into the list; all of it is 0 afterwards. */
static bool add_window(struct making *making, uint32_t window, uint32_t count)
{
    struct lede_list *list = making->list;
    struct lede_container *container = &list->containers[window];
    uint32_t words = lede_window_words(making->last_document, window);
    *container = (struct lede_container){.begin = list->documents,
        .count = count,
        .at = (uint32_t)making->number_count,
        .is_dense = count > LEDE_SPARSE_MAX};
    if (container->is_dense && !add_words(making, container, words))
        return false;
    if (!container->is_dense &&
        !LEDE_ARRAY_RESERVE(list->numbers, making->number_capacity, making->number_count + count))
        return false;
    for (uint32_t i = 0; count > 0 && i < words; i++) {
        for (uint64_t rest = making->present[i]; rest; rest &= rest - 1) {
            uint32_t low = i * 64 + (uint32_t)__builtin_ctzll(rest);
            if (!container->is_dense)
                list->numbers[making->number_count++] = (uint16_t)low;
            if (!add_frequency(making, making->sums[low]))
                return false;
            making->sums[low] = 0;
        }
        making->present[i] = 0;
    }
    return true;
}

static void shrink(void *pointer_to_items, size_t size)
{
    void **items = pointer_to_items;
    void *smaller = size > 0 ? realloc(*items, size) : NULL;
    if (size == 0)
        free(*items);
    if (size == 0 || smaller)
        *items = smaller;
}

/* Arrays grew to twice what they needed: a list is kept for long. */
static void end_list(struct making *making)
{
    struct lede_list *list = making->list;
    size_t frequencies = making->has_frequencies ? list->documents : 0;
    shrink(&list->numbers, making->number_count * sizeof(*list->numbers));
    shrink(&list->words, making->word_count * sizeof(*list->words));
    shrink(&list->ranks, making->rank_count * sizeof(*list->ranks));
    shrink(&list->frequencies, frequencies);
    shrink(&list->large, list->large_count * sizeof(*list->large));
    list->item.bytes = sizeof(*list) + list->windows * sizeof(*list->containers) +
                       making->number_count * sizeof(*list->numbers) +
                       making->word_count * sizeof(*list->words) +
                       making->rank_count * sizeof(*list->ranks) + frequencies +
                       list->large_count * sizeof(*list->large);
    list->item.nanoseconds =
        making->term_count * LEDE_READ_TERM_NS + (uint64_t)list->documents * LEDE_READ_POSTING_NS;
    list->item.free_item = free_list;
}

static struct lede_list *make_list(
    const struct lede_postings *terms, size_t count, uint32_t last_document)
{
    struct making *making = calloc(1, sizeof(*making));
    struct lede_list *list = calloc(1, sizeof(*list));
    size_t *at = calloc(count + 1, sizeof(*at));
    bool is_made = making && list && at;
    if (is_made) {
        making->list = list;
        making->last_document = last_document;
        making->terms = terms;
        making->term_count = count;
        making->at = at;
        list->windows = (last_document >> LEDE_WINDOW_BITS) + 1;
        list->containers = calloc(list->windows, sizeof(*list->containers));
        is_made = list->containers != NULL;
    }
    for (uint32_t window = 0; is_made && window < list->windows; window++)
        is_made = add_window(making, window, sum_window(making, window));
    if (is_made)
        end_list(making);
    else if (list)
        free_list(&list->item);
    free(making);
    free(at);
    return is_made ? list : NULL;
}

static void postings_of_terms_done(struct lede_postings *postings, size_t count)
{
    for (size_t i = 0; postings && i < count; i++)
        lede_postings_done(&postings[i]);
    free(postings);
}

static enum lede_status read_list(struct lede_index *index, size_t part,
    const struct lede_term *terms, size_t count, struct lede_list **ret_list,
    struct lede_error *reterr)
{
    uint32_t last_document = lede_index_part_at(index, part).last_document;
    struct lede_postings *postings = calloc(count + 1, sizeof(*postings));
    uint32_t *documents = calloc(count + 1, sizeof(*documents));
    size_t found = 0; /* terms that the segment has */
    enum lede_status st = postings && documents ? LEDE_OK : lede_fail_memory(reterr);
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        st = lede_index_read_postings(
            index, part, terms[i].bytes, terms[i].size, &postings[found], reterr);
        if (st != LEDE_OK)
            break;
        documents[i] = (uint32_t)postings[found].count;
        found += postings[found].count > 0;
    }
    struct lede_list *list = st == LEDE_OK ? make_list(postings, found, last_document) : NULL;
    postings_of_terms_done(postings, count + 1);
    if (st != LEDE_OK || !list) {
        free(documents);
        return st == LEDE_OK ? lede_fail_memory(reterr) : st;
    }
    list->term_documents = documents;
    list->item.bytes += count * sizeof(*documents);
    *ret_list = list;
    return LEDE_OK;
}

/* Terms hold no 0xFF, for they are UTF-8. */
static void write_key(struct lede_buffer *key, const struct lede_term *terms, size_t count)
{
    lede_buffer_append_char(key, LEDE_KEPT_LIST);
    for (size_t i = 0; i < count; i++) {
        lede_buffer_append(key, terms[i].bytes, terms[i].size);
        lede_buffer_append_char(key, '\xff');
    }
}

enum lede_status lede_list_get(struct lede_index *index, size_t part, const struct lede_term *terms,
    size_t count, struct lede_list **ret_list, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer key = {0};
    struct lede_kept *kept = lede_kept_of(index, part);
    struct lede_list *list = NULL;
    write_key(&key, terms, count);
    if (!kept || lede_buffer_status(&key) != LEDE_OK)
        return lede_fail_memory(reterr);
    *ret_list = (struct lede_list *)lede_kept_find(kept, key.data, key.size);
    if (*ret_list)
        return LEDE_OK;
    enum lede_status st = read_list(index, part, terms, count, &list, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_list = (struct lede_list *)lede_kept_add(kept, key.data, key.size, &list->item);
    return *ret_list ? LEDE_OK : lede_fail_memory(reterr);
}

enum lede_status lede_list_read_again(
    struct lede_index *index, size_t part, const char *key, size_t size, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) struct lede_term *terms = calloc(size, sizeof(*terms));
    struct lede_list *list = NULL;
    size_t count = 0;
    if (!terms)
        return lede_fail_memory(reterr);
    for (const char *at = key + 1; at < key + size; at += terms[count++].size + 1) {
        const char *end = memchr(at, '\xff', (size_t)(key + size - at));
        terms[count] = (struct lede_term){.bytes = at, .size = (size_t)(end - at)};
    }
    enum lede_status st = lede_list_get(index, part, terms, count, &list, reterr);
    if (st == LEDE_OK)
        lede_kept_let_go(&list->item);
    return st;
}
