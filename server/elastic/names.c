/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By which names clients may call the one archive. */
#include "elastic.h"

#include <string.h>

#define NAME_BYTES_MAX 255

bool lede_elastic_fits(const char *pattern, size_t pattern_size, const char *text, size_t size)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_text = 0;
    while (t < size) {
        if (p < pattern_size && pattern[p] == '*') {
            star = ++p;
            star_text = t;
        } else if (p < pattern_size && pattern[p] == text[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern_size && pattern[p] == '*')
        p++;
    return p == pattern_size;
}

bool lede_elastic_is_named(const struct lede_elastic *elastic, const char *name, size_t size)
{
    if (size == 4 && memcmp(name, "_all", 4) == 0)
        return true;
    for (size_t i = 0; i < elastic->name_count; i++) {
        const char *known = elastic->names[i];
        /* Either may be the pattern: `logs-*` is a name of the archive, and `ne*` finds `news`. */
        if (lede_elastic_fits(known, strlen(known), name, size) ||
            lede_elastic_fits(name, size, known, strlen(known)))
            return true;
    }
    return false;
}

/* Lower case, as Elasticsearch has it, and nothing that a path or a list would take for its own. */
static bool is_name(const char *name, size_t size, bool is_first)
{
    size_t sane = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");
    bool is_pattern = sane + 1 == size && name[sane] == '*' && !is_first;
    return size > 0 && size <= NAME_BYTES_MAX && (sane >= size || is_pattern) &&
           !strchr("._-", name[0]);
}

enum lede_status lede_elastic_read_names(
    struct lede_elastic *elastic, const char *indices, struct lede_error *reterr)
{
    for (const char *at = indices; *at;) {
        at += strspn(at, ", \t");
        size_t size = strcspn(at, ", \t");
        if (size == 0)
            break;
        if (!is_name(at, size, elastic->name_count == 0))
            return lede_fail(reterr, LEDE_EINPUT,
                "indices: expected names of small letters, digits, '.', '_' and '-', all but the "
                "first perhaps with '*' at the end, found '%.*s'",
                (int)(size < 60 ? size : 60), at);
        if (elastic->name_count == ELASTIC_NAMES_MAX)
            return lede_fail(
                reterr, LEDE_EINPUT, "indices: expected at most %d names", ELASTIC_NAMES_MAX);
        const char *name = lede_arena_copy(&elastic->arena, at, size);
        if (!name)
            return lede_fail_memory(reterr);
        elastic->names[elastic->name_count++] = name;
        at += size;
    }
    return elastic->name_count > 0 ? LEDE_OK
                                   : lede_fail(reterr, LEDE_EINPUT, "indices: expected a name");
}
