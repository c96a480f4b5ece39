# SPDX-License-Identifier: GPL-2.0-or-later
"""An archive of many languages: a word stands for its stems in each, unspaced scripts are found and marked, names meet as stated. The texts are
written for this test; those of the shared data are asked where they are."""
import unittest

from program import Program, needs_shared, read_documents
import tap

BODIES = {
    'en': ('en', 'The ministers of the United States said that to be or not to be is no question. NATO met. Mr O’Brien of AT&T dies young.'),
    'de': ('de', 'Die Minister prüften die Häuser in der Straße. Wahlen folgen.'),
    'fr': ('fr', 'Les élections décidées par l’homme de la région.'),
    'es': ('es', 'Las elecciones de las regiones; hablaron de los camiones.'),
    'tr': ('tr', 'Bakanlar seçimlerde kızlarla konuştu. Ankara’dan haber.'),
    'hu': ('hu', 'A választásról és a házakból írtak.'),
    'ru': ('ru', 'Министры украсили ёлки к выборам.'),
    'sr': ('sr', 'Председника Ђоковића питали о изборима.'),
    'ar': ('ar', 'قال الوزير في الجامعة إن أحمد وصل.'),
    'ja': ('ja', 'アップルがiPhone発売。東京都の時々の話、コンピューターと東京タワー。ｶﾞｽ料金'),
    'zh': ('zh', '北京市政府宣布石油部长访问。'),
    'zh-hant': ('zh', '北京市政府宣布石油部長訪問。'),
    'ko': ('ko', '정부는 서울에서 대통령과 만났다.'),
    'th': ('th', 'รัฐบาลไทยประกาศราคาน้ำมัน'),
    'hi': ('hi', 'चुनावों में मंत्रियों ने किताबें दीं।'),
    'names': ('en', 'President Zelenskyy met Bashar al-Assad, Zoë Müller-Lüdenscheidt and J. R. R. Tolkien in the U.S. on COVID-19.'),
}

# What is asked, what it finds, and what is marked of the first.
QUERIES = [
    ('minister', ['de', 'en'], None), ('haus', ['de'], ['Häuser']), ('hauser', ['de'], ['Häuser']), ('strasse', ['de'], ['Straße']),
    ('wahl', ['de'], ['Wahlen']), ('élection', ['fr'], ['élections']), ('homme', ['fr'], ['l’homme']), ('région', ['fr', 'es'], None),
    ('elección', ['es'], ['elecciones']), ('hablar', ['es'], ['hablaron']), ('camión', ['es'], ['camiones']), ('bakan', ['tr'], ['Bakanlar']),
    ('seçim', ['tr'], ['seçimlerde']), ('kız', ['tr'], ['kızlarla']), ('ankara', ['tr'], ['Ankara’dan']), ('választás', ['hu'], ['választásról']),
    ('ház', ['hu'], ['házakból']), ('елка', ['ru'], ['ёлки']), ('выборы', ['ru'], ['выборам']), ('Đoković', ['sr'], ['Ђоковића']),
    ('predsednik', ['sr'], ['Председника']), ('وزير', ['ar'], ['الوزير']), ('جامعه', ['ar'], ['الجامعة']), ('احمد', ['ar'], ['أحمد']),
    ('चुनाव', ['hi'], ['चुनावों']), ('किताब', ['hi'], ['किताबें']),
    # A phrase of stop words is a phrase.
    ('"to be or not to be"', ['en'], ['to be or not to be']), ('"be not to"', [], None), ('"in der"', ['de'], ['in der']),
    # Bigrams: a phrase, one character, Latin beside kana, both widths, a particle behind.
    ('発売', ['ja'], ['発売']), ('iPhone発売', ['ja'], ['iPhone発売']), ('ｉＰｈｏｎｅ', ['ja'], ['iPhone']), ('ガス', ['ja'], ['ｶﾞｽ']), ('都', ['ja'], ['都']),
    ('京都', ['ja'], ['京都']), ('東京', ['ja'], None), ('時々', ['ja'], ['時々']), ('時', ['ja'], ['時']), ('コンピュータ', ['ja'], ['コンピュータ']),
    ('石油', ['zh', 'zh-hant'], None), ('部长', ['zh'], ['部长']), ('部長', ['zh-hant'], ['部長']), ('京', ['ja', 'zh', 'zh-hant'], None),
    ('정부', ['ko'], ['정부']), ('서울', ['ko'], ['서울']), ('대통령', ['ko'], ['대통령']), ('น้ำมัน', ['th'], ['น้ำมัน']), ('ไทย', ['th'], ['ไทย']),
    # Names.
    ("o'brien", ['en'], ['O’Brien']), ('AT&T', ['en'], ['AT&T']), ('at&t', ['en'], ['AT&T']), ('assad', ['names'], ['Assad']),
    ('al-assad', ['names'], ['al-Assad']), ('al assad', ['names'], None), ('zoe', ['names'], ['Zoë']), ('muller', ['names'], ['Müller']),
    ('zelensky', [], None), ('zelensky~', ['names'], ['Zelenskyy']), ('us', ['names'], ['U.S.']), ('U.S', ['names'], ['U.S.']),
    ('jrr', [], None), ('covid19', ['names'], ['COVID-19']), ('covid 19', ['names'], None), ('COVID–19', ['names'], ['COVID-19']),
]


class ManyLanguages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lede = Program()
        cls.lede.bulk([{'id': name, 'language': language, 'title': name, 'body': body} for name, (language, body) in BODIES.items()])

    @classmethod
    def tearDownClass(cls):
        cls.lede.stop()
        cls.lede.remove()

    def marks(self, q, name):
        answer = self.lede.search(q, format='text', pre='[', post=']', highlight='body', snippets=1, snippet_chars=10000)
        text = next(hit['highlights']['body'][0] for hit in answer['hits'] if hit['id'] == name)
        return [part.split(']')[0] for part in text.split('[')[1:]]

    def test_words_of_every_language_are_found_and_marked(self):
        for q, ids, marks in QUERIES:
            with self.subTest(q):
                self.assertEqual(sorted(self.lede.ids(q, **{'in': 'body'})), sorted(ids))
                if marks is not None and ids:
                    self.assertEqual(self.marks(q, ids[0]), marks)

    def test_a_word_stands_for_its_stems_in_each_language_unless_one_is_named(self):
        # English "dies" has the stem of German "die", which is no inflection of it.
        self.assertEqual(self.lede.ids('dies'), ['en'])
        self.assertEqual(self.lede.ids('dies', lang='en'), ['en'])
        self.assertEqual(self.lede.ids('dies', lang='de'), [])
        self.assertEqual(self.lede.ids('die', lang='de'), ['de'])
        self.assertEqual(self.lede.ids('wahl', lang='de,fr'), ['de'])
        self.assertEqual(sorted(self.lede.ids('minister', lang='-fr')), ['de', 'en'])


class SharedNews(unittest.TestCase):
    """What is asked of real news is found in documents that hold it, letter by letter."""
    ROWS = [('german.ndjson', 300, ['Österreich', 'Regierung', 'Wien']), ('wikinews_ja.ndjson', 400, ['東京', '地震', '選挙', '大統領']),
            ('chinese.ndjson', 400, ['北京', '发展', '习近平', '经济'])]

    @tap.timeout(200)
    def test_a_word_of_the_news_is_found_in_every_document_that_holds_it(self):
        for name, count, words in self.ROWS:
            documents = read_documents(needs_shared(name))[:count]
            lede = Program()
            try:
                lede.bulk(documents)
                for word in words:
                    holding = {d['id'] for d in documents if f' {word} ' in f' {d.get("body", "")} ' or (ord(word[0]) > 0x3000 and word in d.get('body', ''))}
                    found = set(lede.ids(word, limit=1000, **{'in': 'body'}))
                    with self.subTest(f'{word} in {name}'):
                        self.assertTrue(holding, 'nothing holds it')
                        self.assertEqual(sorted(holding - found), [])
                        if ord(word[0]) > 0x3000:
                            self.assertEqual(found, holding)
                self.assertEqual(lede.stop(), 0)
            finally:
                lede.remove()


if __name__ == '__main__':
    tap.main(globals())
