/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which language is this text? The texts are written for this test. */
#include <string.h>

#include "text_test.h"

static void assert_detects(const char *text, const char *code)
{
    LEDE_CLEANUP(lede_language_detector_freep) struct lede_language_detector *detector = NULL;
    assert_int_equal(lede_language_detector_new(&detector, NULL), LEDE_OK);
    assert_string_equal(
        lede_language_code(lede_language_detect(detector, text, strlen(text))), code);
}

static void languages_of_the_latin_alphabet_are_told_apart(void **state)
{
    (void)state;
    assert_detects("The harbour council will vote on Thursday whether the old ferry line is to be "
                   "kept open during "
                   "the winter, after months of complaints from the islands.",
        "en");
    assert_detects("Der Stadtrat will am Donnerstag darüber abstimmen, ob die alte Fährverbindung "
                   "auch im Winter "
                   "erhalten bleibt, nachdem sich die Inseln monatelang beschwert hatten.",
        "de");
    assert_detects("Le conseil municipal votera jeudi pour savoir si l'ancienne ligne de ferry "
                   "restera ouverte "
                   "pendant l'hiver, après des mois de plaintes des habitants des îles.",
        "fr");
    assert_detects("El consejo municipal votará el jueves si la antigua línea de transbordadores "
                   "seguirá abierta "
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
    assert_detects("Городской совет проголосует в четверг по вопросу о сохранении старой паромной "
                   "линии зимой.",
        "ru");
    assert_detects(
        "Міська рада проголосує у четвер щодо збереження старої поромної лінії взимку.", "uk");
    assert_detects(
        "سيصوت مجلس المدينة يوم الخميس على إبقاء خط العبارة القديم مفتوحا خلال فصل الشتاء", "ar");
    assert_detects("מועצת העיר תצביע ביום חמישי על השארת קו המעבורת הישן פתוח בחורף", "he");
}

/* A sentence of news in each language, no longer than a headline with its line below. */
static const struct {
    const char *code;
    const char *text;
} sentences[] = {
    {"en", "The ferry to the islands will not sail before Monday, the harbour office said."},
    {"de", "Die Fähre zu den Inseln fährt nicht vor Montag, teilte das Hafenamt mit."},
    {"fr", "Le ferry pour les îles ne partira pas avant lundi, a annoncé le port."},
    {"es", "El transbordador a las islas no saldrá antes del lunes, según el puerto."},
    {"it", "Il traghetto per le isole non partirà prima di lunedì, ha detto il porto."},
    {"pt", "A balsa para as ilhas não sai antes de segunda-feira, informou o porto."},
    {"nl", "De veerboot naar de eilanden vaart niet voor maandag, zei het havenbedrijf."},
    {"sv", "Färjan till öarna går inte före måndag, säger hamnkontoret som också varnar för is."},
    {"no", "Ferja til øyene går ikke før mandag, sier havnekontoret, som også advarer mot is."},
    {"da",
        "Færgen til øerne sejler ikke før mandag, siger havnekontoret, som også advarer mod is."},
    {"fi", "Lautta saarille ei lähde ennen maanantaita, sanoi satamatoimisto tiedotteessa."},
    {"tr", "Adalara giden vapur pazartesiden önce kalkmayacak, liman idaresi bunu açıkladı."},
    {"hu", "A szigetekre induló komp nem indul el hétfő előtt, közölte a kikötő hivatala."},
    {"ro", "Feribotul către insule nu va pleca înainte de luni, a anunțat portul."},
    {"ca", "El transbordador a les illes no sortirà abans de dilluns, segons el port."},
    {"eu", "Uharteetara doan ferrya ez da astelehena baino lehen aterako, esan du portuak."},
    {"ga", "Ní sheolfaidh an bád farantóireachta chuig na hoileáin roimh an Luan."},
    {"id", "Kapal feri ke pulau-pulau itu tidak akan berangkat sebelum hari Senin karena cuaca."},
    {"lt", "Keltas į salas neišplauks anksčiau nei pirmadienį, pranešė uosto tarnyba."},
    {"pl", "Prom na wyspy nie wypłynie przed poniedziałkiem, podał urząd portowy."},
    {"cs", "Trajekt na ostrovy nevypluje před pondělím, oznámil přístavní úřad."},
    {"sk", "Trajekt na ostrovy nevypláva pred pondelkom, oznámil prístavný úrad, ktorý varuje aj "
           "pred ľadom."},
    {"sl", "Trajekt na otoke ne bo izplul pred ponedeljkom, so sporočili iz pristanišča."},
    {"et", "Parvlaev saartele ei välju enne esmaspäeva, teatas sadama amet."},
    {"lv", "Prāmis uz salām neizies pirms pirmdienas, paziņoja ostas pārvalde."},
    {"sq", "Trageti për në ishuj nuk do të niset para së hënës, tha zyra e portit."},
    {"is", "Ferjan til eyjanna siglir ekki fyrir mánudag, sagði hafnarskrifstofan."},
    {"af", "Die veerboot na die eilande sal nie voor Maandag vaar nie, het die hawe gesê."},
    {"az", "Adalara gedən bərə bazar ertəsindən əvvəl yola düşməyəcək, liman bildirib."},
    {"sw", "Kivuko cha kwenda visiwani hakitaondoka kabla ya Jumatatu, alisema mkuu wa bandari."},
    {"vi", "Phà ra các đảo sẽ không khởi hành trước thứ Hai, cảng vụ cho biết."},
    {"ru", "Паром на острова не отправится раньше понедельника, сообщили в порту."},
    {"uk", "Пором на острови не вийде раніше понеділка, про це повідомили в порту, який також "
           "попереджає про "
           "шторм."},
    {"bg", "Фериботът за островите няма да тръгне преди понеделник, съобщиха от пристанището."},
    {"mk", "Траектот за островите нема да тргне пред понеделник, соопштија од пристаништето."},
    {"be", "Паром на астравы не адправіцца раней за панядзелак, паведамілі ў порце."},
    {"kk", "Аралдарға баратын паром дүйсенбіге дейін жүрмейді, деп хабарлады порт."},
    {"sr", "Трајект за острва неће кренути пре понедељка, саопштила је лука."},
    {"ar", "لن تبحر العبارة إلى الجزر قبل يوم الاثنين، كما أعلنت إدارة الميناء."},
    {"fa", "کشتی جزیره پیش از دوشنبه حرکت نخواهد کرد، بندر این را اعلام کرد."},
    {"ur", "جزیروں کی کشتی پیر سے پہلے نہیں چلے گی، بندرگاہ کے دفتر نے کہا ہے۔"},
    {"he", "המעבורת לאיים לא תפליג לפני יום שני, כך הודיעה הנהלת הנמל."},
    {"yi", "די שיף צו די אינזלען וועט נישט אפגיין פאר מאנטיק, האט דער פארט געזאגט."},
    {"hi", "द्वीपों के लिए नाव सोमवार से पहले नहीं चलेगी, बंदरगाह कार्यालय ने कहा।"},
    {"ne", "टापुहरूका लागि डुङ्गा सोमबारभन्दा अघि नचल्ने भएको छ, बन्दरगाहले भन्यो।"},
    {"bn", "সোমবারের আগে দ্বীপে ফেরি যাবে না"},
    {"el", "Το πλοίο δεν θα φύγει πριν τη Δευτέρα"},
    {"hy", "Նավը չի մեկնի մինչև երկուշաբթի"},
    {"ka", "ბორანი ორშაბათამდე არ გავა"},
    {"ta", "படகு திங்கட்கிழமைக்கு முன் புறப்படாது"},
    {"th", "เรือข้ามฟากจะไม่ออกก่อนวันจันทร์"},
    {"lo", "ເຮືອຈະບໍ່ອອກກ່ອນວັນຈັນ"},
    {"km", "សាឡាងនឹងមិនចេញមុនថ្ងៃច័ន្ទទេ"},
    {"my", "တနင်္လာနေ့မတိုင်မီ ကူးတို့မထွက်ပါ"},
    {"ko", "월요일 전에는 배가 뜨지 않는다"},
    {"ja", "島への船は月曜日まで出ない"},
    {"ja", "島民避難、県対策本部発表"}, /* no kana, but forms that Chinese lacks */
    {"zh", "周一之前没有开往岛上的渡轮"},
    {"zh", "週一之前沒有開往島上的渡輪"},
};

static void a_sentence_is_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(sentences); i++)
        assert_detects(sentences[i].text, sentences[i].code);
}

/* Which of them matters little: they share a stemmer. */
static void languages_of_one_stemmer_are_taken_for_one_of_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *codes;
    } rows[] = {
        {"Trajekt za otoke neće isploviti prije ponedjeljka, priopćila je lučka uprava.",
            "hr bs sr"},
        {"Trajekt za ostrva neće krenuti pre ponedeljka, saopštila je lučka uprava.", "hr bs sr"},
        {"Kapal feri ke pulau itu tidak akan berlepas sebelum hari Isnin, kata pejabat pelabuhan.",
            "id ms"},
    };
    LEDE_CLEANUP(lede_language_detector_freep) struct lede_language_detector *detector = NULL;
    assert_int_equal(lede_language_detector_new(&detector, NULL), LEDE_OK);
    for (size_t i = 0; i < LEDE_COUNT_OF(rows); i++) {
        const char *code =
            lede_language_code(lede_language_detect(detector, rows[i].text, strlen(rows[i].text)));
        if (!strstr(rows[i].codes, code))
            fail_msg("%s, not one of %s: %s", code, rows[i].codes, rows[i].text);
    }
}

static void a_table_of_numbers_is_in_no_language(void **state)
{
    (void)state;
    assert_detects("Qtr 12 pts 3 Net 5 vs 7 Rev 9 vs 8 Avg 12 vs 14 Div 3 vs 4", "und");
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
        cmocka_unit_test(a_sentence_is_enough),
        cmocka_unit_test(languages_of_one_stemmer_are_taken_for_one_of_them),
        cmocka_unit_test(a_table_of_numbers_is_in_no_language),
        cmocka_unit_test(short_or_wordless_text_is_undetermined),
    };
    return cmocka_run_group_tests_name("text detect", tests, NULL, NULL);
}
