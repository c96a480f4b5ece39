/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Only errors that etcd gives before it proposes a request to the others, or by which applying it
 * changes nothing, are told as "surely not done". What is not in the table is unknown: to hold a
 * write for refused that was done would lose it. */
#include "refusals.h"

#include <string.h>

struct rule {
    enum lede_etcd_code code;
    const char *part; /* of the message; "": any */
    enum lede_status status;
};

/* The first that fits. */
static const struct rule rules[] = {
    {LEDE_ETCD_CODE_INVALID_ARGUMENT, "too large", LEDE_ELIMIT},
    {LEDE_ETCD_CODE_INVALID_ARGUMENT, "too many operations", LEDE_ELIMIT},
    {LEDE_ETCD_CODE_INVALID_ARGUMENT, "", LEDE_EINPUT},
    {LEDE_ETCD_CODE_FAILED_PRECONDITION, "", LEDE_EINPUT},
    {LEDE_ETCD_CODE_PERMISSION_DENIED, "", LEDE_EINPUT},
    {LEDE_ETCD_CODE_UNAUTHENTICATED, "", LEDE_EINPUT},
    {LEDE_ETCD_CODE_NOT_FOUND, "", LEDE_ENOTFOUND},
    {LEDE_ETCD_CODE_OUT_OF_RANGE, "compacted", LEDE_ENOTFOUND},
    {LEDE_ETCD_CODE_OUT_OF_RANGE, "future", LEDE_EINPUT},
    {LEDE_ETCD_CODE_UNIMPLEMENTED, "", LEDE_EUNSUPPORTED},
    {LEDE_ETCD_CODE_RESOURCE_EXHAUSTED, "too many requests", LEDE_EBUSY},
    /* The gateway takes any answer: what is larger than may be received is the request. */
    {LEDE_ETCD_CODE_RESOURCE_EXHAUSTED, "received message larger", LEDE_ELIMIT},
    /* A member that knows no leader does not take what asks for one (channel.c does). */
    {LEDE_ETCD_CODE_UNAVAILABLE, "no leader", LEDE_EBUSY},
    {LEDE_ETCD_CODE_UNAVAILABLE, "not supported for learner", LEDE_EBUSY},
};

enum lede_status lede_etcd_judge(const struct lede_etcd_refusal *refusal, struct lede_error *reterr)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(rules); i++)
        if (rules[i].code == refusal->code && strstr(refusal->message, rules[i].part))
            return lede_fail(reterr, rules[i].status, "etcd says '%s'", refusal->message);
    return lede_fail(reterr, LEDE_ETIMEOUT, "whether it was done is not known: etcd says '%s'",
        refusal->message);
}
