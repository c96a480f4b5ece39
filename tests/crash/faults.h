/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A layer of faults between a program and its files.
 *
 * Linked into a program it takes the place of the libc calls that change files, for shared
 * libraries too. LEDE_FAULTS_DIRECTORY is the directory that it watches; calls elsewhere pass.
 * LEDE_FAULTS is a list of faults, parted by ';', each `key=value,…`. When it is met:
 *   call=N      at the Nth call that changes a file there, from the start of the program
 *   kind=CALL,file=KIND,nth=N   at the Nth call of that kind on that kind of file (plans.c has the
 *               names of both; without file: on any), from when the plan was given
 *   point=NAME  at a named place of the program (point=NAME:K: when it is met the Kth time)
 *   after=N     so many calls after the first fault
 *   at=exit     when the program ends by itself
 * And what it is:
 *   do=ACTION   kill   the process kills itself, as by kill -9
 *               power  so too, and what was not synced is lost (power.h)
 *               enospc, eio, erofs, eintr   the call, or the next one after the point, fails so; a
 *                      write that fails with EIO has written half
 *               late   it fails with EIO, and was done
 *               short  a write writes half of what it is given
 *   for=ever    from then on: all calls of that kind on such files, where there is one, else all;
 *   for=all     all that such a disk fails: ENOSPC is of what takes room. EINTR comes every other
 *               time, and what fills a disk writes half first
 * A plan that is only `trace` logs every call. LEDE_FAULTS_CONTROL is a file by which the test
 * changes the plans while the program runs (plans.h). SIGUSR2 is a power loss, now.
 * LEDE_FAULTS_POWER must be set where power may be lost, LEDE_FAULTS_SEED seeds what is.
 * LEDE_FAULTS_LOG is a file that each fault and each point met are written to. */
#ifndef LEDE_TESTS_FAULTS_H
#define LEDE_TESTS_FAULTS_H

#include <stddef.h>
#include <sys/types.h>

/* The real calls. */
struct real_calls {
    int (*open)(const char *path, int flags, ...);
    int (*openat)(int directory, const char *path, int flags, ...);
    ssize_t (*write)(int fd, const void *data, size_t size);
    ssize_t (*pwrite)(int fd, const void *data, size_t size, off_t offset);
    int (*ftruncate)(int fd, off_t size);
    int (*fallocate)(int fd, int mode, off_t offset, off_t size);
    int (*fsync)(int fd);
    int (*fdatasync)(int fd);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
    int (*link)(const char *from, const char *to);
    int (*mkdir)(const char *path, mode_t mode);
    int (*rmdir)(const char *path);
};
extern struct real_calls real;

#endif
