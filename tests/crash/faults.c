/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Without large-file macros open and open64 are two names here, as they are for those who call
 * them. */
#undef _FILE_OFFSET_BITS

#include "faults.h"

#include "power.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
#define PLANS_MAX 8

struct real_calls real;

enum action {
    ACTION_KILL,
    ACTION_POWER,
    ACTION_ENOSPC,
    ACTION_EIO,
    ACTION_EROFS,
    ACTION_SHORT,
    ACTION_COUNT
};
static const char *const action_names[ACTION_COUNT] = {
    "kill", "power", "enospc", "eio", "erofs", "short"};

struct plan {
    unsigned long call; /* 0: at a point */
    char point[32];
    unsigned long times; /* left until it is met */
    enum action action;
    bool for_ever;
    bool armed; /* the next call has it */
    bool over;
};

static struct {
    bool on;
    bool loses; /* some plan may lose power: keep what was */
    char directory[PATH_MAX];
    int log;
    unsigned long calls;
    struct plan plans[PLANS_MAX];
    size_t plan_count;
} faults = {.log = -1};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t heal_asked;
static volatile sig_atomic_t loss_asked;

/* ---- Setting up ---- */

/* ISO C knows no way from an object's address to a function's; POSIX has them alike. */
static void find(const char *name, void *ret_function)
{
    void *address = dlsym(RTLD_NEXT, name);
    if (!address)
        abort();
    memcpy(ret_function, &address, sizeof(address));
}

static void find_real_calls(void)
{
    if (real.rmdir)
        return;
    find("open64", &real.open);
    find("write", &real.write);
    find("pwrite64", &real.pwrite);
    find("ftruncate64", &real.ftruncate);
    find("fallocate64", &real.fallocate);
    find("fsync", &real.fsync);
    find("fdatasync", &real.fdatasync);
    find("rename", &real.rename);
    find("unlink", &real.unlink);
    find("link", &real.link);
    find("mkdir", &real.mkdir);
    find("rmdir", &real.rmdir);
}

static void on_signal(int number)
{
    if (number == SIGUSR1)
        heal_asked = 1;
    else
        loss_asked = 1;
}

static void read_pair(struct plan *plan, const char *key, char *value)
{
    if (strcmp(key, "call") == 0) {
        plan->call = strtoul(value, NULL, 10);
    } else if (strcmp(key, "for") == 0) {
        plan->for_ever = true;
    } else if (strcmp(key, "point") == 0) {
        char *times = strchr(value, ':');
        plan->times = times ? strtoul(times + 1, NULL, 10) : 1;
        snprintf(plan->point, sizeof(plan->point), "%.*s", (int)strcspn(value, ":"), value);
    } else if (strcmp(key, "do") == 0) {
        for (int i = 0; i < ACTION_COUNT; i++) {
            if (strcmp(value, action_names[i]) == 0)
                plan->action = (enum action)i;
        }
    } else {
        fprintf(stderr, "faults: unknown key '%s'\n", key);
        abort();
    }
}

static void read_plans(const char *text)
{
    char copy[1024];
    char *rest = copy;
    snprintf(copy, sizeof(copy), "%s", text);
    for (char *one = strsep(&rest, ";"); one && faults.plan_count < PLANS_MAX;
         one = strsep(&rest, ";")) {
        struct plan *plan = &faults.plans[faults.plan_count];
        for (char *pair = strsep(&one, ","); pair; pair = strsep(&one, ",")) {
            char *value = strchr(pair, '=');
            if (!value)
                continue;
            *value = '\0';
            read_pair(plan, pair, value + 1);
        }
        if (plan->call || plan->point[0])
            faults.plan_count++;
    }
}

__attribute__((constructor)) static void set_up(void)
{
    const char *directory = getenv("LEDE_FAULTS_DIRECTORY");
    const char *plans = getenv("LEDE_FAULTS");
    const char *seed = getenv("LEDE_FAULTS_SEED");
    const char *log = getenv("LEDE_FAULTS_LOG");
    char trash[PATH_MAX + 8];
    find_real_calls();
    if (!directory)
        return;
    snprintf(faults.directory, sizeof(faults.directory), "%s", directory);
    snprintf(trash, sizeof(trash), "%s.trash", directory);
    if (plans)
        read_plans(plans);
    faults.loses = getenv("LEDE_FAULTS_POWER") != NULL;
    if (faults.loses)
        power_init(trash, seed ? (unsigned)strtoul(seed, NULL, 10) : 1);
    if (log)
        faults.log = real.open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, on_signal);
    faults.on = true;
}

/* ---- What is met ---- */

static void note(const char *what, const char *where)
{
    char line[256];
    int size = snprintf(line, sizeof(line), "%lu %s %s\n", faults.calls, what, where);
    if (faults.log >= 0 && real.write(faults.log, line, (size_t)size) < 0)
        errno = 0;
}

static void die(bool power, const char *where)
{
    note(power ? "power" : "kill", where);
    if (power && faults.loses)
        power_lose();
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static void heal(void)
{
    heal_asked = 0;
    for (size_t i = 0; i < faults.plan_count; i++) {
        faults.plans[i].over = true;
        faults.plans[i].armed = false;
    }
}

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_SHORT };

static enum verdict meet(struct plan *plan, const char *where)
{
    if (plan->action <= ACTION_POWER)
        die(plan->action == ACTION_POWER, where);
    note(action_names[plan->action], where);
    plan->armed = plan->for_ever;
    plan->over = !plan->for_ever;
    if (plan->action == ACTION_SHORT)
        return VERDICT_SHORT;
    errno = plan->action == ACTION_EIO ? EIO : plan->action == ACTION_EROFS ? EROFS : ENOSPC;
    return VERDICT_FAIL;
}

/* The lock is held: what becomes of this call? */
static enum verdict judge(const char *call)
{
    faults.calls++;
    if (heal_asked)
        heal();
    if (loss_asked)
        die(true, call);
    for (size_t i = 0; i < faults.plan_count; i++) {
        struct plan *plan = &faults.plans[i];
        if (plan->over || !(plan->armed || plan->call == faults.calls))
            continue;
        return meet(plan, call);
    }
    return VERDICT_PASS;
}

/* A named place of the program: index/store/fault.h calls it. */
void lede_fault_reached(const char *name);
void lede_fault_reached(const char *name)
{
    if (!faults.on)
        return;
    pthread_mutex_lock(&lock);
    note("point", name);
    for (size_t i = 0; i < faults.plan_count; i++) {
        struct plan *plan = &faults.plans[i];
        if (plan->over || plan->armed || plan->call || strcmp(plan->point, name) != 0 ||
            --plan->times > 0)
            continue;
        if (plan->action <= ACTION_POWER)
            die(plan->action == ACTION_POWER, name);
        plan->armed = true;
    }
    pthread_mutex_unlock(&lock);
}

/* ---- Which files ---- */

static bool is_watched_path(const char *path)
{
    size_t size = strlen(faults.directory);
    return faults.on && strncmp(path, faults.directory, size) == 0 &&
           (path[size] == '/' || !path[size]);
}

static bool is_watched(int fd)
{
    struct stat facts;
    char link[64];
    char path[PATH_MAX];
    if (!faults.on || fstat(fd, &facts) != 0 || !(S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode)))
        return false;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof(path) - 1);
    path[size > 0 ? size : 0] = '\0';
    return is_watched_path(path);
}

/* ---- The calls ---- */

static int open_watched(const char *path, int flags, mode_t mode)
{
    struct stat facts;
    pthread_mutex_lock(&lock);
    bool is_new = (flags & O_CREAT) && stat(path, &facts) != 0;
    int fd = -1;
    /* A full disk can empty a file. */
    if (!is_new || judge("open") == VERDICT_PASS) {
        if (faults.loses && (flags & O_TRUNC) && !is_new) {
            int before = real.open(path, O_RDWR | O_CLOEXEC);
            if (before >= 0) {
                power_before_resize(before, 0);
                close(before);
            }
        }
        fd = real.open(path, flags, mode);
        if (faults.loses && fd >= 0 && is_new)
            power_entry_changed(POWER_CREATED, path, NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

static int open_any(const char *path, int flags, mode_t mode)
{
    find_real_calls();
    struct stat facts;
    bool changes = (flags & O_TRUNC) || ((flags & O_CREAT) && stat(path, &facts) != 0);
    if (changes && is_watched_path(path))
        return open_watched(path, flags, mode);
    return real.open(path, flags, mode);
}

#define MODE_OF(flags, mode)                                                                       \
    mode_t mode = 0;                                                                               \
    va_list arguments;                                                                             \
    va_start(arguments, flags);                                                                    \
    if ((flags) & (O_CREAT | __O_TMPFILE))                                                         \
        mode = va_arg(arguments, mode_t);                                                          \
    va_end(arguments)

EXPORTED int open(const char *path, int flags, ...)
{
    MODE_OF(flags, mode);
    return open_any(path, flags, mode);
}

EXPORTED int open64(const char *path, int flags, ...)
{
    MODE_OF(flags, mode);
    return open_any(path, flags, mode);
}

static ssize_t write_watched(int fd, const void *data, size_t size, off_t offset, bool at_offset)
{
    ssize_t written = -1;
    pthread_mutex_lock(&lock);
    enum verdict verdict = judge("write");
    if (verdict == VERDICT_SHORT && size > 1)
        size /= 2;
    if (verdict != VERDICT_FAIL) {
        if (faults.loses)
            power_before_write(fd, at_offset ? offset : lseek(fd, 0, SEEK_CUR), size);
        written = at_offset ? real.pwrite(fd, data, size, offset) : real.write(fd, data, size);
    }
    pthread_mutex_unlock(&lock);
    return written;
}

EXPORTED ssize_t write(int fd, const void *data, size_t size)
{
    find_real_calls();
    return is_watched(fd) ? write_watched(fd, data, size, 0, false) : real.write(fd, data, size);
}

EXPORTED ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    find_real_calls();
    return is_watched(fd) ? write_watched(fd, data, size, offset, true)
                          : real.pwrite(fd, data, size, offset);
}

EXPORTED ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    return pwrite(fd, data, size, offset);
}

EXPORTED int ftruncate(int fd, off_t size)
{
    find_real_calls();
    if (!is_watched(fd))
        return real.ftruncate(fd, size);
    pthread_mutex_lock(&lock);
    int status = -1;
    if (judge("ftruncate") == VERDICT_PASS) {
        if (faults.loses)
            power_before_resize(fd, size);
        status = real.ftruncate(fd, size);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

EXPORTED int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

EXPORTED int fallocate(int fd, int mode, off_t offset, off_t size)
{
    struct stat facts;
    find_real_calls();
    if (!is_watched(fd))
        return real.fallocate(fd, mode, offset, size);
    pthread_mutex_lock(&lock);
    int status = -1;
    if (judge("fallocate") == VERDICT_PASS) {
        if (faults.loses && mode == 0 && fstat(fd, &facts) == 0 && offset + size > facts.st_size)
            power_before_resize(fd, offset + size);
        status = real.fallocate(fd, mode, offset, size);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

EXPORTED int fallocate64(int fd, int mode, off64_t offset, off64_t size)
{
    return fallocate(fd, mode, offset, size);
}

static int sync_watched(int fd, const char *name, int (*call)(int fd))
{
    pthread_mutex_lock(&lock);
    int status = -1;
    if (judge(name) == VERDICT_PASS)
        status = call(fd);
    int error = errno;
    if (faults.loses && status == 0)
        power_synced(fd);
    else if (faults.loses)
        power_sync_failed(fd);
    errno = error;
    pthread_mutex_unlock(&lock);
    return status;
}

EXPORTED int fsync(int fd)
{
    find_real_calls();
    return is_watched(fd) ? sync_watched(fd, "fsync", real.fsync) : real.fsync(fd);
}

EXPORTED int fdatasync(int fd)
{
    find_real_calls();
    return is_watched(fd) ? sync_watched(fd, "fdatasync", real.fdatasync) : real.fdatasync(fd);
}

EXPORTED int rename(const char *from, const char *to)
{
    find_real_calls();
    if (!is_watched_path(from))
        return real.rename(from, to);
    pthread_mutex_lock(&lock);
    int status = -1;
    if (judge("rename") == VERDICT_PASS) {
        char *saved = faults.loses ? power_save(to) : NULL;
        status = real.rename(from, to);
        if (faults.loses && status == 0)
            power_entry_changed(POWER_RENAMED, from, to, saved);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

EXPORTED int unlink(const char *path)
{
    find_real_calls();
    if (!is_watched_path(path))
        return real.unlink(path);
    pthread_mutex_lock(&lock);
    int status = -1;
    if (judge("unlink") == VERDICT_PASS) {
        char *saved = faults.loses ? power_save(path) : NULL;
        status = real.unlink(path);
        if (faults.loses && status == 0)
            power_entry_changed(POWER_UNLINKED, path, NULL, saved);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

EXPORTED int link(const char *from, const char *to)
{
    find_real_calls();
    if (!is_watched_path(to))
        return real.link(from, to);
    pthread_mutex_lock(&lock);
    int status = judge("link") == VERDICT_PASS ? real.link(from, to) : -1;
    if (faults.loses && status == 0)
        power_entry_changed(POWER_LINKED, to, to, NULL);
    pthread_mutex_unlock(&lock);
    return status;
}

EXPORTED int mkdir(const char *path, mode_t mode)
{
    struct stat facts;
    find_real_calls();
    if (!is_watched_path(path) || stat(path, &facts) == 0)
        return real.mkdir(path, mode);
    pthread_mutex_lock(&lock);
    int status = judge("mkdir") == VERDICT_PASS ? real.mkdir(path, mode) : -1;
    if (faults.loses && status == 0 && strcmp(path, faults.directory) != 0)
        power_entry_changed(POWER_MADE, path, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return status;
}

EXPORTED int rmdir(const char *path)
{
    find_real_calls();
    if (!is_watched_path(path))
        return real.rmdir(path);
    pthread_mutex_lock(&lock);
    int status = judge("rmdir") == VERDICT_PASS ? real.rmdir(path) : -1;
    if (faults.loses && status == 0)
        power_entry_changed(POWER_REMOVED, path, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return status;
}
