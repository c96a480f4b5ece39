/* The list of segments: new ones made, readers told. */
#include "internal.h"

#include "files.h"

#include <stdlib.h>

enum lede_status lede_store_publish_segments(struct lede_store *store, struct lede_error *reterr)
{
    uint32_t *numbers = calloc(store->manifest.segment_count + 1, sizeof(*numbers));
    if (!numbers)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < store->manifest.segment_count; i++)
        numbers[i] = store->manifest.segments[i].number;
    pthread_mutex_lock(&store->mutex);
    free(store->segment_numbers);
    store->segment_numbers = numbers;
    store->segment_count = store->manifest.segment_count;
    store->generation++;
    pthread_mutex_unlock(&store->mutex);
    return LEDE_OK;
}

enum lede_status lede_store_roll(struct lede_store *store, uint32_t lane, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    char segments[LEDE_PATH_BYTES_MAX];
    uint32_t number = 0;
    struct lede_segment *segment = NULL;
    enum lede_status st = lede_path_join(store->directory, "segments", segments, reterr);
    if (st == LEDE_OK)
        st = lede_manifest_add(&store->manifest, lane, &number, reterr);
    if (st == LEDE_OK)
        st = lede_segment_path(store->directory, number, path, reterr);
    /* A directory of this number is what a crash left before its manifest was written. */
    if (st == LEDE_OK)
        st = lede_directory_remove(path, reterr);
    if (st == LEDE_OK)
        st = lede_segment_open(path, true, &segment, reterr);
    if (st == LEDE_OK)
        st = lede_directory_sync(segments, reterr);
    if (st == LEDE_OK)
        st = lede_manifest_write(store->directory, &store->manifest, reterr);
    if (st != LEDE_OK) {
        lede_segment_free(segment);
        if (number != 0)
            store->manifest.segment_count--;
        return st;
    }
    st = lede_lane_add_segment(&store->lanes[lane], number, segment, reterr);
    return st == LEDE_OK ? lede_store_publish_segments(store, reterr) : st;
}
