/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metric_family.h"

#include <string.h>

/* The size of a name without an ending. */
static int size_without(const char *name, const char *ending)
{
    size_t size = strlen(name), less = strlen(ending);
    bool has_it = size > less && strcmp(name + size - less, ending) == 0;
    return (int)(has_it ? size - less : size);
}

void lede_metric_family_write(
    const struct lede_metric_family *family, bool is_open, struct lede_buffer *out)
{
    bool is_info = strcmp(family->type, "info") == 0;
    const char *type = is_info && !is_open ? "gauge" : family->type;
    int size = (int)strlen(family->name);
    if (is_open)
        size = size_without(family->name, is_info ? "_info" : "_total");
    lede_buffer_append_format(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", size, family->name,
        family->help, size, family->name, type);
    if (family->unit[0])
        lede_buffer_append_format(out, "# UNIT %.*s %s\n", size, family->name, family->unit);
}
