# SPDX-License-Identifier: GPL-2.0-or-later
"""What the query language promises over HTTP: operators found and marked, expansions that say what they left out, time that ends, recency."""
import time
import unittest

from program import Program
import tap

DAY_S = 86400


def day(ago):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - ago * DAY_S))


DOCUMENTS = [
    {'id': 'aids', 'title': 'AIDS conference opens', 'body': 'Doctors met on AIDS. Money was short.\n\nA hearing aid firm sent aids.', 'language': 'en'},
    {'id': 'hearing', 'title': 'Hearing aids get cheaper', 'body': 'The price of hearing aids fell. Colour is no matter.', 'language': 'en'},
    {'id': 'oil', 'title': 'Markets', 'body': 'Crude oil rose. The price of gas fell.\n\nColor film is back. Oil, oil and oil.', 'language': 'en'},
    {'id': 'name', 'title': 'Zelensky in Paris', 'body': 'President Zelenskyy spoke. Kazakhstan listened.', 'language': 'en'},
]


class Operators(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lede = Program()
        cls.lede.bulk(DOCUMENTS)

    @classmethod
    def tearDownClass(cls):
        cls.lede.stop()
        cls.lede.remove()

    def expect(self, q, ids, **parameters):
        with self.subTest(q):
            self.assertEqual(sorted(self.lede.ids(q, **parameters)), sorted(ids))

    def test_every_operator_finds_what_it_says(self):
        self.expect('CAPS AIDS', ['aids'])
        self.expect('aids', ['aids', 'hearing'])
        self.expect('colo?r', ['hearing'])
        self.expect('colo*r', ['hearing', 'oil'])
        self.expect('*stan', ['name'])
        self.expect('zelenski~', ['name'])
        self.expect('price NEAR/3 gas', ['oil'])
        self.expect('gas ADJ/3 price', [])
        self.expect('price NOT NEAR/3 gas', ['hearing'])
        self.expect('crude NOT W/s price', ['oil'])
        self.expect('oil NOT NEAR/1 crude', ['oil'])
        self.expect('crude SAME p price', ['oil'])
        self.expect('crude SAME p film', [])
        self.expect('ATLEAST/4 oil', ['oil'])
        self.expect('ATLEAST/5 oil', [])
        self.expect('LEAD: doctors', ['aids'])
        self.expect('LEAD: firm', [])
        self.expect('LENGTH>12 LENGTH<=15', ['aids'])
        self.expect('="hearing aids"', ['hearing'])
        self.expect('"hearing aid*"', ['aids', 'hearing'])
        self.expect('title:(aids NEAR/5 opens)', ['aids'])

    def test_only_the_words_that_take_part_are_marked(self):
        hit = self.lede.search('price NEAR/3 gas')['hits'][0]
        self.assertIn('The <mark>price</mark> of <mark>gas</mark> fell', hit['highlights']['body'][0])
        hit = self.lede.search('CAPS AIDS', snippet_chars=1000)['hits'][0]
        self.assertEqual(hit['highlights']['body'][0].count('<mark>'), 1)

    def test_a_branch_that_does_not_match_is_not_marked(self):
        body = self.lede.search('film OR (crude AND absent)', snippet_chars=1000)['hits'][0]['highlights']['body'][0]
        self.assertIn('<mark>film</mark>', body)
        self.assertNotIn('<mark>Crude</mark>', body)

    def test_explanations_know_proximity_as_one_clause(self):
        answer = self.lede.search('price NEAR/3 gas', explain='true')
        self.assertEqual(answer['query']['tree']['kind'], 'near')
        self.assertEqual([clause['clause'] for clause in answer['hits'][0]['explain']], ['price NEAR/3 gas'])


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lede = Program()
        words = [f'k{number:05}a' for number in range(3000)]
        cls.lede.bulk([{'id': f'd{n}', 'body': ' '.join(words[n * 10:n * 10 + 10]) + ' the of', 'language': 'en'} for n in range(300)])

    @classmethod
    def tearDownClass(cls):
        cls.lede.stop()
        cls.lede.remove()

    def test_a_pattern_for_too_many_words_says_what_it_left_out(self):
        answer = self.lede.search('k*', limit=0)
        self.assertEqual(answer['query']['cut'], [{'clause': 'k*', 'used': 1000, 'left_out': 2000, 'scan_ended': False}])
        self.assertEqual(answer['total']['relation'], 'approx')
        self.assertNotIn('cut', self.lede.search('k0000*', limit=0)['query'])

    def test_a_search_stops_at_its_timeout_and_says_so(self):
        answer = self.lede.search('(*a* SAME p *k*) OR (the NEAR/9 k*)', timeout='1ms')
        self.assertTrue(answer['timed_out'])
        self.assertEqual(answer['total']['relation'], 'approx')


class Recency(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lede = Program()
        ages = {'now': 0, 'week': 7, 'year': 365, 'tomorrow': -1}
        cls.lede.bulk([{'id': name, 'title': 'Flood', 'body': 'The river rose.', 'published': day(age), 'language': 'en'}
                       for name, age in ages.items()])

    @classmethod
    def tearDownClass(cls):
        cls.lede.stop()
        cls.lede.remove()

    def test_newer_ones_come_first_and_a_half_life_halves(self):
        plain = {hit['id']: hit['score'] for hit in self.lede.search('flood')['hits']}
        recent = {hit['id']: hit['score'] for hit in self.lede.search('flood', recency='7d')['hits']}
        gain = {name: recent[name] - plain[name] for name in plain}
        self.assertAlmostEqual(gain['week'], gain['now'] / 2, delta=gain['now'] * 0.1)
        self.assertAlmostEqual(gain['tomorrow'], gain['now'], delta=1e-3)
        self.assertAlmostEqual(gain['year'], 0, delta=1e-3)
        hours = {hit['id']: hit['score'] for hit in self.lede.search('flood', recency='12h')['hits']}
        self.assertAlmostEqual(hours['week'], plain['week'], delta=0.01)

    def test_a_half_life_that_is_none_is_refused(self):
        for value in ('soon', '7', '10s', '-1d'):
            with self.subTest(value):
                answer = self.lede.get('/search', q='flood', recency=value)
                self.assertEqual((answer.status, answer.json['param']), (400, 'recency'))


if __name__ == '__main__':
    tap.main(globals())
