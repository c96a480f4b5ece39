/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A parse within bounds, and the tree of what is shown. */
#include "page.h"

#include "lede/number.h"
#include "text_flow.h"

#include <setjmp.h>
#include <string.h>
#include <strings.h>

_Static_assert(LEDE_HTML_PAGE_DEPTH_MAX == 512 && LEDE_HTML_PAGE_ATTRIBUTES_MAX == 1024,
    "find_excess() names them");

struct allowance {
    struct lede_arena *arena;
    bool has_memory;
    jmp_buf out_of_it;
};

/* ---- Nesting, before libgumbo sees it: some of its steps look through all open elements ---- */

struct open_tags {
    uint64_t tags[LEDE_HTML_PAGE_DEPTH_MAX]; /* hashes of names */
    size_t count;
};

enum tag_kind {
    TAG_ORDINARY,
    TAG_UNNESTED,   /* void, or ended by the next of its kind */
    TAG_FORMATTING, /* its end leaves open what is inside */
    TAG_BARRIER,    /* the ends of others do not reach through it */
    TAG_RAW,        /* up to its end there are no tags */
};

static const struct tag_row {
    const char *name;
    enum tag_kind kind;
} tag_rows[] = {{"area", TAG_UNNESTED}, {"base", TAG_UNNESTED}, {"br", TAG_UNNESTED},
    {"col", TAG_UNNESTED}, {"dd", TAG_UNNESTED}, {"dt", TAG_UNNESTED}, {"embed", TAG_UNNESTED},
    {"hr", TAG_UNNESTED}, {"image", TAG_UNNESTED}, {"img", TAG_UNNESTED}, {"input", TAG_UNNESTED},
    {"li", TAG_UNNESTED}, {"link", TAG_UNNESTED}, {"meta", TAG_UNNESTED}, {"option", TAG_UNNESTED},
    {"p", TAG_UNNESTED}, {"param", TAG_UNNESTED}, {"source", TAG_UNNESTED}, {"tbody", TAG_UNNESTED},
    {"td", TAG_UNNESTED}, {"tfoot", TAG_UNNESTED}, {"th", TAG_UNNESTED}, {"thead", TAG_UNNESTED},
    {"tr", TAG_UNNESTED}, {"track", TAG_UNNESTED}, {"wbr", TAG_UNNESTED}, {"a", TAG_FORMATTING},
    {"b", TAG_FORMATTING}, {"big", TAG_FORMATTING}, {"code", TAG_FORMATTING},
    {"em", TAG_FORMATTING}, {"font", TAG_FORMATTING}, {"i", TAG_FORMATTING},
    {"nobr", TAG_FORMATTING}, {"s", TAG_FORMATTING}, {"small", TAG_FORMATTING},
    {"strike", TAG_FORMATTING}, {"strong", TAG_FORMATTING}, {"tt", TAG_FORMATTING},
    {"u", TAG_FORMATTING}, {"applet", TAG_BARRIER}, {"caption", TAG_BARRIER},
    {"foreignobject", TAG_BARRIER}, {"marquee", TAG_BARRIER}, {"object", TAG_BARRIER},
    {"table", TAG_BARRIER}, {"template", TAG_BARRIER}, {"iframe", TAG_RAW}, {"noembed", TAG_RAW},
    {"noframes", TAG_RAW}, {"script", TAG_RAW}, {"style", TAG_RAW}, {"textarea", TAG_RAW},
    {"title", TAG_RAW}, {"xmp", TAG_RAW}};

static const struct tag_row *find_tag(const char *name, size_t size)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(tag_rows); i++) {
        if (strlen(tag_rows[i].name) == size && strncasecmp(tag_rows[i].name, name, size) == 0)
            return &tag_rows[i];
    }
    return NULL;
}

static uint64_t hash_of(const char *name, size_t size)
{
    char lower[32];
    size = size < sizeof(lower) ? size : sizeof(lower);
    for (size_t i = 0; i < size; i++)
        lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] | 0x20) : name[i];
    return lede_hash64(lower, size);
}

static bool is_barrier(uint64_t tag)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(tag_rows); i++) {
        if (tag_rows[i].kind == TAG_BARRIER &&
            hash_of(tag_rows[i].name, strlen(tag_rows[i].name)) == tag)
            return true;
    }
    return false;
}

static void close_tag(struct open_tags *open, uint64_t tag, enum tag_kind kind)
{
    size_t at = open->count;
    while (at > 0 && open->tags[at - 1] != tag) {
        if (kind != TAG_BARRIER && is_barrier(open->tags[at - 1]))
            return;
        at--;
    }
    if (at == 0)
        return;
    size_t behind = kind == TAG_FORMATTING ? open->count - at : 0;
    memmove(open->tags + at - 1, open->tags + at, behind * sizeof(open->tags[0]));
    open->count = at - 1 + behind;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_name_byte(char c)
{
    return c != '\0' && !strchr(" \t\n\f\r/>", c);
}

/* Behind the tag that begins at `at`; quoted values may hold '>'. Counts its attributes, or more:
 * libgumbo compares each with all before it. */
static const char *skip_tag(const char *at, const char *end, size_t *ret_attributes)
{
    char quote = '\0';
    bool is_value = false;
    bool was_break = false;
    *ret_attributes = 0;
    for (; at < end; at++) {
        bool is_break = is_space(*at) || *at == '/';
        if (quote != '\0')
            quote = *at == quote ? '\0' : quote;
        else if (is_value && (*at == '"' || *at == '\''))
            quote = *at;
        else if (*at == '>')
            return at + 1;
        else
            *ret_attributes += was_break && !is_break;
        was_break = is_break || *at == '"' || *at == '\'';
        is_value = *at == '=' || (is_value && is_space(*at));
    }
    return end;
}

/* Behind the end of an element that holds no tags. */
static const char *skip_raw(const char *at, const char *end, const char *name, size_t size)
{
    while ((at = memchr(at, '<', (size_t)(end - at)))) {
        at++;
        if ((size_t)(end - at) > size && *at == '/' && strncasecmp(at + 1, name, size) == 0)
            return at - 1;
    }
    return end;
}

static const char *skip_comment(const char *at, const char *end)
{
    const char *close = memmem(at, (size_t)(end - at), "-->", 3);
    return close ? close + 3 : end;
}

/* Returns what is too much; NULL: nothing. */
static const char *find_excess(const char *text, size_t size)
{
    static const char depth[] = "512 elements inside each other";
    static const char attributes[] = "1024 attributes of an element";
    struct open_tags open = {.count = 0};
    const char *end = text + size;
    const char *at = text;
    while (at < end && (at = memchr(at, '<', (size_t)(end - at)))) {
        at++;
        if (end - at >= 3 && memcmp(at, "!--", 3) == 0) {
            at = skip_comment(at + 1, end);
            continue;
        }
        bool is_end = at < end && *at == '/';
        const char *name = at + is_end;
        size_t name_size = 0;
        while (name + name_size < end && is_name_byte(name[name_size]))
            name_size++;
        if (name_size == 0 || !((name[0] | 0x20) >= 'a' && (name[0] | 0x20) <= 'z'))
            continue;
        const struct tag_row *row = find_tag(name, name_size);
        enum tag_kind kind = row ? row->kind : TAG_ORDINARY;
        size_t attribute_count = 0;
        at = skip_tag(name + name_size, end, &attribute_count);
        if (attribute_count > LEDE_HTML_PAGE_ATTRIBUTES_MAX)
            return attributes;
        if (kind == TAG_RAW && !is_end)
            at = skip_raw(at, end, name, name_size);
        else if (is_end && kind != TAG_UNNESTED)
            close_tag(&open, hash_of(name, name_size), kind);
        else if (kind != TAG_UNNESTED && kind != TAG_RAW && open.count == LEDE_HTML_PAGE_DEPTH_MAX)
            return depth;
        else if (kind != TAG_UNNESTED && kind != TAG_RAW)
            open.tags[open.count++] = hash_of(name, name_size);
    }
    return NULL;
}

/* ---- Memory ---- */

static void *allocate(void *context, size_t size)
{
    struct allowance *allowance = context;
    bool is_over = allowance->arena->used_bytes + size > LEDE_HTML_PAGE_MEMORY_BYTES_MAX;
    void *memory = is_over ? NULL : lede_arena_alloc(allowance->arena, size > 0 ? size : 1);
    if (!memory) {
        allowance->has_memory = is_over;
        longjmp(allowance->out_of_it, 1);
    }
    return memory;
}

static void keep(void *context, void *memory)
{
    (void)context;
    (void)memory; /* until the arena goes */
}

static const GumboNode *parse(const char *text, size_t size, struct allowance *allowance)
{
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = allocate;
    options.deallocator = keep;
    options.userdata = allowance;
    options.max_errors = 0;
    if (setjmp(allowance->out_of_it) != 0)
        return NULL;
    return gumbo_parse_with_options(&options, text, size)->document;
}

/* ---- What is shown ---- */

static bool is_shown(const GumboNode *node)
{
    static const GumboTag hidden[] = {GUMBO_TAG_HEAD, GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE,
        GUMBO_TAG_NOSCRIPT, GUMBO_TAG_TEMPLATE, GUMBO_TAG_IFRAME, GUMBO_TAG_OBJECT, GUMBO_TAG_EMBED,
        GUMBO_TAG_SVG, GUMBO_TAG_TEXTAREA, GUMBO_TAG_SELECT, GUMBO_TAG_BUTTON, GUMBO_TAG_CANVAS,
        GUMBO_TAG_AUDIO, GUMBO_TAG_VIDEO, GUMBO_TAG_MAP};
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
        node->type == GUMBO_NODE_CDATA)
        return true;
    if (node->type != GUMBO_NODE_ELEMENT)
        return false;
    for (size_t i = 0; i < LEDE_COUNT_OF(hidden); i++) {
        if (node->v.element.tag == hidden[i])
            return false;
    }
    const char *style = lede_html_page_attribute(node, "style");
    static const char *const styles[] = {
        "display:none", "display: none", "visibility:hidden", "visibility: hidden"};
    for (size_t i = 0; i < LEDE_COUNT_OF(styles) && style; i++) {
        if (strcasestr(style, styles[i]))
            return false;
    }
    return !lede_html_page_attribute(node, "hidden");
}

static void count_text(struct lede_html_page_node *node, const char *text)
{
    bool was_space = true;
    for (const char *c = text; *c; c++) {
        bool is_space = strchr(" \t\n\f\r", *c) != NULL;
        node->text_bytes += !is_space || !was_space;
        node->commas += *c == ',';
        was_space = is_space;
    }
}

static struct lede_html_page_node *add_node(
    struct lede_arena *arena, struct lede_html_page_node *parent, const GumboNode *gumbo)
{
    struct lede_html_page_node *node = lede_arena_calloc(arena, 1, sizeof(*node));
    if (!node)
        return NULL;
    node->gumbo = gumbo;
    node->parent = parent;
    if (parent && parent->last)
        parent->last->next = node;
    else if (parent)
        parent->first = node;
    if (parent)
        parent->last = node;
    if (gumbo->type != GUMBO_NODE_ELEMENT)
        count_text(node, gumbo->v.text.text);
    return node;
}

/* As deep as what libgumbo made: the bound, and what it put between for itself. */
static bool add_children(struct lede_arena *arena, struct lede_html_page_node *node)
{
    if (node->gumbo->type != GUMBO_NODE_ELEMENT)
        return true;
    const GumboVector *children = &node->gumbo->v.element.children;
    for (unsigned i = 0; i < children->length; i++) {
        const GumboNode *gumbo = children->data[i];
        if (!is_shown(gumbo))
            continue;
        struct lede_html_page_node *child = add_node(arena, node, gumbo);
        if (!child || !add_children(arena, child))
            return false;
        node->text_bytes += child->text_bytes;
        node->link_bytes += child->link_bytes;
        node->commas += child->commas;
    }
    if (lede_html_page_is(node->gumbo, GUMBO_TAG_A))
        node->link_bytes = node->text_bytes;
    return true;
}

enum lede_status lede_html_page_parse(
    const char *text, size_t size, struct lede_html_page *ret_page, struct lede_error *reterr)
{
    if (size > LEDE_HTML_PAGE_BYTES_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "HTML: expected at most %zu bytes, found %zu",
            LEDE_HTML_PAGE_BYTES_MAX, size);
    const char *excess = find_excess(text, size);
    if (excess)
        return lede_fail(reterr, LEDE_ELIMIT, "HTML: expected at most %s, found more", excess);
    struct lede_html_page page = {0};
    struct allowance allowance = {.arena = &page.arena};
    page.document = parse(text, size, &allowance);
    if (!page.document && allowance.has_memory) {
        lede_html_page_done(&page);
        return lede_fail(reterr, LEDE_ELIMIT,
            "HTML: expected a page whose tree takes at most %zu bytes, found more",
            LEDE_HTML_PAGE_MEMORY_BYTES_MAX);
    }
    const GumboVector *children = page.document ? &page.document->v.document.children : NULL;
    for (unsigned i = 0; children && i < children->length && !page.root; i++) {
        const GumboNode *node = children->data[i];
        if (node->type == GUMBO_NODE_ELEMENT)
            page.root = add_node(&page.arena, NULL, node);
    }
    if (!page.root || !add_children(&page.arena, page.root)) {
        lede_html_page_done(&page);
        return lede_fail_memory(reterr);
    }
    *ret_page = page;
    return LEDE_OK;
}

void lede_html_page_done(struct lede_html_page *page)
{
    lede_arena_done(&page->arena);
    *page = (struct lede_html_page){0};
}

bool lede_html_page_is(const GumboNode *node, GumboTag tag)
{
    return node->type == GUMBO_NODE_ELEMENT && node->v.element.tag == tag;
}

const char *lede_html_page_attribute(const GumboNode *node, const char *name)
{
    if (node->type != GUMBO_NODE_ELEMENT)
        return NULL;
    const GumboAttribute *attribute = gumbo_get_attribute(&node->v.element.attributes, name);
    return attribute ? attribute->value : NULL;
}

static void append_text(
    const struct lede_html_page_node *node, bool has_apart, struct lede_text_flow *flow)
{
    const GumboNode *gumbo = node->gumbo;
    if (node->is_apart && !has_apart)
        return;
    if (gumbo->type != GUMBO_NODE_ELEMENT) {
        lede_text_flow_text(flow, gumbo->v.text.text, strlen(gumbo->v.text.text));
        return;
    }
    const char *name = gumbo_normalized_tagname(gumbo->v.element.tag);
    lede_text_flow_open(flow, name);
    for (const struct lede_html_page_node *child = node->first; child; child = child->next)
        append_text(child, has_apart, flow);
    lede_text_flow_close(flow, name);
}

void lede_html_page_append_text(
    const struct lede_html_page_node *node, bool has_apart, struct lede_buffer *text)
{
    struct lede_text_flow flow;
    lede_text_flow_begin(&flow, text);
    append_text(node, has_apart, &flow);
}
