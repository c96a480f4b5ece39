/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shown.h"

#include "answer.h"
#include "fields.h"

#include <stdio.h>
#include <string.h>

/* ---- What is to be shown ---- */

static enum lede_status add_path(const json_t *value, struct lede_arena *arena, const char **into,
    size_t *count, struct lede_error *reterr)
{
    const char *text = json_string_value(value);
    if (!text || *count == ELASTIC_PATHS_MAX)
        return lede_fail(
            reterr, LEDE_EINPUT, "_source: expected at most %d names of fields", ELASTIC_PATHS_MAX);
    into[*count] = lede_arena_copy(arena, text, strlen(text));
    return into[(*count)++] ? LEDE_OK : lede_fail_memory(reterr);
}

static enum lede_status add_paths(const json_t *list, struct lede_arena *arena, const char **into,
    size_t *count, struct lede_error *reterr)
{
    if (!json_is_array(list))
        return list ? add_path(list, arena, into, count, reterr) : LEDE_OK;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < json_array_size(list); i++)
        st = add_path(json_array_get(list, i), arena, into, count, reterr);
    return st;
}

enum lede_status lede_elastic_read_source(const json_t *value, struct lede_arena *arena,
    struct elastic_source *ret_source, struct lede_error *reterr)
{
    static const char *const known[] = {"includes", "excludes", "include", "exclude", NULL};
    struct elastic_paths *paths = &ret_source->paths;
    enum lede_status st = LEDE_OK;
    if (!value)
        return LEDE_OK;
    ret_source->is_off = json_is_false(value);
    if (json_is_boolean(value))
        return LEDE_OK;
    if (!json_is_object(value))
        return add_paths(value, arena, paths->includes, &paths->include_count, reterr);
    st = lede_elastic_check_keys(value, known, "_source", reterr);
    for (size_t i = 0; st == LEDE_OK && known[i]; i++)
        st = i % 2 == 0 ? add_paths(json_object_get(value, known[i]), arena, paths->includes,
                              &paths->include_count, reterr)
                        : add_paths(json_object_get(value, known[i]), arena, paths->excludes,
                              &paths->exclude_count, reterr);
    return st;
}

/* A list with commas as an array; NULL: no memory. */
static json_t *split(const char *text)
{
    json_t *list = json_array();
    while (list && *text) {
        size_t size = strcspn(text, ",");
        if (size > 0 && json_array_append_new(list, json_stringn(text, size)) != 0) {
            json_decref(list);
            return NULL;
        }
        text += size + (text[size] == ',');
    }
    return list;
}

enum lede_status lede_elastic_read_source_parameters(const struct lede_http_request *request,
    struct lede_arena *arena, struct elastic_source *ret_source, struct lede_error *reterr)
{
    const char *plain = lede_elastic_parameter(request, "_source");
    const char *includes = lede_elastic_parameter(request, "_source_includes");
    const char *excludes = lede_elastic_parameter(request, "_source_excludes");
    bool is_truth = plain && (strcmp(plain, "true") == 0 || strcmp(plain, "false") == 0);
    json_auto_t *in = json_array(), *out = json_array();
    if (plain && !is_truth) {
        json_decref(in);
        in = split(plain);
    } else if (includes) {
        json_decref(in);
        in = split(includes);
    }
    if (excludes) {
        json_decref(out);
        out = split(excludes);
    }
    if (!in || !out)
        return lede_fail_memory(reterr);
    ret_source->is_off = ret_source->is_off || (is_truth && strcmp(plain, "false") == 0);
    struct elastic_paths *paths = &ret_source->paths;
    enum lede_status st = add_paths(in, arena, paths->includes, &paths->include_count, reterr);
    if (st == LEDE_OK)
        st = add_paths(out, arena, paths->excludes, &paths->exclude_count, reterr);
    return st;
}

static enum lede_status read_mark(
    const json_t *list, const char *fallback, char *ret_mark, struct lede_error *reterr)
{
    const json_t *first = json_is_array(list) ? json_array_get(list, 0) : list;
    const char *text = list ? json_string_value(first) : fallback;
    if (!text || strlen(text) > ELASTIC_MARK_BYTES_MAX)
        return lede_fail(reterr, LEDE_EINPUT, "pre_tags, post_tags: expected a text of at most %d",
            ELASTIC_MARK_BYTES_MAX);
    strcpy(ret_mark, text);
    return LEDE_OK;
}

static enum lede_status read_number(const json_t *value, const char *name, json_int_t min,
    json_int_t max, uint32_t *ret_number, struct lede_error *reterr)
{
    if (!value)
        return LEDE_OK;
    if (!json_is_integer(value) || json_integer_value(value) < min)
        return lede_fail(reterr, LEDE_EINPUT, "%s: expected a number from %d", name, (int)min);
    json_int_t number = json_integer_value(value);
    *ret_number = (uint32_t)(number < max ? number : max);
    return LEDE_OK;
}

/* Options of a field, which hold for all: Lede has one set of them a search. */
static enum lede_status read_mark_options(
    const json_t *options, struct elastic_marks *marks, struct lede_error *reterr)
{
    static const char *const known[] = {"fields", "pre_tags", "post_tags", "fragment_size",
        "number_of_fragments", "encoder", "type", "require_field_match", "order", "no_match_size",
        NULL};
    const json_t *encoder = json_object_get(options, "encoder");
    const json_t *chars = json_object_get(options, "fragment_size");
    const json_t *no_match = json_object_get(options, "no_match_size");
    enum lede_status st = lede_elastic_check_keys(options, known, "highlight", reterr);
    if (st == LEDE_OK && json_object_get(options, "pre_tags"))
        st = read_mark(json_object_get(options, "pre_tags"), NULL, marks->pre, reterr);
    if (st == LEDE_OK && json_object_get(options, "post_tags"))
        st = read_mark(json_object_get(options, "post_tags"), NULL, marks->post, reterr);
    if (st == LEDE_OK)
        st = read_number(json_object_get(options, "number_of_fragments"), "number_of_fragments", 0,
            LEDE_SNIPPETS_MAX, &marks->fragments, reterr);
    if (st == LEDE_OK)
        st = read_number(
            chars, "fragment_size", 0, LEDE_SNIPPET_CHARS_MAX, &marks->fragment_chars, reterr);
    if (st == LEDE_OK && no_match && json_integer_value(no_match) != 0)
        return lede_fail(reterr, LEDE_EUNSUPPORTED, "no_match_size over 0 is not offered");
    if (encoder)
        marks->as_html = json_is_string(encoder) && strcmp(json_string_value(encoder), "html") == 0;
    if (chars && marks->fragment_chars == 0)
        marks->fragments = 0;
    else if (chars && marks->fragment_chars < LEDE_SNIPPET_CHARS_MIN)
        marks->fragment_chars = LEDE_SNIPPET_CHARS_MIN;
    return st;
}

static enum lede_status add_marked(
    const char *name, struct elastic_marks *marks, struct lede_error *reterr)
{
    bool is_any = strcmp(name, "*") == 0;
    const struct lede_field *field = is_any ? NULL : lede_elastic_field(name, strlen(name));
    if (!is_any && (!field || !field->highlightable)) {
        (void)lede_fail(reterr, LEDE_EINPUT, "highlight of [%.60s] is not offered", name);
        lede_error_hint(reterr, "fields with words are marked: title, summary, body and the like");
        return LEDE_EINPUT;
    }
    for (enum lede_field_id id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *known = lede_field_at(id);
        if (!known->highlightable || (field && field != known))
            continue;
        if (marks->count == ELASTIC_HIGHLIGHTED_MAX)
            return lede_fail(reterr, LEDE_ELIMIT, "highlight: expected at most %d fields",
                ELASTIC_HIGHLIGHTED_MAX);
        size_t used = strlen(marks->asked);
        snprintf(
            marks->asked + used, sizeof(marks->asked) - used, "%s%s", used ? "," : "", known->key);
        marks->names[marks->count] = is_any ? known->key : name;
        marks->fields[marks->count++] = known;
    }
    return LEDE_OK;
}

enum lede_status lede_elastic_read_marks(
    const json_t *value, struct elastic_marks *ret_marks, struct lede_error *reterr)
{
    const json_t *fields = json_object_get(value, "fields");
    strcpy(ret_marks->pre, "<em>");
    strcpy(ret_marks->post, "</em>");
    ret_marks->fragments = 5;
    ret_marks->fragment_chars = 100;
    if (!value)
        return LEDE_OK;
    enum lede_status st = read_mark_options(value, ret_marks, reterr);
    size_t count = json_is_array(fields) ? json_array_size(fields) : 1;
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        const json_t *named = json_is_array(fields) ? json_array_get(fields, i) : fields;
        const char *name = NULL;
        json_t *options = NULL;
        if (!json_is_object(named))
            return lede_fail(reterr, LEDE_EINPUT, "highlight: expected 'fields', an object");
        json_object_foreach ((json_t *)named, name, options) {
            if (st == LEDE_OK)
                st = read_mark_options(options, ret_marks, reterr);
            if (st == LEDE_OK)
                st = add_marked(name, ret_marks, reterr);
        }
    }
    return st;
}

/* ---- Showing ---- */

enum lede_status lede_elastic_show_source(const char *stored, size_t size,
    const struct elastic_source *source, json_t **ret_json, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    enum lede_status st = lede_document_from_stored(stored, size, &document, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_json = lede_elastic_filter(document->json, &source->paths);
    return *ret_json ? LEDE_OK : lede_fail_memory(reterr);
}

static void append_text(struct lede_buffer *out, const char *text, size_t size, bool as_html)
{
    if (as_html)
        lede_buffer_append_html(out, text, size);
    else
        lede_buffer_append(out, text, size);
}

/* A fragment with its marks; without one, nothing. */
static bool write_fragment(const struct lede_fragment *fragment, const struct elastic_marks *marks,
    struct lede_buffer *out)
{
    size_t at = 0;
    lede_buffer_clear(out);
    for (size_t i = 0; i < fragment->mark_count; i++) {
        const struct lede_mark *mark = &fragment->marks[i];
        size_t start = mark->start - fragment->start;
        append_text(out, fragment->text + at, start - at, marks->as_html);
        lede_buffer_append_string(out, marks->pre);
        append_text(out, fragment->text + start, mark->size, marks->as_html);
        lede_buffer_append_string(out, marks->post);
        at = start + mark->size;
    }
    append_text(out, fragment->text + at, fragment->text_size - at, marks->as_html);
    return fragment->mark_count > 0;
}

static enum lede_status mark_field(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_shown_document *document,
    const struct elastic_marks *marks, size_t number, json_t *into)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    const struct lede_field *field = marks->fields[number];
    const struct lede_stored_field *texts =
        lede_stored_texts(lede_shown_document_stored(document), field->id);
    json_auto_t *list = json_array();
    for (size_t i = 0; list && texts && i < texts->count && !worker->out_of_time; i++) {
        if (lede_search_highlight(worker, run, document, field->id, i) != LEDE_OK)
            return LEDE_ENOMEM;
        for (size_t k = 0; k < worker->highlights.fragment_count; k++) {
            if (write_fragment(&worker->highlights.fragments[k], marks, &text) &&
                (text.failed ||
                    json_array_append_new(list, json_stringn(text.data, text.size)) != 0))
                return LEDE_ENOMEM;
        }
    }
    if (!list)
        return LEDE_ENOMEM;
    if (json_array_size(list) > 0 && json_object_set(into, marks->names[number], list) != 0)
        return LEDE_ENOMEM;
    return LEDE_OK;
}

static enum lede_status add_marks(struct lede_api_worker *worker, const struct lede_search_run *run,
    struct lede_shown_document *document, const struct elastic_marks *marks, json_t *hit)
{
    json_auto_t *all = json_object();
    enum lede_status st = all ? lede_search_begin_hit(worker, run, document) : LEDE_ENOMEM;
    for (size_t i = 0; st == LEDE_OK && i < marks->count; i++)
        st = mark_field(worker, run, document, marks, i, all);
    if (st == LEDE_OK && json_object_size(all) > 0 && json_object_set(hit, "highlight", all) != 0)
        return LEDE_ENOMEM;
    return st;
}

/* What search_after takes back. */
static json_t *sort_of(const struct lede_hit *hit, const struct lede_stored *stored, bool by_score)
{
    if (by_score)
        return json_pack("[f]", hit->score);
    json_t *date = stored->published_utc_s == LEDE_TIME_NONE
                       ? json_null()
                       : json_integer((json_int_t)stored->published_utc_s * 1000);
    return json_pack("[o, s]", date, stored->id);
}

static json_t *score_of(const struct lede_search_run *run, const struct lede_hit *hit,
    const struct elastic_showing *showing)
{
    if (showing->sorts_by_date)
        return json_null();
    return json_real(run->search.search.sort == LEDE_SORT_RELEVANCE ? hit->score : 1.0);
}

static enum lede_status show_hit(struct lede_api_worker *worker, const struct lede_search_run *run,
    const struct lede_hit *hit, const struct elastic_showing *showing, json_t **ret_json,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_shown_document_releasep) struct lede_shown_document *document = NULL;
    json_auto_t *source = NULL;
    enum lede_status st = lede_search_show_hit(worker, hit, &document, reterr);
    if (st == LEDE_OK && !showing->source.is_off)
        st = lede_elastic_show_source(
            hit->stored, hit->stored_size, &showing->source, &source, reterr);
    if (st != LEDE_OK)
        return st;
    const struct lede_stored *stored = lede_shown_document_stored(document);
    json_auto_t *json = json_pack("{s:s, s:s, s:o}", "_index", showing->index, "_id", stored->id,
        "_score", score_of(run, hit, showing));
    bool is_whole = json && (!source || json_object_set(json, "_source", source) == 0);
    if (is_whole && (showing->sorts_by_date || showing->sorts_by_score))
        is_whole =
            json_object_set_new(json, "sort", sort_of(hit, stored, showing->sorts_by_score)) == 0;
    if (is_whole && showing->collapse && hit->collapse_key && hit->collapse_key[0])
        is_whole = json_object_set_new(json, "fields",
                       json_pack("{s:[s]}", showing->collapse, hit->collapse_key)) == 0;
    if (is_whole && showing->marks.count > 0)
        is_whole = add_marks(worker, run, document, &showing->marks, json) == LEDE_OK;
    if (!is_whole)
        return lede_fail_memory(reterr);
    *ret_json = LEDE_TAKE(&json);
    return LEDE_OK;
}

enum lede_status lede_elastic_show_hits(struct lede_api_worker *worker, struct lede_search_run *run,
    const struct elastic_showing *showing, json_t **ret_json, struct lede_error *reterr)
{
    const struct lede_search_result *result = &run->result;
    json_auto_t *hits = json_array();
    enum lede_status st = hits ? LEDE_OK : lede_fail_memory(reterr);
    for (size_t i = 0; st == LEDE_OK && i < result->hit_count; i++) {
        json_t *hit = NULL;
        st = lede_api_worker_go_on(worker, reterr);
        if (st == LEDE_OK)
            st = show_hit(worker, run, &result->hits[i], showing, &hit, reterr);
        if (st == LEDE_OK && json_array_append_new(hits, hit) != 0)
            return lede_fail_memory(reterr);
    }
    if (st != LEDE_OK)
        return st;
    bool exact = result->total_is_exact && result->cut_count == 0;
    json_t *best = result->hit_count > 0 ? score_of(run, &result->hits[0], showing) : json_null();
    *ret_json = json_pack("{s:{s:I, s:s}, s:o, s:O}", "total", "value", (json_int_t)result->total,
        "relation", exact ? "eq" : "gte", "max_score", best, "hits", hits);
    return *ret_json ? LEDE_OK : lede_fail_memory(reterr);
}
