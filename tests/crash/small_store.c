/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of a store that its settings do not have, for a test: LEDE_FAULTS_STORE is a list of
 * `name=number` with commas. Linked in the place of lede_store_open() by --wrap. */
#include "lede/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum lede_status __real_lede_store_open(const struct lede_store_options *options,
    struct lede_store **ret_store, struct lede_error *reterr);
enum lede_status __wrap_lede_store_open(const struct lede_store_options *options,
    struct lede_store **ret_store, struct lede_error *reterr);

static void set(struct lede_store_options *options, const char *name, unsigned long value)
{
    if (strcmp(name, "pending_bytes") == 0)
        options->pending_bytes = value;
    else if (strcmp(name, "build_after_bytes") == 0)
        options->build_after_bytes = value;
    else if (strcmp(name, "fan_in") == 0)
        options->merge.fan_in = (uint32_t)value;
    else if (strcmp(name, "deleted_percent") == 0)
        options->merge.deleted_percent = (uint32_t)value;
    else
        abort();
}

enum lede_status __wrap_lede_store_open(const struct lede_store_options *options,
    struct lede_store **ret_store, struct lede_error *reterr)
{
    struct lede_store_options ours = *options;
    char text[256];
    char *rest = text;
    const char *limits = getenv("LEDE_FAULTS_STORE");
    snprintf(text, sizeof(text), "%s", limits ? limits : "");
    for (char *one = strsep(&rest, ","); one; one = strsep(&rest, ",")) {
        char *value = strchr(one, '=');
        if (!value)
            continue;
        *value = '\0';
        set(&ours, one, strtoul(value + 1, NULL, 10));
    }
    return __real_lede_store_open(&ours, ret_store, reterr);
}
