/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LEDE_DATES_H
#define LEDE_DATES_H

#include "lede/base.h"

/* Read ISO 8601's basic form with a time: 20220119T180400Z. Returns false for what is none. */
bool lede_date_basic(const char *text, size_t size, int64_t *ret_utc_s);

#endif
