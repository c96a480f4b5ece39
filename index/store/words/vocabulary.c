/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whoever asks gets what there is, and tells the thread if that is older than the store. The thread
 * builds at most a twentieth of the time, and never sooner than a second after the build before; a
 * store whose words nobody asks for has no thread. */
#include "vocabulary.h"

#include "lede/thread.h"
#include "lede/time.h"
#include "reader.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define PAUSE_NS_MIN UINT64_C(1000000000)
#define PAUSE_FACTOR 20 /* of the time that building took */

struct lede_vocabulary {
    struct lede_segments *segments;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t changed;
    pthread_t thread;
    bool has_thread;
    uint64_t wanted; /* 1 more than the newest revision that was asked for; 0: none was */
    bool stop;
    uint64_t builds_ended;
    struct lede_lexicon *lexicon; /* NULL until the first is built */
};

enum lede_status lede_vocabulary_new(struct lede_segments *segments,
    struct lede_vocabulary **ret_vocabulary, struct lede_error *reterr)
{
    struct lede_vocabulary *vocabulary = calloc(1, sizeof(*vocabulary));
    if (!vocabulary)
        return lede_fail_memory(reterr);
    vocabulary->segments = segments;
    pthread_mutex_init(&vocabulary->mutex, NULL);
    if (lede_condition_init(&vocabulary->changed) != LEDE_OK) {
        free(vocabulary);
        return lede_fail_memory(reterr);
    }
    *ret_vocabulary = vocabulary;
    return LEDE_OK;
}

void lede_vocabulary_free(struct lede_vocabulary *vocabulary)
{
    if (!vocabulary)
        return;
    pthread_mutex_lock(&vocabulary->mutex);
    vocabulary->stop = true;
    bool has_thread = vocabulary->has_thread;
    pthread_cond_broadcast(&vocabulary->changed);
    pthread_mutex_unlock(&vocabulary->mutex);
    if (has_thread)
        pthread_join(vocabulary->thread, NULL);
    lede_lexicon_unref(vocabulary->lexicon);
    pthread_cond_destroy(&vocabulary->changed);
    pthread_mutex_destroy(&vocabulary->mutex);
    free(vocabulary);
}

/* ---- Building ---- */

struct filling {
    struct lede_vocabulary *vocabulary;
    struct lede_lexicon_builder *builder;
    enum lede_status status;
};

static bool is_stopping(struct lede_vocabulary *vocabulary)
{
    pthread_mutex_lock(&vocabulary->mutex);
    bool stop = vocabulary->stop;
    pthread_mutex_unlock(&vocabulary->mutex);
    return stop;
}

static bool add_word(void *context, const char *word, size_t size, uint32_t documents)
{
    struct filling *filling = context;
    filling->status = lede_lexicon_builder_add(filling->builder, word, size, documents, NULL);
    return filling->status == LEDE_OK && !is_stopping(filling->vocabulary);
}

static enum lede_status build_once(struct lede_vocabulary *vocabulary, struct lede_reader *reader,
    struct lede_lexicon **ret_lexicon)
{
    LEDE_CLEANUP(lede_lexicon_builder_freep) struct lede_lexicon_builder *builder = NULL;
    enum lede_status st = lede_reader_refresh(reader, NULL);
    if (st == LEDE_OK)
        st = lede_lexicon_builder_new(&builder, NULL);
    struct filling filling = {.vocabulary = vocabulary, .builder = builder};
    if (st == LEDE_OK)
        st = lede_index_visit_words(lede_reader_index(reader), add_word, &filling, NULL);
    if (st == LEDE_OK)
        st = is_stopping(vocabulary) ? LEDE_ESTOPPED : filling.status;
    return st == LEDE_OK ? lede_lexicon_builder_finish(
                               builder, lede_reader_revision(reader), ret_lexicon, NULL)
                         : st;
}

/* Whatever fails is tried again with the next wish. */
static struct lede_lexicon *build(struct lede_vocabulary *vocabulary)
{
    struct lede_lexicon *lexicon = NULL;
    LEDE_CLEANUP(lede_reader_freep) struct lede_reader *reader = NULL;
    enum lede_status st = lede_segments_reader_open(vocabulary->segments, &reader, NULL);
    if (st == LEDE_OK)
        st = build_once(vocabulary, reader, &lexicon);
    return st == LEDE_OK ? lexicon : NULL;
}

static bool is_wanted(const struct lede_vocabulary *vocabulary)
{
    return vocabulary->wanted > 0 &&
           (!vocabulary->lexicon ||
               lede_lexicon_revision(vocabulary->lexicon) + 1 < vocabulary->wanted);
}

/* Wait until a build is wanted, and no sooner than `not_before`. The mutex is held. Returns false
 * to stop. */
static bool await_wish(struct lede_vocabulary *vocabulary, uint64_t not_before_ns)
{
    while (!vocabulary->stop && lede_time_monotonic_ns() < not_before_ns)
        lede_condition_wait_until(&vocabulary->changed, &vocabulary->mutex, not_before_ns);
    while (!vocabulary->stop && !is_wanted(vocabulary))
        pthread_cond_wait(&vocabulary->changed, &vocabulary->mutex);
    return !vocabulary->stop;
}

static void *main_of_thread(void *context)
{
    struct lede_vocabulary *vocabulary = context;
    uint64_t not_before_ns = 0;
    pthread_mutex_lock(&vocabulary->mutex);
    while (await_wish(vocabulary, not_before_ns)) {
        pthread_mutex_unlock(&vocabulary->mutex);
        uint64_t started = lede_time_monotonic_ns();
        struct lede_lexicon *lexicon = build(vocabulary);
        uint64_t pause = (lede_time_monotonic_ns() - started) * PAUSE_FACTOR;
        not_before_ns = lede_time_monotonic_ns() + (pause < PAUSE_NS_MIN ? PAUSE_NS_MIN : pause);
        pthread_mutex_lock(&vocabulary->mutex);
        vocabulary->builds_ended++;
        pthread_cond_broadcast(&vocabulary->changed);
        if (!lexicon) {
            vocabulary->wanted = 0;
            continue;
        }
        struct lede_lexicon *before = vocabulary->lexicon;
        vocabulary->lexicon = lexicon;
        lede_lexicon_unref(before);
    }
    pthread_mutex_unlock(&vocabulary->mutex);
    return NULL;
}

/* Wait for the first build to end, however it does. The mutex is held. */
static void await_first(struct lede_vocabulary *vocabulary, uint64_t deadline_monotonic_ns)
{
    uint64_t ended = vocabulary->builds_ended;
    while (!vocabulary->stop && vocabulary->has_thread && !vocabulary->lexicon &&
           ended == vocabulary->builds_ended && lede_time_monotonic_ns() < deadline_monotonic_ns)
        lede_condition_wait_until(&vocabulary->changed, &vocabulary->mutex, deadline_monotonic_ns);
}

struct lede_lexicon *lede_vocabulary_get(
    struct lede_vocabulary *vocabulary, uint64_t revision, uint64_t deadline_monotonic_ns)
{
    pthread_mutex_lock(&vocabulary->mutex);
    if (revision + 1 > vocabulary->wanted)
        vocabulary->wanted = revision + 1;
    if (is_wanted(vocabulary) && !vocabulary->stop) {
        /* Where no thread can be started now, one is with the next wish. */
        if (!vocabulary->has_thread)
            vocabulary->has_thread =
                pthread_create(&vocabulary->thread, NULL, main_of_thread, vocabulary) == 0;
        pthread_cond_broadcast(&vocabulary->changed);
        await_first(vocabulary, deadline_monotonic_ns);
    }
    struct lede_lexicon *lexicon = lede_lexicon_ref(vocabulary->lexicon);
    pthread_mutex_unlock(&vocabulary->mutex);
    return lexicon;
}

void lede_vocabulary_stats(
    struct lede_vocabulary *vocabulary, struct lede_cache_stats *ret_corrections)
{
    pthread_mutex_lock(&vocabulary->mutex);
    LEDE_CLEANUP(lede_lexicon_unrefp)
    struct lede_lexicon *lexicon = lede_lexicon_ref(vocabulary->lexicon);
    pthread_mutex_unlock(&vocabulary->mutex);
    *ret_corrections = (struct lede_cache_stats){0};
    if (lexicon)
        lede_lexicon_correction_stats(lexicon, ret_corrections);
}
