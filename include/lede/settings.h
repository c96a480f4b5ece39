/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings: a documented file, then the environment, then flags, over one table.
 *
 * The table is the program's; this floor reads it. An unknown key or a bad value is refused with
 * file, line and what was expected. */
#ifndef LEDE_SETTINGS_H
#define LEDE_SETTINGS_H

#include "lede/base.h"
#include "lede/network.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lede_setting_type {
    LEDE_SETTING_STRING,      /* char *, owned by the struct */
    LEDE_SETTING_UINT32,      /* uint32_t */
    LEDE_SETTING_BYTES,       /* size_t; 8MiB */
    LEDE_SETTING_DURATION_MS, /* uint32_t; 2s */
    LEDE_SETTING_BOOL,        /* bool */
    LEDE_SETTING_CHOICE,      /* uint32_t: which of `choices` */
    LEDE_SETTING_LISTENERS,   /* struct lede_listeners */
    LEDE_SETTING_NETS,        /* struct lede_nets */
};

struct lede_setting {
    const char *section;
    const char *key;
    enum lede_setting_type type;
    size_t offset; /* of the member in the program's struct */
    /* numbers; strings: of the length in bytes; unused for the other types */
    int64_t min, max;
    const char *default_value;  /* in the form of the file */
    const char *const *choices; /* CHOICE: ends with NULL */
};

#define LEDE_SETTINGS_LINE_BYTES_MAX 199 /* a longer line is refused */

/* Fill `values` (zeroed before, or filled by an earlier call) from the defaults; then, if path is
 * not NULL, from the file; then from LEDE_<SECTION>_<KEY> in the environment (environ-style list,
 * may be NULL). Variables that name no setting are left alone.
 * table  ends with a row whose section is NULL
 * Status: OK; ENOTFOUND no such file; EINPUT with "file:line: …"; EIO; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_settings_load(const struct lede_setting *table, const char *path,
    const char *const *environment, void *values, struct lede_error *reterr);
/* Set one by name: a flag. origin: "--listen", for the message. Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_settings_set(const struct lede_setting *table,
    const char *section, const char *key, const char *text, const char *origin, void *values,
    struct lede_error *reterr);
/* Does a variable begin with LEDE_<SECTION>_ and name no setting? Misspelt, or another's:
 * Kubernetes sets LEDE_SERVER_SERVICE_HOST for a service called lede-server. */
bool lede_settings_is_unknown(const struct lede_setting *table, const char *variable);
/* Do two structs have the same value of a setting? */
bool lede_setting_is_same(const struct lede_setting *setting, const void *a, const void *b);
/* Free the strings. */
void lede_settings_done(const struct lede_setting *table, void *values);

#ifdef __cplusplus
}
#endif
#endif
