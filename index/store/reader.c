/* A thread's view of the store: the segments of one generation, as of one revision. */
#include "internal.h"

#include "files.h"

#include <stdlib.h>
#include <string.h>

#define STALE_TRIES_MAX 5

struct lede_reader {
    struct lede_store *store;
    struct lede_index *index;
    uint64_t generation;
    uint64_t revision;
    lede_language_set languages;
    bool stale; /* the index must be reopened even if no newer revision is published */
};

static void free_paths(char **paths)
{
    for (size_t i = 0; paths && paths[i]; i++)
        free(paths[i]);
    free(paths);
}

static void free_pathsp(char ***paths)
{
    free_paths(*paths);
}

/* The paths of the segments now, NULL at the end. */
static enum lede_status list_paths(
    struct lede_store *store, char ***ret_paths, uint64_t *ret_generation, struct lede_error *reterr)
{
    pthread_mutex_lock(&store->mutex);
    size_t count = store->segment_count;
    LEDE_CLEANUP(free_pathsp) char **paths = calloc(count + 1, sizeof(*paths));
    enum lede_status st = paths ? LEDE_OK : lede_fail_memory(reterr);
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        char path[LEDE_PATH_BYTES_MAX];
        st = lede_segment_path(store->directory, store->segment_numbers[i], path, reterr);
        if (st == LEDE_OK && !(paths[i] = strdup(path)))
            st = lede_fail_memory(reterr);
    }
    *ret_generation = store->generation;
    pthread_mutex_unlock(&store->mutex);
    if (st == LEDE_OK)
        *ret_paths = LEDE_TAKE(&paths);
    return st;
}

static enum lede_status open_index(struct lede_reader *reader, struct lede_error *reterr)
{
    LEDE_CLEANUP(free_pathsp) char **paths = NULL;
    LEDE_CLEANUP(lede_index_freep) struct lede_index *index = NULL;
    uint64_t generation = 0;
    enum lede_status st = list_paths(reader->store, &paths, &generation, reterr);
    if (st != LEDE_OK)
        return st;
    size_t count = 0;
    while (paths[count])
        count++;
    st = lede_index_open((const char *const *)paths, count, &index, reterr);
    if (st != LEDE_OK)
        return st;
    lede_index_free(reader->index);
    reader->index = LEDE_TAKE(&index);
    reader->generation = generation;
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
    enum lede_status st = LEDE_OK;

    pthread_mutex_lock(&store->mutex);
    uint64_t revision = store->revision;
    bool other_segments = !reader->index || reader->generation != store->generation;
    pthread_mutex_unlock(&store->mutex);
    st = other_segments ? open_index(reader, reterr) : lede_index_reopen(reader->index, NULL, reterr);
    lede_language_set languages = LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND);
    if (st == LEDE_OK)
        st = lede_index_visit_values(
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
    bool current = !reader->stale && reader->index && reader->revision == store->revision &&
                   reader->generation == store->generation;
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
