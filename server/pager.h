/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Long output on a terminal goes through a pager, as git's and man's does. */
#ifndef LEDE_PAGER_H
#define LEDE_PAGER_H

#include <stdbool.h>
#include <sys/types.h>

struct lede_pager {
    pid_t process; /* 0: none runs */
};

/* From now on standard output goes to a pager, if it is a terminal: what LEDE_PAGER, else PAGER
 * says ("": none), else less, where it is there. What cannot be started is done without. Threads:
 * the one that prints. */
void lede_pager_start(struct lede_pager *ret_pager);
/* Wait until it has been read. Nothing is printed afterwards. */
void lede_pager_end(struct lede_pager *pager);

#endif
