/* A thread's view of the store: the segments of one generation, as of one revision. */
#include "internal.h"

#include "files.h"

#include <stdlib.h>
#include <string.h>

#define STALE_TRIES_MAX 5

struct lede_reader {
    struct lede_store *store;
    struct lede_view *view; /* held: what index reads */
    struct lede_index *index;
    uint64_t revision;
    lede_language_set languages;
    bool stale; /* the index must be reopened even if no newer revision is published */
};

struct segment_paths {
    struct lede_index_segment *segments;
    char (*paths)[LEDE_PATH_BYTES_MAX];
};

static void segment_paths_done(struct segment_paths *paths)
{
    free(paths->segments);
    free(paths->paths);
}

static enum lede_status name_segments(const struct lede_store *store, const struct lede_view *view,
    struct segment_paths *ret_paths, struct lede_error *reterr)
{
    ret_paths->segments = calloc(view->count + 1, sizeof(*ret_paths->segments));
    ret_paths->paths = calloc(view->count + 1, sizeof(*ret_paths->paths));
    if (!ret_paths->segments || !ret_paths->paths)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < view->count; i++) {
        const struct lede_view_segment *segment = &view->segments[i];
        enum lede_status st =
            lede_segment_path(store->directory, segment->number, ret_paths->paths[i], reterr);
        if (st != LEDE_OK)
            return st;
        ret_paths->segments[i] =
            (struct lede_index_segment){.path = ret_paths->paths[i], .is_live = segment->is_live};
        if (segment->deletions)
            ret_paths->segments[i].deleted = lede_bitmap_view(&segment->deletions->bitmap);
    }
    return LEDE_OK;
}

/* Open what a view lists; the view is taken if that succeeds. */
static enum lede_status open_view(
    struct lede_reader *reader, struct lede_view **view, struct lede_error *reterr)
{
    LEDE_CLEANUP(segment_paths_done) struct segment_paths paths = {0};
    LEDE_CLEANUP(lede_index_freep) struct lede_index *index = NULL;
    enum lede_status st = name_segments(reader->store, *view, &paths, reterr);
    if (st == LEDE_OK)
        st = lede_index_open_segments(paths.segments, (*view)->count, reader->index, &index, reterr);
    if (st != LEDE_OK)
        return st;
    lede_index_free(reader->index);
    reader->index = LEDE_TAKE(&index);
    lede_view_give(reader->store, reader->view);
    reader->view = LEDE_TAKE(view);
    return LEDE_OK;
}

static void add_language(void *context, const char *value, uint32_t count)
{
    lede_language_set *languages = context;
    if (count > 0)
        *languages |= LEDE_LANGUAGE_BIT(lede_language_find(value, strlen(value)));
}

/* The commit lock is held: no commit runs, so what is opened is one revision of all segments. */
static enum lede_status reopen_locked(struct lede_reader *reader, struct lede_error *reterr)
{
    struct lede_store *store = reader->store;
    uint64_t revision = 0;
    struct lede_view *view = lede_view_take(store, &revision);
    /* Until all of it is done the handles may be of other commits than the deletions. */
    reader->stale = true;
    enum lede_status st = !reader->index || view != reader->view
                              ? open_view(reader, &view, reterr)
                              : lede_index_reopen(reader->index, NULL, reterr);
    lede_view_give(store, view);
    lede_language_set languages = LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND);
    if (st == LEDE_OK)
        st = lede_index_visit_values_kept(
            reader->index, lede_field_at(LEDE_FIELD_LANGUAGE), add_language, &languages, reterr);
    if (st != LEDE_OK)
        return st;
    reader->revision = revision;
    reader->languages = languages;
    reader->stale = false;
    return LEDE_OK;
}

static enum lede_status reopen(struct lede_reader *reader, struct lede_error *reterr)
{
    pthread_rwlock_rdlock(&reader->store->commit_lock);
    enum lede_status st = reopen_locked(reader, reterr);
    pthread_rwlock_unlock(&reader->store->commit_lock);
    return st;
}

enum lede_status lede_reader_refresh(struct lede_reader *reader, struct lede_error *reterr)
{
    struct lede_store *store = reader->store;
    pthread_mutex_lock(&store->mutex);
    bool current =
        !reader->stale && reader->index && reader->revision == store->revision && reader->view == store->view;
    pthread_mutex_unlock(&store->mutex);
    return current ? LEDE_OK : reopen(reader, reterr);
}

enum lede_status lede_reader_open(
    struct lede_store *store, struct lede_reader **ret_reader, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_reader_freep) struct lede_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return lede_fail_memory(reterr);
    reader->store = store;
    enum lede_status st = reopen(reader, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_reader = LEDE_TAKE(&reader);
    return LEDE_OK;
}

void lede_reader_free(struct lede_reader *reader)
{
    if (!reader)
        return;
    lede_index_free(reader->index);
    lede_view_give(reader->store, reader->view);
    free(reader);
}

void lede_reader_freep(struct lede_reader **reader)
{
    lede_reader_free(*reader);
    *reader = NULL;
}

uint64_t lede_reader_revision(const struct lede_reader *reader)
{
    return reader->revision;
}

lede_language_set lede_reader_languages(const struct lede_reader *reader)
{
    return reader->languages;
}

struct lede_index *lede_reader_index(struct lede_reader *reader)
{
    return reader->index;
}

/* One try came back with `status`: true means refresh is done and the caller tries again. */
static bool may_retry(
    struct lede_reader *reader, unsigned tries, enum lede_status *status, struct lede_error *reterr)
{
    if (*status != LEDE_ESTALE)
        return false;
    reader->stale = true;
    if (tries == STALE_TRIES_MAX) {
        *status =
            lede_fail(reterr, LEDE_EBUSY, "the index changed %d times while it was read", STALE_TRIES_MAX);
        return false;
    }
    *status = lede_reader_refresh(reader, reterr);
    return *status == LEDE_OK;
}

/* Commits come faster than the search ends: they wait for this one, until its deadline at most. */
static enum lede_status search_undisturbed(struct lede_reader *reader, const struct lede_search *search,
    struct lede_search_result *ret_result, struct lede_error *reterr)
{
    pthread_rwlock_rdlock(&reader->store->commit_lock);
    enum lede_status st = reopen_locked(reader, reterr);
    if (st == LEDE_OK)
        st = lede_index_search(reader->index, search, ret_result, reterr);
    pthread_rwlock_unlock(&reader->store->commit_lock);
    return st;
}

enum lede_status lede_reader_search(struct lede_reader *reader, const struct lede_search *search,
    struct lede_search_result *ret_result, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    unsigned tries = 0;
    do
        st = lede_index_search(reader->index, search, ret_result, reterr);
    while (may_retry(reader, ++tries, &st, reterr));
    return st == LEDE_EBUSY && search->deadline_monotonic_ns
               ? search_undisturbed(reader, search, ret_result, reterr)
               : st;
}

enum lede_status lede_reader_get(struct lede_reader *reader, const char *id, size_t id_size,
    struct lede_buffer *ret_stored, unsigned char ret_digest[16], struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    unsigned tries = 0;
    size_t before = ret_stored->size;
    do {
        ret_stored->size = before;
        st = lede_index_get(reader->index, id, id_size, ret_stored, ret_digest, reterr);
    } while (may_retry(reader, ++tries, &st, reterr));
    return st;
}

enum lede_status lede_reader_visit_values(struct lede_reader *reader, const struct lede_field *field,
    void (*visit)(void *context, const char *value, uint32_t count), void *context, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    unsigned tries = 0;
    do
        st = lede_index_visit_values(reader->index, field, visit, context, reterr);
    while (may_retry(reader, ++tries, &st, reterr));
    return st;
}

enum lede_status lede_reader_word_is_shown(struct lede_reader *reader, const char *word, size_t size,
    int64_t now_utc_s, bool *ret_shown, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    unsigned tries = 0;
    do
        st = lede_index_word_is_shown(reader->index, word, size, now_utc_s, ret_shown, reterr);
    while (may_retry(reader, ++tries, &st, reterr));
    return st;
}

enum lede_status lede_reader_word_documents(struct lede_reader *reader, lede_field_set fields,
    const char *word, size_t size, uint32_t *ret_documents, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    unsigned tries = 0;
    do
        st = lede_index_word_documents(reader->index, fields, word, size, ret_documents, reterr);
    while (may_retry(reader, ++tries, &st, reterr));
    return st;
}

enum lede_status lede_reader_estimate(struct lede_reader *reader, const struct lede_search *search,
    uint32_t count_to, uint32_t *ret_count, bool *ret_exact, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    unsigned tries = 0;
    do
        st = lede_index_estimate(reader->index, search, count_to, ret_count, ret_exact, reterr);
    while (may_retry(reader, ++tries, &st, reterr));
    return st;
}
