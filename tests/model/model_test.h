/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of this floor share: cmocka's headers in its order, and short ways to make a
 * document. */
#ifndef LEDE_MODEL_TEST_H
#define LEDE_MODEL_TEST_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW_UTC_S INT64_C(1700000000) /* 2023-11-14T22:13:20Z */

/* Parse a document that must be fine; owner: the caller. */
static inline struct lede_document *parse_sized(const char *text, size_t size)
{
    struct lede_document_context context = {.now_utc_s = NOW_UTC_S};
    struct lede_document *document = NULL;
    struct lede_error error = {0};
    if (lede_document_parse(text, size, &context, &document, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    return document;
}

static inline struct lede_document *parse(const char *text)
{
    return parse_sized(text, strlen(text));
}

/* Parse a document that must be refused; returns the status. */
static inline enum lede_status refuse(const char *text, size_t size, struct lede_error *reterr)
{
    struct lede_document_context context = {.now_utc_s = NOW_UTC_S};
    struct lede_document *document = NULL;
    enum lede_status status = lede_document_parse(text, size, &context, &document, reterr);
    assert_int_not_equal(status, LEDE_OK);
    assert_null(document);
    return status;
}

static inline const char *string_of(const struct lede_document *document, const char *key)
{
    return json_string_value(json_object_get(document->json, key));
}

/* A JSON value of a document in compact form; owner: the caller. */
static inline char *text_of(const struct lede_document *document, const char *key)
{
    return json_dumps(json_object_get(document->json, key), JSON_COMPACT | JSON_ENCODE_ANY);
}

static inline void assert_value(
    const struct lede_document *document, const char *key, const char *expected)
{
    LEDE_CLEANUP(lede_freep) char *text = text_of(document, key);
    assert_non_null(text);
    assert_string_equal(text, expected);
}

#endif
