/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where is the main text of a page?
 *
 * Paragraphs give points to what holds them: for their length and their commas, less what of them
 * is links. Who has most is the story; brothers that hold as much as a good paragraph belong to
 * it. What its names or its place call navigation, comments or advertising gives nothing. */
#include "page.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define PARAGRAPH_BYTES_MIN 25
#define PARAGRAPH_POINTS_MAX 3.0
#define LINKS_MAX 0.5 /* of a text that is no list of links */
#define NAME_POINTS 25.0
#define BROTHER_SHARE 0.2

/* Words of class and id, and of role. */
static const char *const apart_words[] = {"ad", "ads", "advert", "advertisement", "agegate",
    "banner", "breadcrumb", "breadcrumbs", "combx", "comment", "comments", "commentlist",
    "complementary", "contentinfo", "cookie", "cookies", "disqus", "extra", "foot", "footer",
    "footnav", "gdpr", "hidden", "legends", "masthead", "menu", "menubar", "modal", "nav", "navbar",
    "navigation", "newsletter", "outbrain", "pager", "pagination", "paywall", "popup", "print",
    "promo", "promos", "recirc", "recommended", "related", "remark", "replies", "rss", "search",
    "share", "sharing", "sharebar", "shoutbox", "sidebar", "signup", "skyscraper", "social",
    "sponsor", "sponsored", "subscribe", "taboola", "toolbar", "trending", "widget", "yom"};
static const char *const story_words[] = {"article", "articlebody", "body", "content", "entry",
    "hentry", "main", "page", "post", "story", "storybody", "text", "blog"};

static bool is_among(const char *word, size_t size, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) == size && strncasecmp(words[i], word, size) == 0)
            return true;
    }
    return false;
}

/* Does one of the words of a name ("story-body", "storyBody", "story_body") stand in the list? */
static bool has_word(const char *name, const char *const *words, size_t count)
{
    while (name && *name) {
        size_t size = 0;
        while (!isalpha((unsigned char)*name) && *name)
            name++;
        while (isalpha((unsigned char)name[size]) &&
               !(size > 0 && isupper((unsigned char)name[size]) &&
                   islower((unsigned char)name[size - 1])))
            size++;
        if (size > 0 && is_among(name, size, words, count))
            return true;
        name += size;
    }
    return false;
}

static bool is_called(
    const struct lede_html_page_node *node, const char *const *words, size_t count)
{
    return has_word(lede_html_page_attribute(node->gumbo, "class"), words, count) ||
           has_word(lede_html_page_attribute(node->gumbo, "id"), words, count);
}

#define IS_CALLED(node, words) is_called((node), (words), LEDE_COUNT_OF(words))

static bool is_one_of(const struct lede_html_page_node *node, const GumboTag *tags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (lede_html_page_is(node->gumbo, tags[i]))
            return true;
    }
    return false;
}

static double share_of_links(const struct lede_html_page_node *node)
{
    return node->text_bytes > 0 ? (double)node->link_bytes / (double)node->text_bytes : 0.0;
}

static bool is_apart(const struct lede_html_page_node *node, const struct lede_html_page_node *root)
{
    static const GumboTag apart[] = {
        GUMBO_TAG_NAV, GUMBO_TAG_ASIDE, GUMBO_TAG_FOOTER, GUMBO_TAG_FORM, GUMBO_TAG_MENU};
    static const GumboTag whole[] = {
        GUMBO_TAG_HTML, GUMBO_TAG_BODY, GUMBO_TAG_ARTICLE, GUMBO_TAG_MAIN, GUMBO_TAG_A};
    if (node->gumbo->type != GUMBO_NODE_ELEMENT || is_one_of(node, whole, LEDE_COUNT_OF(whole)))
        return false;
    /* A theme may call the whole page "has-sidebar". */
    bool is_most = node->text_bytes - node->link_bytes > (root->text_bytes - root->link_bytes) / 2;
    if (is_most)
        return false;
    if (is_one_of(node, apart, LEDE_COUNT_OF(apart)))
        return true;
    bool is_in_words =
        IS_CALLED(node, apart_words) || has_word(lede_html_page_attribute(node->gumbo, "role"),
                                            apart_words, LEDE_COUNT_OF(apart_words));
    return is_in_words && !IS_CALLED(node, story_words);
}

static void mark_apart(struct lede_html_page_node *node, const struct lede_html_page_node *root)
{
    node->is_apart = is_apart(node, root);
    for (struct lede_html_page_node *child = node->first; child && !node->is_apart;
         child = child->next)
        mark_apart(child, root);
}

/* What is no paragraph inside, but text: the old way of pages is <div>text<br><br>text</div>. */
static bool is_paragraph(const struct lede_html_page_node *node)
{
    static const GumboTag paragraphs[] = {
        GUMBO_TAG_P, GUMBO_TAG_PRE, GUMBO_TAG_TD, GUMBO_TAG_BLOCKQUOTE};
    static const GumboTag blocks[] = {GUMBO_TAG_P, GUMBO_TAG_DIV, GUMBO_TAG_UL, GUMBO_TAG_OL,
        GUMBO_TAG_DL, GUMBO_TAG_TABLE, GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_PRE, GUMBO_TAG_ARTICLE,
        GUMBO_TAG_SECTION};
    bool is_block = false;
    for (const struct lede_html_page_node *child = node->first; child && !is_block;
         child = child->next)
        is_block = is_one_of(child, blocks, LEDE_COUNT_OF(blocks));
    return !is_block && (is_one_of(node, paragraphs, LEDE_COUNT_OF(paragraphs)) ||
                            lede_html_page_is(node->gumbo, GUMBO_TAG_DIV) ||
                            lede_html_page_is(node->gumbo, GUMBO_TAG_SECTION));
}

static double points_of(const struct lede_html_page_node *node)
{
    double length = (double)node->text_bytes / 100.0;
    double points = 1.0 + (double)node->commas;
    points += length < PARAGRAPH_POINTS_MAX ? length : PARAGRAPH_POINTS_MAX;
    return points * (1.0 - share_of_links(node));
}

static void give_points(struct lede_html_page_node *node)
{
    if (node->is_apart || node->gumbo->type != GUMBO_NODE_ELEMENT)
        return;
    for (struct lede_html_page_node *child = node->first; child; child = child->next)
        give_points(child);
    if (node->text_bytes < PARAGRAPH_BYTES_MIN || !is_paragraph(node))
        return;
    static const double shares[] = {1.0, 0.5, 0.2, 0.15};
    struct lede_html_page_node *above = node->parent;
    double points = points_of(node);
    for (size_t i = 0; i < LEDE_COUNT_OF(shares) && above; i++, above = above->parent)
        above->score += points * shares[i];
    if (lede_html_page_is(node->gumbo, GUMBO_TAG_DIV) ||
        lede_html_page_is(node->gumbo, GUMBO_TAG_TD))
        node->score += points; /* it holds its text itself */
}

static double final_score(const struct lede_html_page_node *node)
{
    double score = node->score;
    if (score <= 0.0)
        return 0.0;
    const char *property = lede_html_page_attribute(node->gumbo, "itemprop");
    if (property && strcasecmp(property, "articleBody") == 0)
        score += 2 * NAME_POINTS;
    if (IS_CALLED(node, story_words) || lede_html_page_is(node->gumbo, GUMBO_TAG_ARTICLE))
        score += score < NAME_POINTS ? score : NAME_POINTS;
    return score * (1.0 - share_of_links(node));
}

static void find_best(struct lede_html_page_node *node, struct lede_html_page_node **best)
{
    if (node->is_apart || node->gumbo->type != GUMBO_NODE_ELEMENT)
        return;
    node->score = final_score(node);
    if (node->score > 0.0 && (!*best || node->score > (*best)->score))
        *best = node;
    for (struct lede_html_page_node *child = node->first; child; child = child->next)
        find_best(child, best);
}

static bool is_brother(
    const struct lede_html_page_node *node, const struct lede_html_page_node *best)
{
    if (node == best)
        return true;
    if (node->is_apart || node->gumbo->type != GUMBO_NODE_ELEMENT)
        return false;
    const char *name = lede_html_page_attribute(node->gumbo, "class");
    const char *best_name = lede_html_page_attribute(best->gumbo, "class");
    bool is_alike = name && best_name && *name && strcmp(name, best_name) == 0;
    double wanted = best->score * (is_alike ? BROTHER_SHARE / 2 : BROTHER_SHARE);
    bool is_long = lede_html_page_is(node->gumbo, GUMBO_TAG_P) && node->text_bytes > 80 &&
                   share_of_links(node) < 0.25;
    return is_long || (node->score > 10.0 && node->score >= wanted);
}

/* Lists of links, and boxes of them, inside the story. */
static void mark_links_apart(struct lede_html_page_node *node)
{
    static const GumboTag boxes[] = {
        GUMBO_TAG_UL, GUMBO_TAG_OL, GUMBO_TAG_DIV, GUMBO_TAG_SECTION, GUMBO_TAG_TABLE};
    for (struct lede_html_page_node *child = node->first; child; child = child->next) {
        if (is_one_of(child, boxes, LEDE_COUNT_OF(boxes)) && child->text_bytes > 0 &&
            share_of_links(child) > LINKS_MAX)
            child->is_apart = true;
        else
            mark_links_apart(child);
    }
}

const struct lede_html_page_node *lede_html_page_find_main(struct lede_html_page *page)
{
    struct lede_html_page_node *best = NULL;
    mark_apart(page->root, page->root);
    give_points(page->root);
    find_best(page->root, &best);
    if (!best)
        return page->root->text_bytes > 0 ? page->root : NULL;
    struct lede_html_page_node *parent = best->parent;
    bool has_brothers = false;
    for (const struct lede_html_page_node *node = parent ? parent->first : NULL; node;
         node = node->next)
        has_brothers = has_brothers || (node != best && is_brother(node, best));
    if (!has_brothers || lede_html_page_is(best->gumbo, GUMBO_TAG_BODY)) {
        mark_links_apart(best);
        return best;
    }
    for (struct lede_html_page_node *node = parent->first; node; node = node->next)
        node->is_apart = !is_brother(node, best);
    mark_links_apart(parent);
    return parent;
}
