/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables that generate_assets.py writes at build time: files that are served, and templates. */
#ifndef LEDE_SERVER_WEB_WEB_ASSETS_H
#define LEDE_SERVER_WEB_WEB_ASSETS_H

#include "lede/web.h"

extern const struct lede_web_asset lede_web_assets[]; /* by path, ascending in strcmp()'s order */
extern const size_t lede_web_asset_count;             /* at least 1 */

struct lede_web_template {
    const char *name; /* the file's, without its end */
    const char *text;
    size_t size;
};
extern const struct lede_web_template lede_web_templates[];
extern const size_t lede_web_template_count;

/* By name; NULL if none. */
const struct lede_web_template *lede_web_template_find(const char *name, size_t size);

#endif
