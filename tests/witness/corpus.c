/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See corpus.h. Few words, so that phrases and near words happen; inflected, accented, joined,
 * unspaced and capital ones among them, words that are another language's stems, and every kind of
 * space and mark between them. */
#include "corpus.h"

#include <string.h>

#include "lede/time.h"

uint32_t chance_below(struct chance *chance, uint32_t limit)
{
    chance->state +=
        UINT64_C(0x9E3779B97F4A7C15); /* Steele and others, "Fast splittable generators" (2014) */
    uint64_t mixed = chance->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((mixed ^ (mixed >> 31)) >> 33) % limit;
}

static bool one_in(struct chance *chance, uint32_t n)
{
    return chance_below(chance, n) == 0;
}

static const char *one_of(struct chance *chance, const char *const *texts, size_t count)
{
    return texts[chance_below(chance, (uint32_t)count)];
}
#define ONE_OF(chance, texts) one_of(chance, texts, LEDE_COUNT_OF(texts))

/* ---- Words ---- */

#define WORDS_MAX 16

static const struct tongue {
    const char *code;
    bool unspaced;
    const char *words[WORDS_MAX];
} tongues[] = {
    {"en", false,
        {"oil", "oils", "minister", "ministers", "house", "houses", "econ", "economy", "economic",
            "nation", "national", "the", "of", "aids", "strikes", NULL}},
    {"de", false,
        {"Haus", "Häuser", "Minister", "Ministern", "Öl", "die", "und", "Wahl", "Wahlen", "Straße",
            "strasse", "gift", NULL}},
    {"fr", false,
        {"élection", "elections", "l’homme", "homme", "ministre", "de", "national", "nationaux",
            "pétrole", "qu'il", NULL}},
    {"tr", false,
        {"bakan", "bakanlar", "kız", "kızlar", "İstanbul'da", "istanbul", "göz", "gözler", "ve",
            NULL}},
    {"ru", false,
        {"министр", "министра", "ёлка", "елка", "нефть", "нефти", "и", "МИД", "дом", NULL}},
    {"ar", false, {"وزير", "الوزير", "نفط", "النفط", "جامعة", "الجامعة", "في", NULL}},
    {"ja", true,
        {"東京", "京都", "都", "発売", "ニュース", "コンピューター", "コンピュータ", "の", "時々",
            "iPhone", "ｶﾞｽ", NULL}},
    {"zh", true, {"北京", "京", "政府", "石油", "部长", "部長", "的", "东京", NULL}},
    {"ko", false, {"정부", "정부는", "서울에서", "석유", "대통령", "의", NULL}},
    {"th", true, {"ไทย", "น้ำมัน", "รัฐบาล", "ที่", NULL}},
    {"und", false, {"oils", "house", "ministers", "xyzzy", "минист", "東京", NULL}},
};

/* Words that stand in every language. */
static const char *const names[] = {"NATO", "Nato", "AIDS", "U.S.", "US", "AT&T", "COVID-19",
    "O’Brien", "O'Brien's", "3.5", "1,200", "Zürich", "Zurich", "OPEC", "opec", "al-Assad",
    "Zelenskyy", "Zelensky", "a", "G20"};

static const struct tongue *any_tongue(struct chance *chance)
{
    /* English is what there is most of. */
    return one_in(chance, 3) ? &tongues[0] : &tongues[chance_below(chance, LEDE_COUNT_OF(tongues))];
}

static const char *any_word(struct chance *chance, const struct tongue *tongue)
{
    size_t count = 0;
    while (tongue->words[count])
        count++;
    return one_in(chance, 4) ? ONE_OF(chance, names)
                             : tongue->words[chance_below(chance, (uint32_t)count)];
}

/* ---- Documents ---- */

/* What a JSON string cannot hold as it is. */
static void append_escaped(struct lede_buffer *json, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n' || *text == '\t' || *text == '"')
            lede_buffer_append_format(json, "\\%c",
                *text == '\n'   ? 'n'
                : *text == '\t' ? 't'
                                : '"');
        else
            lede_buffer_append_char(json, *text);
    }
}

static void append_sentence(
    struct lede_buffer *json, struct chance *chance, const struct tongue *tongue, bool wrapped)
{
    static const char *const joints[] = {" ", " ", " ", " ", " ", ", ", " (", ") ", "-", " \"",
        "\xC2\xAD", "\xC2\xA0", " & ", "’ ", " … ", " <b>", "/", " U.S. "};
    static const char *const unspaced_joints[] = {"", "", "", "、", "「", "」", " ", "・", "2020"};
    static const char *const ends[] = {". ", ". ", "! ", ".” ", "?", ": ", ""};
    static const char *const unspaced_ends[] = {"。", "。", "！", ""};
    uint32_t words = 1 + chance_below(chance, 6);
    for (uint32_t i = 0; i < words; i++) {
        if (i > 0 && wrapped && one_in(chance, 5))
            append_escaped(json, "\n");
        else if (i > 0)
            append_escaped(
                json, tongue->unspaced ? ONE_OF(chance, unspaced_joints) : ONE_OF(chance, joints));
        append_escaped(json, any_word(chance, tongue));
    }
    append_escaped(json, tongue->unspaced ? ONE_OF(chance, unspaced_ends) : ONE_OF(chance, ends));
}

static void append_body(
    struct lede_buffer *json, struct chance *chance, const struct tongue *tongue)
{
    static const char *const breaks[] = {
        "\n\n", "\n\n", "\n", "\n  ", "\n\t", "\n* ", " \n \n", " "};
    bool wrapped = one_in(chance, 3);
    uint32_t paragraphs = chance_below(chance, 4);
    for (uint32_t i = 0; i < paragraphs; i++) {
        if (i > 0)
            append_escaped(json, ONE_OF(chance, breaks));
        for (uint32_t sentences = 1 + chance_below(chance, 3); sentences > 0; sentences--)
            append_sentence(json, chance, one_in(chance, 8) ? any_tongue(chance) : tongue, wrapped);
    }
}

static void append_string(
    struct lede_buffer *json, struct chance *chance, const char *key, const struct tongue *tongue)
{
    lede_buffer_append_format(json, ",\"%s\":\"", key);
    append_sentence(json, chance, tongue, false);
    lede_buffer_append_string(json, "\"");
}

static void append_list(struct lede_buffer *json, struct chance *chance, const char *key,
    enum lede_field_id field, const struct tongue *tongue)
{
    lede_buffer_append_format(json, ",\"%s\":[", key);
    for (uint32_t i = 0, count = chance_below(chance, 4); i < count; i++) {
        lede_buffer_append_string(json, i > 0 ? ",\"" : "\"");
        if (one_in(chance, 3))
            append_sentence(json, chance, tongue, false);
        else
            append_escaped(json, corpus_value(field, chance));
        lede_buffer_append_string(json, "\"");
    }
    lede_buffer_append_string(json, "]");
}

static void append_moment(struct lede_buffer *json, const char *key, int64_t utc_s)
{
    char moment[21];
    lede_time_format(utc_s, moment);
    lede_buffer_append_format(json, ",\"%s\":\"%s\"", key, moment);
}

static int64_t any_moment(struct chance *chance)
{
    return CORPUS_FIRST_UTC_S + (int64_t)chance_below(chance, CORPUS_DAYS * 24) * 3600 +
           (one_in(chance, 3) ? 0 : chance_below(chance, 3600));
}

const char *corpus_value(enum lede_field_id field, struct chance *chance)
{
    static const char *const sources[] = {"AP", "Reuters", "dpa", "ÖPA"};
    static const char *const sections[] = {"world", "World", "sport"};
    static const char *const others[] = {"oil", "Jane Doe", "jane doe", "Ministerium", "東京",
        "saudi-arabia", "O’Brien", "new york"};
    if (field == LEDE_FIELD_SOURCE)
        return ONE_OF(chance, sources);
    if (field == LEDE_FIELD_SECTION)
        return ONE_OF(chance, sections);
    if (field == LEDE_FIELD_LANGUAGE)
        return tongues[chance_below(chance, LEDE_COUNT_OF(tongues))].code;
    return ONE_OF(chance, others);
}

/* Most can be shown at the end of CORPUS_DAYS. */
static void append_clock(struct lede_buffer *json, struct chance *chance)
{
    static const char *const statuses[] = {"usable", "usable", "withheld", "canceled"};
    int64_t end = CORPUS_FIRST_UTC_S + CORPUS_DAYS * 86400;
    if (one_in(chance, 8))
        lede_buffer_append_format(json, ",\"status\":\"%s\"", ONE_OF(chance, statuses));
    if (one_in(chance, 8))
        append_moment(json, "embargoed_until", end + (int64_t)chance_below(chance, 3) - 1);
    if (one_in(chance, 8))
        append_moment(json, "expires", end + (int64_t)chance_below(chance, 3) - 1);
}

void corpus_append_document(struct lede_buffer *json, const char *id, struct chance *chance)
{
    const struct tongue *tongue = any_tongue(chance);
    lede_buffer_append_format(json, "{\"id\":\"%s\",\"language\":\"%s\"", id, tongue->code);
    append_string(json, chance, "title", tongue);
    if (one_in(chance, 3))
        append_string(json, chance, "summary", tongue);
    lede_buffer_append_string(json, ",\"body\":\"");
    append_body(json, chance, tongue);
    lede_buffer_append_string(json, "\"");
    if (one_in(chance, 4))
        lede_buffer_append_format(json, ",\"url\":\"https://example.org/oil/%s\"", id);
    if (!one_in(chance, 4))
        lede_buffer_append_format(
            json, ",\"source\":\"%s\"", corpus_value(LEDE_FIELD_SOURCE, chance));
    if (!one_in(chance, 4))
        lede_buffer_append_format(
            json, ",\"section\":\"%s\"", corpus_value(LEDE_FIELD_SECTION, chance));
    append_list(json, chance, "author", LEDE_FIELD_AUTHOR, tongue);
    append_list(json, chance, "tags", LEDE_FIELD_TAGS, tongue);
    if (one_in(chance, 3)) {
        append_list(json, chance, "places", LEDE_FIELD_PLACES, tongue);
        append_list(json, chance, "people", LEDE_FIELD_PEOPLE, tongue);
        append_list(json, chance, "organisations", LEDE_FIELD_ORGANISATIONS, tongue);
    }
    append_moment(json, "published", any_moment(chance));
    if (one_in(chance, 3))
        append_moment(json, "updated", any_moment(chance));
    append_clock(json, chance);
    lede_buffer_append_string(json, "}");
}

/* ---- Queries ---- */

static size_t character_size(const char *text)
{
    size_t size = 1;
    while (((unsigned char)text[size] & 0xC0) == 0x80)
        size++;
    return size;
}

/* A word of letters, changed here and there. */
static void append_pattern(struct lede_buffer *text, struct chance *chance, const char *word)
{
    static const char *const signs[] = {"*", "?", "**", "?*"};
    bool any = false;
    for (const char *at = word; *at; at += character_size(at)) {
        uint32_t change = chance_below(chance, 6);
        if (change == 0) {
            lede_buffer_append_string(text, ONE_OF(chance, signs));
            any = true;
        }
        if (change > 1)
            lede_buffer_append(text, at, character_size(at));
    }
    if (!any)
        lede_buffer_append_string(text, "*");
}

static void append_prefix(struct lede_buffer *text, struct chance *chance, const char *word)
{
    uint32_t characters = 1 + chance_below(chance, 5);
    for (; *word && characters > 0; characters--) {
        lede_buffer_append(text, word, character_size(word));
        word += character_size(word);
    }
    lede_buffer_append_string(text, "*");
}

static void append_slip(struct lede_buffer *text, struct chance *chance, const char *word)
{
    size_t at = 0, slip = 1 + chance_below(chance, 6);
    for (; *word; word += character_size(word), at++) {
        if (at == slip && one_in(chance, 3))
            lede_buffer_append_string(text, "x");
        if (at != slip || one_in(chance, 2))
            lede_buffer_append(text, word, character_size(word));
    }
    lede_buffer_append_string(text, one_in(chance, 2) ? "~" : "~2");
}

static void append_phrase(
    struct lede_buffer *text, struct chance *chance, const struct tongue *tongue)
{
    lede_buffer_append_string(text, one_in(chance, 5) ? "=\"" : "\"");
    for (uint32_t i = 0, count = 1 + chance_below(chance, 3); i < count; i++) {
        lede_buffer_append_string(text, i > 0 && !tongue->unspaced ? " " : "");
        if (one_in(chance, 8))
            append_prefix(text, chance, any_word(chance, tongue));
        else
            lede_buffer_append_string(text, any_word(chance, tongue));
    }
    lede_buffer_append_string(text, "\"");
}

/* What a query is made with. */
struct maker {
    struct lede_buffer *text;
    struct chance *chance;
    const struct tongue *tongue; /* most of its words */
    bool fields;                 /* may fields be named here? */
};

static bool is_letters(const char *word)
{
    return !strpbrk(word, " .,-&'/0123456789") && !strstr(word, "’");
}

static void append_leaf(struct maker *maker)
{
    static const char *const capitals[] = {"nato", "aids", "opec", "us", "мид", "oil"};
    struct chance *chance = maker->chance;
    const struct tongue *tongue = one_in(chance, 4) ? any_tongue(chance) : maker->tongue;
    const char *word = any_word(chance, tongue);
    uint32_t kind = chance_below(chance, 12);
    if (kind <= 1)
        append_phrase(maker->text, chance, tongue);
    else if (kind == 2)
        append_prefix(maker->text, chance, word);
    else if (kind == 3 && is_letters(word))
        append_pattern(maker->text, chance, word);
    else if (kind == 4 && is_letters(word) && strlen(word) > 5 && !tongue->unspaced)
        append_slip(maker->text, chance, word);
    else if (kind == 5 && is_letters(word) && !tongue->unspaced)
        lede_buffer_append_format(maker->text, "=%s", word);
    else if (kind == 6)
        lede_buffer_append_format(maker->text, "CAPS %s", ONE_OF(chance, capitals));
    else
        lede_buffer_append_string(maker->text, word);
}

/* Something that has a place in a text. */
static void append_place(struct maker *maker, int depth)
{
    static const char *const operators[] = {" NEAR/2 ", " NEAR/7 ", " NEAR ", " ADJ ", " ADJ/3 ",
        " SAME s ", " SAME p ", " NOT NEAR/4 ", " NOT W/s ", " OR ", " OR "};
    static const char *const fields[] = {"title:", "body:", "author:", "tag:"};
    struct chance *chance = maker->chance;
    if (depth == 0 || one_in(chance, 5)) {
        if (maker->fields && one_in(chance, 12))
            lede_buffer_append_string(maker->text, ONE_OF(chance, fields));
        append_leaf(maker);
        return;
    }
    lede_buffer_append_string(maker->text, "(");
    append_place(maker, depth - 1);
    lede_buffer_append_string(maker->text, ONE_OF(chance, operators));
    append_place(maker, depth - 1);
    lede_buffer_append_string(maker->text, ")");
}

static void append_length(struct lede_buffer *text, struct chance *chance)
{
    static const char *const signs[] = {">", "<", ">=", "<=", ":"};
    if (one_in(chance, 4))
        lede_buffer_append_format(
            text, "LENGTH:%u..%u", chance_below(chance, 10), 10 + chance_below(chance, 30));
    else
        lede_buffer_append_format(
            text, "LENGTH%s%u", ONE_OF(chance, signs), chance_below(chance, 30));
}

static void append_dates(struct lede_buffer *text, struct chance *chance)
{
    const char *field = one_in(chance, 3) ? "updated" : "published";
    uint32_t month = 3 + chance_below(chance, 7), day = 1 + chance_below(chance, 28);
    switch (chance_below(chance, 4)) {
    case 0:
        lede_buffer_append_format(text, "%s:2023-%02u", field, month);
        break;
    case 1:
        lede_buffer_append_format(text, "%s:>2023-%02u-%02u", field, month, day);
        break;
    case 2:
        lede_buffer_append_format(text, "%s:<=2023-%02u-%02u", field, month, day);
        break;
    default:
        lede_buffer_append_format(text, "%s:2023-03-10..2023-%02u-%02u", field, month, day);
    }
}

static void append_headed(struct maker *maker)
{
    static const char *const heads[] = {"", "", "", "", "title:", "author:", "tag:", "source:",
        "url:", "place:", "section:", "summary:", "LEAD: ", "ATLEAST/2 ", "ATLEAST/3 ",
        "ATLEAST/5 ", "LEAD: ATLEAST/2 "};
    struct chance *chance = maker->chance;
    const char *head = ONE_OF(chance, heads);
    if (!maker->fields)
        head = one_in(chance, 3) ? "ATLEAST/2 " : "";
    bool fields = maker->fields;
    maker->fields = fields && strncmp(head, "LEAD", 4) != 0;
    lede_buffer_append_string(maker->text, head);
    if (one_in(chance, 2)) {
        lede_buffer_append_string(maker->text, "(");
        append_place(maker, 1 + (int)chance_below(chance, 3));
        lede_buffer_append_string(maker->text, one_in(chance, 6) ? ")^2.5" : ")");
    } else {
        append_leaf(maker);
        if (one_in(chance, 8))
            lede_buffer_append_string(maker->text, "^3");
    }
    maker->fields = fields;
}

static void append_clause(struct maker *maker)
{
    switch (chance_below(maker->chance, 14)) {
    case 0:
        append_length(maker->text, maker->chance);
        return;
    case 1:
        append_dates(maker->text, maker->chance);
        return;
    case 2:
        lede_buffer_append_string(maker->text, "*");
        return;
    default:
        append_headed(maker);
    }
}

static void append_group(struct maker *maker, int depth)
{
    static const char *const between[] = {
        " AND ", " OR ", " OR ", " OR ", " ", " NOT ", " -", " +"};
    static const char *const heads[] = {
        "(", "(", "(", "(", "NOT (", "-(", "title:(", "LEAD: (", "+("};
    if (depth == 0 || one_in(maker->chance, 3)) {
        append_clause(maker);
        return;
    }
    bool fields = maker->fields;
    const char *head = ONE_OF(maker->chance, heads);
    if (!fields && strchr(head, ':'))
        head = "(";
    maker->fields = fields && !strchr(head, ':');
    lede_buffer_append_string(maker->text, head);
    append_group(maker, depth - 1);
    for (uint32_t i = 1 + chance_below(maker->chance, 2); i > 0; i--) {
        lede_buffer_append_string(maker->text, ONE_OF(maker->chance, between));
        append_group(maker, depth - 1);
    }
    lede_buffer_append_string(maker->text, ")");
    maker->fields = fields;
}

void corpus_append_query(struct lede_buffer *text, struct chance *chance)
{
    struct maker maker = {
        .text = text, .chance = chance, .tongue = any_tongue(chance), .fields = true};
    append_group(&maker, (int)chance_below(chance, 4));
}
