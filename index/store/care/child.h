/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work that may crash, done in a process of its own that tells what it finds through a pipe. */
#ifndef LEDE_STORE_CHILD_H
#define LEDE_STORE_CHILD_H

#include "lede/base.h"

#define LEDE_CHILD_TEXT_MAX ((size_t)64 << 20) /* bytes of one message */

struct lede_child_message {
    uint32_t kind;   /* the caller's own, from 1 */
    uint32_t number; /* the same */
    const char *text;
    size_t size;
};

/* In the child: tell. Nothing is told any more once the parent has gone. */
void lede_child_tell(int pipe, uint32_t kind, uint32_t number, const char *text, size_t size);

/* Run `work` in a child and take its messages here; the calling process has no other threads.
 * ret_crashed  it died instead of returning
 * Status: OK; EIO no child could be made; ENOMEM; what `take` gave (the child is then ended). */
LEDE_CHECKED enum lede_status lede_child_run(void (*work)(void *context, int pipe),
    enum lede_status (*take)(
        void *context, const struct lede_child_message *message, struct lede_error *reterr),
    void *context, bool *ret_crashed, struct lede_error *reterr);

#endif
