/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede cluster status: GET /cluster as a table. */
#include "asking.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>

static void print_text(const char *text, size_t columns)
{
    struct lede_terminal terminal;
    lede_terminal_init(&terminal, stdout);
    lede_terminal_print_padded(&terminal, text, columns);
}

static void show_text(const char *label, const json_t *value)
{
    printf("%-10s ", label);
    print_text(json_is_string(value) ? json_string_value(value) : "nobody", 0);
    printf("\n");
}

static void show_copy(const json_t *copy, const char *leader)
{
    const char *name = json_string_value(json_object_get(copy, "node"));
    const json_t *behind = json_object_get(copy, "behind_bytes");
    bool leads = name && leader && strcmp(name, leader) == 0;
    printf("  ");
    print_text(name ? name : "", 30);
    printf(" %-6s %s", leads ? "leader" : "copy",
        json_is_true(json_object_get(copy, "live")) ? "live" : "away");
    if (behind)
        printf("  %lld bytes behind", (long long)json_integer_value(behind));
    printf("\n");
}

static void show(const json_t *state)
{
    const json_t *copies = json_object_get(state, "copies");
    show_text("cluster", json_object_get(state, "cluster"));
    show_text("asked", json_object_get(state, "node"));
    show_text("leader", json_object_get(state, "leader"));
    printf("%-10s %lld\n", "term", (long long)json_integer_value(json_object_get(state, "term")));
    printf("%-10s %lld\n", "revision",
        (long long)json_integer_value(json_object_get(state, "revision")));
    printf("%-10s %s\n", "writes",
        json_is_true(json_object_get(state, "takes_writes")) ? "taken" : "not taken");
    if (json_object_get(state, "fault"))
        show_text("fault", json_object_get(state, "fault"));
    size_t live = 0;
    for (size_t i = 0; i < json_array_size(copies); i++)
        live += json_is_true(json_object_get(json_array_get(copies, i), "live"));
    printf("%-10s %zu of %lld, %zu live\n", "copies", json_array_size(copies),
        (long long)json_integer_value(json_object_get(state, "copies_wanted")), live);
    for (size_t i = 0; i < json_array_size(copies); i++)
        show_copy(json_array_get(copies, i), json_string_value(json_object_get(state, "leader")));
}

enum lede_exit lede_command_cluster(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(lede_asking_done) struct lede_asking asking = {0};
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    struct lede_error error;
    if (strcmp(arguments->words[0], "status") != 0)
        return lede_complain("cluster: expected status, found '%.60s'", arguments->words[0]);
    if (lede_asking_start(arguments, &asking, &error) != LEDE_OK ||
        lede_http_client_get(asking.client, "/cluster", &answer, &error) != LEDE_OK)
        return lede_complain_error(&error);
    if (answer.status != 200) {
        lede_http_answer_error(&answer, &error);
        return lede_complain_error(&error);
    }
    if (arguments->json)
        fwrite(answer.body.data, 1, answer.body.size, stdout);
    else
        show(answer.json);
    return json_is_true(json_object_get(answer.json, "takes_writes")) ? LEDE_EXIT_OK
                                                                      : LEDE_EXIT_SOME;
}
