/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings over one table: defaults, the file (inih), the environment, flags. Later ones win.
 *
 * inih tells its callback no line numbers (INI_HANDLER_LINENO is not compiled into Debian's
 * library) and reads on after an error, so lines are counted where they are read, and only the
 * first refusal is kept. */
#include "lede/settings.h"
#include "lede/number.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct lede_setting *find(
    const struct lede_setting *table, const char *section, const char *key)
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
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a text of %lld to %lld bytes, found '%.40s'", (long long)setting->min,
            (long long)setting->max, text);
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
    return lede_fail(reterr, LEDE_EINPUT, "expected %lld to %lld, found '%.40s'",
        (long long)setting->min, (long long)setting->max, text);
}

static enum lede_status store_choice(const struct lede_setting *setting, const char *text,
    uint32_t *member, struct lede_error *reterr)
{
    char expected[128] = "";
    for (uint32_t i = 0; setting->choices[i]; i++) {
        size_t used = strlen(expected);
        if (strcmp(setting->choices[i], text) == 0) {
            *member = i;
            return LEDE_OK;
        }
        snprintf(expected + used, sizeof(expected) - used, "%s%s", i > 0 ? ", " : "",
            setting->choices[i]);
    }
    return lede_fail(reterr, LEDE_EINPUT, "expected one of %s, found '%.40s'", expected, text);
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
    case LEDE_SETTING_CHOICE:
        return store_choice(setting, text, (uint32_t *)(void *)member, reterr);
    case LEDE_SETTING_LISTENERS:
        return lede_listeners_parse(text, (struct lede_listeners *)(void *)member, reterr);
    case LEDE_SETTING_NETS:
        return lede_nets_parse(text, (struct lede_nets *)(void *)member, reterr);
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

enum lede_status lede_settings_set(const struct lede_setting *table, const char *section,
    const char *key, const char *text, const char *origin, void *values, struct lede_error *reterr)
{
    const struct lede_setting *setting = find(table, section, key);
    if (!setting)
        return lede_fail(
            reterr, LEDE_EINPUT, "%s: no setting is called '%s' in [%s]", origin, key, section);
    struct lede_error reason;
    enum lede_status st = store(setting, text, values, &reason);
    if (st != LEDE_OK)
        return lede_fail(reterr, st, "%s: %s", origin, reason.message);
    return LEDE_OK;
}

struct file_reading {
    const struct lede_setting *table;
    void *values;
    FILE *file;
    int line;         /* that inih is at */
    int refused_line; /* 0: none so far */
    struct lede_error error;
};

static void refuse_line(struct file_reading *reading, const struct lede_error *error)
{
    if (reading->refused_line > 0)
        return;
    reading->refused_line = reading->line;
    reading->error = *error;
}

/* A line for inih, in place of fgets(), which a NUL deceives about where a line ends. White space
 * before a key is dropped here, since inih would take the line for more of the value above. */
static char *read_line(char *text, int capacity, void *context)
{
    struct file_reading *reading = context;
    struct lede_error error;
    size_t size = 0, room = (size_t)capacity - 1;
    bool has_nul = false;
    int c = fgetc(reading->file);
    if (c == EOF)
        return NULL;
    reading->line++;
    for (; c != EOF && c != '\n'; c = fgetc(reading->file), size++) {
        has_nul = has_nul || c == '\0';
        if (size < room)
            text[size] = (char)c;
    }
    if (size > room)
        (void)lede_fail(&error, LEDE_EINPUT, "expected a line of at most %d bytes",
            LEDE_SETTINGS_LINE_BYTES_MAX);
    else if (has_nul)
        (void)lede_fail(&error, LEDE_EINPUT, "expected a line of text, found a NUL byte");
    bool is_refused = size > room || has_nul;
    if (is_refused)
        refuse_line(reading, &error);
    text[is_refused ? 0 : size] = '\0';
    size_t blank = strspn(text, " \t");
    memmove(text, text + blank, strlen(text + blank) + 1);
    return text;
}

static int on_value(void *context, const char *section, const char *key, const char *value)
{
    struct file_reading *reading = context;
    const struct lede_setting *setting = find(reading->table, section, key);
    struct lede_error error, reason;
    if (!setting)
        (void)lede_fail(&error, LEDE_EINPUT, "no setting is called '%s' in [%s]", key, section);
    else if (store(setting, value ? value : "", reading->values, &reason) != LEDE_OK)
        (void)lede_fail(&error, reason.status, "%s: %s", key, reason.message);
    else
        return 1;
    refuse_line(reading, &error);
    return 0;
}

static enum lede_status read_file(
    const struct lede_setting *table, const char *path, void *values, struct lede_error *reterr)
{
    struct file_reading reading = {.table = table, .values = values, .file = fopen(path, "re")};
    if (!reading.file)
        return lede_fail_errno(
            reterr, errno == ENOENT ? LEDE_ENOTFOUND : LEDE_EIO, "cannot read settings '%s'", path);
    int line = ini_parse_stream(read_line, &reading, on_value, &reading);
    bool is_damaged = ferror(reading.file) != 0;
    fclose(reading.file);
    if (is_damaged)
        return lede_fail(reterr, LEDE_EIO, "cannot read settings '%s'", path);
    if (line == -2 || reading.error.status == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    /* A line that inih refuses by itself is no [section], key = value or comment. */
    if (line > 0 && (reading.refused_line == 0 || line < reading.refused_line))
        return lede_fail(
            reterr, LEDE_EINPUT, "%s:%d: expected [section] or key = value", path, line);
    if (reading.refused_line > 0)
        return lede_fail(
            reterr, LEDE_EINPUT, "%s:%d: %s", path, reading.refused_line, reading.error.message);
    return LEDE_OK;
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

bool lede_settings_is_unknown(const struct lede_setting *table, const char *variable)
{
    bool names_section = false;
    if (strncmp(variable, "LEDE_", 5) != 0)
        return false;
    for (; table->section; table++) {
        size_t size = strlen(table->section);
        if (environment_value(table, variable))
            return false;
        names_section = names_section || (strncasecmp(variable + 5, table->section, size) == 0 &&
                                             variable[5 + size] == '_');
    }
    return names_section;
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
        return st == LEDE_OK
                   ? st
                   : lede_fail(reterr, st, "%.*s: %s", name_size, variable, reason.message);
    }
    return LEDE_OK;
}

enum lede_status lede_settings_load(const struct lede_setting *table, const char *path,
    const char *const *environment, void *values, struct lede_error *reterr)
{
    for (const struct lede_setting *row = table; row->section; row++) {
        enum lede_status st = lede_settings_set(
            table, row->section, row->key, row->default_value, "default", values, reterr);
        if (st != LEDE_OK)
            return st;
    }
    enum lede_status st = path ? read_file(table, path, values, reterr) : LEDE_OK;
    for (; st == LEDE_OK && environment && *environment; environment++) {
        if (strncmp(*environment, "LEDE_", 5) == 0)
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

bool lede_setting_is_same(const struct lede_setting *setting, const void *a, const void *b)
{
    const char *one = (const char *)a + setting->offset;
    const char *other = (const char *)b + setting->offset;
    switch (setting->type) {
    case LEDE_SETTING_STRING:
        return strcmp(*(char *const *)(const void *)one, *(char *const *)(const void *)other) == 0;
    case LEDE_SETTING_LISTENERS:
        return lede_listeners_are_same((const void *)one, (const void *)other);
    case LEDE_SETTING_NETS:
        return lede_nets_are_same((const void *)one, (const void *)other);
    case LEDE_SETTING_BOOL:
        return *(const bool *)one == *(const bool *)other;
    case LEDE_SETTING_BYTES:
        return memcmp(one, other, sizeof(size_t)) == 0;
    default:
        return memcmp(one, other, sizeof(uint32_t)) == 0;
    }
}
