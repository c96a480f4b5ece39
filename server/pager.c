/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends by itself where all fits, and leaves colours and the screen as they are. */
#define DEFAULT "if command -v less >/dev/null; then exec less -FRX; else exec cat; fi"

extern char **environ;

void lede_pager_start(struct lede_pager *ret_pager)
{
    const char *ours = getenv("LEDE_PAGER");
    const char *command = ours ? ours : getenv("PAGER");
    int ends[2];
    posix_spawn_file_actions_t actions;
    *ret_pager = (struct lede_pager){0};
    if ((command && !command[0]) || isatty(STDOUT_FILENO) != 1 || pipe2(ends, O_CLOEXEC) != 0)
        return;
    char shell[] = "sh", option[] = "-c", *line = strdup(command ? command : DEFAULT);
    char *const arguments[] = {shell, option, line, NULL};
    if (line && posix_spawn_file_actions_init(&actions) == 0) {
        (void)posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
        if (posix_spawn(&ret_pager->process, "/bin/sh", &actions, NULL, arguments, environ) != 0)
            ret_pager->process = 0;
        posix_spawn_file_actions_destroy(&actions);
    }
    free(line);
    fflush(stdout);
    if (ret_pager->process > 0)
        (void)!dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
}

void lede_pager_end(struct lede_pager *pager)
{
    if (pager->process <= 0)
        return;
    fflush(stdout);
    close(STDOUT_FILENO);
    while (waitpid(pager->process, NULL, 0) < 0 && errno == EINTR)
        continue;
    pager->process = 0;
}
