/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties over generated queries: what parses prints to a text that parses to the same tree;
 * what does not parse says where and why. The seed is printed; LEDE_TEST_SEED and LEDE_TEST_CASES
 * in the environment set it and how many cases there are. */
#include "lede/encoding.h"
#include "lede/wire.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES_DEFAULT 20000

static uint64_t random_state;

/* xorshift64*: https://doi.org/10.18637/jss.v080.i03 */
static uint32_t pick(uint32_t below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * UINT64_C(2685821657736338717)) >> 32) % below;
}

static uint64_t environment_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static const char *const words[] = {"a", "crude", "Oil", "Ministers", "and", "or", "near", "same",
    "s", "COVID-19", "al-Qaida", "U.S.", "us", "AT&T", "O’Brien", "o'brien's", "3.5", "1,200.50",
    "1,2,3", "12:30", "a@b.example", "http://x1.example/a?b=~1", "#tag", "@user", "日本経済",
    "日本経済新聞社", "東京", "京", "東京2020年オリンピック", "習近平会見", "東京2020年",
    "ニュース日本", "ภาษาไทย", "naïve", "Straße", "İstanbul", "Ελλάδα", "Москва", "العربية",
    "עברית", "l'homme", "ﬁn", "soft\u00adhyphen", "e\u0301t\u00e9", "x=y", "~x", "C++", "a_b",
    "50%", "\\\"q", "don`t", "rock'n'roll", "한국어", "1e5", "24/7", "km/h", "Yahoo!", "policies!",
    "a|b", "०१२", "İ", "ﷺ", "col·legi", "Kyiv", "kiew", "EU", "european", "european union", "Saint",
    "Saint-Petersburg", "petersburg", "organised", "labours", "e-mail", "{kyiv, kiev}",
    "{eu, European Union}", "{oil}", "{Oil, en: labor, COVID-19, 日本経済}", "{a b}", "{x"};
static const char *const single_words[] = {"econ", "Ministers", "U.S", "AT&T", "o’b", "3.5", "京",
    "東京", "naïve", "Straße", "1,200", "a", "Москва"};
static const char *const fields[] = {"title", "summary", "body", "url", "source", "author",
    "section", "tag", "tags", "place", "person", "organisation"};
static const char *const quotes[][2] = {
    {"\"", "\""}, {"“", "”"}, {"„", "“"}, {"«", "»"}, {"＂", "＂"}, {"”", "„"}};
static const char *const bounds[] = {"2022", "2022-01", "2022-01-19", "2022-01-19T18:04:00Z",
    "2022-01-19T18:04:00+02:00", "\"19 Jan 2022\"", "“January 19, 2022”"};
static const char *const weights[] = {
    "2", "0.5", "1", "99.999999", "0.000001", "1.1", "100", "3.14159", "0.3", "7.0"};
static const char *const spaces[] = {" ", "  ", "\t", "\u3000", "\n", " & ", " - "};

/* Lines that meet the words above, each other and what is printed. */
static const char synonym_lines[] =
    "kyiv, kiev, kiew\neu => european union\neuropean union, union européenne, ue\n"
    "saint petersburg, leningrad, petersburg\nen: organise, organize\nen: labour, labor\n"
    "fr: labour, charrue\ne-mail, mail\n東京, tokyo\n日本経済, nikkei\n習近平, xi jinping\n"
    "a => b\nus, united states\ncrude oil, petroleum\nw x, wx\nnaive, Straße ete\n";
static struct lede_synonyms *synonyms;

#define PICK(array) ((array)[pick(LEDE_COUNT_OF(array))])

static void put(struct lede_buffer *out, const char *text)
{
    lede_buffer_append_string(out, text);
}

static void put_long_word(struct lede_buffer *out)
{
    for (uint32_t i = 100 + pick(60); i > 0; i--)
        lede_buffer_append_char(out, (char)('a' + pick(26)));
}

static void put_phrase(struct lede_buffer *out)
{
    uint32_t mark = pick(LEDE_COUNT_OF(quotes));
    put(out, quotes[mark][0]);
    for (uint32_t i = 1 + pick(4); i > 0; i--) {
        put(out, PICK(words));
        put(out, pick(4) ? " " : ", ");
    }
    if (pick(8) == 0)
        put_long_word(out);
    put(out, quotes[mark][1]);
}

static void put_dates(struct lede_buffer *out)
{
    static const char *const comparisons[] = {">", ">=", "<", "<="};
    put(out, pick(2) ? "published:" : "updated:");
    switch (pick(5)) {
    case 0:
        put(out, PICK(comparisons));
        put(out, pick(3) ? PICK(bounds) : "-7d");
        return;
    case 1:
        put(out, PICK(bounds));
        put(out, "..");
        return;
    case 2:
        put(out, "..");
        put(out, PICK(bounds));
        return;
    case 3:
        put(out, "2021-12-31..");
        put(out, PICK(bounds));
        return;
    default:
        put(out, PICK(bounds));
    }
}

static void put_query(struct lede_buffer *out, int depth);

/* What has a place in a text. */
static void put_place(struct lede_buffer *out, int depth)
{
    static const char *const patterns[] = {"colo?r", "*stan", "e*a?n", "*a*", "o’*n", "zelenski~",
        "Zelensky~2", "=econ", "\"saudi arab*\"", "=\"Crude oils\"", "CAPS aids", "who?",
        "COVID-19", "東京", "\"a b\""};
    static const char *const operators[] = {" NEAR/5 ", " NEAR ", " ADJ/2 ", " ADJ ", " SAME s ",
        " SAME p ", " OR ", " W/5 ", " /3 ", " PRE/2 ", " pre/1 ", " w/s ", " /p ", " near5 ",
        " adj2 ", " | ", "|", " NOT NEAR/4 ", " NOT W/3 ", " NOT SAME s ", " NOT /p "};
    if (depth <= 0 || pick(3) == 0) {
        put(out, pick(3) ? PICK(patterns) : PICK(single_words));
        put(out, pick(6) ? "" : "^2");
        return;
    }
    put(out, "(");
    put_place(out, depth - 1);
    put(out, PICK(operators));
    put_place(out, depth - 1);
    put(out, pick(5) ? ")" : ")^1.5");
}

static void put_later_operator(struct lede_buffer *out, int depth)
{
    static const char *const heads[] = {"ATLEAST/3 ", "ATLEAST/1 ", "atleast4 ", "ATLEAST7",
        "CAPS LEAD: ", "LEAD:", "LEAD: ", "LEAD: ATLEAST/2 ", "HLEAD", "LEAD", ""};
    static const char *const lengths[] = {
        "LENGTH>500", "LENGTH <= 9", "LENGTH=0", "LENGTH:..80", "LENGTH:3..", "LENGTH:10..20"};
    const char *head = PICK(heads);
    if (pick(5) == 0) {
        put(out, PICK(lengths));
        return;
    }
    put(out, head);
    bool is_glued = *head && head[strlen(head) - 1] != ' ' && head[strlen(head) - 1] != ':';
    put(out, is_glued ? "(" : "");
    if (*head == 'C')
        put(out, "nato");
    else
        put_place(out, depth > 2 ? 2 : depth);
    put(out, is_glued ? ")" : "");
}

/* depth: groups that may still be opened; negative none */
static void put_operand(struct lede_buffer *out, int depth, bool plain)
{
    if (!plain && pick(5) == 0) {
        put_later_operator(out, depth);
        return;
    }
    switch (pick(plain ? 7 : 12)) {
    case 0:
        put(out, "=");
        put(out, PICK(single_words));
        break;
    case 1:
        put(out, PICK(single_words));
        put(out, "*");
        break;
    case 2:
        put_phrase(out);
        break;
    case 3:
        put_long_word(out);
        break;
    case 7:
        put_dates(out);
        break;
    case 8:
        put(out, PICK(fields));
        put(out, ":");
        put_operand(out, depth, true);
        return;
    case 9:
        put(out, "*");
        break;
    case 10:
    case 11:
        if (depth > 0) {
            put(out, "(");
            put_query(out, depth - 1);
            put(out, ")");
            break;
        }
        put(out, "last");
        break;
    default:
        put(out, PICK(words));
        break;
    }
    /* Weights of groups multiply: only mild ones, so that they stay in range. */
    if (pick(6) == 0)
        put(out, out->data[out->size - 1] == ')' ? "^1.5" : "^");
    if (out->data[out->size - 1] == '^')
        put(out, depth == 4 ? PICK(weights) : "2.5");
}

static void put_query(struct lede_buffer *out, int depth)
{
    static const char *const operators[] = {
        "AND", "OR", "AND NOT", "NOT", "OR NOT", "AND NOT NOT", "", "", "", ""};
    static const char *const signs[] = {"+", "-", "", "", "", ""};
    static const char *const first[] = {
        "w ", "w ", "w ", "-x ", "NOT x ", "+x ", "(-x) ", "+(NOT x) ", "-(x y) ", "* "};
    put(out, PICK(first));
    for (uint32_t i = pick(5); i > 0; i--) {
        put(out, PICK(operators));
        put(out, PICK(spaces));
        put(out, PICK(signs));
        put_operand(out, depth, false);
        put(out, PICK(spaces));
    }
}

static void fail_case(const char *what, const char *text, const char *printed)
{
    fail_msg("%s\n  query   %s\n  printed %s", what, text, printed ? printed : "-");
}

/* Print, parse again, compare, print again, compare. */
static void check_round_trip(
    const char *text, const struct lede_query *query, const struct lede_query_options *options)
{
    LEDE_CLEANUP(lede_freep) char *printed = NULL;
    LEDE_CLEANUP(lede_freep) char *printed_again = NULL;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *again = NULL;
    struct lede_error error = {0};
    assert_int_equal(lede_query_print(query, &printed), LEDE_OK);
    if (strlen(printed) > LEDE_QUERY_BYTES_MAX)
        return;
    if (lede_query_parse(printed, strlen(printed), options, test_analyzer, &again, &error) !=
        LEDE_OK)
        fail_case(error.message, text, printed);
    if (!lede_query_equal(lede_query_root(query), lede_query_root(again)))
        fail_case("another tree", text, printed);
    assert_int_equal(lede_query_print(again, &printed_again), LEDE_OK);
    if (strcmp(printed, printed_again) != 0)
        fail_case(printed_again, text, printed);
}

/* What every tree promises to its readers. */
static void check_tree(
    const struct lede_query_node *node, const struct lede_query_node *parent, size_t size)
{
    bool is_leaf = lede_query_is_text_leaf(node->kind) || node->kind == LEDE_QUERY_ALL ||
                   node->kind == LEDE_QUERY_DATES || node->kind == LEDE_QUERY_LENGTH;
    bool is_group = !is_leaf;
    assert_true(node->weight > 0 && node->weight <= 100);
    assert_true(node->start <= size && node->size <= size - node->start);
    assert_true(is_group == (node->child_count > 0));
    assert_true(node->kind != LEDE_QUERY_NOT || (parent && parent->kind == LEDE_QUERY_AND));
    assert_true((node->kind != LEDE_QUERY_AND && node->kind != LEDE_QUERY_OR) ||
                node->child_count >= (node->is_one_word ? 1 : 2));
    assert_true(node->kind != LEDE_QUERY_MAYBE || node->child_count == 2);
    assert_true(node->kind != LEDE_QUERY_PHRASE || node->word_count >= 2);
    assert_true(is_group || node->kind == LEDE_QUERY_ALL || node->fields != 0);
    assert_true(!lede_query_is_proximity(node->kind) || node->fields != 0);
    for (size_t i = 0; i < node->word_count; i++)
        assert_true(node->words[i].word_size > 0 && node->words[i].stem_count > 0);
    size_t positive = 0;
    for (size_t i = 0; i < node->child_count; i++) {
        const struct lede_query_node *child = node->children[i];
        positive += child->kind != LEDE_QUERY_NOT;
        assert_true(child->kind != node->kind || child->weight != 1 || child->is_one_word ||
                    node->kind == LEDE_QUERY_MAYBE || lede_query_is_proximity(node->kind));
        check_tree(child, node, size);
    }
    assert_true(node->kind != LEDE_QUERY_AND || positive > 0);
}

/* A tree goes to another machine as bytes. What was cut off, or changed on the way, is refused, or
 * is some other tree; nothing is read behind it. */
static void check_bytes(const char *text, const struct lede_query *query)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer bytes = {0};
    LEDE_CLEANUP(lede_query_freep) struct lede_query *copy = NULL;
    lede_query_encode(query, &bytes);
    struct lede_wire_reader reader = lede_wire_reader_of(bytes.data, bytes.size);
    struct lede_error error = {0};
    if (lede_query_decode(&reader, &copy, &error) != LEDE_OK ||
        lede_wire_end(&reader, "a tree", &error) != LEDE_OK)
        fail_case(error.message, text, NULL);
    if (!lede_query_equal(lede_query_root(query), lede_query_root(copy)))
        fail_case("its bytes are another tree", text, NULL);
    for (int i = 0; i < 4; i++) {
        LEDE_CLEANUP(lede_query_freep) struct lede_query *other = NULL;
        size_t size = pick((uint32_t)bytes.size);
        LEDE_CLEANUP(lede_freep) char *cut = malloc(size + 1);
        assert_non_null(cut);
        memcpy(cut, bytes.data, size);
        reader = lede_wire_reader_of(cut, size);
        assert_int_equal(lede_query_decode(&reader, &other, NULL), LEDE_EINPUT);
        bytes.data[pick((uint32_t)bytes.size)] = (char)pick(256);
        reader = lede_wire_reader_of(bytes.data, bytes.size);
        (void)!lede_query_decode(&reader, &other, NULL);
    }
}

static struct lede_query_options random_options(void)
{
    struct lede_query_options options = test_options(pick(2));
    options.forgiving = pick(2);
    options.synonyms = pick(3) ? synonyms : NULL;
    if (pick(2))
        options.languages = LEDE_LANGUAGE_BIT(lede_language_find("en", 2)) |
                            LEDE_LANGUAGE_BIT(lede_language_find("fr", 2));
    return options;
}

static void printed_queries_parse_to_the_same_tree(void **state)
{
    (void)state;
    struct lede_buffer out = {0};
    for (uint64_t i = environment_number("LEDE_TEST_CASES", CASES_DEFAULT); i > 0; i--) {
        struct lede_query_options options = random_options();
        LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
        struct lede_error error = {0};
        lede_buffer_clear(&out);
        put_query(&out, 4);
        enum lede_status st =
            lede_query_parse(out.data, out.size, &options, test_analyzer, &query, &error);
        if (st == LEDE_ELIMIT)
            continue;
        if (st != LEDE_OK)
            fail_case(error.message, out.data, out.data + error.position);
        check_tree(lede_query_root(query), NULL, out.size);
        check_round_trip(out.data, query, &options);
        check_bytes(out.data, query);
    }
    lede_buffer_done(&out);
}

/* Any text: pieces of the language and bytes in any order. */
static void put_noise(struct lede_buffer *out)
{
    static const char *const pieces[] = {"(", ")", "\"", "“", "”", "„", "«", "»", "＂", "*", "?",
        "~", "~2", "^", "^2", "^0", "=", "+", "-", "--", ":",
        "title:", "titel:", "published:", "published:>", "2022-01", "..", "-7d", "\\", "\\\"", "{",
        "}", "{a", "b}", "{kyiv, ", "en:", "AND", "OR", "NOT", "NEAR/3", "SAME s", "ADJ",
        "ATLEAST/2", "near5", "w/5", "/3", "+4", "atleast3", "w/s", "|", "!", "LEAD(", "CAPS",
        "LEAD:", "LENGTH", "<5", "👍🏽", "&", "'", ".", ",", "京", "\u3000", "\u00ad", "\u0301",
        "\t"};
    for (uint32_t i = 1 + pick(14); i > 0; i--) {
        put(out, pick(3) ? PICK(pieces) : PICK(words));
        if (pick(3) == 0)
            put(out, " ");
        if (pick(60) == 0)
            lede_buffer_append_char(out, (char)pick(256));
    }
}

static void any_text_parses_or_says_where_it_does_not(void **state)
{
    (void)state;
    struct lede_buffer out = {0};
    for (uint64_t i = 3 * environment_number("LEDE_TEST_CASES", CASES_DEFAULT); i > 0; i--) {
        struct lede_query_options options = random_options();
        LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
        struct lede_error error = {0};
        lede_buffer_clear(&out);
        put_noise(&out);
        enum lede_status st =
            lede_query_parse(out.data, out.size, &options, test_analyzer, &query, &error);
        bool is_text = lede_utf8_is_valid(out.data, out.size) && !memchr(out.data, '\0', out.size);
        if (!is_text)
            assert_int_equal(st, LEDE_EINPUT);
        if (st == LEDE_OK) {
            check_tree(lede_query_root(query), NULL, out.size);
            check_round_trip(out.data, query, &options);
            continue;
        }
        assert_true(st == LEDE_EINPUT || st == LEDE_EUNSUPPORTED || st == LEDE_ELIMIT);
        if (!error.has_position || error.position > out.size || !*error.message || !*error.hint)
            fail_case("an error without position, message or hint", out.data, error.message);
        assert_true(lede_utf8_is_valid(error.message, strlen(error.message)));
        assert_true(
            !is_text || lede_utf8_boundary(out.data, out.size, error.position) == error.position);
    }
    lede_buffer_done(&out);
}

static int setup(void **state)
{
    struct lede_error error = {0};
    if (support_setup(state) != 0)
        return -1;
    enum lede_status st = lede_synonyms_read(
        synonym_lines, strlen(synonym_lines), "lines", test_analyzer, &synonyms, &error);
    if (st != LEDE_OK)
        print_error("%s\n", error.message);
    return st == LEDE_OK ? 0 : -1;
}

static int teardown(void **state)
{
    lede_synonyms_unrefp(&synonyms);
    return support_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_queries_parse_to_the_same_tree),
        cmocka_unit_test(any_text_parses_or_says_where_it_does_not),
    };
    random_state = environment_number("LEDE_TEST_SEED", UINT64_C(20220119)) | 1;
    fprintf(stderr, "# LEDE_TEST_SEED=%llu\n", (unsigned long long)random_state);
    return cmocka_run_group_tests_name("query properties", tests, setup, teardown);
}
