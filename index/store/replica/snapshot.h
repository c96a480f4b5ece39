/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots among themselves. */
#ifndef LEDE_STORE_SNAPSHOT_H
#define LEDE_STORE_SNAPSHOT_H

#include "lede/replica.h"

/* Remove those that nobody reads any more. Threads: any. */
void lede_snapshots_drop_unread(struct lede_store *store);
/* Can a file of a snapshot have this name? It leads nowhere else. */
bool lede_snapshot_is_name(const char *name);

#endif
