/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ISO 8601's basic form, as NITF and NewsML 1.2 have it: 20220119T180400+0200, seconds and zone
 * optional. It is written in the extended form and read as that. */
#include "dates.h"

#include "lede/time.h"

#include <stdio.h>
#include <string.h>

static size_t count_digits(const char *text, size_t size)
{
    size_t i = 0;
    while (i < size && text[i] >= '0' && text[i] <= '9')
        i++;
    return i;
}

bool lede_date_basic(const char *text, size_t size, int64_t *ret_utc_s)
{
    char extended[40];
    if (size < 13 || size > 24 || count_digits(text, size) != 8 || text[8] != 'T')
        return false;
    const char *time = text + 9;
    size_t digits = count_digits(time, size - 9);
    if (digits != 4 && digits != 6)
        return false;
    const char *zone = time + digits;
    size_t zone_size = size - 9 - digits;
    bool has_offset = zone_size == 5 && (zone[0] == '+' || zone[0] == '-');
    if (!has_offset && zone_size != 0 && !(zone_size == 1 && zone[0] == 'Z'))
        return false;
    int written = snprintf(extended, sizeof extended, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%.3s%s%.2s",
        text, text + 4, text + 6, time, time + 2, digits == 6 ? time + 4 : "00",
        has_offset ? zone : "Z", has_offset ? ":" : "", has_offset ? zone + 3 : "");
    return lede_time_parse(extended, (size_t)written, ret_utc_s, NULL, NULL) == LEDE_OK;
}
