/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lede follow follows, and how far it has come with each: kept in a file that a crash leaves
 * whole. */
#ifndef LEDE_FOLLOW_SOURCES_H
#define LEDE_FOLLOW_SOURCES_H

#include "lede/base.h"

#include <jansson.h>

#define LEDE_FOLLOW_INTERVAL_MS_MIN INT64_C(1000)
#define LEDE_FOLLOW_INTERVAL_MS_MAX (INT64_C(30) * 86400 * 1000)

struct lede_follow_source {
    char *place; /* an address, or a directory */
    bool is_directory;
    int64_t interval_s;
    int64_t spared_until_utc_s; /* another one of its host was asked just now */
    bool was_asked;             /* in this run */
    /* Of one that an index of sitemaps named: */
    const char *index;      /* the index's place, borrowed; NULL: the caller named it */
    unsigned level;         /* indexes above it */
    char *changed;          /* when it was changed, as the index said; NULL: it did not */
    bool is_dropped;        /* the index names it no more */
    bool was_told_newsless; /* that it has no news */
    /* What is kept: */
    int64_t next_utc_s; /* when it is asked next */
    uint32_t failures;  /* one after the other */
    bool is_gone;       /* 410: it is asked no more */
    char *address;      /* where the feed is for good; NULL: its place */
    char *etag, *modified;
    json_t *files;   /* of a directory: by name, what was read of it; NULL: nothing */
    json_t *members; /* of an index: what follow_index.h reads from it; NULL: it is none */
    char *read;      /* `changed` of what was read last; NULL */
};

struct lede_follow_sources {
    struct lede_follow_source *items;
    size_t count, capacity;
    json_t *kept; /* what the file has, also of others; by place */
};

/* Read what is named: addresses, directories, and files with a list of addresses, one a line, with
 * how often behind it ("https://example.org/feed.xml 10m"); '#' begins a comment.
 * ret_sources  zeroed; lede_follow_sources_done() also after a failure
 * Status: OK; EINPUT with the file and line; ENOTFOUND; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_follow_sources_read(char *const *words, size_t count,
    int64_t interval_s, struct lede_follow_sources *ret_sources, struct lede_error *reterr);
/* Add what an index of sitemaps names, and what is kept of it. index: its place, borrowed as long
 * as the sources live. Earlier pointers into items become invalid. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_follow_sources_add_member(struct lede_follow_sources *sources,
    const char *place, const struct lede_follow_source *index, struct lede_error *reterr);
void lede_follow_sources_done(struct lede_follow_sources *sources);

/* Take what a file says of them; one that is not there says nothing. Status: OK; EINPUT it is no
 * state; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_follow_sources_load(
    struct lede_follow_sources *sources, const char *path, struct lede_error *reterr);
/* Write what is kept of one source, whole or not at all; it lasts then. Status: OK; EIO; ENOSPC;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_follow_sources_save(struct lede_follow_sources *sources,
    const struct lede_follow_source *source, const char *path, struct lede_error *reterr);

#endif
