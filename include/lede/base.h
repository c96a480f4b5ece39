/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vocabulary of every floor: statuses, errors, ownership marks.
 *
 * What can fail returns `enum lede_status`; the reason, in words for a person, goes to an optional
 * `struct lede_error`. Outputs are written on success only, the error on failure only. */
#ifndef LEDE_BASE_H
#define LEDE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_CHECKED __attribute__((warn_unused_result))
#define LEDE_CLEANUP(function) __attribute__((cleanup(function)))
#define LEDE_PRINTF(format_index, first_index)                                                     \
    __attribute__((format(printf, format_index, first_index)))
/* Move a pointer out of an owned local: *ret = LEDE_TAKE(&local). */
#define LEDE_TAKE(pointer_to_owned)                                                                \
    __extension__({                                                                                \
        __typeof__(pointer_to_owned) lede_take_from = (pointer_to_owned);                          \
        __typeof__(*lede_take_from) lede_taken = *lede_take_from;                                  \
        *lede_take_from = NULL;                                                                    \
        lede_taken;                                                                                \
    })
#define LEDE_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
/* Compiled for what the processor has, chosen when the program starts. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define LEDE_FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LEDE_FOR_EACH_PROCESSOR
#endif

enum lede_status {
    LEDE_OK = 0,
    LEDE_EINPUT,        /* the caller's data is wrong: syntax, type, range */
    LEDE_EINVALID,      /* well formed, but not what the model allows (HTTP 422) */
    LEDE_ENOTFOUND,     /* no such document, file or key */
    LEDE_EEXISTS,       /* it was to be created and exists */
    LEDE_EPRECONDITION, /* If-Match or If-None-Match failed */
    LEDE_ELIMIT,        /* a named limit was passed */
    LEDE_EBUSY,         /* a queue is full, no descriptor is left, another process has the lock */
    LEDE_ETIMEOUT,      /* the deadline passed */
    LEDE_EIO,           /* the file system or the database failed */
    LEDE_ENOSPC,        /* no room on the disk */
    LEDE_ENOMEM,        /* no memory */
    LEDE_ECORRUPT,      /* stored data contradicts itself */
    LEDE_EVERSION,      /* stored data of another version of Lede */
    LEDE_EMEDIATYPE,    /* of a media type that is not taken here */
    LEDE_EREADONLY,     /* a copy of another store takes no writes */
    LEDE_EUNSUPPORTED,  /* understood, not implemented (HTTP 501) */
    LEDE_ESTOPPED,      /* the peer or the program is going away */
    LEDE_EAGAIN,        /* nothing yet: the same call is to be made again later */
    LEDE_EINTERNAL,     /* a bug in Lede */
};

/* Why something failed. Message: lower-case, no full stop, user text in 'single quotes'.
 * Empty strings and has_position == false mean "not known". */
struct lede_error {
    enum lede_status status;
    char message[384];
    char hint[192];
    char param[32];    /* the parameter or setting that was wrong */
    char pointer[128]; /* JSON pointer (RFC 6901) into the document that was wrong */
    size_t position;   /* byte offset into the query or text that was wrong */
    bool has_position;
};

/* Fill an error and return its status, so that a failure is one line: return lede_fail(reterr,
 * LEDE_EIO, "…").
 * reterr   borrowed, may be NULL; every field is overwritten
 * Returns `status`. Threads: any. */
enum lede_status lede_fail(
    struct lede_error *reterr, enum lede_status status, const char *format, ...) LEDE_PRINTF(3, 4);

/* The same with errno's text appended (": No space left on device"); ENOSPC, EDQUOT and EFBIG (a
 * limit of file size) become LEDE_ENOSPC, ENOMEM LEDE_ENOMEM, EMFILE and ENFILE (no descriptor is
 * left) LEDE_EBUSY. */
enum lede_status lede_fail_errno(
    struct lede_error *reterr, enum lede_status status, const char *format, ...) LEDE_PRINTF(3, 4);

/* Fixed phrase for a failed allocation. Returns LEDE_ENOMEM. */
enum lede_status lede_fail_memory(struct lede_error *reterr);

/* Set the hint of an error already filled; reterr may be NULL. Truncated at a character boundary to
 * fit. */
void lede_error_hint(struct lede_error *reterr, const char *format, ...) LEDE_PRINTF(2, 3);

/* Name the parameter or setting that was wrong; cut at a character boundary to fit. reterr may be
 * NULL. */
void lede_error_param(struct lede_error *reterr, const char *name);

/* "no-space" and the like: stable, lower-case, for logs and problem types; never NULL. */
const char *lede_status_name(enum lede_status status);

/* Cleanup functions for LEDE_CLEANUP. Each takes the address of the local and accepts NULL in
 * it. */
void lede_freep(void *pointer_to_pointer); /* free() */
void lede_closep(int *fd);                 /* close() unless < 0 */

#ifdef __cplusplus
}
#endif
#endif
