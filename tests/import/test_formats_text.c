/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables, wires and mail as documents; text only where it is called so. */
#include "formats_test.h"

static void a_table_becomes_documents(void **state)
{
    (void)state;
    assert_file("a.csv",
        "\xEF\xBB\xBFTitle;body;tags;desk\r\n"
        "\"Ferry; aground\";\"One \"\"two\"\"\nthree\";sea, rail;7\r\n\r\nNext;;;\r\n",
        "2:{\"title\":\"Ferry; aground\",\"body\":\"One \\\"two\\\"\\nthree\","
        "\"tags\":[\"sea\",\"rail\"],\"csv\":{\"desk\":\"7\"}}|5:{\"title\":\"Next\"}|");
}

static void a_tables_bad_records_are_told(void **state)
{
    (void)state;
    assert_file("a.tsv", "title\tbody\none\ttwo\tthree\nfour\t\"five\nsix\tseven\n",
        "2:!line 2: expected 2 columns as in the header, found more: 'three'|"
        "3:!line 3: expected a quote that ends the column, found the end|"
        "4:{\"title\":\"six\",\"body\":\"seven\"}|");
}

static void columns_are_named_from_outside(void **state)
{
    (void)state;
    static const char text[] = "headline,story,when\nFerry,Text,2022-01-19\n";
    static const char *const columns[] = {"title=headline", "body=story", "published=when", NULL};
    struct lede_splitter_options options = {.path = "a.csv", .columns = columns};
    struct lede_buffer items = {0};
    split_file(options, text, strlen(text), 9, &items);
    LEDE_CLEANUP(lede_freep) char *found = lede_buffer_take(&items);
    assert_string_equal(
        found, "2:{\"title\":\"Ferry\",\"body\":\"Text\",\"published\":\"2022-01-19T00:00:00Z\"}|");
}

static void an_anpa_message_becomes_a_document(void **state)
{
    (void)state;
    assert_file("a.tst",
        "\x16\x16\x01W0042\x1F_x\r\nr s\x13\x11 BC-Ferry-Aground 1stLd-Writethru   01-19 0042\r\n"
        "\x02^BC-Ferry-Aground, 1st Ld-Writethru,42<\r\n^Ferry runs aground off coast<\r\n"
        "^By JANE DOE=\r\n^Example Press=\r\n"
        "\t   OSLO, Norway (EX) _ A ``ferry'' ran aground. \r\n \r\n\t   Nobody was hurt. \r\n"
        "\x03"
        "EX-WF-01-19-22 1804GMT<\r\n\x0C\r\n\x04",
        "1:{\"id\":\"anpa:22-01-19:Ferry-Aground\",\"title\":\"Ferry runs aground off coast\","
        "\"body\":\"OSLO, Norway (EX) \xE2\x80\x94 A \xE2\x80\x9C"
        "ferry\xE2\x80\x9D ran aground.\\n\\nNobody was hurt.\","
        "\"author\":[\"JANE DOE\"],\"source\":\"EX\",\"section\":\"sports\","
        "\"places\":[\"OSLO, "
        "Norway\"],\"published\":\"2022-01-19T18:04:00Z\",\"updated\":\"2022-01-19T18:04:00Z\","
        "\"anpa\":{\"service\":\"W\",\"number\":\"0042\",\"selector\":\"_x\",\"priority\":\"r\","
        "\"category\":\"s\",\"slug\":\"BC-Ferry-Aground\",\"version\":\"1st Ld-Writethru\","
        "\"words\":\"0042\",\"keyword\":\"Ferry-Aground\",\"byline_title\":\"Example Press\","
        "\"sender\":\"EX\"}}|");
}

#define IPTC(number, mark, end)                                                                    \
    "\x01"                                                                                         \
    "exa" number " 4 i 42 x\r\n\r\nSea/Ferry/\r\n\x02" mark                                        \
    "Ferry aground\r\nBy Jane Doe, ex =\r\n\r\n   Oslo (ex) - One\r\ntwo.\r\n\r\n   Three.\r\n"    \
    "\x03" end

static void an_iptc_message_and_its_kill_become_one_document(void **state)
{
    (void)state;
    assert_file("wire.txt",
        IPTC("7", "1ST LEAD\r\n", "191804 GMT Jan 22\r\n\x04\r\n")
            IPTC("9", "MANDATORY KILL\r\n", "191900 GMT Jan 22\r\n\x04"),
        "1:{\"id\":\"iptc7901:exa:220119:Sea/Ferry\",\"title\":\"Ferry aground\","
        "\"body\":\"Oslo (ex) - One two.\\n\\nThree.\",\"author\":[\"Jane Doe\"],"
        "\"source\":\"ex\",\"section\":\"international\",\"tags\":[\"Sea\",\"Ferry\"],"
        "\"places\":[\"Oslo\"],\"published\":\"2022-01-19T18:04:00Z\",\"updated\":\"2022-01-19T18:"
        "04:00Z\",\"iptc7901\":{"
        "\"source\":\"exa\",\"number\":\"7\",\"priority\":\"4\",\"category\":\"i\","
        "\"words\":\"42\",\"option\":\"x\",\"slug\":\"Sea/Ferry\",\"version\":\"1ST LEAD\"}}|"
        "14:{\"id\":\"iptc7901:exa:220119:Sea/Ferry\",\"title\":\"Ferry aground\","
        "\"body\":\"Oslo (ex) - One two.\\n\\nThree.\",\"author\":[\"Jane Doe\"],"
        "\"source\":\"ex\",\"section\":\"international\",\"tags\":[\"Sea\",\"Ferry\"],"
        "\"places\":[\"Oslo\"],\"published\":\"2022-01-19T19:00:00Z\",\"status\":\"canceled\","
        "\"updated\":\"2022-01-19T19:00:00Z\","
        "\"iptc7901\":{\"source\":\"exa\",\"number\":\"9\",\"priority\":\"4\","
        "\"category\":\"i\",\"words\":\"42\",\"option\":\"x\",\"slug\":\"Sea/Ferry\","
        "\"version\":\"MANDATORY KILL\"}}|");
}

static void a_cut_message_is_told(void **state)
{
    (void)state;
    assert_file("a.7901",
        "\x01"
        "ex1 4 i 1\r\n\x02"
        "Headline =\r\nText\r\n",
        "1:!line 1: expected ETX behind the text, found the end of the message|");
}

static void a_mailbox_becomes_documents(void **state)
{
    (void)state;
    assert_file("a.mbox",
        "From jane@example.org Wed Jan 19 18:04:00 2022\n"
        "From: Jane Doe <jane@example.org>\nMessage-ID: <1@example.org>\n"
        "Subject: =?ISO-8859-1?Q?F=E4hre?=\nDate: Wed, 19 Jan 2022 18:04:00 +0100\n"
        "Content-Type: text/plain; charset=iso-8859-1\n"
        "Content-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n\n"
        "From joe@example.org Wed Jan 19 18:05:00 2022\n"
        "From: joe@example.org\nMessage-ID: <2@example.org>\nSubject: Two\n"
        "Date: Wed, 19 Jan 2022 18:05:00 +0100\nContent-Type: text/html\n\n<p>One<p>Two\n",
        "1:{\"id\":\"1@example.org\",\"title\":\"F\xC3\xA4hre\",\"body\":\"Gr\xC3\xBC\xC3\x9F"
        "e\",\"author\":[\"Jane Doe\"],\"source\":\"example.org\","
        "\"published\":\"2022-01-19T17:04:00Z\","
        "\"mail\":{\"from\":{\"address\":\"jane@example.org\"}}}|"
        "11:{\"id\":\"2@example.org\",\"title\":\"Two\",\"body\":\"One\\n\\nTwo\","
        "\"source\":\"example.org\",\"published\":\"2022-01-19T17:05:00Z\","
        "\"mail\":{\"from\":{\"address\":\"joe@example.org\"}}}|");
}

static void text_is_taken_where_it_is_called_so(void **state)
{
    (void)state;
    assert_file("a.txt", "Headline\n\nText.\n", "1:{\"title\":\"Headline\",\"body\":\"Text.\"}|");
    assert_file("a.log", "Headline\n\nText.\n",
        "!line 1: expected JSON or a format of news, found 'Headline'");
    assert_file("a", "\x89PNG\r\n\x1A\n",
        "!line 1: expected JSON or a format of news, found what looks like a PNG image");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_becomes_documents),
        cmocka_unit_test(a_tables_bad_records_are_told),
        cmocka_unit_test(columns_are_named_from_outside),
        cmocka_unit_test(an_anpa_message_becomes_a_document),
        cmocka_unit_test(an_iptc_message_and_its_kill_become_one_document),
        cmocka_unit_test(a_cut_message_is_told),
        cmocka_unit_test(a_mailbox_becomes_documents),
        cmocka_unit_test(text_is_taken_where_it_is_called_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
