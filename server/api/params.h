/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters by name, from a query string or a JSON object alike. */
#ifndef LEDE_API_PARAMS_H
#define LEDE_API_PARAMS_H

#include "lede/http.h"

#include <jansson.h>

struct lede_param {
    const char *name;
    const char *value; /* NUL-terminated */
    size_t size;
    bool is_whole; /* an element of a JSON array: its commas are its own */
};

struct lede_params {
    struct lede_param *items;
    size_t count;
    struct lede_arena arena;
};

/* Take a request's query parameters. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_params_from_query(const struct lede_http_request *request,
    struct lede_params *ret_params, struct lede_error *reterr);
/* Take a JSON object's members: strings, numbers, booleans, and arrays of them (each element a
 * repetition); null is absent. Status: OK; EINPUT with param; ENOMEM. */
LEDE_CHECKED enum lede_status lede_params_from_json(
    const json_t *object, struct lede_params *ret_params, struct lede_error *reterr);
void lede_params_done(struct lede_params *params);

/* The value of a parameter that may stand once. *ret_param NULL where it is absent. Status: OK;
 * EINPUT it is repeated. */
LEDE_CHECKED enum lede_status lede_params_single(const struct lede_params *params, const char *name,
    const struct lede_param **ret_param, struct lede_error *reterr);
/* Refuse parameters that are not among `names` (NULL-terminated). Status: OK; ENOTFOUND with param
 * and hint. */
LEDE_CHECKED enum lede_status lede_params_check_names(
    const struct lede_params *params, const char *const *names, struct lede_error *reterr);

/* Call visit with each value of a parameter: split at commas, `\,` being a comma, white space
 * around values dropped, empty ones skipped. Status: OK; what visit returned; ENOMEM. */
LEDE_CHECKED enum lede_status lede_params_visit_list(const struct lede_params *params,
    const char *name,
    enum lede_status (*visit)(
        void *context, const char *value, size_t size, struct lede_error *reterr),
    void *context, struct lede_error *reterr);

/* Name the parameter that an error is about, and put "name: " before its message; returns the
 * error's status. */
enum lede_status lede_param_blame(struct lede_error *error, const char *name);

#endif
