/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a value of some format becomes. */
#ifndef LEDE_CONVERSIONS_H
#define LEDE_CONVERSIONS_H

#include "lede/base.h"
#include "mapping_row.h"

#include <jansson.h>

/* What a conversion makes of a string. NULL: it is not taken. Owner: the caller.
 * ret_failed  set where there was no memory; not changed else */
json_t *lede_convert(enum lede_conversion conversion, const char *text, size_t size, bool is_markup,
    bool *ret_failed);
/* For people: "a date". */
const char *lede_conversion_title(enum lede_conversion conversion);

#endif
