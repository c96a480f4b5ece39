/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loaded before libc: the wall clock is off by so many seconds as the file LEDE_WRONG_CLOCK says,
 * from the moment that it is there. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long seconds_off(void)
{
    long seconds = 0;
    const char *path = getenv("LEDE_WRONG_CLOCK");
    FILE *file = path ? fopen(path, "re") : NULL;
    if (!file)
        return 0;
    if (fscanf(file, "%ld", &seconds) != 1)
        seconds = 0;
    fclose(file);
    return seconds;
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += seconds_off();
    return result;
}
