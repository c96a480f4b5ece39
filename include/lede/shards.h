/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An archive that lies on several servers: which shards it has, where their copies are, and what a
 * search over all of them finds.
 *
 * The map is a value: whoever knows a new one sets it, and searches that run keep theirs. */
#ifndef LEDE_SHARDS_H
#define LEDE_SHARDS_H

#include "lede/shares.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_SHARD_COPIES_MAX 16
#define LEDE_SHARD_KEY_BYTES_MIN 32
#define LEDE_SHARD_KEY_BYTES_MAX 256
#define LEDE_SHARD_KEY_HEADER "Lede-Shard-Key"
#define LEDE_SHARD_PATH "/shard"

/* ---- The map ---- */

struct lede_shard_map;
/* Read a map: shards with commas between, each the addresses of its copies with `|` between, the
 * nearest first: `http://a:5333|http://b:5333,http://c:5333`. White space around them is nothing.
 * ret_map  owner: the caller, one reference. Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shard_map_parse(
    const char *text, struct lede_shard_map **ret_map, struct lede_error *reterr);
/* Threads: any, as of the next three. map may be NULL. */
struct lede_shard_map *lede_shard_map_ref(struct lede_shard_map *map);
void lede_shard_map_unref(struct lede_shard_map *map);
void lede_shard_map_unrefp(struct lede_shard_map **map);
size_t lede_shard_map_count(const struct lede_shard_map *map);
size_t lede_shard_map_copies(const struct lede_shard_map *map, size_t shard);
/* Without `/` at its end; lives as long as the map. */
const char *lede_shard_map_address(const struct lede_shard_map *map, size_t shard, size_t copy);

/* ---- Searches ---- */

struct lede_shards_options {
    const char *key;     /* that shards ask for; borrowed for the call */
    const char *ca_file; /* of what their certificates are signed by; NULL: the system's */
    uint32_t hedge_ms;   /* without an answer for so long, the next copy is asked, too; 0: none */
    uint32_t connect_ms;
};
/* What all searches share. Threads: any. */
struct lede_shards;
/* map  a reference is taken. Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shards_new(struct lede_shard_map *map,
    const struct lede_shards_options *options, struct lede_shards **ret_shards,
    struct lede_error *reterr);
void lede_shards_free(struct lede_shards *shards);
/* Searches that begin from now on go by another map. */
void lede_shards_set_map(struct lede_shards *shards, struct lede_shard_map *map);
/* The languages that all documents had when shards were last asked. */
lede_language_set lede_shards_languages(struct lede_shards *shards);

/* Connections to the shards. Threads: one at a time. */
struct lede_shards_asker;
/* shards  outlives it. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shards_asker_new(
    struct lede_shards *shards, struct lede_shards_asker **ret_asker, struct lede_error *reterr);
void lede_shards_asker_free(struct lede_shards_asker *asker);

/* Who has answered the last search of an asker. */
struct lede_shards_seen {
    uint32_t total, answered;
    bool is_missing[LEDE_SHARES_MAX];
    uint64_t revision;  /* those of the shards, summed up */
    uint64_t documents; /* likewise */
    uint64_t sent_bytes, received_bytes;
    struct lede_error why; /* of the first that is missing; OK: none is */
};
/* The address of a shard's first copy; lives until the asker's next search. */
const char *lede_shards_asker_name(const struct lede_shards_asker *asker, size_t shard);

/* Learn what languages there are, if nobody has asked yet, or anew.
 * Status: OK; EBUSY no shard answers; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shards_look(struct lede_shards_asker *asker, bool anew,
    uint64_t deadline_monotonic_ns, struct lede_error *reterr);
/* Read a document by its id, whichever shard has it; hidden ones, too.
 * ret_stored  the text is appended
 * Status: OK; ENOTFOUND; EBUSY those that answer have it not, and not all do; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shards_get(struct lede_shards_asker *asker, const char *id,
    size_t size, uint64_t deadline_monotonic_ns, struct lede_buffer *ret_stored,
    struct lede_error *reterr);
/* Run a search over all shards: what one index with their documents would find, as
 * lede_index_search() has it, but for `docid`, which means nothing. A shard without an answer in
 * time is not counted, and told.
 * languages   that the search's queries were parsed for
 * ret_result  owner: the caller, lede_search_result_done()
 * ret_seen    written whatever the status
 * Status: OK; EAGAIN there are other languages now (lede_shards_languages()): it is to be parsed
 * and asked again; EBUSY no shard answers; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shards_search(struct lede_shards_asker *asker,
    const struct lede_search *search, lede_language_set languages,
    struct lede_search_result *ret_result, struct lede_shards_seen *ret_seen,
    struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
