/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an export is written in: a table of formats. */
#ifndef LEDE_API_EXPORT_FORMATS_H
#define LEDE_API_EXPORT_FORMATS_H

#include "lede/stored.h"
#include "search_params.h"

enum lede_export_format_id { LEDE_EXPORT_NDJSON, LEDE_EXPORT_CSV, LEDE_EXPORT_TEXT };

struct lede_export_format {
    const char *media_type;
    const char *file_name;       /* that a browser proposes */
    enum lede_param_taker taker; /* of its parameters */
    /* Append what stands before the first document. */
    void (*begin)(const struct lede_search_params *search, struct lede_buffer *out);
    /* Append a document. Status: OK; ENOMEM. */
    enum lede_status (*write)(const struct lede_search_params *search,
        const struct lede_stored *stored, struct lede_buffer *out);
};

const struct lede_export_format *lede_export_format_at(enum lede_export_format_id id);

#endif
