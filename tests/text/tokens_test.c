/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a token is: one test for each rule. */
#include <string.h>

#include "text_test.h"

static void punctuation_and_symbols_end_a_word(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "und", "One, two; (three) four/five $6 7% a=b",
        "one|two|three|four|five|6|7|a|b");
}

static void an_empty_text_has_no_tokens(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "en", "", "");
    assert_tokens(SHOW_WORDS, "en", " \n ... — “” ☎ © 🏽", "");
}

static void a_word_as_written_has_its_accents(void **state)
{
    (void)state;
    assert_tokens(SHOW_WRITTEN, "es", "El AÑO, an\u0303o, ano", "el|año|año|ano");
    assert_tokens(SHOW_WRITTEN, "de", "Straße Masse", "straße|masse");
    assert_tokens(SHOW_WRITTEN, "de", "STRAẞE Schröder", "straße|schröder|schröder");
    assert_tokens(SHOW_WRITTEN, "fr", "l’Été cœur", "l'été|été|cœur");
    assert_tokens(SHOW_WRITTEN, "en", "Zoë’s résu-\nmés", "zoë's|zoë|résumés|résu|més");
    assert_tokens(SHOW_WRITTEN, "pl", "Łódź ĄĘ", "łódź|ąę");
    assert_tokens(SHOW_WRITTEN, "vi", "Thiê\u0301t đặt", "thiết|đặt");
    assert_tokens(SHOW_WRITTEN, "tr", "İzmir ışık ŞIK", "izmir|işik|şik");
    assert_tokens(SHOW_WRITTEN, "ru", "Ёлка йод и\u0306од за\u0301мок", "ёлка|йод|йод|за\u0301мок");
    assert_tokens(SHOW_WRITTEN, "el", "Ποτέ ΠΟΤΕ", "ποτέ|ποτε");
    assert_tokens(SHOW_WRITTEN, "ar", "كِتَاب", "كتاب");
    assert_tokens(SHOW_WRITTEN, "en", "ﬁancé ＮＨＫ É.U.", "fiancé|nhk|éu");
    assert_query_tokens(SHOW_WRITTEN, "und", "año 東京é", "año|東京|é");
}

static void an_emoji_is_a_word_whatever_stands_beside_it(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "en", "Great😀😀news!", "great|😀|😀|news");
    assert_tokens(SHOW_WORDS, "en", "🇺🇦🇵🇱 🇺", "🇺🇦|🇵🇱");
    assert_tokens(SHOW_WORDS, "en", "👍🏽 👍", "👍|👍");
    assert_tokens(SHOW_WORDS, "en", "👨\u200D👩\u200D👧 ❤\uFE0F\u200D🔥 ❤\uFE0F ❤", "👨👩👧|❤🔥|❤");
    assert_tokens(SHOW_WORDS, "de", "☎ 030\u00A0/ 12 1\uFE0F\u20E3", "030|12|1");
}

static void the_first_letter_of_a_run_is_a_word_behind_anything(void **state)
{
    (void)state;
    assert_tokens(SHOW_ALL, "zh", "邀请 老人", "邀请|请|老人|老|人");
    assert_tokens(SHOW_ALL, "ko", "대통령 선거", "대통|통령|령|선거|거");
}

static void an_apostrophe_between_letters_stays_in_the_word(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "en", "O'Brien O’Brien OʼBrien O＇Brien O‘Brien O´Brien",
        "o'brien|o'brien|o'brien|o'brien|o'brien|o'brien");
    assert_tokens(SHOW_RANGES, "en", "said O’Brien.", "said|O’Brien");
}

static void an_apostrophe_at_the_edge_is_a_quotation_mark(void **state)
{
    (void)state;
    assert_tokens(
        SHOW_RANGES, "en", "'quoted' the dogs' ‘so’ rock'n'roll", "quoted|the|dogs|so|rock'n'roll");
}

static void a_possessive_goes_from_the_term_and_stays_in_the_word(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "en", "Ukraine's O’Brien’s 1990's", "ukraine's|o'brien's|1990's");
    assert_tokens(SHOW_FLAGS, "en", "NATO's", "nato's+S+P|nato+J+U+p");
    assert_tokens(SHOW_TERMS, "en", "Ukraine's O’Brien’s 1990's", "ukrain|o'brien|1990");
    assert_tokens(SHOW_TERMS, "und", "Merkel's", "merkel");
    assert_tokens(SHOW_TERMS, "ja", "Merkel's", "merkel");
}

static void an_ampersand_between_letters_stays(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "en", "AT&T R&D AT & T Q＆A 1&2 &c", "at&t|r&d|at|t|q&a|1|2|c");
}

static void letters_between_full_stops_are_an_acronym(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "en", "U.S. U.S.A. a.m. e.g. С.Ш.А.", "us|usa|am|eg|сша");
    assert_tokens(SHOW_RANGES, "en", "The U.S. and U.S.A now", "The|U.S.|and|U.S.A|now");
    assert_tokens(SHOW_RANGES, "en", "J.R.R.Tolkien U.S.-based", "J.R.R.|Tolkien|U.S.|based");
    assert_tokens(SHOW_WORDS, "en", "the U.S.'s role", "the|us's|role");
    assert_tokens(SHOW_TERMS, "en", "the U.S.'s role", "the|us|role");
}

static void a_full_stop_between_longer_words_parts_them(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "en", "example.org end.Next Plan B. It a.bc",
        "example|org|end|next|plan|b|it|a|bc");
}

static void numbers_stay_as_written(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "en", "3.5 3,5 1.2.3 192.168.0.1 3.5m 2022. 7,",
        "3.5|3,5|1.2.3|192.168.0.1|3.5m|2022|7");
    assert_tokens(
        SHOW_WORDS, "de", "1.234,56 1.000.000 19.11.2022", "1.234,56|1.000.000|19.11.2022");
}

static void commas_between_groups_of_three_are_dropped(void **state)
{
    (void)state;
    assert_tokens(
        SHOW_WORDS, "en", "1,000 1,200,000 12,345.67 1,000th", "1000|1200000|12345.67|1000th");
    assert_tokens(SHOW_RANGES, "en", "about 1,200,000, or", "about|1,200,000|or");
    assert_tokens(SHOW_WORDS, "en", "1234,567", "1234,567");
}

static void commas_of_a_list_part_numbers(void **state)
{
    (void)state;
    assert_tokens(SHOW_FLAGS, "en", "1,2,3", "1+S+P|2+J|3+J");
    assert_tokens(SHOW_WORDS, "en", "1,23,456 11,1,000", "1|23|456|11|1|000");
}

static void letters_and_digits_mix(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "en", "B2B G20 covid19 4x4 CO₂ km²", "b2b|g20|covid19|4x4|co2|km2");
}

static void digits_of_every_script_are_the_same(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "ar", "٢٠٢٢ ۲۰۲۲ २०२२ ２０２２", "2022|2022|2022|2022");
}

static void a_hyphen_splits_and_joins(void **state)
{
    (void)state;
    assert_tokens(SHOW_FLAGS, "en", "a longest-lived 3-2 x–y", "a+S+P|longest|lived+J|3|2+J|x|y+J");
}

static void a_compound_with_a_short_part_is_written_closed_too(void **state)
{
    (void)state;
    assert_tokens(SHOW_FLAGS, "en", "an e-mail", "an+S+P|e|mail+J|email+J+c");
    assert_tokens(
        SHOW_ALL, "en", "COVID-19-related F\u201116", "covid|19|covid19|related|f|16|f16");
    assert_tokens(SHOW_ALL, "en", "20-year-old 3-D 3-2", "20|year|old|3|d|3d|3|2");
    assert_tokens(SHOW_ALL, "en", "state-of-the-\nart", "state|of|stateof|the|art");
    assert_tokens(SHOW_ALL, "en", "F-\n16 e -mail e- mail", "f|16|f16|e|mail|e|mail");
    assert_tokens(SHOW_ALL, "fr", "dit-il", "dit|il");
    assert_query_tokens(SHOW_ALL, "en", "e-mail", "e|mail");
}

static void a_persian_joint_parts_and_joins(void **state)
{
    (void)state;
    assert_tokens(SHOW_FLAGS, "fa", "می\u200Cخواهد", "مي+S+P|خواهد+J|ميخواهد+J+c");
}

static void figures_meet_however_their_groups_are_parted(void **state)
{
    (void)state;
    assert_tokens(
        SHOW_ALL, "fr", "12\u00A0500 1\u202F234\u202F567,8", "12|500|12500|1|234|567,8|1234567,8");
    assert_tokens(SHOW_ALL, "fr", "12 500 en 2010 500", "12|500|12500|en|2010|500");
    assert_tokens(SHOW_ALL, "en", "12 500 12.500 12'500", "12|500|12.500|12500");
    assert_tokens(
        SHOW_ALL, "de", "12.500 1.234,5 1.23 5’10", "12.500|12500|1.234,5|1234,5|1.23|5|10");
    assert_tokens(SHOW_FLAGS, "en", "3½ ½", "3.5+S+P|3+J+p|3,5+J+s");
}

static void a_quote_within_a_hebrew_word_is_of_it(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "he", "צה\"ל צה״ל צה”ל", "צהל|צהל|צהל");
    assert_tokens(SHOW_RANGES, "he", "\"צה\"ל\" a\"b", "צה\"ל|a|b");
}

static void addresses_and_urls_split_at_punctuation(void **state)
{
    (void)state;
    assert_tokens(
        SHOW_FLAGS, "und", "to jane.doe@example.org", "to+S+P|jane|doe+J|example+J|org+J");
    assert_tokens(SHOW_FLAGS, "und", "see https://lede.example/a_b?q=c",
        "see+S+P|https|lede+J|example+J|a+J|b+J|q+J|c+J");
}

static void hashtags_and_names_lose_their_sign(void **state)
{
    (void)state;
    assert_tokens(SHOW_RANGES, "en", "#MeToo and @name", "MeToo|and|name");
}

static void curly_quotes_are_no_part_of_a_word(void **state)
{
    (void)state;
    assert_tokens(SHOW_RANGES, "en", "the “peaceful way”. „So“ «si»", "the|peaceful|way|So|si");
}

static void soft_hyphens_and_joiners_go_but_are_in_the_range(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "de", "Zeit\u00ADung می\u200Cخواهم a\uFE0Fb", "zeitung|مي|خواهم|ab");
    assert_tokens(SHOW_RANGES, "de", "Zeit\u00ADung\u00AD.", "Zeit\u00ADung");
}

static void right_to_left_text_keeps_its_byte_order(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "und", "\u200Fקרא את \u202Bהעיתון\u202C, צה״ל", "קרא|את|העיתון|צהל");
    assert_tokens(SHOW_RANGES, "ar", "\u200Fقال الرئيس\u200F.", "قال|الرئيس");
}

static void combining_marks_belong_to_their_letter(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "und", "cafe\u0301 re\u0301sume\u0301s E\u0301", "cafe|resumes|e");
    assert_tokens(SHOW_RANGES, "und", "cafe\u0301!", "cafe\u0301");
    assert_tokens(SHOW_WORDS, "hi", "हिन्दी", "हिंदी");
}

static void unspaced_scripts_become_bigrams(void **state)
{
    (void)state;
    assert_tokens(SHOW_FLAGS, "ja", "東京都 で", "東京+S+P+N|京都+N+J|都+N+J|で+N");
    assert_tokens(SHOW_RANGES, "zh", "长江。经", "长江|江|经");
    assert_tokens(SHOW_WORDS, "ko", "한국어", "한국|국어|어");
    assert_tokens(SHOW_WORDS, "th", "ที่นี่", "ที่นี่|นี่");
}

static void a_query_has_no_lone_last_letter(void **state)
{
    (void)state;
    assert_query_tokens(SHOW_WORDS, "ja", "東京都 で AB", "東京|京都|で|ab");
}

static void the_first_letter_of_a_run_glued_to_something_is_a_word_too(void **state)
{
    (void)state;
    assert_tokens(SHOW_FLAGS, "ja", "100人が", "100+S+P|人が+N+J|人+N+J+p|が+N+J");
    assert_tokens(SHOW_ALL, "ja", "「都知事」", "都知|知事|事");
    assert_tokens(SHOW_ALL, "ja", "A「都知事」", "a|都知|都|知事|事");
    assert_tokens(SHOW_FLAGS, "ko", "100명을 만", "100+S+P|명을+N+J|명+N+J+p|을+N+J|만+N");
    assert_query_tokens(SHOW_WORDS, "ja", "100人が", "100|人が");
}

static void a_line_break_within_a_sentence_parts_no_unspaced_word(void **state)
{
    (void)state;
    assert_tokens(SHOW_RANGES, "ja", "東京\n都知事", "東京|京\n都|都知|知事|事");
    assert_tokens(SHOW_WORDS, "zh", "　　日新\r\n　　闻", "日新|新闻|闻");
    assert_tokens(SHOW_WORDS, "ja", "東京\n\n都知事", "東京|京|都知|知事|事");
    assert_tokens(SHOW_WORDS, "ja", "東京 都知事", "東京|京|都知|知事|事");
    assert_tokens(SHOW_WORDS, "ko", "서울\n시", "서울|울|시");
}

static void pieces_of_a_word_broken_over_a_line_are_words_too(void **state)
{
    (void)state;
    assert_tokens(SHOW_ALL, "de", "der Bundes-\nkanzler", "der|bundeskanzler|bundes|kanzler");
    assert_tokens(
        SHOW_FLAGS, "en", "Multi-\nnational firm", "multinational+S+P|multi+J+p|national+J+p|firm");
    assert_tokens(
        SHOW_ALL, "de", "Haupt-\nund Neben-\nStraße", "haupt|und|neben|strasse|nebenstrasse");
    assert_tokens(
        SHOW_ALL, "en", "e-\nmail well-\n\nknown 5-\nyear", "e|mail|email|well|known|5|year");
    assert_query_tokens(SHOW_ALL, "de", "Bundes-\nkanzler", "bundeskanzler");
}

static void umlauts_are_written_out_in_names_and_where_the_language_does_so(void **state)
{
    (void)state;
    assert_tokens(SHOW_ALL, "en", "Schröder über Ålborg", "schroder|schroeder|uber|alborg|aalborg");
    assert_tokens(SHOW_ALL, "de", "u\u0308ber O\u0308l ÖL", "uber|ueber|ol|oel|ol|oel");
    assert_tokens(SHOW_FLAGS, "no", "ØST øst", "ost+S+P+U|oest+J+U+s|ost|oest+J+s");
    assert_tokens(SHOW_ALL, "es", "pingüino Zoë", "pinguino|zoe");
}

static void what_is_behind_an_elided_article_is_a_word_too(void **state)
{
    (void)state;
    assert_tokens(SHOW_ALL, "fr", "l’homme qu'il", "l'homme|homme|qu'il|il");
    assert_tokens(SHOW_FLAGS, "it", "dell’ONU", "dell'onu+S+P|onu+J+U+p");
    assert_tokens(
        SHOW_ALL, "en", "d’Orsay d'you O'Brien can't", "d'orsay|orsay|d'you|o'brien|can't");
}

static void a_run_ends_where_the_script_changes(void **state)
{
    (void)state;
    assert_tokens(
        SHOW_FLAGS, "ja", "NHK放送2011年", "nhk+S+P+U|放送+N+J|放+N+J+p|送+N+J|2011+J|年+N+J");
    assert_tokens(SHOW_WORDS, "ja", "ジョン・スミス", "ジョ|ョン|ン|スミ|ミス|ス");
}

static void sound_and_iteration_marks_belong_to_the_run(void **state)
{
    (void)state;
    assert_query_tokens(SHOW_WORDS, "ja", "サーバー 人々", "サー|ーバ|バー|人々");
}

static void half_width_katakana_become_full_width(void **state)
{
    (void)state;
    assert_query_tokens(SHOW_WORDS, "ja", "ｶﾞｽ ガス か\u3099く", "ガス|ガス|がく");
    assert_query_tokens(SHOW_RANGES, "ja", "ｶﾞｽ", "ｶﾞｽ");
}

static void catalan_double_l_is_one_word(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "ca", "col·lecció a·b", "colleccio|a|b");
}

static void capitals_are_flagged(void **state)
{
    (void)state;
    assert_tokens(
        SHOW_FLAGS, "en", "a NATO G20 Nato U.S. X ÉTÉ", "a+S+P|nato+U|g20|nato|us+U|x|ete+U");
}

static void sentences_and_paragraphs_are_flagged(void **state)
{
    (void)state;
    assert_tokens(
        SHOW_FLAGS, "en", "One two. Three\nfour.\n\nFive", "one+S+P|two|three+S|four|five+S+P");
    assert_tokens(SHOW_FLAGS, "en", "One\r\n \r\ntwo", "one+S+P|two+S+P");
}

static void invalid_bytes_end_a_word_and_are_counted(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    const char text[] = "ab\xFF"
                        "cd \xE2\x82 ef\xC3";
    struct lede_tokens tokens;
    struct lede_token token;
    size_t count = 0;
    lede_tokens_init(
        &tokens, analyzer, LEDE_TOKENS_DOCUMENT, LEDE_LANGUAGE_UND, text, sizeof(text) - 1);
    while (lede_tokens_next(&tokens, &token))
        count++;
    assert_int_equal(count, 3);
    assert_int_equal(tokens.invalid_bytes, 4);
}

static size_t first_word_of(
    struct lede_analyzer *analyzer, const char *text, size_t size, char *ret_word)
{
    struct lede_tokens tokens;
    struct lede_token token;
    lede_tokens_init(&tokens, analyzer, LEDE_TOKENS_DOCUMENT, language_named("en"), text, size);
    assert_true(lede_tokens_next(&tokens, &token));
    assert_int_equal(token.size, size);
    assert_string_equal(token.word, token.term);
    memcpy(ret_word, token.word, token.word_size + 1);
    return token.word_size;
}

static void a_long_word_is_cut_and_hashed(void **state)
{
    (void)state;
    static char text[1 << 20];
    char one[LEDE_TERM_SIZE_MAX + 1], other[LEDE_TERM_SIZE_MAX + 1];
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    static const size_t sizes[] = {LEDE_TERM_SIZE_MAX + 1, 4096, 4097, sizeof(text)};
    for (size_t i = 0; i < LEDE_COUNT_OF(sizes); i++) {
        memset(text, 'a', sizes[i]);
        size_t size = first_word_of(analyzer, text, sizes[i], one);
        assert_true(size <= LEDE_TERM_SIZE_MAX && one[size - 17] == '#');
        text[sizes[i] - 1] = 'B';
        first_word_of(analyzer, text, sizes[i], other);
        assert_string_not_equal(one, other);
        text[sizes[i] - 1] = 'b'; /* the folded word counts, and a query's word may come whole */
        lede_stem(analyzer, language_named("en"), text, sizes[i], one);
        assert_string_equal(one, other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(punctuation_and_symbols_end_a_word),
        cmocka_unit_test(an_empty_text_has_no_tokens),
        cmocka_unit_test(a_word_as_written_has_its_accents),
        cmocka_unit_test(an_emoji_is_a_word_whatever_stands_beside_it),
        cmocka_unit_test(the_first_letter_of_a_run_is_a_word_behind_anything),
        cmocka_unit_test(an_apostrophe_between_letters_stays_in_the_word),
        cmocka_unit_test(an_apostrophe_at_the_edge_is_a_quotation_mark),
        cmocka_unit_test(a_possessive_goes_from_the_term_and_stays_in_the_word),
        cmocka_unit_test(an_ampersand_between_letters_stays),
        cmocka_unit_test(letters_between_full_stops_are_an_acronym),
        cmocka_unit_test(a_full_stop_between_longer_words_parts_them),
        cmocka_unit_test(numbers_stay_as_written),
        cmocka_unit_test(commas_between_groups_of_three_are_dropped),
        cmocka_unit_test(commas_of_a_list_part_numbers),
        cmocka_unit_test(letters_and_digits_mix),
        cmocka_unit_test(digits_of_every_script_are_the_same),
        cmocka_unit_test(a_hyphen_splits_and_joins),
        cmocka_unit_test(a_compound_with_a_short_part_is_written_closed_too),
        cmocka_unit_test(a_persian_joint_parts_and_joins),
        cmocka_unit_test(figures_meet_however_their_groups_are_parted),
        cmocka_unit_test(a_quote_within_a_hebrew_word_is_of_it),
        cmocka_unit_test(addresses_and_urls_split_at_punctuation),
        cmocka_unit_test(hashtags_and_names_lose_their_sign),
        cmocka_unit_test(curly_quotes_are_no_part_of_a_word),
        cmocka_unit_test(soft_hyphens_and_joiners_go_but_are_in_the_range),
        cmocka_unit_test(right_to_left_text_keeps_its_byte_order),
        cmocka_unit_test(combining_marks_belong_to_their_letter),
        cmocka_unit_test(unspaced_scripts_become_bigrams),
        cmocka_unit_test(a_query_has_no_lone_last_letter),
        cmocka_unit_test(the_first_letter_of_a_run_glued_to_something_is_a_word_too),
        cmocka_unit_test(a_line_break_within_a_sentence_parts_no_unspaced_word),
        cmocka_unit_test(pieces_of_a_word_broken_over_a_line_are_words_too),
        cmocka_unit_test(umlauts_are_written_out_in_names_and_where_the_language_does_so),
        cmocka_unit_test(what_is_behind_an_elided_article_is_a_word_too),
        cmocka_unit_test(a_run_ends_where_the_script_changes),
        cmocka_unit_test(sound_and_iteration_marks_belong_to_the_run),
        cmocka_unit_test(half_width_katakana_become_full_width),
        cmocka_unit_test(catalan_double_l_is_one_word),
        cmocka_unit_test(capitals_are_flagged),
        cmocka_unit_test(sentences_and_paragraphs_are_flagged),
        cmocka_unit_test(invalid_bytes_end_a_word_and_are_counted),
        cmocka_unit_test(a_long_word_is_cut_and_hashed),
    };
    return cmocka_run_group_tests_name("text tokens", tests, NULL, NULL);
}
