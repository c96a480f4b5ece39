/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "follow_index.h"

#include "lede/import.h"
#include "lede/model.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_BYTES 4096 /* in which a root stands */

static bool has_in_head(const struct lede_buffer *text, const char *what)
{
    size_t size = text->size < HEAD_BYTES ? text->size : HEAD_BYTES;
    return size > 0 && memmem(text->data, size, what, strlen(what)) != NULL;
}

bool lede_follow_is_index(const struct lede_buffer *text)
{
    return has_in_head(text, "<sitemapindex");
}

bool lede_follow_is_newsless(const struct lede_buffer *text)
{
    return has_in_head(text, "<urlset") && !has_in_head(text, "/sitemap-news/");
}

/* ---- Reading ---- */

static bool is_same_host(const char *address, const char *other)
{
    const char *host = strstr(address, "://"), *other_host = strstr(other, "://");
    if (!host || !other_host)
        return false;
    size_t size = strcspn(host + 3, "/?#");
    return strcspn(other_host + 3, "/?#") == size && strncasecmp(host, other_host, size + 3) == 0;
}

static const char *changed_of(const json_t *member)
{
    const char *changed = json_string_value(json_object_get(member, "updated"));
    return changed ? changed : "";
}

/* Where a member goes among those that changed before it; dates are all written in one form. */
static size_t place_of(const json_t *members, const json_t *member)
{
    size_t at = json_array_size(members);
    while (at > 0 && strcmp(changed_of(json_array_get(members, at - 1)), changed_of(member)) < 0)
        at--;
    return at;
}

static enum lede_status add_member(const struct lede_follow_source *source,
    const struct lede_import_item *item, json_t *members, size_t *left, struct lede_error *reterr)
{
    json_t *member = NULL;
    enum lede_status st = lede_json_parse(item->text, item->size, &member, reterr);
    if (st != LEDE_OK)
        return st;
    const char *url = json_string_value(json_object_get(member, "url"));
    if (!url || !is_same_host(url, source->address ? source->address : source->place)) {
        ++*left;
        json_decref(member);
        return LEDE_OK;
    }
    (void)json_object_del(member, "sitemap-index");
    if (json_array_insert_new(members, place_of(members, member), member) != 0)
        return lede_fail_memory(reterr);
    if (json_array_size(members) > LEDE_FOLLOW_MEMBERS_MAX) {
        ++*left;
        (void)json_array_remove(members, LEDE_FOLLOW_MEMBERS_MAX);
    }
    return LEDE_OK;
}

enum lede_status lede_follow_index_read(const struct lede_follow_source *source,
    const struct lede_buffer *text, json_t **ret_members, size_t *ret_left,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    struct lede_memory_source memory = {.data = text->data, .size = text->size};
    const struct lede_splitter_options options = {
        .known = lede_format_sitemap_index(), .read = lede_memory_source_read, .context = &memory};
    json_auto_t *members = json_array();
    size_t left = 0;
    if (source->level >= LEDE_FOLLOW_LEVELS_MAX)
        return lede_fail(reterr, LEDE_EINPUT, "expected a sitemap, found one more index");
    enum lede_status st =
        members ? lede_splitter_new(&options, &splitter, reterr) : lede_fail_memory(reterr);
    for (bool more = true; st == LEDE_OK && more;) {
        struct lede_import_item item;
        st = lede_splitter_next(splitter, &item, &more, reterr);
        if (st == LEDE_OK && more && item.status != LEDE_OK)
            left++;
        else if (st == LEDE_OK && more)
            st = add_member(source, &item, members, &left, reterr);
    }
    if (st != LEDE_OK)
        return st == LEDE_ENOMEM ? st : LEDE_EINPUT;
    *ret_members = LEDE_TAKE(&members);
    *ret_left = left;
    return LEDE_OK;
}

/* ---- Following ---- */

/* Returns the count where there is none. */
static size_t find(const struct lede_follow_sources *sources, const char *place)
{
    size_t at = 0;
    while (at < sources->count && strcmp(sources->items[at].place, place) != 0)
        at++;
    return at;
}

static size_t count_members(const struct lede_follow_sources *sources)
{
    size_t count = 0;
    for (size_t i = 0; i < sources->count; i++)
        count += sources->items[i].index != NULL;
    return count;
}

static enum lede_status follow_member(struct lede_follow_sources *sources, size_t index,
    const json_t *named, struct lede_error *reterr)
{
    const char *place = json_string_value(json_object_get(named, "url"));
    const char *changed = json_string_value(json_object_get(named, "updated"));
    size_t at = place ? find(sources, place) : 0;
    enum lede_status st = LEDE_OK;
    if (!place || (at == sources->count && count_members(sources) >= LEDE_FOLLOW_ALL_MEMBERS_MAX))
        return LEDE_OK;
    if (at == sources->count)
        st = lede_follow_sources_add_member(sources, place, &sources->items[index], reterr);
    struct lede_follow_source *member = &sources->items[at];
    if (st != LEDE_OK || !member->index)
        return st; /* the caller named it, too */
    bool is_other = changed && (!member->changed || strcmp(member->changed, changed) != 0);
    member->is_dropped = false;
    if (!is_other)
        return LEDE_OK;
    free(member->changed);
    member->changed = strdup(changed);
    if (!member->changed)
        return lede_fail_memory(reterr);
    bool is_read = member->read && strcmp(member->read, changed) == 0;
    member->was_asked = is_read;
    if (!is_read && member->failures == 0)
        member->next_utc_s = 0;
    return LEDE_OK;
}

enum lede_status lede_follow_index_expand(
    struct lede_follow_sources *sources, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < sources->count; i++)
        sources->items[i].is_dropped = sources->items[i].index != NULL;
    /* What is added on the way may be an index that is known already. */
    for (size_t i = 0; st == LEDE_OK && i < sources->count; i++) {
        const json_t *members = sources->items[i].members;
        if (sources->items[i].is_dropped || sources->items[i].level >= LEDE_FOLLOW_LEVELS_MAX)
            continue;
        for (size_t k = 0; st == LEDE_OK && k < json_array_size(members); k++)
            st = follow_member(sources, i, json_array_get(members, k), reterr);
    }
    return st;
}
