/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede stats: GET /stats as a table. */
#include "asking.h"
#include "terminal.h"

#include <stdio.h>

/* 1234567 as 1,234,567. */
static void format_count(long long value, char ret_text[32])
{
    char digits[24];
    size_t size = (size_t)snprintf(digits, sizeof(digits), "%lld", value);
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            ret_text[used++] = ',';
        ret_text[used++] = digits[i];
    }
    ret_text[used] = '\0';
}

static void show_count(const char *label, const json_t *object, const char *key)
{
    struct lede_terminal terminal;
    char text[32];
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        return;
    format_count(json_integer_value(value), text);
    /* A label may be a key that a stranger made up. */
    lede_terminal_init(&terminal, stdout);
    lede_terminal_print_padded(&terminal, label, 26);
    printf(" %15s\n", text);
}

static void show_bytes(const char *label, const json_t *value)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = json_number_value(value);
    size_t unit = 0;
    for (; size >= 1024 && unit + 1 < LEDE_COUNT_OF(units); unit++)
        size /= 1024;
    printf("%-26s %11.*f %s\n", label, unit > 0 ? 1 : 0, size, units[unit]);
}

/* An object of counts, as a group of its own. */
static void show_group(const char *title, json_t *object)
{
    const char *key;
    json_t *value;
    if (json_object_size(object) == 0)
        return;
    printf("\n%s\n", title);
    json_object_foreach (object, key, value) {
        LEDE_CLEANUP(lede_freep) char *label = NULL;
        if (asprintf(&label, "  %s", key) >= 0)
            show_count(label, object, key);
    }
}

/* with_writes: not where the process that counts them is this one */
static void show(const json_t *stats, bool with_writes, bool read_only)
{
    show_count("documents", stats, "documents");
    show_count("revision", stats, "revision");
    show_count("segments", stats, "segments");
    show_bytes("on the disk", json_object_get(stats, "disk_bytes"));
    printf("%-26s %15s\n", "takes writes",
        read_only                                           ? "no: read-only"
        : json_is_false(json_object_get(stats, "writable")) ? "no: disk full"
                                                            : "yes");
    show_count("up for seconds", stats, "uptime_s");
    show_group("languages", json_object_get(stats, "languages"));
    show_group("keys that are not searched", json_object_get(stats, "unknown_keys"));
    if (with_writes)
        show_group("writes since the start", json_object_get(stats, "writes"));
}

enum lede_exit lede_command_stats(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_asking_done) struct lede_asking asking = {0};
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    struct lede_error error;
    if (lede_asking_start(arguments, &asking, &error) != LEDE_OK ||
        lede_http_client_get(asking.client, "/stats", &answer, &error) != LEDE_OK)
        return lede_complain_error(&error);
    if (answer.status != 200) {
        lede_http_answer_error(&answer, &error);
        return lede_complain_error(&error);
    }
    if (arguments->json)
        fwrite(answer.body.data, 1, answer.body.size, stdout);
    else
        show(answer.json, !asking.service, asking.settings.read_only);
    return LEDE_EXIT_OK;
}
