/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "promise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lede/encoding.h"
#include "lede/query.h"

#define NOW_UTC_S INT64_C(1642615440)

static struct lede_analyzer *analyzer;

static void make_analyzer(void)
{
    if (!analyzer)
        PROMISE(lede_analyzer_new(&analyzer, NULL) == LEDE_OK);
}

static void print_and_parse_again(
    const struct lede_query *query, const struct lede_query_options *options)
{
    LEDE_CLEANUP(lede_freep) char *printed = NULL;
    LEDE_CLEANUP(lede_freep) char *printed_again = NULL;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *again = NULL;
    struct lede_error error = {0};
    PROMISE(lede_query_print(query, &printed) == LEDE_OK);
    PROMISE(lede_utf8_is_valid(printed, strlen(printed)));
    if (strlen(printed) > LEDE_QUERY_BYTES_MAX)
        return;
    enum lede_status st =
        lede_query_parse(printed, strlen(printed), options, analyzer, &again, &error);
    if (st != LEDE_OK)
        fprintf(stderr, "printed '%s': %s at %zu\n", printed, error.message, error.position);
    PROMISE(st == LEDE_OK);
    PROMISE(lede_query_print(again, &printed_again) == LEDE_OK);
    bool is_equal = lede_query_equal(lede_query_root(query), lede_query_root(again));
    if (!is_equal || strcmp(printed, printed_again) != 0)
        fprintf(stderr, "printed '%s'\nagain   '%s'\n", printed, printed_again);
    PROMISE(is_equal);
    PROMISE(strcmp(printed, printed_again) == 0);
}

void promise_of_query(const uint8_t *data, size_t size)
{
    make_analyzer();
    if (size < 1)
        return;
    struct lede_query_options options = {.match_any = data[0] & 1,
        .forgiving = data[0] & 2,
        .languages = data[0] & 4 ? LEDE_LANGUAGE_BIT(lede_language_count()) - 1 : 0,
        .now_utc_s = NOW_UTC_S};
    size--;
    LEDE_CLEANUP(lede_freep) char *text = promise_copy(data + 1, size);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_error error = {0};
    enum lede_status st = lede_query_parse(text, size, &options, analyzer, &query, &error);
    if (st == LEDE_OK) {
        print_and_parse_again(query, &options);
        return;
    }
    PROMISE(st == LEDE_EINPUT || st == LEDE_EUNSUPPORTED || st == LEDE_ELIMIT);
    PROMISE(error.has_position && error.position <= size && *error.message && *error.hint);
    PROMISE(lede_utf8_is_valid(error.message, strlen(error.message)));
}
