/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that sends groups of writes to the node of a cluster that resolves them. */
#ifndef LEDE_STORE_FORWARDER_H
#define LEDE_STORE_FORWARDER_H

#include "writer.h"

/* Status: OK; EBUSY no thread. */
LEDE_CHECKED enum lede_status lede_forwarder_start(
    struct lede_writer *writer, struct lede_error *reterr);
/* What is queued is sent before it ends. Nothing is queued any more. */
void lede_forwarder_stop(struct lede_writer *writer);

#endif
