/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the system says of this process. */
#ifndef LEDE_API_PROCESS_H
#define LEDE_API_PROCESS_H

#include "lede/base.h"

struct lede_process {
    uint64_t cpu_ns; /* of all threads */
    uint64_t resident_bytes;
    uint64_t open_files, open_files_max;
    uint64_t now_utc_s;
};

/* What cannot be learnt is 0. Threads: any. */
void lede_process_look(struct lede_process *ret_process);

#endif
