/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A layer of faults between a program and its files.
 *
 * Linked into a program it takes the place of the libc calls that change files, for shared
 * libraries too. LEDE_FAULTS_DIRECTORY is the directory that it watches; calls elsewhere pass.
 * LEDE_FAULTS is a list of faults, parted by ';', each `key=value,…`:
 *   call=N      at the Nth call that changes a file there, from the start of the program
 *   point=NAME  or: at a named place of the program (point=NAME:K: when it is met the Kth time)
 *   do=ACTION   kill   the process kills itself, as by kill -9
 *               power  so too, and what was not synced is lost (power.h)
 *               enospc, eio, erofs   the call, or the next one after the point, fails so
 *               short  a write writes half of what it is given
 *   for=ever    it fails from then on, until SIGUSR1 comes; else once
 * SIGUSR2 is a power loss at the next call. LEDE_FAULTS_SEED seeds what is lost. LEDE_FAULTS_LOG is
 * a file that each fault met, and at the end of a run each point, is written to. */
#ifndef LEDE_TESTS_FAULTS_H
#define LEDE_TESTS_FAULTS_H

#include <stddef.h>
#include <sys/types.h>

/* The real calls. */
struct real_calls {
    int (*open)(const char *path, int flags, ...);
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
