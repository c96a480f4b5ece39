/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents stand in one array, linked by age and by id. Of a band's bits the lower choose the
 * bucket and twelve others are kept beside the document's place, so that a bucket's strangers are
 * passed over without a look at their sketches. */
#include "stories.h"

#include "lede/number.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX
#define DOCUMENTS_FIRST 8192u /* room at first; doubled when full */

enum {
    PLACE_BITS = 20, /* LEDE_STORIES_MAX places */
    TAG_BITS = 32 - PLACE_BITS,
    BUCKET_BITS_FIRST =
        /* the tag begins at this bit of a band: buckets are parted by it when their number
         * doubles */
    9,
    BUCKET_BITS_MAX = 15,
    DOCUMENTS_PER_BUCKET = 16, /* at which their number doubles */
};

_Static_assert(
    BUCKET_BITS_FIRST + TAG_BITS <= LEDE_STORY_BAND_BITS, "a tag is made of bits that a band has");
_Static_assert(LEDE_STORIES_MAX <= 1u << PLACE_BITS, "a place fits its bits");

struct document {
    struct lede_story_minima minima;
    uint64_t story; /* 0: the place is free */
    uint64_t id;    /* hash */
    uint32_t newer, older;
    uint32_t next_by_id; /* of a free place: the next free one */
};

/* A tag above, a place + 1 below is too many bits for the last place: 0 is none, and place 0 is
 * never used. */
struct bucket {
    uint32_t slots[LEDE_STORIES_BUCKET]; /* newest first */
};

struct lede_stories {
    pthread_mutex_t mutex;
    struct document *documents;
    uint32_t *by_id; /* `capacity` heads of lists */
    uint32_t capacity;
    uint32_t limit;
    uint32_t count;
    uint32_t used; /* places ever used, place 0 among them */
    uint32_t free_first;
    uint32_t newest, oldest;
    struct bucket *buckets; /* LEDE_STORY_BANDS times 2^bucket_bits */
    unsigned bucket_bits;
};

/* ---- Room ---- */

static void link_by_id(struct lede_stories *stories, uint32_t place)
{
    struct document *document = &stories->documents[place];
    uint32_t *head = &stories->by_id[document->id & (stories->capacity - 1)];
    document->next_by_id = *head;
    *head = place;
}

static bool grow_documents(struct lede_stories *stories)
{
    uint32_t capacity = stories->capacity ? stories->capacity * 2 : DOCUMENTS_FIRST;
    if (stories->capacity >= stories->limit)
        return false;
    uint32_t *by_id = malloc(capacity * sizeof(*by_id));
    struct document *documents =
        by_id ? realloc(stories->documents, capacity * sizeof(*documents)) : NULL;
    if (!documents) {
        free(by_id);
        return false;
    }
    memset(by_id, 0xFF, capacity * sizeof(*by_id));
    free(stories->by_id);
    stories->by_id = by_id;
    stories->documents = documents;
    stories->capacity = capacity;
    for (uint32_t place = 1; place < stories->used; place++) {
        if (documents[place].story != 0)
            link_by_id(stories, place);
    }
    return true;
}

/* Slots whose next bit is set go to the bucket's new half. */
static void part_bucket(
    const struct bucket *from, unsigned bit, struct bucket *ret_low, struct bucket *ret_high)
{
    size_t low = 0, high = 0;
    for (size_t i = 0; i < LEDE_STORIES_BUCKET && from->slots[i] != 0; i++) {
        if (from->slots[i] >> (PLACE_BITS + bit - BUCKET_BITS_FIRST) & 1)
            ret_high->slots[high++] = from->slots[i];
        else
            ret_low->slots[low++] = from->slots[i];
    }
}

/* Without memory the buckets stay as many as they are, and forget sooner. */
static void grow_buckets(struct lede_stories *stories)
{
    size_t before = (size_t)1 << stories->bucket_bits;
    struct bucket *buckets = calloc(before * 2 * LEDE_STORY_BANDS, sizeof(*buckets));
    if (!buckets)
        return;
    for (size_t band = 0; band < LEDE_STORY_BANDS; band++) {
        for (size_t i = 0; i < before; i++)
            part_bucket(&stories->buckets[band * before + i], stories->bucket_bits,
                &buckets[band * before * 2 + i], &buckets[band * before * 2 + before + i]);
    }
    free(stories->buckets);
    stories->buckets = buckets;
    stories->bucket_bits++;
}

enum lede_status lede_stories_new(
    uint32_t limit, struct lede_stories **ret_stories, struct lede_error *reterr)
{
    struct lede_stories *stories = calloc(1, sizeof(*stories));
    if (!stories)
        return lede_fail_memory(reterr);
    pthread_mutex_init(&stories->mutex, NULL);
    stories->limit = limit && limit < LEDE_STORIES_MAX ? limit : LEDE_STORIES_MAX;
    stories->used = 1;
    stories->free_first = stories->newest = stories->oldest = NOWHERE;
    stories->bucket_bits = BUCKET_BITS_FIRST;
    stories->buckets =
        calloc((size_t)LEDE_STORY_BANDS << BUCKET_BITS_FIRST, sizeof(*stories->buckets));
    if (!stories->buckets || !grow_documents(stories)) {
        lede_stories_free(stories);
        return lede_fail_memory(reterr);
    }
    *ret_stories = stories;
    return LEDE_OK;
}

void lede_stories_free(struct lede_stories *stories)
{
    if (!stories)
        return;
    pthread_mutex_destroy(&stories->mutex);
    free(stories->documents);
    free(stories->by_id);
    free(stories->buckets);
    free(stories);
}

/* ---- Documents; the mutex is held ---- */

static uint32_t find(const struct lede_stories *stories, uint64_t id)
{
    uint32_t place = stories->by_id[id & (stories->capacity - 1)];
    while (place != NOWHERE && stories->documents[place].id != id)
        place = stories->documents[place].next_by_id;
    return place;
}

static void remove_document(struct lede_stories *stories, uint32_t place)
{
    struct document *document = &stories->documents[place];
    uint32_t *link = &stories->by_id[document->id & (stories->capacity - 1)];
    while (*link != place)
        link = &stories->documents[*link].next_by_id;
    *link = document->next_by_id;
    *(document->newer == NOWHERE ? &stories->newest : &stories->documents[document->newer].older) =
        document->older;
    *(document->older == NOWHERE ? &stories->oldest : &stories->documents[document->older].newer) =
        document->newer;
    document->story = 0;
    document->next_by_id = stories->free_first;
    stories->free_first = place;
    stories->count--;
}

/* A place for one more; the oldest document gives its own where there is no other. */
static uint32_t take_place(struct lede_stories *stories)
{
    uint32_t most = stories->capacity - 1 < stories->limit ? stories->capacity - 1 : stories->limit;
    if (stories->count >= most && grow_documents(stories))
        most = stories->capacity - 1 < stories->limit ? stories->capacity - 1 : stories->limit;
    if (stories->count >= most)
        remove_document(stories, stories->oldest);
    if (stories->free_first == NOWHERE)
        return stories->used++;
    uint32_t place = stories->free_first;
    stories->free_first = stories->documents[place].next_by_id;
    return place;
}

static struct bucket *bucket_of(const struct lede_stories *stories, size_t band, uint32_t value)
{
    size_t buckets = (size_t)1 << stories->bucket_bits;
    return &stories->buckets[band * buckets + (value & (buckets - 1))];
}

static uint32_t tag_of(uint32_t value)
{
    return (value >> BUCKET_BITS_FIRST & ((1u << TAG_BITS) - 1)) << PLACE_BITS;
}

/* Remember a document that is not here. */
static void add_document(struct lede_stories *stories, uint64_t id,
    const struct lede_story_sketch *sketch, uint64_t story)
{
    uint32_t place = take_place(stories);
    stories->documents[place] = (struct document){.minima = sketch->minima,
        .story = story,
        .id = id,
        .newer = NOWHERE,
        .older = stories->newest};
    *(stories->newest == NOWHERE ? &stories->oldest : &stories->documents[stories->newest].newer) =
        place;
    stories->newest = place;
    link_by_id(stories, place);
    stories->count++;
    if (stories->count >> stories->bucket_bits >= DOCUMENTS_PER_BUCKET &&
        stories->bucket_bits < BUCKET_BITS_MAX)
        grow_buckets(stories);
    for (size_t band = 0; band < LEDE_STORY_BANDS; band++) {
        struct bucket *bucket = bucket_of(stories, band, sketch->bands[band]);
        memmove(bucket->slots + 1, bucket->slots, sizeof(bucket->slots) - sizeof(bucket->slots[0]));
        bucket->slots[0] = tag_of(sketch->bands[band]) | place;
    }
}

/* The story of the document that resembles most; of equal ones the newest. 0: none resembles
 * enough. */
static uint64_t find_story(
    const struct lede_stories *stories, const struct lede_story_sketch *sketch)
{
    uint64_t story = 0;
    double best = 0;
    for (size_t band = 0; band < LEDE_STORY_BANDS && best < 1; band++) {
        const struct bucket *bucket = bucket_of(stories, band, sketch->bands[band]);
        uint32_t tag = tag_of(sketch->bands[band]);
        for (size_t i = 0; i < LEDE_STORIES_BUCKET && bucket->slots[i] != 0 && best < 1; i++) {
            uint32_t place = bucket->slots[i] ^ tag;
            if (place >> PLACE_BITS != 0)
                continue;
            const struct document *document = &stories->documents[place];
            double resemblance = 0;
            if (document->story == 0 ||
                !lede_story_is_same(&document->minima, &sketch->minima, &resemblance) ||
                resemblance <= best)
                continue;
            best = resemblance;
            story = document->story;
        }
    }
    return story;
}

/* Of the text, too: a document that becomes another text leaves its story to the copies of the old
 * one. */
static uint64_t new_story(uint64_t id, const struct lede_story_sketch *sketch)
{
    uint64_t parts[1 + LEDE_COUNT_OF(sketch->minima.shingles)] = {id};
    memcpy(parts + 1, sketch->minima.shingles, sizeof(sketch->minima.shingles));
    uint64_t story = lede_hash64(parts, sizeof(parts));
    return story ? story : 1;
}

/* ---- The contract ---- */

uint64_t lede_stories_assign(struct lede_stories *stories, const char *id, size_t id_size,
    const struct lede_story_sketch *sketch)
{
    uint64_t id_hash = lede_hash64(id, id_size);
    uint64_t story = 0;
    pthread_mutex_lock(&stories->mutex);
    uint32_t before = find(stories, id_hash);
    if (before != NOWHERE &&
        lede_story_is_same(&stories->documents[before].minima, &sketch->minima, NULL))
        story = stories->documents[before].story;
    if (before != NOWHERE)
        remove_document(stories, before);
    if (story == 0)
        story = find_story(stories, sketch);
    if (story == 0)
        story = new_story(id_hash, sketch);
    add_document(stories, id_hash, sketch, story);
    pthread_mutex_unlock(&stories->mutex);
    return story;
}

void lede_stories_note(struct lede_stories *stories, const char *id, size_t id_size,
    const struct lede_story_sketch *sketch, uint64_t story)
{
    uint64_t id_hash = lede_hash64(id, id_size);
    pthread_mutex_lock(&stories->mutex);
    uint32_t before = find(stories, id_hash);
    if (before != NOWHERE)
        remove_document(stories, before);
    add_document(stories, id_hash, sketch, story);
    pthread_mutex_unlock(&stories->mutex);
}

void lede_stories_forget(struct lede_stories *stories, const char *id, size_t id_size)
{
    pthread_mutex_lock(&stories->mutex);
    uint32_t place = find(stories, lede_hash64(id, id_size));
    if (place != NOWHERE)
        remove_document(stories, place);
    pthread_mutex_unlock(&stories->mutex);
}

uint32_t lede_stories_count(struct lede_stories *stories)
{
    pthread_mutex_lock(&stories->mutex);
    uint32_t count = stories->count;
    pthread_mutex_unlock(&stories->mutex);
    return count;
}
