/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filter_path.h"

#include "elastic.h"

#include <string.h>

#define PATH_BYTES_MAX 1024 /* of where a value stands; what is deeper is as its parent */

/* Does a path fit where a value stands, or something above it? Arrays have no step of their own. */
enum fit { FITS_NOT, LEADS_THERE, FITS };

static enum fit fit_of(const char *path, const char *place)
{
    if (!*path)
        return FITS;
    if (!*place)
        return LEADS_THERE;
    size_t wanted = strcspn(path, "."), is = strcspn(place, ".");
    const char *rest = path + wanted + (path[wanted] == '.');
    const char *below = place + is + (place[is] == '.');
    if (wanted == 2 && memcmp(path, "**", 2) == 0)
        return fit_of(rest, place) == FITS || fit_of(path, below) == FITS ? FITS : LEADS_THERE;
    return lede_elastic_fits(path, wanted, place, is) ? fit_of(rest, below) : FITS_NOT;
}

static enum fit best_fit(const char *const *paths, size_t count, const char *place)
{
    enum fit best = FITS_NOT;
    for (size_t i = 0; i < count; i++) {
        enum fit fit = fit_of(paths[i], place);
        best = fit > best ? fit : best;
    }
    return best;
}

static json_t *filter_value(
    const json_t *json, const struct elastic_paths *paths, char *place, bool is_in);

static json_t *filter_object(
    const json_t *json, const struct elastic_paths *paths, char *place, bool is_in)
{
    json_t *out = json_object();
    const char *key = NULL;
    json_t *value = NULL;
    size_t used = strlen(place);
    json_object_foreach ((json_t *)json, key, value) {
        size_t size = strlen(key);
        if (!out || used + size + 2 > PATH_BYTES_MAX)
            continue;
        if (used > 0)
            place[used] = '.';
        memcpy(place + used + (used > 0), key, size + 1);
        enum fit in = is_in ? FITS : best_fit(paths->includes, paths->include_count, place);
        enum fit not = best_fit(paths->excludes, paths->exclude_count, place);
        json_t *kept = NULL;
        if (in == FITS && not == FITS_NOT)
            kept = json_incref(value);
        else if (in != FITS_NOT && not != FITS)
            kept = filter_value(value, paths, place, in == FITS);
        if (kept && json_object_set_new(out, key, kept) != 0) {
            json_decref(out);
            out = NULL;
        }
        place[used] = '\0';
    }
    return out;
}

/* NULL: nothing of it is left. */
static json_t *filter_value(
    const json_t *json, const struct elastic_paths *paths, char *place, bool is_in)
{
    json_t *out = NULL;
    if (json_is_object(json)) {
        out = filter_object(json, paths, place, is_in);
    } else if (json_is_array(json)) {
        out = json_array();
        for (size_t i = 0; out && i < json_array_size(json); i++) {
            json_t *kept = filter_value(json_array_get(json, i), paths, place, is_in);
            if (kept && json_array_append_new(out, kept) != 0) {
                json_decref(out);
                out = NULL;
            }
        }
    } else if (is_in) {
        return json_incref((json_t *)json);
    }
    if (out && !is_in && json_object_size(out) + json_array_size(out) == 0) {
        json_decref(out);
        out = NULL;
    }
    return out;
}

json_t *lede_elastic_filter(const json_t *json, const struct elastic_paths *paths)
{
    char place[PATH_BYTES_MAX] = "";
    if (paths->include_count + paths->exclude_count == 0)
        return json_incref((json_t *)json);
    if (!json_is_object(json))
        return json_incref((json_t *)json);
    return filter_object(json, paths, place, paths->include_count == 0);
}

json_t *lede_elastic_filter_path(const json_t *json, const char *list)
{
    struct elastic_paths paths = {0};
    struct lede_arena arena = {0};
    bool is_read = true;
    for (const char *at = list; is_read && *at;) {
        size_t size = strcspn(at, ",");
        bool is_out = at[0] == '-';
        size_t *count = is_out ? &paths.exclude_count : &paths.include_count;
        const char **into = is_out ? paths.excludes : paths.includes;
        is_read = *count < ELASTIC_PATHS_MAX &&
                  (into[*count] = lede_arena_copy(&arena, at + is_out, size - is_out));
        *count += size > (size_t)is_out;
        at += size + (at[size] == ',');
    }
    json_t *out = is_read ? lede_elastic_filter(json, &paths) : NULL;
    lede_arena_done(&arena);
    return out;
}
