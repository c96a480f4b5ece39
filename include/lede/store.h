/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How do writes last and become visible?
 *
 * A store is a data directory held by this process. Writes enter through a bulk (one document is a
 * bulk of one): they are checked, journalled and synced, built into segments that readers are told
 * of, then answered. One writer thread groups what many callers wait for into one commit; each
 * reader is one thread's own. */
#ifndef LEDE_STORE_H
#define LEDE_STORE_H

#include "lede/base.h"
#include "lede/lexicon.h"
#include "lede/match.h"
#include "lede/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lede_store;

/* When segments of a lane are merged. A class is a factor of eight in size. */
struct lede_merge_limits {
    /* of one class are merged into one, 2..8; 0: 8. UINT32_MAX: nothing is merged */
    uint32_t fan_in;
    uint32_t idle_fan_in; /* the same while nothing is written; 0: 4 */
    size_t segment_bytes; /* nothing larger is made; 0: 8 GiB */
    /* of a segment's documents deleted: it is written anew without them; 0: 33 */
    uint32_t deleted_percent;
    /* of a lane: at half as many merging no longer waits for idle processors, at twice as many
     * bulks wait for it; 0: 32 */
    uint32_t segments;
};

struct lede_store_options {
    const char *directory; /* made if it does not exist (its parent must) */
    /* segments built side by side, 1..16; a new store's, an old one keeps its own; 0: 2 */
    uint32_t lanes;
    /* text that only the journal holds for certain; past this much segments are synced; 0: 32
     * MiB */
    size_t pending_bytes;
    /* of a bulk: what comes then is committed when there is much of it; 0: 4 MiB */
    size_t build_after_bytes;
    /* of the log of writes that is kept for copies that follow it; 0: 256 MiB */
    size_t log_bytes_max;
    /* A write is answered when so many copies have it on their disks, too; 0: none need to … */
    uint32_t copies;
    uint32_t copies_wait_ms; /* … and EBUSY when they do not within so long; 0: 10 s */
    size_t builder_bytes;    /* memory of what a lane is building; 0: 48 MiB */
    /* memory of what searches have read of segments; 0: a quarter of the machine's */
    size_t list_cache_bytes;
    struct lede_merge_limits merge;
    /* where the journal is damaged keep a copy of its files beside it, and what can be kept */
    bool repair;
    /* Open what is there as it is: no lock is needed, nothing is made, changed or removed, nothing
     * is merged or scrubbed, and what would write is refused with EUNSUPPORTED. */
    bool read_only;
    /* Called with each damaged segment as it is taken out of every search, also with those of
     * earlier times at the start. Threads: any, one call at a time is not promised. May be NULL */
    void (*quarantined)(void *context, uint32_t segment, const char *what);
    void *context;
};

/* Take the lock, read the manifest, open the segments, replay the journal. A segment that is
 * damaged is quarantined, and the others are served: a file whose size is wrong is always found,
 * other damage in the newest 256 MiB, or where it is met, or by reading everything in the
 * background.
 * ret_store  owner: the caller, lede_store_close()
 * Status: OK; EBUSY another process holds it (the message names its pid and host), or with
 * read_only its journal has writes that are not applied; EVERSION; with read_only ENOTFOUND;
 * ECORRUPT (the message names the file; of the journal also the byte, and how much can be kept);
 * EIO unreadable or unwritable; ENOSPC; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_store_open(const struct lede_store_options *options,
    struct lede_store **ret_store, struct lede_error *reterr);
/* False where the directory is there and may not be written: by its mode, or on a file system that
 * is mounted read-only. */
bool lede_store_may_write(const char *directory);
/* Commits what was answered, stops the writer, gives the lock back. Every bulk and reader must be
 * gone. */
void lede_store_close(struct lede_store *store);
void lede_store_closep(struct lede_store **store);

/* ---- Writing ---- */

enum lede_write_kind {
    LEDE_WRITE_INDEX,  /* add or replace */
    LEDE_WRITE_CREATE, /* EEXISTS if the id is there */
    LEDE_WRITE_PATCH,  /* RFC 7396 onto the stored document; ENOTFOUND */
    LEDE_WRITE_DELETE, /* ENOTFOUND */
};

struct lede_write {
    enum lede_write_kind kind;
    struct lede_document *document; /* INDEX, CREATE */
    char *id;                       /* PATCH, DELETE: NUL-terminated */
    json_t *patch;                  /* PATCH */
    bool has_if_match;              /* the stored version must be this one */
    unsigned char if_match[16];
    /* INDEX: one that is before the stored version (lede_document_order_is_before()) is not taken:
     * OLDER */
    bool yields;
    uint64_t tag; /* the caller's: a line number */
};
/* Frees what it owns; zeroed afterwards. */
void lede_write_done(struct lede_write *write);

enum lede_write_outcome {
    LEDE_CREATED,
    LEDE_UPDATED,
    LEDE_UNCHANGED,
    LEDE_OLDER, /* a later version is stored, and stays */
    LEDE_DELETED,
    LEDE_FAILED,
};

struct lede_write_result {
    uint64_t tag;
    enum lede_write_outcome outcome;
    const char *id;           /* valid during the call of on_result */
    unsigned char digest[16]; /* of the stored version: CREATED, UPDATED, UNCHANGED, OLDER */
    /* FAILED; error->status: EEXISTS, ENOTFOUND, EPRECONDITION, EINVALID */
    const struct lede_error *error;
};

struct lede_bulk; /* one caller's stream of writes; one thread */

struct lede_bulk_options {
    /* all or none: nothing is applied before finish, and nothing at all if one write fails */
    bool atomic;
    bool durable; /* finish answers when it lasts, searchable or not */
    /* may be NULL; called in the bulk's thread, in add or finish, in the order of the adds */
    void (*on_result)(void *context, const struct lede_write_result *result);
    /* may be NULL; the same, of a text of lede_bulk_add_text() that is taken although parts of it
     * were no UTF-8 and are replaced */
    void (*on_repaired)(void *context, uint64_t tag);
    void *context;
};
#define LEDE_ATOMIC_BYTES_MAX ((size_t)256 << 20)

/* Status: OK; EREADONLY the store is a copy (lede/replica.h); EUNSUPPORTED it was opened for
 * reading only; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_bulk_new(struct lede_store *store,
    const struct lede_bulk_options *options, struct lede_bulk **ret_bulk,
    struct lede_error *reterr);
/* Add one write; waits while too much is under way.
 * write  its contents are taken, whatever the status
 * Status: OK; ELIMIT an atomic bulk over LEDE_ATOMIC_BYTES_MAX; ENOSPC, EIO the store cannot write
 * now (the bulk is over); ENOMEM. */
LEDE_CHECKED enum lede_status lede_bulk_add(
    struct lede_bulk *bulk, struct lede_write *write, struct lede_error *reterr);
/* Add one write from the text of a JSON object: a document, or for DELETE its id. What is refused
 * is told to on_result at once (id: NULL where it is not known), and is no failure of this call.
 * kind     INDEX, CREATE or DELETE
 * tag      of lede_write_result
 * context  for documents
 * Status: as lede_bulk_add(). */
LEDE_CHECKED enum lede_status lede_bulk_add_text(struct lede_bulk *bulk, enum lede_write_kind kind,
    const char *text, size_t size, uint64_t tag, const struct lede_document_context *context,
    struct lede_error *reterr);
/* Hand over what was added, to be committed at once, if its first write was added that long ago;
 * of an atomic bulk nothing. Does not wait for the commit. */
void lede_bulk_flush(struct lede_bulk *bulk, uint32_t age_ms);
/* Wait until everything added lasts and can be found (durable: lasts).
 * ret_revision  that shows all of it; may be NULL
 * Status: OK, also where single writes failed; EINVALID an atomic bulk of which one write failed:
 * nothing was stored; EBUSY it is here, and too few copies have said that they have it, too;
 * ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_bulk_finish(
    struct lede_bulk *bulk, uint64_t *ret_revision, struct lede_error *reterr);
/* About what it holds in memory: what was added and is not known to be in the store. */
size_t lede_bulk_held_bytes(const struct lede_bulk *bulk);
/* Unfinished: what was handed over may or may not be applied (none of it, if atomic). */
void lede_bulk_free(struct lede_bulk *bulk);
void lede_bulk_freep(struct lede_bulk **bulk);

/* One write, waited for. The result's id and error are not kept: ret_outcome and the status (the
 * write's own) say all. */
LEDE_CHECKED enum lede_status lede_store_write(struct lede_store *store, struct lede_write *write,
    enum lede_write_outcome *ret_outcome, unsigned char ret_digest[16], uint64_t *ret_revision,
    struct lede_error *reterr);

/* ---- Reading ---- */

struct lede_reader; /* one thread at a time; must be freed before the store is closed */

LEDE_CHECKED enum lede_status lede_reader_open(
    struct lede_store *store, struct lede_reader **ret_reader, struct lede_error *reterr);
void lede_reader_free(struct lede_reader *reader);
void lede_reader_freep(struct lede_reader **reader);
/* See at least every write answered before this call. Cheap where nothing changed. The other calls
 * here do not refresh.
 * Status: OK; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_reader_refresh(
    struct lede_reader *reader, struct lede_error *reterr);
/* Give back what it holds of an older view than the newest, so that files which merging has
 * replaced can go. It has to be refreshed before it is read again. */
void lede_reader_release(struct lede_reader *reader);
/* Which list of segments it sees: it changes with a commit, a merge, a segment that is taken out.
 * What is read of one is the same each time, but for the clock. */
uint64_t lede_reader_generation(const struct lede_reader *reader);
uint64_t lede_reader_revision(const struct lede_reader *reader);
/* Languages of the documents it sees; und always. */
lede_language_set lede_reader_languages(const struct lede_reader *reader);
/* As lede_index_search(), and so the others here. */
LEDE_CHECKED enum lede_status lede_reader_search(struct lede_reader *reader,
    const struct lede_search *search, struct lede_search_result *ret_result,
    struct lede_error *reterr);
/* Of a share of something larger (lede/shares.h). */
LEDE_CHECKED enum lede_status lede_reader_statistics(struct lede_reader *reader,
    const struct lede_search *search, struct lede_statistics **ret_statistics,
    struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_reader_share(struct lede_reader *reader,
    const struct lede_search *search, struct lede_buffer *out, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_reader_share_copies(struct lede_reader *reader,
    const struct lede_search *search, const char *const *keys, size_t count,
    struct lede_buffer *out, struct lede_error *reterr);
/* The reader was not refreshed since the search. */
LEDE_CHECKED enum lede_status lede_reader_read_hit(struct lede_reader *reader, uint32_t docid,
    struct lede_arena *arena, struct lede_hit *ret_hit, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_reader_list_matches(struct lede_reader *reader,
    const struct lede_search *search, struct lede_match_list **ret_list, struct lede_error *reterr);
/* The reader was not refreshed since the list was made. */
LEDE_CHECKED enum lede_status lede_reader_visit_matches(struct lede_reader *reader,
    const struct lede_match_list *list,
    enum lede_status (*visit)(void *context, const char *id, size_t id_size,
        const unsigned char digest[16], struct lede_error *reterr),
    void *context, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_reader_get(struct lede_reader *reader, const char *id,
    size_t id_size, struct lede_buffer *ret_stored, unsigned char ret_digest[16],
    struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_reader_get_story(struct lede_reader *reader, const char *id,
    size_t id_size, char ret_key[LEDE_STORY_KEY_DIGITS + 1], struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_reader_visit_values(struct lede_reader *reader,
    const struct lede_field *field, void (*visit)(void *context, const char *value, uint32_t count),
    void *context, bool *ret_cut, struct lede_error *reterr);
/* The index itself, for benchmarks and tests; valid until the next refresh or search. */
struct lede_index *lede_reader_index(struct lede_reader *reader);

/* The words of all documents, hidden ones too, as they were a short while ago: for candidates.
 * Whether a word is one, and may be shown, is to be asked of a reader. The first call, and one that
 * finds the words older than the store, have them gathered in the background; a twentieth of the
 * time at most goes into that, and a second lies between two times at least.
 * Returns a reference, lede_lexicon_unref(); NULL until the words have been gathered once. Threads:
 * any. */
struct lede_lexicon *lede_store_lexicon(struct lede_store *store);
/* The same; where words have never been gathered, it waits until they are, or cannot be, or the
 * time has come. */
struct lede_lexicon *lede_store_await_lexicon(
    struct lede_store *store, uint64_t deadline_monotonic_ns);

LEDE_CHECKED enum lede_status lede_reader_count_word(struct lede_reader *reader,
    lede_field_set fields, const char *word, size_t size, const struct lede_query *restriction,
    int64_t now_utc_s, uint32_t count_to, uint32_t *ret_count, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_reader_word_texts(struct lede_reader *reader, const char *word,
    size_t size, const struct lede_query *restriction, int64_t now_utc_s, size_t limit,
    struct lede_arena *arena, struct lede_stored_text *ret_texts, size_t *ret_count,
    struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_reader_word_documents(struct lede_reader *reader,
    lede_field_set fields, const char *word, size_t size, uint32_t *ret_documents,
    struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_reader_estimate(struct lede_reader *reader,
    const struct lede_search *search, uint32_t count_to, uint32_t *ret_count, bool *ret_exact,
    struct lede_error *reterr);
/* The counts are asked before the reader moves. */
LEDE_CHECKED enum lede_status lede_reader_counts_new(struct lede_reader *reader,
    const struct lede_search *search, struct lede_counts **ret_counts, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_reader_counts_ask(struct lede_reader *reader,
    struct lede_counts *counts, const struct lede_search *search, struct lede_counted *ret_counted,
    struct lede_error *reterr);

/* A segment that is damaged: its documents are not found until it is mended
 * (lede_store_check()). */
struct lede_quarantined {
    uint32_t segment; /* directory segments/000042 */
    uint32_t documents;
    char what[160];
};
#define LEDE_QUARANTINED_TOLD_MAX 16

struct lede_store_stats {
    uint64_t revision;
    uint64_t documents;
    uint32_t segments;
    uint64_t disk_bytes;
    uint64_t pending_writes; /* under way */
    uint64_t writes_created, writes_updated, writes_unchanged, writes_older,
        writes_deleted; /* since the start */
    uint64_t commits;
    uint64_t merges;            /* since the start */
    uint64_t merged_bytes;      /* written by them */
    uint64_t sealed_bytes;      /* of the segments that commits made since the start */
    uint64_t deleted_documents; /* still kept in sealed segments */
    /* in segments of an older analysis, which are made anew one by one */
    uint64_t older_documents;
    struct lede_cache_stats lists;       /* what searches have read of segments */
    struct lede_cache_stats corrections; /* what the newest lexicon remembers */
    bool writable;                       /* false: the disk is full or failed; reads go on */
    uint32_t set_aside; /* journalled writes that could not be applied, in set-aside.ndjson */
    uint32_t quarantined_count;
    struct lede_quarantined quarantined[LEDE_QUARANTINED_TOLD_MAX]; /* the first of them */
};
/* What a look at its health says; the members of the same name above. */
struct lede_store_health {
    uint64_t revision;
    bool writable;
    uint32_t quarantined_count;
    struct lede_quarantined quarantined[LEDE_QUARANTINED_TOLD_MAX];
};
/* Look without waiting. Status: OK; EBUSY somebody changes it just now. Threads: any. */
LEDE_CHECKED enum lede_status lede_store_health(
    struct lede_store *store, struct lede_store_health *ret_health);
LEDE_CHECKED enum lede_status lede_store_stats(
    struct lede_store *store, struct lede_store_stats *ret_stats, struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
