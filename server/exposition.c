/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exposition.h"

#include <stdlib.h>
#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:"

/* `name="value"`; NULL: it is none. Returns what stands behind it. */
static const char *read_label(const char *at, struct lede_sample_label *ret_label)
{
    ret_label->name = at;
    ret_label->name_size = strspn(at, NAME_CHARACTERS);
    at += ret_label->name_size;
    if (ret_label->name_size == 0 || at[0] != '=' || at[1] != '"')
        return NULL;
    at += 2;
    ret_label->value = at;
    while (*at && *at != '"' && *at != '\n')
        at += at[0] == '\\' && at[1] ? 2 : 1;
    ret_label->value_size = (size_t)(at - ret_label->value);
    return *at == '"' ? at + 1 : NULL;
}

static const char *read_labels(const char *at, struct lede_sample *sample)
{
    while (at && *at != '}') {
        struct lede_sample_label label;
        at = read_label(at, &label);
        if (at && sample->label_count < LEDE_SAMPLE_LABELS_MAX)
            sample->labels[sample->label_count++] = label;
        if (at)
            at += *at == ',';
    }
    return at ? at + 1 : NULL;
}

static bool read_sample(const char *at, struct lede_sample *ret_sample)
{
    *ret_sample = (struct lede_sample){.name = at, .name_size = strspn(at, NAME_CHARACTERS)};
    char *end = NULL;
    at += ret_sample->name_size;
    if (*at == '{')
        at = read_labels(at + 1, ret_sample);
    if (ret_sample->name_size == 0 || !at || *at != ' ')
        return false;
    ret_sample->value = strtod(at, &end);
    return end != at;
}

bool lede_sample_is(const struct lede_sample *sample, const char *name)
{
    return strlen(name) == sample->name_size && memcmp(name, sample->name, sample->name_size) == 0;
}

const struct lede_sample_label *lede_sample_label(
    const struct lede_sample *sample, const char *name)
{
    for (size_t i = 0; i < sample->label_count; i++) {
        const struct lede_sample_label *label = &sample->labels[i];
        if (strlen(name) == label->name_size && memcmp(name, label->name, label->name_size) == 0)
            return label;
    }
    return NULL;
}

void lede_exposition_visit(
    const char *text, void (*visit)(void *context, const struct lede_sample *sample), void *context)
{
    struct lede_sample sample;
    while (*text) {
        if (*text != '#' && read_sample(text, &sample))
            visit(context, &sample);
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
}
