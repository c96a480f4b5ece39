/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `/metrics` tells, in either of two formats: Prometheus' text, version 0.0.4, and OpenMetrics
 * 1.0, which has examples beside (sources: prometheus.io, "Exposition formats"; openmetrics.io,
 * "OpenMetrics specification"). */
#ifndef LEDE_API_METRICS_H
#define LEDE_API_METRICS_H

#include "figures.h"

/* Append all metrics. is_open  as OpenMetrics */
void lede_metrics_write(const struct lede_figures *figures, const struct lede_http_server *server,
    bool is_open, struct lede_buffer *out);

#endif
