# SPDX-License-Identifier: GPL-2.0-or-later
"""A stem belongs to its language: a document is found, marked, counted, explained, suggested and called similar by a stem of its own language or
by the word as it is written, and by nothing else. What finds what is written out here, form by form. The texts are written for this test; where
the shared data is, real news is asked as well."""
import json
import re
import time
import unittest

from program import Program, WAIT_S, needs_shared, read_documents
import tap

# In another language's stemmer each of the names is another English word: Biden is German "bid", Lagos Spanish "lag", can't Catalan "can".
ENGLISH = {
    'en-biden': 'President Biden failed to agree with Congress. Biden’s aides in Washington were silent.',
    'en-bid': 'The airline’s bid failed to win the board. A rival bids more, and bidding goes on; the bid was renewed.',
    'en-asia': 'Markets in Asia fell, and Asia’s exporters with them.',
    'en-as': 'As prices fell, exporters sold as much as they had.',
    'en-lagos': 'The port of Lagos is closed to tankers.',
    'en-lag': 'Wages lag behind prices, and lagged before.',
    'en-putin': 'Putin spoke of grain in Moscow.',
    'en-put': 'They put off the vote, and are putting it off again.',
    'en-cant': 'The two sides can’t agree on prices.',
    'en-can': 'The two sides can agree on prices, and the cans are sold.',
    'en-allen': 'Paul Allen bought the team.',
    'en-all': 'All of the board resigned, all at once.',
}
OTHERS = {
    'de-alle': ('de', 'Alle Minister kamen zum Treffen, vor allem die jungen.'),
    'de-biden': ('de', 'Der Präsident heißt Biden und spricht heute.'),
    'de-andere': ('de', 'Die Häuser in der Straße werden teurer.'),
    'es-lago': ('es', 'El lago se seca y los pueblos esperan la lluvia.'),
    'es-otro': ('es', 'El gobierno aprobó los presupuestos de la región.'),
    'ca-asia': ('ca', 'Els mercats d’Àsia van baixar ahir al matí.'),
    'ca-altre': ('ca', 'El govern va aprovar els pressupostos de la regió.'),
    'fi-asia': ('fi', 'Hallitus päätti, että tämä asia käsitellään huomenna.'),
    'fi-muu': ('fi', 'Kaupungin talot maksavat tänä vuonna enemmän.'),
    'tr-putin': ('tr', 'Cumhurbaşkanı Putin’in sözleri Ankara’da konuşuldu.'),
    'tr-başka': ('tr', 'Bakanlar köydeki evlerden söz etti.'),
    'lt-putinas': ('lt', 'Prezidentas Putinas kalbėjo Maskvoje.'),
    'lt-kitas': ('lt', 'Vyriausybė patvirtino šių metų biudžetą.'),
    'und-bid': ('und', 'bid bid allen'),
}
FOUND = {
    'Biden': ['de-biden', 'en-biden'],
    'Asia': ['ca-asia', 'en-asia', 'fi-asia'],
    'Lagos': ['en-lagos', 'es-lago'],
    'Putin': ['en-putin', 'lt-putinas', 'tr-putin'],
    'can’t': ['en-cant'],
    'Allen': ['de-alle', 'en-allen', 'und-bid'],
    '"Biden failed"': ['en-biden'],
    'LEAD:Biden': ['de-biden', 'en-biden'],
    'Biden NEAR/3 failed': ['en-biden'],
    'Allen OR Putin': ['de-alle', 'en-allen', 'en-putin', 'lt-putinas', 'tr-putin', 'und-bid'],
    'bid': ['de-biden', 'en-bid', 'und-bid'],
    '=bid': ['en-bid', 'und-bid'],
    'bid*': ['de-biden', 'en-bid', 'en-biden', 'und-bid'],
    'CAPS Biden': [],
    '2024': ['en-figure', 'fi-figure', 'ja-figure'],
    '1990': ['en-figure'],
    '東京': ['en-figure', 'ja-figure'],
}
FIGURES = [
    {'id': 'en-figure', 'language': 'en', 'title': 'A figure', 'body': 'In 2024 the 1990’s prices were paid in 東京.'},
    {'id': 'fi-figure', 'language': 'fi', 'title': 'Luku', 'body': 'Vuonna 2024 hinnat nousivat.'},
    {'id': 'ja-figure', 'language': 'ja', 'title': '数', 'body': '2024年、東京で。'},
]
MARKS = {
    ('Biden', 'en-biden'): ['Biden', 'Biden’s'],
    ('Biden', 'de-biden'): ['Biden'],
    ('Allen', 'en-allen'): ['Allen'],
    ('Allen', 'de-alle'): ['Alle', 'allem'],
    ('Lagos', 'es-lago'): ['lago'],
    ('Putin', 'tr-putin'): ['Putin’in'],
    ('Biden OR board', 'en-bid'): ['board'],
    ('"Biden failed" OR silent', 'en-biden'): ['Biden failed', 'silent'],
    ('Allen OR board', 'en-all'): ['board'],
    ('Asia', 'fi-asia'): ['asia'],
}


def documents():
    texts = [(name, 'en', body) for name, body in ENGLISH.items()] + [(name, *rest) for name, rest in OTHERS.items()]
    return [{'id': name, 'language': language, 'title': 'A title', 'body': body} for name, language, body in texts] + FIGURES


class StemsOfALanguage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lede = Program()
        answer = cls.lede.bulk(documents())
        assert answer.status == 200 and answer.json['failed'] == 0, answer.text

    @classmethod
    def tearDownClass(cls):
        cls.lede.stop()
        cls.lede.remove()

    def test_a_word_finds_forms_of_it_in_the_language_of_each_document(self):
        for q, ids in FOUND.items():
            with self.subTest(q):
                self.assertEqual(sorted(self.lede.ids(q)), ids)
                self.assertEqual(self.lede.total(q), len(ids))
                self.assertEqual(sorted(self.lede.ids(q, match='any')), ids)

    def test_marks_are_of_the_text_s_own_language(self):
        for (q, name), marks in MARKS.items():
            with self.subTest(f'{q} in {name}'):
                answer = self.lede.search(q, format='text', pre='[', post=']', highlight='body', snippets=1, snippet_chars=10000)
                text = next(hit['highlights']['body'][0] for hit in answer['hits'] if hit['id'] == name)
                self.assertEqual([part.split(']')[0] for part in text.split('[')[1:]], marks)

    def test_lang_asks_for_the_stems_of_what_it_lets_in(self):
        self.assertEqual(self.lede.ids('Biden', lang='en'), ['en-biden'])
        self.assertEqual(self.lede.ids('Biden', lang='de'), ['de-biden'])
        self.assertEqual(sorted(self.lede.ids('Allen', lang='de,und')), ['de-alle', 'und-bid'])
        self.assertEqual(sorted(self.lede.ids('Putin', lang='-en')), ['lt-putinas', 'tr-putin'])
        self.assertEqual(self.lede.ids('東京', lang='en'), ['en-figure'])
        self.assertEqual(self.lede.ids('東京', lang='ja'), ['ja-figure'])

    def test_an_explanation_counts_and_names_what_was_found(self):
        for q in ('Biden', 'Allen', 'Lagos'):
            with self.subTest(q):
                answer = self.lede.search(q, explain='true')
                word = answer['query']['tree']['words'][0]
                self.assertEqual(word['documents'], len(FOUND[q]))
                self.assertIn(q.lower(), word['stems'])
                for stem in word['stems']:
                    self.assertRegex(stem, r'^\w+$')
                self.assertEqual(len(word['stems']), len(set(word['stems'])))

    def test_completions_count_what_the_query_finds(self):
        words, end = {}, time.monotonic() + WAIT_S
        while not self.lede.get('/suggest', q='Biden fai', timeout='10s').json['completions'] and time.monotonic() < end:
            time.sleep(0.05)  # words are gathered in the background
        for typed in ('Biden fai', 'Biden boa', 'Allen res', 'Allen tea', 'Putin vot'):
            answer = self.lede.get('/suggest', q=typed, limit=5, timeout='10s').json
            words[typed] = [one['text'] for one in answer['completions']]
        self.assertEqual(words, {'Biden fai': ['Biden failed'], 'Biden boa': [], 'Allen res': [], 'Allen tea': ['Allen team'], 'Putin vot': []})

    def test_what_is_similar_shares_words(self):
        lede = Program()
        try:
            documents = [{'id': f'en-{i}', 'language': 'en', 'body': text} for i, text in enumerate([
                'Biden spoke of Allen.', 'Biden and Allen met again.', 'All bid for it.', 'All of the bids were late.', 'No bid at all.'])]
            documents += [{'id': f'de-{i}', 'language': 'de', 'body': 'Die Häuser in der Straße.'} for i in range(5)]
            lede.bulk(documents)
            answer = lede.get('/documents/en-0/similar', limit=20).json
            self.assertEqual([hit['id'] for hit in answer['hits']], ['en-1'])
        finally:
            lede.stop()
            lede.remove()

    def test_the_clinic_counts_a_clause_as_a_search_does(self):
        answer = self.lede.search('Biden AND tankers')
        counts = {clause['clause']: clause['count'] for clause in answer['query']['clinic']['clauses']}
        self.assertEqual(counts, {'biden': 2, 'tankers': 1})

    def test_deleting_by_query_takes_what_the_query_finds(self):
        lede = Program()
        try:
            lede.bulk(documents())
            answer = lede.post('/documents/delete', {'q': 'Biden', 'confirm': 2})
            self.assertEqual(answer.status, 200, answer.text)
            self.assertEqual(answer.json['deleted'], 2)
            self.assertEqual(sorted(lede.ids('bid')), ['en-bid', 'und-bid'])
        finally:
            lede.stop()
            lede.remove()

    def test_one_language_that_comes_later_is_asked_for_at_once(self):
        lede = Program()
        try:
            lede.bulk([{'id': 'en', 'language': 'en', 'title': 'Houses', 'body': 'All houses burn.'}])
            self.assertEqual(lede.ids('häuser'), [])
            lede.bulk([{'id': 'de', 'language': 'de', 'title': 'Das Haus', 'body': 'Ein Haus brennt.'}])
            self.assertEqual(lede.ids('häuser'), ['de'])
            self.assertEqual(lede.ids('house'), ['en'])
        finally:
            lede.stop()
            lede.remove()


# Fifty documents of each of six languages beside English: of those that the shared data has not, sentences of newspapers' kind.
SENTENCES = {
    'ca': ['El govern va aprovar ahir els pressupostos de la regió.', 'Els alcaldes van demanar més trens i carreteres.', 'La pluja va tancar les escoles.'],
    'fi': ['Hallitus päätti eilen uusista veroista.', 'Kaupungin talot maksavat enemmän, ja asia on auki.', 'Sade sulki koulut.'],
    'tr': ['Bakanlar dün yeni vergileri konuştu.', 'Belediye başkanı Ankara’da yolları gezdi.', 'Yağmur okulları kapattı.'],
    'lt': ['Vyriausybė vakar patvirtino biudžetą.', 'Merai prašė daugiau kelių ir traukinių.', 'Lietus uždarė mokyklas.'],
    'es': ['El gobierno aprobó ayer los presupuestos.', 'Los alcaldes pidieron más trenes; el lago se seca.', 'La lluvia cerró las escuelas.'],
}
# By language, what of its own forms of each name may stand in a text: Snowball's rules for that language, written out.
FORMS = {
    'Biden': {'en': "biden(s|'s)?", 'de': 'bid(e|en|er|em|es)?', 'fi': 'bide[nt]?'},
    'Asia': {'en': "asia(s|'s)?", 'es': 'asias?', 'ca': 'asi(a|es)'},
    'Lagos': {'en': "lagos?('s)?", 'es': 'lag(o|os|a|as)', 'de': 'lagos'},
    'Putin': {'en': "putin(s|'s)?", 'tr': r"putin('\w+)?"},
    'can’t': {'en': "can't"},
    'Allen': {'en': "allen(s|'s)?", 'de': 'all(e|em|en|er|es)?'},
}


def holds(q, document):
    """Does the document have the name, in a form of the document's language?"""
    forms = FORMS[q].get(document['language'])
    text = ' '.join(document.get(key) or '' for key in ('title', 'summary', 'body')).lower().replace('’', "'").replace('`', "'")
    own = re.escape(q.lower().replace('’', "'"))
    return bool(re.search(rf"(?<![\w'&])({own}|{forms or own})(?![\w&]|'\w)", text))


class RealNews(unittest.TestCase):
    @tap.timeout(250)
    def test_a_name_finds_the_documents_that_hold_it_in_an_archive_of_seven_languages(self):
        documents = [dict(document, language='en') for document in read_documents(needs_shared('reuters.ndjson'))]
        documents += [dict(document, language='de') for document in read_documents(needs_shared('german.ndjson'))[:50]]
        for language, sentences in SENTENCES.items():
            documents += [{'id': f'{language}-{i}', 'language': language, 'title': sentences[i % 3][:-1], 'body': ' '.join(sentences[k % 3] for k in range(i, i + 1 + i % 3))}
                          for i in range(50)]
        documents.append({'id': 'en-putin', 'language': 'en', 'title': 'Putin speaks', 'body': 'Mr Putin’s words.'})
        lede = Program()
        try:
            self.assertEqual(lede.bulk(documents).json['failed'], 0)
            for q in FORMS:
                holding = sorted(document['id'] for document in documents if holds(q, document))
                found = []
                for offset in range(0, 10000, 1000):
                    page = lede.ids(q, limit=1000, offset=offset)
                    found += page
                    if len(page) < 1000:
                        break
                with self.subTest(q):
                    self.assertTrue(holding)
                    self.assertEqual(sorted(set(found) - set(holding)), [])
                    self.assertEqual(sorted(set(holding) - set(found)), [])
                    self.assertEqual(lede.total(q), len(holding))
                    # The first ten hits hold the word, and their marks are of it.
                    answer = lede.search(q, format='text', pre='[', post=']', highlight='title,body', snippets=1, snippet_chars=10000)
                    by_id = {document['id']: document for document in documents}
                    for hit in answer['hits']:
                        marks = [mark for texts in hit['highlights'].values() for text in texts for mark in re.findall(r'\[([^][]*)\]', text)]
                        forms = FORMS[q].get(by_id[hit['id']]['language'], '')
                        own = re.escape(q.lower().replace('’', "'"))
                        for mark in marks:
                            self.assertRegex(mark.lower().replace('’', "'"), rf'^({own}|{forms})$', json.dumps(hit['id']))
        finally:
            lede.stop()
            lede.remove()


if __name__ == '__main__':
    tap.main(globals())
