/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of JSON by paths with dots and wildcards: filter_path of answers, _source of documents. */
#ifndef LEDE_ELASTIC_FILTER_PATH_H
#define LEDE_ELASTIC_FILTER_PATH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define ELASTIC_PATHS_MAX 64

/* Paths, NUL-terminated: `hits.hits._id`, `items.*.error`, `**.reason`. */
struct elastic_paths {
    const char *includes[ELASTIC_PATHS_MAX];
    size_t include_count;
    const char *excludes[ELASTIC_PATHS_MAX];
    size_t exclude_count;
};

/* What an answer's filter_path leaves of it: names with commas between, `-` before what is left
 * out. A new value; owner: the caller. NULL: no memory, or more than ELASTIC_PATHS_MAX paths. */
json_t *lede_elastic_filter_path(const json_t *json, const char *list);
/* What paths leave of a document; without any path all. The same. */
json_t *lede_elastic_filter(const json_t *json, const struct elastic_paths *paths);

#endif
