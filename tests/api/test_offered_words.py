# SPDX-License-Identifier: GPL-2.0-or-later
"""Suggestions and corrections say words as the archive writes them, and search what they say."""
from program import WithProgram
import tap

NEWS = [
    ('vi', 'vi', 'Thời tiết tại Hà Nội', 'Hôm nay Hà Nội có mưa, và ngày mai Hà Nội nắng.'),
    ('uni', 'de', 'Neue Gebühren', 'Die Universität München erhebt eine Fernsprechgebührenanzeige. Auch die Universität Köln tut es.'),
    ('uni2', 'de', 'Der Etat', 'An der Universität fehlt Geld, sagt man in München.'),
    ('uni3', 'en', 'Universitat', 'A slip: the Universitat de Barcelona.'),
    ('el', 'el', 'Η κυβέρνηση', 'Ο Έλληνας πρωθυπουργός μίλησε. Χθες ο πρωθυπουργός έφυγε.'),
    ('fr', 'fr', 'La présidence', 'Il est venu de l’Élysée, et les élus de l’Élysée attendent.'),
    ('es', 'es', 'El señor alcalde', 'Dijo que el señor alcalde vendrá, y otro señor también.'),
    ('ru', 'ru', 'В городе', 'Сегодня в Москве дождь, и метро в Москве закрыто.'),
    ('or', 'en', 'Weather', 'In Portland, OR it rains; in Salem, OR it does not.'),
    ('cap1', 'en', 'OIL PRICES RISE', 'The prices of oil rise, and NATO meets on oil prices.'),
    ('cap2', 'en', 'Senators vote', 'The senators vote, as some senators said. NATO waits for the senator.'),
    ('cap3', 'en', 'Zagreb', 'He went to Zagreb.'),
    ('cap4', 'en', 'Senators rest', 'All senators rest, the senator said.'),
]


class WithNews(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        documents = [{'id': name, 'language': language, 'title': title, 'body': body} for name, language, title, body in NEWS]
        assert cls.lede.bulk(documents).status == 200

    def completions(self, q, **parameters):
        answer = self.lede.get('/suggest', q=q, **{'timeout': '10s', **parameters})
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json['completions']

    def texts(self, q, **parameters):
        return [completion['text'] for completion in self.completions(q, **parameters)]

    def meant(self, q, **parameters):
        return self.lede.search(q, limit=0, **{'timeout': '5s', **parameters})['query']['did_you_mean']

    def setUp(self):
        self.until(lambda: self.texts('senat'))


class Suggestions(WithNews):
    def test_a_word_has_the_accents_and_capitals_that_documents_give_it(self):
        for q, text in {'universit': 'Universität', 'munch': 'München', 'fernsprechgeb': 'Fernsprechgebührenanzeige', 'hà no': 'hà Nội',
                        'πρωθυπουργ': 'πρωθυπουργός', 'zagr': 'Zagreb', 'nat': 'NATO', 'ελλ': 'Έλληνας', 'москв': 'Москве', 'pric': 'prices'}.items():
            with self.subTest(q):
                self.assertEqual(self.texts(q)[0], text)

    def test_a_capital_that_was_typed_stays_and_an_accent_does_not_spread(self):
        self.assertEqual(self.texts('Pric'), ['Prices'])
        self.assertEqual(self.texts('PRIC'), ['PRICES'])
        self.assertEqual(self.texts('ünivers')[0], 'Universität')
        self.assertEqual(self.texts('senators')[0], 'senators')
        self.assertEqual(self.texts('señators')[0], 'senators')
        self.assertEqual(self.texts('Москв'), ['Москве'])

    def test_an_accent_that_was_typed_ranks_those_first_that_have_it(self):
        self.assertEqual(self.texts('sen')[0], 'senator')
        self.assertEqual(self.texts('señ')[0], 'señor')
        self.assertIn('senator', self.texts('señ'))
        self.assertEqual(self.texts('sen\u0303')[0], 'señor')

    def test_what_finds_the_same_is_offered_once(self):
        self.assertEqual(self.texts('senato'), ['senator'])
        self.assertEqual(self.texts('muen'), ['München'])
        self.assertEqual(self.texts('mu').count('München'), 1)

    def test_each_finds_as_many_as_it_says(self):
        for q in ('universit', 'muen', 'elys', 'hà n', 'πρωθ', 'sen', 'señ', 'o', 'n', 'M', 'zagr', 'fernsp', 'title:senat', '"prices of o', '=univers'):
            for completion in self.completions(q, limit=20):
                with self.subTest(completion['text']):
                    self.assertEqual(self.lede.total(completion['text']), completion['count'])
                    self.assertGreater(completion['count'], 0)

    def test_a_word_that_would_be_an_operator_stays_small(self):
        self.assertNotIn('OR', self.texts('o'))


class Corrections(WithNews):
    def test_a_correction_is_written_as_documents_write_it(self):
        for q, text in {'univresität': 'Universität', 'univresitat': 'Universität', 'zagerb': 'Zagreb', 'πρωθυπουργσό': 'πρωθυπουργός',
                        'fernsprechgebürenanzeige': 'Fernsprechgebührenanzeige', 'senatros': 'senators', 'SENATROS': 'SENATORS',
                        'Senatros': 'Senators', 'ZAGERB': 'ZAGREB', 'title:senatros': 'title:senators'}.items():
            with self.subTest(q):
                self.assertEqual(self.meant(q), text)

    def test_it_is_searched_as_it_is_said(self):
        answer = self.lede.search('univresitat', spell='auto', timeout='5s')
        self.assertEqual((answer['query']['did_you_mean'], answer['query']['corrected']), ('Universität', True))
        self.assertEqual(answer['total']['value'], self.lede.total('Universität'))


class OfTheCaller(WithProgram):
    def test_a_hidden_documents_spelling_is_not_told(self):
        self.lede.bulk([{'id': 'a', 'body': 'They saw the resume of it, one resume a day.'},
                        {'id': 'b', 'body': ' '.join(['the Résumé'] * 9), 'status': 'withheld'}])
        self.until(lambda: self.lede.get('/suggest', q='resum', timeout='10s').json['completions'])
        self.assertEqual(self.lede.get('/suggest', q='resum', timeout='10s').json['completions'][0]['text'], 'resume')


if __name__ == '__main__':
    tap.main(globals())
