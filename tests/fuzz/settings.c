/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that people write: of a refusal they are told the line. */
#include "promise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lede/encoding.h"
#include "lede/query.h"
#include "lede/settings.h"
#include "lede/synonyms.h"

#define NAME "fuzz.ini"

/* One of each type. */
struct values {
    char *text;
    uint32_t number;
    size_t bytes;
    uint32_t duration_ms;
    bool is_on;
    uint32_t choice;
    struct lede_listeners listen;
    struct lede_nets trusted;
};

static const char *const choices[] = {"error", "warning", "info", NULL};
#define MEMBER(name) offsetof(struct values, name)
static const struct lede_setting table[] = {
    {"server", "listen", LEDE_SETTING_LISTENERS, MEMBER(listen), 0, 0, "127.0.0.1:5333", NULL},
    {"server", "trusted", LEDE_SETTING_NETS, MEMBER(trusted), 0, 0, "off", NULL},
    {"server", "threads", LEDE_SETTING_UINT32, MEMBER(number), 1, 64, "2", NULL},
    {"server", "bytes", LEDE_SETTING_BYTES, MEMBER(bytes), 16, INT64_C(64) << 30, "1KiB", NULL},
    {"server", "timeout", LEDE_SETTING_DURATION_MS, MEMBER(duration_ms), 10, 3600000, "2s", NULL},
    {"server", "open", LEDE_SETTING_BOOL, MEMBER(is_on), 0, 0, "false", NULL},
    {"store", "data", LEDE_SETTING_STRING, MEMBER(text), 1, 100, "lede-data", NULL},
    {"log", "level", LEDE_SETTING_CHOICE, MEMBER(choice), 0, 0, "info", choices},
    {NULL, NULL, LEDE_SETTING_BOOL, 0, 0, 0, NULL, NULL},
};

static size_t count_lines(const uint8_t *data, size_t size)
{
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    return lines;
}

/* The number behind the file's name in a message. */
static void check_line(const struct lede_error *error, const char *name, size_t lines)
{
    const char *found = strstr(error->message, name);
    unsigned long line = found ? strtoul(found + strlen(name) + 1, NULL, 10) : 0;
    PROMISE(found && line >= 1 && line <= lines);
}

static void check_values(const struct values *values)
{
    PROMISE(values->number >= 1 && values->number <= 64);
    PROMISE(values->bytes >= 16 && values->bytes <= (size_t)64 << 30);
    PROMISE(values->duration_ms >= 10 && values->duration_ms <= 3600000);
    PROMISE(values->choice < 3 && values->text && strlen(values->text) <= 100);
    PROMISE(values->listen.count >= 1 && values->listen.count <= LEDE_LISTENERS_MAX);
}

void promise_of_settings(const uint8_t *data, size_t size)
{
    struct values values = {0}, again = {0};
    struct lede_error error = {0};
    char path[512];
    const char *directory = promise_directory();
    promise_write_file(directory, NAME, data, size);
    snprintf(path, sizeof(path), "%s/" NAME, directory);
    enum lede_status st = lede_settings_load(table, path, NULL, &values, &error);
    if (st == LEDE_OK) {
        check_values(&values);
        PROMISE(lede_settings_load(table, path, NULL, &again, NULL) == LEDE_OK);
        for (const struct lede_setting *row = table; row->section; row++)
            PROMISE(lede_setting_is_same(row, &values, &again));
    } else {
        PROMISE(st == LEDE_EINPUT);
        check_line(&error, NAME, count_lines(data, size));
    }
    lede_settings_done(table, &values);
    lede_settings_done(table, &again);
}

/* ---- Synonyms ---- */

/* A query of the list's own words is read with it, and says so again when it is printed. */
static void check_query(
    const char *text, size_t size, struct lede_synonyms *list, struct lede_analyzer *analyzer)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *again = NULL;
    LEDE_CLEANUP(lede_freep) char *printed = NULL;
    struct lede_query_options options = {
        .forgiving = true, .languages = LEDE_LANGUAGE_BIT(2) - 1, .synonyms = list};
    size = size < 200 ? size : 200;
    while (size > 0 && (text[size - 1] & 0xC0) == 0x80)
        size--;
    if (lede_query_parse(text, size, &options, analyzer, &query, NULL) != LEDE_OK)
        return;
    PROMISE(lede_query_print(query, &printed) == LEDE_OK);
    PROMISE(lede_utf8_is_valid(printed, strlen(printed)));
    if (strlen(printed) <= LEDE_QUERY_BYTES_MAX)
        PROMISE(lede_query_parse(printed, strlen(printed), &options, analyzer, &again, NULL) ==
                LEDE_OK);
}

void promise_of_synonyms(const uint8_t *data, size_t size)
{
    static struct lede_analyzer *analyzer;
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *list = NULL;
    LEDE_CLEANUP(lede_freep) char *text = promise_copy(data, size);
    struct lede_error error = {0};
    if (!analyzer)
        PROMISE(lede_analyzer_new(&analyzer, NULL) == LEDE_OK);
    enum lede_status st = lede_synonyms_read(text, size, NAME, analyzer, &list, &error);
    if (st != LEDE_OK) {
        PROMISE((st == LEDE_EINPUT || st == LEDE_ELIMIT) && !list);
        promise_refusal(&error, st, SIZE_MAX);
        check_line(&error, NAME, count_lines(data, size));
        return;
    }
    PROMISE(lede_synonyms_line_count(list) <= count_lines(data, size));
    check_query(text, size, list, analyzer);
}
