/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damaged segments: which they are, and who suspects one.
 *
 * What is found damaged is noted here first, and the note outlasts everything but the process:
 * whenever the list is read again, a segment that is noted is left out, so that damage that stands
 * in the way of mending a broken store is out of the way. Then the writer takes it off the list,
 * and the manifest says so for the next start. */
#ifndef LEDE_STORE_QUARANTINE_H
#define LEDE_STORE_QUARANTINE_H

#include "checksums.h"
#include "lede/store.h"
#include "manifest.h"
#include "monitor.h"

/* Guarded by the store's mutex, but for what is atomic. */
struct lede_quarantine {
    struct lede_monitor *monitor;   /* the store's */
    const char *directory;          /* the store's */
    struct lede_quarantined *notes; /* owned; off the list yet or not */
    size_t count;
    size_t capacity;
    uint32_t unreadable_count; /* the writer's: what the last reading of the list could not read */
    void (*tell)(void *context, uint32_t segment, const char *what); /* may be NULL */
    void *tell_context;
    /* Somebody met what may be damage: the scrub is to look at once. */
    pthread_cond_t suspected;
    bool is_watched; /* there is a scrub */
    bool is_suspected;
    uint64_t not_before_ns; /* no suspicion before; monotonic */
    bool is_urgent;         /* atomic: the scrub reads as fast as the disk can */
};

/* monitor, directory  borrowed, must outlive it. tell  as of struct lede_store_options. Status:
 * OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_quarantine_init(struct lede_quarantine *quarantine,
    struct lede_monitor *monitor, const char *directory,
    void (*tell)(void *context, uint32_t segment, const char *what), void *context);
void lede_quarantine_done(struct lede_quarantine *quarantine);

/* ---- Notes ---- */
bool lede_quarantine_has(struct lede_quarantine *quarantine, uint32_t number);
/* Note a segment as damaged, and tell; one that is noted stays as it was. Status: OK; ENOMEM.
 * Threads: any. */
LEDE_CHECKED enum lede_status lede_quarantine_note(struct lede_quarantine *quarantine,
    uint32_t number, const char *what, struct lede_error *reterr);
/* How many documents a segment that is noted has, deleted ones left out. Threads: any. */
void lede_quarantine_count(struct lede_quarantine *quarantine, uint32_t number, uint32_t documents);
/* As lede_checksums_compare(), of a segment of the store; where what cannot be read is the whole
 * directory, that is EIO. Threads: any. */
LEDE_CHECKED enum lede_status lede_quarantine_compare(const struct lede_quarantine *quarantine,
    uint32_t number, struct lede_checksums_how *how, enum lede_damage *ret_damage,
    struct lede_error *reterr);
/* A segment could not be opened: is it the segment, which is then noted, and quarantined in the
 * manifest in memory, or something else?
 * Status: OK it was the segment; else what is in the way. */
LEDE_CHECKED enum lede_status lede_quarantine_judge(struct lede_quarantine *quarantine,
    struct lede_manifest_segment *entry, const struct lede_error *why, struct lede_error *reterr);

/* Nothing could be opened: was that for want of reading? Status: OK it was not; EIO names what was
 * in the way. */
LEDE_CHECKED enum lede_status lede_quarantine_expect_readable(
    const struct lede_quarantine *quarantine, struct lede_error *reterr);

/* ---- Suspicion ---- */
/* May damage of a segment be what gave this status? */
bool lede_status_may_be_damage(enum lede_status status);
/* Have segments looked through if a status that reading them gave may come of damage. Returns it.
 * Threads: any. */
enum lede_status lede_quarantine_suspect(
    struct lede_quarantine *quarantine, enum lede_status status);
/* Have them looked through, and wait until that is done. Threads: any but the writer's. */
void lede_quarantine_suspect_now(struct lede_quarantine *quarantine);

#endif
