/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of searches, made of the parameters of another: the next page, a changed query. */
#ifndef LEDE_API_ADDRESS_H
#define LEDE_API_ADDRESS_H

#include "lede/buffer.h"
#include "params.h"

/* Append `path?name=value&…` with the parameters but those named in `omit` (NULL at the end), each
 * with its repetitions. */
void lede_address_append(struct lede_buffer *out, const char *path,
    const struct lede_params *params, const char *const *omit);
/* Append one parameter more. */
void lede_address_append_parameter(
    struct lede_buffer *out, const char *name, const char *value, size_t size);
/* Append a parameter's value as an address writes it before percent-encoding: the commas of a whole
 * value are its own, `\,`. */
void lede_address_append_value(struct lede_buffer *out, const struct lede_param *param);

#endif
