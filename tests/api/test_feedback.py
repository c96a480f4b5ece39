# SPDX-License-Identifier: GPL-2.0-or-later
"""expand=feedback: words of the first hits give more to what has them. The same documents are found, in another order."""
import csv
import io
import re
import unittest

from program import Keyed, WithProgram
from test_authorize import ALL, OPEN, SECRET
import tap

TOLERANCE = 0.0001  # as openapi.json says
FACETS = 'source,section,tag,author'


def expansion(answer):
    return [(word['word'], word['weight']) for word in answer['query'].get('expansion', [])]


class Sample(WithProgram):
    with_sample = True

    def expanded(self, q, **more):
        return self.lede.search(q, expand='feedback', **more)


class Order(Sample):
    def test_the_same_documents_are_found_in_another_order(self):
        moved = 0
        for q, more in (('harbour', {}), ('ferry strike', {'match': 'any'}), ('ferry -cup', {}), ('"prime minister" OR budget', {}),
                        ('storm', {'source': '-Kervania Wire'}), ('ferry', {'after': '2024-01-01', 'collapse': 'story'}), ('harbo*', {})):
            with self.subTest(q):
                common = {'limit': 200, 'facets': FACETS, 'histogram': 'month', **more}
                plain, raised = self.lede.search(q, **common), self.expanded(q, **common)
                for member in ('total', 'facets', 'histogram'):
                    self.assertEqual(raised[member], plain[member])
                before, after = ([hit['id'] for hit in answer['hits']] for answer in (plain, raised))
                self.assertEqual(len(before), len(after))
                if 'collapse' not in more:
                    self.assertEqual(sorted(before), sorted(after))
                self.assertTrue(expansion(raised))
                moved += before != after
        self.assertGreater(moved, 3)

    def test_what_shares_the_first_hits_words_comes_before_what_does_not(self):
        about = [{'id': f'about{n}', 'language': 'en', 'body': 'The quokkaberg glacier: moraine, crevasse and icefall were measured.'} for n in range(5)]
        rest = [{'id': 'like', 'language': 'en', 'body': 'Of the quokkaberg much was said at the long and tiresome meeting, by many: moraine, crevasse, icefall.'},
                {'id': 'unlike', 'language': 'en', 'body': 'Of the quokkaberg much was said at the long meeting, by many: hotels.'}]
        self.lede.bulk(about + rest)
        for document in about + rest:
            self.addCleanup(self.lede.delete, document['id'])
        self.assertLess(self.lede.ids('quokkaberg').index('unlike'), self.lede.ids('quokkaberg').index('like'))
        raised = [hit['id'] for hit in self.expanded('quokkaberg')['hits']]
        self.assertLess(raised.index('like'), raised.index('unlike'))

    def test_pages_by_offset_and_by_cursor_are_those_of_one_long_page(self):
        whole = [hit['id'] for hit in self.expanded('ferry', limit=30)['hits']]
        self.assertEqual([hit['id'] for hit in self.expanded('ferry', limit=10, offset=10)['hits']], whole[10:20])
        page, seen = self.expanded('ferry', limit=7), []
        while True:
            seen += [hit['id'] for hit in page['hits']]
            if page['next'] is None or len(seen) >= len(whole):
                break
            self.assertIn('expand=feedback', page['next'])
            page = self.lede.ask('GET', page['next']).json
        self.assertEqual(seen[:len(whole)], whole)

    def test_an_answer_that_was_kept_is_of_the_same_expansion(self):
        for _ in range(2):
            self.assertFalse(expansion(self.lede.search('harbour storm', match='any')))
            self.assertTrue(expansion(self.expanded('harbour storm', match='any')))

    def test_without_time_there_is_an_answer(self):
        self.assertEqual(self.lede.get('/search', q='ferry OR *a*', expand='feedback', timeout='1ms').status, 200)


class Told(Sample):
    def test_the_words_are_those_of_the_first_five_hits(self):
        first = self.lede.search('ferry harbour', match='any', limit=5, fields='title,summary,body')['hits']
        text = ' '.join(value.lower() for hit in first for value in hit['document'].values())
        words = expansion(self.expanded('ferry harbour', match='any', limit=1))
        self.assertEqual(words, expansion(self.expanded('ferry harbour', match='any', limit=50)))
        self.assertTrue(0 < len(words) <= 20)
        self.assertEqual(words[0][1], 0.5)
        self.assertEqual([weight for _, weight in words], sorted((weight for _, weight in words), reverse=True))
        for word, _ in words:
            self.assertIn(word.strip('"'), text)

    def test_parsed_says_them_behind_what_must_be_there(self):
        answer = self.expanded('ferry harbour')
        words = ' '.join(f'{word}^{weight:g}' for word, weight in expansion(answer))
        self.assertEqual(answer['query']['parsed'], f'+(ferry AND harbour) {words}')
        self.assertEqual(self.lede.total(answer['query']['parsed'], match='any'), self.lede.total('ferry harbour'))

    def test_each_is_a_part_of_a_hits_score(self):
        for more in ({}, {'match': 'any', 'in': 'body'}, {'recency': '30d'}, {'offset': 5}):
            answer = self.expanded('ferry', explain='true', **more)
            words = [word for word, _ in expansion(answer)]
            self.assertTrue(answer['hits'])
            for hit in answer['hits']:
                self.assertLessEqual(abs(sum(part['score'] or 0 for part in hit['explain']) - hit['score']), TOLERANCE)
                self.assertEqual([part['clause'] for part in hit['explain'] if part['part'] == 'expansion'], words)

    def test_marks_are_of_the_querys_words_alone(self):
        for hit in self.expanded('ferry', limit=50)['hits']:
            for texts in hit['highlights'].values():
                for marked in re.findall('<mark>(.*?)</mark>', ' '.join(texts)):
                    self.assertTrue(marked.lower().startswith('ferr'), marked)

    def test_feeds_are_in_the_same_order(self):
        expected = [hit['id'] for hit in self.expanded('harbour storm', match='any', limit=8)['hits']]
        rows = self.lede.get('/search.csv', q='harbour storm', match='any', limit=8, expand='feedback').text
        self.assertEqual([row['id'] for row in csv.DictReader(io.StringIO(rows))], expected)


class Never(Sample):
    def test_without_being_asked_for(self):
        self.assertNotIn('expansion', self.lede.search('ferry')['query'])

    def test_in_an_order_by_date_or_where_nothing_is_sought_or_found(self):
        for q, more in (('ferry', {'sort': 'newest'}), ('', {}), ('zzyzxqq', {}), ('ferry', {'limit': 0})):
            answer = self.expanded(q, **more)
            self.assertNotIn('expansion', answer['query'], q)
            self.assertEqual(answer['query']['parsed'], self.lede.search(q, **more)['query']['parsed'])

    def test_of_another_kind(self):
        self.expect_problem(self.lede.get('/search', q='ferry', expand='synonyms'), 400, 'invalid-parameter', param='expand')

    def test_where_spelling_found_what_was_meant_it_is_of_that(self):
        answer = self.expanded('harbuor', spell='auto')
        self.assertTrue(answer['query']['corrected'])
        self.assertTrue(expansion(answer))


class Hidden(unittest.TestCase):
    def setUp(self):
        self.lede = Keyed()
        self.addCleanup(self.lede.close)

    def test_words_of_what_a_caller_may_not_see_are_never_said(self):
        self.lede.bulk(OPEN + SECRET)
        self.lede.headers = {**ALL, 'X-Filter': 'source:open'}
        words = ' '.join(word for word, _ in expansion(self.lede.search('ferry harbour', expand='feedback')))
        self.assertNotIn('secret', words)
        self.assertNotIn('zirconi', words)

    def test_words_under_embargo_are_never_said(self):
        held = {'language': 'en', 'title': 'Ferry', 'body': 'Ferry ferry: plutonium plutonium.'}
        self.lede.bulk(OPEN + [{'id': f'held{n}', **held, 'embargoed_until': '2999-01-01T00:00:00Z'} for n in range(3)] +
                       [{'id': f'cut{n}', **held, 'status': 'withheld'} for n in range(3)])
        answer = self.lede.search('ferry', expand='feedback')
        self.assertTrue(expansion(answer))
        self.assertNotIn('plutonium', ' '.join(word for word, _ in expansion(answer)))


if __name__ == '__main__':
    tap.main(globals())
