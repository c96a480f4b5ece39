/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a power loss takes: a simulation.
 *
 * Modelled: a file's blocks of 4 KiB that were written and not synced come back each in any version
 * since the last sync, out of order; its size in any since then; a directory's entries that were
 * not synced (creations, renames, links, removals, of files and directories) as a prefix of what
 * was done in that directory. fsync and fdatasync keep all of one file, fsync of a directory its
 * entries. What a failed sync left unsynced no later one keeps, unless it was written again.
 * Stricter than ext4: there a file's sync also keeps its entry, and entries of all directories are
 * kept in one order. Not modelled: torn blocks, disks that lie about syncs, journals of file
 * systems that replay wrongly, writes through mmap. Of calls that Lede does not use faults.c says
 * so when it begins to.
 *
 * All calls with the layer's lock held. Paths are absolute. */
#ifndef LEDE_TESTS_POWER_H
#define LEDE_TESTS_POWER_H

#include <stdbool.h>
#include <sys/types.h>

/* trash: a directory on the same file system, for files that may have to come back. */
void power_init(const char *trash, unsigned seed);
/* Before bytes of a file change; before its size does. */
void power_before_write(int fd, off_t offset, size_t size);
void power_before_resize(int fd, off_t size);
/* A file's content, or a directory's entries, are on the disk. */
void power_synced(int fd);
/* It failed: what it had to write is lost to later syncs. */
void power_sync_failed(int fd);

enum power_entry {
    POWER_CREATED,
    POWER_MADE,
    POWER_LINKED,
    POWER_RENAMED,
    POWER_UNLINKED,
    POWER_REMOVED
};
/* After the entry `path` changed. from: what was renamed or linked there. saved: what lay there
 * before, by power_save(); NULL: nothing. Taken. */
void power_entry_changed(enum power_entry kind, const char *path, const char *from, char *saved);
/* Keep another name of a file that is about to lose this one; NULL where there is none. Owner: the
 * caller, free(). */
char *power_save(const char *path);
/* Undo what is lost. */
void power_lose(void);

#endif
