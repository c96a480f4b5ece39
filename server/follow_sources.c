/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "follow_sources.h"

#include "lede/files.h"
#include "lede/model.h"
#include "lede/number.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DAY_S INT64_C(86400)

static bool is_address(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static enum lede_status add(struct lede_follow_sources *sources, const char *place, size_t size,
    bool is_directory, int64_t interval_s, struct lede_error *reterr)
{
    if (!LEDE_ARRAY_RESERVE(sources->items, sources->capacity, sources->count + 1))
        return lede_fail_memory(reterr);
    char *copy = strndup(place, size);
    if (!copy)
        return lede_fail_memory(reterr);
    sources->items[sources->count++] = (struct lede_follow_source){
        .place = copy, .is_directory = is_directory, .interval_s = interval_s};
    return LEDE_OK;
}

/* ---- Lists ---- */

/* line  without its end */
static enum lede_status read_line(
    struct lede_follow_sources *sources, char *line, int64_t interval_s, struct lede_error *reterr)
{
    static const char blanks[] = " \t\r";
    line[strcspn(line, "#")] = '\0';
    char *place = line + strspn(line, blanks);
    size_t size = strcspn(place, blanks);
    char *often = place + size + strspn(place + size, blanks);
    size_t often_size = strcspn(often, blanks);
    int64_t ms = interval_s * 1000;
    if (size == 0)
        return LEDE_OK;
    if (!is_address(place) || often[often_size + strspn(often + often_size, blanks)] != '\0')
        return lede_fail(reterr, LEDE_EINPUT,
            "expected an address of http or https, and how often, such as 10m");
    if (often_size > 0 && (lede_parse_duration_ms(often, often_size, LEDE_FOLLOW_INTERVAL_MS_MAX,
                               &ms, reterr) != LEDE_OK ||
                              ms < LEDE_FOLLOW_INTERVAL_MS_MIN))
        return lede_fail(
            reterr, LEDE_EINPUT, "expected 1s to 30d between two looks, found '%.40s'", often);
    return add(sources, place, size, false, ms / 1000, reterr);
}

static enum lede_status read_list(struct lede_follow_sources *sources, const char *path,
    int64_t interval_s, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    enum lede_status st = lede_file_read(path, &text, reterr);
    lede_buffer_append_char(&text, '\n');
    if (st == LEDE_OK && text.failed)
        st = lede_fail_memory(reterr);
    char *line = text.data;
    for (size_t number = 1; st == LEDE_OK && line < text.data + text.size; number++) {
        char *end = memchr(line, '\n', (size_t)(text.data + text.size - line));
        struct lede_error why = {0};
        *end = '\0';
        st = read_line(sources, line, interval_s, &why);
        if (st == LEDE_EINPUT)
            st = lede_fail(reterr, st, "%s:%zu: %s", path, number, why.message);
        line = end + 1;
    }
    return st;
}

enum lede_status lede_follow_sources_read(char *const *words, size_t count, int64_t interval_s,
    struct lede_follow_sources *ret_sources, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        struct stat facts;
        if (is_address(words[i]))
            st = add(ret_sources, words[i], strlen(words[i]), false, interval_s, reterr);
        else if (stat(words[i], &facts) == 0 && S_ISDIR(facts.st_mode))
            st = add(ret_sources, words[i], strlen(words[i]), true, interval_s, reterr);
        else
            st = read_list(ret_sources, words[i], interval_s, reterr);
    }
    if (st == LEDE_OK && ret_sources->count == 0)
        st = lede_fail(reterr, LEDE_EINPUT, "expected an address, found none in these lists");
    return st;
}

void lede_follow_sources_done(struct lede_follow_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        struct lede_follow_source *source = &sources->items[i];
        free(source->place);
        free(source->address);
        free(source->etag);
        free(source->modified);
        free(source->changed);
        free(source->read);
        json_decref(source->files);
        json_decref(source->members);
    }
    free(sources->items);
    json_decref(sources->kept);
    *sources = (struct lede_follow_sources){0};
}

/* ---- What is kept ---- */

static char *copy_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? strdup(text) : NULL;
}

static void take(struct lede_follow_source *source, const json_t *kept, int64_t now_utc_s)
{
    int64_t next = json_integer_value(json_object_get(kept, "next"));
    source->next_utc_s = next < now_utc_s + DAY_S ? next : 0; /* its clock was another */
    source->failures = (uint32_t)json_integer_value(json_object_get(kept, "failures"));
    source->is_gone = json_is_true(json_object_get(kept, "gone"));
    source->address = copy_text(kept, "address");
    source->etag = copy_text(kept, "etag");
    source->modified = copy_text(kept, "modified");
    source->files = json_deep_copy(json_object_get(kept, "files"));
    source->members = json_deep_copy(json_object_get(kept, "members"));
    source->read = copy_text(kept, "read");
}

enum lede_status lede_follow_sources_add_member(struct lede_follow_sources *sources,
    const char *place, const struct lede_follow_source *index, struct lede_error *reterr)
{
    const struct lede_follow_source named = *index; /* which moves */
    enum lede_status st = add(sources, place, strlen(place), false, named.interval_s, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_follow_source *member = &sources->items[sources->count - 1];
    member->index = named.place;
    member->level = named.level + 1;
    take(member, json_object_get(sources->kept, place), lede_time_now_utc_s());
    return LEDE_OK;
}

enum lede_status lede_follow_sources_load(
    struct lede_follow_sources *sources, const char *path, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct lede_error why = {0};
    enum lede_status st = lede_file_read(path, &text, &why);
    if (st == LEDE_ENOTFOUND) {
        sources->kept = json_object();
        return sources->kept ? LEDE_OK : lede_fail_memory(reterr);
    }
    if (st == LEDE_OK)
        st = lede_json_parse(text.data ? text.data : "", text.size, &sources->kept, &why);
    if (st != LEDE_OK || !json_is_object(sources->kept))
        return lede_fail(reterr, st != LEDE_OK ? st : LEDE_EINPUT,
            "'%s': expected what lede follow has written: %s", path,
            st != LEDE_OK ? why.message : "it is no object");
    for (size_t i = 0; i < sources->count; i++)
        take(&sources->items[i], json_object_get(sources->kept, sources->items[i].place),
            lede_time_now_utc_s());
    return LEDE_OK;
}

enum lede_status lede_follow_sources_save(struct lede_follow_sources *sources,
    const struct lede_follow_source *source, const char *path, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *directory = strdup(path);
    json_t *kept = json_pack("{s:I, s:i, s:b, s:s*, s:s*, s:s*, s:O*, s:O*, s:s*}", "next",
        (json_int_t)source->next_utc_s, "failures", (int)source->failures, "gone",
        (int)source->is_gone, "address", source->address, "etag", source->etag, "modified",
        source->modified, "files", source->files, "members", source->members, "read", source->read);
    if (!directory || !kept || json_object_set_new(sources->kept, source->place, kept) != 0)
        return lede_fail_memory(reterr);
    char *text = json_dumps(sources->kept, JSON_INDENT(1));
    if (!text)
        return lede_fail_memory(reterr);
    char *slash = strrchr(directory, '/');
    const char *name = slash ? slash + 1 : path;
    if (slash)
        *slash = '\0';
    enum lede_status st = lede_file_replace_private(!slash         ? "."
                                                    : directory[0] ? directory
                                                                   : "/",
        name, text, strlen(text), reterr);
    free(text);
    return st;
}
