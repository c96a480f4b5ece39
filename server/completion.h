/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completion in shells, out of the table of commands: a flag that is added there is completed. */
#ifndef LEDE_COMPLETION_H
#define LEDE_COMPLETION_H

#include "cli.h"

/* Print to standard output what a shell reads to complete command lines of lede.
 * commands, count  the program's table
 * shell            bash, zsh or fish; another is complained of
 * Returns OK; TROUBLE. */
enum lede_exit lede_completion_print(
    const struct lede_command *commands, size_t count, const char *shell);

#endif
