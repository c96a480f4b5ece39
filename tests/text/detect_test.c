/* Which language is this text? The texts are written for this test. */
#include <string.h>

#include "text_test.h"

static void assert_detects(const char *text, const char *code)
{
    LEDE_CLEANUP(lede_language_detector_freep) struct lede_language_detector *detector = NULL;
    assert_int_equal(lede_language_detector_new(&detector, NULL), LEDE_OK);
    assert_string_equal(lede_language_code(lede_language_detect(detector, text, strlen(text))), code);
}

static void languages_of_the_latin_alphabet_are_told_apart(void **state)
{
    (void)state;
    assert_detects(
        "The harbour council will vote on Thursday whether the old ferry line is to be kept open during "
        "the winter, after months of complaints from the islands.",
        "en");
    assert_detects(
        "Der Stadtrat will am Donnerstag darüber abstimmen, ob die alte Fährverbindung auch im Winter "
        "erhalten bleibt, nachdem sich die Inseln monatelang beschwert hatten.",
        "de");
    assert_detects(
        "Le conseil municipal votera jeudi pour savoir si l'ancienne ligne de ferry restera ouverte "
        "pendant l'hiver, après des mois de plaintes des habitants des îles.",
        "fr");
    assert_detects(
        "El consejo municipal votará el jueves si la antigua línea de transbordadores seguirá abierta "
        "durante el invierno, tras meses de quejas de los habitantes de las islas.",
        "es");
}

static void scripts_of_one_language_decide(void **state)
{
    (void)state;
    assert_detects("港の議会は木曜日に投票する。", "ja");
    assert_detects("港口议会星期四投票决定渡轮航线。", "zh");
    assert_detects("항구 의회는 목요일에 투표한다", "ko");
    assert_detects("Το συμβούλιο του λιμανιού ψηφίζει την Πέμπτη", "el");
    assert_detects("สภาท่าเรือจะลงคะแนนเสียงในวันพฤหัสบดี", "th");
}

static void languages_of_other_shared_scripts_are_told_apart(void **state)
{
    (void)state;
    assert_detects(
        "Городской совет проголосует в четверг по вопросу о сохранении старой паромной линии зимой.", "ru");
    assert_detects("Міська рада проголосує у четвер щодо збереження старої поромної лінії взимку.", "uk");
    assert_detects("سيصوت مجلس المدينة يوم الخميس على إبقاء خط العبارة القديم مفتوحا خلال فصل الشتاء", "ar");
    assert_detects("מועצת העיר תצביע ביום חמישי על השארת קו המעבורת הישן פתוח בחורף", "he");
}

static void short_or_wordless_text_is_undetermined(void **state)
{
    (void)state;
    assert_detects("", "und");
    assert_detects("Hello", "und");
    assert_detects("12345 67890 — 11.12.2013 14:15:16 !!! $$$ 20 30 40", "und");
    assert_detects("\xFF\xFE\xC3", "und");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(languages_of_the_latin_alphabet_are_told_apart),
        cmocka_unit_test(scripts_of_one_language_decide),
        cmocka_unit_test(languages_of_other_shared_scripts_are_told_apart),
        cmocka_unit_test(short_or_wordless_text_is_undetermined),
    };
    return cmocka_run_group_tests_name("text detect", tests, NULL, NULL);
}
