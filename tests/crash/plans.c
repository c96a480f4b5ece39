/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plans.h"

#include "faults.h"
#include "power.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLANS_MAX 8

static const char *const call_names[CALL_COUNT] = {"create", "open", "write", "ftruncate",
    "fallocate", "fsync", "fdatasync", "sync-directory", "rename", "unlink", "link", "mkdir",
    "rmdir"};

enum action {
    ACTION_KILL,
    ACTION_POWER,
    ACTION_ENOSPC,
    ACTION_EIO,
    ACTION_EROFS,
    ACTION_EINTR,
    ACTION_LATE,
    ACTION_SHORT,
    ACTION_COUNT
};
static const char *const action_names[ACTION_COUNT] = {
    "kill", "power", "enospc", "eio", "erofs", "eintr", "late", "short"};

/* When it is met. */
enum trigger {
    TRIGGER_CALL,  /* the nth call of all */
    TRIGGER_KIND,  /* the nth call of one kind, on one kind of file */
    TRIGGER_POINT, /* a named place of the program, the nth time */
    TRIGGER_AFTER, /* so many calls after the first fault */
    TRIGGER_EXIT   /* when the program ends */
};

struct plan {
    enum trigger trigger;
    char name[32]; /* of the point */
    int call;      /* of the kind; -1: any */
    char file[32]; /* kind of file; empty: any */
    unsigned long nth;
    enum action action;
    bool for_ever;
    bool wide; /* for ever: every call that such a disk fails, not only those of its kind */
    bool armed;
    bool over;
    unsigned long met;
};

static struct {
    bool on;
    pid_t process;
    bool loses;
    bool traces;
    char directory[PATH_MAX];
    int log;
    unsigned long calls;
    bool any_met;
    struct plan plans[PLANS_MAX];
    size_t plan_count;
    struct control *control;
    uint32_t generation; /* of the control's plans that were read */
} state = {.log = -1};

pthread_mutex_t plans_lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t loss_asked;

/* ---- Reading plans ---- */

static void refuse(const char *what)
{
    fprintf(stderr, "faults: cannot understand '%s'\n", what);
    abort();
}

static int index_of(const char *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return i;
    }
    refuse(name);
    return -1;
}

static void read_pair(struct plan *plan, const char *key, char *value)
{
    if (strcmp(key, "call") == 0) {
        plan->trigger = TRIGGER_CALL;
        plan->nth = strtoul(value, NULL, 10);
    } else if (strcmp(key, "kind") == 0) {
        plan->trigger = TRIGGER_KIND;
        plan->call = index_of(value, call_names, CALL_COUNT);
    } else if (strcmp(key, "file") == 0) {
        snprintf(plan->file, sizeof(plan->file), "%s", value);
    } else if (strcmp(key, "nth") == 0) {
        plan->nth = strtoul(value, NULL, 10);
    } else if (strcmp(key, "point") == 0) {
        char *times = strchr(value, ':');
        plan->trigger = TRIGGER_POINT;
        plan->nth = times ? strtoul(times + 1, NULL, 10) : 1;
        snprintf(plan->name, sizeof(plan->name), "%.*s", (int)strcspn(value, ":"), value);
    } else if (strcmp(key, "after") == 0) {
        plan->trigger = TRIGGER_AFTER;
        plan->nth = strtoul(value, NULL, 10);
    } else if (strcmp(key, "at") == 0) {
        plan->trigger = TRIGGER_EXIT;
    } else if (strcmp(key, "for") == 0) {
        plan->for_ever = true;
        plan->wide = strcmp(value, "all") == 0;
    } else if (strcmp(key, "do") == 0) {
        plan->action = (enum action)index_of(value, action_names, ACTION_COUNT);
    } else {
        refuse(key);
    }
}

static void read_plans(const char *text)
{
    char copy[sizeof(state.control->plans)];
    char *rest = copy;
    snprintf(copy, sizeof(copy), "%s", text);
    state.plan_count = 0;
    state.any_met = false;
    state.traces = false;
    for (char *one = strsep(&rest, ";"); one; one = strsep(&rest, ";")) {
        struct plan plan = {.call = -1, .nth = 1};
        if (strcmp(one, "trace") == 0)
            state.traces = true;
        if (!strchr(one, '='))
            continue;
        for (char *pair = strsep(&one, ","); pair; pair = strsep(&one, ",")) {
            char *value = strchr(pair, '=');
            if (!value)
                refuse(pair);
            *value = '\0';
            read_pair(&plan, pair, value + 1);
        }
        if (state.plan_count == PLANS_MAX)
            refuse(text);
        state.plans[state.plan_count++] = plan;
    }
}

static void read_control(void)
{
    if (!state.control)
        return;
    uint32_t generation = __atomic_load_n(&state.control->generation, __ATOMIC_ACQUIRE);
    if (generation != state.generation)
        read_plans(state.control->plans);
    state.generation = generation;
}

/* ---- Starting ---- */

static void *lose_when_asked(void *context)
{
    (void)context;
    while (sem_wait(&loss_asked) != 0)
        continue;
    pthread_mutex_lock(&plans_lock);
    plans_die(true, "asked");
}

static void on_signal(int number)
{
    (void)number;
    sem_post(&loss_asked);
}

static void map_control(const char *path)
{
    int fd = real.open(path, O_RDWR | O_CLOEXEC);
    void *memory = mmap(NULL, sizeof(*state.control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || memory == MAP_FAILED)
        refuse(path);
    close(fd);
    state.control = memory;
    read_control();
}

/* The program's signals are not for this thread. */
static void start_thread(void)
{
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    sem_init(&loss_asked, 0, 0);
    signal(SIGUSR2, on_signal);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    if (pthread_create(&thread, NULL, lose_when_asked, NULL) != 0)
        refuse("a thread");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void plans_start(void)
{
    const char *directory = getenv("LEDE_FAULTS_DIRECTORY");
    const char *plans = getenv("LEDE_FAULTS");
    const char *seed = getenv("LEDE_FAULTS_SEED");
    const char *log = getenv("LEDE_FAULTS_LOG");
    const char *control = getenv("LEDE_FAULTS_CONTROL");
    char trash[PATH_MAX + 8];
    if (!directory)
        return;
    snprintf(state.directory, sizeof(state.directory), "%s", directory);
    snprintf(trash, sizeof(trash), "%s.trash", directory);
    if (plans)
        read_plans(plans);
    state.loses = getenv("LEDE_FAULTS_POWER") != NULL;
    if (state.loses)
        power_init(trash, seed ? (unsigned)strtoul(seed, NULL, 10) : 1);
    if (log)
        state.log = real.open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (control)
        map_control(control);
    start_thread();
    state.process = getpid();
    state.on = true;
}

bool plans_watch(const char *path)
{
    size_t size = strlen(state.directory);
    return state.on && strncmp(path, state.directory, size) == 0 &&
           (path[size] == '/' || !path[size]);
}

bool plans_is_top(const char *path)
{
    return strcmp(path, state.directory) == 0;
}

bool plans_lose_power(void)
{
    return state.loses;
}

/* ---- What a path is ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

/* A file or directory inside segments/. */
static const char *kind_in_segments(const char *rest)
{
    const char *name = strrchr(rest, '/');
    if (strstr(rest, ".scratch"))
        return "scratch";
    if (!name)
        return "segment-directory";
    name++;
    if (ends_with(name, ".glass"))
        return "table";
    if (strcmp(name, "iamglass") == 0 || strcmp(name, "v.tmp") == 0)
        return "version";
    if (strncmp(name, "checksums", 9) == 0)
        return ends_with(name, ".tmp") ? "checksums-temporary" : "checksums";
    if (strcmp(name, "positions") == 0)
        return "positions";
    return strcmp(name, "flintlock") == 0 ? "xapian-lock" : "dictionary";
}

static const char *kind_in_store(const char *rest)
{
    static const char *const names[][2] = {{"", "store-directory"}, {"lock", "lock"},
        {"manifest.json", "manifest"}, {"manifest.json.tmp", "manifest-temporary"},
        {"journal", "journal-directory"}, {"segments", "segments-directory"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(rest, names[i][0]) == 0)
            return names[i][1];
    }
    if (strncmp(rest, "segments/", 9) == 0)
        return kind_in_segments(rest + 9);
    if (strncmp(rest, "journal/", 8) == 0)
        return strchr(rest, '.') ? "journal-copy" : "journal-file";
    return strncmp(rest, "deletions-", 10) == 0 ? "deletions" : "other";
}

/* The watched directory is a data directory, or has one in data/ and backups in backups/. */
static void kind_of(const char *path, char ret_kind[32])
{
    const char *rest = path + strlen(state.directory);
    rest += *rest == '/';
    bool is_backup = strncmp(rest, "backups", 7) == 0;
    if (is_backup || strcmp(rest, "data") == 0 || strncmp(rest, "data/", 5) == 0) {
        rest += is_backup ? strlen("backups") : strlen("data");
        rest += *rest == '/';
    }
    if (is_backup) {
        rest += strcspn(rest, "/");
        rest += *rest == '/';
    }
    snprintf(ret_kind, 32, "%s%s", is_backup ? "backup-" : "", kind_in_store(rest));
}

/* ---- What is met ---- */

static void note(const char *what, const char *where)
{
    char line[PATH_MAX + 64];
    int size = snprintf(line, sizeof(line), "%lu %s %s\n", state.calls, what, where);
    if (state.log >= 0 && real.write(state.log, line, (size_t)size) < 0)
        errno = 0;
}

void plans_die(bool power, const char *where)
{
    note(power ? "power" : "kill", where);
    if (power && state.loses)
        power_lose();
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static void count_met(const struct plan *plan, const char *where)
{
    note(action_names[plan->action], where);
    state.any_met = true;
    if (!state.control)
        return;
    if (state.control->met++ == 0)
        snprintf(state.control->place, sizeof(state.control->place), "%.1000s", where);
}

/* Does a disk that has no room fail this? */
static bool takes_room(enum call call)
{
    return call != CALL_OPEN && call != CALL_UNLINK && call != CALL_RMDIR;
}

static bool may_fail(const struct plan *plan, enum call call)
{
    if (plan->action == ACTION_SHORT)
        return call == CALL_WRITE;
    if (plan->action == ACTION_LATE)
        return call >= CALL_RENAME || call == CALL_FTRUNCATE;
    return plan->action != ACTION_ENOSPC || takes_room(call);
}

static enum verdict fail(struct plan *plan, enum call call, const char *where)
{
    static const int errors[ACTION_COUNT] = {[ACTION_EIO] = EIO,
        [ACTION_EROFS] = EROFS,
        [ACTION_EINTR] = EINTR,
        [ACTION_LATE] = EIO,
        [ACTION_ENOSPC] = ENOSPC};
    if (plan->action <= ACTION_POWER)
        plans_die(plan->action == ACTION_POWER, where);
    plan->armed = plan->for_ever;
    plan->over = !plan->for_ever;
    /* A signal that comes every time would let nobody go on: every other time. */
    if (plan->action == ACTION_EINTR && plan->met++ % 2 == 1)
        return VERDICT_PASS;
    count_met(plan, where);
    if (plan->action == ACTION_SHORT)
        return VERDICT_SHORT;
    /* The write that fills a disk still writes what fits. */
    if (plan->action == ACTION_ENOSPC && plan->for_ever && plan->met++ == 0 && call == CALL_WRITE)
        return VERDICT_SHORT;
    errno = errors[plan->action];
    if (plan->action == ACTION_LATE)
        return VERDICT_LATE;
    return plan->action == ACTION_EIO && call == CALL_WRITE ? VERDICT_HALF_DONE : VERDICT_FAIL;
}

/* Is it met by this call? */
static bool meets(struct plan *plan, enum call call, const char *file)
{
    bool is_kind = (plan->call < 0 || plan->call == (int)call) &&
                   (!plan->file[0] || !strcmp(plan->file, file));
    if (plan->over)
        return false;
    if (plan->armed)
        return may_fail(plan, call) && (plan->wide || plan->trigger != TRIGGER_KIND || is_kind);
    switch (plan->trigger) {
    case TRIGGER_CALL:
        return plan->nth <= state.calls && may_fail(plan, call);
    case TRIGGER_KIND:
        return is_kind && may_fail(plan, call) && --plan->nth == 0;
    case TRIGGER_AFTER:
        return state.any_met && --plan->nth == 0;
    case TRIGGER_POINT:
    case TRIGGER_EXIT:
        break;
    }
    return false;
}

enum verdict plans_judge(enum call call, const char *path)
{
    char file[32];
    char where[PATH_MAX + 64];
    kind_of(path, file);
    snprintf(where, sizeof(where), "%s %s %s", call_names[call], file, path);
    state.calls++;
    read_control();
    if (state.control)
        state.control->calls++;
    if (state.traces)
        note("trace", where);
    for (size_t i = 0; i < state.plan_count; i++) {
        if (meets(&state.plans[i], call, file))
            return fail(&state.plans[i], call, where);
    }
    return VERDICT_PASS;
}

/* A named place of the program: index/store/disk/fault.h calls it. */
void lede_fault_reached(const char *name);
void lede_fault_reached(const char *name)
{
    if (!state.on)
        return;
    pthread_mutex_lock(&plans_lock);
    read_control();
    note("point", name);
    for (size_t i = 0; i < state.plan_count; i++) {
        struct plan *plan = &state.plans[i];
        if (plan->over || plan->armed || plan->trigger != TRIGGER_POINT ||
            strcmp(plan->name, name) != 0 || --plan->nth > 0)
            continue;
        if (plan->action <= ACTION_POWER)
            plans_die(plan->action == ACTION_POWER, name);
        plan->armed = true;
    }
    pthread_mutex_unlock(&plans_lock);
}

__attribute__((destructor)) static void at_exit(void)
{
    for (size_t i = 0; state.process == getpid() && i < state.plan_count; i++) {
        if (state.plans[i].trigger != TRIGGER_EXIT || state.plans[i].over)
            continue;
        pthread_mutex_lock(&plans_lock);
        plans_die(state.plans[i].action == ACTION_POWER, "exit");
    }
}
