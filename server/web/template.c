/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "template.h"

#include "web_assets.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MAX 32 /* sections and templates within each other */

struct rendering {
    struct lede_buffer *out;
    const json_t *scopes[DEPTH_MAX]; /* the innermost last */
    size_t depth;
    const char *template_name; /* for messages */
    struct lede_error *reterr;
};

struct tag {
    char kind; /* '#', '^', '/', '>', 'm' marked, 'u' url, '=' text */
    const char *name;
    size_t name_size;
    const char *start;  /* its braces */
    const char *behind; /* what follows them */
};

static const struct {
    const char *word;
    char kind;
} words[] = {{"#", '#'}, {"^", '^'}, {"/", '/'}, {">", '>'}, {"marked ", 'm'}, {"url ", 'u'}};

/* ---- Values ---- */

static void append_number(struct lede_buffer *out, json_int_t number)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%lld", (long long)number);
    size_t size = strlen(digits), sign = digits[0] == '-';
    for (size_t i = 0; i < size; i++) {
        if (i > sign && (size - i) % 3 == 0)
            lede_buffer_append_char(out, ',');
        lede_buffer_append_char(out, digits[i]);
    }
}

static void append_text(struct lede_buffer *out, const json_t *value)
{
    if (json_is_string(value))
        lede_buffer_append_html(out, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value))
        append_number(out, json_integer_value(value));
    else if (json_is_real(value))
        lede_buffer_append_format(out, "%g", json_real_value(value));
}

/* Bytes of the entity here, if it is one that lede_buffer_append_html() writes; else 0. */
static size_t entity_size(const char *text)
{
    for (const char *character = "&<>\"'"; *character; character++) {
        const char *entity = lede_html_entity(*character);
        if (strncmp(text, entity, strlen(entity)) == 0)
            return strlen(entity);
    }
    return 0;
}

static void append_marked(struct lede_buffer *out, const json_t *value)
{
    static const char *const marks[] = {"<mark>", "</mark>"};
    const char *text = json_string_value(value);
    bool is_open = false;
    for (const char *at = text ? text : ""; *at;) {
        size_t size = entity_size(at), mark = strlen(marks[is_open]);
        if (strncmp(at, marks[is_open], mark) == 0) {
            is_open = !is_open;
            size = mark;
        }
        if (size > 0)
            lede_buffer_append(out, at, size);
        else
            lede_buffer_append_html(out, at, 1);
        at += size > 0 ? size : 1;
    }
    if (is_open)
        lede_buffer_append_string(out, marks[1]);
}

/* An address with a scheme has to be http or https; one without begins with no second host. */
static void append_url(struct lede_buffer *out, const json_t *value)
{
    const char *url = json_string_value(value);
    if (!url)
        return;
    bool is_web = strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
    size_t before = strcspn(url, ":/?#");
    bool is_ours = url[before] != ':' && url[0] != '/' && url[0] != '\\';
    if (is_web || is_ours)
        lede_buffer_append_html(out, url, strlen(url));
}

/* ---- Names ---- */

static const json_t *member(const json_t *object, const char *name, size_t size)
{
    return json_is_object(object) ? json_object_getn(object, name, size) : NULL;
}

static const json_t *look_up(const struct rendering *rendering, const char *name, size_t size)
{
    size_t first = size;
    const char *dot = memchr(name, '.', size);
    const json_t *found = NULL;
    if (size == 1 && dot)
        return rendering->scopes[rendering->depth - 1];
    if (dot)
        first = (size_t)(dot - name);
    for (size_t i = rendering->depth; !found && i > 0; i--)
        found = member(rendering->scopes[i - 1], name, first);
    while (found && first < size) {
        name += first + 1;
        size -= first + 1;
        dot = memchr(name, '.', size);
        first = dot ? (size_t)(dot - name) : size;
        found = member(found, name, first);
    }
    return found;
}

static bool is_something(const json_t *value)
{
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_OBJECT:
        return json_object_size(value) > 0;
    case JSON_ARRAY:
        return json_array_size(value) > 0;
    case JSON_STRING:
        return json_string_length(value) > 0;
    case JSON_INTEGER:
        return json_integer_value(value) != 0;
    case JSON_REAL:
    case JSON_TRUE:
        return true;
    default:
        return false;
    }
}

/* ---- Tags ---- */

static bool find_tag(const char *at, const char *end, struct tag *ret_tag)
{
    const char *open = memmem(at, (size_t)(end - at), "{{", 2);
    const char *close = open ? memmem(open, (size_t)(end - open), "}}", 2) : NULL;
    if (!close)
        return false;
    *ret_tag = (struct tag){.kind = '=', .name = open + 2, .start = open, .behind = close + 2};
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++) {
        size_t size = strlen(words[i].word);
        if (strncmp(ret_tag->name, words[i].word, size) != 0)
            continue;
        ret_tag->kind = words[i].kind;
        ret_tag->name += size;
        break;
    }
    ret_tag->name_size = (size_t)(close - ret_tag->name);
    return true;
}

/* Where the section that this tag begins has its end. */
static bool find_end(const struct tag *section, const char *end, struct tag *ret_close)
{
    size_t open = 1;
    for (const char *at = section->behind; find_tag(at, end, ret_close); at = ret_close->behind) {
        if (ret_close->kind == '#' || ret_close->kind == '^')
            open++;
        else if (ret_close->kind == '/' && --open == 0)
            return ret_close->name_size == section->name_size &&
                   memcmp(ret_close->name, section->name, section->name_size) == 0;
    }
    return false;
}

static enum lede_status render_range(
    struct rendering *rendering, const char *text, const char *end);

static enum lede_status render_within(
    struct rendering *rendering, const json_t *scope, const char *text, const char *end)
{
    if (rendering->depth == DEPTH_MAX)
        return lede_fail(rendering->reterr, LEDE_EINTERNAL,
            "template '%s': expected at most %d sections within each other",
            rendering->template_name, DEPTH_MAX);
    rendering->scopes[rendering->depth++] = scope;
    enum lede_status st = render_range(rendering, text, end);
    rendering->depth--;
    return st;
}

static enum lede_status render_section(struct rendering *rendering, const struct tag *section,
    const char *end, const char **ret_behind)
{
    struct tag close;
    if (!find_end(section, end, &close))
        return lede_fail(rendering->reterr, LEDE_EINTERNAL,
            "template '%s': expected an end of '%.*s'", rendering->template_name,
            (int)section->name_size, section->name);
    *ret_behind = close.behind;
    const json_t *value = look_up(rendering, section->name, section->name_size);
    enum lede_status st = LEDE_OK;
    if (section->kind == '^')
        return is_something(value) ? LEDE_OK
                                   : render_range(rendering, section->behind, close.start);
    if (!is_something(value))
        return LEDE_OK;
    if (!json_is_array(value))
        return render_within(rendering, value, section->behind, close.start);
    for (size_t i = 0; st == LEDE_OK && i < json_array_size(value); i++)
        st = render_within(rendering, json_array_get(value, i), section->behind, close.start);
    return st;
}

static enum lede_status render_part(struct rendering *rendering, const char *name, size_t name_size)
{
    const char *before = rendering->template_name;
    const struct lede_web_template *part = lede_web_template_find(name, name_size);
    if (!part)
        return lede_fail(rendering->reterr, LEDE_EINTERNAL, "no template is called '%.*s'",
            (int)name_size, name);
    rendering->template_name = part->name;
    enum lede_status st = render_within(
        rendering, rendering->scopes[rendering->depth - 1], part->text, part->text + part->size);
    rendering->template_name = before;
    return st;
}

static void render_value(struct rendering *rendering, const struct tag *tag)
{
    const json_t *value = look_up(rendering, tag->name, tag->name_size);
    if (tag->kind == 'm')
        append_marked(rendering->out, value);
    else if (tag->kind == 'u')
        append_url(rendering->out, value);
    else
        append_text(rendering->out, value);
}

static enum lede_status render_range(struct rendering *rendering, const char *text, const char *end)
{
    struct tag tag;
    enum lede_status st = LEDE_OK;
    while (st == LEDE_OK && find_tag(text, end, &tag)) {
        lede_buffer_append(rendering->out, text, (size_t)(tag.start - text));
        text = tag.behind;
        if (tag.kind == '#' || tag.kind == '^')
            st = render_section(rendering, &tag, end, &text);
        else if (tag.kind == '>')
            st = render_part(rendering, tag.name, tag.name_size);
        else if (tag.kind == '/')
            st = lede_fail(rendering->reterr, LEDE_EINTERNAL,
                "template '%s': '%.*s' ends and did not begin", rendering->template_name,
                (int)tag.name_size, tag.name);
        else
            render_value(rendering, &tag);
    }
    if (st == LEDE_OK)
        lede_buffer_append(rendering->out, text, (size_t)(end - text));
    return st;
}

enum lede_status lede_template_render(
    const char *name, const json_t *data, struct lede_buffer *out, struct lede_error *reterr)
{
    struct rendering rendering = {
        .out = out, .scopes = {data}, .depth = 1, .template_name = name, .reterr = reterr};
    enum lede_status st = render_part(&rendering, name, strlen(name));
    if (st == LEDE_OK && lede_buffer_status(out) != LEDE_OK)
        return lede_fail_memory(reterr);
    return st;
}
