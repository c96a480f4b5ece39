/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread's view of the store: the segments of one generation, as of one revision. */
#include "reader.h"

#include "files.h"
#include "lede/shares.h"
#include "segment_set.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>

struct lede_reader {
    struct lede_segments *segments;
    struct lede_view *view; /* held: what index reads */
    struct lede_index *index;
    uint64_t revision;
    lede_language_set languages;
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

static enum lede_status name_segments(const struct lede_segments *segments,
    const struct lede_view *view, struct segment_paths *ret_paths, struct lede_error *reterr)
{
    ret_paths->segments = calloc(view->count + 1, sizeof(*ret_paths->segments));
    ret_paths->paths = calloc(view->count + 1, sizeof(*ret_paths->paths));
    if (!ret_paths->segments || !ret_paths->paths)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < view->count; i++) {
        const struct lede_view_segment *segment = &view->segments[i];
        enum lede_status st = lede_segment_path(
            segments->directory, segment->entry.number, ret_paths->paths[i], reterr);
        if (st != LEDE_OK)
            return st;
        ret_paths->segments[i] = (struct lede_index_segment){.path = ret_paths->paths[i]};
        if (!segment->deletions)
            continue;
        ret_paths->segments[i].deleted = lede_bitmap_view(&segment->deletions->bitmap);
        ret_paths->segments[i].deleted_values = segment->deletions->values;
    }
    return LEDE_OK;
}

/* Open what a view lists; the view is taken if that succeeds. */
static enum lede_status open_view(
    struct lede_reader *reader, struct lede_view **view, struct lede_error *reterr)
{
    LEDE_CLEANUP(segment_paths_done) struct segment_paths paths = {0};
    LEDE_CLEANUP(lede_index_freep) struct lede_index *index = NULL;
    enum lede_status st = name_segments(reader->segments, *view, &paths, reterr);
    if (st == LEDE_OK)
        st = lede_index_open_segments(reader->segments->engine, paths.segments, (*view)->count,
            reader->index, &index, reterr);
    if (st != LEDE_OK)
        return st;
    lede_index_free(reader->index);
    reader->index = LEDE_TAKE(&index);
    lede_view_give(reader->segments, reader->view);
    reader->view = LEDE_TAKE(view);
    return LEDE_OK;
}

static void add_language(void *context, const char *value, uint32_t count)
{
    lede_language_set *languages = context;
    if (count > 0)
        *languages |= LEDE_LANGUAGE_BIT(lede_language_find(value, strlen(value)));
}

/* A view never changes, so that whatever is read from it is one revision of all segments. */
static enum lede_status open_newest(struct lede_reader *reader, struct lede_error *reterr)
{
    struct lede_segments *segments = reader->segments;
    uint64_t revision = 0;
    struct lede_view *view = lede_view_take(segments, &revision);
    enum lede_status st = view == reader->view ? LEDE_OK : open_view(reader, &view, reterr);
    lede_view_give(segments, view);
    lede_language_set languages = LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND);
    if (st == LEDE_OK)
        st = lede_index_visit_values_kept(
            reader->index, lede_field_at(LEDE_FIELD_LANGUAGE), add_language, &languages, reterr);
    if (st != LEDE_OK)
        return st;
    reader->revision = revision;
    reader->languages = languages;
    return LEDE_OK;
}

enum lede_status lede_reader_refresh(struct lede_reader *reader, struct lede_error *reterr)
{
    struct lede_segments *segments = reader->segments;
    pthread_mutex_lock(&segments->monitor->mutex);
    bool current = reader->revision == segments->revision && reader->view == segments->view;
    pthread_mutex_unlock(&segments->monitor->mutex);
    return current ? LEDE_OK
                   : lede_quarantine_suspect(&segments->quarantine, open_newest(reader, reterr));
}

void lede_reader_release(struct lede_reader *reader)
{
    struct lede_segments *segments = reader->segments;
    pthread_mutex_lock(&segments->monitor->mutex);
    bool is_newest = reader->view == segments->view;
    pthread_mutex_unlock(&segments->monitor->mutex);
    if (is_newest)
        return;
    lede_index_free(LEDE_TAKE(&reader->index));
    lede_view_give(segments, LEDE_TAKE(&reader->view));
}

enum lede_status lede_segments_reader_open(
    struct lede_segments *segments, struct lede_reader **ret_reader, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_reader_freep) struct lede_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return lede_fail_memory(reterr);
    reader->segments = segments;
    enum lede_status st = open_newest(reader, reterr);
    /* Whoever opens one has nothing else to read with. */
    if (lede_status_may_be_damage(st)) {
        lede_quarantine_suspect_now(&segments->quarantine);
        st = open_newest(reader, reterr);
    }
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
    lede_view_give(reader->segments, reader->view);
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

uint64_t lede_reader_generation(const struct lede_reader *reader)
{
    return reader->view ? reader->view->generation : 0;
}

lede_language_set lede_reader_languages(const struct lede_reader *reader)
{
    return reader->languages;
}

struct lede_index *lede_reader_index(struct lede_reader *reader)
{
    return reader->index;
}

enum lede_status lede_reader_search(struct lede_reader *reader, const struct lede_search *search,
    struct lede_search_result *ret_result, struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_search(reader->index, search, ret_result, reterr));
}

enum lede_status lede_reader_statistics(struct lede_reader *reader,
    const struct lede_search *search, struct lede_statistics **ret_statistics,
    struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_statistics(reader->index, search, ret_statistics, reterr));
}

enum lede_status lede_reader_share(struct lede_reader *reader, const struct lede_search *search,
    struct lede_buffer *out, struct lede_error *reterr)
{
    return lede_quarantine_suspect(
        &reader->segments->quarantine, lede_index_share(reader->index, search, out, reterr));
}

enum lede_status lede_reader_share_copies(struct lede_reader *reader,
    const struct lede_search *search, const char *const *keys, size_t count,
    struct lede_buffer *out, struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_share_copies(reader->index, search, keys, count, out, reterr));
}

enum lede_status lede_reader_read_hit(struct lede_reader *reader, uint32_t docid,
    struct lede_arena *arena, struct lede_hit *ret_hit, struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_read_hit(reader->index, docid, arena, ret_hit, reterr));
}

enum lede_status lede_reader_list_matches(struct lede_reader *reader,
    const struct lede_search *search, struct lede_match_list **ret_list, struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_list_matches(reader->index, search, ret_list, reterr));
}

enum lede_status lede_reader_visit_matches(struct lede_reader *reader,
    const struct lede_match_list *list,
    enum lede_status (*visit)(void *context, const char *id, size_t id_size,
        const unsigned char digest[16], struct lede_error *reterr),
    void *context, struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_visit_matches(reader->index, list, visit, context, reterr));
}

enum lede_status lede_reader_get(struct lede_reader *reader, const char *id, size_t id_size,
    struct lede_buffer *ret_stored, unsigned char ret_digest[16], struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_get(reader->index, id, id_size, ret_stored, ret_digest, reterr));
}

enum lede_status lede_reader_get_story(struct lede_reader *reader, const char *id, size_t id_size,
    char ret_key[LEDE_STORY_KEY_DIGITS + 1], struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_get_story(reader->index, id, id_size, ret_key, reterr));
}

enum lede_status lede_reader_visit_values(struct lede_reader *reader,
    const struct lede_field *field, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, bool *ret_cut, struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_visit_values(reader->index, field, visit, context, ret_cut, reterr));
}

enum lede_status lede_reader_count_word(struct lede_reader *reader, lede_field_set fields,
    const char *word, size_t size, const struct lede_query *restriction, int64_t now_utc_s,
    uint32_t count_to, uint32_t *ret_count, struct lede_error *reterr)
{
    return lede_quarantine_suspect(
        &reader->segments->quarantine, lede_index_count_word(reader->index, fields, word, size,
                                           restriction, now_utc_s, count_to, ret_count, reterr));
}

enum lede_status lede_reader_word_texts(struct lede_reader *reader, const char *word, size_t size,
    const struct lede_query *restriction, int64_t now_utc_s, size_t limit, struct lede_arena *arena,
    struct lede_stored_text *ret_texts, size_t *ret_count, struct lede_error *reterr)
{
    return lede_quarantine_suspect(
        &reader->segments->quarantine, lede_index_word_texts(reader->index, word, size, restriction,
                                           now_utc_s, limit, arena, ret_texts, ret_count, reterr));
}

enum lede_status lede_reader_word_documents(struct lede_reader *reader, lede_field_set fields,
    const char *word, size_t size, uint32_t *ret_documents, struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_word_documents(reader->index, fields, word, size, ret_documents, reterr));
}

enum lede_status lede_reader_estimate(struct lede_reader *reader, const struct lede_search *search,
    uint32_t count_to, uint32_t *ret_count, bool *ret_exact, struct lede_error *reterr)
{
    return lede_quarantine_suspect(&reader->segments->quarantine,
        lede_index_estimate(reader->index, search, count_to, ret_count, ret_exact, reterr));
}

enum lede_status lede_reader_counts_new(struct lede_reader *reader,
    const struct lede_search *search, struct lede_counts **ret_counts, struct lede_error *reterr)
{
    return lede_index_counts_new(reader->index, search, ret_counts, reterr);
}

enum lede_status lede_reader_counts_ask(struct lede_reader *reader, struct lede_counts *counts,
    const struct lede_search *search, struct lede_counted *ret_counted, struct lede_error *reterr)
{
    return lede_quarantine_suspect(
        &reader->segments->quarantine, lede_counts_ask(counts, search, ret_counted, reterr));
}
