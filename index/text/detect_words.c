/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words by which a language is known: articles, pronouns, prepositions, forms of to be and to have.
 * In lower case, as they are written, parted by spaces. A word of several languages counts for each
 * of them, and the less the more they are. */
#include "detect_words.h"

#include "lede/base.h"

const struct detect_words detect_words[] = {
    {"en",
        "the of and to in for on with by at from is was are were as that it its he she they his "
        "her their this these said says has have had be been will would not but or an who which "
        "after over more than about into up out new us we our you your can could may if when what "
        "all no there also one before"},
    {"de",
        "der die das den dem des und in im von vom zu zum zur mit für auf ist sind war nicht ein "
        "eine einen einem einer eines sich auch nach bei wird werden wurde aus vor am an als er "
        "sie es ich wir hat haben um über oder aber noch nur bis wie durch dass kein keine mehr "
        "gegen ihre sein man kann unter"},
    {"fr",
        "le la les de des du et un une en au aux dans pour sur par est sont pas qui que se son sa "
        "ses avec plus ce cette ces il elle on nous vous ils ne ou mais été être après avant a "
        "ont d l sans leur leurs comme entre tout fait contre sous dont vers chez"},
    {"es",
        "el la los las de del en que un una unos por para con se al su sus es son lo le como más "
        "no tras y o pero fue ha han está este esta entre sobre sin desde hasta ser cuando "
        "también muy ya si donde contra según hay e nos tiene puede todo"},
    {"it",
        "il lo la i gli le di del dello della dei degli delle che in nel nella un una uno per con "
        "da dal dalla su sul sulla al alla ai si è sono non ha hanno come più anche ma o e se ed "
        "questo questa tra fra dopo prima essere stato suo sua loro chi cui ci"},
    {"pt",
        "o os a as de do da dos das em no na nos nas um uma que por para com se ao à aos às não "
        "mais é são foi seu sua como mas ou e pelo pela sobre entre após até também já está você "
        "ser tem pode esta este isso quando sem muito num numa"},
    {"nl",
        "de het een en van in op te ter voor met is zijn was dat die dit niet aan bij naar om "
        "door uit ook er maar of als nog wel wordt worden heeft hebben had kan over tot na ze hij "
        "wij u je zij hun deze geen meer onder tegen moet al dan"},
    {"sv",
        "och att det den de en ett av för på är som med till inte har om från efter i kan ska var "
        "men vid eller när så du vi han hon sig sin sina under över nu mot mer alla detta dessa "
        "också utan kommer skulle hade blir måste ingen"},
    {"no", "og å at det den de en et ei av for på er som med til ikke har om fra etter i kan skal "
           "var men ved eller når så du vi han hun seg sin sine under over nå mot mer alle dette "
           "disse også uten blir må ikkje frå eit ein dei vert kva hvor hva noe mellom være"},
    {"da",
        "og at det den de en et af for på er som med til ikke har om fra efter i kan skal var men "
        "ved eller når så du vi han hun sig sin sine under over nu mod mere alle dette disse også "
        "uden bliver må hvor hvad noget mellem være blev nogle kun"},
    {"fi",
        "ja on ei että se oli hän mutta kun myös ovat joka tai jos ole kuin mukaan vain sen voi "
        "niin jälkeen tämä tämän nyt sekä olla kanssa ne ennen vielä jo hänen mitä voidaan eivät "
        "olet tätä tässä"},
    {"tr", "ve bir bu için ile da de olarak daha çok olan gibi en ne kadar sonra ama veya ya o var "
           "yok değil her ise ki mi şu üzerinde tarafından göre olduğu edildi oldu etti dedi ancak "
           "son yeni iki bunu lütfen"},
    {"hu", "a az és hogy nem egy is van volt meg csak de már vagy ez ha el mint még után ki be le "
           "fel kell lehet szerint között ezt azt lesz pedig majd ne sem nincs ezek minden amely"},
    {"ro",
        "și în de la cu pe din un o că este nu care pentru al ale a mai după sau dar ca să fost "
        "sunt fi se au prin între lui despre acest această către fără când cum dacă pot poate vă "
        "numai până foarte"},
    {"ca", "el la els les de del dels en que i un una per amb al als se és són no ha han com més "
           "però o aquest aquesta entre sobre sense des fins ser quan també molt ja si on contra "
           "segons hi seu seva va l d es pot cal"},
    {"eu", "eta da ez du bat ere dira izan baina edo zen duen hau dela den dute egin baino bere "
           "horren arte zuen dago beste gabe behar daiteke honek hori ezin bai oso"},
    {"ga",
        "an na agus ar a i is ní go le do de bhí tá nach ach chun ag mar sé sí seo sin as ó faoi "
        "idir nó bheith leis don gur ba níl raibh atá aon"},
    {"id", "yang dan di ke dari untuk dengan ini itu pada adalah dalam tidak akan oleh juga atau "
           "telah sudah ada tersebut bisa karena saat lebih para kepada sebagai namun saya anda "
           "dapat belum harus hanya bahwa berkas kita mereka"},
    {"ms",
        "yang dan di ke dari untuk dengan ini itu pada ialah dalam tidak akan oleh juga atau "
        "telah ada boleh kerana ketika lebih kepada sebagai tetapi saya anda dapat bagi daripada "
        "tersebut beliau berkata fail mesti hanya bahawa adalah kami"},
    {"lt", "ir yra ne kad į iš su už per dėl apie bei buvo tai kaip bet nuo jis ji jo ar po pagal "
           "arba dar taip šis tik iki jau jei prie kai bus gali nėra kurie"},
    {"lv", "un ir ne ka no ar par uz lai kas bet kā arī to pēc tika pie gan vai tiek jau nav bija "
           "viņš tas šo šis līdz ja var tikai bez jūs pirms starp vēl"},
    {"et",
        "ja on ei et see oli ta kui ning aga mis ka või oma seda kes pole veel siis ole selle nii "
        "juba välja kuid peale kõik saab enne pärast mitte ega kas tuleb ma sa"},
    {"pl",
        "i w z na do że się nie jest po dla za od to jak przez o a oraz są był była było nad pod "
        "czy ale tym tego jego jej które który która tylko może być przed już przy ich lub bez "
        "został jeśli można"},
    {"cs", "a v z na se že je do po pro za od to jak ve o i s k u by byl byla bylo jsou není nebo "
           "ale také jeho který která které podle při pouze před už než jako mezi bude být pokud "
           "tento musí lze"},
    {"sk",
        "a v z na sa že je do po pre za od to ako vo o i s k u by bol bola bolo sú nie alebo ale "
        "aj jeho ktorý ktorá ktoré podľa pri iba pred už než medzi bude byť ak tento musí možno "
        "keď so zo"},
    {"sl", "in v na se da je za z s po od do pri ki so ne bo kot tudi pa ni bil bila bilo o iz med "
           "ter ali če še že tem lahko ga jih kako bi samo brez ko pred ta to"},
    {"hr",
        "i u na se da je za s sa od do po pri koji koja koje su ne bi će kao ili ali što iz o to "
        "nije biti bio bila samo ako prije uvijek tijekom također gdje tko bez može nakon te već "
        "još prema vrijeme"},
    {"bs",
        "i u na se da je za s sa od do po pri koji koja koje su ne bi će kao ili ali što iz o to "
        "nije biti bio bila samo ako prije također gdje ko bez može nakon te već još prema "
        "uslijed vrijeme takođe historija lahko"},
    {"sr",
        "i u na se da je za s sa od do po pri koji koja koje su ne bi će kao ili ali što iz o to "
        "nije biti bio bila samo ako pre takođe gde ko bez može nakon te već još prema vreme "
        "tokom и у на се да је за са од до по при који која које су не би ће као или али што из о "
        "то није бити био била само ако пре такође где ко без може након те већ још према"},
    {"sq",
        "e në dhe të i që me për një nga nuk është si do së ka kjo por ky janë më ose u tij duke "
        "edhe ndaj sipas kur deri mund nëse jo këtë ai ajo"},
    {"is",
        "og að í á er til sem við um með en það ekki var af fyrir hann hún eru frá eða verið hafa "
        "hefur þetta þess eftir því sér einnig ef þú má þegar yfir"},
    {"gl",
        "o a os as de do da dos das en no na nos nas un unha que por para con se ao á aos ás non "
        "máis é son foi seu súa como pero ou e polo pola sobre entre tras ata tamén xa está ser "
        "ten pode esta este cando sen moi nun nunha"},
    {"af",
        "die en van in is nie het dat te vir met op om sy was word aan hy deur ook by as na maar "
        "wat kan sal uit oor hulle n ek jy ons moet meer hierdie daar nog of geen kon"},
    {"az",
        "və bu bir ilə üçün da də olan kimi daha olaraq edir çox o isə ki var deyil sonra ya hər "
        "görə edilib olub ən ancaq bütün heç yeni mümkün bilər tərəfindən"},
    {"sw",
        "na ya wa kwa ni katika la za cha kuwa hii hiyo yake alisema lakini pia kutoka watu ambao "
        "ili baada sana kama huo hilo vya hata tu bila"},
    {"vi",
        "và của là các có được trong cho không với một những người này đã từ khi để đến về ra như "
        "tại sẽ cũng vào theo tôi bạn phải hay hoặc trên bị nếu chỉ"},
    {"ru",
        "и в во не на что с со по из за к от для о об как это он она они его её их но а у же было "
        "был была были быть или при до под после также может если только так мы вы бы ещё уже все "
        "нет который которые этот эта"},
    {"uk",
        "і й в у не на що з зі по із за до від для про як це він вона вони його її їх але а та же "
        "було був була були бути або при під після також може якщо тільки так ми ви би ще вже всі "
        "немає який які цей ця"},
    {"bg", "и в не на че с по от за до да се как това той тя те го я но а е са беше били бъде или "
           "при под след също може ако само така ние ви би още вече всички няма който която които "
           "този тази със във ще си"},
    {"mk", "и во не на дека со по од за до да се како тоа тој таа тие го ја но а е беше биле биде "
           "или при под потоа исто може ако само така ние ви би уште веќе сите нема кој која кои "
           "овој оваа ќе си"},
    {"be",
        "і й у ў не на што з са па із за да ад для пра як гэта ён яна яны яго яе іх але а ж было "
        "быў была былі быць або пры пад пасля таксама можа калі толькі так мы вы бы яшчэ ўжо усе "
        "няма які якія гэты гэтая"},
    {"kk", "және бұл бір үшін мен да де деп осы болып оның емес ол бар жоқ туралы кейін бойынша "
           "болды дейін немесе сол еді қазақстан арқылы екі жаңа керек тек"},
    {"ar",
        "في من على إلى عن أن إن هذا هذه التي الذي ما لا لم مع كان كانت قد بعد بين كل أو ثم هو هي "
        "ذلك تم عند غير وقال قال حتى حول خلال لن يتم"},
    {"fa",
        "در و به از که این را با است برای آن یک خود تا کرد شد می بر هم بود شده ها های نیز ما اما "
        "یا دو باید شود کند آنها وی پس هر اگر"},
    {"ur",
        "کے کی میں ہے کا اور سے کو نے کہ پر یہ ہیں اس بھی کر ایک نہیں تھا لیے جو وہ ان تو گیا ہو "
        "کیا تھے تک بعد"},
    {"he", "של את על לא הוא היא זה עם כי גם או אם יש אין כל אל מה אני אבל רק היה בין לפי עד הם בו "
           "אשר כדי זאת אחרי"},
    {"yi", "די דער און פון אין צו דאס איז נישט מיט ער א אויף האט אז זיך ווי פאר אן וואס זיי זענען "
           "אויך מען ביי דעם נאך איר וועט האָט דאָס פֿון אױף"},
    {"hi", "के की में है का और से को ने कि पर यह हैं इस भी कर एक नहीं था लिए जो वह उन तो गया हो क्या "
           "थे तक बाद"},
    {"ne", "र को का मा छ ले लाई पनि हो भने यो गर्ने एक हुन् भएको गरेको छन् तर गरी उनले भन्ने थियो यस "
           "बाट गर्न नेपाल हुने साथ"},
};
const size_t detect_words_count = LEDE_COUNT_OF(detect_words);
