/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from an error of etcd's: was it done? */
#ifndef LEDE_CLUSTER_REFUSALS_H
#define LEDE_CLUSTER_REFUSALS_H

#include "answers.h"

/* The status that lede/etcd.h has for it; EBUSY: surely not done, another member may do it;
 * ETIMEOUT: unknown. Fills reterr. */
enum lede_status lede_etcd_judge(
    const struct lede_etcd_refusal *refusal, struct lede_error *reterr);

#endif
