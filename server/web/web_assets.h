/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table that generate_assets.py writes at build time; read by web_assets.c alone. */
#ifndef LEDE_SERVER_WEB_WEB_ASSETS_H
#define LEDE_SERVER_WEB_WEB_ASSETS_H

#include "lede/web.h"

extern const struct lede_web_asset lede_web_assets[]; /* by path, ascending in strcmp()'s order */
extern const size_t lede_web_asset_count;             /* at least 1 */

#endif
