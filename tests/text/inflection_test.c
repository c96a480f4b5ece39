/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inflections of one word meet in every language with a stemmer, with accents and without; words
 * that are none do not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text_test.h"

static const struct {
    const char *language;
    /* Words of one line part by spaces and share a term; the groups, parted by '|', have different
     * ones. */
    const char *groups;
} rows[] = {
    {"en", "election elections elected|electric|electorate"},
    {"en", "minister ministers minister's|ministry ministries"},
    {"en", "protest protests protested protesting|protein"},
    {"de", "Wahl Wahlen|Wahlkampf"},
    {"de", "Haus Häuser Häusern Hauser|Hausse"},
    {"de", "Straße Straßen Strassen strassen|Strahl"},
    {"de", "Zug Zuges Züge Zügen|Zugang"},
    {"de", "gewählt gewählte gewählten|gewinnt"},
    {"de", "Präsident Präsidenten Prasident"},
    {"fr", "élection élections elections|électrique"},
    {"fr", "ministre ministres|ministère ministères ministere"},
    {"fr", "décidé décidée décidées décidés decidee|décideur"},
    {"fr", "annoncer annoncé annonçait annoncèrent"},
    {"fr", "différent différents différente différentes|diffamer"},
    {"fr", "sécurité sécurités securite|sécuriser"},
    {"es", "elección elecciones eleccion|electoral"},
    {"es", "región regiones region|regio"},
    {"es", "camión camiones camion|camino"},
    {"es", "hablar habló hablaron hablaban hablábamos"},
    {"es", "secretaria secretarias secretario|secreto"},
    {"it", "elezione elezioni|elettore"},
    {"it", "università universita|unire"},
    {"it", "parlare parlato parlerà parlera"},
    {"it", "straniero straniera stranieri|strano"},
    {"it", "ministro ministri|ministero ministeri"},
    {"pt", "eleição eleições eleicao eleicoes|eleitor"},
    {"pt", "informação informações informacoes informar"},
    {"pt", "avião aviões aviao avioes|aviso"},
    {"pt", "falar falou falavam falávamos|falso"},
    {"pt", "importância importancia"},
    {"nl", "verkiezing verkiezingen|verkeer"},
    {"nl", "huis huizen|huid"},
    {"nl", "brief brieven|breed"},
    {"nl", "prijs prijzen|prik"},
    {"nl", "bedrijf bedrijven|bedrag"},
    {"sv", "krig kriget krigen krigets|kritik"},
    {"sv", "val valet valen|valuta"},
    {"sv", "åtgärd åtgärder åtgärden atgarder"},
    {"sv", "flicka flickor flickorna|flod"},
    {"sv", "säkerhet säkerheten sakerheten|salt"},
    {"no", "valg valget valgene|vals"},
    {"no", "regjering regjeringen regjeringens"},
    {"no", "gård gården gårder garden|gardin"},
    {"nb", "fjord fjorden fjordene|fjor"},
    {"da", "valg valget valgene|vals"},
    {"da", "strejke strejker strejken strejkerne"},
    {"da", "gård gården gårde|gardin"},
    {"fi", "talo talot talossa talosta taloon|talous"},
    {"fi", "metsä metsän metsässä metsat|metro"},
    {"fi", "kylä kylän kylät kylässä kylasta"},
    {"ru", "выборы выборов выборам выборах|выбросы"},
    {"ru", "министр министра министры|министерство министерства"},
    {"ru", "ёлка елка ёлки|ель"},
    {"ru", "новый новая новые нового|новость новости"},
    {"ar", "وزير الوزير والوزير|وزن"},
    {"ar", "جامعة الجامعة جامعه والجامعة|جمع"},
    {"ar", "إسرائيل اسرائيل"},
    {"ar", "أحمد احمد|حمد"},
    {"ar", "مُعَلِّم معلم المعلم المعلمون المعلمين"},
    {"ar", "انتخابات الانتخابات انتخاب"},
    {"tr", "seçim seçimler seçimlerde seçimlerin secimler|seçmen"},
    {"tr", "göz gözler gözleri gozlerin|gözyaşı"},
    {"tr", "kız kızlar kizlar|kızıl"},
    {"tr", "gün günler günlerde gunlerde|güneş"},
    {"tr", "kitap kitaplar kitapları kitaplarin|kitabe"},
    {"tr", "İstanbul istanbul ISTANBUL İstanbul'da"},
    {"tr", "bakan bakanlar bakanın|banka"},
    {"hu", "ház házak házban házból hazbol|hazug"},
    {"hu", "alma almák almában almakat|alap"},
    {"hu", "választás választások választásról választásért|választék"},
    {"hu", "kormány kormányok kormánytól kormanynal|korona"},
    {"hu", "könyv könyvek könyvből konyvekben|könny könnyek"},
    {"ro", "președinte președintele preşedinte presedintele"},
    {"ro", "stație stații stația stațiilor statie|strada"},
    {"ro", "țară țări țara țările|târg"},
    {"ro", "partid partide partidul partidului|parte"},
    {"ro", "națiune națiuni natiune națiunilor|nativ"},
    {"el", "υπουργός υπουργού υπουργοί ΥΠΟΥΡΓΟΣ υπουργος|υπουργείο"},
    {"el", "εκλογή εκλογές εκλογών|εκλογέας"},
    {"el", "κυβέρνηση κυβερνήσεις κυβέρνησης|κύβος"},
    {"ca", "elecció eleccions eleccio|elector"},
    {"ca", "regió regions regio|registre"},
    {"ca", "home homes l'home|homenatge"},
    {"ca", "col·legi col·legis|color"},
    {"eu", "mendi mendiak mendian|mende"},
    {"eu", "gobernu gobernuak|gobernadore"},
    {"eu", "etxe etxeak|etxola"},
    {"ga", "cathair chathair|cathaoir"},
    {"ga", "daoine dhaoine|daor"},
    {"ga", "bád bhád mbád bad|bean"},
    {"hi", "लड़का लड़के लड़कों|लड़ाई"},
    {"hi", "चुनाव चुनावों|चुनौती"},
    {"hi", "किताब किताबें किताबों|किसान"},
    {"hy", "նախարար նախարարներ նախարարի|նախագահ"},
    {"hy", "քաղաք քաղաքներ քաղաքի|քարտեզ"},
    {"id", "pemilihan pemilihannya|pemerintah"},
    {"id", "main bermain permainan|makan makanan"},
    {"ms", "jalan berjalan perjalanan|jalur"},
    {"lt", "rinkimai rinkimų rinkimuose rinkimus|rinka"},
    {"lt", "medis medžio medžiai medziu|mėsa"},
    {"lt", "valstybė valstybės valstybių valstybėje valstybeje|valstietis"},
    {"lt", "žmonės žmonių zmoniu|žmogus"},
    {"ne", "सरकार सरकारको सरकारले|सरसफाइ"},
    {"ne", "किताब किताबहरू किताबको|किसान"},
    {"sr", "избори избора изборима izbori izbora|извор"},
    {"sr", "председник предсједник predsednik predsednika|председништво"},
    {"sr", "Ђоковић Đoković Djoković Dokovic"},
    {"sr", "влада владе vlada vlade|власт vlast"},
    {"hr", "predsjednik predsjednika predsjedniku|predstava"},
    {"bs", "izbori izbora izborima|izvor"},
    {"ta", "வீடு வீடுகள்|வீதி"},
    {"ta", "புத்தகம் புத்தகங்கள்|புதிய"},
    {"yi", "שטאָט שטאט|שטערן"},
    {"yi", "מענטש מענטשן|מעשה"},
    {"yi", "וואַלן וואלן װאַלן"},
};

struct group {
    char term[LEDE_TERM_SIZE_MAX + 1];
};

/* The one term of a group's words. */
static void take_group(
    struct lede_analyzer *analyzer, const char *language, char *words, struct group *group)
{
    char *rest = NULL;
    group->term[0] = '\0';
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        struct lede_tokens tokens;
        struct lede_token token;
        lede_tokens_init(
            &tokens, analyzer, LEDE_TOKENS_QUERY, language_named(language), word, strlen(word));
        assert_true(lede_tokens_next(&tokens, &token));
        if (group->term[0] && strcmp(group->term, token.term) != 0)
            fail_msg("%s: %s has the term %s, not %s", language, word, token.term, group->term);
        memcpy(group->term, token.term, token.term_size + 1);
        assert_false(lede_tokens_next(&tokens, &token));
    }
}

static void inflections_meet_and_other_words_do_not(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    for (size_t i = 0; i < LEDE_COUNT_OF(rows); i++) {
        struct group groups[8];
        size_t count = 0;
        char *rest = NULL;
        LEDE_CLEANUP(lede_freep) char *copy = strdup(rows[i].groups);
        for (char *words = strtok_r(copy, "|", &rest); words; words = strtok_r(NULL, "|", &rest)) {
            take_group(analyzer, rows[i].language, words, &groups[count]);
            for (size_t k = 0; k < count; k++)
                if (strcmp(groups[k].term, groups[count].term) == 0)
                    fail_msg("%s: %s share the term %s", rows[i].language, rows[i].groups,
                        groups[k].term);
            count++;
        }
    }
}

static void every_language_with_a_stemmer_is_tried(void **state)
{
    (void)state;
    for (size_t language = 1; language < lede_language_count(); language++) {
        bool found = !lede_language_has_stemmer((lede_language)language);
        for (size_t i = 0; i < LEDE_COUNT_OF(rows) && !found; i++)
            found = language_named(rows[i].language) == language;
        if (!found)
            fail_msg("%s has no words here", lede_language_code((lede_language)language));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inflections_meet_and_other_words_do_not),
        cmocka_unit_test(every_language_with_a_stemmer_is_tried),
    };
    return cmocka_run_group_tests_name("text inflection", tests, NULL, NULL);
}
