/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `/stats` and `/metrics` tell in numbers: one table says each figure's names, type, unit and
 * meaning, and where it is read. All are kept as they change: telling them costs the same at any
 * size. */
#ifndef LEDE_API_FIGURES_H
#define LEDE_API_FIGURES_H

#include "worker.h"

struct lede_figures {
    struct lede_store_stats store;
    struct lede_http_stats http;
    struct lede_cache_stats shown_documents;
    struct lede_cache_stats answers;
    uint64_t refused[LEDE_REFUSALS]; /* by enum lede_refusal */
    uint64_t refused_count;          /* all of them */
    uint64_t log_lines_lost;
    uint64_t uptime_s;
    struct {
        uint64_t followers, behind_bytes; /* of the one farthest behind */
        uint64_t behind_s;                /* of a copy */
    } replication;
};

/* Status: as lede_store_stats(). */
LEDE_CHECKED enum lede_status lede_figures_take(const struct lede_api *api,
    const struct lede_http_request *request, struct lede_figures *ret_figures,
    struct lede_error *reterr);
/* Append them as members of an object that is open. */
void lede_figures_write_json(const struct lede_figures *figures, struct lede_buffer *out);
/* Append them as metrics. is_open  as OpenMetrics has them, see metrics.h */
void lede_figures_write_metrics(
    const struct lede_figures *figures, bool is_open, struct lede_buffer *out);

/* Count a document that was refused, by the status that refused it. Threads: any. */
void lede_figures_count_refused(struct lede_api *api, enum lede_status status);

#endif
