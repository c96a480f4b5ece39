/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments say by which LEDE_ANALYSIS_VERSION their terms were made. Whoever changes what a
 * document becomes, by the table of fields or by the analyzer, must raise it, or old segments stay
 * as they are and are searched by other terms. So a digest of what fixed documents become stands
 * here. */
#include "entry.h"

#include "lede/encoding.h"
#include "lede/engine.h"
#include "lede/model.h"
#include "lede/number.h"

#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>

extern "C" {
#include <cmocka.h>
}

namespace
{

constexpr char DIGEST[] = "e95f21dac2f446e88e4d49d74d06ba72"; /* of version 7 */
static_assert(LEDE_ANALYSIS_VERSION == 7, "put the new version's digest above: the test prints it");

const char *const documents[] = {
    R"({"id":"en-1","title":"AT&T and O’Brien’s U.S. plans: COVID-19 costs 1,200.50",
"summary":"Ministers' lists, running late","body":
"Blinken met Lavrov. They AGREED nothing!\n\n  Then: jane@example.org, #metoo, 3.5.\n* an item",
"url":"https://www.example.org/world/2022/01/19/a-b?x=1","source":"AP","author":["Jane Doe",
"J. R. Roe"],"section":"world","tags":["ukraine","Diplomacy"],"places":["Kyiv","New York"],
"people":["Antony Blinken"],"organisations":["NATO","AT&T"],"language":"en","published":
"2022-01-19T18:04:00Z","updated":"2022-01-19T19:00:00+02:00","status":"withheld"})",
    R"({"id":"de-1","title":"Zollämter prüfen Straßenverkäufe","body":
"Die Minister beschlossen gestern höhere Preise für Züge.","language":"de","published":
"1969-12-31T23:59:59Z","embargoed_until":"2030-01-01","expires":"9999-12-31T23:59:59Z"})",
    R"({"id":"fr-1","title":"L’homme et l’État","body":
"Les élections auront lieu aujourd’hui à Besançon.","language":"fr","published":"0001-01-01"})",
    R"({"id":"es-1","title":"La asociación y los años","body":
"Los trabajadores hablaron de la situación económica.","language":"es","published":
"2022-02-28"})",
    R"({"id":"it-1","title":"L'uomo dell'anno","body":
"I ministri hanno parlato della città.","language":"it","published":"2022-02-28"})",
    R"({"id":"pt-1","body":"Falávamos das eleições e dos corações.","language":"pt-BR",
"published":"2022-02-28"})",
    R"({"id":"nl-1","body":"De ministers spraken over de vluchtelingen.","language":"nl",
"published":"2022-02-28"})",
    R"({"id":"sv-1","body":"Ministrarna talade om flyktingarnas rättigheter.","language":
"sv","published":"2022-02-28"})",
    R"({"id":"tr-1","title":"İstanbul'da ışıklar","body":
"Bakanlar köylülerin evlerinden söz etti.","language":"tr","published":"2022-02-28"})",
    R"({"id":"hu-1","body":"A miniszterek a házból beszéltek a választásokról.","language":
"hu","published":"2022-02-28"})",
    R"({"id":"ru-1","title":"Министры в Киеве","body":
"Переговоры о зерновом коридоре продолжались весь день.","language":"ru","published":
"2022-02-28"})",
    R"({"id":"sr-1","body":"Министри су говорили о изборима у Београду.","language":"sr",
"published":"2022-02-28"})",
    R"({"id":"el-1","body":"Οι υπουργοί μίλησαν για τις εκλογές.","language":"el",
"published":"2022-02-28"})",
    R"({"id":"ar-1","body":"تحدث الوزراء عن الانتخابات في المدينة.","language":"ar",
"published":"2022-02-28"})",
    R"({"id":"hi-1","body":"मंत्रियों ने चुनावों के बारे में बात की।","language":"hi",
"published":"2022-02-28"})",
    R"({"id":"ja-1","title":"東京都知事選","body":"コンピューターの時々の話。ＮＨＫが伝えた。","language":"ja",
"published":"2022-02-28"})",
    R"({"id":"zh-1","title":"部长会谈","body":"外交部长在北京举行会谈。👍🏽 老人","language":"zh","published":
"2022-02-28"})",
    R"({"id":"ko-1","body":"장관들은 선거에 대해 이야기했다.","language":"ko","published":"2022-02-28"})",
    R"({"id":"th-1","body":"รัฐมนตรีพูดคุยเรื่องการเลือกตั้ง","language":"th","published":
"2022-02-28"})",
    R"({"url":"https://example.org/made","title":"An id that is made","published":
"2022-02-28","status":"canceled"})",
    R"({"title":"No language is named here, so that it is detected from these words","body":
"The ministers of the union have said that they will not be there.","published":"2022-02-28",
"odd":{"kept":[0.1,null]},"country":["DE"]})",
};

void add(std::string *text, std::string_view bytes)
{
    *text += std::to_string(bytes.size()) + ":";
    text->append(bytes);
}

void add_places(std::string *text, const lede::EntryPlaces &places)
{
    *text += std::to_string(places.first) + "," + std::to_string(places.last) + ",";
    add(text, places.behind);
}

/* Its terms with their frequencies and places, its values, and what is stored. */
void add_document(std::string *text, struct lede_analyzer *analyzer,
    struct lede_language_detector *detector, const char *json)
{
    struct lede_document_context context = {};
    context.now_utc_s = 1700000000;
    context.detector = detector;
    struct lede_document *document = nullptr;
    struct lede_entry *entry = nullptr;
    struct lede_error error = {};
    if (lede_document_parse(json, strlen(json), &context, &document, &error) != LEDE_OK ||
        lede_entry_new(document, analyzer, &entry, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    for (size_t i = 0; i < entry->terms.term_count(); i++) {
        add(text, entry->terms.sorted(i).view());
        *text += std::to_string(entry->terms.sorted(i).wdf) + ";";
        add_places(text, entry->terms.sorted(i).places);
    }
    for (const lede::FieldPlaces &field : entry->fields) {
        *text += field.prefix;
        *text += std::to_string(field.last) + ";";
        add_places(text, field.paragraphs);
        add_places(text, field.sentences);
    }
    for (const lede::EntryValue &value : entry->values) {
        *text += std::to_string(value.slot) + "=";
        add(text, value.bytes);
    }
    add(text, entry->stored);
    lede_entry_free(entry);
    lede_document_free(document);
}

void the_analysis_version_is_raised_with_what_documents_become(void **state)
{
    (void)state;
    struct lede_analyzer *analyzer = nullptr;
    struct lede_language_detector *detector = nullptr;
    assert_int_equal(lede_analyzer_new(&analyzer, nullptr), LEDE_OK);
    assert_int_equal(lede_language_detector_new(&detector, nullptr), LEDE_OK);
    std::string text;
    for (const char *json : documents)
        add_document(&text, analyzer, detector, json);
    lede_language_detector_free(detector);
    lede_analyzer_free(analyzer);
    unsigned char digest[16];
    char digits[33];
    lede_hash128(text.data(), text.size(), digest);
    lede_hex_write(digest, sizeof(digest), digits);
    if (strcmp(digits, DIGEST) != 0)
        fail_msg("documents become other terms, values or stored texts than those of analysis "
                 "version %d: raise LEDE_ANALYSIS_VERSION in include/lede/schema.h, say in its "
                 "comment which versions are still read, and put DIGEST[] = \"%s\" here",
            LEDE_ANALYSIS_VERSION, digits);
}

} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_analysis_version_is_raised_with_what_documents_become),
    };
    return cmocka_run_group_tests_name("engine: analysis version", tests, nullptr, nullptr);
}
