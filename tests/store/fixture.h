/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store in a directory of its own, and writes made of short texts. */
#ifndef LEDE_TESTS_STORE_FIXTURE_H
#define LEDE_TESTS_STORE_FIXTURE_H

#include "lede/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct fixture {
    char directory[64]; /* of the test; the store is in its "data" */
    char data[80];
    struct lede_store *store;
    struct lede_reader *reader;
};

/* Counts of what a bulk came to. */
struct outcomes {
    uint64_t counts[LEDE_FAILED + 1];
    enum lede_status last_error;
};

int fixture_setup(void **state);
int fixture_teardown(void **state);
/* Open (again). */
void fixture_open(struct fixture *fixture);
/* The same with any options; the directory is the fixture's. */
void fixture_open_with(struct fixture *fixture, struct lede_store_options options);
void fixture_close(struct fixture *fixture);
/* xapian-check finds nothing wrong in any segment. The store is closed. */
void fixture_check_segments(const struct fixture *fixture);

struct lede_document *document_of(const char *id, const char *body);
/* One write, waited for; returns its status. */
enum lede_status index_one(struct lede_store *store, const char *id, const char *body,
    enum lede_write_outcome *ret_outcome);
enum lede_status delete_one(struct lede_store *store, const char *id);
/* Index "<prefix>0" … "<prefix>count-1" in one bulk; the body names the id and `word`. */
struct outcomes index_many(
    struct lede_store *store, const char *prefix, unsigned count, const char *word);
void count_outcome(void *outcomes, const struct lede_write_result *result);

/* After a refresh. */
bool has_document(struct fixture *fixture, const char *id);
bool body_contains(struct fixture *fixture, const char *id, const char *word);
/* How many documents a query finds. */
uint32_t count_found(struct fixture *fixture, const char *query);

#endif
