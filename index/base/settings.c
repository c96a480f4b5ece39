/* Settings over one table: defaults, the file (inih), the environment, flags. Later ones win.
 *
 * inih's callback gets no line's end, so a refused line is remembered with its number (INI_HANDLER_LINENO is
 * not compiled into Debian's library); the return of 0 makes inih report the first line it stopped at. */
#include "lede/settings.h"
#include "lede/number.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct lede_setting *find(const struct lede_setting *table, const char *section, const char *key)
{
    for (; table->section; table++) {
        if (strcmp(table->section, section) == 0 && strcmp(table->key, key) == 0)
            return table;
    }
    return NULL;
}

static enum lede_status store_string(
    const struct lede_setting *setting, const char *text, char **member, struct lede_error *reterr)
{
    size_t size = strlen(text);
    if (size < (size_t)setting->min || size > (size_t)setting->max)
        return lede_fail(reterr, LEDE_EINPUT, "expected a text of %lld to %lld bytes, found '%.40s'",
            (long long)setting->min, (long long)setting->max, text);
    char *copy = strdup(text);
    if (!copy)
        return lede_fail_memory(reterr);
    free(*member);
    *member = copy;
    return LEDE_OK;
}

static enum lede_status check_range(
    const struct lede_setting *setting, int64_t value, const char *text, struct lede_error *reterr)
{
    if (value >= setting->min && value <= setting->max)
        return LEDE_OK;
    return lede_fail(reterr, LEDE_EINPUT, "expected %lld to %lld, found '%.40s'", (long long)setting->min,
        (long long)setting->max, text);
}

/* Parse and store one value; the struct is changed on success only. */
static enum lede_status store(
    const struct lede_setting *setting, const char *text, void *values, struct lede_error *reterr)
{
    char *member = (char *)values + setting->offset;
    size_t size = strlen(text);
    int64_t number = 0;
    enum lede_status st = LEDE_EINTERNAL;
    switch (setting->type) {
    case LEDE_SETTING_STRING:
        return store_string(setting, text, (char **)(void *)member, reterr);
    case LEDE_SETTING_BOOL:
        return lede_parse_bool(text, size, (bool *)member, reterr);
    case LEDE_SETTING_UINT32:
        st = lede_parse_int64(text, size, setting->min, setting->max, &number, reterr);
        break;
    case LEDE_SETTING_BYTES:
        st = lede_parse_bytes(text, size, setting->max, &number, reterr);
        break;
    case LEDE_SETTING_DURATION_MS:
        st = lede_parse_duration_ms(text, size, setting->max, &number, reterr);
        break;
    }
    if (st == LEDE_OK)
        st = check_range(setting, number, text, reterr);
    if (st != LEDE_OK)
        return st;
    if (setting->type == LEDE_SETTING_BYTES)
        *(size_t *)(void *)member = (size_t)number;
    else
        *(uint32_t *)(void *)member = (uint32_t)number;
    return LEDE_OK;
}

enum lede_status lede_settings_set(const struct lede_setting *table, const char *section, const char *key,
    const char *text, const char *origin, void *values, struct lede_error *reterr)
{
    const struct lede_setting *setting = find(table, section, key);
    if (!setting)
        return lede_fail(reterr, LEDE_EINPUT, "%s: no setting is called '%s' in [%s]", origin, key, section);
    struct lede_error reason;
    enum lede_status st = store(setting, text, values, &reason);
    if (st != LEDE_OK)
        return lede_fail(reterr, st, "%s: %s: %s", origin, key, reason.message);
    return LEDE_OK;
}

struct file_reading {
    const struct lede_setting *table;
    void *values;
    struct lede_error error;
};

static int on_line(void *context, const char *section, const char *key, const char *value)
{
    struct file_reading *reading = context;
    return lede_settings_set(reading->table, section, key, value ? value : "", "", reading->values,
               &reading->error) == LEDE_OK;
}

static enum lede_status read_file(
    const struct lede_setting *table, const char *path, void *values, struct lede_error *reterr)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return lede_fail_errno(
            reterr, errno == ENOENT ? LEDE_ENOTFOUND : LEDE_EIO, "cannot read settings '%s'", path);
    struct file_reading reading = {.table = table, .values = values};
    int line = ini_parse_file(file, on_line, &reading);
    fclose(file);
    if (line == 0)
        return LEDE_OK;
    if (line == -1)
        return lede_fail(reterr, LEDE_EIO, "cannot read settings '%s'", path);
    if (line == -2)
        return lede_fail_memory(reterr);
    /* Without a refused value the line itself is no [section], key = value or comment. lede_settings_set()
     * began with ": ". */
    const char *reason =
        reading.error.status != LEDE_OK ? reading.error.message + 2 : "expected [section] or key = value";
    return lede_fail(reterr, LEDE_EINPUT, "%s:%d: %s", path, line, reason);
}

/* The value of LEDE_<SECTION>_<KEY>=value if this variable is that one. */
static const char *environment_value(const struct lede_setting *setting, const char *variable)
{
    char name[96];
    int size = snprintf(name, sizeof(name), "LEDE_%s_%s=", setting->section, setting->key);
    for (int i = 0; i < size && i < (int)sizeof(name); i++)
        name[i] = (char)toupper((unsigned char)name[i]);
    return strncmp(variable, name, (size_t)size) == 0 ? variable + size : NULL;
}

/* LEDE_SERVER_… is ours to know or to refuse; LEDE_ANYTHING_ELSE is somebody's own variable. */
static bool names_a_section(const struct lede_setting *table, const char *variable)
{
    for (; table->section; table++) {
        size_t size = strlen(table->section);
        if (strncasecmp(variable + 5, table->section, size) == 0 && variable[5 + size] == '_')
            return true;
    }
    return false;
}

static enum lede_status read_variable(
    const struct lede_setting *table, const char *variable, void *values, struct lede_error *reterr)
{
    int name_size = (int)strcspn(variable, "=");
    for (const struct lede_setting *row = table; row->section; row++) {
        const char *text = environment_value(row, variable);
        if (!text)
            continue;
        struct lede_error reason;
        enum lede_status st = store(row, text, values, &reason);
        return st == LEDE_OK ? st : lede_fail(reterr, st, "%.*s: %s", name_size, variable, reason.message);
    }
    return lede_fail(reterr, LEDE_EINPUT, "%.*s: no setting has this name; expected LEDE_<SECTION>_<KEY>",
        name_size, variable);
}

enum lede_status lede_settings_load(const struct lede_setting *table, const char *path,
    const char *const *environment, void *values, struct lede_error *reterr)
{
    for (const struct lede_setting *row = table; row->section; row++) {
        enum lede_status st =
            lede_settings_set(table, row->section, row->key, row->default_value, "default", values, reterr);
        if (st != LEDE_OK)
            return st;
    }
    enum lede_status st = path ? read_file(table, path, values, reterr) : LEDE_OK;
    for (; st == LEDE_OK && environment && *environment; environment++) {
        if (strncmp(*environment, "LEDE_", 5) == 0 && names_a_section(table, *environment))
            st = read_variable(table, *environment, values, reterr);
    }
    return st;
}

void lede_settings_done(const struct lede_setting *table, void *values)
{
    for (; table->section; table++) {
        if (table->type == LEDE_SETTING_STRING)
            lede_freep((char *)values + table->offset);
    }
}
