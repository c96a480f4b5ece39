/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "power.h"

#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((off_t)4096)

/* A block as it was before a write. */
struct block_version {
    off_t at;
    bool dropped; /* a sync failed since */
    char bytes[4096];
};

struct size_version {
    off_t size;
    bool dropped;
};

struct dirty_file {
    dev_t device;
    ino_t inode;
    int fd; /* our own */
    struct block_version *blocks;
    size_t block_count, block_capacity;
    struct size_version *sizes; /* before each change of size */
    size_t size_count, size_capacity;
};

struct changed_entry {
    enum power_entry kind;
    char *directory;
    char *path;
    char *from;
    char *saved;
    bool lost;
};

static struct {
    char trash[PATH_MAX - 32];
    unsigned seed;
    unsigned saved;
    struct dirty_file *files;
    size_t file_count, file_capacity;
    struct changed_entry *entries;
    size_t entry_count, entry_capacity;
} state;

static void *grown(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 16;
    items = realloc(items, *capacity * item_bytes);
    if (!items)
        abort();
    return items;
}

void power_init(const char *trash, unsigned seed)
{
    snprintf(state.trash, sizeof(state.trash), "%s", trash);
    state.seed = seed;
    real.mkdir(trash, 0700);
}

static size_t any_of(size_t count)
{
    return (size_t)rand_r(&state.seed) % count;
}

/* How many of a row of changes are kept: none, all, or some. */
static size_t any_cut(size_t count)
{
    switch (any_of(3)) {
    case 0:
        return 0;
    case 1:
        return count;
    default:
        return any_of(count + 1);
    }
}

/* ---- Content ---- */

static struct dirty_file *find_file(int fd, bool add)
{
    struct stat facts;
    char path[64];
    if (fstat(fd, &facts) != 0)
        return NULL;
    for (size_t i = 0; i < state.file_count; i++) {
        if (state.files[i].device == facts.st_dev && state.files[i].inode == facts.st_ino)
            return &state.files[i];
    }
    if (!add)
        return NULL;
    state.files = grown(state.files, state.file_count, &state.file_capacity, sizeof(*state.files));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct dirty_file *file = &state.files[state.file_count++];
    *file = (struct dirty_file){
        .device = facts.st_dev, .inode = facts.st_ino, .fd = real.open(path, O_RDWR | O_CLOEXEC)};
    return file;
}

static void forget_file(struct dirty_file *file)
{
    free(file->blocks);
    free(file->sizes);
    close(file->fd);
    *file = state.files[--state.file_count];
}

static void keep_size(struct dirty_file *file, off_t after)
{
    struct stat facts;
    if (fstat(file->fd, &facts) != 0 || facts.st_size == after)
        return;
    file->sizes = grown(file->sizes, file->size_count, &file->size_capacity, sizeof(*file->sizes));
    file->sizes[file->size_count++] = (struct size_version){.size = facts.st_size};
}

static void keep_blocks(struct dirty_file *file, off_t from, off_t to)
{
    for (off_t at = from - from % BLOCK; at < to; at += BLOCK) {
        file->blocks =
            grown(file->blocks, file->block_count, &file->block_capacity, sizeof(*file->blocks));
        struct block_version *block = &file->blocks[file->block_count++];
        memset(block, 0, sizeof(*block));
        block->at = at;
        if (pread(file->fd, block->bytes, sizeof(block->bytes), at) < 0)
            errno = 0;
    }
}

void power_before_write(int fd, off_t offset, size_t size)
{
    struct stat facts;
    struct dirty_file *file = find_file(fd, true);
    off_t end = offset + (off_t)size;
    if (!file || fstat(fd, &facts) != 0)
        return;
    keep_blocks(file, offset, end);
    keep_size(file, end > facts.st_size ? end : facts.st_size);
}

void power_before_resize(int fd, off_t size)
{
    struct stat facts;
    struct dirty_file *file = find_file(fd, true);
    if (!file || fstat(fd, &facts) != 0)
        return;
    if (size < facts.st_size)
        keep_blocks(file, size, facts.st_size);
    keep_size(file, size);
}

static size_t count_versions(const struct dirty_file *file, off_t at)
{
    size_t count = 0;
    for (size_t i = 0; i < file->block_count; i++)
        count += file->blocks[i].at == at;
    return count;
}

/* The block gets one of the versions it had; `cut` of its changes are kept. */
static void lose_block(const struct dirty_file *file, off_t at, size_t cut)
{
    for (size_t i = 0; i < file->block_count; i++) {
        if (file->blocks[i].at != at || cut-- > 0)
            continue;
        if (real.pwrite(file->fd, file->blocks[i].bytes, sizeof(file->blocks[i].bytes), at) < 0)
            errno = 0;
        return;
    }
}

static bool is_first(const struct dirty_file *file, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (file->blocks[i].at == file->blocks[index].at)
            return false;
    }
    return true;
}

static void lose_content(const struct dirty_file *file)
{
    struct stat facts;
    if (fstat(file->fd, &facts) != 0)
        return;
    off_t size = facts.st_size;
    size_t cut = any_cut(file->size_count);
    if (cut < file->size_count)
        size = file->sizes[cut].size;
    /* Mostly each block by itself, sometimes all or none: a disk that was idle, or stuck. */
    size_t mood = any_of(4);
    for (size_t i = 0; i < file->block_count; i++) {
        if (!is_first(file, i))
            continue;
        size_t count = count_versions(file, file->blocks[i].at);
        lose_block(file, file->blocks[i].at, mood == 0 ? 0 : mood == 1 ? count : any_cut(count));
    }
    if (real.ftruncate(file->fd, size) != 0)
        errno = 0;
}

/* ---- Entries ---- */

static void free_entry(struct changed_entry *entry)
{
    if (entry->saved)
        real.unlink(entry->saved);
    free(entry->directory);
    free(entry->path);
    free(entry->from);
    free(entry->saved);
}

void power_entry_changed(enum power_entry kind, const char *path, const char *from, char *saved)
{
    const char *slash = strrchr(path, '/');
    state.entries =
        grown(state.entries, state.entry_count, &state.entry_capacity, sizeof(*state.entries));
    state.entries[state.entry_count++] = (struct changed_entry){.kind = kind,
        .directory = strndup(path, slash ? (size_t)(slash - path) : 0),
        .path = strdup(path),
        .from = from ? strdup(from) : NULL,
        .saved = saved};
}

char *power_save(const char *path)
{
    char saved[PATH_MAX];
    snprintf(saved, sizeof(saved), "%s/%u", state.trash, state.saved++);
    real.unlink(saved); /* of an earlier process */
    return real.link(path, saved) == 0 ? strdup(saved) : NULL;
}

static void directory_synced(const char *directory)
{
    size_t kept = 0;
    for (size_t i = 0; i < state.entry_count; i++) {
        if (strcmp(state.entries[i].directory, directory) == 0)
            free_entry(&state.entries[i]);
        else
            state.entries[kept++] = state.entries[i];
    }
    state.entry_count = kept;
}

static bool is_written_since(const struct dirty_file *file, off_t at)
{
    for (size_t i = 0; i < file->block_count; i++) {
        if (file->blocks[i].at == at && !file->blocks[i].dropped)
            return true;
    }
    return false;
}

/* All is kept but what an earlier sync failed to write, and nobody wrote again. */
static void file_synced(struct dirty_file *file)
{
    size_t kept = 0;
    bool size_changed = false;
    for (size_t i = 0; i < file->block_count; i++) {
        off_t at = file->blocks[i].at;
        if (file->blocks[i].dropped && !is_written_since(file, at))
            file->blocks[kept++] = file->blocks[i];
    }
    file->block_count = kept;
    for (size_t i = 0; i < file->size_count; i++)
        size_changed = size_changed || !file->sizes[i].dropped;
    if (size_changed)
        file->size_count = 0;
    if (file->block_count == 0 && file->size_count == 0)
        forget_file(file);
}

void power_synced(int fd)
{
    struct stat facts;
    char link[64];
    char path[PATH_MAX];
    if (fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        ssize_t size = readlink(link, path, sizeof(path) - 1);
        path[size > 0 ? size : 0] = '\0';
        directory_synced(path);
        return;
    }
    struct dirty_file *file = find_file(fd, false);
    if (file)
        file_synced(file);
}

/* The kernel takes its pages for clean, whatever the disk has of them. */
void power_sync_failed(int fd)
{
    struct dirty_file *file = find_file(fd, false);
    for (size_t i = 0; file && i < file->block_count; i++)
        file->blocks[i].dropped = true;
    for (size_t i = 0; file && i < file->size_count; i++)
        file->sizes[i].dropped = true;
}

static int remove_one(const char *path, const struct stat *facts, int flag, struct FTW *place)
{
    (void)facts;
    (void)place;
    return flag == FTW_DP || flag == FTW_D ? real.rmdir(path) : real.unlink(path);
}

static void undo(const struct changed_entry *entry)
{
    switch (entry->kind) {
    case POWER_CREATED:
    case POWER_LINKED:
        real.unlink(entry->path);
        break;
    case POWER_MADE:
        nftw(entry->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        break;
    case POWER_REMOVED:
        real.mkdir(entry->path, 0750);
        break;
    case POWER_UNLINKED:
        if (entry->saved)
            real.rename(entry->saved, entry->path);
        break;
    case POWER_RENAMED:
        real.rename(entry->path, entry->from);
        if (entry->saved)
            real.rename(entry->saved, entry->path);
        break;
    }
}

/* Of each directory's changes the newest so many are lost. */
static void choose_lost_entries(void)
{
    for (size_t i = 0; i < state.entry_count; i++) {
        const char *directory = state.entries[i].directory;
        size_t count = 0;
        size_t before = 0;
        for (size_t k = 0; k < state.entry_count; k++) {
            bool same = strcmp(state.entries[k].directory, directory) == 0;
            before += same && k < i;
            count += same;
        }
        if (before > 0)
            continue;
        size_t kept = any_cut(count);
        for (size_t k = 0; k < state.entry_count; k++) {
            if (strcmp(state.entries[k].directory, directory) != 0)
                continue;
            state.entries[k].lost = kept == 0;
            kept -= kept > 0;
        }
    }
}

void power_lose(void)
{
    for (size_t i = 0; i < state.file_count; i++)
        lose_content(&state.files[i]);
    choose_lost_entries();
    for (size_t i = state.entry_count; i-- > 0;) {
        if (state.entries[i].lost)
            undo(&state.entries[i]);
    }
}
