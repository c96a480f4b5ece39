/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which calls fail, and how: the plans that a test gives, and the count of what was met.
 *
 * Every call of the layer (faults.c) asks here first, with its kind and its path. Plans come from
 * LEDE_FAULTS, and while the process runs from a file that it shares with the test
 * (LEDE_FAULTS_CONTROL), so that one server can be given one fault after another. */
#ifndef LEDE_TESTS_PLANS_H
#define LEDE_TESTS_PLANS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* What changes a file. The names in call_names are those of plans and of the trace. */
enum call {
    CALL_CREATE, /* open() that makes a file */
    CALL_OPEN,   /* open() of one that is there, to write */
    CALL_WRITE,  /* write(), pwrite() */
    CALL_FTRUNCATE,
    CALL_FALLOCATE,
    CALL_FSYNC,
    CALL_FDATASYNC,
    CALL_SYNC_DIRECTORY, /* either of a directory */
    CALL_RENAME,
    CALL_UNLINK,
    CALL_LINK,
    CALL_MKDIR,
    CALL_RMDIR,
    CALL_COUNT
};

enum verdict {
    VERDICT_PASS,
    VERDICT_FAIL,      /* errno is set */
    VERDICT_SHORT,     /* a write: half of it */
    VERDICT_HALF_DONE, /* a write: half of it, and it fails; errno is set */
    VERDICT_LATE       /* it is done, and fails; errno is set */
};

/* The file that the test and the process share. The test writes plans, then the generation. */
struct control {
    uint32_t generation; /* other plans than before */
    uint32_t met;        /* how often a call failed */
    uint32_t calls;      /* all that were asked about since the start */
    uint32_t reserved;
    char plans[1008];
    char place[1024]; /* of the fault met first since the test cleared it: "call kind of file" */
};

extern pthread_mutex_t plans_lock;

/* Read the environment. Once, before any other call. */
void plans_start(void);
/* Are calls on this path watched? */
bool plans_watch(const char *path);
/* Is it the watched directory itself, whose own entry is not watched? */
bool plans_is_top(const char *path);
/* Must a power loss be able to take back what is not synced? */
bool plans_lose_power(void);
/* What becomes of a call? The lock is held. A fault that ends the process does not return. */
enum verdict plans_judge(enum call call, const char *path);
/* End the process as by kill -9; power: and lose what is not synced. The lock is held. */
_Noreturn void plans_die(bool power, const char *where);

#endif
