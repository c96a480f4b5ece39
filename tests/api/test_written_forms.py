# SPDX-License-Identifier: GPL-2.0-or-later
"""What people type is what they mean: a word is found, and marked, in each form in which texts write it. Each row is a document's language and text, a
query, and what is marked in the text; None where the query must not find it. All documents are in one archive, so that a row that finds too much is
seen, too: a query finds what is stated and nothing else."""
import unittest

from program import Program, needs_shared, read_documents
import tap

# One letter of an unspaced script beside a digit, a Latin letter or a mark.
LONE = [
    ('ja', '政府は2024年度に100人が参加した。', '100人', ['100人']),
    ('ja', '政府は2024年度に100人が参加した。', '2024年', ['2024年']),
    ('ja', '政府は2024年度に100人が参加した。', '"2024年度に100人"', ['2024年度に100人']),
    ('ja', '大会は3月10日夜に第3回大会として始まった。', '3月10日', ['3月10日']),
    ('ja', '大会は3月10日夜に第3回大会として始まった。', '第3回', ['第3回']),
    ('ja', '大会は3月10日夜に第3回大会として始まった。', '3回大会', ['3回大会']),
    ('zh', '投资者买入A股股票。', 'A股', ['A股']),
    ('ja', '昨夜NHKでは報道された。', 'NHKで', ['NHKで']),
    ('ja', '映画「人間失格」は公開。', '映画「人', ['映画「人']),
    ('ja', '映画「人間失格」は公開。', '間失', ['間失']),
    ('ko', '그는 2024년에는 회원 100명을 만났다.', '2024년', ['2024년']),
    ('ko', '그는 2024년에는 회원 100명을 만났다.', '100명', ['100명']),
    ('ja', '合計57個だった。', '57個', ['57個']),
    ('th', 'ราคา 25บาทต่อลิตร', '25บ', ['25บ']),
]

# Words broken over a line.
BROKEN = [
    ('ja', '小池百合子東\n京都知事が会見した。', '東京都知事', ['東\n京都知事']),
    ('zh', '国务院新闻\n办公室今天发布。', '新闻办公室', ['新闻\n办公室']),
    ('ja', '段落は続く、横\r\n 浜港にて。', '横浜港', ['横\r\n 浜港']),
    ('ja', '見出しは横須\n\n賀基地。', '横須賀基地', None),
    ('de', 'Die Rede der Bundes-\nkanzlerin dauerte lange.', 'Bundeskanzlerin', ['Bundes-\nkanzlerin']),
    ('de', 'Die Rede der Bundes-\nkanzlerin dauerte lange.', '"der Bundeskanzlerin dauerte"', ['der Bundes-\nkanzlerin dauerte']),
    ('de', 'Die Rede der Bundes-\nkanzlerin dauerte lange.', 'kanzlerin', ['kanzlerin']),
    ('en', '  A multi-\n  national firm\u2010\n  ware maker.', 'multinational', ['multi- national']),
    ('en', '  A multi-\n  national firm\u2010\n  ware maker.', 'national', ['national']),
    ('en', '  A multi-\n  national firm\u2010\n  ware maker.', 'firmware', ['firm\u2010 ware']),
    ('de', 'Zeit\u00ad\nungen der Haupt-\nund Nebenstraßen', 'Zeitungen', ['Zeit ungen']),
    ('de', 'Zeit\u00ad\nungen der Haupt-\nund Nebenstraßen', '"haupt und nebenstraßen"', ['Haupt-\nund Nebenstraßen']),
    ('de', 'Die Fußball\u00adwelt\u00admeister\u00adschaft beginnt.', 'Fußballweltmeisterschaft', ['Fußballweltmeisterschaft']),
    ('de', 'Die Fußball\u00adwelt\u00admeister\u00adschaft beginnt.', '"die fußballwelt* beginnt"', ['Die', 'Fußballweltmeisterschaft', 'beginnt']),
    ('de', 'Die Fußballweltmeisterschaft beginnt.', 'Fußball\u00adwelt\u00admeister\u00adschaft', ['Fußballweltmeisterschaft']),
    ('de', 'Die NA\u00adTO \u00adwarnt\u00ad.', 'CAPS nato warnt', ['NATO', 'warnt']),
    ('de', 'Im Süden von Baden-\nWürttemberg schneit es.', '"Baden-Württemberg"', ['Baden-\nWürttemberg']),
    ('de', 'Im Süden von Baden-\nWürttemberg schneit es.', 'badenwürttemberg', ['Baden- Württemberg']),
]

# Umlauts that are written out.
UMLAUTS = [
    ('de', 'Gerhard Schröder fährt heim.', 'Schroeder', ['Schröder']),
    ('de', 'Gerhard Schröder fährt heim.', '=schröder', ['Schröder']),
    ('de', 'Gerhard Schröder fährt heim.', 'faehrt', ['fährt']),
    ('de', 'Gerhard Schröder fährt heim.', '"gerhard schroeder faehrt"', ['Gerhard Schröder fährt']),
    ('en', 'Chancellor Gerhard Schroeder resigned.', 'Schröder', ['Schroeder']),
    ('en', 'Chancellor Gerhard Schroeder resigned.', '"Gerhard Schröder"', ['Gerhard Schroeder']),
    ('en', 'Chancellor Gerhard Schroeder resigned.', 'schröder', ['Schroeder']),
    ('en', 'A flight from DÜSSELDORF to Ålborg.', 'Duesseldorf', ['DÜSSELDORF']),
    ('en', 'A flight from DÜSSELDORF to Ålborg.', 'CAPS duesseldorf', ['DÜSSELDORF']),
    ('en', 'A flight from DÜSSELDORF to Ålborg.', 'Dusseldorf', ['DÜSSELDORF']),
    ('en', 'A flight from DÜSSELDORF to Ålborg.', 'Aalborg', ['Ålborg']),
    ('da', 'Toget fra Aalborg var forsinket.', 'Ålborg', ['Aalborg']),
    ('no', 'Flere små øyer.', 'oeyer', ['øyer']),
    ('en', 'Hermann Goering was tried.', 'Göring', ['Goering']),
    ('en', 'The poet read a blue poem in Israel by Goethe.', 'Göthe', ['Goethe']),
    ('en', 'The poet read a blue poem in Israel by Goethe.', 'pot', None),
    ('es', 'El pingüino y la cigüeña.', 'pinguino', ['pingüino']),
    ('es', 'El pingüino y la cigüeña.', 'pingueino', None),
]

# A word as it is written: with its accents, or without; capitals are no matter.
ACCENTED = [
    ('es', 'El año pasado llovió.', '=año', ['año']),
    ('es', 'El año pasado llovió.', '=AN\u0303O', ['año']),
    ('es', 'El año pasado llovió.', '=ano', None),
    ('es', 'El año pasado llovió.', 'ano', ['año']),
    ('es', 'El año pasado llovió.', '="año pasado"', ['año', 'pasado']),
    ('es', 'El año pasado llovió.', '="ano pasado"', None),
    ('es', 'El año pasado llovió.', '=llovio NEAR/3 pasado', None),
    ('es', 'El año pasado llovió.', '=llovió NEAR/3 pasado', ['pasado', 'llovió']),
    ('es', 'Un AN\u0303O y el ano.', '=año', ['AN\u0303O']),
    ('es', 'Un AN\u0303O y el ano.', '=ano', ['ano']),
    ('de', 'In großen Maßen, nicht in Massen.', '=maßen', ['Maßen']),
    ('de', 'In großen Maßen, nicht in Massen.', '=massen', ['Massen']),
    ('de', 'In großen Maßen, nicht in Massen.', '=grossen', None),
    ('de', 'Altkanzler Gerd Schröter schwieg.', '=schröter', ['Schröter']),
    ('de', 'Altkanzler Gerd Schröter schwieg.', '=schroeter', None),
    ('de', 'Altkanzler Gerd Schröter schwieg.', '=schroter', None),
    ('fr', 'La tombe de l’été à côté.', '=été', ['été']),
    ('fr', 'La tombe de l’été à côté.', '=l\'été', ['l’été']),
    ('fr', 'La tombe de l’été à côté.', '=ete', None),
    ('fr', 'La tombe de l’été à côté.', '=coté', None),
    ('pl', 'Łódź leży nad Łódką.', '=łódź', ['Łódź']),
    ('pl', 'Łódź leży nad Łódką.', '=lodz', None),
    ('tr', 'ILIK bir İzmir akşamı.', '=ılık', ['ILIK']),
    ('tr', 'ILIK bir İzmir akşamı.', '=izmir', ['İzmir']),
    ('vi', 'Người Hà Nội ở nhà.', '=nội', ['Nội']),
    ('vi', 'Người Hà Nội ở nhà.', '=nôi', None),
    ('ru', 'Всё ещё ждём.', '=всё', ['Всё']),
    ('ru', 'Всё ещё ждём.', '=все', None),
    ('uk', 'Їжак і Йосип.', '=їжак', ['Їжак']),
    ('el', 'Ή τώρα ή ποτέ.', '=ποτέ', ['ποτέ']),
    ('el', 'Ή τώρα ή ποτέ.', '=ποτε', None),
    ('he', 'צה״ל נכנס.', '=צהל', ['צה״ל']),
]

# What stands behind an elided article, and before a possessive.
ELIDED = [
    ('fr', 'Le palais de l’Élysée a démenti.', 'élys*', ['Élysée']),
    ('fr', 'Le palais de l’Élysée a démenti.', '=élysée', ['Élysée']),
    ('fr', 'Le palais de l’Élysée a démenti.', '=elysee', None),
    ('fr', 'Le palais de l’Élysée a démenti.', 'Elisée~', ['Élysée']),
    ('fr', 'Le palais de l’Élysée a démenti.', 'élysée', ['l’Élysée']),
    ('it', "Il voto dell'ONU e dell'Unione.", '=ONU', ['ONU']),
    ('it', "Il voto dell'ONU e dell'Unione.", 'CAPS ONU', ['ONU']),
    ('it', "Il voto dell'ONU e dell'Unione.", 'unione', ["dell'Unione"]),
    ('en', 'She saw the Musée d’Orsay, d\'you know?', 'Orsay', ['Orsay']),
    ('en', 'She saw the Musée d’Orsay, d\'you know?', "d'orsay", ['d’Orsay']),
    ('en', 'She saw the Musée d’Orsay, d\'you know?', '=you', None),
    ('en', "Mr O'Brien said NATO's plan can't work.", 'brien', None),
    ('en', "Mr O'Brien said NATO's plan can't work.", 'can', None),
    ('en', "Mr O'Brien said NATO's plan can't work.", '=nato', ['NATO']),
    ('en', "Mr O'Brien said NATO's plan can't work.", 'CAPS nato', ['NATO']),
    ('en', "Mr O'Brien said NATO's plan can't work.", 'nato', ["NATO's"]),
    ('fr', "Faut qu'il vienne.", '=il', ['il']),
]

# Compounds, closed and with a hyphen.
CLOSED = [
    ('en', 'Send an e-mail address by noon.', 'email', ['e-mail']),
    ('en', 'Send an e-mail address by noon.', 'emails', ['e-mail']),
    ('en', 'Send an e-mail address by noon.', 'e-mail', ['e-mail']),
    ('en', 'Send an e-mail address by noon.', '"email address"', ['e-mail address']),
    ('en', 'Send an e-mail address by noon.', '"e-mail address"', ['e-mail address']),
    ('en', 'Send an e-mail address by noon.', 'email NEAR/3 send', ['Send', 'e-mail']),
    ('en', 'Send an e-mail address by noon.', 'send ADJ/2 an ADJ/2 email', ['Send', 'an', 'e-mail']),
    ('en', 'My email is lost.', 'e-mail', ['email']),
    ('en', 'My email is lost.', '"my e-mail is lost"', ['My email is lost']),
    ('en', 'My email is lost.', 'title:e-mail', None),
    ('en', 'My email is lost.', 'e-mail NEAR/3 lost', ['email', 'lost']),
    ('en', 'An F-16 crashed near Mosul.', 'F16', ['F-16']),
    ('en', 'An F-16 crashed near Mosul.', 'F-16', ['F-16']),
    ('en', 'An F16 was seen over Kirkuk.', 'F-16', ['F16']),
    ('en', 'A multinational bank lent money.', 'multi-national', ['multinational']),
    ('en', 'A multi-national force came.', 'multinational', ['multi-national']),
    ('en', 'A multi-national force came.', 'multinationals', ['multi-national']),
    ('en', 'COVID-19 and covid 19 and SARS-CoV-2.', 'covid19', ['COVID-19']),
    ('en', 'COVID-19 and covid 19 and SARS-CoV-2.', 'covid-19', ['COVID-19', 'covid 19']),
    ('en', 'They won 3-2 on 2024-11-28 with 10-year notes.', '32', None),
    ('en', 'They won 3-2 on 2024-11-28 with 10-year notes.', '202411', None),
    ('en', 'They won 3-2 on 2024-11-28 with 10-year notes.', '10year', None),
    ('en', 'A state-of-the-art plan.', 'theart', None),
    ('fr', 'Qu’a-t-il dit ? « Oui », dit-il.', 'ditil', None),
]

# Hebrew acronyms.
HEBREW = [
    ('he', 'דובר צה"ל מסר הודעה.', 'צה"ל', ['צה"ל']),
    ('he', 'דובר צה"ל מסר הודעה.', 'צה״ל', ['צה"ל']),
    ('he', 'דובר צה"ל מסר הודעה.', 'צהל', ['צה"ל']),
    ('he', 'דובר צה"ל מסר הודעה.', '"דובר צה"ל"', ['דובר צה"ל']),
    ('he', 'דובר צה"ל מסר הודעה.', '=צה"ל', ['צה"ל']),
    ('he', 'נשיא ארה״ב אמר "שלום".', 'ארה"ב', ['ארה״ב']),
    ('he', 'נשיא ארה״ב אמר "שלום".', '"ארה"ב אמר"', ['ארה״ב אמר']),
    ('he', 'נשיא ארה״ב אמר "שלום".', '"שלום"', ['שלום']),
]

# Apostrophes and figures.
FIGURES = [
    ('en', 'Mr O′Neill and Mr O`Leary in Hawaiʻi and Sanaʿa.', "O'Neill", ['O′Neill']),
    ('en', 'Mr O′Neill and Mr O`Leary in Hawaiʻi and Sanaʿa.', "O'Leary", ['O`Leary']),
    ('en', 'Mr O′Neill and Mr O`Leary in Hawaiʻi and Sanaʿa.', "Hawai'i", ['Hawaiʻi']),
    ('en', 'Mr O′Neill and Mr O`Leary in Hawaiʻi and Sanaʿa.', "Sana'a", ['Sanaʿa']),
    ('fr', 'Un prix de 12\u202f500 euros.', '12500', ['12 500']),
    ('fr', 'Un prix de 12\u202f500 euros.', '12,500', ['12 500']),
    ('fr', 'Un prix de 12\u202f500 euros.', '"12500 euros"', ['12 500 euros']),
    ('fr', 'Une dette de 1 234 567 francs.', '1234567', ['1 234 567']),
    ('fr', 'Une dette de 1 234 567 francs.', '1234', None),
    ('de', 'Das kostet 13.500 Mark.', '13500', ['13.500']),
    ('de', 'Das kostet 13.500 Mark.', '13.500', ['13.500']),
    ('en', 'They counted 13,700 votes.', '13.700', ['13,700']),
    ('en', 'The ratio is 14.250 now.', '14250', None),
    ('de', "Ein Gehalt von 15'500 Franken.", '15500', ["15'500"]),
    ('en', 'Rates rose 3½ points.', '3½', ['3½']),
    ('en', 'Rates rose 3½ points.', '3.5', ['3½']),
    ('en', 'Rates rose 3½ points.', '3', ['3']),
    ('en', 'Rates rose 3 points.', '3½', None),
]

# Letters that are one to a reader.
LETTERS = [
    ('fa', 'او می‌خواهد کتاب‌ها را.', 'می خواهد', ['می', 'خواهد']),
    ('fa', 'او می‌خواهد کتاب‌ها را.', 'میخواهد', ['می خواهد']),
    ('fa', 'او می‌خواهد کتاب‌ها را.', 'کتاب', ['کتاب']),
    ('fa', 'او می خواهد برود.', 'می‌خواهد', ['می خواهد']),
    ('fa', 'خانۀ مسئول بزرگ.', 'خانه', ['خانۀ']),
    ('fa', 'خانۀ مسئول بزرگ.', 'مسؤول', ['مسئول']),
    ('ur', 'اس نے کہا ہے۔', 'كها', ['کہا']),
    ('ur', 'اس نے کھانا کھایا۔', 'کہا', None),
    ('hi', 'वह हिन्दी बोलता है और क़लम लाया।', 'हिंदी', ['हिन्दी']),
    ('hi', 'वह हिन्दी बोलता है और क़लम लाया।', 'कलम', ['क़लम']),
    ('th', 'ราคานํ้ามันขึ้น', 'น้ำมัน', ['นํ้ามัน']),
    ('ml', 'അവൻ വന്നു', 'അവന്\u200d', ['അവൻ']),
    ('uk', 'Теплий ґанок.', 'ганок', ['ґанок']),
]

# Pictures, and letters that a phrase ends with.
EMOJI = [
    ('en', 'Thank you 🇺🇦👍🏽 from Kyiv', '🇺🇦', ['🇺🇦']),
    ('en', 'Thank you 🇺🇦👍🏽 from Kyiv', '👍', ['👍🏽']),
    ('en', 'Thank you 🇺🇦👍🏽 from Kyiv', '"you 🇺🇦"', ['you 🇺🇦']),
    ('en', 'Thank you 🇺🇦👍🏽 from Kyiv', '🇦🇺', None),
    ('en', 'Thank you 🇺🇦👍🏽 from Kyiv', 'thank NEAR/3 👍🏻', ['Thank', '👍🏽']),
    ('en', 'The family👨‍👩‍👧 ❤️', '👨‍👩‍👧', ['👨‍👩‍👧']),
    ('en', 'The family👨‍👩‍👧 ❤️', '👨', None),
    ('en', 'The family👨‍👩‍👧 ❤️', '❤️', ['❤️']),
    ('zh', '他们邀请 老人参加。', '"邀请 老"', ['邀请 老']),
    ('en', 'Plans and **strategy**—developing them', 'strategy**—developing', ['strategy**—developing']),
]

# Korean particles: a word that is typed with one meets it with another.
KOREAN = [
    ('ko', '대통령은 어제 서울에서 연설했다.', '대통령이', ['대통령']),
    ('ko', '대통령은 어제 서울에서 연설했다.', '대통령은', ['대통령']),
    ('ko', '대통령은 어제 서울에서 연설했다.', '"대통령이"', None),
    ('ko', '대통령은 어제 서울에서 연설했다.', '"대통령은"', ['대통령은']),
    ('ko', '대통령은 어제 서울에서 연설했다.', '서울까지', ['서울']),
    ('ko', '고양시 국가대표는 김정일을 만났다.', '고양이', None),
    ('ko', '고양시 국가대표는 김정일을 만났다.', '김정은', None),
    ('ko', '고양시 국가대표는 김정일을 만났다.', '국가대표가', ['국가대표']),
]

ROWS = ACCENTED + KOREAN + EMOJI + HEBREW + FIGURES + LETTERS + CLOSED + LONE + BROKEN + UMLAUTS + ELIDED


class WrittenForms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lede = Program()
        cls.names = {}
        for language, text, _, _ in ROWS:
            cls.names.setdefault((language, text), f'd{len(cls.names)}')
        cls.lede.bulk([{'id': name, 'language': language, 'body': text} for (language, text), name in cls.names.items()])

    @classmethod
    def tearDownClass(cls):
        cls.lede.stop()
        cls.lede.remove()

    def marks(self, q, name):
        answer = self.lede.search(q, format='text', pre='[', post=']', highlight='body', snippets=1, snippet_chars=10000)
        text = next(hit['highlights']['body'][0] for hit in answer['hits'] if hit['id'] == name)
        return [part.split(']')[0] for part in text.split('[')[1:]]

    def test_each_form_is_found_and_marked(self):
        for language, text, q, marks in ROWS:
            with self.subTest(f'{q} in {text}'):
                name = self.names[language, text]
                self.assertEqual(name in self.lede.ids(q, limit=100, **{'in': 'body'}), marks is not None)
                if marks is not None:
                    shown = [' '.join(mark.replace('\u202f', ' ').split()) for mark in marks]
                    self.assertEqual([mark.replace('\u200c', ' ').replace('\u202f', ' ') for mark in self.marks(q, name)], shown)


if __name__ == '__main__':
    tap.main(globals())
