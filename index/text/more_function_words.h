/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that say little in their language, beside those of function_words.c: pronouns, auxiliaries,
 * conjunctions. Folded. In another language many say much (German "war", Italian "era"), so they
 * are asked for of a text whose language is known. */
#ifndef LEDE_TEXT_MORE_FUNCTION_WORDS_H
#define LEDE_TEXT_MORE_FUNCTION_WORDS_H

static const struct {
    const char *code;
    const char *words; /* between spaces */
} more_lists[] = {
    {"en",
        " a about above again against all also although am another any around because been before "
        "being below between both but can could did do does down during each either else every "
        "few further had he her here hers him himself his how however i if into itself just many "
        "may me might more most much must my neither no nor off often once one only or other "
        "others our out own per quite rather same several shall she should since so some still "
        "such than their them then there these they this those though through thus too toward "
        "under until up upon very we were what when where whether which while who whom whose why "
        "within without would yet you your "},
    {"de",
        " aber alle an andere beim bin bis bist da dabei damit dann dass dein denn deren dessen "
        "dies diese diesem diesen dieser dieses doch dort du durch einem einen einer eines er es "
        "euch euer gegen hab habe haben hat hatte hatten hier ihm ihn ihnen ihr ihre ihrem ihren "
        "ihrer indem ins ja jede jedem jeden jeder jedes jetzt kann kein keine keinen konnte mehr "
        "mein mich mir muss musste noch nun nur ob obwohl oder ohne sehr sein seine seinem seinen "
        "seiner "
        "seit sind so soll sollte sondern sowie uber um uns unter vom wann war waren was weil "
        "weiter welche welcher wenn wer werden wie wieder will wir wo wurde wurden zur zwischen "},
    {"fr",
        " a ai ainsi alors apres aussi autre autres avait avant avoir c'est car ces cet cette chez "
        "comme comment contre d'un d'une depuis deux dont elle elles entre etait ete etre eux "
        "fait il ils je jusque l'on leur leurs lors lui mais meme mes mon ne ni nos notre nous on "
        "ont ou peu peut sa sans selon sera si soit sont sous ta te tous tout toute tres tu vers "
        "votre vous y "},
    {"es",
        " a ante antes aqui asi aun aunque cada contra cual cuando cuya desde donde dos e ella "
        "ellas ellos entre era eran esa ese eso esta estan este esto fue fueron ha habia han "
        "hasta hay le les me mi mientras muy ni nos o otra otro otros pero porque pues quien sea "
        "segun ser si sido sin sobre solo son sus tambien tan tanto te tiene todo todos tu u unos "
        "y ya yo "},
    {"it",
        " a agli ai alle anche ancora avere aveva c'e chi ci col come cosi cui dal dalla dalle "
        "degli delle dello dopo dove due e ed era erano essere fra gia ha hanno i io l'ha loro ma "
        "mentre mi molto ne negli nei nella nelle noi o ogni pero piu poi quale quando quanto "
        "quella quelli quello questa queste questi questo se sempre senza sia stata stato su sua "
        "sue sugli sui sul sulla suo suoi tra tutti tutto un' "},
    {"pt",
        " a ante aos apos ate cada como contra d depois desde e ela elas ele eles entre era essa "
        "esse esta estao estava este eu foi foram ha isso ja la lhe mas me mesmo meu muito nas "
        "nem nos nossa o onde ou pela pelas pelo pelos porque qual quando quem sao seja sem ser "
        "seu seus sido so sobre sua suas tambem te tem ter voce "},
    {"nl",
        " al alle als ben dan deze dit doch doen dus er ge geen had heb hebben heeft hem hier hij "
        "hoe hun ik ja je kan kon kunnen maar me meer men mij moet na nog nu of onder ons over s "
        "tegen tot tussen uw veel waren was wat we wel werd wie wij wil worden wordt zal ze zelf "
        "zich zij zo zonder zou "},
    {"sv",
        " alla allt at blev bli blir da de deras dess dessa detta dig din dock du eller er ha hade "
        "han hans hon i icke ingen inom jag ju kan man mellan men mer mig min mot mycket nagon "
        "nagot nar ni nu oss over sa samma sedan sig sin sina sitt ska skall skulle under upp ut "
        "utan var vara varit vi vid vilka vilket "},
    {"da",
        " alle andre blev blive bliver da de denne der deres dette dig din dog du eller end ham "
        "han hans havde hende her hos hun hvad hvis hvor i ind jeg jo kan man mange meget men "
        "mere mig min mod nar nogle nu ogsa op os over sa selv sig sin skal ud under vaere vaeret "
        "var ved vi vil ville "},
    {"pl",
        " aby ale bardzo bedzie bez bo byc byl byla byli bylo co czy gdy go i ich ile im ja jako "
        "je jego jej jesli juz kiedy ktora ktore ktory ktorych ma mi mnie moze my nad nas nawet "
        "niz o on ona one oni oraz pod poza przed przy sa tak takze tam te tego tej ten tez tu "
        "tych tylko tym u w we wiec z "},
    {"tr",
        " ama ancak ben bile biz bunu degil diye en gibi hem her ise kadar ki kim mi mu ne o oldu "
        "on onu sen siz sonra su tum veya ya yani "},
    {"id", " ada agar akan atau bagi bahwa bisa dapat hanya harus ia jika juga kami karena kepada "
           "kita lebih mereka namun oleh para saat saja sampai sebagai sebuah secara sehingga "
           "seperti serta setelah sudah telah tetapi yaitu "},
    {"hu", " ahogy aki alatt amely ami arra azt be e el ez ezt ha itt ki le lesz mert mi mint most "
           "nagyon nekem vagy van vannak voltak "},
    {"fi",
        " ehka eika en ennen hanen he jo joka jos jotka kanssa kuin me mika minka ne niin noin nyt "
        "olivat olla sen siita sita tai tama tassa vaan vain voi "},
    {"cs",
        " aby ale ani asi az byl byla bylo byt co i jako jeho jeji jen jeste jsem jsou k kde kdyz "
        "ktera ktere ktery ma nebo neni o pod podle pred pri proto s si sve ta tak take toho u uz "
        "v vsak z "},
    {"ro",
        " aceasta acest ale am ar are as au ce cel cum da dar doar fi fie fost iar intre le lui o "
        "or prin sa sau se sunt una unei unui va "},
    {"no",
        " alle andre at ble bli blir da de deg denne der deres dette din du eller enn hadde ham "
        "han hans her hos hun hva hvis hvor i inn jeg kan man mange meg men mer min mot nar noen "
        "ogsa opp oss over sa seg sin skal under ut vaere vaert var ved vi vil ville "},
    {"ca",
        " a aixo als com des ella ells entre era esta este ha han i li lo mes molt o on pel pels "
        "pero quan s'ha sense ser seu seva si sobre son sota tambe tot va van "},
};

#endif
