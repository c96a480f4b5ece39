/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what `/metrics` tells: Prometheus' text, version 0.0.4. */
#ifndef LEDE_EXPOSITION_H
#define LEDE_EXPOSITION_H

#include "lede/base.h"

#define LEDE_SAMPLE_LABELS_MAX 8

struct lede_sample_label {
    const char *name, *value;
    size_t name_size, value_size; /* a value's escapes are left as they are */
};
struct lede_sample {
    const char *name;
    size_t name_size;
    struct lede_sample_label labels[LEDE_SAMPLE_LABELS_MAX];
    size_t label_count;
    double value;
};

bool lede_sample_is(const struct lede_sample *sample, const char *name);
/* A label's value; NULL: it has none of this name. */
const struct lede_sample_label *lede_sample_label(
    const struct lede_sample *sample, const char *name);
/* Tell each sample of a text; what is none is passed over. text: NUL-terminated. */
void lede_exposition_visit(const char *text,
    void (*visit)(void *context, const struct lede_sample *sample), void *context);

#endif
