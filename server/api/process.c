/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include "lede/number.h"
#include "lede/time.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static uint64_t ns_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

/* proc(5): the second number of statm, in pages. */
static uint64_t resident_bytes(void)
{
    char line[160] = "";
    int64_t pages = 0;
    long page = sysconf(_SC_PAGESIZE);
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    const char *read = fgets(line, sizeof(line), file);
    fclose(file);
    const char *second = read ? strchr(line, ' ') : NULL;
    bool is_number = second && lede_parse_int64(second + 1, strcspn(second + 1, " \n"), 0,
                                   INT64_MAX / 65536, &pages, NULL) == LEDE_OK;
    return is_number && page > 0 ? (uint64_t)pages * (uint64_t)page : 0;
}

static uint64_t open_files(void)
{
    uint64_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    if (!directory)
        return 0;
    for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count > 0 ? count - 1 : 0; /* the directory's own */
}

void lede_process_look(struct lede_process *ret_process)
{
    struct rusage usage = {0};
    struct rlimit limit = {0};
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    *ret_process = (struct lede_process){.cpu_ns = ns_of(usage.ru_utime) + ns_of(usage.ru_stime),
        .resident_bytes = resident_bytes(),
        .open_files = open_files(),
        .open_files_max = limit.rlim_cur,
        .now_utc_s = (uint64_t)lede_time_now_utc_s()};
}
