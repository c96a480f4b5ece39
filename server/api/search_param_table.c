/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one table of parameters, and how they are read by it. */
#include "lede/time.h"
#include "marks.h"
#include "param_readers.h"

#include <stddef.h>
#include <string.h>

#define NAMES_MAX 64 /* of parameters that one endpoint takes */

/* ---- The table ---- */

#define FEED (1U << LEDE_TAKER_FEED)
#define SEARCH (1U << LEDE_TAKER_SEARCH | FEED)
#define SUGGEST (1U << LEDE_TAKER_SUGGEST)
#define DELETE (1U << LEDE_TAKER_DELETE)
#define CLIPPING (1U << LEDE_TAKER_CLIPPING)
#define EXPORT (1U << LEDE_TAKER_EXPORT | CLIPPING)
#define INTO(name)                                                                                 \
    .offset = offsetof(struct lede_search_params, name),                                           \
    .member_size = sizeof(((struct lede_search_params *)NULL)->name)
#define CHOICES(...)                                                                               \
    .choices = (const char *const[])                                                               \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define TEXT(reader) .shape = LEDE_PARAM_TEXT, .read = (reader)
#define LIST(reader) .shape = LEDE_PARAM_LIST, .read = (reader)
#define INTEGER .shape = LEDE_PARAM_INTEGER, .read = lede_param_read_integer
#define CHOICE .shape = LEDE_PARAM_CHOICE, .read = lede_param_read_choice

static const struct lede_search_param rows[] = {
    {"q", SEARCH | SUGGEST | DELETE | EXPORT, TEXT(lede_param_read_q), .max = LEDE_QUERY_BYTES_MAX,
        .description = "The query; empty means everything."},
    {"match", SEARCH | SUGGEST | DELETE | EXPORT, CHOICE, CHOICES("all", "any"), INTO(match_any),
        .fallback = "all", .description = "Words side by side: all of them, or any."},
    {"strict", SEARCH | SUGGEST | EXPORT, .shape = LEDE_PARAM_BOOLEAN,
        .read = lede_param_read_boolean, INTO(strict), .fallback = "false",
        .description = "A query that has no meaning as it stands is refused, with the place and a "
                       "hint. Otherwise what stands there is read as words, where nothing is lost "
                       "by it, and `query.notes` says so."},
    {"synonyms", SEARCH | DELETE | EXPORT, CHOICE, CHOICES("on", "off"), INTO(without_synonyms),
        .fallback = "on",
        .description = "Whether a word stands for its synonyms, too, as the server's list has "
                       "them; `parsed` shows them."},
    {"in", SEARCH | SUGGEST | DELETE | EXPORT, LIST(lede_param_read_in),
        .description = "Fields searched by words with no field; title, summary, body and author "
                       "where absent."},
    /* Ahead of the dates, which are read by it. */
    {"time_zone", SEARCH | SUGGEST | DELETE | EXPORT, TEXT(lede_param_read_time_zone),
        .description = "Of the histogram, and of what has no zone in after, before, `published:` "
                       "and `updated:`: a name of the tz database, or an offset as +05:30; UTC "
                       "where absent."},
    {"after", SEARCH | SUGGEST | DELETE | EXPORT, TEXT(lede_param_read_after),
        .description = "Lower bound of `published`, included: a date, a date and time, `now`, "
                       "`-7d`."},
    {"before", SEARCH | SUGGEST | DELETE | EXPORT, TEXT(lede_param_read_before),
        .description = "Upper bound of `published`, included."},
    {"sort", SEARCH | EXPORT, CHOICE, CHOICES("relevance", "newest", "oldest"), INTO(search.sort),
        .fallback = "relevance",
        .description =
            "Order; `newest` where q is empty, and of feeds. Documents that name no date "
            "are the last of both date orders."},
    {"recency", SEARCH | EXPORT, TEXT(lede_param_read_recency),
        .description = "Half-life, as 7d or 12h: of what is newer, more. Relevance order alone; an "
                       "order by date already says all."},
    {"expand", SEARCH | EXPORT, CHOICE, CHOICES("feedback"), INTO(expand),
        .min = LEDE_EXPAND_FEEDBACK,
        .description = "`feedback`: telling words of the first five hits give more to what has "
                       "them, and `query.expansion` says them. The same documents are found, in "
                       "another order: better for a topic, worse where one known document is "
                       "sought. Relevance order alone; off where absent."},
    {"limit", SEARCH, INTEGER, INTO(search.limit), .max = LEDE_LIMIT_MAX, .fallback = "10",
        .description = "Hits a page."},
    {"limit", SUGGEST, INTEGER, INTO(search.limit), .min = 1, .max = LEDE_SUGGEST_LIMIT_MAX,
        .fallback = "10", .description = "Of each list."},
    {"limit", EXPORT, INTEGER, INTO(search.limit), .max = UINT32_MAX, .fallback = "0",
        .description = "Hits at most; 0: all."},
    {"ids", EXPORT, LIST(lede_param_read_id),
        .description = "Of what is found, the documents of these ids alone; at most 1,000."},
    {"offset", SEARCH, INTEGER, INTO(search.offset), .max = LEDE_OFFSET_MAX, .fallback = "0",
        .description = "Hits passed over."},
    {"cursor", SEARCH, TEXT(lede_param_read_cursor),
        .description = "From `next` of the page before; not together with offset."},
    {"collapse", SEARCH | EXPORT, .shape = LEDE_PARAM_CHOICE, .read = lede_param_read_collapse,
        .names_filters = true, .fallback = "off",
        .description =
            "One hit, the first in the order asked for, for all documents of a story "
            "(near-duplicates), or with one value of a field; of a list, with the same whole list. "
            "A document without a value stays a hit of its own. Total, facets and histogram count "
            "every document that matches."},
    {"facets", SEARCH, LIST(lede_param_read_facet), .names_filters = true,
        .description = "Filter fields whose values are counted over all matches."},
    {"facet_counts", SEARCH, CHOICE, CHOICES("within", "disjunctive"), INTO(disjunctive),
        .fallback = "within",
        .description =
            "`within`: facets and histogram count what matches. `disjunctive`: the values of a "
            "field that is filtered are counted as if it was not, so that it can be seen what "
            "choosing others would find; all other filters hold. So is the histogram without "
            "after and before."},
    {"facet_query", SEARCH, TEXT(lede_param_read_facet_query), .max = LEDE_FACET_QUERY_BYTES_MAX,
        .description = "Facets have only values that contain this text, whatever its case and "
                       "accents."},
    {"facet_values", SEARCH, INTEGER, INTO(search.facet_values), .min = 1,
        .max = LEDE_FACET_VALUES_MAX, .fallback = LEDE_FACET_VALUES_DEFAULT,
        .description = "Values of each facet, those that most documents have; and of the sources "
                       "of a collapsed hit."},
    {"facet_offset", SEARCH, INTEGER, INTO(search.facet_offset), .max = LEDE_FACET_OFFSET_MAX,
        .fallback = "0", .description = "Values of each facet that are passed over."},
    {"histogram", SEARCH, CHOICE, CHOICES("hour", "day", "week", "month", "year", "auto"),
        INTO(search.histogram), .min = LEDE_HISTOGRAM_HOUR,
        .description = "Counts by `published`, UTC unless time_zone says otherwise. `auto`: days, "
                       "weeks, months or years, the shortest of which there are at most 120 or "
                       "so between the first match and the last."},
    {"fields", SEARCH | 1U << LEDE_TAKER_EXPORT, LIST(lede_param_read_field),
        .description = "Document keys to return. Where absent: of a search all but body; of "
                       "/export.ndjson all; of /export.csv id, published, source, section, title, "
                       "author, tags, language, url."},
    {"highlight", SEARCH, LIST(lede_param_read_highlight), .fallback = "title,body",
        .description = "Fields to mark up, or `none`."},
    {"snippets", SEARCH, INTEGER, INTO(highlighting.snippets), .min = 1, .max = LEDE_SNIPPETS_MAX,
        .fallback = "1", .description = "Fragments a field."},
    {"snippet_chars", SEARCH, INTEGER, INTO(highlighting.snippet_chars),
        .min = LEDE_SNIPPET_CHARS_MIN, .max = LEDE_SNIPPET_CHARS_MAX, .fallback = "200",
        .description = "Characters a fragment, about."},
    {"format", SEARCH | SUGGEST, CHOICE, CHOICES("html", "text", "ranges"),
        INTO(highlighting.format), .fallback = "html", .description = "Form of highlights."},
    {"pre", SEARCH | SUGGEST, TEXT(lede_param_read_mark), INTO(highlighting.pre),
        .max = LEDE_MARK_BYTES_MAX, .fallback = "<mark>",
        .description = "Mark before. With format=html a tag mark, em, strong, span, b, i or u, "
                       "perhaps with a class, or text without markup."},
    {"post", SEARCH | SUGGEST, TEXT(lede_param_read_mark), INTO(highlighting.post),
        .max = LEDE_MARK_BYTES_MAX, .fallback = "</mark>", .description = "Mark after: its end."},
    {"spell", SEARCH, CHOICE, CHOICES("suggest", "off", "auto"), INTO(spell), .fallback = "suggest",
        .description = "`suggest`: `did_you_mean` is a query that finds more, or null. `auto`: "
                       "where nothing matched it is run, and `corrected` is true. `off`: neither."},
    {"explain", SEARCH, .shape = LEDE_PARAM_BOOLEAN, .read = lede_param_read_boolean, INTO(explain),
        .fallback = "false",
        .description = "Show the parsed tree, and for each hit which clause gave what."},
    {"cache", SEARCH, .shape = LEDE_PARAM_BOOLEAN, .read = lede_param_read_boolean, INTO(cache),
        .fallback = "true",
        .description = "Whether an answer in JSON may be one that was kept: the same that a search "
                       "would give now, but for took_ms. `0`: it is searched for anew."},
    {"partial", SEARCH, .shape = LEDE_PARAM_BOOLEAN, .read = lede_param_read_boolean, INTO(partial),
        .fallback = "true",
        .description =
            "Of an archive that lies on shards: whether to answer without those that do not answer "
            "in time, and name them in `shards`. `false`, and in formats without a place for that: "
            "503. Elsewhere it makes no difference."},
    {"timeout", SEARCH | DELETE, TEXT(lede_param_read_timeout), .fallback = "2s",
        .description =
            "At most 30s; what was found by then comes with timed_out. A tenth of it is "
            "kept for showing hits; where that is not enough, the last ones come without "
            "highlights."},
    {"timeout", SUGGEST, TEXT(lede_param_read_timeout), .fallback = "8ms",
        .description = "At most 30s; what was found by then is answered. Four tenths of it are for "
                       "completions."},
    {"timeout", EXPORT, TEXT(lede_param_read_timeout), .fallback = "30s",
        .description = "At most 30s: for each part of the hits to be found. How long it takes to "
                       "read them is up to the client."},
    {"min_revision", SEARCH | EXPORT, INTEGER, INTO(min_revision), .max = INT64_MAX,
        .description = "Waits (within timeout) until that revision can be searched; timed_out says "
                       "that it was not reached."},
    {"key", FEED, TEXT(lede_param_read_key),
        .description = "A key with the right `feed` alone, where one is needed: readers of feeds "
                       "send no headers."},
    {"confirm", DELETE, INTEGER, INTO(confirm), .max = UINT32_MAX,
        .description =
            "Documents that match, those that no search shows now among them: nothing is "
            "deleted where another number does."},
};

bool lede_search_param_at(size_t index, struct lede_search_param *ret_row)
{
    if (index < LEDE_COUNT_OF(rows)) {
        *ret_row = rows[index];
        return true;
    }
    const struct lede_field *field = lede_search_filter_at(index - LEDE_COUNT_OF(rows));
    if (!field)
        return false;
    bool is_story = field == lede_field_of_stories();
    *ret_row = (struct lede_search_param){field->filter_name, SEARCH | SUGGEST | DELETE | EXPORT,
        LIST(is_story ? lede_param_read_story : lede_param_read_filter_value), .field = field,
        .pattern = is_story ? "^-?[0-9a-f]{16}$" : NULL,
        .description = is_story
                           ? "The story, by the key in a hit's `collapsed`: its copies. Comma or "
                             "repetition means or; a leading `-` excludes."
                           : "Comma or repetition means or; `\\,` is a comma; a leading `-` "
                             "excludes."};
    return true;
}

/* ---- Reading ---- */

static bool is_given(const struct lede_params *params, const char *name)
{
    for (size_t i = 0; i < params->count; i++) {
        if (strcmp(params->items[i].name, name) == 0)
            return true;
    }
    return false;
}

struct list_visit {
    struct lede_param_reading *reading;
    const struct lede_search_param *row;
};

static enum lede_status visit_value(
    void *context, const char *value, size_t size, struct lede_error *reterr)
{
    struct list_visit *visit = context;
    return visit->row->read(visit->reading, visit->row, value, size, reterr);
}

static enum lede_status read_given(struct lede_param_reading *reading,
    const struct lede_search_param *row, const struct lede_params *params,
    struct lede_error *reterr)
{
    struct list_visit visit = {reading, row};
    const struct lede_param *param = NULL;
    if (row->shape == LEDE_PARAM_LIST)
        return lede_params_visit_list(params, row->name, visit_value, &visit, reterr);
    enum lede_status st = lede_params_single(params, row->name, &param, reterr);
    return st == LEDE_OK ? row->read(reading, row, param->value, param->size, reterr) : st;
}

static enum lede_status read_filter(struct lede_param_reading *reading,
    const struct lede_search_param *row, const struct lede_params *params,
    struct lede_error *reterr)
{
    struct lede_search_params *out = reading->out;
    struct lede_filter_values *values = lede_arena_calloc(&out->arena, 1, sizeof(*values));
    if (!values)
        return lede_fail_memory(reterr);
    reading->filter_values = values;
    enum lede_status st = read_given(reading, row, params, reterr);
    out->filters[out->search.filter_count++] = (struct lede_filter){.field = row->field,
        .any = values->any,
        .any_count = values->any_count,
        .none = values->none,
        .none_count = values->none_count};
    return st;
}

static enum lede_status check_names(
    const struct lede_params *params, enum lede_param_taker taker, struct lede_error *reterr)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    struct lede_search_param row;
    size_t count = 0;
    for (size_t i = 0; lede_search_param_at(i, &row) && count < NAMES_MAX; i++) {
        if (row.takers & 1U << taker)
            names[count++] = row.name;
    }
    return lede_params_check_names(params, names, reterr);
}

enum lede_status lede_search_params_read(const struct lede_params *params,
    enum lede_param_taker taker, int64_t now_utc_s, struct lede_search_params *ret_search,
    struct lede_error *reterr)
{
    struct lede_error unused;
    struct lede_error *error = reterr ? reterr : &unused;
    struct lede_param_reading reading = {.out = ret_search, .now_utc_s = now_utc_s};
    *ret_search = (struct lede_search_params){
        .q = "",
        .confirm = -1,
        .search = {.after_utc_s = LEDE_TIME_NONE,
            .before_utc_s = LEDE_TIME_NONE,
            .now_utc_s = now_utc_s,
            .collapse_slot = LEDE_SLOT_NONE},
    };
    enum lede_status st = check_names(params, taker, error);
    struct lede_search_param row;
    for (size_t i = 0; st == LEDE_OK && lede_search_param_at(i, &row); i++) {
        /* What an endpoint does not take is as a search has it by default. */
        struct lede_param fallback = {row.name, row.fallback, 0, false};
        if ((row.takers & 1U << taker) && is_given(params, row.name)) {
            st = (row.field ? read_filter : read_given)(&reading, &row, params, error);
            if (st != LEDE_OK && !error->param[0])
                lede_param_blame(error, row.name);
        } else if (row.fallback && (row.takers & (1U << taker | SEARCH))) {
            fallback.size = strlen(row.fallback);
            st = read_given(
                &reading, &row, &(struct lede_params){.items = &fallback, .count = 1}, error);
        }
    }
    if (st == LEDE_OK && taker != LEDE_TAKER_DELETE)
        st = lede_marks_check(&ret_search->highlighting, error);
    if (st != LEDE_OK)
        return st;
    ret_search->has_offset = is_given(params, "offset");
    ret_search->has_sort = is_given(params, "sort");
    if ((ret_search->q_size == 0 || taker == LEDE_TAKER_FEED) && !ret_search->has_sort)
        ret_search->search.sort = LEDE_SORT_NEWEST;
    ret_search->search.filters = ret_search->filters;
    return LEDE_OK;
}
