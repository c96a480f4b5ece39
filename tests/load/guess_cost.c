/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guess_cost DATA: what each search is guessed to take, in ms. Lines of standard input are
 * parameters as JSON; a line of output each. */
#include "lede/api.h"
#include "lede/time.h"
#include "search_cost.h"
#include "search_execute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what, const struct lede_error *error)
{
    fprintf(stderr, "guess_cost: %s: %s\n", what, error->message);
    exit(2);
}

static double guess(struct lede_api_worker *worker, const char *line, uint64_t *took_ns)
{
    struct lede_error error = {0};
    json_auto_t *json = NULL;
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {0};
    bool reached = true;
    enum lede_status st = lede_json_parse(line, strlen(line), &json, &error);
    if (st == LEDE_OK)
        st = lede_params_from_json(json, &run.params, &error);
    if (st == LEDE_OK)
        st = lede_search_run_prepare(worker, &run, &reached, &error);
    if (st != LEDE_OK)
        die(line, &error);
    uint64_t begun = lede_time_monotonic_ns();
    double ms = lede_search_cost_ms(worker, &run);
    *took_ns += lede_time_monotonic_ns() - begun;
    return ms;
}

int main(int count, char **arguments)
{
    struct lede_error error = {0};
    struct lede_store_options options = {.directory = count > 1 ? arguments[1] : ""};
    struct lede_store *store = NULL;
    static struct lede_api api;
    static char line[65536];
    uint64_t took_ns = 0, guesses = 0;
    if (lede_store_open(&options, &store, &error) != LEDE_OK)
        die("store", &error);
    if (lede_api_init(&api, store, NULL, &error) != LEDE_OK)
        die("api", &error);
    struct lede_api_worker *worker = lede_api_worker_new(&api, LEDE_POOL_OPS);
    if (!worker)
        die("worker", &error);
    lede_lexicon_unref(
        lede_store_await_lexicon(store, lede_time_monotonic_ns() + UINT64_C(60000000000)));
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        printf("%.3f\n", guess(worker, line, &took_ns));
        guesses++;
    }
    fprintf(stderr, "microseconds a guess: %.1f\n",
        guesses > 0 ? (double)took_ns / 1e3 / (double)guesses : 0);
    lede_api_worker_free(&api, LEDE_POOL_OPS, worker);
    lede_api_done(&api);
    lede_store_close(store);
    return 0;
}
