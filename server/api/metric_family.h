/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands before the samples of a metric. */
#ifndef LEDE_API_METRIC_FAMILY_H
#define LEDE_API_METRIC_FAMILY_H

#include "lede/buffer.h"

struct lede_metric_family {
    const char *name; /* of a counter with its _total */
    const char *type; /* as OpenMetrics has them */
    const char *unit; /* "": it counts */
    const char *help;
};

/* Append its lines. OpenMetrics names a counter without its _total, and an info without its _info;
 * Prometheus' text has no info, and units stand in a comment. */
void lede_metric_family_write(
    const struct lede_metric_family *family, bool is_open, struct lede_buffer *out);

#endif
