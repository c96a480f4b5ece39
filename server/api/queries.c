/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hours stand in a ring. What is compared with each question lies together, so that looking for one
 * is a walk through two kilobytes. */
#include "queries.h"

#include "lede/encoding.h"
#include "lede/number.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_S 3600
#define MANY LEDE_QUERIES_COUNTED

struct ranked {
    size_t count;
    uint64_t hashes[MANY];
    uint64_t weights[MANY];
    struct lede_question questions[MANY];
};

struct hour {
    int64_t number; /* since 1970 UTC */
    uint64_t asked, in_vain;
    struct ranked ranked[LEDE_QUERY_RANKINGS];
};

struct lede_queries {
    pthread_mutex_t lock;
    struct hour *hours[LEDE_QUERIES_HOURS]; /* by their number; NULL: not used yet */
};

static const struct {
    size_t room;
    bool sums; /* weights are added up; else the largest one counts */
} kinds[] = {[LEDE_QUERIES_BY_COUNT] = {LEDE_QUERIES_COUNTED, true},
    [LEDE_QUERIES_BY_VAIN] = {LEDE_QUERIES_COUNTED, true},
    [LEDE_QUERIES_BY_TIME] = {LEDE_QUERIES_SLOWEST, false}};

struct lede_queries *lede_queries_new(void)
{
    struct lede_queries *queries = calloc(1, sizeof(*queries));
    if (queries)
        pthread_mutex_init(&queries->lock, NULL);
    return queries;
}

void lede_queries_free(struct lede_queries *queries)
{
    if (!queries)
        return;
    for (size_t i = 0; i < LEDE_QUERIES_HOURS; i++)
        free(queries->hours[i]);
    pthread_mutex_destroy(&queries->lock);
    free(queries);
}

/* ---- Noting ---- */

/* Words as they were typed, one blank between them. Returns the size; ret_cut: there was more. */
static size_t write_text(
    const struct lede_asked *asked, char ret_text[LEDE_QUERIES_TEXT_BYTES_MAX + 1], bool *ret_cut)
{
    size_t size = 0, at = 0;
    while (at < asked->size && size < LEDE_QUERIES_TEXT_BYTES_MAX) {
        bool is_blank = strchr(" \t\r\n", asked->text[at]) != NULL;
        if (!is_blank)
            ret_text[size++] = asked->text[at];
        else if (size > 0 && ret_text[size - 1] != ' ')
            ret_text[size++] = ' ';
        at++;
    }
    *ret_cut = at < asked->size;
    if (*ret_cut)
        size = lede_utf8_find_invalid(ret_text, size, 0);
    while (size > 0 && ret_text[size - 1] == ' ')
        size--;
    ret_text[size] = '\0';
    return size;
}

static size_t find(const struct ranked *ranked, uint64_t hash)
{
    size_t i = 0;
    while (i < ranked->count && ranked->hashes[i] != hash)
        i++;
    return i;
}

static size_t find_least(const struct ranked *ranked)
{
    size_t least = 0;
    for (size_t i = 1; i < ranked->count; i++)
        least = ranked->weights[i] < ranked->weights[least] ? i : least;
    return least;
}

/* told  what is told of it, but weight and over */
static void rank(struct ranked *ranked, enum lede_query_ranking kind, uint64_t hash,
    uint64_t weight, const struct lede_question *told)
{
    bool sums = kinds[kind].sums;
    size_t at = find(ranked, hash);
    uint64_t over = 0;
    if (at == ranked->count && ranked->count < kinds[kind].room) {
        ranked->weights[ranked->count++] = 0;
    } else if (at == ranked->count) {
        at = find_least(ranked);
        if (!sums && weight <= ranked->weights[at])
            return;
        over = sums ? ranked->weights[at] : 0;
    } else {
        over = ranked->questions[at].over;
        if (!sums && weight <= ranked->weights[at])
            return;
    }
    ranked->hashes[at] = hash;
    ranked->weights[at] = sums ? ranked->weights[at] + weight : weight;
    ranked->questions[at] = *told;
    ranked->questions[at].over = over;
}

/* The hour of a moment, emptied where the ring has come round; NULL: no memory. */
static struct hour *hour_at(struct lede_queries *queries, int64_t now_utc_s)
{
    int64_t number = now_utc_s / HOUR_S;
    struct hour **hour = &queries->hours[(uint64_t)number % LEDE_QUERIES_HOURS];
    if (!*hour && !(*hour = calloc(1, sizeof(**hour))))
        return NULL;
    if ((*hour)->number != number) {
        (*hour)->number = number;
        (*hour)->asked = (*hour)->in_vain = 0;
        for (size_t i = 0; i < LEDE_QUERY_RANKINGS; i++)
            (*hour)->ranked[i].count = 0;
    }
    return *hour;
}

void lede_queries_note(
    struct lede_queries *queries, const struct lede_asked *asked, int64_t now_utc_s)
{
    struct lede_question told = {
        .has_text = asked->text != NULL, .hits = asked->hits, .at_utc_s = now_utc_s};
    size_t size = asked->text ? write_text(asked, told.text, &told.is_cut) : 0;
    uint64_t hash = asked->text ? lede_hash64(told.text, size) : 0;
    memcpy(told.request_id, asked->request_id,
        strnlen(asked->request_id, sizeof(told.request_id) - 1));
    pthread_mutex_lock(&queries->lock);
    struct hour *hour = hour_at(queries, now_utc_s);
    if (hour) {
        hour->asked++;
        hour->in_vain += asked->in_vain;
        rank(&hour->ranked[LEDE_QUERIES_BY_COUNT], LEDE_QUERIES_BY_COUNT, hash, 1, &told);
        if (asked->in_vain)
            rank(&hour->ranked[LEDE_QUERIES_BY_VAIN], LEDE_QUERIES_BY_VAIN, hash, 1, &told);
        rank(
            &hour->ranked[LEDE_QUERIES_BY_TIME], LEDE_QUERIES_BY_TIME, hash, asked->took_ns, &told);
    }
    pthread_mutex_unlock(&queries->lock);
}

/* ---- Telling ---- */

struct told {
    uint64_t hash;
    struct lede_question question;
};

static int by_hash(const void *a, const void *b)
{
    const struct told *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return left->question.at_utc_s < right->question.at_utc_s   ? 1
           : left->question.at_utc_s > right->question.at_utc_s ? -1
                                                                : 0;
}

static int by_weight(const void *a, const void *b)
{
    const struct lede_question *left = a, *right = b;
    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    return strcmp(left->text, right->text);
}

/* Of an hour that stands within the window; the lock is held no longer than that takes. */
static size_t copy_hour(struct lede_queries *queries, size_t place, enum lede_query_ranking ranking,
    int64_t first, struct lede_questions *sums, struct told *ret_told)
{
    size_t count = 0;
    pthread_mutex_lock(&queries->lock);
    const struct hour *hour = queries->hours[place];
    if (hour && hour->number >= first) {
        const struct ranked *ranked = &hour->ranked[ranking];
        sums->asked += hour->asked;
        sums->in_vain += hour->in_vain;
        for (; count < ranked->count; count++) {
            ret_told[count] = (struct told){ranked->hashes[count], ranked->questions[count]};
            ret_told[count].question.weight = ranked->weights[count];
        }
    }
    pthread_mutex_unlock(&queries->lock);
    return count;
}

/* One of each question; the newest of it is what is told, or the slowest. */
static size_t join(struct told *told, size_t count, bool sums)
{
    size_t kept = 0;
    qsort(told, count, sizeof(*told), by_hash);
    for (size_t i = 0; i < count; i++) {
        struct lede_question *last = kept > 0 ? &told[kept - 1].question : NULL;
        if (!last || told[kept - 1].hash != told[i].hash) {
            told[kept++] = told[i];
        } else if (sums) {
            last->weight += told[i].question.weight;
            last->over += told[i].question.over;
        } else if (told[i].question.weight > last->weight) {
            *last = told[i].question;
        }
    }
    return kept;
}

enum lede_status lede_queries_rank(struct lede_queries *queries, enum lede_query_ranking ranking,
    uint32_t hours, size_t limit, int64_t now_utc_s, struct lede_questions *ret_questions)
{
    int64_t first = now_utc_s / HOUR_S - (int64_t)hours + 1;
    struct lede_questions questions = {0};
    size_t count = 0;
    LEDE_CLEANUP(lede_freep)
    struct told *told = calloc((size_t)LEDE_QUERIES_HOURS * MANY, sizeof(*told));
    if (!told)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < LEDE_QUERIES_HOURS; i++)
        count += copy_hour(queries, i, ranking, first, &questions, told + count);
    count = join(told, count, kinds[ranking].sums);
    questions.items = calloc(count + 1, sizeof(*questions.items));
    if (!questions.items)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < count; i++)
        questions.items[i] = told[i].question;
    qsort(questions.items, count, sizeof(*questions.items), by_weight);
    questions.count = count < limit ? count : limit;
    *ret_questions = questions;
    return LEDE_OK;
}

void lede_questions_done(struct lede_questions *questions)
{
    free(questions->items);
    *questions = (struct lede_questions){0};
}
